package lint

import (
	"cmp"
	"slices"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// Pattern checks give two sets: the variables from outside that a pattern
// uses, and the variables that it binds. outer are the variables outside, for
// keys and sizes; old decides which variables are matched rather than bound:
// nil where patterns shadow, as in the head of a fun.

// head checks the patterns of a clause, which do not see each other.
func (c *checker) head(ps []ast.Expr, outer, old vars) (used, born vars) {
	for _, p := range ps {
		u, b := c.pattern(p, outer, old)
		used, born = c.mergePattern(used, u), c.mergePattern(born, b)
	}
	return used, born
}

func (c *checker) pattern(p ast.Expr, outer, old vars) (used, born vars) {
	switch p := p.(type) {
	case *ast.Var:
		if p.Name != "_" {
			return c.patternVar(p, old, nil)
		}
	case *ast.Integer, *ast.Char, *ast.String, *ast.Nil:
	case *ast.Float:
		if p.Value == 0 {
			c.maybeWarnf(p.At, "match_float_zero", floatZeroText)
		}
	case *ast.Atom:
		c.keyword(p.At, p.Name)
	case *ast.List:
		used, born = c.head(p.Elems, outer, old)
		u, b := c.pattern(p.Tail, outer, old)
		return c.mergePattern(used, u), c.mergePattern(born, b)
	case *ast.Tuple:
		return c.head(p.Elems, outer, old)
	case *ast.Map:
		if p.Base != nil {
			c.illegalPattern(p)
			return nil, nil
		}
		return c.mapPattern(p, outer, old)
	case *ast.Bits:
		return c.bitsPattern(p, outer, old)
	case *ast.RecordIndex:
		c.recordIndexPattern(p)
	case *ast.Record:
		if p.Base != nil {
			c.illegalPattern(p)
			return nil, nil
		}
		return c.recordPattern(p, outer, old)
	case *ast.Match:
		used, born = c.pattern(p.Pattern, outer, old)
		u, b := c.pattern(p.Value, outer, old)
		used, born = c.mergePattern(used, u), c.mergePattern(born, b)
		if !onlyVars(p.Pattern) && !onlyVars(p.Value) {
			c.maybeWarnf(p.At, "match_alias_pats", "a pattern `P1=P2` where both sides are constructors\n"+
				"may yield an error in a future version of Erlang/OTP.\nNote that a pattern such as `{a,B}={Y,Z} -> ...` can always be\n"+
				"written in a unified form `{a=Y,B=Z} -> ...`.\n"+
				"Compile directive 'nowarn_match_alias_pats' can be used to suppress\nwarnings in selected modules.")
		}
		return used, born
	case *ast.Binary:
		if p.Op == ast.OpAppend && isPrefix(p.L) {
			return c.pattern(p.R, outer, old)
		}
		c.constantPattern(p)
	default:
		c.constantPattern(p)
	}
	return nil, nil
}

// isPrefix reports whether the left operand of ++ may stand in a pattern: a
// string or a proper list of characters.
func isPrefix(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.String, *ast.Nil:
		return true
	case *ast.List:
		for _, x := range e.Elems {
			switch x.(type) {
			case *ast.Char, *ast.Integer:
			default:
				return false
			}
		}
		return isPrefix(e.Tail)
	}
	return false
}

func onlyVars(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Var:
		return true
	case *ast.Match:
		return onlyVars(e.Pattern) && onlyVars(e.Value)
	}
	return false
}

func (c *checker) illegalPattern(p ast.Expr) {
	c.errorf(p.Pos(), "illegal_pattern", "illegal pattern")
}

// constantPattern accepts arithmetic on literals.
func (c *checker) constantPattern(p ast.Expr) {
	if !isConstantPattern(p) {
		c.illegalPattern(p)
	}
}

func isConstantPattern(p ast.Expr) bool {
	_, ok := constant(p)
	return ok && arithmeticOnly(p)
}

func arithmeticOnly(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Integer, *ast.Char, *ast.Float, *ast.Atom:
		return true
	case *ast.Unary:
		return e.Op != ast.OpNot && arithmeticOnly(e.X)
	case *ast.Binary:
		return isArithmetic(e.Op) && arithmeticOnly(e.L) && arithmeticOnly(e.R)
	}
	return false
}

func isArithmetic(op ast.Op) bool {
	switch op {
	case ast.OpAdd, ast.OpSub, ast.OpMul, ast.OpDiv, ast.OpIntDiv, ast.OpRem, ast.OpBand, ast.OpBor, ast.OpBxor, ast.OpBsl, ast.OpBsr:
		return true
	}
	return false
}

// varText writes a variable's name as messages do.
func varText(name string) string { return "'" + name + "'" }

// patternVar checks a variable in a pattern. own are the variables that the
// same binary pattern has bound.
func (c *checker) patternVar(p *ast.Var, old, own vars) (used, born vars) {
	if b, ok := find(own, p.Name); ok {
		c.underscoreMatch(p)
		return nil, only(binding{p.Name, varState{}, true, b.at})
	}
	b, ok := find(old, p.Name)
	if !ok {
		if c.inRecordDef {
			c.errorf(p.At, "variable_in_record_def", "variable %s in record definition", varArg(p.Name))
		}
		return nil, one(p.Name, varState{}, false, p.At)
	}
	if b.state.kind == unsafe {
		c.unsafeVar(p, b.state.in)
	} else {
		c.underscoreMatch(p)
		if b.state.kind == exported {
			if subexpr(b.state.in) {
				c.exportedSubexpr(p, b.state.in)
			} else {
				c.warnf(p.At, "exported_var", "variable %s exported from %s %s", varArg(p.Name), atomArg(b.state.in.what), c.where(b.state.in.at))
			}
		}
	}
	return only(binding{p.Name, varState{}, true, b.at}), nil
}

func (c *checker) underscoreMatch(p *ast.Var) {
	if p.Name[0] == '_' && c.enabled("underscore_match") {
		c.warnf(p.At, "match_underscore_var", "variable %s is already bound. If you mean to ignore this\n"+
			"value, use '_' or a different underscore-prefixed name", varArg(p.Name))
	}
}

func (c *checker) unsafeVar(v *ast.Var, in construct) {
	c.errorf(v.At, "unsafe_var", "variable %s unsafe in %s %s", varArg(v.Name), atomArg(in.what), c.where(in.at))
}

// subexpr reports whether what is exported from the construct should not be.
func subexpr(in construct) bool {
	switch in.what {
	case "begin", "if", "case", "receive", "try", "maybe":
		return false
	}
	return true
}

func (c *checker) exportedSubexpr(v *ast.Var, in construct) {
	name, what := varArg(v.Name), atomArg(in.what)
	c.maybeWarnf(v.At, "export_var_subexpr", "variable %s exported from %s %s.\n"+
		"Exporting bindings from subexpressions other than block expressions is\n"+
		"deprecated and may yield an error in a future version of Erlang/OTP.\n"+
		"Please move the binding of %s out of the %s.\n"+
		"Compile directive 'nowarn_export_var_subexpr' can be used to suppress\nwarnings in selected modules.",
		name, what, c.where(in.at), name, what)
}

// useVar checks a variable in an expression.
func (c *checker) useVar(v *ast.Var, old vars) vars {
	if c.sizeVars != nil {
		used, born := c.sizeVar(v, old, *c.sizeVars)
		*c.sizeVars = merge(*c.sizeVars, born)
		return used
	}
	b, ok := find(old, v.Name)
	if !ok {
		return c.unbound(v, old)
	}
	s := varState{}
	switch b.state.kind {
	case unsafe:
		c.unsafeVar(v, b.state.in)
	case stacktrace:
		c.errorf(v.At, "stacktrace_guard", "stacktrace variable %s must not be used in a guard", varArg(v.Name))
	case exported:
		switch {
		case subexpr(b.state.in):
			c.exportedSubexpr(v, b.state.in)
		case c.enabled("export_vars"):
			c.warnf(v.At, "exported_var", "variable %s exported from %s %s", varArg(v.Name), atomArg(b.state.in.what), c.where(b.state.in.at))
		default:
			s = b.state
		}
	}
	return only(binding{v.Name, s, true, b.at})
}

func (c *checker) unbound(v *ast.Var, old vars) vars {
	if c.muteDiags == 0 {
		var names []string
		each(old, func(b *binding) { names = append(names, b.name) })
		if g, ok := guess(v.Name, names); ok {
			c.errorf(v.At, "unbound_var", "variable %s is unbound, did you mean '%s'?", varArg(v.Name), nameArg(g))
		} else {
			c.errorf(v.At, "unbound_var", "variable %s is unbound", varArg(v.Name))
		}
	}
	return one(v.Name, varState{}, true, v.At)
}

// sizeVar checks a variable in the size of a segment of a binary pattern; own
// are the variables that the pattern has bound before.
func (c *checker) sizeVar(v *ast.Var, old, own vars) (used, born vars) {
	if b, ok := find(own, v.Name); ok {
		return nil, only(binding{v.Name, varState{}, true, b.at})
	}
	b, ok := find(old, v.Name)
	if !ok {
		return c.unbound(v, old), nil
	}
	switch b.state.kind {
	case unsafe:
		c.unsafeVar(v, b.state.in)
	case exported:
		if subexpr(b.state.in) {
			c.exportedSubexpr(v, b.state.in)
		} else if c.enabled("export_vars") {
			c.warnf(v.At, "exported_var", "variable %s exported from %s %s", varArg(v.Name), atomArg(b.state.in.what), c.where(b.state.in.at))
		}
	}
	return only(binding{v.Name, varState{}, true, b.at}), nil
}

// mergePattern is merge for parts of a pattern: a variable in both is matched,
// which uses it.
func (c *checker) mergePattern(a, b vars) vars {
	return combine(a, b, func(x, y *binding) *binding {
		at := places(x.at, y.at)
		if !x.used || !y.used {
			warn := at
			switch {
			case x.used:
				warn = y.at
			case y.used:
				warn = x.at
			}
			if x.name[0] == '_' && c.enabled("underscore_match") {
				for _, p := range warn {
					c.warnf(p, "match_underscore_var_pat", "variable %s is bound multiple times in this pattern.\n"+
						"If you mean to ignore this value, use '_' or\na different underscore-prefixed name", varArg(x.name))
				}
			}
		}
		return &binding{x.name, worse(x.state, y.state), true, at}
	})
}

func (c *checker) mapPattern(p *ast.Map, outer, old vars) (used, born vars) {
	for _, f := range p.Fields {
		if !f.Exact {
			c.errorf(f.At, "illegal_map_assoc_in_pattern", "illegal pattern, did you mean to use `:=`?")
			continue
		}
		c.context = inMapKey
		k := c.gexpr(f.Key, outer)
		u, b := c.pattern(f.Value, outer, old)
		used = c.mergePattern(c.mergePattern(k, u), used)
		born = c.mergePattern(born, b)
	}
	return used, born
}

// shadowed warns about variables that hide others.
func (c *checker) shadowed(v, old vars, in string) {
	if v == nil || !c.enabled("shadow_vars") {
		return
	}
	each(known(v, safe(old)), func(b *binding) {
		if len(b.at) > 0 {
			c.warnf(c.foremost(b.at), "shadowed_var", "variable %s shadowed in %s", varArg(b.name), atomArg(in))
		}
	})
}

// foremost is the position that comes first in the text. In forms from abstract code positions are not numbered in
// the order of the text.
func (c *checker) foremost(at []diag.Pos) diag.Pos {
	return slices.MinFunc(at, func(a, b diag.Pos) int {
		p, q := c.position(a), c.position(b)
		return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
	})
}

// unused warns about the variables of v that are not in old and were never used.
func (c *checker) unused(v, old vars) {
	if c.enabled("unused_vars") {
		c.warnUnused(fresh(v, old))
	}
}

// unusedAgain warns about the unused variables of v that are in old too.
func (c *checker) unusedAgain(v, old vars) {
	if c.enabled("unused_vars") {
		c.warnUnused(known(v, old))
	}
}

func (c *checker) warnUnused(v vars) {
	if v == nil || v.allUsed {
		return
	}
	c.warnUnused(v.left)
	if !v.b.used && v.b.name[0] != '_' {
		for _, at := range v.b.at {
			c.warnf(at, "unused_var", "variable %s is unused", varArg(v.b.name))
		}
	}
	c.warnUnused(v.right)
}

// comprehension checks qualifiers and then the template.
func (c *checker) comprehension(quals []ast.Qualifier, old vars, template func(vars) vars) vars {
	top := c.inRecordDef
	c.inRecordDef = false
	now := old
	var hidden vars // the state of variables that are shadowed
	for _, q := range quals {
		now, hidden = c.qualifier(q, now, hidden)
	}
	c.inRecordDef = top
	now = update(template(now), now)
	c.unusedAgain(now, hidden)
	c.unused(hidden, old)
	c.unused(now, old)
	return safe(usedOnly(known(merge(fresh(now, hidden), hidden), old)))
}

func (c *checker) qualifier(q ast.Qualifier, now, hidden vars) (vars, vars) {
	switch q := q.(type) {
	case *ast.Generator:
		if q.Kind == ast.BinaryGen {
			c.binaryGenerator(q)
		}
		return c.generators([]*ast.Generator{q}, now, hidden, false)
	case *ast.Zip:
		var gens []*ast.Generator
		for _, g := range q.Gens {
			if gen, ok := g.(*ast.Generator); ok {
				gens = append(gens, gen)
			} else {
				c.errorf(g.Pos(), "illegal_zip_generator", "only generators are allowed in a zip generator.")
			}
		}
		if len(gens) == 0 {
			return now, hidden
		}
		return c.generators(gens, now, hidden, true)
	case *ast.Filter:
		if m, ok := q.Cond.(*ast.Match); ok {
			if c.features["compr_assign"] {
				return c.assignment(m, now, hidden)
			}
			c.errorf(m.At, "compr_assign", "matches using '=' are not allowed in comprehension qualifiers\n"+
				"unless the experimental 'compr_assign' language feature is enabled.\n"+
				"With 'compr_assign' enabled, a match 'P = E' will behave as a\nstrict generator 'P <:- [E]'.\"")
		} else if c.isGuardTest(q.Cond) {
			return update(c.guardTest(q.Cond, now), now), hidden
		}
		return update(c.expr(q.Cond, now), now), hidden
	}
	return now, hidden
}

// binaryGenerator refuses a last segment that takes the rest.
func (c *checker) binaryGenerator(g *ast.Generator) {
	b, ok := g.Pattern.(*ast.Bits)
	if !ok || len(b.Elems) == 0 {
		return
	}
	last := b.Elems[len(b.Elems)-1]
	if last.Size != nil {
		return
	}
	for _, s := range last.Specs {
		switch s.Name {
		case "binary", "bytes", "bits", "bitstring":
			c.errorf(last.At, "unsized_binary_in_bin_gen_pattern", "binary fields without size are not allowed in patterns of bit string generators")
			return
		}
	}
}

// generators checks one generator, or several that run side by side.
func (c *checker) generators(gens []*ast.Generator, now, hidden vars, zip bool) (vars, vars) {
	var v vars
	before := now
	for _, g := range gens {
		w := c.expr(g.Source, before)
		before = update(w, before)
		v = sequence(v, w)
	}
	now = update(known(v, now), now)
	c.unused(v, now)
	var keys, values, ps []ast.Expr
	for _, g := range gens {
		if g.Kind == ast.MapGen {
			keys, values = append(keys, g.MapPattern.Key), append(values, g.MapPattern.Value)
		} else {
			ps = append(ps, g.Pattern)
		}
	}
	used, born := c.head(append(append(ps, keys...), values...), now, nil)
	return c.enter(used, born, now, hidden)
}

// assignment checks P = E among the qualifiers.
func (c *checker) assignment(m *ast.Match, now, hidden vars) (vars, vars) {
	ps := []ast.Expr{m.Pattern}
	value := m.Value
	for {
		inner, ok := value.(*ast.Match)
		if !ok {
			break
		}
		ps, value = append(ps, inner.Pattern), inner.Value
	}
	v := c.expr(value, now)
	now = update(known(v, now), now)
	used, born := c.head(ps, now, nil)
	return c.enter(used, born, now, hidden)
}

// enter makes the variables of a generator's pattern known and notes which
// ones they hide.
func (c *checker) enter(used, born, now, hidden vars) (vars, vars) {
	outer := update(used, now)
	c.shadowed(born, now, "generate")
	nowHidden := known(outer, born)
	c.unusedAgain(nowHidden, hidden)
	hidden = update(fresh(nowHidden, hidden), hidden)
	return update(fresh(outer, born), born), hidden
}

// at most this many arguments can a function have.
const maxArguments = 255

// keyword warns about atoms without quotes that a feature makes a reserved word.
func (c *checker) keyword(at diag.Pos, name string) {
	if name != "maybe" && name != "else" || !c.enabled("keywords") {
		return
	}
	if c.fset != nil {
		if syn, ok := c.fset.SyntheticAt(at); ok && syn.HasText {
			return
		}
	}
	c.warnf(at, "future_feature", "atom '%s' is reserved in the experimental feature '%s'", atomArg(name), atomArg("maybe_expr"))
}
