package bifs

import (
	"encoding/binary"
	"math/big"
	"slices"
)

// Multiplication of points on curves over binary fields: polynomials as words, a bit a coefficient, products by windows of four
// bits, and coordinates of López and Dahab (x = X/Z, y = Y/Z^2), which need one inverse at the end instead of one a step.

// binaryField is a field of polynomials modulo x^degree and some lower terms.
type binaryField struct {
	degree int
	terms  []int // exponents below the degree
	words  int
	table  [16][]uint64 // scratch: multiples of a factor
	wide   []uint64     // scratch: a product before reduction
}

func newBinaryField(m *big.Int) *binaryField {
	f := &binaryField{degree: m.BitLen() - 1}
	f.words = f.degree/64 + 1
	for k := range f.degree {
		if m.Bit(k) == 1 {
			f.terms = append(f.terms, k)
		}
	}
	for i := range f.table {
		f.table[i] = make([]uint64, f.words+1)
	}
	f.wide = make([]uint64, 2*f.words+2)
	return f
}

func (f *binaryField) from(x *big.Int) []uint64 {
	bytes := x.FillBytes(make([]byte, 8*f.words))
	out := make([]uint64, f.words)
	for i := range out {
		out[f.words-1-i] = binary.BigEndian.Uint64(bytes[8*i:])
	}
	return out
}

func (f *binaryField) big(x []uint64) *big.Int {
	bytes := make([]byte, 8*f.words)
	for i, w := range x {
		binary.BigEndian.PutUint64(bytes[8*(f.words-1-i):], w)
	}
	return new(big.Int).SetBytes(bytes)
}

func (f *binaryField) add(x, y []uint64) []uint64 {
	z := make([]uint64, f.words)
	for i := range z {
		z[i] = x[i] ^ y[i]
	}
	return z
}

func (f *binaryField) mul(x, y []uint64) []uint64 {
	for i := 1; i < 16; i++ {
		carry := uint64(0)
		for j, w := range f.table[i/2] {
			f.table[i][j] = w<<1 | carry
			carry = w >> 63
		}
		if i%2 == 1 {
			for j, w := range y {
				f.table[i][j] ^= w
			}
		}
	}
	z := f.wide
	clear(z)
	for shift := 60; ; shift -= 4 {
		for i, w := range x {
			row := f.table[w>>shift&15]
			at := z[i : i+len(row)]
			for j, r := range row {
				at[j] ^= r
			}
		}
		if shift == 0 {
			return f.reduced()
		}
		carry := uint64(0)
		for i, w := range z {
			z[i] = w<<4 | carry
			carry = w >> 60
		}
	}
}

func (f *binaryField) square(x []uint64) []uint64 {
	clear(f.wide)
	for i, w := range x {
		f.wide[2*i], f.wide[2*i+1] = spread(uint32(w)), spread(uint32(w>>32))
	}
	return f.reduced()
}

// spread puts a zero between bits.
func spread(w uint32) uint64 {
	x := uint64(w)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	x = (x | x<<2) & 0x3333333333333333
	return (x | x<<1) & 0x5555555555555555
}

// reduced folds what lies above the degree back, from the top.
func (f *binaryField) reduced() []uint64 {
	z := f.wide
	fold := func(t uint64, bit int) { // t stands at bit, which is not below the degree
		for _, k := range f.terms {
			at := bit - f.degree + k
			z[at/64] ^= t << (at % 64)
			if at%64 != 0 {
				z[at/64+1] ^= t >> (64 - at%64)
			}
		}
	}
	for i := len(z) - 1; i >= f.words; i-- {
		for z[i] != 0 {
			t := z[i]
			z[i] = 0
			fold(t, 64*i)
		}
	}
	last, offset := f.words-1, f.degree%64
	for z[last]>>offset != 0 {
		t := z[last] >> offset
		z[last] ^= t << offset
		fold(t, f.degree)
	}
	return slices.Clone(z[:f.words])
}

func isZero(x []uint64) bool { return !slices.ContainsFunc(x, func(w uint64) bool { return w != 0 }) }

// timesBinary is times on a curve over a binary field.
func (c curveNumbers) timesBinary(k *big.Int, p ecPoint) ecPoint {
	if p.x == nil || k.Sign() == 0 {
		return ecPoint{}
	}
	f := newBinaryField(c.f.m)
	a, b, px, py := f.from(c.a), f.from(c.b), f.from(p.x), f.from(p.y)
	one := f.from(big.NewInt(1))
	var x, y, z []uint64 // nil: the point at infinity
	double := func() {
		if z == nil || isZero(x) {
			z = nil
			return
		}
		x2, z2 := f.square(x), f.square(z)
		bz4 := f.mul(b, f.square(z2))
		z = f.mul(x2, z2)
		x = f.add(f.square(x2), bz4)
		y = f.add(f.mul(bz4, z), f.mul(x, f.add(f.add(f.mul(a, z), f.square(y)), bz4)))
	}
	for i := k.BitLen() - 1; i >= 0; i-- {
		double()
		if k.Bit(i) == 0 {
			continue
		}
		if z == nil {
			x, y, z = px, py, one
			continue
		}
		above := f.add(y, f.mul(py, f.square(z)))
		below := f.add(x, f.mul(px, z))
		if isZero(below) {
			if isZero(above) {
				double()
			} else {
				z = nil
			}
			continue
		}
		w := f.mul(z, below)
		z = f.square(w)
		d := f.mul(px, z)
		x = f.add(f.square(above), f.mul(w, f.add(f.add(above, f.square(below)), f.mul(a, w))))
		y = f.add(f.mul(f.add(d, x), f.add(f.mul(above, w), z)), f.mul(f.add(py, px), f.square(z)))
	}
	if z == nil {
		return ecPoint{}
	}
	inverse := f.from(c.f.inverse(f.big(z)))
	return ecPoint{f.big(f.mul(x, inverse)), f.big(f.mul(y, f.square(inverse)))}
}
