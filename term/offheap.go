package term

import (
	"sync"
	"sync/atomic"
)

// Off-heap blocks are reference-counted and never move: the bytes of large binaries, and the handles of
// Go-backed resources. A holder is an object that owns one reference: a BinRef, or a magic reference. All holders of a heap, fragment or
// literal area are linked into its chain, and drop their reference when they die.
//
// Both kinds of holder are five words:
//
//	header(SubBinRef, 4) | used<<2 + flags | address of the first byte | next holder | block
//	header(SubRef, 4)    | numbers 0 and 1 | number 2                  | next holder | block

const (
	holderWords     = 5
	binRefUsed      = 1
	binRefData      = 2
	holderNextWord  = 3
	holderBlockWord = 4
)

// Flags of a BinRef.
const (
	binWritable = 1 // this holder may append behind the used bits, in place
	binActive   = 2 // it did so since the last collection
)

type offBlock struct {
	refs  int64
	words uint32 // of the whole block
	kind  uint32
}

const (
	offBlockBytes = 16
	kindBytes     = 0
	kindResource  = 1
)

func newOffBlock(dataBytes int, kind uint32) uintptr {
	n := BlockWords((dataBytes+WordBytes-1)/WordBytes + offBlockBytes/WordBytes)
	a := newBlock(n, memBinary)
	*(*offBlock)(at(a)) = offBlock{refs: 1, words: uint32(n), kind: kind}
	return a
}

// blockBytes is the capacity of an off-heap block.
func blockBytes(a uintptr) int { return int((*offBlock)(at(a)).words)*WordBytes - offBlockBytes }

func holdBlock(a uintptr) { atomic.AddInt64(&(*offBlock)(at(a)).refs, 1) }

func dropBlock(a uintptr) {
	b := (*offBlock)(at(a))
	if atomic.AddInt64(&b.refs, -1) != 0 {
		return
	}
	if b.kind == kindResource {
		id := *(*uint64)(at(a + offBlockBytes))
		if r, ok := resources.LoadAndDelete(id); ok {
			r.(Resource).Release()
		}
	}
	freeBlock(a, int(b.words), memBinary)
}

func holderNext(a uintptr) uintptr  { return *(*uintptr)(at(a + holderNextWord*WordBytes)) }
func holderBlock(a uintptr) uintptr { return *(*uintptr)(at(a + holderBlockWord*WordBytes)) }

// dropChain drops the reference of every holder in a chain.
func dropChain(a uintptr) {
	for a != 0 {
		next := holderNext(a)
		dropBlock(holderBlock(a))
		a = next
	}
}

// OffHeapBinaries passes each reference of the heap to bytes outside of it: their address and size, and the number of references
// that the node has to them.
func (h *Heap) OffHeapBinaries(f func(addr uintptr, size, refs int)) {
	chainBinaries(h.OffHeap, f)
	chainBinaries(h.OldOffHeap, f)
}

func chainBinaries(chain uintptr, f func(addr uintptr, size, refs int)) {
	for a := chain; a != 0; a = holderNext(a) {
		t := MakeBoxed(a)
		if *t.Words() != Header(SubBinRef, holderWords-1) {
			continue // a resource
		}
		b := holderBlock(a)
		f(b+offBlockBytes, int(t.Word(binRefUsed)>>2+7)/8, int(atomic.LoadInt64(&(*offBlock)(at(b)).refs)))
	}
}

// writeHolder writes a BinRef at a for a block whose reference is handed over, and links it.
func writeBinRef(a, block uintptr, usedBits int, flags uint64, chain *uintptr) {
	store(a, 0, Header(SubBinRef, holderWords-1))
	store(a, binRefUsed, uint64(usedBits)<<2|flags)
	store(a, binRefData, uint64(block+offBlockBytes))
	store(a, holderNextWord, uint64(*chain))
	store(a, holderBlockWord, uint64(block))
	*chain = a
}

// Resource is a Go value behind a magic reference: a file, an array of atomics, a compression stream.
type Resource interface {
	// Release is called once, after the last reference has gone, by any goroutine. It must neither block nor use terms.
	Release()
}

var (
	resources   sync.Map // uint64 -> Resource
	resourceIDs atomic.Uint64
)

// MagicRef makes a reference with the given numbers that keeps r alive.
func (h *Heap) MagicRef(nums [3]uint32, r Resource) Term {
	block := newOffBlock(WordBytes, kindResource)
	id := resourceIDs.Add(1)
	resources.Store(id, r)
	*(*uint64)(at(block + offBlockBytes)) = id
	a := h.Alloc(holderWords)
	store(a, 0, Header(SubRef, holderWords-1))
	store(a, 1, uint64(nums[0])|uint64(nums[1])<<32)
	store(a, 2, uint64(nums[2]))
	store(a, holderNextWord, uint64(h.OffHeap))
	store(a, holderBlockWord, uint64(block))
	h.OffHeap = a
	return MakeBoxed(a)
}

// MagicResource gives the Go value behind a magic reference.
func MagicResource(t Term) (Resource, bool) {
	if !t.IsBoxed() || *t.Words() != Header(SubRef, holderWords-1) {
		return nil, false
	}
	r, ok := resources.Load(*(*uint64)(at(holderBlock(t.Addr()) + offBlockBytes)))
	if !ok {
		return nil, false
	}
	return r.(Resource), true
}

// ResourceCount is the number of resources alive in this Go process (for leak tests).
func ResourceCount() int {
	n := 0
	resources.Range(func(any, any) bool { n++; return true })
	return n
}

// soleHolder reports whether a block has one holder, the caller's.
func soleHolder(a uintptr) bool { return atomic.LoadInt64(&(*offBlock)(at(a)).refs) == 1 }
