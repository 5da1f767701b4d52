package eval

import (
	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/ets"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Match specifications of messages, and those that programs try out.

// eventFilter is a match specification for send or receive.
type eventFilter struct {
	session *proc.TraceSession
	ms      *ets.Program // nil: nothing passes
}

// Pass implements proc.EventFilter.
func (f *eventFilter) Pass(p *proc.Process, args []term.Term) (term.Term, bool) {
	if f.ms == nil {
		return term.None, false
	}
	c, ok := p.Worker().Local.(*cpu)
	if !ok {
		return term.None, true
	}
	if c.p != p { // between two slices
		c = &cpu{m: c.m, vm: c.vm, p: p, h: &p.Heap}
	}
	e, _ := p.Trace(f.session)
	e.Session = f.session
	v := c.act(f.ms, e, args, c.vm.Code.finish, false)
	return v.message, v.told && v.entry.Flags&proc.TraceSilent == 0
}

func eventPattern(p *proc.Process, s *proc.TraceSession, send bool, spec term.Term, c *callPattern) term.Term {
	if c.restart || c.pause {
		return p.Badarg()
	}
	if c.ms != nil && !c.ms.FitsMessages(send) {
		return p.BadargCause(atomMatchSpec)
	}
	var f proc.EventFilter
	switch {
	case spec == term.AtomFalse:
		f = &eventFilter{session: s}
	case c.ms != nil:
		f = &eventFilter{session: s, ms: c.ms}
	}
	vm := vmOf(p)
	return p.Async(func() func(*proc.Process) term.Term {
		vm.quiesce(func() {
			if send {
				s.SendFilter = f
			} else {
				s.ReceiveFilter = f
			}
		})
		return func(*proc.Process) term.Term { return term.Int(1) }
	})
}

// ---- match_spec_test ------------------------------------------------------------------------------------------

// matchSpecTester collects what a trace specification asks for, for erlang:match_spec_test(Args, Spec, trace).
type matchSpecTester struct {
	v     *verdict
	flags []term.Term
}

// Action implements ets.Actions.
func (t *matchSpecTester) Action(name string, args []term.Term) (term.Term, bool) {
	switch name {
	case "return_trace", "exception_trace":
		t.flags = append(t.flags, term.Intern(name))
		return term.AtomTrue, true
	case "enable_trace", "disable_trace", "trace", "silent", "set_seq_token":
		return term.AtomTrue, true
	case "set_tcw":
		return t.v.Action("get_tcw", nil)
	}
	return t.v.Action(name, args)
}

// bifMatchSpecTest does match_spec_test(_, _, trace); package bifs does that of tables.
func bifMatchSpecTest(p *proc.Process, a []term.Term) term.Term {
	if a[2] != term.Intern("trace") {
		return bifs.At(bifs.Index(term.AtomErlang, term.Intern("match_spec_test"), 3)).Func(p, a)
	}
	if !a[0].IsCons() && !a[0].IsNil() {
		return p.Badarg()
	}
	h := &p.Heap
	prog, err := ets.Tested(ets.CompileTrace(a[1]))
	if err != nil {
		return bifs.SpecFaults(h, err)
	}
	defer prog.Release()
	c := &cpu{vm: vmOf(p), p: p, h: h}
	t := &matchSpecTester{v: &verdict{c: c, message: term.None, h: h, told: true, ret: c.vm.Code.finish}}
	r := prog.NewRunner(h, p.Pid, p.Sys.Node())
	defer r.Close()
	_, matched := r.RunTrace(a[0], t)
	value := term.AtomFalse
	if matched && t.v.told {
		value = term.AtomTrue
		if t.v.message != term.None {
			value = term.CopyTo(h, t.v.message)
		}
	}
	return h.Tuple(term.AtomOk, value, h.List(t.flags...), term.Nil)
}

// gerl_trace:reset_tokens(): no process and no message on its way has a sequential trace token afterwards.
func bifResetTokens(p *proc.Process, _ []term.Term) term.Term {
	vm, sys := vmOf(p), p.Sys
	return p.Async(func() func(*proc.Process) term.Term {
		vm.quiesce(func() {
			for _, pid := range sys.Pids() {
				if q := sys.Lookup(pid); q != nil {
					q.ResetSeqTrace()
				}
			}
		})
		return func(*proc.Process) term.Term { return term.AtomTrue }
	})
}

// onLoadPattern is trace_pattern(on_load, MatchSpec, Flags).
func onLoadPattern(p *proc.Process, s *proc.TraceSession, c *callPattern) term.Term {
	vm := vmOf(p)
	c.f, c.arity = term.AtomUnderscore, -1
	return p.Async(func() func(*proc.Process) term.Term {
		vm.quiesce(func() {
			if c.on {
				vm.points.onLoad[s] = c
			} else {
				delete(vm.points.onLoad, s)
			}
		})
		return func(*proc.Process) term.Term { return term.Int(0) }
	})
}

// traceLoaded sets the breakpoints that a module which is loaded just now is to have.
func (vm *VM) traceLoaded(module term.Term) {
	for s, c := range vm.points.onLoad {
		if s.Gone.Load() {
			delete(vm.points.onLoad, s)
			continue
		}
		own := *c
		own.m = module
		vm.applyPattern(s, &own)
	}
}

// clearBreakpoints takes those of a module's code away: it is old now.
func (vm *VM) clearBreakpoints(co *code) {
	for _, b := range vm.points.at {
		if b.entry == 0 && b.mfa.m == co.module || b.entry >= co.start && b.entry < co.end {
			b.specs = nil
			vm.clear(b)
		}
	}
}

// traceSystem is gerl_trace:system(Session, Event, Value): ok.
func traceSystem(p *proc.Process, s *proc.TraceSession, a []term.Term) term.Term {
	if s.Tracer == term.None || !bifs.WatchForSession(p, s, a[0], a[1]) {
		return p.Badarg()
	}
	return term.AtomOk
}
