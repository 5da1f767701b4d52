package eval

import (
	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Module erts_debug: what tests ask the machine about itself. Functions that show or change its state raise undef until
// set_internal_state(available_internal_state, true) was called, as in OTP.

var (
	atomAvailable      = term.Intern("available_internal_state")
	atomRedsLeft       = term.Intern("reds_left")
	atomForceGC        = term.Intern("force_gc")
	atomWait           = term.Intern("wait")
	atomInternalHash   = term.Intern("internal_hash")
	atomBinaryInfo     = term.Intern("binary_info")
	atomRefcBinary     = term.Intern("refc_binary")
	atomHeapBinary     = term.Intern("heap_binary")
	atomFillHeap       = term.Intern("fill_heap")
	atomProcesses      = term.Intern("processes")
	atomProcessStatus  = term.Intern("process_status")
	atomPersistentTerm = term.Intern("persistent_term")
	atomUnicodeLimit   = term.Intern("unicode_loop_limit")
	atomReLimit        = term.Intern("re_loop_limit")
	atomLoopLimit      = term.Intern("binary_loop_limit")
	atomCollect        = term.Intern("garbage_collect")
)

// running is the machine that p runs on: p calls a BIF.
func running(p *proc.Process) *Machine {
	if w := p.Worker(); w != nil {
		if c, ok := w.Local.(*cpu); ok && c.p == p {
			return c.m
		}
	}
	return nil
}

// bifSetInternalState is erts_debug:set_internal_state/2.
func bifSetInternalState(p *proc.Process, a []term.Term) term.Term {
	vm := vmOf(p)
	if a[0] == atomAvailable {
		if a[1] != term.AtomTrue && a[1] != term.AtomFalse {
			return p.Badarg()
		}
		return term.Bool(vm.exposed.Swap(a[1] == term.AtomTrue))
	}
	if !vm.exposed.Load() {
		return p.Raise(term.AtomError, term.AtomUndef)
	}
	switch a[0] {
	case atomEtsForceTrap: // switches of OTP's own tables and matchers, behind which there is nothing here
		return atomNotsup
	case atomBinaryLoopLimit:
		return term.Int(-1)
	case atomEtsForceSplit, atomEtsRandomSplitJoin:
		return term.AtomOk
	case atomRedsLeft:
		if m := running(p); m != nil && a[1].IsSmall() && a[1].Small() >= 0 {
			m.Reds = int64(a[1].Small()) + 1 // this call takes one
			return term.AtomTrue
		}
	case atomForceGC:
		return p.Trap(term.AtomErlang, atomCollect, a[1])
	case atomFillHeap: // the next thing that is built finds no room
		h := &p.Heap
		if n := int(h.E-h.Htop)/wordBytes - fillKeep; h.Start != 0 && n > 0 {
			nils := make([]term.Term, n)
			for i := range nils {
				nils[i] = term.Nil
			}
			h.Tuple(nils...)
		}
		return term.AtomTrue
	case atomLoopLimit, atomUnicodeLimit, atomReLimit: // BIFs over binaries do not yield in the middle of one
		return term.Intern("default")
	case atomWait: // nothing is done later than its caller sees
		return term.AtomOk
	case atomSignalBuffers: // senders never wait for each other here; OTP wants off_heap for that
		return term.Bool(!p.QueueOnHeap())
	case atomTimersInTimeout:
		if a[1].IsSmall() && a[1].Small() >= 0 {
			p.TimersInTimeout(a[1].Small(), atomTimersDone)
			return term.AtomOk
		}
	}
	return p.Badarg()
}

// fillKeep is the room in words that instructions count on.
const fillKeep = 64

// bifGetInternalState is erts_debug:get_internal_state/1.
func bifGetInternalState(p *proc.Process, a []term.Term) term.Term {
	vm := vmOf(p)
	if a[0] == atomAvailable {
		return term.Bool(vm.exposed.Load())
	}
	if !vm.exposed.Load() {
		return p.Raise(term.AtomError, term.AtomUndef)
	}
	h := &p.Heap
	switch {
	case a[0].TupleOf(2) && a[0].Elem(0) == atomProcessStatus && a[0].Elem(1).IsLocalPid():
		if p.Sys.Lookup(a[0].Elem(1)) == nil {
			return term.AtomUndefined
		}
		return term.AtomRunnable
	case a[0] == atomNodeReferences: // there is no table of nodes that anything could refer to
		return h.Tuple(h.Tuple(term.Intern("node_references"), term.Nil), h.Tuple(term.Intern("dist_references"), term.Nil))
	case a[0] == term.Intern("process_info_args"):
		return h.List(proc.InfoItems()...)
	case a[0] == atomProcesses:
		return h.List(p.Sys.Pids()...)
	case a[0] == atomRedsLeft:
		if m := running(p); m != nil {
			return term.Int(int(max(m.Reds, 0)))
		}
	case a[0] == atomPersistentTerm:
		return h.MapFromPairs([]term.Term{atomTable, term.Int(bifs.PersistentPlaces(p))})
	case a[0].TupleOf(2) && a[0].Elem(0) == atomLinkList && a[0].Elem(1).IsLocalPort():
		return bifs.RevealPortLinks(p, a[0].Elem(1))
	case a[0].TupleOf(2) && (a[0].Elem(0) == atomLinkList || a[0].Elem(0) == atomMonitorList):
		return revealRelations(p, a[0].Elem(0), a[0].Elem(1))
	case a[0].TupleOf(2) && a[0].Elem(0) == atomInternalHash:
		return h.Uint64(term.MapHash(a[0].Elem(1)))
	case a[0].TupleOf(2) && a[0].Elem(0) == atomBinaryInfo:
		if n, ok := term.BitSize(a[0].Elem(1)); ok {
			if n > term.MaxHeapBits {
				size := term.Int((n + 7) / 8)
				return h.Tuple(atomRefcBinary, size, h.Tuple(term.AtomBinary, size), term.Int(0))
			}
			return atomHeapBinary
		}
	}
	return p.Badarg()
}

// revealRelations shows the links or monitors of a process, or of the connection to a node: there is none.
func revealRelations(p *proc.Process, what, of term.Term) term.Term {
	switch {
	case of.IsAtom() && of == p.Sys.Node():
		return term.Nil
	case of.IsLocalPid():
		return p.Ask(of, term.AtomUndefined, func(t *proc.Process, h *term.Heap) term.Term {
			switch {
			case t.Gone():
				return term.AtomUndefined
			case what == atomLinkList:
				return t.RevealLinks(h)
			}
			return t.RevealMonitors(h)
		})
	}
	return term.AtomUndefined
}

// bifDebugSize is erts_debug:size/1: the words that a term takes, shared parts counted once.
func bifDebugSize(_ *proc.Process, a []term.Term) term.Term {
	return term.Int(term.SharedSize(a[0], true))
}

// bifDebugSizeShared is erts_debug:size_shared/1, which leaves literals out.
func bifDebugSizeShared(_ *proc.Process, a []term.Term) term.Term {
	return term.Int(term.SharedSize(a[0], false))
}

// bifDebugCopy is erts_debug:copy_shared/1.
func bifDebugCopy(p *proc.Process, a []term.Term) term.Term { return term.CopyTo(&p.Heap, a[0]) }

var (
	atomEtsForceTrap    = term.Intern("ets_force_trap")
	atomSignalBuffers   = term.Intern("proc_sig_buffers")
	atomTimersInTimeout = term.Intern("multizero_timeout_in_timeout")
	atomTimersDone      = term.Intern("multizero_timeout_in_timeout_done")
	atomNodeReferences  = term.Intern("node_and_dist_references")
	atomTable           = term.Intern("table")
	atomLinkList        = term.Intern("link_list")
	atomMonitorList     = term.Intern("monitor_list")
	atomNotsup          = term.Intern("notsup")
	atomEtsForceSplit   = term.Intern("ets_force_split")

	atomEtsRandomSplitJoin = term.Intern("ets_debug_random_split_join")
	atomBinaryLoopLimit    = term.Intern("binary_loop_limit")
)
