package scheduler

// An errand does something for a task that has less right to run than whoever asks: answering a question, for
// example. Otherwise busy tasks of high priority that wait for an answer from one of low priority would wait for ever.
type errand struct {
	node   Node
	target *Node
	do     func(w *Worker)
}

// Errand runs do on some worker, with the given priority and while the target does not run. If the target runs
// just now the errand waits for the end of its slice; if it is asleep or over there is nothing to do for it.
func (w *Worker) Errand(target *Node, p Priority, do func(w *Worker)) {
	e := &errand{target: target, do: do}
	e.node.Init(e, p)
	w.Ready(&e.node)
}

// Run implements Task.
func (e *errand) Run(w *Worker, _ int) Outcome {
	switch e.target.borrow() {
	case Running:
		return Yielded
	case Borrowed:
		e.do(w)
		if e.target.giveBack() {
			w.push(e.target)
		}
	}
	return Exited
}

// Panicked implements Task.
func (e *errand) Panicked(w *Worker, v any, stack []byte) Outcome {
	e.target.giveBack()
	if e.target.task.Panicked(w, v, stack) != Exited {
		w.push(e.target)
	}
	return Exited
}

// borrow takes a queued task for an errand; it stays in its queue. The result is Borrowed, Running while the task
// runs or another errand has it, or Idle if there is no need.
func (n *Node) borrow() State {
	for {
		old := n.state.Load()
		switch State(old & stateMask) {
		case Queued:
			if n.state.CompareAndSwap(old, old&^stateMask|uint32(Borrowed)) {
				return Borrowed
			}
		case Running, RunningReady, Borrowed, BorrowedTaken:
			return Running
		default:
			return Idle
		}
	}
}

// giveBack ends an errand; true: the task was taken out of its queue meanwhile and has to be queued again.
func (n *Node) giveBack() bool {
	for {
		old := n.state.Load()
		if n.state.CompareAndSwap(old, old&^stateMask|uint32(Queued)) {
			return State(old&stateMask) == BorrowedTaken
		}
	}
}

// claim is called by the worker that took n out of a queue: true means that it may run it.
func (n *Node) claim() bool {
	for {
		old := n.state.Load()
		to, mine := Running, true
		if State(old&stateMask) == Borrowed {
			to, mine = BorrowedTaken, false
		}
		if n.state.CompareAndSwap(old, old&^stateMask|uint32(to)) {
			return mine
		}
	}
}

// Inline runs do at once for a target that waits in a run queue, and reports whether it did: it does not for one that runs, sleeps or has an
// errand.
func (w *Worker) Inline(target *Node, do func()) bool {
	if w.nextHeld && w.nextNode == target {
		do()
		return true
	}
	if target.borrow() != Borrowed {
		return false
	}
	do()
	if target.giveBack() {
		w.push(target)
	}
	return true
}
