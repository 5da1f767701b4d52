package lint

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/bifs/spec"
	"github.com/gerl-lang/gerl/diag"
)

func (c *checker) guard(g [][]ast.Expr, old vars) vars {
	var out vars
	for _, and := range g {
		for _, t := range and {
			v := c.guardTest(t, old)
			old = update(v, old)
			out = sequence(out, v)
		}
	}
	return out
}

// illegalGuard reports an expression that may not stand in a guard.
func (c *checker) illegalGuard(at diag.Pos) {
	if c.context == inBinSize {
		c.errorf(at, "illegal_bitsize", "illegal bit size")
		return
	}
	c.errorf(at, "illegal_guard_expr", "illegal guard expression")
}

func (c *checker) illegalGuardCall(at diag.Pos, k FunKey) {
	if c.context == inBinSize {
		c.errorf(at, "illegal_bitsize_local_call", "call to local/imported function %s is illegal\nin a size expression for a binary segment", k)
		return
	}
	c.errorf(at, "illegal_guard_local_call", "call to local/imported function %s is illegal in guard", k)
}

// guardTest checks a test at the top level, where old type tests are allowed.
func (c *checker) guardTest(t ast.Expr, old vars) vars {
	call, ok := t.(*ast.Call)
	if !ok {
		return c.gexpr(t, old)
	}
	f, ok := call.Fun.(*ast.Atom)
	if !ok {
		return c.gexpr(t, old)
	}
	k := FunKey{f.Name, len(call.Args)}
	if spec.IsOldTypeTest(k.Name, k.Arity) {
		c.maybeWarnf(f.At, "obsolete_guard", "%s as a type test is obsolete and will be\nremoved in OTP 30; use is_%s instead.", k, k.plain())
		if c.locals[FunKey{"is_" + k.Name, k.Arity}] {
			c.errorf(f.At, "obsolete_guard_overridden", "obsolete %s/1 (meaning is_%s/1) is illegal when there is a\nlocal/imported function named is_%s/1",
				nameArg(k.Name), k.Name, atomText(k.Name))
		}
	} else {
		c.obsoleteFunction(call.At, "erlang", k)
	}
	if k == (FunKey{"record", 2}) {
		return c.isRecord(call, old)
	}
	if (spec.IsTypeTest(k.Name, k.Arity) || spec.IsOldTypeTest(k.Name, k.Arity)) && k.Name != "is_record" && k.Arity != 2 {
		v := c.gexprs(call.Args, old)
		if c.clashes(k) {
			c.illegalGuardCall(call.At, k)
		}
		return v
	}
	return c.gexpr(t, old)
}

// clashes reports whether the name of a guard BIF means another function here.
func (c *checker) clashes(k FunKey) bool {
	if c.locals[k] {
		return true
	}
	from, imported := c.imports[k]
	if imported {
		return from != "erlang"
	}
	return c.suppressed(k)
}

// suppressed reports whether the module has switched off a BIF's automatic import.
func (c *checker) suppressed(k FunKey) bool { return c.allNoBif || c.noAuto[k] }

func (c *checker) gexprs(es []ast.Expr, old vars) vars {
	var out vars
	for _, e := range es {
		out = merge(c.gexpr(e, old), out)
	}
	return out
}

// gexpr checks a guard expression.
func (c *checker) gexpr(e ast.Expr, old vars) vars {
	switch e := e.(type) {
	case *ast.Var:
		return c.useVar(e, old)
	case *ast.Atom:
		c.keyword(e.At, e.Name)
		return nil
	case *ast.Integer, *ast.Char, *ast.Float, *ast.String, *ast.Nil:
		return nil
	case *ast.List:
		v := c.gexprs(e.Elems, old)
		return merge(c.gexpr(e.Tail, old), v)
	case *ast.Tuple:
		return c.gexprs(e.Elems, old)
	case *ast.Map:
		if e.Base == nil {
			c.constructionFields(e.Fields)
		}
		var base, out vars
		if e.Base != nil {
			base = c.gexpr(e.Base, old)
		}
		for _, f := range e.Fields {
			out = update(out, c.gexprs([]ast.Expr{f.Key, f.Value}, old))
		}
		return merge(base, out)
	case *ast.RecordIndex:
		return c.recordIndex(e)
	case *ast.RecordAccess:
		v := c.gexpr(e.Base, old)
		return merge(v, c.recordField(e.At, e.Ref, e.Field))
	case *ast.Record:
		if e.Base == nil {
			return c.recordInGuard(e, old)
		}
	case *ast.Bits:
		return c.bits(e.Elems, old, c.gexpr)
	case *ast.Call:
		return c.guardCall(e, old)
	case *ast.Unary:
		return c.gexpr(e.X, old)
	case *ast.Binary:
		return c.guardOp(e, old)
	}
	c.illegalGuard(e.Pos())
	return nil
}

func (c *checker) guardOp(e *ast.Binary, old vars) vars {
	switch e.Op {
	case ast.OpExactEq, ast.OpExactNe:
		c.floatZero(e.L)
		c.floatZero(e.R)
	}
	v := c.gexprs([]ast.Expr{e.L, e.R}, old)
	switch e.Op {
	case ast.OpAppend, ast.OpDelete, ast.OpSend:
		c.illegalGuard(e.At)
	default:
		c.obsoleteOp(e)
	}
	return v
}

// remoteBIF gives the name of a call of erlang:Name(...).
func remoteBIF(e *ast.Call) (string, bool) {
	r, ok := e.Fun.(*ast.Remote)
	if !ok {
		return "", false
	}
	m, ok1 := r.Module.(*ast.Atom)
	f, ok2 := r.Name.(*ast.Atom)
	if !ok1 || !ok2 || m.Name != "erlang" {
		return "", false
	}
	return f.Name, true
}

func (c *checker) guardCall(e *ast.Call, old vars) vars {
	n := len(e.Args)
	if f, ok := e.Fun.(*ast.Atom); ok {
		k := FunKey{f.Name, n}
		if k.Name == "is_record" && (n == 2 || n == 3) {
			return c.isRecord(e, old)
		}
		v := c.gexprs(e.Args, old)
		switch {
		case spec.IsGuardBIF(k.Name, n) && !c.clashes(k):
		case c.locals[k] || c.imports[k] != "":
			c.illegalGuardCall(e.At, k)
		default:
			c.illegalGuard(e.At)
		}
		return v
	}
	if name, ok := remoteBIF(e); ok {
		if name == "is_record" && (n == 2 || n == 3) {
			return c.isRecord(e, old)
		}
		v := c.gexprs(e.Args, old)
		if !spec.IsGuardBIF(name, n) && !guardOperator(name, n) {
			c.illegalGuard(e.At)
		}
		return v
	}
	c.illegalGuard(e.At)
	return nil
}

// guardOperator reports whether name/arity is an operator of guards.
func guardOperator(name string, arity int) bool {
	op := ast.LookupOp(name)
	switch op {
	case ast.OpNone, ast.OpAppend, ast.OpDelete, ast.OpSend, ast.OpAndalso, ast.OpOrelse:
		return false
	}
	if arity == 1 {
		return op.Info().Prefix
	}
	return arity == 2 && op.Info().Prec > 0
}

// isRecord checks is_record/2 and is_record/3 (and record/2) in guards.
func (c *checker) isRecord(e *ast.Call, old vars) vars {
	if name, ok := e.Args[1].(*ast.Atom); ok {
		if len(e.Args) == 2 {
			v := c.gexpr(e.Args[0], old)
			c.anyRecord(name.At, name.Name)
			return v
		}
		switch e.Args[2].(type) {
		case *ast.Integer, *ast.Atom:
			v := c.gexpr(e.Args[0], old)
			if c.clashes(FunKey{"is_record", 3}) {
				c.illegalGuardCall(e.At, FunKey{"is_record", 3})
			}
			return v
		}
	}
	v := c.gexprs(e.Args, old)
	c.illegalGuard(e.At)
	return v
}

// isGuardTest reports whether an expression is a legal guard test here; what
// is not can still be an ordinary filter.
func (c *checker) isGuardTest(e ast.Expr) bool {
	call, ok := e.(*ast.Call)
	if !ok {
		return c.isGexpr(e)
	}
	if f, ok := call.Fun.(*ast.Atom); ok {
		k := FunKey{f.Name, len(call.Args)}
		if k == (FunKey{"record", 2}) {
			return !c.overridden(FunKey{"is_record", 2}) && spec.IsGuardBIF("is_record", 2) && c.allGexpr(call.Args)
		}
		if c.overridden(k) {
			return false
		}
		if spec.IsTypeTest(k.Name, k.Arity) || spec.IsOldTypeTest(k.Name, k.Arity) {
			if k == (FunKey{"is_record", 2}) {
				if _, ok := call.Args[1].(*ast.Atom); !ok {
					return false
				}
			}
			return c.allGexpr(call.Args)
		}
	}
	return c.isGexpr(e)
}

func (c *checker) overridden(k FunKey) bool { return c.locals[k] || c.imports[k] != "" }

func (c *checker) allGexpr(es []ast.Expr) bool {
	for _, e := range es {
		if !c.isGexpr(e) {
			return false
		}
	}
	return true
}

func (c *checker) isGexpr(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Var, *ast.Atom, *ast.Integer, *ast.Char, *ast.Float, *ast.String, *ast.Nil, *ast.RecordIndex:
		return true
	case *ast.List:
		return c.allGexpr(e.Elems) && c.isGexpr(e.Tail)
	case *ast.Tuple:
		return c.allGexpr(e.Elems)
	case *ast.Map:
		if e.Base != nil && !c.isGexpr(e.Base) {
			return false
		}
		for _, f := range e.Fields {
			if !c.isGexpr(f.Key) || !c.isGexpr(f.Value) {
				return false
			}
		}
		return true
	case *ast.RecordAccess:
		return c.isGexpr(e.Base)
	case *ast.Record:
		return e.Base == nil && c.isGexprRecord(e)
	case *ast.Bits:
		for _, s := range e.Elems {
			if !c.isGexpr(s.Value) || s.Size != nil && !c.isGexpr(s.Size) {
				return false
			}
		}
		return true
	case *ast.Call:
		n := len(e.Args)
		if f, ok := e.Fun.(*ast.Atom); ok {
			return !c.overridden(FunKey{f.Name, n}) && spec.IsGuardBIF(f.Name, n) && c.allGexpr(e.Args)
		}
		name, ok := remoteBIF(e)
		return ok && (spec.IsGuardBIF(name, n) || guardOperator(name, n)) && c.allGexpr(e.Args)
	case *ast.Unary:
		return c.isGexpr(e.X)
	case *ast.Binary:
		switch e.Op {
		case ast.OpAppend, ast.OpDelete, ast.OpSend:
			return false
		}
		return c.isGexpr(e.L) && c.isGexpr(e.R)
	}
	return false
}

func (c *checker) isGexprRecord(e *ast.Record) bool {
	given := map[string]bool{}
	for _, f := range e.Fields {
		if a, ok := f.Name.(*ast.Atom); ok {
			given[a.Name] = true
		}
		if !c.isGexpr(f.Value) {
			return false
		}
	}
	if r := c.records[e.Ref.Name]; r != nil && e.Ref.Kind == ast.RecordLocal {
		for _, d := range r.fields {
			if !given[d.Name] && d.Default != nil && !c.isGexpr(d.Default) {
				return false
			}
		}
	}
	return true
}
