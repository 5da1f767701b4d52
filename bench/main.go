// Command bench compares gerl with Erlang/OTP: it runs the programs of
// bench/programs with both, in turn, and prints gerl's cost as a multiple of
// OTP's.
//
//	go run ./bench                     all programs, table to the terminal
//	go run ./bench -write              the table goes to docs/benchmarks.md too
//	go run ./bench -rounds 9 fib trees some programs
//
// What is measured is CPU time (user and system, of the whole process), since
// wall-clock time on a shared machine says little. A program's cost is that of
// its process minus the median cost of the program start_up with the same
// implementation. The implementations take turns, and the ratio of a program
// is the median of the ratios of its rounds, so that a slow minute of the
// machine hurts both sides alike. Both must print the same.
//
// It may import internal/testkit, which knows how to build and call gerl.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gerl-lang/gerl/internal/testkit"
)

// A benchmark is one of bench/programs with the ratio it should stay below;
// 0 where none is set.
type benchmark struct {
	name   string
	what   string
	target float64
}

var benchmarks = []benchmark{
	{"fib", "calls, small integers: fib(38)", 3},
	{"tak", "calls with three arguments: 50 x tak(24, 16, 8)", 3},
	{"nrev", "naive reverse of 30 elements, 150,000 times", 3},
	{"countdown", "an empty loop, 200 million rounds", 3},
	{"mapfold", "lists:seq, map and foldl over 200,000 elements, 60 times", 3},
	{"trees", "binary trees of depth 16, 200 built and counted", 0},
	{"ring", "1.5 million messages through a ring of 100 processes", 0.7},
	{"spawn_exit", "500,000 processes spawned, one message each, exit", 0.7},
	{"ping_pong", "500,000 calls with a fresh reference between two processes", 0},
}

const (
	startUpTarget = 0.2
	memoryTarget  = 1331 // bytes: 1.3 KiB
	million       = 1_000_000
)

// A side is one of the two implementations.
type side struct {
	name    string
	version string
	dir     string // of its compiled programs
	command func(dir, module, argument string) *exec.Cmd
	idle    float64 // seconds of CPU time that start_up takes
}

var otpFlags = []string{"+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"}

func main() {
	rounds := flag.Int("rounds", 5, "how often each program runs with each implementation")
	write := flag.Bool("write", false, "write the table to docs/benchmarks.md")
	memory := flag.Bool("memory", true, "measure the memory of a million waiting processes")
	flag.Parse()
	if err := run(*rounds, *write, *memory, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(rounds int, write, memory bool, only []string) error {
	root, err := testkit.ModuleRoot()
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "gerl-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	gerl, otp, err := prepare(root, temp)
	if err != nil {
		return err
	}
	defer testkit.RemoveGerl()
	report, err := measure(gerl, otp, rounds, memory, only)
	if err != nil {
		return err
	}
	text := heading(gerl, otp, rounds) + report
	fmt.Print(text)
	if write {
		return os.WriteFile(filepath.Join(root, "docs", "benchmarks.md"), []byte(text), 0o644)
	}
	return nil
}

// prepare builds gerl, looks for erl and compiles the programs with both.
func prepare(root, temp string) (gerl, otp *side, err error) {
	bin, err := testkit.BuildGerl()
	if err != nil {
		return nil, nil, err
	}
	found, err := testkit.FindOTP("")
	if err != nil {
		return nil, nil, err
	}
	if found == nil {
		return nil, nil, errors.New("no erl on the PATH to compare with; scripts/install-otp.sh installs one")
	}
	gerl = &side{name: "gerl", version: revision(root), dir: filepath.Join(temp, "gerl"),
		command: func(dir, module, argument string) *exec.Cmd {
			cmd := testkit.Gerl{Bin: bin}.Main(context.Background(), dir, module, argument)
			cmd.Args = append(cmd.Args, "-run", "erlang", "halt")
			return cmd
		}}
	otp = &side{name: "OTP", version: output("erl", "-noshell", "-eval",
		`io:format("~s, ERTS ~s, ~s", [erlang:system_info(otp_release), erlang:system_info(version), erlang:system_info(emu_flavor)]), halt().`),
		dir: filepath.Join(temp, "otp"),
		command: func(dir, module, argument string) *exec.Cmd {
			return exec.Command("erl", append(slices.Clone(otpFlags), "+P", "2000000", "-noshell", "-pa", dir,
				"-run", module, "main", argument, "-run", "erlang", "halt")...)
		}}
	for _, s := range []*side{gerl, otp} {
		if err := os.CopyFS(s.dir, os.DirFS(filepath.Join(root, "bench", "programs"))); err != nil {
			return nil, nil, err
		}
	}
	if said, err := (testkit.Gerl{Bin: bin}).CompileAll(gerl.dir); err != nil || said != "" {
		return nil, nil, fmt.Errorf("gerl compile: %v\n%s", err, said)
	}
	if said, err := found.CompileAll(otp.dir); err != nil || said != "" {
		return nil, nil, fmt.Errorf("erlc: %v\n%s", err, said)
	}
	return gerl, otp, nil
}

// A sample is what one run has cost.
type sample struct {
	cpu    float64 // seconds
	maxRSS int64   // bytes
	out    string
}

func (s *side) sample(module, argument string) (sample, error) {
	cmd := s.command(s.dir, module, argument)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return sample{}, fmt.Errorf("%s runs %s: %v\n%s%s", s.name, module, err, out.String(), errs.String())
	}
	state := cmd.ProcessState
	return sample{(state.UserTime() + state.SystemTime()).Seconds(), maxRSS(state), out.String()}, nil
}

// interleaved runs the program rounds times with each side in turn, the side
// that begins changing, and returns both sides' samples.
func interleaved(sides [2]*side, module, argument string, rounds int) (got [2][]sample, err error) {
	for r := range rounds {
		for i := range sides {
			k := (i + r) % 2
			s, err := sides[k].sample(module, argument)
			if err != nil {
				return got, err
			}
			got[k] = append(got[k], s)
		}
		if a, b := got[0][r].out, got[1][r].out; a != b {
			return got, fmt.Errorf("%s: %s prints %q, %s %q", module, sides[0].name, a, sides[1].name, b)
		}
	}
	return got, nil
}

func measure(gerl, otp *side, rounds int, memory bool, only []string) (string, error) {
	sides := [2]*side{gerl, otp}
	var b strings.Builder
	fmt.Fprintf(&b, "| program | what it does | OTP, s | gerl, s | gerl/OTP | goal |\n|---|---|---:|---:|---:|---:|\n")
	idle, err := interleaved(sides, "start_up", "x", 2*rounds+1)
	if err != nil {
		return "", err
	}
	for i, s := range sides {
		s.idle = medianOf(idle[i], func(s sample) float64 { return s.cpu })
	}
	row := func(name, what string, got [2][]sample, idle [2]float64, target float64) {
		var ratios, a, o []float64
		for r := range got[0] {
			g, p := max(got[0][r].cpu-idle[0], 0), max(got[1][r].cpu-idle[1], 0.001)
			ratios, a, o = append(ratios, g/p), append(a, g), append(o, p)
		}
		fmt.Fprintf(&b, "| %s | %s | %.3f | %.3f | **%.2f** | %s |\n", name, what, median(o), median(a), median(ratios), goal(target))
	}
	row("start_up", "hello world from a compiled module, whole process", idle, [2]float64{}, startUpTarget)
	for _, bm := range benchmarks {
		if len(only) > 0 && !slices.Contains(only, bm.name) {
			continue
		}
		got, err := interleaved(sides, bm.name, "x", rounds)
		if err != nil {
			return "", err
		}
		row(bm.name, bm.what, got, [2]float64{gerl.idle, otp.idle}, bm.target)
	}
	if memory && (len(only) == 0 || slices.Contains(only, "million")) {
		if err := measureMemory(&b, sides); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// measureMemory compares the peak of resident memory with a million waiting
// processes and with a thousand.
func measureMemory(b *strings.Builder, sides [2]*side) error {
	var bytes [2]float64
	for i, s := range sides {
		many, err := s.sample("million", fmt.Sprint(million))
		if err != nil {
			return err
		}
		few, err := s.sample("million", "1000")
		if err != nil {
			return err
		}
		bytes[i] = float64(many.maxRSS-few.maxRSS) / (million - 1000)
	}
	fmt.Fprintf(b, "\nOne million processes that wait in receive take %.0f bytes each with gerl (goal: at most %d) and %.0f with OTP\n"+
		"(peak of resident memory, less that of a thousand processes).\n", bytes[0], memoryTarget, bytes[1])
	return nil
}

func heading(gerl, otp *side, rounds int) string {
	return fmt.Sprintf(`# gerl and OTP, measured

%s. %s, %d cores, %s/%s, %s. gerl %s; OTP %s.

CPU time of the whole process, less that of the program start_up; %d rounds in which the two take turns; gerl/OTP is the
median of the rounds' ratios, so below 1 gerl is the cheaper one. OTP runs with its default flags and with busy waiting
off (%s): its schedulers would otherwise spin while they wait, which is CPU time without work.
Made by "go run ./bench -write".

`, time.Now().Format("2 January 2006"), cpuModel(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(),
		gerl.version, otp.version, rounds, strings.Join(otpFlags, " "))
}

func goal(target float64) string {
	if target == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", target)
}

func medianOf(samples []sample, f func(sample) float64) float64 {
	var values []float64
	for _, s := range samples {
		values = append(values, f(s))
	}
	return median(values)
}

func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	if len(v)%2 == 1 {
		return v[len(v)/2]
	}
	return (v[len(v)/2-1] + v[len(v)/2]) / 2
}

// cpuModel is the processor's name, where the system tells it.
func cpuModel() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for _, l := range strings.Split(string(data), "\n") {
			if name, ok := strings.CutPrefix(l, "model name"); ok {
				return strings.TrimSpace(strings.TrimLeft(name, " \t:"))
			}
		}
	}
	return runtime.GOARCH
}

func revision(root string) string {
	out, err := exec.Command("git", "-C", root, "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "(unknown revision)"
	}
	return "at " + strings.TrimSpace(string(out))
}

func output(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "(unknown)"
	}
	return strings.TrimSpace(string(out))
}
