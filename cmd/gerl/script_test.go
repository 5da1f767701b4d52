package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// names are those that the program is called by.
var names = []string{"erl", "erlc", "escript"}

var (
	memberLine = regexp.MustCompile(`(?m)^-- (\S+) --\n`)
	// what differs from run to run
	scriptName = regexp.MustCompile(`__escript__\d+__\d+__\d+__\d+`)
	dateLine   = regexp.MustCompile(`REPORT==== .* ===`)
	ownLine    = regexp.MustCompile(`\b(escript|init|erl_eval|gerl_run)\.erl:\d+`)
	ownTerm    = regexp.MustCompile(`\{file,"(\w+)\.erl"\},\{line,\d+\}`)
	anySize    = regexp.MustCompile(`\b(reductions|heap_size|stack_size): \d+`)
	anyPid     = regexp.MustCompile(`<0\.\d+\.\d+>`)
)

// install builds the program and puts links to it beside it.
func install(t *testing.T) (bin string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the scripts are for a POSIX shell")
	}
	bin = t.TempDir()
	gerl := filepath.Join(bin, "gerl")
	out, err := exec.Command("go", "build", "-o", gerl, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, n := range names {
		require.NoError(t, os.Symlink("gerl", filepath.Join(bin, n)))
	}
	return bin
}

// A script has commands for the shell behind "$ ", each followed by what it prints and, if that is not 0, its exit status in brackets.
// Files for the commands follow, each behind a line "-- NAME --".
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("../../testdata/cli/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	bin := install(t)
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(f)
			require.NoError(t, err)
			script, members := string(data), ""
			if loc := memberLine.FindStringIndex(script); loc != nil {
				script, members = script[:loc[0]], script[loc[0]:]
			}
			dir := t.TempDir()
			unpack(t, dir, members)
			have := play(t, script, dir, bin)
			if os.Getenv("GERL_UPDATE_SCRIPTS") != "" {
				require.NoError(t, os.WriteFile(f, []byte(have+members), 0o644))
				return
			}
			require.Equal(t, script, have)
		})
	}
}

func unpack(t *testing.T, dir, members string) {
	t.Helper()
	heads := memberLine.FindAllStringSubmatchIndex(members, -1)
	for i, h := range heads {
		end := len(members)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		file := filepath.Join(dir, members[h[2]:h[3]])
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(members[h[1]:end]), 0o755))
	}
}

// play carries out the commands of a script and gives the script with what they really print.
func play(t *testing.T, script, dir, bin string) string {
	t.Helper()
	var out strings.Builder
	for _, line := range strings.SplitAfter(script, "\n") {
		command, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "$ ")
		switch {
		case strings.HasPrefix(line, "#"):
			out.WriteString(line)
			continue
		case !ok:
			continue
		}
		out.WriteString(line)
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+bin+":/usr/bin:/bin", "HOME="+dir, "GERL_OTP=", "TERM=dumb", "ERL_FLAGS=", "ERL_AFLAGS=", "ERL_LIBS=")
		text, err := cmd.CombinedOutput()
		status := 0
		if err != nil {
			require.NotNil(t, cmd.ProcessState, "%v", err)
			status = cmd.ProcessState.ExitCode()
		}
		s := strings.ReplaceAll(strings.ReplaceAll(string(text), dir, "DIR"), bin, "BIN")
		s = scriptName.ReplaceAllString(s, "__escript__N")
		s = dateLine.ReplaceAllString(s, "REPORT==== T ===")
		s = ownLine.ReplaceAllString(s, "$1.erl:N")
		s = ownTerm.ReplaceAllString(s, `{file,"$1.erl"},{line,N}`)
		s = anySize.ReplaceAllString(s, "$1: N")
		s = anyPid.ReplaceAllString(s, "<PID>")
		out.WriteString(s)
		if s != "" && !strings.HasSuffix(s, "\n") {
			out.WriteString("(no newline)\n")
		}
		if status != 0 {
			out.WriteString("[" + strconv.Itoa(status) + "]\n")
		}
	}
	return out.String()
}
