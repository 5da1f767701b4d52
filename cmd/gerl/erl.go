package main

import (
	"os"
	"strings"

	"github.com/gerl-lang/gerl/node"
	"github.com/gerl-lang/gerl/shell"
)

// erlCommand behaves like erl: gerl without a subcommand, or with flags first.
func erlCommand(args []string) int {
	flags := append(environFlags("ERL_AFLAGS"), args...)
	flags = append(flags, environFlags("ERL_FLAGS")...)
	c := node.Config{Flags: flags}
	c.PathsFirst, c.PathsLast = codePaths(flags)
	if !hasFlag(flags, "-noshell") && !hasFlag(flags, "-noinput") && shell.IsTerminal() {
		return interactive(c)
	}
	return boot(c, nil)
}

// interactive runs the shell on the terminal.
func interactive(c node.Config) int {
	t, err := shell.NewTerminal(shell.HistoryFile())
	if err != nil {
		return boot(c, nil)
	}
	defer t.Close()
	c.Console = t
	return boot(c, func(n *node.Node) error {
		t.Abort = func() { n.Halt(1, "", false) }
		t.Complete = shell.Completion(n)
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

// environFlags splits a variable of flags at white space, with quotes as a shell has them.
func environFlags(name string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	any := false
	for _, r := range os.Getenv(name) {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, any = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if any {
				words = append(words, word.String())
			}
			word.Reset()
			any = false
		default:
			word.WriteRune(r)
			any = true
		}
	}
	if any {
		words = append(words, word.String())
	}
	return words
}

// evalCommand evaluates expressions given on the command line.
func evalCommand(args []string) int {
	if len(args) != 1 {
		return helpUsage("eval")
	}
	return boot(node.Config{Flags: []string{"-noshell", "-gerl_eval", "-extra", args[0]}}, nil)
}

func helpUsage(name string) int {
	helpCommand([]string{name})
	return 2
}
