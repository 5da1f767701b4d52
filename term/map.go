package term

import "slices"

// Maps of up to 32 keys are flat; the keys are sorted in key order (CompareKeys) in a tuple of their own that
// maps with the same keys share:
//
//	header(SubMap, 2+n) | size | tuple of keys, [] when empty | values...
//
// Larger ones are hash array mapped tries (Bagwell 2001) in canonical form, see hamt.go. Word 1 is the size, a small
// integer, in both.

// MaxFlatMap is the largest number of keys of a flat map.
const MaxFlatMap = 32

const (
	mapKindShift   = 38
	mapKindMask    = 3 << mapKindShift
	mapRoot        = 1 << mapKindShift // root of a trie
	mapNode        = 2 << mapKindShift // inner node
	mapCollision   = 3 << mapKindShift // leaves whose keys have the same hash
	mapBitmapShift = 40

	flatKeys   = 2
	flatValues = 3
)

// IsFlatMap reports whether map m is flat.
func IsFlatMap(m Term) bool { return *m.Words()&mapKindMask == 0 }

// MapSize is the number of keys of a map.
func MapSize(m Term) int { return Term(m.Word(1)).Small() }

// EmptyMap makes #{}.
func (h *Heap) EmptyMap() Term { return h.flatMap(Nil, 0) }

// flatMap makes a flat map whose values the caller fills in.
func (h *Heap) flatMap(keys Term, n int) Term {
	a := h.Alloc(flatValues + n)
	store(a, 0, Header(SubMap, 2+n))
	store(a, 1, uint64(Int(n)))
	store(a, flatKeys, uint64(keys))
	return MakeBoxed(a)
}

// flatFind gives the place of key k in a flat map: found, or where it belongs.
func flatFind(m, k Term) (i int, found bool) {
	n := MapSize(m)
	if n == 0 {
		return 0, false
	}
	keys := Term(m.Word(flatKeys))
	for i := range n {
		if keys.Elem(i) == k {
			return i, true
		}
	}
	for i := range n {
		c := CompareKeys(k, keys.Elem(i))
		if c <= 0 {
			return i, c == 0
		}
	}
	return n, false
}

// MapGet gives the value of key k in map m; ok is false when there is none.
func MapGet(m, k Term) (v Term, ok bool) {
	if !IsFlatMap(m) {
		v = trieGet(m, k)
		return v, v != None
	}
	n := MapSize(m)
	if n == 0 {
		return None, false
	}
	keys := Term(m.Word(flatKeys))
	if k.IsImmediate() {
		for i := range n {
			if keys.Elem(i) == k {
				return Term(m.Word(flatValues + i)), true
			}
		}
		return None, false
	}
	for i := range n {
		if e := keys.Elem(i); e == k || !e.IsImmediate() && ExactEqual(e, k) {
			return Term(m.Word(flatValues + i)), true
		}
	}
	return None, false
}

// MapPut gives map m with key k set to v.
func (h *Heap) MapPut(m, k, v Term) Term {
	if !IsFlatMap(m) {
		return h.triePut(m, k, v)
	}
	i, found := flatFind(m, k)
	if found {
		return h.flatReplace(m, i, v)
	}
	n := MapSize(m)
	if n == MaxFlatMap {
		pairs := make([]Term, 0, 2*(n+1))
		for j := range n {
			pairs = append(pairs, Term(m.Word(flatKeys)).Elem(j), Term(m.Word(flatValues+j)))
		}
		return h.MapFromPairs(append(pairs, k, v))
	}
	keys := h.NewTuple(n + 1)
	r := h.flatMap(keys, n+1)
	for j := range n {
		to := j
		if j >= i {
			to++
		}
		keys.SetElem(to, Term(m.Word(flatKeys)).Elem(j))
		r.SetWord(flatValues+to, m.Word(flatValues+j))
	}
	keys.SetElem(i, k)
	r.SetWord(flatValues+i, uint64(v))
	return r
}

func (h *Heap) flatReplace(m Term, i int, v Term) Term {
	if Term(m.Word(flatValues+i)) == v {
		return m
	}
	n := MapSize(m)
	a := h.Alloc(flatValues + n)
	copyWords(a, m.Addr(), flatValues+n)
	store(a, flatValues+i, uint64(v))
	return MakeBoxed(a)
}

// flatUpdateMax is how many keys FlatUpdate takes.
const flatUpdateMax = 8

// FlatUpdate gives flat map m with some values replaced: kv is key, value, ..., the keys immediates that m has, at most flatUpdateMax. In all
// other cases it gives None.
func (h *Heap) FlatUpdate(m Term, kv []Term) Term {
	if !IsFlatMap(m) || len(kv) > 2*flatUpdateMax {
		return None
	}
	n := MapSize(m)
	if n == 0 {
		return None
	}
	keys := wordsAt(Term(m.Word(flatKeys)).Addr()+WordBytes, n)
	var places [flatUpdateMax]int
	same := true
	for i := 0; i < len(kv); i += 2 {
		k := kv[i]
		if !k.IsImmediate() {
			return None
		}
		j := 0
		for j < n && keys[j] != k {
			j++
		}
		if j == n {
			return None
		}
		places[i>>1] = j
		same = same && Term(m.Word(flatValues+j)) == kv[i+1]
	}
	if same {
		return m
	}
	a := h.Alloc(flatValues + n)
	copyWords(a, m.Addr(), flatValues+n)
	for i := 1; i < len(kv); i += 2 {
		store(a, flatValues+places[i>>1], uint64(kv[i]))
	}
	return MakeBoxed(a)
}

// MapUpdate is MapPut for a key that must exist; ok is false when it does not.
func (h *Heap) MapUpdate(m, k, v Term) (r Term, ok bool) {
	if !IsFlatMap(m) {
		if trieGet(m, k) == None {
			return None, false
		}
		return h.triePut(m, k, v), true
	}
	i, found := flatFind(m, k)
	if !found {
		return None, false
	}
	return h.flatReplace(m, i, v), true
}

// MapPutAll sets keys to values (kv: k1, v1, k2, v2, ...); later pairs win (the put_map_assoc instruction).
func (h *Heap) MapPutAll(m Term, kv []Term) Term {
	if IsFlatMap(m) && len(kv) > 2 {
		n := MapSize(m)
		pairs := make([]Term, 0, 2*n+len(kv))
		fresh := false
		for i := 0; i < len(kv) && !fresh; i += 2 {
			_, found := flatFind(m, kv[i])
			fresh = !found
		}
		if !fresh {
			r, _ := h.MapUpdateAll(m, kv)
			return r
		}
		for j := range n {
			pairs = append(pairs, Term(m.Word(flatKeys)).Elem(j), Term(m.Word(flatValues+j)))
		}
		return h.MapFromPairs(append(pairs, kv...))
	}
	for i := 0; i < len(kv); i += 2 {
		m = h.MapPut(m, kv[i], kv[i+1])
	}
	return m
}

// MapUpdateAll is MapPutAll for keys that must all exist (the put_map_exact instruction); when one does not, the result is that key and
// ok is false.
func (h *Heap) MapUpdateAll(m Term, kv []Term) (r Term, ok bool) {
	if IsFlatMap(m) {
		n := MapSize(m)
		a := h.Alloc(flatValues + n)
		copyWords(a, m.Addr(), flatValues+n)
		for i := 0; i < len(kv); i += 2 {
			j, found := flatFind(m, kv[i])
			if !found {
				return kv[i], false
			}
			store(a, flatValues+j, uint64(kv[i+1]))
		}
		return MakeBoxed(a), true
	}
	for i := 0; i < len(kv); i += 2 {
		r, ok := h.MapUpdate(m, kv[i], kv[i+1])
		if !ok {
			return kv[i], false
		}
		m = r
	}
	return m, true
}

// MapRemove gives map m without key k.
func (h *Heap) MapRemove(m, k Term) Term {
	if !IsFlatMap(m) {
		return h.trieRemove(m, k)
	}
	i, found := flatFind(m, k)
	if !found {
		return m
	}
	n := MapSize(m)
	if n == 1 {
		return h.EmptyMap()
	}
	keys := h.NewTuple(n - 1)
	r := h.flatMap(keys, n-1)
	for j, to := 0, 0; j < n; j++ {
		if j == i {
			continue
		}
		keys.SetElem(to, Term(m.Word(flatKeys)).Elem(j))
		r.SetWord(flatValues+to, m.Word(flatValues+j))
		to++
	}
	return r
}

// MapFromPairs makes a map of k1, v1, k2, v2, ...; of equal keys the last wins. It reorders pairs.
func (h *Heap) MapFromPairs(pairs []Term) Term {
	n := len(pairs) / 2
	if n == 0 {
		return h.EmptyMap()
	}
	if n > MaxFlatMap {
		return h.trieFromPairs(pairs)
	}
	// Stable insertion sort: pairs mostly come in order.
	for i := 1; i < n; i++ {
		for j := i; j > 0 && CompareKeys(pairs[2*j-2], pairs[2*j]) > 0; j-- {
			pairs[2*j-2], pairs[2*j] = pairs[2*j], pairs[2*j-2]
			pairs[2*j-1], pairs[2*j+1] = pairs[2*j+1], pairs[2*j-1]
		}
	}
	m := 0
	for i := range n {
		if i+1 < n && CompareKeys(pairs[2*i], pairs[2*i+2]) == 0 {
			continue
		}
		pairs[2*m], pairs[2*m+1] = pairs[2*i], pairs[2*i+1]
		m++
	}
	return h.flatFromSorted(pairs[:2*m])
}

// flatFromSorted makes a flat map of pairs that are sorted by key and have no duplicates.
func (h *Heap) flatFromSorted(pairs []Term) Term {
	n := len(pairs) / 2
	if n == 0 {
		return h.EmptyMap()
	}
	keys := h.NewTuple(n)
	m := h.flatMap(keys, n)
	for i := range n {
		keys.SetElem(i, pairs[2*i])
		m.SetWord(flatValues+i, uint64(pairs[2*i+1]))
	}
	return m
}

// MapWithValues makes a map of m's keys and other values, which come in the order of MapEach. Flat maps share their keys.
func (h *Heap) MapWithValues(m Term, values []Term) Term {
	n := MapSize(m)
	if n == 0 {
		return m
	}
	if !IsFlatMap(m) {
		pairs := MapPairs(make([]Term, 0, 2*n), m)
		for i, v := range values {
			pairs[2*i+1] = v
		}
		return h.trieFromPairs(pairs)
	}
	r := h.flatMap(Term(m.Word(flatKeys)), n)
	for i, v := range values {
		r.SetWord(flatValues+i, uint64(v))
	}
	return r
}

// MapEach visits keys and values until f returns false: maps of up to 32 keys in the order of their keys (CompareKeys), larger ones in
// the order of the keys' hashes, which is the same in every run.
func MapEach(m Term, f func(k, v Term) bool) {
	if !IsFlatMap(m) {
		trieEach(m, f)
		return
	}
	keys := Term(m.Word(flatKeys))
	for i := range MapSize(m) {
		if !f(keys.Elem(i), Term(m.Word(flatValues+i))) {
			return
		}
	}
}

// MapPairs appends k1, v1, k2, v2, ... in MapEach's order.
func MapPairs(dst []Term, m Term) []Term {
	MapEach(m, func(k, v Term) bool {
		dst = append(dst, k, v)
		return true
	})
	return dst
}

// MapSortedPairs is MapPairs in key order whatever the size, as comparison and deterministic output need it.
func MapSortedPairs(m Term) []Term {
	pairs := MapPairs(make([]Term, 0, 2*MapSize(m)), m)
	if IsFlatMap(m) {
		return pairs
	}
	type pair struct{ k, v Term }
	ps := make([]pair, len(pairs)/2)
	for i := range ps {
		ps[i] = pair{pairs[2*i], pairs[2*i+1]}
	}
	slices.SortFunc(ps, func(a, b pair) int { return CompareKeys(a.k, b.k) })
	for i, p := range ps {
		pairs[2*i], pairs[2*i+1] = p.k, p.v
	}
	return pairs
}

// MapKeys and MapValues make lists in MapEach's order.
func (h *Heap) MapKeys(m Term) Term { return h.mapList(m, func(k, _ Term) Term { return k }) }

// MapValues makes the list of the values.
func (h *Heap) MapValues(m Term) Term { return h.mapList(m, func(_, v Term) Term { return v }) }

func (h *Heap) mapList(m Term, pick func(k, v Term) Term) Term {
	n := MapSize(m)
	if n == 0 {
		return Nil
	}
	a := h.Alloc(2 * n)
	at := a
	MapEach(m, func(k, v Term) bool {
		store(at, 0, uint64(pick(k, v)))
		at += 2 * WordBytes
		store(at, -1, uint64(MakeCons(at)))
		return true
	})
	store(at, -1, uint64(Nil))
	return MakeCons(a)
}

// MapMerge gives the union of two maps; where both have a key, b's value wins.
func (h *Heap) MapMerge(a, b Term) Term {
	na, nb := MapSize(a), MapSize(b)
	switch {
	case na == 0:
		return b
	case nb == 0:
		return a
	case !IsFlatMap(a) && !IsFlatMap(b):
		return h.trieMerge(a, b)
	case IsFlatMap(a) && IsFlatMap(b):
		if a.Word(flatKeys) == b.Word(flatKeys) {
			return b
		}
		return h.MapFromPairs(MapPairs(MapPairs(make([]Term, 0, 2*(na+nb)), a), b))
	case IsFlatMap(b):
		MapEach(b, func(k, v Term) bool {
			a = h.MapPut(a, k, v)
			return true
		})
		return a
	}
	MapEach(a, func(k, v Term) bool {
		if trieGet(b, k) == None {
			b = h.triePut(b, k, v)
		}
		return true
	})
	return b
}
