package main

import "strings"

// family is one operation of the specialised instruction set.
type family struct {
	name  string
	args  string // operand names
	kinds string // for each variant, one kind letter per operand (see main.go)
	body  string
}

// Text that several families share. In bodies: $name is an operand, $NEXT goes on with the next instruction,
// $br(l) jumps to label l, $enc(d) is register d as a full-word operand, @w and @ld read memory, @out leaves
// the loop with an exit code.

func test(name, kinds, cond string) family {
	return family{"is_" + name, "s f", kinds, "if t := $s; " + cond + " { $NEXT } else { $br(f) }"}
}

func sub(cond string) string { return "t&3 == 2 && " + cond }

// compare is a fused compare and branch with a fast path for two small integers.
func compare(name, kinds, op, slow string) family {
	return family{name, "a b f", kinds, `
	a, b := $a, $b
	if a&b&15 == 15 {
		if int64(a) ` + op + ` int64(b) { $NEXT } else { $br(f) }
	} else if ` + bothFloats + ` {
		if math.Float64frombits(@ld(a,6)) ` + op + ` math.Float64frombits(@ld(b,6)) { $NEXT } else { $br(f) }
	} else {
		m.A, m.B = a, b
		m.T = uintptr(pc) + $SIZE
		m.Else = uintptr(unsafe.Add(pc, $f))
		@out(` + slow + `)
	}`}
}

// arith is an operation on two integers: fast is an expression-statement list that computes r from
// a and b and then tests whether it fits.
func arith(name, kinds, guard, fast, ok, opname string) family {
	return arithOr(name, kinds, guard, fast, ok, opname, "")
}

// numeric is arith with a short way for two floats: op is the operation on them.
func numeric(name, kinds, guard, fast, ok, opname, op string) family {
	return arithOr(name, kinds, guard, fast, ok, opname, ` else if `+bothFloats+floatRoom+` {
		f := math.Float64frombits(@ld(a,6)) `+op+` math.Float64frombits(@ld(b,6))
		if f-f == 0 {
			`+storeFloat+`
			$NEXT
			goto next
		}
	}`)
}

// Floats in arithmetic: a result that is not finite is left to the slow way, and so is one for which there is no room, since an
// arithmetic instruction does not know the live registers.
const (
	bothFloats = `a&3 == 2 && b&3 == 2 && @ld(a,-2)&0x3f == subFloat && @ld(b,-2)&0x3f == subFloat`
	floatRoom  = ` && uintptr(E)-uintptr(hp) >= 16+reserveBytes`
	storeFloat = `@w(hp,0) = 1<<6 | subFloat
			@w(hp,8) = math.Float64bits(f)
			$d = uint64(uintptr(hp)) + 2
			hp = unsafe.Add(hp, 16)`
)

func arithOr(name, kinds, guard, fast, ok, opname, other string) family {
	return family{name, "d a b j", kinds, `
	a, b := $a, $b
	if ` + guard + ` {
		` + fast + `
		if ` + ok + ` {
			$d = r
			$NEXT
			goto next
		}
	}` + other + `
	m.A, m.B = a, b
	m.Dst = $enc(d)
	m.T = uintptr(pc) + $SIZE
	m.J = int64($j)
	m.Op = ` + opname + `
	@out(exitArith)`}
}

const arithKinds = "xxxj xxyj xyxj xyyj xxcj xycj xcxj xcyj yxxj yxyj yyxj"

// stepTest is a test of s against constant c with a subtraction at the start of its other branch. A test of an operand that
// is no small integer is left to the instruction for comparisons that follows.
func stepTest(name, cond string) family {
	if name != "is_eq_const_sub" {
		cond = strings.Replace(cond, "a&15 == 15 && ", "", 1)
		return family{name, "s d a n c r f", "xxxncrl", `a := $s
	if a&15 != 15 {
		$NEXT
	} else if ` + cond + ` {
		pc = unsafe.Add(pc, $SIZE+16)
	} else {
		b := $a
		r := b - uint64($r)
		if b&15 == 15 && int64(r) <= int64(b) {
			$d = r
			pc = unsafe.Add(pc, int($f)+int(uintptr($n)))
		} else {
			$br(f)
		}
	}`}
	}
	return family{name, "s d a n c r f", "xxxncrl", `a := $s
	if ` + cond + ` {
		$NEXT
	} else {
		b := $a
		r := b - uint64($r)
		if b&15 == 15 && int64(r) <= int64(b) {
			$d = r
			pc = unsafe.Add(pc, int($f)+int(uintptr($n)))
		} else {
			$br(f)
		}
	}`}
}

// arithConst adds or subtracts a constant from 0 to 2^27: r holds it shifted as in a small integer.
func arithConst(name, op, ok string) family {
	return family{name + "_const", "d a r j", "xxrj xyrj yxrj yyrj", `
	a := $a
	r := a ` + op + ` uint64($r)
	if a&15 == 15 && int64(r) ` + ok + ` int64(a) {
		$d = r
		$NEXT
	} else {
		m.A, m.B = a, uint64($r)|15
		m.Dst = $enc(d)
		m.T = uintptr(pc) + $SIZE
		m.J = int64($j)
		m.Op = arith` + strings.ToUpper(name[:1]) + name[1:] + `
		@out(exitArith)
	}`}
}

// call pushes the return address behind the instruction.
const pushReturn = `E = unsafe.Add(E, -8)
	*(*uintptr)(E) = uintptr(pc) + $SIZE
	`

const countReduction = `
	if r := m.Reds - 1; r > 0 {
		m.Reds = r
	} else {
		m.Reds = r
		m.Live = uint64(live)
		@out(exitYield)
	}`

// callFun is the common part of fun calls: f is the fun, n the arity; ret the code that pushes the return address.
func callFun(ret, missed string) string {
	return `
	if f&3 == 2 && @ld(f,-2)&0x3f == subFun {
		e := unsafe.Pointer(uintptr(@ld(f,6)))
		if uint64(*(*uint32)(unsafe.Add(e, 24))) == live {
			n := @ld(f,-2)>>6 - 2
			x := unsafe.Add(mp, live*8)
			p := unsafe.Add(unsafe.Pointer(uintptr(f)), 22)
			for ; n > 0; n-- {
				*(*uint64)(x) = *(*uint64)(p)
				x = unsafe.Add(x, 8)
				p = unsafe.Add(p, 8)
			}
			live += @ld(f,-2)>>6 - 2
			` + ret + `
			pc = *(*unsafe.Pointer)(e)
			` + countReduction + `
			goto next
		}
	}
	m.A = f
	m.Live = live
	` + missed
}

// room is the test for heap and stack space: need is in bytes and has the reserve in it.
const room = `if uintptr(E)-uintptr(hp) < uintptr($r) {
		m.Need = uint64($r)
		m.Live = uint64($live)
		@out(exitCollect)
	}
	`

// families is the table; its second half is in second.go.
var families = append(first, second...)

var first = []family{
	// ---- leaving the loop -------------------------------------------------------
	// slow executes slowTable[fn]; size words in all, full-word operands behind the first.
	{"slow", "fn words", "nr", `@out(exitSlow)`},
	{"func_info", "m f a", "ccc", `@out(exitFuncInfo)`},
	{"breakpoint", "", "", `@out(exitBreakpoint)`},
	// unloaded is the code of an export slot whose function is not loaded.
	{"unloaded", "e", "c", `m.A = $e
	@out(exitUnloaded)`},
	// The way a process ends: the frame at the bottom of each stack returns to it.
	{"finish", "", "", `@out(exitFinish)`},

	// ---- moves --------------------------------------------------------------------
	{"move", "d s", "xx xy yx yy xc yc", `$d = $s
	$NEXT`},
	{"move2", "d s d2 s2", "xxxx xxyx xxxy yxxx yxyx yxxy xyxx xyyx xyxy xcxx xxxc xcxc", `$d = $s
	$d2 = $s2
	$NEXT`},
	{"move3", "d s d2 s2 d3 s3", "xxxxxx yxyxyx xyxyxy", `$d = $s
	$d2 = $s2
	$d3 = $s3
	$NEXT`},
	{"swap", "a b", "xx xy yy", `a, b := $a, $b
	$a = b
	$b = a
	$NEXT`},
	{"init", "d", "y", `$d = 0x3b
	$NEXT`},
	{"init2", "d d2", "yy", `$d = 0x3b
	$d2 = 0x3b
	$NEXT`},
	{"init_range", "first n", "nn", `p := unsafe.Add(E, $first)
	for n := $n; n > 0; n-- {
		*(*uint64)(p) = 0x3b
		p = unsafe.Add(p, 8)
	}
	$NEXT`},

	// ---- frames and heap --------------------------------------------------------------
	{"allocate", "live n r", "bnr", room + `E = unsafe.Add(E, -int(uintptr($n)))
	$NEXT`},
	{"allocate_move", "live n r d s", "bnryx", room + `E = unsafe.Add(E, -int(uintptr($n)))
	$d = $s
	$NEXT`},
	{"allocate_init", "live n r d", "bnry", room + `E = unsafe.Add(E, -int(uintptr($n)))
	$d = 0x3b
	$NEXT`},
	{"allocate_move2", "live n r d s d2 s2", "bnryxyx", room + `E = unsafe.Add(E, -int(uintptr($n)))
	$d = $s
	$d2 = $s2
	$NEXT`},
	// The source is an X register that the frame does not touch.
	{"allocate_get_list", "live n r s h t", "bnrxyx", room + `E = unsafe.Add(E, -int(uintptr($n)))
	c := $s
	h, t := @ld(c,-1), @ld(c,7)
	$h = h
	$t = t
	$NEXT`},
	{"test_heap", "live r", "br", room + `$NEXT`},
	{"deallocate", "n", "n", `E = unsafe.Add(E, $n)
	$NEXT`},
	{"return", "", "", `pc = *(*unsafe.Pointer)(E)
	E = unsafe.Add(E, 8)`},
	{"deallocate_return", "n", "n", `E = unsafe.Add(E, $n)
	pc = *(*unsafe.Pointer)(E)
	E = unsafe.Add(E, 8)`},
	{"move_return", "s", "x y c", `@w(mp,0) = $s
	pc = *(*unsafe.Pointer)(E)
	E = unsafe.Add(E, 8)`},
	{"move_deallocate_return", "n s", "nx ny nc", `@w(mp,0) = $s
	E = unsafe.Add(E, $n)
	pc = *(*unsafe.Pointer)(E)
	E = unsafe.Add(E, 8)`},

	// ---- calls ----------------------------------------------------------------------------
	{"call", "live to", "bl", pushReturn + `live := $live
	$br(to)` + countReduction},
	{"call_only", "live to", "bl", `live := $live
	$br(to)` + countReduction},
	{"call_last", "live n to", "bnl", `E = unsafe.Add(E, $n)
	live := $live
	$br(to)` + countReduction},
	{"move_call", "live d s to", "bxxl bxyl bxcl", `$d = $s
	` + pushReturn + `live := $live
	$br(to)` + countReduction},
	{"move_call_only", "live d s to", "bxxl bxcl", `$d = $s
	live := $live
	$br(to)` + countReduction},
	{"trim_call", "live n to", "bnl", `E = unsafe.Add(E, $n)
	` + pushReturn + `live := $live
	$br(to)` + countReduction},
	{"move_call_last", "live n d s to", "bnxxl bnxyl", `$d = $s
	E = unsafe.Add(E, $n)
	live := $live
	$br(to)` + countReduction},
	{"call_ext", "live e", "bc", pushReturn + `live := $live
	pc = *(*unsafe.Pointer)(unsafe.Pointer(uintptr($e)))` + countReduction},
	{"call_ext_only", "live e", "bc", `live := $live
	pc = *(*unsafe.Pointer)(unsafe.Pointer(uintptr($e)))` + countReduction},
	{"call_ext_last", "live n e", "bnc", `E = unsafe.Add(E, $n)
	live := $live
	pc = *(*unsafe.Pointer)(unsafe.Pointer(uintptr($e)))` + countReduction},
	// call_bif calls a BIF and goes on; bif_only and bif_last return with its value. bif_body is the code
	// of the BIF itself, for calls through its export slot.
	{"call_bif", "live e", "bc", `m.A = $e
	@out(exitBIF)`},
	{"bif_only", "live e", "bc", `m.A = $e
	@out(exitBIFOnly)`},
	{"bif_last", "live n e", "bnc", `m.A = $e
	@out(exitBIFLast)`},
	{"bif_body", "live e", "bc", `m.A = $e
	@out(exitBIFBody)`},
	{"call_fun", "live s", "bx by", `f, live := $s, uint64($live)` +
		callFun(pushReturn, `@out(exitCallFun)`)},
	{"call_fun_last", "live n s", "bnx bny", `f, live := $s, uint64($live)` +
		callFun("E = unsafe.Add(E, $n)", `m.J = int64($n)
		@out(exitCallFunLast)`)},

	// ---- jumps and selections ---------------------------------------------------------------
	{"jump", "to", "l", `$br(to)`},
	// select_linear: n pairs (value, displacement) follow; small n.
	{"select_linear", "s n f", "xnl ynl", `v := $s
	p := unsafe.Add(pc, $SIZE)
	n := $n
	for n != 0 && *(*uint64)(p) != v {
		p = unsafe.Add(p, 16)
		n--
	}
	if n != 0 {
		pc = unsafe.Add(pc, *(*int64)(unsafe.Add(p, 8)))
	} else {
		$br(f)
	}`},
	// select_binary: r pairs, sorted by value as unsigned words.
	{"select_binary", "s r f", "xrl yrl", `v := $s
	p := unsafe.Add(pc, $SIZE)
	lo, hi := uint(0), uint($r)
	for lo < hi {
		mid := (lo + hi) >> 1
		if *(*uint64)(unsafe.Add(p, mid*16)) < v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < uint($r) && *(*uint64)(unsafe.Add(p, lo*16)) == v {
		pc = unsafe.Add(pc, *(*int64)(unsafe.Add(p, lo*16+8)))
	} else {
		$br(f)
	}`},
	// select_table: small integers from c on, r displacements follow.
	{"select_table", "s c r f", "xcrl ycrl", `v := $s
	i := int64(v)>>4 - int64($c)
	if v&15 == 15 && uint64(i) < uint64($r) {
		pc = unsafe.Add(pc, *(*int64)(unsafe.Add(pc, uint64(i)*8+$SIZE)))
	} else {
		$br(f)
	}`},
	// select_arity: n pairs (tuple header, displacement).
	{"select_arity", "s n f", "xnl ynl", `t := $s
	n := $n
	if t&3 != 2 {
		n = 0
	}
	p := unsafe.Add(pc, $SIZE)
	for n != 0 && *(*uint64)(p) != @ld(t,-2) {
		p = unsafe.Add(p, 16)
		n--
	}
	if n != 0 {
		pc = unsafe.Add(pc, *(*int64)(unsafe.Add(p, 8)))
	} else {
		$br(f)
	}`},

	// ---- type tests --------------------------------------------------------------------------
	test("nil", "xl yl", "t == 0x3b"),
	test("nonempty_list", "xl yl", "t&3 == 1"),
	test("list", "xl yl", "t&3 == 1 || t == 0x3b"),
	test("atom", "xl yl", "t&0x3f == 0x0b"),
	test("tuple", "xl yl", sub("@ld(t,-2)&0x3f == 0")),
	test("map", "xl yl", sub("@ld(t,-2)&0x3f == subMap")),
	test("integer", "xl yl", "t&15 == 15 || t&3 == 2 && @ld(t,-2)&0x3b == subPosBig"),
	test("float", "xl yl", sub("@ld(t,-2)&0x3f == subFloat")),
	test("number", "xl yl", "t&15 == 15 || t&3 == 2 && (@ld(t,-2)&0x3b == subPosBig || @ld(t,-2)&0x3f == subFloat)"),
	test("boolean", "xl yl", "t == atomTrue || t == atomFalse"),
	test("bitstring", "xl yl", sub("(@ld(t,-2)&0x3f == subHeapBits || @ld(t,-2)&0x3f == subBits)")),
	{"test_arity", "s n f", "xnl ynl", `if t := $s; t&3 == 2 && @ld(t,-2) == uint64($n) { $NEXT } else { $br(f) }`},
	{"is_tagged_tuple", "s n c f", "xncl yncl", `if t := $s; t&3 == 2 && @ld(t,-2) == uint64($n) && @ld(t,6) == $c { $NEXT } else { $br(f) }`},

	// Checks in front of instructions whose operand types the validator has not proved.
	{"check_tuple", "s r", "xr yr", `if t := $s; t&3 == 2 && @ld(t,-2)&0x3f == 0 && @ld(t,-2)>>6 >= uint64($r) {
		$NEXT
	} else {
		m.A = t
		@out(exitBadType)
	}`},
	{"check_cons", "s", "x y", `if t := $s; t&3 == 1 {
		$NEXT
	} else {
		m.A = t
		@out(exitBadType)
	}`},

	// ---- comparisons ---------------------------------------------------------------------------
	// A constant here is an immediate: equal words, equal terms.
	{"is_eq_const", "s c f", "xcl ycl", `if $s == $c { $NEXT } else { $br(f) }`},
	{"is_ne_const", "s c f", "xcl ycl", `if $s != $c { $NEXT } else { $br(f) }`},
	{"is_eq_exact", "a b f", "xxl xyl yyl xcl ycl", `a, b := $a, $b
	if a == b {
		$NEXT
	} else if a&3 == 3 || b&3 == 3 {
		$br(f)
	} else {
		m.A, m.B = a, b
		m.T = uintptr(pc) + $SIZE
		m.Else = uintptr(unsafe.Add(pc, $f))
		@out(exitEqExact)
	}`},
	{"is_ne_exact", "a b f", "xxl xyl yyl xcl ycl", `a, b := $a, $b
	if a == b {
		$br(f)
	} else if a&3 == 3 || b&3 == 3 {
		$NEXT
	} else {
		m.A, m.B = a, b
		m.T = uintptr(unsafe.Add(pc, $f))
		m.Else = uintptr(pc) + $SIZE
		@out(exitEqExact)
	}`},
	compare("is_eq", "xxl xyl xcl ycl", "==", "exitEqual"),
	compare("is_ne", "xxl xyl xcl ycl", "!=", "exitNotEqual"),
	compare("is_lt", "xxl xyl yxl yyl xcl ycl cxl", "<", "exitLess"),
	compare("is_ge", "xxl xyl yxl yyl xcl ycl cxl", ">=", "exitGreaterEqual"),

	// A test whose other branch begins with sub_const (see there), as in f(0) -> ...; f(N) -> ... f(N-1): that instruction, n bytes
	// long, is done at once. Where it is not easy, the branch does it.
	stepTest("is_eq_const_sub", "a == $c"),
	stepTest("is_lt_const_sub", "a&15 == 15 && int64(a) < int64($c)"),
	stepTest("is_ge_const_sub", "a&15 == 15 && int64(a) >= int64($c)"),
	// The same where the branch is sub_const_call_only to label to.
	{"is_eq_const_sub_call", "live s d a c r f to", "bxxxcrll", `if $s == $c {
		$NEXT
	} else {
		a := $a
		r := a - uint64($r)
		k := m.Reds - 1
		if a&15 == 15 && int64(r) <= int64(a) && k > 0 {
			m.Reds = k
			$d = r
			$br(to)
		} else {
			$br(f)
		}
	}`},

	// ---- integers --------------------------------------------------------------------------------
	// Small integers are v<<4 | 15.
	numeric("add", arithKinds, "a&b&15 == 15", "r := a + (b &^ 15)", "int64((a^r)&(b^r)) >= 0", "arithAdd", "+"),
	numeric("sub", arithKinds, "a&b&15 == 15", "r := a - (b &^ 15)", "int64((a^b)&(a^r)) >= 0", "arithSub", "-"),
	arithConst("add", "+", ">="),
	arithConst("sub", "-", "<="),
	// sub_const and the tail call behind it in one: the step of a loop. The same call stands behind this
	// instruction for the slow path.
	{"sub_const_call_only", "live d a r to", "bxxrl", `a := $a
	r := a - uint64($r)
	if a&15 == 15 && int64(r) <= int64(a) {
		$d = r
		live := $live
		$br(to)` + countReduction + `
	} else {
		m.A, m.B = a, uint64($r)|15
		m.Dst = $enc(d)
		m.T = uintptr(pc) + $SIZE
		m.J = 0
		m.Op = arithSub
		@out(exitArith)
	}`},
	numeric("mul", "xxxj xxcj xcxj xxyj xyxj xyyj xycj yxxj yxyj yyxj yxcj", "a&b&15 == 15",
		"p, q := int64(a)>>4, int64(b)>>4\nhi, lo := bits.Mul64(uint64(p), uint64(q))\nr := lo<<4 | 15",
		"int64(hi)-p>>63&q-q>>63&p == int64(lo)>>63 && int64(r)>>4 == int64(lo)", "arithMul", "*"),
	arith("div", "xxxj xxcj xcxj xxyj xyxj xyyj xycj yxxj yxcj yyxj yycj", "a&b&15 == 15 && b != 15 && int64(b) != -1",
		"r := uint64(int64(a)>>4/(int64(b)>>4))<<4 | 15", "true", "arithDiv"),
	arith("rem", "xxxj xxcj xcxj xxyj xyxj xyyj xycj yxxj yxcj yyxj yycj", "a&b&15 == 15 && b != 15 && int64(b) != -1",
		"r := uint64(int64(a)>>4%(int64(b)>>4))<<4 | 15", "true", "arithRem"),
	arith("band", "xxxj xxcj xcxj xxyj xyxj xyyj xycj yxxj yxcj yyxj yycj", "a&b&15 == 15", "r := a & b", "true", "arithBand"),
	arith("bor", "xxxj xxcj xcxj xxyj xyxj xyyj xycj yxxj yxcj yyxj yycj", "a&b&15 == 15", "r := a | b", "true", "arithBor"),
	arith("bxor", "xxxj xxcj xcxj xxyj xyxj xyyj xycj yxxj yxcj yyxj yycj", "a&b&15 == 15", "r := a ^ b | 15", "true", "arithBxor"),
	arith("bsl", "xxxj xxcj xcxj xxyj xyxj xyyj xycj yxxj yxcj yyxj yycj", "a&b&15 == 15 && b>>4 < 59",
		"r := (a&^15)<<(b>>4) | 15", "int64(r&^15)>>(b>>4) == int64(a&^15)", "arithBsl"),
	arith("bsr", "xxxj xxcj xcxj xxyj xyxj xyyj xycj yxxj yxcj yyxj yycj", "a&b&15 == 15 && b>>4 < 60",
		"r := uint64(int64(a)>>(b>>4)) | 15", "true", "arithBsr"),

	// ---- lists and tuples -----------------------------------------------------------------------------
	// The source is read before a destination is written: they may be the same register.
	{"get_list", "s h t", "xxx xxy xyx xyy yxx yxy yyx yyy", `c := $s
	h, t := @ld(c,-1), @ld(c,7)
	$h = h
	$t = t
	$NEXT`},
	{"get_hd", "s d", "xx xy yx yy", `c := $s
	$d = @ld(c,-1)
	$NEXT`},
	{"get_tl", "s d", "xx xy yx yy", `c := $s
	$d = @ld(c,7)
	$NEXT`},
	{"get_tuple_element", "s n d", "xnx xny ynx yny", `t := $s
	$d = @w(unsafe.Pointer(uintptr(t)), int(uintptr($n))-2)
	$NEXT`},
	// Elements n and n+1.
	{"get_tuple_element2", "s n d d2", "xnxx xnyx xnxy xnyy", `p := unsafe.Add(unsafe.Pointer(uintptr($s)), int(uintptr($n))-2)
	$d = @w(p,0)
	$d2 = @w(p,8)
	$NEXT`},
	{"put_list", "d h t", "xxx xxy xyx xyy xxc xyc xcx xcy yxx yxy yyx", `h, t := $h, $t
	@w(hp,0) = h
	@w(hp,8) = t
	hp = unsafe.Add(hp, 16)
	$d = uint64(uintptr(hp)) - 15
	$NEXT`},
	{"test_put_list", "live r d h t", "brxxx brxxy brxyx brxxc brxyc", room + `h, t := $h, $t
	@w(hp,0) = h
	@w(hp,8) = t
	hp = unsafe.Add(hp, 16)
	$d = uint64(uintptr(hp)) - 15
	$NEXT`},
	// The end of a body-recursive list function: x0 := [h|t], and return.
	{"test_put_list_return", "live n r h t", "bnryx bnrxx", room + `h, t := $h, $t
	@w(hp,0) = h
	@w(hp,8) = t
	hp = unsafe.Add(hp, 16)
	@w(mp,0) = uint64(uintptr(hp)) - 15
	E = unsafe.Add(E, $n)
	pc = *(*unsafe.Pointer)(E)
	E = unsafe.Add(E, 8)`},
	// put_tuple: r full-word operands follow.
	{"put_tuple", "d r", "xr yr", `p := unsafe.Add(pc, $SIZE)
	t := hp
	@w(t,0) = uint64($r) << 6
	t = unsafe.Add(t, 8)
	for n := $r; n > 0; n-- {
		o := @w(p,0)
		if o&3 == 0 {
			if o&4 == 0 {
				o = @w(mp,o>>3)
			} else {
				o = @w(E,o>>3)
			}
		}
		@w(t,0) = o
		p = unsafe.Add(p, 8)
		t = unsafe.Add(t, 8)
	}
	$d = uint64(uintptr(hp)) + 2
	hp = t
	pc = p`},
	{"put_pair", "d a b", "xxx xyx xxy xyy xcx xcy", `a, b := $a, $b
	@w(hp,0) = 2 << 6
	@w(hp,8) = a
	@w(hp,16) = b
	hp = unsafe.Add(hp, 24)
	$d = uint64(uintptr(hp)) - 22
	$NEXT`},

	// ---- floats ---------------------------------------------------------------------------------------
	{"fload", "d s", "zx zy zc", `if t := $s; t&3 == 2 && @ld(t,-2)&0x3f == subFloat {
		$d = @ld(t,6)
		$NEXT
	} else if t&15 == 15 {
		$d = math.Float64bits(float64(int64(t) >> 4))
		$NEXT
	} else {
		m.A = t
		m.Dst = uint64($enc(d))
		m.T = uintptr(pc) + $SIZE
		@out(exitFloatConv)
	}`},
	{"fstore", "d s", "xz yz", `v := $s
	@w(hp,0) = 1<<6 | subFloat
	@w(hp,8) = v
	$d = uint64(uintptr(hp)) + 2
	hp = unsafe.Add(hp, 16)
	$NEXT`},
	{"fcopy", "d s", "zz", `$d = $s
	$NEXT`},
	floatOp("fadd", "a + b"),
	floatOp("fsub", "a - b"),
	floatOp("fmul", "a * b"),
	floatOp("fdiv", "a / b"),
}

// floatOp is an operation on float registers. An overflow or a division by zero gives a value that is
// not finite, which is an exception.
func floatOp(name, op string) family {
	return family{name, "d a b", "zzz", `a, b := math.Float64frombits($a), math.Float64frombits($b)
	r := ` + op + `
	if r-r == 0 {
		$d = math.Float64bits(r)
		$NEXT
	} else {
		@out(exitFloatError)
	}`}
}

// replicated are the families whose instructions go to the next one with a dispatch of their own, which saves a jump and gives the
// processor more places to learn from: those that make up most of what programs execute. Each variant costs four kilobytes for its table.
var replicated = setOf(`
	move move2 init call call_only call_last move_call move_call_only move_call_last call_ext call_ext_only call_fun
	allocate allocate_move allocate_move2 deallocate return deallocate_return move_return move_deallocate_return trim_call jump
	add sub add_const sub_const sub_const_call_only is_lt_const_sub is_ge_const_sub is_eq_const_sub is_eq_const_sub_call mul band
	is_eq_const is_ne_const is_lt is_ge is_eq_exact is_nil is_nonempty_list is_tuple test_arity is_tagged_tuple is_integer
	get_list get_hd get_tl get_tuple_element get_tuple_element2 put_list test_put_list test_put_list_return test_heap put_pair put_tuple
	select_linear select_table bs_byte bs_bits map_get element`)

func setOf(names string) map[string]bool {
	set := map[string]bool{}
	for _, n := range strings.Fields(names) {
		set[n] = true
	}
	return set
}
