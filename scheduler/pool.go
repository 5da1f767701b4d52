package scheduler

import (
	"sync"
	"sync/atomic"
)

// pool runs blocking work on goroutines of its own, at most max at a time.
type pool struct {
	s        *Scheduler
	mu       sync.Mutex
	max      int
	busy     int
	waiting  []func()
	count    atomic.Int64 // work given and not finished
	external atomic.Int64
}

func (p *pool) init(s *Scheduler, limit int) {
	if limit <= 0 {
		limit = 1024
	}
	p.s, p.max = s, limit
}

// pending is the number of things outside the tasks that may make one ready.
func (p *pool) pending() int64 { return p.count.Load() + p.external.Load() }

// Blocking runs work on another goroutine. work must not touch anything that belongs to a task; when it
// is done it usually stores its result where only it writes and calls Ready. While it runs, the program is not dead-locked.
func (s *Scheduler) Blocking(work func()) {
	p := &s.pool
	p.count.Add(1)
	p.mu.Lock()
	if p.busy >= p.max {
		p.waiting = append(p.waiting, work)
		p.mu.Unlock()
		return
	}
	p.busy++
	p.mu.Unlock()
	go p.run(work)
}

func (p *pool) run(work func()) {
	for work != nil {
		work()
		// The last one to finish may have made the program dead-locked.
		if p.count.Add(-1) == 0 {
			p.s.wakeOne()
		}
		p.mu.Lock()
		if len(p.waiting) == 0 {
			p.busy--
			work = nil
		} else {
			work = p.waiting[0]
			p.waiting[0] = nil
			p.waiting = p.waiting[1:]
		}
		p.mu.Unlock()
	}
}
