package bifs

import (
	"github.com/gerl-lang/gerl/ets"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Functions whose work grows with their arguments leave their worker to others when there is much of it: the flags deep,
// spine and table of bifs/spec say which, the figures here when. About a millisecond is much.
const (
	deepSteps  = 20_000  // words, or 64 bytes of binaries
	spineCells = 100_000 // cells of a list
	tableRows  = 10_000  // objects of a table
	bigWords   = 500     // of an integer that becomes text, whose cost grows faster than its length
	digits     = 10_000  // of text that becomes an integer
)

// aside gives f, but done on another goroutine when much says so.
func aside(much func(p *proc.Process, a []term.Term) bool, f Func) Func {
	return func(p *proc.Process, a []term.Term) term.Term {
		if much(p, a) {
			return p.Aside(f, a)
		}
		return f(p, a)
	}
}

// deepWork looks at all that the arguments hold.
func deepWork(p *proc.Process, a []term.Term) bool {
	h := &p.Heap
	small := h.MemoryBytes() < deepSteps*term.WordBytes && h.OffHeap == 0 && h.OldOffHeap == 0
	for _, t := range a {
		if t.IsImmediate() || small && !term.IsLiteral(t) {
			continue
		}
		if term.Exceeds(t, deepSteps) {
			return true
		}
	}
	return false
}

// spineWork looks at the lists among the arguments.
func spineWork(p *proc.Process, a []term.Term) bool {
	small := p.Heap.MemoryBytes() < 2*spineCells*term.WordBytes
	for _, t := range a {
		if t.IsCons() && (!small || term.IsLiteral(t)) && term.LongerThan(t, spineCells) {
			return true
		}
	}
	return false
}

// digitsWork looks at an integer or its text.
func digitsWork(_ *proc.Process, a []term.Term) bool {
	switch t := a[0]; {
	case t.IsCons():
		return term.LongerThan(t, digits)
	case t.IsBoxed():
		n, ok := term.BitSize(t)
		return ok && n > 8*digits || !ok && term.Exceeds(t, bigWords)
	}
	return false
}

// tableWork looks at the table that the first argument names.
func tableWork(p *proc.Process, a []term.Term) bool {
	tables := ets.Of(p.Sys)
	if tables == nil {
		return false
	}
	t := tables.Find(a[0])
	return t != nil && t.Size() > tableRows
}
