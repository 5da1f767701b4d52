package proc

import (
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Machine is what proc needs of the engine. Package eval implements it.
type Machine interface {
	// Start prepares a new process to call m:f with the argument list args (a term
	// on p's heap) and to exit with reason normal when that returns.
	Start(p *Process, m, f, args term.Term)
	// StartFun prepares a new process to call a fun (on p's heap) without arguments.
	StartFun(p *Process, fun term.Term)
	// Run executes p for about budget reductions and adds what it used to
	// w.Reductions. Before it returns Exited it has called p.Terminate or p.Crash.
	Run(p *Process, w *scheduler.Worker, budget int) scheduler.Outcome
	// Inspect answers the process_info items that only the machine can know: current_function,
	// current_location, current_stacktrace, backtrace, catchlevel, initial_call of a fun, stack_size... The term is built on h.
	// It is called in p's own context (p does not run or calls it itself). ok is false for items it does not know.
	Inspect(p *Process, item term.Term, h *term.Heap) (t term.Term, ok bool)
	// Discard frees what the machine holds for p when it is over.
	Discard(p *Process)
	// Collect runs a collection of p, which is at rest.
	Collect(p *Process, full bool)
}

// CallSaver is the optional part of a Machine that sees calls for process_flag(save_calls, N).
type CallSaver interface {
	// SaveCalls changes the number of processes that want their calls kept (SaveCall). It blocks.
	SaveCalls(users int)
}

// LiteralReaper is the optional part of a Machine that frees literal areas which processes may still refer to.
type LiteralReaper interface {
	// DiscardLiterals frees areas once no process refers to them: those that do get copies. Nothing may hand out their terms any more.
	DiscardLiterals(areas ...*term.LiteralArea)
}

// SliceMeter is the optional part of a Machine that knows what the slice which p is in has used so far.
type SliceMeter interface {
	// SliceReductions is called by p itself.
	SliceReductions(p *Process) int
}

// Worker is who runs processes.
type Worker = scheduler.Worker

// Timer is the scheduler's, of what is no process.
type Timer = scheduler.Timer

// Ports is how signals reach ports. A nil Ports knows no port.
type Ports interface {
	// Alive reports whether the port exists.
	Alive(port term.Term) bool
	// Whereis is called for names registered for ports: none so far.
	// Command delivers a message sent to a port: {Owner, {command, Data}} and so on.
	Command(from *Process, port, msg term.Term)
	// Link, Unlink, Monitor, Demonitor and Exit are signals from a process to a port. False: there is no such port.
	Link(from *Process, port term.Term) bool
	Unlink(from *Process, port term.Term, id uint64) bool
	// A monitor by name tells that.
	Monitor(from *Process, port term.Term, ref uint64, name term.Term) bool
	Demonitor(from *Process, port term.Term, ref uint64)
	// w is the worker of the caller, nil outside.
	Exit(w *scheduler.Worker, from, port, reason term.Term) bool
	// All gives the identifiers of all ports.
	All() []term.Term
	// Tracing is what is traced of a port, nil if there is no such port.
	Tracing(port term.Term) *Tracing
	// Trace gives a trace message to a port that is a tracer, in the external format. from is who tells of itself and may have to wait, nil if it is a port.
	// False: there is no such port.
	Trace(from *Process, port, msg term.Term) bool
	// Busy reports whether a command to the port would have to wait.
	Busy(port term.Term) bool
}

// Reporter prints or logs what the node has to tell on its own.
type Reporter interface {
	// Report is called with events of the emulator's own. Terms in it are valid during the call only.
	Report(r Report)
}

// ReportKind says what a Report is about.
type ReportKind uint8

const (
	// ProcessCrash: "Error in process <0.9.0> with exit value:" followed by Reason (the exit reason with stack trace).
	ProcessCrash ReportKind = iota
	// InternalError: a Go panic while a process ran; Text holds its text and stack.
	InternalError
	// MaxHeapExceeded: a process grew beyond max_heap_size; Format and Args say so.
	MaxHeapExceeded
	// Error is anything else; Text is the message.
	Error
)

// Report is one event for the Reporter.
type Report struct {
	Kind        ReportKind
	Pid         term.Term
	Name        term.Term // registered name or None
	GroupLeader term.Term
	Reason      term.Term
	Text        string
	Format      string // with Args, in place of Text
	Args        []term.Term
}

// Exception is an Erlang exception on its way: class is one of the atoms error, exit, throw.
// Trace is the raw stack trace (return addresses, newest first) until the machine turns it into a term.
type Exception struct {
	Class  term.Term
	Reason term.Term
	Trace  term.Term // stack trace as a term where erlang:raise/3 gave one, else None
	Args   term.Term // argument list of the failing BIF (for its stack trace entry), or None
	Info   term.Term // error_info map of the failing BIF (EEP 54), or None
}
