package term

import "sync"

// The collector: per process, copying (Cheney, CACM 1970), two generations.
//
// A minor collection copies what lives in the young block and in the fragments: objects below the high-water mark, which survived
// the collection before, go to the old generation; the rest goes to a new young block, all of it below the new mark.
// Terms are immutable, so old objects never point to younger ones and the old generation need not be looked at. A full
// collection copies everything into one new young block. Literals never move.

// Roots are the terms that a collection starts from, besides the stack.
type Roots struct {
	X     []Term  // the live X registers
	Extra RootSet // what else refers to the heap, or nil
}

// RootSet is something that holds terms of the heap: a process's dictionary, saved arguments, messages that were
// adopted but not removed from the queue.
type RootSet interface {
	// VisitRoots passes all terms to c.Root or c.Roots, some maybe more than once. It may be called twice in one collection.
	VisitRoots(c *Collector)
}

// Collector is one collection under way, as a RootSet sees it.
type Collector struct {
	top    uintptr // end of the objects copied to the new young block
	oldTop uintptr // end of the old generation

	lo, size uintptr // from-space: the young block's objects
	mature   uintptr // of these, the first bytes, which are promoted
	old      uintptr // old generation, which stays (minor collections): start and size in bytes
	oldSize  uintptr
	to       uintptr // new young block: start and size in bytes
	toSize   uintptr

	promoting bool // everything goes to the old generation

	gone, goneSize uintptr // the range of the literal areas that evicted is about
	evicted        *eviction
}

var collectors = sync.Pool{New: func() any { return new(Collector) }}

const (
	firstWords    = 8 // room in the first block besides what is needed at once: a million idle processes pay for it
	growFastWords = 233
	busyWords     = 4096 // up to here the block grows because the process allocates a lot, though little survives
	busyMinors    = 16   // after so many minor collections each time
	busyMapped    = 256 << 20
	maxNursery    = 64 << 10 // words kept for young objects because there are many old ones
	minBinLimit   = 256 << 10

	// usualWords is OTP's default of min_heap_size.
	usualWords = 233

	// DefaultMaxMinor is the system's default of fullsweep_after.
	DefaultMaxMinor = 65535
)

// NeedsCollection reports whether the machine should collect at the next safe point although there may be room in
// the block: BIFs overflowed into fragments, messages were adopted, or the heap keeps many bytes of off-heap blocks alive.
func (h *Heap) NeedsCollection() bool {
	return h.Wanted != WantNone || h.Frags != 0 && h.FragWords*WordBytes > max(int(h.End-h.Start)*3/4, 512) ||
		h.OffHeapBytes > max(h.BinLimit, minBinLimit)
}

// HasRoom reports whether n words fit between heap and stack: the condition that Collect(n, ...) establishes.
func (h *Heap) HasRoom(n int) bool { return h.E-h.Htop >= uintptr(n+StackReserve)*WordBytes }

// Collect collects the heap, fully or as seems best, and makes room for need words between heap and stack (HasRoom(need)). All terms of the
// process move: the roots are updated, other copies are worthless. A message that was not adopted must not be referred to by a root,
// since it would be taken for part of the heap: adopt the message under examination before, and make its slot a root.
// When the memory limit is reached it panics with a *MemoryLimitError and the heap is as it was before.
func (h *Heap) Collect(need int, roots Roots, full bool) {
	if h.ArenaMode {
		panic("term: an arena is not collected")
	}
	c := collectors.Get().(*Collector)
	defer collectors.Put(c)
	mature, wanted := h.High-h.Start, h.Wanted
	h.Wanted = WantNone
	switch {
	case h.Start == 0:
		h.firstBlock(need)
		if h.Frags == 0 {
			return
		}
		h.minor(c, need, roots)
	case full || wanted == WantFull || uint32(h.Minor) >= h.MaxMinor || h.OldBinBytes > 4*max(h.BinLimit, minBinLimit) ||
		h.OldStart != 0 && h.OldEnd-h.OldTop < mature:
		h.full(c, need, roots, nil)
	default:
		h.minor(c, need, roots)
	}
	if Debug.CheckHeap {
		if err := h.Check(); err != nil {
			panic(err)
		}
	}
}

// LimitGrowth lets collections reserve no more than so many words for both generations (0: any number), as long as what is in use has
// room in that: what a heap takes in advance must not count against max_heap_size.
func (h *Heap) LimitGrowth(words int) { h.limit = uint32(min(words, 1<<31)) }

// within gives the part of n words for the young block that LimitGrowth allows beside old ones.
func (h *Heap) within(n, old int) int {
	if h.limit == 0 {
		return n
	}
	return min(n, max(int(h.limit)-old, firstWords))
}

func (h *Heap) oldWords() int { return int(h.OldEnd-h.OldStart) / WordBytes }

// Begin gives a heap its first block, with room for need words. What it holds already stays in its fragments until
// the first collection.
func (h *Heap) Begin(need int) { h.firstBlock(need) }

func (h *Heap) firstBlock(need int) {
	n := max(int(h.MinWords), need+StackReserve+firstWords)
	if Debug.Tight {
		n = need + StackReserve + 1
	}
	n = BlockWords(n)
	h.setYoung(NewBlock(n), n)
	h.Htop, h.High, h.End = h.Start, h.Start, h.Start+uintptr(n)*WordBytes
	h.E = h.End
}

func (h *Heap) setYoung(a uintptr, words int) { h.Start, h.capacity = a, uint32(words) }

// minor does a minor collection.
func (h *Heap) minor(c *Collector, need int, roots Roots) {
	used := int(h.Htop-h.Start)/WordBytes + h.FragWords
	mature := h.High - h.Start
	stack := int(h.End-h.E) / WordBytes
	words := int(h.End-h.Start) / WordBytes
	worst := used - int(mature)/WordBytes + stack + need + StackReserve
	capacity := BlockWords(max(worst, h.within(int(h.want), h.oldWords()), int(h.MinWords)))
	to := NewBlock(capacity)
	if mature > 0 && h.OldStart == 0 {
		m := int(mature) / WordBytes
		n := m + max(m/2, words)
		if h.limit > 0 {
			n = m + m/2
		}
		n = BlockWords(n)
		h.OldStart = h.newOld(to, capacity, n)
		h.OldTop, h.OldEnd = h.OldStart, h.OldStart+uintptr(n)*WordBytes
	}
	*c = Collector{top: to, oldTop: h.OldTop, lo: h.Start, size: h.Htop - h.Start, mature: mature,
		old: h.OldStart, oldSize: h.OldEnd - h.OldStart, to: to, toSize: uintptr(capacity) * WordBytes}
	oldTop := h.OldTop
	h.visit(c, roots)
	c.top = c.scan(to, c.top, c.mature)
	c.promoting = true
	c.oldTop = c.scan(oldTop, c.oldTop, 0)
	h.OldTop = c.oldTop
	if int(h.capacity) >= max(int(h.MinWords), usualWords) {
		h.Minor++ // while it grows to the size that other systems begin with it does not count
	}
	used = int(c.top-to) / WordBytes
	words = h.resize(words, used+stack+need+StackReserve, capacity, used+int(h.OldTop-h.OldStart)/WordBytes)
	h.finish(c, capacity, words, stack, false)
}

// newOld allocates the old generation; when that fails the young block is given back first.
func (h *Heap) newOld(to uintptr, capacity, n int) uintptr {
	defer func() {
		if e := recover(); e != nil {
			FreeBlock(to, capacity)
			panic(e)
		}
	}()
	return NewBlock(n)
}

// full does a full collection; a second pass moves the survivors to a smaller block when they are few. e is not nil when condemned
// literals are copied.
func (h *Heap) full(c *Collector, need int, roots Roots, e *eviction) {
	stack := int(h.End-h.E) / WordBytes
	worst := int(h.Htop-h.Start+h.OldTop-h.OldStart)/WordBytes + h.FragWords + stack + need + StackReserve
	if e != nil {
		worst += e.words
	}
	for pass := 0; ; pass++ {
		capacity := BlockWords(max(worst, int(h.MinWords)))
		to := NewBlock(capacity)
		*c = Collector{top: to, lo: h.Start, size: h.Htop - h.Start, to: to, toSize: uintptr(capacity) * WordBytes}
		if e != nil && pass == 0 {
			c.evicted, c.gone, c.goneSize = e, e.set.lo, e.set.size
		}
		h.visit(c, roots)
		c.top = c.scan(to, c.top, 0)
		live := int(c.top-to)/WordBytes + stack + need + StackReserve
		fit := max(live+live/2, int(h.MinWords), min(growFastWords, capacity))
		h.finish(c, capacity, max(live, h.within(min(capacity, BlockWords(fit)), 0)), stack, true)
		h.Minor, h.want = 0, 0
		if pass > 0 || BlockWords(fit)*4 > capacity*3 {
			return
		}
		worst = fit
	}
}

// visit copies what the roots refer to.
func (h *Heap) visit(c *Collector, roots Roots) {
	c.Roots(roots.X)
	if h.End > h.E {
		c.Roots(wordsAt(h.E, int(h.End-h.E)/WordBytes))
	}
	if roots.Extra != nil {
		roots.Extra.VisitRoots(c)
	}
}

// finish frees from-space and makes the new block the young block, with the stack's bottom words behind its start.
func (h *Heap) finish(c *Collector, capacity, words, stack int, full bool) {
	if c.top > c.to+c.toSize || h.OldTop > h.OldEnd {
		// A root led to memory that does not belong to the heap and was not counted: what lies behind the block is damaged.
		panic("term: collection overran its block")
	}
	chain, oldChain := h.OffHeap, h.OldOffHeap
	h.OffHeap, h.OffHeapBytes = 0, 0
	live := 0
	if full {
		h.OldOffHeap, h.OldBinBytes = 0, 0
		live += h.sweep(oldChain, c)
	}
	live += h.sweep(chain, c)
	for f := h.Frags; f != 0; f = (*Fragment)(at(f)).Next {
		live += h.sweep((*Fragment)(at(f)).OffHeap, c)
	}
	if c.evicted != nil {
		live += h.adoptHolders(c.evicted)
		c.evicted = nil
	}
	h.BinLimit = max(minBinLimit, live)
	h.freeFragments()
	end := c.to + uintptr(words)*WordBytes
	e := end - uintptr(stack)*WordBytes
	copyWords(e, h.E, stack)
	FreeBlock(h.Start, int(h.capacity))
	if full && h.OldStart != 0 {
		FreeBlock(h.OldStart, int(h.OldEnd-h.OldStart)/WordBytes)
		h.OldStart, h.OldTop, h.OldEnd = 0, 0, 0
	}
	h.setYoung(c.to, capacity)
	h.Htop, h.High, h.E, h.End = c.top, c.top, e, end
}

// resize decides about the size of the young block after a minor collection: how many words of its capacity to use, which is the
// result, and how large the next one should be. words is the size before, live what is in use or reserved
// now, used the words of objects in both generations.
func (h *Heap) resize(words, live, capacity, used int) int {
	now, next := max(words, live, int(h.MinWords)), 0
	switch {
	case live > words*5/8:
		now = capacity
		if next = 2 * live; live > 1<<20 {
			next = live + live/2
		}
	case words < growFastWords:
		now, next = 2*words, 2*words
	case words < busyWords && h.Minor%busyMinors == 0 && memory.mapped.Load() < busyMapped:
		now, next = 2*words, 2*words
	case live < words/4 && words > growFastWords && (words > busyWords || memory.mapped.Load() >= busyMapped):
		// A nursery much smaller than the old generation would only collect more often.
		now = max(live*3, growFastWords, int(h.MinWords), min(used/4, words, maxNursery))
	}
	h.want = uint32(min(max(next, now), 1<<31))
	return max(h.within(min(now, capacity), h.oldWords()), live)
}

// sweep goes through a chain of holders in from-space: copied ones are linked into the chain of their
// new generation, the others drop their reference. It gives the bytes that young holders keep.
func (h *Heap) sweep(a uintptr, c *Collector) (live int) {
	for a != 0 {
		next := holderNext(a)
		if to := *(*uint64)(at(a)); to&TagMask == TagBoxed {
			n := uintptr(to) - TagBoxed
			if *(*uint64)(at(n)) == Header(SubBinRef, holderWords-1) {
				trimWritable(n)
			}
			bytes := blockBytes(holderBlock(n))
			if n-c.old < c.oldSize {
				store(n, holderNextWord, uint64(h.OldOffHeap))
				h.OldOffHeap = n
				h.OldBinBytes += bytes
			} else {
				store(n, holderNextWord, uint64(h.OffHeap))
				h.OffHeap = n
				live += bytes
			}
		} else {
			dropBlock(holderBlock(a))
		}
		a = next
	}
	return live
}

// trimWritable ends the writing to a binary that nothing was appended to since the last collection, and gives back the
// room behind its used bytes when nobody else refers to the block.
func trimWritable(ref uintptr) {
	w := *(*uint64)(at(ref + binRefUsed*WordBytes))
	if w&binWritable == 0 {
		return
	}
	if w&binActive != 0 {
		store(ref, binRefUsed, w&^binActive)
		return
	}
	store(ref, binRefUsed, w&^(binWritable|binActive))
	block := holderBlock(ref)
	used := int(w>>2+7) >> 3
	if blockBytes(block)-used < max(64, used/8) || !soleHolder(block) {
		return
	}
	exact := newOffBlock(used, kindBytes)
	copy(bytesAt(exact+offBlockBytes, used), bytesAt(block+offBlockBytes, used))
	store(ref, binRefData, uint64(exact+offBlockBytes))
	store(ref, holderBlockWord, uint64(exact))
	dropBlock(block)
}

// Roots updates terms to where their objects are now; words that are headers or return addresses stay.
func (c *Collector) Roots(ts []Term) {
	for i, t := range ts {
		if (t+1)&2 != 0 { // tag 01 or 10: a pointer
			c.Root(&ts[i])
		}
	}
}

// Root is Roots for one term.
func (c *Collector) Root(p *Term) {
	w := uint64(*p)
	switch w & TagMask {
	case TagCons, TagBoxed:
		a := uintptr(w &^ TagMask)
		if a-c.lo < c.size || !c.stays(a) {
			*p = Term(c.evacuate(w))
		}
	}
}

// stays reports whether an address outside the young from-space is not collected now. What is left are
// fragments, and the old generation in full collections.
func (c *Collector) stays(a uintptr) bool {
	return isLiteralAddr(a) && a-c.gone >= c.goneSize || a-c.old < c.oldSize || a-c.to < c.toSize
}

// evacuate copies the object behind a pointer, if that was not done yet, and gives the new pointer.
func (c *Collector) evacuate(w uint64) uint64 {
	a := uintptr(w &^ TagMask)
	if a-c.gone < c.goneSize {
		return c.evict(w)
	}
	promote := c.promoting || a-c.lo < c.mature
	if w&TagMask == TagCons {
		cell := (*[2]uint64)(at(a))
		if cell[0] == 0 {
			return cell[1]
		}
		to := c.room(promote, 2)
		*(*[2]uint64)(at(to)) = *cell
		cell[0], cell[1] = 0, uint64(to)|TagCons
		return cell[1]
	}
	hdr := *(*uint64)(at(a))
	if hdr&TagMask != TagHeader {
		return hdr
	}
	n := 1 + payload(hdr)
	to := c.room(promote, n)
	copyWords(to, a, n)
	*(*uint64)(at(a)) = uint64(to) | TagBoxed
	return uint64(to) | TagBoxed
}

func (c *Collector) room(promote bool, n int) (to uintptr) {
	size := uintptr(n) * WordBytes
	if promote {
		to = c.oldTop
		c.oldTop += size
		return to
	}
	to = c.top
	c.top += size
	return to
}

// scan goes through the objects copied to [scan, top) and copies what they refer to behind them; it gives the new end. Objects in the first
// mature bytes of from-space are promoted instead: those of minor collections' young pass; the pass over the
// old generation's new objects promotes everything, as there may be no pointers from old to young. The common cases of evacuate
// are repeated here, as this loop is where the time goes.
func (c *Collector) scan(scan, top, mature uintptr) uintptr {
	lo, size := c.lo, c.size
	for scan < top {
		w := *(*uint64)(at(scan))
		switch w & TagMask {
		case TagImm:
			scan += WordBytes
		case TagHeader:
			scan += uintptr(1+rawPayload(w)) * WordBytes
		case TagCons:
			a := uintptr(w) - TagCons
			if a-lo >= size && c.stays(a) {
				scan += WordBytes
				continue
			}
			if a-lo >= mature && a-c.gone >= c.goneSize {
				cell := (*[2]uint64)(at(a))
				head := cell[0]
				if head == 0 {
					*(*uint64)(at(scan)) = cell[1]
					scan += WordBytes
					continue
				}
				to := (*[2]uint64)(at(top))
				to[0], to[1] = head, cell[1]
				w = uint64(top) | TagCons
				top += 2 * WordBytes
				cell[0], cell[1] = 0, w
				*(*uint64)(at(scan)) = w
				scan += WordBytes
				continue
			}
			*(*uint64)(at(scan)), top = c.evacuateTo(w, top)
			scan += WordBytes
		default:
			a := uintptr(w) - TagBoxed
			if a-lo >= size && c.stays(a) {
				scan += WordBytes
				continue
			}
			if a-lo >= mature && a-c.gone >= c.goneSize {
				hdr := *(*uint64)(at(a))
				if hdr&TagMask != TagHeader {
					*(*uint64)(at(scan)) = hdr
					scan += WordBytes
					continue
				}
				n := uintptr(1+payload(hdr)) * WordBytes
				w = uint64(top) | TagBoxed
				for i := uintptr(0); i < n; i += WordBytes {
					*(*uint64)(at(top + i)) = *(*uint64)(at(a + i))
				}
				top += n
				*(*uint64)(at(a)) = w
				*(*uint64)(at(scan)) = w
				scan += WordBytes
				continue
			}
			*(*uint64)(at(scan)), top = c.evacuateTo(w, top)
			scan += WordBytes
		}
	}
	return top
}

// evacuateTo is evacuate for scan, which keeps the end of its target itself.
func (c *Collector) evacuateTo(w uint64, top uintptr) (uint64, uintptr) {
	if c.promoting {
		c.oldTop = top
		w = c.evacuate(w)
		return w, c.oldTop
	}
	c.top = top
	w = c.evacuate(w)
	return w, c.top
}

// Words is the size of the heap in words, both generations, as process_info(total_heap_size) has it; fragments not included.
func (h *Heap) Words() int { return int(h.End-h.Start+h.OldEnd-h.OldStart) / WordBytes }

// UsedWords is the part of Words that holds objects.
func (h *Heap) UsedWords() int { return int(h.Htop-h.Start+h.OldTop-h.OldStart) / WordBytes }

// StackWords is the size of the stack in words.
func (h *Heap) StackWords() int { return int(h.End-h.E) / WordBytes }

// MemoryBytes is all the memory that the heap takes: blocks and fragments, off-heap blocks not included.
func (h *Heap) MemoryBytes() int {
	return (int(h.capacity) + int(h.OldEnd-h.OldStart)/WordBytes + h.FragWords) * WordBytes
}
