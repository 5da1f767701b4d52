package lint

import (
	"sort"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// Check collects and checks a module. The list holds the errors in the order
// in which they are found, file by file, with those of the forms that could
// not be read among them; the warnings follow in no particular order.
func Check(file *ast.File, opts Options) (*Unit, *diag.List) {
	u := Collect(file, opts)
	c := newChecker(u, opts)
	c.prescan()
	for _, f := range file.Forms {
		c.form(f)
	}
	c.finish()
	return u, c.result()
}

// Order puts diagnostics into the order in which the compiler prints them: the
// errors as they are, then the warnings by file, place and text.
func Order(fset *diag.FileSet, list *diag.List) *diag.List {
	type item struct {
		d *diag.Diagnostic
		p diag.Position
	}
	out := new(diag.List)
	var warnings []item
	for _, d := range list.All() {
		if d.Severity == diag.Error {
			out.Add(d)
			continue
		}
		p := fset.Position(d.Pos())
		if d.File != "" {
			p.File = d.File
		}
		warnings = append(warnings, item{d, p})
	}
	sort.SliceStable(warnings, func(i, j int) bool {
		a, b := warnings[i], warnings[j]
		switch {
		case a.p.File != b.p.File:
			return a.p.File < b.p.File
		case a.p.Line != b.p.Line:
			return a.p.Line < b.p.Line
		case a.p.Column != b.p.Column:
			return a.p.Column < b.p.Column
		}
		return a.d.Text < b.d.Text
	})
	for _, w := range warnings {
		out.Add(w.d)
	}
	return out
}
