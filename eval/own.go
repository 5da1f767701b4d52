package eval

import (
	"fmt"
	"unsafe"

	"github.com/gerl-lang/gerl/bifs"
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
	{"erlang", "nif_error", 2, func(p *proc.Process, a []term.Term) term.Term {
		return p.Raise(term.AtomError, a[0])
	}},
	{"erlang", "exit", 1, func(p *proc.Process, a []term.Term) term.Term {
		return p.Raise(term.AtomExit, a[0])
	}},
	{"erlang", "throw", 1, func(p *proc.Process, a []term.Term) term.Term {
		return p.Raise(term.AtomThrow, a[0])
	}},
	{"erlang", "raise", 3, bifRaise},
	{"erlang", "system_flag", 2, bifSystemFlag},
	{"erlang", "yield", 0, func(p *proc.Process, a []term.Term) term.Term {
		return p.YieldBIF(func(*proc.Process, []term.Term) term.Term { return term.AtomTrue })
	}},
	{"erlang", "get_module_info", 1, bifGetModuleInfo1},
	{"erlang", "get_module_info", 2, bifGetModuleInfo2},
	{"erlang", "loaded", 0, bifLoaded},
	{"erlang", "pre_loaded", 0, bifPreLoaded},
	{"erlang", "load_module", 2, bifLoadModule},
	{"erlang", "delete_module", 1, bifDeleteModule},
	{"erlang", "check_old_code", 1, bifCheckOldCode},
	{"erlang", "prepare_loading", 2, bifPrepareLoading},
	{"erlang", "finish_loading", 1, bifFinishLoading},
	{"erlang", "has_prepared_code_on_load", 1, bifHasOnLoad},
	{"erts_internal", "beamfile_module_md5", 1, bifModuleMD5},
	{"erts_internal", "beamfile_chunk", 2, bifBeamChunk},
	{"gerl_code", "ensure_loaded", 1, bifEnsureLoaded},
	{"gerl_code", "file", 1, bifCodeFile},
	{"gerl_code", "set_file", 2, bifSetCodeFile},
	{"gerl_code", "stick", 2, bifStick},
	{"gerl_code", "is_stuck", 1, bifIsStuck},
	{"erlang", "check_process_code", 3, bifCheckProcessCode3},
	{"erlang", "check_process_code", 2, bifCheckProcessCode},
	{"erlang", "purge_module", 1, bifPurgeModule},
	{"erts_debug", "set_internal_state", 2, bifSetInternalState},
	{"erts_debug", "get_internal_state", 1, bifGetInternalState},
	{"erts_debug", "size", 1, bifDebugSize},
	{"erts_debug", "size_shared", 1, bifDebugSizeShared},
	{"erts_debug", "copy_shared", 1, bifDebugCopy},
	{"erlang", "trace", 3, inLegacy(traceProcesses)},
	{"erlang", "trace_pattern", 3, inLegacy(tracePattern)},
	{"erlang", "trace_pattern", 2, func(p *proc.Process, a []term.Term) term.Term {
		return tracePattern(p, p.Sys.LegacySession(), []term.Term{a[0], a[1], term.Nil})
	}},
	{"erlang", "trace_info", 2, inLegacy(traceInfo)},
	{"erlang", "trace_delivered", 1, inLegacy(traceDelivered)},
	{"erlang", "match_spec_test", 3, bifMatchSpecTest},
	{"gerl_trace", "create", 2, bifTraceCreate},
	{"gerl_trace", "system", 3, inSession(traceSystem)},
	{"gerl_trace", "reset_tokens", 0, bifResetTokens},
	{"gerl_trace", "destroy", 1, bifTraceDestroy},
	{"gerl_trace", "sessions", 0, bifTraceSessions},
	{"gerl_trace", "process", 4, inSession(traceProcesses)},
	{"gerl_trace", "function", 4, inSession(tracePattern)},
	{"gerl_trace", "info", 3, inSession(traceInfo)},
	{"gerl_trace", "delivered", 2, inSession(traceDelivered)},
	{"records", "get_definition", 2, bifRecordDefinition},
	{"gerl_code", "purge", 1, bifCodePurge},
	{"gerl_code", "soft_purge", 1, bifCodeSoftPurge},
}

// bifError2: the second argument replaces the arity of the calling function in the stack trace.
func bifError2(p *proc.Process, a []term.Term) term.Term {
	reason, args := a[0], a[1]
	p.Raise(term.AtomError, reason)
	if args.IsList() { // improper ones too
		p.Exc.Args = args
	}
	return term.None
}

// bifError3 is error/2 with options: [{error_info, Map}]; what else stands there is ignored.
func bifError3(p *proc.Process, a []term.Term) term.Term {
	info := term.None
	for opts := a[2]; opts.IsCons(); opts = opts.Tail() {
		if o := opts.Head(); o.TupleOf(2) && o.Elem(0) == atomErrorInfo && o.Elem(1).IsMap() {
			info = o.Elem(1)
		}
	}
	bifError2(p, a[:2])
	p.Exc.Info = info
	return term.None
}

var atomBacktraceDepth = term.Intern("backtrace_depth")

// bifSystemFlag does the flag backtrace_depth; package bifs does the others.
func bifSystemFlag(p *proc.Process, a []term.Term) term.Term {
	if a[0] == atomBacktraceDepth {
		if !a[1].IsSmall() || a[1].Small() < 0 {
			return p.Badarg()
		}
		return term.Int(int(vmOf(p).depth.Swap(int32(min(a[1].Small(), maxBacktrace)))))
	}
	if i := bifs.Index(term.AtomErlang, atomSystemFlag, 2); i >= 0 {
		return bifs.At(i).Func(p, a)
	}
	return p.Badarg()
}

var atomSystemFlag = term.Intern("system_flag")

// bifRaise raises with a stack trace that is given. A trace of the wrong form gives badarg as a value.
func bifRaise(p *proc.Process, a []term.Term) term.Term {
	class, reason, trace := a[0], a[1], a[2]
	if class != term.AtomError && class != term.AtomExit && class != term.AtomThrow || !validTrace(trace) {
		return term.AtomBadarg
	}
	if n, _ := term.ListLen(trace); n > vmOf(p).traceDepth() {
		var kept []term.Term
		for ; len(kept) < vmOf(p).traceDepth(); trace = trace.Tail() {
			kept = append(kept, trace.Head())
		}
		trace = p.Heap.List(kept...)
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

// OwnFunctions names the functions (as module:name/arity) that the machine itself has, besides those of
// package bifs: the BIFs that only it can do, and apply, which is an instruction.
func OwnFunctions() []string {
	names := []string{"erlang:apply/2", "erlang:apply/3"}
	for _, b := range ownBIFs {
		names = append(names, fmt.Sprintf("%s:%s/%d", b.module, b.name, b.arity))
	}
	return names
}
