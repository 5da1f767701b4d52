package proc

import "github.com/gerl-lang/gerl/term"

// What ports send to processes. Any goroutine may call these.

// PortExit sends the exit signal of a port that closed to a process that was linked to it.
func (sys *System) PortExit(port, to, reason term.Term) { sys.sendExitLink(nil, port, to, reason, 0) }

// PortDown sends the DOWN signal of a port that closed to a process that monitored it, by its name if port is one.
func (sys *System) PortDown(port, to term.Term, ref uint64, reason term.Term) {
	sys.sendDown(nil, to, ref, port, reason)
}

// PortLink makes the process to linked to the port, which has noted the link itself.
func (sys *System) PortLink(port, to term.Term) {
	if q := sys.Lookup(to); q != nil {
		sys.sendLink(nil, port, q)
		return
	}
}

// PortSignal sends an exit signal of the port itself to its owner, linked or not; p is running.
func (sys *System) PortSignal(p *Process, port, owner, reason term.Term) {
	if owner == p.Pid {
		p.exitSignalToSelf(port, reason)
		p.Bumped += outOfBudget
		return
	}
	if q := sys.Lookup(owner); q != nil {
		sys.sendExit(p.w, port, q, reason)
	}
}

// PortUnlink takes the link of a port away from a process, which hears nothing of it.
func (sys *System) PortUnlink(port, to term.Term) {
	if q := sys.Lookup(to); q != nil {
		s := sys.newSignal(nil)
		s.kind = sigUnlink
		s.d = &signalData{from: idOf(port), id: sys.nextRef(nil)}
		sys.post(nil, q, s)
	}
}

// outOfBudget are reductions that end any slice.
const outOfBudget = 1 << 16

// MonitorPort is monitor(port, Target): a port identifier or a registered name. It gives the reference, or None for a bad
// argument.
func (p *Process) MonitorPort(target term.Term, o *MonitorOpts) term.Term {
	sys := p.Sys
	name, id := term.None, target
	switch {
	case target.TupleOf(2) && target.Elem(0).IsAtom() && target.Elem(1) == sys.Node():
		name = target.Elem(0)
	case target.IsAtom():
		name = target
	case target.IsLocalPort():
	case target.IsPort():
		// one of this node in an earlier life; ports elsewhere cannot be watched
		if node, _, _ := term.ExtNode(target); node != sys.Node() {
			return term.None
		}
	default:
		return term.None
	}
	if name != term.None {
		id = sys.Whereis(name)
	}
	m, n, ref := p.newMonitor(o)
	m.kind, m.target, m.name = term.AtomPort, id, name
	if !id.IsLocalPort() || sys.Ports == nil || !sys.Ports.Monitor(p, id, n, name) {
		object := target
		if name != term.None {
			object = name
		}
		p.downSelf(n, object, term.AtomNoproc)
	}
	return ref
}

// BlockOnPort lets p run no Erlang code until UnblockFromPort: it sent to a busy port.
func (p *Process) BlockOnPort(port term.Term) {
	p.ext().portBlocks++
	p.suspended = true
	p.Bumped += outOfBudget
	p.Sys.BusyPort(p, port)
}

// UnblockFromPort ends one BlockOnPort of a process.
func (sys *System) UnblockFromPort(pid term.Term) {
	sys.Call(nil, pid, func(t *Process) {
		if t.x != nil {
			t.x.portBlocks--
			t.suspended = t.x.suspenders > 0 || t.x.portBlocks > 0
		}
	})
}

// ReportError reports an error on behalf of p.
func (p *Process) ReportError(text string) {
	p.Sys.report(Report{Kind: Error, Pid: p.Pid, Name: p.Name(), GroupLeader: p.groupLeader, Text: text})
}

// BlockOnConnection is BlockOnPort for a connection to another node.
func (p *Process) BlockOnConnection(port term.Term) {
	p.ext().portBlocks++
	p.suspended = true
	p.Bumped += outOfBudget
	p.Sys.BusyDistPort(p, port)
}

// AsyncDist reports the flag async_dist: signals to other nodes never make the process wait.
func (p *Process) AsyncDist() bool { return p.x != nil && p.x.asyncDist }
