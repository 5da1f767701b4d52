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

// RealClock reads the machine's clocks. Its monotonic time starts near zero. Its system time is the monotonic time and an offset, which
// changes when the machine's clock of the day has gone another way.
type RealClock struct {
	start  time.Time
	offset atomic.Int64
	wall   func(t time.Time) int64

	// OnWarp is called after the offset has changed. It must be set before the clock is in use.
	OnWarp func()
}

// warpTolerance is how far the system time may be from the machine's before the offset changes.
const warpTolerance = int64(time.Millisecond)

// NewRealClock starts a real clock.
func NewRealClock() *RealClock {
	c := &RealClock{start: time.Now(), wall: time.Time.UnixNano}
	c.offset.Store(c.wall(c.start))
	return c
}

// Monotonic implements Clock.
func (c *RealClock) Monotonic() int64 { return int64(time.Since(c.start)) }

// System implements Clock.
func (c *RealClock) System() int64 {
	now := time.Now()
	monotonic, old := int64(now.Sub(c.start)), c.offset.Load()
	if warped(c.wall(now) - monotonic - old) {
		if off, ok := c.difference(); ok && warped(off-old) && c.offset.CompareAndSwap(old, off) && c.OnWarp != nil {
			c.OnWarp()
		}
	}
	return monotonic + c.offset.Load()
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
}

// NewVirtualClock gives a clock whose system time starts at epoch (nanoseconds since 1970).
func NewVirtualClock(epoch int64) *VirtualClock { return &VirtualClock{epoch: epoch} }

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
