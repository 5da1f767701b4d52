package bifs

import (
	"github.com/gerl-lang/gerl/port"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func ertsDebugFlatSize1(_ *proc.Process, a []term.Term) term.Term {
	return term.Int(term.Size(a[0]))
}
func ertsDebugSame2(_ *proc.Process, a []term.Term) term.Term { return term.Bool(a[0] == a[1]) }

// request_system_task(Pid, Priority, {Kind, Id}): the answer is the message {Kind, Id, Result}.
func ertsInternalRequestSystemTask3(p *proc.Process, a []term.Term) term.Term {
	prio, ok := proc.PriorityOf(a[1])
	if !a[0].IsLocalPid() || !ok || !a[2].TupleOf(2) {
		return p.Badarg()
	}
	kind := a[2].Elem(0)
	if kind != atomGarbageCollect && kind != atomSystemTaskTest {
		return p.Badarg()
	}
	id, frag := term.CopyObject(a[2].Elem(1))
	self, sys := p.Pid, p.Sys
	answer := func(result term.Term) {
		h := term.NewArena()
		sys.SendTo(nil, self, h.Tuple(kind, id, result))
		h.Free()
		term.DropFragment(frag)
	}
	if !sys.CallUrgent(p, a[0], prio, proc.AtRest(func(t *proc.Process) {
		switch {
		case t.Gone() || t.Dying():
			answer(term.AtomNoproc)
		case kind == atomGarbageCollect:
			sys.Machine.Collect(t, true)
			fallthrough
		default:
			answer(term.AtomTrue)
		}
	})) {
		answer(term.AtomNoproc)
	}
	return term.AtomOk
}

var atomSystemTaskTest = term.Intern("system_task_test")

// process_display(Pid, backtrace) writes what the process is doing to the standard error.
func erlangProcessDisplay2(p *proc.Process, a []term.Term) term.Term {
	if a[1] != term.AtomBacktrace {
		return p.BadargCause(atomBadopt)
	}
	if !a[0].IsLocalPid() || p.Sys.Lookup(a[0]) == nil {
		return p.Badarg()
	}
	out := console(p)
	return p.Ask(a[0], term.AtomTrue, func(t *proc.Process, h *term.Heap) term.Term {
		if t.Gone() {
			return term.None
		}
		if v, ok := t.Sys.Machine.Inspect(t, term.AtomBacktrace, h); ok && out != nil && !t.Sensitive() {
			if text, ok := term.IOListBytes(v); ok {
				_, _ = out.Write(2, append([]byte(nil), text...))
			}
		}
		return term.AtomTrue
	})
}

var atomMemory, atomEtsMemory = term.Intern("memory"), term.Intern("ets")

// erts_debug:alloc_blocks_size(Allocator): what tables take is the one figure that is known here; there are no allocators.
func ertsDebugAllocBlocksSize1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	return p.Trap(term.AtomErlang, atomMemory, atomEtsMemory)
}

// RevealPortLinks lists the links of a port as erts_debug shows them.
func RevealPortLinks(p *proc.Process, id term.Term) term.Term {
	pt := port.Of(p.Sys).Get(id)
	if pt == nil {
		return term.AtomUndefined
	}
	l := term.Nil
	for i, other := range pt.Links() {
		l = p.Heap.Cons(proc.LinkEntry(&p.Heap, id, other, false, i), l)
	}
	return l
}

// PersistentPlaces is the number of places in the table of persistent terms: it doubles when more than half are taken.
func PersistentPlaces(p *proc.Process) int {
	s := &nodeState(p).persistent
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 8
	for n < 2*s.count {
		n *= 2
	}
	return n
}
