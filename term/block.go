package term

import (
	"sync"
	"unsafe"
)

// Block memory. First version: pinned Go slices. The final one: size-class free lists over
// memory of the operating system (DESIGN section 3).

var blocks struct {
	sync.Mutex
	m map[uintptr][]uint64
}

// NewBlock gives memory for n words, not cleared.
func NewBlock(n int) uintptr {
	s := make([]uint64, n)
	a := uintptr(unsafe.Pointer(&s[0]))
	blocks.Lock()
	if blocks.m == nil {
		blocks.m = make(map[uintptr][]uint64)
	}
	blocks.m[a] = s
	blocks.Unlock()
	return a
}

// FreeBlock returns a block of n words.
func FreeBlock(a uintptr, n int) {
	blocks.Lock()
	delete(blocks.m, a)
	blocks.Unlock()
}

const fragmentHeaderWords = 3

// allocFragment serves n words from the newest fragment or from a new one.
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
	size := max(n, 64)
	a := NewBlock(size + fragmentHeaderWords)
	*(*Fragment)(at(a)) = Fragment{Next: h.Frags, Size: uint32(size), Used: uint32(n)}
	h.Frags = a
	h.FragWords += n
	return a + fragmentHeaderWords*WordBytes
}

// NewArena makes a heap without blocks: all terms live in fragments until Free.
func NewArena() *Heap { return &Heap{ArenaMode: true} }
