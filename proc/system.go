package proc

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// System is one running node as the lower layers see it. The interfaces are filled in before the
// first process is spawned and do not change afterwards.
type System struct {
	Sched    *scheduler.Scheduler
	Machine  Machine
	Router   Router
	Ports    Ports
	Reporter Reporter
	// AtExit are called in the context of each process that ends and whose TellEnd was called, before others hear of it: tables
	// lose their owners here.
	AtExit []func(p *Process)
	// CodeServer, Node data and so on that upper packages hang here.
	Values sync.Map

	// NodeName is the name of this node as an atom: 'nonode@nohost' until it is distributed.
	NodeName atomic.Uint64
	// Creation tells incarnations of this node apart: 0 until it is distributed.
	Creation atomic.Uint32

	// Defaults are the flags that new processes start with.
	Defaults Defaults

	procs          table
	noBody         body // of processes that are over
	names          registry
	refs           atomic.Uint64
	uniq           atomic.Int64
	monotonic      atomic.Int64
	local          []workerLocal
	tracing        traceState
	watch          atomic.Pointer[Watch]
	offsetWatchers offsetWatchers
	watchMu        sync.Mutex // for changes of watch
	profile        atomic.Pointer[SystemProfile]
	logger         atomic.Uint64
	sensitive      sync.Map // pids of the processes with the flag sensitive, for others to look at

	codec Codec // of a recorded run
	// CPUTime is how long, in nanoseconds, processors have worked for this node, nil if nobody knows: the time stamp cpu_timestamp of traces. It is set before the node starts.
	CPUTime func() int64
	asking  bool // the running process asks the outside

	collections []collectionCount
	bifTimers   timerTable
}

// workerLocal is what each worker has for itself.
type workerLocal struct {
	freeSignals     *Signal
	numFree         int
	refNext, refEnd uint64
	registers       [][]term.Term
	bodies          []*body
	_               [64]byte
}

// Config says how a System is built.
type Config struct {
	Machine      Machine
	Scheduler    scheduler.Config
	ProcessLimit int // 0: DefaultProcessLimit
	Reporter     Reporter
}

// NewSystem builds a node's process side. Sched is not started yet.
func NewSystem(c Config) *System {
	sys := &System{Machine: c.Machine, Reporter: c.Reporter}
	sys.noBody.dying = true
	sys.Defaults.init()
	sys.Sched = scheduler.New(c.Scheduler)
	if c, ok := sys.Sched.Clock.(*scheduler.RealClock); ok {
		c.OnWarp = sys.offsetChanged
	}
	sys.local = make([]workerLocal, len(sys.Sched.Workers()))
	sys.collections = make([]collectionCount, len(sys.Sched.Workers()))
	sys.procs.init(c.ProcessLimit)
	sys.NodeName.Store(uint64(term.AtomNonodeNohost))
	if p := c.Scheduler.Policy; p != nil {
		// What is only said to be unique differs between seeds: programs draw random numbers from it.
		sys.uniq.Store(int64(p.Rand() >> 24))
		sys.refs.Store(p.Rand() >> 24)
	}
	return sys
}

// Node is the name of this node.
func (sys *System) Node() term.Term { return term.Term(sys.NodeName.Load()) }

// hidden reports whether a process has the flag sensitive. Any goroutine may call it.
func (sys *System) hidden(p *Process) bool {
	_, yes := sys.sensitive.Load(p.Pid)
	return yes
}

// Logger is who gets a report of the node: a name or pid, or undefined. When the process that got them is found to be gone, it is the
// one called logger again.
func (sys *System) Logger() term.Term {
	t := term.Term(sys.logger.Load())
	if t.IsLocalPid() && sys.Lookup(t) == nil {
		sys.logger.CompareAndSwap(uint64(t), uint64(term.AtomLogger))
		return term.AtomLogger
	}
	if t == term.None {
		return term.AtomLogger
	}
	return t
}

// LoggerSet is what was set last, logger from the beginning.
func (sys *System) LoggerSet() term.Term {
	if t := term.Term(sys.logger.Load()); t != term.None {
		return t
	}
	return term.AtomLogger
}

// SetLogger changes who gets the node's own reports.
func (sys *System) SetLogger(t term.Term) { sys.logger.Store(uint64(t)) }

func (sys *System) report(r Report) {
	if sys.Reporter != nil {
		sys.Reporter.Report(r)
	}
}

func (sys *System) reportPanic(p *Process, v any, stack []byte) {
	sys.report(Report{Kind: InternalError, Pid: p.Pid, Name: p.Name(), GroupLeader: p.groupLeader, Text: fmt.Sprintf("internal error: %v\n%s", v, stack)})
}

// Crash ends a process because of an uncaught exception of class error or throw: it is reported as
// "Error in process ... with exit value:" and the process terminates with the given reason.
func (p *Process) Crash(reason term.Term) {
	if !p.sensitive {
		p.Sys.report(Report{Kind: ProcessCrash, Pid: p.Pid, Name: p.Name(), GroupLeader: p.groupLeader, Reason: reason})
	}
	p.Terminate(reason)
}

// UniqueInteger is erlang:unique_integer/1: an integer that no other call with the same flags gave. With monotonic each is
// larger than those given before.
func (p *Process) UniqueInteger(positive, monotonic bool) int64 {
	c := &p.Sys.uniq
	if monotonic {
		c = &p.Sys.monotonic
	}
	n := c.Add(1)
	if positive {
		return n
	}
	return n - 1 + term.MinSmall
}
