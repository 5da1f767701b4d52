package main

import (
	"fmt"
	"os"
	"os/exec"
)

// startDetached starts this program again in the background, without a terminal, for -detached.
func startDetached(args []string) int {
	exe, err := os.Executable()
	if err == nil {
		cmd := exec.Command(exe, args...)
		cmd.Args[0] = os.Args[0]
		cmd.Env = append(os.Environ(), detachedMark+"=1")
		apart(cmd)
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl: -detached: %v\n", err)
		return 1
	}
	return 0
}
