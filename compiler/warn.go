package compiler

import (
	"fmt"
	"maps"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/term"
)

// Warnings about code that compiles but cannot be meant so: clauses that never match, values that nobody looks at,
// operations that always fail. OTP's optimiser gives them; here the syntax tree is
// walked, and only what can be said for certain is said.

// warner walks the functions of a module.
type warner struct {
	m     *module
	bound map[string]bool     // variables that may have a value here
	trail []string            // the same in the order in which they got it
	known map[string]ast.Expr // what variables were matched against, see learn
	uses  map[string]int      // how often each variable occurs in the function
	fun   *ast.Function
	off   map[string]bool
}

// warn walks all functions.
func (m *module) warn() {
	w := &warner{m: m, off: map[string]bool{}}
	for _, kind := range []string{"nomatch", "ignored", "failed"} {
		w.off[kind] = m.opts.Lint.Flags["nowarn_"+kind] || m.hasOption("nowarn_"+kind)
	}
	for _, f := range m.unit.Functions {
		w.fun = f
		w.bound, w.trail, w.uses, w.known = map[string]bool{}, nil, map[string]int{}, nil
		ast.Walk(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.Var); ok {
				w.uses[v.Name]++
			}
			return true
		})
		w.clauses(f.At, nil, f.Clauses, true, false)
	}
}

// lastOption reports whether on or off comes last among the options, those of the module's own after the others.
func (m *module) lastOption(on, off string, result bool) bool {
	look := func(e ast.Expr) {
		ast.Walk(e, func(n ast.Node) bool {
			if a, ok := n.(*ast.Atom); ok && (a.Name == on || a.Name == off) {
				result = a.Name == on
			}
			_, tuple := n.(*ast.Tuple)
			return !tuple
		})
	}
	for _, o := range m.opts.Lint.Terms {
		look(o)
	}
	for _, o := range m.unit.CompileOptions {
		look(o)
	}
	return result
}

// hasOption reports whether a -compile attribute of the module has an option.
func (m *module) hasOption(name string) bool {
	for _, o := range m.unit.CompileOptions {
		found := false
		ast.Walk(o, func(n ast.Node) bool {
			a, ok := n.(*ast.Atom)
			found = found || ok && a.Name == name
			_, tuple := n.(*ast.Tuple)
			return !tuple
		})
		if found {
			return true
		}
	}
	return false
}

func (w *warner) note(kind string, at diag.Pos, format string, args ...any) {
	if !w.off[kind] {
		w.m.list.Warnf(at, diag.Code("sys_core_fold."+kind), format, args...).Desc = described(kind, format, args)
	}
}

// body walks a sequence; waste says that the last value is not looked at either.
func (w *warner) body(es []ast.Expr, waste bool) {
	for i, e := range es {
		if i < len(es)-1 || waste {
			w.effect(e)
		} else {
			w.expr(e)
		}
	}
}

func (w *warner) exprs(es []ast.Expr) {
	for _, e := range es {
		w.expr(e)
	}
}

// bind enters the variables of a pattern.
func (w *warner) bind(p ast.Expr) {
	for _, n := range patternVars(p) {
		w.enter(n)
	}
}

func (w *warner) enter(name string) {
	if !w.bound[name] {
		w.bound[name] = true
		w.trail = append(w.trail, name)
	}
}

// scoped walks what binds variables that are not seen outside.
func (w *warner) scoped(f func()) {
	known := w.known
	w.known = maps.Clone(known)
	defer w.forget(len(w.trail))
	f()
	w.known = known
}

// forget unbinds what was bound since the trail had a length.
func (w *warner) forget(mark int) {
	for _, n := range w.trail[mark:] {
		delete(w.bound, n)
	}
	w.trail = w.trail[:mark]
}

// alternatives walks clauses; what they bind is bound afterwards.
func (w *warner) alternatives(n int, f func(i int)) {
	var after []string
	known := w.known
	defer func() { w.known = known }()
	for i := range n {
		mark := len(w.trail)
		w.known = maps.Clone(known)
		f(i)
		after = append(after, w.trail[mark:]...)
		w.forget(mark)
	}
	for _, n := range after {
		w.enter(n)
	}
}

// expr walks an expression whose value is used.
func (w *warner) expr(e ast.Expr) { w.walk(e, false) }

func (w *warner) walk(e ast.Expr, waste bool) {
	switch e := e.(type) {
	case nil:
	case *ast.Match:
		w.walk(e.Value, false)
		w.match(e)
		w.learn(e.Pattern, e.Value)
		w.bind(e.Pattern)
	case *ast.Block:
		w.body(e.Body, waste)
	case *ast.Case:
		w.expr(e.Arg)
		w.clauses(e.At, e.Arg, e.Clauses, false, waste)
	case *ast.If:
		w.clauses(e.At, nil, e.Clauses, false, waste)
	case *ast.Receive:
		w.expr(e.After)
		w.clauses(0, nil, e.Clauses, false, waste)
		w.scoped(func() { w.body(e.AfterBody, waste) })
	case *ast.Try:
		w.scoped(func() {
			w.body(e.Body, false)
			switch {
			case len(e.Of) > 0 && len(e.Body) == 1 && builds(w.resolve(e.Body[0])):
				w.clauses(e.At, e.Body[0], e.Of, false, false)
			case len(e.Of) > 0:
				w.clauses(0, nil, e.Of, false, false)
			}
		})
		w.alternatives(len(e.Catch), func(i int) { w.body(e.Catch[i].Body, false) })
		w.scoped(func() { w.body(e.After, false) })
	case *ast.Maybe:
		w.scoped(func() {
			for i, x := range e.Body {
				if m, ok := x.(*ast.MaybeMatch); ok {
					w.expr(m.Value)
					w.bind(m.Pattern)
				} else if waste || i < len(e.Body)-1 {
					w.effect(x)
				} else {
					w.expr(x)
				}
			}
		})
		w.alternatives(len(e.Else), func(i int) { w.body(e.Else[i].Body, waste) })
	case *ast.Fun:
		w.scoped(func() {
			for _, c := range e.Clauses {
				for _, p := range c.Patterns {
					w.drop(patternVars(p))
				}
			}
			w.clauses(e.At, nil, e.Clauses, true, false)
		})
	case *ast.NamedFun:
		w.scoped(func() {
			w.enter(e.Name)
			for _, c := range e.Clauses {
				for _, p := range c.Patterns {
					w.drop(patternVars(p))
				}
			}
			w.clauses(e.At, nil, e.Clauses, true, false)
		})
	case *ast.ListComp, *ast.BitsComp, *ast.MapComp:
		w.scoped(func() { ast.Children(e, w.inside) })
	case *ast.Binary:
		w.expr(e.L)
		if waste && (e.Op == ast.OpAndalso || e.Op == ast.OpOrelse) {
			w.effect(e.R)
		} else {
			w.expr(e.R)
		}
		w.fails(e)
	case *ast.Unary:
		w.expr(e.X)
		w.fails(e)
	case *ast.Call:
		w.call(e)
	case *ast.Bits:
		ast.Children(e, w.inside)
		w.bits(e)
	case *ast.Map:
		ast.Children(e, w.inside)
		w.repeatedKeys(e)
		if e.Base != nil {
			if t, ok := w.literal(e.Base); ok && !t.IsMap() {
				w.note("failed", e.At, badMap)
			}
		}
	default:
		ast.Children(e, w.inside)
	}
}

// repeatedKeys warns about constant keys that a later field of the same map overrides.
func (w *warner) repeatedKeys(e *ast.Map) {
	if len(e.Fields) < 2 {
		return
	}
	later := map[string]bool{}
	for i := len(e.Fields) - 1; i >= 0; i-- {
		key, ok := w.m.constant(e.Fields[i].Key)
		if !ok {
			continue
		}
		text := term.Format(key)
		if later[text] {
			w.overridden(e.Fields[i].Key.Pos(), key)
		}
		later[text] = true
	}
}

func (w *warner) overridden(at diag.Pos, key term.Term) {
	text := string(term.Append(nil, key, term.FormatOptions{Strings: true}))
	if key.IsAtom() {
		text = "'" + key.AtomName() + "'"
	}
	w.m.list.Warnf(at, "v3_core.map_key_repeated", "key %s will be overridden in expression", text)
}

// inside walks a part of an expression of any kind.
func (w *warner) inside(n ast.Node) {
	switch n := n.(type) {
	case *ast.Generator:
		w.expr(n.Source)
		if n.Pattern != nil {
			w.drop(patternVars(n.Pattern))
			w.bind(n.Pattern)
		}
		if n.MapPattern != nil {
			w.drop(patternVars(n.MapPattern.Key))
			w.drop(patternVars(n.MapPattern.Value))
			w.bind(n.MapPattern.Key)
			w.bind(n.MapPattern.Value)
		}
	case ast.Expr:
		w.expr(n)
	default:
		ast.Children(n, w.inside)
	}
}

func (w *warner) call(e *ast.Call) {
	_, variable := e.Fun.(*ast.Var)
	if c, ok := w.literal(e.Fun); ok && (variable || !c.IsAtom()) && !c.IsFun() {
		w.note("failed", e.Fun.Pos(), badCall)
	}
	if r, ok := e.Fun.(*ast.Remote); ok {
		m, ok1 := w.literal(r.Module)
		n, ok2 := w.literal(r.Name)
		if ok1 && !m.IsAtom() || ok2 && !n.IsAtom() {
			w.note("failed", r.Module.Pos(), "invalid module and/or function name; this call will always fail")
		}
		w.expr(r.Module)
		w.expr(r.Name)
	} else if _, ok := e.Fun.(*ast.Atom); !ok {
		w.expr(e.Fun)
	}
	w.exprs(e.Args)
	w.fails(e)
}

// effect walks an expression whose value nobody looks at.
func (w *warner) effect(e ast.Expr) {
	switch x := e.(type) {
	case *ast.Block, *ast.Case, *ast.If, *ast.Receive, *ast.Try, *ast.Maybe:
		w.walk(e, true)
		return
	case *ast.Match:
		if v, ok := x.Pattern.(*ast.Var); ok && v.Name[0] != '_' && w.uses[v.Name] == 1 && builds(x.Value) && !w.constant(x.Value) {
			w.note("ignored", x.Value.Pos(), neverUsed)
		}
		if v, ok := x.Pattern.(*ast.Var); ok && v.Name[0] != '_' && w.uses[v.Name] == 1 && !builds(x.Value) && !w.constant(x.Value) {
			w.walk(e, true)
			w.unused(x.Value)
			return
		}
		w.walk(e, true)
		return
	}
	w.walk(e, true)
	switch x := e.(type) {
	case *ast.FunRemote:
		w.note("ignored", x.At, ignored, "fun construction")
		return
	case *ast.Call:
		if r, ok := x.Fun.(*ast.Remote); ok {
			m, _ := r.Module.(*ast.Atom)
			n, _ := r.Name.(*ast.Atom)
			if m != nil && n != nil && m.Name == "erlang" && len(x.Args) == 2 && len(n.Name) < 5 && bifKind(n.Name, 2) == bifGc {
				w.note("ignored", x.At, ignored, fmt.Sprintf("evaluating operator '%s'/2", n.Name))
				return
			}
		}
	}
	w.unused(e)
}

// guardFails warns of what always fails in a test.
func (w *warner) guardFails(t ast.Expr) {
	ast.Walk(t, func(n ast.Node) bool {
		switch e := n.(type) {
		case *ast.Unary:
			if e.Op == ast.OpNot {
				return true
			}
			w.fails(e)
		case *ast.Binary:
			w.fails(e)
		case *ast.Call:
			w.fails(e)
		}
		return true
	})
}

// unused tells what the value of an expression that nobody looks at is.
func (w *warner) unused(e ast.Expr) {
	switch x := e.(type) {
	case *ast.Tuple, *ast.List, *ast.Fun, *ast.NamedFun, *ast.Integer, *ast.Char, *ast.Float, *ast.Bits:
		if builds(e) {
			w.note("ignored", e.Pos(), neverUsed)
		}
	case *ast.String:
		if x.Value != "" {
			w.note("ignored", e.Pos(), neverUsed)
		}
	case *ast.Map:
		if len(x.Fields) > 0 || x.Base == nil {
			w.note("ignored", x.At, neverUsed)
		}
	case *ast.Binary:
		op := x.Op.String()
		if l, ok := x.L.(*ast.List); ok && x.Op == ast.OpAppend {
			w.note("ignored", l.At, neverUsed)
		}
		switch x.Op {
		case ast.OpAndalso, ast.OpOrelse, ast.OpSend:
		default:
			if test, _ := comparison(op); test != "" {
				w.note("ignored", x.At, noEffect, op)
			} else {
				w.note("ignored", x.At, ignored, fmt.Sprintf("evaluating operator '%s'/2", op))
			}
		}
	case *ast.Unary:
		w.note("ignored", x.At, ignored, fmt.Sprintf("evaluating operator '%s'/1", x.Op))
	case *ast.Call:
		name, ok := w.erlangName(x)
		if !ok {
			return
		}
		switch n := len(x.Args); {
		case bifCannotFail(name, n) || name == "make_ref" && n == 0 || (name == "min" || name == "max") && n == 2 || name == "is_record" && n == 2:
			if test, _ := comparison(name); test == "" {
				w.note("ignored", x.At, "the call to %s/%d has no effect", name, n)
			}
		case pureBif(name, n):
			w.note("ignored", x.At, ignored, fmt.Sprintf("calling %s/%d", name, n))
		}
	}
}

func (w *warner) constant(e ast.Expr) bool {
	_, ok := w.m.constant(e)
	return ok
}

const ignored = "the result of %s is ignored (suppress the warning by assigning the expression to the _ variable)"

// builds reports whether an expression makes a new term and does nothing else.
func builds(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Tuple, *ast.List, *ast.Fun, *ast.NamedFun, *ast.Integer, *ast.Char, *ast.Float, *ast.String:
		return true
	case *ast.Map:
		return e.Base == nil
	case *ast.Bits:
		return len(e.Elems) > 0
	}
	return false
}

// erlangName gives the name of a BIF of module erlang that a call is of for certain.
func (w *warner) erlangName(e *ast.Call) (string, bool) {
	name, ok := guardCallName(e)
	if !ok {
		return "", false
	}
	if _, local := e.Fun.(*ast.Atom); local {
		k := lint.FunKey{Name: name, Arity: len(e.Args)}
		if _, imported := w.m.unit.Imports[k]; imported || w.m.unit.Funs[k] != nil || !isAutoImported(name, k.Arity) {
			return "", false
		}
	}
	return name, true
}

// pureBif lists BIFs without effects that fail for some arguments.
func pureBif(name string, arity int) bool {
	switch arity {
	case 1:
		switch name {
		case "abs", "atom_to_binary", "atom_to_list", "binary_to_atom", "binary_to_float", "binary_to_integer", "binary_to_list",
			"bit_size", "bitstring_to_list", "byte_size", "ceil", "float", "float_to_binary", "float_to_list", "floor", "hd",
			"integer_to_binary", "integer_to_list", "length", "list_to_atom", "list_to_binary", "list_to_bitstring", "list_to_float",
			"list_to_integer", "list_to_tuple", "map_size", "round", "size", "tl", "trunc", "tuple_size", "tuple_to_list":
			return true
		}
	case 2:
		switch name {
		case "element", "is_map_key", "map_get", "binary_part", "append_element", "atom_to_binary", "binary_to_atom",
			"binary_to_integer", "integer_to_binary", "integer_to_list", "list_to_integer":
			return true
		}
	case 3:
		return name == "setelement" || name == "binary_part"
	}
	return false
}

// fails warns of operations on constants that raise.
func (w *warner) fails(e ast.Expr) {
	if _, ok := w.m.constant(e); ok {
		return
	}
	consts := func(es ...ast.Expr) ([]term.Term, bool) {
		out := make([]term.Term, len(es))
		for i, x := range es {
			t, ok := w.literal(x)
			if !ok {
				return nil, false
			}
			out[i] = t
		}
		return out, true
	}
	const text = " will fail with a '%s' exception"
	switch e := e.(type) {
	case *ast.Binary:
		if c, ok := consts(e.L, e.R); ok && arithmeticFails(e.Op.String(), c) {
			w.note("failed", e.At, "evaluation of operator '%s'/2"+text, e.Op, "badarith")
		}
	case *ast.Unary:
		if c, ok := consts(e.X); ok && e.Op == ast.OpNot && c[0] != term.AtomTrue && c[0] != term.AtomFalse {
			w.note("failed", e.At, "evaluation of operator '%s'/1"+text, e.Op, "badarg")
		} else if ok && e.Op != ast.OpNot && !c[0].IsNumber() {
			w.note("failed", e.At, "evaluation of operator '%s'/1"+text, e.Op, "badarith")
		}
	case *ast.Call:
		name, ok := w.erlangName(e)
		if !ok {
			return
		}
		if c, ok := consts(e.Args...); ok && bifFails(name, c) {
			w.note("failed", e.At, "the call to %s/%d"+text, name, len(e.Args), "badarg")
		}
	}
}

func arithmeticFails(op string, c []term.Term) bool {
	switch op {
	case "+", "-", "*":
		return !c[0].IsNumber() || !c[1].IsNumber()
	case "/":
		return !c[0].IsNumber() || !c[1].IsNumber() || term.Equal(c[1], term.Int(0))
	case "div", "rem":
		return !c[0].IsInteger() || !c[1].IsInteger() || c[1] == term.Int(0)
	case "band", "bor", "bxor", "bsl", "bsr":
		return !c[0].IsInteger() || !c[1].IsInteger()
	}
	return false
}

func bifFails(name string, c []term.Term) bool {
	switch len(c) {
	case 1:
		switch name {
		case "hd", "tl":
			return !c[0].IsCons()
		case "length":
			t := c[0]
			for t.IsCons() {
				t = t.Tail()
			}
			return !t.IsNil()
		case "tuple_size", "tuple_to_list":
			return !c[0].IsTuple()
		case "atom_to_list", "atom_to_binary":
			return !c[0].IsAtom()
		case "list_to_integer":
			return !decimal(c[0])
		case "binary_to_atom", "binary_to_list", "binary_to_integer", "binary_to_float":
			return !c[0].IsBitstring()
		case "list_to_atom", "list_to_tuple", "list_to_float":
			return !c[0].IsList()
		case "abs", "trunc", "round", "float", "floor", "ceil":
			return !c[0].IsNumber()
		case "byte_size", "bit_size":
			return !c[0].IsBitstring()
		case "integer_to_list", "integer_to_binary":
			return !c[0].IsInteger()
		}
	case 2:
		if name == "element" {
			return !c[0].IsSmall() || !c[1].IsTuple() || c[0].Small() < 1 || c[0].Small() > c[1].Arity()
		}
	}
	return false
}

// decimal reports whether a term is a list of the characters of a decimal number.
func decimal(t term.Term) bool {
	digits := 0
	for i := 0; t.IsCons(); i, t = i+1, t.Tail() {
		switch c := t.Head(); {
		case c.IsSmall() && c.Small() >= '0' && c.Small() <= '9':
			digits++
		case i == 0 && (c == term.Int('-') || c == term.Int('+')):
		default:
			return false
		}
	}
	return t.IsNil() && digits > 0
}

// bits warns of constants that do not fit their segments.
func (w *warner) bits(e *ast.Bits) {
	for _, el := range e.Elems {
		s, _ := (&lower{m: w.m}).segment(el, true)
		if _, ok := el.Value.(*ast.String); ok {
			if s.typ == "binary" {
				w.note("failed", e.At, "binary construction will fail because of a type mismatch")
			}
			continue
		}
		if el.Size != nil && !s.all {
			if n, is := w.literal(el.Size); is && !(n.IsInteger() && (!n.IsSmall() || n.Small() >= 0)) {
				w.note("failed", el.Value.Pos(), "binary construction will fail because the size of a segment is invalid")
				continue
			}
		}
		t, ok := w.literal(el.Value)
		if !ok {
			continue
		}
		if !w.constant(el.Value) {
			w.variable(e.At, el, s, t)
			continue
		}
		const fails = "binary construction will fail with a 'badarg' exception "
		switch s.typ {
		case "integer":
			ok = t.IsInteger()
		case "float":
			if ok = t.IsNumber(); t.IsFloat() && el.Size != nil {
				if n, is := w.m.constant(el.Size); is && n.IsSmall() && n.Small()*s.unit != 16 && n.Small()*s.unit != 32 && n.Small()*s.unit != 64 {
					w.note("failed", e.At, fails+"(invalid size for a float segment)")
				}
			}
		case "binary":
			ok = t.IsBitstring()
			if ok && el.Size != nil {
				have, _ := term.BitSize(t)
				if size, is := w.m.constant(el.Size); is && size.IsSmall() && size.Small()*s.unit > have {
					w.note("failed", e.At, fails+"(field size for binary/bitstring greater than actual size)")
				}
			}
		default:
			if ok = t.IsInteger(); ok && !validCodePoint(t) {
				w.note("failed", e.At, fails+"(invalid Unicode code point in a utf8/utf16/utf32 segment)")
			}
		}
		if !ok {
			w.note("failed", e.At, "binary construction will fail because of a type mismatch")
		}
	}
}

// variable is bits for the value of a variable, of which OTP's optimiser sees less.
func (w *warner) variable(whole diag.Pos, el *ast.BitsElem, s binSeg, t term.Term) {
	const fails = "binary construction will fail with a 'badarg' exception "
	at := el.Value.Pos()
	switch s.typ {
	case "utf8", "utf16", "utf32":
		if !t.IsInteger() || !validCodePoint(t) {
			w.note("failed", whole, fails+"(invalid Unicode code point in a utf8/utf16/utf32 segment)")
		}
	case "binary":
		if !t.IsBitstring() {
			return
		}
		have, _ := term.BitSize(t)
		if el.Size == nil || s.all {
			if have%s.unit != 0 {
				w.note("failed", at, fails+"(size %d cannot be evenly divided by unit %d)", have, s.unit)
			}
		} else if size, ok := w.literal(el.Size); ok && size.IsSmall() && size.Small()*s.unit > have {
			w.note("failed", at, fails+"(field size for binary/bitstring greater than actual size)")
		}
	}
}

func validCodePoint(t term.Term) bool {
	return t.IsSmall() && t.Small() >= 0 && t.Small() <= 0x10ffff && (t.Small() < 0xd800 || t.Small() > 0xdfff)
}
