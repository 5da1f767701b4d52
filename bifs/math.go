package bifs

import (
	"math"

	"github.com/gerl-lang/gerl/bifs/exact"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// mathArg gives a number as a float; the error is badarg for what is no number and badarith for an integer out of range.
func mathArg(p *proc.Process, t term.Term) (f float64, ok bool) {
	if !t.IsNumber() {
		p.Badarg()
		return 0, false
	}
	if f, ok = term.ToFloat(t); !ok {
		p.Badarith()
	}
	return f, ok
}

func mathResult(p *proc.Process, f float64) term.Term {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return p.Badarith()
	}
	return p.Heap.Float(f)
}

func math1(p *proc.Process, a []term.Term, f func(float64) float64) term.Term {
	x, ok := mathArg(p, a[0])
	if !ok {
		return term.None
	}
	return mathResult(p, f(x))
}

func math2(p *proc.Process, a []term.Term, f func(x, y float64) float64) term.Term {
	x, ok := mathArg(p, a[0])
	if !ok {
		return term.None
	}
	y, ok := mathArg(p, a[1])
	if !ok {
		return term.None
	}
	return mathResult(p, f(x, y))
}

func mathAcos1(p *proc.Process, a []term.Term) term.Term  { return math1(p, a, exact.Acos) }
func mathAcosh1(p *proc.Process, a []term.Term) term.Term { return math1(p, a, exact.Acosh) }
func mathAsin1(p *proc.Process, a []term.Term) term.Term  { return math1(p, a, exact.Asin) }
func mathAsinh1(p *proc.Process, a []term.Term) term.Term { return math1(p, a, exact.Asinh) }
func mathAtan1(p *proc.Process, a []term.Term) term.Term  { return math1(p, a, exact.Atan) }
func mathAtanh1(p *proc.Process, a []term.Term) term.Term { return math1(p, a, exact.Atanh) }
func mathCeil1(p *proc.Process, a []term.Term) term.Term  { return math1(p, a, math.Ceil) }
func mathCos1(p *proc.Process, a []term.Term) term.Term   { return math1(p, a, exact.Cos) }
func mathCosh1(p *proc.Process, a []term.Term) term.Term  { return math1(p, a, exact.Cosh) }
func mathErf1(p *proc.Process, a []term.Term) term.Term   { return math1(p, a, math.Erf) }
func mathErfc1(p *proc.Process, a []term.Term) term.Term  { return math1(p, a, math.Erfc) }
func mathExp1(p *proc.Process, a []term.Term) term.Term   { return math1(p, a, exact.Exp) }
func mathFloor1(p *proc.Process, a []term.Term) term.Term { return math1(p, a, math.Floor) }
func mathLog1(p *proc.Process, a []term.Term) term.Term   { return math1(p, a, exact.Log) }
func mathLog101(p *proc.Process, a []term.Term) term.Term { return math1(p, a, exact.Log10) }
func mathLog21(p *proc.Process, a []term.Term) term.Term  { return math1(p, a, exact.Log2) }
func mathSin1(p *proc.Process, a []term.Term) term.Term   { return math1(p, a, exact.Sin) }
func mathSinh1(p *proc.Process, a []term.Term) term.Term  { return math1(p, a, exact.Sinh) }
func mathSqrt1(p *proc.Process, a []term.Term) term.Term  { return math1(p, a, math.Sqrt) }
func mathTan1(p *proc.Process, a []term.Term) term.Term   { return math1(p, a, exact.Tan) }
func mathTanh1(p *proc.Process, a []term.Term) term.Term  { return math1(p, a, exact.Tanh) }
func mathAtan22(p *proc.Process, a []term.Term) term.Term { return math2(p, a, exact.Atan2) }
func mathFmod2(p *proc.Process, a []term.Term) term.Term  { return math2(p, a, math.Mod) }
func mathPow2(p *proc.Process, a []term.Term) term.Term   { return math2(p, a, exact.Pow) }

func mathPi0(p *proc.Process, _ []term.Term) term.Term  { return p.Heap.Float(math.Pi) }
func mathTau0(p *proc.Process, _ []term.Term) term.Term { return p.Heap.Float(2 * math.Pi) }
