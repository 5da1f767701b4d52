package term

import "math"

// Hash functions. Phash2 and Phash give the values that erlang:phash2 and erlang:phash have given since they exist
// (programs store them).

// golden is the initial value of Jenkins' 96-bit mix ("Hash functions", Dr. Dobb's Journal, 1997), from which the
// constants that tell the kinds of terms apart are derived as multiples.
const golden = 0x9e3779b9

// jenkins is Jenkins' mixing step.
func jenkins(a, b, c uint32) (uint32, uint32, uint32) {
	a = (a - b - c) ^ c>>13
	b = (b - c - a) ^ a<<8
	c = (c - a - b) ^ b>>13
	a = (a - b - c) ^ c>>12
	b = (b - c - a) ^ a<<16
	c = (c - a - b) ^ b>>5
	a = (a - b - c) ^ c>>3
	b = (b - c - a) ^ a<<10
	c = (c - a - b) ^ b>>15
	return a, b, c
}

// mix2 mixes two words into the hash; k tells the kinds of terms apart.
func mix2(hash, x, y, k uint32) uint32 {
	_, _, hash = jenkins(kind(k)+x, kind(k)+y, hash)
	return hash
}

// kind is the constant of a kind of terms: a multiple of the golden ratio, modulo 2^32.
func kind(k uint32) uint32 { return k * golden }

// hashBytes is Jenkins' hash of a byte sequence.
func hashBytes(data []byte, init uint32) uint32 {
	a, b, c := uint32(golden), uint32(golden), init
	n := len(data)
	for len(data) >= 12 {
		a += le32(data)
		b += le32(data[4:])
		c += le32(data[8:])
		a, b, c = jenkins(a, b, c)
		data = data[12:]
	}
	c += uint32(n)
	var tail [12]byte
	copy(tail[:8], data)
	if len(data) > 8 {
		copy(tail[9:], data[8:]) // the lowest byte of c holds the length
	}
	a += le32(tail[0:])
	b += le32(tail[4:])
	c += le32(tail[8:])
	_, _, c = jenkins(a, b, c)
	return c
}

func le32(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// AtomHash is the hash of an atom's name: P. J. Weinberger's hash over its characters, those of Latin-1 as one byte
// and the others as their bytes of UTF-8.
func AtomHash(t Term) uint32 {
	s := t.AtomName()
	var h uint64
	for i := 0; i < len(s); i++ {
		v := s[i]
		if v&0xFE == 0xC2 && i+1 < len(s) && s[i+1]&0xC0 == 0x80 {
			i++
			v = v<<6 | s[i]&0x3F
		}
		h = h<<4 + uint64(v)
		if g := h & 0xf0000000; g != 0 {
			h ^= g >> 24
			h ^= g
		}
	}
	return uint32(h)
}

// hashWork is work on Phash2's stack: a term, or the end of a map or of one of its associations.
type hashWork struct {
	t     Term
	what  uint8
	saved uint32 // hash of what came before the map
	pairs uint32 // xor of the associations of the map around
}

const (
	hashTerm uint8 = iota
	hashPairEnd
	hashMapEnd
)

// Phash2 is the hash of a term that erlang:phash2/1,2 are made of: 32 bits, the same on every machine.
// 0.0 and -0.0 have the same hash.
func Phash2(t Term) uint32 {
	if t.IsAtom() {
		return AtomHash(t)
	}
	var first [16]hashWork
	stack := first[:0]
	var hash, pairs uint32
	for {
		switch {
		case t.IsCons():
			var n, chars uint32
			for {
				h := t.Head()
				if !h.IsSmall() || h.Small()&^255 != 0 {
					break
				}
				chars = chars<<8 + uint32(h.Small())
				if n == 3 {
					hash = mix2(hash, chars, 0, 4)
					n, chars = 0, 0
				} else {
					n++
				}
				if t = t.Tail(); !t.IsCons() {
					break
				}
			}
			if n > 0 {
				hash = mix2(hash, chars, 0, 4)
			}
			if t.IsCons() {
				stack = append(stack, hashWork{t: t.Tail()})
				t = t.Head()
			}
			continue
		case t.IsSmall():
			hash = hashSmall(hash, int64(t.Small()))
		case t.IsAtom():
			if hash == 0 {
				hash = AtomHash(t)
			} else {
				hash = mix2(hash, AtomHash(t), 0, 3)
			}
		case t.IsNil():
			if hash == 0 {
				hash = 3468870702
			} else {
				hash = mix2(hash, 2, 0, 2)
			}
		case t.IsPid():
			n, _ := PidParts(t)
			hash = mix2(hash, n, 0, 5)
		case t.IsPort():
			n := PortNumber(t)
			hash = mix2(hash, uint32(n), uint32(n>>32), 6)
		case t.IsTuple():
			n := t.Arity()
			hash = mix2(hash, uint32(n), 0, 9)
			for i := n - 1; i >= 0; i-- {
				stack = append(stack, hashWork{t: t.Elem(i)})
			}
		case t.IsMap():
			n := MapSize(t)
			hash = mix2(hash, uint32(n), 0, 16)
			if n > 0 {
				stack = append(stack, hashWork{what: hashMapEnd, saved: hash, pairs: pairs})
				kv := MapPairs(nil, t)
				for i := 0; i < len(kv); i += 2 {
					stack = append(stack, hashWork{what: hashPairEnd}, hashWork{t: kv[i+1]}, hashWork{t: kv[i]})
				}
				hash, pairs = 0, 0
			}
		case t.IsBig():
			k := uint32(11)
			if t.bigNeg() {
				k = 10
			}
			for _, w := range t.bigWords() {
				hash = mix2(hash, uint32(w), uint32(w>>32), k)
			}
		case t.IsFloat():
			f := t.FloatVal()
			if f == 0 {
				f = 0 // -0.0 too
			}
			b := math.Float64bits(f)
			hash = mix2(hash, uint32(b>>32), uint32(b), 12)
		case t.IsBitstring():
			hash = hashBits(hash, t)
		case t.IsRef():
			n, _ := RefNumbers(t)
			hash = mix2(hash, n[0], 0, 7)
		case t.IsSub(SubExport):
			e := t.ExportOf()
			hash = mix2(hash, uint32(e.Arity), AtomHash(e.Module), 1)
			hash = mix2(hash, AtomHash(e.Function), 0, 14)
		case t.IsSub(SubFun):
			e := t.FunEntryOf()
			hash = mix2(hash, e.NumFree, AtomHash(e.Module), 1)
			hash = mix2(hash, e.Index, e.OldUniq, 1)
			for i := int(e.NumFree) - 1; i >= 0; i-- {
				stack = append(stack, hashWork{t: Term(t.Word(3 + i))})
			}
		}
		for {
			if len(stack) == 0 {
				return hash
			}
			w := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if w.what == hashTerm {
				t = w.t
				break
			}
			if w.what == hashPairEnd {
				pairs ^= hash
				hash = 0
			} else {
				hash = mix2(w.saved, pairs, 0, 19)
				pairs = w.pairs
			}
		}
	}
}

// hashSmall: integers of 28 bits as one word (negative ones twice, as the function has always done), others as a bignum of one word.
func hashSmall(hash uint32, v int64) uint32 {
	if v >= -1<<27 && v < 1<<27 {
		if v < 0 {
			hash = mix2(hash, uint32(-v), 0, 1)
		}
		return mix2(hash, uint32(v), 0, 1)
	}
	if v < 0 {
		return mix2(hash, uint32(-v), uint32(-v>>32), 10)
	}
	return mix2(hash, uint32(v), uint32(v>>32), 11)
}

func hashBits(hash uint32, t Term) uint32 {
	b, _ := BitsOf(t)
	n := b.Len
	init := kind(13) + hash
	if n == 0 {
		return init
	}
	data := b.Bytes()
	whole, rest := n/8, n%8
	hash = hashBytes(data[:whole], init)
	if rest > 0 {
		hash = mix2(hash, uint32(rest), uint32(data[whole]>>(8-rest)), 15)
	}
	return hash
}

// Phash is the older portable hash of erlang:phash/2: 32 bits.
func Phash(t Term) uint32 {
	const (
		p1, p2, p3, p4, p5       = 268440163, 268439161, 268435459, 268436141, 268438633
		p6, p8, p9               = 268437017, 268437511, 268439627
		p10, p11, p13, p14       = 268440479, 268440577, 268440593, 268440611
		listEnd            uint8 = 1
		listTail           uint8 = 2
		tupleEnd           uint8 = 3
	)
	var hash uint32
	word := func(x, prime uint32) {
		for range 4 {
			hash = hash*prime + x&0xFF
			x >>= 8
		}
	}
	magnitude := func(w uint64, always bool) {
		word(uint32(w), p2)
		if w>>32 != 0 || always {
			word(uint32(w>>32), p2)
		}
	}
	sign := func(neg bool) {
		if neg {
			hash *= p4
		} else {
			hash *= p3
		}
	}
	var first [16]hashWork
	stack := append(first[:0], hashWork{t: t})
	for len(stack) > 0 {
		w := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		t := w.t
		switch w.what {
		case listEnd:
			hash *= p8
			continue
		case tupleEnd:
			hash = hash*p9 + w.saved
			continue
		case listTail:
			if !t.IsCons() {
				stack = append(stack, hashWork{what: listEnd}, hashWork{t: t})
				continue
			}
		}
		switch {
		case t.IsNil():
			hash = hash*p3 + 1
		case t.IsAtom():
			hash = hash*p1 + AtomHash(t)
		case t.IsSmall():
			v := t.Small()
			magnitude(magSmall(v), false)
			sign(v < 0)
		case t.IsBig():
			ws := t.bigWords()
			for i, w := range ws {
				magnitude(uint64(w), i < len(ws)-1)
			}
			sign(t.bigNeg())
		case t.IsBitstring():
			b, _ := BitsOf(t)
			data := b.Bytes()
			for _, c := range data[:b.Len/8] {
				hash = hash*p1 + uint32(c)
			}
			if rest := b.Len % 8; rest > 0 {
				hash = (hash*p1+uint32(data[b.Len/8]>>(8-rest)))*268440581 + uint32(rest)
			}
			hash = hash*p4 + uint32(b.Len/8)
		case t.IsFloat():
			f := t.FloatVal()
			if f == 0 {
				f = 0
			}
			b := math.Float64bits(f)
			hash = hash*p6 + (uint32(b) ^ uint32(b>>32))
		case t.IsPid():
			n, _ := PidParts(t)
			word(n, p5)
			hash *= p6
		case t.IsPort():
			n := PortNumber(t)
			if n>>32 != 0 {
				word(uint32(n>>32), p11)
			}
			word(uint32(n), p9)
			hash *= p10
		case t.IsRef():
			n, _ := RefNumbers(t)
			word(n[0], p9)
			hash *= p10
		case t.IsCons():
			for {
				h := t.Head()
				if !h.IsSmall() || h.Small()&^255 != 0 {
					stack = append(stack, hashWork{t: t.Tail(), what: listTail}, hashWork{t: h})
					break
				}
				hash = hash*p2 + uint32(h.Small())
				if t = t.Tail(); !t.IsCons() {
					stack = append(stack, hashWork{what: listEnd}, hashWork{t: t})
					break
				}
			}
		case t.IsMap():
			hash = hash*p13 + p14 + Phash2(t)
		case t.IsTuple():
			n := t.Arity()
			stack = append(stack, hashWork{what: tupleEnd, saved: uint32(n)})
			for i := n - 1; i >= 0; i-- {
				stack = append(stack, hashWork{t: t.Elem(i)})
			}
		case t.IsSub(SubExport):
			e := t.ExportOf()
			hash = hash*p11 + uint32(e.Arity)
			hash = hash*p1 + AtomHash(e.Module)
			hash = hash*p1 + AtomHash(e.Function)
		case t.IsSub(SubFun):
			e := t.FunEntryOf()
			hash = hash*p10 + e.NumFree
			hash = hash*p1 + AtomHash(e.Module)
			hash = hash*p2 + e.Index
			hash = hash*p2 + e.OldUniq
			for i := int(e.NumFree) - 1; i >= 0; i-- {
				stack = append(stack, hashWork{t: FunEnv(t, i)})
			}
		}
	}
	return hash
}
