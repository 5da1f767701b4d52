package compiler

import (
	"slices"

	"github.com/gerl-lang/gerl/term"
)

// conditions turns the choice by the value of a comparison or type test that
// the block itself computes into the test.
func (f *fn) conditions() {
	uses := f.countUses()
	for _, b := range f.blocks {
		var yes, no, other *block
		switch {
		case b.kind == tSwitch && len(b.cases) == 2 && b.cases[0] == term.AtomTrue && b.cases[1] == term.AtomFalse:
			yes, no, other = b.succs[0], b.succs[1], b.succs[2]
		case b.kind == tSwitch && len(b.cases) == 2 && b.cases[0] == term.AtomFalse && b.cases[1] == term.AtomTrue:
			yes, no, other = b.succs[1], b.succs[0], b.succs[2]
		case b.kind == tBr && b.aux == "is_eq_exact" && f.isConst(b.args[1]) && f.vals[b.args[1]].lit == term.AtomTrue:
			yes, no = b.succs[0], b.succs[1]
		default:
			continue
		}
		v := b.args[0]
		d := &f.vals[v]
		n := len(b.ins) - 1
		if d.op != opBif || uses[v] != 1 || n < 0 || b.ins[n] != v {
			continue
		}
		name := d.aux.(string)
		test, swap := comparison(name)
		args := d.args
		if test == "" && len(args) == 1 {
			test = typeTest(name)
		}
		if test == "" || other != nil && !f.dropEdge(b, other) {
			continue
		}
		if swap {
			args = []val{args[1], args[0]}
		}
		b.ins = b.ins[:n]
		b.kind, b.aux, b.args, b.cases, b.pos = tBr, test, args, nil, d.pos
		b.succs = []*block{yes, no}
	}
	f.prune()
}

// dropEdge takes the edge from p to b out of b's predecessors. It refuses
// where b is a successor of p more than once.
func (f *fn) dropEdge(p, b *block) bool {
	n := 0
	for _, s := range p.succs {
		if s == b {
			n++
		}
	}
	if n != 1 {
		return false
	}
	f.removePred(b, predIndex(b, p))
	return true
}

func (f *fn) countUses() []int32 {
	uses := make([]int32, len(f.vals))
	count := func(vs []val) {
		for _, v := range vs {
			uses[v]++
		}
	}
	for _, b := range f.blocks {
		for _, p := range b.phis {
			count(f.vals[p].args)
		}
		for _, i := range b.ins {
			count(f.vals[i].args)
		}
		count(b.args)
	}
	return uses
}

// thread lets the ways into a block that does nothing but test a phi go on
// directly where the outcome is known.
func (f *fn) thread() {
	uses := f.countUses()
	for again := true; again; {
		again = false
		for _, b := range f.blocks {
			if len(b.phis) == 1 && len(b.ins) == 0 && (b.kind == tBr && b.aux == "is_eq_exact" || b.kind == tSwitch) {
				again = f.threadBlock(b, uses) || again
			}
		}
	}
	f.prune()
}

func (f *fn) threadBlock(b *block, uses []int32) bool {
	p := b.phis[0]
	if uses[p] != 1 || b.args[0] != p {
		return false
	}
	var want term.Term
	if b.kind == tBr {
		if !f.isConst(b.args[1]) {
			return false
		}
		want = f.vals[b.args[1]].lit
		if !want.IsImmediate() {
			return false
		}
	}
	changed := false
	for i := 0; i < len(b.preds); {
		from := b.preds[i]
		v := f.vals[p].args[i]
		if from.kind != tJump || !f.isConst(v) || from == b {
			i++
			continue
		}
		lit := f.vals[v].lit
		var to *block
		if b.kind == tBr {
			to = b.succs[1]
			if lit == want {
				to = b.succs[0]
			}
		} else {
			to = b.succs[len(b.cases)]
			for k, c := range b.cases {
				if c == lit {
					to = b.succs[k]
				}
			}
		}
		// The target may use b's values only through its phis.
		at := predIndex(to, b)
		from.succs[0] = to
		to.preds = append(to.preds, from)
		for _, q := range to.phis {
			f.vals[q].args = append(f.vals[q].args, f.vals[q].args[at])
		}
		f.removePred(b, i)
		changed = true
	}
	return changed
}

// cutAfterDeadEnds finds the functions of the module that never return
// and drops what follows calls of them.
func (m *module) cutAfterDeadEnds() {
	returns := map[*fn]bool{}
	for changed := true; changed; {
		changed = false
		for _, f := range m.fns {
			if !returns[f] && f.canReturn(returns) {
				returns[f] = true
				changed = true
			}
		}
	}
	for _, f := range m.fns {
		cut := false
		for _, b := range f.blocks {
			for i, v := range b.ins {
				if !f.deadEnd(v, returns) || i == len(b.ins)-1 && (b.kind == tUnreach || b.kind == tReturn && b.args[0] == v) {
					continue
				}
				for _, s := range b.succs {
					for k := predIndex(s, b); k >= 0; k = predIndex(s, b) {
						f.removePred(s, k)
					}
				}
				b.ins = b.ins[:i+1]
				b.kind, b.args, b.succs, b.cases, b.val = tUnreach, nil, nil, nil, 0
				cut = true
				break
			}
		}
		if cut {
			f.prune()
			f.simplifyPhis()
			f.dropUnused()
			f.splitEdges()
		}
	}
}

// deadEnd reports whether v is a call of a function that never returns.
func (f *fn) deadEnd(v val, returns map[*fn]bool) bool {
	d := &f.vals[v]
	if d.op != opCall {
		return false
	}
	to := d.aux.(*funRef).fn
	return to != nil && !returns[to]
}

// canReturn reports whether some way through f ends in a return.
func (f *fn) canReturn(returns map[*fn]bool) bool {
	for _, b := range f.blocks {
		b.mark = false
	}
	work := []*block{f.entry}
	f.entry.mark = true
next:
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		// exceptions leave from anywhere in the block
		succs := b.succs
		for _, v := range b.ins {
			if f.deadEnd(v, returns) {
				succs = nil
				if b.handler != nil && !b.handler.mark {
					b.handler.mark = true
					work = append(work, b.handler)
				}
				continue next
			}
		}
		if b.kind == tReturn {
			return true
		}
		for _, s := range succs {
			if !s.mark {
				s.mark = true
				work = append(work, s)
			}
		}
	}
	return false
}

// callKnownFuns calls the function behind a fun that was made in sight.
func (m *module) callKnownFuns() {
	for _, f := range m.fns {
		some := false
		for _, b := range f.blocks {
			for _, v := range b.ins {
				d := &f.vals[v]
				if d.op != opCallFun {
					continue
				}
				fun := &f.vals[d.args[0]]
				n := len(d.args) - 1
				if fun.op != opMakeFun || n+len(fun.args) != fun.aux.(*funRef).arity {
					continue
				}
				args := append(append([]val(nil), d.args[1:]...), fun.args...)
				d.op, d.aux, d.args = opCall, fun.aux, args
				some = true
			}
		}
		if some {
			f.dropUnused()
		}
	}
}

// joinTests makes one choice of a row of comparisons of a value with constants.
func (f *fn) joinTests() {
	constant := func(b *block) (term.Term, bool) {
		if b.kind != tBr || b.aux != "is_eq_exact" || !f.isConst(b.args[1]) || f.isConst(b.args[0]) || len(b.succs[0].phis) > 0 {
			return term.None, false
		}
		t := f.vals[b.args[1]].lit
		return t, t.IsAtom() || t.IsSmall()
	}
	for _, b := range f.blocks {
		first, ok := constant(b)
		if !ok {
			continue
		}
		cases, targets, chain := []term.Term{first}, []*block{b.succs[0]}, []*block{b}
		last := b
		for {
			n := last.succs[1]
			t, ok := constant(n)
			if !ok || len(n.preds) != 1 || len(n.ins) > 0 || len(n.phis) > 0 || n.args[0] != b.args[0] || t.IsAtom() != first.IsAtom() || slices.Contains(cases, t) {
				break
			}
			cases, targets, chain = append(cases, t), append(targets, n.succs[0]), append(chain, n)
			last = n
		}
		if len(cases) < 3 || len(last.succs[1].phis) > 0 {
			continue
		}
		dflt := last.succs[1]
		dflt.preds[predIndex(dflt, last)] = b
		for i, n := range chain[1:] {
			t := targets[i+1]
			t.preds[predIndex(t, n)] = b
			n.preds, n.succs, n.kind = nil, nil, tNone
		}
		b.kind, b.aux, b.args, b.cases, b.succs = tSwitch, nil, b.args[:1], cases, append(targets, dflt)
	}
	f.prune()
}
