package bifs

import "math/big"

// Multiples of points over prime fields. A point is x/z^2, y/z^3 here, so that only the last step needs an inverse.

// jacobian is a point as a fraction; z = 0 is the point at infinity.
type jacobian struct{ x, y, z *big.Int }

// primeField multiplies with numbers of its own for what lies between.
type primeField struct {
	m, product, quotient *big.Int
}

func newPrimeField(m *big.Int) *primeField {
	return &primeField{m: m, product: new(big.Int), quotient: new(big.Int)}
}

// mul sets z to x*y and returns it.
func (f *primeField) mul(z, x, y *big.Int) *big.Int {
	f.product.Mul(x, y)
	f.quotient.QuoRem(f.product, f.m, z)
	return z
}

// sub sets z to x-y and returns it.
func (f *primeField) sub(z, x, y *big.Int) *big.Int {
	if z.Sub(x, y); z.Sign() < 0 {
		z.Add(z, f.m)
	}
	return z
}

// add sets z to x+y and returns it.
func (f *primeField) add(z, x, y *big.Int) *big.Int {
	if z.Add(x, y); z.Cmp(f.m) >= 0 {
		z.Sub(z, f.m)
	}
	return z
}

func (f *primeField) double(p jacobian, a *big.Int) jacobian {
	if p.z.Sign() == 0 || p.y.Sign() == 0 {
		return jacobian{new(big.Int), new(big.Int), new(big.Int)}
	}
	t := new(big.Int)
	y2 := f.mul(new(big.Int), p.y, p.y)
	s := f.mul(new(big.Int), p.x, y2)
	f.add(s, s, s)
	f.add(s, s, s) // 4 x y^2
	m := f.mul(new(big.Int), p.x, p.x)
	f.add(m, f.add(t, m, m), m) // 3 x^2
	z2 := f.mul(new(big.Int), p.z, p.z)
	f.add(m, m, f.mul(t, a, f.mul(z2, z2, z2))) // and a z^4: the tangent
	x := f.mul(new(big.Int), m, m)
	f.sub(x, f.sub(x, x, s), s)
	y4 := f.mul(y2, y2, y2)
	for range 3 {
		f.add(y4, y4, y4)
	}
	y := f.mul(s, m, f.sub(s, s, x))
	f.sub(y, y, y4)
	z := f.mul(t, p.y, p.z)
	return jacobian{x, y, f.add(z, z, z)}
}

func (f *primeField) sum(p, q jacobian, a *big.Int) jacobian {
	switch {
	case p.z.Sign() == 0:
		return q
	case q.z.Sign() == 0:
		return p
	}
	n := func(x, y *big.Int) *big.Int { return f.mul(new(big.Int), x, y) }
	pz2, qz2 := n(p.z, p.z), n(q.z, q.z)
	u, h := n(p.x, qz2), n(q.x, pz2)
	s, r := n(p.y, n(q.z, qz2)), n(q.y, n(p.z, pz2))
	f.sub(h, h, u)
	f.sub(r, r, s)
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			return f.double(p, a)
		}
		return jacobian{new(big.Int), new(big.Int), new(big.Int)}
	}
	h2 := n(h, h)
	h3 := n(h, h2)
	f.mul(u, u, h2)
	x := n(r, r)
	f.sub(x, x, h3)
	f.sub(x, f.sub(x, x, u), u)
	y := n(r, f.sub(u, u, x))
	f.sub(y, y, f.mul(s, s, h3))
	return jacobian{x, y, f.mul(h, h, n(p.z, q.z))}
}

// timesPrime is k*p: four bits of k at a time choose one of 16 multiples.
func (c curveNumbers) timesPrime(k *big.Int, p ecPoint) ecPoint {
	if p.x == nil || k.Sign() == 0 {
		return ecPoint{}
	}
	f := newPrimeField(c.f.m)
	a := new(big.Int).Mod(c.a, c.f.m)
	one := jacobian{new(big.Int).Mod(p.x, c.f.m), new(big.Int).Mod(p.y, c.f.m), big.NewInt(1)}
	multiples := [16]jacobian{{new(big.Int), new(big.Int), new(big.Int)}, one}
	for i := 2; i < 16; i++ {
		multiples[i] = f.sum(multiples[i-1], one, a)
	}
	total := multiples[0]
	for _, b := range k.Bytes() {
		for _, digit := range [2]byte{b >> 4, b & 15} {
			for range 4 {
				total = f.double(total, a)
			}
			total = f.sum(total, multiples[digit], a)
		}
	}
	if total.z.Sign() == 0 {
		return ecPoint{}
	}
	inverse := new(big.Int).ModInverse(total.z, c.f.m)
	square := f.mul(new(big.Int), inverse, inverse)
	x := f.mul(new(big.Int), total.x, square)
	return ecPoint{x, f.mul(total.y, total.y, f.mul(square, square, inverse))}
}
