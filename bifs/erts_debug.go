package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func ertsDebugFlatSize1(_ *proc.Process, a []term.Term) term.Term {
	return term.Int(term.Size(a[0]))
}
func ertsDebugSame2(_ *proc.Process, a []term.Term) term.Term { return term.Bool(a[0] == a[1]) }
func ertsDebugSizeShared1(_ *proc.Process, a []term.Term) term.Term {
	return term.Int(term.SharedSize(a[0]))
}

var (
	atomAvailable     = term.Intern("available_internal_state")
	atomProcessStatus = term.Intern("process_status")
	atomProcesses     = term.Intern("processes")
	atomFillHeap      = term.Intern("fill_heap")
	atomWait          = term.Intern("wait")
)

// set_internal_state(Key, Value) is for tests of the node itself. It has to be made available first; what depends on
// the insides of OTP's machine is badarg.
func ertsDebugSetInternalState2(p *proc.Process, a []term.Term) term.Term {
	flags := &nodeState(p).flags
	if a[0] == atomAvailable {
		on, ok := boolArg(a[1])
		if !ok {
			return p.Badarg()
		}
		v := int64(0)
		if on {
			v = 1
		}
		return term.Bool(flags.set("internal_state", v, 0) == 1)
	}
	if flags.get("internal_state", 0) == 0 {
		return p.Badarg()
	}
	switch a[0] {
	case atomFillHeap: // the next thing that is built finds no room
		h := &p.Heap
		if n := int(h.E-h.Htop)/term.WordBytes - fillKeep; h.Start != 0 && n > 0 {
			elems := make([]term.Term, n)
			for i := range elems {
				elems[i] = term.Nil
			}
			h.Tuple(elems...)
		}
		return term.AtomTrue
	case atomWait: // nothing is put off that could be waited for
		return term.AtomOk
	}
	return p.Badarg()
}

// fillKeep is the room in words that the machine counts on.
const fillKeep = 64

func ertsDebugGetInternalState1(p *proc.Process, a []term.Term) term.Term {
	available := nodeState(p).flags.get("internal_state", 0) == 1
	if a[0] == atomAvailable {
		return term.Bool(available)
	}
	if !available {
		return p.Badarg()
	}
	if pid, ok := optionTuple(a[0], atomProcessStatus); ok && pid.IsLocalPid() {
		if p.Sys.Lookup(pid) == nil {
			return term.AtomUndefined
		}
		t := p.ProcessInfo(pid, term.AtomStatus)
		return t
	}
	if a[0] == atomProcesses {
		return p.Heap.List(p.Sys.Pids()...)
	}
	return p.Badarg()
}

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
	id := []term.Term{a[2].Elem(1)}
	area := term.CopyLiterals(id)
	self, sys := p.Pid, p.Sys
	answer := func(result term.Term) {
		h := term.NewArena()
		sys.SendTo(nil, self, h.Tuple(kind, id[0], result))
		h.Free()
		if area != nil {
			area.Free()
		}
	}
	if !sys.CallUrgent(p, a[0], prio, func(t *proc.Process) {
		switch {
		case t.Gone() || t.Dying():
			answer(term.AtomNoproc)
		case kind == atomGarbageCollect:
			sys.Machine.Collect(t)
			fallthrough
		default:
			answer(term.AtomTrue)
		}
	}) {
		answer(term.AtomNoproc)
	}
	return term.AtomOk
}

var atomSystemTaskTest = term.Intern("system_task_test")

// process_display(Pid, backtrace) writes what the process is doing to the standard error.
func erlangProcessDisplay2(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsLocalPid() || a[1] != term.AtomBacktrace || p.Sys.Lookup(a[0]) == nil {
		return p.Badarg()
	}
	out := console(p)
	return p.Ask(a[0], term.AtomTrue, func(t *proc.Process, h *term.Heap) term.Term {
		if t.Gone() {
			return term.None
		}
		if v, ok := t.Sys.Machine.Inspect(t, term.AtomBacktrace, h); ok && out != nil {
			if text, ok := term.IOListBytes(v); ok {
				_, _ = out.Write(2, append([]byte(nil), text...))
			}
		}
		return term.AtomTrue
	})
}
