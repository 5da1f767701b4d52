package eval

import (
	"unsafe"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func uintptrOf(e *term.FunEntry) uintptr { return uintptr(unsafe.Pointer(e)) }

// funStubOffset is where the code lies that a fun entry has while its module is not loaded.
const funStubOffset = unsafe.Sizeof(term.FunEntry{})

func addrOf(e *term.Export) uintptr { return uintptr(unsafe.Pointer(e)) }

// ownBIFs are the BIFs that only the machine can do; they come before those of package bifs.
var ownBIFs = []struct {
	module, name string
	arity        int
	fn           proc.BIF
}{
	{"erlang", "error", 1, func(p *proc.Process, a []term.Term) term.Term {
		return p.Raise(term.AtomError, a[0])
	}},
	{"erlang", "error", 2, bifError2},
	{"erlang", "error", 3, bifError3},
	{"erlang", "nif_error", 1, func(p *proc.Process, a []term.Term) term.Term {
		return p.Raise(term.AtomError, a[0])
	}},
	{"erlang", "nif_error", 2, bifError2},
	{"erlang", "exit", 1, func(p *proc.Process, a []term.Term) term.Term {
		return p.Raise(term.AtomExit, a[0])
	}},
	{"erlang", "throw", 1, func(p *proc.Process, a []term.Term) term.Term {
		return p.Raise(term.AtomThrow, a[0])
	}},
	{"erlang", "raise", 3, bifRaise},
	{"erlang", "yield", 0, func(p *proc.Process, a []term.Term) term.Term {
		p.Bump(1 << 20)
		return term.AtomTrue
	}},
	{"erlang", "get_module_info", 1, bifGetModuleInfo1},
	{"erlang", "get_module_info", 2, bifGetModuleInfo2},
	{"erlang", "loaded", 0, bifLoaded},
	{"erlang", "load_module", 2, bifLoadModule},
	{"erlang", "delete_module", 1, bifDeleteModule},
	{"erlang", "check_old_code", 1, bifCheckOldCode},
	{"erlang", "check_process_code", 2, bifCheckProcessCode},
	{"erlang", "purge_module", 1, bifPurgeModule},
	{"gerl_code", "purge", 1, bifCodePurge},
	{"gerl_code", "soft_purge", 1, bifCodeSoftPurge},
}

var atomNone = term.Intern("none")

// bifError2: the second argument replaces the arity of the calling function in the stack trace.
func bifError2(p *proc.Process, a []term.Term) term.Term {
	reason, args := a[0], a[1]
	p.Raise(term.AtomError, reason)
	if args != atomNone {
		if _, ok := term.ListLen(args); ok {
			p.Exc.Args = args
		}
	}
	return term.None
}

var atomErrorInfoKey = term.Intern("error_info")

// bifError3 is error/2 with options: [{error_info, Map}].
func bifError3(p *proc.Process, a []term.Term) term.Term {
	reason, args, opts := a[0], a[1], a[2]
	info := term.None
	for ; opts.IsCons(); opts = opts.Tail() {
		o := opts.Head()
		if !o.TupleOf(2) || o.Elem(0) != atomErrorInfoKey || !o.Elem(1).IsMap() {
			return p.Badarg()
		}
		info = o.Elem(1)
	}
	if opts != term.Nil {
		return p.Badarg()
	}
	if _, ok := term.ListLen(args); !ok && args != atomNone {
		return p.Badarg()
	}
	bifError2(p, []term.Term{reason, args})
	p.Exc.Info = info
	return term.None
}

// bifRaise raises with a stack trace that is given. A trace of the wrong form gives badarg as a value.
func bifRaise(p *proc.Process, a []term.Term) term.Term {
	class, reason, trace := a[0], a[1], a[2]
	if class != term.AtomError && class != term.AtomExit && class != term.AtomThrow || !validTrace(trace) {
		return term.AtomBadarg
	}
	p.Raise(class, reason)
	p.Exc.Trace = p.Heap.Tuple(class, atomTrace, trace)
	return term.None
}

// validTrace reports whether t has the form of a stack trace.
func validTrace(t term.Term) bool {
	for ; t.IsCons(); t = t.Tail() {
		e := t.Head()
		switch {
		case e.TupleOf(4):
			if _, ok := term.ListLen(e.Elem(3)); !ok {
				return false
			}
			fallthrough
		case e.TupleOf(3):
			_, isList := term.ListLen(e.Elem(2))
			if !e.Elem(0).IsAtom() || !e.Elem(1).IsAtom() || !isList && !e.Elem(2).IsSmall() {
				return false
			}
		case e.TupleOf(2):
			_, isList := term.ListLen(e.Elem(1))
			if !e.Elem(0).IsFun() || !isList && !e.Elem(1).IsSmall() {
				return false
			}
		default:
			return false
		}
	}
	return t == term.Nil
}
