package proc

import (
	"sync"
	"testing"
	"time"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// step is what a fake process does in one slice.
type step func(p *Process, w *scheduler.Worker, budget int) scheduler.Outcome

// fakeMachine runs Go functions as processes: module names choose a body.
type fakeMachine struct {
	mu     sync.Mutex
	bodies map[term.Term]func(p *Process, args term.Term) step
}

func newFake() *fakeMachine {
	return &fakeMachine{bodies: map[term.Term]func(*Process, term.Term) step{}}
}

// define registers a body under the name m.
func (f *fakeMachine) define(name string, body func(p *Process, args term.Term) step) term.Term {
	m := term.Intern(name)
	f.mu.Lock()
	f.bodies[m] = body
	f.mu.Unlock()
	return m
}

func (f *fakeMachine) Start(p *Process, m, fn, args term.Term) {
	f.mu.Lock()
	body := f.bodies[m]
	f.mu.Unlock()
	p.M.Data = body(p, args)
}

func (f *fakeMachine) StartFun(p *Process, fun term.Term) { f.Start(p, fun, fun, term.Nil) }

func (f *fakeMachine) Run(p *Process, w *scheduler.Worker, budget int) scheduler.Outcome {
	w.Reductions += 10
	o := p.M.Data.(step)(p, w, budget)
	if o != scheduler.Exited && p.Dying() {
		p.Terminate(term.None)
		return scheduler.Exited
	}
	return o
}

func (f *fakeMachine) Inspect(p *Process, item term.Term, h *term.Heap) (term.Term, bool) {
	return term.None, false
}
func (f *fakeMachine) Discard(p *Process)            {}
func (f *fakeMachine) Collect(p *Process, full bool) {}

// runFor starts a node with the fake machine.
func startFake(t testing.TB, c scheduler.Config) (*System, *fakeMachine) {
	f := newFake()
	sys := NewSystem(Config{Machine: f, Scheduler: c})
	sys.Sched.Start()
	t.Cleanup(sys.Sched.Stop)
	return sys, f
}

// do runs f in a new process until it returns something else than Waiting or Yielded.
func do(t testing.TB, sys *System, f *fakeMachine, body step) {
	t.Helper()
	done := make(chan struct{})
	m := f.define("do:"+t.Name(), func(p *Process, _ term.Term) step {
		return func(p *Process, w *scheduler.Worker, budget int) scheduler.Outcome {
			o := body(p, w, budget)
			if o == scheduler.Exited {
				close(done)
			}
			return o
		}
	})
	if _, e := sys.Spawn(m, m, term.Nil, nil); e != SpawnOK {
		t.Fatal("spawn failed")
	}
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the process does not end")
	}
}

// script runs functions one after the other in a process; each returns false to be called again after a signal.
func script(fs ...func(p *Process) bool) step {
	i := 0
	return func(p *Process, w *scheduler.Worker, budget int) scheduler.Outcome {
		for i < len(fs) {
			if !fs[i](p) {
				return scheduler.Waiting
			}
			if p.Dying() {
				return scheduler.Waiting
			}
			i++
		}
		return scheduler.Exited
	}
}
