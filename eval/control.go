package eval

import (
	"sort"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Calls of funs and computed functions, receive, exceptions.

// callFun serves the fun calls that the loop does not do itself: m.A is the fun, m.Live the arity.
func (c *cpu) callFun(code int) bool {
	m, h := c.m, c.h
	f, n := term.Term(m.A), int(m.Live)
	if !f.IsFun() {
		return c.failAt(term.AtomBadfun, f)
	}
	if term.FunArity(f) != n {
		args := h.List(c.xregs(n)...)
		return c.failAt(term.AtomBadarity, h.Tuple(f, args))
	}
	if code == exitCallFunLast {
		h.E += uintptr(m.J)
	} else {
		h.E -= wordBytes
		setWord(h.E, uint64(m.PC)+uint64(opTable[opAt(m.PC)].size))
	}
	return c.enterFun(f, n)
}

func (c *cpu) failAt(tag, value term.Term) bool {
	c.fail(tag, value)
	return c.unwind()
}

// enterFun goes on with fun f, whose n arguments are in the X registers and fit.
func (c *cpu) enterFun(f term.Term, n int) bool {
	m := c.m
	if f.IsSub(term.SubExport) {
		return c.enterSlot(uintptr(f.Word(1)), n)
	}
	free := term.FunFree(f)
	for i := 0; i < free; i++ {
		c.setX(n+i, term.FunEnv(f, i))
	}
	m.PC = f.FunEntryOf().Code
	m.Live = uint64(n + free)
	if m.Reds--; m.Reds <= 0 {
		return c.yield()
	}
	return goOn
}

// spread puts the elements of list args into the X registers. It gives their number, -1 for no proper list.
func (c *cpu) spread(args term.Term) int {
	n := 0
	for args.IsCons() {
		if n == maxArity {
			return -1
		}
		c.setX(n, args.Head())
		args = args.Tail()
		n++
	}
	if args != term.Nil {
		return -1
	}
	return n
}

const maxArity = 255

// doApply: arity; module and function are in the X registers behind the arguments.
func doApply(c *cpu, a []uint64) uintptr {
	n := int(a[0])
	mod, f := c.x(n), c.x(n+1)
	if !mod.IsAtom() || !f.IsAtom() {
		return c.applyFailed(mod, f, c.h.List(c.xregs(n)...))
	}
	c.h.E -= wordBytes
	setWord(c.h.E, uint64(c.next))
	return c.jumpTo(c.enter(mod, f, n))
}

// doApplyLast: arity, bytes of the frame.
func doApplyLast(c *cpu, a []uint64) uintptr {
	n := int(a[0])
	mod, f := c.x(n), c.x(n+1)
	if !mod.IsAtom() || !f.IsAtom() {
		return c.applyFailed(mod, f, c.h.List(c.xregs(n)...))
	}
	if mod == term.AtomErlang && c.appliedRaise(mod, f, c.h.List(c.xregs(n)...)) {
		return raised
	}
	c.h.E += uintptr(a[1])
	return c.jumpTo(c.enter(mod, f, n))
}

// appliedRaise does an apply in tail position of a BIF that exists to raise exceptions: the calling function, whose
// frame is not dropped for it, must stand in the stack trace. args is the list of the BIF's arguments.
func (c *cpu) appliedRaise(mod, f, args term.Term) bool {
	n, ok := term.ListLen(args)
	for ok && mod == term.AtomErlang && f == atomApply && n == 3 {
		mod, f, args = args.Head(), args.Tail().Head(), args.Tail().Tail().Head()
		n, ok = term.ListLen(args)
	}
	if !ok || n == 0 || n > 3 || mod != term.AtomErlang || !f.IsAtom() {
		return false
	}
	slot := c.vm.Code.exportAddr(mod, f, n)
	e := exportAt(slot)
	if e.BIF == 0 || !noFrame(e) {
		return false
	}
	c.spread(args)
	if c.vm.bifs[e.BIF-1](c.p, c.xregs(n)) != term.None { // raise/3 with a bad trace
		return false
	}
	c.p.Action = proc.ActNone
	c.slot = 0
	return true
}

// jumpTo gives the result of a slow instruction that has set m.PC.
func (c *cpu) jumpTo(going bool) uintptr {
	if !going {
		return halted
	}
	return c.m.PC
}

func (c *cpu) applyFailed(args ...term.Term) uintptr {
	c.p.Exc = proc.Exception{Class: term.AtomError, Reason: term.AtomBadarg, Args: c.h.List(args...)}
	c.slot = c.vm.Code.exportAddr(term.AtomErlang, atomApply, len(args))
	return raised
}

var atomApply = term.Intern("apply")

// How an apply that replaces a call of erlang:apply/2,3 stands in its function.
const (
	applyCall = iota // a return address is pushed
	applyTail        // there is no frame
	applyLast        // a frame of a[2] bytes is dropped
	applyBody        // the code of erlang:apply itself
)

// doApplyBIF: arity (2 or 3), mode, bytes of the frame. It does what a call of erlang:apply does.
func doApplyBIF(c *cpu, a []uint64) uintptr {
	m, h := c.m, c.h
	x0, x1, x2 := c.x(0), c.x(1), c.x(2)
	list := x2
	bad := false
	if a[0] == 2 {
		list = x1
		_, ok := term.ListLen(list)
		bad = !ok
	} else {
		n, ok := term.ListLen(list)
		bad = !ok || n > maxArity || !x0.IsAtom() || !x1.IsAtom()
	}
	if bad {
		if a[1] == applyBody {
			m.PC = 0
		}
		if a[0] == 2 {
			return c.applyFailed(x0, x1)
		}
		return c.applyFailed(x0, x1, x2)
	}
	if a[0] == 2 {
		if !x0.IsFun() {
			return c.fail(term.AtomBadfun, x0)
		}
		if n, _ := term.ListLen(list); n != term.FunArity(x0) {
			return c.fail(term.AtomBadarity, h.Tuple(x0, list))
		}
	}
	if a[0] == 3 && x0 == term.AtomErlang && (a[1] == applyTail || a[1] == applyLast) && c.appliedRaise(x0, x1, list) {
		return raised
	}
	n := c.spread(list)
	switch a[1] {
	case applyCall:
		h.E -= wordBytes
		setWord(h.E, uint64(c.next))
	case applyLast:
		h.E += uintptr(a[2])
	}
	if a[0] == 2 {
		return c.jumpTo(c.enterFun(x0, n))
	}
	return c.jumpTo(c.enter(x0, x1, n))
}

// ---- exceptions --------------------------------------------------------------------------------

// doTryCase: the catch register. x0..x2 become class, reason and raw trace.
func doTryCase(c *cpu, a []uint64) uintptr {
	c.set(a[0], term.Nil)
	m := c.m
	m.X[0], m.X[1], m.X[2] = m.X[1], m.X[2], m.X[3]
	return c.next
}

var atomEXIT = term.AtomEXITUpper

// doCatchEnd: the catch register.
func doCatchEnd(c *cpu, a []uint64) uintptr {
	c.set(a[0], term.Nil)
	if c.m.X[0] != 0 {
		return c.next
	}
	class, reason, trace := c.x(1), c.x(2), c.x(3)
	switch class {
	case term.AtomThrow:
	case term.AtomExit:
		reason = c.h.Tuple(atomEXIT, reason)
	default:
		reason = c.h.Tuple(atomEXIT, c.h.Tuple(reason, c.stackTrace(trace)))
	}
	c.setX(0, reason)
	c.collectSoon()
	return c.next
}

// doRaise: raw trace, reason. The exception goes on as it came.
func doRaise(c *cpu, a []uint64) uintptr {
	trace, reason := c.get(a[0]), c.get(a[1])
	if !c.isRaw(trace) {
		return c.raise(term.AtomError, term.AtomBadarg)
	}
	class := trace.Elem(rawClass)
	c.slot = 0
	c.p.Exc = proc.Exception{Class: class, Reason: reason, Trace: trace}
	return raised
}

// doRawRaise: x0 class, x1 reason, x2 raw trace.
func doRawRaise(c *cpu, a []uint64) uintptr {
	class := c.x(0)
	if class != term.AtomError && class != term.AtomExit && class != term.AtomThrow {
		c.setX(0, term.AtomBadarg)
		return c.next
	}
	trace := c.x(2)
	if !c.isRaw(trace) {
		// A stack trace as a term: build_stacktrace may have made one of the raw trace meanwhile.
		if !validTrace(trace) {
			c.setX(0, term.AtomBadarg)
			return c.next
		}
		trace = c.h.Tuple(class, atomTrace, trace)
	}
	if trace.Elem(rawClass) != class {
		elems := make([]term.Term, trace.Arity())
		for i := range elems {
			elems[i] = trace.Elem(i)
		}
		elems[rawClass] = class
		trace = c.h.Tuple(elems...)
	}
	c.slot = 0
	c.p.Exc = proc.Exception{Class: class, Reason: c.x(1), Trace: trace}
	return raised
}

func doBuildStacktrace(c *cpu, a []uint64) uintptr {
	c.setX(0, c.stackTrace(c.x(0)))
	c.collectSoon()
	return c.next
}

// doFail: an atom and possibly a value: error:Atom or error:{Atom, Value}.
func doFail(c *cpu, a []uint64) uintptr {
	if len(a) == 1 {
		return c.raise(term.AtomError, term.Term(a[0]))
	}
	return c.fail(term.Term(a[0]), c.get(a[1]))
}

// instrRare emits the instructions that are served by Go functions alone.
func (l *loader) instrRare(in beam.Instr) bool {
	a := in.Args
	switch in.Op {
	case beam.OpSend:
		l.must(famCallBif, num(2), raw(uint64(l.cs.exportAddr(term.AtomErlang, term.Intern("send"), 2))))
	case beam.OpLoopRec:
		if loop, ok := l.waitAt(a[0].N()); ok {
			l.slow(slowLoopRecWait, label(loop), l.opd(a[1]))
		} else {
			l.slow(slowLoopRec, l.opds(a)...)
		}
	case beam.OpLoopRecEnd:
		l.slow(slowLoopRecEnd, l.opds(a)...)
	case beam.OpWait:
		l.slow(slowWait, l.opds(a)...)
	case beam.OpWaitTimeout:
		l.slow(slowWaitTimeout, l.opds(a)...)
	case beam.OpRemoveMessage:
		start := l.here()
		if nx, at, ok := l.next(l.i); ok && nx.Op == beam.OpRecvMarkerClear {
			l.slow(slowAccept, l.opd(nx.Args[0]))
			l.skipTo(at, start)
		} else {
			l.slow(slowRemoveMessage)
		}
	case beam.OpTimeout:
		l.slow(slowTimeout)
	case beam.OpRecvMark, beam.OpRecvSet: // markers of OTP 23 only save time
	case beam.OpRecvMarkerReserve:
		l.makeMarked(a[0])
		l.slow(slowMarkerReserve, l.opds(a)...)
	case beam.OpRecvMarkerBind:
		l.slow(slowMarkerBind, l.opds(a)...)
	case beam.OpRecvMarkerClear:
		l.slow(slowMarkerClear, l.opds(a)...)
	case beam.OpRecvMarkerUse:
		if loop, rec, ok := l.loopHead(); ok {
			fail := label(rec[0].N())
			if _, ok := l.waitAt(rec[0].N()); ok {
				fail = raw(waits)
			}
			l.slow(slowLoopRecFrom, l.opd(a[0]), fail, label(loop), l.opd(rec[1]))
		} else {
			l.slow(slowMarkerUse, l.opds(a)...)
		}

	case beam.OpCatch, beam.OpTry:
		// A move of the catch tag, which holds the handler's address.
		start := l.here()
		l.must(famMove, l.opd(a[0]), raw(0))
		for _, o := range opTable[l.buf[start]].operands {
			if o.kind == 'c' {
				l.fixups = append(l.fixups, fixup{start + o.off, start, a[1].N(), 't'})
			}
		}
	case beam.OpTryEnd:
		l.must(famInit, l.opd(a[0]))
	case beam.OpTryCase:
		l.slow(slowTryCase, l.opd(a[0]))
	case beam.OpCatchEnd:
		l.slow(slowCatchEnd, l.opd(a[0]))
	case beam.OpRaise:
		l.slow(slowRaise, l.opds(a)...)
	case beam.OpRawRaise:
		l.slow(slowRawRaise)
	case beam.OpBuildStacktrace:
		l.slow(slowBuildStacktrace)
	case beam.OpBadmatch:
		l.slow(slowFail, raw(uint64(term.AtomBadmatch)), l.opd(a[0]))
	case beam.OpCaseEnd:
		l.slow(slowFail, raw(uint64(term.AtomCaseClause)), l.opd(a[0]))
	case beam.OpTryCaseEnd:
		l.slow(slowFail, raw(uint64(term.AtomTryClause)), l.opd(a[0]))
	case beam.OpBadrecord:
		l.slow(slowFail, raw(uint64(term.AtomBadrecord)), l.opd(a[0]))
	case beam.OpIfEnd:
		l.slow(slowFail, raw(uint64(term.AtomIfClause)))

	case beam.OpPutMapAssoc:
		l.slow(slowPutMapAssoc, append([]opd{l.opd(a[0]), l.opd(a[1]), l.opd(a[2])}, l.mapPairs(in.List())...)...)
	case beam.OpPutMapExact:
		l.slow(slowPutMapExact, append([]opd{l.opd(a[0]), l.opd(a[1]), l.opd(a[2])}, l.mapPairs(in.List())...)...)
	case beam.OpHasMapFields:
		l.hasMapFields(l.opd(a[0]), l.opd(a[1]), l.opds(in.List()))
	case beam.OpGetMapElements:
		l.getMapElements(l.opd(a[0]), l.opd(a[1]), l.opds(in.List()))
	default:
		return l.instrBits(in)
	}
	return true
}

// mapPairs gives the operands of a list of keys and values: in the order of the keys if all are constants, because the first
// missing one in that order is what an update complains about.
func (l *loader) mapPairs(list []beam.Arg) []opd {
	ops := l.opds(list)
	for i := 0; i < len(ops); i += 2 {
		if ops[i].kind != 'c' {
			return ops
		}
	}
	type pair struct{ k, v opd }
	pairs := make([]pair, len(ops)/2)
	for i := range pairs {
		pairs[i] = pair{ops[2*i], ops[2*i+1]}
	}
	sort.SliceStable(pairs, func(i, j int) bool {
		return term.CompareKeys(term.Term(pairs[i].k.val), term.Term(pairs[j].k.val)) < 0
	})
	for i, p := range pairs {
		ops[2*i], ops[2*i+1] = p.k, p.v
	}
	return ops
}
