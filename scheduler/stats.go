package scheduler

import "sync/atomic"

// workerStats are the published counters of one worker; they lag behind by at most goschedAfter.
type workerStats struct {
	began      int64
	steals     uint64
	reductions atomic.Uint64
	switches   atomic.Uint64
	idle       atomic.Int64
}

func (st *workerStats) start(now int64) { st.began = now }

func (st *workerStats) publish(w *Worker) {
	st.reductions.Store(w.Reductions)
	st.switches.Store(uint64(w.tick))
}

func (st *workerStats) idleFor(ns int64) { st.idle.Add(ns) }

// WorkerStats is a snapshot of what one worker did.
type WorkerStats struct {
	ID         int
	Reductions uint64
	Switches   uint64 // time slices
	Queued     int    // tasks in its run queue
	Running    int    // 1 while it runs a task
	Busy       int64  // nanoseconds not spent parked
	Total      int64  // nanoseconds since it started
}

// Stats gives a snapshot of every worker.
func (s *Scheduler) Stats() []WorkerStats {
	now := s.Clock.Monotonic()
	out := make([]WorkerStats, len(s.workers))
	for i, w := range s.workers {
		total := now - s.startedAt
		out[i] = WorkerStats{
			ID:         i,
			Reductions: w.stats.reductions.Load(),
			Switches:   w.stats.switches.Load(),
			Queued:     int(w.queued.Load()),
			Running:    w.running(),
			Busy:       max(total-w.stats.idle.Load()-w.micro.parked(0, now), 0),
			Total:      total,
		}
	}
	return out
}

// RunQueue is the number of tasks that are ready and not running.
func (s *Scheduler) RunQueue() int {
	s.injectMu.Lock()
	n := s.inject.n
	s.injectMu.Unlock()
	for _, w := range s.workers {
		n += int(w.queued.Load())
	}
	return n
}

// running is 1 unless the worker is parked or not online.
func (w *Worker) running() int {
	if w.isAway.Load() {
		return 0
	}
	s := w.Sched
	s.parkMu.Lock()
	defer s.parkMu.Unlock()
	for _, q := range s.parked {
		if q == w {
			return 0
		}
	}
	return 1
}
