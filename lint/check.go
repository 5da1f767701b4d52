package lint

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// Check collects and checks a module.
func Check(file *ast.File, opts Options) (*Unit, *diag.List) {
	u := Collect(file, opts)
	return u, new(diag.List)
}
