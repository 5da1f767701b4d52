package scheduler

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// spinner never gives up its worker for longer than a slice.
type spinner struct {
	node  Node
	stop  atomic.Bool
	turns atomic.Int64
}

func (s *spinner) Run(w *Worker, budget int) Outcome {
	w.Reductions += uint64(budget)
	s.turns.Add(1)
	time.Sleep(50 * time.Microsecond)
	if s.stop.Load() {
		return Exited
	}
	return Yielded
}

func (s *spinner) Panicked(*Worker, any, []byte) Outcome { return Exited }

// asker sends one errand for its target.
type asker struct {
	node   Node
	target *Node
	done   chan struct{}
}

func (a *asker) Run(w *Worker, _ int) Outcome {
	w.Errand(a.target, a.node.Priority(), func(*Worker) { close(a.done) })
	return Exited
}

func (a *asker) Panicked(*Worker, any, []byte) Outcome { return Exited }

func TestErrandForTaskThatNeverRuns(t *testing.T) {
	s := New(Config{Workers: 2})
	s.Start()
	defer s.Stop()
	var high [4]spinner
	for i := range high {
		high[i].node.Init(&high[i], High)
		s.Ready(&high[i].node)
	}
	time.Sleep(5 * time.Millisecond)
	low := &spinner{}
	low.node.Init(low, Low)
	s.Ready(&low.node)
	a := &asker{target: &low.node, done: make(chan struct{})}
	a.node.Init(a, High)
	s.Ready(&a.node)
	select {
	case <-a.done:
	case <-time.After(5 * time.Second):
		t.Fatal("the errand was not done")
	}
	require.Zero(t, low.turns.Load(), "the low task ran beside busy high ones")
	s.Quiesce(nil, func() { require.Empty(t, s.Check()) })
	for i := range high {
		high[i].stop.Store(true)
	}
	require.Eventually(t, func() bool { return low.turns.Load() > 0 }, 5*time.Second, time.Millisecond)
	low.stop.Store(true)
}

// placed notes on which workers it ran.
type placed struct {
	node Node
	on   [2]atomic.Int64
	stop atomic.Bool
}

func (p *placed) Run(w *Worker, budget int) Outcome {
	p.on[w.ID].Add(1)
	time.Sleep(20 * time.Microsecond)
	if p.stop.Load() {
		return Exited
	}
	return Yielded
}

func (p *placed) Panicked(*Worker, any, []byte) Outcome { return Exited }

func TestOnlineWorkers(t *testing.T) {
	s := New(Config{Workers: 2})
	s.Start()
	defer s.Stop()
	var tasks [8]placed
	for i := range tasks {
		tasks[i].node.Init(&tasks[i], Normal)
		s.Ready(&tasks[i].node)
	}
	ran := func(w int) (n int64) {
		for i := range tasks {
			n += tasks[i].on[w].Load()
		}
		return n
	}
	require.Eventually(t, func() bool { return ran(0) > 10 && ran(1) > 10 }, 5*time.Second, time.Millisecond)
	require.Equal(t, 2, s.SetOnline(1))
	time.Sleep(20 * time.Millisecond)
	before, first := ran(1), ran(0)
	time.Sleep(20 * time.Millisecond)
	require.Equal(t, before, ran(1), "the second worker is not online")
	require.Greater(t, ran(0), first)
	for i := range tasks {
		require.NotZero(t, tasks[i].on[0].Load(), "a task of the second worker was left behind")
	}
	require.Equal(t, 1, s.SetOnline(2))
	require.Eventually(t, func() bool { return ran(1) > before }, 5*time.Second, time.Millisecond)
	for i := range tasks {
		tasks[i].stop.Store(true)
	}
}
