package compiler

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/term"
)

// Pattern matching is compiled to decision trees. A row is what is left of a
// clause: tests "value matches pattern". The first row's first test is done,
// and decides it for all rows that test the same value; rows that do not care
// go both ways. Where that would copy rows too often, the rows are split and
// the later part becomes the fallback of the first (a backtracking automaton).

type test struct {
	v val
	p *pat
}

type binding struct {
	name string
	v    val
}

type row struct {
	tests []test
	binds []binding
	eqs   []val // pairs that must be equal: variables that occur twice
	cl    *mclause
}

// mclause is a clause being matched.
type mclause struct {
	guard [][]ast.Expr
	ends  []leafEnd
}

type leafEnd struct {
	blk   *block
	binds []binding
}

// matchState is what a matching in progress knows besides the rows.
type matchState struct {
	budget    int     // row copies that are still allowed
	positions []val   // saved position of each position number
	at        []ctxAt // where each match context is
	advances  int     // counts instructions that move a context
}

type ctxAt struct {
	ctx val
	pos int32 // -1: unknown
}

// clauses matches vals against the clauses' patterns, top to bottom, and calls
// body in the block of each clause that can be reached, with its variables
// bound. The way on when no clause matches is fail.
func (l *lower) clauses(vals []val, cs []*ast.Clause, head bool, fail *block, body func(i int)) {
	rows := make([]*row, len(cs))
	mcs := make([]mclause, len(cs))
	for i, c := range cs {
		mcs[i].guard = c.Guard
		r := &row{cl: &mcs[i]}
		for k, p := range c.Patterns {
			r.tests = append(r.tests, test{vals[k], l.pattern(p, head)})
		}
		rows[i] = r
	}
	saved := l.m2
	l.m2 = matchState{budget: 30 + 8*len(cs)}
	l.match(rows, fail)
	l.m2 = saved
	mark := l.mark()
	for i := range mcs {
		if len(mcs[i].ends) == 0 {
			continue
		}
		l.enterBody(&mcs[i])
		body(i)
		l.undo(mark)
	}
}

// enterBody makes the place where a clause's leaves meet current.
func (l *lower) enterBody(c *mclause) {
	first := c.ends[0]
	if len(c.ends) == 1 {
		l.cur = first.blk
		for _, b := range first.binds {
			l.bind(b.name, b.v)
		}
		return
	}
	b := l.newBlock()
	for _, e := range c.ends {
		l.cur = e.blk
		l.jump(b)
	}
	l.cur = b
	for _, bd := range first.binds {
		args := make([]val, len(c.ends))
		same := true
		for i, e := range c.ends {
			for _, x := range e.binds {
				if x.name == bd.name {
					args[i] = x.v
				}
			}
			same = same && args[i] == args[0]
		}
		v := args[0]
		if !same {
			v = l.f.phi(b, args)
		}
		l.bind(bd.name, v)
	}
}

// match compiles the rows into l.cur.
func (l *lower) match(rows []*row, fail *block) {
	for {
		rows = l.simplify(rows)
		if len(rows) == 0 {
			l.jump(fail)
			return
		}
		r := rows[0]
		if len(r.tests) > 0 {
			break
		}
		if len(r.eqs) == 0 && len(r.cl.guard) == 0 {
			r.cl.ends = append(r.cl.ends, leafEnd{l.cur, r.binds})
			return
		}
		rest := fail
		if len(rows) > 1 {
			rest = l.newBlock()
		}
		mark := l.mark()
		for _, b := range r.binds {
			l.bind(b.name, b.v)
		}
		for i := 0; i < len(r.eqs); i += 2 {
			l.br("is_eq_exact", 0, rest, r.eqs[i], r.eqs[i+1])
		}
		l.guard(r.cl.guard, rest)
		l.undo(mark)
		r.cl.ends = append(r.cl.ends, leafEnd{l.cur, r.binds})
		if len(rows) == 1 {
			return
		}
		l.cur = rest
		rows = rows[1:]
	}
	t := rows[0].tests[0]
	switch t.p.kind {
	case pkEq:
		l.matchEq(rows, t, fail)
	case pkKeys:
		l.matchKey(rows, t, fail)
	case pkSegs:
		l.matchSegs(rows, t, fail)
	case pkRecord:
		l.matchNative(rows, t, fail)
	default:
		l.matchSwitch(rows, t.v, fail)
	}
}

// simplify removes tests that need no code, and rows that cannot match.
func (l *lower) simplify(rows []*row) []*row {
	out := rows[:0:0]
	for _, r := range rows {
		if s, ok := l.simplifyRow(r); ok {
			out = append(out, s)
			if len(s.tests) == 0 && len(s.eqs) == 0 && len(s.cl.guard) == 0 {
				break // later rows are never reached
			}
		}
	}
	return out
}

func trivial(k patKind) bool { return k == pkAny || k == pkVar || k == pkAlias || k == pkNever }

func (l *lower) simplifyRow(r *row) (*row, bool) {
	simple := true
	for _, t := range r.tests {
		if trivial(t.p.kind) || l.known(t.v) {
			simple = false
			break
		}
	}
	if simple {
		return r, true
	}
	n := &row{binds: r.binds[:len(r.binds):len(r.binds)], eqs: r.eqs[:len(r.eqs):len(r.eqs)], cl: r.cl}
	n.tests = make([]test, 0, len(r.tests)+2)
	return n, l.simplifyTests(n, r.tests)
}

func (l *lower) simplifyTests(n *row, ts []test) bool {
	for _, t := range ts {
		switch t.p.kind {
		case pkAny:
		case pkNever:
			return false
		case pkVar:
			dup := false
			for _, b := range n.binds {
				if b.name == t.p.name {
					dup = true
					if b.v != t.v {
						n.eqs = append(n.eqs, b.v, t.v)
					}
				}
			}
			if !dup {
				n.binds = append(n.binds, binding{t.p.name, t.v})
			}
		case pkAlias:
			for _, s := range t.p.subs {
				if !l.simplifyTests(n, []test{{t.v, s}}) {
					return false
				}
			}
		default:
			if !l.known(t.v) {
				n.tests = append(n.tests, t)
				continue
			}
			subs, verdict := l.decide(t)
			switch verdict {
			case no:
				return false
			case yes:
				if !l.simplifyTests(n, subs) {
					return false
				}
			default:
				n.tests = append(n.tests, t)
			}
		}
	}
	return true
}

type verdict uint8

const (
	maybe verdict = iota
	yes
	no
)

// known reports whether the compiler sees what makes the value.
func (l *lower) known(v val) bool {
	switch l.f.vals[v].op {
	case opConst, opTuple, opCons:
		return true
	}
	return false
}

// decide does a test at compile time if possible; subs are the tests that
// remain.
func (l *lower) decide(t test) (subs []test, v verdict) {
	d := l.f.vals[t.v]
	p := t.p
	switch d.op {
	case opConst:
		switch p.kind {
		case pkLit:
			if term.ExactEqual(p.lit, d.lit) {
				return nil, yes
			}
			return nil, no
		case pkCons:
			if !d.lit.IsCons() {
				return nil, no
			}
			return []test{{l.f.konst(d.lit.Head()), p.subs[0]}, {l.f.konst(d.lit.Tail()), p.subs[1]}}, yes
		case pkTuple:
			if !d.lit.TupleOf(len(p.subs)) {
				return nil, no
			}
			for i, s := range p.subs {
				subs = append(subs, test{l.f.konst(d.lit.Elem(i)), s})
			}
			return subs, yes
		case pkMap:
			if !d.lit.IsMap() {
				return nil, no
			}
		case pkBin:
			if !d.lit.IsBitstring() {
				return nil, no
			}
		}
		return nil, maybe
	case opCons:
		switch q := l.unfold(p); q.kind {
		case pkCons:
			return []test{{d.args[0], q.subs[0]}, {d.args[1], q.subs[1]}}, yes
		case pkLit, pkTuple, pkMap, pkBin, pkNative:
			return nil, no
		}
	case opTuple:
		switch q := l.unfold(p); q.kind {
		case pkTuple:
			if len(q.subs) != len(d.args) {
				return nil, no
			}
			for i, s := range q.subs {
				subs = append(subs, test{d.args[i], s})
			}
			return subs, yes
		case pkLit, pkCons, pkMap, pkBin, pkNative:
			return nil, no
		}
	}
	return nil, maybe
}

// find gives the index of the row's first test of v.
func (r *row) find(v val) int {
	for i, t := range r.tests {
		if t.v == v {
			return i
		}
	}
	return -1
}

// replace makes a row with test i replaced by others.
func (r *row) replace(i int, with ...test) *row {
	n := *r
	n.tests = make([]test, 0, len(r.tests)-1+len(with))
	n.tests = append(n.tests, r.tests[:i]...)
	n.tests = append(n.tests, with...)
	n.tests = append(n.tests, r.tests[i+1:]...)
	return &n
}

// split handles the rows from index n on as fallback of those before it: it
// compiles prefix with part and then the rest.
func (l *lower) split(rest []*row, fail *block, part func(fail *block)) {
	if len(rest) == 0 {
		part(fail)
		return
	}
	at, adv, origin := l.saveAt(), l.m2.advances, l.cur
	b := l.newBlock()
	part(b)
	l.cur = b
	l.restoreAt(at, adv != l.m2.advances && !(len(b.preds) == 1 && b.preds[0] == origin))
	if len(b.preds) == 0 {
		return // nothing falls back
	}
	l.match(rest, fail)
}

// matchEq tests equality with a value.
func (l *lower) matchEq(rows []*row, t test, fail *block) {
	n := 0
	var same []*row
	for _, r := range rows {
		i := r.find(t.v)
		if i < 0 || r.tests[i].p.kind != pkEq || r.tests[i].p.v != t.p.v {
			break
		}
		same = append(same, r.replace(i))
		n++
	}
	l.split(rows[n:], fail, func(fail *block) {
		l.br("is_eq_exact", 0, fail, t.v, t.p.v)
		l.match(same, fail)
	})
}

// A group is the set of rows that demand the same sort of value.
type group uint8

const (
	gNone group = iota // no test of the value, or one that says nothing about its sort
	gAtom
	gInt
	gNil
	gCons
	gTuple
	gMap
	gBin
	gNative
	gLit // floats, bignums and other constants compared as a whole
)

func (r *row) group(i int) group {
	if i < 0 {
		return gNone
	}
	switch p := r.tests[i].p; p.kind {
	case pkLit:
		switch {
		case p.lit.IsAtom():
			return gAtom
		case p.lit.IsSmall():
			return gInt
		case p.lit.IsNil():
			return gNil
		}
		return gLit
	case pkCons:
		return gCons
	case pkTuple:
		return gTuple
	case pkMap:
		return gMap
	case pkBin:
		return gBin
	case pkNative:
		return gNative
	}
	return gNone
}

// matchSwitch decides on the sort of v for all rows.
func (l *lower) matchSwitch(rows []*row, v val, fail *block) {
	idx := make([]int, len(rows))
	tested, structured := 0, false
	for i, r := range rows {
		idx[i] = r.find(v)
		if idx[i] >= 0 {
			tested++
			k := r.tests[idx[i]].p.kind
			structured = structured || k == pkCons || k == pkTuple
		}
	}
	if structured || tested > 1 {
		for i, r := range rows {
			if k := idx[i]; k >= 0 && r.tests[k].p.kind == pkLit && compound(r.tests[k].p.lit) {
				rows[i] = r.replace(k, test{v, l.unfold(r.tests[k].p)})
			}
		}
	}
	// rows that do not care, before ones that do, must be copied
	copies, seen := 0, 0
	for i := range rows {
		if rows[i].group(idx[i]) == gNone {
			seen++
		} else {
			copies += seen
		}
	}
	if copies > 0 {
		l.m2.budget -= copies
		if l.m2.budget < 0 {
			n := 0
			for n < len(rows) && rows[n].group(idx[n]) != gNone {
				n++
			}
			l.split(rows[n:], fail, func(fail *block) { l.matchSwitch(rows[:n:n], v, fail) })
			return
		}
	}
	var order []group
	var others []*row
	seenGroup := [gLit + 1]bool{}
	for i, r := range rows {
		g := r.group(idx[i])
		if g == gNone {
			others = append(others, r)
		} else if !seenGroup[g] {
			seenGroup[g] = true
			order = append(order, g)
		}
	}
	l.split(others, fail, func(dflt *block) {
		for i, g := range order {
			next := dflt
			if i < len(order)-1 {
				next = l.newBlock()
			}
			l.matchGroup(rows, idx, v, g, next, dflt, fail)
			l.cur = next
		}
	})
}

// part selects the rows for one constructor: those for which pick gives a
// replacement, and the ones that do not care. When all of the latter come
// last they are left to dflt.
func (l *lower) part(rows []*row, idx []int, g group, dflt, fail *block, pick func(r *row, i int) (*row, bool)) {
	var mine []*row
	lastMine, firstOther := -1, len(rows)
	for i, r := range rows {
		switch r.group(idx[i]) {
		case g:
			if n, ok := pick(r, idx[i]); ok {
				mine = append(mine, n)
				lastMine = i
			}
		case gNone:
			firstOther = min(firstOther, i)
		}
	}
	if firstOther > lastMine {
		l.match(mine, dflt)
		return
	}
	mine = mine[:0]
	for i, r := range rows {
		switch r.group(idx[i]) {
		case g:
			if n, ok := pick(r, idx[i]); ok {
				mine = append(mine, n)
			}
		case gNone:
			if i > lastMine {
				// from here on only rows of dflt
				l.match(mine, dflt)
				return
			}
			mine = append(mine, r)
		}
	}
	l.match(mine, dflt)
}

// matchGroup compiles one sort of value; next is where values of other sorts
// go, dflt where the rows are that do not care.
func (l *lower) matchGroup(rows []*row, idx []int, v val, g group, next, dflt, fail *block) {
	same := func(t term.Term) func(r *row, i int) (*row, bool) {
		return func(r *row, i int) (*row, bool) {
			if r.tests[i].p.lit != t {
				return nil, false
			}
			return r.replace(i), true
		}
	}
	switch g {
	case gNil:
		l.br("is_nil", 0, next, v)
		l.part(rows, idx, g, dflt, fail, same(term.Nil))
	case gAtom, gInt:
		var cases []term.Term
		seen := map[term.Term]bool{}
		for i, r := range rows {
			if r.group(idx[i]) == g {
				if t := r.tests[idx[i]].p.lit; !seen[t] {
					seen[t] = true
					cases = append(cases, t)
				}
			}
		}
		if len(cases) == 1 {
			l.br("is_eq_exact", 0, next, v, l.f.konst(cases[0]))
			l.part(rows, idx, g, dflt, fail, same(cases[0]))
			return
		}
		succs := make([]*block, len(cases)+1)
		for i := range cases {
			succs[i] = l.newBlock()
		}
		succs[len(cases)] = next
		l.term(block{kind: tSwitch, args: []val{v}, cases: cases}, succs...)
		byValue := map[term.Term][]int{}
		for i, r := range rows {
			if r.group(idx[i]) == g {
				t := r.tests[idx[i]].p.lit
				byValue[t] = append(byValue[t], i)
			}
		}
		others := l.otherIndexes(rows, idx)
		for i, c := range cases {
			l.cur = succs[i]
			l.partIndexed(rows, byValue[c], others, dflt, func(k int) *row { return rows[k].replace(idx[k]) })
		}
	case gLit:
		l.matchLits(rows, idx, v, next, dflt, fail)
	case gCons:
		l.br("is_nonempty_list", 0, next, v)
		h := l.add(value{op: opHd, args: []val{v}})
		t := l.add(value{op: opTl, args: []val{v}})
		l.part(rows, idx, g, dflt, fail, func(r *row, i int) (*row, bool) {
			s := r.tests[i].p.subs
			return r.replace(i, test{h, s[0]}, test{t, s[1]}), true
		})
	case gTuple:
		l.matchTuple(rows, idx, v, next, dflt, fail)
	case gMap:
		l.br("is_map", 0, next, v)
		l.part(rows, idx, g, dflt, fail, func(r *row, i int) (*row, bool) {
			p := r.tests[i].p
			if len(p.keys) == 0 {
				return r.replace(i), true
			}
			return r.replace(i, test{v, &pat{kind: pkKeys, keys: p.keys, subs: p.subs}}), true
		})
	case gNative:
		l.br("is_any_native_record", 0, next, v)
		l.part(rows, idx, g, dflt, fail, func(r *row, i int) (*row, bool) {
			p := *r.tests[i].p
			p.kind = pkRecord
			return r.replace(i, test{v, &p}), true
		})
	case gBin:
		l.matchBin(rows, idx, v, next, dflt, fail)
	}
}

func (l *lower) otherIndexes(rows []*row, idx []int) []int {
	var out []int
	for i, r := range rows {
		if r.group(idx[i]) == gNone {
			out = append(out, i)
		}
	}
	return out
}

// partIndexed is part for rows given by their indexes, which a switch with
// many cases needs to stay linear.
func (l *lower) partIndexed(rows []*row, mine, others []int, dflt *block, pick func(i int) *row) {
	var out []*row
	o := 0
	for _, i := range mine {
		for o < len(others) && others[o] < i {
			out = append(out, rows[others[o]])
			o++
		}
		out = append(out, pick(i))
	}
	l.match(out, dflt)
}

// matchLits compares with one constant after the other.
func (l *lower) matchLits(rows []*row, idx []int, v val, next, dflt, fail *block) {
	var cases []term.Term
	for i, r := range rows {
		if r.group(idx[i]) != gLit {
			continue
		}
		t := r.tests[idx[i]].p.lit
		dup := false
		for _, c := range cases {
			dup = dup || term.ExactEqual(c, t)
		}
		if !dup {
			cases = append(cases, t)
		}
	}
	for i, c := range cases {
		no := next
		if i < len(cases)-1 {
			no = l.newBlock()
		}
		l.br("is_eq_exact", 0, no, v, l.f.konst(c))
		l.part(rows, idx, gLit, dflt, fail, func(r *row, i int) (*row, bool) {
			if !term.ExactEqual(r.tests[i].p.lit, c) {
				return nil, false
			}
			return r.replace(i), true
		})
		l.cur = no
	}
}
