package bifs

import (
	"crypto/rand"
	"encoding/asn1"
	"math/big"
)

// Elliptic curves by their numbers, for those that Go's library does not have. The arithmetic is plain and its time depends on the
// numbers, so that it is for old peers and for tests.

// curveField is the arithmetic of a curve's field. Elements of a binary field are polynomials, a bit a coefficient.
type curveField struct {
	m      *big.Int // the prime, or the polynomial
	binary bool
}

func (f curveField) add(x, y *big.Int) *big.Int {
	z := new(big.Int)
	if f.binary {
		return z.Xor(x, y)
	}
	return z.Mod(z.Add(x, y), f.m)
}

func (f curveField) sub(x, y *big.Int) *big.Int {
	z := new(big.Int)
	if f.binary {
		return z.Xor(x, y)
	}
	return z.Mod(z.Sub(x, y), f.m)
}

func (f curveField) mul(x, y *big.Int) *big.Int {
	z := new(big.Int)
	if !f.binary {
		return z.Mod(z.Mul(x, y), f.m)
	}
	// four coefficients of y at a time
	var multiple [16]*big.Int
	multiple[0] = new(big.Int)
	for i := 1; i < 16; i++ {
		multiple[i] = new(big.Int).Lsh(multiple[i/2], 1)
		if i%2 == 1 {
			multiple[i].Xor(multiple[i], x)
		}
	}
	for _, b := range y.Bytes() {
		z.Xor(z.Lsh(z, 4), multiple[b>>4])
		z.Xor(z.Lsh(z, 4), multiple[b&15])
	}
	return f.reduce(z)
}

// reduce takes multiples of the polynomial off: what lies above its degree is folded back at its lower terms.
func (f curveField) reduce(z *big.Int) *big.Int {
	degree := f.m.BitLen() - 1
	for z.BitLen() > degree {
		high := new(big.Int).Rsh(z, uint(degree))
		z.Xor(z, new(big.Int).Lsh(high, uint(degree)))
		for k := range degree {
			if f.m.Bit(k) == 1 {
				z.Xor(z, new(big.Int).Lsh(high, uint(k)))
			}
		}
	}
	return z
}

func (f curveField) inverse(x *big.Int) *big.Int {
	if !f.binary {
		return new(big.Int).ModInverse(x, f.m)
	}
	u, v := new(big.Int).Set(x), new(big.Int).Set(f.m)
	g, h := big.NewInt(1), new(big.Int)
	for u.BitLen() > 1 {
		j := u.BitLen() - v.BitLen()
		if j < 0 {
			u, v, g, h, j = v, u, h, g, -j
		}
		u.Xor(u, new(big.Int).Lsh(v, uint(j)))
		g.Xor(g, new(big.Int).Lsh(h, uint(j)))
	}
	return f.reduce(g)
}

// ecPoint is a point in affine coordinates; the point at infinity is one without.
type ecPoint struct{ x, y *big.Int }

// curveNumbers is a curve y^2 = x^3 + ax + b, or y^2 + xy = x^3 + ax^2 + b over a binary field.
type curveNumbers struct {
	f        curveField
	a, b     *big.Int
	base     ecPoint
	order    *big.Int
	cofactor *big.Int
}

// curveOf reads [Kind, Field, A, B, Base, Order, Cofactor]: Kind is p or b, the rest numbers as bytes, Base as a public key.
func curveOf(parts [][]byte) (c curveNumbers, ok bool) {
	if len(parts) != 7 || len(parts[0]) != 1 {
		return c, false
	}
	n := func(i int) *big.Int { return new(big.Int).SetBytes(parts[i]) }
	c = curveNumbers{f: curveField{n(1), parts[0][0] == 'b'}, a: n(2), b: n(3), order: n(5), cofactor: n(6)}
	if c.f.m.BitLen() < 3 || c.f.m.BitLen() > 1024 || c.f.m.Bit(0) == 0 || c.order.BitLen() < 3 || c.order.BitLen() > 1024 {
		return c, false
	}
	if !c.f.binary && !c.f.m.ProbablyPrime(1) {
		return c, false
	}
	c.base, ok = c.point(parts[4])
	return c, ok
}

// size is how many bytes a coordinate has.
func (c curveNumbers) size() int {
	bits := c.f.m.BitLen()
	if c.f.binary {
		bits--
	}
	return (bits + 7) / 8
}

// privateSize is how many bytes a private key has.
func (c curveNumbers) privateSize() int { return (c.order.BitLen() + 7) / 8 }

func (c curveNumbers) right(x *big.Int) *big.Int { // the side of the equation without y
	f := c.f
	square := f.mul(x, x)
	if f.binary {
		return f.add(f.mul(square, f.add(x, c.a)), c.b)
	}
	return f.add(f.mul(x, f.add(square, c.a)), c.b)
}

func (c curveNumbers) on(p ecPoint) bool {
	left := c.f.mul(p.y, p.y)
	if c.f.binary {
		left = c.f.add(left, c.f.mul(p.x, p.y))
	}
	return left.Cmp(c.right(p.x)) == 0
}

// point reads a point, compressed over a prime field or not.
func (c curveNumbers) point(b []byte) (p ecPoint, ok bool) {
	n := c.size()
	switch {
	case len(b) == 2*n+1 && (b[0] == 4 || b[0] == 6 || b[0] == 7):
		p = ecPoint{new(big.Int).SetBytes(b[1 : n+1]), new(big.Int).SetBytes(b[n+1:])}
	case len(b) == n+1 && (b[0] == 2 || b[0] == 3) && !c.f.binary:
		x := new(big.Int).SetBytes(b[1:])
		y := new(big.Int).ModSqrt(c.right(x), c.f.m)
		if y == nil {
			return p, false
		}
		if y.Bit(0) != uint(b[0]&1) {
			y.Sub(c.f.m, y)
		}
		p = ecPoint{x, y}
	default:
		return p, false
	}
	if p.x.BitLen() > c.f.m.BitLen() || p.y.BitLen() > c.f.m.BitLen() {
		return p, false
	}
	return p, c.on(p)
}

func (c curveNumbers) bytes(p ecPoint) []byte {
	n := c.size()
	out := make([]byte, 2*n+1)
	out[0] = 4
	p.x.FillBytes(out[1 : n+1])
	p.y.FillBytes(out[n+1:])
	return out
}

func (c curveNumbers) add(p, q ecPoint) ecPoint {
	f := c.f
	if p.x == nil {
		return q
	}
	if q.x == nil {
		return p
	}
	var slope *big.Int
	same := p.x.Cmp(q.x) == 0
	switch {
	case same && p.y.Cmp(q.y) != 0:
		return ecPoint{} // they are each other's opposites
	case same && f.binary:
		if p.x.Sign() == 0 {
			return ecPoint{}
		}
		slope = f.add(p.x, f.mul(p.y, f.inverse(p.x)))
	case same:
		if p.y.Sign() == 0 {
			return ecPoint{}
		}
		square := f.mul(p.x, p.x)
		slope = f.mul(f.add(f.add(square, f.add(square, square)), c.a), f.inverse(f.add(p.y, p.y)))
	default:
		slope = f.mul(f.sub(q.y, p.y), f.inverse(f.sub(q.x, p.x)))
	}
	x := f.sub(f.sub(f.mul(slope, slope), p.x), q.x)
	if f.binary {
		x = f.add(x, f.add(slope, c.a))
		return ecPoint{x, f.add(f.mul(slope, f.add(p.x, x)), f.add(x, p.y))}
	}
	return ecPoint{x, f.sub(f.mul(slope, f.sub(p.x, x)), p.y)}
}

func (c curveNumbers) times(k *big.Int, p ecPoint) ecPoint {
	if c.f.binary {
		return c.timesBinary(k, p)
	}
	return c.timesPrime(k, p)
}

// secret gives a number from 1 to below the order.
func (c curveNumbers) secret() (*big.Int, error) {
	k, err := rand.Int(rand.Reader, new(big.Int).Sub(c.order, big.NewInt(1)))
	if err != nil {
		return nil, err
	}
	return k.Add(k, big.NewInt(1)), nil
}

// generate makes a pair of keys, or the public key of a private one.
func (c curveNumbers) generate(private []byte) result {
	k := new(big.Int).SetBytes(private)
	if private == nil {
		var err error
		if k, err = c.secret(); err != nil {
			return cryptoFailed("key")
		}
	}
	public := c.times(k, c.base)
	if public.x == nil || k.BitLen() > 8*c.privateSize() {
		return cryptoFailed("key")
	}
	return binariesResult(c.bytes(public), k.FillBytes(make([]byte, c.privateSize())))
}

// shared gives the common secret.
func (c curveNumbers) shared(others, mine []byte) result {
	public, ok := c.point(others)
	if !ok {
		return cryptoFailed("public")
	}
	p := c.times(new(big.Int).SetBytes(mine), public)
	if p.x == nil {
		return cryptoFailed("secret")
	}
	return binaryResult(p.x.FillBytes(make([]byte, c.size())))
}

// signature is what ecdsa and dss signatures are made of.
type signature struct{ R, S *big.Int }

// leftmost reads as many bits of a digest as a number has.
func leftmost(sum []byte, order *big.Int) *big.Int {
	e := new(big.Int).SetBytes(sum)
	if extra := 8*len(sum) - order.BitLen(); extra > 0 {
		e.Rsh(e, uint(extra))
	}
	return e
}

func (c curveNumbers) sign(private, sum []byte) result {
	d, e := new(big.Int).SetBytes(private), leftmost(sum, c.order)
	for range 100 {
		k, err := c.secret()
		if err != nil {
			break
		}
		inverse := new(big.Int).ModInverse(k, c.order)
		p := c.times(k, c.base)
		if inverse == nil || p.x == nil {
			continue
		}
		r := new(big.Int).Mod(p.x, c.order)
		s := new(big.Int).Mul(r, d)
		s.Mod(s.Mul(s.Add(s, e), inverse), c.order)
		if r.Sign() == 0 || s.Sign() == 0 {
			continue
		}
		out, err := asn1.Marshal(signature{r, s})
		if err != nil {
			break
		}
		return binaryResult(out)
	}
	return cryptoFailed("result")
}

// signatureOf reads a signature whose numbers must be below the order.
func signatureOf(sig []byte, order *big.Int) (s signature, ok bool) {
	rest, err := asn1.Unmarshal(sig, &s)
	ok = err == nil && len(rest) == 0 && s.R.Sign() > 0 && s.S.Sign() > 0 && s.R.Cmp(order) < 0 && s.S.Cmp(order) < 0
	return s, ok
}

func (c curveNumbers) verify(public ecPoint, sum, sig []byte) bool {
	s, ok := signatureOf(sig, c.order)
	if !ok {
		return false
	}
	w := new(big.Int).ModInverse(s.S, c.order)
	if w == nil {
		return false
	}
	part := func(n *big.Int) *big.Int { n = new(big.Int).Mul(n, w); return n.Mod(n, c.order) }
	p := c.add(c.times(part(leftmost(sum, c.order)), c.base), c.times(part(s.R), public))
	return p.x != nil && new(big.Int).Mod(p.x, c.order).Cmp(s.R) == 0
}
