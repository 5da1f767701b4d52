package term

import (
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runErl runs an escript-like module on OTP with the given lines as input file and gives the lines of its
// output. The test is skipped where OTP is not installed.
func runErl(t *testing.T, body string, lines []string) []string {
	t.Helper()
	erl, err := exec.LookPath("erl")
	if err != nil {
		t.Skip("no erl on the PATH")
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	src := "-module(o).\n-export([main/2]).\n" +
		"main(In, Out) -> {ok, B} = file:read_file(In), Ls = binary:split(B, <<10>>, [global, trim]),\n" +
		" ok = file:write_file(Out, [[line(L), 10] || L <- Ls]), halt().\n" +
		"term(B) -> {ok, Ts, _} = erl_scan:string(unicode:characters_to_list(<<B/binary, \".\">>)), {ok, T} = erl_parse:parse_term(Ts), T.\n" +
		"-compile({nowarn_unused_function, [{term,1}]}).\n" + body
	if err := os.WriteFile(filepath.Join(dir, "o.erl"), []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(erl, "-noshell", "-pa", dir, "-eval",
		fmt.Sprintf("{ok,_}=compile:file(%q,[{outdir,%q}]), o:main(%q,%q).", filepath.Join(dir, "o.erl"), dir, in, out))
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// randomTerm builds terms that erl_parse can read back.
func randomTerm(h *Heap, r *rand.Rand, depth int) Term {
	n := 9
	if depth > 0 {
		n = 14
	}
	switch r.Intn(n) {
	case 0:
		return Int(r.Intn(300) - 20)
	case 1:
		return h.Int64(int64(r.Uint64()) >> r.Intn(64))
	case 2:
		z := new(big.Int).Rand(r, new(big.Int).Lsh(big.NewInt(1), uint(r.Intn(300)+1)))
		if r.Intn(2) == 0 {
			z.Neg(z)
		}
		return h.BigInt(z)
	case 3, 4:
		return h.Float(randomFloat(r))
	case 5, 6:
		names := []string{"a", "ab", "foo", "Foo", "a b", "", "é", "ÿ", "€uro", "x@y", "not", "[]", "日本", "\n", "a\x7f", "÷"}
		return Intern(names[r.Intn(len(names))])
	case 7:
		data := make([]byte, r.Intn(40))
		r.Read(data)
		bits := len(data) * 8
		if bits > 8 && r.Intn(2) == 0 {
			bits -= r.Intn(8)
		}
		return h.Bits(data, bits)
	case 8:
		return Nil
	case 9:
		e := make([]Term, r.Intn(5))
		for i := range e {
			e[i] = randomTerm(h, r, depth-1)
		}
		return h.Tuple(e...)
	case 10:
		e := make([]Term, r.Intn(5)+1)
		for i := range e {
			e[i] = randomTerm(h, r, depth-1)
		}
		if r.Intn(5) == 0 {
			return h.ListTail(e, randomTerm(h, r, 0))
		}
		return h.List(e...)
	case 11:
		e := make([]Term, r.Intn(12))
		for i := range e {
			e[i] = Int(r.Intn(260))
		}
		return h.List(e...)
	}
	m := h.EmptyMap()
	size := r.Intn(5)
	if r.Intn(4) == 0 {
		size = r.Intn(60)
	}
	for range size {
		m = h.MapPut(m, randomTerm(h, r, depth-2), randomTerm(h, r, depth-2))
	}
	return m
}

func randomFloat(r *rand.Rand) float64 {
	for {
		var f float64
		switch r.Intn(5) {
		case 0:
			f = math.Float64frombits(r.Uint64())
		case 1:
			f = float64(r.Intn(2_000_000)-1_000_000) / float64([]int{1, 10, 100, 1000, 1024}[r.Intn(5)])
		case 2:
			f = float64(int64(r.Uint64()) >> r.Intn(64))
		case 3:
			f = math.Pow(10, float64(r.Intn(60)-30)) * float64(r.Intn(1000))
		default:
			f = r.NormFloat64()
		}
		if !math.IsInf(f, 0) && !math.IsNaN(f) && !(f == 0 && math.Signbit(f)) {
			return f // -0.0 is another key than 0.0 only since OTP 27
		}
	}
}

// Hashes, and the text of terms without maps (whose order is each implementation's own), equal OTP's.
func TestHashAndTextOfRandomTerms(t *testing.T) {
	h := NewArena()
	r := rand.New(rand.NewSource(1))
	var lines, want []string
	for range 4000 {
		x := randomTerm(h, r, 4)
		text := string(Append(nil, x, FormatOptions{}))
		lines = append(lines, text)
		w := fmt.Sprintf("%d %d %s", Phash2(x), Phash(x)%(1<<31)+1, text)
		if strings.Contains(text, "#{") {
			w = strings.SplitN(w, " #", 2)[0]
			w = strings.Join(strings.SplitN(w, " ", 3)[:2], " ") + " map"
		}
		want = append(want, w)
	}
	got := runErl(t, `
line(B) ->
    T = term(B),
    W = lists:flatten(io_lib:format("~w", [T])),
    X = case string:find(W, "#{") of nomatch -> unicode:characters_to_binary(W); _ -> <<"map">> end,
    io_lib:format("~w ~w ~s", [erlang:phash2(T, 1 bsl 32), erlang:phash(T, 1 bsl 31), X]).
`, lines)
	compareLines(t, lines, got, want)
}

func compareLines(t *testing.T, lines, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d answers for %d lines", len(got), len(want))
	}
	bad := 0
	for i := range got {
		if got[i] != want[i] {
			if bad++; bad < 10 {
				t.Errorf("%s\n OTP  %s\n gerl %s", lines[i], got[i], want[i])
			}
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d differ", bad, len(got))
	}
}

// All forms of float printing equal OTP's.
func TestFloatTextAgainstOTP(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	var lines, want []string
	for range 6000 {
		f := randomFloat(r)
		d := r.Intn(22)
		lines = append(lines, fmt.Sprintf("{%d,%d}", math.Float64bits(f), d))
		w := string(AppendFloat(nil, f)) + " " + string(AppendFloatScientific(nil, f, d)) + " "
		if math.Abs(f) < 1e30 {
			w += string(AppendFloatDecimals(nil, f, d, false)) + " " + string(AppendFloatDecimals(nil, f, d, true))
		}
		want = append(want, w)
	}
	got := runErl(t, `
line(B) ->
    {I, D} = term(B),
    <<F/float>> = <<I:64>>,
    [io_lib:format("~w", [F]), " ", float_to_list(F, [{scientific, D}]), " ",
     case abs(F) < 1.0e30 of
        true -> [float_to_list(F, [{decimals, D}]), " ", float_to_list(F, [{decimals, D}, compact])];
        false -> ""
     end].
`, lines)
	compareLines(t, lines, got, want)
}

// Arithmetic and order of random numbers equal OTP's.
func TestArithmeticAgainstOTP(t *testing.T) {
	h := NewArena()
	r := rand.New(rand.NewSource(3))
	number := func() Term {
		for {
			if x := randomTerm(h, r, 0); x.IsNumber() {
				return x
			}
		}
	}
	names := []string{"+", "-", "*", "/", "div", "rem", "band", "bor", "bxor", "bsl", "bsr", "cmp", "trunc", "round", "floor", "ceil", "abs", "bnot", "float"}
	var lines, want []string
	for range 6000 {
		a, b := number(), number()
		op := names[r.Intn(len(names))]
		if (op == "/" || op == "float" || a.IsFloat() || b.IsFloat()) && op != "cmp" && (a.IsBig() || b.IsBig()) {
			continue // OTP 25 does not round bignums correctly, OTP 29 does
		}
		if strings.HasPrefix(op, "bs") {
			b = Int(r.Intn(300) - 150)
		}
		var x Term
		var err ArithError
		ok := true
		switch op {
		case "+":
			x, err = h.Add(a, b)
		case "-":
			x, err = h.Sub(a, b)
		case "*":
			x, err = h.Mul(a, b)
		case "/":
			x, err = h.Div(a, b)
		case "div":
			x, err = h.IntDiv(a, b)
		case "rem":
			x, err = h.Rem(a, b)
		case "band":
			x, err = h.Band(a, b)
		case "bor":
			x, err = h.Bor(a, b)
		case "bxor":
			x, err = h.Bxor(a, b)
		case "bsl":
			x, err = h.Bsl(a, b)
		case "bsr":
			x, err = h.Bsr(a, b)
		case "cmp":
			x = h.Tuple(Int(Compare(a, b)), Int(CompareKeys(a, b)), Bool(Equal(a, b)), Bool(ExactEqual(a, b)))
		case "trunc":
			x, ok = h.Trunc(a)
		case "round":
			x, ok = h.Round(a)
		case "floor":
			x, ok = h.Floor(a)
		case "ceil":
			x, ok = h.Ceil(a)
		case "abs":
			x, ok = h.Abs(a)
		case "bnot":
			x, err = h.Bnot(a)
		case "float":
			x, ok = h.ToFloatTerm(a)
		}
		w := [...]string{"", "badarith", "system_limit"}[err]
		if !ok {
			w = "badarg"
		} else if err == ArithOK {
			w = Format(x)
		}
		lines = append(lines, Format(h.Tuple(Intern(op), a, b)))
		want = append(want, w)
	}
	got := runErl(t, `
sign(A, B) when A < B -> -1; sign(A, B) when A > B -> 1; sign(_, _) -> 0.
keys(A, B) -> erts_internal:cmp_term(A, B).
line(L) ->
    {Op, A, B} = term(L),
    V = try
        case Op of
            cmp -> K = case keys(A, B) of X when X < 0 -> -1; X when X > 0 -> 1; X -> X end,
                   {sign(A, B), K, A == B, A =:= B};
            _ when Op =:= trunc; Op =:= round; Op =:= floor; Op =:= ceil; Op =:= abs; Op =:= 'bnot'; Op =:= float -> erlang:Op(A);
            _ -> erlang:Op(A, B)
        end
    catch error:R -> R end,
    io_lib:format("~w", [V]).
`, lines)
	compareLines(t, lines, got, want)
}
