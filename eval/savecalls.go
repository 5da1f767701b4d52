package eval

import (
	"sync"

	"github.com/gerl-lang/gerl/bifs/spec"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// process_flag(save_calls, N): while a process has it, every export slot has a global breakpoint, whose calls such processes keep. Others
// only pay for meeting them.

// saves counts the processes that keep their calls.
type saves struct {
	mu      sync.Mutex
	users   int
	session *proc.TraceSession // a session that nobody can name; nil while there are no breakpoints
}

// SaveCalls implements proc.CallSaver: it changes the number of processes that keep their calls and waits until calls are seen, or are no longer.
func (vm *VM) SaveCalls(users int) {
	s := &vm.points.saves
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users += users
	if s.users > 0 == (s.session != nil) {
		return
	}
	c := &callPattern{m: term.AtomUnderscore, f: term.AtomUnderscore, arity: -1, on: s.users > 0, global: true, save: true}
	vm.quiesce(func() {
		if c.on {
			s.session = &proc.TraceSession{ID: -1, Tracer: term.None}
			vm.points.onLoad[s.session] = c
			vm.applyPattern(s.session, c)
			return
		}
		vm.applyPattern(s.session, c)
		delete(vm.points.onLoad, s.session)
		s.session = nil
	})
}

// fits reports whether the pattern is about a function.
func (c *callPattern) fits(k mfa) bool {
	if c.save && k.m == term.AtomErlang && spec.IsGuardBIF(k.f.AtomName(), k.arity) {
		return false // these are instructions of OTP's, which it does not keep
	}
	return (c.m == term.AtomUnderscore || c.m == k.m) && (c.f == term.AtomUnderscore || c.f == k.f) && (c.arity < 0 || c.arity == k.arity)
}
