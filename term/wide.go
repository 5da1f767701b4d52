package term

import (
	"math/big"
	"math/bits"
)

// Arithmetic on integers of one word of magnitude (smalls and the bignums of 64 bits that hashes and random generators are full
// of) without going through math/big: as 128-bit numbers in two's complement.

// wide is an integer in two's complement.
type wide struct{ hi, lo uint64 }

// wideOf gives an integer of at most one word of magnitude; ok is false for others and for what is no integer.
func wideOf(t Term) (w wide, ok bool) {
	if t.IsSmall() {
		v := int64(t.Small())
		return wide{uint64(v >> 63), uint64(v)}, true
	}
	if !t.IsBoxed() {
		return wide{}, false
	}
	switch *t.Words() {
	case Header(SubPosBig, 1):
		return wide{0, t.Word(1)}, true
	case Header(SubNegBig, 1):
		return wide{0, t.Word(1)}.neg(), true
	}
	return wide{}, false
}

// wides gives two operands of that kind.
func wides(a, b Term) (x, y wide, ok bool) {
	if x, ok = wideOf(a); !ok {
		return
	}
	y, ok = wideOf(b)
	return
}

func (w wide) neg() wide {
	lo, borrow := bits.Sub64(0, w.lo, 0)
	hi, _ := bits.Sub64(0, w.hi, borrow)
	return wide{hi, lo}
}

func (w wide) add(v wide) wide {
	lo, carry := bits.Add64(w.lo, v.lo, 0)
	hi, _ := bits.Add64(w.hi, v.hi, carry)
	return wide{hi, lo}
}

func (w wide) sub(v wide) wide {
	lo, borrow := bits.Sub64(w.lo, v.lo, 0)
	hi, _ := bits.Sub64(w.hi, v.hi, borrow)
	return wide{hi, lo}
}

// magnitude is the absolute value.
func (w wide) magnitude() (m wide, negative bool) {
	if int64(w.hi) < 0 {
		return w.neg(), true
	}
	return w, false
}

// wide makes an integer.
func (h *Heap) wide(w wide) Term {
	if w.hi == uint64(int64(w.lo)>>63) {
		return h.Int64(int64(w.lo))
	}
	m, negative := w.magnitude()
	return h.twoWords(m, negative)
}

// twoWords makes an integer from a magnitude.
func (h *Heap) twoWords(m wide, negative bool) Term {
	words := [2]big.Word{big.Word(m.lo), big.Word(m.hi)}
	n := 2
	if m.hi == 0 {
		n = 1
		if m.lo == 0 {
			n = 0
		}
	}
	return h.magnitude(words[:n], negative)
}

// wideMul multiplies by way of the magnitudes, which have one word each.
func (h *Heap) wideMul(x, y wide) Term {
	p, xn := x.magnitude()
	q, yn := y.magnitude()
	hi, lo := bits.Mul64(p.lo, q.lo)
	return h.twoWords(wide{hi, lo}, xn != yn)
}

// wideQuoRem divides by y, which is not 0: quotient and remainder in magnitude, with their signs.
func wideQuoRem(x, y wide) (q, r uint64, qneg, rneg bool) {
	p, xn := x.magnitude()
	d, yn := y.magnitude()
	return p.lo / d.lo, p.lo % d.lo, xn != yn, xn
}

// shiftedLeft shifts by n < 64; what it gives has at most two words.
func (h *Heap) shiftedLeft(x wide, n uint) Term {
	m, negative := x.magnitude()
	return h.twoWords(wide{m.lo >> (64 - n), m.lo << n}, negative)
}

// shiftedRight shifts by n < 64, rounding down.
func (w wide) shiftedRight(n uint) wide {
	return wide{uint64(int64(w.hi) >> n), w.lo>>n | w.hi<<(64-n)}
}
