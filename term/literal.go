package term

import (
	"sort"
	"sync"
)

// Literals lie in one reserved range of addresses, so that the collector and the copier recognise a pointer to one by two
// comparisons. The range is cut into areas, one a module version (or one a persistent term), first fit.

var literals struct {
	mu    sync.Mutex
	base  uintptr
	size  uintptr // reserved
	ready uintptr // bytes from base that are accessible
	free  []addrRange
	bytes int64 // in areas
}

// litBase and litSize repeat literals.base and size; they are written once, before any literal exists.
var litBase, litSize uintptr

type addrRange struct{ start, end uintptr }

// IsLiteral reports whether t is a pointer into a literal area.
func IsLiteral(t Term) bool { return uintptr(t)-litBase < litSize && t&TagMask != TagImm }

// isLiteralAddr is IsLiteral for the address behind a pointer.
func isLiteralAddr(a uintptr) bool { return a-litBase < litSize }

// LiteralArea is memory for terms that every process of the Go process may refer to. They never move
// and live until Free, which the owner calls when no process refers to them any more.
type LiteralArea struct {
	Start, Top, End uintptr
	OffHeap         uintptr // chain of off-heap holders inside
}

// literalStep is how much more of the range is made accessible at once.
const literalStep = 1 << 20

// NewLiteralArea makes an empty area of the given number of words.
func NewLiteralArea(words int) *LiteralArea {
	size := uintptr(max(words, 2)+1) &^ 1 * WordBytes
	l := &literals
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.base == 0 {
		l.base, l.size = sysReserve()
		if l.base == 0 {
			panic(&MemoryLimitError{Need: int64(size)})
		}
		litBase, litSize = l.base, l.size
	}
	for i, r := range l.free {
		if r.end-r.start >= size {
			if l.free[i].start += size; l.free[i].start == r.end {
				l.free = append(l.free[:i], l.free[i+1:]...)
			}
			l.bytes += int64(size)
			return &LiteralArea{Start: r.start, Top: r.start, End: r.start + size}
		}
	}
	start := l.base + l.ready
	if n := len(l.free); n > 0 && l.free[n-1].end == start {
		start = l.free[n-1].start
		l.free = l.free[:n-1]
	}
	more := (start + size - (l.base + l.ready) + literalStep - 1) &^ (literalStep - 1)
	if l.ready+more > l.size || !sysCommit(l.base+l.ready, more) {
		panic(&MemoryLimitError{Need: int64(size), Mapped: int64(l.ready), Limit: int64(l.size)})
	}
	l.ready += more
	if rest := l.base + l.ready; rest > start+size {
		l.free = append(l.free, addrRange{start + size, rest})
	}
	l.bytes += int64(size)
	return &LiteralArea{Start: start, Top: start, End: start + size}
}

// Free gives the area back and drops its references to off-heap blocks.
func (a *LiteralArea) Free() {
	dropChain(a.OffHeap)
	if Debug.Poison {
		poison(a.Start, int(a.End-a.Start)/WordBytes)
	}
	l := &literals
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes -= int64(a.End - a.Start)
	i := sort.Search(len(l.free), func(i int) bool { return l.free[i].start > a.Start })
	l.free = append(l.free, addrRange{})
	copy(l.free[i+1:], l.free[i:])
	l.free[i] = addrRange{a.Start, a.End}
	if i+1 < len(l.free) && l.free[i].end == l.free[i+1].start {
		l.free[i].end = l.free[i+1].end
		l.free = append(l.free[:i+1], l.free[i+2:]...)
	}
	if i > 0 && l.free[i-1].end == l.free[i].start {
		l.free[i-1].end = l.free[i].end
		l.free = append(l.free[:i], l.free[i+1:]...)
	}
	*a = LiteralArea{}
}

// Contains reports whether t points into the area.
func (a *LiteralArea) Contains(t Term) bool {
	p := uintptr(t &^ TagMask)
	return t&TagMask != TagImm && p >= a.Start && p < a.End
}

// CopyLiterals makes an area that holds copies of all the terms given, and replaces each by its copy. Literals of other areas
// that the terms refer to are copied too. The result is nil when all terms are immediates.
func CopyLiterals(terms []Term) *LiteralArea {
	n := 0
	for _, t := range terms {
		n += size(t, everyArea)
	}
	if n == 0 {
		return nil
	}
	a := NewLiteralArea(n)
	c := copier{top: a.Top, chain: &a.OffHeap, gone: everyArea}
	for i, t := range terms {
		terms[i] = c.copy(t)
	}
	a.Top = c.top
	return a
}

func literalBytes() int64 {
	literals.mu.Lock()
	defer literals.mu.Unlock()
	return literals.bytes
}
