package compiler

import (
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/term"
)

// docs makes the contents of the Docs chunk of -moduledoc and -doc attributes (EEP 48); None if there are none of them.
func (m *module) docs() term.Term {
	h := m.heap
	atom := term.Intern
	none := atom("none")
	moduleDoc, found := none, false
	var entries []term.Term
	pending := none
	specs := map[lint.FunKey]*ast.Spec{}
	for _, s := range m.unit.Specs {
		if !s.HasModule || s.Module == m.unit.Module {
			specs[lint.FunKey{Name: s.Name, Arity: s.Arity}] = s
		}
	}
	add := func(kind, name string, arity int, at diag.Pos, signature string) {
		key := h.Tuple(atom(kind), atom(name), term.Int(arity))
		line := m.fset.Position(at).Line
		entries = append(entries, h.Tuple(key, term.Int(line), h.List(h.Binary([]byte(signature))), pending, h.MapFromPairs(nil)))
		pending = none
	}
	for _, form := range m.unit.File.Forms {
		switch f := form.(type) {
		case *ast.Attribute:
			if f.Name != "doc" && f.Name != "moduledoc" {
				continue
			}
			found = true
			text, ok := m.docText(f.Value)
			if !ok {
				continue
			}
			if f.Name == "doc" {
				pending = text
			} else {
				moduleDoc = text
			}
		case *ast.Function:
			k := lint.FunKey{Name: f.Name, Arity: f.Arity}
			if m.unit.IsExported(k) {
				add("function", f.Name, f.Arity, f.At, signature(f, specs[k]))
			}
			pending = none
		case *ast.Spec:
			if f.Callback {
				add("callback", f.Name, f.Arity, f.At, f.Name+"/"+strconv.Itoa(f.Arity))
			}
		case *ast.TypeDecl:
			if pending != none {
				add("type", f.Name, len(f.Params), f.At, f.Name+"/"+strconv.Itoa(len(f.Params)))
			}
		}
	}
	if !found {
		return term.None
	}
	return h.Tuple(atom("docs_v1"), term.Int(m.fset.Position(m.unit.ModuleAt).Line), atom("erlang"), h.Binary([]byte("text/markdown")),
		moduleDoc, h.MapFromPairs(nil), h.List(entries...))
}

// docText is what a documentation attribute says: a text in English, or hidden.
func (m *module) docText(value ast.Expr) (term.Term, bool) {
	text := ""
	switch v := value.(type) {
	case *ast.Atom:
		if v.Name == "false" || v.Name == "hidden" {
			return term.Intern("hidden"), true
		}
		return term.None, false
	case *ast.String:
		text = v.Value
	case *ast.Bits:
		if len(v.Elems) != 1 {
			return term.None, false
		}
		s, ok := v.Elems[0].Value.(*ast.String)
		if !ok {
			return term.None, false
		}
		text = s.Value
	default:
		return term.None, false
	}
	h := m.heap
	return h.MapFromPairs([]term.Term{h.Binary([]byte("en")), h.Binary([]byte(text))}), true
}

// signature is a function as its documentation heads it, with the names that spec or clauses give the parameters.
func signature(f *ast.Function, spec *ast.Spec) string {
	names := make([]string, f.Arity)
	if spec != nil && len(spec.Sigs) > 0 {
		fun, _ := spec.Sigs[0].(*ast.FunType)
		if b, ok := spec.Sigs[0].(*ast.BoundedFun); ok {
			fun = b.Fun
		}
		if fun != nil && len(fun.Args) == f.Arity {
			for i, t := range fun.Args {
				switch t := t.(type) {
				case *ast.AnnType:
					names[i] = t.Var.Name
				case *ast.Var:
					names[i] = t.Name
				}
			}
		}
	}
	for i := range names {
		for _, c := range f.Clauses {
			if v, ok := c.Patterns[i].(*ast.Var); ok && names[i] == "" && v.Name != "_" {
				names[i] = strings.TrimPrefix(v.Name, "_")
			}
		}
		if names[i] == "" || names[i] == "_" {
			names[i] = "Arg" + strconv.Itoa(i+1)
		}
	}
	return f.Name + "(" + strings.Join(names, ", ") + ")"
}
