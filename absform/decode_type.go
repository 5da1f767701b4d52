package absform

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

func (d *Decoder) types(t term.Term) []ast.Type { return decodeList(t, "types", d.typ) }

// listOf splits a list of exactly n elements.
func listOf(t term.Term, n int) []term.Term {
	out := make([]term.Term, 0, n)
	rest := t
	for ; rest.IsCons() && len(out) <= n; rest = rest.Tail() {
		out = append(out, rest.Head())
	}
	if len(out) != n || !rest.IsNil() {
		bad("type", t)
	}
	return out
}

func (d *Decoder) typ(t term.Term) ast.Type {
	d.enter()
	defer func() { d.depth-- }()
	kind := tag(t)
	if kind == "" || t.Arity() < 3 {
		bad("type", t)
	}
	at := d.pos(t.Elem(1))
	x := t.Elem(2)
	switch {
	case t.Arity() == 3:
		switch kind {
		case "atom":
			return &ast.Atom{At: at, Name: name(x)}
		case "var":
			return &ast.Var{At: at, Name: name(x)}
		case "integer", "char":
			return number(kind, at, x).(ast.Type)
		case "remote_type":
			p := listOf(x, 3)
			return &ast.RemoteType{At: at, Module: d.atom(p[0]), Name: d.atom(p[1]), Args: d.types(p[2])}
		case "ann_type":
			p := listOf(x, 2)
			return &ast.AnnType{At: at, Var: d.variable(p[0]), Type: d.typ(p[1])}
		}
	case kind == "op" && t.Arity() == 4:
		if op := ast.LookupOp(name(x)); op.Info().Prefix {
			return &ast.UnaryType{At: at, Op: op, X: d.typ(t.Elem(3))}
		}
	case kind == "op" && t.Arity() == 5:
		if op := ast.LookupOp(name(x)); op.Info().Prec > 0 {
			return &ast.BinaryType{At: at, Op: op, L: d.typ(t.Elem(3)), R: d.typ(t.Elem(4))}
		}
	case kind == "user_type" && t.Arity() == 4:
		return &ast.NamedType{At: at, Name: name(x), User: true, Args: d.types(t.Elem(3))}
	case kind == "type" && t.Arity() == 4:
		return d.structured(at, name(x), t.Elem(3))
	}
	bad("type", t)
	return nil
}

// structured decodes {type, Anno, Name, Args}.
func (d *Decoder) structured(at diag.Pos, key string, args term.Term) ast.Type {
	if args == atom("any") {
		return &ast.NamedType{At: at, Name: key, Any: true}
	}
	switch key {
	case "tuple":
		return &ast.TupleType{At: at, Elems: d.types(args)}
	case "map":
		return &ast.MapType{At: at, Fields: decodeList(args, "map fields", d.mapFieldType)}
	case "union":
		return &ast.UnionType{At: at, Types: d.types(args)}
	case "range":
		p := listOf(args, 2)
		return &ast.RangeType{At: at, Lo: d.typ(p[0]), Hi: d.typ(p[1])}
	case "record":
		if args.IsCons() {
			return d.recordType(at, args)
		}
	case "binary":
		if args.IsCons() {
			p := listOf(args, 2)
			return &ast.BitsType{At: at, Base: d.bitsSize(p[0]), Unit: d.bitsSize(p[1])}
		}
	case "fun":
		return d.funType(at, args)
	case "bounded_fun":
		p := listOf(args, 2)
		fun, ok := d.typ(p[0]).(*ast.FunType)
		if !ok {
			bad("type", p[0])
		}
		return &ast.BoundedFun{At: at, Fun: fun, Constraints: decodeList(p[1], "constraints", d.constraint)}
	}
	return &ast.NamedType{At: at, Name: key, Args: d.types(args)}
}

func (d *Decoder) mapFieldType(t term.Term) *ast.MapFieldType {
	if !is(t, "type", 4) {
		bad("map field", t)
	}
	kind := name(t.Elem(2))
	if kind != "map_field_assoc" && kind != "map_field_exact" {
		bad("map field", t)
	}
	p := listOf(t.Elem(3), 2)
	return &ast.MapFieldType{
		At: d.pos(t.Elem(1)), Exact: kind == "map_field_exact", Key: d.typ(p[0]), Value: d.typ(p[1]),
	}
}

func (d *Decoder) recordType(at diag.Pos, args term.Term) ast.Type {
	r := &ast.RecordType{At: at}
	head := args.Head()
	if is(head, "tuple", 3) {
		p := listOf(head.Elem(2), 2)
		r.Module, r.Name = d.atom(p[0]), d.atom(p[1])
	} else {
		r.Name = d.atom(head)
	}
	r.Fields = decodeList(args.Tail(), "field types", func(t term.Term) *ast.FieldType {
		if !is(t, "type", 4) || name(t.Elem(2)) != "field_type" {
			bad("field type", t)
		}
		p := listOf(t.Elem(3), 2)
		return &ast.FieldType{At: d.pos(t.Elem(1)), Name: d.atom(p[0]), Type: d.typ(p[1])}
	})
	return r
}

// bitsSize decodes the base or unit of a bitstring type; a zero that has only
// a line is one that was not written.
func (d *Decoder) bitsSize(t term.Term) ast.Type {
	if is(t, "integer", 3) && t.Elem(1).IsSmall() && t.Elem(2) == term.Int(0) {
		return nil
	}
	return d.typ(t)
}

func (d *Decoder) funType(at diag.Pos, args term.Term) ast.Type {
	if args.IsNil() {
		return &ast.FunType{At: at, Kind: ast.FunAny}
	}
	p := listOf(args, 2)
	f := &ast.FunType{At: at}
	switch {
	case is(p[0], "type", 3) && name(p[0].Elem(2)) == "any":
		f.Kind = ast.FunAnyArgs
	case is(p[0], "type", 4) && name(p[0].Elem(2)) == "product":
		f.Args = d.types(p[0].Elem(3))
	default:
		bad("type", p[0])
	}
	f.SigAt = d.pos(p[0].Elem(1))
	f.Result = d.typ(p[1])
	return f
}

func (d *Decoder) constraint(t term.Term) *ast.Constraint {
	if !is(t, "type", 4) || name(t.Elem(2)) != "constraint" {
		bad("constraint", t)
	}
	p := listOf(t.Elem(3), 2)
	args := listOf(p[1], 2)
	return &ast.Constraint{At: d.pos(t.Elem(1)), Var: d.typ(args[0]), Type: d.typ(args[1])}
}
