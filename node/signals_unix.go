//go:build unix

package node

import (
	"os"
	"syscall"
)

// signalNames are the signals that os:set_signal/2 knows. sigstop is one of them in name only: nobody can catch it.
var signalNames = map[string]os.Signal{
	"sighup": syscall.SIGHUP, "sigquit": syscall.SIGQUIT, "sigabrt": syscall.SIGABRT, "sigalrm": syscall.SIGALRM,
	"sigterm": syscall.SIGTERM, "sigusr1": syscall.SIGUSR1, "sigusr2": syscall.SIGUSR2, "sigchld": syscall.SIGCHLD,
	"sigstop": syscall.SIGSTOP, "sigtstp": syscall.SIGTSTP, "sigcont": syscall.SIGCONT, "sigwinch": syscall.SIGWINCH,
}

var handledSignals = []string{"sigterm", "sigquit", "sigusr1"}

// endsByDefault are signals that end a program by default but not one of Go's: the node ends itself.
var endsByDefault = map[string]bool{"sigusr1": true, "sigusr2": true, "sigalrm": true, "sigquit": true}

func signalNumber(s os.Signal) int { return int(s.(syscall.Signal)) }
