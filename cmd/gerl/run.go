package main

import (
	"fmt"
	"os"
	"strings"

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
	var name string
	var image []byte
	if strings.HasSuffix(file, ".beam") {
		data, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintf(os.Stderr, "gerl: %v\n", err)
			return 1
		}
		name, image = strings.TrimSuffix(file[strings.LastIndexByte(file, '/')+1:], ".beam"), data
	}
	environ := environFlags("ERL_AFLAGS")
	c.PathsFirst, c.PathsLast = codePaths(environ)
	c.Flags = append(append(environ, "-noshell", "-gerl_run", name, "-extra"), args...)
	return boot(c, func(n *node.Node) error {
		n.AddModule(name, image)
		return nil
	})
}
