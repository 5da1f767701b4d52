package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// prim_eval:await(Count, Timeout) -> boolean(): waits until the mailbox holds more than Count messages, or the
// timeout (milliseconds or infinity) is over.
func primEvalAwait2(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsSmall() {
		return p.Badarg()
	}
	if p.QueueLen() > a[0].Small() {
		p.CancelReceiveTimer()
		return term.AtomTrue
	}
	switch p.ReceiveTimeout(a[1]) {
	case proc.RecvWait:
		return p.WaitBIF(primEvalAwait2)
	case proc.RecvTimeout:
		return term.AtomFalse
	}
	return p.Raise(term.AtomError, term.AtomTimeoutValue)
}
