package ets

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/term"
)

// A step in place is what Update would do, and leaves to it what is not of small numbers.
func TestStep(t *testing.T) {
	for _, ty := range []Type{Set, OrderedSet} {
		p := newProcess(1)
		tab := newTable(p, ty)
		key := term.Intern("a")
		tab.Insert([]term.Term{p.Heap.Tuple(key, term.Int(1), term.Int(term.MaxSmall), p.Heap.Float(1.5))})
		words := tab.Words()
		for _, c := range []struct {
			Counter
			want int
			ok   bool
		}{
			{Counter{Pos: 2, Incr: 4}, 5, true},
			{Counter{Pos: 2, Incr: 4, Limited: true, Limit: 9, Set: 0}, 9, true},
			{Counter{Pos: 2, Incr: 4, Limited: true, Limit: 9, Set: 1}, 1, true},
			{Counter{Pos: 2, Incr: -4, Limited: true, Limit: -2, Set: 7}, 7, true},
			{Counter{Pos: 3, Incr: 1}, 0, false}, // becomes a large number
			{Counter{Pos: 3, Incr: -1}, term.MaxSmall - 1, true},
			{Counter{Pos: 4, Incr: 1}, 0, false},
			{Counter{Pos: 1, Incr: 1}, 0, false},
			{Counter{Pos: 5, Incr: 1}, 0, false},
		} {
			v, ok := tab.Step(key, c.Counter)
			require.Equal(t, c.ok, ok, "%+v", c)
			if ok {
				require.Equal(t, term.Int(c.want), v)
				require.Equal(t, v, tab.Lookup(&p.Heap, key).Head().Elem(c.Pos-1))
			}
		}
		_, ok := tab.Step(term.Intern("b"), Counter{Pos: 2, Incr: 1})
		require.False(t, ok)
		require.Equal(t, words, tab.Words())
	}
}
