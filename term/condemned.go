package term

import (
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// How literal areas die. Terms in an area may be on any heap, on any stack and in any message, so its owner condemns it first, with all
// workers at a safe point. From then on whatever copies a term within a node copies condemned literals too, and each
// process is asked once to take what it still needs along (Heap.LeaveCondemned, LeaveMessage). After the last answer nothing refers to the area.

// condemnedSet is the condemned areas, ordered by address. It is never changed, only replaced.
type condemnedSet struct {
	lo, size uintptr // from the first area's start to the last one's end
	areas    []*LiteralArea
}

var condemned struct {
	mu  sync.Mutex // of those who replace the set
	set atomic.Pointer[condemnedSet]
}

// find gives the index of the area that an address lies in, -1 if it is in none.
func (s *condemnedSet) find(a uintptr) int {
	if s == nil || a-s.lo >= s.size {
		return -1
	}
	i := sort.Search(len(s.areas), func(i int) bool { return s.areas[i].End > a })
	if i == len(s.areas) || s.areas[i].Start > a {
		return -1
	}
	return i
}

func newCondemnedSet(areas []*LiteralArea) *condemnedSet {
	if len(areas) == 0 {
		return nil
	}
	sort.Slice(areas, func(i, j int) bool { return areas[i].Start < areas[j].Start })
	lo := areas[0].Start
	return &condemnedSet{lo: lo, size: areas[len(areas)-1].End - lo, areas: areas}
}

// Condemn begins the end of literal areas. No process of their node may run meanwhile, and nothing may give out terms of them any more.
func Condemn(areas []*LiteralArea) {
	condemned.mu.Lock()
	defer condemned.mu.Unlock()
	var all []*LiteralArea
	if s := condemned.set.Load(); s != nil {
		all = append(all, s.areas...)
	}
	condemned.set.Store(newCondemnedSet(append(all, areas...)))
}

// FreeCondemned frees condemned areas, which nothing refers to any more.
func FreeCondemned(areas []*LiteralArea) {
	condemned.mu.Lock()
	var rest []*LiteralArea
	for _, a := range condemned.set.Load().areas {
		if !slices.Contains(areas, a) {
			rest = append(rest, a)
		}
	}
	condemned.set.Store(newCondemnedSet(rest))
	condemned.mu.Unlock()
	for _, a := range areas {
		a.Free()
	}
}

// everyArea stands for all literal areas: copies leave no literal where it is.
var everyArea = new(condemnedSet)

// stays reports whether a copy within the node may refer to the literal t. It is not inlined so that its callers are.
//
//go:noinline
func (s *condemnedSet) stays(t Term) bool {
	return s == nil || s != everyArea && s.find(uintptr(t&^TagMask)) < 0
}

// seen marks the areas that the words of [from, to) may refer to. What is no term may look like one: that
// costs a collection, nothing else.
func (s *condemnedSet) seen(from, to uintptr, marks []bool) (some bool) {
	for a := from; a < to; a += WordBytes {
		w := Term(*(*uint64)(at(a)))
		if (w+1)&2 == 0 || uintptr(w)-s.lo >= s.size {
			continue
		}
		if i := s.find(uintptr(w &^ TagMask)); i >= 0 {
			marks[i], some = true, true
		}
	}
	return some
}

// seenTerms is seen for terms that lie elsewhere.
func (s *condemnedSet) seenTerms(ts []Term, marks []bool) (some bool) {
	for _, t := range ts {
		if t.IsCons() || t.IsBoxed() {
			if i := s.find(uintptr(t &^ TagMask)); i >= 0 {
				marks[i], some = true, true
			}
		}
	}
	return some
}

// LeaveCondemned copies to the heap what the process refers to in condemned areas: roots gives all its terms besides the stack.
// Like a collection it moves the process's terms, but only if there is something to copy.
func (h *Heap) LeaveCondemned(roots [][]Term, extra RootSet) (collected bool) {
	s := condemned.set.Load()
	if s == nil {
		return false
	}
	marks := make([]bool, len(s.areas))
	some := s.seen(h.Start, h.Htop, marks)
	some = s.seen(h.OldStart, h.OldTop, marks) || some
	some = s.seen(h.E, h.End, marks) || some
	for f := h.Frags; f != 0; f = (*Fragment)(at(f)).Next {
		first := f + fragmentHeaderWords*WordBytes
		some = s.seen(first, first+uintptr((*Fragment)(at(f)).Used)*WordBytes, marks) || some
	}
	for _, ts := range roots {
		some = s.seenTerms(ts, marks) || some
	}
	if !some {
		return false
	}
	e := &eviction{set: s, moved: make([][]uint64, len(s.areas))}
	for i, a := range s.areas {
		if marks[i] {
			e.words += int(a.End-a.Start) / WordBytes
		}
	}
	c := collectors.Get().(*Collector)
	h.full(c, 0, Roots{Extra: extra}, e)
	collectors.Put(c)
	if Debug.CheckHeap {
		if err := h.Check(); err != nil {
			panic(err)
		}
	}
	return true
}

// LeaveMessage gives a message in a fragment of its own that refers to no condemned literal: the same one, or a copy in its place.
func LeaveMessage(t Term, fragment uintptr) (Term, uintptr) {
	s := condemned.set.Load()
	if s == nil || t.IsImmediate() {
		return t, fragment
	}
	marks := make([]bool, len(s.areas))
	some := s.seenTerms([]Term{t}, marks)
	if fragment != 0 {
		first := fragment + fragmentHeaderWords*WordBytes
		some = s.seen(first, first+uintptr((*Fragment)(at(fragment)).Used)*WordBytes, marks) || some
	}
	if !some {
		return t, fragment
	}
	own, copied := CopyMessage(t)
	DropFragment(fragment)
	return own, copied
}

// eviction is what a full collection needs to copy condemned literals: they are shared with other processes, so where each went
// stands beside it.
type eviction struct {
	set     *condemnedSet
	words   int        // room for all that may be copied
	moved   [][]uint64 // by area, for each word the new pointer to the object there, 0 for none
	holders []uintptr  // copied objects that refer to off-heap blocks
}

// evict is evacuate for a pointer into the range of the condemned areas.
func (c *Collector) evict(w uint64) uint64 {
	e := c.evicted
	a := uintptr(w &^ TagMask)
	i := e.set.find(a)
	if i < 0 {
		return w
	}
	area := e.set.areas[i]
	if e.moved[i] == nil {
		e.moved[i] = make([]uint64, int(area.End-area.Start)/WordBytes)
	}
	moved := &e.moved[i][(a-area.Start)/WordBytes]
	if *moved != 0 {
		return *moved
	}
	n := 2
	if w&TagMask == TagBoxed {
		n = 1 + payload(*(*uint64)(at(a)))
	}
	to := c.room(false, n)
	copyWords(to, a, n)
	if w&TagMask == TagBoxed {
		switch *(*uint64)(at(to)) {
		case Header(SubBinRef, holderWords-1), Header(SubRef, holderWords-1):
			e.holders = append(e.holders, to)
		}
	}
	*moved = uint64(to) | w&TagMask
	return *moved
}

// adoptHolders links the copied holders into the heap's chain.
func (h *Heap) adoptHolders(e *eviction) (bytes int) {
	for _, a := range e.holders {
		holdBlock(holderBlock(a))
		store(a, holderNextWord, uint64(h.OffHeap))
		h.OffHeap = a
		bytes += blockBytes(holderBlock(a))
	}
	return bytes
}
