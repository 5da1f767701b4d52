package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The flags +fnu say what comes of names that are no text.
func TestBadFileNames(t *testing.T) {
	bin, dir := install(t), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), nil, 0o644))
	if err := os.WriteFile(filepath.Join(dir, "b\xff"), nil, 0o644); err != nil {
		t.Skip(err) // not everywhere are names bytes
	}
	for flag, want := range map[string]string{
		"+fnui": `^\{ok,\["a"\]\} \{ok,\["a",<<"b\S+">>\]\}$`,
		"+fnue": `^\{error,\{no_translation,<<"b\S+">>\}\} \{ok,\["a",<<"b\S+">>\]\}$`,
		"+fnuw": `(?s)Non-unicode filename <<"b\S+">> ignored\n.*\{ok,\["a"\]\}|\{ok,\["a"\]\}.*Non-unicode filename <<"b\S+">> ignored\n`,
	} {
		cmd := exec.Command(filepath.Join(bin, "erl"), flag, "-noshell", "-eval",
			`S = fun({ok, L}) -> {ok, lists:sort(L)}; (E) -> E end, io:format("~p ~p", [S(file:list_dir(".")), S(file:list_dir_all("."))]), init:stop().`)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Regexp(t, want, string(out), flag)
	}
}
