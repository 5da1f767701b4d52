package compiler

import (
	"errors"

	"github.com/gerl-lang/gerl/ast"
)

// ErrTransforms tells that a module names parse transforms.
var ErrTransforms = errors.New("the module has parse transforms")

// hasTransforms reports whether a module names parse transforms.
func hasTransforms(f *ast.File) bool {
	found := false
	for _, form := range f.Forms {
		if a, ok := form.(*ast.Attribute); ok && a.Name == "compile" {
			ast.Walk(a.Value, func(n ast.Node) bool {
				if t, ok := n.(*ast.Tuple); ok && len(t.Elems) == 2 {
					name, ok := t.Elems[0].(*ast.Atom)
					found = found || ok && name.Name == "parse_transform"
				}
				return !found
			})
		}
	}
	return found
}
