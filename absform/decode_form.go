package absform

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

func (d *Decoder) form(t term.Term) ast.Form {
	switch {
	case is(t, "function", 5):
		return &ast.Function{
			At: d.pos(t.Elem(1)), Name: name(t.Elem(2)), Arity: int(int64Of(t.Elem(3))), Clauses: d.clauses(t.Elem(4)),
		}
	case is(t, "attribute", 4):
		return d.attribute(d.pos(t.Elem(1)), name(t.Elem(2)), t.Elem(3))
	case is(t, "eof", 2):
		return &ast.EOF{At: d.pos(t.Elem(1))}
	case is(t, "error", 2), is(t, "warning", 2):
		return d.errorForm(t)
	}
	bad("form", t)
	return nil
}

// errorForm decodes {error, {Location, Module, Descriptor}}. The message is
// for the module to make; the descriptor stands in for it.
func (d *Decoder) errorForm(t term.Term) ast.Form {
	info := t.Elem(1)
	if !info.IsTuple() || info.Arity() != 3 {
		bad("form", t)
	}
	b := &ast.Bad{Diag: &diag.Diagnostic{
		Code: diag.Code(name(info.Elem(1)) + ".external"),
		Text: string(term.Append(nil, info.Elem(2), term.FormatOptions{})),
	}}
	if e, err := (&Decoder{fset: d.fset}).TryAbstract(info.Elem(2), diag.NoPos, 255); err == nil {
		b.Diag.Desc = e
	}
	if tag(t) == "warning" {
		b.Diag.Severity = diag.Warning
	}
	if loc := info.Elem(0); !loc.IsAtom() {
		b.Diag.Span = diag.At(d.pos(loc))
	} else {
		b.Diag.File = d.file
	}
	return b
}

func (d *Decoder) attribute(at diag.Pos, key string, v term.Term) ast.Form {
	pair := v.IsTuple() && v.Arity() == 2
	switch key {
	case "module":
		if pair {
			return &ast.Module{At: at, Name: name(v.Elem(0)), HasParams: true, Params: names(v.Elem(1))}
		}
		return &ast.Module{At: at, Name: name(v)}
	case "export":
		return &ast.Export{At: at, Funs: funArities(at, v)}
	case "import":
		if pair {
			return &ast.Import{At: at, Module: name(v.Elem(0)), Funs: funArities(at, v.Elem(1))}
		}
	case "import_record":
		if pair {
			return &ast.ImportRecord{At: at, Module: name(v.Elem(0)), Names: names(v.Elem(1))}
		}
	case "file":
		if pair {
			text, ok := term.CharsText(v.Elem(0))
			if !ok {
				bad("file attribute", v)
			}
			d.file = text
			return &ast.FileAttr{At: at, Name: text, Line: int(int64Of(v.Elem(1)))}
		}
	case "record", "native_record":
		if pair {
			return &ast.RecordDecl{
				At: at, Native: key == "native_record", Name: name(v.Elem(0)),
				Fields: decodeList(v.Elem(1), "record fields", d.fieldDecl),
			}
		}
	case "type", "opaque", "nominal":
		if v.IsTuple() && v.Arity() == 3 && v.Elem(0).IsAtom() {
			return d.typeDecl(at, key, v)
		}
	case "spec", "callback":
		if pair {
			return d.spec(at, key, v)
		}
	case "export_type":
		if types, ok := tryFunArities(at, v); ok {
			return &ast.ExportType{At: at, Types: types}
		}
	case "doc", "moduledoc":
		if v.IsMap() {
			return d.docMap(at, key, v)
		}
	}
	return &ast.Attribute{At: at, Name: key, Value: d.Abstract(v, at, Unicode)}
}

func tryFunArities(at diag.Pos, t term.Term) ([]ast.FunArity, bool) {
	funs := []ast.FunArity{}
	for ; t.IsCons(); t = t.Tail() {
		f := t.Head()
		if !f.IsTuple() || f.Arity() != 2 || !f.Elem(0).IsAtom() {
			return nil, false
		}
		n, ok := term.ToInt64(f.Elem(1))
		if !ok {
			return nil, false
		}
		funs = append(funs, ast.FunArity{At: at, Name: f.Elem(0).AtomName(), Arity: n})
	}
	return funs, t.IsNil()
}

func funArities(at diag.Pos, t term.Term) []ast.FunArity {
	funs, ok := tryFunArities(at, t)
	if !ok {
		bad("list of names and arities", t)
	}
	return funs
}

func (d *Decoder) fieldDecl(t term.Term) *ast.FieldDecl {
	f := &ast.FieldDecl{}
	if is(t, "typed_record_field", 3) {
		f.Type = d.typ(t.Elem(2))
		t = t.Elem(1)
	}
	if !is(t, "record_field", 3) && !is(t, "record_field", 4) {
		bad("record field", t)
	}
	f.At = d.pos(t.Elem(1))
	f.Name = d.atom(t.Elem(2)).Name
	if t.Arity() == 4 {
		f.Default = d.expr(t.Elem(3))
	}
	return f
}

func (d *Decoder) typeDecl(at diag.Pos, key string, v term.Term) ast.Form {
	decl := &ast.TypeDecl{At: at, Name: name(v.Elem(0)), Def: d.typ(v.Elem(1))}
	switch key {
	case "opaque":
		decl.Kind = ast.OpaqueType
	case "nominal":
		decl.Kind = ast.NominalType
	}
	decl.Params = decodeList(v.Elem(2), "type parameters", d.variable)
	return decl
}

func (d *Decoder) variable(t term.Term) *ast.Var {
	v, ok := d.expr(t).(*ast.Var)
	if !ok {
		bad("variable", t)
	}
	return v
}

func (d *Decoder) spec(at diag.Pos, key string, v term.Term) ast.Form {
	s := &ast.Spec{At: at, Callback: key == "callback"}
	fun := v.Elem(0)
	if !fun.IsTuple() {
		bad("spec", v)
	}
	switch fun.Arity() {
	case 2:
		s.Name, s.Arity = name(fun.Elem(0)), int(int64Of(fun.Elem(1)))
	case 3:
		s.HasModule, s.Module = true, name(fun.Elem(0))
		s.Name, s.Arity = name(fun.Elem(1)), int(int64Of(fun.Elem(2)))
	default:
		bad("spec", v)
	}
	s.Sigs = decodeList(v.Elem(1), "signatures", func(t term.Term) ast.Type {
		typ := d.typ(t)
		switch typ.(type) {
		case *ast.FunType, *ast.BoundedFun:
		default:
			bad("signature", t)
		}
		return typ
	})
	if len(s.Sigs) == 0 {
		bad("spec", v)
	}
	return s
}

// docMap decodes documentation metadata. The value of equiv may be a call in
// abstract format.
func (d *Decoder) docMap(at diag.Pos, key string, v term.Term) ast.Form {
	m := &ast.Map{At: at}
	term.MapEach(v, func(k, x term.Term) bool {
		field := &ast.MapField{At: at, Key: d.Abstract(k, at, Unicode)}
		if k == atom("equiv") && is(x, "call", 4) {
			field.Value = d.expr(x)
		} else {
			field.Value = d.Abstract(x, at, Unicode)
		}
		m.Fields = append(m.Fields, field)
		return true
	})
	return &ast.Attribute{At: at, Name: key, Value: m}
}
