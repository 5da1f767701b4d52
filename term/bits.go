package term

import "sync/atomic"

// Bitstrings. Up to 64 bytes lie in the heap; longer ones are a window (SubBits) onto a reference-counted block held by a BinRef.
// Windows also come from matching, then the base may be a heap bitstring.
//
//	header(SubHeapBits, 1+k) | size in bits | k words of data
//	header(SubBits, 3)       | size in bits | offset in bits | base: HeapBits or BinRef
//	header(SubMatch, 4)      | end | position | start | base        match context, in bits of the base
//
// Bits behind the end in the last byte of a heap bitstring are zero.

const (
	// MaxHeapBits is the largest size in bits of a bitstring in the heap.
	MaxHeapBits = 64 * 8

	subBitsWords = 4
	// MatchWords is the size of a match context.
	MatchWords = 5
	// MaxBitsWords is the most that any bitstring takes of the heap, whatever its size.
	MaxBitsWords = 2 + MaxHeapBits/64
	// SubBitsWords is the most that Heap.SubBits takes.
	SubBitsWords = subBitsWords

	// minWritableBytes is the first capacity of a binary that is being appended to.
	minWritableBytes = 256
)

// Bits is a run of bits in memory, a view of a bitstring: Len bits at offset Off of the byte at Data. It is valid
// until the next collection of the heap, or the next append to the same binary.
type Bits struct {
	Data     uintptr
	Off, Len int
}

func heapBitsWords(n int) int { return 2 + (n+63)>>6 }

// writeHeapBits writes the header for n bits at a and gives the address of the first byte; the last word is cleared.
func writeHeapBits(a uintptr, n int) uintptr {
	k := (n + 63) >> 6
	store(a, 0, Header(SubHeapBits, 1+k))
	store(a, 1, uint64(n))
	if k > 0 {
		store(a, 1+k, 0)
	}
	return a + 2*WordBytes
}

func writeSubBits(a uintptr, base Term, off, n int) {
	store(a, 0, Header(SubBits, 3))
	store(a, 1, uint64(n))
	store(a, 2, uint64(off))
	store(a, 3, uint64(base))
}

// BaseData is the address of the first byte of a HeapBits or BinRef.
func BaseData(base Term) uintptr {
	if *base.Words()&SubMask == SubHeapBits {
		return base.Addr() + 2*WordBytes
	}
	return uintptr(base.Word(binRefData))
}

// windowBits and windowBase read a SubBits or a match context (from its start).
func windowBits(t Term) Bits {
	if *t.Words()&SubMask == SubMatch {
		start := int(t.Word(3))
		return Bits{BaseData(Term(t.Word(4))), start, int(t.Word(1)) - start}
	}
	return Bits{BaseData(Term(t.Word(3))), int(t.Word(2)), int(t.Word(1))}
}

func windowBase(t Term) Term {
	if *t.Words()&SubMask == SubMatch {
		return Term(t.Word(4))
	}
	return Term(t.Word(3))
}

// BitsOf gives the bits of a bitstring; ok is false for other terms.
func BitsOf(t Term) (b Bits, ok bool) {
	switch t.sub() {
	case SubHeapBits:
		return Bits{t.Addr() + 2*WordBytes, 0, int(t.Word(1))}, true
	case SubBits:
		return windowBits(t), true
	}
	return Bits{}, false
}

// BitSize is the size of a bitstring in bits; ok is false for other terms.
func BitSize(t Term) (n int, ok bool) {
	if !t.IsBitstring() {
		return 0, false
	}
	return int(t.Word(1)), true
}

// IsBinary reports whether t is a bitstring of whole bytes.
func (t Term) IsBinary() bool { return t.IsBitstring() && t.Word(1)&7 == 0 }

// Bytes gives the bytes of a binary (a bitstring of whole bytes), to be read only. Where the bytes are aligned it is a view that is valid
// until the next safe point; else a copy.
func (t Term) Bytes() (data []byte, ok bool) {
	b, ok := BitsOf(t)
	if !ok || b.Len&7 != 0 {
		return nil, false
	}
	if b.Len == 0 {
		return []byte{}, true
	}
	return b.Bytes(), true
}

// Bytes gives the run as bytes, the last padded with zeros; a view where that is possible, else a copy.
func (b Bits) Bytes() []byte {
	if b.Len == 0 {
		return nil
	}
	if b.Off&7 == 0 && b.Len&7 == 0 {
		return bytesAt(b.Data+uintptr(b.Off>>3), b.Len>>3)
	}
	return AppendRun(nil, b.Data, b.Off, b.Len)
}

// Compare orders runs as Erlang orders bitstrings.
func (b Bits) Compare(c Bits) int {
	return CompareBits(b.Data, b.Off, b.Len, c.Data, c.Off, c.Len)
}

// NewBits makes a bitstring of n bits whose content the caller fills in at once, from bit 0 of the byte at data. Bits of the last byte behind the end must stay zero.
func (h *Heap) NewBits(n int) (t Term, data uintptr) {
	if n <= MaxHeapBits {
		a := h.Alloc(heapBitsWords(n))
		return MakeBoxed(a), writeHeapBits(a, n)
	}
	return h.newRefBits(n, (n+7)/8, 0)
}

func (h *Heap) newRefBits(n, capacity int, flags uint64) (t Term, data uintptr) {
	block := newOffBlock(capacity, kindBytes)
	a := h.Alloc(subBitsWords + holderWords)
	ref := a + subBitsWords*WordBytes
	writeBinRef(ref, block, n, flags, &h.OffHeap)
	writeSubBits(a, MakeBoxed(ref), 0, n)
	h.OffHeapBytes += blockBytes(block)
	data = block + offBlockBytes
	if n&7 != 0 {
		*byteAt(data + uintptr(n>>3)) = 0
	}
	return MakeBoxed(a), data
}

// Binary makes a binary with a copy of data.
func (h *Heap) Binary(data []byte) Term {
	t, a := h.NewBits(len(data) * 8)
	copy(bytesAt(a, len(data)), data)
	return t
}

// NewBinary makes a binary of n bytes and gives its bytes to be filled in at once.
func (h *Heap) NewBinary(n int) (Term, []byte) {
	t, a := h.NewBits(n * 8)
	return t, bytesAt(a, n)
}

// Bits makes a bitstring of the first bitlen bits of data.
func (h *Heap) Bits(data []byte, bitlen int) Term {
	t, a := h.NewBits(bitlen)
	k := (bitlen + 7) >> 3
	copy(bytesAt(a, k), data[:k])
	if r := bitlen & 7; r != 0 {
		*byteAt(a + uintptr(k-1)) &= 0xFF << uint(8-r)
	}
	return t
}

// SubBits makes the bitstring of n bits at offset off of bitstring t. Short ones (16 bytes) are copied, others are windows
// that keep t's memory alive. It takes at most SubBitsWords words.
func (h *Heap) SubBits(t Term, off, n int) Term {
	if t.sub() == SubHeapBits {
		return h.Window(t, off, n)
	}
	return h.Window(Term(t.Word(3)), int(t.Word(2))+off, n)
}

// Window is SubBits for a base (HeapBits or BinRef).
func (h *Heap) Window(base Term, off, n int) Term {
	if n <= 128 {
		a := h.Alloc(heapBitsWords(n))
		CopyBits(writeHeapBits(a, n), 0, BaseData(base), off, n)
		return MakeBoxed(a)
	}
	a := h.Alloc(subBitsWords)
	writeSubBits(a, base, off, n)
	return MakeBoxed(a)
}

// AppendBits makes the bitstring that consists of t and n more bits, which the caller writes at once, at offset off of the byte at data. When t is
// the result of the latest append to its binary, nothing is copied and t's memory is extended, in amortised constant time; else t
// is copied into a binary that can be extended. Runs of the same binary that were taken before are invalid afterwards.
func (h *Heap) AppendBits(t Term, n int) (r Term, data uintptr, off int) {
	if t.sub() == SubBits {
		base := Term(t.Word(3))
		size, start := int(t.Word(1)), int(t.Word(2))
		if *base.Words() == Header(SubBinRef, holderWords-1) && base.Word(binRefUsed)&binWritable != 0 &&
			int(base.Word(binRefUsed)>>2) == start+size {
			used := start + size + n
			block := holderBlock(base.Addr())
			if (used+7)/8 > blockBytes(block) {
				bigger := newOffBlock(2*((used+7)/8), kindBytes)
				copy(bytesAt(bigger+offBlockBytes, (start+size+7)/8), bytesAt(block+offBlockBytes, (start+size+7)/8))
				base.SetWord(holderBlockWord, uint64(bigger))
				base.SetWord(binRefData, uint64(bigger+offBlockBytes))
				h.OffHeapBytes += blockBytes(bigger) - blockBytes(block)
				dropBlock(block)
			}
			base.SetWord(binRefUsed, uint64(used)<<2|binWritable|binActive)
			data = uintptr(base.Word(binRefData))
			if used&7 != 0 && (used>>3 > (start+size)>>3 || (start+size)&7 == 0) && n > 0 {
				*byteAt(data + uintptr(used>>3)) = 0
			}
			a := h.Alloc(subBitsWords)
			writeSubBits(a, base, start, size+n)
			return MakeBoxed(a), data, start + size
		}
	}
	b, _ := BitsOf(t)
	total := b.Len + n
	r, data = h.newRefBits(total, max(minWritableBytes, 2*((total+7)/8)), binWritable|binActive)
	CopyBits(data, 0, b.Data, b.Off, b.Len)
	return r, data, b.Len
}

// PinBytes gives the bytes of a binary to work that runs while the process goes on: a copy of a short one; for a long one the bytes
// themselves, which stay where they are until release is called.
func PinBytes(t Term) (data []byte, release func(), ok bool) {
	data, ok = t.Bytes()
	if !ok {
		return nil, nil, false
	}
	if t.sub() == SubBits && t.Word(2)&7 == 0 && Term(t.Word(3)).sub() == SubBinRef {
		block := holderBlock(Term(t.Word(3)).Addr())
		holdBlock(block)
		return data, func() { dropBlock(block) }, true
	}
	return append([]byte(nil), data...), func() {}, true
}

// BinaryInfo tells about the memory behind a bitstring: the size in bytes of the block that it refers to, and how many holders that has; zeros when
// the bits lie in the heap (binary:referenced_byte_size, process_info(binary)).
func BinaryInfo(t Term) (bytes, refs int) {
	if t.sub() != SubBits {
		return 0, 0
	}
	base := Term(t.Word(3))
	if base.sub() != SubBinRef {
		return 0, 0
	}
	b := (*offBlock)(at(holderBlock(base.Addr())))
	return int(base.Word(binRefUsed)>>2+7) >> 3, int(atomic.LoadInt64(&b.refs))
}

// ---- match contexts -----------------------------------------------------------------

// Match is a match context in memory. Only the machine has terms that point to one; they never get into data structures.
type Match struct {
	Header uint64
	End    uint64 // in bits of the base, as are Pos and Start
	Pos    uint64
	Start  uint64
	Base   Term
}

// MatchOf is the context behind a term; t must be one.
func MatchOf(t Term) *Match { return (*Match)(at(t.Addr())) }

// Data is the address of the base's first byte.
func (m *Match) Data() uintptr { return BaseData(m.Base) }

// IsMatch reports whether t is a match context.
func (t Term) IsMatch() bool { return t.IsSub(SubMatch) }

// StartMatch makes a match context at the start of bitstring t.
func (h *Heap) StartMatch(t Term) Term {
	off, n, base := 0, int(t.Word(1)), t
	if t.sub() == SubBits {
		off, base = int(t.Word(2)), Term(t.Word(3))
	}
	a := h.Alloc(MatchWords)
	*(*Match)(at(a)) = Match{Header(SubMatch, MatchWords-1), uint64(off + n), uint64(off), uint64(off), base}
	return MakeBoxed(a)
}

// MatchTail makes the bitstring of what a context has not matched yet; it takes at most SubBitsWords words.
func (h *Heap) MatchTail(m *Match) Term {
	return h.Window(m.Base, int(m.Pos), int(m.End-m.Pos))
}
