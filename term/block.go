package term

import (
	"fmt"
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Block memory: every heap, stack, fragment and off-heap binary lives in blocks from here. A block
// has one of four sizes per doubling (8, 10, 12, 14, 16, 20, ... words), so that a block is at
// most a quarter larger than asked for, small heaps included. Blocks of up to 128 KiB are carved out of spans of 1 MiB,
// larger ones are mapped one by one. Three layers, after Bonwick's slab and magazine allocators (USENIX 1994, 2001):
//
//	shard    free lists behind a lock that in practice only one worker takes
//	central  per size class, the spans with free blocks
//	system   spans and large blocks, mapped and unmapped
//
// Like Go's own heap the allocator belongs to the Go process, not to a node.

// Debug holds the switches for hunting memory errors. The node sets them before the first process runs.
var Debug struct {
	Poison        bool // fill fresh and freed blocks with a pattern that faults when followed
	CheckHeap     bool // walk the heap after every collection and panic when it is damaged
	CollectAlways bool // the machine collects at every safe point
	Tight         bool // heaps start with room for one word more than is needed at once
}

// poisonWord is a boxed pointer to an address that no system maps.
const poisonWord = 0xDEADDEADDEADDEA2

const (
	spanBytes     = 1 << 20
	minClassWords = 8
	maxSmallWords = 1 << 14 // largest block carved out of a span
	smallClasses  = (14-3)*4 + 1
	largeClasses  = 160
	shardCount    = 16
	batchBytes    = 16 << 10 // what a shard fetches from or returns to the central lists at once
)

// classOf gives the size class for n words, n > 0.
func classOf(n int) int {
	if n <= minClassWords {
		return 0
	}
	k := bits.Len(uint(n-1)) - 1
	return (k-3)*4 + (n-1-1<<k)>>(k-2) + 1
}

// classWords is the number of words in a block of class c.
func classWords(c int) int {
	if c == 0 {
		return minClassWords
	}
	k := (c-1)/4 + 3
	return 1<<k + ((c-1)%4+1)<<(k-2)
}

// BlockWords is the size of the block that NewBlock(n) gives: the whole of it may be used.
func BlockWords(n int) int { return classWords(classOf(n)) }

// memKind says what a block is used for, for the accounting.
type memKind int

const (
	memHeap memKind = iota
	memFragment
	memBinary
	memCode
	memKinds
)

type freeList struct {
	head  uintptr
	count int32
	batch int32
}

type shard struct {
	mu    sync.Mutex
	free  [smallClasses]freeList
	bytes [memKinds]int64
	_     [64]byte
}

// span is the header at the start of a span.
type span struct {
	next, prev uintptr // in central's list of spans that have free blocks
	free       uintptr // freed blocks
	class      int32
	used       int32 // blocks handed out
	carved     int32 // blocks handed out or on the free list
	total      int32
	listed     int32
	_          [3]int32
}

const spanHeaderBytes = 64

type centralList struct {
	mu    sync.Mutex
	spans uintptr // spans with free blocks
	_     [48]byte
}

var memory struct {
	shards  [shardCount]shard
	central [smallClasses]centralList

	large      sync.Mutex
	cached     [largeClasses]uintptr // freed large blocks, linked through word 0
	cachedSize int64
	spareSpans uintptr
	spareCount int

	mapped   atomic.Int64
	limit    atomic.Int64
	exceeded atomic.Pointer[func(*MemoryLimitError)]
}

// MemoryLimitError is what allocation panics with when the memory limit is reached or the
// system has no memory left. Nothing was changed when it is raised.
type MemoryLimitError struct {
	Need   int64 // bytes asked for
	Mapped int64 // bytes in use
	Limit  int64 // the limit, 0 when the system itself refused
}

func (e *MemoryLimitError) Error() string {
	if e.Limit == 0 {
		return fmt.Sprintf("cannot allocate %d bytes of memory", e.Need)
	}
	return fmt.Sprintf("cannot allocate %d bytes of memory: %d of the limit of %d bytes are in use", e.Need, e.Mapped, e.Limit)
}

// SetMemoryLimit bounds the memory for terms (0: no limit). When an allocation would exceed it, f is called if it is not
// nil (typically it writes a report and ends the program); when f returns, the allocation panics with the *MemoryLimitError.
func SetMemoryLimit(bytes int64, f func(*MemoryLimitError)) {
	if f == nil {
		memory.exceeded.Store(nil)
	} else {
		memory.exceeded.Store(&f)
	}
	memory.limit.Store(bytes)
}

// MemoryStats says how many bytes are in use for what. Numbers of several workers are
// added without stopping them.
type MemoryStats struct {
	Heaps     int64 // young and old blocks of processes
	Fragments int64 // overflow fragments, messages, arenas
	Binaries  int64 // off-heap blocks
	Code      int64 // instructions, export slots, fun entries
	Literals  int64
	Mapped    int64 // taken from the system, free blocks included, literals not
}

// ReadMemoryStats gives the current numbers.
func ReadMemoryStats() MemoryStats {
	var k [memKinds]int64
	for i := range memory.shards {
		s := &memory.shards[i]
		s.mu.Lock()
		for j := range k {
			k[j] += s.bytes[j]
		}
		s.mu.Unlock()
	}
	return MemoryStats{Heaps: k[memHeap], Fragments: k[memFragment], Binaries: k[memBinary], Code: k[memCode],
		Literals: literalBytes(), Mapped: memory.mapped.Load()}
}

// myShard picks a shard by the goroutine's stack address: a worker stays with its own.
func myShard() *shard {
	var here byte
	a := uint64(uintptr(unsafe.Pointer(&here))) >> 13
	return &memory.shards[a*0x9E3779B97F4A7C15>>60]
}

// NewBlock gives a block of at least n words (BlockWords(n)), not cleared, for a heap.
func NewBlock(n int) uintptr { return newBlock(n, memHeap) }

// FreeBlock returns a block that NewBlock(n) gave.
func FreeBlock(a uintptr, n int) { freeBlock(a, n, memHeap) }

// NewCode gives room for n words of code.
func NewCode(n int) uintptr { return newBlock(max(n, 1), memCode) }

// FreeCode returns what NewCode(n) gave.
func FreeCode(a uintptr, n int) { freeBlock(a, max(n, 1), memCode) }

func newBlock(n int, kind memKind) uintptr {
	c := classOf(n)
	s := myShard()
	s.mu.Lock()
	if c >= smallClasses {
		s.mu.Unlock()
		a := newLarge(c)
		s.mu.Lock()
		s.bytes[kind] += int64(classWords(c)) * WordBytes
		s.mu.Unlock()
		return a
	}
	f := &s.free[c]
	if f.head == 0 {
		if f.batch == 0 {
			f.batch = int32(max(1, min(64, batchBytes/(classWords(c)*WordBytes))))
		}
		var err *MemoryLimitError
		for try := 0; f.head == 0; try++ {
			if f.head, f.count, err = centralGet(c, f.batch); err != nil {
				s.mu.Unlock()
				if try > 0 {
					outOfMemory(err)
				}
				ReleaseMemory()
				s.mu.Lock()
			}
		}
	}
	a := f.head
	f.head = *(*uintptr)(at(a))
	f.count--
	s.bytes[kind] += int64(classWords(c)) * WordBytes
	s.mu.Unlock()
	if Debug.Poison {
		poison(a, classWords(c))
	}
	return a
}

func freeBlock(a uintptr, n int, kind memKind) {
	c := classOf(n)
	if Debug.Poison {
		poison(a, classWords(c))
	}
	s := myShard()
	s.mu.Lock()
	s.bytes[kind] -= int64(classWords(c)) * WordBytes
	if c >= smallClasses {
		s.mu.Unlock()
		freeLarge(a, c)
		return
	}
	f := &s.free[c]
	if f.batch == 0 {
		f.batch = int32(max(1, min(64, batchBytes/(classWords(c)*WordBytes))))
	}
	*(*uintptr)(at(a)) = f.head
	f.head = a
	f.count++
	if f.count > 2*f.batch {
		n := f.batch
		chain, last := f.head, f.head
		for i := int32(1); i < n; i++ {
			last = *(*uintptr)(at(last))
		}
		f.head = *(*uintptr)(at(last))
		*(*uintptr)(at(last)) = 0
		f.count -= n
		s.mu.Unlock()
		centralPut(c, chain)
		return
	}
	s.mu.Unlock()
}

func poison(a uintptr, words int) {
	w := unsafe.Slice((*uint64)(at(a)), words)
	for i := range w {
		w[i] = poisonWord
	}
}

// centralGet takes up to n blocks of class c, linked through their first words.
func centralGet(c int, n int32) (chain uintptr, got int32, err *MemoryLimitError) {
	l := &memory.central[c]
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spans == 0 {
		a, err := takeSpan()
		if err != nil {
			return 0, 0, err
		}
		*(*span)(at(a)) = span{class: int32(c), total: int32((spanBytes - spanHeaderBytes) / (classWords(c) * WordBytes))}
		listSpan(l, a)
	}
	sa := l.spans
	s := (*span)(at(sa))
	for got < n {
		var a uintptr
		switch {
		case s.free != 0:
			a = s.free
			s.free = *(*uintptr)(at(a))
		case s.carved < s.total:
			a = sa + spanHeaderBytes + uintptr(int(s.carved)*classWords(c)*WordBytes)
			s.carved++
		}
		s.used++
		*(*uintptr)(at(a)) = chain
		chain = a
		got++
		if s.free == 0 && s.carved == s.total {
			unlistSpan(l, sa)
			break
		}
	}
	return chain, got, nil
}

// centralPut returns a chain of blocks of class c to their spans; a span without blocks in use goes back.
func centralPut(c int, chain uintptr) {
	l := &memory.central[c]
	l.mu.Lock()
	for chain != 0 {
		a := chain
		chain = *(*uintptr)(at(a))
		sa := a &^ (spanBytes - 1)
		s := (*span)(at(sa))
		*(*uintptr)(at(a)) = s.free
		s.free = a
		s.used--
		if s.listed == 0 {
			listSpan(l, sa)
		}
		if s.used == 0 && (l.spans != sa || s.next != 0) {
			unlistSpan(l, sa)
			giveSpan(sa)
		}
	}
	l.mu.Unlock()
}

func listSpan(l *centralList, sa uintptr) {
	s := (*span)(at(sa))
	s.prev, s.next, s.listed = 0, l.spans, 1
	if s.next != 0 {
		(*span)(at(s.next)).prev = sa
	}
	l.spans = sa
}

func unlistSpan(l *centralList, sa uintptr) {
	s := (*span)(at(sa))
	if s.prev != 0 {
		(*span)(at(s.prev)).next = s.next
	} else {
		l.spans = s.next
	}
	if s.next != 0 {
		(*span)(at(s.next)).prev = s.prev
	}
	s.prev, s.next, s.listed = 0, 0, 0
}

// maxSpareSpans is how many empty spans are kept mapped for the next need.
const maxSpareSpans = 8

func takeSpan() (uintptr, *MemoryLimitError) {
	memory.large.Lock()
	if a := memory.spareSpans; a != 0 {
		memory.spareSpans = *(*uintptr)(at(a))
		memory.spareCount--
		memory.large.Unlock()
		return a, nil
	}
	memory.large.Unlock()
	return mapMemory(spanBytes)
}

func giveSpan(a uintptr) {
	memory.large.Lock()
	if memory.spareCount < maxSpareSpans {
		*(*uintptr)(at(a)) = memory.spareSpans
		memory.spareSpans = a
		memory.spareCount++
		memory.large.Unlock()
		return
	}
	memory.large.Unlock()
	unmapMemory(a, spanBytes)
}

func newLarge(c int) uintptr {
	if c >= largeClasses {
		outOfMemory(&MemoryLimitError{Need: int64(classWords(c)) * WordBytes, Mapped: memory.mapped.Load()})
	}
	memory.large.Lock()
	a := memory.cached[c]
	if a != 0 {
		memory.cached[c] = *(*uintptr)(at(a))
		memory.cachedSize -= int64(classWords(c)) * WordBytes
	}
	memory.large.Unlock()
	if a == 0 {
		var err *MemoryLimitError
		if a, err = mapMemory(uintptr(classWords(c)) * WordBytes); err != nil {
			ReleaseMemory()
			if a, err = mapMemory(uintptr(classWords(c)) * WordBytes); err != nil {
				outOfMemory(err)
			}
		}
	}
	if Debug.Poison && classWords(c) <= 1<<20 {
		poison(a, classWords(c))
	}
	return a
}

// maxCachedLarge bounds the freed large blocks that stay mapped: they save the page faults of a
// growing heap's next collection.
const maxCachedLarge = 64 << 20

func freeLarge(a uintptr, c int) {
	size := int64(classWords(c)) * WordBytes
	if !Debug.Poison {
		memory.large.Lock()
		if memory.cachedSize+size <= min(maxCachedLarge, memory.mapped.Load()/4) {
			*(*uintptr)(at(a)) = memory.cached[c]
			memory.cached[c] = a
			memory.cachedSize += size
			memory.large.Unlock()
			return
		}
		memory.large.Unlock()
	}
	unmapMemory(a, uintptr(size)) // in poison mode at once, so that stale pointers fault
}

// ReleaseMemory gives cached free memory back to the system.
func ReleaseMemory() {
	for i := range memory.shards {
		s := &memory.shards[i]
		s.mu.Lock()
		var chains [smallClasses]uintptr
		for c := range s.free {
			chains[c] = s.free[c].head
			s.free[c].head, s.free[c].count = 0, 0
		}
		s.mu.Unlock()
		for c, chain := range chains {
			if chain != 0 {
				centralPut(c, chain)
			}
		}
	}
	for c := range memory.central {
		l := &memory.central[c]
		l.mu.Lock()
		for sa := l.spans; sa != 0; {
			s := (*span)(at(sa))
			next := s.next
			if s.used == 0 {
				unlistSpan(l, sa)
				giveSpan(sa)
			}
			sa = next
		}
		l.mu.Unlock()
	}
	memory.large.Lock()
	spans := memory.spareSpans
	memory.spareSpans, memory.spareCount = 0, 0
	cached := memory.cached
	memory.cached = [largeClasses]uintptr{}
	memory.cachedSize = 0
	memory.large.Unlock()
	for spans != 0 {
		next := *(*uintptr)(at(spans))
		unmapMemory(spans, spanBytes)
		spans = next
	}
	for c, a := range cached {
		for a != 0 {
			next := *(*uintptr)(at(a))
			unmapMemory(a, uintptr(classWords(c))*WordBytes)
			a = next
		}
	}
}

func mapMemory(size uintptr) (uintptr, *MemoryLimitError) {
	now := memory.mapped.Add(int64(size))
	if limit := memory.limit.Load(); limit > 0 && now > limit {
		memory.mapped.Add(-int64(size))
		return 0, &MemoryLimitError{Need: int64(size), Mapped: now - int64(size), Limit: limit}
	}
	a := sysMap(size, spanBytes)
	if a == 0 {
		memory.mapped.Add(-int64(size))
		return 0, &MemoryLimitError{Need: int64(size), Mapped: now - int64(size)}
	}
	return a, nil
}

func unmapMemory(a, size uintptr) {
	sysUnmap(a, size)
	memory.mapped.Add(-int64(size))
}

// outOfMemory reports and panics. No lock is held.
func outOfMemory(err *MemoryLimitError) {
	if f := memory.exceeded.Load(); f != nil {
		(*f)(err)
	}
	panic(err)
}
