package term

import (
	"math"
	"math/big"
	"testing"
)

func num(h *Heap, s string) Term {
	if t, _, ok := h.ParseInt([]byte(s), 10); ok {
		return t
	}
	f, ok := ParseFloat([]byte(s))
	if !ok {
		panic(s)
	}
	return h.Float(f)
}

// Arithmetic across the borders between smalls, bignums and floats, as OTP 29 does it.
func TestArithmetic(t *testing.T) {
	h := NewArena()
	ops := map[string]func(a, b Term) (Term, ArithError){
		"+": h.Add, "-": h.Sub, "*": h.Mul, "/": h.Div, "div": h.IntDiv, "rem": h.Rem,
		"band": h.Band, "bor": h.Bor, "bxor": h.Bxor, "bsl": h.Bsl, "bsr": h.Bsr,
	}
	for _, c := range []struct{ a, op, b, want string }{
		{"576460752303423487", "+", "1", "576460752303423488"},
		{"-576460752303423488", "-", "1", "-576460752303423489"},
		{"576460752303423488", "-", "1", "576460752303423487"},
		{"-576460752303423488", "div", "-1", "576460752303423488"},
		{"-576460752303423488", "*", "-1", "576460752303423488"},
		{"4294967296", "*", "4294967296", "18446744073709551616"},
		{"-7", "div", "2", "-3"}, {"-7", "rem", "2", "-1"}, {"7", "rem", "-2", "1"},
		{"1", "/", "2", "0.5"}, {"1", "/", "0", "badarith"}, {"1.0", "/", "0.0", "badarith"},
		{"1", "div", "0", "badarith"}, {"1.0e300", "*", "1.0e300", "badarith"},
		{"1.0", "rem", "2", "badarith"}, {"0", "*", "-1.0", "-0.0"},
		{"1", "bsl", "64", "18446744073709551616"}, {"18446744073709551616", "bsr", "64", "1"},
		{"-1", "bsr", "1180591620717411303424", "-1"}, {"1", "bsr", "1180591620717411303424", "0"},
		{"0", "bsl", "1180591620717411303424", "0"}, {"1", "bsl", "4194240", "system_limit"},
		{"1", "bsr", "-1180591620717411303424", "system_limit"}, {"1", "bsl", "-3", "0"},
		{"-5", "band", "18446744073709551615", "18446744073709551611"},
		{"-1", "bxor", "18446744073709551615", "-18446744073709551616"},
		{"-5", "bor", "3", "-5"}, {"5", "bxor", "3", "6"},
	} {
		r, err := ops[c.op](num(h, c.a), num(h, c.b))
		got := [...]string{"", "badarith", "system_limit"}[err]
		if err == ArithOK {
			got = Format(r)
		}
		if got != c.want {
			t.Errorf("%s %s %s = %s, want %s", c.a, c.op, c.b, got, c.want)
		}
	}
}

// The largest integer has 65535 words of magnitude.
func TestIntegerSizeLimit(t *testing.T) {
	h := NewArena()
	r, err := h.Bsl(Int(1), Int(4194239))
	if err != ArithOK {
		t.Fatal(err)
	}
	if _, err = h.Add(r, r); err != SystemLimit {
		t.Errorf("2^4194239 + 2^4194239: %v, want system_limit", err)
	}
	if _, err = h.Mul(r, Int(1)); err != ArithOK {
		t.Errorf("2^4194239 * 1: %v", err)
	}
	if _, err = h.Mul(r, Int(2)); err != SystemLimit {
		t.Errorf("2^4194239 * 2: %v, want system_limit", err)
	}
}

// Integers and floats compare by their exact values, also beyond 2^53.
func TestCompareNumbersExactly(t *testing.T) {
	h := NewArena()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"9007199254740993", "9007199254740992.0", 1},
		{"1152921504606846977", "1152921504606846976.0", 1},
		{"1180591620717411303424", "1180591620717411303424.0", 0},
		{"1180591620717411303425", "1180591620717411303424.0", 1},
		{"-1180591620717411303425", "-1180591620717411303424.0", -1},
		{"1", "1.0", 0}, {"1", "1.5", -1}, {"-1", "-1.5", 1}, {"0", "-0.0", 0},
		{"576460752303423487", "576460752303423488.0", -1},
		{"1180591620717411303424", "0.5", 1}, {"-1180591620717411303424", "0.0", -1},
		{"1180591620717411303424", "1.0e308", -1},
	} {
		a, b := num(h, c.a), num(h, c.b)
		if got := Compare(a, b); got != c.want {
			t.Errorf("Compare(%s, %s) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := Compare(b, a); got != -c.want {
			t.Errorf("Compare(%s, %s) = %d, want %d", c.b, c.a, got, -c.want)
		}
		if Equal(a, b) != (c.want == 0) || ExactEqual(a, b) {
			t.Errorf("%s and %s: Equal %v, ExactEqual %v", c.a, c.b, Equal(a, b), ExactEqual(a, b))
		}
	}
	if ExactEqual(h.Float(0), h.Float(math.Copysign(0, -1))) {
		t.Error("0.0 =:= -0.0 holds, it has not since OTP 27")
	}
}

// The standard order of all kinds of terms.
func TestOrderOfKinds(t *testing.T) {
	h := NewArena()
	terms := []Term{
		h.Float(-1.5), Int(1), h.BigInt(new(big.Int).Lsh(big.NewInt(1), 70)), Intern("a"), Intern("ab"), Intern("ä"),
		h.Ref([3]uint32{1, 2, 3}), Port(5), Pid(7), h.Tuple(), h.Tuple(Int(9)), h.Tuple(Int(1), Int(1)),
		h.EmptyMap(), h.MapPut(h.EmptyMap(), Int(1), Int(1)), Nil, h.List(Int(1)), h.Cons(Int(1), Int(2)),
		h.List(Int(1), Int(2)), h.Bits([]byte{0}, 1), h.Binary([]byte("a")), h.Binary([]byte("b")),
	}
	terms[16], terms[15] = terms[15], terms[16] // [1|2] < [1]: an integer tail is less than []
	for i, a := range terms {
		for j, b := range terms {
			if got := Compare(a, b); got != cmpInt(i, j) {
				t.Errorf("Compare(%v, %v) = %d, want %d", a, b, got, cmpInt(i, j))
			}
		}
	}
}

// No function over terms recurses: deep terms print, compare and hash.
func TestDeepTerms(t *testing.T) {
	const depth = 3_000_000
	h := NewArena()
	deep := func() Term {
		x := h.Tuple()
		for range depth {
			x = h.Tuple(x)
		}
		return x
	}
	a, b := deep(), deep()
	if Compare(a, b) != 0 || !ExactEqual(a, b) {
		t.Error("two equal deep tuples differ")
	}
	if Phash2(a) != Phash2(b) || Phash(a) != Phash(b) {
		t.Error("hashes of equal terms differ")
	}
	if n := len(Append(nil, a, FormatOptions{})); n != 2*depth+2 {
		t.Errorf("printed %d bytes", n)
	}
	x, y := Term(Nil), Term(Nil)
	for range depth {
		x, y = h.List(x), h.List(y)
	}
	if Compare(x, y) != 0 || Phash2(x) != Phash2(y) {
		t.Error("deep lists")
	}
}

func TestPrinting(t *testing.T) {
	h := NewArena()
	atom := Intern
	for _, c := range []struct {
		t     Term
		depth int
		want  string
	}{
		{h.Tuple(atom("a"), h.List(Int(1), Int(2))), 0, "{a,[1,2]}"},
		{h.Cons(atom("a"), h.Cons(atom("b"), atom("c"))), 0, "[a,b|c]"},
		{atom("a b"), 0, "'a b'"}, {atom(""), 0, "''"}, {atom("div"), 0, "'div'"}, {atom("maybe"), 0, "'maybe'"},
		{atom("fooBar"), 0, "fooBar"}, {atom("_x"), 0, "'_x'"}, {atom("é"), 0, "é"}, {atom("a@b"), 0, "a@b"},
		{atom("don't"), 0, `'don\'t'`}, {atom("\x7f\x01\n"), 0, `'\d\001\n'`},
		{h.Bits([]byte{1, 2, 3 << 3}, 21), 0, "<<1,2,3:5>>"}, {h.Binary(nil), 0, "<<>>"},
		{h.Float(-0.5), 0, "-0.5"}, {Pid(uint64(84)), 0, "<0.84.0>"}, {Port(6), 0, "#Port<0.6>"},
		{h.Ref([3]uint32{55766, 1805647873, 2144963567}), 0, "#Ref<0.2144963567.1805647873.55766>"},
		{h.MapPut(h.EmptyMap(), atom("a"), Int(1)), 0, "#{a => 1}"},
		{h.List(Int(1), Int(2), Int(3), Int(4)), 3, "[1,2|...]"},
		{h.Tuple(Int(1), Int(2), Int(3), Int(4)), 3, "{1,2,...}"},
		{h.MapPut(h.EmptyMap(), atom("a"), Int(1)), 2, "#{a => 1,...}"},
		{h.Binary([]byte{1, 2, 3}), 3, "<<1,2,...>>"}, {h.Binary([]byte{1, 2}), 3, "<<1,2>>"},
		{h.List(h.Tuple(atom("a"), atom("b")), h.Tuple(atom("c"), atom("d")), Nil), 3, "[{a,...},{...}|...]"},
	} {
		if got := string(Append(nil, c.t, FormatOptions{Depth: c.depth})); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got := string(Append(nil, atom("€"), FormatOptions{})); got != `'\x{20AC}'` {
		t.Errorf("~w of an atom beyond Latin-1: %s", got)
	}
}

func TestNumberText(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{1, "1.0"}, {100, "100.0"}, {1000, "1.0e3"}, {123456, "123456.0"}, {1e22, "1.0e22"}, {0.001, "0.001"},
		{0.0001, "0.0001"}, {0.00001, "1.0e-5"}, {0.00012, "1.2e-4"}, {9007199254740991, "9007199254740991.0"}, {9007199254740992, "9.007199254740992e15"},
		{123456789012345680, "1.2345678901234568e17"}, {math.Copysign(0, -1), "-0.0"}, {5e-324, "5.0e-324"}, {12e10, "1.2e11"},
	} {
		if got := string(AppendFloat(nil, c.f)); got != c.want {
			t.Errorf("%g printed as %s, want %s", c.f, got, c.want)
		}
	}
	for _, bad := range []string{"", "1", "1.", ".5", "1.0e", "1.0e400", " 1.0", "1.0 ", "1_0.0", "inf", "0x1.0", "1.0e+", "--1.0"} {
		if f, ok := ParseFloat([]byte(bad)); ok {
			t.Errorf("ParseFloat(%q) = %v", bad, f)
		}
	}
	h := NewArena()
	for _, bad := range []string{"", "-", "+", "1_0", "12a", " 1", "--1"} {
		if _, _, ok := h.ParseInt([]byte(bad), 10); ok {
			t.Errorf("ParseInt(%q) succeeds", bad)
		}
	}
	if v, _, _ := h.ParseInt([]byte("-zZ"), 36); string(AppendInt(nil, v, 36)) != "-ZZ" {
		t.Error("base 36")
	}
}

// Rule: None is no term but may be copied: it stays what it is and takes no memory.
func TestNoneIsCopied(t *testing.T) {
	h := NewArena()
	defer h.Free()
	if n := Size(None); n != 0 {
		t.Errorf("None takes %d words", n)
	}
	if got := CopyTo(h, None); got != None {
		t.Errorf("the copy is %#x", uint64(got))
	}
	if got, fragment := CopyMessage(None); got != None || fragment != 0 {
		t.Errorf("the message is %#x", uint64(got))
	}
}
