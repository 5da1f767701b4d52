package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Node is what BIFs need of the running system as a whole. Package node provides it.
type Node interface {
	// Halt ends the node with an exit status once its output is written (flush) or at once; a
	// message, if there is one, is written first. It returns; the node ends soon after.
	Halt(status int, message string, flush bool)
	// CanRestart reports whether Restart works; that ends the node as Halt does, and its program begins anew.
	CanRestart() bool
	Restart()
	// Getenv and Setenv work on the node's own environment: a copy of the operating system process's.
	Getenv(name string) (string, bool)
	Setenv(name, value string)
	Unsetenv(name string)
	Environ() []string
	// Dir is the node's working directory, Chdir changes it.
	Dir() string
	Chdir(dir string) error
	// SetSignal says what a signal of the operating system does, named as in os:set_signal/2: what is
	// default, ignore or handle. False: there is no such signal here.
	SetSignal(name, what string) bool
}

type nodeKey struct{}

// SetNode tells BIFs which node they run on; before the node starts.
func SetNode(sys *proc.System, n Node) {
	sys.Values.Store(nodeKey{}, n)
	if sys.Sched == nil || sys.Sched.Policy == nil { // a run from a seed measures nothing real
		sys.CPUTime = cpuNanoseconds
	}
}

// NodeOf is the node that p runs on, nil where there is none (in tests).
func NodeOf(p *proc.Process) Node {
	n, _ := p.Sys.Values.Load(nodeKey{})
	if n == nil {
		return nil
	}
	return n.(Node)
}

// erlang:halt() -> no_return()
func erlangHalt0(p *proc.Process, _ []term.Term) term.Term { return haltNode(p, 0, "", true) }

// erlang:halt(Status :: non_neg_integer() | abort | string()) -> no_return()
func erlangHalt1(p *proc.Process, a []term.Term) term.Term {
	return halt(p, a[0], true)
}

// erlang:halt(Status, [{flush, boolean()} | {flush_timeout, Timeout}]) -> no_return()
func erlangHalt2(p *proc.Process, a []term.Term) term.Term {
	flush := true
	l := a[1]
	for ; l.IsCons(); l = l.Tail() {
		o := l.Head()
		if !o.TupleOf(2) || o.Elem(0) != term.AtomFlush || o.Elem(1) != term.AtomTrue && o.Elem(1) != term.AtomFalse {
			if o.TupleOf(2) && o.Elem(0) == term.Intern("flush_timeout") &&
				(o.Elem(1) == term.AtomInfinity || o.Elem(1).IsSmall() && o.Elem(1).Small() >= 0) {
				continue
			}
			return p.BadargCause(atomBadopt)
		}
		flush = o.Elem(1) == term.AtomTrue
	}
	if l != term.Nil {
		return p.BadargCause(atomBadopt)
	}
	return halt(p, a[0], flush)
}

func halt(p *proc.Process, status term.Term, flush bool) term.Term {
	switch {
	case status.IsSmall() && status.Small() >= 0:
		return haltNode(p, status.Small()&0xFF, "", flush)
	case status == term.Intern("abort"):
		return haltNode(p, 134, "Aborted\n", false)
	case status.IsList():
		if text, ok := term.CharsText(status); ok {
			return haltNode(p, 1, text+"\n", true)
		}
	}
	return p.Badarg()
}

// haltNode ends the node; the caller waits for that.
func haltNode(p *proc.Process, status int, message string, flush bool) term.Term {
	n := NodeOf(p)
	if n == nil {
		return notsup(p)
	}
	n.Halt(status, message, flush)
	return p.WaitBIF(waitForever)
}

func waitForever(p *proc.Process, _ []term.Term) term.Term { return p.WaitBIF(waitForever) }

// os:set_signal(Signal, default | handle | ignore)
func osSetSignal2(p *proc.Process, a []term.Term) term.Term {
	n := NodeOf(p)
	if n == nil {
		return notSupported(p)
	}
	if what := a[1]; what != term.Intern("default") && what != term.Intern("handle") && what != term.Intern("ignore") {
		return p.RaiseInfo(term.AtomBadarg, p.Heap.MapFromPairs([]term.Term{term.Intern("cause"), atomBadopt}))
	}
	return orBadarg(p, term.AtomOk, a[0].IsAtom() && n.SetSignal(a[0].AtomName(), a[1].AtomName()))
}
