package compiler

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/lint"
)

// behaviourInfo makes behaviour_info/1 for a module that declares callbacks; nil for others.
func behaviourInfo(u *lint.Unit) *ast.Function {
	k := lint.FunKey{Name: "behaviour_info", Arity: 1}
	if u.Funs[k] != nil {
		return nil
	}
	var callbacks, optional []ast.Expr
	for _, f := range u.File.Forms {
		switch f := f.(type) {
		case *ast.Spec:
			if f.Callback {
				callbacks = append(callbacks, &ast.Tuple{At: f.At, Elems: []ast.Expr{
					&ast.Atom{At: f.At, Name: f.Name}, &ast.Integer{At: f.At, Value: int64(f.Arity)}}})
			}
		case *ast.Attribute:
			if f.Name == "optional_callbacks" {
				if l, ok := f.Value.(*ast.List); ok {
					optional = append(optional, l.Elems...)
				}
			}
		}
	}
	if callbacks == nil {
		return nil
	}
	at := u.ModuleAt
	clause := func(what string, list []ast.Expr) *ast.Clause {
		var value ast.Expr = &ast.Nil{At: at}
		if list != nil {
			value = &ast.List{At: at, Elems: list, Tail: &ast.Nil{At: at}}
		}
		return &ast.Clause{At: at, Patterns: []ast.Expr{&ast.Atom{At: at, Name: what}}, Body: []ast.Expr{value}}
	}
	return &ast.Function{At: at, Name: k.Name, Arity: k.Arity,
		Clauses: []*ast.Clause{clause("callbacks", callbacks), clause("optional_callbacks", optional)}}
}
