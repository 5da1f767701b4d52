package compiler

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/term"
)

// constant evaluates an expression that denotes a constant: literals and
// compound terms of constants. ok is false for anything else.
func (m *module) constant(e ast.Expr) (t term.Term, ok bool) {
	switch e := e.(type) {
	case *ast.Atom:
		return term.Intern(e.Name), true
	case *ast.Integer:
		if e.Big != nil {
			return m.heap.BigInt(e.Big), true
		}
		return m.heap.Int64(e.Value), true
	case *ast.Char:
		return term.Int(int(e.Value)), true
	case *ast.Float:
		return m.heap.Float(e.Value), true
	case *ast.String:
		return m.heap.Chars(e.Value), true
	case *ast.Nil:
		return term.Nil, true
	case *ast.List:
		ts := make([]term.Term, len(e.Elems))
		for i, x := range e.Elems {
			if ts[i], ok = m.constant(x); !ok {
				return term.None, false
			}
		}
		tail, ok := m.constant(e.Tail)
		if !ok {
			return term.None, false
		}
		return m.heap.ListTail(ts, tail), true
	case *ast.Tuple:
		ts := make([]term.Term, len(e.Elems))
		for i, x := range e.Elems {
			if ts[i], ok = m.constant(x); !ok {
				return term.None, false
			}
		}
		return m.heap.Tuple(ts...), true
	case *ast.Map:
		return m.constantMap(e)
	case *ast.Unary, *ast.Binary:
		return m.constantOp(e)
	case *ast.Block:
		if len(e.Body) == 1 {
			return m.constant(e.Body[0])
		}
	}
	return term.None, false
}

func (m *module) constantMap(e *ast.Map) (term.Term, bool) {
	if e.Base != nil {
		return term.None, false
	}
	t := m.heap.MapFromPairs(nil)
	for _, f := range e.Fields {
		if f.Exact {
			return term.None, false
		}
		k, ok := m.constant(f.Key)
		if !ok {
			return term.None, false
		}
		v, ok := m.constant(f.Value)
		if !ok {
			return term.None, false
		}
		t = m.heap.MapPut(t, k, v)
	}
	return t, true
}

// constantOp evaluates an arithmetic operator over constants, unless it would
// raise.
func (m *module) constantOp(e ast.Expr) (term.Term, bool) {
	switch e := e.(type) {
	case *ast.Unary:
		x, ok := m.constant(e.X)
		if !ok {
			return term.None, false
		}
		return m.fold1(e.Op, x)
	case *ast.Binary:
		switch e.Op {
		case ast.OpAdd, ast.OpSub, ast.OpMul, ast.OpIntDiv, ast.OpRem, ast.OpDiv,
			ast.OpBand, ast.OpBor, ast.OpBxor, ast.OpBsl, ast.OpBsr:
		default:
			return term.None, false
		}
		a, ok := m.constant(e.L)
		if !ok {
			return term.None, false
		}
		b, ok := m.constant(e.R)
		if !ok {
			return term.None, false
		}
		return m.fold2(e.Op.String(), a, b)
	}
	return term.None, false
}

func (m *module) fold1(op ast.Op, x term.Term) (term.Term, bool) {
	switch {
	case op == ast.OpSub && x.IsFloat():
		return m.heap.Float(-x.FloatVal()), true
	case op == ast.OpSub:
		return m.fold2("-", term.Int(0), x)
	case op == ast.OpAdd && x.IsNumber():
		return x, true
	case op == ast.OpBnot && x.IsSmall():
		return term.Int(^x.Small()), true
	case op == ast.OpNot && x == term.AtomTrue:
		return term.AtomFalse, true
	case op == ast.OpNot && x == term.AtomFalse:
		return term.AtomTrue, true
	}
	return term.None, false
}

// maxFoldShift bounds the result of a folded bsl.
const maxFoldShift = 1024

func (m *module) fold2(op string, a, b term.Term) (term.Term, bool) {
	if !a.IsNumber() || !b.IsNumber() {
		return term.None, false
	}
	var f func(a, b term.Term) (term.Term, term.ArithError)
	h := m.heap
	switch op {
	case "+":
		f = h.Add
	case "-":
		f = h.Sub
	case "*":
		f = h.Mul
	case "/":
		f = h.Div
	case "div":
		f = h.IntDiv
	case "rem":
		f = h.Rem
	case "band":
		f = h.Band
	case "bor":
		f = h.Bor
	case "bxor":
		f = h.Bxor
	case "bsl", "bsr":
		if !b.IsSmall() || b.Small() > maxFoldShift || b.Small() < -maxFoldShift {
			return term.None, false
		}
		f = h.Bsl
		if op == "bsr" {
			f = h.Bsr
		}
	default:
		return term.None, false
	}
	t, err := f(a, b)
	if err != 0 {
		return term.None, false
	}
	return t, true
}

func (l *lower) externalFun(mod, name string, n int) val {
	return l.callExt("erlang", "make_fun", l.atom(mod), l.atom(name), l.int(n))
}
