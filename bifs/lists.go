package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// lists:member(Elem, List): under =:=.
func listsMember2(p *proc.Process, a []term.Term) term.Term {
	x, l := a[0], a[1]
	n := 0
	if x.IsImmediate() {
		for ; l.IsCons(); l = l.Tail() {
			if l.Head() == x {
				p.Bump(n / 50)
				return term.AtomTrue
			}
			n++
		}
	} else {
		for ; l.IsCons(); l = l.Tail() {
			if term.ExactEqual(l.Head(), x) {
				return term.AtomTrue
			}
			n++
		}
	}
	p.Bump(n / 50)
	return orBadarg(p, term.AtomFalse, l.IsNil())
}

// lists:reverse(List, Tail).
func listsReverse2(p *proc.Process, a []term.Term) term.Term {
	l, acc := a[0], a[1]
	n, ok := term.ListLen(l)
	if !ok {
		return p.Badarg()
	}
	p.Bump(n / 50)
	for ; l.IsCons(); l = l.Tail() {
		acc = p.Heap.Cons(l.Head(), acc)
	}
	return acc
}

// keyFind gives the first tuple whose element compares equal (==) to the key, None when there is none; ok is false for bad
// arguments.
func keyFind(a []term.Term) (t term.Term, ok bool) {
	key, l := a[0], a[2]
	pos, ok := smallIn(a[1], 1, maxInt)
	if !ok {
		return term.None, false
	}
	simple := key.IsAtom() || key.IsLocalPid() || key.IsNil() // equal to nothing but itself
	for ; l.IsCons(); l = l.Tail() {
		x := l.Head()
		if !x.IsTuple() || x.Arity() < pos {
			continue
		}
		e := x.Elem(pos - 1)
		if e == key || !simple && term.Equal(e, key) {
			return x, true
		}
	}
	return term.None, l.IsNil()
}

func listsKeyfind3(p *proc.Process, a []term.Term) term.Term {
	t, ok := keyFind(a)
	switch {
	case !ok:
		return p.Badarg()
	case t == term.None:
		return term.AtomFalse
	}
	return t
}

func listsKeymember3(p *proc.Process, a []term.Term) term.Term {
	t, ok := keyFind(a)
	return orBadarg(p, term.Bool(t != term.None), ok)
}

func listsKeysearch3(p *proc.Process, a []term.Term) term.Term {
	t, ok := keyFind(a)
	switch {
	case !ok:
		return p.Badarg()
	case t == term.None:
		return term.AtomFalse
	}
	return p.Heap.Tuple(atomValue, t)
}
