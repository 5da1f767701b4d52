package compiler

import (
	"slices"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

// Selection of instructions: one function per kind of IR operation.

// label is the operand for a block, resolved when the code is laid out.
func label(b *block) beam.Arg { return beam.Arg{Kind: beam.KindLabel, Val: int64(-1 - b.order)} }

// srcLine emits the source position of what follows.
func (a *allocator) srcLine(p diag.Pos) {
	if p == 0 {
		return
	}
	if n, ok := a.g.lineOf(p); ok && n.N() != a.line {
		a.line = n.N()
		a.emit(beam.OpLine, n)
	}
}

// reg gives the operand for a value, which must be a register.
func (a *allocator) reg(v val) beam.Arg {
	s := a.arg(v)
	if s.IsReg() {
		return s
	}
	r := len(a.regX)
	for r > 0 && a.regX[r-1] == 0 {
		r--
	}
	a.emit(beam.OpMove, s, beam.X(r))
	a.defX(r)
	return beam.X(r)
}

func (a *allocator) args(vs []val) []beam.Arg {
	out := make([]beam.Arg, len(vs), len(vs)+2)
	for i, v := range vs {
		out[i] = a.arg(v)
	}
	return out
}

// typed annotates operands with their types.
func (a *allocator) typed(s []beam.Arg, ts []beam.Type) []beam.Arg {
	for i, t := range ts {
		if i < len(s) && s[i].IsReg() && t.Bits != 0 {
			s[i] = s[i].WithType(a.g.b.Type(t))
		}
	}
	return s
}

// remark tells OTP's validator what a register holds.
func (a *allocator) remark(r beam.Arg, t typ) {
	if r.IsReg() {
		a.emit(opNote, r, beam.U(len(a.notes)))
		a.notes = append(a.notes, t)
	}
}

// callNotes tells OTP's validator of arguments whose form it does not see, but that the function called relies on.
func (a *allocator) callNotes(d *value) {
	to := d.aux.(*funRef).fn
	if to == nil || to.paramTypes == nil {
		return
	}
	for i, v := range d.args {
		if t, ok := to.paramTypes[i].form(); ok && !slices.Contains(to.ctxParams, i) && !a.apparent(v, t) {
			a.remark(beam.X(i), t)
		}
	}
}

// apparent reports whether what makes v shows that it is of type t.
func (a *allocator) apparent(v val, t typ) bool {
	d := &a.f.vals[v]
	switch d.op {
	case opConst, opCons, opTuple, opMapAssoc, opMapExact:
		return true
	case opCall, opCallExt:
		return d.result != nil && d.result.and(t) == *d.result
	case opParam:
		if d.n < len(a.f.paramTypes) {
			p, ok := a.f.paramTypes[d.n].form()
			return ok && p.and(t) == p
		}
	}
	return false
}

func (a *allocator) freeAll(vs []val) {
	for _, v := range vs {
		a.free(v)
	}
}

// callArgs moves arguments to x0, x1...
func (a *allocator) callArgs(vs []val) { a.moves(a.argMoves(vs)) }

func (a *allocator) argMoves(vs []val) []move {
	ms := make([]move, 0, len(vs)+1)
	for i, v := range vs {
		ms = append(ms, move{a.arg(v), beam.X(i)})
	}
	return ms
}

// heapFor makes sure that there is room on the heap.
func (a *allocator) heapFor(words, floats, funs int) {
	if a.heap < 0 {
		n := a.liveX()
		a.fixHoles(n)
		a.killAbove(n)
		a.heap = len(a.out)
		a.emit(beam.OpTestHeap, beam.Alloc(0, 0, 0), beam.U(n))
	}
	p := &a.out[a.heap].args[0]
	w, fl, fu := p.Need()
	*p = beam.Alloc(w+words, fl+floats, fu+funs)
}

// instr emits instruction i, whose value is v. The result is the number of
// further instructions that were handled with it.
func (a *allocator) instr(v val, i int, bl *blockLife) int {
	d := &a.f.vals[v]
	kills, dead := bl.kills[i], bl.dead[i]
	switch d.op {
	case opHd, opTl:
		return a.getList(v, i, bl)
	case opElem:
		s := a.reg(d.args[0])
		a.freeAll(kills)
		a.emit(beam.OpGetTupleElement, s, beam.U(d.n), a.dst(v, dead))
	case opCons:
		a.heapFor(2, 0, 0)
		s := a.args(d.args)
		a.freeAll(kills)
		a.emit(beam.OpPutList, s[0], s[1], a.dst(v, dead))
	case opTuple:
		a.heapFor(1+len(d.args), 0, 0)
		s := a.args(d.args)
		a.freeAll(kills)
		a.emit(beam.OpPutTuple2, append([]beam.Arg{a.dst(v, dead), beam.List(len(s))}, s...)...)
	case opMakeFun:
		a.heapFor(len(d.args), 0, 1)
		s := a.args(d.args)
		a.freeAll(kills)
		a.emit(beam.OpMakeFun3, append([]beam.Arg{a.g.lambda(d.aux.(*funRef), len(s)), a.dst(v, dead), beam.List(len(s))}, s...)...)
	case opBif:
		a.bif(d.aux.(string), d, v, kills, dead)
	case opGcBif:
		live := a.gc()
		s := a.typed(a.args(d.args), a.f.argTypes[v])
		a.srcLine(d.pos)
		a.freeAll(kills)
		a.emitGcBif(d.aux.(string), beam.Label(0), live, s, a.dst(v, dead))
	case opMapAssoc, opMapExact:
		live := a.gc()
		s := a.args(d.args)
		a.srcLine(d.pos)
		a.freeAll(kills)
		op := beam.OpPutMapAssoc
		if d.op == opMapExact {
			op = beam.OpPutMapExact
		}
		dst := a.dst(v, dead)
		a.emit(op, append([]beam.Arg{beam.Label(0), s[0], dst, live, beam.List(len(s) - 1)}, s[1:]...)...)
	case opBsCreate:
		live := a.gc()
		segs := a.segments(d.aux.([]binSeg))
		a.srcLine(d.pos)
		a.freeAll(kills)
		dst := a.dst(v, dead)
		a.emit(beam.OpBsCreateBin, append([]beam.Arg{beam.Label(0), beam.U(0), live, beam.U(1), dst}, segs...)...)
	case opBsTail:
		live := a.gc()
		s := a.arg(d.args[0])
		a.freeAll(kills)
		a.emit(beam.OpBsGetTail, s, a.dst(v, dead), live)
	case opBsPos:
		live := a.gc()
		s := a.arg(d.args[0])
		a.freeAll(kills)
		a.emit(beam.OpBsGetPosition, s, a.dst(v, dead), live)
	case opBsSetPos:
		a.emit(beam.OpBsSetPosition, a.args(d.args)...)
		a.freeAll(kills)
	case opPutRecord:
		a.putRecord(v, d, kills, dead, d.pos)
	case opTryEnd:
		a.emit(beam.OpTryEnd, a.arg(d.args[0]))
		a.freeAll(kills)
	case opTryCase:
		a.moves(a.spillLate())
		y := a.arg(d.args[0])
		a.freeAll(kills)
		a.emit(beam.OpTryCase, y)
		a.clobber()
		for r := 0; r < 3; r++ {
			a.defX(r)
		}
		for k := 0; k < 3 && i+1+k < len(bl.dead)-1; k++ {
			// the landing values hold their registers until each is placed
			if n := a.nextLand(i + 1 + k); n != 0 && !bl.dead[i+1+k] {
				r := a.f.vals[n].n
				a.x[n] = int16(r)
				a.setX(r, n)
			}
		}
	case opLand:
		if a.x[v] >= 0 {
			a.free(v)
		}
		a.result(v, d.n, dead)
	case opCatchEnd:
		a.moves(a.spillLate())
		y := a.arg(d.args[0])
		a.freeAll(kills)
		a.emit(beam.OpCatchEnd, y)
		a.clobber()
		a.result(v, 0, dead)
	case opRemoveMsg:
		a.emit(beam.OpRemoveMessage)
		a.fragile = 0
		if a.framed {
			a.toStack(a.points[pointKey{a.cur.order, i, true}])
		}
	case opMarkReserve:
		a.emit(beam.OpRecvMarkerReserve, a.dst(v, dead))
	case opMarkBind:
		s := a.args(d.args)
		a.freeAll(kills)
		a.emit(beam.OpRecvMarkerBind, s...)
	case opMarkUse, opMarkClear:
		s := a.reg(d.args[0])
		a.freeAll(kills)
		op := beam.OpRecvMarkerUse
		if d.op == opMarkClear {
			op = beam.OpRecvMarkerClear
		}
		a.emit(op, s)
	case opTimeout:
		a.moves(a.spillLate())
		a.emit(beam.OpTimeout)
	case opAssume:
		a.remark(a.arg(d.args[0]), d.aux.(typ))
		a.freeAll(kills)
	case opFConv, opFArith, opFBox:
		a.float(v, d, kills, dead)
	default:
		a.callInstr(v, d, kills, dead)
	}
	return 0
}

// nextLand gives the landing value at index i of the current block, if any.
func (a *allocator) nextLand(i int) val {
	if i >= len(a.cur.ins) {
		return 0
	}
	if v := a.cur.ins[i]; a.f.vals[v].op == opLand {
		return v
	}
	return 0
}

// getList emits hd and tl of the same cons as one instruction.
func (a *allocator) getList(v val, i int, bl *blockLife) int {
	d := &a.f.vals[v]
	src := a.reg(d.args[0])
	if i+1 < len(a.cur.ins) && a.fr.allocAt[a.cur.order] != i+1 {
		w := a.cur.ins[i+1]
		e := &a.f.vals[w]
		if (e.op == opHd || e.op == opTl) && e.op != d.op && e.args[0] == d.args[0] {
			a.freeAll(bl.kills[i])
			a.freeAll(bl.kills[i+1])
			h, t := v, w
			hd, td := bl.dead[i], bl.dead[i+1]
			if d.op == opTl {
				h, t = w, v
				hd, td = td, hd
			}
			switch {
			case hd && td:
			case hd:
				a.emit(beam.OpGetTl, src, a.dst(t, false))
			case td:
				a.emit(beam.OpGetHd, src, a.dst(h, false))
			default:
				x := a.dst(h, false)
				y := a.dst(t, false)
				a.emit(beam.OpGetList, src, x, y)
			}
			return 1
		}
	}
	a.freeAll(bl.kills[i])
	op := beam.OpGetHd
	if d.op == opTl {
		op = beam.OpGetTl
	}
	a.emit(op, src, a.dst(v, bl.dead[i]))
	return 0
}

func (a *allocator) bif(name string, d *value, v val, kills []val, dead bool) {
	s := a.typed(a.args(d.args), a.f.argTypes[v])
	if !bifCannotFail(name, len(s)) {
		a.srcLine(d.pos)
	}
	a.freeAll(kills)
	a.emitBif(name, beam.Label(0), s, a.dst(v, dead))
}

func (a *allocator) emitBif(name string, fail beam.Arg, s []beam.Arg, dst beam.Arg) {
	if name == "get_record_field" {
		a.emit(beam.OpGetRecordField, fail, s[0], s[1], s[2], dst)
		return
	}
	imp := a.g.imp("erlang", name, len(s))
	switch len(s) {
	case 0:
		a.emit(beam.OpBif0, imp, dst)
	case 1:
		if (name == "hd" || name == "tl") && s[0].Kind != beam.KindX && s[0].Kind != beam.KindY {
			// OTP's loader makes get_hd and get_tl of these in guards, which only take registers.
			a.emit(beam.OpMove, s[0], dst)
			s[0] = dst
		}
		a.emit(beam.OpBif1, fail, imp, s[0], dst)
	default:
		a.emit(beam.OpBif2, fail, imp, s[0], s[1], dst)
	}
}

func (a *allocator) emitGcBif(name string, fail, live beam.Arg, s []beam.Arg, dst beam.Arg) {
	imp := a.g.imp("erlang", name, len(s))
	switch len(s) {
	case 1:
		a.emit(beam.OpGcBif1, fail, live, imp, s[0], dst)
	case 2:
		a.emit(beam.OpGcBif2, fail, live, imp, s[0], s[1], dst)
	default:
		a.emit(beam.OpGcBif3, fail, live, imp, s[0], s[1], s[2], dst)
	}
}

// callInstr emits calls and what behaves like one.
func (a *allocator) callInstr(v val, d *value, kills []val, dead bool) {
	n := len(d.args)
	args := d.args
	switch d.op {
	case opCallFun:
		args = append(append([]val(nil), d.args[1:]...), d.args[0])
	case opApply:
		args = append(append([]val(nil), d.args[2:]...), d.args[0], d.args[1])
	}
	ms := a.argMoves(args)
	a.freeAll(kills)
	a.moves(append(ms, a.spillLate()...))
	switch d.op {
	case opCall:
		a.callNotes(d)
		a.srcLine(d.pos)
		a.emit(beam.OpCall, beam.U(n), a.g.entry(d.aux.(*funRef)))
	case opCallExt:
		m := d.aux.(mfa)
		a.srcLine(d.pos)
		a.emit(beam.OpCallExt, beam.U(n), a.g.imp(m.mod, m.fun, n))
	case opCallFun:
		a.srcLine(d.pos)
		a.emit(beam.OpCallFun, beam.U(n-1))
	case opApply:
		a.srcLine(d.pos)
		a.emit(beam.OpApply, beam.U(n-2))
	case opSend:
		a.srcLine(d.pos)
		a.emit(beam.OpSend)
	case opStack:
		a.emit(beam.OpBuildStacktrace)
	case opRawRaise:
		a.emit(beam.OpRawRaise)
	case opInitWritable:
		a.emit(beam.OpBsInitWritable)
	default:
		panic("compiler: operation without code")
	}
	if d.result != nil && !dead {
		a.remark(beam.X(0), *d.result)
	}
	a.clobber()
	a.result(v, 0, dead)
}

// tailCall emits the call that ends a function.
func (a *allocator) tailCall(b *block, v val) {
	d := &a.f.vals[v]
	n := len(d.args)
	a.callArgs(d.args)
	if m, ok := d.aux.(mfa); ok {
		a.srcLine(d.pos) // OTP's loader drops lines in front of local calls that leave no frame
		imp := a.g.imp(m.mod, m.fun, n)
		switch {
		case a.framed:
			a.emit(beam.OpCallExtLast, beam.U(n), imp, beam.U(0))
		default:
			a.emit(beam.OpCallExtOnly, beam.U(n), imp)
		}
		return
	}
	a.callNotes(d)
	to := a.g.entry(d.aux.(*funRef))
	if a.framed {
		a.emit(beam.OpCallLast, beam.U(n), to, beam.U(0))
	} else {
		a.emit(beam.OpCallOnly, beam.U(n), to)
	}
}

var testOps = map[string]beam.Op{
	"is_lt": beam.OpIsLt, "is_ge": beam.OpIsGe, "is_eq": beam.OpIsEq, "is_ne": beam.OpIsNe,
	"is_eq_exact": beam.OpIsEqExact, "is_ne_exact": beam.OpIsNeExact,
	"is_integer": beam.OpIsInteger, "is_float": beam.OpIsFloat, "is_number": beam.OpIsNumber,
	"is_atom": beam.OpIsAtom, "is_pid": beam.OpIsPid, "is_reference": beam.OpIsReference,
	"is_port": beam.OpIsPort, "is_nil": beam.OpIsNil, "is_binary": beam.OpIsBinary,
	"is_list": beam.OpIsList, "is_nonempty_list": beam.OpIsNonemptyList, "is_tuple": beam.OpIsTuple,
	"is_function": beam.OpIsFunction, "is_boolean": beam.OpIsBoolean, "is_function2": beam.OpIsFunction2,
	"is_bitstr": beam.OpIsBitstr, "is_map": beam.OpIsMap, "is_any_native_record": beam.OpIsAnyNativeRecord,
	"is_native_record": beam.OpIsNativeRecord, "is_record_accessible": beam.OpIsRecordAccessible,
}

// terminator emits the end of the current block; what is fallen through to
// is not part of it.
func (a *allocator) terminator(b *block, bl *blockLife) {
	n := len(b.ins)
	kills := bl.kills[n]
	switch b.kind {
	case tJump:
	case tBr:
		a.test(b)
	case tSwitch, tArity:
		s := a.reg(b.args[0])
		out := []beam.Arg{s, label(b.succs[len(b.cases)]), beam.List(2 * len(b.cases))}
		for i, c := range b.cases {
			k := a.g.literal(c)
			if b.kind == tArity {
				k = beam.U(c.Small())
			}
			out = append(out, k, label(b.succs[i]))
		}
		if b.kind == tSwitch {
			a.emit(beam.OpSelectVal, out...)
		} else {
			a.emit(beam.OpSelectTupleArity, out...)
		}
	case tBif:
		s := a.typed(a.args(b.args), b.types)
		a.freeAll(kills)
		a.emitBif(b.aux.(string), label(b.succs[1]), s, a.dst(b.val, bl.dead[n]))
	case tGcBif:
		live := a.gc()
		s := a.typed(a.args(b.args), b.types)
		a.freeAll(kills)
		a.emitGcBif(b.aux.(string), label(b.succs[1]), live, s, a.dst(b.val, bl.dead[n]))
	case tMapGet:
		s := a.args(b.args)
		s[0] = a.reg(b.args[0])
		a.freeAll(kills)
		dst := a.dst(b.val, bl.dead[n])
		a.emit(beam.OpGetMapElements, label(b.succs[1]), s[0], beam.List(2), s[1], dst)
	case tRecordElem:
		s := a.args(b.args)
		a.freeAll(kills)
		dst := a.dst(b.val, bl.dead[n])
		a.emit(beam.OpGetRecordElements, label(b.succs[1]), s[0], beam.List(2), beam.Atom(term.Intern(b.aux.(string))), dst)
	case tBsStart, tBsGet, tBsSkip, tBsTail, tBsUnit, tBsString:
		a.bsMatch(b, bl)
	case tBsCreate:
		live := a.gc()
		segs := a.segments(b.aux.([]binSeg))
		a.freeAll(kills)
		dst := a.dst(b.val, bl.dead[n])
		a.emit(beam.OpBsCreateBin, append([]beam.Arg{label(b.succs[1]), beam.U(0), live, beam.U(1), dst}, segs...)...)
	case tReturn:
		a.ret(b)
	case tLoopRec:
		a.emit(beam.OpLoopRec, label(b.succs[1]), beam.X(0))
		a.clobber()
		a.fragile = a.fr.fragDef[b.val]
		a.result(b.val, 0, bl.dead[n])
	case tRecEnd:
		a.emit(beam.OpLoopRecEnd, label(b.succs[0]))
	case tWait:
		a.emit(beam.OpWait, label(b.succs[0]))
	case tWaitTime:
		// No line in front: OTP's loader takes wait_timeout and its label as
		// one, and a process would sleep with its message queue locked.
		s := a.arg(b.args[0])
		a.emit(beam.OpWaitTimeout, label(b.succs[0]), s)
		a.clobber()
	case tTry, tCatch:
		op := beam.OpTry
		if b.kind == tCatch {
			op = beam.OpCatch
		}
		a.emit(op, a.tagSlot(b), label(b.succs[1]))
	case tFail:
		a.srcLine(b.pos)
		a.emitFail(b)
	case tFuncClause:
		a.callArgs(b.args)
		if a.framed {
			a.emit(beam.OpDeallocate, beam.U(0))
		}
		a.emit(beam.OpJump, beam.Arg{Kind: beam.KindLabel, Val: funcInfoLabel})
	case tRaise:
		s := a.args(b.args)
		a.emit(beam.OpRaise, s...)
	case tUnreach:
		// Never executed, but the call in front needs a return address that
		// lies within this function.
		a.emit(beam.OpIfEnd)
	default:
		panic("compiler: block without end in " + a.f.name)
	}
}

func (a *allocator) emitFail(b *block) {
	switch b.aux.(string) {
	case "badmatch":
		a.emit(beam.OpBadmatch, a.arg(b.args[0]))
	case "case_end":
		a.emit(beam.OpCaseEnd, a.arg(b.args[0]))
	case "try_case_end":
		a.emit(beam.OpTryCaseEnd, a.arg(b.args[0]))
	case "badrecord":
		a.emit(beam.OpBadrecord, a.arg(b.args[0]))
	case "if_end":
		a.emit(beam.OpIfEnd)
	}
}

func (a *allocator) ret(b *block) {
	if k := len(a.out) - 1; k >= 0 && len(b.ins) > 0 && b.args[0] == b.ins[len(b.ins)-1] && a.out[k].op == beam.OpApply {
		a.out[k] = oins{beam.OpApplyLast, []beam.Arg{a.out[k].args[0], beam.U(0)}}
		return
	}
	a.callArgs(b.args)
	if a.framed {
		a.emit(beam.OpDeallocate, beam.U(0))
	}
	a.emit(beam.OpReturn)
}

func (a *allocator) test(b *block) {
	name := b.aux.(string)
	fail := label(b.succs[1])
	s := a.typed(a.args(b.args), b.types)
	switch name {
	case "is_tagged_tuple":
		a.emit(beam.OpIsTaggedTuple, fail, a.reg(b.args[0]), beam.U(b.n), s[1])
	case "test_arity":
		a.emit(beam.OpTestArity, fail, a.reg(b.args[0]), beam.U(b.n))
	case "has_map_fields":
		a.emit(beam.OpHasMapFields, fail, a.reg(b.args[0]), beam.List(1), s[1])
	case "is_eq_exact", "is_ne_exact", "is_eq", "is_ne":
		if len(s) == 2 && !s[0].IsReg() && s[1].IsReg() {
			s[0], s[1] = s[1], s[0]
		}
		if s[1].Kind == beam.KindNil && name == "is_eq_exact" {
			a.emit(beam.OpIsNil, fail, s[0])
			return
		}
		a.emit(testOps[name], append([]beam.Arg{fail}, s...)...)
	default:
		a.emit(testOps[name], append([]beam.Arg{fail}, s...)...)
	}
}

// bsMatch emits the instructions of bit string matching.
func (a *allocator) bsMatch(b *block, bl *blockLife) {
	n := len(b.ins)
	kills, dead := bl.kills[n], bl.dead[n]
	var fail beam.Arg
	if len(b.succs) > 1 {
		fail = label(b.succs[1])
	}
	switch b.kind {
	case tBsStart:
		s := a.reg(b.args[0])
		if s.Kind == beam.KindX && int(s.Val) >= a.liveX() { // a constant in a register
			a.setX(int(s.Val), b.args[0])
			defer func() { a.regX[s.Val] = 0 }()
		}
		live := a.gc()
		a.freeAll(kills)
		a.emit(beam.OpBsStartMatch3, fail, s, live, a.dst(b.val, dead))
	case tBsTail:
		a.emit(beam.OpBsTestTail2, fail, a.arg(b.args[0]), beam.U(b.n))
	case tBsUnit:
		// bs_test_unit would leave the context where it is, but OTP 29 does not have it.
		a.emit(beam.OpBsSkipBits2, fail, a.arg(b.args[0]), beam.Atom(term.Intern("all")), beam.U(b.n), beam.U(0))
	case tBsString:
		a.emit(beam.OpBsMatchString, fail, a.arg(b.args[0]), beam.U(b.n), a.g.b.Text(b.aux.([]byte)))
	case tBsSkip:
		seg := b.aux.(*binSeg)
		ctx := a.arg(b.args[0])
		fl := flags(seg)
		switch seg.typ {
		case "utf8":
			a.emit(beam.OpBsSkipUtf8, fail, ctx, a.gc(), fl)
		case "utf16":
			a.emit(beam.OpBsSkipUtf16, fail, ctx, a.gc(), fl)
		case "utf32":
			a.emit(beam.OpBsSkipUtf32, fail, ctx, a.gc(), fl)
		default:
			a.emit(beam.OpBsSkipBits2, fail, ctx, a.arg(b.args[1]), beam.U(seg.unit), fl)
		}
	case tBsGet:
		seg := b.aux.(*binSeg)
		live := a.gc()
		ctx := a.arg(b.args[0])
		fl := flags(seg)
		var size beam.Arg
		if len(b.args) > 1 {
			size = a.arg(b.args[1])
		} else {
			size = beam.Atom(term.Intern("all"))
		}
		a.freeAll(kills)
		dst := a.dst(b.val, dead)
		switch seg.typ {
		case "integer":
			a.emit(beam.OpBsGetInteger2, fail, ctx, live, size, beam.U(seg.unit), fl, dst)
		case "float":
			a.emit(beam.OpBsGetFloat2, fail, ctx, live, size, beam.U(seg.unit), fl, dst)
		case "binary":
			a.emit(beam.OpBsGetBinary2, fail, ctx, live, size, beam.U(seg.unit), fl, dst)
		case "utf8":
			a.emit(beam.OpBsGetUtf8, fail, ctx, live, fl, dst)
		case "utf16":
			a.emit(beam.OpBsGetUtf16, fail, ctx, live, fl, dst)
		case "utf32":
			a.emit(beam.OpBsGetUtf32, fail, ctx, live, fl, dst)
		}
	}
}

func flags(s *binSeg) beam.Arg {
	n := 0
	if s.little {
		n |= beam.FlagLittle
	}
	if s.signed {
		n |= beam.FlagSigned
	}
	if s.native {
		n |= beam.FlagNative
	}
	return beam.U(n)
}

// segments gives the operand list of bs_create_bin.
func (a *allocator) segments(segs []binSeg) []beam.Arg {
	out := []beam.Arg{beam.List(6 * len(segs))}
	for i, s := range segs {
		typ := s.typ
		if s.app != "" {
			typ = s.app
		}
		t := beam.Atom(term.Intern(typ))
		if s.typ == "string" {
			out = append(out, t, beam.U(0), beam.U(8), beam.Nil(), a.g.b.Text(s.str), beam.Int(int64(len(s.str))))
			continue
		}
		size := beam.Atom(term.Intern("undefined"))
		unit := s.unit
		switch {
		case s.all:
			size = beam.Atom(term.Intern("all"))
		case s.typ[0] == 'u':
			unit = 0
		case s.size != 0:
			size = a.arg(s.size)
		}
		out = append(out, t, beam.U(i+1), beam.U(unit), a.g.segFlags(s), a.arg(s.value), size)
	}
	return out
}
