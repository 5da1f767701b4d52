package compiler

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/term"
)

// Decisions on the parts of values: the elements of tuples and the values of
// map keys.

func (l *lower) matchTuple(rows []*row, idx []int, v val, next, dflt, fail *block) {
	var arities []int
	byArity := map[int][]int{}
	tag, tagged := term.None, true
	for i, r := range rows {
		if r.group(idx[i]) != gTuple {
			continue
		}
		subs := r.tests[idx[i]].p.subs
		n := len(subs)
		if byArity[n] == nil {
			arities = append(arities, n)
		}
		byArity[n] = append(byArity[n], i)
		if n == 0 || subs[0].kind != pkLit || !subs[0].lit.IsAtom() || tag != term.None && tag != subs[0].lit {
			tagged = false
		} else {
			tag = subs[0].lit
		}
	}
	others := l.otherIndexes(rows, idx)
	if len(arities) == 1 && tagged {
		l.br("is_tagged_tuple", arities[0], next, v, l.f.konst(tag))
		l.tupleRows(rows, idx, v, byArity[arities[0]], others, true, dflt)
		return
	}
	l.br("is_tuple", 0, next, v)
	if len(arities) == 1 {
		l.br("test_arity", arities[0], dflt, v)
		l.tupleRows(rows, idx, v, byArity[arities[0]], others, false, dflt)
		return
	}
	succs := make([]*block, len(arities)+1)
	cases := make([]term.Term, len(arities))
	for i, n := range arities {
		succs[i] = l.newBlock()
		cases[i] = term.Int(n)
	}
	succs[len(arities)] = dflt
	l.term(block{kind: tArity, args: []val{v}, cases: cases}, succs...)
	for i, n := range arities {
		l.cur = succs[i]
		l.tupleRows(rows, idx, v, byArity[n], others, false, dflt)
	}
}

// tupleRows goes on with the elements of a tuple of known size.
func (l *lower) tupleRows(rows []*row, idx []int, v val, mine, others []int, tagged bool, dflt *block) {
	n := len(rows[mine[0]].tests[idx[mine[0]]].p.subs)
	elems := make([]val, n)
	for _, i := range mine {
		for k, s := range rows[i].tests[idx[i]].p.subs {
			if s.kind != pkAny && elems[k] == 0 && !(tagged && k == 0) {
				elems[k] = -1
			}
		}
	}
	for k := range elems {
		if elems[k] < 0 {
			elems[k] = l.add(value{op: opElem, args: []val{v}, n: k})
		}
	}
	l.partIndexed(rows, mine, others, dflt, func(i int) *row {
		var ts []test
		for k, s := range rows[i].tests[idx[i]].p.subs {
			if elems[k] != 0 {
				ts = append(ts, test{elems[k], s})
			}
		}
		return rows[i].replace(idx[i], ts...)
	})
}

// matchKey fetches the first key that the first row wants from a map.
func (l *lower) matchKey(rows []*row, t test, fail *block) {
	key := t.p.keys[0]
	n, wanted := 0, false
	type hit struct{ row, test, key int }
	var hits []hit
	for _, r := range rows {
		i := r.find(t.v)
		if i < 0 || r.tests[i].p.kind != pkKeys {
			break
		}
		k := r.tests[i].p.findKey(key)
		if n == 0 {
			k = 0
		}
		if k < 0 {
			break
		}
		hits = append(hits, hit{n, i, k})
		wanted = wanted || r.tests[i].p.subs[k].kind != pkAny
		n++
	}
	l.split(rows[n:], fail, func(fail *block) {
		kv := l.keyValue(rows[0], &key, fail)
		ok := l.newBlock()
		var v val
		switch {
		case t.p.rec != nil:
			v, wanted = l.termVal(block{kind: tRecordElem, aux: key.lit.AtomName(), args: []val{t.v}, pos: l.pos}, ok, fail), true
		case wanted:
			v = l.termVal(block{kind: tMapGet, args: []val{t.v, kv}, pos: l.pos}, ok, fail)
		default:
			l.term(block{kind: tBr, aux: "has_map_fields", args: []val{t.v, kv}, pos: l.pos}, ok, fail)
		}
		l.cur = ok
		var mine []*row
		for _, h := range hits {
			r := rows[h.row]
			p := r.tests[h.test].p
			var ts []test
			if wanted {
				ts = append(ts, test{v, p.subs[h.key]})
			}
			if len(p.keys) > 1 {
				q := &pat{kind: pkKeys, rec: p.rec}
				for i := range p.keys {
					if i != h.key {
						q.keys = append(q.keys, p.keys[i])
						q.subs = append(q.subs, p.subs[i])
					}
				}
				ts = append(ts, test{t.v, q})
			}
			mine = append(mine, r.replace(h.test, ts...))
		}
		l.match(mine, fail)
	})
}

// keyValue evaluates the key of a map pattern.
func (l *lower) keyValue(r *row, k *patKey, fail *block) val {
	if k.expr == nil {
		return l.f.konst(k.lit)
	}
	mark := l.mark()
	for _, b := range r.binds {
		if !l.bound(b.name) {
			l.bind(b.name, b.v)
		}
	}
	v := l.gexpr(k.expr, fail)
	l.undo(mark)
	return v
}

// findKey looks for an equal key: the same constant or the same variable.
func (p *pat) findKey(k patKey) int {
	for i, q := range p.keys {
		if k.expr == nil && q.expr == nil {
			if term.ExactEqual(k.lit, q.lit) {
				return i
			}
			continue
		}
		a, ok1 := k.expr.(*ast.Var)
		b, ok2 := q.expr.(*ast.Var)
		if ok1 && ok2 && a.Name == b.Name {
			return i
		}
	}
	return -1
}
