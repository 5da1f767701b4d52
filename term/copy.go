package term

import (
	"sync"
	"unsafe"
)

// Copying between heaps takes two passes: one adds up the words, the other copies into memory that is known to be large enough.
// The second is Cheney's (CACM 1970) without forwarding: copied objects are themselves the queue of work, so that no
// depth of nesting needs a stack. Sharing within a term is lost, as it is on the BEAM.

// allRaw marks objects without terms inside.
const allRaw = -1

// rawWords says, by subtag, how many words behind the header are no terms; terms follow them.
var rawWords = [16]int8{
	SubTuple >> 2:    0,
	SubMatch >> 2:    3,
	SubPosBig >> 2:   allRaw,
	SubNegBig >> 2:   allRaw,
	SubRef >> 2:      allRaw,
	SubFun >> 2:      1,
	SubFloat >> 2:    allRaw,
	SubExport >> 2:   allRaw,
	SubBinRef >> 2:   allRaw,
	SubHeapBits >> 2: allRaw,
	SubBits >> 2:     2,
	SubRecord >> 2:   0,
	SubExtPid >> 2:   allRaw,
	SubExtPort >> 2:  allRaw,
	SubExtRef >> 2:   allRaw,
	SubMap >> 2:      0,
}

// payload is the number of words behind a header. Bits 38 and up of a map's header hold other facts.
func payload(header uint64) int { return int(uint32(header >> HeaderShift)) }

// rawPayload is the number of words behind a header that are no terms.
func rawPayload(header uint64) int {
	if raw := int(rawWords[header&SubMask>>2]); raw != allRaw {
		return raw
	}
	return payload(header)
}

// termStack is the explicit stack of traversals.
type termStack struct{ terms []Term }

var termStacks = sync.Pool{New: func() any { return &termStack{make([]Term, 0, 64)} }}

func (s *termStack) release() {
	if cap(s.terms) > 1<<16 {
		s.terms = make([]Term, 0, 64)
	}
	s.terms = s.terms[:0]
	termStacks.Put(s)
}

// Size is the number of words that a copy of t takes when literals are copied too (erts_debug:flat_size).
func Size(t Term) int { return size(t, everyArea) }

// MessageSize is the number of words that a copy of t within the node takes.
func MessageSize(t Term) int { return size(t, condemned.set.Load()) }

// kept reports whether a copy refers to t, a pointer, where it is: a literal that is in none of the areas gone. It is small enough
// to be inlined.
func kept(t Term, gone *condemnedSet) bool { return IsLiteral(t) && gone.stays(t) }

// literalRange is where the literals are that copies refer to where they are; gone then says which of them do not stay.
func literalRange(gone *condemnedSet) (lo, size uintptr) {
	if gone == everyArea {
		return 0, 0
	}
	return litBase, litSize
}

// size is the number of words of a copy of t without the literals that stay where they are, which those in gone do not.
func size(t Term, gone *condemnedSet) int {
	if !t.IsCons() && !t.IsBoxed() { // None, too
		return 0
	}
	lo, span := literalRange(gone)
	var small [16]Term // most messages need no more
	stack := small[:]
	stack[0] = t
	n := 0
	for sp := 1; sp > 0; {
		if gone == nil || gone == everyArea {
			k := 0
			if k, sp = sizePlain(stack, sp, lo, span); sp == 0 {
				return n + k
			}
			n += k
		}
		// The object at the top of the stack needs more care or more stack than sizePlain has.
		sp--
		t := stack[sp]
		if kept(t, gone) {
			continue
		}
		elems := wordsAt(t.Addr(), 2)
		if t.IsCons() {
			n += 2
		} else {
			hdr := *t.Words()
			k := payload(hdr)
			switch raw := int(rawWords[hdr&SubMask>>2]); {
			case hdr&SubMask == SubBits || hdr&SubMask == SubMatch:
				n += bitsCopyWords(t)
				continue
			case raw == allRaw:
				n += 1 + k
				continue
			default:
				n += 1 + k
				elems = wordsAt(t.Addr()+uintptr(1+raw)*WordBytes, k-raw)
			}
		}
		for _, e := range elems {
			if !e.IsImmediate() {
				if sp == len(stack) {
					stack = append(stack, make([]Term, len(stack))...)
				}
				stack[sp] = e
				sp++
			}
		}
	}
	return n
}

// sizePlain adds up the sizes of the terms on the stack while all literals stay or none does, until it is empty, or full, or a window of a
// binary is at its top. It calls nothing, so that all it works with is in registers.
func sizePlain(stack []Term, sp int, lo, span uintptr) (n, left int) {
	for sp > 0 {
		t := stack[sp-1]
		if uintptr(t)-lo < span {
			sp--
			continue
		}
		if t&TagMask == TagCons {
			sp--
			for {
				cell := (*[2]Term)(at(uintptr(t) - TagCons))
				head := cell[0]
				if head&TagMask != TagImm && uintptr(head)-lo >= span {
					k := 0
					if head&TagMask == TagBoxed {
						if hdr := *(*uint64)(at(uintptr(head) - TagBoxed)); flatSubs>>(hdr&SubMask>>2)&1 != 0 {
							k = 1 + payload(hdr)
						}
					}
					if n += k; k == 0 {
						if sp >= len(stack)-1 {
							stack[sp] = t
							return n, sp + 1
						}
						stack[sp] = head
						sp++
					}
				}
				n += 2
				t = cell[1]
				if t&TagMask == TagImm || uintptr(t)-lo < span {
					break
				}
				if t&TagMask != TagCons {
					stack[sp] = t
					sp++
					break
				}
			}
			continue
		}
		a := uintptr(t) - TagBoxed
		hdr := *(*uint64)(at(a))
		raw, k := int(rawWords[hdr&SubMask>>2]), payload(hdr)
		if raw == allRaw {
			sp--
			n += 1 + k
			continue
		}
		if raw > 1 || sp+k > len(stack) {
			return n, sp
		}
		sp--
		n += 1 + k
		end := a + uintptr(k)*WordBytes
		for a += uintptr(raw) * WordBytes; a < end; {
			a += WordBytes
			e := *(*Term)(at(a))
			if e&TagMask == TagImm || uintptr(e)-lo < span {
				continue
			}
			if e&TagMask == TagBoxed {
				if hdr := *(*uint64)(at(uintptr(e) - TagBoxed)); flatSubs>>(hdr&SubMask>>2)&1 != 0 {
					n += 1 + payload(hdr)
					continue
				}
			}
			stack[sp] = e
			sp++
		}
	}
	return n, 0
}

// flatSubs has a bit for each subtag of objects without terms inside, as rawWords says.
const flatSubs = 1<<(SubPosBig>>2) | 1<<(SubNegBig>>2) | 1<<(SubRef>>2) | 1<<(SubFloat>>2) | 1<<(SubHeapBits>>2) |
	1<<(SubExport>>2) | 1<<(SubBinRef>>2) | 1<<(SubExtPid>>2) | 1<<(SubExtPort>>2) | 1<<(SubExtRef>>2)

// copier copies terms to the memory at top, which is large enough.
type copier struct {
	top   uintptr
	chain *uintptr
	bytes int // capacity of the off-heap blocks referred to
	gone  *condemnedSet
}

func (c *copier) copy(t Term) Term {
	if t.IsImmediate() || kept(t, c.gone) {
		return t
	}
	start, gone := c.top, c.gone
	lo, span := literalRange(gone)
	t = c.object(t)
	for scan := start; scan < c.top; scan += WordBytes {
		if gone == nil || gone == everyArea {
			if scan, c.top = copyPlain(scan, c.top, start, lo, span); scan == c.top {
				break
			}
		}
		w := *(*uint64)(at(scan))
		switch w & TagMask {
		case TagImm:
		case TagHeader:
			scan += uintptr(rawPayload(w)) * WordBytes
		default:
			e := Term(w)
			if a := uintptr(e &^ TagMask); a-start >= c.top-start && !kept(e, gone) {
				*(*Term)(at(scan)) = c.object(e)
			}
		}
	}
	return t
}

// copyPlain is the loop of copy while all literals stay or none does, up to a reference to an object for which viaObject says that it is not
// simply copied word by word. It gives how far it came: scan is top at the end. It repeats the common cases of object and calls
// nothing, so that all it works with is in registers: this is where the time goes.
func copyPlain(scan, top, start, lo, span uintptr) (uintptr, uintptr) {
	for ; scan < top; scan += WordBytes {
		w := *(*uint64)(at(scan))
		switch w & TagMask {
		case TagImm:
		case TagHeader:
			raw := uintptr(rawWords[w&SubMask>>2])
			if w&SubMask != SubTuple && raw != 0 {
				if int8(raw) == allRaw {
					raw = uintptr(payload(w))
				}
				scan += raw * WordBytes
			}
		case TagCons:
			a := uintptr(w) - TagCons
			if a-start < top-start || a-lo < span {
				continue
			}
			*(*uint64)(at(scan)) = uint64(top) | TagCons
			for {
				cell, to := (*[2]uint64)(at(a)), (*[2]uint64)(at(top))
				to[0] = cell[0]
				tail := cell[1]
				top += 2 * WordBytes
				a = uintptr(tail) - TagCons
				if tail&TagMask != TagCons || a-lo < span {
					to[1] = tail
					break
				}
				to[1] = uint64(top) | TagCons
			}
		default:
			a := uintptr(w) - TagBoxed
			if a-start < top-start || a-lo < span {
				continue
			}
			hdr := *(*uint64)(at(a))
			if viaObject>>(hdr&SubMask>>2)&1 != 0 {
				return scan, top
			}
			*(*uint64)(at(scan)) = uint64(top) | TagBoxed
			*(*uint64)(at(top)) = hdr
			for end := a + uintptr(payload(hdr))*WordBytes; a < end; {
				a += WordBytes
				top += WordBytes
				*(*uint64)(at(top)) = *(*uint64)(at(a))
			}
			top += WordBytes
		}
	}
	return scan, top
}

// viaObject has a bit for each subtag of objects that are not simply copied word by word.
const viaObject = 1<<(SubBits>>2) | 1<<(SubMatch>>2) | 1<<(SubBinRef>>2) | 1<<(SubRef>>2) | 1<<(SubPosBig>>2) | 1<<(SubNegBig>>2)

// object copies one boxed object, or the cells of a list up to its end, as they are.
func (c *copier) object(t Term) Term {
	a := c.top
	if t.IsCons() {
		for {
			tail := t.Tail()
			store(c.top, 0, t.Word(0))
			c.top += 2 * WordBytes
			if !tail.IsCons() || kept(tail, c.gone) {
				*(*Term)(at(c.top - WordBytes)) = tail
				return MakeCons(a)
			}
			*(*Term)(at(c.top - WordBytes)) = MakeCons(c.top)
			t = tail
		}
	}
	hdr := *t.Words()
	switch hdr & SubMask {
	case SubBits, SubMatch:
		return c.bits(t)
	case SubBinRef:
		writeBinRef(a, holderBlock(t.Addr()), int(t.Word(binRefUsed)>>2), 0, c.chain)
		holdBlock(holderBlock(a))
		c.bytes += blockBytes(holderBlock(a))
		c.top += holderWords * WordBytes
		return MakeBoxed(a)
	}
	n := 1 + payload(hdr)
	copyWords(a, t.Addr(), n)
	c.top += uintptr(n) * WordBytes
	if hdr == Header(SubRef, holderWords-1) {
		store(a, holderNextWord, uint64(*c.chain))
		*c.chain = a
		holdBlock(holderBlock(a))
	}
	return MakeBoxed(a)
}

// bitsCopyWords is the size of a copy of a window: short ones become heap binaries.
func bitsCopyWords(t Term) int {
	b := windowBits(t)
	if b.Len <= MaxHeapBits {
		return heapBitsWords(b.Len)
	}
	return subBitsWords + holderWords
}

func (c *copier) bits(t Term) Term {
	a := c.top
	b := windowBits(t)
	if b.Len <= MaxHeapBits {
		data := writeHeapBits(a, b.Len)
		CopyBits(data, 0, b.Data, b.Off, b.Len)
		c.top += uintptr(heapBitsWords(b.Len)) * WordBytes
		return MakeBoxed(a)
	}
	base := windowBase(t).Addr()
	ref := a + subBitsWords*WordBytes
	holdBlock(holderBlock(base))
	c.bytes += blockBytes(holderBlock(base))
	writeBinRef(ref, holderBlock(base), b.Off+b.Len, 0, c.chain)
	writeSubBits(a, MakeBoxed(ref), b.Off, b.Len)
	c.top = ref + holderWords*WordBytes
	return MakeBoxed(a)
}

func copyWords(dst, src uintptr, n int) {
	copy(unsafe.Slice((*uint64)(at(dst)), n), unsafe.Slice((*uint64)(at(src)), n))
}

// CopyTo copies t onto the heap, literals included.
func CopyTo(h *Heap, t Term) Term { return copyTo(h, t, everyArea) }

// CopyLocal copies t onto the heap of a process of the same node: literals stay where they are.
func CopyLocal(h *Heap, t Term) Term { return copyTo(h, t, condemned.set.Load()) }

func copyTo(h *Heap, t Term, gone *condemnedSet) Term {
	n := size(t, gone)
	if n == 0 {
		return t
	}
	c := copier{top: h.Alloc(n), chain: &h.OffHeap, gone: gone}
	t = c.copy(t)
	h.OffHeapBytes += c.bytes
	return t
}

// CopyShort is CopyLocal in one pass, for terms of up to so many words that refer to nothing off-heap, onto a heap with room in its block.
// Otherwise it gives false and the heap is as it was.
func CopyShort(h *Heap, t Term, most int) (Term, bool) {
	gone := condemned.set.Load()
	if t.IsImmediate() || kept(t, gone) {
		return t, true
	}
	start := h.Htop
	if h.E <= start+StackReserve*WordBytes {
		return None, false
	}
	limit := min(h.E-StackReserve*WordBytes, start+uintptr(most)*WordBytes)
	t, top := shortObject(t, start, limit, gone)
	if top == 0 {
		return None, false
	}
	for scan := start; scan < top; {
		w := *(*uint64)(at(scan))
		switch w & TagMask {
		case TagImm:
			scan += WordBytes
		case TagHeader:
			scan += uintptr(1+rawPayload(w)) * WordBytes
		default:
			e := Term(w)
			if a := uintptr(e &^ TagMask); a-start >= top-start && !kept(e, gone) {
				if e, top = shortObject(e, top, limit, gone); top == 0 {
					return None, false
				}
				*(*Term)(at(scan)) = e
			}
			scan += WordBytes
		}
	}
	h.Htop = top
	return t, true
}

// shortObject copies one boxed object, or the cells of a list, to top as they are and gives the new top, 0 if there is no room up to limit
// or the object is for the slow way.
func shortObject(t Term, top, limit uintptr, gone *condemnedSet) (Term, uintptr) {
	a := top
	if t.IsCons() {
		for {
			if limit-top < 2*WordBytes {
				return None, 0
			}
			cell := (*[2]Term)(at(t.Addr()))
			to := (*[2]Term)(at(top))
			top += 2 * WordBytes
			to[0] = cell[0]
			t = cell[1]
			if !t.IsCons() || kept(t, gone) {
				to[1] = t
				return MakeCons(a), top
			}
			to[1] = MakeCons(top)
		}
	}
	from := t.Addr()
	hdr := *(*uint64)(at(from))
	switch sub := hdr & SubMask; {
	case sub == SubBits || sub == SubMatch || sub == SubBinRef || hdr == Header(SubRef, holderWords-1):
		return None, 0
	}
	size := uintptr(1+payload(hdr)) * WordBytes
	if limit-top < size {
		return None, 0
	}
	*(*uint64)(at(top)) = hdr
	for i := uintptr(WordBytes); i < size; i += WordBytes {
		*(*uint64)(at(top + i)) = *(*uint64)(at(from + i))
	}
	return MakeBoxed(a), top + size
}

func wordsAt(a uintptr, n int) []Term { return unsafe.Slice((*Term)(at(a)), n) }

// SharedSize is the number of words that t takes where it lies: what is reached in several ways counts once. Literals count if
// that is wanted.
func SharedSize(t Term, literals bool) int {
	n := 0
	seen := map[Term]bool{}
	stack := []Term{t}
	for len(stack) > 0 {
		t = stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for t.IsCons() && !seen[t] && (literals || !IsLiteral(t)) {
			seen[t] = true
			n += 2
			stack = append(stack, t.Head())
			t = t.Tail()
		}
		if !t.IsBoxed() || seen[t] || !literals && IsLiteral(t) {
			continue
		}
		seen[t] = true
		hdr := *t.Words()
		k := payload(hdr)
		n += 1 + k
		raw := int(rawWords[hdr&SubMask>>2])
		for i := 1 + raw; raw != allRaw && i <= k; i++ {
			stack = append(stack, Term(t.Word(i)))
		}
	}
	return n
}
