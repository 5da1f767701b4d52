// Package absform converts between the syntax tree and Erlang's abstract
// format, the terms that erl_parse produces and that parse transforms,
// erl_eval, erl_lint and debug_info chunks work with.
//
// Encoder goes from tree to term, Decoder from term to tree. Annotations are
// {Line, Column}, Line alone, or OTP's list form where a position is marked
// as generated, carries text or belongs to an expanded record. The one
// property that does not survive is the annotation of positions that the tree
// does not have, such as the atom inside a record field declaration.
//
//	t, err := absform.Encoder{Heap: h, FileSet: fset, Columns: true}.Form(form)
//	form, err := absform.NewDecoder(fset).Form(t)
//
// The package imports diag, ast and term.
package absform

import (
	"fmt"
	"math/big"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

// Encoder builds abstract format on a heap.
type Encoder struct {
	Heap    *term.Heap
	FileSet *diag.FileSet
	Columns bool // annotate with {Line, Column} instead of Line

	// ExternalFun makes fun Module:Name/Arity as a value, for attributes that
	// contain one; nil where that is not possible.
	ExternalFun func(module, name string, arity int64) term.Term
	// Error makes the term for a Bad form's diagnostic, what stands behind
	// error or warning; nil for {Location, Module, Text}.
	Error func(d *diag.Diagnostic) term.Term
}

// encoder is a conversion in progress; failure is reported by panicking with
// an encodeError.
type encoder struct {
	Encoder
	h *term.Heap
}

type encodeError struct{ error }

func (e Encoder) run(f func(*encoder) term.Term) (t term.Term, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case encodeError:
			err = r.error
		default:
			panic(r)
		}
	}()
	return f(&encoder{Encoder: e, h: e.Heap}), nil
}

// Form encodes a form. An error tells of an attribute whose value is no
// constant, which the parser does not produce.
func (e Encoder) Form(f ast.Form) (term.Term, error) {
	return e.run(func(x *encoder) term.Term { return x.form(f) })
}

// Forms encodes a list of forms.
func (e Encoder) Forms(forms []ast.Form) (term.Term, error) {
	return e.run(func(x *encoder) term.Term { return list(x, forms, x.form) })
}

// Expr encodes an expression.
func (e Encoder) Expr(n ast.Expr) (term.Term, error) {
	return e.run(func(x *encoder) term.Term { return x.expr(n) })
}

// Exprs encodes a list of expressions.
func (e Encoder) Exprs(list []ast.Expr) (term.Term, error) {
	return e.run(func(x *encoder) term.Term { return x.exprs(list) })
}

// Value is the term that a constant expression denotes (erl_parse:normalise).
func (e Encoder) Value(n ast.Expr) (term.Term, error) {
	return e.run(func(x *encoder) term.Term { return x.value(n) })
}

// Anno encodes a position.
func (e Encoder) Anno(p diag.Pos) term.Term { return (&encoder{Encoder: e, h: e.Heap}).anno(p) }

// Location encodes where a position is, without further annotations.
func (e Encoder) Location(p diag.Pos) term.Term {
	pos := e.FileSet.Position(p)
	return e.location(pos.Line, pos.Column)
}

func (e Encoder) location(line, col int) term.Term {
	if !e.Columns || col == 0 {
		return term.Int(line)
	}
	return e.Heap.Tuple(term.Int(line), term.Int(col))
}

func (x *encoder) fail(format string, args ...any) {
	panic(encodeError{fmt.Errorf(format, args...)})
}

func atom(name string) term.Term { return term.Intern(name) }

// list encodes each element of a slice.
func list[N any](x *encoder, nodes []N, encode func(N) term.Term) term.Term {
	elems := make([]term.Term, len(nodes))
	for i, n := range nodes {
		elems[i] = encode(n)
	}
	return x.h.List(elems...)
}

func (x *encoder) tuple(tag string, elems ...term.Term) term.Term {
	all := make([]term.Term, 0, 8)
	all = append(all, atom(tag))
	return x.h.Tuple(append(all, elems...)...)
}

func (x *encoder) anno(p diag.Pos) term.Term {
	syn, ok := x.FileSet.SyntheticAt(p)
	if !ok {
		return x.Location(p)
	}
	at := x.location(syn.Line, syn.Col)
	if !syn.Generated && !syn.HasText && !syn.Record {
		return at
	}
	var items []term.Term
	if syn.Record {
		items = append(items, x.tuple("record", term.Bool(true)))
	}
	if syn.Generated {
		items = append(items, x.tuple("generated", term.Bool(true)))
	}
	if syn.HasText {
		items = append(items, x.tuple("text", x.h.Chars(syn.Text)))
	}
	return x.h.List(append(items, x.tuple("location", at))...)
}

func (x *encoder) integer(n *ast.Integer) term.Term {
	if n.Big != nil {
		return x.h.BigInt(n.Big)
	}
	return x.h.Int64(n.Value)
}

func (x *encoder) int64(n int64) term.Term { return x.h.Int64(n) }

func negate(n *ast.Integer) *big.Int {
	v := big.NewInt(n.Value)
	if n.Big != nil {
		v.Set(n.Big)
	}
	return v.Neg(v)
}
