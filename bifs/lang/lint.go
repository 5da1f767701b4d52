package lang

import (
	"errors"

	"github.com/gerl-lang/gerl/absform"
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// lintForms(Forms, Options) checks the forms of a module: [{error | warning, File, ErrorInfo}] in the order in
// which they were found, or {ask, [Behaviour]} for behaviours that the options do not tell about. See lintOptions.
func lintForms(p *proc.Process, a []term.Term) term.Term {
	fset := diag.NewFileSet()
	opts, asked, ok := lintOptions(p, a[1], fset)
	if !ok {
		return p.Badarg()
	}
	forms, err := absform.NewDecoder(fset).Forms(a[0])
	if err != nil {
		return p.Badarg()
	}
	return p.Async(func() func(*proc.Process) term.Term {
		_, list := lint.Check(&ast.File{Forms: forms}, opts)
		return func(p *proc.Process) term.Term {
			if t, ask := asked.term(p); ask {
				return t
			}
			return found(&p.Heap, p, fset, list)
		}
	})
}

// lintExprs(Exprs, [Variable], [RecordForm], Options) checks expressions in which variables are bound.
func lintExprs(p *proc.Process, a []term.Term) term.Term {
	fset := diag.NewFileSet()
	opts, _, ok := lintOptions(p, a[3], fset)
	d := absform.NewDecoder(fset)
	exprs, err := d.Exprs(a[0])
	forms, err2 := d.Forms(a[2])
	vars, ok2 := atomNames(a[1])
	if !ok || !ok2 || err != nil || err2 != nil {
		return p.Badarg()
	}
	var records []*ast.RecordDecl
	for _, f := range forms {
		if r, ok := f.(*ast.RecordDecl); ok {
			records = append(records, r)
		}
	}
	list := lint.CheckExprs(exprs, vars, records, opts)
	return found(&p.Heap, p, fset, list)
}

func found(h *term.Heap, p *proc.Process, fset *diag.FileSet, list *diag.List) term.Term {
	enc := absform.Encoder{Heap: h, FileSet: fset, Columns: true, ExternalFun: externalFun(p)}
	var out []term.Term
	for _, d := range list.All() {
		severity := atom("warning")
		if d.Severity == diag.Error {
			severity = term.AtomError
		}
		out = append(out, h.Tuple(severity, h.Chars(fileOf(fset, d)), errorInfo(h, enc, d)))
	}
	p.Bump(16 * len(out))
	return h.List(out...)
}

func fileOf(fset *diag.FileSet, d *diag.Diagnostic) string {
	if d.File == "" && d.Pos().IsValid() {
		return fset.Position(d.Pos()).File
	}
	return d.File
}

// asked gathers the behaviours that the options do not tell about.
type asked struct{ names []string }

func (a *asked) term(p *proc.Process) (term.Term, bool) {
	if len(a.names) == 0 {
		return term.None, false
	}
	h := &p.Heap
	var out []term.Term
	for _, n := range a.names {
		out = append(out, atom(n))
	}
	return h.Tuple(atom("ask"), h.List(out...)), true
}

// lintOptions reads what lint needs from a list of options:
//
//	{flags, [Option]}                               compiler options, in order
//	{enabled, [Feature]}
//	{behaviours, [{Name, undefined | Callbacks | unknown, Optional}]}   what is known of behaviours
func lintOptions(p *proc.Process, t term.Term, fset *diag.FileSet) (lint.Options, *asked, bool) {
	o := lint.Options{Files: fset, Flags: map[string]bool{}}
	ask := &asked{}
	known := map[string]*lint.Behaviour{}
	for ; t.IsCons(); t = t.Tail() {
		item := t.Head()
		if !item.TupleOf(2) || !item.Elem(0).IsAtom() {
			continue
		}
		v := item.Elem(1)
		switch item.Elem(0).AtomName() {
		case "flags":
			terms, ok := optionTerms(v)
			if !ok {
				return o, nil, false
			}
			o.Terms = terms
		case "enabled":
			o.Features, _ = atomNames(v)
		case "behaviours":
			for ; v.IsCons(); v = v.Tail() {
				name, b, err := behaviourTerm(v.Head())
				if err != nil {
					return o, nil, false
				}
				known[name] = b
			}
		}
	}
	o.Behaviour = func(name string) *lint.Behaviour {
		b, ok := known[name]
		if !ok {
			ask.names = append(ask.names, name)
			known[name] = nil
		}
		return b
	}
	return o, ask, true
}

// optionTerms are the options as constants; those that are none are left out.
func optionTerms(t term.Term) ([]ast.Expr, bool) {
	d := absform.NewDecoder(diag.NewFileSet())
	var out []ast.Expr
	for ; t.IsCons(); t = t.Tail() {
		if e, err := d.TryAbstract(t.Head(), diag.NoPos, 255); err == nil {
			out = append(out, e)
		}
	}
	return out, t.IsNil()
}

func atomNames(t term.Term) ([]string, bool) {
	var out []string
	for ; t.IsCons(); t = t.Tail() {
		if !t.Head().IsAtom() {
			return nil, false
		}
		out = append(out, t.Head().AtomName())
	}
	return out, t.IsNil()
}

var errBehaviour = errors.New("bad behaviour")

// behaviourTerm reads {Name, Callbacks, Optional}.
func behaviourTerm(t term.Term) (string, *lint.Behaviour, error) {
	if !t.TupleOf(3) || !t.Elem(0).IsAtom() {
		return "", nil, errBehaviour
	}
	name := t.Elem(0).AtomName()
	if t.Elem(1).IsAtom() {
		switch t.Elem(1).AtomName() {
		case "undefined": // no such module
			return name, nil, nil
		case "none": // no behaviour_info/1, or it says undefined
			return name, &lint.Behaviour{NoCallbacks: true}, nil
		}
	}
	b := &lint.Behaviour{Optional: map[lint.FunKey]bool{}}
	var ok bool
	if b.Callbacks, ok = funKeys(t.Elem(1)); !ok {
		return name, &lint.Behaviour{BadCallbacks: true}, nil
	}
	optional, ok := funKeys(t.Elem(2))
	if !ok {
		b.BadOptional = true
	}
	for _, k := range optional {
		b.Optional[k] = true
	}
	return name, b, nil
}

func funKeys(t term.Term) ([]lint.FunKey, bool) {
	var out []lint.FunKey
	for ; t.IsCons(); t = t.Tail() {
		k := t.Head()
		if !k.TupleOf(2) || !k.Elem(0).IsAtom() || !k.Elem(1).IsSmall() {
			return nil, false
		}
		out = append(out, lint.FunKey{Name: k.Elem(0).AtomName(), Arity: k.Elem(1).Small()})
	}
	return out, t.IsNil()
}
