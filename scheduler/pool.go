package scheduler

import (
	"sync"
	"sync/atomic"
	"time"
)

// pool runs blocking work on goroutines of its own, at most max at a time.
type pool struct {
	s        *Scheduler
	mu       sync.Mutex
	max      int
	busy     int
	waiting  []*job
	count    atomic.Int64 // work given and not finished
	external atomic.Int64

	// With a Policy only: the work that the worker waits for before it chooses the next task.
	fresh   map[*job]bool
	settled chan struct{} // closed when fresh becomes empty; nil while nobody waits
}

// job is one piece of blocking work.
type job struct{ work func() }

func (p *pool) init(s *Scheduler, limit int) {
	if limit <= 0 {
		limit = 1024
	}
	p.s, p.max = s, limit
}

// pending is the number of things outside the tasks that may make one ready.
func (s *Scheduler) pending() int64 {
	return s.pool.count.Load() + s.pool.external.Load() + s.compute.count.Load()
}

// Blocking runs work on another goroutine. work must not touch anything that belongs to a task; when it
// is done it usually stores its result where only it writes and calls Ready. While it runs, the program is not dead-locked.
func (s *Scheduler) Blocking(work func()) { s.pool.add(work, s.Policy != nil) }

// Compute is Blocking for work that uses a processor all the time: only so much of it runs at once that workers keep half of them.
func (s *Scheduler) Compute(work func()) { s.compute.add(work, false) }

// ComputeFree reports whether Compute would start work at once.
func (s *Scheduler) ComputeFree() bool {
	p := &s.compute
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busy < p.max
}

func (p *pool) add(work func(), await bool) {
	p.count.Add(1)
	j := &job{work}
	p.mu.Lock()
	if await {
		if p.fresh == nil {
			p.fresh = map[*job]bool{}
		}
		p.fresh[j] = true
	}
	if p.busy >= p.max {
		p.waiting = append(p.waiting, j)
		p.mu.Unlock()
		return
	}
	p.busy++
	p.mu.Unlock()
	go p.run(j)
}

func (p *pool) run(j *job) {
	for j != nil {
		j.work()
		// The last one to finish may have made the program dead-locked.
		if p.count.Add(-1) == 0 {
			p.s.wakeOne()
		}
		p.mu.Lock()
		p.arrived(j)
		if len(p.waiting) == 0 {
			p.busy--
			j = nil
		} else {
			j = p.waiting[0]
			p.waiting[0] = nil
			p.waiting = p.waiting[1:]
		}
		p.mu.Unlock()
	}
}

// arrived notes that a job is done; mu is held.
func (p *pool) arrived(j *job) {
	delete(p.fresh, j)
	if len(p.fresh) == 0 && p.settled != nil {
		close(p.settled)
		p.settled = nil
	}
}

// settleTime is how long a run with a policy waits for blocking work before it takes it for something that waits for
// the outside world, as reading a terminal does.
const settleTime = 2 * time.Second

// replayTime is the same in a replay, where such work is not done at all.
const replayTime = time.Minute

// settle waits until the blocking work given by the last slice is done, so that when it ends does not
// decide what runs next. Work that takes too long is not waited for again: from then on the run depends on the outside.
func (p *pool) settle() {
	p.mu.Lock()
	if len(p.fresh) == 0 {
		p.mu.Unlock()
		return
	}
	done := make(chan struct{})
	p.settled = done
	p.mu.Unlock()
	p.s.stop.leave() // the work may stop the world
	defer p.s.stop.enter(p.s)
	patience := settleTime
	if j := p.s.Journal; j != nil && j.Replaying() {
		patience = replayTime
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
		p.mu.Lock()
		clear(p.fresh)
		p.settled = nil
		p.mu.Unlock()
	}
}
