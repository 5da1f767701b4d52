package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Goals for functions of the library: what one may cost at most, and all in the geometric mean.
const (
	libraryTarget     = 4
	libraryMeanTarget = 1.5
)

// libraryModules are the programs of bench/library; each has a main/1 with a clause for each thing it does.
var libraryModules = []string{"sorting", "texts", "pieces", "regexes", "output", "tables", "codes"}

// newerModule is the program that OTP 25 cannot run.
const newerModule = "json_text"

var operation = regexp.MustCompile(`(?m)^main\(\["(\w+)"\]\)`)

// operations are the things that a program does, in the order of its text.
func operations(dir, module string) (names []string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, module+".erl"))
	if err != nil {
		return nil, err
	}
	for _, m := range operation.FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	return names, nil
}

func libraryHeading(sides []*side, rounds int) string {
	return fmt.Sprintf(`# The library, measured

%s. %s, %d cores, %s/%s, %s. gerl %s; OTP %s.

CPU time of the whole process, less that of the program start_up; %d rounds in which the implementations take turns; gerl/OTP is the
median of the rounds' ratios, so below 1 gerl is the cheaper one; each line is an operation of a program of bench/library. OTP runs with its
default flags and with busy waiting off (%s).
Made by "go run ./bench -library -newer COMMAND -write".
`, time.Now().Format("2 January 2006"), cpuModel(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(),
		sides[1].version, sides[0].version, rounds, strings.Join(otpFlags, " "))
}

// measureLibrary compares what the library's functions cost.
func measureLibrary(sides []*side, o *options, w io.Writer) error {
	var all []row
	if err := measureModules(sides, o, libraryModules, w, &all); err != nil {
		return err
	}
	if o.newer != "" {
		newer := &side{name: "newer OTP", dir: sides[1].dir, command: overCommandLine(strings.Fields(o.newer))}
		newer.version = output(strings.Fields(o.newer)[0], append(strings.Fields(o.newer)[1:], "-noshell", "-eval", `io:put_chars(erlang:system_info(otp_release)), halt().`)...)
		fmt.Fprintf(w, "\nModule json does not exist in OTP 25; here OTP %s is the other side.\n", newer.version)
		if err := measureModules([]*side{newer, sides[1]}, o, []string{newerModule}, w, &all); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return errors.New("no such program")
	}
	ratio := func(r row) float64 { return r.ratios[0] }
	over := 0
	for _, r := range all {
		if ratio(r) > libraryTarget {
			over++
		}
	}
	fmt.Fprintf(w, "\nGeometric mean of the %d: **%.2f** (goal: %.1f); %d above %d.\n", len(all), meanOf(all, ratio), libraryMeanTarget, over, libraryTarget)
	return nil
}

func measureModules(sides []*side, o *options, modules []string, w io.Writer, all *[]row) error {
	idle, err := interleaved(sides, "start_up", "x", 2*o.rounds+1)
	if err != nil {
		return err
	}
	none := newRow(idle, make([]float64, len(sides))).cpu
	fmt.Fprintf(w, "\n| what | OTP, s | gerl, s | gerl/OTP |\n|---|---:|---:|---:|\n")
	for _, module := range modules {
		names, err := operations(sides[1].dir, module)
		if err != nil {
			return err
		}
		for _, name := range names {
			if label := module + "/" + name; len(o.only) == 0 || slices.Contains(o.only, label) || slices.Contains(o.only, module) {
				got, err := interleaved(sides, module, name, o.rounds)
				if err != nil {
					return err
				}
				r := newRow(got, none)
				fmt.Fprintf(w, "| %s | %.3f | %.3f | **%.2f** |\n", label, r.cpu[0], r.cpu[1], r.ratios[0])
				*all = append(*all, r)
			}
		}
	}
	return nil
}

// overCommandLine runs a program with an erl that may not see the folder, such as one in a container: its code goes with the command.
func overCommandLine(erl []string) func(dir, module, argument string) *exec.Cmd {
	return func(dir, module, argument string) *exec.Cmd {
		code, _ := os.ReadFile(filepath.Join(dir, module+".beam")) // an empty one fails there
		load := fmt.Sprintf(`{module, _} = code:load_binary(%s, "", base64:decode("%s")), %[1]s:main(["%[3]s"]), halt().`,
			module, base64.StdEncoding.EncodeToString(code), argument)
		args := append(slices.Clone(erl[1:]), otpFlags...)
		return exec.Command(erl[0], append(args, "-noshell", "-eval", load)...)
	}
}
