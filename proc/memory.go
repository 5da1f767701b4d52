package proc

import "github.com/gerl-lang/gerl/term"

// fragment is the memory of one copied term, 0 for none (see term.CopyMessage).
type fragment = uintptr

func buildRef(h *term.Heap, n uint64) term.Term {
	nums := refNums(n)
	t := term.MakeBoxed(h.Alloc(3))
	t.SetWord(0, term.Header(term.SubRef, 2))
	t.SetWord(1, uint64(nums[0])|uint64(nums[1])<<32)
	t.SetWord(2, uint64(nums[2]))
	return t
}

func buildAliasRef(h *term.Heap, n uint64, pid term.Term) term.Term {
	nums := refNums(n)
	t := term.MakeBoxed(h.Alloc(4))
	t.SetWord(0, term.Header(term.SubRef, 3))
	t.SetWord(1, uint64(nums[0])|uint64(nums[1])<<32)
	t.SetWord(2, uint64(nums[2]))
	t.SetWord(3, uint64(pid))
	return t
}

func refOwner(t term.Term) term.Term {
	if t.IsBoxed() && t.Word(0) == term.Header(term.SubRef, 3) {
		return term.Term(t.Word(3))
	}
	return term.None
}

func copyMessage(t term.Term) (term.Term, fragment) {
	if t.IsImmediate() {
		return t, 0
	}
	a := term.NewArena()
	c := copyInto(a, t)
	return c, a.Frags
}

func copyInto(h *term.Heap, t term.Term) term.Term {
	switch {
	case t.IsImmediate():
		return t
	case t.IsCons():
		return h.Cons(copyInto(h, t.Head()), copyInto(h, t.Tail()))
	case t.IsTuple():
		n := h.NewTuple(t.Arity())
		for i := range t.Arity() {
			n.SetElem(i, copyInto(h, t.Elem(i)))
		}
		return n
	}
	n := int(t.Word(0) >> term.HeaderShift)
	c := term.MakeBoxed(h.Alloc(n + 1))
	for i := 0; i <= n; i++ {
		c.SetWord(i, t.Word(i))
	}
	return c
}

func adopt(h *term.Heap, f fragment) {
	if f == 0 {
		return
	}
	last := (*term.Fragment)(term.At(f))
	for last.Next != 0 {
		last = (*term.Fragment)(term.At(last.Next))
	}
	last.Next = h.Frags
	h.Frags = f
}

func dropFragment(f fragment) {}

func freeHeap(h *term.Heap) {}

func exactEqual(a, b term.Term) bool { return a == b }
func keyHash(t term.Term) uint32     { return uint32(t) }

// scratch is a heap for terms that are copied at once.
func (p *Process) scratch() *term.Heap { return term.NewArena() }
func (p *Process) clearScratch()       {}
