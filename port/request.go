package port

import (
	"sync/atomic"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Result makes the term of a finished call in the process that made the call.
type Result = func(p *proc.Process) term.Term

// Request is a call of a process that waits for something.
type Request struct {
	p      *proc.Process
	done   atomic.Bool
	taken  atomic.Bool
	result Result
	alarm  *proc.Alarm
	want   int    // receive: how many bytes, 0: whatever comes
	late   Result // the result after the time is over, {error, timeout} by default
}

// gone reports whether nobody waits any more.
func (r *Request) gone() bool { return r.taken.Load() || r.p.Gone() }

// finish gives the waiting process its result; only the first call counts.
func (r *Request) finish(f Result) bool {
	if !r.taken.CompareAndSwap(false, true) {
		return false
	}
	r.alarm.Stop()
	r.complete(f)
	return true
}

func (r *Request) complete(f Result) {
	r.result = f
	r.done.Store(true)
	r.p.Sys.Sched.Ready(&r.p.Node)
}

// wait makes the process wait for the request. timeout (milliseconds, negative: none) ends it with {error, timeout} after expired,
// which may be nil, has run.
func (r *Request) wait(timeout int64, expired func()) term.Term {
	if timeout >= 0 && !r.taken.Load() {
		r.alarm = r.p.Sys.AfterFunc(timeout, func() {
			if !r.taken.CompareAndSwap(false, true) {
				return
			}
			if r.late != nil {
				r.complete(r.late)
			} else {
				r.complete(Failed(atomTimeout))
			}
			if expired != nil {
				go expired()
			}
		})
	}
	return r.p.WaitBIF(r.resume)
}

func (r *Request) resume(p *proc.Process, _ []term.Term) term.Term {
	if !r.done.Load() {
		return p.WaitBIF(r.resume)
	}
	return r.result(p)
}

// Failed is {error, Reason}.
func Failed(reason term.Term) Result {
	return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomError, reason) }
}

// Okay is ok.
func Okay(*proc.Process) term.Term { return term.AtomOk }

var atomTimeout = term.Intern("timeout")
