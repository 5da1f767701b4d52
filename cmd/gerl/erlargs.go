package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/node"
)

// erlLine is a command line of erl taken apart: what the machine needs before it starts, and what is left for init.
type erlLine struct {
	init      []string    // flags and plain arguments as init reads them
	env       [][2]string // -env NAME VALUE
	emulator  emulatorFlags
	detached  bool
	showArgs  bool // -emu_args: print what is passed on
	exitAfter bool // -emu_args_exit
	version   bool // -version, +V
	compile   bool // -compile: the modules are compiled, nothing else
	modules   []string
	mode      string // -mode
}

// usageError is a mistake on the command line that erl answers with its usage.
type usageError string

func (e usageError) Error() string { return string(e) }

const erlUsage = "Usage: erl [-version] [-sname NAME | -name NAME] [-noshell] [-noinput] [-env VAR VALUE] [-emu_args] " +
	"[-args_file FILENAME] [-pa DIR...] [-pz DIR...] [-s MOD [FUN [ARG...]]] [-run MOD [FUN [ARG...]]] [-eval EXPR] [-detached] " +
	"[-config FILE] [-APPLICATION KEY VALUE] [+P MAX_PROCS] [+Q MAX_PORTS] [+S SCHEDULERS] [+t MAX_ATOMS] [+EMULATOR_FLAG...] [-extra ARG...]\n"

// readErlLine takes the command line apart. ERL_AFLAGS comes before the arguments, ERL_FLAGS and ERL_ZFLAGS behind them; what
// follows -extra in any of them goes to the very end.
func readErlLine(args []string) (*erlLine, error) {
	var flags, extra []string
	hasExtra := false
	for _, part := range [][]string{environFlags("ERL_AFLAGS"), args, environFlags("ERL_FLAGS"), environFlags("ERL_ZFLAGS")} {
		part, err := expandArgsFiles(part, 0)
		if err != nil {
			return nil, err
		}
		for i, a := range part {
			if a == "-extra" {
				hasExtra = true
				extra = append(extra, part[i+1:]...)
				part = part[:i]
				break
			}
		}
		flags = append(flags, part...)
	}
	l := &erlLine{mode: "interactive"}
	if err := l.take(flags); err != nil {
		return nil, err
	}
	if hasExtra {
		l.init = append(append(l.init, "-extra"), extra...)
	}
	return l, nil
}

func (l *erlLine) take(flags []string) error {
	value := func(i *int) (string, error) {
		if *i+1 >= len(flags) {
			return "", usageError(fmt.Sprintf("Missing argument(s) for '%s'.", flags[*i]))
		}
		*i++
		return flags[*i], nil
	}
	for i := 0; i < len(flags); i++ {
		f := flags[i]
		switch {
		case strings.HasPrefix(f, "+") && len(f) > 1:
			if err := l.emulator.take(flags, &i); err != nil {
				return err
			}
			l.version = l.version || l.emulator.version
		case f == "-env":
			name, err := value(&i)
			if err != nil {
				return err
			}
			val, err := value(&i)
			if err != nil {
				return err
			}
			l.env = append(l.env, [2]string{name, val})
		case f == "-version":
			l.version = true
		case f == "-emu_args":
			l.showArgs = true
		case f == "-emu_args_exit":
			l.showArgs, l.exitAfter = true, true
		case f == "-detached":
			l.detached = true
			l.init = append(l.init, "-noshell", "-noinput", f)
		case f == "-noinput":
			l.init = append(l.init, "-noshell", f)
		case f == "-emu_type" || f == "-emu_flavor" || f == "-start_epmd":
			// there is one machine only; epmd is started when the node is distributed
			if _, err := value(&i); err != nil {
				return err
			}
		case f == "-instr":
		case f == "-make":
			l.init = append(l.init, "-noshell", "-noinput", "-s", "make", "all_or_nothing", "-s", "erlang", "halt")
		case f == "-compile":
			l.compile = true
			for i+1 < len(flags) && !strings.HasPrefix(flags[i+1], "-") && !strings.HasPrefix(flags[i+1], "+") {
				i++
				l.modules = append(l.modules, flags[i])
			}
		case f == "-man":
			return fmt.Errorf("-man: there are no manual pages; gerl doc MODULE prints documentation")
		case f == "-mode":
			if i+1 < len(flags) {
				l.mode = flags[i+1]
			}
			l.init = append(l.init, f)
		case f == "-boot" && i+1 < len(flags):
			if err := checkBoot(flags[i+1]); err != nil {
				return err
			}
			l.init = append(l.init, f)
		default:
			l.init = append(l.init, f)
		}
	}
	return nil
}

// bootError is a boot script that there is not, in init's words.
type bootError string

func (e bootError) Error() string {
	return fmt.Sprintf("Runtime terminating during boot ({'cannot get bootfile','%s.boot'})", string(e))
}

// checkBoot accepts OTP's own boot scripts, which all mean gerl's start, and refuses files that are not there. Scripts of
// releases are carried out by init.
func checkBoot(name string) error {
	switch filepath.Base(name) {
	case "start", "start_clean", "start_sasl", "no_dot_erlang", "none":
		return nil
	}
	if _, err := os.Stat(name + ".boot"); err != nil {
		return bootError(name)
	}
	return nil
}

// expandArgsFiles puts the contents of the files of -args_file in their place. A # at the start of a word begins a comment.
func expandArgsFiles(args []string, depth int) ([]string, error) {
	if depth > 20 {
		return nil, fmt.Errorf("-args_file: the files name each other")
	}
	var out, extra []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "-extra":
			return append(append(append(out, "-extra"), extra...), args[i+1:]...), nil
		case args[i] == "-args_file" && i+1 >= len(args):
			return nil, usageError("Missing argument(s) for '-args_file'.")
		case args[i] == "-args_file":
			i++
			text, err := os.ReadFile(args[i])
			if err != nil {
				dir, _ := os.Getwd()
				why := reason(err)
				return nil, usageError(fmt.Sprintf("Failed to open arguments file %q at %q: %s", args[i], dir, strings.ToUpper(why[:1])+why[1:]))
			}
			words, err := expandArgsFiles(splitWords(string(text), true), depth+1)
			if err != nil {
				return nil, err
			}
			if k := slices.Index(words, "-extra"); k >= 0 {
				extra = append(extra, words[k+1:]...) // to the very end, too
				words = words[:k]
			}
			out = append(out, words...)
		default:
			out = append(out, args[i])
		}
	}
	if extra != nil {
		out = append(append(out, "-extra"), extra...)
	}
	return out, nil
}

// environFlags splits a variable of flags at white space, with quotes as a shell has them.
func environFlags(name string) []string { return splitWords(os.Getenv(name), false) }

func splitWords(text string, comments bool) []string {
	var words []string
	var word strings.Builder
	var quote rune
	started, escaped, comment := false, false, false
	end := func() {
		if started {
			words = append(words, word.String())
		}
		word.Reset()
		started = false
	}
	for _, r := range text {
		switch {
		case comment:
			comment = r != '\n'
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, started = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, started = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n' || r == '\r'):
			end()
		case comments && r == '#' && quote == 0 && !started:
			comment = true
		default:
			word.WriteRune(r)
			started = true
		}
	}
	end()
	return words
}

// tablesOfEnvironment takes the number of ETS tables from ERL_MAX_ETS_TABLES, unless +e gave it.
func (l *erlLine) tablesOfEnvironment() {
	n := os.Getenv("ERL_MAX_ETS_TABLES")
	for _, e := range l.env {
		if e[0] == "ERL_MAX_ETS_TABLES" {
			n = e[1]
		}
	}
	tables, err := strconv.Atoi(n)
	if _, given := l.emulator.settings[node.SetETSLimit]; err != nil || given {
		return
	}
	l.emulator.setETSTables(tables)
}
