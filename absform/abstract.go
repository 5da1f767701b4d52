package absform

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

// Abstract is the expression that denotes a term, with all nodes at one
// position (erl_parse:abstract). Lists of characters become strings if
// strings is set. Pids, references, ports and funs with an environment cannot
// be written: they are an error, raised like those of the other methods if
// Abstract is called by them, else found by TryAbstract.
func (d *Decoder) Abstract(t term.Term, at diag.Pos, strings bool) ast.Expr {
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
		return d.abstractList(t, at, strings)
	case t.IsTuple():
		e := &ast.Tuple{At: at, Elems: make([]ast.Expr, t.Arity())}
		for i := range e.Elems {
			e.Elems[i] = d.Abstract(t.Elem(i), at, strings)
		}
		return e
	case t.IsMap():
		e := &ast.Map{At: at}
		pairs := term.MapSortedPairs(t)
		for i := 0; i < len(pairs); i += 2 {
			e.Fields = append(e.Fields, &ast.MapField{
				At: at, Key: d.Abstract(pairs[i], at, strings), Value: d.Abstract(pairs[i+1], at, strings),
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
func (d *Decoder) TryAbstract(t term.Term, at diag.Pos, strings bool) (e ast.Expr, err error) {
	err = d.run(func() { e = d.Abstract(t, at, strings) })
	return e, err
}

func (d *Decoder) abstractList(t term.Term, at diag.Pos, strings bool) ast.Expr {
	if strings {
		if text, ok := textOf(t); ok && printable(text) {
			return &ast.String{At: at, Value: text}
		}
	}
	list := &ast.List{At: at}
	for ; t.IsCons(); t = t.Tail() {
		list.Elems = append(list.Elems, d.Abstract(t.Head(), at, strings))
	}
	list.Tail = d.Abstract(t, at, strings)
	return list
}

// printable reports whether a text would be shown as a string.
func printable(text string) bool {
	for _, c := range text {
		switch {
		case c >= ' ' && c <= '~', c >= 0xA0 && c != 0xFFFE && c != 0xFFFF:
		case c >= '\b' && c <= '\r', c == 0x1b:
		default:
			return false
		}
	}
	return true
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
