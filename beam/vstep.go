package beam

// What operands must be, and what writing them does.

// fact records whether the type fact that the instruction relies on holds here.
func (v *validator) fact(ok bool) {
	if !ok && v.final {
		v.failed[v.at>>6] |= 1 << (v.at & 63)
	}
}

// term reads an operand that must be a term: initialised, and neither a match context nor a mark.
func (v *validator) term(a Arg) vt {
	var t vt
	switch a.Kind {
	case KindX, KindY:
		t = v.cur.get(a)
		if t.bits == 0 {
			v.unset(a)
		} else if t.bits&^vTerm != 0 {
			v.fail("%s may hold something that is no term (%s)", a, markNames(t.bits))
		}
		return t
	case KindInt, KindBig:
		return of(TypeInteger)
	case KindAtom:
		return of(TypeAtom)
	case KindNil:
		return of(TypeNil)
	case KindLit:
		return v.lits[a.Val]
	}
	v.fail("operand %s is no term", a)
	return t
}

// value reads an operand that may be a match context or receive marker as well: what move may move.
func (v *validator) value(a Arg) vt {
	if !a.IsReg() {
		return v.term(a)
	}
	t := v.cur.get(a)
	if t.bits == 0 {
		v.unset(a)
	} else if t.bits&vTag != 0 {
		v.fail("%s holds a catch tag", a)
	}
	return t
}

func (v *validator) unset(a Arg) { v.fail("%s is not initialised here", a) }

func markNames(bits uint32) string {
	switch {
	case bits&vTag != 0:
		return "catch tag"
	case bits&vMarker != 0:
		return "receive marker"
	}
	return "match context"
}

// write gives register a a new value; writeSame keeps the id of t.
func (v *validator) write(a Arg, t vt) { v.writeSame(a, v.cur.newID(t)) }

func (v *validator) writeSame(a Arg, t vt) {
	n := a.N()
	switch {
	case a.Kind == KindX && n < maxX:
	case a.Kind == KindY && n < len(v.cur.y) && v.cur.frame == hasFrame:
		if v.cur.y[n].bits&vTag != 0 {
			v.fail("y%d holds a catch tag", n)
			return
		}
	default:
		v.fail("there is no register %s here", a)
		return
	}
	v.cur.put(a, t)
}

// refine narrows a register on the path that goes on; it gives false, and ends the path, if nothing is left.
func (v *validator) refine(a Arg, t vt, ok bool) bool {
	if !ok {
		v.dead = true
		return false
	}
	if a.IsReg() {
		v.cur.set(a, t)
	}
	return true
}

// live checks the X registers that must survive a collection, and that the frame can be scanned.
func (v *validator) live(n int) {
	c := &v.cur
	if n > len(c.x) {
		v.fail("x%d is not initialised here", len(c.x))
		return
	}
	for i := range n {
		if c.x[i].bits == 0 {
			v.fail("x%d is not initialised here", i)
			return
		}
	}
	v.yInit()
}

func (v *validator) yInit() {
	if v.cur.frame == anyFrameUninit {
		v.fail("%s", v.cur.frameText())
	}
	for i := range v.cur.y {
		if v.cur.y[i].bits == 0 {
			v.fail("y%d is not initialised here", i)
			return
		}
	}
}

// gc is an instruction that may collect with n live X registers.
func (v *validator) gc(n int) {
	v.live(n)
	v.cur.collected(n)
}

// arguments checks x0..x(n-1) as arguments of anything but a local function.
func (v *validator) arguments(n int) {
	for i := range n {
		v.term(X(i))
	}
}

// room takes n words of the heap room reserved.
func (v *validator) room(n int) {
	if v.cur.words -= int32(n); v.cur.words < 0 {
		v.fail("%d words of heap were not reserved", n)
	}
}

func (v *validator) needFrame() {
	if v.cur.frame != hasFrame {
		v.fail("%s", v.cur.frameText())
	}
}

func (v *validator) noFrame() {
	if v.cur.frame != noFrame {
		v.fail("%s", v.cur.frameText())
	}
}

// dropFrame checks the size of the frame and removes it.
func (v *validator) dropFrame(n int) {
	c := &v.cur
	if c.frame != hasFrame || len(c.y) != n {
		v.fail("%s, not %d", c.frameText(), n)
		return
	}
	if c.tags > 0 {
		v.fail("a catch tag is in the frame")
		return
	}
	c.frame, c.y = noFrame, c.y[:0]
}

// returned is the state after a call: a result in x0 and Y registers, nothing else.
func (v *validator) returned(t vt) {
	c := &v.cur
	c.collected(0)
	c.fr = 0
	v.write(X(0), t)
	c.fresh = t.fresh
}

// anyTerm is a term of which nothing is known.
var anyTerm = vt{bits: vTerm}

// branchIf goes to label l with t in register a, and leaves the state as it is.
func (v *validator) branchIf(l int, a Arg, t vt, ok bool) {
	if !ok {
		return
	}
	if !a.IsReg() {
		v.branch(l)
		return
	}
	old := v.cur.get(a)
	t.id = old.id
	if t == old {
		v.branch(l)
		return
	}
	v.cur.set(a, t)
	v.branch(l)
	v.cur.set(a, old)
}

// typeTest is a test for all of some sorts of terms.
func (v *validator) typeTest(in *Instr, bits TypeBits) {
	a := in.Args[1]
	t := v.term(a)
	if v.dead {
		return
	}
	no, maybe := t.meet(^uint32(bits))
	v.branchIf(in.Args[0].N(), a, no, maybe)
	yes, ok := t.meet(uint32(bits))
	v.refine(a, yes, ok)
}

// partTest is a test that part of some sort passes.
func (v *validator) partTest(in *Instr, bits TypeBits) {
	a := in.Args[1]
	t := v.term(a)
	if v.dead {
		return
	}
	v.branch(in.Args[0].N())
	yes, ok := t.meet(uint32(bits))
	v.refine(a, yes, ok)
}

// equal narrows what is compared with =:= on the path where it is equal (to the label to if it is not 0, else onward).
func (v *validator) equalTypes(a, b Arg, ta, tb vt) (ra, rb vt, ok bool) {
	if ra, ok = ta.meet(tb.bits); !ok {
		return
	}
	if rb, ok = tb.meet(ta.bits); !ok {
		return
	}
	if ra.is(TypeTuple) && rb.is(TypeTuple) {
		if ra, ok = ra.meetSize(int(tb.n), tb.exact); ok {
			rb, ok = rb.meetSize(int(ta.n), ta.exact)
		}
	}
	return
}

// exact is is_eq_exact and is_ne_exact.
func (v *validator) exact(in *Instr, eq bool) {
	l, a, b := in.Args[0].N(), in.Args[1], in.Args[2]
	ta, tb := v.term(a), v.term(b)
	if v.dead {
		return
	}
	ra, rb, ok := v.equalTypes(a, b, ta, tb)
	// Being different says something only about sorts with one value.
	na, nok := ta, true
	if tb.is(TypeNil) {
		na, nok = ta.meet(^uint32(TypeNil))
	}
	if eq {
		v.branchIf(l, a, na, nok)
		if v.refine(a, ra, ok) && b.IsReg() && ta.id != tb.id {
			v.refine(b, rb, ok)
		}
		return
	}
	v.branchIf(l, a, ra, ok)
	v.refine(a, na, nok)
}

// selectValue is select_val and select_tuple_arity.
func (v *validator) selectValue(in *Instr, arity bool) {
	a := in.Args[0]
	t := v.term(a)
	if v.dead {
		return
	}
	if arity {
		v.fact(t.is(TypeTuple))
		var ok bool
		if t, ok = t.meet(uint32(TypeTuple)); !v.refine(a, t, ok) {
			return
		}
	}
	list := in.List()
	if len(list)%2 != 0 {
		v.fail("a choice has no label")
		return
	}
	for i := 0; i < len(list); i += 2 {
		c, l := list[i], list[i+1]
		if l.Kind != KindLabel {
			v.fail("a choice has no label")
			return
		}
		var r vt
		var ok bool
		switch {
		case arity && c.Kind == KindU:
			r, ok = t.meetSize(c.N(), true)
		case !arity && (c.Kind == KindInt || c.Kind == KindBig || c.Kind == KindAtom || c.Kind == KindLit || c.Kind == KindNil):
			r, ok = t.meet(v.term(c).bits)
		default:
			v.fail("%s is no choice", c)
			return
		}
		v.branchIf(l.N(), a, r, ok)
	}
	v.branch(in.Args[1].N())
	v.dead = true
}

// call is a call that returns to the next instruction.
func (v *validator) call(n int, t vt) {
	v.needFrame()
	v.live(n)
	v.returned(t)
}

// local is a call of the function at label l; ret tells what it returns.
func (v *validator) local(n, l int) (ret vt) {
	g := v.function(l)
	switch {
	case g < 0:
		v.fail("label %d is not the entry of a function", l)
		return
	case v.m.Funcs[g].Arity != n:
		v.fail("%d arguments for %s/%d", n, v.m.Funcs[g].Name.AtomName(), v.m.Funcs[g].Arity)
		return
	}
	v.live(n)
	if v.dead {
		return
	}
	for i := range n {
		if v.cur.x[i].bits&vMarker != 0 {
			v.fail("x%d holds a receive marker", i)
			return
		}
	}
	v.called(g)
	return v.funcs[g].ret
}

// external is a call of import i with n arguments.
func (v *validator) external(n, i int) (kind byte) {
	if v.m.Imports[i].Arity != n {
		v.fail("%d arguments for an import of arity %d", n, v.m.Imports[i].Arity)
		return
	}
	v.live(n)
	v.arguments(n)
	return v.impKind[i]
}

// gives joins t into what the function returns.
func (v *validator) gives(t vt) {
	if v.dead || t.bits == 0 {
		return
	}
	f := &v.funcs[v.f]
	t.fresh, t.id = false, 0
	if t.bits&uint32(TypeFun) != 0 {
		t.n, t.exact = 0, false
	}
	if f.ret.bits == 0 {
		f.ret = t
	} else {
		f.ret = join(f.ret, t)
	}
}

// install is catch and try.
func (v *validator) install(in *Instr, tag uint32) {
	y, handler := in.Args[0].N(), in.Args[1].N()
	c := &v.cur
	if y >= len(c.y) {
		v.fail("there is no register y%d here", y)
		return
	}
	// The machine finds the innermost tag by going up the stack.
	for i := 0; i <= y; i++ {
		if c.y[i].bits&vTag != 0 {
			v.fail("the enclosing catch tag is in y%d", i)
			return
		}
	}
	// What the machine leaves in x0 for a handler is for these instructions only.
	at := int(v.m.LabelPos[handler]) + 1
	for at < len(v.m.Code) && isPlace(v.m.Code[at].Op) {
		at++
	}
	want := OpTryCase
	if tag == vCatch {
		want = OpCatchEnd
	}
	if handler == 0 || at == len(v.m.Code) || v.m.Code[at].Op != want {
		v.fail("the handler at label %d does not begin with %s", handler, want)
		return
	}
	c.y[y] = c.newID(vt{bits: tag, n: int32(handler)})
	c.tags++
	c.unsaid = true
}

// isPlace tells instructions that only mark a place.
func isPlace(op Op) bool {
	return op == OpLabel || op == OpLine || op == OpExecutableLine
}

// uninstall removes the innermost tag, which must be in y.
func (v *validator) uninstall(y int, tag uint32) {
	c := &v.cur
	for i := 0; i < y && i < len(c.y); i++ {
		if c.y[i].bits&vTag != 0 {
			v.fail("the innermost catch tag is in y%d", i)
			return
		}
	}
	if y >= len(c.y) || c.y[y].bits != tag {
		v.fail("y%d does not hold the tag", y)
		return
	}
	c.y[y] = c.newID(of(TypeNil)) // the machine kills the tag
	c.tags--
	c.unsaid = true
}
