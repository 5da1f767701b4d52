package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Sequential tracing, on which module seq_trace stands.

// seq_trace(Item, Value): what it was.
func erlangSeqTrace2(p *proc.Process, a []term.Term) term.Term {
	old := p.SeqTrace(a[0], a[1])
	return orBadarg(p, old, old != term.None)
}

func erlangSeqTraceInfo1(p *proc.Process, a []term.Term) term.Term {
	v := p.SeqTraceInfo(a[0])
	return orBadarg(p, v, v != term.None)
}

func erlangSeqTracePrint1(p *proc.Process, a []term.Term) term.Term {
	return term.Bool(p.SeqPrint(term.None, a[0]))
}

func erlangSeqTracePrint2(p *proc.Process, a []term.Term) term.Term {
	return term.Bool(p.SeqPrint(a[0], a[1]))
}

func seqTracer(p *proc.Process) term.Term {
	if t := p.Sys.SeqTracer(); t != term.None {
		return t
	}
	return term.AtomFalse
}

// setSeqTracer is system_flag(sequential_tracer, PidOrPortOrFalse): the old one.
func setSeqTracer(p *proc.Process, t term.Term) term.Term {
	old := seqTracer(p)
	switch {
	case t == term.AtomFalse:
		t = term.None
	case t.IsLocalPid() && p.Sys.Lookup(t) != nil:
	case t.IsLocalPort() && p.Sys.Ports != nil && p.Sys.Ports.Alive(t):
	case t.TupleOf(2) && t.Elem(0).IsAtom():
		return p.Raise(term.AtomError, p.Heap.Tuple(term.Intern("not_supported"), term.Intern("tracer_modules")))
	default:
		return p.Badarg()
	}
	p.Sys.SetSeqTracer(t)
	return old
}
