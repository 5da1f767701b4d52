package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What differs from run to run and from one library to another, with what stands for it in a transcript.
var varying = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\((\w+)\.erl:\d+\)`), "($1.erl:N)"},
	{regexp.MustCompile(`<0\.\d+\.\d+>`), "<PID>"},
	{regexp.MustCompile(`REPORT==== .* ===`), "REPORT==== T ==="},
	{regexp.MustCompile(`erl_eval\.\d+\.\d+`), "erl_eval.N.N"},
	{regexp.MustCompile(`(?m)^Eshell.*\n`), ""},
}

// A session recorded from OTP 29, fed to gerl's shell, gives the same text. A file holds the input, a line of dashes, the text.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("../../testdata/shell/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	gerl := filepath.Join(t.TempDir(), "gerl")
	out, err := exec.Command("go", "build", "-o", gerl, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			text, err := os.ReadFile(f)
			require.NoError(t, err)
			input, want, ok := strings.Cut(string(text), "----\n")
			require.True(t, ok, "no line of dashes")
			cmd := exec.Command(gerl)
			cmd.Stdin = strings.NewReader(input)
			cmd.Env = append(os.Environ(), "TERM=dumb")
			have, err := cmd.CombinedOutput()
			require.NoError(t, err)
			got := string(have)
			for _, v := range varying {
				got = v.pattern.ReplaceAllString(got, v.name)
			}
			require.Equal(t, strings.TrimSpace(want), strings.TrimSpace(got))
		})
	}
}
