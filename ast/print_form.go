package ast

import (
	"fmt"
	"strconv"

	"github.com/gerl-lang/gerl/diag"
)

func (p *printer) form(f Form) {
	switch f := f.(type) {
	case *Function:
		for i, c := range f.Clauses {
			if i > 0 {
				p.put(";\n")
			}
			p.clause(diag.WriteAtom(f.Name), c)
		}
	case *Module:
		p.put("-module(", diag.WriteAtom(f.Name))
		if f.HasParams {
			p.put(", [")
			commaList(p, f.Params, func(s string) { p.put(s) })
			p.put("]")
		}
		p.put(")")
	case *Export:
		p.put("-export(")
		p.funArities(f.Funs)
		p.put(")")
	case *ExportType:
		p.put("-export_type(")
		p.funArities(f.Types)
		p.put(")")
	case *Import:
		p.put("-import(", diag.WriteAtom(f.Module), ", ")
		p.funArities(f.Funs)
		p.put(")")
	case *ImportRecord:
		p.put("-import_record(", diag.WriteAtom(f.Module), ", [")
		commaList(p, f.Names, func(s string) { p.put(diag.WriteAtom(s)) })
		p.put("])")
	case *FileAttr:
		p.put("-file(", diag.QuoteString(f.Name, '"'), ", ", strconv.Itoa(f.Line), ")")
	case *RecordDecl:
		p.recordDecl(f)
	case *TypeDecl:
		p.put("-", f.Kind.String(), " ", diag.WriteAtom(f.Name), "(")
		commaList(p, f.Params, func(v *Var) { p.put(v.Name) })
		p.put(") :: ")
		p.typ(f.Def, 0)
	case *Spec:
		p.spec(f)
	case *Attribute:
		p.put("-", diag.WriteAtom(f.Name), "(")
		p.expr(f.Value, 0)
		p.put(")")
	case *Bad:
		p.put("%% ", f.Diag.Text, "\n")
		return
	case *EOF:
		return
	default:
		panic(fmt.Sprintf("ast: cannot print a %T", f))
	}
	p.put(".\n")
}

func (p *printer) funArities(funs []FunArity) {
	p.put("[")
	for i, f := range funs {
		if i > 0 {
			p.put(",")
		}
		p.put(diag.WriteAtom(f.Name), "/", strconv.FormatInt(f.Arity, 10))
	}
	p.put("]")
}

func (p *printer) recordDecl(f *RecordDecl) {
	end := "})"
	if f.Native {
		p.put("-record #", diag.WriteAtom(f.Name), "{")
		end = "}"
	} else {
		p.put("-record(", diag.WriteAtom(f.Name), ",{")
	}
	commaList(p, f.Fields, func(d *FieldDecl) {
		p.put(diag.WriteAtom(d.Name))
		if d.Default != nil {
			p.put(" = ")
			p.expr(d.Default, PrecMatch)
		}
		if d.Type != nil {
			p.put(" :: ")
			p.typ(d.Type, 0)
		}
	})
	p.put(end)
}

func (p *printer) spec(f *Spec) {
	keyword := "-spec "
	if f.Callback {
		keyword = "-callback "
	}
	p.put(keyword)
	if f.HasModule {
		p.put(diag.WriteAtom(f.Module), ":")
	}
	p.put(diag.WriteAtom(f.Name))
	for i, sig := range f.Sigs {
		if i > 0 {
			p.put("; ")
		}
		p.signature(sig)
	}
}

func (p *printer) signature(t Type) {
	switch t := t.(type) {
	case *FunType:
		p.funSig(t)
	case *BoundedFun:
		p.funSig(t.Fun)
		p.put(" when ")
		commaList(p, t.Constraints, func(c *Constraint) {
			p.typ(c.Var, 0)
			p.put(" :: ")
			p.typ(c.Type, 0)
		})
	}
}

func (p *printer) funSig(t *FunType) {
	if t.Kind == FunAnyArgs {
		p.put("(...)")
	} else {
		p.put("(")
		p.types(t.Args)
		p.put(")")
	}
	p.put(" -> ")
	p.typ(t.Result, 0)
}

func (p *printer) types(list []Type) { commaList(p, list, func(t Type) { p.typ(t, 0) }) }

// Precedences of types.
const (
	precAnn   = 150
	precUnion = 170
	precRange = 200
)

func typePrec(t Type) int {
	switch t := t.(type) {
	case *AnnType:
		return precAnn
	case *UnionType:
		return precUnion
	case *RangeType:
		return precRange
	case *BinaryType:
		return t.Op.Info().Prec
	case *UnaryType:
		return PrecPrefix
	}
	return precMax
}

// typ writes a type in a context that demands the precedence min.
func (p *printer) typ(t Type, min int) {
	if typePrec(t) < min {
		p.put("(")
		p.typ(t, 0)
		p.put(")")
		return
	}
	switch t := t.(type) {
	case Expr: // an atom, integer, character or variable
		p.bare(t)
	case *AnnType:
		p.put(t.Var.Name, " :: ")
		p.typ(t.Type, 0)
	case *UnionType:
		for i, u := range t.Types {
			if i > 0 {
				p.put(" | ")
			}
			p.typ(u, precUnion+1)
		}
	case *RangeType:
		p.typ(t.Lo, precRange+1)
		p.put("..")
		p.typ(t.Hi, precRange+1)
	case *UnaryType:
		p.put(t.Op.String())
		if t.Op == OpBnot || t.Op == OpNot || typePrec(t.X) == PrecPrefix {
			p.put(" ")
		}
		p.typ(t.X, PrecPrefix)
	case *BinaryType:
		prec := t.Op.Info().Prec
		p.typ(t.L, prec)
		p.put(" ", t.Op.String(), " ")
		p.typ(t.R, prec+1)
	default:
		p.structuredType(t)
	}
}

func (p *printer) structuredType(t Type) {
	switch t := t.(type) {
	case *NamedType:
		p.namedType(t)
	case *RemoteType:
		p.put(diag.WriteAtom(t.Module.Name), ":", diag.WriteAtom(t.Name.Name), "(")
		p.types(t.Args)
		p.put(")")
	case *TupleType:
		p.put("{")
		p.types(t.Elems)
		p.put("}")
	case *MapType:
		p.put("#{")
		commaList(p, t.Fields, func(f *MapFieldType) {
			p.typ(f.Key, 0)
			if f.Exact {
				p.put(" := ")
			} else {
				p.put(" => ")
			}
			p.typ(f.Value, 0)
		})
		p.put("}")
	case *RecordType:
		p.put("#")
		if t.Module != nil {
			p.put(diag.WriteAtom(t.Module.Name), ":")
		}
		p.put(diag.WriteAtom(t.Name.Name), "{")
		commaList(p, t.Fields, func(f *FieldType) {
			p.put(diag.WriteAtom(f.Name.Name), " :: ")
			p.typ(f.Type, 0)
		})
		p.put("}")
	case *BitsType:
		p.bitsType(t)
	case *FunType:
		p.put("fun(")
		if t.Kind != FunAny {
			p.funSig(t)
		}
		p.put(")")
	case *BoundedFun:
		p.signature(t)
	default:
		panic(fmt.Sprintf("ast: cannot print a %T", t))
	}
}

// namedType writes list types with brackets, all others as calls.
func (p *printer) namedType(t *NamedType) {
	switch {
	case t.Name == "nil" && !t.User && len(t.Args) == 0:
		p.put("[]")
	case t.Name == "list" && len(t.Args) == 1:
		p.put("[")
		p.types(t.Args)
		p.put("]")
	case t.Name == "nonempty_list" && len(t.Args) == 1:
		p.put("[")
		p.types(t.Args)
		p.put(", ...]")
	default:
		p.put(diag.WriteAtom(t.Name), "(")
		p.types(t.Args)
		p.put(")")
	}
}

func (p *printer) bitsType(t *BitsType) {
	p.put("<<")
	if t.Base != nil {
		p.put("_:")
		p.typ(t.Base, 0)
		if t.Unit != nil {
			p.put(", ")
		}
	}
	if t.Unit != nil {
		p.put("_:_*")
		p.typ(t.Unit, 0)
	}
	p.put(">>")
}
