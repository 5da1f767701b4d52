package compiler

import (
	"maps"
	"slices"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/term"
)

// Matching of bit strings. A match context is mutable: instructions move it.
// Every place that a context can be at has a position number with a saved
// position (dropped later where nobody goes back to it), and matchState.at
// tells where each context is in the code being made.

func (l *lower) saveAt() []ctxAt { return append([]ctxAt(nil), l.m2.at...) }

// restoreAt goes back to the state at a split; moved says that the contexts
// may be elsewhere by now.
func (l *lower) restoreAt(at []ctxAt, moved bool) {
	l.m2.at = at
	if moved {
		for i := range at {
			at[i].pos = -1
		}
	}
}

func (l *lower) newPosition(ctx val) int32 {
	v := l.add(value{op: opBsPos, args: []val{ctx}})
	l.m2.positions = append(l.m2.positions, v)
	p := int32(len(l.m2.positions) - 1)
	l.setAt(ctx, p)
	return p
}

func (l *lower) setAt(ctx val, pos int32) {
	for i := range l.m2.at {
		if l.m2.at[i].ctx == ctx {
			l.m2.at[i].pos = pos
			return
		}
	}
	l.m2.at = append(l.m2.at, ctxAt{ctx, pos})
}

// ensureAt moves the context to a position if it is not there.
func (l *lower) ensureAt(ctx val, pos int32) {
	for _, a := range l.m2.at {
		if a.ctx == ctx && a.pos == pos {
			return
		}
	}
	l.add(value{op: opBsSetPos, args: []val{ctx, l.m2.positions[pos]}})
	l.setAt(ctx, pos)
}

// matchBin starts matching of a bit string.
func (l *lower) matchBin(rows []*row, idx []int, v val, next, dflt, fail *block) {
	ok := l.newBlock()
	ctx := l.termVal(block{kind: tBsStart, args: []val{v}, pos: l.pos}, ok, next)
	l.cur = ok
	pos := l.newPosition(ctx)
	l.part(rows, idx, gBin, dflt, fail, func(r *row, i int) (*row, bool) {
		return r.replace(i, test{ctx, &pat{kind: pkSegs, segs: r.tests[i].p.segs, pos: pos}}), true
	})
}

// matchSegs does the first segment of the first row, for all rows at the front
// that have the same one.
func (l *lower) matchSegs(rows []*row, t test, fail *block) {
	ctx, p := t.v, t.p
	if len(p.segs) > 0 && p.segs[0].never {
		l.match(rows[1:], fail)
		return
	}
	l.ensureAt(ctx, p.pos)
	idx := l.sameSegs(rows, t)
	n := len(idx)
	if len(p.segs) == 0 {
		l.split(rows[n:], fail, func(fail *block) {
			ok := l.newBlock()
			l.term(block{kind: tBsTail, args: []val{ctx}, pos: l.pos}, ok, fail)
			l.cur = ok
			same := make([]*row, n)
			for i := range same {
				same[i] = rows[i].replace(idx[i])
			}
			l.match(same, fail)
		})
		return
	}
	if run := commonRun(rows, idx); len(run) > 1 || len(run) == 1 && n == 1 {
		l.split(rows[n:], fail, func(fail *block) { l.matchRun(rows, idx, ctx, run, fail) })
		return
	}
	l.split(rows[n:], fail, func(fail *block) { l.matchSeg(rows, idx, t, fail) })
}

// sameSegs gives, for each row at the front that can share the first row's
// next step, the index of its test.
func (l *lower) sameSegs(rows []*row, t test) []int {
	var out []int
	var size val
	if len(t.p.segs) > 0 {
		size = l.sizeVar(rows[0], t.p.segs[0])
	}
	for n, r := range rows {
		i := r.find(t.v)
		if i < 0 {
			break
		}
		q := r.tests[i].p
		if q.kind != pkSegs || q.pos != t.p.pos || (len(q.segs) == 0) != (len(t.p.segs) == 0) {
			break
		}
		if n > 0 && len(q.segs) > 0 {
			a, b := t.p.segs[0], q.segs[0]
			if !sameSpec(a.seg, b.seg) || a.fixed != b.fixed || b.never {
				break
			}
			if a.size != nil && (size == 0 || l.sizeVar(r, b) != size) {
				break
			}
		}
		out = append(out, i)
	}
	return out
}

// sizeVar gives the value of a size that is just a variable, otherwise 0.
func (l *lower) sizeVar(r *row, s *patSeg) val {
	v, ok := s.size.(*ast.Var)
	if !ok {
		return 0
	}
	for _, b := range r.binds {
		if b.name == v.Name && slices.Contains(s.own, v.Name) {
			return b.v
		}
	}
	if l.bound(v.Name) {
		return l.lookup(v.Name)
	}
	return 0
}

func sameSpec(a, b binSeg) bool {
	return a.typ == b.typ && a.unit == b.unit && a.signed == b.signed && a.little == b.little &&
		a.native == b.native && a.all == b.all
}

// run gives the literal bytes that the segments begin with.
func literalRun(segs []*patSeg) []byte {
	var out []byte
	for _, s := range segs {
		if s.seg.typ != "integer" || s.fixed != 8 || s.seg.unit != 1 || s.seg.signed ||
			s.p.kind != pkLit || !s.p.lit.IsSmall() || s.p.lit.Small() < 0 || s.p.lit.Small() > 255 {
			break
		}
		out = append(out, byte(s.p.lit.Small()))
	}
	return out
}

func commonRun(rows []*row, idx []int) []byte {
	var run []byte
	for n, i := range idx {
		r := literalRun(rows[n].tests[i].p.segs)
		if n == 0 {
			run = r
			continue
		}
		k := 0
		for k < len(r) && k < len(run) && r[k] == run[k] {
			k++
		}
		run = run[:k]
	}
	return run
}

// matchRun compares literal bytes.
func (l *lower) matchRun(rows []*row, idx []int, ctx val, run []byte, fail *block) {
	ok := l.newBlock()
	l.term(block{kind: tBsString, args: []val{ctx}, aux: run, n: 8 * len(run), pos: l.pos}, ok, fail)
	l.cur = ok
	l.m2.advances++
	pos := l.newPosition(ctx)
	same := make([]*row, len(idx))
	for n, i := range idx {
		segs := rows[n].tests[i].p.segs[len(run):]
		same[n] = rows[n].replace(i, test{ctx, &pat{kind: pkSegs, segs: segs, pos: pos}})
	}
	l.match(same, fail)
}

// matchSeg takes one segment out of the context.
func (l *lower) matchSeg(rows []*row, idx []int, t test, fail *block) {
	ctx, s := t.v, t.p.segs[0]
	wanted := false
	for n, i := range idx {
		wanted = wanted || rows[n].tests[i].p.segs[0].p.kind != pkAny
	}
	seg := s.seg
	seg.pos = 0
	var v val
	if s.seg.all {
		if s.seg.unit != 1 {
			ok := l.newBlock()
			l.term(block{kind: tBsUnit, n: s.seg.unit, args: []val{ctx}, pos: l.pos}, ok, fail)
			l.cur = ok
			l.m2.advances++
			if wanted {
				l.add(value{op: opBsSetPos, args: []val{ctx, l.m2.positions[t.p.pos]}})
			} else {
				l.setAt(ctx, -1)
			}
		}
		if wanted {
			v = l.add(value{op: opBsTail, args: []val{ctx}})
		}
	} else {
		args := []val{ctx}
		if seg.typ[0] != 'u' {
			size := l.segSizeVal(rows[0], s, fail)
			if d := &l.f.vals[size]; d.op == opConst && !(d.lit.IsSmall() && d.lit.Small() >= 0) {
				l.jump(fail) // no size: nothing matches
				return
			}
			args = append(args, size)
		}
		ok := l.newBlock()
		b := block{kind: tBsSkip, aux: &seg, args: args, pos: l.pos}
		if wanted || seg.typ == "float" { // not all bits are a float
			b.kind = tBsGet
			v = l.termVal(b, ok, fail)
		} else {
			l.term(b, ok, fail)
		}
		l.cur = ok
	}
	pos := int32(-1)
	if !s.seg.all { // what takes all leaves the context where it is
		l.m2.advances++
		pos = l.newPosition(ctx)
	}
	same := make([]*row, len(idx))
	for n, i := range idx {
		q := rows[n].tests[i].p
		var ts []test
		if wanted {
			ts = append(ts, test{v, q.segs[0].p})
		}
		if !s.seg.all {
			ts = append(ts, test{ctx, &pat{kind: pkSegs, segs: q.segs[1:], pos: pos}})
		}
		same[n] = rows[n].replace(i, ts...)
	}
	l.match(same, fail)
}

// segSizeVal gives the size of a segment in units.
func (l *lower) segSizeVal(r *row, s *patSeg, fail *block) val {
	if s.size == nil {
		return l.f.konst(term.Int(s.fixed))
	}
	// what the segments before this one have bound hides variables of the surroundings
	env := l.env
	l.env = maps.Clone(env)
	for _, b := range r.binds {
		if slices.Contains(s.own, b.name) {
			l.env[b.name] = b.v
		}
	}
	v := l.gexpr(s.size, fail)
	l.env = env
	return v
}
