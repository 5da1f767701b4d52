package lint

import (
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
