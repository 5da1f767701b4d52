package proc

import (
	"runtime/debug"
	"sync/atomic"

	"github.com/gerl-lang/gerl/term"
)

// Work aside: a BIF that would keep its worker for long runs on another goroutine, with the process's heap, while the
// worker runs other processes. Until it is done the process takes no signals, so nobody else touches it.

// aside is one such piece of work.
type aside struct {
	f      BIF
	begun  bool
	plain  bool // no BIF: the process goes on by itself when it is done
	done   atomic.Bool
	result term.Term
	action Action
	panic  any
	stack  []byte
}

// Aside runs f with the BIF's arguments on another goroutine while the process waits, and gives f's result. f may do all that a BIF may,
// but for sending signals and spawning. In a run from a seed f runs at once, for how long it takes must not decide anything; so it does when
// enough such work is going on and nobody waits for the worker.
func (p *Process) Aside(f BIF, a []term.Term) term.Term {
	if !p.MayLeave() {
		return f(p, a)
	}
	x := p.ext()
	x.aside = &aside{f: f}
	return p.WaitBIF(x.aside.resume)
}

// MayLeave reports whether work aside makes sense now.
func (p *Process) MayLeave() bool {
	s := p.Sys.Sched
	return s.Policy == nil && p.w != nil && (s.ComputeFree() || p.w.Others())
}

// LeaveFor makes the process do work on another goroutine before it goes on in its next slice; the machine returns scheduler.Waiting next.
func (p *Process) LeaveFor(work func()) {
	p.ext().aside = &aside{plain: true, f: func(*Process, []term.Term) term.Term {
		work()
		return term.Nil
	}}
}

// isAside reports whether the process works aside: its signals have to wait.
func (p *Process) isAside() bool {
	return p.x != nil && p.x.aside != nil && p.x.aside.begun && !p.x.aside.done.Load()
}

// beginAside starts the work once the slice that asked for it is over: only then the process is nobody else's.
func (p *Process) beginAside() {
	c := p.x.aside
	c.begun = true
	var args []term.Term
	if !c.plain {
		args = append(args, p.M.X...)
	}
	p.w = nil
	p.Sys.Sched.Compute(func() {
		defer func() {
			if c.panic = recover(); c.panic != nil {
				c.stack = debug.Stack()
			}
			if !c.plain {
				c.action, p.Action = p.Action, ActNone
			}
			c.done.Store(true)
			p.Sys.Sched.Ready(&p.Node)
		}()
		old := debug.SetPanicOnFault(true)
		defer debug.SetPanicOnFault(old)
		c.result = c.f(p, args)
	})
}

// endAside lets a process go on after LeaveFor.
func (p *Process) endAside() {
	if c := p.x.aside; c.plain && c.done.Load() {
		p.x.aside = nil
		if c.panic != nil {
			panic(asidePanic{c.panic, c.stack})
		}
	}
}

// resume gives the result.
func (c *aside) resume(p *Process, a []term.Term) term.Term {
	if !c.done.Load() {
		return p.WaitBIF(c.resume)
	}
	p.x.aside = nil
	if c.panic != nil {
		panic(asidePanic{c.panic, c.stack})
	}
	if c.action == ActWait {
		return p.TakeResume()(p, a) // what it waits for may have come while nobody looked
	}
	p.Action = c.action
	return c.result
}

// asidePanic is a panic that comes from another goroutine.
type asidePanic struct {
	value any
	stack []byte
}
