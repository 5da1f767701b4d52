//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// apart gives a child a session of its own, so that it outlives the terminal.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
