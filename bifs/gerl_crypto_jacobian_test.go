package bifs

import (
	"bytes"
	"crypto/ecdh"
	"crypto/elliptic"
	"math/big"
	"math/rand/v2"
	"testing"
)

// Multiples agree with Go's own curve, and with sums one by one where points coincide, oppose each other or vanish.
func TestTimesPrime(t *testing.T) {
	p := elliptic.P256().Params()
	c := curveNumbers{f: curveField{m: p.P}, a: new(big.Int).Sub(p.P, big.NewInt(3)), b: p.B, base: ecPoint{p.Gx, p.Gy}, order: p.N, cofactor: big.NewInt(1)}
	r := rand.New(rand.NewPCG(1, 2))
	scalars := []*big.Int{big.NewInt(1), big.NewInt(2), big.NewInt(16), new(big.Int).Sub(p.N, big.NewInt(1)), new(big.Int).Add(p.N, big.NewInt(5))}
	for range 10 {
		b := make([]byte, 32)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		scalars = append(scalars, new(big.Int).SetBytes(b))
	}
	for _, k := range scalars {
		key, err := ecdh.P256().NewPrivateKey(new(big.Int).Mod(k, p.N).FillBytes(make([]byte, 32)))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.bytes(c.timesPrime(k, c.base)); !bytes.Equal(got, key.PublicKey().Bytes()) {
			t.Errorf("%v times the base point: %x", k, got)
		}
	}
	if got := c.timesPrime(p.N, c.base); got.x != nil {
		t.Errorf("order times the base point: %v", got)
	}

	// y^2 = x^3 + 2x + 3 over 97 has small orders
	small := curveNumbers{f: curveField{m: big.NewInt(97)}, a: big.NewInt(2), b: big.NewInt(3)}
	for x := range int64(97) {
		for y := range int64(97) {
			point := ecPoint{big.NewInt(x), big.NewInt(y)}
			if !small.on(point) {
				continue
			}
			var sum ecPoint
			for k := range int64(110) {
				got := small.timesPrime(big.NewInt(k), point)
				if (got.x == nil) != (sum.x == nil) || got.x != nil && (got.x.Cmp(sum.x) != 0 || got.y.Cmp(sum.y) != 0) {
					t.Fatalf("%d times (%d, %d): %v, not %v", k, x, y, got, sum)
				}
				sum = small.add(sum, point)
			}
		}
	}
}
