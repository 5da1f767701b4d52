package bifs

import (
	"sync"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// systemFlags are flags of system_flag/2 that only keep a number.
type systemFlags struct {
	mu     sync.Mutex
	values map[string]int64
}

func (f *systemFlags) get(name string, def int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if v, ok := f.values[name]; ok {
		return v
	}
	return def
}

func (f *systemFlags) set(name string, v, def int64) (old int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old, ok := f.values[name]
	if !ok {
		old = def
	}
	if f.values == nil {
		f.values = map[string]int64{}
	}
	f.values[name] = v
	return old
}

// number sets a flag that keeps a number from lo to hi.
func (f *systemFlags) number(p *proc.Process, name string, v term.Term, lo, hi int, def int64) term.Term {
	n, ok := smallIn(v, lo, hi)
	if !ok {
		return p.Badarg()
	}
	return p.Heap.Int64(f.set(name, int64(n), def))
}

// ControlWord is the trace control word, a number that match specifications for tracing read.
func ControlWord(p *proc.Process) int64 { return nodeState(p).flags.get(traceControlWord, 0) }

// SetControlWord changes it and gives the old one; false: not a number of 32 bits.
func SetControlWord(p *proc.Process, v term.Term) (old int64, ok bool) {
	n, ok := smallIn(v, 0, 1<<32-1)
	if !ok {
		return 0, false
	}
	return nodeState(p).flags.set(traceControlWord, int64(n), 0), true
}

const traceControlWord = "trace_control_word"

// blockers are the processes that have blocked multi-scheduling, and how often.
type blockers struct {
	mu     sync.Mutex
	all    []term.Term
	normal []term.Term
	online int // workers to come back to
}

var (
	atomBlock         = term.Intern("block")
	atomUnblock       = term.Intern("unblock")
	atomBlockNormal   = term.Intern("block_normal")
	atomUnblockNormal = term.Intern("unblock_normal")
	atomBlocked       = term.Intern("blocked")
	atomBlockedNormal = term.Intern("blocked_normal")
	atomEnabled       = term.Intern("enabled")
)

func (b *blockers) state() term.Term {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case len(b.all) > 0:
		return atomBlocked
	case len(b.normal) > 0:
		return atomBlockedNormal
	}
	return atomEnabled
}

func (b *blockers) pids(normal bool) []term.Term {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.all
	if normal {
		list = append(append([]term.Term(nil), b.all...), b.normal...)
	}
	var out []term.Term
	seen := map[term.Term]bool{}
	for _, pid := range list {
		if !seen[pid] {
			out = append(out, pid)
		}
		seen[pid] = true
	}
	return out
}

// change blocks or unblocks; all of a process's blocks end with it.
func (b *blockers) change(p *proc.Process, what term.Term) bool {
	b.mu.Lock()
	before := len(b.all) + len(b.normal)
	list := &b.all
	if what == atomBlockNormal || what == atomUnblockNormal {
		list = &b.normal
	}
	switch what {
	case atomBlock, atomBlockNormal:
		*list = append(*list, p.Pid)
		p.OnExit(b, func(q *proc.Process) { b.forget(q) })
	case atomUnblock, atomUnblockNormal:
		for i, pid := range *list {
			if pid == p.Pid {
				*list = append((*list)[:i], (*list)[i+1:]...)
				break
			}
		}
	default:
		b.mu.Unlock()
		return false
	}
	b.apply(p.Sys, before)
	b.mu.Unlock()
	return true
}

func (b *blockers) forget(p *proc.Process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.all) + len(b.normal)
	for _, list := range []*[]term.Term{&b.all, &b.normal} {
		kept := (*list)[:0]
		for _, pid := range *list {
			if pid != p.Pid {
				kept = append(kept, pid)
			}
		}
		*list = kept
	}
	b.apply(p.Sys, before)
}

// apply lets one worker run, or all again; mu is held.
func (b *blockers) apply(sys *proc.System, before int) {
	switch now := len(b.all) + len(b.normal); {
	case before == 0 && now > 0:
		b.online = sys.Sched.SetOnline(1)
	case before > 0 && now == 0:
		sys.Sched.SetOnline(b.online)
	}
}

// schedulersOnline is what was asked for, also while multi-scheduling is blocked.
func schedulersOnline(p *proc.Process) int {
	b := &nodeState(p).blockers
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.all)+len(b.normal) > 0 {
		return b.online
	}
	return p.Sys.Sched.Online()
}

func setSchedulersOnline(p *proc.Process, n int) (old int) {
	b := &nodeState(p).blockers
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.all)+len(b.normal) > 0 {
		old, b.online = b.online, n
		return old
	}
	return p.Sys.Sched.SetOnline(n)
}

// system_flag(Flag, Value): the old value. backtrace_depth is the machine's.
func erlangSystemFlag2(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.BadargCause(atomBadopt)
	}
	s, h, v := nodeState(p), &p.Heap, a[1]
	workers := len(p.Sys.Sched.Workers())
	d := &p.Sys.Defaults
	n, natural := smallIn(v, 0, maxInt)
	switch name := a[0].AtomName(); name {
	case "scheduler_wall_time":
		on, ok := boolArg(v)
		if !ok {
			return p.Badarg()
		}
		return term.Bool(s.wallTime.set(p, on))
	case "microstate_accounting":
		if v == atomReset {
			p.Sys.Sched.ResetMicro()
			return term.Bool(p.Sys.Sched.CountsMicro())
		}
		on, ok := boolArg(v)
		if !ok {
			return p.Badarg()
		}
		return term.Bool(p.Sys.Sched.CountMicro(on))
	case "schedulers_online":
		if _, ok := smallIn(v, 1, workers); !ok {
			return p.Badarg()
		}
		return term.Int(setSchedulersOnline(p, n))
	case "dirty_cpu_schedulers_online":
		return s.flags.number(p, name, v, 1, workers, int64(workers))
	case "fullsweep_after":
		return orBadarg(p, swapped(natural, func() int64 { return d.Fullsweep.Swap(int64(min(n, proc.DefaultFullsweepAfter))) }), natural)
	case "min_heap_size":
		return orBadarg(p, swapped(natural, func() int64 { return d.MinHeap.Swap(int64(proc.HeapSize(max(n, proc.DefaultMinHeapSize)))) }), natural)
	case "min_bin_vheap_size":
		return orBadarg(p, swapped(natural, func() int64 { return d.MinBinVHeap.Swap(int64(proc.HeapSize(max(n, proc.DefaultMinBinVHeapSize)))) }), natural)
	case "max_heap_size":
		m := d.MaxHeap()
		old := m.Term(h)
		if !proc.ParseMaxHeap(v, &m) || m.Size != 0 && int64(m.Size) < d.MinHeap.Load() {
			return p.Badarg()
		}
		d.SetMaxHeap(m)
		return old
	case "multi_scheduling":
		if !s.blockers.change(p, v) {
			return p.Badarg()
		}
		return s.blockers.state()
	case "sequential_tracer":
		return setSeqTracer(p, v)
	case "system_logger":
		old := p.Sys.LoggerSet()
		if v != term.AtomLogger && v != term.AtomUndefined && !v.IsLocalPid() {
			return p.Badarg()
		}
		p.Sys.SetLogger(v)
		return old
	case "time_offset":
		if v != term.Intern("finalize") {
			return p.Badarg()
		}
		return p.Sys.FinalizeTimeOffset()
	case "cpu_topology":
		return orBadarg(p, term.AtomUndefined, v == term.AtomUndefined)
	case traceControlWord:
		return s.flags.number(p, name, v, 0, 1<<32-1, 0)
	case "outstanding_system_requests_limit":
		return s.flags.number(p, name, v, 1, 1<<27-1, 4)
	}
	return p.BadargCause(atomBadopt)
}

// swapped runs a swap if its value is good.
func swapped(ok bool, swap func() int64) term.Term {
	if !ok {
		return term.None
	}
	return term.Int(int(swap()))
}

// ---- system_monitor ---------------------------------------------------------------------------------------

func erlangSystemMonitor0(p *proc.Process, _ []term.Term) term.Term {
	return watchTerm(p, p.Sys.Watching(0))
}

func erlangSystemMonitor1(p *proc.Process, a []term.Term) term.Term {
	switch {
	case a[0] == term.AtomUndefined:
		old := p.Sys.Watching(0)
		p.Sys.SetWatch(0, nil)
		return watchTerm(p, old)
	case a[0].TupleOf(2):
		return erlangSystemMonitor2(p, []term.Term{a[0].Elem(0), a[0].Elem(1)})
	}
	return p.Badarg()
}

// largeHeapLeast is the smallest heap in words that is reported as a large one.
const largeHeapLeast = 16384

func erlangSystemMonitor2(p *proc.Process, a []term.Term) term.Term {
	if a[0] == term.AtomUndefined && a[1].IsList() { // whatever they are
		return erlangSystemMonitor1(p, a[:1])
	}
	w := &proc.Watch{Pid: a[0]}
	l := a[1]
	for ; l.IsCons(); l = l.Tail() {
		if !watchOption(w, l.Head()) {
			return p.Badarg()
		}
	}
	if !l.IsNil() || !a[1].IsNil() && (!a[0].IsLocalPid() || p.Sys.Lookup(a[0]) == nil) {
		return p.Badarg()
	}
	old := p.Sys.Watching(0)
	if *w == (proc.Watch{Pid: a[0]}) {
		w = nil
	}
	p.Sys.SetWatch(0, w)
	return watchTerm(p, old)
}

// WatchForSession is trace:system(Session, Event, Value): messages about an event go to the session's tracer. False: a wrong event or value.
func WatchForSession(p *proc.Process, s *proc.TraceSession, event, value term.Term) bool {
	w := &proc.Watch{Pid: s.Tracer}
	if old := p.Sys.Watching(s.ID); old != nil {
		*w = *old
	}
	switch {
	case event == atomBusyPort || event == atomBusyDistPort:
		on, ok := boolArg(value)
		if !ok {
			return false
		}
		if event == atomBusyPort {
			w.BusyPort = on
		} else {
			w.BusyDistPort = on
		}
	case value != term.AtomFalse:
		if !watchOption(w, p.Heap.Tuple(event, value)) {
			return false
		}
	case event == atomLongGC:
		w.LongGC = 0
	case event == atomLongSchedule:
		w.LongSchedule = 0
	case event == atomLargeHeap:
		w.LargeHeap = 0
	case event == atomLongMessageQueue:
		w.QueueLong, w.QueueShort = 0, 0
	default:
		return false
	}
	if *w == (proc.Watch{Pid: s.Tracer}) {
		w = nil
	}
	p.Sys.SetWatch(s.ID, w)
	return true
}

// WatchedForSession is the list of those events.
func WatchedForSession(p *proc.Process, s *proc.TraceSession) term.Term {
	if w := p.Sys.Watching(s.ID); w != nil {
		return watchTerm(p, w).Elem(1)
	}
	return term.Nil
}

func watchOption(w *proc.Watch, t term.Term) bool {
	switch t {
	case atomBusyPort:
		w.BusyPort = true
		return true
	case atomBusyDistPort:
		w.BusyDistPort = true
		return true
	}
	if !t.TupleOf(2) {
		return false
	}
	n, ok := smallIn(t.Elem(1), 0, maxInt)
	switch t.Elem(0) {
	case atomLongGC:
		w.LongGC = max(n, 1)
	case atomLongSchedule:
		w.LongSchedule = max(n, 1)
	case atomLargeHeap:
		w.LargeHeap = max(n, largeHeapLeast)
	case atomLongMessageQueue:
		v := t.Elem(1)
		if v == term.AtomFalse {
			w.QueueShort, w.QueueLong = 0, 0
			return true
		}
		if !v.TupleOf(2) {
			return false
		}
		var ok1, ok2 bool
		w.QueueShort, ok1 = smallIn(v.Elem(0), 0, maxInt)
		w.QueueLong, ok2 = smallIn(v.Elem(1), 1, maxInt)
		return ok1 && ok2 && w.QueueShort < w.QueueLong
	default:
		return false
	}
	return ok
}

// watchTerm is {Pid, Options}, or undefined.
func watchTerm(p *proc.Process, w *proc.Watch) term.Term {
	if w == nil {
		return term.AtomUndefined
	}
	h := &p.Heap
	var l []term.Term
	if w.BusyDistPort {
		l = append(l, atomBusyDistPort)
	}
	if w.BusyPort {
		l = append(l, atomBusyPort)
	}
	for _, o := range []struct {
		name term.Term
		n    int
	}{{atomLargeHeap, w.LargeHeap}, {atomLongSchedule, w.LongSchedule}, {atomLongGC, w.LongGC}} {
		if o.n > 0 {
			l = append(l, h.Tuple(o.name, term.Int(o.n)))
		}
	}
	if w.QueueLong > 0 {
		l = append(l, h.Tuple(atomLongMessageQueue, h.Tuple(term.Int(w.QueueShort), term.Int(w.QueueLong))))
	}
	return h.Tuple(w.Pid, h.List(l...))
}

var (
	atomBusyPort         = term.Intern("busy_port")
	atomBusyDistPort     = term.Intern("busy_dist_port")
	atomLongGC           = term.Intern("long_gc")
	atomLongSchedule     = term.Intern("long_schedule")
	atomLargeHeap        = term.Intern("large_heap")
	atomLongMessageQueue = term.Intern("long_message_queue")
)
