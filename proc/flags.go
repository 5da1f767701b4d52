package proc

import (
	"github.com/gerl-lang/gerl/term"
)

var (
	atomInternalError         = term.Intern("internal_error")
	atomExited                = term.Intern("exited")
	atomAsyncDist             = term.Intern("async_dist")
	atomSize                  = term.Intern("size")
	atomIncludeSharedBinaries = term.Intern("include_shared_binaries")
	atomErlErtsErrors         = term.Intern("erl_erts_errors")
	atomCause                 = term.Intern("cause")
	atomBadopt                = term.Intern("badopt")
	atomBadtype               = term.Intern("badtype")
	atomScheduler             = term.Intern("scheduler")
)

// Defaults of processes, as OTP's.
const (
	DefaultMinHeapSize     = 233
	DefaultMinBinVHeapSize = 46422
	DefaultFullsweepAfter  = 65535
)

// HeapSize rounds a number of words up to the sizes that OTP's heaps have: 12, 38, then each
// the sum of the two before plus one, and from about a million words on 20 % more each time.
func HeapSize(words int) int {
	a, b := 12, 38
	for a < words {
		if a < 833026 {
			a, b = b, a+b+1
		} else {
			a = a + a/5
		}
	}
	return a
}

// BadargCause raises error:badarg with the cause that OTP's error_info names.
func (p *Process) BadargCause(cause term.Term) term.Term {
	info := p.Heap.MapFromPairs([]term.Term{atomCause, cause, term.AtomModule, atomErlErtsErrors})
	return p.RaiseInfo(term.AtomBadarg, info)
}

// ProcessFlag is erlang:process_flag/2: the old value, or an exception.
func (p *Process) ProcessFlag(flag, value term.Term) term.Term {
	switch flag {
	case term.AtomTrapExit:
		return p.boolFlag(&p.trapExit, value)
	case term.AtomSensitive:
		old := p.boolFlag(&p.sensitive, value)
		if p.sensitive {
			p.Sys.sensitive.Store(p.Pid, true)
		} else {
			p.Sys.sensitive.Delete(p.Pid)
		}
		return old
	case atomAsyncDist:
		if value != term.AtomTrue && value != term.AtomFalse {
			return p.Badarg()
		}
		old := p.ext().asyncDist
		p.x.asyncDist = value == term.AtomTrue
		return term.Bool(old)
	case term.AtomPriority:
		prio, ok := PriorityOf(value)
		if !ok {
			return p.Badarg()
		}
		old := PriorityAtom(p.Priority())
		p.SetPriority(prio)
		return old
	case term.AtomErrorHandler:
		if !value.IsAtom() {
			return p.Badarg()
		}
		old := p.ErrorHandler()
		p.ext().errHandler = value
		return old
	case term.AtomMinHeapSize:
		n, ok := natural(value)
		if !ok {
			return p.Badarg()
		}
		old := p.MinHeapSize()
		p.Heap.MinWords = uint32(min(HeapSize(max(n, DefaultMinHeapSize)), 1<<31))
		return term.Int(old)
	case term.AtomMinBinVheapSize:
		n, ok := natural(value)
		if !ok {
			return p.Badarg()
		}
		old := p.minBinVHeap()
		p.ext().minBinVHeap = HeapSize(max(n, DefaultMinBinVHeapSize))
		return term.Int(old)
	case term.AtomFullsweepAfter:
		n, ok := natural(value)
		if !ok {
			return p.Badarg()
		}
		old := p.FullsweepAfter()
		p.Heap.MaxMinor = uint32(min(n, DefaultFullsweepAfter))
		return term.Int(old)
	case term.AtomMaxHeapSize:
		m := p.MaxHeap()
		old := m.Term(&p.Heap)
		if !ParseMaxHeap(value, &m) || m.Size != 0 && m.Size < p.MinHeapSize() {
			return p.Badarg()
		}
		p.ext().maxHeap = &m
		return old
	case term.AtomMessageQueueData:
		if value != term.AtomOnHeap && value != term.AtomOffHeap {
			return p.Badarg()
		}
		old := p.mqData()
		p.ext().queueData = value
		return old
	case atomScheduler: // binds a process to a worker in OTP's tests of itself
		n, ok := natural(value)
		if !ok || n > len(p.Sys.Sched.Workers()) {
			return p.Badarg()
		}
		return term.Int(0)
	case term.AtomSaveCalls:
		return p.setSaveCalls(p.Pid, value)
	}
	return p.BadargCause(atomBadopt)
}

// ProcessFlagOf is erlang:process_flag/3: only save_calls can be set for others.
func (p *Process) ProcessFlagOf(pid, flag, value term.Term) term.Term {
	if pid.IsLocalPid() && p.Sys.Lookup(pid) == nil {
		return p.BadargCause(atomBadtype)
	}
	if !pid.IsLocalPid() || flag != term.AtomSaveCalls {
		return p.Badarg()
	}
	return p.setSaveCalls(pid, value)
}

func (p *Process) boolFlag(flag *bool, value term.Term) term.Term {
	if value != term.AtomTrue && value != term.AtomFalse {
		return p.Badarg()
	}
	old := *flag
	*flag = value == term.AtomTrue
	return term.Bool(old)
}

func natural(t term.Term) (int, bool) {
	if !t.IsSmall() || t.Small() < 0 {
		return 0, false
	}
	return t.Small(), true
}

// ErrorHandler is the module whose undefined_function/3 is called for what is not loaded.
func (p *Process) ErrorHandler() term.Term {
	if p.x == nil || p.x.errHandler == term.None {
		return term.AtomErrorHandler
	}
	return p.x.errHandler
}

// MinHeapSize is the flag min_heap_size in words.
func (p *Process) MinHeapSize() int {
	if p.Heap.MinWords == 0 {
		return DefaultMinHeapSize
	}
	return int(p.Heap.MinWords)
}

func (p *Process) minBinVHeap() int {
	if p.x == nil || p.x.minBinVHeap == 0 {
		return int(p.Sys.Defaults.MinBinVHeap.Load())
	}
	return p.x.minBinVHeap
}

// FullsweepAfter is the flag fullsweep_after.
func (p *Process) FullsweepAfter() int { return int(p.Heap.MaxMinor) }

// Sensitive reports the flag sensitive: no reports, no inspection of data.
func (p *Process) Sensitive() bool { return p.sensitive }

func (p *Process) mqData() term.Term {
	if p.x != nil && p.x.queueData != 0 {
		return p.x.queueData
	}
	return p.Sys.Defaults.QueueData()
}

// MaxHeap is the process flag max_heap_size; Size 0 (words) means no limit.
type MaxHeap struct {
	Size          int
	Kill          bool
	ErrorLogger   bool
	IncludeShared bool // count shared off-heap binaries, too
}

// MaxHeap is the limit of p. The machine compares it with the heap after each collection.
func (p *Process) MaxHeap() MaxHeap {
	if p.x == nil || p.x.maxHeap == nil {
		return p.Sys.Defaults.MaxHeap()
	}
	return *p.x.maxHeap
}

// Term is the value of the flag as a map.
func (m *MaxHeap) Term(h *term.Heap) term.Term {
	return h.MapFromPairs([]term.Term{
		term.AtomErrorLogger, term.Bool(m.ErrorLogger),
		atomIncludeSharedBinaries, term.Bool(m.IncludeShared),
		term.AtomKill, term.Bool(m.Kill),
		atomSize, term.Int(m.Size),
	})
}

// ParseMaxHeap reads a value of the flag or spawn option max_heap_size: words, or a map with size and perhaps kill, error_logger
// and include_shared_binaries. What the map does not say stays as it is in m.
func ParseMaxHeap(t term.Term, m *MaxHeap) bool {
	size := t
	if t.IsMap() {
		var ok bool
		if size, ok = term.MapGet(t, atomSize); !ok {
			return false
		}
		for _, f := range []struct {
			key term.Term
			to  *bool
		}{{term.AtomKill, &m.Kill}, {term.AtomErrorLogger, &m.ErrorLogger}, {atomIncludeSharedBinaries, &m.IncludeShared}} {
			if v, ok := term.MapGet(t, f.key); ok {
				if v != term.AtomTrue && v != term.AtomFalse {
					return false
				}
				*f.to = v == term.AtomTrue
			}
		}
	}
	n, ok := natural(size)
	if !ok || n != 0 && n < DefaultMinHeapSize {
		return false
	}
	m.Size = n
	return true
}

// ParseSpawnOpts reads the option list of spawn_opt; false: badarg with cause badopt.
func (sys *System) ParseSpawnOpts(list term.Term, o *SpawnOpts) bool {
	for ; list.IsCons(); list = list.Tail() {
		if !sys.parseSpawnOpt(list.Head(), o) {
			return false
		}
	}
	return list == term.Nil
}

func (sys *System) parseSpawnOpt(t term.Term, o *SpawnOpts) bool {
	switch t {
	case term.AtomLink:
		o.Link = true
		return true
	case term.AtomMonitor:
		if o.Monitor == nil {
			o.Monitor = &MonitorOpts{}
		}
		return true
	}
	if !t.TupleOf(2) {
		return false
	}
	v := t.Elem(1)
	n, isNat := natural(v)
	switch t.Elem(0) {
	case term.AtomMonitor:
		o.Monitor = &MonitorOpts{}
		return ParseMonitorOpts(v, o.Monitor)
	case term.AtomPriority:
		o.Priority = v
		_, ok := PriorityOf(v)
		return ok
	case term.AtomMinHeapSize:
		o.MinHeap = HeapSize(max(n, DefaultMinHeapSize))
		return isNat
	case term.AtomMinBinVheapSize:
		o.MinBinVHeap = HeapSize(max(n, DefaultMinBinVHeapSize))
		return isNat
	case term.AtomFullsweepAfter:
		o.FullSweep, o.HasFullSweep = min(n, 65535), true
		return isNat
	case term.AtomMaxHeapSize:
		m := sys.Defaults.MaxHeap()
		o.MaxHeap = &m
		return ParseMaxHeap(v, &m)
	case term.AtomMessageQueueData:
		o.QueueData = v
		return v == term.AtomOffHeap || v == term.AtomOnHeap
	case atomScheduler:
		return isNat
	case atomAsyncDist:
		return v == term.AtomTrue || v == term.AtomFalse
	}
	return false
}

// ParseMonitorOpts reads the option list of monitor/3; false: badarg with cause badopt.
func ParseMonitorOpts(list term.Term, o *MonitorOpts) bool {
	for ; list.IsCons(); list = list.Tail() {
		t := list.Head()
		if !t.TupleOf(2) {
			return false
		}
		switch t.Elem(0) {
		case term.AtomTag:
			o.Tag = t.Elem(1)
		case term.AtomAlias:
			o.Alias = t.Elem(1)
			switch o.Alias {
			case term.AtomExplicitUnalias, term.AtomDemonitor, term.AtomReplyDemonitor:
			default:
				return false
			}
		default:
			return false
		}
	}
	return list == term.Nil
}

// ParseDemonitorOpts reads the option list of demonitor/2; false: badarg.
func ParseDemonitorOpts(list term.Term) (o DemonitorOpts, ok bool) {
	for ; list.IsCons(); list = list.Tail() {
		switch list.Head() {
		case term.AtomFlush:
			o.Flush = true
		case term.AtomInfo:
			o.Info = true
		default:
			return o, false
		}
	}
	return o, list == term.Nil
}
