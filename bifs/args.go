package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// arith gives the result of an arithmetic operation or raises its error.
func arith(p *proc.Process, t term.Term, err term.ArithError) term.Term {
	switch err {
	case term.ArithOK:
		return t
	case term.SystemLimit:
		return p.SystemLimit()
	}
	return p.Badarith()
}

// orBadarg gives t, or raises badarg when ok is false.
func orBadarg(p *proc.Process, t term.Term, ok bool) term.Term {
	if !ok {
		return p.Badarg()
	}
	return t
}

// raiseTagged raises error:{tag, t}, as for {badmap,T} and {badkey,K}.
func raiseTagged(p *proc.Process, tag, t term.Term) term.Term {
	return p.Raise(term.AtomError, p.Heap.Tuple(tag, t))
}

func badmap(p *proc.Process, t term.Term) term.Term { return raiseTagged(p, term.AtomBadmap, t) }
func badkey(p *proc.Process, k term.Term) term.Term { return raiseTagged(p, term.AtomBadkey, k) }

// smallIn gives the value of a small integer within lo..hi.
func smallIn(t term.Term, lo, hi int) (int, bool) {
	if !t.IsSmall() {
		return 0, false
	}
	v := t.Small()
	return v, v >= lo && v <= hi
}

// maxInt is the largest small integer: the upper limit where there is no other.
const maxInt = term.MaxSmall

// listElems gives the elements of a proper list.
func listElems(t term.Term) (elems []term.Term, ok bool) {
	for t.IsCons() {
		elems = append(elems, t.Head())
		t = t.Tail()
	}
	return elems, t.IsNil()
}

// tupleElems gives the elements of a tuple.
func tupleElems(t term.Term) []term.Term {
	elems := make([]term.Term, t.Arity())
	for i := range elems {
		elems[i] = t.Elem(i)
	}
	return elems
}

// latin1 gives the bytes of a list of integers from 0 to 255.
func latin1(t term.Term) (b []byte, ok bool) {
	b = make([]byte, 0, 32)
	for t.IsCons() {
		v, ok := smallIn(t.Head(), 0, 255)
		if !ok {
			return nil, false
		}
		b = append(b, byte(v))
		t = t.Tail()
	}
	return b, t.IsNil()
}

// byteList makes the list of the bytes of b.
func byteList(h *term.Heap, b []byte, tail term.Term) term.Term { return h.ByteList(b, tail) }

// boolArg gives the value of the atoms true and false.
func boolArg(t term.Term) (v, ok bool) {
	return t == term.AtomTrue, t == term.AtomTrue || t == term.AtomFalse
}

// optionTuple gives the value of {key, Value}.
func optionTuple(t, key term.Term) (v term.Term, ok bool) {
	if t.TupleOf(2) && t.Elem(0) == key {
		return t.Elem(1), true
	}
	return term.None, false
}
