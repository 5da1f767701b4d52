package lint

import (
	"sort"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// CheckExprs checks a list of expressions in which some variables are bound
// and the records of the given declarations are known, as the shell needs it.
func CheckExprs(exprs []ast.Expr, boundVars []string, records []*ast.RecordDecl, opts Options) *diag.List {
	file := &ast.File{}
	c := newChecker(Collect(file, opts), opts)
	for _, r := range records {
		c.defineRecord(r)
	}
	c.errors, c.warnings = nil, nil
	names := append([]string(nil), boundVars...)
	sort.Strings(names)
	var known vars
	for i, n := range names {
		if i == 0 || n != names[i-1] {
			known = join(known, only(binding{name: n}))
		}
	}
	c.exprs(exprs, known)
	return c.result()
}
