// Command bench compares gerl with Erlang/OTP: it runs the programs of
// bench/programs with both, in turn, and prints gerl's cost as a multiple of
// OTP's.
//
//	go run ./bench                     all programs, table to the terminal
//	go run ./bench -write              the table goes to docs/benchmarks.md too
//	go run ./bench -rounds 9 fib trees some programs
//	go run ./bench -gerl BIN           a gerl that was built before
//	go run ./bench -library            the functions of the library (bench/library, docs/benchmarks-library.md)
//	... -newer "docker run IMAGE erl"  and module json beside an OTP that has it
//
// The programs are also compiled by erlc and run by gerl (column "erlc's"): the machine alone, with OTP's compiler.
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
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gerl-lang/gerl/internal/testkit"
)

const million = 1_000_000

// A side is one of the two implementations.
type side struct {
	name    string
	version string
	dir     string // of its compiled programs
	command func(dir, module, argument string) *exec.Cmd
}

var otpFlags = []string{"+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"}

// options are the command line's.
type options struct {
	rounds        int
	write, memory bool
	crossed       bool
	library       bool
	newer         string
	bin           string
	only          []string
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "how often each program runs with each implementation")
	flag.BoolVar(&o.write, "write", false, "write the table to docs/benchmarks.md")
	flag.BoolVar(&o.memory, "memory", true, "measure the memory of a million waiting processes")
	flag.BoolVar(&o.crossed, "crossed", true, "measure programs compiled by erlc on gerl, too")
	flag.StringVar(&o.bin, "gerl", "", "use this gerl instead of building one")
	flag.BoolVar(&o.library, "library", false, "measure the functions of the library")
	flag.StringVar(&o.newer, "newer", "", "with -library: the `command` of an erl of OTP 27 or later, for module json")
	flag.Parse()
	o.only = flag.Args()
	if err := run(&o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(o *options) error {
	root, err := testkit.ModuleRoot()
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "gerl-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	sides, err := prepare(root, temp, o)
	if err != nil {
		return err
	}
	defer testkit.RemoveGerl()
	head := heading(sides, o.rounds)
	if o.library {
		head = libraryHeading(sides, o.rounds)
	}
	fmt.Print(head)
	var table strings.Builder
	table.WriteString(head)
	run, file := measure, "benchmarks.md"
	if o.library {
		run, file = measureLibrary, "benchmarks-library.md"
	}
	if err := run(sides, o, io.MultiWriter(os.Stdout, &table)); err != nil {
		return err
	}
	if !o.write {
		return nil
	}
	return writeTable(filepath.Join(root, "docs", file), table.String())
}

// writeTable puts the table into the file, in front of what was written by hand.
func writeTable(file, table string) error {
	const hand = "\n<!-- by hand from here on -->\n"
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if _, rest, ok := strings.Cut(string(old), hand); ok {
		table += hand + rest
	}
	return os.WriteFile(file, []byte(table), 0o644)
}

// prepare builds gerl, looks for erl and compiles the programs with both. The sides are OTP, gerl and, if that is wanted, gerl with
// the programs that OTP's compiler made.
func prepare(root, temp string, o *options) (sides []*side, err error) {
	bin := o.bin
	if bin == "" {
		if bin, err = testkit.BuildGerl(); err != nil {
			return nil, err
		}
	}
	found, err := testkit.FindOTP("")
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, errors.New("no erl on the PATH to compare with; scripts/install-otp.sh installs one")
	}
	gerl := &side{name: "gerl", version: revision(root), dir: filepath.Join(temp, "gerl"),
		command: func(dir, module, argument string) *exec.Cmd {
			cmd := testkit.Gerl{Bin: bin}.Main(context.Background(), dir, module, argument)
			cmd.Args = append(cmd.Args, "-run", "erlang", "halt")
			return cmd
		}}
	otp := &side{name: "OTP", version: output("erl", "-noshell", "-eval",
		`io:format("~s, ERTS ~s, ~s", [erlang:system_info(otp_release), erlang:system_info(version), erlang:system_info(emu_flavor)]), halt().`),
		dir: filepath.Join(temp, "otp"),
		command: func(dir, module, argument string) *exec.Cmd {
			return exec.Command("erl", append(slices.Clone(otpFlags), "+P", "2000000", "-noshell", "-pa", dir,
				"-run", module, "main", argument, "-run", "erlang", "halt")...)
		}}
	for _, s := range []*side{gerl, otp} {
		programs := "programs"
		if o.library {
			programs = "library"
		}
		if err := os.CopyFS(s.dir, os.DirFS(filepath.Join(root, "bench", programs))); err != nil {
			return nil, err
		}
	}
	if said, err := (testkit.Gerl{Bin: bin}).CompileAll(gerl.dir); err != nil || said != "" {
		return nil, fmt.Errorf("gerl compile: %v\n%s", err, said)
	}
	if said, err := found.CompileAll(otp.dir); err != nil || said != "" {
		return nil, fmt.Errorf("erlc: %v\n%s", err, said)
	}
	sides = []*side{otp, gerl}
	if o.crossed && !o.library {
		sides = append(sides, &side{name: "gerl with erlc's code", dir: otp.dir, command: gerl.command})
	}
	return sides, nil
}

// sampleLimit ends a program that does not come to an end.
const sampleLimit = time.Minute

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
	stop := time.AfterFunc(sampleLimit, func() { cmd.Process.Kill() })
	defer stop.Stop()
	if err := cmd.Run(); err != nil {
		return sample{}, fmt.Errorf("%s runs %s: %v\n%s%s", s.name, module, err, out.String(), errs.String())
	}
	state := cmd.ProcessState
	return sample{(state.UserTime() + state.SystemTime()).Seconds(), maxRSS(state), out.String()}, nil
}

// interleaved runs the program rounds times with each side in turn, the side
// that begins changing, and returns the sides' samples.
func interleaved(sides []*side, module, argument string, rounds int) (got [][]sample, err error) {
	got = make([][]sample, len(sides))
	for r := range rounds {
		for i := range sides {
			k := (i + r) % len(sides)
			s, err := sides[k].sample(module, argument)
			if err != nil {
				return got, err
			}
			got[k] = append(got[k], s)
		}
		for k := range sides {
			if a, b := got[0][r].out, got[k][r].out; a != b {
				return got, fmt.Errorf("%s: %s prints %q, %s %q", module, sides[0].name, a, sides[k].name, b)
			}
		}
	}
	return got, nil
}

// A row is what one program came to.
type row struct {
	cpu    []float64 // seconds of each side
	ratios []float64 // of the sides behind the first to the first
	memory float64   // ratio of the peaks of resident memory
}

func newRow(got [][]sample, idle []float64) row {
	var r row
	for k := range got {
		net := func(s sample) float64 { return max(s.cpu-idle[k], 0.001) }
		r.cpu = append(r.cpu, medianOf(got[k], net))
		if k == 0 {
			continue
		}
		var ratios []float64
		for i := range got[k] {
			ratios = append(ratios, net(got[k][i])/max(got[0][i].cpu-idle[0], 0.001))
		}
		r.ratios = append(r.ratios, median(ratios))
	}
	peak := func(s sample) float64 { return float64(s.maxRSS) }
	r.memory = medianOf(got[1], peak) / medianOf(got[0], peak)
	return r
}

func measure(sides []*side, o *options, w io.Writer) error {
	idle, err := interleaved(sides, "start_up", "x", 2*o.rounds+1)
	if err != nil {
		return err
	}
	start := newRow(idle, make([]float64, len(sides)))
	none := start.cpu
	var failed []string
	for _, group := range []struct {
		title string
		list  []benchmark
		mean  bool
	}{{"One process", sequential, true}, {"Processes and messages", concurrent, false}} {
		header(w, group.title, o.crossed)
		if group.mean {
			printRow(w, benchmark{"start_up", "hello world from a compiled module, whole process", startUpTarget}, start)
		}
		var rows []row
		for _, bm := range group.list {
			if len(o.only) > 0 && !slices.Contains(o.only, bm.name) {
				continue
			}
			got, err := interleaved(sides, bm.name, "x", o.rounds)
			if err != nil {
				fmt.Fprintln(os.Stderr, "bench:", err)
				failed = append(failed, bm.name)
				continue
			}
			r := newRow(got, none)
			printRow(w, bm, r)
			rows = append(rows, r)
		}
		if group.mean && len(rows) > 0 {
			fmt.Fprintf(w, "\nGeometric mean of the %d programs: **%.2f**", len(rows), meanOf(rows, func(r row) float64 { return r.ratios[0] }))
			if o.crossed {
				fmt.Fprintf(w, ", **%.2f** with code by erlc", meanOf(rows, func(r row) float64 { return r.ratios[1] }))
			}
			fmt.Fprintf(w, " (goal: %.1f); of the peaks of memory: **%.2f** (goal for each: %.1f).\n", meanTarget,
				meanOf(rows, func(r row) float64 { return r.memory }), memoryRatio)
		}
	}
	if o.memory && (len(o.only) == 0 || slices.Contains(o.only, "million")) {
		if err := measureMemory(w, sides); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("these programs failed: %s", strings.Join(failed, ", "))
	}
	return nil
}

func header(w io.Writer, title string, crossed bool) {
	fmt.Fprintf(w, "\n## %s\n\n", title)
	if crossed {
		fmt.Fprintf(w, "| program | what it does | OTP, s | gerl, s | gerl/OTP | erlc's | memory | goal |\n|---|---|---:|---:|---:|---:|---:|---:|\n")
	} else {
		fmt.Fprintf(w, "| program | what it does | OTP, s | gerl, s | gerl/OTP | memory | goal |\n|---|---|---:|---:|---:|---:|---:|\n")
	}
}

func printRow(w io.Writer, bm benchmark, r row) {
	fmt.Fprintf(w, "| %s | %s | %.3f | %.3f | **%.2f** |", bm.name, bm.what, r.cpu[0], r.cpu[1], r.ratios[0])
	for _, x := range r.ratios[1:] {
		fmt.Fprintf(w, " %.2f |", x)
	}
	fmt.Fprintf(w, " %.2f | %s |\n", r.memory, goal(bm.target))
}

// meanOf is a geometric mean.
func meanOf(rows []row, f func(row) float64) float64 {
	sum := 0.0
	for _, r := range rows {
		sum += math.Log(f(r))
	}
	return math.Exp(sum / float64(len(rows)))
}

// measureMemory compares the peak of resident memory with a million waiting
// processes and with a thousand.
func measureMemory(w io.Writer, sides []*side) error {
	var bytes [2]float64
	for i, s := range sides[:2] {
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
	fmt.Fprintf(w, "\nOne million processes that wait in receive take %.0f bytes each with gerl (goal: at most %d) and %.0f with OTP\n"+
		"(peak of resident memory, less that of a thousand processes).\n", bytes[1], idleTarget, bytes[0])
	return nil
}

func heading(sides []*side, rounds int) string {
	return fmt.Sprintf(`# gerl and OTP, measured

%s. %s, %d cores, %s/%s, %s. gerl %s; OTP %s.

CPU time of the whole process, less that of the program start_up; %d rounds in which the implementations take turns; gerl/OTP is the
median of the rounds' ratios, so below 1 gerl is the cheaper one; erlc's is the same for programs compiled by erlc and run by gerl; memory is the ratio
of the peaks of resident memory. OTP runs with its default flags and with busy waiting
off (%s): its schedulers would otherwise spin while they wait, which is CPU time without work.
Made by "go run ./bench -write".
`, time.Now().Format("2 January 2006"), cpuModel(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(),
		sides[1].version, sides[0].version, rounds, strings.Join(otpFlags, " "))
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
