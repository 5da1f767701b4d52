// Command gerl is Erlang and the core of OTP in one binary: a shell, a runner of programs, a compiler.
//
// One file a subcommand; called with flags first it behaves like erl.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// command is one subcommand.
type command struct {
	name, args, short string
	run               func(args []string) int
}

// commands is filled in by main so that help can list it.
var commands []command

// collectEvery is GOGC unless the environment says otherwise. Erlang heaps are not Go memory: what Go collects is small and
// mostly live, and collecting it less often costs little memory and saves a quarter of the time of spawn and exit.
const collectEvery = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectEvery)
	}
	commands = []command{
		{"run", "[--watch] [--main MODULE] FILE|DIRECTORY|MODULE [ARG...]", "compile a program or project and run it", runCommand},
		{"compile", "[OPTION...] FILE...", "compile source files like erlc", compileCommand},
		{"escript", "[OPTION...] FILE [ARG...]", "run a script like escript", escriptCommand},
		{"dis", "[--docs | --loaded] FILE.beam...", "list the instructions of compiled files", disCommand},
		{"fmt", "[--check] [-d] [FILE|DIR...]", "format sources in one canonical style (standard input without files)", fmtCommand},
		{"eval", "[OPTION...] EXPR", "evaluate expressions and print the last value", evalCommand},
		{"test", "[OPTION...] [FILE|DIRECTORY|MODULE...]", "run the EUnit tests and Common Test suites of a project", testCommand},
		{"build", "[-o PROGRAM] [--main MODULE] FILE.erl|DIRECTORY", "make one executable of a program, its library and the runtime", buildCommand},
		{"doc", "MODULE[:FUNCTION[/ARITY]]", "print the documentation of a module or function", docCommand},
		{"new", "NAME", "lay out a new application", newCommand},
		{"epmd", "[-daemon] [-port NUMBER] [-names | -kill]", "the daemon that knows the nodes of this host", epmdCommand},
		{"conformance", "[--on ERL] [--list] [--markdown] [--verbose] [CHAPTER]", "run the conformance suite, here or on an installed erl", conformanceCommand},
		{"version", "", "print the version", versionCommand},
		{"help", "[COMMAND]", "print this help, or a command's", helpCommand},
	}
	if name, archive, ok := ownProgram(); ok {
		os.Exit(runProgram(name, archive, os.Args[1:]))
	}
	os.Exit(dispatchAs(filepath.Base(os.Args[0]), os.Args[1:]))
}

// dispatchAs looks at the name that the program was called by: a link or copy named erl, erlc or escript is that program.
func dispatchAs(name string, args []string) int {
	switch strings.TrimSuffix(name, ".exe") {
	case "erl":
		return erlCommand(args)
	case "erlc":
		if len(args) == 0 {
			return 0 // a Makefile's list of files may be empty
		}
		return compileCommand(args)
	case "escript":
		return escriptCommand(args)
	case "epmd":
		return epmdCommand(args)
	}
	return dispatch(args)
}

func dispatch(args []string) int {
	if c, flags, rest, ok := commandBehindFlags(args); ok && len(flags) > 0 {
		return runWithFlags(c, flags, rest)
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") && !isHelp(args[0]) || strings.HasPrefix(args[0], "+") {
		return erlCommand(args)
	}
	name := args[0]
	if isHelp(name) {
		name = "help"
	}
	if name == "heart-monitor" {
		return heartCommand(args[1:])
	}
	for _, c := range commands {
		if c.name == name {
			if len(args) > 1 && isHelp(args[1]) {
				return helpCommand([]string{name})
			}
			return c.run(args[1:])
		}
	}
	fmt.Fprintf(os.Stderr, "gerl: there is no command %q; gerl help lists the commands", name)
	if near := nearest(name); near != "" {
		fmt.Fprintf(os.Stderr, " (did you mean %s?)", near)
	}
	if strings.HasSuffix(name, ".erl") {
		fmt.Fprintf(os.Stderr, " (to run this file: gerl run %s)", name)
	}
	fmt.Fprintln(os.Stderr)
	return 2
}

func isHelp(s string) bool { return s == "-h" || s == "--help" || s == "-help" }

func helpCommand(args []string) int {
	if len(args) > 0 {
		for _, c := range commands {
			if c.name == args[0] {
				fmt.Printf("usage: gerl %s %s\n\n%s\n", c.name, c.args, c.short)
				if text := longHelp[c.name]; text != "" {
					fmt.Print("\n" + text)
				}
				return 0
			}
		}
		fmt.Fprintf(os.Stderr, "gerl: there is no command %q\n", args[0])
		return 2
	}
	fmt.Print("gerl: Erlang in one binary\n\nusage:\n  gerl                         start a shell\n  gerl -FLAG ...               behave like erl with these flags\n")
	for _, c := range commands {
		fmt.Printf("  gerl %-23s %s\n", c.name+" "+c.args, c.short)
	}
	return 0
}

// release is the version of Erlang/OTP whose behaviour gerl follows.
const release = "29"

func versionCommand([]string) int {
	fmt.Printf("gerl 0.1 (Erlang/OTP %s)\n", release)
	return 0
}
