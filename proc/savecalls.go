package proc

import "github.com/gerl-lang/gerl/term"

// savedCalls are the last calls of a process with the flag save_calls: those through export slots, of BIFs too, sends and receives.
type savedCalls struct {
	ring []savedCall
	next int
	full bool
}

// savedCall has no function (None) when the first atom is send, receive or timeout.
type savedCall struct {
	m, f  term.Term
	arity int
}

const mostSavedCalls = 10000

var atomReceive = term.Intern("receive")

// SaveCall keeps a call, if p has the flag. f None: m is an event.
func (p *Process) SaveCall(m, f term.Term, arity int) {
	if p.x == nil || p.x.calls == nil || p.sensitive {
		return
	}
	s := p.x.calls
	s.ring[s.next] = savedCall{m, f, arity}
	if s.next++; s.next == len(s.ring) {
		s.next, s.full = 0, true
	}
}

// list gives the calls, the first one first.
func (s *savedCalls) list(h *term.Heap) term.Term {
	calls := s.ring[:s.next]
	if s.full {
		calls = append(append([]savedCall(nil), s.ring[s.next:]...), calls...)
	}
	out := make([]term.Term, len(calls))
	for i, c := range calls {
		out[i] = c.m
		if c.f != term.None {
			out[i] = h.Tuple(c.m, c.f, term.Int(c.arity))
		}
	}
	return h.List(out...)
}

// setSaveCalls changes the flag of a process. The machine sees calls before it is on and at least until it is off.
func (p *Process) setSaveCalls(pid, value term.Term) term.Term {
	n, ok := natural(value)
	if !ok || n > mostSavedCalls {
		return p.Badarg()
	}
	saver, ok := p.Sys.Machine.(CallSaver)
	if !ok {
		return p.Badarg()
	}
	if n == 0 {
		return p.changeSaveCalls(saver, pid, n)
	}
	return p.Async(func() func(*Process) term.Term {
		saver.SaveCalls(1)
		return func(p *Process) term.Term {
			if p.Sys.Lookup(pid) == nil {
				p.savesNoCalls(saver)
				return p.Badarg()
			}
			return p.changeSaveCalls(saver, pid, n)
		}
	})
}

// changeSaveCalls asks a process for its change. If it is to keep calls, the machine counts it already.
func (p *Process) changeSaveCalls(saver CallSaver, pid term.Term, n int) term.Term {
	return p.Ask(pid, term.Int(0), func(t *Process, _ *term.Heap) term.Term {
		old, users := 0, 0
		if n > 0 {
			users--
		}
		gone := t.dying || t.Gone()
		if c := t.ext().calls; !gone {
			t.x.calls = nil
			if n > 0 {
				t.x.calls = &savedCalls{ring: make([]savedCall, n)}
				users++
			}
			if c != nil {
				old = len(c.ring)
				users--
			}
		}
		for ; users < 0; users++ {
			t.savesNoCalls(saver)
		}
		if gone {
			return term.None
		}
		return term.Int(old)
	})
}

// savesNoCalls tells the machine, which may have to wait for all workers, that there is a process less.
func (p *Process) savesNoCalls(s CallSaver) {
	p.Sys.Sched.Blocking(func() { s.SaveCalls(-1) })
}
