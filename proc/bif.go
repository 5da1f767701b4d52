package proc

import (
	"sync/atomic"

	"github.com/gerl-lang/gerl/term"
)

// BIF is a built-in function: see docs/contracts.md for the protocol. a is
// only valid until the function returns.
type BIF = func(p *Process, a []term.Term) term.Term

// Action is what the machine must do after a BIF returned term.None. It resets p.Action to ActNone when
// it has dealt with it.
type Action uint8

const (
	// ActNone: nothing was asked for. A BIF that returns term.None without an action has a bug.
	ActNone Action = iota
	// ActRaise: p.Exc is raised.
	ActRaise
	// ActTrap: a tail call of p.TrapTarget() takes the BIF's place.
	ActTrap
	// ActWait: save the arguments, return scheduler.Waiting; when the process runs again call
	// p.TakeResume() with the same arguments instead of the BIF.
	ActWait
	// ActYield: the same with scheduler.Yielded.
	ActYield
	// ActExit: the process is dying: call p.Terminate(term.None), return scheduler.Exited.
	ActExit
	// ActHibernate: throw the stack and the registers away, collect, and wait for a message before
	// p.TrapTarget() is called.
	ActHibernate
)

// Raise makes the BIF end with an exception of the given class (the atoms error, exit, throw).
func (p *Process) Raise(class, reason term.Term) term.Term {
	p.Exc = Exception{Class: class, Reason: reason}
	p.Action = ActRaise
	return term.None
}

// RaiseInfo is Raise of class error with an error_info map; [] means that nothing is to be said.
func (p *Process) RaiseInfo(reason, info term.Term) term.Term {
	p.Exc = Exception{Class: term.AtomError, Reason: reason, Info: info}
	p.Action = ActRaise
	return term.None
}

// Badarg raises error:badarg.
func (p *Process) Badarg() term.Term { return p.Raise(term.AtomError, term.AtomBadarg) }

// Badarith raises error:badarith.
func (p *Process) Badarith() term.Term { return p.Raise(term.AtomError, term.AtomBadarith) }

// SystemLimit raises error:system_limit.
func (p *Process) SystemLimit() term.Term { return p.Raise(term.AtomError, term.AtomSystemLimit) }

// Trap makes the BIF go on with a tail call of m:f(args...) in its place.
func (p *Process) Trap(m, f term.Term, args ...term.Term) term.Term {
	x := p.ext()
	x.trapM, x.trapF = m, f
	x.trapArgs = append(x.trapArgs[:0], args...)
	p.Action = ActTrap
	return term.None
}

// Hibernate makes the BIF end with the process hibernating: it goes on with m:f(args...) and an
// empty stack once there is a message.
func (p *Process) Hibernate(m, f term.Term, args ...term.Term) term.Term {
	p.Trap(m, f, args...)
	p.Action = ActHibernate
	return term.None
}

// TrapTarget is the call that Trap asked for. args is only valid until the next Trap. The terms
// are roots of the collector until ClearTrap.
func (p *Process) TrapTarget() (m, f term.Term, args []term.Term) {
	return p.x.trapM, p.x.trapF, p.x.trapArgs
}

// ClearTrap forgets the arguments of the last Trap.
func (p *Process) ClearTrap() {
	if p.x != nil {
		p.x.trapArgs = p.x.trapArgs[:0]
	}
}

// WaitBIF makes the process wait; after the next signal or completion the machine calls resume with the same
// arguments. Signals are handled before.
func (p *Process) WaitBIF(resume BIF) term.Term {
	p.ext().resume = resume
	p.Action = ActWait
	return term.None
}

// YieldBIF is WaitBIF for a process that stays runnable: it goes on with resume in its next slice.
func (p *Process) YieldBIF(resume BIF) term.Term {
	p.ext().resume = resume
	p.Action = ActYield
	return term.None
}

// TakeResume gives the function that WaitBIF or YieldBIF left and forgets it.
func (p *Process) TakeResume() BIF {
	f := p.x.resume
	p.x.resume = nil
	return f
}

// Async runs work on another goroutine while the process waits (it still answers signals). work must not
// touch the process or its terms; what it returns is called in the process afterwards and gives the BIF's
// result, or term.None with an action as any BIF. When the process dies meanwhile the result is dropped.
func (p *Process) Async(work func() (result func(p *Process) term.Term)) term.Term {
	c := &completion{}
	s := p.Sys.Sched
	s.Blocking(func() {
		c.result = work()
		c.done.Store(true)
		s.Ready(&p.Node)
	})
	return p.WaitBIF(c.resume)
}

type completion struct {
	done   atomic.Bool
	result func(p *Process) term.Term
}

func (c *completion) resume(p *Process, _ []term.Term) term.Term {
	if !c.done.Load() {
		return p.WaitBIF(c.resume)
	}
	return c.result(p)
}

// Bump charges reductions for work that a BIF did.
func (p *Process) Bump(reductions int) {
	p.Bumped += int32(min(reductions, 1<<20))
}

// Protected are terms that a BIF keeps across a wait or yield: the collector updates them.
type Protected struct{ Terms []term.Term }

// Protect keeps terms alive and up to date until Release.
func (p *Process) Protect(terms ...term.Term) *Protected {
	pr := &Protected{Terms: append([]term.Term(nil), terms...)}
	x := p.ext()
	x.protected = append(x.protected, pr)
	return pr
}

// Counting is what SetCounting left: the list that length/1 goes on with, and how far it is; nil outside of it.
func (p *Process) Counting() *Protected {
	if p.x == nil {
		return nil
	}
	return p.x.counting
}

// SetCounting notes that.
func (p *Process) SetCounting(pr *Protected) { p.ext().counting = pr }

// Release ends the protection.
func (p *Process) Release(pr *Protected) {
	x := p.ext()
	for i, q := range x.protected {
		if q == pr {
			x.protected = append(x.protected[:i], x.protected[i+1:]...)
			return
		}
	}
}

// AppendRoots appends the process's own roots of the collector, apart from the machine's registers and stack: slices
// whose elements the collector replaces by the terms' new places. The machine calls it at each
// collection, before which it has called AdoptCurrent.
func (p *Process) AppendRoots(roots [][]term.Term) [][]term.Term {
	if len(p.M.X) > 0 {
		roots = append(roots, p.M.X)
	}
	for _, s := range p.box.direct {
		if s != nil {
			roots = append(roots, s.msg[:])
		}
	}
	x := p.x
	if x == nil {
		return roots
	}
	if len(x.trapArgs) > 0 {
		roots = append(roots, x.trapArgs)
	}
	for _, pr := range x.protected {
		roots = append(roots, pr.Terms)
	}
	if len(x.dict.pairs) > 0 {
		roots = append(roots, x.dict.pairs)
	}
	for _, s := range x.onHeapMsgs {
		roots = append(roots, s.msg[:])
	}
	return roots
}

// registersKept bounds how many register areas a worker keeps for the next process, and how large they may be.
const (
	registersKept = 256
	registersMax  = 64
)

// SaveRegisters keeps live registers in M.X until TakeRegisters. The memory comes from the worker that p runs on or
// that its parent runs on: most processes hold none, since they wait without live registers.
func (p *Process) SaveRegisters(live []term.Term) {
	if len(live) == 0 && p.M.X == nil {
		return
	}
	if p.M.X == nil && p.w != nil && len(live) <= registersMax {
		l := &p.Sys.local[p.w.ID]
		if n := len(l.registers); n > 0 {
			p.M.X = l.registers[n-1]
			l.registers = l.registers[:n-1]
		} else {
			p.M.X = make([]term.Term, 0, registersMax/4)
		}
	}
	p.M.X = append(p.M.X[:0], live...)
}

// TakeRegisters copies what SaveRegisters kept to x and gives the memory back. It gives their number.
func (p *Process) TakeRegisters(x []term.Term) int {
	n := copy(x, p.M.X)
	if c := cap(p.M.X); c > 0 {
		if l := &p.Sys.local[p.w.ID]; c <= registersMax && len(l.registers) < registersKept {
			l.registers = append(l.registers, p.M.X[:0])
		}
		p.M.X = nil
	}
	return n
}
