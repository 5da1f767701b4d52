package main

import (
	"fmt"
	"os"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/node"
)

// listLoaded prints the instructions that the machine executes for a .beam file.
func listLoaded(data []byte) error {
	n, err := node.New(node.Config{Workers: 1})
	if err != nil {
		return err
	}
	return n.ListLoaded(os.Stdout, data)
}

// disCommand prints the instructions of a .beam file: generic ones, or with --loaded those of the machine.
func disCommand(args []string) int {
	o := beam.DisOptions{Arity: -1}
	loaded := false
	var files []string
	for _, a := range args {
		switch a {
		case "--docs":
			o.Docs = true
		case "--loaded":
			loaded = true
		default:
			files = append(files, a)
		}
	}
	if len(files) == 0 {
		return helpUsage("dis")
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			fmt.Fprintf(os.Stderr, "gerl dis: %s: %s\n", f, reason(err))
			return 1
		}
		if loaded {
			err = listLoaded(data)
		} else {
			var m *beam.Module
			if m, err = beam.Read(data); err == nil {
				err = m.Disassemble(os.Stdout, o)
			}
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "gerl dis: %s: %v\n", f, err)
			return 1
		}
	}
	return 0
}
