package eval

import (
	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/ets"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// What is told of calls and returns.

var (
	atomEvSend          = term.Intern("send")
	atomEvReceive       = term.Intern("receive")
	atomEvCall          = term.Intern("call")
	atomEvReturnFrom    = term.Intern("return_from")
	atomEvExceptionFrom = term.Intern("exception_from")
	atomEvReturnTo      = term.Intern("return_to")
)

// called does what a breakpoint asks for and gives the frames that the call's return needs. ret is the caller's return address.
func (c *cpu) called(b *breakpoint, args []term.Term, ret uintptr, bif bool) (frames []returnFrame) {
	p := c.p
	for _, s := range b.specs {
		if s.session.Gone.Load() {
			continue
		}
		if s.count != nil {
			if n := s.count.Load(); n >= 0 {
				s.count.Add(1)
			}
		}
		if p.Sensitive() {
			continue
		}
		if s.save {
			p.SaveCall(b.mfa.m, b.mfa.f, b.mfa.arity)
			continue
		}
		e, traced := p.Trace(s.session)
		if traced && e.Flags&proc.TraceCall != 0 && (s.time != nil || s.memory != nil) {
			k := returnKinds(0)
			if s.time != nil {
				k |= returnTime
			}
			if s.memory != nil {
				k |= returnMemory
			}
			if !tracerAlive(p, e.Tracer) {
				p.SetTrace(proc.TraceEntry{Session: s.session})
				continue
			}
			tail := !bif && c.tailOfProfiled(s.session.ID)
			c.startProfile(s, tail)
			if !tail {
				frames = append(frames, returnFrame{session: s.session.ID, kinds: k})
			}
		}
		if s.call && traced && e.Flags&proc.TraceCall != 0 {
			a := c.act(s.ms, e, args, ret, bif)
			if a.told && a.entry.Flags&proc.TraceSilent == 0 {
				c.tellCall(b, e, args, a.message)
			}
			k := a.kinds
			if e.Flags&proc.TraceReturnTo != 0 && !s.global && a.matched {
				k |= returnTo
			}
			if k != 0 && a.matched {
				frames = append(frames, returnFrame{session: s.session.ID, kinds: k})
			}
		}
		if s.meta {
			e := proc.TraceEntry{Session: s.session, Flags: proc.TraceTimestamp, Tracer: s.metaTracer}
			if s.metaTracer == p.Pid || s.metaGone.Load() {
				continue // a tracer is not traced itself
			}
			if !tracerAlive(p, s.metaTracer) {
				s.metaGone.Store(true)
				continue
			}
			a := c.act(s.metaMS, e, args, ret, bif)
			if a.told {
				c.tellCall(b, e, args, a.message)
			}
			if k := a.kinds; k != 0 && a.matched {
				frames = append(frames, returnFrame{session: s.session.ID, kinds: k | returnMeta, tracer: s.metaTracer})
			}
		}
	}
	return frames
}

// tellCall sends {trace, Pid, call, {M, F, Args}} or with an additional element.
func (c *cpu) tellCall(b *breakpoint, e proc.TraceEntry, args []term.Term, message term.Term) {
	h := term.NewArena()
	last := term.Int(len(args))
	if e.Flags&proc.TraceArity == 0 {
		shown := make([]term.Term, len(args))
		for i, t := range args {
			if t.IsMatch() {
				t = h.MatchTail(term.MatchOf(t))
			}
			shown[i] = t
		}
		last = h.List(shown...)
	}
	rest := []term.Term{atomEvCall, h.Tuple(b.mfa.m, b.mfa.f, last)}
	if message != term.None {
		rest = append(rest, message)
	}
	c.p.TellTracer(e, h, rest)
	h.Free()
}

// verdict is what a match specification says of a call.
type verdict struct {
	matched bool      // some clause accepted the call (or there is no specification)
	told    bool      // a trace message is to be sent
	message term.Term // its additional element, None for none
	kinds   returnKinds

	c     *cpu
	entry proc.TraceEntry
	ret   uintptr
	bif   bool
	h     *term.Heap
}

func (c *cpu) act(ms *ets.Program, e proc.TraceEntry, args []term.Term, ret uintptr, bif bool) *verdict {
	v := &verdict{matched: true, told: true, message: term.None, c: c, entry: e, ret: ret, bif: bif, h: &c.p.Heap}
	if ms == nil {
		return v
	}
	shown := make([]term.Term, len(args))
	for i, t := range args {
		if t.IsMatch() {
			t = c.h.MatchTail(term.MatchOf(t))
		}
		shown[i] = t
	}
	r := ms.NewRunner(c.h, c.p.Pid, c.p.Sys.Node())
	_, matched := r.RunTrace(c.h.List(shown...), v)
	if !v.message.IsImmediate() {
		v.message = term.CopyTo(c.h, v.message) // it may refer to what the runner is about to free
	}
	r.Close()
	v.matched = matched
	v.told = v.told && matched
	return v
}

// Action implements ets.Actions.
func (v *verdict) Action(name string, args []term.Term) (term.Term, bool) {
	p := v.c.p
	switch name {
	case "return_trace":
		v.kinds |= returnTrace
	case "exception_trace":
		v.kinds |= returnTrace | exceptionTrace
	case "message":
		switch args[0] {
		case term.AtomFalse:
			v.told = false
		case term.AtomTrue:
			v.told, v.message = true, term.None
		default:
			v.told, v.message = true, args[0]
		}
	case "silent":
		e := v.entry
		switch args[0] {
		case term.AtomTrue:
			e.Flags |= proc.TraceSilent
		case term.AtomFalse:
			e.Flags &^= proc.TraceSilent
		default:
			return term.AtomFalse, true
		}
		if cur, ok := p.Trace(e.Session); ok {
			cur.Flags = cur.Flags&^proc.TraceSilent | e.Flags&proc.TraceSilent
			p.SetTrace(cur)
			v.entry = cur
		}
	case "caller":
		if pl, ok := v.caller(); ok {
			return v.h.Tuple(pl.code.module, pl.name, term.Int(pl.ar)), true
		}
		return term.AtomUndefined, true
	case "caller_line":
		if pl, ok := v.caller(); ok {
			loc := v.c.location(pl)
			if loc.IsCons() {
				return v.h.Tuple(pl.code.module, pl.name, term.Int(pl.ar), v.h.Tuple(loc.Head().Elem(1), loc.Tail().Head().Elem(1))), true
			}
			return v.h.Tuple(pl.code.module, pl.name, term.Int(pl.ar), term.AtomUndefined), true
		}
		return term.AtomUndefined, true
	case "current_stacktrace":
		t, _ := v.c.vm.Inspect(p, term.AtomCurrentStacktrace, v.h)
		if len(args) == 1 && args[0].IsSmall() {
			n, list := args[0].Small(), []term.Term{}
			for ; t.IsCons() && n > 0; t, n = t.Tail(), n-1 {
				list = append(list, t.Head())
			}
			t = v.h.List(list...)
		}
		return t, true
	case "process_dump":
		return v.h.Binary([]byte(v.c.vm.backtrace(p))), true
	case "display":
		return term.AtomTrue, true
	case "enable_trace", "disable_trace":
		return term.Bool(v.change(args, name == "enable_trace")), true
	case "trace":
		return term.Bool(v.trace(args)), true
	case "is_seq_trace":
		return term.Bool(p.SeqToken(v.h) != term.Nil), true
	case "get_seq_token":
		return p.SeqToken(v.h), true
	case "set_seq_token":
		return term.Bool(p.SeqTrace(args[0], args[1]) != term.None), true
	case "get_tcw":
		return v.h.Int64(bifs.ControlWord(p)), true
	case "set_tcw":
		old, ok := bifs.SetControlWord(p, args[0])
		return v.h.Int64(old), ok
	}
	return term.AtomTrue, true
}

// caller is the function that made the call.
func (v *verdict) caller() (codePlace, bool) {
	if v.bif {
		return v.c.bifCaller()
	}
	ret := v.ret
	for e := v.c.h.E; ret == v.c.vm.Code.returned && e < v.c.h.End; e += wordBytes {
		// the caller was traced, too: its own frame lies behind
		if w := word(e); w&term.TagMask == term.TagHeader && uintptr(w) != v.c.vm.Code.returned {
			ret = uintptr(w)
		}
	}
	if ret == v.c.vm.Code.finish {
		return codePlace{}, false
	}
	return v.c.vm.Code.resolve(ret, false)
}

// bifCaller is the function that has called the BIF that runs.
func (c *cpu) bifCaller() (codePlace, bool) {
	if c.bifExit == exitBIFBody {
		return c.vm.Code.resolve(uintptr(word(c.h.E)), false)
	}
	return c.vm.Code.resolve(c.m.PC, true)
}

// target is the process that an action is about.
func (v *verdict) target(t term.Term) *proc.Process {
	if t.IsAtom() {
		t = v.c.p.Sys.Whereis(t)
	}
	return v.c.p.Sys.Lookup(t)
}

// change is enable_trace and disable_trace: [Flag] or [Pid, Flag].
func (v *verdict) change(args []term.Term, on bool) bool {
	q := v.c.p
	if len(args) == 2 {
		if q = v.target(args[0]); q == nil {
			return false
		}
	}
	f := proc.TraceFlag(args[len(args)-1])
	if f == 0 {
		return false
	}
	if on {
		v.retrace(q, term.None, 0, f)
	} else {
		v.retrace(q, term.None, f, 0)
	}
	return true
}

// trace is the action trace: [Disable, Enable] or [Pid, Disable, Enable].
func (v *verdict) trace(args []term.Term) bool {
	q := v.c.p
	if len(args) == 3 {
		if q = v.target(args[0]); q == nil {
			return false
		}
		args = args[1:]
	}
	off, ok1 := traceFlags(args[0])
	on, ok2 := traceFlags(args[1])
	if !ok1 || !ok2 {
		return false
	}
	tracer := term.None
	for l := args[1]; l.IsCons(); l = l.Tail() {
		if t := l.Head(); t.TupleOf(2) {
			tracer = t.Elem(1)
		}
	}
	v.retrace(q, tracer, off, on)
	return true
}

// retrace changes what is traced of q. The tracer is the session's, or the given one, or that of the process that runs the match
// specification; without any, or with one that is gone, q is traced no longer.
func (v *verdict) retrace(q *proc.Process, tracer term.Term, off, on proc.TraceFlags) {
	s := v.entry.Session
	e, traced := q.Trace(s)
	if s.Tracer != term.None {
		tracer = s.Tracer
	} else if tracer == term.None {
		if own, ok := v.c.p.Trace(s); ok {
			tracer = own.Tracer
		}
	}
	e.Session, e.Tracer = s, tracer
	e.Flags = e.Flags&^off | on
	if tracer == term.None || tracer == q.Pid || !tracerAlive(v.c.p, tracer) {
		e.Flags = 0
	}
	if traced || e.Flags != 0 {
		q.SetTrace(e)
	}
	if q == v.c.p {
		v.entry.Flags = e.Flags
	}
}

func traceFlags(t term.Term) (f proc.TraceFlags, ok bool) {
	for ; t.IsCons(); t = t.Tail() {
		if t.Head().TupleOf(2) && t.Head().Elem(0) == atomTracer {
			continue
		}
		n := proc.TraceFlag(t.Head())
		if n == 0 {
			return 0, false
		}
		f |= n
	}
	return f, t.IsNil()
}

var atomTracer = term.Intern("tracer")

// tracerOption takes a flag's tracer, and notes a tracer module that is not loaded.
func tracerOption(p *proc.Process, flag, given, missing term.Term) (tracer, module term.Term) {
	switch {
	case flag.TupleOf(2) && flag.Elem(0) == atomTracer:
		return flag.Elem(1), missing
	case flag.TupleOf(3) && flag.Elem(0) == atomTracer && flag.Elem(1).IsAtom() && !vmOf(p).Code.Loaded(flag.Elem(1)):
		return given, flag
	}
	return given, missing
}

func tracerAlive(p *proc.Process, t term.Term) bool {
	switch {
	case t.IsLocalPid():
		return p.Sys.Lookup(t) != nil
	case t.IsLocalPort():
		return p.Sys.Ports != nil && p.Sys.Ports.Alive(t)
	}
	return false
}

// tellFrame tells what a frame of a traced call asks for: its words begin at e. class None: the call has returned value, and goes
// on at back; otherwise an exception passes by.
func (c *cpu) tellFrame(e uintptr, class, value term.Term, back uintptr) {
	p := c.p
	id, kinds := frameSession(e), frameKinds(e)
	if kinds&(returnTime|returnMemory) != 0 {
		c.endProfile(id)
		return
	}
	session := p.Sys.TraceSessionByID(id)
	if session == nil {
		return
	}
	entry, ok := p.Trace(session)
	if kinds&returnMeta != 0 {
		entry = proc.TraceEntry{Session: session, Flags: proc.TraceTimestamp, Tracer: frameWord(e, frameTracer)}
	} else if !ok || entry.Flags&proc.TraceSilent != 0 {
		return
	}
	h := term.NewArena()
	defer h.Free()
	m, f, ar := unpackCall(frameWord(e, frameCall))
	switch {
	case class == term.None && kinds&returnTrace != 0:
		p.TellTracer(entry, h, []term.Term{atomEvReturnFrom, h.Tuple(m, f, ar), value})
	case class != term.None && kinds&exceptionTrace != 0:
		p.TellTracer(entry, h, []term.Term{atomEvExceptionFrom, h.Tuple(m, f, ar), h.Tuple(class, value)})
	}
	if class != term.None && kinds&returnTo != 0 {
		c.leftFor = session
	}
	if class == term.None && kinds&returnTo != 0 {
		// frames of other sessions, or for other things, may lie between
		for at := e + frameWords*wordBytes; back == c.vm.Code.returned; back = uintptr(word(at)) {
			if frameKinds(at+wordBytes)&returnTo != 0 && frameSession(at+wordBytes) == id {
				return // that one tells it
			}
			at += returnFrameWords * wordBytes
		}
		if pl, ok := c.vm.Code.resolve(back, false); ok {
			p.TellTracer(entry, h, []term.Term{atomEvReturnTo, h.Tuple(pl.code.module, pl.name, term.Int(pl.ar))})
		} else if back == c.vm.Code.finish {
			p.TellTracer(entry, h, []term.Term{atomEvReturnTo, term.AtomUndefined})
		}
	}
}

// tellReturnTo tells where an exception that has passed calls with return_to was caught.
func (c *cpu) tellReturnTo(handler uintptr) {
	if c.leftFor == nil {
		return
	}
	entry, ok := c.p.Trace(c.leftFor)
	c.leftFor = nil
	if pl, found := c.vm.Code.resolve(handler, true); ok && found {
		h := term.NewArena()
		c.p.TellTracer(entry, h, []term.Term{atomEvReturnTo, h.Tuple(pl.code.module, pl.name, term.Int(pl.ar))})
		h.Free()
	}
}

// tracedBIF calls a BIF that is traced.
func (vm *VM) tracedBIF(b *breakpoint, f proc.BIF, p *proc.Process, a []term.Term) term.Term {
	c, ok := p.Worker().Local.(*cpu)
	if !ok || c.p != p {
		return f(p, a)
	}
	frames := c.called(b, a, c.m.PC, true)
	if len(frames) == 0 {
		return f(p, a)
	}
	return vm.toldBIF(b, frames, f, p, a)
}

// toldBIF calls a BIF, or goes on with one that waited, and tells what the frames ask for when it is done.
func (vm *VM) toldBIF(b *breakpoint, frames []returnFrame, f proc.BIF, p *proc.Process, a []term.Term) term.Term {
	r := f(p, a)
	if r == term.None && (p.Action == proc.ActWait || p.Action == proc.ActYield) {
		next, again := p.TakeResume(), p.YieldBIF
		if p.Action == proc.ActWait {
			again = p.WaitBIF
		}
		return again(func(p *proc.Process, a []term.Term) term.Term { return vm.toldBIF(b, frames, next, p, a) })
	}
	c, ok := p.Worker().Local.(*cpu)
	if !ok || c.p != p {
		return r
	}
	h := term.NewArena()
	defer h.Free()
	for _, fr := range frames {
		if fr.kinds&(returnTime|returnMemory) != 0 {
			c.endProfile(fr.session)
			continue
		}
		session := p.Sys.TraceSessionByID(fr.session)
		if session == nil {
			continue
		}
		entry, ok := p.Trace(session)
		if fr.kinds&returnMeta != 0 {
			entry = proc.TraceEntry{Session: session, Flags: proc.TraceTimestamp, Tracer: fr.tracer}
		} else if !ok || entry.Flags&proc.TraceSilent != 0 {
			continue
		}
		name := h.Tuple(b.mfa.m, b.mfa.f, term.Int(b.mfa.arity))
		switch {
		case r != term.None && fr.kinds&returnTrace != 0:
			p.TellTracer(entry, h, []term.Term{atomEvReturnFrom, name, r})
		case r == term.None && p.Action == proc.ActRaise && fr.kinds&exceptionTrace != 0:
			class, reason := p.Exc.Class, p.Exc.Reason
			if class == term.AtomThrow && !c.caught() {
				class, reason = term.AtomError, h.Tuple(term.AtomNocatch, reason)
			}
			p.TellTracer(entry, h, []term.Term{atomEvExceptionFrom, name, h.Tuple(class, reason)})
		}
		if r == term.None && p.Action == proc.ActRaise && fr.kinds&returnTo != 0 {
			c.leftFor = session
		}
		if r != term.None && fr.kinds&returnTo != 0 {
			if pl, ok := c.bifCaller(); ok {
				p.TellTracer(entry, h, []term.Term{atomEvReturnTo, h.Tuple(pl.code.module, pl.name, term.Int(pl.ar))})
			}
		}
	}
	return r
}

// What is told of collections, in words.
var (
	collectionItems = []term.Term{term.Intern("old_heap_block_size"), term.Intern("heap_block_size"), term.Intern("mbuf_size"),
		term.Intern("recent_size"), term.Intern("stack_size"), term.Intern("old_heap_size"), term.Intern("heap_size"), term.Intern("bin_vheap_size"),
		term.Intern("bin_vheap_block_size"), term.Intern("bin_old_vheap_size"), term.Intern("bin_old_vheap_block_size")}
	atomMinorStart = term.Intern("gc_minor_start")
	atomMinorEnd   = term.Intern("gc_minor_end")
	atomMajorStart = term.Intern("gc_major_start")
	atomMajorEnd   = term.Intern("gc_major_end")
)

func (c *cpu) tellCollection(full, start bool) {
	h := c.h
	event := [2][2]term.Term{{atomMinorEnd, atomMinorStart}, {atomMajorEnd, atomMajorStart}}
	kind, when := 0, 0
	if full {
		kind = 1
	}
	if start {
		when = 1
	}
	old := int(h.OldEnd-h.OldStart) / wordBytes
	c.p.TraceCollection(event[kind][when], []int{old, int(h.End-h.Start) / wordBytes, int(h.FragWords), 0, h.StackWords(),
		int(h.OldTop-h.OldStart) / wordBytes, int(h.Htop-h.Start) / wordBytes, 0, 0, 0, 0}, collectionItems)
}
