// Package scheduler runs tasks on a fixed number of workers: run queues with priorities,
// work stealing, reduction budgets, parking, timers and the clock. It knows no
// Erlang. Every scheduling choice goes through a Policy, every reading of time through a Clock, so
// that a seeded policy with a virtual clock replays a run exactly.
//
// It imports no other package of gerl.
package scheduler

// Outcome is what a task's time slice ended with.
type Outcome uint8

const (
	// Yielded: the budget is used up; the task goes to the end of its run queue.
	Yielded Outcome = iota
	// Waiting: the task has nothing to do until Ready is called. A Ready that came while
	// the task was still running counts: it is queued again at once (no lost wake-ups).
	Waiting
	// Exited: the task is over; the scheduler forgets it.
	Exited
)

// Budget is the number of reductions of one time slice.
const Budget = 4000

// Task is what the scheduler runs: a process, or a piece of housekeeping.
type Task interface {
	// Run executes for about budget reductions on the given worker.
	Run(w *Worker, budget int) Outcome
	// SchedNode is the scheduler's own part of the task, embedded in it.
	SchedNode() *Node
}
