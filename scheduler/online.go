package scheduler

import "sync"

// onlineState says how many workers run tasks. The others hand over what they have and wait.
type onlineState struct {
	mu   sync.Mutex
	cond sync.Cond
	n    int
}

// Online is the number of workers that run tasks.
func (s *Scheduler) Online() int {
	s.online.mu.Lock()
	defer s.online.mu.Unlock()
	return s.online.n
}

// SetOnline lets only the first n workers run tasks and gives the number before. It takes effect on the others at the end of
// their time slices.
func (s *Scheduler) SetOnline(n int) (old int) {
	n = min(max(n, 1), len(s.workers))
	o := &s.online
	o.mu.Lock()
	old, o.n = o.n, n
	if n < len(s.workers) {
		s.setAttention(attOnline)
	} else {
		s.clearAttention(attOnline)
	}
	o.cond.Broadcast()
	o.mu.Unlock()
	if n < len(s.workers) {
		s.wakeAll()
	}
	return old
}

// wakeAll lets every parked worker look around.
func (s *Scheduler) wakeAll() {
	for range s.workers {
		s.wakeOne()
	}
}

// offline is called by a worker between slices while some are not online. One that is not waits until it is again; false: the
// scheduler stops.
func (w *Worker) offline() bool {
	s := w.Sched
	o := &s.online
	o.mu.Lock()
	if w.ID < o.n {
		o.mu.Unlock()
		return true
	}
	o.mu.Unlock()
	s.handOver(w)
	s.stop.leave()
	s.offline.Add(1)
	w.isAway.Store(true)
	o.mu.Lock()
	for w.ID >= o.n && !s.stopping.Load() {
		o.cond.Wait()
	}
	o.mu.Unlock()
	w.isAway.Store(false)
	s.offline.Add(-1)
	s.stop.enter(s)
	return !s.stopping.Load()
}

// handOver gives all tasks of a worker to the others.
func (s *Scheduler) handOver(w *Worker) {
	w.mu.Lock()
	if n := w.nextNode; n != nil {
		w.takeNext()
		w.q.push(n)
	}
	s.injectMu.Lock()
	if w.q.n > 0 {
		w.q.moveTo(&s.inject, w.q.n)
		s.setAttention(attInject)
	}
	s.injectMu.Unlock()
	w.queued.Store(0)
	w.mu.Unlock()
	s.workers[0].notifyIfParked()
}

// notifyIfParked wakes this worker if it is parked.
func (w *Worker) notifyIfParked() {
	s := w.Sched
	s.parkMu.Lock()
	if s.unpark(w) {
		w.notify()
	}
	s.parkMu.Unlock()
}
