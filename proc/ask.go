package proc

import (
	"sync/atomic"

	"github.com/gerl-lang/gerl/term"
)

// request is a question to another process: it answers in its own context while the asker waits.
type request struct {
	done   atomic.Bool
	answer term.Term
	frag   fragment
}

// Ask asks the process pid and waits for the answer: a BIF returns what Ask returns. f runs in the target's context, in order with
// the signals that p sent before; it builds its answer on h and may find t.Gone(). It must not touch p. The
// answer is copied to p. none is the result when there is no such process.
func (p *Process) Ask(pid, none term.Term, f func(t *Process, h *term.Heap) term.Term) term.Term {
	return p.ask(pid, none, false, f)
}

func (p *Process) ask(pid, none term.Term, atRest bool, f func(t *Process, h *term.Heap) term.Term) term.Term {
	if pid == p.Pid {
		return f(p, &p.Heap)
	}
	r := &request{}
	sys := p.Sys
	question := func(t *Process) {
		h := scratchHeap()
		if answer := f(t, h); answer != term.None { // None: badarg
			r.answer, r.frag = term.CopyObject(answer)
		}
		h.Free()
		r.done.Store(true)
		if t.w != nil {
			t.w.Ready(&p.Node)
		} else {
			sys.Sched.Ready(&p.Node)
		}
	}
	if atRest {
		question = AtRest(question)
	}
	if !sys.Call(p, pid, question) {
		return none
	}
	return r.resume(p, nil)
}

func (r *request) resume(p *Process, _ []term.Term) term.Term {
	if !r.done.Load() {
		return p.WaitBIF(r.resume)
	}
	if r.answer == term.None {
		return p.Badarg()
	}
	p.Heap.Adopt(r.frag)
	return r.answer
}

// IsProcessAlive is erlang:is_process_alive/1: exit signals that the caller sent before have taken effect.
func (p *Process) IsProcessAlive(pid term.Term) term.Term {
	if !pid.IsLocalPid() {
		return p.Badarg()
	}
	if q := p.Sys.Lookup(pid); q != nil && p.seize(q) {
		p.w.LetGo(&q.Node, false)
		return term.AtomTrue
	}
	return p.Ask(pid, term.AtomFalse, func(t *Process, _ *term.Heap) term.Term {
		return term.Bool(!t.dying && !t.Gone())
	})
}

// SetGroupLeader is erlang:group_leader(Leader, Pid).
func (p *Process) SetGroupLeader(leader, pid term.Term) term.Term {
	switch {
	case !leader.IsPid() || !pid.IsPid():
		return p.Badarg()
	case pid == p.Pid:
		p.setLeader(newLeader(leader))
		return term.AtomTrue
	case pid.IsLocalPid():
		q := p.Sys.Lookup(pid)
		if q == nil {
			return p.Badarg()
		}
		s := p.Sys.newSignal(p.w)
		s.kind = sigGroupLeader
		s.d = &signalData{leader: newLeader(leader)}
		if !p.Sys.post(p.w, q, s) {
			return p.Badarg()
		}
		return term.AtomTrue
	}
	if p.Sys.Router != nil {
		p.Sys.Router.GroupLeader(p, pid, leader)
	}
	return term.AtomTrue
}

// GarbageCollect collects another process, or the caller as soon as its BIF is over: garbage_collect/1. The answer is true, or false if there is no such process.
func (p *Process) GarbageCollect(pid term.Term, full bool) term.Term {
	if !pid.IsLocalPid() {
		return p.Badarg()
	}
	return p.ask(pid, term.AtomFalse, true, func(t *Process, _ *term.Heap) term.Term {
		switch {
		case t.Gone():
			return term.AtomFalse
		case t == p:
			if p.Heap.Wanted = term.WantMinor; full {
				p.Heap.Wanted = term.WantFull
			}
		default:
			t.Sys.Machine.Collect(t, full)
		}
		return term.AtomTrue
	})
}

// SuspendProcess is erlang:suspend_process/2 with the options given; reply is the term of {asynchronous, Reply}, None
// without it.
func (p *Process) SuspendProcess(pid term.Term, unlessSuspending, async bool, reply term.Term) term.Term {
	if !pid.IsLocalPid() || pid == p.Pid {
		return p.Badarg()
	}
	if p.Sys.Lookup(pid) == nil {
		if !async {
			return p.Badarg()
		}
		if reply != term.None {
			p.Send(p.Pid, p.Heap.Tuple(reply, term.AtomBadarg)) // who asks asynchronously hears of it as a message
		}
		return term.AtomTrue
	}
	if unlessSuspending && p.Suspending(pid) > 0 {
		return term.AtomFalse
	}
	if async {
		var tag term.Term
		var frag fragment
		if reply != term.None {
			tag, frag = term.CopyObject(reply)
		}
		asker, sys := p.Pid, p.Sys
		p.Suspend(pid, func(t *Process) {
			if reply == term.None {
				return
			}
			h := scratchHeap()
			state := term.AtomSuspended
			if t.Gone() {
				state = atomExited
			}
			sys.SendTo(t.w, asker, h.Tuple(tag, state))
			h.Free()
			term.DropFragment(frag)
		})
		return term.AtomTrue
	}
	r := &request{}
	sys := p.Sys
	if !p.Suspend(pid, func(t *Process) {
		r.answer = term.Bool(!t.Gone())
		r.done.Store(true)
		if t.w != nil {
			t.w.Ready(&p.Node)
		} else {
			sys.Sched.Ready(&p.Node)
		}
	}) {
		return p.Badarg()
	}
	return p.WaitBIF(func(p *Process, a []term.Term) term.Term { return p.afterSuspend(r, pid) })
}

func (p *Process) afterSuspend(r *request, pid term.Term) term.Term {
	if !r.done.Load() {
		return p.WaitBIF(func(p *Process, a []term.Term) term.Term { return p.afterSuspend(r, pid) })
	}
	if r.answer == term.AtomFalse {
		p.x.suspending.remove(pid)
		return p.Badarg()
	}
	return term.AtomTrue
}
