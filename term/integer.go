package term

import (
	"math/big"
	"math/bits"
	"unsafe"
)

// MaxBigWords is the size limit of integers in words of magnitude, as OTP 29 has it: a result
// that needs more raises system_limit.
const MaxBigWords = 65535

// Int64 makes an integer of any size that fits int64.
func (h *Heap) Int64(v int64) Term {
	if FitsSmall(v) {
		return Int(int(v))
	}
	if v < 0 {
		return h.big1(uint64(-v), true)
	}
	return h.big1(uint64(v), false)
}

// Uint64 makes an integer from an unsigned word.
func (h *Heap) Uint64(v uint64) Term {
	if v <= MaxSmall {
		return Int(int(v))
	}
	return h.big1(v, false)
}

// big1 makes a bignum of one word that is known not to fit a small.
func (h *Heap) big1(mag uint64, neg bool) Term {
	a := h.Alloc(2)
	store(a, 0, bigHeader(1, neg))
	store(a, 1, mag)
	return MakeBoxed(a)
}

func bigHeader(n int, neg bool) uint64 {
	if neg {
		return Header(SubNegBig, n)
	}
	return Header(SubPosBig, n)
}

// BigInt makes an integer from z: a small one where it fits. The words are copied. z must
// be within the size limit (see ArithError SystemLimit for results of arithmetic).
func (h *Heap) BigInt(z *big.Int) Term { return h.magnitude(z.Bits(), z.Sign() < 0) }

// magnitude makes an integer from a normalised magnitude (no leading zero words).
func (h *Heap) magnitude(w []big.Word, neg bool) Term {
	switch len(w) {
	case 0:
		return Int(0)
	case 1:
		m := uint64(w[0])
		if m <= MaxSmall || neg && m == MaxSmall+1 {
			if neg {
				return Int(-int(m))
			}
			return Int(int(m))
		}
		return h.big1(m, neg)
	}
	a := h.Alloc(len(w) + 1)
	store(a, 0, bigHeader(len(w), neg))
	copy(unsafe.Slice((*big.Word)(at(a+WordBytes)), len(w)), w)
	return MakeBoxed(a)
}

// Magnitude makes an integer from the words of its magnitude, the lowest first, which are copied.
func (h *Heap) Magnitude(w []big.Word, neg bool) Term {
	for len(w) > 0 && w[len(w)-1] == 0 {
		w = w[:len(w)-1]
	}
	return h.magnitude(w, neg)
}

// BigParts gives the sign and the words of a bignum's magnitude, the lowest first. They are the term's own: not to be changed or kept.
func (t Term) BigParts() (w []big.Word, neg bool) { return t.bigWords(), t.bigNeg() }

// bigWords is the magnitude of a bignum, in place.
func (t Term) bigWords() []big.Word {
	return unsafe.Slice((*big.Word)(at(t.Addr()+WordBytes)), int(*t.Words()>>HeaderShift))
}

// bigNeg reports whether a bignum is negative.
func (t Term) bigNeg() bool { return *t.Words()&SubMask == SubNegBig }

// BigInt is the value of an integer, small or big, as a number of its own.
func (t Term) BigInt() *big.Int {
	if t.IsSmall() {
		return big.NewInt(int64(t.Small()))
	}
	z := new(big.Int).SetBits(append([]big.Word(nil), t.bigWords()...))
	if t.bigNeg() {
		z.Neg(z)
	}
	return z
}

// ToInt64 is the value of an integer that fits int64; ok is false for others and for what is no integer.
func ToInt64(t Term) (v int64, ok bool) {
	if t.IsSmall() {
		return int64(t.Small()), true
	}
	if !t.IsBig() {
		return 0, false
	}
	w := t.bigWords()
	if len(w) != 1 {
		return 0, false
	}
	m := uint64(w[0])
	if t.bigNeg() {
		return -int64(m), m <= 1<<63
	}
	return int64(m), m < 1<<63
}

// ToUint64 is the value of an integer that fits uint64.
func ToUint64(t Term) (v uint64, ok bool) {
	if t.IsSmall() {
		return uint64(t.Small()), t.Small() >= 0
	}
	if !t.IsBig() || t.bigNeg() || len(t.bigWords()) != 1 {
		return 0, false
	}
	return uint64(t.bigWords()[0]), true
}

// IntSign is -1, 0 or 1 for an integer.
func IntSign(t Term) int {
	if t.IsSmall() {
		switch s := t.Small(); {
		case s < 0:
			return -1
		case s == 0:
			return 0
		}
		return 1
	}
	if t.bigNeg() {
		return -1
	}
	return 1
}

// intView is an integer term seen as a big.Int: the words of a bignum in place. The big.Int must not be written to. It may live on
// the stack of whoever uses it, so it does not refer to itself.
type intView struct {
	z big.Int
}

func (v *intView) of(t Term) *big.Int {
	if t.IsSmall() {
		return v.z.SetInt64(int64(t.Small()))
	}
	v.z.SetBits(t.bigWords())
	if t.bigNeg() {
		v.z.Neg(&v.z)
	}
	return &v.z
}

// bitLen is the number of bits of an integer's magnitude.
func bitLen(t Term) int {
	if t.IsSmall() {
		s := t.Small()
		if s < 0 {
			s = -s
		}
		return bits.Len64(uint64(s))
	}
	w := t.bigWords()
	return (len(w)-1)*64 + bits.Len64(uint64(w[len(w)-1]))
}
