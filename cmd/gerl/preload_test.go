//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A module that is loaded ahead but not needed costs time and memory at each start. With one worker nothing is loaded ahead.
func TestPreloadedModulesAreNeeded(t *testing.T) {
	bin := install(t)
	gerl := filepath.Join(bin, "gerl")
	missing := func(modules []string) string {
		return `[M || M <- [` + strings.Join(modules, ",") + `], not erlang:module_loaded(M)]`
	}
	script := func(modules []string) string {
		file := filepath.Join(t.TempDir(), "a.escript")
		require.NoError(t, os.WriteFile(file, []byte("#!/usr/bin/env escript\nmain(_) -> io:format(\"\"), io:format(\"missing ~w~n\", ["+missing(modules)+"]).\n"), 0o644))
		return file
	}
	t.Setenv("GERL_WORKERS", "1")
	for name, args := range map[string][]string{
		"eval":    {"-noshell", "-eval", `io:format(""), io:format("missing ~w~n", [` + missing(evalModules) + `]), halt().`},
		"escript": {"escript", script(scriptModules)},
		"run":     {"run", script(programModules)},
	} {
		out, err := exec.Command(gerl, args...).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, "missing []\n", string(out), name)
	}
}
