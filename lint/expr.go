package lint

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// The expression checks give what an expression does to variables: those that
// it uses and those that it binds, in the state that the code after it sees.

// exprs checks a sequence.
func (c *checker) exprs(es []ast.Expr, old vars) vars {
	var out vars
	for _, e := range es {
		v := c.expr(e, old)
		old = update(v, old)
		// What a later expression does comes first only where it says more:
		// the states of the sequence are those of the first mention.
		out = sequence(out, v)
	}
	return out
}

// sequence adds what the next expression of a sequence does. The first
// expression that mentions a variable decides its state.
func sequence(first, next vars) vars { return update(first, next) }

// parallel checks expressions that do not see each other's variables.
func (c *checker) parallel(es []ast.Expr, old vars) vars {
	var out vars
	for _, e := range es {
		out = c.mergePattern(c.expr(e, old), out)
	}
	return out
}

// inside is parallel for the parts of a construct that exports what they bind.
func (c *checker) inside(what string, at diag.Pos, es []ast.Expr, old vars) vars {
	return leave(construct{what, at}, c.parallel(es, old), old)
}

func (c *checker) expr(e ast.Expr, old vars) vars {
	switch e := e.(type) {
	case *ast.Var:
		return c.useVar(e, old)
	case *ast.Atom:
		c.keyword(e.At, e.Name)
	case *ast.Integer, *ast.Char, *ast.Float, *ast.String, *ast.Nil:
	case *ast.List:
		return c.list(e, old)
	case *ast.Tuple:
		return c.inside("tuple", e.At, e.Elems, old)
	case *ast.Map:
		return c.mapExpr(e, old)
	case *ast.Bits:
		return leave(construct{"binary", e.At}, c.bits(e.Elems, old, c.expr), old)
	case *ast.Record:
		if e.Base != nil {
			return c.recordUpdate(e, old)
		}
		return c.recordNew(e, old)
	case *ast.RecordIndex:
		return c.recordIndex(e)
	case *ast.RecordAccess:
		c.checkBase(e.At, e.Base)
		v := c.expr(e.Base, old)
		return merge(v, c.recordField(e.At, e.Ref, e.Field))
	case *ast.Unary:
		return c.inside(e.Op.String(), e.At, []ast.Expr{e.X}, old)
	case *ast.Binary:
		return c.binary(e, old)
	case *ast.Match:
		return c.match(e.Pattern, e.Value, old)
	case *ast.MaybeMatch:
		return c.match(e.Pattern, e.Value, old)
	case *ast.Catch:
		v := c.expr(e.X, old)
		c.maybeWarnf(e.At, "deprecated_catch", "'catch ...' is deprecated; please use 'try ... catch ... end' instead.\n"+
			"Compile directive 'nowarn_deprecated_catch' can be used to suppress\nwarnings in selected modules.")
		return leaveUnsafe(construct{"catch", e.At}, v, old)
	case *ast.Remote:
		at := e.Module.Pos()
		if c.fset != nil {
			at = ast.FirstPos(e.Module, func(a, b diag.Pos) bool { return c.fset.Compare(a, b) < 0 })
		}
		c.errorf(at, "illegal_expr", "illegal expression")
	case *ast.Call:
		return c.callExpr(e, old)
	case *ast.Fun:
		return c.funClauses(e.Clauses, old)
	case *ast.NamedFun:
		return c.namedFun(e, old)
	case *ast.FunRef:
		c.funRef(e)
	case *ast.FunRemote:
		return c.funRemote(e, old)
	case *ast.Block:
		return leave(construct{"begin", e.At}, c.exprs(e.Body, old), old)
	case *ast.If:
		return c.clauses(e.Clauses, construct{"if", e.At}, old)
	case *ast.Case:
		v := c.expr(e.Arg, old)
		return merge(v, c.clauses(e.Clauses, construct{"case", e.At}, update(v, old)))
	case *ast.Receive:
		return c.receive(e, old)
	case *ast.Try:
		return c.try(e, old)
	case *ast.Maybe:
		return c.maybe(e, old)
	case *ast.ListComp:
		return c.comprehension(e.Quals, old, func(inner vars) vars {
			if len(e.Exprs) == 1 {
				return c.expr(e.Exprs[0], inner)
			}
			return c.parallel(e.Exprs, inner)
		})
	case *ast.BitsComp:
		return c.comprehension(e.Quals, old, func(inner vars) vars { return c.expr(e.Value, inner) })
	case *ast.MapComp:
		return c.comprehension(e.Quals, old, func(inner vars) vars {
			var out vars
			for _, f := range e.Fields {
				if f.Exact {
					c.errorf(f.At, "illegal_map_exact_in_comprehension", "illegal map association, did you mean to use `=>`?")
				}
				v := c.parallel([]ast.Expr{f.Key, f.Value}, inner)
				if len(e.Fields) > 1 {
					out = c.mergePattern(v, out)
				} else {
					out = v
				}
			}
			return out
		})
	}
	return nil
}

// list checks a list: each cons is a construct of its own that exports.
func (c *checker) list(e *ast.List, old vars) vars {
	simple := true
	for _, x := range e.Elems {
		if !quiet(x) {
			simple = false
			break
		}
	}
	if simple && quiet(e.Tail) {
		return nil
	}
	// The elements are checked in their order, which is that of the
	// diagnostics, and united from the inside out: [A, B | T] is [A | [B | T]].
	// What they bind is exported from all those lists; the outermost is named.
	parts := make([]vars, len(e.Elems))
	for i, x := range e.Elems {
		parts[i] = c.expr(x, old)
	}
	v := c.expr(e.Tail, old)
	for i := len(e.Elems) - 1; i >= 0; i-- {
		v = c.mergePattern(v, parts[i])
	}
	return leave(construct{"list", e.At}, v, old)
}

// first is the position of the first token of an expression.
func (c *checker) first(e ast.Expr) diag.Pos {
	return ast.FirstPos(e, func(a, b diag.Pos) bool { return c.fset != nil && c.fset.Compare(a, b) < 0 })
}

// quiet reports whether an expression is a literal without variables or
// anything to say about.
func quiet(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Integer, *ast.Char, *ast.String, *ast.Nil, *ast.Float:
		return true
	}
	return false
}

func (c *checker) mapExpr(e *ast.Map, old vars) vars {
	var out vars
	if e.Base != nil {
		out = c.inside("map", e.At, []ast.Expr{e.Base}, old)
	} else {
		c.constructionFields(e.Fields)
	}
	var fields vars
	for _, f := range e.Fields {
		// Each field decides for the ones behind it.
		fields = update(fields, c.inside("map", e.At, []ast.Expr{f.Key, f.Value}, old))
	}
	if e.Base != nil {
		fields = update(out, fields)
		c.literalUpdate(e.At, e.Base)
	}
	return fields
}

// constructionFields refuses := where a map is made.
func (c *checker) constructionFields(fields []*ast.MapField) {
	for _, f := range fields {
		if f.Exact {
			c.errorf(f.At, "illegal_map_construction", "only association operators '=>' are allowed in map construction")
		}
	}
}

// literalUpdate warns about #{...}#{...}: most often a comma is missing.
func (c *checker) literalUpdate(at diag.Pos, base ast.Expr) {
	if isLiteralUpdate(base) {
		c.maybeWarnf(at, "update_literal", "expression updates a literal")
	}
}

func isLiteralUpdate(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Record:
		return e.Base == nil || isLiteralUpdate(e.Base)
	case *ast.Map:
		return e.Base == nil || isLiteralUpdate(e.Base)
	}
	return false
}

func (c *checker) binary(e *ast.Binary, old vars) vars {
	switch e.Op {
	case ast.OpAndalso, ast.OpOrelse:
		in := construct{e.Op.String(), e.At}
		l := c.inside(e.Op.String(), e.At, []ast.Expr{e.L}, old)
		now := update(l, old)
		r := c.expr(e.R, now)
		return merge(l, leaveUnsafe(in, r, now))
	case ast.OpExactEq, ast.OpExactNe:
		c.floatZero(e.L)
		c.floatZero(e.R)
	default:
		c.obsoleteOp(e)
	}
	return c.inside(e.Op.String(), e.At, []ast.Expr{e.L, e.R}, old)
}

// obsoleteOp warns about and, or.
func (c *checker) obsoleteOp(e *ast.Binary) {
	if e.Op != ast.OpAnd && e.Op != ast.OpOr || !c.enabled("obsolete_bool_op") {
		return
	}
	better := "'andalso'"
	if e.Op == ast.OpOr {
		better = "'orelse'"
	}
	c.warnf(e.At, "obsolete_bool_op", "%s is deprecated; use the short circuiting %s instead.\n"+
		"The %s operator, which always evaluates both sides, could be\nremoved in a future version of Erlang/OTP.\n"+
		"Note that the 'and' and 'or' operators have unexpected precedence, so\n"+
		"that e.g. `X > 3 or is_tuple(X)` parses as `X > (3 or is_tuple(X))`.\n"+
		"Compile directive 'nowarn_obsolete_bool_op' can be used to suppress\nwarnings in selected modules.", "'"+e.Op.String()+"'", better, "'"+e.Op.String()+"'")
}

// floatZero warns about a 0.0 that is compared exactly.
func (c *checker) floatZero(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Float:
		if e.Value == 0 {
			c.maybeWarnf(e.At, "match_float_zero", floatZeroText)
		}
	case *ast.List:
		for _, x := range e.Elems {
			c.floatZero(x)
		}
		c.floatZero(e.Tail)
	case *ast.Tuple:
		for _, x := range e.Elems {
			c.floatZero(x)
		}
	}
}

const floatZeroText = "matching on the float 0.0 will no longer also match -0.0 in OTP 27.\n" +
	"If you specifically intend to match 0.0 alone, write +0.0 instead."

func (c *checker) match(pattern, value ast.Expr, old vars) vars {
	v := c.expr(value, old)
	now := update(v, old)
	used, born := c.pattern(pattern, now, now)
	return update(born, merge(v, used))
}

// clauses checks the clauses of if, case, maybe-else.
func (c *checker) clauses(cs []*ast.Clause, in construct, old vars) vars {
	return leaveClauses(c.eachClause(cs, old), old, in)
}

func (c *checker) eachClause(cs []*ast.Clause, old vars) []vars {
	out := make([]vars, len(cs))
	for i, cl := range cs {
		out[i] = c.clause(cl, old)
	}
	return out
}

func (c *checker) clause(cl *ast.Clause, old vars) vars {
	used, born := c.head(cl.Patterns, old, old)
	v := update(used, born)
	v = update(c.guard(cl.Guard, update(v, old)), v)
	return update(c.exprs(cl.Body, update(v, old)), v)
}

func (c *checker) receive(e *ast.Receive, old vars) vars {
	in := construct{"receive", e.At}
	if e.After == nil {
		return c.clauses(e.Clauses, in, old)
	}
	t := c.expr(e.After, old)
	after := c.exprs(e.AfterBody, old)
	all := append([]vars{after}, c.eachClause(e.Clauses, old)...)
	return merge(leaveClauses(all, old, in), merge(after, t))
}

func (c *checker) try(e *ast.Try, old vars) vars {
	in := construct{"try", e.At}
	body := c.exprs(e.Body, old)
	spoiled := mark(varState{unsafe, in}, body, old)
	now := update(body, old)
	all := c.eachClause(e.Of, now)
	failed := update(spoiled, now)
	for _, cl := range e.Catch {
		all = append(all, c.catchClause(cl, failed))
	}
	rest := leaveUnsafe(in, leaveClauses(all, now, in), old)
	out := merge(update(spoiled, body), rest)
	after := leaveUnsafe(in, c.exprs(e.After, update(out, old)), old)
	return merge(out, after)
}

func (c *checker) catchClause(cl *ast.Clause, old vars) vars {
	used, born := c.head(cl.Patterns, old, old)
	v := update(used, born)
	inGuard := update(v, old)
	if t, ok := cl.Patterns[0].(*ast.Tuple); ok && len(t.Elems) == 3 {
		if st, ok := t.Elems[2].(*ast.Var); ok && st.Name != "_" {
			if b, ok := find(inGuard, st.Name); ok && b.used {
				c.errorf(st.At, "stacktrace_bound", "stacktrace variable %s must not be previously bound", varArg(st.Name))
			}
			inGuard = update(one(st.Name, varState{kind: stacktrace}, false, st.At), inGuard)
		}
	}
	v = update(c.guard(cl.Guard, inGuard), v)
	return update(c.exprs(cl.Body, update(v, old)), v)
}

func (c *checker) maybe(e *ast.Maybe, old vars) vars {
	body := c.exprs(e.Body, old)
	spoiled := update(mark(varState{unsafe, construct{"maybe", e.At}}, body, old), old)
	out := merge(body, spoiled)
	if e.Else == nil {
		return out
	}
	in := construct{"else", e.ElseAt}
	other := c.clauses(e.Else, in, spoiled)
	return merge(out, merge(other, update(mark(varState{unsafe, in}, other, old), old)))
}

// funClauses checks a fun: nothing that it binds is seen outside.
func (c *checker) funClauses(cs []*ast.Clause, old vars) vars {
	top := c.inRecordDef
	c.inRecordDef = false
	var out vars
	for _, cl := range cs {
		out = merge(c.funClause(cl, old), out)
	}
	c.inRecordDef = top
	return safe(usedOnly(known(out, old)))
}

func (c *checker) funClause(cl *ast.Clause, old vars) vars {
	used, born := c.head(cl.Patterns, old, nil)
	outer := update(used, old)
	c.shadowed(born, old, "fun")
	v := update(fresh(outer, born), born)
	v = update(c.guard(cl.Guard, v), v)
	v = update(c.exprs(cl.Body, v), v)
	c.unused(v, old)
	hidden := known(outer, born)
	c.unusedAgain(v, hidden)
	return known(merge(hidden, fresh(v, hidden)), old)
}

func (c *checker) namedFun(e *ast.NamedFun, old vars) vars {
	if e.Name == "_" {
		return c.funClauses(e.Clauses, old)
	}
	self := one(e.Name, varState{}, false, e.At)
	c.shadowed(self, old, "named fun")
	v := c.funClauses(e.Clauses, update(fresh(old, self), self))
	c.unused(update(v, self), nil)
	return known(v, old)
}
