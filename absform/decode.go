package absform

import (
	"errors"
	"fmt"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

// Decoder reads abstract format into the tree. Positions whose line and
// column exist in a file of the set become positions of that file, all others
// synthetic ones. A Decoder remembers the file that the last file attribute
// named; use one for the forms of one module, in order.
type Decoder struct {
	fset  *diag.FileSet
	file  string
	depth int
}

// NewDecoder returns a Decoder for positions of the given set.
func NewDecoder(fset *diag.FileSet) *Decoder { return &Decoder{fset: fset} }

// SetFile names the file that positions belong to until a file attribute
// says otherwise.
func (d *Decoder) SetFile(name string) { d.file = name }

// maxDepth bounds the nesting of terms that are accepted.
const maxDepth = 20000

type decodeError struct{ error }

func (d *Decoder) run(f func()) (err error) {
	d.depth = 0
	defer func() {
		switch r := recover().(type) {
		case nil:
		case decodeError:
			err = r.error
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

// bad stops decoding at a term that is no abstract format.
func bad(what string, t term.Term) {
	text := string(term.Append(nil, t, term.FormatOptions{}))
	if len(text) > 200 {
		text = text[:200] + "..."
	}
	panic(decodeError{fmt.Errorf("bad %s: %s", what, text)})
}

func (d *Decoder) enter() {
	if d.depth++; d.depth > maxDepth {
		panic(decodeError{errors.New("abstract format is nested too deeply")})
	}
}

// Form decodes a form.
func (d *Decoder) Form(t term.Term) (f ast.Form, err error) {
	err = d.run(func() { f = d.form(t) })
	return f, err
}

// Forms decodes a list of forms.
func (d *Decoder) Forms(t term.Term) (forms []ast.Form, err error) {
	err = d.run(func() { forms = decodeList(t, "forms", d.form) })
	return forms, err
}

// Expr decodes an expression.
func (d *Decoder) Expr(t term.Term) (e ast.Expr, err error) {
	err = d.run(func() { e = d.expr(t) })
	return e, err
}

// Exprs decodes a list of expressions.
func (d *Decoder) Exprs(t term.Term) (list []ast.Expr, err error) {
	err = d.run(func() { list = d.exprs(t) })
	return list, err
}

// Type decodes a type.
func (d *Decoder) Type(t term.Term) (typ ast.Type, err error) {
	err = d.run(func() { typ = d.typ(t) })
	return typ, err
}

// Pos decodes an annotation.
func (d *Decoder) Pos(t term.Term) (p diag.Pos, err error) {
	err = d.run(func() { p = d.pos(t) })
	return p, err
}

// decodeList decodes a proper list.
func decodeList[N any](t term.Term, what string, decode func(term.Term) N) []N {
	n, ok := term.ListLen(t)
	if !ok {
		bad(what, t)
	}
	if n == 0 {
		return nil
	}
	out := make([]N, 0, n)
	for ; t.IsCons(); t = t.Tail() {
		out = append(out, decode(t.Head()))
	}
	return out
}

// tag gives the first element of a tuple if it is an atom, else "".
func tag(t term.Term) string {
	if t.IsTuple() && t.Arity() > 0 && t.Elem(0).IsAtom() {
		return t.Elem(0).AtomName()
	}
	return ""
}

func is(t term.Term, name string, arity int) bool {
	return t.IsTuple() && t.Arity() == arity && tag(t) == name
}

func name(t term.Term) string {
	if !t.IsAtom() {
		bad("atom", t)
	}
	return t.AtomName()
}

func names(t term.Term) []string { return decodeList(t, "list of atoms", name) }

func int64Of(t term.Term) int64 {
	n, ok := term.ToInt64(t)
	if !ok {
		bad("integer", t)
	}
	return n
}

// pos decodes an annotation: Line, {Line, Column} or a list of items.
func (d *Decoder) pos(t term.Term) diag.Pos {
	if p, ok := d.location(t); ok {
		return p
	}
	if !t.IsList() {
		bad("annotation", t)
	}
	loc := diag.Synthetic{File: d.file}
	for ; t.IsCons(); t = t.Tail() {
		item := t.Head()
		if !item.IsTuple() || item.Arity() != 2 {
			bad("annotation", item)
		}
		value := item.Elem(1)
		switch tag(item) {
		case "location":
			p, ok := d.location(value)
			if !ok {
				bad("annotation", item)
			}
			at := d.fset.Position(p)
			loc.Line, loc.Col = at.Line, at.Column
			loc.Origin = d.fset.Origin(p)
		case "text":
			text, ok := term.CharsText(value)
			if !ok {
				bad("annotation", item)
			}
			loc.Text, loc.HasText = text, true
		case "generated":
			loc.Generated = value == term.Bool(true)
		case "record":
			loc.Record = value == term.Bool(true)
		case "file":
			if text, ok := term.CharsText(value); ok {
				loc.File = text
			}
		}
	}
	return d.fset.Synthetic(loc)
}

func (d *Decoder) location(t term.Term) (diag.Pos, bool) {
	if line, ok := term.ToInt64(t); ok {
		return d.fset.Synthetic(diag.Synthetic{File: d.file, Line: int(line)}), true
	}
	if !t.IsTuple() || t.Arity() != 2 || !t.Elem(0).IsSmall() || !t.Elem(1).IsSmall() {
		return diag.NoPos, false
	}
	line, col := t.Elem(0).Small(), t.Elem(1).Small()
	if p := d.fset.Locate(d.file, line, col); p != diag.NoPos {
		return p, true
	}
	return d.fset.Synthetic(diag.Synthetic{File: d.file, Line: line, Col: col}), true
}

func (d *Decoder) before(a, b diag.Pos) bool { return d.fset.Compare(a, b) < 0 }
