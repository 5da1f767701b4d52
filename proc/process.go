// Package proc holds what Erlang processes are, apart from the code they run: the process table, pids,
// the signal queue and mailbox, links, monitors, aliases, exit signals, the registry, flags, and the System
// interfaces through which lower layers reach what lies above them.
//
// Main types: Process, System, Machine, Exception.
//
// It may import term and scheduler.
//
//	sys := proc.NewSystem(proc.Config{Machine: engine})
//	sys.Sched.Start()
//	pid, _ := sys.Spawn(m, f, args, nil)
package proc

import (
	"sync/atomic"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Process is one Erlang process. Unless a method says otherwise only the process itself (its BIFs, the machine that
// runs it) may use it; others send it signals.
//
// What others may still look at when it is over is here; the rest is in its body, which a later process gets.
type Process struct {
	scheduler.Node
	Pid term.Term
	Sys *System
	*body

	incoming    atomic.Pointer[Signal] // newest first; closedQueue once the process is gone
	groupLeader term.Term
	parent      term.Term
	name        atomic.Uint64          // registered name or None; written under the registry's lock
	initialCall [2]uint32              // module and function: atoms fit 32 bits
	tr          atomic.Pointer[traced] // what is traced of it, nil for nothing
	ends        atomic.Uint32          // endOver, endTold
	trapExit    bool                   // process_flag(trap_exit)
	suspended   bool
	sensitive   bool

	initialArity uint8
}

// Bits of Process.ends.
const (
	endOver = 1 << iota // it has ended, or is just ending
	endTold             // the functions of System.AtExit want to hear of its end
)

// body is what only a process that lives has.
type body struct {
	Heap term.Heap
	Exc  Exception

	// M is where the machine keeps the process while it does not run.
	M MachineState

	// Reductions used so far; Bumped those that BIFs charged since the machine last looked
	// (it subtracts them from its budget and sets Bumped to 0).
	Reductions uint64
	Bumped     int32
	// Action says what the machine must do after a BIF returned term.None.
	Action Action

	dying   bool // an exit signal was accepted: exitReason says why
	phase   phase
	timerOn bool // a receive timeout is being waited for

	box   mailbox
	w     *scheduler.Worker // the worker it runs on
	timer *receiveTimer
	x     *extra // what most processes never need
}

// bodiesKept is how many bodies of processes that are over a worker keeps for new ones.
const bodiesKept = 256

// newBody gives a process its body, from the worker of its parent if there is one.
func (sys *System) newBody(w *scheduler.Worker) *body {
	if w != nil {
		l := &sys.local[w.ID]
		if n := len(l.bodies); n > 0 {
			b := l.bodies[n-1]
			l.bodies = l.bodies[:n-1]
			return b
		}
	}
	return new(body)
}

// leaveBody takes the body of a process that is over. Whoever still knows the process finds an empty one, which nobody writes to.
func (p *Process) leaveBody(w *scheduler.Worker) {
	sys, b := p.Sys, p.body
	p.body = &sys.noBody
	if l := &sys.local[w.ID]; len(l.bodies) < bodiesKept {
		*b = body{}
		l.bodies = append(l.bodies, b)
	}
}

// phase is what the process does, as far as signals are concerned.
type phase uint8

const (
	ready   phase = iota
	running       // the machine runs it now
	waiting       // its last slice ended with Waiting
)

// MachineState is what the machine keeps of a process between slices.
type MachineState struct {
	Resume  uintptr     // where to go on
	X       []term.Term // live X registers; roots of the collector
	Catches uint32
	Arity   uint32
	Data    any // whatever else the machine needs, rarely
}

// extra are the rarely used parts of a process.
type extra struct {
	exitReason term.Term // in exitFrag or an immediate
	exitFrag   fragment

	links     relation[ID, link]         // by pid or port
	monitors  relation[uint64, *monitor] // started by this process, by reference number
	monitored relation[uint64, watcher]  // by others, by reference number
	aliases   relation[uint64, aliasMode]
	markers   *markers
	timers    *ownTimers
	remote    *remoteState // what has to do with other nodes

	dict      dictionary
	protected []*Protected

	trapM, trapF term.Term
	trapArgs     []term.Term
	resume       BIF
	counting     *Protected
	aside        *aside // the BIF that works on another goroutine

	seq         *seqState // sequential tracing
	onHeapMsgs  []*Signal // messages of the queue whose terms are already part of the heap
	suspenders  int
	portBlocks  int // busy ports that it sent to and waits for
	suspending  relation[term.Term, int]
	errHandler  term.Term // None: error_handler
	calls       *savedCalls
	minBinVHeap int
	maxHeap     *MaxHeap
	asyncDist   bool
	runnable    bool         // the system profiler was told that it is
	lastPrio    *Signal      // the last of the priority messages, which stand before all others
	longQueue   map[int]bool // reported as long to whoever watches, by session
	queueData   term.Term    // process_flag(message_queue_data, _); 0: the default
	cleanup     map[any]func(*Process)
	local       map[any]any // what upper packages keep
}

// ext gives the rarely used parts, making them when they are asked for the first time.
func (p *Process) ext() *extra {
	if p.x == nil {
		p.x = &extra{}
	}
	return p.x
}

// Worker is the worker that the process runs on.
func (p *Process) Worker() *scheduler.Worker { return p.w }

// Dying reports whether the process accepted an exit signal. The machine
// then calls Terminate(term.None) and returns scheduler.Exited.
func (p *Process) Dying() bool { return p.dying }

// ExitReason is the reason of a dying process.
func (p *Process) ExitReason() term.Term { return p.ext().exitReason }

// Name is the registered name, or None. Any goroutine may call it.
func (p *Process) Name() term.Term { return term.Term(p.name.Load()) }

// Gone reports whether the process is over or just ending. Any goroutine may call it.
func (p *Process) Gone() bool { return p.ends.Load()&endOver != 0 }

// GroupLeader is the pid that I/O requests go to.
func (p *Process) GroupLeader() term.Term { return term.CopyTo(&p.Heap, p.groupLeader) }

// TrapExit reports the flag trap_exit.
func (p *Process) TrapExit() bool { return p.trapExit }

// SetTrapExit sets the flag trap_exit and gives the old value.
func (p *Process) SetTrapExit(on bool) (old bool) {
	old, p.trapExit = p.trapExit, on
	return old
}

// Run implements scheduler.Task.
func (p *Process) Run(w *scheduler.Worker, budget int) scheduler.Outcome {
	o := p.slice(w, budget)
	if o == scheduler.Exited {
		p.leaveBody(w)
	}
	return o
}

// slice is a time slice: signals first, then the machine.
func (p *Process) slice(w *scheduler.Worker, budget int) scheduler.Outcome {
	if p.isAside() {
		return scheduler.Waiting
	}
	p.w = w
	if p.x != nil && p.x.aside != nil {
		p.endAside()
	}
	if p.incoming.Load() != nil {
		p.HandleSignals()
	}
	if p.dying {
		p.Terminate(term.None)
		return scheduler.Exited
	}
	if p.suspended {
		return scheduler.Waiting
	}
	if f := p.Sys.profile.Load(); f != nil {
		if x := p.ext(); !x.runnable {
			x.runnable = true
			p.tellProfiler(f, atomActive)
		}
		defer p.profileEnd()
	}
	before := w.Reductions
	if p.tr.Load() != nil {
		p.traceRunning(atomEvIn)
	}
	p.phase = running
	var o scheduler.Outcome
	if watch := p.Sys.watch.Load(); watch == nil {
		o = p.Sys.Machine.Run(p, w, budget)
	} else {
		o = p.runWatched(watch, w, budget)
	}
	p.phase = ready
	p.Reductions += w.Reductions - before
	if p.tr.Load() != nil && o != scheduler.Exited {
		p.traceRunning(atomEvOut)
	}
	switch {
	case o == scheduler.Exited && !p.Gone():
		p.Terminate(term.AtomNormal)
	case o == scheduler.Waiting && p.dying:
		return scheduler.Yielded // it dies at the beginning of its next slice
	case o == scheduler.Waiting:
		p.phase, p.box.seen = waiting, p.box.n
		if p.x != nil && p.x.aside != nil && !p.x.aside.begun {
			p.beginAside() // the last thing: from here on the process is another goroutine's
		}
	}
	return o
}

// Panicked implements scheduler.Task: a bug of ours ends the process, not the node.
func (p *Process) Panicked(w *scheduler.Worker, v any, stack []byte) scheduler.Outcome {
	p.w = w
	p.Sys.reportPanic(p, v, stack)
	if !p.Gone() {
		p.dying = false
		p.Terminate(atomInternalError)
	}
	p.leaveBody(w)
	return scheduler.Exited
}

// Unborn makes a process that is in no table and never runs, with the given heap: BIFs can be called with it.
func Unborn(sys *System, pid term.Term, heap *term.Heap) *Process {
	return &Process{Sys: sys, Pid: pid, body: &body{Heap: *heap}}
}

// Local is what an upper package keeps with the process under a key of its own, nil for nothing.
func (p *Process) Local(key any) any {
	if p.x == nil {
		return nil
	}
	return p.x.local[key]
}

// SetLocal changes that.
func (p *Process) SetLocal(key, value any) {
	x := p.ext()
	if x.local == nil {
		x.local = map[any]any{}
	}
	x.local[key] = value
}

// setInitialCall notes the function that the process began with.
func (p *Process) setInitialCall(m, f term.Term, arity int) {
	p.initialCall, p.initialArity = [2]uint32{uint32(m), uint32(f)}, uint8(arity)
}

// InitialCall is the function that the process started with. Any goroutine may call it.
func (p *Process) InitialCall() (m, f term.Term, arity int) {
	return p.initialModule(), p.initialFunction(), int(p.initialArity)
}

// Parent is the process that spawned this one, None if none did. Any goroutine may call it.
func (p *Process) Parent() term.Term { return p.parent }

// QueueLength is the number of messages in the queue; for a process that does not run.
func (p *Process) QueueLength() int { return int(p.box.n) }

func (p *Process) initialModule() term.Term   { return term.Term(p.initialCall[0]) }
func (p *Process) initialFunction() term.Term { return term.Term(p.initialCall[1]) }
