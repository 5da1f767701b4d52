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
