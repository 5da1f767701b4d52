package port

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// What traces tell of ports: see proc.Tracing.

var (
	atomOpen            = term.Intern("open")
	atomUnlink          = term.Intern("unlink")
	atomUnregister      = term.Intern("unregister")
	atomSent            = term.Intern("send")
	atomReceive         = term.Intern("receive")
	atomSendGone        = term.Intern("send_to_non_existing_process")
	atomGettingLinked   = term.Intern("getting_linked")
	atomGettingUnlinked = term.Intern("getting_unlinked")
	atomControl         = term.Intern("control")
	atomInfo            = term.Intern("info")
)

func (pt *Port) tell(w *proc.Worker, want proc.TraceFlags, event ...term.Term) {
	if pt.tracing.Any() {
		pt.tracing.Tell(pt.table.sys, w, want, event...)
	}
}

// runs tells that the port begins to do something; the result tells that it has done it.
func (pt *Port) runs(w *proc.Worker, what term.Term) (done func()) {
	sys := pt.table.sys
	if !pt.tracing.Any() && sys.Profile() == nil {
		return func() {}
	}
	pt.tracing.Scheduled(sys, w, true, what)
	return func() {
		if pt.table.Alive(pt.ID) { // what ends a port has no end of its own
			pt.tracing.Scheduled(sys, w, false, what)
		}
	}
}

// tellClose tells that the port closes; from is who asked for it, None if nobody did.
func (pt *Port) tellClose(w *proc.Worker, from, reason term.Term) {
	if !pt.tracing.Any() && pt.table.sys.Profile() == nil {
		return
	}
	if from != term.None {
		pt.tracing.Scheduled(pt.table.sys, w, true, atomClose)
		h := term.NewArena()
		pt.tell(w, proc.TraceReceive, atomReceive, h.Tuple(from, atomClose))
		h.Free()
	}
	pt.tell(w, proc.TracePorts, atomClosed, reason)
}

// Put gives data that a process sends to the driver.
func (pt *Port) Put(from *proc.Process, data []byte) {
	defer pt.runs(from.Worker(), atomCommand)()
	if pt.tracing.Any() {
		h := term.NewArena()
		pt.tell(from.Worker(), proc.TraceReceive, atomReceive, h.Tuple(from.Pid, h.Tuple(atomCommand, h.Binary(data))))
		h.Free()
	}
	pt.Driver.Output(pt, data)
}

// Control tells of a control operation.
func (pt *Port) Control(from *proc.Process, op int64, data []byte) {
	defer pt.runs(from.Worker(), atomControl)()
	if pt.tracing.Any() {
		h := term.NewArena()
		pt.tell(from.Worker(), proc.TraceReceive, atomReceive,
			h.Tuple(from.Pid, h.Tuple(atomControl, h.Tuple(h.Int64(op), h.Binary(data)))))
		h.Free()
	}
}

// Asked tells that the process from asks what port_info tells.
func (pt *Port) Asked(from *proc.Process) { pt.runs(from.Worker(), atomInfo)() }
