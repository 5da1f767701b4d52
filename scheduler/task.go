// Package scheduler runs tasks on a fixed number of workers: run queues with priorities,
// work stealing, reduction budgets, parking, timers, blocking work and the clock. It knows no
// Erlang. Every scheduling choice goes through a Policy, every reading of time through a Clock, so
// that a seeded policy with a virtual clock replays a run exactly.
//
// Main types: Scheduler, Worker, Task and Node, Timer, Clock, Policy.
//
// It imports no other package of gerl.
//
//	s := scheduler.New(scheduler.Config{Workers: 2})
//	s.Start()
//	s.Ready(task.SchedNode()) // task.Run is called on some worker
//	s.Stop()
package scheduler

import "sync/atomic"

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
	// Run executes for about budget reductions on the given worker. It adds
	// what it used to w.Reductions.
	Run(w *Worker, budget int) Outcome
	// Panicked is called instead of an outcome when Run panicked with v: a bug of ours. The
	// task must clean up after itself; Exited is the usual answer.
	Panicked(w *Worker, v any, stack []byte) Outcome
}

// Priority of a task. Max runs before High before Normal; of 8 choices between
// Normal and Low one goes to Low (the BEAM's rule).
type Priority uint8

const (
	Low Priority = iota
	Normal
	High
	Max
	numPriorities
)

// State of a task as the scheduler sees it.
type State uint8

const (
	// Idle: in no queue, waits for Ready.
	Idle State = iota
	// Queued: in exactly one run queue.
	Queued
	// Running: on a worker.
	Running
	// RunningReady: on a worker, and Ready was called meanwhile: it will not sleep.
	RunningReady
	// Done: Run returned Exited.
	Done
	// Borrowed: in a run queue, while an errand acts for it.
	Borrowed
	// BorrowedTaken: the same, taken out of the queue meanwhile.
	BorrowedTaken
)

// Node is the scheduler's part of a task, embedded in it. Call Init before use.
// It is in at most one queue at any time: state says in which condition.
type Node struct {
	task  Task
	next  *Node
	state atomic.Uint32 // State | Priority<<prioShift
}

const (
	stateMask = 7
	prioShift = 3
)

// Init ties the node to its task; the state becomes Idle.
func (n *Node) Init(t Task, p Priority) {
	n.task = t
	n.state.Store(uint32(Idle) | uint32(p)<<prioShift)
}

// InitHeld is Init for a task that does not run, whoever calls Ready, until Launch: it can be found already but is not complete.
func (n *Node) InitHeld(t Task, p Priority) {
	n.task = t
	n.state.Store(uint32(Running) | uint32(p)<<prioShift)
}

// Task is the task of the node.
func (n *Node) Task() Task { return n.task }

// State tells what the task is doing. From outside the task it is a hint.
func (n *Node) State() State { return State(n.state.Load() & stateMask) }

// Priority is the task's priority.
func (n *Node) Priority() Priority { return Priority(n.state.Load() >> prioShift) }

// SetPriority changes the priority from the next time on that the task is queued.
func (n *Node) SetPriority(p Priority) {
	for {
		old := n.state.Load()
		if n.state.CompareAndSwap(old, old&stateMask|uint32(p)<<prioShift) {
			return
		}
	}
}

// setState replaces the state and keeps the priority.
func (n *Node) setState(s State) {
	for {
		old := n.state.Load()
		if n.state.CompareAndSwap(old, old&^stateMask|uint32(s)) {
			return
		}
	}
}

// wake is the first half of Ready: true means that the caller has to queue the node.
func (n *Node) wake() bool {
	for {
		old := n.state.Load()
		switch State(old & stateMask) {
		case Idle:
			if n.state.CompareAndSwap(old, old&^stateMask|uint32(Queued)) {
				return true
			}
		case Running:
			if n.state.CompareAndSwap(old, old&^stateMask|uint32(RunningReady)) {
				return false
			}
		default:
			return false
		}
	}
}

// sleep ends a slice with outcome Waiting: true means that the node sleeps and
// is no longer the worker's; false that it was made ready meanwhile and must be queued.
func (n *Node) sleep() bool {
	for {
		old := n.state.Load()
		if State(old&stateMask) == Running {
			if n.state.CompareAndSwap(old, old&^stateMask|uint32(Idle)) {
				return true
			}
			continue
		}
		n.setState(Queued)
		return false
	}
}
