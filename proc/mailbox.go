package proc

import (
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// mailbox is the queue of messages that a process has fetched, oldest first, with receive markers among them.
type mailbox struct {
	first, last *Signal
	// save is the last message that the current receive has looked at, nil when it
	// stands before the first.
	save *Signal
	// direct are the messages that their senders have put on the receiver's heap and that are not in onHeapMsgs.
	direct [3]*Signal
	n      int32 // messages, markers not counted
	seen   int32 // n when the process began to wait
}

// directSlot is a free place for a message on the heap, nil if there is none.
func (b *mailbox) directSlot() **Signal {
	for i := range b.direct {
		if b.direct[i] == nil {
			return &b.direct[i]
		}
	}
	return nil
}

// notDirect takes a message out of those on the heap.
func (b *mailbox) notDirect(s *Signal) {
	for i := range b.direct {
		if b.direct[i] == s {
			b.direct[i] = nil
			return
		}
	}
}

func (b *mailbox) append(s *Signal) {
	s.next, s.prev = nil, b.last
	if b.last == nil {
		b.first = s
	} else {
		b.last.next = s
	}
	b.last = s
	if s.kind == sigMessage {
		b.n++
	}
}

func (b *mailbox) remove(s *Signal) {
	if s.prev == nil {
		b.first = s.next
	} else {
		s.prev.next = s.next
	}
	if s.next == nil {
		b.last = s.prev
	} else {
		s.next.prev = s.prev
	}
	if b.save == s {
		b.save = s.prev
	}
	if s.kind == sigMessage {
		b.n--
	}
	s.next, s.prev = nil, nil
}

// insertPriority puts s behind the message at, or before all if that is nil. A receive that has looked further already
// looks at s next.
func (b *mailbox) insertPriority(s, at *Signal) {
	s.prio = true
	s.prev = at
	if at == nil {
		s.next, b.first = b.first, s
	} else {
		s.next, at.next = at.next, s
	}
	if s.next == nil {
		b.last = s
	} else {
		s.next.prev = s
	}
	b.n++
	if b.save != nil {
		b.save = at
	}
}

// unqueue takes a message out of the mailbox.
func (p *Process) unqueue(s *Signal) {
	if s.prio && p.x.lastPrio == s {
		p.x.lastPrio = s.prev
	}
	p.box.remove(s)
}

// arrived takes a message into the mailbox.
func (p *Process) arrived(s *Signal, priority bool) {
	if p.tr.Load() != nil {
		p.traceReceive(s.msg[0], s.sender())
	}
	if !priority {
		p.box.append(s)
		return
	}
	// The message may be the one that a receive with a marker waits for.
	x := p.ext()
	if x.markers != nil {
		for i := range x.markers.m {
			p.dropMarker(&x.markers.m[i])
		}
	}
	p.box.insertPriority(s, x.lastPrio)
	x.lastPrio = s
}

// candidate is the message that the receive looks at, nil at the end of the queue.
func (b *mailbox) candidate() *Signal {
	c := b.first
	if b.save != nil {
		c = b.save.next
	}
	for c != nil && c.kind == sigMarker {
		b.save = c
		c = c.next
	}
	return c
}

// PeekMessage gives the message that the current receive looks at: the first one after those that NextMessage
// has skipped. ok is false when there is none left; then either p.Dying() is true and the process must
// end, or it waits (Wait) until PeekMessage is called again. The message stays in its own memory: the machine may match it
// where it lies.
func (p *Process) PeekMessage() (msg term.Term, ok bool) {
	c := p.box.candidate()
	if c == nil {
		if p.incoming.Load() == nil {
			return term.None, false
		}
		p.fetch()
		if p.dying {
			return term.None, false
		}
		if c = p.box.candidate(); c == nil {
			return term.None, false
		}
	}
	if c.frag != 0 {
		p.moveIn(c)
	}
	return c.msg[0], true
}

// Small messages are copied to the heap when a receive looks at them: the fragment goes back to the
// free list while it is still in the cache. That is a waste for messages which the receive then skips, so only a few of
// those are kept like this.
const (
	moveInWords   = 16
	moveInSkipped = 4
)

// moveIn copies a small message to the heap, if there is room.
func (p *Process) moveIn(c *Signal) {
	n := term.FragmentWords(c.frag)
	h := &p.Heap
	if n > moveInWords || h.Start == 0 || int(h.E-h.Htop) < (n+2*term.StackReserve)*term.WordBytes {
		return
	}
	if p.x != nil && len(p.x.onHeapMsgs) >= moveInSkipped {
		return
	}
	c.msg[0] = term.CopyLocal(h, c.msg[0])
	term.DropFragment(c.frag)
	c.frag = 0
	c.home = onHeap
}

// NextMessage skips the message that PeekMessage gave: the receive looks at the next one.
func (p *Process) NextMessage() {
	if c := p.box.candidate(); c != nil {
		if c.home == onHeap {
			p.rootMessage(c)
		}
		p.box.save = c
	}
}

// AcceptMessage removes the message that PeekMessage gave from the queue; its memory becomes part of the heap and
// the term that PeekMessage gave stays valid. The next receive starts at the first message; a receive
// timeout is cancelled.
func (p *Process) AcceptMessage() {
	c := p.box.candidate()
	if c.frag != 0 {
		p.Heap.Adopt(c.frag)
		c.frag = 0
	} else if c.home != offHeap {
		p.forgetOnHeap(c)
	}
	p.unqueue(c)
	p.box.save = nil
	if c.d != nil || p.x != nil && p.x.seq != nil {
		p.seqTaken(c)
	}
	if p.x != nil && p.x.calls != nil {
		p.SaveCall(atomReceive, term.None, 0)
	}
	if p.timerOn {
		p.CancelReceiveTimer()
	}
	p.Sys.freeSignal(p.w, c)
}

// TimedOut tells that the receive ends without a message because its time is over; then ResetReceive is called.
func (p *Process) TimedOut() {
	if p.tr.Load() != nil {
		p.traceReceive(term.AtomTimeout, idOf(atomClockService))
	}
	p.SaveCall(term.AtomTimeout, term.None, 0)
	p.ResetReceive()
}

var atomClockService = term.Intern("clock_service")

// ResetReceive lets the next receive start at the first message (the receive has ended without taking one).
func (p *Process) ResetReceive() {
	p.box.save = nil
	if p.timerOn {
		p.CancelReceiveTimer()
	}
}

// QueueLen is the number of messages in the queue, fetched or not. Any goroutine may not call it: only p.
func (p *Process) QueueLen() int {
	p.HandleSignals()
	return int(p.box.n)
}

// AdoptCurrent must be called before each collection, so that it is counted when the collector sizes the new block: the message that a receive is just matching may be referred to
// from registers, so it becomes part of the heap and its term a root.
func (p *Process) AdoptCurrent() {
	c := p.box.first
	if p.box.save != nil {
		c = p.box.save.next
	}
	switch {
	case c == nil:
		return
	case c.frag != 0:
		p.Heap.Adopt(c.frag)
		c.frag = 0
	case c.home != onHeap:
		return
	}
	p.rootMessage(c)
}

// LeaveMessages replaces messages that refer to condemned literals by copies. AdoptCurrent has been called.
func (p *Process) LeaveMessages() {
	for s := p.box.first; s != nil; s = s.next {
		if s.kind == sigMessage && s.home == offHeap {
			s.msg[0], s.frag = term.LeaveMessage(s.msg[0], s.frag)
		}
	}
}

// rootMessage notes that a message of the queue lives on the heap.
func (p *Process) rootMessage(c *Signal) {
	c.home = onHeapRooted
	p.box.notDirect(c)
	x := p.ext()
	x.onHeapMsgs = append(x.onHeapMsgs, c)
}

// forgetOnHeap is called when a message that lives on the heap leaves the queue.
func (p *Process) forgetOnHeap(s *Signal) {
	if s.home != onHeapRooted {
		p.box.notDirect(s)
		return
	}
	for i, o := range p.x.onHeapMsgs {
		if o == s {
			p.x.onHeapMsgs = append(p.x.onHeapMsgs[:i], p.x.onHeapMsgs[i+1:]...)
			return
		}
	}
}

// ---- receive timeouts ------------------------------------------------------------------

// RecvState is what the machine does when a receive finds no message.
type RecvState uint8

const (
	// RecvWait: return scheduler.Waiting and try again from the first message not looked at.
	RecvWait RecvState = iota
	// RecvTimeout: the time is over (or was 0): go on after the receive; ResetReceive has been called.
	RecvTimeout
	// RecvBadTimeout: the timeout is neither infinity nor 0..4294967295: raise error:timeout_value.
	RecvBadTimeout
)

// MaxReceiveTimeout is the largest timeout of a receive in milliseconds.
const MaxReceiveTimeout = 1<<32 - 1

// receiveTimer wakes a process whose receive has a timeout.
type receiveTimer struct {
	scheduler.Timer
	p *Process
}

// Expire implements scheduler.Expirer. A wake-up too many does no harm: the process looks
// at the timer itself.
func (t *receiveTimer) Expire(_ *scheduler.Timer, w *scheduler.Worker) {
	if w != nil {
		w.Ready(&t.p.Node)
	} else {
		t.p.Sys.Sched.Ready(&t.p.Node)
	}
}

// ReceiveTimeout is called when a receive with `after` has found no message, each time. The first call starts the timer.
func (p *Process) ReceiveTimeout(timeout term.Term) RecvState {
	if p.timerOn {
		if !p.timer.Fired() {
			return RecvWait
		}
		p.timerOn = false
		p.box.save = nil
		return RecvTimeout
	}
	if timeout == term.AtomInfinity {
		return RecvWait
	}
	if !timeout.IsSmall() || timeout.Small() < 0 || timeout.Small() > MaxReceiveTimeout {
		return RecvBadTimeout
	}
	ms := timeout.Small()
	if ms == 0 {
		p.box.save = nil
		return RecvTimeout
	}
	if p.timer == nil {
		p.timer = &receiveTimer{p: p}
	}
	p.timerOn = true
	p.Sys.Sched.After(p.w, &p.timer.Timer, p.timer, int64(ms)*1_000_000)
	return RecvWait
}

// CancelReceiveTimer stops the timer of the current receive.
func (p *Process) CancelReceiveTimer() {
	if p.timerOn {
		p.timerOn = false
		p.Sys.Sched.CancelTimer(&p.timer.Timer)
	}
}

// ---- receive markers --------------------------------------------------------------------

// A receive marker remembers a place in the queue: a receive that waits for a message with a reference which was made
// after the marker was set need not look at older messages.

const maxMarkers = 8

type marker struct {
	set    bool    // false: free
	sig    *Signal // nil: the queue was empty, so all that is in it came later
	ref    uint64  // 0: reserved but not bound to a reference yet
	serial int64
}

type markers struct {
	m    [maxMarkers]marker
	next int64 // the serial number of the next one
}

// place finds a free place, or that of the oldest marker.
func (x *markers) place() int {
	at := 0
	for i := range x.m {
		if !x.m[i].set {
			return i
		}
		if x.m[i].serial < x.m[at].serial {
			at = i
		}
	}
	return at
}

// MarkerReserve sets a marker at the end of the queue and gives its number, for MarkerBind.
func (p *Process) MarkerReserve() term.Term {
	mk, at := p.newMarker()
	return term.Int(int(mk.serial*maxMarkers) + at)
}

// MarkerFor sets a marker at the end of the queue for a reference that is just made: MarkerReserve and MarkerBind in one.
func (p *Process) MarkerFor(ref term.Term) {
	mk, _ := p.newMarker()
	mk.ref = refNumber(ref)
}

// newMarker sets a marker at the end of the queue; at is its place.
func (p *Process) newMarker() (mk *marker, at int) {
	x := p.ext().markers
	if x == nil {
		x = new(markers)
		p.x.markers = x
	}
	at = x.place()
	mk = &x.m[at]
	p.dropMarker(mk) // its receive will look at the whole queue
	if p.incoming.Load() != nil {
		p.fetch()
	}
	*mk = marker{set: true, serial: x.next}
	x.next++
	if p.box.first != nil {
		mk.sig = p.Sys.newSignal(p.w)
		mk.sig.kind = sigMarker
		p.box.append(mk.sig)
	}
	return mk, at
}

// MarkerBind ties the marker to a reference that was made after it. A marker whose place another one has taken since is gone.
func (p *Process) MarkerBind(m, ref term.Term) {
	if p.x == nil || p.x.markers == nil || !m.IsSmall() || m.Small() < 0 || !isLocalRef(ref) {
		return
	}
	n := int64(m.Small())
	if mk := &p.x.markers.m[n%maxMarkers]; mk.set && mk.ref == 0 && mk.serial == n/maxMarkers {
		mk.ref = refNumber(ref)
	}
}

// MarkerClear forgets the marker of a reference.
func (p *Process) MarkerClear(ref term.Term) {
	if mk := p.findMarker(ref); mk != nil {
		p.dropMarker(mk)
	}
}

// MarkerUse lets the receive that begins now start at the marker of the reference, if there is one.
func (p *Process) MarkerUse(ref term.Term) {
	if mk := p.findMarker(ref); mk != nil {
		p.box.save = mk.sig
	}
}

func (p *Process) findMarker(ref term.Term) *marker {
	if p.x == nil || p.x.markers == nil || !isLocalRef(ref) {
		return nil
	}
	n, x := refNumber(ref), p.x.markers
	for i := range x.m {
		if mk := &x.m[i]; mk.set && mk.ref == n {
			return mk
		}
	}
	return nil
}

func (p *Process) dropMarker(mk *marker) {
	if mk.sig != nil {
		p.box.remove(mk.sig)
		p.Sys.freeSignal(p.w, mk.sig)
	}
	*mk = marker{}
}
