package lint_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/parser"
)

// check lints a module and gives its diagnostics, a line each.
func check(t *testing.T, opts lint.Options, lines ...string) string {
	t.Helper()
	fset := diag.NewFileSet()
	file, _ := parser.ParseFile(fset, "m.erl", []byte(strings.Join(lines, "\n")+"\n"), parser.Options{})
	opts.Files = fset
	_, list := lint.Check(file, opts)
	var b strings.Builder
	require.NoError(t, diag.WriteBrief(&b, fset, lint.Order(fset, list).All()))
	return b.String()
}

// The messages themselves are compared with OTP's in testdata/chunks/lint_*.
// Errors of the parser come first, then others by place, then warnings.
func TestOrder(t *testing.T) {
	require.Equal(t, "m.erl:4:8: syntax error before: '.'\nm.erl:2:2: function g/0 undefined\nm.erl:3:12: variable 'Y' is unbound\nm.erl:3:8: Warning: variable 'X' is unused\n",
		check(t, lint.Options{}, "-module(m).", "-export([f/0, g/0]).", "f() -> X = Y.", "h() -> ."))
}

// Options of the command line come before those of the module.
func TestOptions(t *testing.T) {
	flags := lint.Options{Flags: map[string]bool{"nowarn_unused_vars": true}}
	require.Empty(t, check(t, flags, "-module(m).", "-export([f/0]).", "f() -> X = 1."))
	require.Equal(t, "m.erl:4:8: Warning: variable 'X' is unused\n",
		check(t, flags, "-module(m).", "-export([f/0]).", "-compile(warn_unused_vars).", "f() -> X = 1."))
}

// A behaviour that is none of OTP's is asked for.
func TestForeignBehaviour(t *testing.T) {
	opts := lint.Options{Behaviour: func(name string) *lint.Behaviour {
		if name != "mine" {
			return nil
		}
		return &lint.Behaviour{Callbacks: []lint.FunKey{{Name: "go", Arity: 1}}}
	}}
	require.Equal(t, "m.erl:2:2: Warning: undefined callback function go/1 (behaviour 'mine')\nm.erl:3:2: Warning: behaviour other undefined\n",
		check(t, opts, "-module(m).", "-behaviour(mine).", "-behaviour(other)."))
}

// A variable that 2000 nested cases bind costs no exponential time.
func TestDeepNesting(t *testing.T) {
	n := 2000
	body := strings.Repeat("case a of b -> ", n) + "X = 1, X" + strings.Repeat(" end", n)
	require.Empty(t, check(t, lint.Options{}, "-module(m).", "-export([f/0]).", "f() -> "+body+"."))
}

// What the linter allocates grows like the function's text, not like the
// square of the number of its variables.
func TestManyVariables(t *testing.T) {
	shapes := map[string]string{
		"chain": "V%d = g(V%d)",
		"case":  "V%d = case V%d of {X} -> X; _ -> 2 end",
		"fun":   "V%d = fun(X) -> V%d, X end",
		"try":   "V%d = try g(V%d) catch _ -> a end",
		"comp":  "V%d = [X || X <- V%d]",
		"list":  "V%d = [a, V%d]",
	}
	allocated := func(shape string, n int) uint64 {
		var b strings.Builder
		for i := 1; i < n; i++ {
			fmt.Fprintf(&b, strings.ReplaceAll(shape, "X", fmt.Sprintf("X%d", i))+",\n", i, i-1)
		}
		fset := diag.NewFileSet()
		text := fmt.Sprintf("-module(m).\n-export([f/1]).\ng(X) -> X.\nf(V0) ->\n%s[V%d, V1].\n", b.String(), n-1)
		file, list := parser.ParseFile(fset, "m.erl", []byte(text), parser.Options{})
		require.NoError(t, list.Err())
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, list = lint.Check(file, lint.Options{Files: fset})
		runtime.ReadMemStats(&after)
		require.NoError(t, list.Err())
		return after.TotalAlloc - before.TotalAlloc
	}
	for name, shape := range shapes {
		few, many := allocated(shape, 2000), allocated(shape, 20000)
		require.Less(t, many, 25*few, "%s: %d bytes for 2,000 variables, %d for 20,000", name, few, many)
	}
}
