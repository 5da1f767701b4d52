package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A profile names Erlang functions, and Go's own tool reads it.
func TestProfile(t *testing.T) {
	bin, dir := install(t), t.TempDir()
	program := filepath.Join(dir, "hot.erl")
	require.NoError(t, os.WriteFile(program, []byte(`-module(hot).
-export([main/0]).
main() -> io:format("~w~n", [fib(28)]).
fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
`), 0o644))
	file := filepath.Join(dir, "cpu.pb.gz")
	for _, options := range [][]string{{}, {"--seed", "1"}} {
		args := append(append([]string{"run", "--profile", file}, options...), program)
		out, err := exec.Command(filepath.Join(bin, "gerl"), args...).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, "317811\n", string(out))
		text, err := exec.Command("go", "tool", "pprof", "-top", file).CombinedOutput()
		require.NoError(t, err, string(text))
		require.Regexp(t, `(?m)^\s+\d\S+\s.*hot:fib/1$`, string(text))
		require.Regexp(t, `hot:main/0\n`, string(text))
		lines, err := exec.Command("go", "tool", "pprof", "-lines", "-top", file).CombinedOutput()
		require.NoError(t, err, string(lines))
		require.Regexp(t, `hot:fib/1 .*hot\.erl:5`, string(lines))
	}
}
