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

// place is where something happened in a library's source; the end of the terminal's line may come anywhere in it.
var place = regexp.MustCompile(`\([\w\n]+\.\n?e\n?r\n?l\n?:\n?\d[\d\n]*\)`)

var (
	prompt = regexp.MustCompile(`(?m)^(\(\S+\))?\d+> `)
	report = regexp.MustCompile(`(?m)^=[A-Z]+ REPORT==== T ===\n(?:.+\n)*\n?`)
)

// reportsLast moves the logger's reports behind whatever else is shown between two prompts: the shell and the logger are
// two processes that write to one terminal, and which of them comes first is settled neither by gerl nor by OTP.
func reportsLast(session string) string {
	var b strings.Builder
	starts := append(prompt.FindAllStringIndex(session, -1), []int{len(session)})
	b.WriteString(session[:starts[0][0]])
	for i, start := range starts[:len(starts)-1] {
		answer := session[start[0]:starts[i+1][0]]
		b.WriteString(report.ReplaceAllString(answer, ""))
		b.WriteString(strings.Join(report.FindAllString(answer, -1), ""))
	}
	return b.String()
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
			session := func(quiet time.Duration) string {
				env := []string{"TERM=xterm", "GERL_HISTORY=", "GERL_HINTS=off", "HOME=" + t.TempDir(), "LANG=C.UTF-8"}
				have := talk(t, command, env, input, quiet)
				have = place.ReplaceAllStringFunc(have, func(s string) string { return strings.ReplaceAll(s, "\n", "") })
				for _, v := range varying {
					have = v.pattern.ReplaceAllString(have, v.name)
				}
				if i := strings.Index(have, "1> "); i > 0 {
					have = have[i:] // without the banner
				}
				return have
			}
			have := session(quiet)
			if gerl == "" {
				require.NoError(t, os.WriteFile(f, []byte(input+"----\n"+have), 0o644))
				return
			}
			if want, have = reportsLast(want), reportsLast(have); want != have {
				// On a loaded machine a report may come after the next line was typed: give everything more time, once.
				have = reportsLast(session(10 * quiet))
			}
			require.Equal(t, want, have)
		})
	}
}

func TestReportsLast(t *testing.T) {
	report := "=ERROR REPORT==== T ===\nError in process <PID> with exit value:\noops\n\n"
	require.Equal(t, "1> f().\n** exception exit: oops\n"+report+"2> g().\nok\n"+report+"3> ",
		reportsLast("1> f().\n"+report+"** exception exit: oops\n2> g().\nok\n"+report+"3> "))
	require.Equal(t, "no prompt", reportsLast("no prompt"))
}
