package compiler_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/stretchr/testify/require"
)

// compile compiles a module and has its code validated.
func compile(t *testing.T, text string) *beam.Module {
	t.Helper()
	mod, _, list, _ := compiler.CompileText("m.erl", []byte(text), compiler.Options{})
	for _, d := range list.All() {
		require.NotEqual(t, "error", d.Severity.String(), d.Text)
	}
	require.NotNil(t, mod)
	_, err := beam.Validate(mod)
	require.NoError(t, err, "%s", mod.Assembly(beam.OTP25))
	return mod
}

// listing is the assembly of one function.
func listing(t *testing.T, mod *beam.Module, name string) string {
	t.Helper()
	text := string(mod.Assembly(beam.OTP25))
	_, text, ok := strings.Cut(text, "{function, "+name+",")
	require.True(t, ok, "no function %s", name)
	text, _, _ = strings.Cut(text, "{function, ")
	return text
}

const programs = `
-module(m).
-export([f/1, main/0]).
-record(r, {a = 1, b, c}).
id(X) -> X.
f(X) -> {f, X}.
%% The two ways into the join make their frames at different places; every
%% value must lie in the same stack slot after it.
slots(C, A, B, F) ->
    X = case C of true -> F(A); false -> none end,
    {f(X), A, B, f(A), B}.
%% The same for values that two regions with frames of their own use.
regions(M, A, B, C) ->
    S = if M < 0 -> M; true -> f(C) end,
    case A of
        x -> [B | f(S)];
        y -> f({C, f(B), S});
        z -> [C | f(f(C))]
    end.
%% Nested handlers: the inner one's catch tag lies below the outer one's.
nested(X) ->
    try
        try f(X), error(X)
        catch throw:Y -> f(Y)
        after f(1) end
    catch C:E:S -> {C, E, is_list(S), (catch f(throw(E)))}
    after f(2) end.
%% What a receive takes out of a message goes to the stack after remove_message,
%% in one place for all clauses.
taken() ->
    self() ! {a, 1, 2}, self() ! {b, 3, 4},
    {X, Y} = receive {a, P, Q} -> f(P), {Q, P}; {b, P, Q} -> f(Q), {P, Q} after 1000 -> {0, 0} end,
    Z = receive {b, P2, Q2} -> receive none -> P2 after 0 -> f({P2, Q2}) end after 1000 -> late end,
    {X, Y, Z}.
%% An empty map as a pattern matches every map, also inside other constants.
anymap(T) -> case T of {#{}, #{}} -> maps; {1, #{}} -> one; _ -> other end.
sent(P) -> P ! hello, ok.
bits(<<1, 2, X:16/little, R/binary>>) -> {X, R};
bits(<<1, N, B:N/binary, C/utf8, R/bitstring>>) -> {N, B, C, R};
bits(<<3:4, R/bits>>) -> {four, R};
bits(B) -> {rest, B}.
comp(L) -> {[{X, Y} || {X, Z} <- L, Y <- Z, X > 1], << <<X:4>> || {X, _} <- L >>, #{K => V || {K, V} <- L}}.
named(N) -> F = fun G(0, A) -> A; G(K, A) -> G(K - 1, [N, K | A]) end, F(3, []).
rec(#r{a = A} = R) when R#r.b =:= undefined -> R#r{b = A, c = [R#r.a]}.
tree({a, 1}) -> 1; tree({X, 2}) when X > 0 -> 2; tree({b, _}) -> 3; tree([a | T]) -> T; tree("abc") -> 4;
tree(1.5) -> 5; tree(<<"x">>) -> 6; tree(#{k := V, l := 2}) -> V; tree(#{k := V}) -> {k, V}; tree(_) -> none.
strict(X) -> try {ok, lists:map(fun({K, V}) -> {V, K} end, X)} catch error:function_clause -> no end.
main() ->
    {slots(id(true), 1, 2, fun id/1), slots(id(false), 1, 2, fun id/1),
     [regions(id(M), id(A), 2, 3) || M <- [-1, 1], A <- [x, y, z]],
     nested(7), taken(), [anymap(id(T)) || T <- [{#{a => 1}, #{}}, {1, #{b => 2}}, {2, #{}}]], sent(self()),
     [bits(id(B)) || B <- [<<1, 2, 3, 4, 5>>, <<1, 2, 3, 4:4>>, <<1, 1, 9, "é!"/utf8>>, <<3:4, 1:2>>, <<>>]],
     comp([{1, [a]}, {2, [b, c]}, {3, []}]), named(1), rec(#r{}),
     [tree(id(T)) || T <- [{a, 1}, {a, 2}, {1, 2}, {b, 2}, {b, 9}, [a, b], "abc", 1.5, <<"x">>, #{k => 1, l => 2}, #{k => 1}, 7]],
     strict([{1, 2}]), strict([3]), (catch (id([]))#{a => 1}), (catch id(a) + 1)}.
`

// Code of many constructs is valid: frames, slots, tags, live registers.
func TestValid(t *testing.T) { compile(t, programs) }

// The same source gives the same file, byte for byte.
func TestDeterministic(t *testing.T) {
	a, err := beam.Write(compile(t, programs), beam.WriteOptions{})
	require.NoError(t, err)
	b, err := beam.Write(compile(t, programs), beam.WriteOptions{})
	require.NoError(t, err)
	require.True(t, bytes.Equal(a, b))
}

// gerl's code does on OTP what OTP's own compiler's code does.
func TestSameAsErlc(t *testing.T) {
	if _, err := exec.LookPath("erlc"); err != nil {
		t.Skip("no erlc on the PATH")
	}
	// OTP 25 has no map comprehensions
	text := strings.Replace(programs, ", #{K => V || {K, V} <- L}}", "}", 1)
	run := func(dir string) string {
		out, err := exec.Command("erl", "-noshell", "-pa", dir, "-eval", `io:format("~0p~n", [m:main()]), halt().`).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	theirs, ours := t.TempDir(), t.TempDir()
	source := filepath.Join(theirs, "m.erl")
	require.NoError(t, os.WriteFile(source, []byte(text), 0o600))
	cmd := exec.Command("erlc", "m.erl") // the name stands in stack traces
	cmd.Dir = theirs
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	data, err := beam.Write(compile(t, text), beam.WriteOptions{})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(ours, "m.beam"), data, 0o600))
	require.Equal(t, run(theirs), run(ours))
}

// Calls in tail position leave no frame; the last call of a case does, too.
func TestTailCalls(t *testing.T) {
	mod := compile(t, "-module(m).\n-export([a/2, b/1]).\na([H|T], A) -> a(T, [H|A]); a([], A) -> b(A).\n"+
		"b(X) -> case lists:reverse(X) of [] -> a(X, X); L -> lists:sort(L) end.\n")
	require.NotContains(t, listing(t, mod, "a"), "allocate")
	b := listing(t, mod, "b")
	require.Contains(t, b, "call_last")
	require.Contains(t, b, "call_ext_last")
}

// A frame is made only on the ways that need one.
func TestShrinkWrap(t *testing.T) {
	code := listing(t, compile(t, "-module(m).\n-export([f/1]).\nf([H|T]) -> [H|f(T)]; f([]) -> [].\n"), "f")
	require.Less(t, strings.Index(code, "is_nonempty_list"), strings.Index(code, "allocate"))
	require.Equal(t, 1, strings.Count(code, "deallocate"))
}

// Between the label that loop_rec names and wait_timeout there is nothing.
func TestWaitHasItsLabel(t *testing.T) {
	code := listing(t, compile(t, "-module(m).\n-export([f/0]).\nf() -> receive a -> 1 after 10 -> 2 end.\n"), "f")
	require.Regexp(t, `\{label,\d+\}\.\n\s*\{wait_timeout`, code)
}

// Tuples that are only matched are never built.
func TestNoTupleForCase(t *testing.T) {
	code := listing(t, compile(t, "-module(m).\n-export([f/2]).\nf(A, B) -> case {A, B} of {1, 2} -> x; {_, 3} -> y; _ -> z end.\n"), "f")
	require.NotContains(t, code, "put_tuple2")
}

// Many clauses become one jump table.
func TestSelect(t *testing.T) {
	code := listing(t, compile(t, "-module(m).\n-export([f/1]).\nf(a) -> 1; f(b) -> 2; f({x, Y}) -> Y; f(c) -> 3; f(7) -> 4; f(8) -> 5; f({z, Y}) -> [Y].\n"), "f")
	require.Equal(t, 3, strings.Count(code, "select_val"))
}

// Keys of a map pattern are fetched together.
func TestOneLookup(t *testing.T) {
	code := listing(t, compile(t, "-module(m).\n-export([f/1]).\nf(#{a := A, b := B, c := 3}) -> A + B.\n"), "f")
	require.Equal(t, 1, strings.Count(code, "get_map_elements"))
}

// A function that never returns leaves no trace in its callers.
func TestDeadEnd(t *testing.T) {
	code := listing(t, compile(t, "-module(m).\n-export([f/1]).\nf(X) -> {g(X), X}.\ng(X) -> error({bad, X}).\n"), "f")
	require.Contains(t, code, "call_only")
	require.NotContains(t, code, "allocate")
}

// OTP's loader refuses hd and tl of a literal in a guard.
func TestHeadOfLiteral(t *testing.T) {
	code := listing(t, compile(t, "-module(m).\n-export([f/1]).\nf(X) when hd([a, b]) =:= X; tl([a, b]) =:= X -> X.\n"), "f")
	require.Regexp(t, `\{bif,hd,\{f,\d+\},\[\{x,`, code)
	require.Regexp(t, `\{bif,tl,\{f,\d+\},\[\{x,`, code)
}
