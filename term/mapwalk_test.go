package term

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A walk gives all pairs in reverse order, whatever the size of its pieces and wherever the map has gone meanwhile.
func TestMapWalk(t *testing.T) {
	for _, n := range []int{33, 34, 100, 5000} {
		h := NewArena()
		m := h.EmptyMap()
		for i := range n {
			m = h.MapPut(m, Int(i*i), Int(i))
		}
		var want []Term
		MapEach(m, func(k, v Term) bool { want = append(want, k, v); return true })
		for _, piece := range []int{1, 7, 32, 1000} {
			var got []Term
			var w MapWalk
			for more, at := true, m; more; {
				more = w.Back(at, piece, func(k, v Term) { got = append(got, v, k) })
				other := NewArena()
				at = CopyTo(other, at)
			}
			slices.Reverse(got)
			require.Equal(t, want, got, "%d pairs in pieces of %d", n, piece)
		}
	}
}
