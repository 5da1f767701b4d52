package eval

import (
	"fmt"
	"strings"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// frames gives the code addresses of a process, innermost first: where it is (exact) and its return addresses.
func (vm *VM) frames(p *proc.Process) []uintptr {
	pc := p.M.Resume
	if w := p.Worker(); w != nil {
		if c, ok := w.Local.(*cpu); ok && c.p == p {
			pc = c.m.PC // it runs: this is a BIF that it calls
		}
	}
	list := []uintptr{pc}
	for e := p.Heap.E; e != 0 && e < p.Heap.End; e += wordBytes {
		if w := word(e); w&term.TagMask == term.TagHeader && uintptr(w) != vm.Code.finish {
			list = append(list, uintptr(w))
		}
	}
	return list
}

// place resolves entry i of frames. A process that has not started yet is at an export slot's stub.
func (vm *VM) framePlace(list []uintptr, i int) (codePlace, bool) {
	return vm.Code.resolve(list[i], i == 0)
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
	switch item {
	case term.AtomCurrentFunction:
		list := vm.frames(p)
		for i := range list {
			if pl, ok := vm.framePlace(list, i); ok {
				return h.Tuple(pl.code.module, pl.name, term.Int(pl.ar)), true
			}
		}
		return term.AtomUndefined, true
	case term.AtomCurrentLocation:
		list := vm.frames(p)
		for i := range list {
			if pl, ok := vm.framePlace(list, i); ok {
				return h.Tuple(pl.code.module, pl.name, term.Int(pl.ar), c.location(pl)), true
			}
		}
		return term.AtomUndefined, true
	case term.AtomCurrentStacktrace:
		var entries []term.Term
		list := vm.frames(p)
		last := uintptr(0)
		for i, a := range list {
			if a == last || len(entries) == vm.traceDepth() {
				continue
			}
			last = a
			if pl, ok := vm.framePlace(list, i); ok {
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
	list := vm.frames(p)
	for i, a := range list {
		pl, ok := vm.framePlace(list, i)
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
