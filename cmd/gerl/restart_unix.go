//go:build unix

package main

import (
	"os"
	"syscall"
)

// canRestart: init:restart/0 works by putting the same program in the place of the process.
const canRestart = true

func beginAnew() error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(exe, os.Args, os.Environ())
}
