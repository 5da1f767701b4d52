//go:build linux

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What differs from run to run and from one library to another, with what stands for it in a transcript.
var varying = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\((\w+)\.erl:\d+\)`), "($1.erl:N)"},
	{regexp.MustCompile(`<\d+\.\d+\.\d+>`), "<PID>"},
	{regexp.MustCompile(`#Ref<[\d.]+>`), "#Ref<N>"},
	{regexp.MustCompile(`#Port<[\d.]+>`), "#Port<N>"},
	{regexp.MustCompile(`REPORT==== .* ===`), "REPORT==== T ==="},
	{regexp.MustCompile(`erl_eval\.\d+\.\d+`), "erl_eval.N.N"},
	{regexp.MustCompile(`\{(erl_eval|shell),(\w+),(\d),\s*\[\{file,"\w+\.erl"\},\s*\{line,\d+\}\]\}`), "{$1,$2,$3,[N]}"},
	{regexp.MustCompile(`\{file,"(lists|maps|gen|gen_server|gen_statem|gen_event|proc_lib)\.erl"\},\s*\{line,\d+\}`), `{file,"$1.erl"},{line,N}`},
	{regexp.MustCompile(`erl_eval:'-\w+/\d+-fun-\d+-'/0`), "erl_eval:FUN/0"},
	{regexp.MustCompile(`ancestors: \[[^\]]*\]`), "ancestors: [...]"},
	{regexp.MustCompile(`(heap_size|stack_size|reductions): \d+`), "$1: N"},
	{regexp.MustCompile(`(?m)^Eshell.*$`), "Eshell"},
}

// recordWith names the variable with the command of an erl (Erlang/OTP 29) that records the transcripts anew.
const recordWith = "GERL_RECORD_SHELL"

// Sessions recorded from OTP 29 give the same text when they are typed at gerl. A file holds what is typed, a line of
// dashes, and what the terminal shows.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("../../testdata/shell/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	record := strings.Fields(os.Getenv(recordWith))
	gerl := ""
	if len(record) == 0 {
		gerl = filepath.Join(install(t), "gerl")
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			if gerl != "" {
				t.Parallel()
			}
			text, err := os.ReadFile(f)
			require.NoError(t, err)
			input, want, _ := strings.Cut(string(text), "----\n")
			command, quiet := record, 150*time.Millisecond
			if gerl != "" {
				command, quiet = []string{gerl}, 40*time.Millisecond
			}
			env := []string{"TERM=xterm", "GERL_HISTORY=", "GERL_HINTS=off", "HOME=" + t.TempDir(), "LANG=C.UTF-8"}
			have := talk(t, command, env, input, quiet)
			for _, v := range varying {
				have = v.pattern.ReplaceAllString(have, v.name)
			}
			if i := strings.Index(have, "1> "); i > 0 {
				have = have[i:] // without the banner
			}
			if gerl == "" {
				require.NoError(t, os.WriteFile(f, []byte(input+"----\n"+have), 0o644))
				return
			}
			require.Equal(t, want, have)
		})
	}
}
