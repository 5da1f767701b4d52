package lint

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// Order puts diagnostics into the order in which the compiler prints them: the
// errors of scanner, preprocessor and parser, then all others, by file, place,
// module and descriptor; then the warnings by file, place and text.
func Order(fset *diag.FileSet, list *diag.List) *diag.List {
	items := make([]orderItem, 0, list.Len())
	for _, d := range list.All() {
		it := orderItem{d: d, p: fset.Position(d.Pos()), group: 1}
		if d.File != "" {
			it.p.File = d.File
		}
		it.module = slices.Index(firstModules, d.Code.Module())
		if it.module >= 0 {
			it.group = 0
		}
		if d.Severity != diag.Error {
			it.group = 2
		}
		items = append(items, it)
	}
	slices.SortStableFunc(items, compareItems)
	out := new(diag.List)
	for _, it := range items {
		out.Add(it.d)
	}
	return out
}

// firstModules are those whose errors come before all others.
var firstModules = []string{"erl_scan", "epp", "erl_parse"}

// orderItem is a diagnostic with its place; group 0 and 1 are errors, module
// is the index among the first modules.
type orderItem struct {
	d      *diag.Diagnostic
	p      diag.Position
	group  int
	module int
}

func compareItems(a, b orderItem) int {
	if c := cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.p.File, b.p.File),
		cmp.Compare(a.p.Line, b.p.Line), cmp.Compare(a.p.Column, b.p.Column)); c != 0 {
		return c
	}
	if a.group == 2 {
		return cmp.Compare(a.d.Text, b.d.Text)
	}
	if a.group == 0 && a.module != b.module {
		return cmp.Compare(a.module, b.module)
	}
	if a.d.Code.Module() != b.d.Code.Module() {
		return cmp.Compare(a.d.Code.Module(), b.d.Code.Module())
	}
	if a.d.Desc == nil || b.d.Desc == nil {
		return cmp.Compare(a.d.Text, b.d.Text)
	}
	return compareValues(a.d.Desc, b.d.Desc)
}

// compareValues is the order of terms, for the values in descriptors.
func compareValues(a, b any) int {
	a, b = plain(a), plain(b)
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	switch a := a.(type) {
	case *big.Int:
		return a.Cmp(b.(*big.Int))
	case float64:
		return cmp.Compare(a, b.(float64))
	case diag.AtomValue:
		return strings.Compare(string(a), string(b.(diag.AtomValue)))
	case diag.TupleValue:
		b := b.(diag.TupleValue)
		if len(a) != len(b) {
			return cmp.Compare(len(a), len(b))
		}
		return slices.CompareFunc(a, b, compareValues)
	case diag.ListValue:
		return slices.CompareFunc(a, b.(diag.ListValue), compareValues)
	}
	return cmp.Compare(text(a), text(b))
}

// plain brings a value to one of the types that compareValues knows.
func plain(v any) any {
	switch v := v.(type) {
	case int:
		return big.NewInt(int64(v))
	case rune:
		return big.NewInt(int64(v))
	case string:
		list := make(diag.ListValue, 0, len(v))
		for _, c := range v {
			list = append(list, c)
		}
		return list
	case *ast.Integer:
		if v.Big != nil {
			return v.Big
		}
		return big.NewInt(v.Value)
	case *ast.Char:
		return big.NewInt(int64(v.Value))
	case *ast.Atom:
		return diag.AtomValue(v.Name)
	case *ast.String:
		return plain(v.Value)
	case *ast.Nil:
		return diag.ListValue{}
	case *ast.Tuple:
		return diag.TupleValue(values(v.Elems))
	case *ast.List:
		if _, ok := v.Tail.(*ast.Nil); ok {
			return diag.ListValue(values(v.Elems))
		}
	}
	return v
}

func values(exprs []ast.Expr) []any {
	out := make([]any, len(exprs))
	for i, e := range exprs {
		out[i] = e
	}
	return out
}

// rank is the place of a value's type in the order of terms; constants that
// stay expressions come last.
func rank(v any) int {
	switch v.(type) {
	case *big.Int:
		return 0
	case float64:
		return 1
	case diag.AtomValue:
		return 2
	case diag.TupleValue:
		return 3
	case diag.ListValue:
		return 4
	}
	return 5
}

func text(v any) string {
	if e, ok := v.(ast.Expr); ok {
		return termText(e)
	}
	return ""
}
