package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/node"
)

// runCommand compiles a program in memory and runs it.
func runCommand(args []string) int {
	c := node.Config{}
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		name, value, _ := strings.Cut(args[0], "=")
		args = args[1:]
		switch name {
		case "--memory":
			if value == "" && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			size, err := memorySize(value)
			if err != nil || size == 0 {
				fmt.Fprintf(os.Stderr, "gerl: --memory: %v\n", err)
				return 2
			}
			c.MemoryLimit = size
		default:
			fmt.Fprintf(os.Stderr, "gerl run: unknown option %s; the options are: --memory SIZE\n", name)
			return 2
		}
	}
	if len(args) == 0 {
		return helpUsage("run")
	}
	return runFile(c, args[0], args[1:])
}

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
