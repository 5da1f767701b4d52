package proc

import (
	"sync"
	"sync/atomic"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Tracing. What is traced of a process hangs at the process; whoever has something to tell asks for it with one
// atomic load. The code that calls pass through is the machine's business (eval).

// TraceFlags say which events of a process are told, and how.
type TraceFlags uint32

const (
	TraceSend TraceFlags = 1 << iota
	TraceReceive
	TraceProcs
	TracePorts
	TraceRunning
	TraceRunningProcs
	TraceRunningPorts
	TraceExiting
	TraceGC
	TraceCall
	TraceArity
	TraceReturnTo
	TraceSilent
	TraceSetOnSpawn
	TraceSetOnFirstSpawn
	TraceSetOnLink
	TraceSetOnFirstLink
	TraceTimestamp
	TraceCPUTimestamp
	TraceMonotonic
	TraceStrictMonotonic
	TraceSchedulerID
)

// traceFlagNames are the atoms of the flags, in the order in which trace_info tells them.
var traceFlagNames = []struct {
	name term.Term
	flag TraceFlags
}{
	{term.Intern("running_procs"), TraceRunningProcs}, {term.Intern("running_ports"), TraceRunningPorts}, {term.Intern("ports"), TracePorts},
	{term.Intern("scheduler_id"), TraceSchedulerID}, {term.Intern("silent"), TraceSilent}, {term.Intern("return_to"), TraceReturnTo},
	{term.Intern("arity"), TraceArity}, {term.Intern("garbage_collection"), TraceGC}, {term.Intern("exiting"), TraceExiting},
	{term.Intern("running"), TraceRunning}, {term.Intern("set_on_first_link"), TraceSetOnFirstLink}, {term.Intern("set_on_link"), TraceSetOnLink},
	{term.Intern("set_on_first_spawn"), TraceSetOnFirstSpawn}, {term.Intern("procs"), TraceProcs}, {term.Intern("call"), TraceCall},
	{term.Intern("set_on_spawn"), TraceSetOnSpawn}, {term.Intern("receive"), TraceReceive}, {term.Intern("send"), TraceSend},
	{term.Intern("monotonic_timestamp"), TraceMonotonic}, {term.Intern("strict_monotonic_timestamp"), TraceStrictMonotonic}, {term.Intern("timestamp"), TraceTimestamp},
	{term.Intern("cpu_timestamp"), TraceCPUTimestamp},
}

// TraceAll are the flags that the flag all stands for.
const TraceAll = TraceSend | TraceReceive | TraceProcs | TracePorts | TraceRunning | TraceRunningProcs | TraceRunningPorts | TraceExiting | TraceGC |
	TraceCall | TraceArity | TraceReturnTo | TraceSilent | TraceSetOnSpawn | TraceSetOnFirstSpawn | TraceSetOnLink | TraceSetOnFirstLink | TraceTimestamp |
	TraceMonotonic | TraceStrictMonotonic | TraceSchedulerID

// Which flags ports and processes have: the others are without effect for them.
const (
	TraceOfPorts     = TraceSend | TraceReceive | TracePorts | TraceRunningPorts | TraceSilent | TraceSchedulerID | traceStamps
	TraceOfProcesses = (TraceAll | traceStamps) &^ (TracePorts | TraceRunningPorts)
)

// traceStamps are the flags that put a time into the messages.
const traceStamps = TraceTimestamp | TraceCPUTimestamp | TraceMonotonic | TraceStrictMonotonic

// TraceFlag gives the flags of an atom, 0 for none.
func TraceFlag(t term.Term) TraceFlags {
	if t == term.Intern("all") {
		return TraceAll
	}
	for _, f := range traceFlagNames {
		if f.name == t {
			return f.flag
		}
	}
	return 0
}

// TraceFlagList is the list of the atoms of flags.
func TraceFlagList(h *term.Heap, f TraceFlags) term.Term {
	var list []term.Term
	for _, n := range traceFlagNames {
		if f&n.flag != 0 {
			list = append(list, n.name)
		}
	}
	return h.List(list...)
}

// TraceSession is a set of trace settings of its own. The session without name is that of erlang:trace/3.
type TraceSession struct {
	ID     int
	Name   term.Term // an atom
	Tracer term.Term // local pid or port that gets the messages; None in the session without name: each process has its own
	Gone   atomic.Bool

	// Event filters of send and receive: false for none is traced, None for all.
	SendFilter, ReceiveFilter EventFilter
}

// EventFilter decides about events of messages. nil: all are told.
type EventFilter interface {
	// Pass reports whether an event with these arguments is to be told, and with which additional element (None for none).
	Pass(p *Process, args []term.Term) (extra term.Term, ok bool)
}

// TraceEntry is what one session traces of a process.
type TraceEntry struct {
	Session *TraceSession
	Flags   TraceFlags
	Tracer  term.Term
}

// traced is immutable: changes replace it.
type traced struct{ entries []TraceEntry }

// tracer holds a node's trace settings that no process has.
type traceState struct {
	mu       sync.Mutex
	legacy   TraceSession
	sessions map[int]*TraceSession
	nextID   int
	stamp    atomic.Int64 // the last time that a message had, in microseconds
	// what new processes and ports begin with
	newProcs, newPorts atomic.Pointer[traced]
	cpuTime            atomic.Bool
	seqTracing
}

// LegacySession is the session of erlang:trace/3.
func (sys *System) LegacySession() *TraceSession { return &sys.tracing.legacy }

// NewTraceSession makes a session.
func (sys *System) NewTraceSession(name, tracer term.Term) *TraceSession {
	st := &sys.tracing
	st.mu.Lock()
	defer st.mu.Unlock()
	st.nextID++
	s := &TraceSession{ID: st.nextID, Name: name, Tracer: tracer}
	if st.sessions == nil {
		st.sessions = map[int]*TraceSession{}
	}
	st.sessions[s.ID] = s
	return s
}

// TraceSessionByID finds a session; 0 is the one without name.
func (sys *System) TraceSessionByID(id int) *TraceSession {
	if id == 0 {
		return &sys.tracing.legacy
	}
	st := &sys.tracing
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.sessions[id]
}

// TraceSessions lists the sessions that have a name.
func (sys *System) TraceSessions() []*TraceSession {
	st := &sys.tracing
	st.mu.Lock()
	defer st.mu.Unlock()
	var out []*TraceSession
	for id := 1; id <= st.nextID; id++ {
		if s := st.sessions[id]; s != nil {
			out = append(out, s)
		}
	}
	return out
}

// DestroyTraceSession ends a session: false if that has happened already. Processes lose its entries when they next have something to tell.
func (sys *System) DestroyTraceSession(s *TraceSession) bool {
	st := &sys.tracing
	st.mu.Lock()
	defer st.mu.Unlock()
	if s == &st.legacy || s.Gone.Swap(true) {
		return false
	}
	delete(st.sessions, s.ID)
	sys.SetWatch(s.ID, nil)
	return true
}

// Trace gives what a session traces of p. Any goroutine may call it.
func (p *Process) Trace(s *TraceSession) (TraceEntry, bool) {
	return entryOf(p.tr.Load(), s)
}

func entryOf(t *traced, s *TraceSession) (TraceEntry, bool) {
	if t != nil {
		for _, e := range t.entries {
			if e.Session == s {
				return e, true
			}
		}
	}
	return TraceEntry{}, false
}

// Traced lists what is traced of p.
func (p *Process) Traced() []TraceEntry {
	if t := p.tr.Load(); t != nil {
		return t.entries
	}
	return nil
}

// SetTrace changes what a session traces of p; no flags: nothing. Any goroutine may call it.
func (p *Process) SetTrace(e TraceEntry) { changeTraced(&p.tr, e) }

func changeTraced(at *atomic.Pointer[traced], e TraceEntry) {
	for {
		old := at.Load()
		var entries []TraceEntry
		if old != nil {
			for _, o := range old.entries {
				if o.Session != e.Session {
					entries = append(entries, o)
				}
			}
		}
		if e.Flags != 0 {
			entries = append(entries, e)
		}
		var now *traced
		if len(entries) > 0 {
			now = &traced{entries}
		}
		if at.CompareAndSwap(old, now) {
			return
		}
	}
}

// TraceNew gives what a session traces of processes (or ports) that are yet to come.
func (sys *System) TraceNew(s *TraceSession, ports bool) (TraceEntry, bool) {
	return entryOf(sys.newTraced(ports).Load(), s)
}

// SetTraceNew changes that.
func (sys *System) SetTraceNew(e TraceEntry, ports bool) { changeTraced(sys.newTraced(ports), e) }

func (sys *System) newTraced(ports bool) *atomic.Pointer[traced] {
	if ports {
		return &sys.tracing.newPorts
	}
	return &sys.tracing.newProcs
}

// ---- events ----------------------------------------------------------------------------------------

var (
	atomTraced  = term.Intern("trace")
	atomTraceTs = term.Intern("trace_ts")
)

// tell sends {trace, Pid, event...} to the tracers of all sessions that want one of the flags. build makes the rest of the
// message on h. p may be any process whose event this is; it is called on the worker that caused it.
func (p *Process) tell(want TraceFlags, build func(h *term.Heap) []term.Term) {
	t := p.tr.Load()
	if t == nil || p.sensitive {
		return
	}
	for _, e := range t.entries {
		if e.Flags&want != 0 {
			h := scratchHeap()
			p.TellTracer(e, h, build(h))
			h.Free()
		}
	}
}

// TellTracer sends {trace, Pid, rest...} to the tracer of an entry, with a time if its flags ask for one. A tracer that is gone
// traces no longer.
func (p *Process) TellTracer(e TraceEntry, h *term.Heap, rest []term.Term) {
	p.tellTracer(p.w, e, h, rest)
}

func (p *Process) tellTracer(w *scheduler.Worker, e TraceEntry, h *term.Heap, rest []term.Term) {
	if e.Session.Gone.Load() {
		p.SetTrace(TraceEntry{Session: e.Session})
		return
	}
	if e.Tracer == p.Pid {
		return // it does not tell itself
	}
	if !p.Sys.sendTrace(w, p, e.Tracer, p.Sys.traceMessage(w, h, e, p.Pid, rest)) {
		p.SetTrace(TraceEntry{Session: e.Session})
	}
}

// traceMessage is {trace, Tracee, rest...} with what the flags of the entry ask for besides.
func (sys *System) traceMessage(w *scheduler.Worker, h *term.Heap, e TraceEntry, tracee term.Term, rest []term.Term) term.Term {
	elems := append([]term.Term{atomTraced, tracee}, rest...)
	if e.Flags&TraceSchedulerID != 0 {
		id := 0
		if w != nil {
			id = w.ID + 1
		}
		elems = append(elems, term.Int(id))
	}
	if e.Flags&traceStamps != 0 {
		elems[0] = atomTraceTs
		elems = append(elems, sys.TraceTime(h, e.Flags))
	}
	return h.Tuple(elems...)
}

// sendTrace sends a trace message to a tracer; false: it is gone. p is the process that has something to tell, nil if it is a port.
func (sys *System) sendTrace(w *scheduler.Worker, p *Process, tracer, msg term.Term) bool {
	if tracer.IsLocalPort() {
		return sys.Ports != nil && sys.Ports.Trace(p, tracer, msg)
	}
	return sys.SendTo(w, tracer, msg)
}

// TraceTime is the time of a trace message in the form that the flags ask for.
func (sys *System) TraceTime(h *term.Heap, f TraceFlags) term.Term {
	switch {
	case f&(TraceTimestamp|TraceCPUTimestamp) != 0 && sys.tracing.cpuTime.Load() && sys.CPUTime != nil:
		return microStamp(h, sys.CPUTime()/1000)
	case f&(TraceTimestamp|TraceCPUTimestamp) != 0:
	case f&TraceStrictMonotonic != 0:
		return h.Tuple(h.Int64(sys.Sched.Clock.Monotonic()+monotonicBase), h.Int64(sys.monotonic.Add(1)+term.MinSmall))
	case f&TraceMonotonic != 0:
		return h.Int64(sys.Sched.Clock.Monotonic() + monotonicBase)
	}
	us := sys.Sched.Clock.System() / 1000
	for { // as those of erlang:now/0 these times are all different
		last := sys.tracing.stamp.Load()
		us = max(us, last+1)
		if sys.tracing.stamp.CompareAndSwap(last, us) {
			break
		}
	}
	return microStamp(h, us)
}

// CountCPUTime lets the time stamps of all traces tell processor time instead of the time of day.
func (sys *System) CountCPUTime(on bool) { sys.tracing.cpuTime.Store(on) }

func microStamp(h *term.Heap, us int64) term.Term {
	return h.Tuple(term.Int(int(us/1_000_000_000_000)), term.Int(int(us/1_000_000%1_000_000)), term.Int(int(us%1_000_000)))
}

var (
	atomEvSend       = term.Intern("send")
	atomEvSendGone   = term.Intern("send_to_non_existing_process")
	atomEvReceive    = term.Intern("receive")
	atomEvSpawn      = term.Intern("spawn")
	atomEvSpawned    = term.Intern("spawned")
	atomEvExit       = term.Intern("exit")
	atomEvLink       = term.Intern("link")
	atomEvUnlink     = term.Intern("unlink")
	atomEvLinked     = term.Intern("getting_linked")
	atomEvUnlinked   = term.Intern("getting_unlinked")
	atomEvRegister   = term.Intern("register")
	atomEvUnregister = term.Intern("unregister")
	atomEvIn         = term.Intern("in")
	atomEvOut        = term.Intern("out")
)

// traceSend tells that p sends a message.
func (p *Process) traceSend(to, msg term.Term, exists bool) {
	event := atomEvSend
	if !exists {
		event = atomEvSendGone
	}
	for _, e := range p.Traced() {
		if e.Flags&TraceSend == 0 || p.sensitive {
			continue
		}
		extra, ok := e.Session.pass(e.Session.SendFilter, p, []term.Term{to, msg})
		if !ok {
			continue
		}
		h := scratchHeap()
		rest := []term.Term{event, msg, to}
		if extra != term.None {
			rest = append(rest, extra)
		}
		p.TellTracer(e, h, rest)
		h.Free()
	}
}

// traceReceive tells that a message has come into the queue of p, or that a receive gives up. from is the sender, None if it is not known.
func (p *Process) traceReceive(msg term.Term, sender ID) {
	scratch := scratchHeap()
	defer scratch.Free()
	from := sender.term(scratch)
	if from == term.None {
		from = term.AtomUndefined
	}
	node, _, remote := term.ExtNode(from)
	switch {
	case remote: // senders elsewhere have no names in match specifications
		from = term.AtomUndefined
	case from == atomClockService: // a receive gives up
		node, from = from, term.AtomUndefined
	case !remote:
		node = p.Sys.Node()
	}
	for _, e := range p.Traced() {
		if e.Flags&TraceReceive == 0 || p.sensitive {
			continue
		}
		extra, ok := e.Session.pass(e.Session.ReceiveFilter, p, []term.Term{node, from, msg})
		if !ok {
			continue
		}
		h := scratchHeap()
		rest := []term.Term{atomEvReceive, msg}
		if extra != term.None {
			rest = append(rest, extra)
		}
		p.TellTracer(e, h, rest)
		h.Free()
	}
}

func (s *TraceSession) pass(f EventFilter, p *Process, args []term.Term) (extra term.Term, ok bool) {
	if f == nil {
		return term.None, true
	}
	return f.Pass(p, args)
}

// traceSpawn tells that p has made c, and lets c inherit: it is not running yet.
func (p *Process) traceSpawn(c *Process, args term.Term, linked bool) {
	for _, e := range p.Traced() {
		switch {
		case e.Flags&TraceSetOnSpawn != 0 || linked && e.Flags&TraceSetOnLink != 0:
			c.SetTrace(e)
		case e.Flags&TraceSetOnFirstSpawn != 0:
			e.Flags &^= TraceSetOnFirstSpawn | TraceSetOnSpawn
			p.SetTrace(e)
			c.SetTrace(e)
		case linked && e.Flags&TraceSetOnFirstLink != 0:
			e.Flags &^= TraceSetOnFirstLink | TraceSetOnLink
			p.SetTrace(e)
			c.SetTrace(e)
		}
	}
	p.tell(TraceProcs, func(h *term.Heap) []term.Term {
		return []term.Term{atomEvSpawn, c.Pid, h.Tuple(c.initialModule(), c.initialFunction(), args)}
	})
	c.tell(TraceProcs, func(h *term.Heap) []term.Term {
		return []term.Term{atomEvSpawned, p.Pid, h.Tuple(c.initialModule(), c.initialFunction(), args)}
	})
	if linked {
		p.tell(TraceProcs, func(*term.Heap) []term.Term { return []term.Term{atomEvLink, c.Pid} })
		c.tell(TraceProcs, func(*term.Heap) []term.Term { return []term.Term{atomEvLinked, p.Pid} })
	}
}

// tellPeer tells an event {Event, Other}.
func (p *Process) tellPeer(event, other term.Term) {
	if p.tr.Load() != nil {
		p.tell(TraceProcs, func(*term.Heap) []term.Term { return []term.Term{event, other} })
	}
}

// tellName tells that p got or lost a registered name; the caller may be on any worker.
func (p *Process) tellName(event, name term.Term) {
	for _, e := range p.Traced() {
		if e.Flags&TraceProcs != 0 && !p.Sys.hidden(p) {
			h := scratchHeap()
			p.tellTracer(nil, e, h, []term.Term{event, name})
			h.Free()
		}
	}
}

// inheritOnLink lets what is linked to p be traced as p is.
func (p *Process) inheritOnLink(q *Process) {
	for _, e := range p.Traced() {
		switch {
		case e.Flags&TraceSetOnLink != 0:
			q.SetTrace(e)
		case e.Flags&TraceSetOnFirstLink != 0:
			e.Flags &^= TraceSetOnFirstLink | TraceSetOnLink
			p.SetTrace(e)
			q.SetTrace(e)
		}
	}
}

// traceRunning tells that p begins or stops to run on a worker.
func (p *Process) traceRunning(event term.Term) {
	p.tell(TraceRunning|TraceRunningProcs, func(h *term.Heap) []term.Term {
		where := term.Int(0)
		if p.Heap.E == p.Heap.End { // it has not run yet
			where = h.Tuple(p.initialModule(), p.initialFunction(), term.Int(int(p.initialArity)))
		} else if t, ok := p.Sys.Machine.Inspect(p, term.AtomCurrentFunction, h); ok && t.IsTuple() {
			where = t
		}
		return []term.Term{event, where}
	})
}

// TraceCollection tells that p's memory is collected: event is gc_minor_start and so on, info the items as pairs of atom and number.
func (p *Process) TraceCollection(event term.Term, info []int, names []term.Term) {
	p.tell(TraceGC, func(h *term.Heap) []term.Term {
		pairs := make([]term.Term, len(names))
		for i, n := range names {
			pairs[i] = h.Tuple(n, term.Int(info[i]))
		}
		return []term.Term{event, h.List(pairs...)}
	})
}

// TracesCollection reports whether TraceCollection has somebody to tell.
func (p *Process) TracesCollection() bool {
	for _, e := range p.Traced() {
		if e.Flags&TraceGC != 0 {
			return true
		}
	}
	return false
}
