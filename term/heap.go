package term

import "math"

// Heap is the memory of one process: a young block in which the heap grows up and the
// stack grows down, an old-generation block once anything was promoted, and a
// chain of fragments (overflow of BIFs, adopted messages) that the next collection empties.
// All addresses are integers: Go's collector never looks at them.
//
// The machine keeps Htop and E in locals while it runs and has them here at every boundary
// to Go code; code outside the loop may therefore always build terms through a Heap.
// A Heap without blocks (the zero value) puts all it builds into fragments: that is what an arena is.
//
// A BIF never collects: Alloc takes a fragment when the block is full, and
// the machine collects at the next safe point (NeedsCollection).
type Heap struct {
	Htop uintptr // next free byte of the young block
	E    uintptr // top of the stack: the lowest word in use; frames are [return address, Y0..Yn]

	Start uintptr // young block
	End   uintptr // one past its last word: the bottom of the stack
	High  uintptr // objects below survived a collection: they are promoted by the next one

	OldStart, OldTop, OldEnd uintptr // old generation, zero until something is promoted

	Frags     uintptr // newest Fragment, 0 for none
	FragWords int     // words in use in fragments

	OffHeap      uintptr // chain of young BinRefs (and other off-heap holders)
	OldOffHeap   uintptr // chain of those in the old generation
	OffHeapBytes int     // bytes of off-heap blocks taken since the last collection

	BinLimit    int // OffHeapBytes that make a collection worthwhile (0: minBinLimit)
	OldBinBytes int // bytes of off-heap blocks promoted since the last full collection

	MaxMinor  uint32 // fullsweep_after
	MinWords  uint32 // min_heap_size
	capacity  uint32 // words of the young block behind Start, from which End may keep away
	want      uint32 // words that the next young block should have, for 0 as many as this one
	limit     uint32 // words of both generations that LimitGrowth allows, 0: any number
	Minor     uint16 // minor collections since the last full one: no more than MaxMinor, which is fullsweep_after
	Wanted    Wanted // a collection that was asked for: NeedsCollection
	ArenaMode bool   // fragments are chunks of growing size and are never collected
}

// Wanted is the kind of collection that a process has asked for.
type Wanted uint8

const (
	WantNone Wanted = iota
	WantMinor
	WantFull
)

// StackReserve is the room, in words, that is always kept free between heap and stack, so that a
// single untested push or header word can never cross.
const StackReserve = 4

// Alloc reserves n words and gives the address of the first. It takes room in
// the young block while there is some, then in an overflow fragment. It never collects and never moves anything.
func (h *Heap) Alloc(n int) uintptr {
	a := h.Htop
	if size := uintptr(n) * WordBytes; h.E-a >= size+StackReserve*WordBytes && h.E > a {
		h.Htop = a + size
		return a
	}
	return h.allocFragment(n)
}

func store(a uintptr, i int, w uint64) { *(*uint64)(at(a + uintptr(i)*WordBytes)) = w }

// Cons makes [head|tail].
func (h *Heap) Cons(head, tail Term) Term {
	a := h.Alloc(2)
	store(a, 0, uint64(head))
	store(a, 1, uint64(tail))
	return MakeCons(a)
}

// Tuple makes a tuple of the elements given.
func (h *Heap) Tuple(elems ...Term) Term {
	a := h.Alloc(len(elems) + 1)
	store(a, 0, Header(SubTuple, len(elems)))
	for i, e := range elems {
		store(a, i+1, uint64(e))
	}
	return MakeBoxed(a)
}

// NewTuple makes a tuple of n elements that the caller fills in with SetElem at once.
// All elements are [] until then.
func (h *Heap) NewTuple(n int) Term {
	a := h.Alloc(n + 1)
	store(a, 0, Header(SubTuple, n))
	for i := 1; i <= n; i++ {
		store(a, i, uint64(Nil))
	}
	return MakeBoxed(a)
}

// WithElem makes a copy of tuple t with e in the place of element i (from 0).
func (h *Heap) WithElem(t Term, i int, e Term) Term {
	n := t.Arity() + 1
	a := h.Alloc(n)
	copyWords(a, t.Addr(), n)
	store(a, i+1, uint64(e))
	return MakeBoxed(a)
}

// SetElem sets element i (from 0) of a tuple under construction.
func (t Term) SetElem(i int, e Term) { t.SetWord(i+1, uint64(e)) }

// List makes a proper list.
func (h *Heap) List(elems ...Term) Term { return h.ListTail(elems, Nil) }

// ListTail makes [elems... | tail]. All cells lie next to each other.
func (h *Heap) ListTail(elems []Term, tail Term) Term {
	if len(elems) == 0 {
		return tail
	}
	a := h.Alloc(2 * len(elems))
	for i, e := range elems {
		store(a, 2*i, uint64(e))
		store(a, 2*i+1, uint64(MakeCons(a+uintptr(i+1)*2*WordBytes)))
	}
	store(a, 2*len(elems)-1, uint64(tail))
	return MakeCons(a)
}

// Chars makes the list of the code points of s, the form of an Erlang string.
func (h *Heap) Chars(s string) Term {
	elems := make([]Term, 0, len(s))
	for _, r := range s {
		elems = append(elems, Int(int(r)))
	}
	return h.List(elems...)
}

// Float makes a float; f must be finite (Erlang has neither NaN nor infinity).
func (h *Heap) Float(f float64) Term {
	a := h.Alloc(2)
	store(a, 0, Header(SubFloat, 1))
	store(a, 1, math.Float64bits(f))
	return MakeBoxed(a)
}

// FloatVal is the value of a float; t must be one.
func (t Term) FloatVal() float64 { return math.Float64frombits(t.Word(1)) }

// NewList makes a list of n cells, n > 0, that lie next to each other (16 bytes apart); heads and tail are [] and the caller
// sets them at once.
func (h *Heap) NewList(n int) Term {
	a := h.Alloc(2 * n)
	for i := range n {
		store(a, 2*i, uint64(Nil))
		store(a, 2*i+1, uint64(MakeCons(a+uintptr(i+1)*2*WordBytes)))
	}
	store(a, 2*n-1, uint64(Nil))
	return MakeCons(a)
}
