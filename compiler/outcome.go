package compiler

import (
	"slices"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/term"
)

// What tests tell of values, and the changes where their outcome is certain.

// outcome tells what holds on the way from b to its successor i; ok is false if that way is never taken.
func (w *flow) outcome(b *block, i int) (facts [2]fact, ok bool) {
	switch b.kind {
	case tBr:
		return w.branch(b, i == 0)
	case tSwitch:
		return w.choice(b, i)
	case tArity:
		t := w.typeOf(b.args[0])
		if i == len(b.cases) {
			return facts, !(t.is(beam.TypeTuple) && t.exact && slices.Contains(b.cases, term.Int(int(t.size))))
		}
		n := t.and(typ{bits: beam.TypeTuple, size: int32(b.cases[i].Small()), exact: true, tag: term.None})
		facts[0] = fact{b.args[0], n}
		return facts, !n.never()
	case tBif, tGcBif:
		if i == 0 {
			if _, want := bifResult(b.aux.(string), w.types(b.args)); want != 0 {
				for k, a := range b.args[:min(len(b.args), 2)] {
					facts[k] = fact{a, sort(want)}
				}
			}
		}
	case tMapGet:
		if i == 0 {
			facts[0] = fact{b.args[0], sort(beam.TypeMap)}
		}
	}
	return facts, true
}

// branch does that for tests.
func (w *flow) branch(b *block, yes bool) (facts [2]fact, ok bool) {
	test := b.aux.(string)
	x := b.args[0]
	t := w.typeOf(x)
	one := func(n typ) ([2]fact, bool) {
		return [2]fact{{x, n}}, !n.never()
	}
	if sorts, all := testSorts(test); sorts != 0 {
		switch {
		case yes:
			return one(t.and(sort(sorts)))
		case all:
			return one(t.without(sorts))
		}
		return facts, true
	}
	switch test {
	case "is_boolean":
		if yes {
			return one(t.and(tBool))
		}
		t.atoms = t.atoms.filter(tBool.atoms, false)
		return one(t.normal())
	case "test_arity", "is_tagged_tuple":
		want := typ{bits: beam.TypeTuple, size: int32(b.n), exact: true, tag: term.None}
		if test == "is_tagged_tuple" {
			if d := &w.f.vals[b.args[1]]; d.op == opConst && d.lit.IsAtom() {
				want.tag = d.lit
			}
		}
		if yes {
			return one(t.and(want))
		}
		same := t.is(beam.TypeTuple) && t.exact && t.size == want.size && (test == "test_arity" || want.tag != term.None && t.tag == want.tag)
		return facts, !same
	case "is_eq_exact":
		return w.equal(b, yes)
	case "is_ne_exact":
		return w.equal(b, !yes)
	case "is_lt":
		return w.less(b.args[0], b.args[1], yes)
	case "is_ge":
		return w.less(b.args[0], b.args[1], !yes)
	}
	return facts, true
}

// equal is the way where two values are exactly equal, or are not.
func (w *flow) equal(b *block, yes bool) (facts [2]fact, ok bool) {
	x, y := b.args[0], b.args[1]
	tx, ty := w.typeOf(x), w.typeOf(y)
	if yes {
		n := tx.and(ty)
		return [2]fact{{x, n}, {y, n}}, !n.never()
	}
	cx, okx := tx.single()
	cy, oky := ty.single()
	if okx && oky && cx == cy {
		return facts, false
	}
	if oky {
		facts[0] = fact{x, tx.except(cy)}
	}
	if okx {
		facts[1] = fact{y, ty.except(cx)}
	}
	return facts, true
}

// except takes one value away.
func (t typ) except(v term.Term) typ {
	switch {
	case v == term.Nil:
		return t.without(beam.TypeNil)
	case v.IsAtom() && t.atoms.n > 0:
		t.atoms = t.atoms.filter(atomsOf(v), false)
		return t.normal()
	case v.IsSmall() && t.bound && t.bits&beam.TypeFloat == 0:
		if n := int64(v.Small()); n == t.min {
			t.min++
		} else if n == t.max {
			t.max--
		}
		return t.normal()
	}
	return t
}

// less is the way where x < y holds, or does not. Only integers are compared by their bounds.
func (w *flow) less(x, y val, yes bool) (facts [2]fact, ok bool) {
	tx, ty := w.typeOf(x), w.typeOf(y)
	if !tx.is(beam.TypeInteger) || !ty.is(beam.TypeInteger) {
		return facts, true
	}
	if !tx.bound {
		tx.min, tx.max = noMin, noMax
	}
	if !ty.bound {
		ty.min, ty.max = noMin, noMax
	}
	nx, ny := tx, ty
	if yes {
		if ty.max < noMax {
			nx.max = min(nx.max, ty.max-1)
		}
		if tx.min > noMin {
			ny.min = max(ny.min, tx.min+1)
		}
		ok = tx.min == noMin || ty.max == noMax || tx.min < ty.max
	} else {
		nx.min, ny.max = max(nx.min, ty.min), min(ny.max, tx.max)
		ok = tx.max == noMax || ty.min == noMin || tx.max >= ty.min
	}
	if nx.min <= nx.max && ny.min <= ny.max {
		facts = [2]fact{{x, integers(nx.min, nx.max)}, {y, integers(ny.min, ny.max)}}
	}
	return facts, ok
}

// choice is the way of case i of a selection, the last one the default.
func (w *flow) choice(b *block, i int) (facts [2]fact, ok bool) {
	x := b.args[0]
	t := w.typeOf(x)
	if i < len(b.cases) {
		n := t.and(constType(b.cases[i]))
		facts[0] = fact{x, n}
		return facts, !n.never()
	}
	for _, c := range b.cases {
		if v, one := t.single(); one && v == c {
			return facts, false
		}
		if n := t.except(c); !n.never() {
			t = n
		} else {
			return facts, false
		}
	}
	facts[0] = fact{x, t}
	return facts, true
}

// rewrite makes the changes that the walk has found.
func (w *flow) rewrite() {
	f := w.f
	for _, e := range w.edits {
		b := e.b
		switch {
		case e.cut >= 0:
			f.cutAfter(b, e.cut)
		case e.to >= 0:
			w.always(b, e.to)
		case b.kind == tSwitch || b.kind == tArity:
			for k := len(e.drop) - 1; k >= 0; k-- {
				if i := e.drop[k]; i < len(b.cases) && len(b.cases) > 1 && f.dropEdge(b, b.succs[i]) {
					b.succs = slices.Delete(slices.Clone(b.succs), i, i+1)
					b.cases = slices.Delete(slices.Clone(b.cases), i, i+1)
				}
			}
		}
	}
	w.edits = nil
}

// cutAfter lets a block end after instruction i, which never returns.
func (f *fn) cutAfter(b *block, i int) {
	for _, s := range b.succs {
		for k := predIndex(s, b); k >= 0; k = predIndex(s, b) {
			f.removePred(s, k)
		}
	}
	b.ins = b.ins[:i+1]
	b.kind, b.args, b.succs, b.cases, b.val, b.types = tUnreach, nil, nil, nil, 0, nil
}

// always replaces a test by the way that is always taken. What the test said of the form of a value is kept as a remark, as
// what takes the value apart relies on it.
func (w *flow) always(b *block, to int) {
	f := w.f
	switch b.kind {
	case tBr, tSwitch, tArity:
	default:
		return // the operation itself must be done
	}
	if b.kind == tBr && b.aux == "is_map" && f.isConst(b.args[0]) {
		return // instructions on maps take no constants without it
	}
	for i, s := range b.succs {
		for k, o := range b.succs {
			if o == s && (k != i) && (i != to || k != to) {
				return
			}
		}
	}
	for i, s := range b.succs {
		if i != to {
			f.dropEdge(b, s)
		}
	}
	if b.kind == tBr && to == 0 || b.kind == tArity && to < len(b.cases) {
		var t typ
		switch test, _ := b.aux.(string); {
		case b.kind == tArity:
			t = typ{bits: beam.TypeTuple, size: int32(b.cases[to].Small()), exact: true, tag: term.None}
		case test == "is_nonempty_list", test == "is_map", test == "is_tuple", test == "is_list", test == "is_bitstr", test == "is_function":
			sorts, _ := testSorts(test)
			t = sort(sorts)
		case test == "test_arity", test == "is_tagged_tuple":
			t = typ{bits: beam.TypeTuple, size: int32(b.n), exact: true, tag: term.None}
		}
		if !t.never() && !f.isConst(b.args[0]) {
			f.add(b, value{op: opAssume, args: []val{b.args[0]}, aux: t})
		}
	}
	b.kind, b.args, b.aux, b.n, b.cases, b.types = tJump, nil, nil, 0, nil, nil
	b.succs = []*block{b.succs[to]}
}
