package ets

import (
	"github.com/gerl-lang/gerl/term"
)

// Runner runs a program for one process.
type Runner struct {
	p    *Program
	h    *term.Heap // where results are built
	tmp  *term.Heap // values of guards
	env  []term.Term
	obj  term.Term
	self term.Term
	node term.Term
	Gone bool // the table was deleted while the program ran over it

	actions Actions // while a trace specification runs
}

// NewRunner prepares running p; results are built on h.
func (p *Program) NewRunner(h *term.Heap, self, node term.Term) *Runner {
	return &Runner{p: p, h: h, tmp: term.NewArena(), env: make([]term.Term, p.vars), self: self, node: node}
}

// Close frees what the runner holds.
func (r *Runner) Close() { r.tmp.Free() }

var atomEXIT = term.Intern("EXIT")

// Match finds the first clause whose pattern and guards accept x.
func (r *Runner) match(x term.Term) *clause {
	for i := range r.p.clauses {
		c := &r.p.clauses[i]
		if !r.pattern(c.pattern, x) {
			continue
		}
		r.obj = x
		if r.guards(c) {
			return c
		}
	}
	return nil
}

func (r *Runner) guards(c *clause) bool {
	for _, g := range c.guards {
		v, ok := r.eval(g, c, r.tmp)
		if !ok || v != term.AtomTrue {
			return false
		}
	}
	if r.tmp.FragWords > 1<<14 {
		r.tmp.Free()
		r.tmp = term.NewArena()
	}
	return true
}

// Run gives the value of the body for x, complete on the heap; ok is false when no clause accepts x. An error in the body gives
// the atom 'EXIT'.
func (r *Runner) Run(x term.Term) (v term.Term, ok bool) {
	c := r.match(x)
	if c == nil {
		return term.None, false
	}
	for i, b := range c.body {
		if i < len(c.body)-1 {
			if _, good := r.eval(b, c, r.tmp); !good {
				return atomEXIT, true
			}
			continue
		}
		if v, ok = r.build(b, c); !ok {
			return atomEXIT, true
		}
	}
	return v, true
}

// True reports whether the body's value for x is true.
func (r *Runner) True(x term.Term) bool {
	c := r.match(x)
	if c == nil {
		return false
	}
	v, ok := r.eval(c.body[len(c.body)-1], c, r.tmp)
	return ok && v == term.AtomTrue
}

// pattern matches x and binds variables; depth is that of the program.
func (r *Runner) pattern(n *node, x term.Term) bool {
	for {
		switch n.kind {
		case matchAny:
			return true
		case matchBind:
			r.env[n.n] = x
			return true
		case matchSame:
			return term.ExactEqual(r.env[n.n], x)
		case constant:
			return n.t == x || term.ExactEqual(n.t, x)
		case consNode:
			if !x.IsCons() || !r.pattern(n.kids[0], x.Head()) {
				return false
			}
			n, x = n.kids[1], x.Tail()
			continue
		case tupleNode:
			if !x.TupleOf(len(n.kids)) {
				return false
			}
			for i, k := range n.kids {
				if k.kind != matchAny && !r.pattern(k, x.Elem(i)) {
					return false
				}
			}
			return true
		case mapNode:
			if !x.IsMap() {
				return false
			}
			for i := 0; i < len(n.kids); i += 2 {
				v, ok := term.MapGet(x, n.kids[i].t)
				if !ok || !r.pattern(n.kids[i+1], v) {
					return false
				}
			}
			return true
		}
		return false
	}
}

// build evaluates an expression to a term that lies completely on the runner's heap.
func (r *Runner) build(n *node, c *clause) (term.Term, bool) {
	switch n.kind {
	case consNode:
		var heads []term.Term
		for n.kind == consNode {
			v, ok := r.build(n.kids[0], c)
			if !ok {
				return term.None, false
			}
			heads = append(heads, v)
			n = n.kids[1]
		}
		tail, ok := r.build(n, c)
		return r.h.ListTail(heads, tail), ok
	case tupleNode, mapNode:
		vs := make([]term.Term, len(n.kids))
		for i, k := range n.kids {
			var ok bool
			if vs[i], ok = r.build(k, c); !ok {
				return term.None, false
			}
		}
		if n.kind == mapNode {
			return r.h.MapFromPairs(vs), true
		}
		return r.h.Tuple(vs...), true
	case allNode:
		vs := make([]term.Term, len(c.vars))
		for i, v := range c.vars {
			vs[i] = term.CopyTo(r.h, r.env[v])
		}
		return r.h.List(vs...), true
	}
	v, ok := r.eval(n, c, r.tmp)
	if !ok {
		return term.None, false
	}
	return term.CopyTo(r.h, v), true
}

// eval evaluates an expression; parts of the value may lie in the object, the program or on h.
func (r *Runner) eval(n *node, c *clause, h *term.Heap) (term.Term, bool) {
	switch n.kind {
	case constant:
		return n.t, true
	case varNode:
		return r.env[n.n], true
	case wholeNode:
		return r.obj, true
	case allNode:
		vs := make([]term.Term, len(c.vars))
		for i, v := range c.vars {
			vs[i] = r.env[v]
		}
		return h.List(vs...), true
	case consNode:
		var heads []term.Term
		for n.kind == consNode {
			v, ok := r.eval(n.kids[0], c, h)
			if !ok {
				return term.None, false
			}
			heads = append(heads, v)
			n = n.kids[1]
		}
		tail, ok := r.eval(n, c, h)
		return h.ListTail(heads, tail), ok
	case andalsoNode, orelseNode:
		stop := term.Bool(n.kind == orelseNode)
		for i, k := range n.kids {
			v, ok := r.eval(k, c, h)
			if !ok || v == stop {
				return v, ok
			}
			if v != term.AtomTrue && v != term.AtomFalse {
				return v, i == len(n.kids)-1 // the last one may be anything
			}
		}
		return term.Bool(n.kind == andalsoNode), true
	}
	var room [4]term.Term
	vs := room[:0]
	for _, k := range n.kids {
		v, ok := r.eval(k, c, h)
		if !ok {
			return term.None, false
		}
		vs = append(vs, v)
	}
	switch n.kind {
	case tupleNode:
		return h.Tuple(vs...), true
	case mapNode:
		return h.MapFromPairs(vs), true
	case callNode:
		return n.fn.call(r, h, vs)
	case actionNode:
		if r.actions == nil {
			return term.None, false
		}
		return r.actions.Action(n.t.AtomName(), vs)
	}
	result := n.kind == andNode
	for i, v := range vs {
		b := v == term.AtomTrue
		if !b && v != term.AtomFalse {
			return term.None, false
		}
		switch {
		case n.kind == notNode:
			result = !b
		case n.kind == andNode:
			result = result && b
		case n.kind == orNode:
			result = result || b
		case i == 0:
			result = b
		default:
			result = result != b
		}
	}
	return term.Bool(result), true
}

type funKey struct {
	name  string
	arity int
}

type function struct {
	call func(r *Runner, h *term.Heap, a []term.Term) (term.Term, bool)
}

func test(f func(t term.Term) bool) *function {
	return &function{func(_ *Runner, _ *term.Heap, a []term.Term) (term.Term, bool) { return term.Bool(f(a[0])), true }}
}

func compare(f func(c int) bool) *function {
	return &function{func(_ *Runner, _ *term.Heap, a []term.Term) (term.Term, bool) {
		return term.Bool(f(term.Compare(a[0], a[1]))), true
	}}
}

func arith2(f func(h *term.Heap, a, b term.Term) (term.Term, term.ArithError)) *function {
	return &function{func(_ *Runner, h *term.Heap, a []term.Term) (term.Term, bool) {
		v, err := f(h, a[0], a[1])
		return v, err == term.ArithOK
	}}
}

func arith1(f func(h *term.Heap, a term.Term) (term.Term, term.ArithError)) *function {
	return &function{func(_ *Runner, h *term.Heap, a []term.Term) (term.Term, bool) {
		v, err := f(h, a[0])
		return v, err == term.ArithOK
	}}
}

func round(f func(h *term.Heap, a term.Term) (term.Term, bool)) *function {
	return &function{func(_ *Runner, h *term.Heap, a []term.Term) (term.Term, bool) { return f(h, a[0]) }}
}

func value(f func(a []term.Term) (term.Term, bool)) *function {
	return &function{func(_ *Runner, _ *term.Heap, a []term.Term) (term.Term, bool) { return f(a) }}
}

func index(t term.Term, n int) (int, bool) {
	if !t.IsSmall() || t.Small() < 1 || t.Small() > n {
		return 0, false
	}
	return t.Small() - 1, true
}

// functions are those that match specifications may call, besides the logical ones.
var functions = map[funKey]*function{
	{"is_atom", 1}:      test(term.Term.IsAtom),
	{"is_float", 1}:     test(term.Term.IsFloat),
	{"is_integer", 1}:   test(term.Term.IsInteger),
	{"is_list", 1}:      test(term.Term.IsList),
	{"is_number", 1}:    test(term.Term.IsNumber),
	{"is_pid", 1}:       test(term.Term.IsPid),
	{"is_port", 1}:      test(term.Term.IsPort),
	{"is_reference", 1}: test(term.Term.IsRef),
	{"is_tuple", 1}:     test(term.Term.IsTuple),
	{"is_map", 1}:       test(term.Term.IsMap),
	{"is_binary", 1}:    test(term.Term.IsBinary),
	{"is_bitstring", 1}: test(term.Term.IsBitstring),
	{"is_function", 1}:  test(term.Term.IsFun),
	{"is_boolean", 1}:   test(func(t term.Term) bool { return t == term.AtomTrue || t == term.AtomFalse }),
	{"is_record", 3}: value(func(a []term.Term) (term.Term, bool) {
		return term.Bool(a[0].IsTuple() && a[2] == term.Int(a[0].Arity()) && a[0].Arity() > 0 && a[0].Elem(0) == a[1]), true
	}),
	{"is_map_key", 2}: value(func(a []term.Term) (term.Term, bool) {
		if !a[1].IsMap() {
			return term.None, false
		}
		_, ok := term.MapGet(a[1], a[0])
		return term.Bool(ok), true
	}),
	{"map_get", 2}: value(func(a []term.Term) (term.Term, bool) {
		if !a[1].IsMap() {
			return term.None, false
		}
		return term.MapGet(a[1], a[0])
	}),
	{"map_size", 1}: value(func(a []term.Term) (term.Term, bool) {
		if !a[0].IsMap() {
			return term.None, false
		}
		return term.Int(term.MapSize(a[0])), true
	}),
	{"==", 2}:   compare(func(c int) bool { return c == 0 }),
	{"/=", 2}:   compare(func(c int) bool { return c != 0 }),
	{"<", 2}:    compare(func(c int) bool { return c < 0 }),
	{">", 2}:    compare(func(c int) bool { return c > 0 }),
	{"=<", 2}:   compare(func(c int) bool { return c <= 0 }),
	{">=", 2}:   compare(func(c int) bool { return c >= 0 }),
	{"=:=", 2}:  value(func(a []term.Term) (term.Term, bool) { return term.Bool(term.ExactEqual(a[0], a[1])), true }),
	{"=/=", 2}:  value(func(a []term.Term) (term.Term, bool) { return term.Bool(!term.ExactEqual(a[0], a[1])), true }),
	{"+", 2}:    arith2((*term.Heap).Add),
	{"-", 2}:    arith2((*term.Heap).Sub),
	{"*", 2}:    arith2((*term.Heap).Mul),
	{"/", 2}:    arith2((*term.Heap).Div),
	{"div", 2}:  arith2((*term.Heap).IntDiv),
	{"rem", 2}:  arith2((*term.Heap).Rem),
	{"band", 2}: arith2((*term.Heap).Band),
	{"bor", 2}:  arith2((*term.Heap).Bor),
	{"bxor", 2}: arith2((*term.Heap).Bxor),
	{"bsl", 2}:  arith2((*term.Heap).Bsl),
	{"bsr", 2}:  arith2((*term.Heap).Bsr),
	{"bnot", 1}: arith1((*term.Heap).Bnot),
	{"-", 1}:    arith1((*term.Heap).Neg),
	{"+", 1}: value(func(a []term.Term) (term.Term, bool) {
		return a[0], a[0].IsNumber()
	}),
	{"abs", 1}:   round((*term.Heap).Abs),
	{"round", 1}: round((*term.Heap).Round),
	{"trunc", 1}: round((*term.Heap).Trunc),
	{"floor", 1}: round((*term.Heap).Floor),
	{"ceil", 1}:  round((*term.Heap).Ceil),
	{"float", 1}: round((*term.Heap).ToFloatTerm),
	{"element", 2}: value(func(a []term.Term) (term.Term, bool) {
		if !a[1].IsTuple() {
			return term.None, false
		}
		i, ok := index(a[0], a[1].Arity())
		if !ok {
			return term.None, false
		}
		return a[1].Elem(i), true
	}),
	{"hd", 1}: value(func(a []term.Term) (term.Term, bool) {
		if !a[0].IsCons() {
			return term.None, false
		}
		return a[0].Head(), true
	}),
	{"tl", 1}: value(func(a []term.Term) (term.Term, bool) {
		if !a[0].IsCons() {
			return term.None, false
		}
		return a[0].Tail(), true
	}),
	{"length", 1}: value(func(a []term.Term) (term.Term, bool) {
		n, ok := term.ListLen(a[0])
		return term.Int(n), ok
	}),
	{"size", 1}: value(func(a []term.Term) (term.Term, bool) {
		if a[0].IsTuple() {
			return term.Int(a[0].Arity()), true
		}
		n, ok := term.BitSize(a[0])
		return term.Int(n / 8), ok
	}),
	{"tuple_size", 1}: value(func(a []term.Term) (term.Term, bool) {
		if !a[0].IsTuple() {
			return term.None, false
		}
		return term.Int(a[0].Arity()), true
	}),
	{"bit_size", 1}: value(func(a []term.Term) (term.Term, bool) {
		n, ok := term.BitSize(a[0])
		return term.Int(n), ok
	}),
	{"byte_size", 1}: value(func(a []term.Term) (term.Term, bool) {
		n, ok := term.BitSize(a[0])
		return term.Int((n + 7) / 8), ok
	}),
	{"binary_part", 3}: {func(_ *Runner, h *term.Heap, a []term.Term) (term.Term, bool) { return part(h, a[0], a[1], a[2]) }},
	{"binary_part", 2}: {func(_ *Runner, h *term.Heap, a []term.Term) (term.Term, bool) {
		if !a[1].TupleOf(2) {
			return term.None, false
		}
		return part(h, a[0], a[1].Elem(0), a[1].Elem(1))
	}},
	{"max", 2}: value(func(a []term.Term) (term.Term, bool) {
		if term.Compare(a[0], a[1]) >= 0 {
			return a[0], true
		}
		return a[1], true
	}),
	{"min", 2}: value(func(a []term.Term) (term.Term, bool) {
		if term.Compare(a[0], a[1]) <= 0 {
			return a[0], true
		}
		return a[1], true
	}),
	{"self", 0}: {func(r *Runner, _ *term.Heap, _ []term.Term) (term.Term, bool) { return r.self, true }},
	{"node", 0}: {func(r *Runner, _ *term.Heap, _ []term.Term) (term.Term, bool) { return r.node, true }},
	{"node", 1}: {func(r *Runner, _ *term.Heap, a []term.Term) (term.Term, bool) {
		if n, _, ok := term.ExtNode(a[0]); ok {
			return n, true
		}
		return r.node, a[0].IsPid() || a[0].IsPort() || a[0].IsRef()
	}},
}

// part is binary_part for match specifications.
func part(h *term.Heap, bin, pos, length term.Term) (term.Term, bool) {
	if !bin.IsBinary() || !pos.IsSmall() || !length.IsSmall() {
		return term.None, false
	}
	bits, _ := term.BitSize(bin)
	from, n := pos.Small(), length.Small()
	if n < 0 {
		from, n = from+n, -n
	}
	if from < 0 || n < 0 || from > bits/8 || n > bits/8-from {
		return term.None, false
	}
	return h.SubBits(bin, from*8, n*8), true
}
