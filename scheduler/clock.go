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

// RealClock reads the machine's clocks. Its monotonic time starts near zero.
type RealClock struct{ start time.Time }

// NewRealClock starts a real clock.
func NewRealClock() *RealClock { return &RealClock{start: time.Now()} }

// Monotonic implements Clock.
func (c *RealClock) Monotonic() int64 { return int64(time.Since(c.start)) }

// System implements Clock.
func (c *RealClock) System() int64 { return time.Now().UnixNano() }

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
