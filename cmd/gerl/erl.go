package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gerl-lang/gerl/node"
	"github.com/gerl-lang/gerl/shell"
)

// erlCommand behaves like erl: gerl without a subcommand, with flags first, or called as erl.
func erlCommand(args []string) int {
	line, err := readErlLine(args)
	if err == nil && line.version {
		fmt.Printf("Erlang (SMP,ASYNC_THREADS) (BEAM) emulator version %s\n", node.EmulatorVersion)
		return 0
	}
	if err != nil {
		return commandLineError(err)
	}
	if line.compile {
		return compileModules(line.modules)
	}
	flags := append(line.identity(), line.init...)
	if line.showArgs {
		for _, a := range append(append(append([]string{programName()}, line.emulator.args...), "--"), flags...) {
			fmt.Println(a)
		}
		if line.exitAfter {
			return 0
		}
	}
	if line.detached {
		if os.Getenv(detachedMark) == "" {
			return startDetached(args)
		}
		_ = os.Unsetenv(detachedMark)
	}
	line.tablesOfEnvironment()
	c := node.Config{Flags: flags, Env: line.env, Processes: line.emulator.processes, Ports: line.emulator.ports, Atoms: line.emulator.atoms, Workers: line.emulator.workers, Emulator: line.emulator.settings}
	c.PathsFirst, c.PathsLast = codePaths(line.init)
	noInput := hasFlag(line.init, "-noinput")
	if !hasFlag(line.init, "-noshell") && !noInput && shell.IsTerminal() {
		c.Preload = shellModules
		return interactive(c)
	}
	if hasFlag(line.init, "-eval") {
		c.Preload = evalModules
	}
	if noInput {
		c.Console = node.NewStreamConsole(nil, os.Stdout, os.Stderr)
	}
	return boot(c, nil)
}

// compileModules is erl -compile: modules or files, one after the other, up to the first that fails.
func compileModules(modules []string) int {
	for _, m := range modules {
		if filepath.Ext(m) == "" {
			m += ".erl"
		}
		if status := compileTelling(os.Stdout, []string{m}); status != 0 {
			return status
		}
	}
	return 0
}

// detachedMark is set in the environment of the process that -detached starts.
const detachedMark = "GERL_DETACHED"

// commandLineError tells what is wrong with the command line.
func commandLineError(err error) int {
	var usage usageError
	switch {
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "%s\n%s", err, erlUsage)
	default:
		fmt.Fprintln(os.Stderr, err)
	}
	return 1
}

// identity are the flags that tell a program where it runs.
func (l *erlLine) identity() []string { return whereabouts() }

// whereabouts are the flags behind init:get_argument(root), bindir, progname and home.
func whereabouts() []string {
	root := node.OTPRoot(os.LookupEnv)
	if root == "" {
		root = "gerl"
	}
	home, _ := os.UserHomeDir()
	bin := ""
	if exe, err := os.Executable(); err == nil {
		bin = filepath.Dir(exe)
	}
	return []string{"-root", root, "-bindir", bin, "-progname", programName(), "--", "-home", home, "--"}
}

// programName is a name under which a shell finds this program again.
func programName() string {
	name := os.Args[0]
	if filepath.Base(name) == name {
		return name
	}
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}

// interactive runs the shell on the terminal.
func interactive(c node.Config) int {
	t, err := shell.NewTerminal(shell.HistoryFile())
	if err != nil {
		return boot(c, nil)
	}
	defer t.Close()
	c.Console = t
	releaseStart()
	return boot(c, func(n *node.Node) error {
		t.Stop = func(status int) { n.Halt(status, "", false) }
		t.Info = n.BreakInfo
		return nil
	})
}

func hasFlag(flags []string, flag string) bool {
	for _, f := range flags {
		if f == "-extra" {
			return false
		}
		if f == flag {
			return true
		}
	}
	return false
}

// codePaths finds the directories of -pa (each new one goes in front) and -pz.
func codePaths(flags []string) (first, last []string) {
	for i := 0; i < len(flags); i++ {
		switch flags[i] {
		case "-extra":
			return first, last
		case "-pa", "-pz":
			var dirs []string
			for i+1 < len(flags) && !strings.HasPrefix(flags[i+1], "-") && !strings.HasPrefix(flags[i+1], "+") {
				i++
				dirs = append(dirs, flags[i])
			}
			if flags[i-len(dirs)] == "-pa" {
				for _, d := range dirs {
					first = append([]string{d}, first...)
				}
			} else {
				last = append(last, dirs...)
			}
		}
	}
	return first, last
}

// evalCommand evaluates expressions given on the command line.
func evalCommand(args []string) int {
	c := node.Config{}
	args, ok := evalOptions(&c, args)
	if !ok {
		return 2
	}
	if len(args) != 1 {
		return helpUsage("eval")
	}
	c.Flags = append(whereabouts(), "-noshell", "-gerl_eval", "-extra", args[0])
	return boot(c, nil)
}

func helpUsage(name string) int {
	helpCommand([]string{name})
	return 2
}
