package compiler

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/absform"
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
	var moduleMeta, meta []term.Term // pairs of keys and values
	enc := absform.Encoder{Heap: h, FileSet: m.fset}
	specs := map[lint.FunKey]*ast.Spec{}
	for _, s := range m.unit.Specs {
		if !s.HasModule || s.Module == m.unit.Module {
			specs[lint.FunKey{Name: s.Name, Arity: s.Arity}] = s
		}
	}
	add := func(kind, name string, arity int, at diag.Pos, signature string, spec ast.Form) {
		if m.opts.Signatures && spec != nil && pending != none {
			if t, err := enc.Form(spec); err == nil {
				meta = append(meta, atom("signature"), h.List(t))
			}
		}
		key := h.Tuple(atom(kind), atom(name), term.Int(arity))
		line := m.fset.Position(at).Line
		entries = append(entries, h.Tuple(key, term.Int(line), h.List(h.Binary([]byte(signature))), pending, h.MapFromPairs(meta)))
		pending, meta = none, nil
	}
	for _, form := range m.unit.File.Forms {
		switch f := form.(type) {
		case *ast.Attribute:
			if f.Name != "doc" && f.Name != "moduledoc" {
				continue
			}
			found = true
			if pairs, ok := m.docMeta(f.Value); ok {
				if f.Name == "doc" {
					meta = append(meta, pairs...)
				} else {
					moduleMeta = append(moduleMeta, pairs...)
				}
				continue
			}
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
				var spec ast.Form
				if s := specs[k]; s != nil {
					spec = s
				}
				add("function", f.Name, f.Arity, f.At, signature(f, specs[k]), spec)
			}
			pending, meta = none, nil
		case *ast.Spec:
			if f.Callback {
				add("callback", f.Name, f.Arity, f.At, heading(f.Name, specNames(f, f.Arity)), nil)
			}
		case *ast.TypeDecl:
			if pending != none {
				names := make([]string, len(f.Params))
				for i, v := range f.Params {
					names[i] = v.Name
				}
				add("type", f.Name, len(f.Params), f.At, heading(f.Name, names), f)
			}
		}
	}
	if !found {
		return term.None
	}
	return h.Tuple(atom("docs_v1"), term.Int(m.fset.Position(m.unit.ModuleAt).Line), atom("erlang"), h.Binary([]byte("text/markdown")),
		moduleDoc, h.MapFromPairs(moduleMeta), h.List(entries...))
}

// docMeta gives the pairs of an attribute that has a map: what is known of a function, a type or the module besides its text.
func (m *module) docMeta(value ast.Expr) ([]term.Term, bool) {
	mp, ok := value.(*ast.Map)
	if !ok {
		return nil, false
	}
	var pairs []term.Term
	for _, f := range mp.Fields {
		k, ok1 := m.constant(f.Key)
		if !ok1 {
			continue
		}
		v, ok2 := m.constant(f.Value)
		if call, isCall := f.Value.(*ast.Call); isCall && !ok2 {
			v, ok2 = m.heap.Binary([]byte(ast.Format(call))), true
		}
		if !ok2 {
			continue
		}
		if text, isString := f.Value.(*ast.String); isString {
			v = m.heap.Binary([]byte(text.Value)) // as OTP does
		}
		pairs = append(pairs, k, v)
	}
	return pairs, true
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
	names := specNames(spec, f.Arity)
	for i := range names {
		for _, c := range f.Clauses {
			if v, ok := c.Patterns[i].(*ast.Var); ok && names[i] == "" && v.Name != "_" {
				names[i] = strings.TrimPrefix(v.Name, "_")
			}
		}
	}
	return heading(f.Name, names)
}

// specNames are the names of the parameters in a specification, empty ones for parameters without.
func specNames(spec *ast.Spec, arity int) []string {
	names := make([]string, arity)
	if spec == nil || len(spec.Sigs) == 0 {
		return names
	}
	fun, _ := spec.Sigs[0].(*ast.FunType)
	if b, ok := spec.Sigs[0].(*ast.BoundedFun); ok {
		fun = b.Fun
	}
	if fun == nil || len(fun.Args) != arity {
		return names
	}
	for i, t := range fun.Args {
		switch t := t.(type) {
		case *ast.AnnType:
			names[i] = t.Var.Name
		case *ast.Var:
			names[i] = t.Name
		}
	}
	return names
}

// heading is name(Parameters), or name/arity if not all of them have names.
func heading(name string, parameters []string) string {
	if slices.Contains(parameters, "") || slices.Contains(parameters, "_") {
		return name + "/" + strconv.Itoa(len(parameters))
	}
	return name + "(" + strings.Join(parameters, ", ") + ")"
}
