package term

import "fmt"

// Check walks the whole heap, which must have been collected just before, and reports the first violation of its invariants: words that are
// no terms, pointers out of the heap or into the middle of things, old objects that point to young ones, holders of off-heap
// blocks that are not chained.
func (h *Heap) Check() error {
	k := heapCheck{h: h, holders: map[uintptr]bool{}}
	if h.Start != 0 && !(h.Start <= h.High && h.High <= h.Htop && h.Htop <= h.E && h.E <= h.End && h.End <= h.Start+uintptr(h.capacity)*WordBytes) {
		return fmt.Errorf("term: heap pointers out of order: start %#x high %#x htop %#x e %#x end %#x", h.Start, h.High, h.Htop, h.E, h.End)
	}
	k.area("young", h.Start, h.Htop, false)
	k.area("old", h.OldStart, h.OldTop, true)
	for f := h.Frags; f != 0; f = (*Fragment)(at(f)).Next {
		fr := (*Fragment)(at(f))
		k.area("fragment", f+fragmentHeaderWords*WordBytes, f+uintptr(fragmentHeaderWords+int(fr.Used))*WordBytes, false)
	}
	for a := h.E; a < h.End; a += WordBytes {
		if w := Term(*(*uint64)(at(a))); w.IsCons() || w.IsBoxed() {
			k.pointer("stack", a, w, false)
		}
	}
	k.chain(h.OffHeap, false)
	k.chain(h.OldOffHeap, true)
	for f := h.Frags; f != 0; f = (*Fragment)(at(f)).Next {
		k.chain((*Fragment)(at(f)).OffHeap, false)
	}
	for a := range k.holders {
		k.fail("holder at %#x is not in a chain", a)
	}
	return k.err
}

type heapCheck struct {
	h       *Heap
	holders map[uintptr]bool // found and not yet seen in a chain
	err     error
}

func (k *heapCheck) fail(format string, args ...any) {
	if k.err == nil {
		k.err = fmt.Errorf("term: heap check: "+format, args...)
	}
}

func (k *heapCheck) area(name string, a, end uintptr, old bool) {
	for a < end && k.err == nil {
		w := Term(*(*uint64)(at(a)))
		switch {
		case w&TagMask == TagHeader:
			n := payload(uint64(w))
			raw := int(rawWords[w&SubMask>>2])
			if raw == allRaw {
				raw = n
			}
			if a+uintptr(1+n)*WordBytes > end || raw > n {
				k.fail("%s: object at %#x with header %#x reaches over the end", name, a, uint64(w))
			}
			if w == Term(Header(SubBinRef, holderWords-1)) || w == Term(Header(SubRef, holderWords-1)) {
				k.holders[a] = true
			}
			a += uintptr(1+raw) * WordBytes
		case w.IsImmediate():
			if w&Imm2Mask == TagCatch || w&Imm1Mask == TagImm2 && w&Imm2Mask != TagAtom && w != Nil {
				k.fail("%s: %#x holds %#x, no term", name, a, uint64(w))
			}
			if w.IsAtom() && w.AtomIndex() >= AtomCount() {
				k.fail("%s: %#x holds an atom that does not exist", name, a)
			}
			a += WordBytes
		default:
			k.pointer(name, a, w, old)
			a += WordBytes
		}
	}
}

func (k *heapCheck) pointer(name string, from uintptr, t Term, old bool) {
	p, h := t.Addr(), k.h
	young := p >= h.Start && p < h.Htop
	switch {
	case IsLiteral(t), p >= h.OldStart && p < h.OldTop:
	case young && !old:
	case !old && k.inFragment(p):
	case young:
		k.fail("%s: %#x points to a younger object", name, from)
		return
	default:
		k.fail("%s: %#x points out of the heap: %#x", name, from, uint64(t))
		return
	}
	if first := *(*uint64)(at(p)); (first&TagMask == TagHeader) != t.IsBoxed() {
		k.fail("%s: %#x points to a %#x, which does not fit its tag", name, from, first)
	}
}

func (k *heapCheck) inFragment(p uintptr) bool {
	for f := k.h.Frags; f != 0; f = (*Fragment)(at(f)).Next {
		start := f + fragmentHeaderWords*WordBytes
		if p >= start && p < start+uintptr((*Fragment)(at(f)).Used)*WordBytes {
			return true
		}
	}
	return false
}

func (k *heapCheck) chain(a uintptr, old bool) {
	for ; a != 0 && k.err == nil; a = holderNext(a) {
		if !k.holders[a] {
			k.fail("chain contains %#x, where no holder is, or twice", a)
			return
		}
		delete(k.holders, a)
		if inOld := a >= k.h.OldStart && a < k.h.OldTop; inOld != old {
			k.fail("holder at %#x is in the chain of the wrong generation", a)
		}
		if refs := (*offBlock)(at(holderBlock(a))).refs; refs <= 0 {
			k.fail("holder at %#x refers to a block with %d references", a, refs)
		}
	}
}
