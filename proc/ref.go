package proc

import (
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// References are known by a number that is unique in the node; its 64 bits are spread over the three words
// that a reference shows. An alias reference also names its process.

// refBlock is how many numbers a worker takes at a time.
const refBlock = 1 << 12

func (sys *System) nextRef(w *scheduler.Worker) uint64 {
	if w == nil {
		return sys.refs.Add(1)
	}
	l := &sys.local[w.ID]
	if l.refNext == l.refEnd {
		l.refEnd = sys.refs.Add(refBlock) + 1
		l.refNext = l.refEnd - refBlock
	}
	n := l.refNext
	l.refNext++
	return n
}

// MakeRef makes a new reference on p's heap.
func (p *Process) MakeRef() term.Term { return buildRef(&p.Heap, p.Sys.nextRef(p.w)) }

// MakeRef makes a new reference outside of processes.
func (sys *System) MakeRef(h *term.Heap) term.Term { return buildRef(h, sys.nextRef(nil)) }

// What the two upper words start at: with it references have as many digits as OTP's, whose node starts them at random, so that
// terms that hold them are broken over lines at the same places.
const (
	refMiddle = 0xB5F00000
	refTop    = 0x9A27D5C1
)

// refNums spreads a number as OTP does: 18 bits in the lowest word, for the sake of
// old external formats.
func refNums(n uint64) [3]uint32 {
	return [3]uint32{uint32(n) & (1<<18 - 1), uint32(n>>18) + refMiddle, uint32(n>>50) + refTop}
}

func isLocalRef(t term.Term) bool { return t.IsSub(term.SubRef) }

// refNumber is the unique number of a local reference.
func refNumber(t term.Term) uint64 {
	w := t.Word(1)
	return w&(1<<18-1) | uint64(uint32(w>>32)-refMiddle)<<18 | uint64(uint32(t.Word(2))-refTop)<<50
}
