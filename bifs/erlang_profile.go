package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

var (
	atomExclusive     = term.Intern("exclusive")
	atomRunnableProcs = term.Intern("runnable_procs")
	atomRunnablePorts = term.Intern("runnable_ports")
)

// system_profile() is {Profiler, Options} or undefined.
func erlangSystemProfile0(p *proc.Process, _ []term.Term) term.Term {
	f := p.Sys.Profile()
	if f == nil {
		return term.AtomUndefined
	}
	var options []term.Term
	for _, o := range []struct {
		on   bool
		name term.Term
	}{{f.Exclusive, atomExclusive}, {f.Scheduler, atomScheduler}, {f.Procs, atomRunnableProcs}, {f.Ports, atomRunnablePorts}} {
		if o.on {
			options = append(options, o.name)
		}
	}
	return p.Heap.Tuple(f.Pid, p.Heap.List(options...))
}

// system_profile(Profiler, Options): the setting before. Without a process or without options nobody is told any more.
func erlangSystemProfile2(p *proc.Process, a []term.Term) term.Term {
	f := &proc.SystemProfile{Pid: a[0], Stamp: proc.TraceTimestamp}
	l := a[1]
	if a[0] == term.AtomUndefined {
		l = term.Nil
	}
	for ; l.IsCons(); l = l.Tail() {
		switch o := l.Head(); o {
		case atomExclusive:
			f.Exclusive = true
		case atomScheduler:
			f.Scheduler = true
		case atomRunnableProcs:
			f.Procs = true
		case atomRunnablePorts:
			f.Ports = true
		default:
			switch s := proc.TraceFlag(o); s {
			case proc.TraceTimestamp, proc.TraceMonotonic, proc.TraceStrictMonotonic:
				f.Stamp = s
			default:
				if a[0].IsLocalPid() {
					return p.Badarg()
				}
			}
		}
	}
	if !l.IsNil() {
		return p.Badarg()
	}
	if a[1].IsCons() && a[0] != term.AtomUndefined && p.Sys.Lookup(a[0]) == nil {
		return p.Badarg()
	}
	old := erlangSystemProfile0(p, nil)
	if !a[0].IsLocalPid() || !f.Scheduler && !f.Procs && !f.Ports {
		f = nil
	}
	p.Sys.SetProfile(f)
	return old
}
