package lint

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// typeVar is a type variable that has been seen.
type typeVar struct {
	name string
	seen seenState
	at   diag.Pos
}

type seenState uint8

const (
	seenOnce  seenState = iota
	seenUnion           // once in each of several alternatives
	seenTwice
)

// typeVars are the type variables of a spec or type, in the order of their
// first appearance.
type typeVars []typeVar

func (t typeVars) index(name string) int {
	for i := range t {
		if t[i].name == name {
			return i
		}
	}
	return -1
}

// checkTypes checks types that share their variables and reports variables
// that occur only once.
func (c *checker) checkTypes(ts []ast.Type) {
	var seen typeVars
	for _, t := range ts {
		seen = c.typ(t, seen)
	}
	for _, v := range seen {
		if v.seen != seenTwice && v.name[0] != '_' {
			c.errorf(v.at, "singleton_typevar", "type variable %s is only used once (is unbound)", varArg(v.name))
		}
	}
}

func (c *checker) typs(ts []ast.Type, seen typeVars) typeVars {
	for _, t := range ts {
		seen = c.typ(t, seen)
	}
	return seen
}

func (c *checker) typeSyntax(at diag.Pos, what string) {
	c.errorf(at, "type_syntax", "bad %s type", nameArg(what))
}

func (c *checker) typ(t ast.Type, seen typeVars) typeVars {
	switch t := t.(type) {
	case nil:
	case *ast.Atom, *ast.Integer, *ast.Char:
	case *ast.Var:
		return seeVar(t, seen)
	case *ast.AnnType:
		return c.typ(t.Type, seen)
	case *ast.NamedType:
		return c.namedType(t, seen)
	case *ast.RemoteType:
		return c.remoteType(t, seen)
	case *ast.UnionType:
		return c.union(t, seen)
	case *ast.RangeType:
		lo, ok1 := constantType(t.Lo)
		hi, ok2 := constantType(t.Hi)
		if !ok1 || !ok2 || !lo.isInt() || !hi.isInt() || lo.i.Cmp(hi.i) >= 0 {
			c.typeSyntax(t.At, "range")
		}
	case *ast.UnaryType, *ast.BinaryType:
		if v, ok := constantType(t); !ok || !v.isInt() {
			c.typeSyntax(t.Pos(), "integer")
		}
	case *ast.TupleType:
		return c.typs(t.Elems, seen)
	case *ast.MapType:
		for _, f := range t.Fields {
			seen = c.typ(f.Value, c.typ(f.Key, seen))
		}
	case *ast.BitsType:
		if !notNegative(t.Base) || !notNegative(t.Unit) {
			c.typeSyntax(t.At, "binary")
		}
	case *ast.RecordType:
		return c.recordType(t, seen)
	case *ast.FunType:
		seen = c.typs(t.Args, seen)
		if t.Result != nil {
			seen = c.typ(t.Result, seen)
		}
	case *ast.BoundedFun:
		return c.typ(t.Fun, seen)
	}
	return seen
}

// notNegative reports whether a part of a <<_:M, _:_*N>> type is an integer
// that is not negative.
func notNegative(t ast.Type) bool {
	if t == nil {
		return true
	}
	v, ok := constantType(t)
	return ok && v.isInt() && v.i.Sign() >= 0
}

func seeVar(v *ast.Var, seen typeVars) typeVars {
	if v.Name == "_" {
		return seen
	}
	i := seen.index(v.Name)
	out := append(typeVars(nil), seen...)
	if i >= 0 {
		out[i].seen = seenTwice
		return out
	}
	return append(out, typeVar{v.Name, seenOnce, v.At})
}

// union checks alternatives: a variable that occurs once in each of several
// alternatives and nowhere else is still unbound.
func (c *checker) union(t *ast.UnionType, before typeVars) typeVars {
	all := before
	for _, a := range t.Types {
		one := c.typ(a, before)
		if len(one) == 0 {
			continue
		}
		merged := append(typeVars(nil), all...)
		for _, v := range one {
			i := merged.index(v.name)
			switch {
			case i < 0:
				merged = append(merged, v)
			case v.seen == seenTwice:
				merged[i].seen = seenTwice
			case merged[i].seen == seenOnce && (v.seen == seenUnion || before.index(v.name) < 0):
				merged[i].seen = seenUnion
			}
		}
		all = merged
	}
	return all
}

func (c *checker) namedType(t *ast.NamedType, seen typeVars) typeVars {
	k := FunKey{t.Name, len(t.Args)}
	if t.User {
		c.useType(k, t.At)
		return c.typs(t.Args, seen)
	}
	_, own := c.types[k]
	switch {
	case own:
		c.useType(k, t.At)
	case t.Any:
	default:
		c.useType(k, t.At)
	}
	if t.Name == "bool" && len(t.Args) == 0 {
		c.warnf(t.At, "renamed_type", "type bool() is now called boolean(); please use the new name instead",
			hidden(diag.AtomValue("bool")), hidden(diag.AtomValue("boolean")))
		return seen
	}
	return c.typs(t.Args, seen)
}

func (c *checker) remoteType(t *ast.RemoteType, seen typeVars) typeVars {
	c.moduleName(t.Module.Name, t.At)
	k := FunKey{t.Name.Name, len(t.Args)}
	if o, ok := findObsolete("t", t.Module.Name, k.Name, k.Arity); ok {
		name := t.Module.Name + ":" + k.Name + params(k.Arity)
		if o.verdict == "removed" {
			c.warnf(t.At, "removed_type", "the type %s is removed; %s", mfa(name, t.Module.Name, k), adviceArg(o.advice))
		} else {
			c.maybeWarnf(t.At, "deprecated_type", "the type %s is deprecated; %s",
				mfa(atomText(t.Module.Name)+":"+typeText(k), t.Module.Name, k), adviceArg(o.advice))
		}
	}
	if t.Module.Name == c.u.Module {
		c.useType(k, t.At)
	}
	return c.typs(t.Args, seen)
}

func (c *checker) recordType(t *ast.RecordType, seen typeVars) typeVars {
	name := t.Name.Name
	if t.Module != nil && t.Module.Name != c.u.Module {
		return seen
	}
	c.useRecord(name)
	r := c.records[name]
	_, imported := c.recImports[name]
	switch {
	case r == nil && imported:
	case r == nil:
		c.undefinedRecord(t.At, name)
	case r.native:
		if len(t.Fields) > 0 {
			c.errorf(t.Fields[0].At, "native_record_field_types", "native records do not allow special field types")
		}
	default:
		given := map[string]bool{}
		for _, f := range t.Fields {
			if r.field(f.Name.Name) == nil {
				c.undefinedField(f.Name.At, r, ast.RecordRef{Name: name}, f.Name.Name)
			}
			if given[f.Name.Name] {
				c.errorf(f.Name.At, "redefine_field", "field %s already defined in record %s", atomArg(f.Name.Name), nameArg(name))
			}
			given[f.Name.Name] = true
			seen = c.typ(f.Type, seen)
		}
	}
	return seen
}

// defineType checks a type declaration and remembers it.
func (c *checker) defineType(d *ast.TypeDecl) {
	k := FunKey{d.Name, len(d.Params)}
	builtin := ast.IsBuiltinType(k.Name, k.Arity) && !c.opts.Flags["no_auto_import_types"]
	if _, ok := c.types[k]; ok && !builtin {
		c.errorf(d.At, "redefine_type", "type %s already defined", typeArg(k))
		return
	}
	c.types[k] = typeInfo{d.Kind, d.At}
	c.owner = typeOwner{'t', k}
	ts := []ast.Type{d.Def}
	for _, p := range d.Params {
		ts = append(ts, p)
	}
	c.checkTypes(ts)
	if builtin && !c.keep["nowarn_redefined_builtin_type"][RemoteFun{"", k}] {
		c.maybeWarnf(d.At, "redefined_builtin_type", "local redefinition of built-in type: %s", typeArg(k))
	}
}

// specText names what a spec is for.
func specText(s *ast.Spec) string {
	k := FunKey{s.Name, s.Arity}
	if s.HasModule {
		return atomText(s.Module) + ":" + k.String()
	}
	return k.String()
}

func specArg(s *ast.Spec) pair {
	k := FunKey{s.Name, s.Arity}
	if s.HasModule {
		return mfa(specText(s), s.Module, k)
	}
	return pair{text: specText(s), v: k.value()}
}

func (c *checker) spec(s *ast.Spec) {
	m := RemoteFun{c.u.Module, FunKey{s.Name, s.Arity}}
	if s.HasModule {
		m.Module = s.Module
	}
	_, again := c.specs[m]
	c.specs[m] = s.At
	if again {
		c.errorf(s.At, "redefine_spec", "spec for %s already defined", specArg(s))
		return
	}
	if m.Module != c.u.Module {
		c.moduleName(m.Module, s.At)
		c.errorf(s.At, "bad_module", "spec for function %s from other module", mfa(atomText(m.Module)+":"+m.FunKey.String(), m.Module, m.FunKey))
	}
	c.signatures(s, "spec_wrong_arity", "spec has wrong arity")
}

func (c *checker) callback(s *ast.Spec) {
	if s.HasModule {
		c.moduleName(s.Module, s.At)
		c.errorf(s.At, "bad_callback", "explicit module not allowed for callback %s", specArg(s))
		return
	}
	k := FunKey{s.Name, s.Arity}
	_, again := c.callbacks[k]
	c.callbacks[k] = s.At
	if again {
		c.errorf(s.At, "redefine_callback", "callback %s already defined", k)
		return
	}
	c.signatures(s, "callback_wrong_arity", "callback has wrong arity")
}

func (c *checker) signatures(s *ast.Spec, code, text string) {
	c.owner = typeOwner{'s', FunKey{s.Name, s.Arity}}
	for _, sig := range s.Sigs {
		var ts []ast.Type
		f, _ := sig.(*ast.FunType)
		if b, ok := sig.(*ast.BoundedFun); ok {
			f = b.Fun
			for _, k := range b.Constraints {
				ts = append(ts, k.Var, k.Type)
			}
		}
		if f == nil {
			continue
		}
		if len(f.Args) != s.Arity {
			c.errorf(f.At, code, text)
		}
		c.checkTypes(append([]ast.Type{f}, ts...))
	}
}
