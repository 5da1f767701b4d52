package proc

import (
	"reflect"
	"sync"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// bifTimer is a timer of erlang:send_after and start_timer.
type bifTimer struct {
	scheduler.Timer
	sys   *System
	ref   uint64
	to    term.Term  // pid or registered name
	own   *ownTimers // of the receiver once that knows of the timer
	next  *bifTimer
	prev  *bifTimer
	chain *bifTimer // in timerTable
	msg   term.Term // in frag
	// frag is odd if the message is {timeout, Ref, msg}, which is made when the time comes: most timers are cancelled before.
	frag fragment
}

func (t *bifTimer) dropMessage() { term.DropFragment(t.frag &^ 1) }

// message gives the message and its memory; the timer has none afterwards.
func (t *bifTimer) message() (msg term.Term, frag fragment) {
	if t.frag&1 == 0 {
		return t.msg, t.frag
	}
	h := scratchHeap()
	msg, frag = term.CopyMessage(h.Tuple(term.AtomTimeout, buildRef(h, t.ref), t.msg))
	h.Free()
	t.dropMessage()
	return msg, frag
}

// ownTimers are the timers that are to send a process something: they end with it.
type ownTimers struct {
	mu    sync.Mutex
	first *bifTimer
}

func (o *ownTimers) add(t *bifTimer) {
	o.mu.Lock()
	t.own, t.next = o, o.first
	if o.first != nil {
		o.first.prev = t
	}
	o.first = t
	o.mu.Unlock()
}

func (o *ownTimers) remove(t *bifTimer) {
	o.mu.Lock()
	if t.next != nil {
		t.next.prev = t.prev
	}
	if t.prev != nil {
		t.prev.next = t.next
	} else if o.first == t {
		o.first = t.next
	}
	t.next, t.prev = nil, nil
	o.mu.Unlock()
}

// timerTable finds the timers of a node by reference number: a chained hash table, as a Go map would cost as much as all the rest when
// there are a million timers.
type timerTable struct {
	shards [timerShards]struct {
		mu      sync.Mutex
		buckets []*bifTimer // a power of two of them
		n       int
		_       [24]byte
	}
}

const timerShards = 16

func (tb *timerTable) put(t *bifTimer) {
	s := &tb.shards[t.ref%timerShards]
	s.mu.Lock()
	if s.n >= len(s.buckets) {
		old := s.buckets
		s.buckets = make([]*bifTimer, max(16, 2*len(old)))
		for _, u := range old {
			for u != nil {
				rest := u.chain
				b := timerBucket(s.buckets, u.ref)
				u.chain, *b = *b, u
				u = rest
			}
		}
	}
	s.n++
	b := timerBucket(s.buckets, t.ref)
	t.chain, *b = *b, t
	s.mu.Unlock()
}

// timerBucket is where the timers begin that a number may be among; buckets is not empty.
func timerBucket(buckets []*bifTimer, ref uint64) **bifTimer {
	return &buckets[ref/timerShards%uint64(len(buckets))]
}

func (tb *timerTable) get(ref uint64) *bifTimer {
	s := &tb.shards[ref%timerShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == 0 {
		return nil
	}
	t := *timerBucket(s.buckets, ref)
	for t != nil && t.ref != ref {
		t = t.chain
	}
	return t
}

// take removes the timer: only one of those who try gets it.
func (tb *timerTable) take(ref uint64) *bifTimer {
	s := &tb.shards[ref%timerShards]
	s.mu.Lock()
	var t *bifTimer
	if s.n > 0 {
		p := timerBucket(s.buckets, ref)
		for *p != nil && (*p).ref != ref {
			p = &(*p).chain
		}
		if t = *p; t != nil {
			*p, t.chain = t.chain, nil
			if s.n--; s.n == 0 && len(s.buckets) > 1024 {
				s.buckets = nil // what a million timers needed
			}
		}
	}
	s.mu.Unlock()
	if t != nil && t.own != nil {
		t.own.remove(t)
	}
	return t
}

// StartTimer makes a timer that sends a message to `to` (a local pid or an atom) at the monotonic time
// deadline (nanoseconds of Sched.Clock). wrap: the message is {timeout, Ref, Msg} (start_timer), else Msg itself
// (send_after). The result is the timer's reference.
func (p *Process) StartTimer(to, msg term.Term, deadline int64, wrap bool) term.Term {
	sys := p.Sys
	n := sys.nextRef(p.w)
	ref := buildRef(&p.Heap, n)
	var other *Process // the receiver, if that is another process
	if to.IsLocalPid() && to != p.Pid {
		if other = sys.Lookup(to); other == nil {
			return ref // nobody will ever see it expire
		}
	}
	t := &bifTimer{sys: sys, ref: n, to: to}
	if t.msg, t.frag = term.CopyObject(msg); wrap {
		t.frag |= 1
	}
	if to == p.Pid {
		x := p.ext()
		if x.timers == nil {
			x.timers = new(ownTimers)
		}
		x.timers.add(t)
	}
	sys.bifTimers.put(t)
	sys.Sched.SetTimer(p.w, &t.Timer, t, deadline)
	if other != nil {
		s := sys.newSignal(p.w)
		s.kind = sigCall
		s.d = &signalData{call: func(q *Process) { q.ownTimer(n) }}
		if !other.enqueue(s) { // it need not wake up for that
			sys.drop(p.w, s)
			p.CancelTimer(ref)
		}
	}
	return ref
}

// ownTimer notes a timer that another process has started for p, or ends it when p is over.
func (p *Process) ownTimer(ref uint64) {
	if p.Gone() || p.dying {
		if t := p.Sys.bifTimers.take(ref); t != nil {
			p.Sys.Sched.CancelTimer(&t.Timer)
			t.dropMessage()
		}
		return
	}
	x := p.ext()
	if x.timers == nil {
		x.timers = new(ownTimers)
	}
	s := &p.Sys.bifTimers.shards[ref%timerShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == 0 {
		return
	}
	for t := *timerBucket(s.buckets, ref); t != nil; t = t.chain {
		if t.ref == ref {
			x.timers.add(t)
			return
		}
	}
}

// Expire implements scheduler.Expirer.
func (t *bifTimer) Expire(_ *scheduler.Timer, w *scheduler.Worker) {
	sys := t.sys
	if sys.bifTimers.take(t.ref) == nil {
		return
	}
	to := t.to
	if to.IsAtom() {
		to = sys.Whereis(to)
	}
	q := sys.Lookup(to)
	if q == nil {
		t.dropMessage()
		return
	}
	s := sys.newSignal(w)
	s.seqKeep = true
	s.msg[0], s.frag = t.message()
	if !sys.post(w, q, s) {
		sys.drop(w, s)
	}
}

// CancelTimer takes a timer back: the nanoseconds that were left, or false if there is no such timer (any more).
func (p *Process) CancelTimer(ref term.Term) (left int64, ok bool) {
	if !isLocalRef(ref) {
		return 0, false
	}
	t := p.Sys.bifTimers.take(refNumber(ref))
	if t == nil {
		return 0, false
	}
	left, _ = p.Sys.Sched.CancelTimer(&t.Timer) // 0 if it fires just now
	t.dropMessage()
	if t.to.IsLocalPid() && p.Sys.Lookup(t.to) == nil {
		return 0, false // it died with its receiver
	}
	return left, true
}

// ReadTimer gives the nanoseconds that a timer has left.
func (p *Process) ReadTimer(ref term.Term) (left int64, ok bool) {
	if !isLocalRef(ref) {
		return 0, false
	}
	t := p.Sys.bifTimers.get(refNumber(ref))
	if t == nil || t.to.IsLocalPid() && p.Sys.Lookup(t.to) == nil {
		return 0, false
	}
	return max(t.Deadline()-p.Sys.Sched.Clock.Monotonic(), 0), true
}

// dropTimers ends the timers that a process has started for itself.
func (sys *System) dropTimers(p *Process) {
	o := p.x.timers
	for o != nil {
		o.mu.Lock()
		t := o.first
		o.mu.Unlock()
		if t == nil {
			return
		}
		if sys.bifTimers.take(t.ref) != nil {
			sys.Sched.CancelTimer(&t.Timer)
			t.dropMessage()
			continue
		}
		o.remove(t) // it fires just now
	}
}

// chainedTimers starts timers from within the expiry of timers, for a test of the wheel.
type chainedTimers struct {
	scheduler.Timer
	sys   *System
	to    term.Term
	msg   term.Term
	stage int
}

// chainLength is how many timers of no time follow one another.
const chainLength = 100

// Expire implements scheduler.Expirer.
func (c *chainedTimers) Expire(_ *scheduler.Timer, w *scheduler.Worker) {
	if c.stage++; c.stage <= chainLength {
		c.sys.Sched.After(w, &c.Timer, c, 0)
		return
	}
	c.sys.SendTo(w, c.to, c.msg)
}

// TimersInTimeout starts a timer that, when ms milliseconds are over, starts one of no time, and so on; the last one sends the
// caller an atom.
func (p *Process) TimersInTimeout(ms int, done term.Term) {
	c := &chainedTimers{sys: p.Sys, to: p.Pid, msg: done}
	p.Sys.Sched.After(p.w, &c.Timer, c, int64(ms)*1_000_000)
}

// TimerBytes is the memory that the timers of erlang:send_after and start_timer take, without their messages.
func (sys *System) TimerBytes() (n int) {
	for i := range sys.bifTimers.shards {
		s := &sys.bifTimers.shards[i]
		s.mu.Lock()
		n += s.n * int(reflect.TypeFor[bifTimer]().Size())
		s.mu.Unlock()
	}
	return n
}
