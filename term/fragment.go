package term

// Fragment is a piece of memory beside the blocks: BIF overflow or a message. This
// header lies in front of its words, in the same memory.
type Fragment struct {
	Next    uintptr // next older fragment of the heap that owns it
	OffHeap uintptr // chain of off-heap holders inside (messages; overflow fragments use the heap's chain)
	Size    uint32  // capacity in words, this header not counted
	Used    uint32
}

const fragmentHeaderWords = 3

// maxOverflowWords bounds how large overflow fragments become by growth alone.
const maxOverflowWords = 8 << 10

func newFragment(words int) uintptr {
	n := BlockWords(words + fragmentHeaderWords)
	a := newBlock(n, memFragment)
	*(*Fragment)(at(a)) = Fragment{Size: uint32(n - fragmentHeaderWords)}
	return a
}

func freeFragment(a uintptr) {
	f := (*Fragment)(at(a))
	freeBlock(a, int(f.Size)+fragmentHeaderWords, memFragment)
}

// allocFragment serves n words from the newest fragment or from a new one; the more there is in fragments
// already, the larger the new one is.
func (h *Heap) allocFragment(n int) uintptr {
	if h.Frags != 0 {
		f := (*Fragment)(at(h.Frags))
		if int(f.Size-f.Used) >= n {
			a := h.Frags + uintptr(fragmentHeaderWords+int(f.Used))*WordBytes
			f.Used += uint32(n)
			h.FragWords += n
			return a
		}
	}
	a := newFragment(max(n, 61, min(h.FragWords, maxOverflowWords)))
	f := (*Fragment)(at(a))
	f.Used = uint32(n)
	f.Next = h.Frags
	h.Frags = a
	h.FragWords += n
	return a + fragmentHeaderWords*WordBytes
}

// NewArena makes a heap without blocks: all terms live in fragments until Free.
func NewArena() *Heap { return &Heap{ArenaMode: true} }

// CopyMessage copies t into a fragment of its own, which the receiver's Adopt makes part of its heap; until then nothing refers to it but
// the message. Literals stay where they are. The fragment is 0 when t needs no memory.
func CopyMessage(t Term) (Term, uintptr) { return copyFragment(t, condemned.set.Load()) }

// CopyObject is CopyMessage for terms that are kept where no process looks after them: in tables, timers, signals that are
// no messages. Literals are copied too, since they may outlive the code that they come from.
func CopyObject(t Term) (Term, uintptr) { return copyFragment(t, everyArea) }

func copyFragment(t Term, gone *condemnedSet) (Term, uintptr) {
	if t.IsImmediate() {
		return t, 0
	}
	n := size(t, gone)
	if n == 0 {
		return t, 0
	}
	a := newFragment(n)
	f := (*Fragment)(at(a))
	c := copier{top: a + fragmentHeaderWords*WordBytes, chain: &f.OffHeap, gone: gone}
	t = c.copy(t)
	f.Used = uint32(n)
	return t, a
}

// Adopt makes a message's fragment part of the heap. The next collection empties it, so from now on every reference to
// the message must be a root.
func (h *Heap) Adopt(fragment uintptr) {
	if fragment == 0 {
		return
	}
	f := (*Fragment)(at(fragment))
	h.FragWords += int(f.Used)
	for a := f.OffHeap; a != 0; a = holderNext(a) {
		h.OffHeapBytes += blockBytes(holderBlock(a))
	}
	// Below the newest, which may be an overflow fragment with room left.
	if h.Frags == 0 {
		f.Next = 0
		h.Frags = fragment
		return
	}
	first := (*Fragment)(at(h.Frags))
	f.Next = first.Next
	first.Next = fragment
}

// AdoptArena makes all of an arena part of the heap; the arena is empty afterwards. Work that spans several turns of a
// process builds its result in an arena, as its heap may be collected between.
func (h *Heap) AdoptArena(arena *Heap) {
	for a := arena.Frags; a != 0; {
		next := (*Fragment)(at(a)).Next
		h.Adopt(a)
		a = next
	}
	if last := arena.OffHeap; last != 0 {
		for holderNext(last) != 0 {
			last = holderNext(last)
		}
		store(last, holderNextWord, uint64(h.OffHeap))
		h.OffHeap = arena.OffHeap
		h.OffHeapBytes += arena.OffHeapBytes
	}
	arena.Frags, arena.FragWords, arena.OffHeap, arena.OffHeapBytes = 0, 0, 0, 0
}

// DropFragment frees a message that nobody will receive.
func DropFragment(fragment uintptr) {
	if fragment == 0 {
		return
	}
	dropChain((*Fragment)(at(fragment)).OffHeap)
	freeFragment(fragment)
}

// FragmentBinaries passes each reference of a fragment to bytes outside of it, as OffHeapBinaries does those of a heap.
func FragmentBinaries(fragment uintptr, f func(addr uintptr, size, refs int)) {
	if fragment != 0 {
		chainBinaries((*Fragment)(at(fragment)).OffHeap, f)
	}
}

// FragmentWords is the number of words in use in a message's fragment.
func FragmentWords(fragment uintptr) int {
	if fragment == 0 {
		return 0
	}
	return int((*Fragment)(at(fragment)).Used)
}

// freeFragments frees all fragments of the heap; their holders' references were dropped or moved before.
func (h *Heap) freeFragments() {
	for a := h.Frags; a != 0; {
		next := (*Fragment)(at(a)).Next
		freeFragment(a)
		a = next
	}
	h.Frags, h.FragWords = 0, 0
}

// Free gives all memory of the heap back and drops its references to off-heap blocks. The heap is
// empty and usable afterwards.
func (h *Heap) Free() {
	for a := h.Frags; a != 0; a = (*Fragment)(at(a)).Next {
		dropChain((*Fragment)(at(a)).OffHeap)
	}
	dropChain(h.OffHeap)
	dropChain(h.OldOffHeap)
	h.freeFragments()
	if h.Start != 0 {
		FreeBlock(h.Start, int(h.capacity))
	}
	if h.OldStart != 0 {
		FreeBlock(h.OldStart, int(h.OldEnd-h.OldStart)/WordBytes)
	}
	*h = Heap{MaxMinor: h.MaxMinor, MinWords: h.MinWords, ArenaMode: h.ArenaMode}
}
