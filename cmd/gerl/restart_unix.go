//go:build unix

package main

import (
	"os"
	"syscall"
)

// canRestart: init:restart/0 works by putting the same program in the place of the process.
const canRestart = true

// beginAnew puts the program in its own place, with another environment. It only returns when that fails.
func beginAnew(env []string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(exe, os.Args, env)
}
