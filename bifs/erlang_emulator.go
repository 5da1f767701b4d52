package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// breakInfo is a node that has texts for the menu of Ctrl-C, which system_info gives as binaries.
type breakInfo interface{ BreakInfo(key rune) string }

// emulatorInfo are the items of system_info whose contents OTP leaves open: they describe the emulator.
func emulatorInfo(p *proc.Process, item string) term.Term {
	h := &p.Heap
	switch item {
	case "info", "procs", "loaded":
		key := map[string]rune{"info": 'i', "procs": 'p', "loaded": 'l'}[item]
		if n, ok := NodeOf(p).(breakInfo); ok {
			return h.Binary([]byte(n.BreakInfo(key)))
		}
		return h.Binary(nil)
	case "dist":
		return h.Binary([]byte("=node:" + term.Format(p.Sys.Node()) + "\n"))
	case "allocated_areas":
		use := memoryUse(p)
		var areas []term.Term
		for _, a := range []struct{ name, item string }{{"atom_table", "atom"}, {"loaded_code", "code"}, {"binaries", "binary"}, {"ets_tables", "ets"},
			{"processes", "processes"}} {
			areas = append(areas, h.Tuple(term.Intern(a.name), term.Int(use[a.item])))
		}
		return h.List(append(areas, h.Tuple(atomBifTimer, term.Int(p.Sys.TimerBytes())))...)
	case "allocator": // memory comes from one place, which has no name and no settings
		return h.Tuple(term.AtomUndefined, term.Nil, term.Nil, term.Nil)
	case "ethread_info":
		return h.List(h.Tuple(h.Chars("64-bit native atomics"), h.Chars("yes"), term.Nil))
	case "beam_jump_table":
		return term.AtomTrue
	}
	return term.Nil
}

// iteratorStep is how many pids a processes iterator takes from the table at a time.
const iteratorStep = 256

// An iterator of processes is {Place, Pids}: those that it has taken from the table and not given yet, and where in the table to go on.
func erlangProcessesIterator0(p *proc.Process, _ []term.Term) term.Term {
	return p.Heap.Tuple(term.Int(0), term.Nil)
}

func erlangProcessesNext1(p *proc.Process, a []term.Term) term.Term {
	h := &p.Heap
	if !a[0].TupleOf(2) || !a[0].Elem(1).IsList() {
		return p.Badarg()
	}
	place, ok := smallIn(a[0].Elem(0), 0, maxInt)
	if !ok {
		return p.Badarg()
	}
	for l := a[0].Elem(1); l.IsCons(); l = l.Tail() {
		if !l.Head().IsLocalPid() {
			return p.Badarg()
		}
		if p.Sys.Lookup(l.Head()) != nil {
			return h.Tuple(l.Head(), h.Tuple(a[0].Elem(0), l.Tail()))
		}
	}
	pids, next := p.Sys.PidsFrom(place, iteratorStep)
	p.Bump(len(pids) / 16)
	if len(pids) == 0 {
		return atomNone
	}
	return h.Tuple(pids[0], h.Tuple(term.Int(next), h.List(pids[1:]...)))
}
