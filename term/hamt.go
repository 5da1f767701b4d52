package term

import (
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// A map of more than 32 keys is a trie over the 56 bits of keyHash, 4 bits a level from the top, so that an in-order walk visits the keys
// by ascending hash:
//
//	header | kind root, bitmap of 16 | size | children...
//	header | kind node, bitmap of 16 | children...
//	header | kind collision | leaves in key order
//
// A child is a leaf, the cons cell [Key|Value], or a node. The form is canonical: an inner node holds at least two
// leaves, so equal maps have equal tries whatever their history.

const trieLevels = keyHashBits / 4

func nibble(hash uint64, level int) uint { return uint(hash>>(keyHashBits-4-4*level)) & 15 }

// nodeShape reads a node's header: the index of the first child's word, the bitmap, the number of children.
func nodeShape(node Term) (first int, bitmap uint16, n int) {
	hdr := *node.Words()
	first = 1
	n = payload(hdr)
	if hdr&mapKindMask == mapRoot {
		first = 2
		n--
	}
	return first, uint16(hdr >> mapBitmapShift), n
}

func childIndex(bitmap uint16, nib uint) int { return bits.OnesCount16(bitmap & (1<<nib - 1)) }

func trieGet(m, k Term) Term {
	hash := keyHash(k)
	node := m
	first := 2
	for level := 0; ; level++ {
		hdr := *node.Words()
		if level == trieLevels {
			for i := 1; i <= payload(hdr); i++ {
				if leaf := Term(node.Word(i)); leaf.Head() == k || ExactEqual(leaf.Head(), k) {
					return leaf.Tail()
				}
			}
			return None
		}
		bitmap, nib := uint16(hdr>>mapBitmapShift), nibble(hash, level)
		if bitmap>>nib&1 == 0 {
			return None
		}
		child := Term(node.Word(first + childIndex(bitmap, nib)))
		if child.IsCons() {
			if key := child.Head(); key == k || !key.IsImmediate() && ExactEqual(key, k) {
				return child.Tail()
			}
			return None
		}
		node, first = child, 1
	}
}

// newNode makes a node with room for n children; the first child's word is its address plus 1.
func (h *Heap) newNode(kind uint64, bitmap uint16, n int) uintptr {
	a := h.Alloc(1 + n)
	store(a, 0, Header(SubMap, n)|kind|uint64(bitmap)<<mapBitmapShift)
	return a
}

// copyNode makes a copy of a node with the child at i replaced (grow 0), inserted (grow 1) or left out (grow -1).
func (h *Heap) copyNode(node Term, bitmap uint16, i, grow int, child Term) Term {
	hdr := *node.Words()
	first, _, n := nodeShape(node)
	a := h.Alloc(first + n + grow)
	store(a, 0, Header(SubMap, first-1+n+grow)|hdr&mapKindMask|uint64(bitmap)<<mapBitmapShift)
	if first == 2 {
		store(a, 1, node.Word(1))
	}
	copyWords(a+uintptr(first)*WordBytes, node.Addr()+uintptr(first)*WordBytes, i)
	to := first + i
	if grow >= 0 {
		store(a, to, uint64(child))
		to++
	}
	from := first + i
	if grow <= 0 {
		from++
	}
	copyWords(a+uintptr(to)*WordBytes, node.Addr()+uintptr(from)*WordBytes, first+n-from)
	return MakeBoxed(a)
}

func (h *Heap) triePut(m, k, v Term) Term {
	r, grew := h.nodePut(m, 0, keyHash(k), k, v)
	if grew {
		r.SetWord(1, uint64(Int(MapSize(m)+1)))
	}
	return r
}

// nodePut gives the node with the key set; it is the same node when nothing changed.
func (h *Heap) nodePut(node Term, level int, hash uint64, k, v Term) (r Term, grew bool) {
	if level == trieLevels {
		n := payload(*node.Words())
		i := 0
		for ; i < n; i++ {
			leaf := Term(node.Word(1 + i))
			c := CompareKeys(k, leaf.Head())
			if c == 0 {
				if leaf.Tail() == v {
					return node, false
				}
				return h.copyNode(node, 0, i, 0, h.Cons(leaf.Head(), v)), false
			}
			if c < 0 {
				break
			}
		}
		return h.copyNode(node, 0, i, 1, h.Cons(k, v)), true
	}
	first, bitmap, _ := nodeShape(node)
	nib := nibble(hash, level)
	i := childIndex(bitmap, nib)
	if bitmap>>nib&1 == 0 {
		return h.copyNode(node, bitmap|1<<nib, i, 1, h.Cons(k, v)), true
	}
	child := Term(node.Word(first + i))
	if child.IsCons() {
		key := child.Head()
		if key == k || ExactEqual(key, k) {
			if child.Tail() == v {
				return node, false
			}
			return h.copyNode(node, bitmap, i, 0, h.Cons(key, v)), false
		}
		sub := h.twoLeaves(level+1, child, keyHash(key), h.Cons(k, v), hash)
		return h.copyNode(node, bitmap, i, 0, sub), true
	}
	sub, grew := h.nodePut(child, level+1, hash, k, v)
	if sub == child {
		return node, false
	}
	return h.copyNode(node, bitmap, i, 0, sub), grew
}

// twoLeaves makes the smallest subtrie for two leaves whose hashes agree above level.
func (h *Heap) twoLeaves(level int, a Term, hashA uint64, b Term, hashB uint64) Term {
	if level == trieLevels {
		if CompareKeys(a.Head(), b.Head()) > 0 {
			a, b = b, a
		}
		n := h.newNode(mapCollision, 0, 2)
		store(n, 1, uint64(a))
		store(n, 2, uint64(b))
		return MakeBoxed(n)
	}
	na, nb := nibble(hashA, level), nibble(hashB, level)
	if na == nb {
		sub := h.twoLeaves(level+1, a, hashA, b, hashB)
		n := h.newNode(mapNode, 1<<na, 1)
		store(n, 1, uint64(sub))
		return MakeBoxed(n)
	}
	if na > nb {
		a, b = b, a
	}
	n := h.newNode(mapNode, 1<<na|1<<nb, 2)
	store(n, 1, uint64(a))
	store(n, 2, uint64(b))
	return MakeBoxed(n)
}

func (h *Heap) trieRemove(m, k Term) Term {
	size := MapSize(m)
	if trieGet(m, k) == None {
		return m
	}
	if size == MaxFlatMap+1 {
		pairs := make([]Term, 0, 2*size)
		trieEach(m, func(key, v Term) bool {
			if key != k && !ExactEqual(key, k) {
				pairs = append(pairs, key, v)
			}
			return true
		})
		return h.MapFromPairs(pairs)
	}
	r := h.nodeRemove(m, 0, keyHash(k), k)
	r.SetWord(1, uint64(Int(size-1)))
	return r
}

// nodeRemove gives the node without the key, which it has: None when nothing is left, and just the leaf when one is.
func (h *Heap) nodeRemove(node Term, level int, hash uint64, k Term) Term {
	first, bitmap, n := nodeShape(node)
	if level == trieLevels {
		i := 0
		for !ExactEqual(Term(node.Word(1+i)).Head(), k) {
			i++
		}
		if n == 2 {
			return Term(node.Word(2 - i))
		}
		return h.copyNode(node, 0, i, -1, None)
	}
	nib := nibble(hash, level)
	i := childIndex(bitmap, nib)
	child := Term(node.Word(first + i))
	sub := None
	if !child.IsCons() {
		sub = h.nodeRemove(child, level+1, hash, k)
	}
	if level > 0 {
		if sub != None && n == 1 && sub.IsCons() {
			return sub
		}
		if sub == None && n == 2 {
			if other := Term(node.Word(first + 1 - i)); other.IsCons() {
				return other
			}
		}
	}
	if sub == None {
		return h.copyNode(node, bitmap&^(1<<nib), i, -1, None)
	}
	return h.copyNode(node, bitmap, i, 0, sub)
}

type trieEntry struct {
	hash uint64
	k, v Term
}

// trieFromPairs makes a map from more than 32 pairs; duplicates may leave a flat one.
func (h *Heap) trieFromPairs(pairs []Term) Term {
	entries := make([]trieEntry, len(pairs)/2)
	for i := range entries {
		entries[i] = trieEntry{keyHash(pairs[2*i]), pairs[2*i], pairs[2*i+1]}
	}
	slices.SortStableFunc(entries, func(a, b trieEntry) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return CompareKeys(a.k, b.k)
	})
	n := 0
	for i, e := range entries {
		if i+1 < len(entries) && entries[i+1].hash == e.hash && CompareKeys(entries[i+1].k, e.k) == 0 {
			continue
		}
		entries[n] = e
		n++
	}
	entries = entries[:n]
	if n <= MaxFlatMap {
		pairs = pairs[:0]
		for _, e := range entries {
			pairs = append(pairs, e.k, e.v)
		}
		return h.MapFromPairs(pairs)
	}
	return h.trieBuild(entries, 0)
}

// trieBuild makes the subtrie of two or more entries sorted by hash and key; at level 0, the root.
func (h *Heap) trieBuild(entries []trieEntry, level int) Term {
	if level == trieLevels {
		a := h.newNode(mapCollision, 0, len(entries))
		for i, e := range entries {
			store(a, 1+i, uint64(h.Cons(e.k, e.v)))
		}
		return MakeBoxed(a)
	}
	var bitmap uint16
	for _, e := range entries {
		bitmap |= 1 << nibble(e.hash, level)
	}
	n := bits.OnesCount16(bitmap)
	var a uintptr
	first := 1
	if level == 0 {
		first = 2
		a = h.newNode(mapRoot, bitmap, n+1)
		store(a, 1, uint64(Int(len(entries))))
	} else {
		a = h.newNode(mapNode, bitmap, n)
	}
	for i := first; len(entries) > 0; i++ {
		nib := nibble(entries[0].hash, level)
		j := 1
		for j < len(entries) && nibble(entries[j].hash, level) == nib {
			j++
		}
		child := None
		if j == 1 {
			child = h.Cons(entries[0].k, entries[0].v)
		} else {
			child = h.trieBuild(entries[:j], level+1)
		}
		store(a, i, uint64(child))
		entries = entries[j:]
	}
	return MakeBoxed(a)
}

func trieEach(node Term, f func(k, v Term) bool) bool {
	first, _, n := nodeShape(node)
	for i := range n {
		child := Term(node.Word(first + i))
		if child.IsCons() {
			if !f(child.Head(), child.Tail()) {
				return false
			}
		} else if !trieEach(child, f) {
			return false
		}
	}
	return true
}

// trieMerge merges two tries; b's values win.
func (h *Heap) trieMerge(a, b Term) Term {
	r, twice := h.nodeMerge(a, b, 0)
	if r != a && r != b {
		r.SetWord(1, uint64(Int(MapSize(a)+MapSize(b)-twice)))
	}
	return r
}

// nodeMerge merges two nodes of the same level, and counts the keys that are in both.
func (h *Heap) nodeMerge(a, b Term, level int) (r Term, twice int) {
	if a == b {
		trieEach(a, func(_, _ Term) bool { twice++; return true })
		return a, twice
	}
	firstA, bitsA, na := nodeShape(a)
	firstB, bitsB, nb := nodeShape(b)
	if level == trieLevels {
		r = a
		for i := range nb {
			leaf := Term(b.Word(1 + i))
			next, grew := h.nodePut(r, level, 0, leaf.Head(), leaf.Tail())
			if !grew {
				twice++
			}
			r = next
		}
		if r == a && na == nb {
			r = b
		}
		return r, twice
	}
	union := bitsA | bitsB
	n := bits.OnesCount16(union)
	var kids [16]Term
	for i, rest := 0, union; rest != 0; i++ {
		nib := uint(bits.TrailingZeros16(rest))
		rest &= rest - 1
		inA, inB := bitsA>>nib&1 != 0, bitsB>>nib&1 != 0
		var ca, cb Term
		if inA {
			ca = Term(a.Word(firstA + childIndex(bitsA, nib)))
		}
		if inB {
			cb = Term(b.Word(firstB + childIndex(bitsB, nib)))
		}
		switch {
		case !inB:
			kids[i] = ca
		case !inA:
			kids[i] = cb
		default:
			c, t := h.childMerge(ca, cb, level+1)
			kids[i] = c
			twice += t
		}
	}
	a2 := uintptr(0)
	first := 1
	if level == 0 {
		first = 2
		a2 = h.newNode(mapRoot, union, n+1)
	} else {
		a2 = h.newNode(mapNode, union, n)
	}
	for i := range n {
		store(a2, first+i, uint64(kids[i]))
	}
	return MakeBoxed(a2), twice
}

func (h *Heap) childMerge(a, b Term, level int) (Term, int) {
	switch {
	case a.IsCons() && b.IsCons():
		if a.Head() == b.Head() || ExactEqual(a.Head(), b.Head()) {
			return b, 1
		}
		return h.twoLeaves(level, a, keyHash(a.Head()), b, keyHash(b.Head())), 0
	case b.IsCons():
		r, grew := h.nodePut(a, level, keyHash(b.Head()), b.Head(), b.Tail())
		return r, count(!grew)
	case a.IsCons():
		hash := keyHash(a.Head())
		if v := nodeGet(b, level, hash, a.Head()); v != None {
			return b, 1
		}
		r, _ := h.nodePut(b, level, hash, a.Head(), a.Tail())
		return r, 0
	}
	return h.nodeMerge(a, b, level)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nodeGet is trieGet below the root.
func nodeGet(node Term, level int, hash uint64, k Term) (v Term) {
	for ; level < trieLevels; level++ {
		first, bitmap, _ := nodeShape(node)
		nib := nibble(hash, level)
		if bitmap>>nib&1 == 0 {
			return None
		}
		child := Term(node.Word(first + childIndex(bitmap, nib)))
		if child.IsCons() {
			if ExactEqual(child.Head(), k) {
				return child.Tail()
			}
			return None
		}
		node = child
	}
	trieEach(node, func(key, val Term) bool {
		if ExactEqual(key, k) {
			v = val
		}
		return v == None
	})
	return v
}

// MapNext gives up to max pairs of a map from a position on, and the position behind them; done is true when there are
// no more. The first position is None; others are natural numbers, so that an Erlang process can keep them.
func (h *Heap) MapNext(m, pos Term, max int) (pairs []Term, next Term, done bool) {
	if IsFlatMap(m) {
		i := 0
		if pos != None && pos.IsSmall() {
			i = pos.Small()
		}
		keys, n := Term(m.Word(flatKeys)), MapSize(m)
		for ; i < n && max > 0; i, max = i+1, max-1 {
			pairs = append(pairs, keys.Elem(i), Term(m.Word(flatValues+i)))
		}
		return pairs, Int(i), i >= n
	}
	w := trieWalk{max: max}
	if pos != None {
		w.from, w.skip = triePlace(pos)
	}
	w.node(m, 0, 0)
	if !w.more {
		return w.pairs, Nil, true
	}
	if w.seen == 1 {
		return w.pairs, h.Uint64(w.hash + 1), false
	}
	z := new(big.Int).Lsh(big.NewInt(int64(w.seen)), 64)
	return w.pairs, h.BigInt(z.Add(z, new(big.Int).SetUint64(w.hash+1))), false
}

// triePlace reads a position: the hash of the last leaf passed plus one, and how many leaves with that hash were passed in the bits above 64 (1 is left out).
func triePlace(pos Term) (hash uint64, seen int) {
	z := pos.BigInt()
	low := new(big.Int).And(z, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	seen = int(z.Rsh(z, 64).Int64())
	return max(low, 1) - 1, max(seen, 1)
}

// trieWalk collects leaves from a hash on, skipping the first ones with exactly that hash.
type trieWalk struct {
	from  uint64
	skip  int
	max   int
	pairs []Term
	hash  uint64 // of the last leaf collected
	seen  int    // leaves with that hash up to there
	more  bool
}

// node visits a node whose leaves' hashes start with the bits of prefix.
func (w *trieWalk) node(node Term, level int, prefix uint64) {
	first, bitmap, n := nodeShape(node)
	for i := range n {
		child := Term(node.Word(first + i))
		sub := prefix
		if level < trieLevels {
			nib := uint64(bits.TrailingZeros16(bitmap))
			bitmap &= bitmap - 1
			shift := uint(keyHashBits - 4 - 4*level)
			sub |= nib << shift
			if sub>>shift < w.from>>shift {
				continue
			}
		}
		if !child.IsCons() {
			w.node(child, level+1, sub)
		} else {
			w.leaf(child)
		}
		if w.more {
			return
		}
	}
}

func (w *trieWalk) leaf(leaf Term) {
	hash := keyHash(leaf.Head())
	if hash < w.from {
		return
	}
	if hash == w.from && w.skip > 0 {
		w.skip--
		if w.hash != hash {
			w.hash, w.seen = hash, 0
		}
		w.seen++
		return
	}
	if len(w.pairs)/2 == w.max {
		w.more = true
		return
	}
	if hash != w.hash || w.seen == 0 {
		w.hash, w.seen = hash, 0
	}
	w.seen++
	w.pairs = append(w.pairs, leaf.Head(), leaf.Tail())
}
