// Package examples holds programs as they are written in a course on
// concurrent programming, one file each. The test runs every one with `gerl
// run` and compares the output with what Erlang/OTP printed, which is recorded
// in testdata/examples.
package examples

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gerl-lang/gerl/internal/testkit"
)

var update = flag.Bool("update", false, "record the outputs anew from Erlang/OTP")

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveGerl()
	os.Exit(code)
}

func programs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.erl")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d examples: %v", len(files), err)
	}
	return files
}

func recorded(file string) string {
	return filepath.Join("..", "testdata", "examples", strings.TrimSuffix(file, ".erl")+".out")
}

// run returns what the command prints on both outputs; it must exit with 0.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	timer := time.AfterFunc(60*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Every example prints under gerl what it prints under OTP.
func TestExamples(t *testing.T) {
	if *update {
		t.Skip("-update: gerl is not run")
	}
	gerl, err := testkit.BuildGerl()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range programs(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(recorded(file))
			if err != nil {
				t.Fatal(err)
			}
			if got := run(t, ".", gerl, "run", file); got != string(want) {
				t.Errorf("gerl run %s\n--- wanted\n%s--- got\n%s", file, want, got)
			}
		})
	}
}

// The recorded outputs are those of the Erlang/OTP on the PATH.
func TestExamplesOnOTP(t *testing.T) {
	if _, err := exec.LookPath("erl"); err != nil {
		t.Skip("no erl on the PATH: the recorded outputs are not compared with it")
	}
	for _, file := range programs(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			source, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			run(t, dir, "erlc", source)
			module := strings.TrimSuffix(file, ".erl")
			got := run(t, dir, "erl", "+sbwt", "none", "-noshell", "-eval", module+":main([]), halt().")
			if *update {
				if err := os.WriteFile(recorded(file), []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(recorded(file))
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s\n--- recorded\n%s--- erl prints\n%s", file, want, got)
			}
		})
	}
}
