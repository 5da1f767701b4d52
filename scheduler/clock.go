package scheduler

import (
	"sync/atomic"
	"time"
)

// Clock is where all time comes from.
type Clock interface {
	// Monotonic is a time in nanoseconds that never goes back; only differences mean something.
	Monotonic() int64
	// System is the time in nanoseconds since 1970-01-01 00:00:00 UTC.
	System() int64
}

// RealClock reads the machine's clocks. Its monotonic time starts near zero. Its system time is the monotonic time and an offset. When the
// machine's clock of the day has gone another way, the offset changes, or the monotonic time gets a little faster or slower, as the warp mode says.
type RealClock struct {
	start  time.Time
	offset atomic.Int64
	wall   func(t time.Time) int64
	slewed atomic.Pointer[slew]
	warping

	// OnWarp is called after the offset has changed. It must be set before the clock is in use.
	OnWarp func()
}

// warpTolerance is how far the system time may be from the machine's before something is done.
const warpTolerance = int64(time.Millisecond)

// NewRealClock starts a real clock, in the mode MultiWarp.
func NewRealClock() *RealClock {
	c := &RealClock{start: time.Now(), wall: time.Time.UnixNano}
	c.offset.Store(c.wall(c.start))
	c.SetWarpMode(MultiWarp)
	return c
}

func (c *RealClock) raw() int64 { return int64(time.Since(c.start)) }

// Monotonic implements Clock.
func (c *RealClock) Monotonic() int64 {
	raw := c.raw()
	if s := c.slewed.Load(); s != nil {
		return s.at(raw)
	}
	return raw
}

// System implements Clock.
func (c *RealClock) System() int64 {
	now, monotonic := time.Now(), c.Monotonic()
	if warped(c.wall(now) - monotonic - c.offset.Load()) {
		c.deviates()
	}
	return monotonic + c.offset.Load()
}

// deviates is told that the clock of the day seems to have gone another way.
func (c *RealClock) deviates() {
	switch c.TimeOffset() {
	case OffsetPreliminary:
		return // until it is finalized
	case OffsetFinal:
		if s := c.slewed.Load(); s != nil && c.raw()-s.from < slewStep {
			return
		}
	}
	old := c.offset.Load()
	off, ok := c.difference()
	switch {
	case !ok || !warped(off-old):
	case c.TimeOffset() == OffsetFinal:
		c.approach(off - old)
	default:
		c.setOffset(old, off)
	}
}

func (c *RealClock) setOffset(old, off int64) {
	if c.offset.CompareAndSwap(old, off) && c.OnWarp != nil {
		c.OnWarp()
	}
}

// FinalizeOffset sets the offset once more in the mode SingleWarp and gives its state before.
func (c *RealClock) FinalizeOffset() OffsetState {
	old := c.finalize()
	if old == OffsetPreliminary {
		before := c.offset.Load()
		off, ok := c.difference()
		if !ok {
			off = before
		}
		c.setOffset(before, off) // it is told even if it was right
	}
	return old
}

func warped(d int64) bool { return d > warpTolerance || d < -warpTolerance }

// difference measures how far the clock of the day is from the monotonic one. The two are read one after the other, with any time between
// when the machine is busy: only a reading that was quick counts.
func (c *RealClock) difference() (int64, bool) {
	for range 10 {
		before := c.Monotonic()
		wall := c.wall(time.Now())
		if after := c.Monotonic(); after-before < warpTolerance/4 {
			return wall - (before+after)/2, true
		}
	}
	return 0, false
}

// Offset is the difference between the system time and the monotonic time.
func Offset(c Clock) int64 {
	switch c := c.(type) {
	case *RealClock:
		c.System() // it may have to change
		return c.offset.Load()
	case *VirtualClock:
		return c.epoch
	}
	return c.System() - c.Monotonic()
}

// VirtualClock stands still while tasks run, but for a fixed time for each used-up slice of a run with a policy; when all
// are idle the scheduler moves it to the next timer. Sleeping so costs nothing, and a run depends on nothing outside. Only
// while sources outside are open (External, Blocking) does an idle scheduler let it pass as real time does.
type VirtualClock struct {
	now   atomic.Int64
	epoch int64
	warping
}

// NewVirtualClock gives a clock whose system time starts at epoch (nanoseconds since 1970).
func NewVirtualClock(epoch int64) *VirtualClock {
	c := &VirtualClock{epoch: epoch}
	c.SetWarpMode(MultiWarp)
	return c
}

// FinalizeOffset gives the state of the offset before; there is nothing that it should follow.
func (c *VirtualClock) FinalizeOffset() OffsetState { return c.finalize() }

// Monotonic implements Clock.
func (c *VirtualClock) Monotonic() int64 { return c.now.Load() }

// System implements Clock.
func (c *VirtualClock) System() int64 { return c.epoch + c.now.Load() }

// Advance moves the clock to time t if that lies ahead.
func (c *VirtualClock) Advance(t int64) {
	for {
		old := c.now.Load()
		if t <= old || c.now.CompareAndSwap(old, t) {
			return
		}
	}
}
