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
