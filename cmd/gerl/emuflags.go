package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/node"
)

// emulatorFlags are the values of those +FLAGs that have an effect.
type emulatorFlags struct {
	version   bool
	processes int // +P
	ports     int // +Q
	atoms     int // +t
	workers   int // +S
	async     int // +A
	warnings  byte
	signal    string // +B: what Ctrl-C does
	latin1    bool   // +pc latin1
	args      []string
}

// emulatorFlag describes flags of OTP's emulator: those that gerl has no use for are accepted with any value.
type emulatorFlag struct {
	prefix string
	value  bool // a value follows: directly or as the next argument
	apply  func(e *emulatorFlags, value string) error
}

// number gives a setter that accepts a number in a range.
func number(what string, low, high int, set func(e *emulatorFlags, n int)) func(*emulatorFlags, string) error {
	return func(e *emulatorFlags, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < low || n > high {
			return usageError(fmt.Sprintf("bad number of %s %s: it lies between %d and %d", what, value, low, high))
		}
		set(e, n)
		return nil
	}
}

// emulatorTable lists the flags, longer prefixes first.
var emulatorTable = []emulatorFlag{
	{"V", false, func(e *emulatorFlags, _ string) error { e.version = true; return nil }},
	{"W", false, func(e *emulatorFlags, v string) error {
		if v != "" {
			if !strings.Contains("wei", v[:1]) {
				return usageError("unrecognized warning_map option " + v)
			}
			e.warnings = v[0]
		}
		return nil
	}},
	{"B", false, func(e *emulatorFlags, v string) error {
		if v != "" && !strings.Contains("cdi", v) {
			return usageError("bad break signal option " + v)
		}
		e.signal = v
		if v == "" {
			e.signal = "d"
		}
		return nil
	}},
	{"pc", true, func(e *emulatorFlags, v string) error {
		if v != "latin1" && v != "unicode" {
			return usageError("bad range of printable characters " + v + ": it is latin1 or unicode")
		}
		e.latin1 = v == "latin1"
		return nil
	}},
	{"pad", true, nil},
	{"P", true, number("processes", 1024, 134217727, func(e *emulatorFlags, n int) { e.processes = n })},
	{"Q", true, number("ports", 1024, 134217727, func(e *emulatorFlags, n int) { e.ports = n })},
	{"A", true, number("async threads", 0, 1024, func(e *emulatorFlags, n int) { e.async = n })},
	{"t", true, number("atoms", 8192, node.MaxAtoms, func(e *emulatorFlags, n int) { e.atoms = n })},
	{"SDcpu", true, nil}, {"SDPcpu", true, nil}, {"SDio", true, nil}, {"SP", true, nil},
	{"S", true, func(e *emulatorFlags, v string) error {
		first, second, both := strings.Cut(v, ":")
		set := number("schedulers", 1, 1024, func(e *emulatorFlags, n int) { e.workers = n })
		if first != "" {
			if err := set(e, first); err != nil {
				return err
			}
		}
		if both && second != "" {
			return set(e, second)
		}
		return nil
	}},
	{"ssrct", false, nil}, {"s", true, nil}, // scheduling: binding, busy wait, wake-up
	{"hmqd", true, nil}, {"h", true, nil},
	{"M", true, nil}, {"I", true, nil}, {"J", true, nil}, {"T", true, nil}, {"R", true, nil},
	{"a", true, nil}, {"C", true, nil}, {"rg", true, nil}, {"dcg", true, nil}, {"z", true, nil}, {"i", true, nil},
	{"K", true, nil}, {"fn", false, nil}, {"c", false, nil},
	{"D", false, nil}, {"d", false, nil}, {"r", false, nil}, {"v", false, nil}, {"l", false, nil}, {"n", false, nil}, {"L", false, nil},
}

// take reads the +FLAG at i with its value.
func (e *emulatorFlags) take(flags []string, i *int) error {
	flag := flags[*i]
	e.args = append(e.args, "-"+flag[1:])
	for _, f := range emulatorTable {
		rest, ok := strings.CutPrefix(flag[1:], f.prefix)
		if !ok {
			continue
		}
		// groups such as +sbwt none, +hms 233 and +zdbbl 100 name the flag with the letters behind the prefix
		group := f.value && f.apply == nil && strings.Contains("shMIJz", f.prefix) && len(f.prefix) == 1
		if f.value && (rest == "" || group) {
			if *i+1 >= len(flags) {
				return usageError(fmt.Sprintf("Missing argument(s) for '%s'.", flag))
			}
			*i++
			rest = flags[*i]
			e.args = append(e.args, rest)
		}
		if f.apply == nil {
			return nil
		}
		return f.apply(e, rest)
	}
	return usageError(fmt.Sprintf("unknown flag %s", flag))
}
