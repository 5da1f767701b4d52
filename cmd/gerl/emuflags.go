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
	processes int              // +P
	ports     int              // +Q
	atoms     int              // +t
	workers   int              // +S
	settings  map[string]int64 // what the node shows or obeys, by the names of package node
	signal    string           // +B: what Ctrl-C does
	args      []string
}

// setETSTables sets the number of ETS tables, of which OTP has this many at least.
func (e *emulatorFlags) setETSTables(n int) { e.set(node.SetETSLimit, int64(max(n, 8192))) }

func (e *emulatorFlags) set(name string, n int64) {
	if e.settings == nil {
		e.settings = map[string]int64{}
	}
	e.settings[name] = n
}

// emulatorFlag describes a flag of OTP's emulator.
type emulatorFlag struct {
	name  string
	value valueForm
	// apply checks the value and takes over what has an effect; nil: any value is good, and nothing comes of it.
	apply func(e *emulatorFlags, value string) error
}

// valueForm says where the value of a flag stands.
type valueForm byte

const (
	noValue   valueForm = iota // there is none
	attached                   // behind the name, maybe empty: +Bi
	following                  // behind the name or in the next argument: +P 5000, +P5000
	group                      // the name goes on with letters, the value is the next argument: +MBas aobf
)

// within accepts a number in a range.
func within(what string, low, high int64, set func(e *emulatorFlags, n int64)) func(*emulatorFlags, string) error {
	return func(e *emulatorFlags, value string) error {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < low || n > high {
			return usageError(fmt.Sprintf("bad %s %s: it lies between %d and %d", what, value, low, high))
		}
		if set != nil {
			set(e, n)
		}
		return nil
	}
}

// setting is within for a number that the node keeps.
func setting(name, what string, low, high int64) func(*emulatorFlags, string) error {
	return within(what, low, high, func(e *emulatorFlags, n int64) { e.set(name, n) })
}

// oneOf accepts some words. With a name, the node keeps the number of the word.
func oneOf(name, what string, words ...string) func(*emulatorFlags, string) error {
	return func(e *emulatorFlags, value string) error {
		for i, w := range words {
			if w == value {
				if name != "" {
					e.set(name, int64(i))
				}
				return nil
			}
		}
		return usageError(fmt.Sprintf("bad %s %s: it is %s", what, value, strings.Join(words, ", ")))
	}
}

// power is the least power of two that is no less: tables of processes and ports have such sizes.
func power(n int64) int {
	p := 1
	for int64(p) < n {
		p *= 2
	}
	return p
}

// pair accepts A:B, A or :B, where B is no more than A.
func pair(what string, high int64, set func(e *emulatorFlags, n int64)) func(*emulatorFlags, string) error {
	return func(e *emulatorFlags, value string) error {
		first, second, both := strings.Cut(value, ":")
		limit := high
		if first != "" {
			if err := within(what, 1, high, func(e *emulatorFlags, n int64) { limit = n; set(e, n) })(e, first); err != nil {
				return err
			}
		}
		if both && second != "" {
			return within(what+" online", 1, limit, set)(e, second)
		}
		return nil
	}
}

func nothing(*emulatorFlags, int64) {}

var (
	yesNo    = oneOf("", "value", "true", "false")
	busyWait = oneOf("", "scheduler busy wait threshold", "none", "very_short", "short", "medium", "long", "very_long")
	wakeUp   = oneOf("", "scheduler wakeup threshold", "very_low", "low", "medium", "high", "very_high")
	binding  = oneOf("", "scheduler bind type", "u", "ns", "ts", "ps", "s", "nnts", "nnps", "tnnps", "db")
	kiloByte = within("suggested stack size", 20, 8192, nil)
)

const anyNumber = 1<<59 - 1

// emulatorTable has the flags; of those that fit, the one with the longest name counts.
var emulatorTable = []emulatorFlag{
	{"V", attached, func(e *emulatorFlags, _ string) error { e.version = true; return nil }},
	{"W", following, func(e *emulatorFlags, v string) error {
		if v == "" || !strings.Contains("wei", v[:1]) {
			return usageError("unrecognized warning_map option " + v)
		}
		e.set(node.SetWarningMap, int64(v[0]))
		return nil
	}},
	{"B", attached, func(e *emulatorFlags, v string) error {
		if len(v) > 1 || !strings.Contains("cdi", v) {
			return usageError("bad break signal option " + v)
		}
		e.signal = v
		if v == "" {
			e.signal = "d"
		}
		return nil
	}},
	{"pc", following, oneOf(node.SetUnicode, "range of printable characters", "latin1", "unicode")},
	{"pad", following, yesNo},
	{"P", following, within("number of processes", 1024, 134217727, func(e *emulatorFlags, n int64) { e.processes = power(n) })},
	{"Q", following, within("number of ports", 1024, 134217727, func(e *emulatorFlags, n int64) { e.ports = power(n) })},
	{"A", following, setting(node.SetThreadPool, "number of async threads", 0, 1024)},
	{"a", following, within("stack size for async threads", 16, 8192, nil)},
	{"t", following, within("atom table size", 8192, node.MaxAtoms, func(e *emulatorFlags, n int64) { e.atoms = int(n) })},
	{"e", following, func(e *emulatorFlags, v string) error {
		if n, err := strconv.Atoi(v); err == nil && n > 0 {
			e.setETSTables(n)
		}
		return nil
	}},
	{"ec", noValue, nil},
	{"S", following, pair("number of schedulers", 1024, func(e *emulatorFlags, n int64) { e.workers = int(n) })},
	{"SP", following, pair("percentage of schedulers", 100, nothing)},
	{"SDcpu", following, pair("number of dirty CPU schedulers", 1024, nothing)},
	{"SDPcpu", following, pair("percentage of dirty CPU schedulers", 100, nothing)},
	{"SDio", following, within("number of dirty I/O schedulers", 1, 1024, nil)},
	{"ssrct", noValue, nil},
	{"sbt", following, binding}, {"stbt", following, binding},
	{"sbwt", following, busyWait}, {"sbwtdcpu", following, busyWait}, {"sbwtdio", following, busyWait},
	{"swt", following, wakeUp}, {"swtdcpu", following, wakeUp}, {"swtdio", following, wakeUp},
	{"swct", following, oneOf("", "scheduler wake cleanup threshold", "very_eager", "eager", "medium", "lazy", "very_lazy")},
	{"sws", following, oneOf("", "scheduler wakeup strategy", "default", "legacy")},
	{"scl", following, yesNo}, {"spp", following, yesNo}, {"sub", following, yesNo}, {"secio", following, yesNo}, {"sct", following, nil},
	{"sfwi", following, within("forced wakeup interval", 0, anyNumber, nil)},
	{"sss", following, kiloByte}, {"sssdcpu", following, kiloByte}, {"sssdio", following, kiloByte},
	{"hms", following, setting(node.SetMinHeap, "heap size", 1, anyNumber)},
	{"hmbs", following, setting(node.SetMinBinVHeap, "virtual binary heap size", 1, anyNumber)},
	{"hmax", following, setting(node.SetMaxHeap, "max heap size", 0, anyNumber)},
	{"hmaxk", following, oneOf(node.SetMaxHeapKill, "max heap kill", "false", "true")},
	{"hmaxel", following, oneOf(node.SetMaxHeapLog, "max heap error logger", "false", "true")},
	{"hmaxib", following, oneOf(node.SetMaxHeapBins, "max heap include shared binaries", "false", "true")},
	{"hpds", following, within("initial process dictionary size", 1, anyNumber, nil)},
	{"hmqd", following, oneOf(node.SetQueueData, "message_queue_data flag", "on_heap", "off_heap")},
	{"IOp", following, within("number of poll sets", 1, 1024, nil)}, {"IOt", following, within("number of poll threads", 1, 1024, nil)},
	{"IOPp", following, within("percentage of poll sets", 0, 100, nil)}, {"IOPt", following, within("percentage of poll threads", 0, 100, nil)},
	{"IOs", following, yesNo},
	{"JPperf", following, nil}, {"JPfd", following, nil}, {"JMsingle", following, yesNo}, {"JDdump", following, yesNo}, {"JDmcs", following, nil},
	{"M", group, memoryFlag},
	{"T", following, within("modified timing level", 0, 9, nil)},
	{"R", following, within("compatibility release number", 26, 29, nil)},
	{"C", following, oneOf(node.SetTimeWarp, "time warp mode", "no_time_warp", "single_time_warp", "multi_time_warp")},
	{"c", following, oneOf(node.SetCorrection, "time correction", "false", "true")},
	{"rg", following, within("reader groups limit", 1, anyNumber, nil)},
	{"dcg", following, within("decentralized counter groups limit", 1, anyNumber, nil)},
	{"zdbbl", following, within("dist buffer busy limit", 1, 2097151, func(e *emulatorFlags, n int64) { e.set(node.SetDistBuffer, n<<10) })},
	{"zdntgc", following, within("delayed node table gc", 0, anyNumber, nil)}, {"zosrl", following, within("outstanding system requests limit", 1, 1<<27-1, nil)},
	{"zebwt", following, nil},
	{"K", following, yesNo},
	{"fn", attached, func(e *emulatorFlags, v string) error {
		if v == "" || !strings.Contains("lua", v[:1]) || len(v) > 2 || len(v) == 2 && !strings.Contains("wie", v[1:]) {
			return usageError("bad filename encoding " + v + ", can be l, u or a, optionally followed by w, i or e")
		}
		if len(v) == 2 {
			e.set(node.SetBadNames, int64(v[1]))
		}
		return nil
	}},
	{"D", attached, nil}, {"d", noValue, nil}, {"r", noValue, nil}, {"v", attached, nil}, {"L", noValue, nil}, {"n", following, nil}, {"i", following, nil},
}

// memoryFlag checks the letters of a flag of OTP's allocators: +MBas aobf.
func memoryFlag(_ *emulatorFlags, letters string) error {
	if letters == "" || !strings.Contains("BDEFHLMRSTYZeuimtsdlp", letters[:1]) {
		return usageError("bad \"M\" parameter " + letters)
	}
	return nil
}

// take reads the +FLAG at i with its value.
func (e *emulatorFlags) take(flags []string, i *int) error {
	flag := flags[*i]
	e.args = append(e.args, "-"+flag[1:])
	var found *emulatorFlag
	for k := range emulatorTable {
		f := &emulatorTable[k]
		rest, ok := strings.CutPrefix(flag[1:], f.name)
		if ok && rest != "" && f.value == noValue {
			ok = false
		}
		if ok && (found == nil || len(f.name) > len(found.name)) {
			found = f
		}
	}
	if found == nil {
		return usageError(fmt.Sprintf("unknown flag %s", flag))
	}
	rest := flag[1+len(found.name):]
	if found.value == following && rest == "" || found.value == group {
		if *i+1 >= len(flags) {
			return usageError(fmt.Sprintf("Missing argument(s) for '%s'.", flag))
		}
		*i++
		e.args = append(e.args, flags[*i])
		if found.value == following {
			rest = flags[*i]
		}
	}
	if found.apply == nil {
		return nil
	}
	return found.apply(e, rest)
}
