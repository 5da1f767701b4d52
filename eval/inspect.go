package eval

import (
	"fmt"
	"iter"
	"strings"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// frames gives the code addresses of a process, innermost first: where it is (exact) and its return addresses. A stack
// may be deep, so whoever looks for the first ones only stops early.
func (vm *VM) frames(p *proc.Process) iter.Seq2[int, uintptr] {
	pc := p.M.Resume
	if w := p.Worker(); w != nil {
		if c, ok := w.Local.(*cpu); ok && c.p == p {
			pc = c.m.PC // it runs: this is a BIF that it calls
		}
	}
	return func(yield func(int, uintptr) bool) {
		if !yield(0, pc) {
			return
		}
		i := 1
		for e := p.Heap.E; e != 0 && e < p.Heap.End; e += wordBytes {
			if w := word(e); w&term.TagMask == term.TagHeader && uintptr(w) != vm.Code.finish {
				if !yield(i, uintptr(w)) {
					return
				}
				i++
			}
		}
	}
}

// framePlace resolves entry i of frames. A process that has not started yet is at an export slot's stub.
func (vm *VM) framePlace(i int, a uintptr) (codePlace, bool) {
	return vm.Code.resolve(a, i == 0)
}

var atomYield = term.Intern("yield")

// waitsInBIF is the BIF inside of which a process waits or has given way, nil for others.
func waitsInBIF(p *proc.Process) *term.Export {
	if p.M.Catches != insideBIF || p.M.Resume == 0 {
		return nil
	}
	switch int(word(p.M.Resume) & 0x1ff) {
	case opCallBif, opBifOnly, opBifLast, opBifBody:
		if x := exportAt(uintptr(word(p.M.Resume + wordBytes))); x.Module != term.AtomErlang || x.Function != atomYield {
			return x // who yields is done with it, as in OTP
		}
	}
	return nil
}

// Inspect implements proc.Machine.
func (vm *VM) Inspect(p *proc.Process, item term.Term, h *term.Heap) (t term.Term, ok bool) {
	c := &cpu{vm: vm, p: p, h: h}
	if p.M.Catches == hibernating {
		at := []term.Term{term.AtomErlang, term.Intern("hibernate"), term.Int(3), term.Nil}
		switch item {
		case term.AtomCurrentFunction:
			return h.Tuple(at[:3]...), true
		case term.AtomCurrentLocation:
			return h.Tuple(at...), true
		case term.AtomCurrentStacktrace:
			return term.Nil, true
		}
	}
	bif := waitsInBIF(p)
	switch item {
	case term.AtomCurrentFunction:
		if bif != nil {
			return h.Tuple(bif.Module, bif.Function, term.Int(int(bif.Arity))), true
		}
		for i, a := range vm.frames(p) {
			if pl, ok := vm.framePlace(i, a); ok {
				return h.Tuple(pl.code.module, pl.name, term.Int(pl.ar)), true
			}
		}
		return term.AtomUndefined, true
	case term.AtomCurrentLocation:
		if bif != nil {
			return h.Tuple(bif.Module, bif.Function, term.Int(int(bif.Arity)), term.Nil), true
		}
		for i, a := range vm.frames(p) {
			if pl, ok := vm.framePlace(i, a); ok {
				return h.Tuple(pl.code.module, pl.name, term.Int(pl.ar), c.location(pl)), true
			}
		}
		return term.AtomUndefined, true
	case term.AtomCurrentStacktrace:
		var entries []term.Term
		if bif != nil {
			entries = append(entries, h.Tuple(bif.Module, bif.Function, term.Int(int(bif.Arity)), term.Nil))
		}
		last := uintptr(0)
		for i, a := range vm.frames(p) {
			if len(entries) == vm.traceDepth() {
				break
			}
			if a == last {
				continue
			}
			last = a
			if pl, ok := vm.framePlace(i, a); ok {
				entries = append(entries, h.Tuple(pl.code.module, pl.name, term.Int(pl.ar), c.location(pl)))
			}
		}
		return h.List(entries...), true
	case term.AtomCatchlevel:
		n := 0
		for e := p.Heap.E; e != 0 && e < p.Heap.End; e += wordBytes {
			if word(e)&term.Imm2Mask == term.TagCatch {
				n++
			}
		}
		return term.Int(n), true
	case term.AtomStackSize:
		return term.Int(int(p.Heap.End-p.Heap.E) / wordBytes), true
	case term.AtomBacktrace:
		return h.Binary([]byte(vm.backtrace(p))), true
	}
	return term.None, false
}

// backtrace is the text of process_info(P, backtrace): one line for each frame.
func (vm *VM) backtrace(p *proc.Process) string {
	var b strings.Builder
	for i, a := range vm.frames(p) {
		pl, ok := vm.framePlace(i, a)
		if !ok {
			continue
		}
		what := "Return addr"
		if i == 0 {
			what = "Program counter:"
		}
		fmt.Fprintf(&b, "%s %#016x (%s:%s/%d + %d)\n", what, a, pl.code.module.AtomName(), pl.name.AtomName(), pl.ar,
			a-pl.code.start)
	}
	return b.String()
}
