package beam

import "github.com/gerl-lang/gerl/term"

// Instructions that match and build bit strings.

// keepsBuilding tells the instructions that may stand between the start of a binary and its parts.
func keepsBuilding(op Op) bool {
	switch op {
	case OpBsPutInteger, OpBsPutBinary, OpBsPutFloat, OpBsPutString, OpBsPutUtf8, OpBsPutUtf16, OpBsPutUtf32, OpMove, OpLine:
		return true
	}
	return false
}

// context reads a match context. Whether it is one for certain is a fact that the machine can check.
func (v *validator) context(a Arg) {
	t := v.value(a)
	if v.dead {
		return
	}
	v.fact(t.is(TypeContext))
	r, ok := v.asContext(t)
	if !ok {
		v.dead = true // the machine finds no context and raises an exception
		return
	}
	v.cur.set(a, r)
}

// asContext is t where it has turned out to be a match context. In phase one it always may: parameters are any terms then, and local
// calls of phase two may pass contexts, too. A function that takes nothing else would seem never to return otherwise.
func (v *validator) asContext(t vt) (vt, bool) {
	r, ok := t.meet(uint32(TypeContext))
	if !ok && !v.final {
		return vt{bits: uint32(TypeContext), id: t.id}, true
	}
	return r, ok
}

// size checks the size operand of a segment.
func (v *validator) size(a Arg) {
	if a.Kind != KindU {
		v.term(a)
	}
}

func (v *validator) stepBinary(in *Instr) {
	c, a := &v.cur, in.Args
	switch in.Op {
	case OpBsStartMatch3:
		t := v.value(a[1])
		v.live(a[2].N())
		if v.dead {
			return
		}
		v.notMatched(a[0], a[1], t)
		v.startMatch(a[1], t, a[2].N(), a[3])
	case OpBsStartMatch4:
		v.startMatch4(in)
	case OpBsGetInteger2, OpBsGetFloat2, OpBsGetBinary2:
		v.size(a[3])
		sort := TypeInteger
		if in.Op == OpBsGetFloat2 {
			sort = TypeFloat
		} else if in.Op == OpBsGetBinary2 {
			sort = TypeBitstring
		}
		v.getSegment(a[0], a[1], a[2].N(), a[6], sort)
	case OpBsGetUtf8, OpBsGetUtf16, OpBsGetUtf32:
		v.getSegment(a[0], a[1], a[2].N(), a[4], TypeInteger)
	case OpBsSkipUtf8, OpBsSkipUtf16, OpBsSkipUtf32:
		v.context(a[1])
		v.live(a[2].N())
		v.branchAlive(a[0])
		c.collected(a[2].N())
	case OpBsSkipBits2:
		v.size(a[2])
		v.context(a[1])
		v.branchAlive(a[0])
	case OpBsTestTail2, OpBsTestUnit:
		if in.Op == OpBsTestUnit && a[2].Val == 0 {
			v.fail("unit 0")
		}
		v.context(a[1])
		v.branchAlive(a[0])
	case OpBsMatchString:
		if bits, at := a[2].Val, a[3].Val; bits < 0 || bits > 8*int64(len(v.m.Strings)) || at+(bits+7)/8 > int64(len(v.m.Strings)) {
			v.fail("the string lies outside of the string table")
		}
		v.context(a[1])
		v.branchAlive(a[0])
	case OpBsGetTail:
		v.context(a[0])
		v.gc(a[2].N())
		v.write(a[1], of(TypeBitstring))
	case OpBsGetPosition:
		v.context(a[0])
		v.gc(a[2].N())
		v.write(a[1], of(TypeInteger))
	case OpBsSetPosition:
		v.term(a[1])
		v.context(a[0])
	case OpBsMatch:
		v.match(in)

	case OpBsCreateBin:
		v.createBin(in)
	case OpBsInit2, OpBsInitBits:
		v.size(a[1])
		v.gc(a[3].N())
		v.noFail(a[0])
		v.reserve(a[2])
		v.write(a[5], of(TypeBitstring))
		c.building = true
	case OpBsAppend:
		v.size(a[1])
		v.term(a[5])
		v.gc(a[3].N())
		v.noFail(a[0])
		v.reserve(a[2])
		v.write(a[7], of(TypeBitstring))
		c.building = true
	case OpBsPrivateAppend:
		v.size(a[1])
		v.term(a[3])
		v.noFail(a[0])
		c.heap(0, 0, 0)
		v.write(a[5], of(TypeBitstring))
		c.building = true
	case OpBsInitWritable:
		v.term(X(0))
		v.gc(1)
		v.write(X(0), of(TypeBitstring))
	case OpBsPutInteger, OpBsPutBinary, OpBsPutFloat:
		v.size(a[1])
		v.part(in, a[4])
		v.noFail(a[0])
	case OpBsPutUtf8, OpBsPutUtf16, OpBsPutUtf32:
		v.part(in, a[2])
		v.noFail(a[0])
	case OpBsPutString:
		if n := a[0].Val; n < 0 || a[1].Val+n > int64(len(v.m.Strings)) {
			v.fail("the string lies outside of the string table")
		}
		v.part(in, Nil())
	case OpBsAdd:
		v.size(a[1])
		v.size(a[2])
		v.noFail(a[0])
		v.write(a[4], of(TypeInteger))
	case OpBsUtf8Size, OpBsUtf16Size:
		v.term(a[1])
		v.noFail(a[0])
		v.write(a[2], of(TypeInteger))
	default:
		v.fail("the instruction is not supported")
	}
}

// part is one part of a binary under construction.
func (v *validator) part(in *Instr, val Arg) {
	v.term(val)
	if !v.cur.building && !v.dead {
		v.fail("no binary is under construction")
	}
}

// branchAlive goes to a fail label, if the path has not ended.
func (v *validator) branchAlive(a Arg) {
	if !v.dead {
		v.branch(a.N())
	}
}

// notMatched goes to the fail label of the start of a match: the value is neither a bit string nor a context.
func (v *validator) notMatched(fail, src Arg, t vt) {
	no, ok := t.meet(^uint32(TypeBitstring | TypeContext))
	v.branchIf(fail.N(), src, no, ok)
}

// startMatch writes the context that a match instruction makes of the value t in src.
func (v *validator) startMatch(src Arg, t vt, live int, dst Arg) {
	r, ok := t.meet(uint32(TypeBitstring | TypeContext))
	if !v.refine(src, r, ok) {
		return
	}
	v.cur.collected(live)
	v.write(dst, of(TypeContext))
}

func (v *validator) startMatch4(in *Instr) {
	a := in.Args
	t := v.value(a[2])
	live := a[1].N()
	v.live(live)
	if v.dead {
		return
	}
	if a[0].Kind == KindLabel {
		if a[0].Val == 0 {
			v.fail("no fail label")
			return
		}
		v.notMatched(a[0], a[2], t)
	} else if a[0].Kind == KindAtom && a[0].Term() == term.Intern("resume") {
		v.fact(t.is(TypeContext))
		r, ok := v.asContext(t)
		if !v.refine(a[2], r, ok) {
			return
		}
	} else if a[0].Kind == KindAtom {
		v.fact(t.bits&^uint32(TypeContext|TypeBitstring) == 0)
	} else {
		v.fail("bad fail operand %s", a[0])
		return
	}
	v.startMatch(a[2], t, live, a[3])
}

// getSegment takes the next segment. Where it fails nothing has been collected.
func (v *validator) getSegment(fail, ctx Arg, live int, dst Arg, sort TypeBits) {
	v.context(ctx)
	v.live(live)
	v.branchAlive(fail)
	v.cur.collected(live)
	if !v.dead {
		v.write(dst, of(sort))
	}
}

// match runs the commands of bs_match. At the fail label, some destinations may have been written.
func (v *validator) match(in *Instr) {
	c, a := &v.cur, in.Args
	v.context(a[1])
	v.yInit()
	if v.dead {
		return
	}
	list := in.List()
	s := &v.scratch
	s.copyFrom(c)
	s.heap(0, 0, 0)
	for i := 0; i < len(list) && v.text == ""; {
		name := ""
		if list[i].Kind == KindAtom {
			name = list[i].Term().AtomName()
		}
		n := matchCommands[name]
		if n == 0 || len(list)-i < n {
			v.fail("bad command %s", list[i])
			return
		}
		op := list[i+1 : i+n]
		i += n
		number := func(k int) int {
			if op[k].Kind != KindU && op[k].Kind != KindInt || op[k].Val < 0 || op[k].Val > maxSegment {
				v.fail("bad operand %s of %s", op[k], name)
				return 0
			}
			return op[k].N()
		}
		get := func(live int, dst Arg, sort TypeBits) {
			v.live(live)
			c.collected(live)
			if !v.dead && dst.IsReg() {
				v.write(dst, of(sort))
				v.clobber(s, []Arg{dst})
			} else {
				v.fail("bad destination")
			}
		}
		switch name {
		case "ensure_at_least":
			number(0)
			if number(1) == 0 {
				v.fail("unit 0")
			}
		case "ensure_exactly", "skip":
			number(0)
		case "binary", "integer":
			number(2)
			number(3)
			sort := TypeInteger
			if name == "binary" {
				sort = TypeBitstring
			}
			get(number(0), op[4], sort)
		case "get_tail":
			number(1)
			get(number(0), op[2], TypeBitstring)
		case "=:=":
			// The first operand is nil where the others have their live count.
			number(1)
			if k := op[2].Kind; k != KindInt && k != KindBig && k != KindU {
				v.fail("bad value %s", op[2])
			}
		}
	}
	if v.text == "" {
		v.flow(a[0].N(), s)
	}
	c.heap(0, 0, 0)
}

// matchCommands is the length of each command of bs_match, its name included.
var matchCommands = map[string]int{
	"ensure_at_least": 3, "ensure_exactly": 2, "binary": 6, "integer": 6, "skip": 2, "get_tail": 4, "=:=": 4,
}

// maxSegment bounds constant sizes in bits so that sums of a few of them do not overflow.
const maxSegment = 1 << 40

func (v *validator) createBin(in *Instr) {
	c, a := &v.cur, in.Args
	list := in.List()
	if len(list)%6 != 0 {
		v.fail("a segment has not six operands")
		return
	}
	for i := 0; i < len(list); i += 6 {
		kind, unit, val, size := list[i], list[i+2], list[i+4], list[i+5]
		if kind.Kind != KindAtom || unit.Kind != KindU && unit.Kind != KindInt {
			v.fail("bad segment")
			return
		}
		if kind.Term() == term.Intern("string") {
			at, n := val.Val, size.Val
			if size.Kind != KindInt && size.Kind != KindU || val.Kind != KindU || at < 0 || n < 0 || n > int64(len(v.m.Strings)) ||
				at+n > int64(len(v.m.Strings)) {
				v.fail("the string lies outside of the string table")
			}
			continue
		}
		v.term(val)
		v.term(size)
	}
	v.gc(a[2].N())
	if v.dead {
		return
	}
	if a[0].Val != 0 {
		v.branch(a[0].N())
	}
	v.reserve(a[1])
	_ = c
	v.write(a[4], of(TypeBitstring))
}
