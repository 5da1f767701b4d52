package scheduler

import "fmt"

// Check looks for violations of the scheduler's own rules: every queued task is in exactly one queue and says
// that it is queued. Call it from within Quiesce.
func (s *Scheduler) Check() (problems []string) {
	seen := map[*Node]string{}
	visit := func(where string, n *Node) {
		if old, dup := seen[n]; dup {
			problems = append(problems, fmt.Sprintf("task in two queues: %s and %s", old, where))
		}
		seen[n] = where
		if st := n.State(); st != Queued && st != Borrowed {
			problems = append(problems, fmt.Sprintf("task in %s has state %d", where, n.State()))
		}
	}
	walk := func(where string, q *queue) {
		total := 0
		for p := range q.lists {
			count := 0
			for n := q.lists[p].head; n != nil; n = n.next {
				visit(fmt.Sprint(where, " priority ", p), n)
				count++
				if n.next == nil && q.lists[p].tail != n {
					problems = append(problems, where+": tail is not the last")
				}
			}
			if count != q.lists[p].n {
				problems = append(problems, fmt.Sprintf("%s: %d tasks in a list that counts %d", where, count, q.lists[p].n))
			}
			total += count
		}
		if total != q.n {
			problems = append(problems, fmt.Sprintf("%s: %d tasks, counted %d", where, total, q.n))
		}
	}
	s.injectMu.Lock()
	walk("inject", &s.inject)
	s.injectMu.Unlock()
	for _, w := range s.workers {
		where := fmt.Sprint("worker ", w.ID)
		w.mu.Lock()
		walk(where, &w.q)
		if int(w.queued.Load()) != w.q.n {
			problems = append(problems, where+": published length is wrong")
		}
		w.mu.Unlock()
		if w.nextNode != nil {
			if st := w.nextNode.State(); w.nextHeld && (st == Running || st == RunningReady) {
				seen[w.nextNode] = where + " next"
			} else {
				visit(where+" next", w.nextNode)
			}
		}
	}
	return problems
}

// Quiet reports whether every worker is parked and no queue has a task. It is a snapshot.
func (s *Scheduler) Quiet() bool {
	s.parkMu.Lock()
	defer s.parkMu.Unlock()
	return len(s.parked)+int(s.offline.Load()) >= len(s.workers) && !s.anyWork() && s.pool.count.Load() == 0
}
