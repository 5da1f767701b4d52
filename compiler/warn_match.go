package compiler

import (
	"maps"
	"math"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

// Clauses that cannot match.

// clauses walks clauses for the value of arg (nil: unknown). head: all variables of the patterns are new. Where no
// clause can match, at tells it (0: nobody does).
func (w *warner) clauses(at diag.Pos, arg ast.Expr, cs []*ast.Clause, head, waste bool) {
	lit, isLit := term.None, false
	if arg != nil {
		arg = w.resolve(arg)
		lit, isLit = w.m.constant(arg)
	}
	truths := atomSet{}
	byShape := false // always comes from the form of arg
	none := arg != nil || head
	for _, c := range cs {
		for _, conj := range c.Guard {
			for _, t := range conj {
				w.guardFails(t)
			}
		}
	}
	always := diag.Pos(0)
	var before []*ast.Clause
	for _, c := range cs {
		possible := true
		switch {
		case byShape && len(c.Patterns) == 1 && !w.compatible(arg, c.Patterns[0]):
			possible = false
			w.note("nomatch", c.At, otherType)
		case always != 0:
			if head && at == w.fun.At {
				w.note("nomatch", c.At, shadowedFun,
					w.fun.Name, w.fun.Arity, w.line(always))
			} else {
				w.note("nomatch", c.At, shadowedLine, w.line(always))
			}
		case w.aliasConflict(c.Patterns):
			possible = false
			if !w.off["nomatch"] {
				w.m.list.Warnf(c.At, "v3_core.nomatch", "pattern cannot possibly match")
			}
		case w.badSegments(c.Patterns):
			possible = false
		case truths.n == 2 && arg != nil && w.isBool(arg):
			w.note("nomatch", c.At, shadowedAny)
			possible = false
		case isLit && len(c.Patterns) == 1 && !w.mayBe(c.Patterns[0], lit):
			possible = false
		case isLit && len(c.Patterns) == 1 && w.differs(c.Patterns[0], lit):
			possible = false
			w.note("nomatch", c.At, falseGuard)
		case arg != nil && len(c.Patterns) == 1 && !w.compatible(arg, c.Patterns[0]):
			possible = false
			w.note("nomatch", c.At, otherType)
		case w.falseGuard(c, arg):
			possible = false
			w.note("nomatch", c.At, falseGuard)
		default:
			if p := w.covered(c, before); p != nil {
				w.note("nomatch", c.At, "this clause cannot match because a previous clause at line %d matches the same pattern as this clause", w.line(p.At))
			}
		}
		if a, ok := onlyPattern(c).(*ast.Atom); ok && len(c.Guard) == 0 && (a.Name == "true" || a.Name == "false") {
			truths = truths.with(term.Intern(a.Name))
		}
		none = none && !possible
		if always == 0 && possible && (w.irrefutable(c) || arg != nil && !isLit && len(c.Patterns) == 1 && w.guardValue(c.Guard) > 0 &&
			w.takes(c.Patterns[0], arg, map[string]bool{})) {
			always = c.At
			byShape = !w.irrefutable(c)
		}
		if len(c.Guard) == 0 && possible && len(before) < manyClauses && (len(cs) <= manyClauses || general(c)) {
			before = append(before, c)
		}
	}
	if none && at != 0 && len(cs) > 0 {
		w.note("nomatch", at, noClause)
	}
	w.alternatives(len(cs), func(i int) {
		for _, p := range cs[i].Patterns {
			if arg != nil && len(cs[i].Patterns) == 1 {
				w.learn(p, arg)
			}
			w.bind(p)
		}
		w.body(cs[i].Body, waste)
	})
}

// manyClauses bounds the comparing of clauses with those before them: of long rows (tables) only those before
// that have variables count, and not all of these.
const manyClauses = 40

// general reports whether a clause may take more than one value.
func general(c *ast.Clause) bool {
	vars := false
	for _, p := range c.Patterns {
		ast.Walk(p, func(n ast.Node) bool {
			_, is := n.(*ast.Var)
			vars = vars || is
			return !vars
		})
	}
	return vars
}

func (w *warner) line(p diag.Pos) int { return w.m.fset.Position(p).Line }

// match checks Pattern = Value.
func (w *warner) match(e *ast.Match) {
	at := e.Pattern.Pos()
	value := w.resolve(e.Value)
	switch lit, ok := w.m.constant(value); {
	case w.badSegments([]ast.Expr{e.Pattern}):
	case ok:
		if w.mayBe(e.Pattern, lit) {
			if !w.differs(e.Pattern, lit) {
				return
			}
			w.note("nomatch", at, falseGuard)
		}
	case !w.compatible(value, e.Pattern):
		w.note("nomatch", at, otherType)
	default:
		return
	}
	w.note("nomatch", at, noClause)
}

// irrefutable reports whether a clause takes everything: patterns of different new variables, no guard but true.
func (w *warner) irrefutable(c *ast.Clause) bool {
	seen := map[string]bool{}
	for _, p := range c.Patterns {
		v, ok := p.(*ast.Var)
		if !ok || v.Name != "_" && (seen[v.Name] || w.bound[v.Name]) {
			return false
		}
		seen[v.Name] = true
	}
	if len(c.Guard) == 0 {
		return true
	}
	return w.guardValue(c.Guard) > 0
}

// falseGuard reports whether a guard is one test of constants that does not succeed.
func (w *warner) falseGuard(c *ast.Clause, arg ast.Expr) (no bool) {
	g := c.Guard
	if len(g) == 0 {
		return false
	}
	if arg != nil && len(c.Patterns) == 1 {
		saved := w.known
		w.known = maps.Clone(saved)
		w.learn(c.Patterns[0], arg)
		defer func() { w.known = saved }()
	}
	return w.guardValue(g) < 0
}

// onlyPattern is the pattern of a clause that has one.
func onlyPattern(c *ast.Clause) ast.Expr {
	if len(c.Patterns) == 1 {
		return c.Patterns[0]
	}
	return nil
}

func hasType(test string, t term.Term) bool {
	switch test {
	case "is_atom":
		return t.IsAtom()
	case "is_integer":
		return t.IsInteger()
	case "is_float":
		return t.IsFloat()
	case "is_number":
		return t.IsNumber()
	case "is_tuple":
		return t.IsTuple()
	case "is_list":
		return t.IsList()
	case "is_map":
		return t.IsMap()
	case "is_bitstring":
		return t.IsBitstring()
	case "is_boolean":
		return t == term.AtomTrue || t == term.AtomFalse
	}
	return true
}

// covered gives an earlier clause without guard that takes all that this one does, but not everything.
func (w *warner) covered(c *ast.Clause, before []*ast.Clause) *ast.Clause {
	for _, b := range before {
		if len(b.Patterns) != len(c.Patterns) {
			continue
		}
		seen := map[string]bool{}
		all := true
		for i := range b.Patterns {
			all = all && w.subsumes(b.Patterns[i], c.Patterns[i], seen)
		}
		if all {
			return b
		}
	}
	return nil
}

// subsumes reports whether p matches whatever q matches.
func (w *warner) subsumes(p, q ast.Expr, seen map[string]bool) bool {
	return w.covers(p, q, seen, false)
}

// covers goes through a pattern and another pattern, or a term in sight; bits: bitstrings may be equal, too.
func (w *warner) covers(p, q ast.Expr, seen map[string]bool, bits bool) bool {
	switch p := p.(type) {
	case *ast.Var:
		if p.Name == "_" {
			return true
		}
		if seen[p.Name] || w.bound[p.Name] {
			return false
		}
		seen[p.Name] = true
		return true
	case *ast.Tuple:
		t, ok := q.(*ast.Tuple)
		if !ok || len(t.Elems) != len(p.Elems) {
			return false
		}
		for i := range p.Elems {
			if !w.covers(p.Elems[i], t.Elems[i], seen, bits) {
				return false
			}
		}
		return true
	case *ast.List:
		l, ok := q.(*ast.List)
		if !ok || len(p.Elems) == 0 || len(l.Elems) == 0 {
			return false
		}
		if !w.covers(p.Elems[0], l.Elems[0], seen, bits) {
			return false
		}
		return w.covers(restOf(p), restOf(l), seen, bits)
	}
	a, ok1 := w.m.constant(p)
	b, ok2 := w.m.constant(q)
	return ok1 && ok2 && !a.IsMap() && (bits || !a.IsBitstring()) && term.ExactEqual(a, b)
}

// restOf is a list pattern without its first element.
func restOf(l *ast.List) ast.Expr {
	if len(l.Elems) == 1 {
		return l.Tail
	}
	return &ast.List{At: l.At, Elems: l.Elems[1:], Tail: l.Tail}
}

// mayBe reports whether a pattern may match a constant.
func (w *warner) mayBe(p ast.Expr, t term.Term) bool {
	switch p := p.(type) {
	case *ast.Tuple:
		if !t.TupleOf(len(p.Elems)) {
			return false
		}
		for i, x := range p.Elems {
			if !w.mayBe(x, t.Elem(i)) {
				return false
			}
		}
		return true
	case *ast.List:
		for _, x := range p.Elems {
			if !t.IsCons() || !w.mayBe(x, t.Head()) {
				return false
			}
			t = t.Tail()
		}
		return w.mayBe(p.Tail, t)
	case *ast.Match:
		return w.mayBe(p.Pattern, t) && w.mayBe(p.Value, t)
	case *ast.Map:
		return t.IsMap()
	case *ast.Bits:
		return t.IsBitstring()
	}
	c, ok := w.m.constant(p)
	return !ok || c.IsMap() || term.ExactEqual(c, t)
}

// compatible reports whether the value of an expression whose form is in sight may match a pattern.
func (w *warner) compatible(e, p ast.Expr) bool {
	if m, ok := p.(*ast.Match); ok {
		return w.compatible(e, m.Pattern) && w.compatible(e, m.Value)
	}
	if t, ok := w.m.constant(e); ok {
		return w.mayBe(p, t)
	}
	switch e := e.(type) {
	case *ast.Tuple:
		switch p := p.(type) {
		case *ast.Tuple:
			if len(p.Elems) != len(e.Elems) {
				return false
			}
			for i := range p.Elems {
				if !w.compatible(e.Elems[i], p.Elems[i]) {
					return false
				}
			}
			return true
		case *ast.List, *ast.Map, *ast.Bits:
			return false
		}
		return !w.otherConstant(p, term.Term.IsTuple)
	case *ast.List:
		switch p := p.(type) {
		case *ast.List:
			if len(e.Elems) == 0 || len(p.Elems) == 0 {
				return true
			}
			return w.compatible(e.Elems[0], p.Elems[0]) && w.compatible(restOf(e), restOf(p))
		case *ast.Tuple, *ast.Map, *ast.Bits, *ast.Nil:
			return false
		}
		return !w.otherConstant(p, term.Term.IsCons)
	}
	return true
}

// aliasConflict reports whether the patterns hold P = Q that no value matches.
func (w *warner) aliasConflict(ps []ast.Expr) bool {
	found := false
	for _, p := range ps {
		ast.Walk(p, func(n ast.Node) bool {
			if m, ok := n.(*ast.Match); ok {
				found = found || w.conflict(m.Pattern, m.Value)
			}
			return !found
		})
	}
	return found
}

// conflict reports whether no value matches both patterns.
func (w *warner) conflict(p, q ast.Expr) bool {
	if m, ok := q.(*ast.Match); ok {
		return w.conflict(p, m.Pattern) || w.conflict(p, m.Value)
	}
	if m, ok := p.(*ast.Match); ok {
		return w.conflict(m.Pattern, q) || w.conflict(m.Value, q)
	}
	if a, ok := w.m.constant(p); ok {
		if b, ok := w.m.constant(q); ok {
			return !term.ExactEqual(a, b)
		}
	}
	k, l := w.shape(p), w.shape(q)
	if k == 0 || l == 0 || k != l {
		return k != 0 && l != 0
	}
	var a, b []ast.Expr
	switch p := p.(type) {
	case *ast.Tuple:
		q, ok := q.(*ast.Tuple)
		if !ok || len(p.Elems) != len(q.Elems) {
			return ok
		}
		a, b = p.Elems, q.Elems
	case *ast.List:
		if q, ok := q.(*ast.List); ok {
			a, b = p.Elems, q.Elems
		}
	}
	for i := range min(len(a), len(b)) {
		if w.conflict(a[i], b[i]) {
			return true
		}
	}
	return false
}

// shape is the sort of values that a pattern takes: a tuple 't', a cons cell
// 'l', a map 'm', bits 'b', another constant 'c'; 0 if it is not known.
func (w *warner) shape(p ast.Expr) byte {
	switch p.(type) {
	case *ast.Tuple:
		return 't'
	case *ast.List:
		return 'l'
	case *ast.Map:
		return 'm'
	case *ast.Bits:
		return 'b'
	}
	switch t, ok := w.m.constant(p); {
	case !ok:
		return 0
	case t.IsCons():
		return 'l'
	default:
		return 'c'
	}
}

// otherConstant reports whether p is a constant of another sort.
func (w *warner) otherConstant(p ast.Expr, same func(term.Term) bool) bool {
	t, ok := w.m.constant(p)
	return ok && !same(t)
}

// badSegments reports segments of bit string patterns that no bits match.
func (w *warner) badSegments(ps []ast.Expr) bool {
	bad := false
	for _, p := range ps {
		ast.Walk(p, func(n ast.Node) bool {
			b, ok := n.(*ast.Bits)
			if !ok {
				return true
			}
			for _, el := range b.Elems {
				if text, args := w.badSegment(el); text != "" {
					w.note("nomatch", el.Value.Pos(), "this clause cannot match because "+text, args...)
					bad = true
					break
				}
			}
			return false
		})
	}
	return bad
}

func (w *warner) badSegment(el *ast.BitsElem) (string, []any) {
	if _, ok := el.Value.(*ast.String); ok {
		return "", nil
	}
	s, _ := (&lower{m: w.m}).segment(el, true)
	size := -1
	if el.Size != nil && !s.all {
		n, ok := w.literal(el.Size)
		switch {
		case !ok:
		case !n.IsInteger() && !n.IsAtom() && w.constant(el.Size): // lint says so
		case !n.IsSmall() || n.Small() < 0:
			return "'%s' is not a valid size for a binary segment", []any{term.Format(n)}
		default:
			size = n.Small() * s.unit
		}
	} else if el.Size == nil {
		size = defaultSize(s.typ) * s.unit
	}
	t, ok := w.m.constant(el.Value)
	if !ok {
		return "", nil
	}
	switch s.typ {
	case "integer":
		if !t.IsInteger() {
			return "'%s' is not of the expected type '%s'", []any{term.Format(t), "integer"}
		}
		if size < 0 || size > 62 || !t.IsSmall() {
			return "", nil
		}
		v := t.Small()
		switch {
		case s.signed && (v >= 1<<size>>1 || v < -(1<<size>>1)):
			return "the value %d will not fit in a 'signed' binary segment of size %d", []any{v, size}
		case !s.signed && v < 0:
			return "the negative value %d will never match the value of an 'unsigned' binary segment", []any{v}
		case !s.signed && v >= 1<<size:
			return "the value %d will not fit in an 'unsigned' binary segment of size %d", []any{v, size}
		}
	case "float":
		if !t.IsNumber() || t.IsInteger() && math.IsInf(toFloat(t), 0) {
			return "'%s' is not of the expected type '%s'", []any{term.Format(t), "float"}
		}
	case "utf8", "utf16", "utf32":
		if !validCodePoint(t) && !(t.IsSmall() && t.Small() >= 0xd800 && t.Small() <= 0xdfff) {
			return "the value %s is not a valid Unicode code point", []any{term.Format(t)}
		}
	}
	return "", nil
}
