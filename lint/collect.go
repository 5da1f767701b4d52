package lint

import (
	"github.com/gerl-lang/gerl/ast"
)

// Collect fills the tables of a Unit from the forms, without checking.
func Collect(file *ast.File, opts Options) *Unit {
	u := &Unit{
		File:          file,
		Funs:          map[FunKey]*ast.Function{},
		Exported:      map[FunKey]bool{},
		ExportAll:     opts.Flags["export_all"],
		Imports:       map[FunKey]string{},
		Records:       map[string]*Record{},
		RecordImports: map[string]string{},
		NoAutoImport:  map[FunKey]bool{},
		Inline:        map[FunKey]bool{},
		Nifs:          map[FunKey]bool{},
	}
	for _, o := range opts.Terms {
		u.compileOption(o)
	}
	for _, f := range file.Forms {
		u.collectForm(f)
	}
	return u
}

func (u *Unit) collectForm(f ast.Form) {
	switch f := f.(type) {
	case *ast.Module:
		if u.Module == "" {
			u.Module, u.ModuleAt = f.Name, f.At
		}
	case *ast.Export:
		for _, e := range f.Funs {
			u.export(FunKey{e.Name, int(e.Arity)})
		}
	case *ast.Import:
		for _, e := range f.Funs {
			u.Imports[FunKey{e.Name, int(e.Arity)}] = f.Module
		}
	case *ast.ImportRecord:
		for _, n := range f.Names {
			u.RecordImports[n] = f.Module
		}
	case *ast.RecordDecl:
		if u.Records[f.Name] == nil {
			r := &Record{Name: f.Name, Native: f.Native, Decl: f}
			for _, d := range f.Fields {
				r.Fields = append(r.Fields, Field{Name: d.Name, Default: d.Default, Type: d.Type, At: d.At})
			}
			u.Records[f.Name] = r
		}
	case *ast.Function:
		u.Functions = append(u.Functions, f)
		k := FunKey{f.Name, f.Arity}
		if u.Funs[k] == nil {
			u.Funs[k] = f
		}
	case *ast.Spec:
		u.Specs = append(u.Specs, f)
	case *ast.TypeDecl:
		u.Types = append(u.Types, f)
	case *ast.Attribute:
		u.collectAttribute(f)
	}
}

func (u *Unit) export(k FunKey) {
	if !u.Exported[k] {
		u.Exported[k] = true
		u.Exports = append(u.Exports, k)
	}
}

func (u *Unit) collectAttribute(a *ast.Attribute) {
	switch a.Name {
	case "compile":
		u.CompileOptions = append(u.CompileOptions, a.Value)
		for _, o := range listElems(a.Value) {
			u.compileOption(o)
		}
	case "on_load":
		if k, ok := funKey(a.Value); ok {
			u.OnLoad = &k
		}
	case "nifs":
		for _, e := range listElems(a.Value) {
			if k, ok := funKey(e); ok {
				u.Nifs[k] = true
			}
		}
		u.Attributes = append(u.Attributes, a)
	case "export_record":
		for _, e := range listElems(a.Value) {
			if n, ok := e.(*ast.Atom); ok {
				u.ExportedRecords = append(u.ExportedRecords, n.Name)
			}
		}
	case "doc", "moduledoc", "optional_callbacks", "dialyzer", "feature", "record", "type", "spec":
		if a.Name == "dialyzer" || a.Name == "optional_callbacks" {
			u.Attributes = append(u.Attributes, a)
		}
	default:
		u.Attributes = append(u.Attributes, a)
	}
}

func (u *Unit) compileOption(o ast.Expr) {
	switch o := o.(type) {
	case *ast.Atom:
		switch o.Name {
		case "export_all":
			u.ExportAll = true
		case "no_auto_import":
			u.NoAutoImportAll = true
		case "inline":
			u.InlineAll = true
		}
	case *ast.Tuple:
		if len(o.Elems) != 2 {
			return
		}
		name, ok := o.Elems[0].(*ast.Atom)
		if !ok {
			return
		}
		var set map[FunKey]bool
		switch name.Name {
		case "no_auto_import":
			set = u.NoAutoImport
		case "inline":
			set = u.Inline
		default:
			return
		}
		if k, ok := funKey(o.Elems[1]); ok {
			set[k] = true
		}
		for _, e := range listElems(o.Elems[1]) {
			if k, ok := funKey(e); ok {
				set[k] = true
			}
		}
	}
}

// listElems gives the elements of a list expression, or the expression itself
// if it is none.
func listElems(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.Nil:
		return nil
	case *ast.List:
		if tail, ok := e.Tail.(*ast.List); ok {
			return append(append([]ast.Expr(nil), e.Elems...), listElems(tail)...)
		}
		return e.Elems
	}
	return []ast.Expr{e}
}

// funKey reads {Name, Arity} (which is what Name/Arity in an attribute is).
func funKey(e ast.Expr) (FunKey, bool) {
	t, ok := e.(*ast.Tuple)
	if !ok || len(t.Elems) != 2 {
		return FunKey{}, false
	}
	n, ok1 := t.Elems[0].(*ast.Atom)
	a, ok2 := t.Elems[1].(*ast.Integer)
	if !ok1 || !ok2 {
		return FunKey{}, false
	}
	return FunKey{n.Name, int(a.Value)}, true
}
