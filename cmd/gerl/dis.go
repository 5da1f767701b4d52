package main

import (
	"fmt"
	"os"

	"github.com/gerl-lang/gerl/beam"
)

// disCommand prints the instructions of a .beam file.
func disCommand(args []string) int {
	o := beam.DisOptions{Arity: -1}
	var files []string
	for _, a := range args {
		switch a {
		case "--docs":
			o.Docs = true
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
		m, err := beam.Read(data)
		if err == nil {
			err = m.Disassemble(os.Stdout, o)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "gerl dis: %s: %v\n", f, err)
			return 1
		}
	}
	return 0
}
