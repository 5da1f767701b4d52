package proc

import "github.com/gerl-lang/gerl/term"

// Suspend lets the process pid stop running Erlang code until it was resumed as often. It is called in p and takes effect when the target
// handles the signal; done (may be nil) then runs in the target's context, or with target.Dying() true when that
// is over. False: there is no such process.
func (p *Process) Suspend(pid term.Term, done func(target *Process)) bool {
	x := p.ext()
	ok := p.Sys.Call(p, pid, func(t *Process) {
		if !t.Gone() {
			t.ext().suspenders++
			t.suspended = true
		}
		if done != nil {
			done(t)
		}
	})
	if ok {
		x.suspending.put(pid, p.Suspending(pid)+1)
	}
	return ok
}

// Suspending is how often p has suspended the process pid.
func (p *Process) Suspending(pid term.Term) int {
	if p.x == nil {
		return 0
	}
	if n := p.x.suspending.get(pid); n != nil {
		return *n
	}
	return 0
}

// Resume takes one Suspend back; false if p has not suspended pid.
func (p *Process) Resume(pid term.Term) bool {
	n := p.Suspending(pid)
	if n == 0 {
		return false
	}
	if n == 1 {
		p.x.suspending.remove(pid)
	} else {
		p.x.suspending.put(pid, n-1)
	}
	p.resumeTimes(pid, 1)
	return true
}

func (p *Process) resumeTimes(pid term.Term, n int) {
	p.Sys.Call(p, pid, func(t *Process) {
		if t.x == nil {
			return
		}
		if t.x.suspenders -= n; t.x.suspenders <= 0 {
			t.x.suspenders = 0
			t.suspended = t.x.portBlocks > 0
		}
	})
}
