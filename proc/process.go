// Package proc holds what Erlang processes are, apart from the code they run: the process table, pids,
// the signal queue and mailbox, links, monitors, aliases, exit signals, the registry, flags, and the System
// interfaces through which lower layers reach what lies above them.
//
// Main types: Process, System, Machine, Exception.
//
// It may import term and scheduler.
package proc

import (
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Exception is an Erlang exception on its way: class is one of the atoms error, exit, throw.
// Trace is the raw stack trace (return addresses, newest first) until the machine turns it into a term.
type Exception struct {
	Class  term.Term
	Reason term.Term
	Trace  term.Term // stack trace as a term where erlang:raise/3 gave one, else None
	Args   term.Term // argument list of the failing BIF (for its stack trace entry), or None
	Info   term.Term // error_info map of the failing BIF (EEP 54), or None
}

// Machine is what proc needs of the engine. Package eval implements it.
type Machine interface {
	// Start prepares a new process to call m:f with the argument list args (a term
	// on p's heap) and to exit with reason normal when that returns.
	Start(p *Process, m, f, args term.Term)
	// StartFun prepares a new process to call a fun without arguments.
	StartFun(p *Process, fun term.Term)
	// Run executes p for about budget reductions.
	Run(p *Process, w *scheduler.Worker, budget int) scheduler.Outcome
}

// Process is one Erlang process.
type Process struct {
	scheduler.Node
	Heap term.Heap
	Pid  term.Term
	Exc  Exception
	Sys  *System
}

// System is one running node as the lower layers see it.
type System struct {
	Machine Machine
}
