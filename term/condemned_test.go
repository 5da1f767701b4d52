package term

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// literalOf copies a term to an area of its own.
func literalOf(t Term) (*LiteralArea, Term) {
	ts := []Term{t}
	a := CopyLiterals(ts)
	return a, ts[0]
}

func TestCondemnedLiterals(t *testing.T) {
	src := NewArena()
	defer src.Free()
	shared := src.List(Int(1), Int(2), src.Tuple(Int(3), src.Float(1.5)))
	long := src.Binary([]byte(strings.Repeat("long ", 100)))
	want := src.Tuple(shared, shared.Tail(), long, src.List(long, shared))
	gone, lit := literalOf(want)
	stays, other := literalOf(src.List(Int(7), Int(8)))
	defer stays.Free()

	h := &Heap{MaxMinor: DefaultMaxMinor}
	h.Begin(10)
	x := []Term{h.Tuple(lit, other, lit.Elem(0).Tail()), lit}
	mixed, fragment := CopyMessage(h.Tuple(lit.Elem(2), other))
	bare, noFragment := CopyMessage(lit)
	require.Zero(t, noFragment)
	require.Equal(t, lit, bare)
	none := NewArena()
	unrelated := none.Tuple(Int(1), other)

	require.False(t, h.LeaveCondemned([][]Term{x}, rootsOf(x)))
	Condemn([]*LiteralArea{gone})
	copied := CopyLocal(h, lit) // whatever is copied from now on is whole
	require.False(t, gone.Contains(copied))
	require.True(t, ExactEqual(copied, want))
	same, kept := LeaveMessage(unrelated, 0)
	require.Equal(t, unrelated, same)
	require.Zero(t, kept)
	mixed, fragment = LeaveMessage(mixed, fragment)
	bare, noFragment = LeaveMessage(bare, noFragment)
	require.NotZero(t, noFragment)
	require.True(t, h.LeaveCondemned([][]Term{x}, rootsOf(x)))
	require.False(t, h.LeaveCondemned([][]Term{x}, rootsOf(x)))
	require.NoError(t, h.Check())

	poison := Debug.Poison
	Debug.Poison = true // so that what still points there is found
	FreeCondemned([]*LiteralArea{gone})
	Debug.Poison = poison
	require.True(t, ExactEqual(x[0], src.Tuple(want, src.List(Int(7), Int(8)), shared.Tail())))
	require.True(t, ExactEqual(x[1], want))
	require.Equal(t, x[1], x[0].Elem(0), "one copy for all that refer to it")
	require.Equal(t, x[1].Elem(0).Tail(), x[0].Elem(2))
	require.Equal(t, other, x[0].Elem(1), "other literals stay where they are")
	require.True(t, ExactEqual(mixed, src.Tuple(long, other)))
	require.True(t, ExactEqual(bare, want))
	DropFragment(fragment)
	DropFragment(noFragment)
	h.Collect(0, Roots{X: x}, true)
	require.True(t, ExactEqual(x[1], want))
	h.Free()
	none.Free()
	require.Nil(t, condemned.set.Load())
}

// rootsOf is a RootSet of a slice.
type rootsOf []Term

func (r rootsOf) VisitRoots(c *Collector) { c.Roots(r) }
