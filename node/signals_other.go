//go:build !unix

package node

import (
	"os"
	"syscall"
)

var signalNames = map[string]os.Signal{"sigterm": syscall.SIGTERM}

var handledSignals = []string{"sigterm"}

var endsByDefault = map[string]bool{}

func signalNumber(os.Signal) int { return 15 }
