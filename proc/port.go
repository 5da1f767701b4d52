package proc

import "github.com/gerl-lang/gerl/term"

// What ports send to processes. Any goroutine may call these.

// PortExit sends the exit signal of a port that closed to a process that was linked to it.
func (sys *System) PortExit(port, to, reason term.Term) { sys.sendExitLink(nil, port, to, reason, 0) }

// PortDown sends the DOWN signal of a port that closed to a process that monitored it.
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
