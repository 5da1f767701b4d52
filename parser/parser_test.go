package parser

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

func scan(t testing.TB, text string) (*diag.FileSet, []lexer.Token) {
	fset := diag.NewFileSet()
	toks, err := lexer.NewScanner(fset.AddFile("t.erl", []byte(text)), lexer.Options{}).Form(nil)
	if err != nil {
		t.Fatalf("scan %q: %v", text, err)
	}
	return fset, toks
}

// The grammar in participle and the direct dispatch read functions alike.
func TestGrammarReadsFunctions(t *testing.T) {
	for _, text := range []string{
		"f(X) when X > 1; X =:= a -> {X, [Y || Y <- X]}; f(_) -> ok.",
		"f() -> case X of end.", "f(", "f", "f() -> a b.", "f() -> ok",
	} {
		fset, toks := scan(t, text)
		form1, err1 := ParseForm(fset, toks)
		p := newState(fset, terminated(fset, toks))
		var form2 ast.Form
		err2 := p.run(func() { form2 = p.formByGrammar() })
		require.Equal(t, err1, err2, text)
		if err1 == nil {
			require.True(t, reflect.DeepEqual(form1, form2), text)
		}
	}
}

// Expressions that only lack more input are told apart from wrong ones.
func TestIncomplete(t *testing.T) {
	for text, want := range map[string]bool{
		"f(": true, "case X of": true, "X = ": true, "1 + 2": true,
		"f(.": false, "1 2": false, "end": false,
	} {
		fset, toks := scan(t, text)
		_, err := ParseExprs(fset, toks)
		require.NotNil(t, err, text)
		require.Equal(t, want, Incomplete(err, toks), text)
	}
	fset, toks := scan(t, "X = 1, Y.")
	exprs, err := ParseExprs(fset, toks)
	require.Nil(t, err)
	require.Len(t, exprs, 2)
}

// A term is one constant expression.
func TestParseTerm(t *testing.T) {
	for text, want := range map[string]string{
		`{a, [1|b], "s", #{k => -1}, <<1,"x">>, fun m:f/1}.`: "",
		"a, b.": "bad term", "X.": "bad term", "f().": "bad term", "1 + 2.": "bad term", "{a": "syntax error before: ",
	} {
		fset, toks := scan(t, text)
		_, err := ParseTerm(fset, toks)
		if want == "" {
			require.Nil(t, err, text)
		} else {
			require.Equal(t, want, err.Text, text)
		}
	}
}

// Nesting and chains beyond the bounds are errors, below them they work.
func TestDepth(t *testing.T) {
	const deep = maxDepth + 10
	for name, text := range map[string]string{
		"parentheses": "f() -> " + strings.Repeat("(", deep) + "a" + strings.Repeat(")", deep) + ".",
		"lists":       "f() -> " + strings.Repeat("[", deep),
		"cases":       "f() -> " + strings.Repeat("case X of a -> ", deep) + "b" + strings.Repeat(" end", deep) + ".",
		"patterns":    "f(" + strings.Repeat("(", deep),
		"types":       "-type t() :: " + strings.Repeat("{", deep),
		"binaries":    "f() -> " + strings.Repeat("<<", deep),
		"catch":       "f() -> " + strings.Repeat("catch ", deep),
		"append":      "f() -> " + strings.Repeat("a ++ ", deep) + "b.",
		"unary":       "f() -> " + strings.Repeat("- ", deep) + "b.",
	} {
		fset, toks := scan(t, text)
		_, err := ParseForm(fset, toks)
		require.NotNil(t, err, name)
		require.Contains(t, err.Text, "levels deep", name)
	}
	fset, toks := scan(t, "f() -> "+strings.Repeat("1 + ", maxChain+10)+"1.")
	_, err := ParseForm(fset, toks)
	require.Contains(t, err.Text, "operators in a row")
	fset, toks = scan(t, "f() -> ["+strings.Repeat("1, ", 300000)+"1] ++ "+strings.Repeat("[", maxDepth/2)+strings.Repeat("]", maxDepth/2)+".")
	_, err = ParseForm(fset, toks)
	require.Nil(t, err)
}

// Long chains whose tokens are all at one place, as in a macro's expansion,
// take linear time.
func TestChainsInMacros(t *testing.T) {
	text := "-define(C, f" + strings.Repeat("()", 50000) + ").\n-define(M, " + strings.Repeat("a = ", 10000) + "b).\n" +
		"f() -> ?C, ?M.\n"
	_, list := ParseFile(diag.NewFileSet(), "m.erl", []byte(text), Options{})
	require.NoError(t, list.Err())
}

// Every expression node has its position inside the text.
func TestPositionsInside(t *testing.T) {
	fset, toks := scan(t, "f(A) -> A + begin B, [C || C <- D] end.")
	form, err := ParseForm(fset, toks)
	require.Nil(t, err)
	ast.Walk(form, func(n ast.Node) bool {
		require.NotNil(t, fset.File(n.Pos()), "%T", n)
		return true
	})
}

func FuzzParseFile(f *testing.F) {
	for _, s := range []string{
		"-module(a).\n-record(r, {a = 1 :: integer()}).\nf(#r{a=X}) -> try X of Y -> Y catch _:_:_ -> ok end.\n",
		"-define(A(X), ??X).\n-if(?OTP_RELEASE > 1).\nf() -> ?A(a).\n-endif.\n",
		"-spec f(X) -> Y when X :: #{a := b}, Y :: <<_:8>>.\nf() -> ~\"a\", \"\"\"\n a\n \"\"\", 16#f.f#e1, $\\x{41}.",
		"f() -> maybe a ?= b else c -> d end, #{a => 1 || {b, c} <:- d && e <- f}.",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fset := diag.NewFileSet()
		file, list := ParseFile(fset, "f.erl", []byte(text), Options{ReadFile: func(string) ([]byte, error) {
			return nil, os.ErrNotExist
		}})
		for _, form := range file.Forms {
			ast.Walk(form, func(n ast.Node) bool {
				fset.Position(n.Pos())
				return true
			})
		}
		var b strings.Builder
		if err := diag.WriteText(&b, fset, list.All()); err != nil {
			t.Fatal(err)
		}
	})
}

// sample is a program of some length for the benchmarks.
func sample() string {
	var b strings.Builder
	b.WriteString("-module(sample).\n-export([f/2]).\n-record(state, {name :: atom(), items = [] :: [integer()]}).\n")
	for i := range 2000 {
		fmt.Fprintf(&b, `
%% A comment about function %d.
-spec handle_%d(Request :: term(), #state{}) -> {reply, term(), #state{}}.
handle_%d({lookup, Key, Default}, #state{items = Items} = State) when is_atom(Key), Default =/= undefined ->
    case lists:keyfind(Key, 1, Items) of
        {Key, Value} ->
            {reply, {ok, Value + %d * 2}, State};
        false ->
            {reply, {error, "not found", <<Key/binary, 16#ff:8>>}, State#state{items = [X || {_, X} <- Items]}}
    end;
handle_%d(_Other, State) ->
    {noreply, State}.
`, i, i, i, i, i)
	}
	return b.String()
}

func BenchmarkParseFile(b *testing.B) {
	text := []byte(sample())
	b.SetBytes(int64(len(text)))
	lines := strings.Count(string(text), "\n")
	for b.Loop() {
		_, list := ParseFile(diag.NewFileSet(), "sample.erl", text, Options{})
		if list.Len() > 0 {
			b.Fatal(list.Err())
		}
	}
	b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "lines/s")
}

func BenchmarkScan(b *testing.B) {
	text := []byte(sample())
	b.SetBytes(int64(len(text)))
	lines := strings.Count(string(text), "\n")
	file := diag.NewFileSet().AddFile("sample.erl", text)
	for b.Loop() {
		s := lexer.NewScanner(file, lexer.Options{})
		var toks []lexer.Token
		for {
			var err *lexer.Error
			if toks, err = s.Form(toks[:0]); err != nil {
				b.Fatal(err)
			}
			if toks[len(toks)-1].Kind == lexer.EOF {
				break
			}
		}
	}
	b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "lines/s")
}
