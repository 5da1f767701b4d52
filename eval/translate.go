package eval

import (
	"math"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/term"
)

// instr emits the instruction at l.i, together with those behind it that fuse with it.
func (l *loader) instr(in beam.Instr) {
	a := in.Args
	start := l.here()
	switch in.Op {
	case beam.OpLine, beam.OpExecutableLine:
		l.line(a[0].N())
	case beam.OpDebugLine, beam.OpNifStart, beam.OpIntCodeEnd, beam.OpFclearerror, beam.OpFcheckerror:
	case beam.OpFuncInfo:
		l.must(famFuncInfo, l.opd(a[0]), l.opd(a[1]), raw(uint64(a[2].N())))
	case beam.OpOnLoad:
		l.onLoad = int(l.funcs[len(l.funcs)-1].entry)

	// Moves.
	case beam.OpMove:
		l.move(in)
	case beam.OpSwap:
		s, d := l.opd(a[0]), l.opd(a[1])
		if s.kind == 'y' && d.kind == 'x' {
			s, d = d, s
		}
		l.must(famSwap, s, d)
	case beam.OpInit:
		l.must(famInit, l.opd(a[0]))
	case beam.OpInitYregs:
		l.initY(in.List())
	case beam.OpFmove:
		l.fmove(a[0], a[1])
	case beam.OpFconv:
		l.must(famFload, l.opd(a[1]), l.opd(a[0]))
	case beam.OpFadd:
		l.must(famFadd, l.opd(a[3]), l.opd(a[1]), l.opd(a[2]))
	case beam.OpFsub:
		l.must(famFsub, l.opd(a[3]), l.opd(a[1]), l.opd(a[2]))
	case beam.OpFmul:
		l.must(famFmul, l.opd(a[3]), l.opd(a[1]), l.opd(a[2]))
	case beam.OpFdiv:
		l.must(famFdiv, l.opd(a[3]), l.opd(a[1]), l.opd(a[2]))
	case beam.OpFnegate:
		l.slow(slowFnegate, l.opd(a[2]), l.opd(a[1]))

	// Frames and heap.
	case beam.OpAllocate:
		l.allocate(a[0].N(), 0, a[1].N(), false)
	case beam.OpAllocateHeap:
		l.allocate(a[0].N(), heapNeed(a[1]), a[2].N(), false)
	case beam.OpAllocateZero:
		l.allocate(a[0].N(), 0, a[1].N(), true)
	case beam.OpAllocateHeapZero:
		l.allocate(a[0].N(), heapNeed(a[1]), a[2].N(), true)
	case beam.OpTestHeap:
		l.testHeap(heapNeed(a[0]), a[1].N())
	case beam.OpTrim:
		if nx, at, ok := l.next(l.i); ok && nx.Op == beam.OpCall {
			l.must(famTrimCall, num(nx.Args[0].N()), num(a[0].N()*wordBytes), label(nx.Args[1].N()))
			l.skipTo(at, start)
			return
		}
		l.must(famDeallocate, num(a[0].N()*wordBytes))
	case beam.OpDeallocate:
		if nx, at, ok := l.next(l.i); ok && nx.Op == beam.OpReturn {
			l.must(famDeallocateReturn, num(a[0].N()*wordBytes))
			l.skipTo(at, start)
			return
		}
		l.must(famDeallocate, num(a[0].N()*wordBytes))
	case beam.OpReturn:
		l.must(famReturn)

	// Calls.
	case beam.OpCall:
		l.must(famCall, num(a[0].N()), label(a[1].N()))
	case beam.OpCallOnly:
		l.must(famCallOnly, num(a[0].N()), label(a[1].N()))
	case beam.OpCallLast:
		l.must(famCallLast, num(a[0].N()), num(a[2].N()*wordBytes), label(a[1].N()))
	case beam.OpCallExt:
		slot, imp := l.imp(a[1])
		if isApply(imp) {
			l.slow(slowApplyBIF, num(imp.Arity), num(applyCall), num(0))
		} else if isBIF(slot) {
			l.must(famCallBif, num(a[0].N()), raw(slot))
		} else {
			l.must(famCallExt, num(a[0].N()), raw(slot))
		}
	case beam.OpCallExtOnly:
		slot, imp := l.imp(a[1])
		if isApply(imp) {
			l.slow(slowApplyBIF, num(imp.Arity), num(applyTail), num(0))
		} else if isBIF(slot) {
			l.must(famBifOnly, num(a[0].N()), raw(slot))
		} else {
			l.must(famCallExtOnly, num(a[0].N()), raw(slot))
		}
	case beam.OpCallExtLast:
		slot, imp := l.imp(a[1])
		if isApply(imp) {
			l.slow(slowApplyBIF, num(imp.Arity), num(applyLast), num(a[2].N()*wordBytes))
		} else if isBIF(slot) {
			l.must(famBifLast, num(a[0].N()), num(a[2].N()*wordBytes), raw(slot))
		} else {
			l.must(famCallExtLast, num(a[0].N()), num(a[2].N()*wordBytes), raw(slot))
		}
	case beam.OpCallFun:
		n := a[0].N()
		l.callFun(opd{'x', uint64(n) * wordBytes}, n)
	case beam.OpCallFun2:
		f := l.opd(a[2])
		if f.kind == 'c' {
			l.must(famMove, opd{'x', 1023 * wordBytes}, f)
			f = opd{'x', 1023 * wordBytes}
		}
		l.callFun(f, a[1].N())
	case beam.OpApply:
		l.slow(slowApply, num(a[0].N()))
	case beam.OpApplyLast:
		l.slow(slowApplyLast, num(a[0].N()), num(a[1].N()*wordBytes))
	case beam.OpMakeFun3:
		args := append([]opd{raw(l.funEntry(a[0].N())), l.opd(a[1]), num(len(in.List()))}, l.opds(in.List())...)
		l.slow(slowMakeFun, args...)
	case beam.OpMakeFun2:
		e := l.m.Lambdas[a[0].N()]
		args := []opd{raw(l.funEntry(a[0].N())), {'x', 0}, num(e.NumFree)}
		for i := 0; i < e.NumFree; i++ {
			args = append(args, opd{'x', uint64(i) * wordBytes})
		}
		l.slow(slowMakeFunGC, args...)

	// Jumps and tests.
	case beam.OpJump:
		l.must(famJump, label(a[0].N()))
	case beam.OpSelectVal:
		l.selectVal(a[0], a[1].N(), in.List())
	case beam.OpSelectTupleArity:
		l.selectArity(a[0], a[1].N(), in.List())
	case beam.OpIsLt:
		l.compare(famIsLt, slowIsLt, a)
	case beam.OpIsGe:
		l.compare(famIsGe, slowIsGe, a)
	case beam.OpIsEq:
		l.equal(famIsEq, slowIsEq, a, false)
	case beam.OpIsNe:
		l.equal(famIsNe, slowIsNe, a, false)
	case beam.OpIsEqExact:
		l.equal(famIsEqExact, slowIsEqExact, a, true)
	case beam.OpIsNeExact:
		l.equal(famIsNeExact, slowIsNeExact, a, true)
	case beam.OpIsInteger:
		l.test(famIsInteger, slowIsInteger, a)
	case beam.OpIsFloat:
		l.test(famIsFloat, slowIsFloat, a)
	case beam.OpIsNumber:
		l.test(famIsNumber, slowIsNumber, a)
	case beam.OpIsAtom:
		l.test(famIsAtom, slowIsAtom, a)
	case beam.OpIsNil:
		l.test(famIsNil, slowIsNil, a)
	case beam.OpIsList:
		l.test(famIsList, slowIsList, a)
	case beam.OpIsNonemptyList:
		l.test(famIsNonemptyList, slowIsNonemptyList, a)
	case beam.OpIsTuple:
		if nx, at, ok := l.next(l.i); ok && nx.Op == beam.OpTestArity && nx.Args[1] == a[1] && nx.Args[0] == a[0] &&
			l.emit(famTestArity, l.opd(a[1]), num(int(term.Header(term.SubTuple, nx.Args[2].N()))), label(a[0].N())) {
			l.skipTo(at, start) // test_arity includes the test
			return
		}
		l.test(famIsTuple, slowIsTuple, a)
	case beam.OpTestArity:
		if s := l.opd(a[1]); s.kind == 'c' ||
			!l.emit(famTestArity, s, num(int(term.Header(term.SubTuple, a[2].N()))), label(a[0].N())) {
			l.slow(slowTestArity, label(a[0].N()), s, num(a[2].N()))
		}
	case beam.OpIsTaggedTuple:
		if s := l.opd(a[1]); s.kind == 'c' || !l.emit(famIsTaggedTuple, s,
			num(int(term.Header(term.SubTuple, a[2].N()))), l.opd(a[3]), label(a[0].N())) {
			l.slow(slowIsTaggedTuple, label(a[0].N()), s, num(a[2].N()), l.opd(a[3]))
		}
	case beam.OpIsMap:
		l.test(famIsMap, slowIsMap, a)
	case beam.OpIsBoolean:
		l.test(famIsBoolean, slowIsBoolean, a)
	case beam.OpIsBitstr:
		l.test(famIsBitstring, slowIsBitstr, a)
	case beam.OpIsBinary:
		l.test(famIsBinary, slowIsBinary, a)
	case beam.OpIsPid:
		l.slow(slowIsPid, l.opds(a)...)
	case beam.OpIsReference:
		l.slow(slowIsReference, l.opds(a)...)
	case beam.OpIsPort:
		l.slow(slowIsPort, l.opds(a)...)
	case beam.OpIsFunction:
		l.slow(slowIsFunction, l.opds(a)...)
	case beam.OpIsFunction2:
		if n := l.opd(a[2]); n.kind == 'c' && term.Term(n.val).IsSmall() {
			l.short(famIsFun, []opd{l.opd(a[1]), num(term.Term(n.val).Small())}, slowIsFunction2, l.opds(a)...)
			break
		}
		l.slow(slowIsFunction2, l.opds(a)...)

	// Lists and tuples.
	case beam.OpGetList:
		l.must(famGetList, l.opd(a[0]), l.opd(a[1]), l.opd(a[2]))
	case beam.OpGetHd:
		l.must(famGetHd, l.opd(a[0]), l.opd(a[1]))
	case beam.OpGetTl:
		l.must(famGetTl, l.opd(a[0]), l.opd(a[1]))
	case beam.OpGetTupleElement:
		l.getTupleElement(in)
	case beam.OpSetTupleElement:
		l.slow(slowSetTupleElement, l.opd(a[0]), l.opd(a[1]), num(a[2].N()))
	case beam.OpPutList:
		if d, h, t := l.opd(a[2]), l.opd(a[0]), l.opd(a[1]); !l.emit(famPutList, d, h, t) {
			l.slow(slowPutList, d, h, t)
		}
	case beam.OpPutTuple2:
		l.putTuple(a[0], in.List())
	case beam.OpUpdateRecord:
		args := []opd{num(a[1].N()), l.opd(a[2]), l.opd(a[3])}
		for i, e := range in.List() {
			if i%2 == 0 {
				args = append(args, num(e.N()))
			} else {
				args = append(args, l.opd(e))
			}
		}
		l.slow(slowUpdateRecord, args...)

	// Guard BIFs.
	case beam.OpBif0:
		l.bif(a[0], beam.Label(0), nil, a[1])
	case beam.OpBif1:
		l.bif(a[1], a[0], a[2:3], a[3])
	case beam.OpBif2:
		l.bif(a[1], a[0], a[2:4], a[4])
	case beam.OpBif3:
		l.bif(a[1], a[0], a[2:5], a[5])
	case beam.OpGcBif1:
		l.bif(a[2], a[0], a[3:4], a[4])
	case beam.OpGcBif2:
		l.bif(a[2], a[0], a[3:5], a[5])
	case beam.OpGcBif3:
		l.bif(a[2], a[0], a[3:6], a[6])

	default:
		if !l.instrRare(in) {
			panic(loadError("instruction is not supported"))
		}
	}
}

// move emits a move, fused with up to two moves behind it or with a return or call.
func (l *loader) move(in beam.Instr) {
	start := l.here()
	s, d := l.opd(in.Args[0]), l.opd(in.Args[1])
	nx, at, ok := l.next(l.i)
	if ok {
		switch nx.Op {
		case beam.OpMove:
			s2, d2 := l.opd(nx.Args[0]), l.opd(nx.Args[1])
			if n3, at3, ok3 := l.next(at); ok3 && n3.Op == beam.OpMove {
				if l.emit(famMove3, d, s, d2, s2, l.opd(n3.Args[1]), l.opd(n3.Args[0])) {
					l.skipTo(at3, start)
					return
				}
			}
			if l.emit(famMove2, d, s, d2, s2) {
				l.skipTo(at, start)
				return
			}
		case beam.OpReturn:
			if d == (opd{'x', 0}) && l.emit(famMoveReturn, s) {
				l.skipTo(at, start)
				return
			}
		case beam.OpDeallocate:
			if n3, at3, ok3 := l.next(at); d == (opd{'x', 0}) && ok3 && n3.Op == beam.OpReturn &&
				l.emit(famMoveDeallocateReturn, num(nx.Args[0].N()*wordBytes), s) {
				l.skipTo(at3, start)
				return
			}
		case beam.OpCall:
			if d.kind == 'x' && l.emit(famMoveCall, num(nx.Args[0].N()), d, s, label(nx.Args[1].N())) {
				l.skipTo(at, start)
				return
			}
		case beam.OpCallOnly:
			if d.kind == 'x' && l.emit(famMoveCallOnly, num(nx.Args[0].N()), d, s, label(nx.Args[1].N())) {
				l.skipTo(at, start)
				return
			}
		case beam.OpCallLast:
			if d.kind == 'x' &&
				l.emit(famMoveCallLast, num(nx.Args[0].N()), num(nx.Args[2].N()*wordBytes), d, s, label(nx.Args[1].N())) {
				l.skipTo(at, start)
				return
			}
		}
	}
	l.must(famMove, d, s)
}

// initY makes Y registers scannable.
func (l *loader) initY(regs []beam.Arg) {
	contiguous := len(regs) > 2
	for i, r := range regs {
		contiguous = contiguous && r.Val == regs[0].Val+int64(i)
	}
	if contiguous {
		l.must(famInitRange, num(regs[0].N()*wordBytes), num(len(regs)))
		return
	}
	for len(regs) >= 2 {
		l.must(famInit2, l.opd(regs[0]), l.opd(regs[1]))
		regs = regs[2:]
	}
	if len(regs) == 1 {
		l.must(famInit, l.opd(regs[0]))
	}
}

// allocate pushes a frame. Y registers are left alone unless zero is set: the validator proves that
// each is written before a collection can see it.
func (l *loader) allocate(frame, need, live int, zero bool) {
	start := l.here()
	l.stress(live)
	n, r := num(frame*wordBytes), room(frame*wordBytes+need)
	live = l.fewLive(live, r)
	if !zero {
		if nx, at, ok := l.next(l.i); ok && nx.Op == beam.OpMove {
			s, d := l.opd(nx.Args[0]), l.opd(nx.Args[1])
			if n3, at3, ok3 := l.next(at); ok3 && n3.Op == beam.OpMove &&
				l.emit(famAllocateMove2, num(live), n, r, d, s, l.opd(n3.Args[1]), l.opd(n3.Args[0])) {
				l.skipTo(at3, start)
				return
			}
			if l.emit(famAllocateMove, num(live), n, r, d, s) {
				l.skipTo(at, start)
				return
			}
		} else if ok && nx.Op == beam.OpGetList && l.sure(at) &&
			l.emit(famAllocateGetList, num(live), n, r, l.opd(nx.Args[0]), l.opd(nx.Args[1]), l.opd(nx.Args[2])) {
			l.skipTo(at, start)
			return
		} else if ok && nx.Op == beam.OpInitYregs && len(nx.List()) == 1 {
			l.must(famAllocateInit, num(live), n, r, l.opd(nx.List()[0]))
			l.skipTo(at, start)
			return
		}
	}
	l.must(famAllocate, num(live), n, r)
	if zero && frame > 0 {
		l.must(famInitRange, num(0), num(frame))
	}
}

// stress emits a collection where the debug option asks for one.
func (l *loader) stress(live int) {
	if l.cs.vm.Debug.CollectAlways {
		l.slow(slowStress, num(live))
	}
}

// mostLive is how many live registers an instruction that may collect can name.
const mostLive = math.MaxUint8 >> 1

// fewLive makes the room before, where more registers are live than the instruction can name: then
// it does not collect.
func (l *loader) fewLive(live int, room opd) int {
	if live <= mostLive {
		return live
	}
	l.slow(slowRoom, room, num(live))
	return mostLive
}

func (l *loader) testHeap(need, live int) {
	l.stress(live)
	live = l.fewLive(live, room(need))
	start := l.here()
	if need == 2*wordBytes {
		nx, at, ok := l.next(l.i)
		if ok && nx.Op == beam.OpPutList && l.opd(nx.Args[2]) == (opd{'x', 0}) {
			n3, at3, ok3 := l.next(at)
			frame := 0
			if ok3 && n3.Op == beam.OpDeallocate {
				frame = n3.Args[0].N()
				n3, at3, ok3 = l.next(at3)
				if ok3 && n3.Op == beam.OpReturn && l.emit(famTestPutListReturn, num(live), num(frame*wordBytes), room(need),
					l.opd(nx.Args[0]), l.opd(nx.Args[1])) {
					l.skipTo(at3, start)
					return
				}
			}
		}
		if ok && nx.Op == beam.OpPutList &&
			l.emit(famTestPutList, num(live), room(need), l.opd(nx.Args[2]), l.opd(nx.Args[0]), l.opd(nx.Args[1])) {
			l.skipTo(at, start)
			return
		}
	}
	l.must(famTestHeap, num(live), room(need))
}

// callFun emits a fun call, as a tail call where a return follows.
func (l *loader) callFun(f opd, arity int) {
	start := l.here()
	if nx, at, ok := l.next(l.i); ok && nx.Op == beam.OpDeallocate {
		if n3, at3, ok3 := l.next(at); ok3 && n3.Op == beam.OpReturn &&
			l.emit(famCallFunLast, num(arity), num(nx.Args[0].N()*wordBytes), f) {
			l.skipTo(at3, start)
			return
		}
	}
	l.must(famCallFun, num(arity), f)
}

// compare emits an order test; eq, an equality test.
func (l *loader) compare(f family, id slowID, a []beam.Arg) {
	x, y := l.opd(a[1]), l.opd(a[2])
	if st, ok := l.step(a[0].N()); ok && x.kind == 'x' && y.kind == 'c' && term.Term(y.val).IsSmall() {
		fam := famIsLtConstSub
		if f == famIsGe {
			fam = famIsGeConstSub
		}
		if l.emit(fam, x, st.d, st.a, num(st.size), y, st.k, label(a[0].N())) {
			// For operands that are no small integers; it must be 16 bytes long.
			l.must(f, x, y, label(a[0].N()))
			return
		}
	}
	if !l.emit(f, x, y, label(a[0].N())) {
		l.slow(id, label(a[0].N()), x, y)
	}
}

// step is a subtraction of a constant at the start of a branch.
type step struct {
	d, a, k opd
	size    int  // of the instruction that does it
	call    bool // a tail call is part of it
	live    int  // its arity
	to      int  // its label
}

// step tells whether the code at a label begins with a subtraction of a constant in X registers.
func (l *loader) step(lab int) (s step, ok bool) {
	if l.cs.vm.Debug.Trace != nil || lab <= 0 || lab >= len(l.m.LabelPos) || l.m.LabelPos[lab] < 0 {
		return s, false
	}
	in, at, ok := l.next(int(l.m.LabelPos[lab]))
	if !ok || in.Op != beam.OpGcBif2 || in.Args[0].N() != 0 || in.Args[5].Kind != beam.KindX || in.Args[3].Kind != beam.KindX ||
		in.Args[4].Kind != beam.KindInt || in.Args[4].Val < 0 || in.Args[4].Val > 1<<27 {
		return s, false
	}
	if i := l.m.Imports[in.Args[2].N()]; i.Module != term.AtomErlang || i.Name != term.AtomMinus {
		return s, false
	}
	s = step{d: l.opd(in.Args[5]), a: l.opd(in.Args[3]), k: num(in.Args[4].N() << 4)}
	s.size = opTable[find(famSubConst, []opd{s.d, s.a})].size
	if nx, _, ok := l.next(at); ok && nx.Op == beam.OpCallOnly {
		s.call, s.live, s.to = true, nx.Args[0].N(), nx.Args[1].N()
	}
	return s, true
}

func (l *loader) equal(f family, id slowID, a []beam.Arg, exact bool) {
	x, y := l.opd(a[1]), l.opd(a[2])
	if x.kind == 'c' || x.kind == 'y' && y.kind == 'x' {
		x, y = y, x
	}
	fail := label(a[0].N())
	if y.kind == 'c' && x.kind != 'c' {
		t := term.Term(y.val)
		if t.IsImmediate() && (exact || t.IsAtom() || t == term.Nil) {
			if st, ok := l.step(a[0].N()); ok && x.kind == 'x' && (id == slowIsEqExact || id == slowIsEq) {
				if st.call {
					l.must(famIsEqConstSubCall, num(st.live), x, st.d, st.a, y, st.k, fail, label(st.to))
				} else {
					l.must(famIsEqConstSub, x, st.d, st.a, num(st.size), y, st.k, fail)
				}
				return
			}
			if id == slowIsEqExact || id == slowIsEq {
				l.must(famIsEqConst, x, y, fail)
			} else {
				l.must(famIsNeConst, x, y, fail)
			}
			return
		}
		if exact {
			if !l.emit(f, x, y, fail) {
				l.slow(id, fail, x, y)
			}
			return
		}
		if !t.IsSmall() {
			l.slow(id, fail, x, y)
			return
		}
	}
	if !l.emit(f, x, y, fail) {
		l.slow(id, fail, x, y)
	}
}

func (l *loader) test(f family, id slowID, a []beam.Arg) {
	s := l.opd(a[1])
	if s.kind == 'c' || !l.emit(f, s, label(a[0].N())) {
		l.slow(id, label(a[0].N()), s)
	}
}

// getTupleElement emits the read of an element, together with the one of the next element behind it.
func (l *loader) getTupleElement(in beam.Instr) {
	start := l.here()
	a := in.Args
	s, n, d := l.opd(a[0]), a[1].N(), l.opd(a[2])
	off := func(i int) opd { return num((i + 1) * wordBytes) }
	if nx, at, ok := l.next(l.i); ok && nx.Op == beam.OpGetTupleElement && s.kind == 'x' && d != s && l.sure(at) {
		if l.opd(nx.Args[0]) == s && nx.Args[1].N() == n+1 &&
			l.emit(famGetTupleElement2, s, off(n), d, l.opd(nx.Args[2])) {
			l.skipTo(at, start)
			return
		}
	}
	if !l.emit(famGetTupleElement, s, off(n), d) {
		l.slow(slowGetTupleElement, s, num(n), d)
	}
}

func (l *loader) putTuple(dst beam.Arg, elems []beam.Arg) {
	d := l.opd(dst)
	if len(elems) == 2 && l.emit(famPutPair, d, l.opd(elems[0]), l.opd(elems[1])) {
		return
	}
	if len(elems) == 0 {
		l.must(famMove, d, opd{'c', uint64(l.cs.emptyTuple)})
		return
	}
	l.must(famPutTuple, d, num(len(elems)))
	for _, e := range elems {
		l.word(fullWord(l.opd(e)))
	}
}

// fmove copies between float registers and terms.
func (l *loader) fmove(src, dst beam.Arg) {
	s, d := l.opd(src), l.opd(dst)
	switch {
	case s.kind == 'z' && d.kind == 'z':
		l.must(famFcopy, d, s)
	case d.kind == 'z':
		l.must(famFload, d, s)
	default:
		l.must(famFstore, d, s)
	}
}

// isApply reports whether an import is erlang:apply/2 or /3, which the machine does itself.
func isApply(i beam.Import) bool {
	return i.Module == term.AtomErlang && i.Name == atomApply && (i.Arity == 2 || i.Arity == 3)
}
