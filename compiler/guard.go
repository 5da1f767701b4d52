package compiler

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/term"
)

// guard lowers a guard; the current block is left where it has succeeded.
func (l *lower) guard(g [][]ast.Expr, fail *block) {
	if len(g) == 0 {
		return
	}
	yes := l.newBlock()
	for i, conj := range g {
		next := fail
		if i < len(g)-1 {
			next = l.newBlock()
		}
		for _, t := range conj {
			ok := l.newBlock()
			l.gtest(t, ok, next)
			l.cur = ok
		}
		l.jump(yes)
		l.cur = next
	}
	l.cur = yes
}

// gtest lowers a test at the top of a guard, where the type tests of old
// Erlang still mean themselves.
func (l *lower) gtest(e ast.Expr, yes, no *block) {
	if c := l.modernTest(e); c != nil {
		e = c
	}
	l.cond(e, yes, no, no)
}

// modernTest is the test of today that a type test of old Erlang stands for;
// nil if e is none.
func (l *lower) modernTest(e ast.Expr) *ast.Call {
	c, ok := e.(*ast.Call)
	if !ok {
		return nil
	}
	a, ok := c.Fun.(*ast.Atom)
	if !ok {
		return nil
	}
	t := oldTypeTest(a.Name, len(c.Args))
	key := lint.FunKey{Name: a.Name, Arity: len(c.Args)}
	if t == "" || l.m.unit.Funs[key] != nil || l.m.unit.Imports[key] != "" {
		return nil
	}
	return &ast.Call{At: c.At, Fun: &ast.Atom{At: a.At, Name: t}, Args: c.Args}
}

// cond lowers a guard expression that chooses a way: yes for true, no for
// false, bad for anything else and for failure.
func (l *lower) cond(e ast.Expr, yes, no, bad *block) {
	if t, ok := l.m.constant(e); ok {
		switch t {
		case term.AtomTrue:
			l.jump(yes)
		case term.AtomFalse:
			l.jump(no)
		default:
			l.jump(bad)
		}
		return
	}
	switch e := e.(type) {
	case *ast.Binary:
		l.pos = e.At
		switch e.Op {
		case ast.OpAndalso, ast.OpOrelse:
			mid := l.newBlock()
			if e.Op == ast.OpAndalso {
				l.cond(e.L, mid, no, bad)
			} else {
				l.cond(e.L, yes, mid, bad)
			}
			l.cur = mid
			l.cond(e.R, yes, no, bad)
			return
		case ast.OpAnd:
			if no == bad {
				mid := l.newBlock()
				l.cond(e.L, mid, no, bad)
				l.cur = mid
				l.cond(e.R, yes, no, bad)
				return
			}
		case ast.OpOr:
			if boolSafe(e.R) {
				mid := l.newBlock()
				l.cond(e.L, yes, mid, bad)
				l.cur = mid
				l.cond(e.R, yes, no, bad)
				return
			}
		}
		if test, swap := comparison(e.Op.String()); test != "" {
			a := l.gexpr(e.L, bad)
			b := l.gexpr(e.R, bad)
			if swap {
				a, b = b, a
			}
			l.pos = e.At
			l.term(block{kind: tBr, aux: test, args: []val{a, b}, pos: e.At}, yes, no)
			return
		}
	case *ast.Unary:
		if e.Op == ast.OpNot {
			l.cond(e.X, no, yes, bad)
			return
		}
	case *ast.Call:
		if l.condCall(e, yes, no, bad) {
			return
		}
	}
	v := l.gexpr(e, bad)
	l.boolSwitch(v, yes, no, bad)
}

// boolSwitch chooses by a value.
func (l *lower) boolSwitch(v val, yes, no, bad *block) {
	if no == bad {
		l.term(block{kind: tBr, aux: "is_eq_exact", args: []val{v, l.atom("true")}}, yes, no)
		return
	}
	l.term(block{kind: tSwitch, args: []val{v}, cases: []term.Term{term.AtomTrue, term.AtomFalse}}, yes, no, bad)
}

// boolSafe reports whether a guard expression is a test that cannot fail.
func boolSafe(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Binary:
		if test, _ := comparison(e.Op.String()); test != "" {
			return atomic(e.L) && atomic(e.R)
		}
		return (e.Op == ast.OpAnd || e.Op == ast.OpOr || e.Op == ast.OpAndalso || e.Op == ast.OpOrelse) && boolSafe(e.L) && boolSafe(e.R)
	case *ast.Unary:
		return e.Op == ast.OpNot && boolSafe(e.X)
	case *ast.Call:
		name, ok := guardCallName(e)
		return ok && len(e.Args) == 1 && typeTest(name) != "" && atomic(e.Args[0])
	}
	return false
}

func atomic(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Var, *ast.Atom, *ast.Integer, *ast.Char, *ast.Float, *ast.Nil, *ast.String:
		return true
	}
	return false
}

// guardCallName gives the name of the BIF that a call in a guard means.
func guardCallName(e *ast.Call) (string, bool) {
	switch f := e.Fun.(type) {
	case *ast.Atom:
		return f.Name, true
	case *ast.Remote:
		m, ok1 := f.Module.(*ast.Atom)
		n, ok2 := f.Name.(*ast.Atom)
		if ok1 && ok2 && m.Name == "erlang" {
			return n.Name, true
		}
	}
	return "", false
}

// condCall lowers those calls that have test instructions.
func (l *lower) condCall(e *ast.Call, yes, no, bad *block) bool {
	name, ok := guardCallName(e)
	if !ok {
		return false
	}
	l.pos = e.At
	if test, swap := comparison(name); test != "" && len(e.Args) == 2 {
		a, b := l.gexpr(e.Args[0], bad), l.gexpr(e.Args[1], bad)
		if swap {
			a, b = b, a
		}
		l.term(block{kind: tBr, aux: test, args: []val{a, b}, pos: e.At}, yes, no)
		return true
	}
	switch {
	case len(e.Args) == 1 && typeTest(name) != "":
		v := l.gexpr(e.Args[0], bad)
		l.term(block{kind: tBr, aux: typeTest(name), args: []val{v}, pos: e.At}, yes, no)
		return true
	case name == "is_function" && len(e.Args) == 2:
		f, n := l.gexpr(e.Args[0], bad), l.gexpr(e.Args[1], bad)
		if d := l.f.vals[n]; d.op == opConst && d.lit.IsSmall() && d.lit.Small() >= 0 {
			l.term(block{kind: tBr, aux: "is_function2", args: []val{f, n}, pos: e.At}, yes, no)
			return true
		}
		ok := l.newBlock()
		v := l.termVal(block{kind: tBif, aux: name, args: []val{f, n}, pos: e.At}, ok, bad)
		l.cur = ok
		l.boolSwitch(v, yes, no, bad)
		return true
	case name == "is_record" && l.isNativeCall(e) != nil:
		n := l.isNativeCall(e)
		l.nativeIs(l.gexpr(e.Args[0], bad), n, yes, no)
		return true
	case name == "is_record" && len(e.Args) == 2:
		tag, ok := e.Args[1].(*ast.Atom)
		if !ok {
			return false
		}
		r := l.m.unit.Records[tag.Name]
		if r == nil {
			return false
		}
		v := l.gexpr(e.Args[0], bad)
		l.recordTest(v, tag.Name, len(r.Fields)+1, yes, no)
		return true
	case name == "is_record" && len(e.Args) == 3:
		tag, ok1 := e.Args[1].(*ast.Atom)
		size, ok2 := e.Args[2].(*ast.Integer)
		if !ok1 || !ok2 || size.Value < 0 || size.Big != nil {
			return false
		}
		if size.Value == 0 { // no tuple has a tag and no elements
			l.gexpr(e.Args[0], bad)
			l.jump(no)
			return true
		}
		v := l.gexpr(e.Args[0], bad)
		l.recordTest(v, tag.Name, int(size.Value), yes, no)
		return true
	case name == "is_integer" && len(e.Args) == 3:
		v := l.gexpr(e.Args[0], bad)
		lo, hi := l.gexpr(e.Args[1], bad), l.gexpr(e.Args[2], bad)
		for _, x := range []val{lo, hi} {
			l.br("is_integer", 0, bad, x)
		}
		l.br("is_integer", 0, no, v)
		l.br("is_ge", 0, no, v, lo)
		l.term(block{kind: tBr, aux: "is_ge", args: []val{hi, v}, pos: e.At}, yes, no)
		return true
	}
	return false
}

// knownRecordTest reports whether condCall does a call of is_record itself: tag and size are known. Other calls
// (of names that are no records) are calls of the BIF.
func (l *lower) knownRecordTest(e *ast.Call) bool {
	if len(e.Args) == 1 || l.isNativeCall(e) != nil {
		return true
	}
	if len(e.Args) != 2 && len(e.Args) != 3 {
		return false
	}
	tag, ok := e.Args[1].(*ast.Atom)
	if !ok {
		return false
	}
	if len(e.Args) == 2 {
		return l.m.unit.Records[tag.Name] != nil
	}
	size, ok := e.Args[2].(*ast.Integer)
	return ok && size.Value >= 0 && size.Big == nil
}

// recordTest is is_record with known tag and size.
func (l *lower) recordTest(v val, tag string, size int, yes, no *block) {
	l.term(block{kind: tBr, aux: "is_tagged_tuple", n: size, args: []val{v, l.atom(tag)}, pos: l.pos}, yes, no)
}

// gexpr lowers a guard expression to its value; failure goes to fail.
func (l *lower) gexpr(e ast.Expr, fail *block) val {
	if t, ok := l.m.constant(e); ok {
		return l.f.konst(t)
	}
	switch e := e.(type) {
	case *ast.Var:
		return l.expr(e)
	case *ast.List:
		vs := l.gexprs(e.Elems, fail)
		v := l.gexpr(e.Tail, fail)
		for i := len(vs) - 1; i >= 0; i-- {
			v = l.cons(vs[i], v)
		}
		return v
	case *ast.Tuple:
		return l.tuple(l.gexprs(e.Elems, fail)...)
	case *ast.Block:
		if len(e.Body) == 1 {
			return l.gexpr(e.Body[0], fail)
		}
	case *ast.Map:
		return l.gmap(e, fail)
	case *ast.Bits:
		return l.gbits(e, fail)
	case *ast.Record:
		return l.grecord(e, fail)
	case *ast.RecordIndex:
		return l.recordIndex(e)
	case *ast.RecordAccess:
		return l.grecordAccess(e, fail)
	case *ast.Unary:
		x := l.gexpr(e.X, fail)
		l.pos = e.At
		return l.gbif(e.Op.String(), fail, x)
	case *ast.Binary:
		if e.Op == ast.OpAndalso || e.Op == ast.OpOrelse {
			return l.gbool(e, fail)
		}
		a, b := l.gexpr(e.L, fail), l.gexpr(e.R, fail)
		l.pos = e.At
		return l.gbif(e.Op.String(), fail, a, b)
	case *ast.Call:
		name, ok := guardCallName(e)
		if !ok {
			break
		}
		if name == "is_record" && l.knownRecordTest(e) || name == "is_integer" && len(e.Args) == 3 {
			return l.gbool(e, fail)
		}
		if bifKind(name, len(e.Args)) == bifNone && name != "min" && name != "max" {
			break
		}
		args := l.gexprs(e.Args, fail)
		l.pos = e.At
		return l.gbif(name, fail, args...)
	}
	l.m.list.Errorf(e.Pos(), "erl_lint.illegal_guard_expr", "illegal guard expression")
	return l.atom("undefined")
}

func (l *lower) gexprs(es []ast.Expr, fail *block) []val {
	vs := make([]val, len(es))
	for i, e := range es {
		vs[i] = l.gexpr(e, fail)
	}
	return vs
}

// gbool gives the value of a condition: true or false.
func (l *lower) gbool(e ast.Expr, fail *block) val {
	yes, no := l.newBlock(), l.newBlock()
	if b, ok := e.(*ast.Binary); ok && !isBoolExpr(b.R) {
		// the value of the right operand may be anything
		long := yes
		if b.Op == ast.OpOrelse {
			long = no
		}
		short, result := no, "false"
		if b.Op == ast.OpOrelse {
			short, result = yes, "true"
		}
		l.cond(b.L, yes, no, fail)
		j := l.newJoin()
		l.cur = short
		j.add(l, l.atom(result))
		l.cur = long
		j.add(l, l.gexpr(b.R, fail))
		return j.finish(l)
	}
	l.cond(e, yes, no, fail)
	j := l.newJoin()
	l.cur = yes
	j.add(l, l.atom("true"))
	l.cur = no
	j.add(l, l.atom("false"))
	return j.finish(l)
}

// isBoolExpr reports whether a guard expression can only be true or false.
func isBoolExpr(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Atom:
		return e.Name == "true" || e.Name == "false"
	case *ast.Binary:
		if test, _ := comparison(e.Op.String()); test != "" {
			return true
		}
		switch e.Op {
		case ast.OpAnd, ast.OpOr, ast.OpXor:
			return true
		case ast.OpAndalso, ast.OpOrelse:
			return isBoolExpr(e.R)
		}
	case *ast.Unary:
		return e.Op == ast.OpNot
	case *ast.Call:
		name, ok := guardCallName(e)
		return ok && len(name) > 3 && name[:3] == "is_"
	}
	return false
}

// gbif applies a guard BIF.
func (l *lower) gbif(name string, fail *block, args ...val) val {
	n := len(args)
	if bifCannotFail(name, n) {
		return l.add(value{op: opBif, aux: name, args: args})
	}
	kind := tBif
	switch {
	case name == "min" || name == "max":
		// no instruction that OTP 25 has: a choice
		return l.gminmax(name, args[0], args[1])
	case bifKind(name, n) == bifGc:
		kind = tGcBif
	}
	ok := l.newBlock()
	v := l.termVal(block{kind: kind, aux: name, args: args, pos: l.pos}, ok, fail)
	l.cur = ok
	return v
}

func (l *lower) gminmax(name string, a, b val) val {
	first, second := l.newBlock(), l.newBlock()
	if name == "min" {
		l.term(block{kind: tBr, aux: "is_ge", args: []val{b, a}, pos: l.pos}, first, second)
	} else {
		l.term(block{kind: tBr, aux: "is_ge", args: []val{a, b}, pos: l.pos}, first, second)
	}
	j := l.newJoin()
	l.cur = first
	j.add(l, a)
	l.cur = second
	j.add(l, b)
	return j.finish(l)
}

// gmap builds or updates a map in a guard.
func (l *lower) gmap(e *ast.Map, fail *block) val {
	base := l.f.konst(l.m.heap.MapFromPairs(nil))
	if e.Base != nil {
		base = l.gexpr(e.Base, fail)
		l.br("is_map", 0, fail, base)
	}
	vs := make([]val, 0, 2*len(e.Fields))
	for _, f := range e.Fields {
		k := l.gexpr(f.Key, fail)
		vs = append(vs, k, l.gexpr(f.Value, fail))
	}
	for i, f := range e.Fields {
		if f.Exact {
			ok := l.newBlock()
			l.termVal(block{kind: tMapGet, args: []val{base, vs[2*i]}, pos: e.At}, ok, fail)
			l.cur = ok
		}
		base = l.add(value{op: opMapAssoc, args: []val{base, vs[2*i], vs[2*i+1]}})
	}
	return base
}

// isGuardTest reports whether a filter of a comprehension is a guard test.
func (l *lower) isGuardTest(e ast.Expr) bool {
	ok := true
	ast.Walk(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Atom, *ast.Integer, *ast.Char, *ast.Float, *ast.String, *ast.Var, *ast.Nil,
			*ast.List, *ast.Tuple, *ast.Map, *ast.MapField, *ast.Bits, *ast.BitsElem,
			*ast.RecordIndex, *ast.RecordField, *ast.Unary, *ast.Remote:
		case *ast.Record:
			ok = ok && n.Ref.Kind == ast.RecordLocal && n.Base == nil && l.native(n.Ref) == nil && l.guardDefaults(n)
		case *ast.RecordAccess:
			ok = ok && (n.Ref.Kind == ast.RecordLocal || l.native(n.Ref) != nil)
		case *ast.Binary:
			if n.Op == ast.OpSend || n.Op == ast.OpAppend || n.Op == ast.OpDelete {
				ok = false
			}
		case *ast.Call:
			ok = ok && l.isGuardCall(n)
		default:
			ok = false
		}
		return ok
	})
	return ok
}

// guardDefaults reports whether the defaults of the fields that a record expression leaves out can stand in a guard.
func (l *lower) guardDefaults(e *ast.Record) bool {
	r := l.m.unit.Records[e.Ref.Name]
	if r == nil {
		return true
	}
	given := map[string]bool{}
	for _, f := range e.Fields {
		if a, ok := f.Name.(*ast.Atom); ok {
			given[a.Name] = true
		} else {
			return true // _ = Value gives all of them
		}
	}
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Default != nil && !given[f.Name] && !l.isGuardTest(f.Default) {
			return false
		}
	}
	return true
}

func (l *lower) isGuardCall(n *ast.Call) bool {
	name, ok := guardCallName(n)
	if !ok {
		return false
	}
	arity := len(n.Args)
	if _, local := n.Fun.(*ast.Atom); local {
		k := lint.FunKey{Name: name, Arity: arity}
		if _, imported := l.m.unit.Imports[k]; imported || l.m.unit.Funs[k] != nil {
			return false
		}
	}
	if name == "is_record" && l.isNativeCall(n) != nil {
		return true
	}
	if name == "is_record" {
		if arity < 2 || arity > 3 {
			return false
		}
		tag, ok := n.Args[1].(*ast.Atom)
		if ok && arity == 3 {
			_, ok = n.Args[2].(*ast.Integer)
		}
		if ok && arity == 2 {
			ok = l.m.unit.Records[tag.Name] != nil
		}
		return ok
	}
	if name == "is_integer" && arity == 3 || (name == "min" || name == "max") && arity == 2 {
		return true
	}
	if name == "node" || name == "self" || typeTest(name) != "" {
		return bifKind(name, arity) != bifNone
	}
	return bifKind(name, arity) != bifNone
}
