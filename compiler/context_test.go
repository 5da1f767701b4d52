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
