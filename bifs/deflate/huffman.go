package deflate

// tree is the Huffman code of one alphabet in one block.
type tree struct {
	freq  []uint32
	codes []code
	max   int // the largest symbol with a code
}

func newTree(n int) tree { return tree{freq: make([]uint32, n), codes: make([]code, n)} }

func (t *tree) reset() {
	for i := range t.freq {
		t.freq[i] = 0
	}
}

// builder makes optimal codes of limited length.
//
// Among equally good codes it finds the one that zlib sends: nodes of equal frequency are taken by their depth, then by the order of a
// binary heap that is kept as zlib keeps it.
type builder struct {
	heap   []int
	n      int
	freq   []uint32
	depth  []uint8
	parent []int
	length []uint8
	order  []int // nodes by falling frequency, filled from the back
}

func (b *builder) less(x, y int) bool {
	return b.freq[x] < b.freq[y] || b.freq[x] == b.freq[y] && b.depth[x] <= b.depth[y]
}

// sift moves the node at k down to its place; the heap begins at 1.
func (b *builder) sift(k int) {
	v := b.heap[k]
	for j := 2 * k; j <= b.n; j *= 2 {
		if j < b.n && b.less(b.heap[j+1], b.heap[j]) {
			j++
		}
		if b.less(v, b.heap[j]) {
			break
		}
		b.heap[k] = b.heap[j]
		k = j
	}
	b.heap[k] = v
}

func (b *builder) pop() int {
	top := b.heap[1]
	b.heap[1] = b.heap[b.n]
	b.n--
	b.sift(1)
	return top
}

// build gives every symbol with a frequency its code. There are always two codes at least, as decoders expect. It gives
// the size of the data in bits with the codes, and with the fixed ones (nil: none).
func (t *tree) build(extra func(sym int) int, fixedCodes []code, limit int) (bits, fixedBits int) {
	symbols := len(t.freq)
	b := &builder{
		heap: make([]int, 2*symbols+2), freq: make([]uint32, 2*symbols+1), depth: make([]uint8, 2*symbols+1),
		parent: make([]int, 2*symbols+1), length: make([]uint8, 2*symbols+1),
	}
	copy(b.freq, t.freq)
	t.max = -1
	for i, f := range t.freq {
		if f > 0 {
			b.n++
			b.heap[b.n] = i
			t.max = i
		}
	}
	for b.n < 2 {
		sym := 0
		if t.max < 2 {
			t.max++
			sym = t.max
		}
		b.n++
		b.heap[b.n] = sym
		b.freq[sym] = 1
		// such a symbol is not in the data: what it would cost is taken off again
		bits--
		if fixedCodes != nil {
			fixedBits -= int(fixedCodes[sym].size)
		}
	}
	for k := b.n / 2; k >= 1; k-- {
		b.sift(k)
	}
	node := symbols
	for b.n >= 2 {
		x := b.pop()
		y := b.heap[1]
		b.order = append(b.order, x, y)
		b.freq[node] = b.freq[x] + b.freq[y]
		b.depth[node] = max(b.depth[x], b.depth[y]) + 1
		b.parent[x], b.parent[y] = node, node
		b.heap[1] = node
		node++
		b.sift(1)
	}
	root := b.heap[1]
	b.order = append(b.order, root)
	var count [maxBits + 1]int
	over := 0
	for i := len(b.order) - 1; i >= 0; i-- {
		n := b.order[i]
		l := 0
		if n != root {
			l = int(b.length[b.parent[n]]) + 1
		}
		if l > limit {
			l = limit
			over++
		}
		b.length[n] = uint8(l)
		if n >= symbols {
			continue
		}
		count[l]++
		x := extra(n)
		bits += int(b.freq[n]) * (l + x)
		if fixedCodes != nil {
			fixedBits += int(b.freq[n]) * (int(fixedCodes[n].size) + x)
		}
	}
	if over > 0 {
		bits += b.shorten(count[:], over, limit, symbols)
	}
	lengths := make([]uint8, symbols)
	for _, n := range b.order {
		if n < symbols {
			lengths[n] = b.length[n]
		}
	}
	assignCodes(t.codes, lengths)
	return bits, fixedBits
}

// shorten brings codes that would be too long to the limit: leaves move up, others a level down beside them. It gives the
// change of the size in bits.
func (b *builder) shorten(count []int, over, limit, symbols int) (bits int) {
	for ; over > 0; over -= 2 {
		l := limit - 1
		for count[l] == 0 {
			l--
		}
		count[l]--
		count[l+1] += 2
		count[limit]--
	}
	// the rarest symbols get the longest codes
	i := 0
	for l := limit; l > 0; l-- {
		for n := count[l]; n > 0; i++ {
			s := b.order[i]
			if s >= symbols {
				continue
			}
			bits += (l - int(b.length[s])) * int(b.freq[s])
			b.length[s] = uint8(l)
			n--
		}
	}
	return bits
}
