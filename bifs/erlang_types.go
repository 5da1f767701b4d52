package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func erlangIsAtom1(_ *proc.Process, a []term.Term) term.Term    { return term.Bool(a[0].IsAtom()) }
func erlangIsBinary1(_ *proc.Process, a []term.Term) term.Term  { return term.Bool(a[0].IsBinary()) }
func erlangIsFloat1(_ *proc.Process, a []term.Term) term.Term   { return term.Bool(a[0].IsFloat()) }
func erlangIsInteger1(_ *proc.Process, a []term.Term) term.Term { return term.Bool(a[0].IsInteger()) }
func erlangIsList1(_ *proc.Process, a []term.Term) term.Term    { return term.Bool(a[0].IsList()) }
func erlangIsMap1(_ *proc.Process, a []term.Term) term.Term     { return term.Bool(a[0].IsMap()) }
func erlangIsNumber1(_ *proc.Process, a []term.Term) term.Term  { return term.Bool(a[0].IsNumber()) }
func erlangIsPid1(_ *proc.Process, a []term.Term) term.Term     { return term.Bool(a[0].IsPid()) }
func erlangIsPort1(_ *proc.Process, a []term.Term) term.Term    { return term.Bool(a[0].IsPort()) }
func erlangIsTuple1(_ *proc.Process, a []term.Term) term.Term   { return term.Bool(a[0].IsTuple()) }
func erlangIsFunction1(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(a[0].IsFun())
}
func erlangIsReference1(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(a[0].IsRef())
}
func erlangIsBitstring1(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(a[0].IsBitstring())
}
func erlangIsBoolean1(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(a[0] == term.AtomTrue || a[0] == term.AtomFalse)
}

// is_integer(Term, Low, High): both limits must be integers.
func erlangIsInteger3(p *proc.Process, a []term.Term) term.Term {
	if !a[1].IsInteger() || !a[2].IsInteger() {
		return p.Badarg()
	}
	return term.Bool(a[0].IsInteger() && term.Compare(a[1], a[0]) <= 0 && term.Compare(a[0], a[2]) <= 0)
}

// is_function(Fun, Arity): a negative arity is an error, one too large is just false.
func erlangIsFunction2(p *proc.Process, a []term.Term) term.Term {
	if !a[1].IsInteger() || term.IntSign(a[1]) < 0 {
		return p.Badarg()
	}
	return term.Bool(a[0].IsFun() && a[1].IsSmall() && term.FunArity(a[0]) == a[1].Small())
}

func erlangIsRecord1(_ *proc.Process, a []term.Term) term.Term { return term.Bool(a[0].IsRecord()) }

func erlangIsRecord2(p *proc.Process, a []term.Term) term.Term {
	if !a[1].IsAtom() {
		return p.Badarg()
	}
	t := a[0]
	if t.IsRecord() {
		return term.Bool(term.RecordName(t) == a[1])
	}
	return term.Bool(t.IsTuple() && t.Arity() >= 1 && t.Elem(0) == a[1])
}

// erlang:is_record(Term, Tag, Size), and erlang:is_record(Term, Module, Name) for native records.
func erlangIsRecord3(p *proc.Process, a []term.Term) term.Term {
	if t := a[0]; a[1].IsAtom() && a[2].IsAtom() {
		return term.Bool(t.IsRecord() && term.RecordModule(t) == a[1] && term.RecordName(t) == a[2])
	}
	if !a[1].IsAtom() || !a[2].IsSmall() {
		return p.Badarg()
	}
	t := a[0]
	return term.Bool(t.IsTuple() && t.Arity() >= 1 && a[2] == term.Int(t.Arity()) && t.Elem(0) == a[1])
}

// ---- tuples --------------------------------------------------------------------------

func erlangElement2(p *proc.Process, a []term.Term) term.Term {
	t := a[1]
	if !t.IsTuple() {
		return p.Badarg()
	}
	i, ok := smallIn(a[0], 1, t.Arity())
	if !ok {
		return p.Badarg()
	}
	return t.Elem(i - 1)
}

func erlangSetelement3(p *proc.Process, a []term.Term) term.Term {
	t := a[1]
	if !t.IsTuple() {
		return p.Badarg()
	}
	i, ok := smallIn(a[0], 1, t.Arity())
	if !ok {
		return p.Badarg()
	}
	return p.Heap.WithElem(t, i-1, a[2])
}

func erlangTupleSize1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsTuple() {
		return p.Badarg()
	}
	return term.Int(a[0].Arity())
}

func erlangSize1(p *proc.Process, a []term.Term) term.Term {
	if a[0].IsTuple() {
		return term.Int(a[0].Arity())
	}
	if n, ok := term.BitSize(a[0]); ok {
		return term.Int(n / 8)
	}
	return p.Badarg()
}

// maxTuple is the largest arity of a tuple.
const maxTuple = 1<<24 - 1

func erlangMakeTuple2(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[0], 0, maxTuple)
	if !ok {
		return p.Badarg()
	}
	t := p.Heap.NewTuple(n)
	for i := range n {
		t.SetElem(i, a[1])
	}
	return t
}

func erlangMakeTuple3(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[0], 0, maxTuple)
	if !ok {
		return p.Badarg()
	}
	e := make([]term.Term, n)
	for i := range e {
		e[i] = a[1]
	}
	l := a[2]
	for ; l.IsCons(); l = l.Tail() {
		x := l.Head()
		if !x.TupleOf(2) {
			return p.Badarg()
		}
		i, ok := smallIn(x.Elem(0), 1, n)
		if !ok {
			return p.Badarg()
		}
		e[i-1] = x.Elem(1)
	}
	if !l.IsNil() {
		return p.Badarg()
	}
	return p.Heap.Tuple(e...)
}

func erlangAppendElement2(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsTuple() || a[0].Arity() >= maxTuple {
		return p.Badarg()
	}
	return p.Heap.Tuple(append(tupleElems(a[0]), a[1])...)
}

func erlangInsertElement3(p *proc.Process, a []term.Term) term.Term {
	t := a[1]
	if !t.IsTuple() || t.Arity() >= maxTuple {
		return p.Badarg()
	}
	i, ok := smallIn(a[0], 1, t.Arity()+1)
	if !ok {
		return p.Badarg()
	}
	e := append(tupleElems(t), term.Nil)
	copy(e[i:], e[i-1:])
	e[i-1] = a[2]
	return p.Heap.Tuple(e...)
}

func erlangDeleteElement2(p *proc.Process, a []term.Term) term.Term {
	t := a[1]
	if !t.IsTuple() {
		return p.Badarg()
	}
	i, ok := smallIn(a[0], 1, t.Arity())
	if !ok {
		return p.Badarg()
	}
	e := tupleElems(t)
	return p.Heap.Tuple(append(e[:i-1], e[i:]...)...)
}

// ---- lists -----------------------------------------------------------------------------

func erlangHd1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsCons() {
		return p.Badarg()
	}
	return a[0].Head()
}

func erlangTl1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsCons() {
		return p.Badarg()
	}
	return a[0].Tail()
}

func erlangLength1(p *proc.Process, a []term.Term) term.Term {
	n, ok := term.ListLen(a[0])
	p.Bump(n / 100)
	return orBadarg(p, term.Int(n), ok)
}

// append is A ++ B: B may be anything, A must be a proper list.
func erlangAppend2(p *proc.Process, a []term.Term) term.Term {
	if a[0].IsNil() {
		return a[1]
	}
	e, ok := listElems(a[0])
	if !ok {
		return p.Badarg()
	}
	p.Bump(len(e) / 50)
	return p.Heap.ListTail(e, a[1])
}

// subtract is A -- B: each element of B removes its first occurrence (=:=) from A. It counts the elements of a
// long B in a hash table, so that it takes linear time as OTP's does n log n.
func erlangSubtract2(p *proc.Process, a []term.Term) term.Term {
	n, ok1 := term.ListLen(a[0])
	m, ok2 := term.ListLen(a[1])
	if !ok1 || !ok2 {
		return p.Badarg()
	}
	if n == 0 || m == 0 {
		return a[0]
	}
	p.Bump((n + m) / 20)
	left := newMultiset(a[1], m)
	kept := make([]term.Term, 0, n)
	rest := a[0]
	for rest.IsCons() && left.size > 0 {
		if x := rest.Head(); !left.remove(x) {
			kept = append(kept, x)
		}
		rest = rest.Tail()
	}
	return p.Heap.ListTail(kept, rest)
}

// multiset counts terms under =:=.
type multiset struct {
	size  int
	imm   map[term.Term]int
	boxed map[uint32][]term.Term
}

func newMultiset(l term.Term, n int) *multiset {
	m := &multiset{size: n, imm: make(map[term.Term]int)}
	for ; l.IsCons(); l = l.Tail() {
		x := l.Head()
		if x.IsImmediate() {
			m.imm[x]++
			continue
		}
		if m.boxed == nil {
			m.boxed = make(map[uint32][]term.Term)
		}
		h := term.Phash2(x)
		m.boxed[h] = append(m.boxed[h], x)
	}
	return m
}

// remove takes one x out of the set; false when there is none.
func (m *multiset) remove(x term.Term) bool {
	if x.IsImmediate() {
		if m.imm[x] == 0 {
			return false
		}
		m.imm[x]--
		m.size--
		return true
	}
	if m.boxed == nil {
		return false
	}
	h := term.Phash2(x)
	b := m.boxed[h]
	for i, y := range b {
		if term.ExactEqual(x, y) {
			b[i] = b[len(b)-1]
			m.boxed[h] = b[:len(b)-1]
			m.size--
			return true
		}
	}
	return false
}
