package proc

import (
	"sync/atomic"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Tracing is what is traced of a port. Any goroutine may use it.
type Tracing struct {
	Port term.Term
	at   atomic.Pointer[traced]
}

// Entry gives what a session traces of the port.
func (t *Tracing) Entry(s *TraceSession) (TraceEntry, bool) { return entryOf(t.at.Load(), s) }

// Set changes that; no flags: nothing.
func (t *Tracing) Set(e TraceEntry) { changeTraced(&t.at, e) }

// Begin lets a new port be traced as new ports are.
func (t *Tracing) Begin(sys *System) {
	if n := sys.tracing.newPorts.Load(); n != nil {
		t.at.Store(n)
	}
}

// Any reports whether anything is traced.
func (t *Tracing) Any() bool { return t.at.Load() != nil }

// Tell sends {trace, Port, event...} to the tracers of all sessions that want one of the flags. w is the worker of the caller, nil outside.
func (t *Tracing) Tell(sys *System, w *scheduler.Worker, want TraceFlags, event ...term.Term) {
	now := t.at.Load()
	if now == nil {
		return
	}
	for _, e := range now.entries {
		if e.Flags&want == 0 {
			continue
		}
		if e.Session.Gone.Load() {
			t.Set(TraceEntry{Session: e.Session})
			continue
		}
		if e.Tracer == t.Port {
			continue
		}
		h := term.NewArena()
		if !sys.sendTrace(w, nil, e.Tracer, sys.traceMessage(w, h, e, t.Port, event)) {
			t.Set(TraceEntry{Session: e.Session})
		}
		h.Free()
	}
}

// Scheduled tells that a port begins (in) or stops (out) to do something, also to who profiles the system.
func (t *Tracing) Scheduled(sys *System, w *scheduler.Worker, in bool, what term.Term) {
	event, active := atomEvOut, atomInactive
	if in {
		event, active = atomEvIn, atomActive
	}
	if f := sys.profile.Load(); f != nil && f.Ports {
		h := term.NewArena()
		if !sys.SendTo(w, f.Pid, h.Tuple(atomProfile, t.Port, active, term.Int(0), sys.TraceTime(h, f.Stamp))) {
			sys.profile.CompareAndSwap(f, nil)
		}
		h.Free()
	}
	t.Tell(sys, w, TraceRunningPorts, event, what)
}

// tellPortName tells that a port got or lost a registered name.
func (sys *System) tellPortName(port, event, name term.Term) {
	if sys.Ports == nil {
		return
	}
	if t := sys.Ports.Tracing(port); t != nil {
		t.Tell(sys, nil, TracePorts, event, name)
	}
}
