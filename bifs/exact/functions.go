package exact

import "math"

// Exp is e^x.
func Exp(x float64) float64 {
	if !(math.Abs(x) < 700) || math.Abs(x) < 1e-20 {
		return math.Exp(x)
	}
	m, k := exp(dd{x, 0})
	return m.scale(k).value()
}

// Log is the natural logarithm.
func Log(x float64) float64 {
	if !positive(x) || x == 1 {
		return math.Log(x)
	}
	return log(dd{x, 0}).value()
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 1) }

// Log2 is the logarithm to the base 2.
func Log2(x float64) float64 {
	if f, _ := math.Frexp(x); !positive(x) || f == 0.5 {
		return math.Log2(x)
	}
	return log(dd{x, 0}).mul(invLn2).value()
}

// Log10 is the logarithm to the base 10.
func Log10(x float64) float64 {
	if !positive(x) || x == 1 {
		return math.Log10(x)
	}
	return log(dd{x, 0}).mul(invLn10).value()
}

// Pow is x^y.
func Pow(x, y float64) float64 {
	approx := math.Pow(x, y)
	if x == 0 || y == 0 || x == 1 || math.IsNaN(approx) || math.IsInf(x, 0) || math.IsInf(y, 0) || math.Abs(x) < 0x1p-1022 {
		return approx
	}
	l := log(dd{math.Abs(x), 0}).times(y)
	if !(math.Abs(l.hi) < 708) {
		return approx
	}
	m, k := exp(l)
	r := m.scale(k).value()
	if math.Signbit(approx) {
		return -r
	}
	return r
}

// Sin is the sine of x.
func Sin(x float64) float64 {
	if math.Abs(x) < 1e-140 || math.IsInf(x, 0) || math.IsNaN(x) {
		return math.Sin(x)
	}
	s, _ := sinCos(dd{x, 0})
	return s.value()
}

// Cos is the cosine of x.
func Cos(x float64) float64 {
	if math.Abs(x) < 1e-140 || math.IsInf(x, 0) || math.IsNaN(x) {
		return math.Cos(x)
	}
	_, c := sinCos(dd{x, 0})
	return c.value()
}

// Tan is the tangent of x.
func Tan(x float64) float64 {
	if math.Abs(x) < 1e-140 || math.IsInf(x, 0) || math.IsNaN(x) {
		return math.Tan(x)
	}
	s, c := sinCos(dd{x, 0})
	return s.div(c).value()
}

// Atan is the arc tangent of x.
func Atan(x float64) float64 {
	if !ordinary(x) {
		return math.Atan(x)
	}
	return atan2(dd{x, 0}, dd{1, 0}).value()
}

// Atan2 is the angle of the point (x, y).
func Atan2(y, x float64) float64 {
	if !ordinary(x) || !ordinary(y) {
		return math.Atan2(y, x)
	}
	return atan2(dd{y, 0}, dd{x, 0}).value()
}

// leg is the square root of 1 - x*x.
func leg(x float64) dd {
	return dd{1, 0}.plus(x).mul(dd{1, 0}.plus(-x)).sqrt()
}

// Asin is the arc sine of x.
func Asin(x float64) float64 {
	if !ordinary(x) || math.Abs(x) >= 1 {
		return math.Asin(x)
	}
	return atan2(dd{x, 0}, leg(x)).value()
}

// Acos is the arc cosine of x.
func Acos(x float64) float64 {
	if !ordinary(x) || math.Abs(x) >= 1 {
		return math.Acos(x)
	}
	return atan2(leg(x), dd{x, 0}).value()
}

// expPair gives e^x and e^-x.
func expPair(x float64) (p, n dd) {
	m, k := exp(dd{x, 0})
	p = m.scale(k)
	return p, dd{1, 0}.div(p)
}

// Sinh is the hyperbolic sine of x.
func Sinh(x float64) float64 {
	if a := math.Abs(x); !(a < 700) || a < 1e-5 {
		return math.Sinh(x)
	}
	p, n := expPair(x)
	return p.sub(n).times(0.5).value()
}

// Cosh is the hyperbolic cosine of x.
func Cosh(x float64) float64 {
	if !(math.Abs(x) < 700) {
		return math.Cosh(x)
	}
	p, n := expPair(x)
	return p.add(n).times(0.5).value()
}

// Tanh is the hyperbolic tangent of x.
func Tanh(x float64) float64 {
	if a := math.Abs(x); !(a < 20) || a < 1e-5 {
		return math.Tanh(x)
	}
	p, n := expPair(x)
	return p.sub(n).div(p.add(n)).value()
}

// logTwice is the logarithm of 2*a, which may be beyond the largest number: what Asinh and Acosh are of large numbers.
func logTwice(a float64) float64 {
	r := log(dd{a, 0})
	for _, p := range ln2Parts {
		r = r.plus(p)
	}
	return r.value()
}

// Asinh is the inverse of Sinh.
func Asinh(x float64) float64 {
	a := math.Abs(x)
	if a > 0x1p60 && !math.IsInf(a, 1) {
		return math.Copysign(logTwice(a), x)
	}
	if !ordinary(x) || a < 1e-5 {
		return math.Asinh(x)
	}
	r := log(twoProd(a, a).plus(1).sqrt().plus(a)).value()
	return math.Copysign(r, x)
}

// Acosh is the inverse of Cosh.
func Acosh(x float64) float64 {
	if x > 0x1p60 && !math.IsInf(x, 1) {
		return logTwice(x)
	}
	if !ordinary(x) || x <= 1 {
		return math.Acosh(x)
	}
	return log(dd{x, 0}.plus(1).mul(dd{x, 0}.plus(-1)).sqrt().plus(x)).value()
}

// Atanh is the inverse of Tanh.
func Atanh(x float64) float64 {
	if a := math.Abs(x); !(a < 1) || a < 1e-5 {
		return math.Atanh(x)
	}
	return log(dd{1, 0}.plus(x).div(dd{1, 0}.plus(-x))).times(0.5).value()
}
