package compiler

import (
	"fmt"
	"maps"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/term"
)

// body lowers a sequence of expressions; the last one's value is the result.
func (l *lower) body(es []ast.Expr) val {
	var v val
	for i, e := range es {
		if i < len(es)-1 && l.effect(e) {
			continue
		}
		v = l.expr(e)
	}
	return v
}

// exprs lowers expressions from left to right.
func (l *lower) exprs(es []ast.Expr) []val {
	vs := make([]val, len(es))
	for i, e := range es {
		vs[i] = l.expr(e)
	}
	return vs
}

// expr lowers an expression of a body.
func (l *lower) expr(e ast.Expr) val {
	if t, ok := l.m.constant(e); ok {
		return l.f.konst(t)
	}
	switch e := e.(type) {
	case *ast.Var:
		v := l.lookup(e.Name)
		if v == 0 {
			// lint has seen that it is bound on every way that comes here: no way does
			if l.reachable() && l.m.list.Err() == nil {
				panic("compiler: variable " + e.Name + " has no value")
			}
			v = l.atom("undefined")
		}
		return v
	case *ast.List:
		vs := l.exprs(e.Elems)
		v := l.expr(e.Tail)
		for i := len(vs) - 1; i >= 0; i-- {
			v = l.cons(vs[i], v)
		}
		return v
	case *ast.Tuple:
		return l.tuple(l.exprs(e.Elems)...)
	case *ast.Map:
		return l.mapExpr(e)
	case *ast.Bits:
		return l.bits(e)
	case *ast.Match:
		return l.matchExpr(e)
	case *ast.Block:
		return l.body(e.Body)
	case *ast.Unary:
		return l.unary(e)
	case *ast.Binary:
		return l.binary(e)
	case *ast.Call:
		return l.call(e)
	case *ast.Case:
		return l.caseExpr(e)
	case *ast.If:
		return l.ifExpr(e)
	case *ast.Receive:
		return l.receive(e)
	case *ast.Try:
		return l.try(e)
	case *ast.Catch:
		return l.catch(e)
	case *ast.Maybe:
		return l.maybe(e)
	case *ast.Fun:
		return l.fun(e)
	case *ast.NamedFun:
		return l.namedFun(e)
	case *ast.FunRef:
		return l.funRef(e)
	case *ast.FunRemote:
		return l.funRemote(e)
	case *ast.ListComp:
		return l.listComp(e)
	case *ast.BitsComp:
		return l.bitsComp(e)
	case *ast.MapComp:
		return l.mapComp(e)
	case *ast.Record:
		return l.record(e)
	case *ast.RecordAccess:
		return l.recordAccess(e)
	case *ast.RecordIndex:
		return l.recordIndex(e)
	case *ast.Remote:
		// only valid as the function of a call
		l.m.list.Errorf(e.At, "erl_lint.illegal_expr", "illegal expression")
		return l.atom("undefined")
	}
	l.m.list.Errorf(e.Pos(), "erl_lint.illegal_expr", "illegal expression")
	return l.atom("undefined")
}

// matchExpr lowers Pattern = Value; the bindings stay.
func (l *lower) matchExpr(e *ast.Match) val {
	v := l.expr(e.Value)
	if p, ok := e.Pattern.(*ast.Var); ok && (p.Name == "_" || !l.bound(p.Name)) {
		if p.Name != "_" {
			l.bind(p.Name, v)
		}
		return v
	}
	l.pos = e.At
	fail := l.newBlock()
	l.matchBind(v, e.Pattern, fail)
	ok := l.cur
	l.cur = fail
	l.pos = e.At
	l.fail("badmatch", v)
	l.cur = ok
	return v
}

// matchBind matches one pattern, leaving its variables bound.
func (l *lower) matchBind(v val, p ast.Expr, fail *block) {
	cs := []*ast.Clause{{At: p.Pos(), Patterns: []ast.Expr{p}}}
	var end *block
	mark := l.mark()
	var names []string
	var vals []val
	l.clauses([]val{v}, cs, false, fail, func(int) {
		end = l.cur
		for _, n := range l.trail[mark:] {
			names = append(names, n)
			vals = append(vals, l.env[n])
		}
	})
	if end == nil {
		l.dead()
		// no way leads on; bind the variables all the same
		for _, n := range patternVars(p) {
			if !l.bound(n) {
				l.bind(n, l.atom("undefined"))
			}
		}
		return
	}
	l.cur = end
	for i, n := range names {
		l.bind(n, vals[i])
	}
}

// patternVars lists the variables of a pattern.
func patternVars(p ast.Expr) []string {
	var out []string
	ast.Walk(p, func(n ast.Node) bool {
		if v, ok := n.(*ast.Var); ok && v.Name != "_" {
			out = append(out, v.Name)
		}
		return true
	})
	return out
}

func (l *lower) caseExpr(e *ast.Case) val { return l.caseOf(e, l.body) }

// caseOf lowers a case with its bodies lowered by the given function.
func (l *lower) caseOf(e *ast.Case, body func([]ast.Expr) val) val {
	v := l.expr(e.Arg)
	j := l.newJoin()
	fail := l.newBlock()
	l.clauses([]val{v}, e.Clauses, false, fail, func(i int) {
		j.add(l, body(e.Clauses[i].Body))
	})
	l.cur = fail
	l.pos = e.At
	l.fail("case_end", v)
	return j.finish(l)
}

func (l *lower) ifExpr(e *ast.If) val { return l.ifOf(e, l.body) }

func (l *lower) ifOf(e *ast.If, body func([]ast.Expr) val) val {
	j := l.newJoin()
	fail := l.newBlock()
	l.clauses(nil, e.Clauses, false, fail, func(i int) {
		j.add(l, body(e.Clauses[i].Body))
	})
	l.cur = fail
	l.pos = e.At
	l.fail("if_end")
	return j.finish(l)
}

func (l *lower) mapExpr(e *ast.Map) val {
	var base val
	if e.Base != nil {
		base = l.expr(e.Base)
	} else {
		base = l.f.konst(l.m.heap.MapFromPairs(nil))
	}
	vs := make([]val, 0, 2*len(e.Fields))
	for _, f := range e.Fields {
		vs = append(vs, l.expr(f.Key), l.expr(f.Value))
	}
	l.pos = e.At
	return l.mapUpdate(base, e, vs)
}

// mapUpdate applies the fields in runs of the same kind, each with distinct
// literal keys, as the instructions demand.
func (l *lower) mapUpdate(v val, e *ast.Map, vs []val) val {
	if d := &l.f.vals[v]; e.Base != nil && !(d.op == opConst && d.lit.IsMap()) {
		// the instructions take it for granted that it is a map
		fail := l.newBlock()
		l.br("is_map", 0, fail, v)
		ok := l.cur
		l.cur = fail
		l.errorCall(l.tuple(l.atom("badmap"), v))
		l.cur = ok
		l.pos = e.At
	}
	for i := 0; i < len(e.Fields); {
		exact := e.Fields[i].Exact
		args := []val{v}
		for i < len(e.Fields) && e.Fields[i].Exact == exact {
			k := vs[2*i]
			dup := -1
			for x := 1; x < len(args); x += 2 {
				if l.sameKey(args[x], k) {
					dup = x
				}
			}
			if dup >= 0 {
				args[dup+1] = vs[2*i+1]
			} else if len(args) > 1 && (!l.f.isConst(k) || !l.f.isConst(args[1])) {
				break // variable keys go alone: they may be equal
			} else {
				args = append(args, k, vs[2*i+1])
			}
			i++
		}
		op := opMapAssoc
		if exact {
			op = opMapExact
		}
		v = l.add(value{op: op, args: args})
	}
	return v
}

func (l *lower) sameKey(a, b val) bool {
	if a == b {
		return true
	}
	return l.f.isConst(a) && l.f.isConst(b) && term.ExactEqual(l.f.vals[a].lit, l.f.vals[b].lit)
}

func (l *lower) unary(e *ast.Unary) val {
	if e.Op == ast.OpNot {
		x := l.expr(e.X)
		l.pos = e.At
		return l.add(value{op: opBif, aux: "not", args: []val{x}})
	}
	x := l.expr(e.X)
	l.pos = e.At
	return l.add(value{op: opGcBif, aux: e.Op.String(), args: []val{x}})
}

func (l *lower) binary(e *ast.Binary) val {
	switch e.Op {
	case ast.OpAndalso, ast.OpOrelse:
		return l.shortCircuit(e)
	case ast.OpSend:
		a, b := l.expr(e.L), l.expr(e.R)
		l.pos = e.At
		return l.add(value{op: opSend, args: []val{a, b}})
	case ast.OpAppend:
		return l.appendExpr(e)
	case ast.OpDelete:
		a, b := l.expr(e.L), l.expr(e.R)
		l.pos = e.At
		return l.callExt("erlang", "--", a, b)
	}
	a, b := l.expr(e.L), l.expr(e.R)
	l.pos = e.At
	return l.op2(e.Op.String(), a, b)
}

// op2 applies a binary operator that is a guard BIF.
func (l *lower) op2(name string, a, b val) val {
	switch name {
	case "==", "/=", "=<", "<", ">=", ">", "=:=", "=/=", "and", "or", "xor":
		return l.add(value{op: opBif, aux: name, args: []val{a, b}})
	case "+", "*", "band", "bor", "bxor":
		// As OTP's compiler, whose order exceptions show: a constant is the second operand.
		if l.isInteger(a) && !l.isInteger(b) {
			a, b = b, a
		}
	}
	return l.add(value{op: opGcBif, aux: name, args: []val{a, b}})
}

func (l *lower) isInteger(v val) bool {
	d := l.f.vals[v]
	return d.op == opConst && d.lit.IsSmall()
}

// appendExpr lowers ++. A list whose elements are in sight is built in front
// of the right operand.
func (l *lower) appendExpr(e *ast.Binary) val {
	a := l.expr(e.L)
	b := l.expr(e.R)
	l.pos = e.At
	var elems []val
	for t := a; ; {
		d := l.f.vals[t]
		if d.op == opCons && len(elems) < 64 {
			elems = append(elems, d.args[0])
			t = d.args[1]
			continue
		}
		if d.op == opConst && d.lit.IsCons() && len(elems) < 64 {
			elems = append(elems, l.f.konst(d.lit.Head()))
			t = l.f.konst(d.lit.Tail())
			continue
		}
		if d.op == opConst && d.lit.IsNil() && len(elems) > 0 {
			for i := len(elems) - 1; i >= 0; i-- {
				b = l.cons(elems[i], b)
			}
			return b
		}
		return l.callExt("erlang", "++", a, b)
	}
}

// shortCircuit lowers andalso and orelse. The value of the right operand is
// the result where it is evaluated.
func (l *lower) shortCircuit(e *ast.Binary) val {
	j := l.newJoin()
	a := l.expr(e.L)
	mark := l.mark()
	outer := j.mark
	j.mark = mark
	_ = outer
	isAnd := e.Op == ast.OpAndalso
	yes, no, bad := l.newBlock(), l.newBlock(), l.newBlock()
	l.term(block{kind: tSwitch, args: []val{a}, cases: []term.Term{term.AtomTrue, term.AtomFalse}}, yes, no, bad)
	l.cur = bad
	l.pos = e.At
	l.errorCall(l.tuple(l.atom("badarg"), a))
	short, long, result := no, yes, "false"
	if !isAnd {
		short, long, result = yes, no, "true"
	}
	l.cur = short
	j.add(l, l.atom(result))
	l.cur = long
	j.add(l, l.expr(e.R))
	return j.finish(l)
}

// call lowers a call of any kind.
func (l *lower) call(e *ast.Call) val {
	if r, ok := e.Fun.(*ast.Remote); ok {
		mod, mok := r.Module.(*ast.Atom)
		fun, fok := r.Name.(*ast.Atom)
		if mok && fok {
			return l.remoteCall(e, mod.Name, fun.Name)
		}
		m := l.expr(r.Module)
		f := l.expr(r.Name)
		args := l.exprs(e.Args)
		l.pos = e.At
		return l.add(value{op: opApply, args: append([]val{m, f}, args...)})
	}
	if a, ok := e.Fun.(*ast.Atom); ok {
		return l.localCall(e, a.Name)
	}
	if v, ok := e.Fun.(*ast.Var); ok && l.self == v.Name && l.env[v.Name] == 0 && len(e.Args) == l.f.arity-l.f.nfree {
		args := l.exprs(e.Args)
		l.pos = e.At
		args = append(args, l.f.params[l.f.arity-l.f.nfree:]...)
		return l.add(value{op: opCall, aux: l.f.ref, args: args})
	}
	if f, ok := e.Fun.(*ast.Fun); ok {
		if v, ok := l.applied(e, f); ok {
			return v
		}
	}
	if isOldRecordTest(e) {
		if v, ok := l.isRecordBody(e); ok {
			return v
		}
	}
	f := l.expr(e.Fun)
	args := l.exprs(e.Args)
	l.pos = e.At
	return l.callFun(f, args)
}

// isOldRecordTest reports whether a call is {erlang,is_record}(X, Name), all that is left of calls of tuples.
func isOldRecordTest(e *ast.Call) bool {
	t, ok := e.Fun.(*ast.Tuple)
	if !ok || len(t.Elems) != 2 || len(e.Args) != 2 {
		return false
	}
	mod, ok1 := t.Elems[0].(*ast.Atom)
	name, ok2 := t.Elems[1].(*ast.Atom)
	return ok1 && ok2 && mod.Name == "erlang" && name.Name == "is_record"
}

// applied lowers the call of a fun expression that takes anything: its body in
// a scope of its own.
func (l *lower) applied(e *ast.Call, f *ast.Fun) (val, bool) {
	if len(f.Clauses) != 1 || len(f.Clauses[0].Guard) > 0 || len(f.Clauses[0].Patterns) != len(e.Args) {
		return 0, false
	}
	seen := map[string]bool{}
	for _, p := range f.Clauses[0].Patterns {
		v, ok := p.(*ast.Var)
		if !ok || v.Name != "_" && seen[v.Name] {
			return 0, false
		}
		seen[v.Name] = true
	}
	args := l.exprs(e.Args)
	env, mark := l.env, l.mark()
	l.env = maps.Clone(env)
	for i, p := range f.Clauses[0].Patterns {
		if name := p.(*ast.Var).Name; name != "_" {
			l.env[name] = args[i]
		}
	}
	v := l.body(f.Clauses[0].Body)
	l.env, l.trail = env, l.trail[:mark]
	return v, true
}

func (l *lower) callFun(f val, args []val) val {
	return l.add(value{op: opCallFun, args: append([]val{f}, args...)})
}

// localCall lowers name(Args): a function of the module, an import or a BIF.
func (l *lower) localCall(e *ast.Call, name string) val {
	u := l.m.unit
	k := lint.FunKey{Name: name, Arity: len(e.Args)}
	if u.Funs[k] != nil {
		if v, ok := l.inlineCall(e, u.Funs[k]); ok {
			return v
		}
		args := l.exprs(e.Args)
		l.pos = e.At
		return l.add(value{op: opCall, aux: l.m.ref(name, k.Arity), args: args})
	}
	if mod, ok := u.Imports[k]; ok {
		return l.remoteCall(e, mod, name)
	}
	if name == "record_info" && len(e.Args) == 2 {
		return l.recordInfo(e)
	}
	if isAutoImported(name, k.Arity) {
		return l.remoteCall(e, "erlang", name)
	}
	if name == "module_info" && len(e.Args) <= 1 {
		args := l.exprs(e.Args)
		l.pos = e.At
		return l.add(value{op: opCall, aux: l.m.ref(name, k.Arity), args: args})
	}
	l.m.list.Errorf(e.At, "erl_lint.undefined_function", "function %s/%d undefined", name, k.Arity)
	return l.atom("undefined")
}

// remoteCall lowers mod:fun(Args) with both names known.
func (l *lower) remoteCall(e *ast.Call, mod, fun string) val {
	n := len(e.Args)
	if mod == "erlang" {
		if v, ok := l.erlangCall(e, fun, n); ok {
			return v
		}
	}
	args := l.exprs(e.Args)
	l.pos = e.At
	v := l.add(value{op: opCallExt, aux: mfa{mod, fun, n}, args: args})
	if mod == "erlang" && neverReturns(fun, n) {
		l.term(block{kind: tUnreach})
		l.dead()
	}
	return v
}

// neverReturns says which BIFs always raise.
func neverReturns(fun string, arity int) bool {
	switch fun {
	case "error":
		return arity >= 1 && arity <= 3
	case "exit", "throw":
		return arity == 1
	}
	return false
}

// erlangCall lowers those calls of module erlang that are more than a call.
func (l *lower) erlangCall(e *ast.Call, fun string, n int) (val, bool) {
	switch {
	case fun == "apply" && n == 3:
		if elems, ok := properList(e.Args[2]); ok {
			m, f := l.expr(e.Args[0]), l.expr(e.Args[1])
			args := l.exprs(elems)
			l.pos = e.At
			if l.f.isConst(m) && l.f.isConst(f) && l.f.vals[m].lit.IsAtom() && l.f.vals[f].lit.IsAtom() {
				return l.add(value{op: opCallExt, args: args,
					aux: mfa{l.f.vals[m].lit.AtomName(), l.f.vals[f].lit.AtomName(), len(args)}}), true
			}
			return l.add(value{op: opApply, args: append([]val{m, f}, args...)}), true
		}
	case fun == "apply" && n == 2:
		if elems, ok := properList(e.Args[1]); ok {
			f := l.expr(e.Args[0])
			args := l.exprs(elems)
			l.pos = e.At
			return l.callFun(f, args), true
		}
	case fun == "is_record" && (n == 2 || n == 3):
		if v, ok := l.isRecordBody(e); ok {
			return v, true
		}
	case fun == "!" && n == 2:
		args := l.exprs(e.Args)
		l.pos = e.At
		return l.add(value{op: opSend, args: args}), true
	}
	switch bifKind(fun, n) {
	case bifPlain:
		args := l.exprs(e.Args)
		l.pos = e.At
		return l.add(value{op: opBif, aux: fun, args: args}), true
	case bifGc:
		args := l.exprs(e.Args)
		l.pos = e.At
		return l.add(value{op: opGcBif, aux: fun, args: args}), true
	}
	return 0, false
}

// properList gives the elements of a list expression with a [] tail.
func properList(e ast.Expr) ([]ast.Expr, bool) {
	switch e := e.(type) {
	case *ast.Nil:
		return nil, true
	case *ast.List:
		tail, ok := properList(e.Tail)
		if !ok {
			return nil, false
		}
		return append(append([]ast.Expr(nil), e.Elems...), tail...), true
	}
	return nil, false
}

// inlineCall is the hook of -compile(inline); see inline.go.
func (l *lower) inlineCall(*ast.Call, *ast.Function) (val, bool) { return 0, false }

// Funs.

func (l *lower) funName(n ast.Node) string {
	return fmt.Sprintf("%sfun-%d-", l.top.base, l.top.core.take(n))
}

func (l *lower) fun(e *ast.Fun) val {
	c := l.child("", len(e.Clauses[0].Patterns), e.At)
	c.f.isFun = true
	c.funClauses(e.Clauses)
	c.f.name = l.funName(e)
	c.f.ref.name = c.f.name
	l.m.fns = append(l.m.fns, c.f)
	l.pos = e.At
	return l.makeFun(c)
}

func (l *lower) makeFun(c *lower) val {
	return l.add(value{op: opMakeFun, aux: c.f.ref, args: append([]val(nil), c.free...)})
}

func (l *lower) namedFun(e *ast.NamedFun) val {
	c := l.child("", len(e.Clauses[0].Patterns), e.At)
	c.f.isFun = true
	// What the fun calls itself with must be complete from the start.
	for _, n := range usedNames(e) {
		if n != e.Name && l.bound(n) {
			c.lookup(n)
		}
	}
	c.self = e.Name
	l.top.core.take(e)
	name := fmt.Sprintf("%s%s/%d-%d-", l.top.base, e.Name, len(e.Clauses[0].Patterns), l.top.local)
	l.top.local++
	c.funClauses(e.Clauses)
	c.f.name = name
	c.f.ref.name = c.f.name
	l.m.fns = append(l.m.fns, c.f)
	l.pos = e.At
	return l.makeFun(c)
}

// usedNames lists the variables that occur anywhere in a node, each once.
func usedNames(n ast.Node) []string {
	var out []string
	seen := map[string]bool{"_": true}
	ast.Walk(n, func(n ast.Node) bool {
		name := ""
		if v, ok := n.(*ast.Var); ok {
			name = v.Name
		}
		if name != "" && !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
		return true
	})
	return out
}

func (l *lower) funRef(e *ast.FunRef) val {
	l.pos = e.At
	n := int(e.Arity)
	k := lint.FunKey{Name: e.Name, Arity: n}
	if l.m.unit.Funs[k] == nil {
		if mod, ok := l.m.unit.Imports[k]; ok {
			return l.externalFun(mod, e.Name, n)
		}
		if isAutoImported(e.Name, n) {
			return l.externalFun("erlang", e.Name, n)
		}
		l.m.list.Errorf(e.At, "erl_lint.undefined_function", "function %s/%d undefined", e.Name, n)
	}
	return l.add(value{op: opMakeFun, aux: l.m.ref(e.Name, n)})
}

func (l *lower) funRemote(e *ast.FunRemote) val {
	m, mok := e.Module.(*ast.Atom)
	f, fok := e.Name.(*ast.Atom)
	n, nok := e.Arity.(*ast.Integer)
	if mok && fok && nok {
		return l.externalFun(m.Name, f.Name, int(n.Value))
	}
	args := []val{l.expr(e.Module), l.expr(e.Name), l.expr(e.Arity)}
	l.pos = e.At
	return l.callExt("erlang", "make_fun", args...)
}
