package scheduler

import (
	"sync/atomic"
	"time"
)

// WarpMode says when a clock's offset may change.
type WarpMode int32

// The warp modes.
const (
	NoWarp     WarpMode = iota // never: the monotonic time follows the clock of the day slowly
	SingleWarp                 // once, when it is finalized, and then as NoWarp
	MultiWarp                  // whenever the clock of the day has gone another way
)

// OffsetState is what may become of an offset.
type OffsetState int32

// The states of an offset.
const (
	OffsetFinal OffsetState = iota
	OffsetPreliminary
	OffsetVolatile
)

// Warping is what clocks know of their warp mode.
type Warping interface {
	SetWarpMode(WarpMode)
	WarpMode() WarpMode
	TimeOffset() OffsetState
	FinalizeOffset() OffsetState
}

type warping struct {
	mode  atomic.Int32
	state atomic.Int32
}

// SetWarpMode chooses the mode. It must be called before the clock is in use.
func (w *warping) SetWarpMode(m WarpMode) {
	w.mode.Store(int32(m))
	w.state.Store(int32(m)) // each mode begins with a state of its own
}

// WarpMode gives the mode.
func (w *warping) WarpMode() WarpMode { return WarpMode(w.mode.Load()) }

// TimeOffset gives the state of the offset.
func (w *warping) TimeOffset() OffsetState { return OffsetState(w.state.Load()) }

func (w *warping) finalize() OffsetState {
	if w.state.CompareAndSwap(int32(OffsetPreliminary), int32(OffsetFinal)) {
		return OffsetPreliminary
	}
	return w.TimeOffset()
}

// slew is a monotonic time that goes a hundredth faster or slower until it has made up for a difference.
type slew struct {
	from, until int64 // by the machine's monotonic clock
	base        int64 // the time at from
	sign        int64
	before      *slew // how it went before from
}

const (
	slewRate  = 100                         // one part in so many
	slewStep  = int64(time.Second)          // how long the rate is kept at least
	slewAhead = 5 * int64(time.Millisecond) // a new rate begins when all can know of it, so that no two see time go back
)

func (s *slew) at(raw int64) int64 {
	if raw < s.from {
		if s.before == nil {
			return raw
		}
		return s.before.at(raw)
	}
	return s.base + raw - s.from + s.sign*(min(raw, s.until)-s.from)/slewRate
}

// approach makes the monotonic time gain d slowly.
func (c *RealClock) approach(d int64) {
	old := c.slewed.Load()
	s := &slew{from: c.raw() + slewAhead, sign: 1}
	if d < 0 {
		s.sign, d = -1, -d
	}
	s.until, s.base = s.from+slewRate*d, s.from
	if old != nil {
		last := *old
		last.before = nil
		s.before, s.base = &last, old.at(s.from)
	}
	c.slewed.CompareAndSwap(old, s)
}
