package scheduler

// list is an intrusive first-in first-out list of nodes.
type list struct {
	head, tail *Node
	n          int
}

func (l *list) push(n *Node) {
	n.next = nil
	if l.tail == nil {
		l.head = n
	} else {
		l.tail.next = n
	}
	l.tail = n
	l.n++
}

func (l *list) pop() *Node {
	n := l.head
	if n == nil {
		return nil
	}
	l.head = n.next
	if l.head == nil {
		l.tail = nil
	}
	n.next = nil
	l.n--
	return n
}

// popAt takes the node at place i (from 0).
func (l *list) popAt(i int) *Node {
	if i == 0 {
		return l.pop()
	}
	prev := l.head
	for ; i > 1; i-- {
		prev = prev.next
	}
	n := prev.next
	prev.next = n.next
	if n.next == nil {
		l.tail = prev
	}
	n.next = nil
	l.n--
	return n
}

// lowEvery: of this many choices between normal and low tasks one goes to a low one.
const lowEvery = 8

// queue is a run queue: one list a priority. Its owner locks it.
type queue struct {
	lists   [numPriorities]list
	n       int
	lowTurn int
}

func (q *queue) push(n *Node) {
	q.lists[n.Priority()].push(n)
	q.n++
}

// choose gives the list that the next task comes from, nil when all are empty.
func (q *queue) choose() *list {
	switch {
	case q.n == 0:
		return nil
	case q.lists[Max].n > 0:
		return &q.lists[Max]
	case q.lists[High].n > 0:
		return &q.lists[High]
	case q.lists[Low].n == 0:
		return &q.lists[Normal]
	case q.lists[Normal].n == 0:
		return &q.lists[Low]
	}
	if q.lowTurn++; q.lowTurn >= lowEvery {
		q.lowTurn = 0
		return &q.lists[Low]
	}
	return &q.lists[Normal]
}

func (q *queue) pop() *Node {
	l := q.choose()
	if l == nil {
		return nil
	}
	q.n--
	return l.pop()
}

// pick is pop with the place in the chosen list decided by a policy.
func (q *queue) pick(p Policy) *Node {
	l := q.choose()
	if l == nil {
		return nil
	}
	q.n--
	return l.popAt(p.Pick(min(l.n, maxPick)))
}

// moveTo moves up to n tasks to dst, the most urgent first.
func (q *queue) moveTo(dst *queue, n int) {
	for p := int(Max); p >= 0 && n > 0; p-- {
		for q.lists[p].n > 0 && n > 0 {
			dst.lists[p].push(q.lists[p].pop())
			dst.n++
			q.n--
			n--
		}
	}
}
