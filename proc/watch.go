package proc

import (
	"sync/atomic"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Watch is what erlang:system_monitor/2 or trace:system/3 was asked to report, and to whom. 0 and false: not asked for. Those of all trace
// sessions form a chain, which is never changed: a change makes another one.
type Watch struct {
	session      int    // number of the trace session, 0 for system_monitor
	next         *Watch // that of another session
	Pid          term.Term
	LongGC       int // milliseconds
	LongSchedule int // milliseconds
	LargeHeap    int // words
	QueueLong    int // messages from which on a queue is long
	QueueShort   int // messages down from which it is not any more
	BusyPort     bool
	BusyDistPort bool
}

// SetWatch replaces what is watched for a session, 0 for system_monitor; nil: nothing.
func (sys *System) SetWatch(session int, w *Watch) {
	sys.watchMu.Lock()
	defer sys.watchMu.Unlock()
	var chain *Watch
	for o := sys.watch.Load(); o != nil; o = o.next {
		if o.session != session {
			kept := *o
			kept.next = chain
			chain = &kept
		}
	}
	if w != nil {
		own := *w
		own.session, own.next = session, chain
		chain = &own
	}
	sys.watch.Store(chain)
}

// Watching gives what is watched for a session, nil if nothing is. It ends with the process that gets the messages.
func (sys *System) Watching(session int) *Watch {
	for w := sys.watch.Load(); w != nil; w = w.next {
		if w.session != session {
			continue
		}
		if sys.Lookup(w.Pid) == nil {
			sys.SetWatch(session, nil)
			return nil
		}
		own := *w
		own.session, own.next = 0, nil
		return &own
	}
	return nil
}

var (
	atomMonitorMsg   = term.Intern("monitor")
	atomLongGC       = term.Intern("long_gc")
	atomLargeHeap    = term.Intern("large_heap")
	atomLongSchedule = term.Intern("long_schedule")
	atomLongQueue    = term.Intern("long_message_queue")
	atomBusyPort     = term.Intern("busy_port")
	atomTimeout      = term.Intern("timeout")
	atomIn           = term.Intern("in")
	atomOut          = term.Intern("out")
)

// tellWatcher sends {monitor, p, What, Info}.
func (p *Process) tellWatcher(w *Watch, what term.Term, info func(h *term.Heap) term.Term) {
	if p.Pid == w.Pid {
		return
	}
	h := scratchHeap()
	if !p.Sys.SendTo(p.w, w.Pid, h.Tuple(atomMonitorMsg, p.Pid, what, info(h))) {
		p.Sys.SetWatch(w.session, nil)
	}
	h.Free()
}

// Collections are counts of the collections of a node.
type Collections struct {
	Number    int64
	Reclaimed int64 // words
}

// collectionCount is what one worker has counted.
type collectionCount struct {
	number, reclaimed atomic.Int64
	_                 [48]byte
}

// Collections gives the number of collections since the node started and the words they have freed.
func (sys *System) Collections() (c Collections) {
	for i := range sys.collections {
		c.Number += sys.collections[i].number.Load()
		c.Reclaimed += sys.collections[i].reclaimed.Load()
	}
	return c
}

// usedWords are the words of p's heap that are in use.
func (p *Process) usedWords() int {
	h := &p.Heap
	return int(h.Htop-h.Start+h.OldTop-h.OldStart)/term.WordBytes + h.FragWords
}

// Collected tells what a collection was like; the function given does it. The machine calls it for each.
func (p *Process) Collected(collect func()) {
	sys := p.Sys
	watch := sys.watch.Load()
	before := p.usedWords()
	var began int64
	micro := p.w != nil && sys.Sched.CountsMicro()
	if micro || watch != nil {
		began = sys.Sched.Clock.Monotonic()
	}
	collect()
	if micro {
		p.w.Collecting(sys.Sched.Clock.Monotonic() - began)
	}
	after := p.usedWords()
	i := 0
	if p.w != nil {
		i = p.w.ID
	}
	sys.collections[i].number.Add(1)
	sys.collections[i].reclaimed.Add(int64(max(before-after, 0)))
	for ; watch != nil; watch = watch.next {
		p.tellCollected(watch, began)
	}
}

func (p *Process) tellCollected(watch *Watch, began int64) {
	if watch.LongGC > 0 {
		if ms := (p.Sys.Sched.Clock.Monotonic() - began) / 1_000_000; ms >= int64(watch.LongGC) {
			p.tellWatcher(watch, atomLongGC, func(h *term.Heap) term.Term {
				return h.Cons(h.Tuple(atomTimeout, h.Int64(ms)), p.heapInfo(h))
			})
		}
	}
	if watch.LargeHeap > 0 && p.heapWords() >= watch.LargeHeap {
		p.tellWatcher(watch, atomLargeHeap, p.heapInfo)
	}
}

// heapInfo are the sizes that messages about collections give, in words.
func (p *Process) heapInfo(h *term.Heap) term.Term {
	hp := &p.Heap
	pair := func(k term.Term, v int) term.Term { return h.Tuple(k, term.Int(v)) }
	return h.List(
		pair(atomOldHeapBlock, int(hp.OldEnd-hp.OldStart)/term.WordBytes),
		pair(atomHeapBlockSize, int(hp.End-hp.Start)/term.WordBytes),
		pair(atomMbufSize, hp.FragWords),
		pair(term.AtomStackSize, int(hp.End-hp.E)/term.WordBytes),
		pair(atomOldHeapSize, int(hp.OldTop-hp.OldStart)/term.WordBytes),
		pair(term.AtomHeapSize, int(hp.Htop-hp.Start)/term.WordBytes))
}

// runWatched is what Run does for each slice while somebody watches.
func (p *Process) runWatched(watch *Watch, w *scheduler.Worker, budget int) scheduler.Outcome {
	clock := p.Sys.Sched.Clock
	p.watchQueue(watch)
	began := clock.Monotonic()
	in := p.currentFunction()
	o := p.Sys.Machine.Run(p, w, budget)
	if p.Gone() {
		return o
	}
	ms := (clock.Monotonic() - began) / 1_000_000
	for w := watch; w != nil; w = w.next {
		if w.LongSchedule > 0 && ms >= int64(w.LongSchedule) {
			p.tellWatcher(w, atomLongSchedule, func(h *term.Heap) term.Term {
				out := p.currentFunction()
				return h.List(h.Tuple(atomTimeout, h.Int64(ms)), h.Tuple(atomIn, in.on(h)), h.Tuple(atomOut, out.on(h)))
			})
		}
	}
	p.watchQueue(watch)
	return o
}

// mfa is a function, kept outside of heaps.
type mfa struct {
	m, f  term.Term
	arity int
}

func (f mfa) on(h *term.Heap) term.Term {
	if f.m == term.None {
		return term.AtomUndefined
	}
	return h.Tuple(f.m, f.f, term.Int(f.arity))
}

// currentFunction gives the function that p is in.
func (p *Process) currentFunction() (in mfa) {
	h := scratchHeap()
	defer h.Free()
	t, ok := p.Sys.Machine.Inspect(p, term.AtomCurrentFunction, h)
	if ok && t.TupleOf(3) && t.Elem(2).IsSmall() {
		in = mfa{t.Elem(0), t.Elem(1), t.Elem(2).Small()}
	}
	return in
}

// watchQueue reports a message queue that has become long, or short again.
func (p *Process) watchQueue(w *Watch) {
	for ; w != nil; w = w.next {
		if w.QueueLong == 0 {
			continue
		}
		n := int(p.box.n)
		long := p.x != nil && p.x.longQueue[w.session]
		switch {
		case !long && n >= w.QueueLong:
			if x := p.ext(); x.longQueue == nil {
				x.longQueue = map[int]bool{}
			}
			p.x.longQueue[w.session] = true
			p.tellWatcher(w, atomLongQueue, func(*term.Heap) term.Term { return term.AtomTrue })
		case long && n <= w.QueueShort:
			delete(p.x.longQueue, w.session)
			p.tellWatcher(w, atomLongQueue, func(*term.Heap) term.Term { return term.AtomFalse })
		}
	}
}

// BusyPort is called when p has to wait for a busy port.
func (sys *System) BusyPort(p *Process, port term.Term) {
	for w := sys.watch.Load(); w != nil; w = w.next {
		if w.BusyPort {
			p.tellWatcher(w, atomBusyPort, func(*term.Heap) term.Term { return port })
		}
	}
}

var atomBusyDistPort = term.Intern("busy_dist_port")

// BusyDistPort is called when p has to wait for a busy connection to another node.
func (sys *System) BusyDistPort(p *Process, port term.Term) {
	for w := sys.watch.Load(); w != nil; w = w.next {
		if w.BusyDistPort {
			p.tellWatcher(w, atomBusyDistPort, func(*term.Heap) term.Term { return port })
		}
	}
}
