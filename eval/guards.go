package eval

import (
	"math"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Guard BIFs. Operands of all of them: fail address or 0, destination, arguments.

type directKey struct {
	name  string
	arity int
}

// directBIFs are the guard BIFs of module erlang that the machine does itself.
var directBIFs = map[directKey]slowID{
	{"-", 1}: slowNeg, {"bnot", 1}: slowBnot,
	{"not", 1}: slowBoolNot, {"and", 2}: slowBoolAnd, {"or", 2}: slowBoolOr, {"xor", 2}: slowBoolXor,
	{"==", 2}: slowEqV, {"/=", 2}: slowNeV, {"<", 2}: slowLtV, {"=<", 2}: slowLeV, {">", 2}: slowGtV, {">=", 2}: slowGeV,
	{"=:=", 2}: slowEqExactV, {"=/=", 2}: slowNeExactV,
	{"element", 2}: slowElement, {"tuple_size", 1}: slowTupleSize, {"hd", 1}: slowHd, {"tl", 1}: slowTl,
	{"length", 1}: slowLength, {"map_get", 2}: slowMapGet, {"is_map_key", 2}: slowIsMapKey, {"byte_size", 1}: slowByteSize,
	{"bit_size", 1}: slowBitSize, {"map_size", 1}: slowMapSize,
}

var arithNames = [...]string{"+", "-", "*", "div", "rem", "band", "bor", "bxor", "bsl", "bsr"}

// arith does an operation on any two terms. After an exception it gives None.
func (c *cpu) arith(op int, a, b term.Term) term.Term {
	h := c.h
	var r term.Term
	var e term.ArithError
	switch op {
	case arithAdd:
		r, e = h.Add(a, b)
	case arithSub:
		r, e = h.Sub(a, b)
	case arithMul:
		r, e = h.Mul(a, b)
	case arithDiv:
		r, e = h.IntDiv(a, b)
	case arithRem:
		r, e = h.Rem(a, b)
	case arithBand:
		r, e = h.Band(a, b)
	case arithBor:
		r, e = h.Bor(a, b)
	case arithBxor:
		r, e = h.Bxor(a, b)
	case arithBsl:
		r, e = h.Bsl(a, b)
	default:
		r, e = h.Bsr(a, b)
	}
	if e != term.ArithOK {
		c.arithFailed(e, arithNames[op], a, b)
		return term.None
	}
	c.collectSoon()
	return r
}

func (c *cpu) arithFailed(e term.ArithError, name string, args ...term.Term) uintptr {
	reason := term.AtomBadarith
	if e == term.SystemLimit {
		reason = term.AtomSystemLimit
	}
	return c.guardFailed(reason, name, args...)
}

// guardFailed raises reason as the failure of erlang:name(args...).
func (c *cpu) guardFailed(reason term.Term, name string, args ...term.Term) uintptr {
	c.p.Exc = proc.Exception{Class: term.AtomError, Reason: reason, Args: c.h.List(args...)}
	c.slot = c.vm.Code.exportAddr(term.AtomErlang, term.Intern(name), len(args))
	return raised
}

// bad ends a guard BIF that failed: at its fail label, or with the exception badarg.
func (c *cpu) bad(a []uint64, reason term.Term, name string) uintptr {
	if a[0] != 0 {
		return uintptr(a[0])
	}
	args := make([]term.Term, 0, 2)
	for _, o := range a[2:] {
		args = append(args, c.get(o))
	}
	return c.guardFailed(reason, name, args...)
}

func (c *cpu) done(a []uint64, t term.Term) uintptr {
	c.set(a[1], t)
	return c.next
}

// doArith: operation, fail, destination, arguments.
func doArith(c *cpu, a []uint64) uintptr {
	r := c.arith(int(a[0]), c.get(a[3]), c.get(a[4]))
	if r == term.None {
		if a[1] != 0 {
			c.clearException()
			return uintptr(a[1])
		}
		return raised
	}
	c.set(a[2], r)
	return c.next
}

func unaryArith(c *cpu, a []uint64, name string, f func(term.Term) (term.Term, term.ArithError)) uintptr {
	x := c.get(a[2])
	r, e := f(x)
	if e != term.ArithOK {
		if a[0] != 0 {
			return uintptr(a[0])
		}
		return c.arithFailed(e, name, x)
	}
	return c.done(a, r)
}

func doNeg(c *cpu, a []uint64) uintptr  { return unaryArith(c, a, "-", c.h.Neg) }
func doBnot(c *cpu, a []uint64) uintptr { return unaryArith(c, a, "bnot", c.h.Bnot) }

func isBool(t term.Term) bool { return t == term.AtomTrue || t == term.AtomFalse }

func doNot(c *cpu, a []uint64) uintptr {
	x := c.get(a[2])
	if !isBool(x) {
		return c.bad(a, term.AtomBadarg, "not")
	}
	return c.done(a, term.Bool(x == term.AtomFalse))
}

func boolOp(c *cpu, a []uint64, name string, f func(x, y bool) bool) uintptr {
	x, y := c.get(a[2]), c.get(a[3])
	if !isBool(x) || !isBool(y) {
		return c.bad(a, term.AtomBadarg, name)
	}
	return c.done(a, term.Bool(f(x == term.AtomTrue, y == term.AtomTrue)))
}

func doAnd(c *cpu, a []uint64) uintptr {
	return boolOp(c, a, "and", func(x, y bool) bool { return x && y })
}
func doOr(c *cpu, a []uint64) uintptr {
	return boolOp(c, a, "or", func(x, y bool) bool { return x || y })
}
func doXor(c *cpu, a []uint64) uintptr {
	return boolOp(c, a, "xor", func(x, y bool) bool { return x != y })
}

// order compares, with a short way for small integers.
func order(a, b term.Term) int {
	if a&b&term.Imm1Mask == term.TagSmall {
		switch {
		case int64(a) < int64(b):
			return -1
		case a == b:
			return 0
		}
		return 1
	}
	return term.Compare(a, b)
}

func exactEqual(a, b term.Term) bool {
	return a == b || !a.IsImmediate() && !b.IsImmediate() && term.ExactEqual(a, b)
}

func doEqV(c *cpu, a []uint64) uintptr {
	return c.done(a, term.Bool(term.Equal(c.get(a[2]), c.get(a[3]))))
}
func doNeV(c *cpu, a []uint64) uintptr {
	return c.done(a, term.Bool(!term.Equal(c.get(a[2]), c.get(a[3]))))
}
func doLtV(c *cpu, a []uint64) uintptr {
	return c.done(a, term.Bool(order(c.get(a[2]), c.get(a[3])) < 0))
}
func doLeV(c *cpu, a []uint64) uintptr {
	return c.done(a, term.Bool(order(c.get(a[2]), c.get(a[3])) <= 0))
}
func doGtV(c *cpu, a []uint64) uintptr {
	return c.done(a, term.Bool(order(c.get(a[2]), c.get(a[3])) > 0))
}
func doGeV(c *cpu, a []uint64) uintptr {
	return c.done(a, term.Bool(order(c.get(a[2]), c.get(a[3])) >= 0))
}
func doEqExactV(c *cpu, a []uint64) uintptr {
	return c.done(a, term.Bool(exactEqual(c.get(a[2]), c.get(a[3]))))
}
func doNeExactV(c *cpu, a []uint64) uintptr {
	return c.done(a, term.Bool(!exactEqual(c.get(a[2]), c.get(a[3]))))
}

func doElement(c *cpu, a []uint64) uintptr {
	i, t := c.get(a[2]), c.get(a[3])
	if !i.IsSmall() || !t.IsTuple() || i.Small() < 1 || i.Small() > t.Arity() {
		return c.bad(a, term.AtomBadarg, "element")
	}
	return c.done(a, t.Elem(i.Small()-1))
}

func doTupleSize(c *cpu, a []uint64) uintptr {
	t := c.get(a[2])
	if !t.IsTuple() {
		return c.bad(a, term.AtomBadarg, "tuple_size")
	}
	return c.done(a, term.Int(t.Arity()))
}

func doHd(c *cpu, a []uint64) uintptr {
	t := c.get(a[2])
	if !t.IsCons() {
		return c.bad(a, term.AtomBadarg, "hd")
	}
	return c.done(a, t.Head())
}

func doTl(c *cpu, a []uint64) uintptr {
	t := c.get(a[2])
	if !t.IsCons() {
		return c.bad(a, term.AtomBadarg, "tl")
	}
	return c.done(a, t.Tail())
}

// A long list costs reductions in length/1: one for this many cells.
const cellsPerReduction = 16

// cellsPerSlice is how many cells length/1 counts before others may run.
const cellsPerSlice = 1 << 16

// doLength has one operand more, the number of live X registers, or unknownLive.
func doLength(c *cpu, a []uint64) uintptr {
	l, n := c.get(a[2]), 0
	if count := c.p.Counting(); count != nil {
		l, n = count.Terms[0], count.Terms[1].Small()
		c.p.Release(count)
		c.p.SetCounting(nil)
	}
	from := n
	for l.IsCons() {
		l = l.Tail()
		if n++; n&(cellsPerSlice-1) == 0 && a[3] != unknownLive {
			c.m.Reds -= int64((n - from) / cellsPerReduction)
			c.p.SetCounting(c.p.Protect(l, term.Int(n)))
			c.save(c.m.PC, int(a[3]))
			c.out = scheduler.Yielded
			return halted
		}
	}
	if !l.IsNil() {
		return c.bad(a[:3], term.AtomBadarg, "length")
	}
	c.m.Reds -= int64((n - from) / cellsPerReduction)
	return c.done(a, term.Int(n))
}

// unknownLive stands for the number of live registers where an instruction does not tell.
const unknownLive = 1 << 10

func doMapGet(c *cpu, a []uint64) uintptr {
	k, m := c.get(a[2]), c.get(a[3])
	if !m.IsMap() {
		if a[0] != 0 {
			return uintptr(a[0])
		}
		return c.bad(a, c.h.Tuple(term.AtomBadmap, m), "map_get")
	}
	v, ok := term.MapGet(m, k)
	if !ok {
		if a[0] != 0 {
			return uintptr(a[0])
		}
		return c.bad(a, c.h.Tuple(term.AtomBadkey, k), "map_get")
	}
	return c.done(a, v)
}

func doIsMapKey(c *cpu, a []uint64) uintptr {
	k, m := c.get(a[2]), c.get(a[3])
	if !m.IsMap() {
		if a[0] != 0 {
			return uintptr(a[0])
		}
		return c.bad(a, c.h.Tuple(term.AtomBadmap, m), "is_map_key")
	}
	_, ok := term.MapGet(m, k)
	return c.done(a, term.Bool(ok))
}

func doByteSize(c *cpu, a []uint64) uintptr {
	n, ok := bitSize(c.get(a[2]))
	if !ok {
		return c.bad(a, term.AtomBadarg, "byte_size")
	}
	return c.done(a, term.Int((n+7)/8))
}

func doBitSize(c *cpu, a []uint64) uintptr {
	n, ok := bitSize(c.get(a[2]))
	if !ok {
		return c.bad(a, term.AtomBadarg, "bit_size")
	}
	return c.done(a, term.Int(n))
}

func doMapSize(c *cpu, a []uint64) uintptr {
	m := c.get(a[2])
	if !m.IsMap() {
		if a[0] != 0 {
			return uintptr(a[0])
		}
		return c.bad(a, c.h.Tuple(term.AtomBadmap, m), "map_size")
	}
	return c.done(a, term.Int(term.MapSize(m)))
}

// bitSize is the size of a bitstring, or of what a match context has left: the compiler uses contexts in place of
// their tails.
func bitSize(t term.Term) (int, bool) {
	if t.IsMatch() {
		m := term.MatchOf(t)
		return int(m.End - m.Pos), true
	}
	return term.BitSize(t)
}

// doBIF calls any other guard BIF: slot, fail, destination, arguments.
func doBIF(c *cpu, a []uint64) uintptr {
	e := exportAt(uintptr(a[0]))
	args := c.args[:len(a)-3]
	for i, o := range a[3:] {
		args[i] = c.get(o)
	}
	if e.BIF == 0 {
		c.p.Exc = proc.Exception{Class: term.AtomError, Reason: term.AtomUndef, Args: c.h.List(args...)}
		c.slot = uintptr(a[0])
		return raised
	}
	p := c.p
	r := c.vm.bifs[e.BIF-1](p, args)
	c.m.Reds -= int64(p.Bumped)
	p.Bumped = 0
	if r != term.None {
		c.set(a[2], r)
		c.collectSoon()
		return c.next
	}
	if p.Action != proc.ActRaise {
		panic("eval: guard BIF " + e.Function.AtomName() + " gave no result")
	}
	p.Action = proc.ActNone
	if a[1] != 0 {
		c.clearException()
		return uintptr(a[1])
	}
	if p.Exc.Args == term.None {
		for i, o := range a[3:] {
			args[i] = c.get(o)
		}
		p.Exc.Args = c.h.List(args...)
	}
	c.slot = uintptr(a[0])
	return raised
}

// toFloat gives the bits of a number as a float.
func toFloat(t term.Term) (bits uint64, ok bool) {
	f, ok := term.ToFloat(t)
	return math.Float64bits(f), ok
}

func doFnegate(c *cpu, a []uint64) uintptr {
	p := c.place(a[1])
	*c.place(a[0]) = *p ^ 1<<63
	return c.next
}

// Tests: fail address, arguments.

func (c *cpu) either(yes bool, a []uint64) uintptr {
	if yes {
		return c.next
	}
	return uintptr(a[0])
}

func testIsLt(c *cpu, a []uint64) uintptr { return c.either(order(c.get(a[1]), c.get(a[2])) < 0, a) }
func testIsGe(c *cpu, a []uint64) uintptr { return c.either(order(c.get(a[1]), c.get(a[2])) >= 0, a) }
func testIsEq(c *cpu, a []uint64) uintptr { return c.either(term.Equal(c.get(a[1]), c.get(a[2])), a) }
func testIsNe(c *cpu, a []uint64) uintptr { return c.either(!term.Equal(c.get(a[1]), c.get(a[2])), a) }
func testIsEqExact(c *cpu, a []uint64) uintptr {
	return c.either(exactEqual(c.get(a[1]), c.get(a[2])), a)
}
func testIsNeExact(c *cpu, a []uint64) uintptr {
	return c.either(!exactEqual(c.get(a[1]), c.get(a[2])), a)
}
func testIsInteger(c *cpu, a []uint64) uintptr      { return c.either(c.get(a[1]).IsInteger(), a) }
func testIsFloat(c *cpu, a []uint64) uintptr        { return c.either(c.get(a[1]).IsFloat(), a) }
func testIsNumber(c *cpu, a []uint64) uintptr       { return c.either(c.get(a[1]).IsNumber(), a) }
func testIsAtom(c *cpu, a []uint64) uintptr         { return c.either(c.get(a[1]).IsAtom(), a) }
func testIsNil(c *cpu, a []uint64) uintptr          { return c.either(c.get(a[1]).IsNil(), a) }
func testIsList(c *cpu, a []uint64) uintptr         { return c.either(c.get(a[1]).IsList(), a) }
func testIsNonemptyList(c *cpu, a []uint64) uintptr { return c.either(c.get(a[1]).IsCons(), a) }
func testIsTuple(c *cpu, a []uint64) uintptr        { return c.either(c.get(a[1]).IsTuple(), a) }
func testTestArity(c *cpu, a []uint64) uintptr {
	return c.either(c.get(a[1]).TupleOf(int(a[2])), a)
}
func testIsTaggedTuple(c *cpu, a []uint64) uintptr {
	t := c.get(a[1])
	return c.either(t.TupleOf(int(a[2])) && t.Elem(0) == term.Term(a[3]), a)
}
func testIsMap(c *cpu, a []uint64) uintptr       { return c.either(c.get(a[1]).IsMap(), a) }
func testIsBoolean(c *cpu, a []uint64) uintptr   { return c.either(isBool(c.get(a[1])), a) }
func testIsBitstr(c *cpu, a []uint64) uintptr    { return c.either(c.get(a[1]).IsBitstring(), a) }
func testIsBinary(c *cpu, a []uint64) uintptr    { return c.either(c.get(a[1]).IsBinary(), a) }
func testIsPid(c *cpu, a []uint64) uintptr       { return c.either(c.get(a[1]).IsPid(), a) }
func testIsReference(c *cpu, a []uint64) uintptr { return c.either(c.get(a[1]).IsRef(), a) }
func testIsPort(c *cpu, a []uint64) uintptr      { return c.either(c.get(a[1]).IsPort(), a) }
func testIsFunction(c *cpu, a []uint64) uintptr  { return c.either(c.get(a[1]).IsFun(), a) }
func testIsFunction2(c *cpu, a []uint64) uintptr {
	t, n := c.get(a[1]), c.get(a[2])
	return c.either(t.IsFun() && n.IsSmall() && term.FunArity(t) == n.Small(), a)
}

// doSelect: source, fail, (value, address)...
func doSelect(c *cpu, a []uint64) uintptr {
	v := c.get(a[0])
	for i := 2; i+1 < len(a); i += 2 {
		if exactEqual(v, term.Term(a[i])) {
			return uintptr(a[i+1])
		}
	}
	return uintptr(a[1])
}

// doSelectArity: source, fail, (header, address)...
func doSelectArity(c *cpu, a []uint64) uintptr {
	v := c.get(a[0])
	if v.IsTuple() {
		for i := 2; i+1 < len(a); i += 2 {
			if *v.Words() == a[i] {
				return uintptr(a[i+1])
			}
		}
	}
	return uintptr(a[1])
}
