package scheduler

import (
	"sync"
	"sync/atomic"
)

// Microstates: what workers spend their time on, counted while somebody wants to know. It costs two looks at the clock for each
// slice.

// microState belongs to the scheduler.
type microState struct {
	on    atomic.Bool
	mu    sync.Mutex
	since int64 // when it was switched on, if it is
	total int64 // nanoseconds that it was on before
}

// microTimes belongs to a worker: nanoseconds in each state.
type microTimes struct {
	tasks, collecting, asleep atomic.Int64
	parkedAt                  atomic.Int64 // 0: it is not parked
}

// MicroTimes is what one worker did while the times were counted, in nanoseconds.
type MicroTimes struct {
	ID                              int
	Tasks, Collecting, Sleep, Other int64
}

// CountMicro switches the counting on or off and tells whether it was on.
func (s *Scheduler) CountMicro(on bool) (old bool) {
	m := &s.micro
	m.mu.Lock()
	defer m.mu.Unlock()
	old = m.on.Swap(on)
	now := s.Clock.Monotonic()
	switch {
	case on && !old:
		m.since = now
	case old && !on:
		for _, w := range s.workers {
			w.micro.asleep.Add(w.micro.parked(m.since, now))
		}
		m.total += now - m.since
	}
	return old
}

// ResetMicro sets all times to 0.
func (s *Scheduler) ResetMicro() {
	m := &s.micro
	m.mu.Lock()
	defer m.mu.Unlock()
	m.since, m.total = s.Clock.Monotonic(), 0
	for _, w := range s.workers {
		w.micro.tasks.Store(0)
		w.micro.collecting.Store(0)
		w.micro.asleep.Store(0)
	}
}

// CountsMicro reports whether times are counted.
func (s *Scheduler) CountsMicro() bool { return s.micro.on.Load() }

// Micro gives the times of all workers.
func (s *Scheduler) Micro() []MicroTimes {
	m := &s.micro
	m.mu.Lock()
	defer m.mu.Unlock()
	total, now, on := m.total, s.Clock.Monotonic(), m.on.Load()
	if on {
		total += now - m.since
	}
	out := make([]MicroTimes, len(s.workers))
	for i, w := range s.workers {
		t := MicroTimes{ID: i, Collecting: w.micro.collecting.Load(), Sleep: w.micro.asleep.Load()}
		t.Tasks = max(w.micro.tasks.Load()-t.Collecting, 0)
		if on {
			t.Sleep += w.micro.parked(m.since, now)
		}
		t.Other = max(total-t.Tasks-t.Collecting-t.Sleep, 0)
		out[i] = t
	}
	return out
}

// parked is how long a worker that is parked has been so since a moment.
func (t *microTimes) parked(since, now int64) int64 {
	at := t.parkedAt.Load()
	if at == 0 {
		return 0
	}
	return max(now-max(at, since), 0)
}

// Collecting tells that the running task has spent time with collecting memory.
func (w *Worker) Collecting(ns int64) { w.micro.collecting.Add(ns) }

// runMicro runs a task and counts its time.
func (w *Worker) runMicro(n *Node) Outcome {
	from := w.Now()
	defer func() {
		m := &w.Sched.micro
		m.mu.Lock()
		if m.on.Load() {
			w.micro.tasks.Add(w.Now() - max(from, m.since))
		}
		m.mu.Unlock()
	}()
	return n.task.Run(w, w.budget)
}

// parks and unparks bracket the time that a worker sleeps; unparks gives how long that was.
func (w *Worker) parks() { w.micro.parkedAt.Store(max(w.Now(), 1)) }

func (w *Worker) unparks() int64 {
	now := w.Now()
	from := w.micro.parkedAt.Load()
	if s := w.Sched; s.micro.on.Load() {
		s.micro.mu.Lock()
		w.micro.asleep.Add(w.micro.parked(s.micro.since, now))
		w.micro.parkedAt.Store(0)
		s.micro.mu.Unlock()
	}
	w.micro.parkedAt.Store(0)
	return now - from
}
