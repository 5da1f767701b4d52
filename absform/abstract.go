package absform

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

// Values for the maxChar of Abstract.
const (
	NoStrings rune = -1
	Latin1    rune = 0xFF
	Unicode   rune = 0x10FFFF
)

// Abstract is the expression that denotes a term, with all nodes at one
// position (erl_parse:abstract). Lists of characters up to
// maxChar become strings (NoStrings: none do). Pids, references, ports and funs with an environment cannot
// be written: they are an error, raised like those of the other methods if
// Abstract is called by them, else found by TryAbstract.
func (d *Decoder) Abstract(t term.Term, at diag.Pos, maxChar rune) ast.Expr {
	d.enter()
	defer func() { d.depth-- }()
	switch {
	case t.IsAtom():
		return &ast.Atom{At: at, Name: t.AtomName()}
	case t.IsInteger():
		return number("integer", at, t)
	case t.IsFloat():
		return &ast.Float{At: at, Value: t.FloatVal()}
	case t.IsNil():
		return &ast.Nil{At: at}
	case t.IsCons():
		return d.abstractList(t, at, maxChar)
	case t.IsTuple():
		e := &ast.Tuple{At: at, Elems: make([]ast.Expr, t.Arity())}
		for i := range e.Elems {
			e.Elems[i] = d.Abstract(t.Elem(i), at, maxChar)
		}
		return e
	case t.IsMap():
		e := &ast.Map{At: at}
		pairs := term.MapSortedPairs(t)
		for i := 0; i < len(pairs); i += 2 {
			e.Fields = append(e.Fields, &ast.MapField{
				At: at, Key: d.Abstract(pairs[i], at, maxChar), Value: d.Abstract(pairs[i+1], at, maxChar),
			})
		}
		return e
	case t.IsBitstring():
		return abstractBits(t, at)
	case t.IsFun():
		if export, ok := externalFun(t, at); ok {
			return export
		}
	}
	bad("term to write as an expression", t)
	return nil
}

// TryAbstract is Abstract with the error returned.
func (d *Decoder) TryAbstract(t term.Term, at diag.Pos, maxChar rune) (e ast.Expr, err error) {
	err = d.run(func() { e = d.Abstract(t, at, maxChar) })
	return e, err
}

// abstractList writes the characters at the end of a proper list as a string.
func (d *Decoder) abstractList(t term.Term, at diag.Pos, maxChar rune) ast.Expr {
	var elems []term.Term
	chars := 0 // at the end of elems
	for ; t.IsCons(); t = t.Tail() {
		e := t.Head()
		elems = append(elems, e)
		chars++
		if !e.IsSmall() || !isChar(e.Small(), maxChar) {
			chars = 0
		}
	}
	if !t.IsNil() {
		chars = 0
	}
	var tail ast.Expr
	if chars > 0 {
		text := make([]rune, chars)
		for i, e := range elems[len(elems)-chars:] {
			text[i] = rune(e.Small())
		}
		tail = &ast.String{At: at, Value: string(text)}
		elems = elems[:len(elems)-chars]
	} else {
		tail = d.Abstract(t, at, maxChar)
	}
	if len(elems) == 0 {
		return tail
	}
	list := &ast.List{At: at, Tail: tail}
	for _, e := range elems {
		list.Elems = append(list.Elems, d.Abstract(e, at, maxChar))
	}
	return list
}

func isChar(c int, maxChar rune) bool {
	return c >= 0 && c <= int(maxChar) && (c < 0xD800 || c > 0xDFFF)
}

// abstractBits writes a bitstring as its bytes and the bits that are left.
func abstractBits(t term.Term, at diag.Pos) ast.Expr {
	e := &ast.Bits{At: at}
	b, _ := term.BitsOf(t)
	n, _ := term.BitSize(t)
	data := b.Bytes()
	for i := range n / 8 {
		e.Elems = append(e.Elems, &ast.BitsElem{At: at, Value: &ast.Integer{At: at, Value: int64(data[i])}})
	}
	if rest := n % 8; rest > 0 {
		last := int64(data[n/8] >> (8 - rest))
		e.Elems = append(e.Elems, &ast.BitsElem{
			At: at, Value: &ast.Integer{At: at, Value: last}, Size: &ast.Integer{At: at, Value: int64(rest)},
		})
	}
	return e
}

// externalFun writes fun Module:Name/Arity.
func externalFun(t term.Term, at diag.Pos) (ast.Expr, bool) {
	if !t.IsSub(term.SubExport) {
		return nil, false
	}
	e := t.ExportOf()
	return &ast.FunRemote{
		At: at, Module: &ast.Atom{At: at, Name: e.Module.AtomName()}, Name: &ast.Atom{At: at, Name: e.Function.AtomName()},
		Arity: &ast.Integer{At: at, Value: int64(e.Arity)},
	}, true
}
