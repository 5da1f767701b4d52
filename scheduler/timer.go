package scheduler

import (
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
)

// Timers live in hierarchical wheels (Varghese and Lauck, "Hashed and hierarchical timing
// wheels", 1987): insert and cancel are O(1) however many there are. There is one wheel a
// worker plus one for callers outside, each under its own lock, so that workers
// do not contend.

// Tick is the resolution of timers in nanoseconds. A timer never fires early and at
// most one tick late (plus the time until somebody looks).
const Tick = 1_000_000

const (
	level0Bits = 10
	levelBits  = 8
	numLevels  = 5 // 42 bits of ticks: 139 years; what lies beyond waits in the last slot
)

// Expirer is told when its timer fires. w is the worker it happens on, nil when on none.
// It is called without locks held; Cancel may already have returned false for a timer whose
// Expire is still to come.
type Expirer interface {
	Expire(t *Timer, w *Worker)
}

// Timer states.
const (
	timerIdle uint32 = iota
	timerPending
	timerFired
	timerCancelled
)

// Timer is one timer, embedded or pointed to by its owner. The zero value is an idle one.
type Timer struct {
	next, prev *Timer
	wheel      *wheel
	target     Expirer
	deadline   int64 // nanoseconds of the clock's monotonic time
	state      atomic.Uint32
	slot       int32 // level<<16 | slot
}

// Pending reports whether the timer is set and has not fired.
func (t *Timer) Pending() bool { return t.state.Load() == timerPending }

// Fired reports whether the timer was set and its time has come.
func (t *Timer) Fired() bool { return t.state.Load() == timerFired }

// Deadline is the monotonic time in nanoseconds that the timer was last set to.
func (t *Timer) Deadline() int64 { return t.deadline }

type timerList struct{ head, tail *Timer }

func (l *timerList) push(t *Timer) {
	t.next = nil
	t.prev = l.tail
	if l.tail == nil {
		l.head = t
	} else {
		l.tail.next = t
	}
	l.tail = t
}

func (l *timerList) remove(t *Timer) {
	if t.prev == nil {
		l.head = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		l.tail = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.next, t.prev = nil, nil
}

const never = math.MaxInt64

type wheel struct {
	mu    sync.Mutex
	now   int64        // tick up to which (inclusive) everything has fired
	next  atomic.Int64 // no timer fires before this time in nanoseconds; never if there is none
	count int64        // timers that are set

	level0 [1 << level0Bits]timerList
	upper  [numLevels - 1][1 << levelBits]timerList
	busy0  [1 << level0Bits / 64]uint64
	busy   [numLevels - 1][1 << levelBits / 64]uint64
}

func levelShift(l int) int {
	if l == 0 {
		return 0
	}
	return level0Bits + (l-1)*levelBits
}

// place puts t into the slot that its deadline asks for. The wheel is locked.
func (w *wheel) place(t *Timer) {
	due := (t.deadline + Tick - 1) / Tick
	if due <= w.now {
		due = w.now + 1
	}
	// The slots of level 0 stand for the ticks from base on: the slot of now has fired.
	base := w.now + 1
	delta := due - base
	for l := 0; ; l++ {
		width := levelShift(l + 1)
		if delta >= 1<<width && l < numLevels-1 {
			continue
		}
		if delta >= 1<<width {
			due = base + 1<<width - 1
		}
		if l == 0 {
			i := int(due & (1<<level0Bits - 1))
			w.level0[i].push(t)
			w.busy0[i/64] |= 1 << (i % 64)
			t.slot = int32(i)
		} else {
			i := int(due >> levelShift(l) & (1<<levelBits - 1))
			w.upper[l-1][i].push(t)
			w.busy[l-1][i/64] |= 1 << (i % 64)
			t.slot = int32(l<<16 | i)
		}
		return
	}
}

func (w *wheel) add(t *Timer) {
	w.mu.Lock()
	t.wheel = w
	w.place(t)
	t.state.Store(timerPending)
	w.count++
	if t.deadline < w.next.Load() {
		w.next.Store(t.deadline)
	}
	w.mu.Unlock()
}

func (w *wheel) unlink(t *Timer) {
	l, i := int(t.slot>>16), int(t.slot&0xFFFF)
	if l == 0 {
		w.level0[i].remove(t)
		if w.level0[i].head == nil {
			w.busy0[i/64] &^= 1 << (i % 64)
		}
		return
	}
	w.upper[l-1][i].remove(t)
	if w.upper[l-1][i].head == nil {
		w.busy[l-1][i/64] &^= 1 << (i % 64)
	}
}

// firstBusy gives the distance from slot from (itself included) to the first busy one, going
// round, or -1.
func firstBusy(words []uint64, from int) int {
	n := len(words) * 64
	for d := 0; d < n; {
		i := (from + d) % n
		if w := words[i/64] >> (i % 64); w != 0 {
			d += bits.TrailingZeros64(w)
			if d >= n {
				return -1
			}
			return d
		}
		d += 64 - i%64
	}
	return -1
}

// nextEvent is the first tick after now at which something fires or cascades.
func (w *wheel) nextEvent() int64 {
	best := int64(never)
	if d := firstBusy(w.busy0[:], int((w.now+1)&(1<<level0Bits-1))); d >= 0 {
		best = w.now + 1 + int64(d)
	}
	for l := 1; l < numLevels; l++ {
		// Slot i of level l cascades at the first tick of its span.
		cur := w.now >> levelShift(l)
		if d := firstBusy(w.busy[l-1][:], int((cur+1)&(1<<levelBits-1))); d >= 0 {
			best = min(best, (cur+1+int64(d))<<levelShift(l))
		}
	}
	return best
}

// dueTimer is a timer that fired and whom to tell. (The timer itself may be set again
// before its Expire is called, so neither its links nor its target may be used any more.)
type dueTimer struct {
	t      *Timer
	target Expirer
}

// advance moves the wheel to time now (nanoseconds) and appends timers that are due to buf until it is
// full; more is true when some are left.
func (w *wheel) advance(now int64, buf []dueTimer) (due []dueTimer, more bool) {
	target := now / Tick
	for w.now < target {
		at := w.nextEvent()
		if at > target {
			w.now = target
			break
		}
		w.now = at - 1
		// Cascade from the top, so that timers trickle through all levels at once.
		for l := numLevels - 1; l >= 1; l-- {
			if at&(1<<levelShift(l)-1) != 0 {
				continue
			}
			i := int(at >> levelShift(l) & (1<<levelBits - 1))
			chain := w.upper[l-1][i].head
			w.upper[l-1][i] = timerList{}
			w.busy[l-1][i/64] &^= 1 << (i % 64)
			for t := chain; t != nil; {
				next := t.next
				w.place(t)
				t = next
			}
		}
		i := int(at & (1<<level0Bits - 1))
		for t := w.level0[i].head; t != nil; t = w.level0[i].head {
			if len(buf) == cap(buf) {
				return buf, true
			}
			w.unlink(t)
			buf = append(buf, dueTimer{t, t.target})
			t.state.Store(timerFired)
			w.count--
		}
		w.now = at
	}
	if at := w.nextEvent(); at == never {
		w.next.Store(never)
	} else {
		w.next.Store(at * Tick)
	}
	return buf, false
}

// SetTimer sets t to fire at the monotonic time deadline (nanoseconds). t must not be pending. w
// is the calling worker, nil outside.
func (s *Scheduler) SetTimer(w *Worker, t *Timer, target Expirer, deadline int64) {
	t.target = target
	t.deadline = deadline
	if w != nil {
		w.wheel.add(t)
		return
	}
	s.outside.add(t)
	s.wakeForTimer(deadline)
}

// After is SetTimer with a delay in nanoseconds from now.
func (s *Scheduler) After(w *Worker, t *Timer, target Expirer, delay int64) {
	s.SetTimer(w, t, target, s.Clock.Monotonic()+delay)
}

// CancelTimer takes t back. It gives the nanoseconds that were left and true if it was pending: then it will not
// fire. Any goroutine may call it.
func (s *Scheduler) CancelTimer(t *Timer) (left int64, ok bool) {
	if t.state.Load() != timerPending {
		return 0, false
	}
	w := t.wheel
	w.mu.Lock()
	if t.state.Load() != timerPending {
		w.mu.Unlock()
		return 0, false
	}
	w.unlink(t)
	t.state.Store(timerCancelled)
	if w.count--; w.count == 0 {
		w.next.Store(never)
	}
	w.mu.Unlock()
	return max(t.deadline-s.Clock.Monotonic(), 0), true
}

// timersPending is the number of timers that are set.
func (s *Scheduler) timersPending() int64 {
	n := s.outside.set()
	for _, w := range s.workers {
		n += w.wheel.set()
	}
	return n
}

// set is the number of timers of a wheel.
func (w *wheel) set() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// nextTimer is a time in nanoseconds before which no timer fires.
func (s *Scheduler) nextTimer() int64 {
	next := s.outside.next.Load()
	for _, w := range s.workers {
		next = min(next, w.wheel.next.Load())
	}
	return next
}

// fireTimers fires what is due at time now in all wheels, unless somebody else is at it.
func (s *Scheduler) fireTimers(w *Worker, now int64) {
	s.fireWheel(&s.outside, w, now)
	for _, o := range s.workers {
		s.fireWheel(&o.wheel, w, now)
	}
}

// fireBatch bounds how long a wheel is locked while its timers are collected.
const fireBatch = 64

func (s *Scheduler) fireWheel(wh *wheel, w *Worker, now int64) {
	for wh.next.Load() <= now {
		if !wh.mu.TryLock() {
			return
		}
		var buf [fireBatch]dueTimer
		due, more := wh.advance(now, buf[:0])
		wh.mu.Unlock()
		for _, d := range due {
			d.target.Expire(d.t, w)
		}
		if !more {
			return
		}
	}
}
