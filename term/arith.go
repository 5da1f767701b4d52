package term

import (
	"math"
	"math/big"
	"math/bits"
)

// ArithError says how an arithmetic operation ended: the caller raises badarith or system_limit.
type ArithError uint8

const (
	// ArithOK: there is a result.
	ArithOK ArithError = iota
	// BadArith: an operand of the wrong type, division by zero, or a float result that is not finite.
	BadArith
	// SystemLimit: an integer result beyond MaxBigWords.
	SystemLimit
)

// bothSmall reports whether a and b are small integers: the tag of smalls is all ones.
func bothSmall(a, b Term) bool { return a&b&Imm1Mask == TagSmall }

// result makes the term of an integer result.
func (h *Heap) result(z *big.Int) (Term, ArithError) {
	if w := z.Bits(); len(w) > MaxBigWords {
		return None, SystemLimit
	}
	return h.BigInt(z), ArithOK
}

// floatResult makes the term of a float result.
func (h *Heap) floatResult(f float64) (Term, ArithError) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return None, BadArith
	}
	return h.Float(f), ArithOK
}

// ToFloat is the value of a number as a float, rounded to nearest even; ok is false for what is
// no number and for integers beyond the range of floats.
func ToFloat(t Term) (f float64, ok bool) {
	if t.IsSmall() {
		return float64(t.Small()), true
	}
	if t.IsFloat() {
		return t.FloatVal(), true
	}
	if !t.IsBig() {
		return 0, false
	}
	var v intView
	f, _ = v.of(t).Float64()
	return f, !math.IsInf(f, 0)
}

// floats gives both operands as floats when at least one is one and both are numbers in range.
func floats(a, b Term) (x, y float64, ok bool) {
	if x, ok = ToFloat(a); !ok {
		return
	}
	y, ok = ToFloat(b)
	return
}

// Add is a + b.
func (h *Heap) Add(a, b Term) (Term, ArithError) {
	if bothSmall(a, b) {
		return h.Int64(int64(a.Small() + b.Small())), ArithOK
	}
	if a.IsFloat() && b.IsFloat() {
		return h.floatResult(a.FloatVal() + b.FloatVal())
	}
	if x, y, ok := wides(a, b); ok {
		return h.wide(x.add(y)), ArithOK
	}
	if a.IsInteger() && b.IsInteger() {
		var x, y intView
		var z big.Int
		return h.result(z.Add(x.of(a), y.of(b)))
	}
	x, y, ok := floats(a, b)
	if !ok {
		return None, BadArith
	}
	return h.floatResult(x + y)
}

// Sub is a - b.
func (h *Heap) Sub(a, b Term) (Term, ArithError) {
	if bothSmall(a, b) {
		return h.Int64(int64(a.Small() - b.Small())), ArithOK
	}
	if a.IsFloat() && b.IsFloat() {
		return h.floatResult(a.FloatVal() - b.FloatVal())
	}
	if x, y, ok := wides(a, b); ok {
		return h.wide(x.sub(y)), ArithOK
	}
	if a.IsInteger() && b.IsInteger() {
		var x, y intView
		var z big.Int
		return h.result(z.Sub(x.of(a), y.of(b)))
	}
	x, y, ok := floats(a, b)
	if !ok {
		return None, BadArith
	}
	return h.floatResult(x - y)
}

// Mul is a * b.
func (h *Heap) Mul(a, b Term) (Term, ArithError) {
	if bothSmall(a, b) {
		x, y := a.Small(), b.Small()
		neg := (x < 0) != (y < 0)
		hi, lo := bits.Mul64(magSmall(x), magSmall(y))
		if hi == 0 {
			w := [1]big.Word{big.Word(lo)}
			if lo == 0 {
				return Int(0), ArithOK
			}
			return h.magnitude(w[:], neg), ArithOK
		}
		w := [2]big.Word{big.Word(lo), big.Word(hi)}
		return h.magnitude(w[:], neg), ArithOK
	}
	if a.IsFloat() && b.IsFloat() {
		return h.floatResult(a.FloatVal() * b.FloatVal())
	}
	if x, y, ok := wides(a, b); ok {
		return h.wideMul(x, y), ArithOK
	}
	if a.IsInteger() && b.IsInteger() {
		if a != Int(0) && b != Int(0) && bitLen(a)+bitLen(b)-1 > MaxBigWords*64 {
			return None, SystemLimit
		}
		var x, y intView
		var z big.Int
		return h.result(z.Mul(x.of(a), y.of(b)))
	}
	x, y, ok := floats(a, b)
	if !ok {
		return None, BadArith
	}
	return h.floatResult(x * y)
}

func magSmall(v int) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

// Div is a / b: always a float.
func (h *Heap) Div(a, b Term) (Term, ArithError) {
	x, y, ok := floats(a, b)
	if !ok || y == 0 {
		return None, BadArith
	}
	return h.floatResult(x / y)
}

// IntDiv is a div b, rounded towards zero.
func (h *Heap) IntDiv(a, b Term) (Term, ArithError) {
	if b == Int(0) || !a.IsInteger() || !b.IsInteger() {
		return None, BadArith
	}
	if bothSmall(a, b) {
		return h.Int64(int64(a.Small() / b.Small())), ArithOK
	}
	if x, y, ok := wides(a, b); ok {
		q, _, neg, _ := wideQuoRem(x, y)
		return h.twoWords(wide{0, q}, neg), ArithOK
	}
	var x, y intView
	var z, r big.Int
	z.QuoRem(x.of(a), y.of(b), &r)
	return h.result(&z)
}

// Rem is a rem b, with the sign of a.
func (h *Heap) Rem(a, b Term) (Term, ArithError) {
	if b == Int(0) || !a.IsInteger() || !b.IsInteger() {
		return None, BadArith
	}
	if bothSmall(a, b) {
		return Int(a.Small() % b.Small()), ArithOK
	}
	if x, y, ok := wides(a, b); ok {
		_, r, _, neg := wideQuoRem(x, y)
		return h.twoWords(wide{0, r}, neg), ArithOK
	}
	var x, y intView
	var z, r big.Int
	z.QuoRem(x.of(a), y.of(b), &r)
	return h.result(&r)
}

// Neg is -a; the negation of 0.0 is -0.0.
func (h *Heap) Neg(a Term) (Term, ArithError) {
	if a.IsSmall() {
		return h.Int64(-int64(a.Small())), ArithOK
	}
	if a.IsBig() {
		return h.magnitude(a.bigWords(), !a.bigNeg()), ArithOK
	}
	if a.IsFloat() {
		return h.Float(-a.FloatVal()), ArithOK
	}
	return None, BadArith
}

// Band is a band b.
func (h *Heap) Band(a, b Term) (Term, ArithError) {
	if bothSmall(a, b) {
		return a & b, ArithOK
	}
	if x, y, ok := wides(a, b); ok {
		return h.wide(wide{x.hi & y.hi, x.lo & y.lo}), ArithOK
	}
	if !a.IsInteger() || !b.IsInteger() {
		return None, BadArith
	}
	var x, y intView
	var z big.Int
	return h.result(z.And(x.of(a), y.of(b)))
}

// Bor is a bor b.
func (h *Heap) Bor(a, b Term) (Term, ArithError) {
	if bothSmall(a, b) {
		return a | b, ArithOK
	}
	if x, y, ok := wides(a, b); ok {
		return h.wide(wide{x.hi | y.hi, x.lo | y.lo}), ArithOK
	}
	if !a.IsInteger() || !b.IsInteger() {
		return None, BadArith
	}
	var x, y intView
	var z big.Int
	return h.result(z.Or(x.of(a), y.of(b)))
}

// Bxor is a bxor b.
func (h *Heap) Bxor(a, b Term) (Term, ArithError) {
	if bothSmall(a, b) {
		return a ^ b | TagSmall, ArithOK
	}
	if x, y, ok := wides(a, b); ok {
		return h.wide(wide{x.hi ^ y.hi, x.lo ^ y.lo}), ArithOK
	}
	if !a.IsInteger() || !b.IsInteger() {
		return None, BadArith
	}
	var x, y intView
	var z big.Int
	return h.result(z.Xor(x.of(a), y.of(b)))
}

// Bnot is bnot a.
func (h *Heap) Bnot(a Term) (Term, ArithError) {
	if a.IsSmall() {
		return Int(^a.Small()), ArithOK
	}
	if !a.IsBig() {
		return None, BadArith
	}
	var x intView
	var z big.Int
	return h.result(z.Not(x.of(a)))
}

// Bsl is a bsl b; a negative b shifts to the right.
func (h *Heap) Bsl(a, b Term) (Term, ArithError) {
	if !a.IsInteger() || !b.IsInteger() {
		return None, BadArith
	}
	n, ok := ToInt64(b)
	switch {
	case !ok && IntSign(b) < 0 || ok && n == math.MinInt64:
		return h.shiftRight(a, math.MaxInt64)
	case !ok:
		return h.shiftLeft(a, math.MaxInt64)
	case n < 0:
		return h.shiftRight(a, -n)
	}
	return h.shiftLeft(a, n)
}

// Bsr is a bsr b; a negative b shifts to the left.
func (h *Heap) Bsr(a, b Term) (Term, ArithError) {
	if !a.IsInteger() || !b.IsInteger() {
		return None, BadArith
	}
	n, ok := ToInt64(b)
	switch {
	case !ok && IntSign(b) < 0 || ok && n == math.MinInt64:
		return h.shiftLeft(a, math.MaxInt64)
	case !ok:
		return h.shiftRight(a, math.MaxInt64)
	case n < 0:
		return h.shiftLeft(a, -n)
	}
	return h.shiftRight(a, n)
}

func (h *Heap) shiftLeft(a Term, n int64) (Term, ArithError) {
	if a == Int(0) {
		return a, ArithOK
	}
	l := int64(bitLen(a))
	if n > MaxBigWords*64-l {
		return None, SystemLimit
	}
	if a.IsSmall() && l+n <= 59 {
		return Int(a.Small() << n), ArithOK
	}
	if x, ok := wideOf(a); ok && n < 64 {
		return h.shiftedLeft(x, uint(n)), ArithOK
	}
	var x intView
	var z big.Int
	return h.result(z.Lsh(x.of(a), uint(n)))
}

func (h *Heap) shiftRight(a Term, n int64) (Term, ArithError) {
	if a.IsSmall() {
		return Int(a.Small() >> min(n, 63)), ArithOK
	}
	if n >= int64(bitLen(a)) {
		if a.bigNeg() {
			return Int(-1), ArithOK
		}
		return Int(0), ArithOK
	}
	if x, ok := wideOf(a); ok && n < 64 {
		return h.wide(x.shiftedRight(uint(n))), ArithOK
	}
	var x intView
	var z big.Int
	return h.result(z.Rsh(x.of(a), uint(n)))
}

// Abs is abs(a); ok is false (badarg) for what is no number.
func (h *Heap) Abs(a Term) (Term, bool) {
	switch {
	case a.IsSmall():
		if a.Small() >= 0 {
			return a, true
		}
		return h.Int64(-int64(a.Small())), true
	case a.IsBig():
		if !a.bigNeg() {
			return a, true
		}
		return h.magnitude(a.bigWords(), false), true
	case a.IsFloat():
		if math.Signbit(a.FloatVal()) {
			return h.Float(math.Abs(a.FloatVal())), true
		}
		return a, true
	}
	return None, false
}

// ToFloatTerm is float(a); ok is false (badarg) for what is no number and for integers beyond the range of floats.
func (h *Heap) ToFloatTerm(a Term) (Term, bool) {
	if a.IsFloat() {
		return a, true
	}
	f, ok := ToFloat(a)
	if !ok {
		return None, false
	}
	return h.Float(f), true
}

// toInteger applies a rounding function to a float and gives the integer; integers stay themselves.
func (h *Heap) toInteger(a Term, round func(float64) float64) (Term, bool) {
	if a.IsInteger() {
		return a, true
	}
	if !a.IsFloat() {
		return None, false
	}
	return h.FromFloat(round(a.FloatVal())), true
}

// Trunc is trunc(a); ok is false (badarg) for what is no number.
func (h *Heap) Trunc(a Term) (Term, bool) { return h.toInteger(a, math.Trunc) }

// Round is round(a): half away from zero.
func (h *Heap) Round(a Term) (Term, bool) { return h.toInteger(a, math.Round) }

// Floor is floor(a).
func (h *Heap) Floor(a Term) (Term, bool) { return h.toInteger(a, math.Floor) }

// Ceil is ceil(a).
func (h *Heap) Ceil(a Term) (Term, bool) { return h.toInteger(a, math.Ceil) }

// FromFloat makes the integer that a float without fraction stands for.
func (h *Heap) FromFloat(f float64) Term {
	if f >= -1<<62 && f <= 1<<62 {
		return h.Int64(int64(f))
	}
	z, _ := big.NewFloat(f).Int(nil)
	return h.BigInt(z)
}
