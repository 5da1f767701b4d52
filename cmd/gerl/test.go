package main

import (
	"fmt"
	"os"

	"github.com/gerl-lang/gerl/node"
)

// testCommand compiles a project and runs its tests; the work is done by gerl_test in the library. The
// tests run in other processes of this same program.
func testCommand(args []string) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl test: cannot find the program itself: %v\n", err)
		return 1
	}
	flags := environFlags("ERL_AFLAGS")
	first, last := codePaths(flags)
	flags = append(append(whereabouts(), flags...), "-noshell", "-gerl_program", self, "-gerl_apply", "gerl_test", "-extra")
	return boot(node.Config{PathsFirst: first, PathsLast: last, Flags: append(flags, args...)}, nil)
}
