package bifs

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

// The fast way gives the points of the plain one, on sect163k1, sect233r1 and a field with close terms.
func TestTimesBinary(t *testing.T) {
	hex := func(s string) *big.Int {
		n, ok := new(big.Int).SetString(s, 16)
		require.True(t, ok)
		return n
	}
	curves := []curveNumbers{
		{f: curveField{hex("0800000000000000000000000000000000000000c9"), true}, a: hex("1"), b: hex("1"),
			base:  ecPoint{hex("02fe13c0537bbc11acaa07d793de4e6d5e5c94eee8"), hex("0289070fb05d38ff58321f2e800536d538ccdaa3d9")},
			order: hex("04000000000000000000020108a2e0cc0d99f8a5ef")},
		{f: curveField{hex("020000000000000000000000000000000000000004000000000000000001"), true}, a: hex("1"),
			b:     hex("0066647ede6c332c7f8c0923bb58213b333b20e9ce4281fe115f7d8f90ad"),
			base:  ecPoint{hex("00fac9dfcbac8313bb2139f1bb755fef65bc391f8b36f8f8eb7371fd558b"), hex("01006a08a41903350678e58528bebf8a0beff867a7ca36716f7e01f81052")},
			order: hex("01000000000000000000000000000013e974e72f8a6922031d2603cfe0d7")},
	}
	for _, c := range curves {
		require.True(t, c.on(c.base))
		plain := func(k *big.Int) ecPoint {
			var sum ecPoint
			for i := k.BitLen() - 1; i >= 0; i-- {
				if sum = c.add(sum, sum); k.Bit(i) == 1 {
					sum = c.add(sum, c.base)
				}
			}
			return sum
		}
		less := new(big.Int).Sub(c.order, big.NewInt(1))
		for _, k := range []*big.Int{big.NewInt(0), big.NewInt(1), big.NewInt(2), big.NewInt(3), big.NewInt(7), hex("123456789abcdef0123456789"), less, c.order, new(big.Int).Add(c.order, big.NewInt(5))} {
			require.Equal(t, plain(k), c.timesBinary(k, c.base), "%v", k)
		}
	}
	f, slow := newBinaryField(big.NewInt(0b1000011)), curveField{big.NewInt(0b1000011), true}
	for x := range int64(64) {
		for y := range int64(64) {
			want := slow.mul(big.NewInt(x), big.NewInt(y))
			require.Equal(t, want.Int64(), f.big(f.mul(f.from(big.NewInt(x)), f.from(big.NewInt(y)))).Int64())
		}
		require.Equal(t, slow.mul(big.NewInt(x), big.NewInt(x)).Int64(), f.big(f.square(f.from(big.NewInt(x)))).Int64())
	}
}
