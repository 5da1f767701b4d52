package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gerl-lang/gerl/internal/testkit"
)

var update = flag.Bool("update", false, "record the results of the small sizes anew from Erlang/OTP")

const smallResults = "testdata/small"

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	testkit.RemoveGerl()
	os.Exit(code)
}

// smallPrograms is a folder with the programs in small sizes.
func smallPrograms(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("programs")); err != nil {
		t.Fatal(err)
	}
	sizes := filepath.Join(dir, "sizes.hrl")
	text, err := os.ReadFile(sizes)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sizes, append([]byte("-define(small, true).\n"), text...), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The programs of the benchmark print what they print with OTP. In their small sizes they get through under every switch of the
// machine (GERL_DEBUG) and with any number of workers (GERL_WORKERS).
func TestSmallPrograms(t *testing.T) {
	dir := smallPrograms(t)
	command := recorder(t, dir)
	var got strings.Builder
	for _, group := range [][]benchmark{sequential, concurrent} {
		for _, b := range group {
			out, err := run1(command, b.name)
			if err != nil {
				t.Errorf("%s: %v\n%s", b.name, err, out)
			}
			fmt.Fprintf(&got, "%s: %s", b.name, out)
		}
	}
	if *update {
		if err := os.WriteFile(smallResults, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(smallResults)
	if err != nil {
		t.Fatal(err)
	}
	wanted, lines := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
	for i, line := range lines {
		if i >= len(wanted) || line != wanted[i] {
			t.Errorf("gerl prints\n\t%s\n%s has\n\t%s", line, smallResults, strings.Join(wanted[i:min(i+1, len(wanted))], ""))
		}
	}
}

type mainCommand func(ctx context.Context, module string) *exec.Cmd

// recorder compiles the programs and tells how one is run: with gerl, or with OTP when the results are recorded.
func recorder(t *testing.T, dir string) mainCommand {
	t.Helper()
	if *update {
		otp, err := testkit.FindOTP("")
		if err != nil || otp == nil {
			t.Fatalf("no erl on the PATH to record from: %v", err)
		}
		if said, err := otp.CompileAll(dir); err != nil || said != "" {
			t.Fatalf("erlc: %v\n%s", err, said)
		}
		return func(ctx context.Context, module string) *exec.Cmd {
			return exec.CommandContext(ctx, "erl", "-noshell", "-pa", dir, "-run", module, "main", "1", "-run", "erlang", "halt")
		}
	}
	bin, err := testkit.BuildGerl()
	if err != nil {
		t.Fatal(err)
	}
	gerl := testkit.Gerl{Bin: bin}
	if said, err := gerl.CompileAll(dir); err != nil || said != "" {
		t.Fatalf("gerl compile: %v\n%s", err, said)
	}
	return func(ctx context.Context, module string) *exec.Cmd {
		cmd := gerl.Main(ctx, dir, module, "1")
		cmd.Args = append(cmd.Args, "-run", "erlang", "halt")
		return cmd
	}
}

func run1(command mainCommand, module string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := command(ctx, module)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
