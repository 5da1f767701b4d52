package scheduler

import (
	"math/rand/v2"
	"testing"
)

// modelTimer is a timer of the model-based test and what the model knows of it.
type modelTimer struct {
	Timer
	due   int64 // first tick at which it may fire
	fired *[]*modelTimer
}

func (m *modelTimer) Expire(*Timer, *Worker) { *m.fired = append(*m.fired, m) }

// Rule: every timer fires at the first tick not before its deadline, exactly once, unless it
// was cancelled; Cancel tells the truth. Random operations against a plain map.
func TestWheelModel(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 7))
		clock := NewVirtualClock(0)
		clock.Advance(rng.Int64N(1 << 40))
		s := New(Config{Workers: 1, Clock: clock})
		w := s.workers[0]
		var fired []*modelTimer
		pending := map[*modelTimer]bool{}
		for range 2000 {
			switch rng.IntN(10) {
			case 0, 1, 2, 3:
				m := &modelTimer{fired: &fired}
				delay := rng.Int64N(1 << (10 + rng.IntN(45)))
				if rng.IntN(20) == 0 {
					delay = -delay
				}
				deadline := clock.Monotonic() + delay
				s.SetTimer(w, &m.Timer, m, deadline)
				m.due = (deadline + Tick - 1) / Tick
				pending[m] = true
			case 4:
				for m := range pending {
					if _, ok := s.CancelTimer(&m.Timer); !ok {
						t.Fatalf("seed %d: a pending timer cannot be cancelled", seed)
					}
					if _, ok := s.CancelTimer(&m.Timer); ok {
						t.Fatalf("seed %d: cancelled twice", seed)
					}
					delete(pending, m)
					break
				}
			default:
				before := clock.Monotonic() / Tick
				clock.Advance(clock.Monotonic() + rng.Int64N(1<<(10+rng.IntN(44))))
				now := clock.Monotonic()
				fired = fired[:0]
				s.fireTimers(w, now)
				for _, m := range fired {
					if !pending[m] {
						t.Fatalf("seed %d: fired twice or after cancel", seed)
					}
					if m.due > now/Tick {
						t.Fatalf("seed %d: fired at %d, due %d", seed, now/Tick, m.due)
					}
					delete(pending, m)
				}
				for m := range pending {
					if max(m.due, before+1) <= now/Tick {
						t.Fatalf("seed %d: due %d, not fired at %d (before %d, slot %d/%d, wheel at %d, next %d)", seed, m.due, now/Tick, before, m.slot>>16, m.slot&0xffff, w.wheel.now, w.wheel.next.Load())
					}
				}
				if next := s.nextTimer(); len(pending) > 0 {
					least := int64(never)
					for m := range pending {
						least = min(least, m.due)
					}
					if next > max(least, now/Tick+1)*Tick {
						t.Fatalf("seed %d: next event %d, but a timer is due at tick %d", seed, next, least)
					}
				}
			}
			if int(s.timersPending()) != len(pending) {
				t.Fatalf("seed %d: %d timers pending, want %d", seed, s.timersPending(), len(pending))
			}
		}
	}
}

func BenchmarkTimerMillion(b *testing.B) {
	clock := NewVirtualClock(0)
	s := New(Config{Workers: 1, Clock: clock})
	w := s.workers[0]
	var fired []*modelTimer
	ts := make([]modelTimer, 1_000_000)
	for i := range ts {
		ts[i].fired = &fired
		s.SetTimer(w, &ts[i].Timer, &ts[i], int64(i)*Tick/10+Tick)
	}
	b.ResetTimer()
	for i := range b.N {
		m := &ts[i%len(ts)]
		s.CancelTimer(&m.Timer)
		s.SetTimer(w, &m.Timer, m, int64(i)*Tick/10+Tick)
	}
}

func BenchmarkReadySwitch(b *testing.B) {
	s := start(b, Config{Workers: 2})
	done := make(chan struct{})
	var tasks [2]*fn
	n := 0
	for i := range 2 {
		tasks[i] = task(Normal, func(w *Worker, _ int) Outcome {
			if n++; n >= b.N {
				if n == b.N {
					close(done)
				}
				return Waiting
			}
			w.Ready(&tasks[1-i].Node)
			return Waiting
		})
	}
	b.ResetTimer()
	s.Ready(&tasks[0].Node)
	<-done
}
