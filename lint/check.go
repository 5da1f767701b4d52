package lint

import (
	"sort"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// Check collects and checks a module. The list holds the errors in the order
// in which they are found, file by file, with those of the forms that could
// not be read among them; the warnings follow in no particular order. Order
// brings them into the order of the compiler's output.
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
// errors of scanner, preprocessor and parser, then all others, each by file,
// place and kind; then the warnings by file, place and text.
func Order(fset *diag.FileSet, list *diag.List) *diag.List {
	items := make([]orderItem, 0, list.Len())
	for _, d := range list.All() {
		it := orderItem{d: d, p: fset.Position(d.Pos()), group: 1}
		if d.File != "" {
			it.p.File = d.File
		}
		switch d.Code.Module() {
		case "erl_scan", "epp", "erl_parse":
			it.group = 0
		}
		if d.Severity != diag.Error {
			it.group = 2
		}
		items = append(items, it)
	}
	sort.SliceStable(items, func(i, j int) bool { return items[i].before(&items[j]) })
	out := new(diag.List)
	for _, it := range items {
		out.Add(it.d)
	}
	return out
}

// orderItem is a diagnostic with its place; group 0 and 1 are errors.
type orderItem struct {
	d     *diag.Diagnostic
	p     diag.Position
	group int
}

func (a *orderItem) before(b *orderItem) bool {
	switch {
	case a.group != b.group:
		return a.group < b.group
	case a.p.File != b.p.File:
		return a.p.File < b.p.File
	case a.p.Line != b.p.Line:
		return a.p.Line < b.p.Line
	case a.p.Column != b.p.Column:
		return a.p.Column < b.p.Column
	case a.group == 0:
		return false
	case a.group == 2:
		return a.d.Text < b.d.Text
	case len(a.d.Args) != len(b.d.Args):
		return len(a.d.Args) < len(b.d.Args)
	case a.d.Code != b.d.Code:
		return a.d.Code < b.d.Code
	}
	for i, x := range a.d.Args {
		if x != b.d.Args[i] {
			return x < b.d.Args[i]
		}
	}
	return false
}
