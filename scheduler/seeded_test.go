package scheduler

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// turn is a task that notes its name n times and starts blocking work in each slice.
type turn struct {
	Node
	name  byte
	left  int
	delay time.Duration
	log   *[]byte
}

func (u *turn) Run(w *Worker, _ int) Outcome {
	*u.log = append(*u.log, u.name)
	if u.left--; u.left == 0 {
		return Exited
	}
	w.Sched.Blocking(func() {
		time.Sleep(u.delay)
		w.Sched.Ready(&u.Node)
	})
	return Waiting
}

func (u *turn) Panicked(*Worker, any, []byte) Outcome { return Exited }

// How long blocking work takes must not change the order of a run with a policy.
func TestSeededBlocking(t *testing.T) {
	run := func(a, b time.Duration) string {
		var log []byte
		done := make(chan struct{})
		s := New(Config{Policy: NewSeeded(5), Clock: NewVirtualClock(0), OnDeadlock: func() {
			select {
			case <-done:
			default:
				if len(log) == 16 {
					close(done)
				}
			}
		}})
		for i, d := range []time.Duration{a, b} {
			u := &turn{name: byte('a' + i), left: 8, delay: d, log: &log}
			u.Init(u, Normal)
			s.Ready(&u.Node)
		}
		s.Start()
		<-done
		s.Stop()
		return string(log)
	}
	require.Equal(t, run(0, 2*time.Millisecond), run(2*time.Millisecond, 0))
}

// While a source outside is open, virtual time passes like real time: timers still fire.
func TestVirtualTimeOutside(t *testing.T) {
	clock := NewVirtualClock(0)
	s := New(Config{Policy: NewSeeded(1), Clock: clock})
	s.External(1)
	s.Start()
	defer s.Stop()
	fired := make(chan struct{})
	began := time.Now()
	s.After(nil, &Timer{}, expireFunc(func() { close(fired) }), 30*Tick)
	<-fired
	require.GreaterOrEqual(t, time.Since(began), 25*time.Millisecond)
	require.GreaterOrEqual(t, clock.Monotonic(), int64(30*Tick))
}

type expireFunc func()

func (f expireFunc) Expire(*Timer, *Worker) { f() }

// A replay in which nothing can go on although the recorded run did is left; whoever is told may stop the scheduler at once.
func TestReplayThatIsStuck(t *testing.T) {
	var file bytes.Buffer
	rec := NewRecorder(&file, "test")
	rec.write(event{kind: evSignal, slice: 5, data: []byte("late")})
	require.NoError(t, rec.Close())
	replay, err := NewReplay(&file, "test")
	require.NoError(t, err)
	replay.Name, replay.Find, replay.Deliver = func(*Node) uint64 { return 0 }, func(uint64) *Node { return nil }, func([]byte) {}
	left := make(chan string, 1)
	var s *Scheduler
	replay.Lost = func(problem string) {
		s.StopSoon()
		left <- problem
	}
	s = New(Config{Policy: NewSeeded(1), Clock: NewVirtualClock(0), Journal: replay, OnDeadlock: func() { left <- "deadlock" }})
	s.Start()
	select {
	case problem := <-left:
		require.Contains(t, problem, "the recorded run went on")
	case <-time.After(10 * time.Second):
		t.Fatal("the scheduler hangs")
	}
	s.Stop()
}
