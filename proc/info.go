package proc

import (
	"github.com/gerl-lang/gerl/term"
)

var (
	atomGCInfo          = term.Intern("garbage_collection_info")
	atomLastCalls       = term.Intern("last_calls")
	atomSeqTraceToken   = term.Intern("sequential_trace_token")
	atomTrace           = term.Intern("trace")
	atomMinorGCs        = term.Intern("minor_gcs")
	atomPrioMessages    = term.Intern("priority_messages")
	atomProcessLabel    = term.Intern("$process_label")
	atomMbufSize        = term.Intern("mbuf_size")
	atomRecentSize      = term.Intern("recent_size")
	atomOldHeapSize     = term.Intern("old_heap_size")
	atomHeapBlockSize   = term.Intern("heap_block_size")
	atomOldHeapBlock    = term.Intern("old_heap_block_size")
	atomBinVheapSize    = term.Intern("bin_vheap_size")
	atomBinVheapBlock   = term.Intern("bin_vheap_block_size")
	atomBinOldVheapSize = term.Intern("bin_old_vheap_size")
	atomBinOldVheapBlok = term.Intern("bin_old_vheap_block_size")
)

// infoDefault are the items of process_info/1, in its order (after registered_name).
var infoDefault = [...]term.Term{
	term.AtomCurrentFunction, term.AtomInitialCall, term.AtomStatus, term.AtomMessageQueueLen, term.AtomLinks,
	term.AtomDictionary, term.AtomTrapExit, term.AtomErrorHandler, term.AtomPriority, term.AtomGroupLeader,
	term.AtomTotalHeapSize, term.AtomHeapSize, term.AtomStackSize, term.AtomReductions, term.AtomGarbageCollection,
	term.AtomSuspending,
}

var infoItems = func() map[term.Term]bool {
	m := map[term.Term]bool{}
	for _, t := range infoDefault {
		m[t] = true
	}
	for _, t := range []term.Term{
		term.AtomRegisteredName, atomAsyncDist, term.AtomBacktrace, term.AtomBinary, term.AtomCatchlevel, term.AtomCurrentLocation,
		term.AtomCurrentStacktrace, atomGCInfo, term.AtomLabel, atomLastCalls, term.AtomMemory, term.AtomMessages,
		term.AtomMessageQueueData, term.AtomMinHeapSize, term.AtomMinBinVheapSize, term.AtomMonitoredBy, term.AtomMonitors,
		term.AtomParent, atomPrioMessages, atomSeqTraceToken, atomTrace, term.AtomFullsweepAfter, term.AtomMaxHeapSize,
	} {
		m[t] = true
	}
	return m
}()

// InfoItems lists the items of process_info/2.
func InfoItems() []term.Term {
	out := make([]term.Term, 0, len(infoItems))
	for t := range infoItems {
		out = append(out, t)
	}
	sortTerms(out)
	return out
}

func isInfoItem(t term.Term) bool {
	return infoItems[t] || t.TupleOf(2) && t.Elem(0) == term.AtomDictionary
}

// ProcessInfoAll is erlang:process_info/1.
func (p *Process) ProcessInfoAll(pid term.Term) term.Term {
	if !pid.IsLocalPid() {
		return p.Badarg()
	}
	return p.Ask(pid, term.AtomUndefined, func(t *Process, h *term.Heap) term.Term {
		if t.Gone() || t.dying {
			return term.AtomUndefined
		}
		var items []term.Term
		if n := t.Name(); n != term.None {
			items = append(items, h.Tuple(term.AtomRegisteredName, n))
		}
		for _, i := range infoDefault {
			items = append(items, h.Tuple(i, t.info(i, h, t == p)))
		}
		return h.List(items...)
	})
}

// ProcessInfo is erlang:process_info/2: item is one item or a list of them.
func (p *Process) ProcessInfo(pid, item term.Term) term.Term {
	if !pid.IsLocalPid() {
		return p.Badarg()
	}
	list := item.IsList()
	for l := item; ; l = l.Tail() {
		if !list && isInfoItem(item) || l == term.Nil {
			break
		}
		if !list || !l.IsCons() || !isInfoItem(l.Head()) {
			return p.Badarg()
		}
	}
	self := pid == p.Pid
	var frag fragment
	if !self {
		if answer := p.infoAtOnce(pid, item); answer != term.None {
			return answer
		}
		item, frag = term.CopyObject(item) // the target reads it while this process may be collected
	}
	return p.Ask(pid, term.AtomUndefined, func(t *Process, h *term.Heap) term.Term {
		defer term.DropFragment(frag)
		if t.Gone() || t.dying {
			return term.AtomUndefined
		}
		if list {
			var out []term.Term
			for l := item; l.IsCons(); l = l.Tail() {
				i := term.CopyTo(h, l.Head())
				out = append(out, h.Tuple(i, t.info(i, h, self)))
			}
			return h.List(out...)
		}
		v := t.info(item, h, self)
		if item == term.AtomRegisteredName && v == term.Nil {
			return term.Nil
		}
		return h.Tuple(term.CopyTo(h, item), v)
	})
}

// infoAtOnce answers for a process between two slices that has nothing to handle, without a question to it; None: it must be asked.
func (p *Process) infoAtOnce(pid, item term.Term) term.Term {
	const most = 8 // items of a list
	q := p.Sys.Lookup(pid)
	if q == nil || !p.seize(q) {
		return term.None
	}
	var values [most]term.Term
	n, ok := 0, true
	if list := item; list.IsList() {
		for ; ok && list.IsCons(); list = list.Tail() {
			if ok = n < most; ok {
				values[n], ok = q.plainInfo(list.Head())
				n++
			}
		}
	} else {
		values[0], ok = q.plainInfo(item)
	}
	p.w.LetGo(&q.Node, false)
	p.Bumped++
	h := &p.Heap // what takes memory is done when the other is free again
	switch {
	case !ok:
		return term.None
	case item.IsList():
		var out [most]term.Term
		n = 0
		for ; item.IsCons(); item = item.Tail() {
			out[n] = h.Tuple(item.Head(), values[n])
			n++
		}
		return h.List(out[:n]...)
	case item == term.AtomRegisteredName && values[0] == term.Nil:
		return term.Nil
	}
	return h.Tuple(item, values[0])
}

// plainInfo gives the values that are found at once and need no memory.
func (p *Process) plainInfo(item term.Term) (value term.Term, ok bool) {
	const fewMessages = 16
	switch item {
	case term.AtomTotalHeapSize, term.AtomMemory:
		if p.box.n > fewMessages {
			return term.None, false
		}
	case term.AtomRegisteredName, term.AtomStatus, term.AtomMessageQueueLen, term.AtomTrapExit, term.AtomErrorHandler, term.AtomPriority,
		term.AtomHeapSize, term.AtomStackSize, term.AtomReductions, atomAsyncDist, term.AtomMessageQueueData, term.AtomMinHeapSize,
		term.AtomMinBinVheapSize, term.AtomFullsweepAfter, atomPrioMessages:
	default:
		return term.None, false
	}
	return p.info(item, nil, false), true
}

// info gives the value of one item on h. self: the process asks about itself.
func (p *Process) info(item term.Term, h *term.Heap, self bool) term.Term {
	x := p.x
	switch item {
	case term.AtomRegisteredName:
		if n := p.Name(); n != term.None {
			return n
		}
		return term.Nil
	case term.AtomInitialCall:
		return h.Tuple(p.initialModule(), p.initialFunction(), term.Int(int(p.initialArity)))
	case term.AtomStatus:
		return p.status(self)
	case term.AtomMessageQueueLen:
		p.fetchOwn(self)
		return term.Int(int(p.box.n))
	case term.AtomMessages:
		p.fetchOwn(self)
		return p.messages(h)
	case term.AtomLinks:
		return h.List(p.Links(h)...)
	case term.AtomDictionary:
		if p.sensitive {
			return term.Nil
		}
		var out []term.Term
		for d := p.Dict(); len(d) > 0; d = d[2:] {
			out = append(out, h.Tuple(term.CopyTo(h, d[0]), term.CopyTo(h, d[1])))
		}
		return h.List(out...)
	case term.AtomTrapExit:
		return term.Bool(p.trapExit)
	case term.AtomErrorHandler:
		return p.ErrorHandler()
	case term.AtomPriority:
		return PriorityAtom(p.Priority())
	case term.AtomGroupLeader:
		return term.CopyTo(h, p.groupLeader)
	case term.AtomTotalHeapSize:
		n := p.heapWords()
		if p.QueueOnHeap() {
			n += p.QueuedWords()
		}
		return term.Int(n)
	case term.AtomHeapSize:
		return term.Int(int(p.Heap.End-p.Heap.Start) / term.WordBytes)
	case term.AtomStackSize:
		return term.Int(max(int(p.Heap.End-p.Heap.E)/term.WordBytes, 0))
	case term.AtomReductions:
		n := p.Reductions
		if self {
			n += uint64(p.Bumped)
			if m, ok := p.Sys.Machine.(SliceMeter); ok {
				n += uint64(m.SliceReductions(p))
			}
		}
		return term.Int(int(n))
	case term.AtomGarbageCollection:
		m := p.MaxHeap()
		return h.List(
			h.Tuple(term.AtomMaxHeapSize, m.Term(h)),
			h.Tuple(term.AtomMinBinVheapSize, term.Int(p.minBinVHeap())),
			h.Tuple(term.AtomMinHeapSize, term.Int(p.MinHeapSize())),
			h.Tuple(term.AtomFullsweepAfter, term.Int(p.FullsweepAfter())),
			h.Tuple(atomMinorGCs, term.Int(int(p.Heap.Minor))))
	case atomGCInfo:
		return p.GCInfo(h)
	case term.AtomSuspending:
		if x == nil {
			return term.Nil
		}
		var out []term.Term
		for _, e := range x.suspending.list {
			out = append(out, h.Tuple(e.key, term.Int(e.val), term.Int(0)))
		}
		return h.List(out...)
	case atomAsyncDist:
		return term.Bool(x != nil && x.asyncDist)
	case term.AtomBinary:
		var out []term.Term
		p.Heap.OffHeapBinaries(func(addr uintptr, size, refs int) {
			out = append(out, h.Tuple(h.Uint64(uint64(addr)), term.Int(size), term.Int(refs)))
		})
		return h.List(out...)
	case term.AtomLabel:
		if v := p.GetDict(atomProcessLabel); v != term.None {
			return term.CopyTo(h, v)
		}
		return term.AtomUndefined
	case atomLastCalls:
		if x == nil || x.calls == nil {
			return term.AtomFalse
		}
		return x.calls.list(h)
	case term.AtomMemory:
		return term.Int(p.MemoryUse())
	case term.AtomMessageQueueData:
		return p.mqData()
	case term.AtomMinHeapSize:
		return term.Int(p.MinHeapSize())
	case term.AtomMinBinVheapSize:
		return term.Int(p.minBinVHeap())
	case term.AtomFullsweepAfter:
		return term.Int(p.FullsweepAfter())
	case term.AtomMaxHeapSize:
		m := p.MaxHeap()
		return m.Term(h)
	case term.AtomMonitors:
		return p.monitorList(h)
	case term.AtomMonitoredBy:
		if x == nil {
			return term.Nil
		}
		var out []term.Term
		for _, e := range x.monitored.list {
			out = append(out, p.Sys.watcherPid(h, e.key, e.val.pid))
		}
		return h.List(out...)
	case term.AtomParent:
		return p.parentTerm(h)
	case atomPrioMessages:
		return term.Bool(p.takesPriority())
	case atomSeqTraceToken:
		return p.SeqToken(h)
	case atomTrace:
		flags := 0
		for _, e := range p.Traced() {
			flags |= int(e.Flags)
		}
		return term.Int(flags)
	}
	if item.TupleOf(2) {
		if v := p.GetDict(item.Elem(1)); v != term.None && !p.sensitive {
			return term.CopyTo(h, v)
		}
		return term.AtomUndefined
	}
	if item == term.AtomBacktrace && p.sensitive {
		return h.Binary(nil)
	}
	if v, ok := p.Sys.Machine.Inspect(p, item, h); ok {
		return v
	}
	return term.AtomUndefined
}

// fetchOwn takes in what has arrived when the process asks about its own queue; when another asks, the
// signals before the question are already in.
func (p *Process) fetchOwn(self bool) {
	if self {
		p.HandleSignals()
	}
}

func (p *Process) status(self bool) term.Term {
	switch {
	case p.Gone() || p.dying:
		return term.AtomExiting
	case self:
		return term.AtomRunning
	case p.suspended:
		return term.AtomSuspended
	case p.phase == waiting && p.box.n <= p.box.seen:
		return term.AtomWaiting
	}
	return term.AtomRunnable
}

func (p *Process) messages(h *term.Heap) term.Term {
	if p.sensitive {
		return term.Nil
	}
	out := make([]term.Term, 0, p.box.n)
	for s := p.box.first; s != nil; s = s.next {
		if s.kind == sigMessage {
			out = append(out, term.CopyTo(h, s.msg[0]))
		}
	}
	return h.List(out...)
}

func (p *Process) monitorList(h *term.Heap) term.Term {
	if p.x == nil {
		return term.Nil
	}
	var out []term.Term
	for _, e := range p.x.monitors.list {
		m := e.val
		what := m.target
		if m.kind == term.AtomProcess && what == term.None && m.name == term.None {
			continue // another node has been asked to spawn what it is to watch
		}
		switch {
		case m.remote:
			what = term.CopyTo(h, m.target)
		case m.kind == term.AtomTimeOffset:
			what = term.AtomClockService
		case m.name != term.None:
			what = h.Tuple(m.name, p.Sys.Node())
		}
		out = append(out, h.Tuple(m.kind, what))
	}
	return h.List(out...)
}

// GCInfo is process_info's garbage_collection_info.
func (p *Process) GCInfo(h *term.Heap) term.Term {
	hp := &p.Heap
	pair := func(k term.Term, v int) term.Term { return h.Tuple(k, term.Int(v)) }
	return h.List(
		pair(atomOldHeapBlock, int(hp.OldEnd-hp.OldStart)/term.WordBytes),
		pair(atomHeapBlockSize, int(hp.End-hp.Start)/term.WordBytes),
		pair(atomMbufSize, hp.FragWords),
		pair(atomRecentSize, max(int(hp.High-hp.Start)/term.WordBytes, 0)),
		pair(term.AtomStackSize, int(hp.End-hp.E)/term.WordBytes),
		pair(atomOldHeapSize, int(hp.OldTop-hp.OldStart)/term.WordBytes),
		pair(term.AtomHeapSize, int(hp.Htop-hp.Start)/term.WordBytes),
		pair(atomBinVheapSize, hp.OffHeapBytes/term.WordBytes),
		pair(atomBinVheapBlock, p.minBinVHeap()),
		pair(atomBinOldVheapSize, 0),
		pair(atomBinOldVheapBlok, p.minBinVHeap()))
}

// heapWords is the size of all of the process's heap memory.
func (p *Process) heapWords() int {
	hp := &p.Heap
	return (int(hp.End-hp.Start)+int(hp.OldEnd-hp.OldStart))/term.WordBytes + hp.FragWords
}

// processStructBytes is about what Go keeps for a process.
const processStructBytes = 112 + 352

// MemoryUse is about the number of bytes that the process takes, messages included.
func (p *Process) MemoryUse() int {
	n := processStructBytes + p.heapWords()*term.WordBytes + cap(p.M.X)*term.WordBytes
	for s := p.box.first; s != nil; s = s.next {
		n += 64 + term.FragmentWords(s.frag)*term.WordBytes
	}
	return n
}

// QueueOnHeap reports whether messages that wait count as part of the heap: the flag message_queue_data.
func (p *Process) QueueOnHeap() bool { return p.mqData() == term.AtomOnHeap }

// QueuedWords is the memory of the messages in the queue that are not part of the heap yet.
func (p *Process) QueuedWords() (n int) {
	for s := p.box.first; s != nil; s = s.next {
		n += term.FragmentWords(s.frag)
	}
	return n
}
