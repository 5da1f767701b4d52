package parser

import (
	"math/big"
	"sort"
	"strings"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// Evaluator evaluates what the preprocessor needs: conditions of -if, made of
// literals, comparisons, boolean operators, integer arithmetic, type tests
// and defined(Name), and the terms of -error and -warning. It implements
// preproc.Evaluator.
type Evaluator struct{ FileSet *diag.FileSet }

// Condition implements preproc.Evaluator. An expression whose evaluation
// fails is false.
func (ev Evaluator) Condition(toks []lexer.Token, defined func(string) bool) (value, badIf bool, err *diag.Diagnostic) {
	exprs, err := ParseExprs(ev.FileSet, toks)
	if err != nil {
		return false, false, err
	}
	if len(exprs) != 1 {
		return false, true, nil
	}
	c := condition{defined: defined}
	if !c.isGuard(exprs[0]) {
		return false, true, nil
	}
	result := c.eval(exprs[0])
	return isAtom(result, "true"), false, nil
}

// TermError is the Cause of a diagnostic that -error or -warning made: the
// term that the attribute holds.
type TermError struct{ Expr ast.Expr }

// Error implements error: the term as ~tp writes it.
func (t *TermError) Error() string {
	var b strings.Builder
	writeTerm(&b, t.Expr)
	return b.String()
}

// Term implements preproc.Evaluator. The value is a *TermError.
func (ev Evaluator) Term(toks []lexer.Token) (string, error, bool) {
	e, err := ParseTerm(ev.FileSet, toks)
	if err != nil {
		return "", nil, false
	}
	value := &TermError{e}
	return value.Error(), value, true
}

// condition evaluates guard expressions over literal nodes; nil is failure.
type condition struct{ defined func(string) bool }

// typeTests are the guard tests that conditions may use.
var typeTests = map[string]func(ast.Expr) bool{
	"is_atom":    func(e ast.Expr) bool { _, ok := e.(*ast.Atom); return ok },
	"is_integer": func(e ast.Expr) bool { _, ok := e.(*ast.Integer); return ok },
	"is_float":   func(e ast.Expr) bool { _, ok := e.(*ast.Float); return ok },
	"is_number":  func(e ast.Expr) bool { return rank(e) == 0 },
	"is_tuple":   func(e ast.Expr) bool { _, ok := e.(*ast.Tuple); return ok },
	"is_list":    func(e ast.Expr) bool { return rank(e) >= 3 },
	"is_boolean": func(e ast.Expr) bool { return isAtom(e, "true") || isAtom(e, "false") },
}

// isGuard reports whether an expression is allowed as a condition.
func (c condition) isGuard(e ast.Expr) bool {
	ok := true
	ast.Walk(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Call:
			name, isName := n.Fun.(*ast.Atom)
			if isName && name.Name == "defined" && len(n.Args) == 1 {
				switch n.Args[0].(type) {
				case *ast.Atom, *ast.Var:
					return false
				}
			}
			if _, isGuard := guardCall(n); !isGuard {
				ok = false
			}
		case *ast.Atom, *ast.Remote, *ast.Integer, *ast.Char, *ast.Float, *ast.String, *ast.Var, *ast.Nil, *ast.List, *ast.Tuple,
			*ast.Unary, *ast.Binary, *ast.Map, *ast.MapField, *ast.Bits, *ast.BitsElem:
		default:
			ok = false
		}
		return ok
	})
	return ok
}

func boolean(b bool) ast.Expr {
	if b {
		return &ast.Atom{Name: "true"}
	}
	return &ast.Atom{Name: "false"}
}

func isAtom(e ast.Expr, name string) bool {
	a, ok := e.(*ast.Atom)
	return ok && a.Name == name
}

func (c condition) eval(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.Atom, *ast.Integer, *ast.Float, *ast.Nil:
		return e
	case *ast.Char:
		return &ast.Integer{Value: int64(e.Value)}
	case *ast.String:
		if e.Value == "" {
			return &ast.Nil{}
		}
		list := &ast.List{Tail: &ast.Nil{}}
		for _, r := range e.Value {
			list.Elems = append(list.Elems, &ast.Integer{Value: int64(r)})
		}
		return list
	case *ast.Tuple:
		elems, ok := c.evalAll(e.Elems)
		if !ok {
			return nil
		}
		return &ast.Tuple{Elems: elems}
	case *ast.List:
		elems, ok := c.evalAll(e.Elems)
		tail := c.eval(e.Tail)
		if !ok || tail == nil {
			return nil
		}
		if rest, ok := tail.(*ast.List); ok {
			return &ast.List{Elems: append(elems, rest.Elems...), Tail: rest.Tail}
		}
		return &ast.List{Elems: elems, Tail: tail}
	case *ast.Call:
		if isAtom(e.Fun, "defined") && len(e.Args) == 1 {
			switch arg := e.Args[0].(type) {
			case *ast.Atom:
				return boolean(c.defined(arg.Name))
			case *ast.Var:
				return boolean(c.defined(arg.Name))
			}
		}
		name, _ := guardCall(e)
		if args, ok := c.evalAll(e.Args); ok {
			return c.call(name, args)
		}
	case *ast.Unary:
		if x := c.eval(e.X); x != nil {
			return evalUnary(e.Op, x)
		}
	case *ast.Binary:
		return c.evalBinary(e)
	}
	return nil
}

func (c condition) evalAll(list []ast.Expr) ([]ast.Expr, bool) {
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		if out[i] = c.eval(e); out[i] == nil {
			return nil, false
		}
	}
	return out, true
}

func evalUnary(op ast.Op, x ast.Expr) ast.Expr {
	switch op {
	case ast.OpNot:
		if isAtom(x, "true") || isAtom(x, "false") {
			return boolean(isAtom(x, "false"))
		}
	case ast.OpAdd:
		if rank(x) == 0 {
			return x
		}
	case ast.OpSub:
		if f, ok := x.(*ast.Float); ok {
			return &ast.Float{Value: -f.Value}
		}
		if n := bigValue(x); n != nil {
			return integerNode(n.Neg(n))
		}
	case ast.OpBnot:
		if n := bigValue(x); n != nil {
			return integerNode(n.Not(n))
		}
	}
	return nil
}

// bigValue is a fresh copy of an integer's value, nil for anything else.
func bigValue(e ast.Expr) *big.Int {
	n, ok := e.(*ast.Integer)
	if !ok {
		return nil
	}
	if n.Big != nil {
		return new(big.Int).Set(n.Big)
	}
	return big.NewInt(n.Value)
}

func integerNode(n *big.Int) *ast.Integer {
	if n.IsInt64() {
		return &ast.Integer{Value: n.Int64()}
	}
	return &ast.Integer{Big: n}
}

func (c condition) evalBinary(e *ast.Binary) ast.Expr {
	left := c.eval(e.L)
	if left == nil {
		return nil
	}
	switch e.Op {
	case ast.OpAndalso, ast.OpOrelse:
		if !isAtom(left, "true") && !isAtom(left, "false") {
			return nil
		}
		if isAtom(left, "true") == (e.Op == ast.OpOrelse) {
			return left
		}
		return c.eval(e.R)
	}
	right := c.eval(e.R)
	if right == nil {
		return nil
	}
	switch e.Op {
	case ast.OpEq:
		return boolean(compare(left, right, false) == 0)
	case ast.OpNe:
		return boolean(compare(left, right, false) != 0)
	case ast.OpExactEq:
		return boolean(compare(left, right, true) == 0)
	case ast.OpExactNe:
		return boolean(compare(left, right, true) != 0)
	case ast.OpLt:
		return boolean(compare(left, right, false) < 0)
	case ast.OpLe:
		return boolean(compare(left, right, false) <= 0)
	case ast.OpGt:
		return boolean(compare(left, right, false) > 0)
	case ast.OpGe:
		return boolean(compare(left, right, false) >= 0)
	case ast.OpAnd, ast.OpOr, ast.OpXor:
		return evalBoolean(e.Op, left, right)
	}
	return evalArithmetic(e.Op, bigValue(left), bigValue(right))
}

func evalBoolean(op ast.Op, left, right ast.Expr) ast.Expr {
	l, r := isAtom(left, "true"), isAtom(right, "true")
	if !l && !isAtom(left, "false") || !r && !isAtom(right, "false") {
		return nil
	}
	switch op {
	case ast.OpAnd:
		return boolean(l && r)
	case ast.OpOr:
		return boolean(l || r)
	}
	return boolean(l != r)
}

func evalArithmetic(op ast.Op, l, r *big.Int) ast.Expr {
	if l == nil || r == nil {
		return nil
	}
	switch op {
	case ast.OpAdd:
		return integerNode(l.Add(l, r))
	case ast.OpSub:
		return integerNode(l.Sub(l, r))
	case ast.OpMul:
		return integerNode(l.Mul(l, r))
	case ast.OpIntDiv, ast.OpRem:
		if r.Sign() == 0 {
			return nil
		}
		if op == ast.OpIntDiv {
			return integerNode(l.Quo(l, r))
		}
		return integerNode(l.Rem(l, r))
	case ast.OpBand:
		return integerNode(l.And(l, r))
	case ast.OpBor:
		return integerNode(l.Or(l, r))
	case ast.OpBxor:
		return integerNode(l.Xor(l, r))
	case ast.OpBsl, ast.OpBsr:
		if !r.IsInt64() || r.Int64() > 1<<16 || r.Int64() < -1<<16 {
			return nil
		}
		n := int(r.Int64())
		if op == ast.OpBsr {
			n = -n
		}
		if n >= 0 {
			return integerNode(l.Lsh(l, uint(n)))
		}
		return integerNode(l.Rsh(l, uint(-n)))
	}
	return nil
}

// rank is the place of a literal's type in the order of terms.
func rank(e ast.Expr) int {
	switch e.(type) {
	case *ast.Integer, *ast.Float:
		return 0
	case *ast.Atom:
		return 1
	case *ast.Tuple:
		return 2
	case *ast.Nil:
		return 3
	}
	return 4
}

// compare orders evaluated literals as terms.
func compare(a, b ast.Expr, exact bool) int {
	if ra, rb := rank(a), rank(b); ra != rb {
		return ra - rb
	}
	switch a := a.(type) {
	case *ast.Atom:
		return strings.Compare(a.Name, b.(*ast.Atom).Name)
	case *ast.Tuple:
		t := b.(*ast.Tuple)
		if len(a.Elems) != len(t.Elems) {
			return len(a.Elems) - len(t.Elems)
		}
		for i := range a.Elems {
			if c := compare(a.Elems[i], t.Elems[i], exact); c != 0 {
				return c
			}
		}
		return 0
	case *ast.List:
		t := b.(*ast.List)
		for i := range min(len(a.Elems), len(t.Elems)) {
			if c := compare(a.Elems[i], t.Elems[i], exact); c != 0 {
				return c
			}
		}
		switch la, lb := len(a.Elems), len(t.Elems); {
		case la < lb:
			return compare(a.Tail, &ast.List{Elems: t.Elems[la:], Tail: t.Tail}, exact)
		case la > lb:
			return compare(&ast.List{Elems: a.Elems[lb:], Tail: a.Tail}, t.Tail, exact)
		}
		return compare(a.Tail, t.Tail, exact)
	case *ast.Nil:
		return 0
	}
	_, fa := a.(*ast.Float)
	_, fb := b.(*ast.Float)
	if exact && fa != fb {
		return 1
	}
	return bigFloat(a).Cmp(bigFloat(b))
}

func bigFloat(e ast.Expr) *big.Float {
	if f, ok := e.(*ast.Float); ok {
		return big.NewFloat(f.Value)
	}
	return new(big.Float).SetInt(bigValue(e))
}

// writeTerm writes a constant as ~tp does, without line breaks.
func writeTerm(b *strings.Builder, e ast.Expr) {
	c := condition{}
	switch x := e.(type) {
	case *ast.String:
		b.WriteString(diag.QuoteString(x.Value, '"'))
		return
	case *ast.Map:
		writeMap(b, x)
		return
	case *ast.Tuple:
		b.WriteByte('{')
		writeTerms(b, x.Elems)
		b.WriteByte('}')
		return
	case *ast.List:
		b.WriteByte('[')
		writeTerms(b, x.Elems)
		if _, proper := x.Tail.(*ast.Nil); !proper {
			b.WriteByte('|')
			writeTerm(b, x.Tail)
		}
		b.WriteByte(']')
		return
	case *ast.Bits:
		writeBits(b, x)
		return
	}
	switch x := c.eval(e).(type) {
	case *ast.Atom:
		b.WriteString(diag.WriteAtom(x.Name))
	case *ast.Integer:
		b.WriteString(bigValue(x).String())
	case *ast.Float:
		b.WriteString(diag.WriteFloat(x.Value))
	case *ast.Nil:
		b.WriteString("[]")
	}
}

func writeTerms(b *strings.Builder, list []ast.Expr) {
	for i, e := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		writeTerm(b, e)
	}
}

func writeMap(b *strings.Builder, m *ast.Map) {
	pairs := make([]string, len(m.Fields))
	for i, f := range m.Fields {
		var p strings.Builder
		writeTerm(&p, f.Key)
		p.WriteString(" => ")
		writeTerm(&p, f.Value)
		pairs[i] = p.String()
	}
	sort.Strings(pairs)
	b.WriteString("#{" + strings.Join(pairs, ",") + "}")
}

// writeBits writes a binary whose segments are strings or small integers.
func writeBits(b *strings.Builder, bits *ast.Bits) {
	b.WriteString("<<")
	for i, s := range bits.Elems {
		if i > 0 {
			b.WriteByte(',')
		}
		writeTerm(b, s.Value)
	}
	b.WriteString(">>")
}
