package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

var (
	atomValue    = term.Intern("value")
	atomIterator = term.Intern("iterator")
)

func mapGet(p *proc.Process, m, k term.Term) term.Term {
	if !m.IsMap() {
		return badmap(p, m)
	}
	v, ok := term.MapGet(m, k)
	if !ok {
		return badkey(p, k)
	}
	return v
}

func isMapKey(p *proc.Process, m, k term.Term) term.Term {
	if !m.IsMap() {
		return badmap(p, m)
	}
	_, ok := term.MapGet(m, k)
	return term.Bool(ok)
}

func erlangMapSize1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsMap() {
		return badmap(p, a[0])
	}
	return term.Int(term.MapSize(a[0]))
}

func erlangMapGet2(p *proc.Process, a []term.Term) term.Term   { return mapGet(p, a[1], a[0]) }
func erlangIsMapKey2(p *proc.Process, a []term.Term) term.Term { return isMapKey(p, a[1], a[0]) }
func mapsGet2(p *proc.Process, a []term.Term) term.Term        { return mapGet(p, a[1], a[0]) }
func mapsIsKey2(p *proc.Process, a []term.Term) term.Term      { return isMapKey(p, a[1], a[0]) }

func mapsFind2(p *proc.Process, a []term.Term) term.Term {
	if !a[1].IsMap() {
		return badmap(p, a[1])
	}
	v, ok := term.MapGet(a[1], a[0])
	if !ok {
		return term.AtomError
	}
	return p.Heap.Tuple(term.AtomOk, v)
}

func mapsFromList1(p *proc.Process, a []term.Term) term.Term {
	n := 0
	l := a[0]
	for ; l.IsCons(); l = l.Tail() {
		n++
	}
	pairs := make([]term.Term, 0, 2*n)
	for l = a[0]; l.IsCons(); l = l.Tail() {
		x := l.Head()
		if !x.TupleOf(2) {
			return p.Badarg()
		}
		pairs = append(pairs, x.Elem(0), x.Elem(1))
	}
	if !l.IsNil() {
		return p.Badarg()
	}
	p.Bump(len(pairs) / 20)
	return p.Heap.MapFromPairs(pairs)
}

func mapsFromKeys2(p *proc.Process, a []term.Term) term.Term {
	keys, ok := listElems(a[0])
	if !ok {
		return p.Badarg()
	}
	pairs := make([]term.Term, 0, 2*len(keys))
	for _, k := range keys {
		pairs = append(pairs, k, a[1])
	}
	p.Bump(len(keys) / 10)
	return p.Heap.MapFromPairs(pairs)
}

func mapsKeys1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsMap() {
		return badmap(p, a[0])
	}
	if term.MapSize(a[0]) > walkPiece {
		return mapInPieces(p, a, func(k, _ term.Term) term.Term { return k })
	}
	return p.Heap.MapKeys(a[0])
}

func mapsValues1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsMap() {
		return badmap(p, a[0])
	}
	if term.MapSize(a[0]) > walkPiece {
		return mapInPieces(p, a, func(_, v term.Term) term.Term { return v })
	}
	return p.Heap.MapValues(a[0])
}

// walkPiece is how many pairs of a large map a slice goes through.
const walkPiece = 20000

// mapInPieces lists a large map, from its end, and gives way between the pieces.
func mapInPieces(p *proc.Process, a []term.Term, pick func(k, v term.Term) term.Term) term.Term {
	walk := new(term.MapWalk)
	list := p.Protect(term.Nil)
	var piece proc.BIF
	piece = func(p *proc.Process, a []term.Term) term.Term {
		l := list.Terms[0]
		more := walk.Back(a[0], walkPiece, func(k, v term.Term) { l = p.Heap.Cons(pick(k, v), l) })
		p.Bump(walkPiece / 20)
		if more {
			list.Terms[0] = l
			return p.YieldBIF(piece)
		}
		p.Release(list)
		return l
	}
	return piece(p, a)
}

var atomMaps, atomIteratorToList = term.Intern("maps"), term.Intern("iterator_to_list")

// mapsToList1: what is no map may be an iterator, which Erlang code knows.
func mapsToList1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsMap() {
		return p.Trap(atomMaps, atomIteratorToList, a[0])
	}
	kv := term.MapPairs(make([]term.Term, 0, 2*term.MapSize(a[0])), a[0])
	l := term.Nil
	for i := len(kv) - 2; i >= 0; i -= 2 {
		l = p.Heap.Cons(p.Heap.Tuple(kv[i], kv[i+1]), l)
	}
	p.Bump(len(kv) / 20)
	return l
}

// gerl_maps:with_values(Map, Values) -> Map: the same keys with other values, in the order of maps:to_list/1.
func gerlMapsWithValues2(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsMap() {
		return badmap(p, a[0])
	}
	n := term.MapSize(a[0])
	values := make([]term.Term, 0, n)
	l := a[1]
	for ; l.IsCons() && len(values) < n; l = l.Tail() {
		values = append(values, l.Head())
	}
	if l != term.Nil || len(values) < n {
		return p.Badarg()
	}
	p.Bump(n / 20)
	return p.Heap.MapWithValues(a[0], values)
}

func mapsMerge2(p *proc.Process, a []term.Term) term.Term {
	for _, m := range a[:2] {
		if !m.IsMap() {
			return badmap(p, m)
		}
	}
	p.Bump((term.MapSize(a[0]) + term.MapSize(a[1])) / 20)
	return p.Heap.MapMerge(a[0], a[1])
}

func mapsPut3(p *proc.Process, a []term.Term) term.Term {
	if !a[2].IsMap() {
		return badmap(p, a[2])
	}
	return p.Heap.MapPut(a[2], a[0], a[1])
}

func mapsRemove2(p *proc.Process, a []term.Term) term.Term {
	if !a[1].IsMap() {
		return badmap(p, a[1])
	}
	return p.Heap.MapRemove(a[1], a[0])
}

func mapsTake2(p *proc.Process, a []term.Term) term.Term {
	if !a[1].IsMap() {
		return badmap(p, a[1])
	}
	v, ok := term.MapGet(a[1], a[0])
	if !ok {
		return term.AtomError
	}
	return p.Heap.Tuple(v, p.Heap.MapRemove(a[1], a[0]))
}

func mapsUpdate3(p *proc.Process, a []term.Term) term.Term {
	if !a[2].IsMap() {
		return badmap(p, a[2])
	}
	m, ok := p.Heap.MapUpdate(a[2], a[0], a[1])
	if !ok {
		return badkey(p, a[0])
	}
	return m
}

// mapStep is how many associations one call of erts_internal:map_next/3 gives.
const mapStep = 64

// erts_internal:map_next(Position, Map, How) walks a map. Position is 0 at first. How is the atom iterator: the result is none or
// {Key, Value, Next} with Next of the same form or [Position|Map]; or a list to put associations in front of: the
// result is [Position, Map | List] or, at the end, the list alone.
func ertsInternalMapNext3(p *proc.Process, a []term.Term) term.Term {
	pos, m := a[0], a[1]
	if !m.IsMap() || !pos.IsInteger() || term.IntSign(pos) < 0 {
		return p.Badarg()
	}
	h := &p.Heap
	iterator := a[2] == atomIterator
	if !iterator && !a[2].IsList() {
		return p.Badarg()
	}
	if pos == term.Int(0) {
		pos = term.None
	}
	limit := mapStep
	if !iterator {
		limit = 1 << 12
	}
	kv, next, done := h.MapNext(m, pos, limit)
	if iterator {
		t := atomNone
		if !done {
			t = h.Cons(next, m)
		}
		for i := len(kv) - 2; i >= 0; i -= 2 {
			t = h.Tuple(kv[i], kv[i+1], t)
		}
		return t
	}
	l := a[2]
	for i := 0; i < len(kv); i += 2 {
		l = h.Cons(h.Tuple(kv[i], kv[i+1]), l)
	}
	p.Bump(len(kv) / 20)
	if done {
		return l
	}
	return h.Cons(next, h.Cons(m, l))
}

// erts_internal:map_to_tuple_keys(Map): the keys of a small map as a tuple.
func ertsInternalMapToTupleKeys1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsMap() || !term.IsFlatMap(a[0]) {
		return p.Badarg()
	}
	e, _ := listElems(p.Heap.MapKeys(a[0]))
	return p.Heap.Tuple(e...)
}
