package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func erlangPlus1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsNumber() {
		return p.Badarith()
	}
	return a[0]
}

func erlangMinus1(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Neg(a[0])
	return arith(p, t, err)
}

func erlangPlus2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Add(a[0], a[1])
	return arith(p, t, err)
}

func erlangMinus2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Sub(a[0], a[1])
	return arith(p, t, err)
}

func erlangTimes2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Mul(a[0], a[1])
	return arith(p, t, err)
}

func erlangSlash2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Div(a[0], a[1])
	return arith(p, t, err)
}

func erlangDiv2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.IntDiv(a[0], a[1])
	return arith(p, t, err)
}

func erlangRem2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Rem(a[0], a[1])
	return arith(p, t, err)
}

func erlangBand2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Band(a[0], a[1])
	return arith(p, t, err)
}

func erlangBor2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Bor(a[0], a[1])
	return arith(p, t, err)
}

func erlangBxor2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Bxor(a[0], a[1])
	return arith(p, t, err)
}

func erlangBnot1(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Bnot(a[0])
	return arith(p, t, err)
}

func erlangBsl2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Bsl(a[0], a[1])
	return arith(p, t, err)
}

func erlangBsr2(p *proc.Process, a []term.Term) term.Term {
	t, err := p.Heap.Bsr(a[0], a[1])
	return arith(p, t, err)
}

func erlangAbs1(p *proc.Process, a []term.Term) term.Term {
	t, ok := p.Heap.Abs(a[0])
	return orBadarg(p, t, ok)
}

func erlangFloat1(p *proc.Process, a []term.Term) term.Term {
	t, ok := p.Heap.ToFloatTerm(a[0])
	return orBadarg(p, t, ok)
}

func erlangTrunc1(p *proc.Process, a []term.Term) term.Term {
	t, ok := p.Heap.Trunc(a[0])
	return orBadarg(p, t, ok)
}

func erlangRound1(p *proc.Process, a []term.Term) term.Term {
	t, ok := p.Heap.Round(a[0])
	return orBadarg(p, t, ok)
}

func erlangFloor1(p *proc.Process, a []term.Term) term.Term {
	t, ok := p.Heap.Floor(a[0])
	return orBadarg(p, t, ok)
}

func erlangCeil1(p *proc.Process, a []term.Term) term.Term {
	t, ok := p.Heap.Ceil(a[0])
	return orBadarg(p, t, ok)
}

// ---- order and equality ----------------------------------------------------------

func erlangEq2(_ *proc.Process, a []term.Term) term.Term { return term.Bool(term.Equal(a[0], a[1])) }
func erlangNe2(_ *proc.Process, a []term.Term) term.Term { return term.Bool(!term.Equal(a[0], a[1])) }
func erlangLt2(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(term.Compare(a[0], a[1]) < 0)
}
func erlangGt2(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(term.Compare(a[0], a[1]) > 0)
}
func erlangLe2(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(term.Compare(a[0], a[1]) <= 0)
}
func erlangGe2(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(term.Compare(a[0], a[1]) >= 0)
}
func erlangExactEq2(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(term.ExactEqual(a[0], a[1]))
}
func erlangExactNe2(_ *proc.Process, a []term.Term) term.Term {
	return term.Bool(!term.ExactEqual(a[0], a[1]))
}

// max/2 and min/2 give the first argument when both are equal.
func erlangMax2(_ *proc.Process, a []term.Term) term.Term {
	if term.Compare(a[0], a[1]) >= 0 {
		return a[0]
	}
	return a[1]
}

func erlangMin2(_ *proc.Process, a []term.Term) term.Term {
	if term.Compare(a[0], a[1]) <= 0 {
		return a[0]
	}
	return a[1]
}

// ---- booleans ----------------------------------------------------------------------

func bothBool(a []term.Term) (x, y, ok bool) {
	x, ok1 := boolArg(a[0])
	y, ok2 := boolArg(a[1])
	return x, y, ok1 && ok2
}

func erlangAnd2(p *proc.Process, a []term.Term) term.Term {
	x, y, ok := bothBool(a)
	return orBadarg(p, term.Bool(x && y), ok)
}

func erlangOr2(p *proc.Process, a []term.Term) term.Term {
	x, y, ok := bothBool(a)
	return orBadarg(p, term.Bool(x || y), ok)
}

func erlangXor2(p *proc.Process, a []term.Term) term.Term {
	x, y, ok := bothBool(a)
	return orBadarg(p, term.Bool(x != y), ok)
}

func erlangNot1(p *proc.Process, a []term.Term) term.Term {
	x, ok := boolArg(a[0])
	return orBadarg(p, term.Bool(!x), ok)
}
