package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/node"
)

// runCommand compiles a program in memory and runs it.
func runCommand(args []string) int {
	c := node.Config{}
	args, ok := runOptions("run", &c, args)
	if !ok {
		return 2
	}
	if len(args) == 0 {
		return helpUsage("run")
	}
	return runFile(c, args[0], args[1:])
}

// runOptions takes the options that say how a program is run from the front of the arguments.
func runOptions(command string, c *node.Config, args []string) (rest []string, ok bool) {
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		name, value, given := strings.Cut(args[0], "=")
		args = args[1:]
		if !given && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		var err error
		switch name {
		case "--memory":
			if c.MemoryLimit, err = memorySize(value); err == nil && c.MemoryLimit == 0 {
				err = errors.New("a size is missing: write it like 512M or 4G")
			}
		case "--seed":
			var seed uint64
			if seed, err = strconv.ParseUint(value, 10, 64); err != nil {
				err = fmt.Errorf("%q is no seed: it is a number from 0 to 18446744073709551615", value)
			}
			c.Seed = &seed
		case "--profile":
			if c.Profile = value; value == "" {
				err = errors.New("a file name is missing: write --profile cpu.pb.gz")
			}
		default:
			fmt.Fprintf(os.Stderr, "gerl %s: unknown option %s; the options are: --memory SIZE, --seed N, --profile FILE\n", command, name)
			return nil, false
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "gerl: %s: %v\n", name, err)
			return nil, false
		}
	}
	return args, true
}

// runHelp explains the options of run and eval.
const runHelp = `

options:
  --memory SIZE     the most memory that terms may take, like 512M
  --seed N          a deterministic run: one scheduler, virtual time, which costs nothing while all processes sleep, and every choice of the
                    scheduler and every random number from the seed. The same seed gives the same output; other seeds try other
                    interleavings. A deadlock is reported and ends the program with status 1. Input from outside (files, ports,
                    sockets, the terminal) is neither recorded nor replayed.
  --profile FILE    write a CPU profile with Erlang functions when the program ends: go tool pprof -top FILE`

func runFile(c node.Config, file string, args []string) int {
	name, image, ok := loadProgram(file)
	if !ok {
		return 1
	}
	environ := environFlags("ERL_AFLAGS")
	c.PathsFirst, c.PathsLast = codePaths(environ)
	c.PathsLast = append(c.PathsLast, filepath.Dir(file))
	c.Flags = append(append(environ, "-noshell", "-gerl_run", name, "-extra"), args...)
	return boot(c, func(n *node.Node) error {
		n.AddModule(name, image)
		return nil
	})
}

// loadProgram compiles a source file, or reads a compiled one; problems are told on the standard error.
func loadProgram(file string) (name string, image []byte, ok bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl: %s: %s\n", file, reason(err))
		return "", nil, false
	}
	if strings.HasSuffix(file, ".beam") {
		return strings.TrimSuffix(filepath.Base(file), ".beam"), text, true
	}
	mod, fset, list := compiler.CompileText(file, text, compiler.Options{})
	_ = diag.WriteText(os.Stderr, fset, list.All())
	if mod == nil {
		return "", nil, false
	}
	image, err = beam.Write(mod, beam.WriteOptions{})
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl: %s: %v\n", file, err)
		return "", nil, false
	}
	return mod.Name.AtomName(), image, true
}

// reason is the operating system's reason for an error in the words of erlc.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file or directory"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
