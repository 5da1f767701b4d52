package proc

import (
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// SpawnOpts are the options of spawn_opt and spawn_request. The zero value means spawn.
type SpawnOpts struct {
	Link    bool
	Monitor *MonitorOpts // nil: no monitor

	Priority     term.Term // None: normal
	MinHeap      int       // words; 0: the default
	MinBinVHeap  int
	FullSweep    int // -1: the default (0 is a value of its own)
	HasFullSweep bool
	MaxHeap      *MaxHeap
	QueueData    term.Term // on_heap or off_heap; 0: the default
	AsyncDist    bool

	Request  bool      // spawn_request: there is a reference even without a monitor, and an answer (SendReply)
	ReplyTag term.Term // what the answer begins with
	Shown    term.Term // the options as the program gave them, None: those above

	GroupLeader term.Term // None: the parent's
}

// List is the options as a list: those that the program gave, or else link or monitor. o may be nil.
func (o *SpawnOpts) List(h *term.Heap) term.Term {
	switch {
	case o == nil:
	case o.Shown != term.None:
		return o.Shown
	case o.Link:
		return h.List(term.AtomLink)
	case o.Monitor != nil:
		return h.List(term.AtomMonitor)
	}
	return term.Nil
}

// SpawnError says why nothing was spawned.
type SpawnError uint8

const (
	SpawnOK SpawnError = iota
	// SpawnLimit: the process table is full: raise error:system_limit.
	SpawnLimit
)

// Spawn makes a process that calls m:f with the argument list args. ref is the monitor's reference, None without one.
func (p *Process) Spawn(m, f, args term.Term, o *SpawnOpts) (pid, ref term.Term, e SpawnError) {
	c, e := p.Sys.newProcess(p, o)
	if e != SpawnOK {
		return term.None, term.None, e
	}
	c.setInitialCall(m, f, listLen(args))
	own := c.keep(args)
	p.Sys.Machine.Start(c, m, f, own)
	ref = p.sprout(c, o, own)
	return c.Pid, ref, SpawnOK
}

// SpawnFun makes a process that calls fun without arguments.
func (p *Process) SpawnFun(fun term.Term, o *SpawnOpts) (pid, ref term.Term, e SpawnError) {
	c, e := p.Sys.newProcess(p, o)
	if e != SpawnOK {
		return term.None, term.None, e
	}
	c.setInitialCall(term.AtomErlang, term.AtomApply, 2)
	own := c.keep(fun)
	p.Sys.Machine.StartFun(c, own)
	args := term.Nil
	if p.tr.Load() != nil || c.tr.Load() != nil || p.seqToken() != nil {
		args = c.Heap.List(own, term.Nil)
	}
	ref = p.sprout(c, o, args)
	return c.Pid, ref, SpawnOK
}

// Spawn makes a process from outside of any process (the node's first ones). o may be nil; links and monitors need a parent
// and are ignored.
func (sys *System) Spawn(m, f, args term.Term, o *SpawnOpts) (pid term.Term, e SpawnError) {
	c, e := sys.newProcess(nil, o)
	if e != SpawnOK {
		return term.None, e
	}
	c.setInitialCall(m, f, listLen(args))
	sys.Machine.Start(c, m, f, c.keep(args))
	sys.Sched.Launch(&c.Node)
	return c.Pid, SpawnOK
}

// startWords bounds what a new process begins with in its first block.
const startWords = 64

// keep copies what a new process begins with to its heap: into its first block, or if that is much, into a fragment.
func (p *Process) keep(t term.Term) term.Term {
	if n := term.MessageSize(t); n == 0 {
		return t
	} else if n <= startWords {
		p.Heap.Begin(n + 1) // a word for the bottom of the stack
		return term.CopyLocal(&p.Heap, t)
	}
	t, frag := term.CopyMessage(t)
	if frag != 0 {
		p.Heap.Adopt(frag)
	}
	return t
}

func listLen(t term.Term) int {
	n, _ := term.ListLen(t)
	return n
}

// newProcess makes the process and enters it into the table; it does not run yet.
func (sys *System) newProcess(parent *Process, o *SpawnOpts) (*Process, SpawnError) {
	var w *scheduler.Worker
	if parent != nil {
		w = parent.w
	}
	c := &Process{Sys: sys, body: sys.newBody(w)}
	c.Heap.MaxMinor = uint32(sys.Defaults.Fullsweep.Load())
	if n := sys.Defaults.MinHeap.Load(); n != DefaultMinHeapSize {
		c.Heap.MinWords = uint32(n)
	}
	prio := scheduler.Normal
	if parent != nil {
		c.inheritLeader(parent)
		c.parent = parent.Pid
		c.w = w // for what is set up before the first slice
	}
	if o != nil {
		if o.Priority != term.None {
			prio, _ = PriorityOf(o.Priority)
		}
		if o.GroupLeader != term.None {
			c.setLeader(newLeader(o.GroupLeader))
		}
		if o.MinHeap != 0 {
			c.Heap.MinWords = uint32(o.MinHeap)
		}
		if o.MaxHeap != nil {
			c.ext().maxHeap = o.MaxHeap
		}
		if o.MinBinVHeap != 0 {
			c.ext().minBinVHeap = o.MinBinVHeap
		}
		if o.QueueData != 0 {
			c.ext().queueData = o.QueueData
		}
		if o.AsyncDist {
			c.ext().asyncDist = true
		}
		if o.HasFullSweep {
			c.Heap.MaxMinor = uint32(o.FullSweep)
		}
	}
	if t := sys.tracing.newProcs.Load(); t != nil {
		c.tr.Store(t)
	}
	c.Node.InitHeld(c, prio) // who goes through all processes may find it from now on
	if !sys.procs.insert(c) {
		if parent != nil {
			parent.ReportError("Too many processes\n\n")
		}
		return nil, SpawnLimit
	}
	if c.groupLeader == term.None {
		c.groupLeader = c.Pid
	}
	return c, SpawnOK
}

// sprout sets up the link and the monitor and lets the child run. Nobody else knows the child yet, so both
// ends are written directly.
func (p *Process) sprout(c *Process, o *SpawnOpts, args term.Term) (ref term.Term) {
	if o != nil && o.Link {
		p.addLink(idOf(c.Pid))
		c.addLink(idOf(p.Pid))
	}
	if o != nil && o.Monitor != nil {
		var m *monitor
		var n uint64
		m, n, ref = p.newMonitor(o.Monitor)
		m.kind, m.target = term.AtomProcess, c.Pid
		c.onMonitor(&signalData{from: idOf(p.Pid), ref: n})
	}
	if p.tr.Load() != nil || c.tr.Load() != nil {
		p.traceSpawn(c, args, o != nil && o.Link)
	}
	if o != nil && o.Request && ref == term.None {
		ref = p.MakeRef()
	}
	if p.seqToken() != nil {
		p.seqSpawned(c, o, args, ref)
	}
	p.w.Launch(&c.Node)
	return ref
}

// PriorityOf gives the scheduler's priority for the atoms low, normal, high and max.
func PriorityOf(t term.Term) (scheduler.Priority, bool) {
	switch t {
	case term.AtomLow:
		return scheduler.Low, true
	case term.AtomNormal:
		return scheduler.Normal, true
	case term.AtomHigh:
		return scheduler.High, true
	case term.AtomMax:
		return scheduler.Max, true
	}
	return scheduler.Normal, false
}

// PriorityAtom is the atom of a priority.
func PriorityAtom(p scheduler.Priority) term.Term {
	switch p {
	case scheduler.Low:
		return term.AtomLow
	case scheduler.High:
		return term.AtomHigh
	case scheduler.Max:
		return term.AtomMax
	}
	return term.AtomNormal
}
