// Package exact is the elementary functions of module math, computed with about 100 bits and rounded once: the
// result is the float nearest to the true value but in about one of 2^45 cases. The C libraries that OTP
// uses come within a hair of that, Go's own functions do not, and programs print what they get.
//
// The numbers are double-doubles, unevaluated sums of two floats (Dekker, "A floating-point technique for extending
// the available precision", 1971), multiplied with fused multiply-add. Functions start from Go's value and correct it by a
// step of Newton's method with a function that has a series of its own (exp, sin and cos).
//
// It imports nothing of gerl.
package exact

import (
	"math"
	"math/big"
	"sync"
)

// dd is hi + lo, with lo at most half a unit in the last place of hi.
type dd struct{ hi, lo float64 }

func twoSum(a, b float64) dd {
	s := a + b
	t := s - a
	return dd{s, (a - (s - t)) + (b - t)}
}

func quickSum(a, b float64) dd {
	s := a + b
	return dd{s, b - (s - a)}
}

func twoProd(a, b float64) dd {
	p := a * b
	return dd{p, math.FMA(a, b, -p)}
}

func (a dd) add(b dd) dd {
	s, t := twoSum(a.hi, b.hi), twoSum(a.lo, b.lo)
	s = quickSum(s.hi, s.lo+t.hi)
	return quickSum(s.hi, s.lo+t.lo)
}

func (a dd) neg() dd           { return dd{-a.hi, -a.lo} }
func (a dd) sub(b dd) dd       { return a.add(b.neg()) }
func (a dd) plus(f float64) dd { return a.add(dd{f, 0}) }

func (a dd) mul(b dd) dd {
	p := twoProd(a.hi, b.hi)
	return quickSum(p.hi, p.lo+(a.hi*b.lo+a.lo*b.hi))
}

func (a dd) times(f float64) dd {
	p := twoProd(a.hi, f)
	return quickSum(p.hi, p.lo+a.lo*f)
}

func (a dd) div(b dd) dd {
	q := a.hi / b.hi
	r := a.sub(b.times(q))
	q2 := r.hi / b.hi
	r = r.sub(b.times(q2))
	return quickSum(q, q2).plus(r.hi / b.hi)
}

func (a dd) sqrt() dd {
	if a.hi <= 0 {
		return dd{}
	}
	s := math.Sqrt(a.hi)
	r := a.sub(twoProd(s, s))
	return quickSum(s, r.hi/(2*s))
}

// scale multiplies by a power of two.
func (a dd) scale(k int) dd { return dd{math.Ldexp(a.hi, k), math.Ldexp(a.lo, k)} }

// value rounds to a float.
func (a dd) value() float64 { return a.hi + a.lo }

// invFact are 1/n!.
var invFact = func() (f [31]dd) {
	f[0] = dd{1, 0}
	for i := 1; i < len(f); i++ {
		f[i] = f[i-1].div(dd{float64(i), 0})
	}
	return f
}()

// Constants in pieces of 32 bits, which small integers multiply exactly, and as double-doubles.
var (
	ln2Parts    = [4]float64{0x1.62e42fee00000p-1, 0x1.a39ef35600000p-33, 0x1.93c7673000000p-65, 0x1.f97b57a000000p-103}
	halfPiParts = [4]float64{0x1.921fb54400000p+0, 0x1.0b4611a600000p-34, 0x1.3198a2e000000p-69, 0x1.b839a25200000p-104}
	invLn2      = dd{0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56}
	invLn10     = dd{0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57}
)

// reduce is x - k*c for a constant in pieces.
func reduce(x dd, k float64, parts *[4]float64) dd {
	for _, p := range parts {
		x = x.plus(-k * p)
	}
	return x
}

// exp is e^x for |x| below 800: m * 2^k with m near 1.
func exp(x dd) (m dd, k int) {
	n := math.Round(x.hi * invLn2.hi)
	const halvings = 8
	r := reduce(x, n, &ln2Parts).scale(-halvings)
	// e^r - 1 by its series, then doubled as often as r was halved: (1+p)^2 - 1 = 2p + p^2.
	p := invFact[9]
	for i := 8; i >= 1; i-- {
		p = p.mul(r).add(invFact[i])
	}
	p = p.mul(r)
	for range halvings {
		p = p.times(2).add(p.mul(p))
	}
	return p.plus(1), int(n)
}

// log is the natural logarithm of x > 0.
func log(x dd) dd {
	f, k := math.Frexp(x.hi)
	if f < math.Sqrt2/2 { // f in [0.707, 1.414): no cancellation near 1
		k--
	}
	m := x.scale(-k)
	y := math.Log(m.hi)
	e, n := exp(dd{-y, 0})
	d := e.scale(n).mul(m).plus(-1)
	r := dd{y, 0}.add(d.sub(d.mul(d).times(0.5)))
	for _, p := range ln2Parts {
		r = r.plus(float64(k) * p)
	}
	return r
}

// sinCos gives sine and cosine.
func sinCos(x dd) (s, c dd) {
	var n, r = 0.0, x
	if math.Abs(x.hi) <= maxAngle {
		n = math.Round(x.hi / halfPiParts[0])
		r = reduce(x, n, &halfPiParts)
	} else {
		n, r = reduceLarge(x.hi)
	}
	r2 := r.mul(r)
	s, c = invFact[29], invFact[28]
	for i := 27; i >= 1; i -= 2 {
		s = invFact[i].sub(s.mul(r2))
		c = invFact[i-1].sub(c.mul(r2))
	}
	s = s.mul(r)
	switch int64(n) & 3 {
	case 1:
		return c, s.neg()
	case 2:
		return s.neg(), c.neg()
	case 3:
		return c.neg(), s
	}
	return s, c
}

// maxAngle bounds the arguments for which the pieces of pi/2 are precise enough.
const maxAngle = 1 << 19

// piBits is the precision of pi for large angles: the largest exponent, and 170 bits for the rest.
const piBits = 1200

// halfPi is pi/2 as an integer multiple of 2^-piBits, by Machin's formula.
var halfPi = sync.OnceValue(func() *big.Int {
	one := new(big.Int).Lsh(big.NewInt(1), piBits+16)
	arctanOfInverse := func(n int64) *big.Int {
		sum, power, square := new(big.Int), new(big.Int).Quo(one, big.NewInt(n)), big.NewInt(n*n)
		for k := int64(1); power.Sign() != 0; k += 2 {
			term := new(big.Int).Quo(power, big.NewInt(k))
			if k%4 == 3 {
				term.Neg(term)
			}
			sum.Add(sum, term)
			power.Quo(power, square)
		}
		return sum
	}
	p := new(big.Int).Mul(arctanOfInverse(5), big.NewInt(8))
	p.Sub(p, new(big.Int).Mul(arctanOfInverse(239), big.NewInt(2)))
	return p.Rsh(p, 16)
})

// reduceLarge gives x - n*pi/2 and n modulo 4 for any x.
func reduceLarge(x float64) (n float64, r dd) {
	m, e := math.Frexp(x)
	z := new(big.Int).Lsh(big.NewInt(int64(math.Ldexp(m, 53))), uint(e-53+piBits)) // e > 0, as x is large
	q, rem := new(big.Int).DivMod(z, halfPi(), new(big.Int))
	if new(big.Int).Lsh(rem, 1).Cmp(halfPi()) > 0 {
		q.Add(q, big.NewInt(1))
		rem.Sub(rem, halfPi())
	}
	f := new(big.Float).SetPrec(200).SetInt(rem)
	f.SetMantExp(f, -piBits)
	hi, _ := f.Float64()
	lo, _ := f.Sub(f, new(big.Float).SetFloat64(hi)).Float64()
	return float64(q.And(q, big.NewInt(3)).Int64()), dd{hi, lo}
}

// atan2 corrects Go's value by the angle that is left.
func atan2(y, x dd) dd {
	a := math.Atan2(y.hi, x.hi)
	s, c := sinCos(dd{a, 0})
	d := y.mul(c).sub(x.mul(s)).div(x.mul(c).add(y.mul(s)))
	return dd{a, 0}.add(d)
}

// ordinary reports whether the corrections apply: finite, not zero, and not so small or large that squares are lost.
func ordinary(x float64) bool {
	a := math.Abs(x)
	return a > 1e-140 && a < 1e140
}
