package beam

import "github.com/gerl-lang/gerl/term"

// step interprets one instruction: the state becomes what holds after it, and v.dead is set if nothing comes after it.
func (v *validator) step(in *Instr) {
	c, a := &v.cur, in.Args
	if c.building && !keepsBuilding(in.Op) {
		c.building = false
	}
	switch in.Op {
	case OpLine, OpExecutableLine, OpNifStart, OpOnLoad, OpRecvMark, OpRecvSet, OpFclearerror:
	case OpDebugLine:
		v.live(a[3].N())
		v.gc(a[3].N())
	case OpFuncInfo:
		// Match contexts may be among the arguments: the machine tells their bit strings.
		v.live(a[2].N())
		v.dead = true

	case OpMove:
		t := v.value(a[0])
		if t.id == 0 {
			t = c.newID(t)
		}
		v.writeSame(a[1], t)
	case OpSwap:
		x, y := v.value(a[0]), v.value(a[1])
		if !v.dead {
			v.writeSame(a[0], y)
			v.writeSame(a[1], x)
		}
	case OpInit:
		v.write(a[0], of(TypeNil))
	case OpInitYregs:
		for _, y := range in.List() {
			if y.Kind != KindY {
				v.fail("%s is no Y register", y)
				return
			}
			v.write(y, of(TypeNil))
		}

	case OpCall, OpCallLast, OpCallOnly, OpCallExt, OpCallExtLast, OpCallExtOnly, OpCallFun, OpCallFun2, OpApply, OpApplyLast,
		OpSend, OpReturn, OpRawRaise, OpBuildStacktrace:
		v.stepCall(in)
	case OpAllocate, OpAllocateHeap, OpAllocateZero, OpAllocateHeapZero, OpTestHeap, OpDeallocate, OpTrim, OpCatch, OpCatchEnd,
		OpTry, OpTryEnd, OpTryCase:
		v.stepFrame(in)
	case OpRemoveMessage, OpTimeout, OpLoopRec, OpLoopRecEnd, OpWait, OpWaitTimeout, OpRecvMarkerBind, OpRecvMarkerClear,
		OpRecvMarkerReserve, OpRecvMarkerUse:
		v.stepReceive(in)

	case OpBif0, OpBif1, OpBif2, OpBif3:
		v.stepBif(in)
	case OpGcBif1, OpGcBif2, OpGcBif3:
		v.stepGcBif(in)

	case OpTryCaseEnd, OpBadmatch, OpCaseEnd, OpBadrecord:
		v.term(a[0])
		v.dead = true
	case OpIfEnd:
		v.dead = true
	case OpRaise:
		v.term(a[0])
		v.term(a[1])
		v.dead = true

	case OpJump:
		v.branch(a[0].N())
		v.dead = true
	case OpIsLt, OpIsGe, OpIsEq, OpIsNe:
		v.term(a[1])
		v.term(a[2])
		if !v.dead {
			v.branch(a[0].N())
		}
	case OpIsEqExact:
		v.exact(in, true)
	case OpIsNeExact:
		v.exact(in, false)
	case OpIsInteger:
		v.typeTest(in, TypeInteger)
	case OpIsFloat:
		v.typeTest(in, TypeFloat)
	case OpIsNumber:
		v.typeTest(in, TypeInteger|TypeFloat)
	case OpIsAtom:
		v.typeTest(in, TypeAtom)
	case OpIsPid:
		v.typeTest(in, TypePid)
	case OpIsReference:
		v.typeTest(in, TypeReference)
	case OpIsPort:
		v.typeTest(in, TypePort)
	case OpIsNil:
		v.typeTest(in, TypeNil)
	case OpIsList:
		v.typeTest(in, TypeNil|TypeCons)
	case OpIsNonemptyList:
		v.typeTest(in, TypeCons)
	case OpIsTuple:
		v.typeTest(in, TypeTuple)
	case OpIsFunction:
		v.typeTest(in, TypeFun)
	case OpIsBitstr:
		v.typeTest(in, TypeBitstring)
	case OpIsMap:
		v.typeTest(in, TypeMap)
	case OpIsAnyNativeRecord:
		v.typeTest(in, TypeRecord)
	case OpIsBinary:
		v.partTest(in, TypeBitstring)
	case OpIsBoolean:
		v.partTest(in, TypeAtom)
	case OpIsFunction2:
		v.term(a[2])
		v.partTest(in, TypeFun)
	case OpIsNativeRecord:
		v.partTest(in, TypeRecord)
	case OpIsRecordAccessible:
		v.term(a[2])
		v.partTest(in, TypeRecord)
	case OpTestArity, OpIsTaggedTuple:
		t := v.term(a[1])
		if v.dead {
			return
		}
		if in.Op == OpTestArity {
			v.fact(t.is(TypeTuple))
		}
		v.branch(a[0].N())
		t, ok := t.meetSize(a[2].N(), true)
		v.refine(a[1], t, ok)
	case OpSelectVal:
		v.selectValue(in, false)
	case OpSelectTupleArity:
		v.selectValue(in, true)

	case OpGetList, OpGetHd, OpGetTl, OpGetTupleElement, OpSetTupleElement, OpPutList, OpPutTuple2, OpUpdateRecord, OpMakeFun2,
		OpMakeFun3, OpPutMapAssoc, OpPutMapExact, OpGetMapElements, OpHasMapFields, OpGetRecordElements, OpGetRecordField,
		OpPutRecord:
		v.stepData(in)
	case OpFcheckerror:
		v.noFail(a[0])
	case OpFmove, OpFconv, OpFadd, OpFsub, OpFmul, OpFdiv, OpFnegate:
		v.stepFloat(in)
	default:
		v.stepBinary(in)
	}
}

// noFail checks the label of an instruction that only raises.
func (v *validator) noFail(a Arg) {
	if a.Val != 0 {
		v.branch(a.N())
	}
}

func (v *validator) stepCall(in *Instr) {
	c, a := &v.cur, in.Args
	switch in.Op {
	case OpCall:
		v.needFrame()
		ret := v.local(a[0].N(), a[1].N())
		if ret.bits == 0 {
			v.dead = true
			return
		}
		v.returned(ret)
	case OpCallOnly:
		v.noFrame()
		v.gives(v.local(a[0].N(), a[1].N()))
		v.dead = true
	case OpCallLast:
		ret := v.local(a[0].N(), a[1].N())
		v.dropFrame(a[2].N())
		v.gives(ret)
		v.dead = true
	case OpCallExt:
		kind := v.external(a[0].N(), a[1].N())
		if kind&impNoReturn != 0 {
			v.dead = true
			return
		}
		v.needFrame()
		t := anyTerm
		if kind&impSetelement != 0 {
			// The new tuple is young and nobody else's until the next collection or call.
			t = vt{bits: uint32(TypeTuple), fresh: true}
			if s := c.get(X(1)); s.is(TypeTuple) {
				t.n, t.exact = s.n, s.exact
			}
		}
		if !v.dead {
			v.returned(t)
		}
	case OpCallExtOnly, OpCallExtLast:
		kind := v.external(a[0].N(), a[1].N())
		if kind&impNoReturn != 0 {
			// Compilers care nothing for the frame here, since nobody comes back to it.
			v.fact(in.Op == OpCallExtOnly && c.frame == noFrame ||
				in.Op == OpCallExtLast && c.frame == hasFrame && c.tags == 0 && len(c.y) == a[2].N())
			v.dead = true
			return
		}
		if in.Op == OpCallExtOnly {
			v.noFrame()
		} else {
			v.dropFrame(a[2].N())
		}
		v.gives(anyTerm)
		v.dead = true
	case OpCallFun, OpApply:
		n := a[0].N() + 1
		if in.Op == OpApply {
			n++
		}
		v.arguments(n)
		v.call(n, anyTerm)
	case OpApplyLast:
		v.live(a[0].N() + 2)
		v.arguments(a[0].N() + 2)
		v.dropFrame(a[1].N())
		v.gives(anyTerm)
		v.dead = true
	case OpCallFun2:
		t := v.term(a[2])
		n := a[1].N()
		switch {
		case a[0].Kind == KindU:
			l := v.m.Lambdas[a[0].Val]
			if l.Arity-l.NumFree != n {
				v.fail("%d arguments for a fun of %d", n, l.Arity-l.NumFree)
				return
			}
			v.fact(t.is(TypeFun) && t.exact && t.n == int32(a[0].Val)+1)
		case a[0].Kind == KindAtom:
			known := t.is(TypeFun) && t.exact
			if known {
				l := v.m.Lambdas[t.n-1]
				known = l.Arity-l.NumFree == n
			}
			v.fact(known)
		default:
			v.fail("bad tag %s", a[0])
		}
		v.arguments(n)
		v.call(n, anyTerm)
	case OpSend:
		v.arguments(2)
		v.call(2, anyTerm)
	case OpReturn:
		v.noFrame()
		v.gives(v.term(X(0)))
		v.dead = true
	case OpRawRaise:
		v.arguments(3)
		v.call(3, of(TypeAtom))
	case OpBuildStacktrace:
		v.term(X(0))
		v.gc(1)
		v.write(X(0), of(TypeCons|TypeNil))
	}
}

func (v *validator) stepFrame(in *Instr) {
	c, a := &v.cur, in.Args
	switch in.Op {
	case OpAllocate, OpAllocateZero, OpAllocateHeap, OpAllocateHeapZero:
		live := a[len(a)-1].N()
		if v.noFrame(); v.dead {
			return
		}
		v.gc(live)
		n := a[0].N()
		if n > maxFrame {
			v.fail("a stack frame of %d registers is too large", n)
			return
		}
		c.frame = hasFrame
		for range n {
			if in.Op == OpAllocateZero || in.Op == OpAllocateHeapZero {
				c.y = append(c.y, c.newID(of(TypeNil)))
			} else {
				c.y = append(c.y, vt{})
			}
		}
		if len(a) == 3 {
			v.reserve(a[1])
		}
	case OpTestHeap:
		v.gc(a[1].N())
		v.reserve(a[0])
	case OpDeallocate:
		v.dropFrame(a[0].N())
	case OpTrim:
		n := a[0].N()
		if c.frame != hasFrame || n+a[1].N() != len(c.y) {
			v.fail("%s, not %d", c.frameText(), n+a[1].N())
			return
		}
		for i := range n {
			if c.y[i].bits&vTag != 0 {
				v.fail("y%d holds a catch tag", i)
				return
			}
		}
		c.y = append(c.y[:0], c.y[n:]...)
		c.unsaid = true
	case OpCatch:
		v.install(in, vCatch)
	case OpTry:
		v.install(in, vTry)
	case OpCatchEnd:
		v.uninstall(a[0].N(), vCatch)
		v.term(X(0))
		v.collectedAfterCatch()
		v.write(X(0), anyTerm)
	case OpTryEnd:
		v.uninstall(a[0].N(), vTry)
	case OpTryCase:
		v.uninstall(a[0].N(), vTry)
		c.collected(0)
		c.fr = 0
		v.write(X(0), of(TypeAtom))
		v.write(X(1), anyTerm)
		v.write(X(2), anyTerm)
	}
}

// collectedAfterCatch: building what catch returns may take the room reserved. X registers stay on the path without an
// exception, but the merge with the other one has dropped all but x0 to x3.
func (v *validator) collectedAfterCatch() { v.cur.collected(1) }

// maxFrame bounds stack frames; OTP allows 1024 Y registers.
const maxFrame = 1024

// reserve makes room for what an allocation or heap test asks for.
func (v *validator) reserve(need Arg) {
	words, floats, funs := need.Need()
	if words > maxNeed || floats > maxNeed || funs > maxNeed {
		v.fail("a heap need of %d words, %d floats and %d funs is too large", words, floats, funs)
		return
	}
	v.cur.heap(words, floats, funs)
}

// maxNeed bounds heap needs so that sums of them fit an int32.
const maxNeed = 1 << 28

func (v *validator) stepReceive(in *Instr) {
	c, a := &v.cur, in.Args
	switch in.Op {
	case OpRemoveMessage: // takes no room
	case OpTimeout:
		c.collected(0)
	case OpLoopRec:
		// The machine may switch to another process here and handle signals: nothing but the frame stays.
		v.gc(0)
		c.fr = 0
		v.branch(a[0].N())
		v.write(a[1], anyTerm)
	case OpLoopRecEnd, OpWait:
		v.gc(0)
		c.fr = 0
		v.branch(a[0].N())
		v.dead = true
	case OpWaitTimeout:
		v.term(a[1])
		v.gc(0)
		c.fr = 0
		// Woken up, the machine often comes straight back here. While the timer runs it does not look at the time, which
		// may have been in a register that is gone.
		if !v.leadsHere(a[0].N()) {
			v.branch(a[0].N())
		}
	case OpRecvMarkerReserve:
		v.write(a[0], vt{bits: vMarker})
	case OpRecvMarkerBind:
		if t := v.value(a[0]); t.bits != vMarker && !v.dead {
			v.fail("%s holds no receive marker", a[0])
		}
		v.term(a[1])
	case OpRecvMarkerClear, OpRecvMarkerUse:
		v.term(a[0])
	}
}

// leadsHere reports whether nothing happens between label l and the current instruction.
func (v *validator) leadsHere(l int) bool {
	if l <= 0 {
		return false
	}
	at := int(v.m.LabelPos[l])
	for at < v.at && isPlace(v.m.Code[at].Op) {
		at++
	}
	return at == v.at
}

func (v *validator) stepBif(in *Instr) {
	c, a := &v.cur, in.Args
	fail, args := Label(0), a[1:len(a)-1]
	imp := a[0].N()
	if in.Op != OpBif0 {
		fail, imp, args = a[0], a[1].N(), a[2:len(a)-1]
	}
	p := &v.m.Imports[imp]
	if p.Arity != len(args) {
		v.fail("%d arguments for %s/%d", len(args), p.Name.AtomName(), p.Arity)
		return
	}
	for _, s := range args {
		v.term(s)
	}
	if v.dead {
		return
	}
	if v.impKind[imp]&impPlain == 0 {
		c.heap(0, 0, 0)
		c.building = false
	}
	if fail.Val != 0 {
		v.branch(fail.N())
	}
	v.bifSucceeded(p, args)
	if !v.dead {
		v.write(a[len(a)-1], v.impType[imp])
	}
}

func (v *validator) stepGcBif(in *Instr) {
	a := in.Args
	args, imp := a[3:len(a)-1], a[2].N()
	p := &v.m.Imports[imp]
	if p.Arity != len(args) {
		v.fail("%d arguments for %s/%d", len(args), p.Name.AtomName(), p.Arity)
		return
	}
	for _, s := range args {
		if v.impKind[imp]&impContext != 0 {
			v.value(s) // the size of what remains to be matched
		} else {
			v.term(s)
		}
	}
	v.live(a[1].N())
	if v.dead {
		return
	}
	// What is learnt about the arguments must be said before registers die.
	v.cur.heap(0, 0, 0)
	if a[0].Val != 0 {
		v.scratch.copyFrom(&v.cur)
		v.scratch.collected(a[1].N())
		v.flow(a[0].N(), &v.scratch)
	}
	v.bifSucceeded(p, args)
	v.cur.collected(a[1].N())
	if !v.dead {
		v.write(a[len(a)-1], v.impType[imp])
	}
}

// bifSucceeded narrows the arguments of a BIF that has given a result.
func (v *validator) bifSucceeded(p *Import, args []Arg) {
	if v.impTypeKnown(p) && len(args) > 0 {
		name := p.Name.AtomName()
		if f, ok := bifFacts[name]; ok && f.arg < len(args) {
			bits := uint32(f.bits)
			if f.bits == TypeBitstring {
				bits |= uint32(TypeContext)
			}
			t, ok := v.value(args[f.arg]).meet(bits)
			v.refine(args[f.arg], t, ok)
		} else if name == "element" && len(args) == 2 {
			n := 0
			if args[0].Kind == KindInt && args[0].Val > 0 && args[0].Val < 1<<24 {
				n = args[0].N()
			}
			t, ok := v.term(args[1]).meetSize(n, false)
			v.refine(args[1], t, ok)
		}
	}
}

func (v *validator) impTypeKnown(p *Import) bool { return p.Module == term.AtomErlang }
