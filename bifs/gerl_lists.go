package bifs

import (
	"slices"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Sorting for module lists, which sorts pieces of a bounded size here and merges them in Erlang, so that no call keeps a
// worker for long.

// keyed is an element with the key that it is sorted by.
type keyed struct{ key, t term.Term }

// mergeSort sorts stably by key in the standard order, bottom-up from runs sorted by insertion.
func mergeSort(a []keyed) {
	compare := term.Compare
	small := true
	for i := range a {
		if !a[i].key.IsSmall() {
			small = false
			break
		}
	}
	if small { // smalls compare like the words that hold them
		compare = func(x, y term.Term) int {
			switch {
			case int64(x) < int64(y):
				return -1
			case x == y:
				return 0
			}
			return 1
		}
	}
	const run = 12
	for lo := 0; lo < len(a); lo += run {
		part := a[lo:min(lo+run, len(a))]
		for i := 1; i < len(part); i++ {
			x := part[i]
			j := i
			for ; j > 0 && compare(x.key, part[j-1].key) < 0; j-- {
				part[j] = part[j-1]
			}
			part[j] = x
		}
	}
	src, dst := a, make([]keyed, len(a))
	for width := run; width < len(a); width *= 2 {
		for lo := 0; lo < len(a); lo += 2 * width {
			mid, hi := min(lo+width, len(a)), min(lo+2*width, len(a))
			if mid == hi || compare(src[mid-1].key, src[mid].key) <= 0 {
				copy(dst[lo:hi], src[lo:hi])
				continue
			}
			i, j := lo, mid
			for k := lo; k < hi; k++ {
				if j == hi || i < mid && compare(src[i].key, src[j].key) <= 0 {
					dst[k] = src[i]
					i++
				} else {
					dst[k] = src[j]
					j++
				}
			}
		}
		src, dst = dst, src
	}
	if len(a) > 0 && &src[0] != &a[0] {
		copy(a, src)
	}
}

// sortPiece takes n elements off a list, which has as many.
func sortPiece(p *proc.Process, n, l term.Term, keyOf func(t term.Term) (term.Term, bool)) (a []keyed, rest term.Term, ok bool) {
	count, ok := smallIn(n, 0, 1<<20)
	if !ok {
		return nil, term.None, false
	}
	a = make([]keyed, 0, count)
	for ; count > 0; count-- {
		if !l.IsCons() {
			return nil, term.None, false
		}
		k, ok := keyOf(l.Head())
		if !ok {
			return nil, term.None, false
		}
		a = append(a, keyed{k, l.Head()})
		l = l.Tail()
	}
	p.Bump(len(a) / 8)
	return a, l, true
}

func sortedList(p *proc.Process, a []keyed, rest term.Term) term.Term {
	l := make([]term.Term, len(a))
	for i := range a {
		l[i] = a[i].t
	}
	return p.Heap.Tuple(p.Heap.List(l...), rest)
}

// gerl_lists:sort(N, List) -> {Sorted, Rest}: the first N elements sorted, and those behind them.
func gerlListsSort2(p *proc.Process, a []term.Term) term.Term {
	xs, rest, ok := sortPiece(p, a[0], a[1], func(t term.Term) (term.Term, bool) { return t, true })
	if !ok {
		return p.Badarg()
	}
	if !slices.ContainsFunc(xs, func(x keyed) bool { return !x.key.IsSmall() }) {
		slices.SortFunc(xs, func(x, y keyed) int { return int(int64(x.key)>>4 - int64(y.key)>>4) })
	} else {
		mergeSort(xs)
	}
	return sortedList(p, xs, rest)
}

// gerl_lists:keysort(N, Pos, List) -> {Sorted, Rest} | false: false when one of the N elements is no tuple with an element Pos.
func gerlListsKeysort3(p *proc.Process, a []term.Term) term.Term {
	pos, ok := smallIn(a[1], 1, maxInt)
	if !ok {
		return p.Badarg()
	}
	xs, rest, ok := sortPiece(p, a[0], a[2], func(t term.Term) (term.Term, bool) {
		if !t.IsTuple() || t.Arity() < pos {
			return term.None, false
		}
		return t.Elem(pos - 1), true
	})
	if !ok {
		return term.AtomFalse
	}
	mergeSort(xs)
	return sortedList(p, xs, rest)
}
