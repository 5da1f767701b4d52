package eval

import (
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// A raw stack trace is what x2 holds after try_case: a tuple that nobody but the machine looks into,
//
//	{Class, trace, Term}                        a trace that erlang:raise/3 gave
//	{Class, raw, Slot, Args, Info, Exact, A...} addresses: small integers
//
// Slot is the export slot of the failing BIF, a fun that could not be called, or 0; Args its arguments, or those of the function at A1 (a list), or false; Info
// the error_info map, [] for none, or false; Exact is 1 if A1 is the place of the exception itself and not a return address.
const (
	rawClass = iota
	rawKind
	rawSlot
	rawArgs
	rawInfo
	rawExact
	rawAddrs
)

var atomRaw = term.Intern("raw")
var atomTrace = term.Intern("trace")

// A stack trace has at most backtraceDepth entries; system_flag(backtrace_depth) changes that up to maxBacktrace.
const (
	backtraceDepth = 8
	maxBacktrace   = 1024
)

// traceDepth is how many entries a stack trace may have: at least one.
func (vm *VM) traceDepth() int { return max(int(vm.depth.Load()), 1) }

// raise sets an exception of the machine's own; the caller gives back raised.
func (c *cpu) raise(class, reason term.Term) uintptr {
	c.p.Exc = proc.Exception{Class: class, Reason: reason}
	c.slot = 0
	return raised
}

// fail raises error:{tag, value}.
func (c *cpu) fail(tag, value term.Term) uintptr {
	return c.raise(term.AtomError, c.h.Tuple(tag, value))
}

func (c *cpu) clearException() {
	c.p.Exc = proc.Exception{}
	c.slot, c.headFun = 0, term.None
}

// unwind finds the handler of the exception in p.Exc and goes on there, or ends the process. m.PC is the place
// of the exception, 0 if it has none of its own.
func (c *cpu) unwind() bool {
	m, h, p := c.m, c.h, c.p
	x := p.Exc
	trace := c.rawTrace(&x)
	c.clearException()
	frame := h.E
	class, reason := x.Class, x.Reason
	if class == term.AtomThrow && len(p.Traced()) > 0 && !c.caught() {
		class, reason = term.AtomError, h.Tuple(term.AtomNocatch, reason) // so it is told
	}
	for e := h.E; e < h.End; e += wordBytes {
		w := term.Term(word(e))
		if w&term.TagMask == term.TagHeader {
			frame = e + wordBytes
			if uintptr(w) == c.vm.Code.returned {
				c.tellFrame(frame, class, reason, 0)
			}
			continue
		}
		if w&term.Imm2Mask == term.TagCatch {
			h.E = frame
			m.X[0] = 0
			c.setX(1, x.Class)
			c.setX(2, x.Reason)
			c.setX(3, trace)
			m.PC = catchAddr(w)
			c.tellReturnTo(m.PC)
			p.ResetReceive()
			return goOn
		}
	}
	c.leftFor = nil // the calls that were left return nowhere
	c.uncaught(x.Class, x.Reason, trace)
	c.out = scheduler.Exited
	return stopped
}

// caught reports whether anything on the stack would catch an exception.
func (c *cpu) caught() bool {
	for e := c.h.E; e < c.h.End; e += wordBytes {
		if term.Term(word(e))&term.Imm2Mask == term.TagCatch {
			return true
		}
	}
	return false
}

// A catch tag on the stack holds the address of its handler.
func catchTag(pc uintptr) term.Term { return term.Term(uint64(pc)<<3 | term.TagCatch) }

func catchAddr(t term.Term) uintptr { return uintptr(t>>6) << 3 }

// rawTrace builds the raw stack trace of an exception.
func (c *cpu) rawTrace(x *proc.Exception) term.Term {
	if x.Trace != term.None {
		return x.Trace // raised again
	}
	var buf [rawAddrs + backtraceDepth]term.Term
	t := append(buf[:0], x.Class, atomRaw, term.Int(int(c.slot)), term.AtomFalse, term.AtomFalse, term.Int(0))
	if x.Args != term.None {
		t[rawArgs] = x.Args
	}
	if x.Info != term.None {
		t[rawInfo] = x.Info
	}
	depth := c.vm.traceDepth()
	if c.headFun != term.None {
		t[rawSlot] = c.headFun
	}
	if t[rawSlot] != term.Int(0) {
		depth--
	}
	last := uintptr(0)
	if c.m.PC != 0 {
		t[rawExact] = term.Int(1)
		t = append(t, term.Int(int(c.m.PC)))
		last = c.m.PC
		depth--
	}
	for e := c.h.E; e < c.h.End && depth > 0; e += wordBytes {
		w := word(e)
		if w&term.TagMask != term.TagHeader || uintptr(w) == last {
			continue
		}
		if uintptr(w) == c.vm.Code.finish {
			break
		}
		if uintptr(w) == c.vm.Code.returned {
			continue
		}
		last = uintptr(w)
		t = append(t, term.Int(int(w)))
		depth--
	}
	return c.h.Tuple(t...)
}

// stackTrace makes the stack trace list of a raw trace; anything else is given back as it is.
func (c *cpu) stackTrace(raw term.Term) term.Term {
	if !c.isRaw(raw) {
		return raw
	}
	if raw.Elem(rawKind) == atomTrace {
		return raw.Elem(2)
	}
	h := c.h
	var entries []term.Term
	args, info := raw.Elem(rawArgs), raw.Elem(rawInfo)
	if slot := raw.Elem(rawSlot); slot.IsFun() {
		entries = append(entries, h.Tuple(slot, args, term.Nil))
		args = term.AtomFalse
	} else if slot != term.Int(0) {
		e := exportAt(uintptr(slot.Small()))
		entries = append(entries, h.Tuple(e.Module, e.Function, orArity(args, int(e.Arity)), c.errorInfo(e, info)))
		args = term.AtomFalse
	}
	for i := rawAddrs; i < raw.Arity(); i++ {
		exact := i == rawAddrs && raw.Elem(rawExact) == term.Int(1)
		pl, ok := c.vm.Code.resolve(uintptr(raw.Elem(i).Small()), exact)
		if !ok {
			continue
		}
		ar := term.Int(pl.ar)
		loc := c.location(pl)
		if i == rawAddrs && raw.Elem(rawSlot) == term.Int(0) {
			ar = orArity(args, pl.ar)
			if info != term.AtomFalse {
				loc = c.append(loc, h.Tuple(atomErrorInfo, info))
			}
		}
		entries = append(entries, h.Tuple(pl.code.module, pl.name, ar, loc))
	}
	return h.List(entries...)
}

// append makes the list t with one more element at its end.
func (c *cpu) append(t, last term.Term) term.Term {
	var elems []term.Term
	for ; t.IsCons(); t = t.Tail() {
		elems = append(elems, t.Head())
	}
	return c.h.List(append(elems, last)...)
}

// isRaw reports whether t has the form of a raw stack trace and refers to nothing that does not exist: code can make
// any term look like one.
func (c *cpu) isRaw(t term.Term) bool {
	if !t.IsTuple() || t.Arity() < 3 {
		return false
	}
	if t.Elem(rawKind) == atomTrace {
		return true
	}
	if t.Elem(rawKind) != atomRaw || t.Arity() < rawAddrs || !t.Elem(rawSlot).IsSmall() && !t.Elem(rawSlot).IsFun() {
		return false
	}
	if info := t.Elem(rawInfo); info != term.AtomFalse && !info.IsNil() && !info.IsMap() {
		return false
	}
	for i := rawAddrs; i < t.Arity(); i++ {
		if !t.Elem(i).IsSmall() {
			return false
		}
	}
	slot := t.Elem(rawSlot)
	return slot == term.Int(0) || slot.IsFun() || c.vm.Code.isSlot(uintptr(slot.Small()))
}

func orArity(args term.Term, arity int) term.Term {
	if args == term.AtomFalse {
		return term.Int(arity)
	}
	return args
}

var (
	atomErrorInfo = term.Intern("error_info")
	atomFile      = term.Intern("file")
	atomLine      = term.Intern("line")
	atomModule    = term.Intern("module")
)

// location is the last element of a stack trace entry.
func (c *cpu) location(pl codePlace) term.Term {
	if pl.line == 0 || pl.line >= len(pl.code.positions) {
		return term.Nil
	}
	it := pl.code.positions[pl.line]
	if it.File >= len(pl.code.files) || it.Line == 0 {
		return term.Nil
	}
	return c.h.List(c.h.Tuple(atomFile, pl.code.files[it.File]), c.h.Tuple(atomLine, term.Int(it.Line)))
}

// errorInfo is the location of a failed BIF: the module that explains its errors (EEP 54).
func (c *cpu) errorInfo(e *term.Export, info term.Term) term.Term {
	mod := errorModule(e.Module)
	if info.IsNil() {
		return info
	}
	if info != term.AtomFalse {
		if _, ok := term.MapGet(info, atomModule); !ok && mod != term.None {
			info = c.h.MapPut(info, atomModule, mod)
		}
		return c.h.List(c.h.Tuple(atomErrorInfo, info))
	}
	if mod == term.None || e.BIF == 0 && !isApply(beam.Import{Module: e.Module, Name: e.Function, Arity: int(e.Arity)}) {
		return term.Nil
	}
	return c.h.List(c.h.Tuple(atomErrorInfo, c.h.MapFromPairs([]term.Term{atomModule, mod})))
}

var errorModules = map[string]string{
	"erlang": "erl_erts_errors", "atomics": "erl_erts_errors", "counters": "erl_erts_errors",
	"persistent_term": "erl_erts_errors", "erts_internal": "erl_erts_errors",
	"binary": "erl_stdlib_errors", "ets": "erl_stdlib_errors", "lists": "erl_stdlib_errors",
	"maps": "erl_stdlib_errors", "math": "erl_stdlib_errors", "re": "erl_stdlib_errors",
	"unicode": "erl_stdlib_errors", "os": "erl_kernel_errors",
}

// errorModule is the module whose format_error/2 explains the errors of a module's BIFs, None if there is none.
func errorModule(m term.Term) term.Term {
	if n, ok := errorModules[m.AtomName()]; ok {
		return term.Intern(n)
	}
	return term.None
}

// noFrame reports whether a BIF exists to raise exceptions: it does not appear in stack traces.
func noFrame(e *term.Export) bool {
	if e.Module != term.AtomErlang {
		return false
	}
	switch e.Function {
	case term.AtomExit:
		return e.Arity == 1 // exit/2,3 send signals
	case term.AtomError, term.AtomThrow, atomRaise:
		return true
	}
	return false
}

var (
	atomRaise = term.Intern("raise")
)

// uncaught ends the process with the exception.
func (c *cpu) uncaught(class, reason, trace term.Term) {
	switch class {
	case term.AtomThrow:
		reason = c.h.Tuple(c.h.Tuple(term.AtomNocatch, reason), c.stackTrace(trace))
	case term.AtomError:
		reason = c.h.Tuple(reason, c.stackTrace(trace))
	}
	if run, ok := c.p.M.Data.(*onLoadRun); ok {
		run.finished(reason)
	}
	if class == term.AtomExit {
		c.p.Terminate(reason)
	} else {
		c.p.Crash(reason)
	}
}

// functionClause is served when no clause of a function matches: m.PC is its func_info instruction.
func (c *cpu) functionClause() bool {
	m := c.m
	n := int(word(m.PC + 3*wordBytes))
	c.raise(term.AtomError, term.AtomFunctionClause)
	// Arguments may be match contexts: what is left of them is what the clauses saw.
	for i, t := range c.xregs(n) {
		if t.IsMatch() {
			c.setX(i, c.h.MatchTail(term.MatchOf(t)))
		}
	}
	c.p.Exc.Args = c.h.List(c.xregs(n)...)
	return c.unwind()
}
