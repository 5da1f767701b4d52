package absform

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

type pos = diag.Pos

func (x *encoder) attribute(at pos, name string, value term.Term) term.Term {
	return x.tuple("attribute", x.anno(at), atom(name), value)
}

func (x *encoder) form(f ast.Form) term.Term {
	switch f := f.(type) {
	case *ast.Function:
		return x.tuple("function", x.anno(f.At), atom(f.Name), term.Int(f.Arity), x.clauses(f.Clauses))
	case *ast.Module:
		if f.HasParams {
			return x.attribute(f.At, "module", x.h.Tuple(atom(f.Name), x.atoms(f.Params)))
		}
		return x.attribute(f.At, "module", atom(f.Name))
	case *ast.Export:
		return x.attribute(f.At, "export", list(x, f.Funs, x.funArity))
	case *ast.ExportType:
		return x.attribute(f.At, "export_type", list(x, f.Types, x.funArity))
	case *ast.Import:
		return x.attribute(f.At, "import", x.h.Tuple(atom(f.Module), list(x, f.Funs, x.funArity)))
	case *ast.ImportRecord:
		return x.attribute(f.At, "import_record", x.h.Tuple(atom(f.Module), x.atoms(f.Names)))
	case *ast.FileAttr:
		return x.attribute(f.At, "file", x.h.Tuple(x.h.Chars(f.Name), term.Int(f.Line)))
	case *ast.RecordDecl:
		name := "record"
		if f.Native {
			name = "native_record"
		}
		return x.attribute(f.At, name, x.h.Tuple(atom(f.Name), list(x, f.Fields, x.fieldDecl)))
	case *ast.TypeDecl:
		params := list(x, f.Params, func(v *ast.Var) term.Term { return x.expr(v) })
		return x.attribute(f.At, f.Kind.String(), x.h.Tuple(atom(f.Name), x.typ(f.Def), params))
	case *ast.Spec:
		name, key := "spec", x.h.Tuple(atom(f.Name), term.Int(f.Arity))
		if f.Callback {
			name = "callback"
		}
		if f.HasModule {
			key = x.h.Tuple(atom(f.Module), atom(f.Name), term.Int(f.Arity))
		}
		return x.attribute(f.At, name, x.h.Tuple(key, list(x, f.Sigs, x.typ)))
	case *ast.Attribute:
		return x.attribute(f.At, f.Name, x.attributeValue(f))
	case *ast.EOF:
		return x.tuple("eof", x.Location(f.At))
	case *ast.Bad:
		tag := "error"
		if f.Diag.Severity == diag.Warning {
			tag = "warning"
		}
		return x.tuple(tag, x.errorInfo(f.Diag))
	}
	x.fail("absform: unknown form %T", f)
	return term.None
}

func (x *encoder) errorInfo(d *diag.Diagnostic) term.Term {
	if x.Error != nil {
		return x.Error(d)
	}
	return x.h.Tuple(x.Location(d.Pos()), atom(d.Code.Module()), x.h.Chars(d.Text))
}

func (x *encoder) atoms(names []string) term.Term { return list(x, names, atom) }

func (x *encoder) funArity(f ast.FunArity) term.Term {
	return x.h.Tuple(atom(f.Name), x.int64(f.Arity))
}

func (x *encoder) fieldDecl(f *ast.FieldDecl) term.Term {
	at := x.anno(f.At)
	name := x.tuple("atom", at, atom(f.Name))
	field := x.tuple("record_field", at, name)
	if f.Default != nil {
		field = x.tuple("record_field", at, name, x.expr(f.Default))
	}
	if f.Type != nil {
		return x.tuple("typed_record_field", field, x.typ(f.Type))
	}
	return field
}

// attributeValue is the term of an attribute. In the map of a -doc, equiv may
// be a call, which stays abstract.
func (x *encoder) attributeValue(f *ast.Attribute) term.Term {
	m, ok := f.Value.(*ast.Map)
	if !ok || f.Name != "doc" && f.Name != "moduledoc" {
		return x.value(f.Value)
	}
	var pairs []term.Term
	for _, field := range m.Fields {
		key := x.value(field.Key)
		if call, ok := field.Value.(*ast.Call); ok {
			pairs = append(pairs, key, x.expr(call))
			continue
		}
		pairs = append(pairs, key, x.value(field.Value))
	}
	return x.h.MapFromPairs(pairs)
}

func (x *encoder) types(nodes []ast.Type) term.Term { return list(x, nodes, x.typ) }

func (x *encoder) typ(t ast.Type) term.Term {
	if e, ok := t.(ast.Expr); ok { // atoms, integers, characters, variables
		return x.expr(e)
	}
	at := x.anno(t.Pos())
	typ := func(name string, args term.Term) term.Term { return x.tuple("type", at, atom(name), args) }
	switch t := t.(type) {
	case *ast.NamedType:
		switch {
		case t.Any:
			return typ(t.Name, atom("any"))
		case t.User:
			return x.tuple("user_type", at, atom(t.Name), x.types(t.Args))
		}
		return typ(t.Name, x.types(t.Args))
	case *ast.RemoteType:
		return x.tuple("remote_type", at, x.h.List(x.expr(t.Module), x.expr(t.Name), x.types(t.Args)))
	case *ast.AnnType:
		return x.tuple("ann_type", at, x.h.List(x.expr(t.Var), x.typ(t.Type)))
	case *ast.UnionType:
		return typ("union", x.types(t.Types))
	case *ast.RangeType:
		return typ("range", x.h.List(x.typ(t.Lo), x.typ(t.Hi)))
	case *ast.UnaryType:
		return x.tuple("op", at, atom(t.Op.String()), x.typ(t.X))
	case *ast.BinaryType:
		return x.tuple("op", at, atom(t.Op.String()), x.typ(t.L), x.typ(t.R))
	case *ast.TupleType:
		return typ("tuple", x.types(t.Elems))
	case *ast.MapType:
		return typ("map", list(x, t.Fields, func(f *ast.MapFieldType) term.Term {
			tag := "map_field_assoc"
			if f.Exact {
				tag = "map_field_exact"
			}
			return x.tuple("type", x.anno(f.At), atom(tag), x.h.List(x.typ(f.Key), x.typ(f.Value)))
		}))
	case *ast.RecordType:
		return typ("record", x.h.Cons(x.recordTypeName(t, at), list(x, t.Fields, func(f *ast.FieldType) term.Term {
			return x.tuple("type", x.anno(f.At), atom("field_type"), x.h.List(x.expr(f.Name), x.typ(f.Type)))
		})))
	case *ast.BitsType:
		return typ("binary", x.h.List(x.bitsSize(t, t.Base), x.bitsSize(t, t.Unit)))
	case *ast.FunType:
		return x.funType(t, at)
	case *ast.BoundedFun:
		return typ("bounded_fun", x.h.List(x.typ(t.Fun), list(x, t.Constraints, x.constraint)))
	}
	x.fail("absform: unknown type %T", t)
	return term.None
}

func (x *encoder) recordTypeName(t *ast.RecordType, at term.Term) term.Term {
	if t.Module == nil {
		return x.expr(t.Name)
	}
	return x.tuple("tuple", at, x.h.List(x.expr(t.Module), x.expr(t.Name)))
}

// bitsSize encodes the base or unit of a bitstring type. A missing one is a
// zero whose annotation is just the line.
func (x *encoder) bitsSize(t *ast.BitsType, size ast.Type) term.Term {
	if size != nil {
		return x.typ(size)
	}
	return x.tuple("integer", term.Int(x.FileSet.Line(t.At)), term.Int(0))
}

func (x *encoder) funType(t *ast.FunType, at term.Term) term.Term {
	var args term.Term
	switch t.Kind {
	case ast.FunAny:
		return x.tuple("type", at, atom("fun"), term.Nil)
	case ast.FunAnyArgs:
		args = x.tuple("type", x.anno(t.SigAt), atom("any"))
	default:
		args = x.tuple("type", x.anno(t.SigAt), atom("product"), x.types(t.Args))
	}
	return x.tuple("type", at, atom("fun"), x.h.List(args, x.typ(t.Result)))
}

func (x *encoder) constraint(c *ast.Constraint) term.Term {
	at := x.anno(c.At)
	return x.tuple("type", at, atom("constraint"), x.h.List(
		x.tuple("atom", at, atom("is_subtype")),
		x.h.List(x.typ(c.Var), x.typ(c.Type)),
	))
}
