package bifs

import (
	"github.com/gerl-lang/gerl/port"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// sinceLast gives {Total, SinceLastCall} for a statistics item.
func sinceLast(p *proc.Process, item string, total int64) term.Term {
	s := nodeState(p)
	s.mu.Lock()
	if s.lastStat == nil {
		s.lastStat = map[string]int64{}
	}
	d := total - s.lastStat[item]
	s.lastStat[item] = total
	s.mu.Unlock()
	return p.Heap.Tuple(p.Heap.Int64(total), p.Heap.Int64(d))
}

func erlangStatistics1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	h := &p.Heap
	sched := p.Sys.Sched
	item := a[0].AtomName()
	switch item {
	case "wall_clock":
		return sinceLast(p, item, sched.Clock.Monotonic()/1_000_000)
	case "runtime":
		return sinceLast(p, item, cpuNanoseconds()/1_000_000)
	case "reductions", "exact_reductions":
		var n int64
		for _, w := range sched.Stats() {
			n += int64(w.Reductions)
		}
		return sinceLast(p, item, n)
	case "context_switches":
		var n int64
		for _, w := range sched.Stats() {
			n += int64(w.Switches)
		}
		return h.Tuple(h.Int64(n), term.Int(0))
	case "run_queue", "total_run_queue_lengths", "total_run_queue_lengths_all":
		return term.Int(sched.RunQueue())
	case "total_active_tasks", "total_active_tasks_all":
		n := sched.RunQueue()
		for _, w := range sched.Stats() {
			n += w.Running
		}
		return term.Int(n)
	case "run_queue_lengths", "active_tasks":
		return queueLengths(p, item == "active_tasks", 1)
	case "run_queue_lengths_all", "active_tasks_all":
		return queueLengths(p, item == "active_tasks_all", 2)
	case "garbage_collection":
		c := p.Sys.Collections()
		return h.Tuple(h.Int64(c.Number), h.Int64(c.Reclaimed), term.Int(0))
	case "io":
		in, out := int64(0), int64(0)
		if t := port.Of(p.Sys); t != nil {
			in, out = t.Transferred()
		}
		return h.Tuple(h.Tuple(atomInput, h.Int64(in)), h.Tuple(atomOutput, h.Int64(out)))
	case "microstate_accounting":
		return microstates(p)
	case "scheduler_wall_time", "scheduler_wall_time_all":
		if s := nodeState(p); !s.wallTime.on() {
			return term.AtomUndefined
		}
		l := term.Nil
		for _, w := range sched.Stats() {
			l = h.Cons(h.Tuple(term.Int(w.ID+1), h.Int64(w.Busy), h.Int64(w.Total)), l)
		}
		return l
	}
	return p.Badarg()
}

var (
	atomInput  = term.Intern("input")
	atomOutput = term.Intern("output")
)

var (
	atomReset    = term.Intern("reset")
	atomCounters = term.Intern("counters")
	atomEmulator = term.Intern("emulator")
	atomGC       = term.Intern("gc")
	atomOther    = term.Intern("other")
	atomSleep    = term.Intern("sleep")
	atomIdentity = term.Intern("id")
)

// microstates has a map for each scheduler: nanoseconds of running processes, collecting, sleeping and the rest.
func microstates(p *proc.Process) term.Term {
	h, l := &p.Heap, term.Nil
	times := p.Sys.Sched.Micro()
	for i := len(times) - 1; i >= 0; i-- {
		t := times[i]
		counters := h.MapFromPairs([]term.Term{atomEmulator, h.Int64(t.Tasks), atomGC, h.Int64(t.Collecting), atomOther, h.Int64(t.Other),
			atomSleep, h.Int64(t.Sleep)})
		l = h.Cons(h.MapFromPairs([]term.Term{atomCounters, counters, atomIdentity, term.Int(t.ID + 1), term.AtomType, atomScheduler}), l)
	}
	return l
}

// queueLengths lists the run queues, one a worker; those of dirty schedulers, of which there are none here, are
// always empty. What waits in no worker's queue yet counts with the first.
func queueLengths(p *proc.Process, active bool, dirty int) term.Term {
	var l []term.Term
	total := p.Sys.Sched.RunQueue()
	for _, w := range p.Sys.Sched.Stats() {
		total -= w.Queued
	}
	for i, w := range p.Sys.Sched.Stats() {
		n := w.Queued
		if active {
			n += w.Running
		}
		if i == 0 {
			n += max(total, 0)
		}
		l = append(l, term.Int(n))
	}
	for range dirty {
		l = append(l, term.Int(0))
	}
	return p.Heap.List(l...)
}
