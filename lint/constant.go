package lint

import (
	"math/big"

	"github.com/gerl-lang/gerl/ast"
)

// value is a constant: an integer, a float or an atom.
type value struct {
	i     *big.Int
	f     float64
	float bool
	atom  string
}

func (v value) isInt() bool  { return v.i != nil }
func (v value) isAtom() bool { return v.i == nil && !v.float }

func (v value) text() string {
	switch {
	case v.isInt():
		return v.i.String()
	case v.float:
		return floatText(v.f)
	}
	return atomText(v.atom)
}

func (v value) number() (float64, bool) {
	if v.float {
		return v.f, true
	}
	if v.i != nil {
		f, _ := new(big.Float).SetInt(v.i).Float64()
		return f, true
	}
	return 0, false
}

// maxShift bounds the results of bsl in constants.
const maxShift = 1 << 16

// constant evaluates an expression of literals and operators; ok is false if
// it is no number or atom, or fails.
func constant(e ast.Expr) (value, bool) {
	switch e := e.(type) {
	case *ast.Integer:
		return value{i: bigOf(e)}, true
	case *ast.Char:
		return value{i: big.NewInt(int64(e.Value))}, true
	case *ast.Float:
		return value{f: e.Value, float: true}, true
	case *ast.Atom:
		return value{atom: e.Name}, true
	case *ast.Unary:
		x, ok := constant(e.X)
		if !ok {
			return value{}, false
		}
		return applyUnary(e.Op, x)
	case *ast.Binary:
		l, ok := constant(e.L)
		if !ok {
			return value{}, false
		}
		r, ok := constant(e.R)
		if !ok {
			return value{}, false
		}
		return applyBinary(e.Op, l, r)
	}
	return value{}, false
}

// constantType is constant for the constant types.
func constantType(t ast.Type) (value, bool) {
	switch t := t.(type) {
	case *ast.Integer:
		return constant(t)
	case *ast.Char:
		return constant(t)
	case *ast.Atom:
		return constant(t)
	case *ast.UnaryType:
		if x, ok := constantType(t.X); ok {
			return applyUnary(t.Op, x)
		}
	case *ast.BinaryType:
		l, ok1 := constantType(t.L)
		r, ok2 := constantType(t.R)
		if ok1 && ok2 {
			return applyBinary(t.Op, l, r)
		}
	}
	return value{}, false
}

func truth(b bool) (value, bool) {
	if b {
		return value{atom: "true"}, true
	}
	return value{atom: "false"}, true
}

func applyUnary(op ast.Op, x value) (value, bool) {
	switch {
	case op == ast.OpNot && x.isAtom() && (x.atom == "true" || x.atom == "false"):
		return truth(x.atom == "false")
	case op == ast.OpAdd && !x.isAtom():
		return x, true
	case op == ast.OpSub && x.isInt():
		return value{i: new(big.Int).Neg(x.i)}, true
	case op == ast.OpSub && x.float:
		return value{f: -x.f, float: true}, true
	case op == ast.OpBnot && x.isInt():
		return value{i: new(big.Int).Not(x.i)}, true
	}
	return value{}, false
}

func applyBinary(op ast.Op, l, r value) (value, bool) {
	if l.isAtom() && r.isAtom() && isBool(l.atom) && isBool(r.atom) {
		a, b := l.atom == "true", r.atom == "true"
		switch op {
		case ast.OpAnd:
			return truth(a && b)
		case ast.OpOr:
			return truth(a || b)
		case ast.OpXor:
			return truth(a != b)
		}
	}
	if op >= ast.OpEq && op <= ast.OpExactNe {
		return compareConstants(op, l, r)
	}
	if l.isInt() && r.isInt() {
		return applyInts(op, l.i, r.i)
	}
	a, ok1 := l.number()
	b, ok2 := r.number()
	if !ok1 || !ok2 {
		return value{}, false
	}
	switch op {
	case ast.OpAdd:
		return value{f: a + b, float: true}, true
	case ast.OpSub:
		return value{f: a - b, float: true}, true
	case ast.OpMul:
		return value{f: a * b, float: true}, true
	case ast.OpDiv:
		if b != 0 {
			return value{f: a / b, float: true}, true
		}
	}
	return value{}, false
}

func isBool(name string) bool { return name == "true" || name == "false" }

func applyInts(op ast.Op, l, r *big.Int) (value, bool) {
	z := new(big.Int)
	switch op {
	case ast.OpAdd:
		z.Add(l, r)
	case ast.OpSub:
		z.Sub(l, r)
	case ast.OpMul:
		z.Mul(l, r)
	case ast.OpIntDiv, ast.OpRem:
		if r.Sign() == 0 {
			return value{}, false
		}
		if op == ast.OpIntDiv {
			z.Quo(l, r)
		} else {
			z.Rem(l, r)
		}
	case ast.OpDiv:
		if r.Sign() == 0 {
			return value{}, false
		}
		f, _ := new(big.Rat).SetFrac(l, r).Float64()
		return value{f: f, float: true}, true
	case ast.OpBand:
		z.And(l, r)
	case ast.OpBor:
		z.Or(l, r)
	case ast.OpBxor:
		z.Xor(l, r)
	case ast.OpBsl, ast.OpBsr:
		if !r.IsInt64() {
			return value{}, false
		}
		n := r.Int64()
		if op == ast.OpBsr {
			n = -n
		}
		switch {
		case n > maxShift:
			return value{}, false
		case n >= 0:
			z.Lsh(l, uint(n))
		default:
			z.Rsh(l, uint(min(-n, 1<<30)))
		}
	default:
		return value{}, false
	}
	return value{i: z}, true
}

// compareConstants applies a comparison; numbers come before atoms.
func compareConstants(op ast.Op, l, r value) (value, bool) {
	var c int
	switch {
	case l.isAtom() && r.isAtom():
		c = compareStrings(l.atom, r.atom)
	case l.isAtom():
		c = 1
	case r.isAtom():
		c = -1
	case l.isInt() && r.isInt():
		c = l.i.Cmp(r.i)
	default:
		a, _ := l.number()
		b, _ := r.number()
		switch {
		case a < b:
			c = -1
		case a > b:
			c = 1
		}
	}
	same := c == 0 && l.float == r.float
	switch op {
	case ast.OpEq:
		return truth(c == 0)
	case ast.OpNe:
		return truth(c != 0)
	case ast.OpLe:
		return truth(c <= 0)
	case ast.OpLt:
		return truth(c < 0)
	case ast.OpGe:
		return truth(c >= 0)
	case ast.OpGt:
		return truth(c > 0)
	case ast.OpExactEq:
		return truth(same)
	}
	return truth(!same)
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
