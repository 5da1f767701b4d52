package scheduler

import (
	"testing"
	"time"
)

// Rule: the system time is the monotonic time and an offset that only changes, and is told of, when the machine's clock of the day goes another way.
func TestTimeOffset(t *testing.T) {
	c := NewRealClock()
	warps := 0
	c.OnWarp = func() { warps++ }
	before := Offset(c)
	for range 1000 {
		c.System()
	}
	if Offset(c) != before || warps != 0 {
		t.Errorf("the offset went from %d to %d, %d warps, though nothing happened", before, Offset(c), warps)
	}
	slow := true
	c.wall = func(now time.Time) int64 {
		if slow { // as if the thread had to wait between the two clocks
			slow = false
			return now.Add(5 * time.Millisecond).UnixNano()
		}
		return now.UnixNano()
	}
	c.System()
	if Offset(c) != before || warps != 0 {
		t.Errorf("the offset went from %d to %d, %d warps, though only a reading was slow", before, Offset(c), warps)
	}
	c.wall = func(now time.Time) int64 { return now.Add(time.Hour).UnixNano() }
	if d := time.Until(time.Unix(0, c.System())); d < 59*time.Minute || d > 61*time.Minute {
		t.Errorf("the system time is %v ahead, not an hour", d)
	}
	if warps != 1 {
		t.Errorf("%d warps were told", warps)
	}
}

// Rule: a clock whose offset is final follows the clock of the day by a hundredth, forwards and back, and never goes back or jumps itself.
func TestNoWarp(t *testing.T) {
	c := NewRealClock()
	c.SetWarpMode(NoWarp)
	c.OnWarp = func() { t.Error("the offset changed") }
	for _, ahead := range []time.Duration{10 * time.Second, -10 * time.Second} {
		c.wall = func(now time.Time) int64 { return now.Add(ahead).UnixNano() }
		c.slewed.Store(nil)
		before := c.System()
		if d := c.System() - before; d > int64(time.Second) || d < 0 {
			t.Fatalf("the system time jumped by %v", time.Duration(d))
		}
		s := c.slewed.Load()
		if s == nil {
			t.Fatal("nothing is done about the difference")
		}
		last := s.at(s.from - 1)
		for raw := s.from; raw < s.until+int64(time.Hour); raw += int64(time.Second) {
			now := s.at(raw)
			if now <= last || now-last > int64(time.Second)*101/100+1 {
				t.Fatalf("a second took %d nanoseconds", now-last)
			}
			last = now
		}
		end := s.until + int64(time.Hour)
		if d := time.Duration(s.at(end) - end); (d - ahead).Abs() > time.Millisecond {
			t.Errorf("in the end the time has gained %v, not %v", d, ahead)
		}
	}
}

// Rule: an offset that changes once stays until it is finalized.
func TestSingleWarp(t *testing.T) {
	c := NewRealClock()
	c.SetWarpMode(SingleWarp)
	warps := 0
	c.OnWarp = func() { warps++ }
	c.wall = func(now time.Time) int64 { return now.Add(time.Hour).UnixNano() }
	before := Offset(c)
	if c.TimeOffset() != OffsetPreliminary || warps != 0 || c.slewed.Load() != nil {
		t.Fatalf("state %d, %d warps before the offset is finalized", c.TimeOffset(), warps)
	}
	if old := c.FinalizeOffset(); old != OffsetPreliminary || c.TimeOffset() != OffsetFinal || warps != 1 {
		t.Fatalf("state %d, then %d, %d warps", old, c.TimeOffset(), warps)
	}
	if d := time.Duration(Offset(c) - before); (d - time.Hour).Abs() > time.Second {
		t.Errorf("the offset changed by %v", d)
	}
	if old := c.FinalizeOffset(); old != OffsetFinal || warps != 1 {
		t.Errorf("state %d, %d warps after a second time", old, warps)
	}
}
