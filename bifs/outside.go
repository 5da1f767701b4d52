package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// BIFs that ask the world outside (flag outside in bifs/spec) give in a replayed run what they gave in the recorded one, and do nothing.

// outside gives f, recorded or replayed when the run is.
func outside(name string, f Func) Func {
	return func(p *proc.Process, a []term.Term) term.Term {
		j := p.Sys.Sched.Journal
		switch {
		case j == nil:
			return f(p, a)
		case j.Replaying():
			return replayCall(p, j, name)
		}
		c := &outsideCall{j: j, name: name, number: j.Call()}
		return c.run(p, a, f)
	}
}

// outsideCall is a call that is being recorded.
type outsideCall struct {
	j      *proc.Journal
	name   string
	number uint64
	stops  []byte // 'w' and 'y': how it waited and yielded before it ended
}

var (
	atomTrapped = term.Intern("trap")
)

// run calls f and notes what comes of it.
func (c *outsideCall) run(p *proc.Process, a []term.Term, f Func) term.Term {
	p.Sys.Asking(true)
	t := f(p, a)
	p.Sys.Asking(false)
	h := term.NewArena()
	defer h.Free()
	var outcome term.Term
	switch {
	case t != term.None:
		outcome = h.Tuple(term.AtomOk, t)
	case p.Action == proc.ActWait || p.Action == proc.ActYield:
		next := p.TakeResume()
		again := func(p *proc.Process, a []term.Term) term.Term { return c.run(p, a, next) }
		if p.Action == proc.ActYield {
			c.stops = append(c.stops, 'y')
			return p.YieldBIF(again)
		}
		c.stops = append(c.stops, 'w')
		return p.WaitBIF(again)
	case p.Action == proc.ActRaise:
		info := p.Exc.Info
		if info == term.None {
			info = term.Nil
		}
		outcome = h.Tuple(p.Exc.Class, p.Exc.Reason, info)
	case p.Action == proc.ActTrap:
		m, f, args := p.TrapTarget()
		outcome = h.Tuple(atomTrapped, m, f, h.List(args...))
	default:
		return t
	}
	refs := p.RefState()
	c.j.SetResult(c.number, p.Sys.EncodeTerm(h.Tuple(h.Binary([]byte(c.name)), h.Binary(c.stops), outcome, h.List(p.PortLinks()...),
		h.Tuple(h.Int64(int64(refs[0])), h.Int64(int64(refs[1])), h.Int64(int64(refs[2]))))))
	return t
}

// replayCall lets a call end as it did in the recorded run, after as many stops.
func replayCall(p *proc.Process, j *proc.Journal, name string) term.Term {
	data, ok := j.Result(j.Call())
	if !ok {
		return p.WaitBIF(forever)
	}
	e, ok := p.Sys.DecodeTerm(&p.Heap, data)
	if !ok || !e.TupleOf(5) {
		j.Leave("the journal is damaged")
		return p.WaitBIF(forever)
	}
	if was, _ := e.Elem(0).Bytes(); string(was) != name {
		j.Leave("the program calls " + name + " where the recorded run called " + string(was))
		return p.WaitBIF(forever)
	}
	view, _ := e.Elem(1).Bytes()
	stops := append([]byte(nil), view...)
	keep := p.Protect(e)
	var step Func
	step = func(p *proc.Process, _ []term.Term) term.Term {
		if len(stops) > 0 {
			kind := stops[0]
			stops = stops[1:]
			if kind == 'y' {
				return p.YieldBIF(step)
			}
			return p.WaitBIF(step)
		}
		e := keep.Terms[0]
		p.Release(keep)
		return endReplayed(p, j, e)
	}
	return step(p, nil)
}

func forever(p *proc.Process, _ []term.Term) term.Term { return p.WaitBIF(forever) }

// endReplayed gives the outcome of a recorded call.
func endReplayed(p *proc.Process, j *proc.Journal, e term.Term) term.Term {
	links, _ := listElems(e.Elem(3))
	p.SetPortLinks(links)
	var refs [3]uint64
	for i := range refs {
		n, _ := term.ToInt64(e.Elem(4).Elem(i))
		refs[i] = uint64(n)
	}
	p.SetRefState(refs)
	o := e.Elem(2)
	switch {
	case o.TupleOf(2) && o.Elem(0) == term.AtomOk:
		return o.Elem(1)
	case o.TupleOf(3):
		info := o.Elem(2)
		if info == term.Nil {
			info = term.None
		}
		p.Raise(o.Elem(0), o.Elem(1))
		p.Exc.Info = info
		return term.None
	case o.TupleOf(4):
		args, _ := listElems(o.Elem(3))
		return p.Trap(o.Elem(1), o.Elem(2), args...)
	}
	j.Leave("the journal is damaged")
	return p.WaitBIF(forever)
}
