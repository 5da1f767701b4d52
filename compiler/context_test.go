package compiler_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const loops = `
-module(m).
-export([f/2, ws/1, c/1]).
f(<<C, R/binary>>, Acc) -> f(R, [C|Acc]);
f(<<>>, Acc) -> Acc.
ws(<<$\s, R/binary>>) -> ws(R);
ws(R) -> val(R).
val(<<C, R/binary>>) when C < $a -> [C | ws(R)];
val(_) -> [].
c(B) -> [X || <<X>> <= B].
`

// What remains of a bit string goes to the function that matches it on without a term being made.
func TestContextsArePassed(t *testing.T) {
	mod := compile(t, loops)
	for _, name := range []string{"f", "ws", "val"} {
		code := listing(t, mod, name)
		require.Contains(t, code, "accepts_match_context", name)
		// only what function_clause shows needs a term
		before, _, _ := strings.Cut(code, "return.")
		require.NotContains(t, before, "bs_get_tail", name)
	}
	code := listing(t, mod, "'-c/1-lc$^0/1-0-'")
	require.Contains(t, code, "accepts_match_context")
	require.NotContains(t, code, "bs_get_tail")
}

// A function that needs its parameter as a term on the way does not take contexts from callers that have none.
func TestNoContextWithoutRemainder(t *testing.T) {
	code := listing(t, compile(t, "-module(m).\n-export([f/1, g/1]).\nf(B) -> g(B).\ng(<<C, _/binary>> = B) -> {C, B}.\n"), "g")
	require.NotContains(t, code, "accepts_match_context")
	require.NotContains(t, code, "bs_get_tail")
}

// A receive for a reference made in the same function, or by a caller, starts at the place of the making.
func TestReceiveMarkers(t *testing.T) {
	mod := compile(t, `
-module(m).
-export([call/2, other/1, plain/1]).
call(P, M) -> R = make_ref(), P ! {R, self(), M}, receive {R, A} -> A after 5000 -> timeout end.
other(P) -> R = erlang:monitor(process, P), P ! R, wait(R, P).
wait(R, P) -> receive {R, A} -> A; {'DOWN', R, _, P, X} -> {down, X} end.
plain(R) -> receive {R, A} -> A; stop -> stop end.
`)
	require.Regexp(t, `(?s)recv_marker_reserve.*make_ref.*recv_marker_bind.*recv_marker_use.*loop_rec.*remove_message\.\s*\{recv_marker_clear`, listing(t, mod, "call"))
	require.Regexp(t, `(?s)recv_marker_reserve.*monitor.*recv_marker_bind`, listing(t, mod, "other"))
	require.Equal(t, 2, strings.Count(listing(t, mod, "wait"), "recv_marker_clear"))
	require.NotContains(t, listing(t, mod, "plain"), "recv_marker")
}

// A handler of exceptions begins with its own instruction, also where it is the place to clear a marker.
func TestReceiveMarkersInHandlers(t *testing.T) {
	mod := compile(t, `-module(m).
-export([f/2]).
f(Name, Message) ->
    Ref = make_ref(),
    try Name:send(Ref, Message) of
        ok -> receive {Ref, Reply} -> Reply end
    catch
        C:E:S -> exit({C, E, S})
    end.
`)
	require.Regexp(t, `(?s)\{try_case,.*recv_marker_clear`, listing(t, mod, "f"))
}

// The reference may come from a function of the module, and be waited for in another one; who waits last clears the marker.
func TestReceiveMarkersOfOthers(t *testing.T) {
	mod := compile(t, `
-module(m).
-export([many/2, made/1, named/1, old/2, flushed/1, paired/1, mixed/2]).
many(P, N) -> R = erlang:monitor(process, P), P ! {R, N}, L = gather(R, N, []), erlang:demonitor(R, [flush]), L.
gather(_, 0, L) -> L;
gather(R, N, L) -> receive {R, X} -> gather(R, N - 1, [X | L]) end.
made(P) -> R = ask(P, #{}), receive {R, A} -> A after 100 -> late end.
ask(P, M) -> R = erlang:make_ref(), P ! {self(), R, M}, io:nl(), io:nl(), io:nl(), R.
named(P) -> {_, R} = both(P), io:nl(), receive {'DOWN', R, _, _, X} -> X end.
both(P) -> R = ask(P, []), io:nl(), io:nl(), io:nl(), io:nl(), {new, R}.
old(P, R0) -> R = either(P, R0), receive {R, A} -> A end.
either(_, R) when is_reference(R) -> io:nl(), io:nl(), io:nl(), io:nl(), R;
either(P, _) -> ask(P, old).
paired(P) -> [_ | R] = pair(P), receive {R, A} -> A end.
pair(P) -> R = ask(P, pair), io:nl(), io:nl(), io:nl(), io:nl(), [P | R].
mixed(P, R0) -> R = one_of(P, R0), receive {R, A} -> A end.
one_of(P, R0) ->
    T = {ask(P, 1), R0},
    R = case io:nl() of ok -> element(1, T); _ -> element(2, T) end,
    io:nl(), io:nl(), io:nl(), io:nl(), R.
flushed(P) -> R = erlang:monitor(process, P), P ! R, erlang:demonitor(R, [flush]).
`)
	require.Regexp(t, `(?s)recv_marker_reserve.*monitor.*recv_marker_bind.*demonitor.*recv_marker_clear`, listing(t, mod, "many"))
	require.Regexp(t, `(?s)recv_marker_use.*remove_message`, listing(t, mod, "gather"))
	require.NotContains(t, listing(t, mod, "gather"), "recv_marker_clear")
	require.Regexp(t, `(?s)recv_marker_reserve.*\{call,2.*recv_marker_bind.*recv_marker_use.*recv_marker_clear.*recv_marker_clear`, listing(t, mod, "made"))
	require.NotContains(t, listing(t, mod, "ask"), "recv_marker")
	require.Regexp(t, `(?s)recv_marker_reserve.*\{call,1.*recv_marker_bind.*recv_marker_use`, listing(t, mod, "named"))
	require.Regexp(t, `(?s)recv_marker_reserve.*\{call,1.*recv_marker_bind.*recv_marker_use`, listing(t, mod, "paired"))
	require.NotContains(t, listing(t, mod, "old"), "recv_marker")
	require.NotContains(t, listing(t, mod, "mixed"), "recv_marker")
	require.Regexp(t, `(?s)recv_marker_reserve.*monitor.*recv_marker_bind`, listing(t, mod, "flushed"))
}
