package scheduler

// Worker is one of the scheduler's threads of execution.
type Worker struct {
	ID    int
	Local any // machine context of package eval
}

// Node is the scheduler's part of a task.
type Node struct{}
