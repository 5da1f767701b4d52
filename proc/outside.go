package proc

import (
	"encoding/binary"
	"slices"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Recorded runs: what the world outside does to processes goes through the scheduler's journal. That is signals from outside, and what calls that ask the
// outside (BIFs over files, sockets, the environment, and all that concerns ports) give and do.

// Journal is the scheduler's.
type Journal = scheduler.Journal

// Codec turns terms into bytes and back, for the journal.
type Codec interface {
	Encode(t term.Term) []byte
	Decode(h *term.Heap, data []byte) (term.Term, bool)
}

// Recorded sets the system up for its scheduler's journal, if there is one. It is called before the scheduler starts, after Ports was set.
func (sys *System) Recorded(c Codec) {
	sys.codec = c
	j := sys.Sched.Journal
	if j == nil {
		return
	}
	j.Name = func(n *scheduler.Node) uint64 {
		if p, ok := n.Task().(*Process); ok {
			return uint64(p.Pid)
		}
		return 0
	}
	j.Find = func(name uint64) *scheduler.Node {
		if p := sys.Lookup(term.Term(name)); p != nil {
			return &p.Node
		}
		return nil
	}
	j.Deliver = sys.replaySignal
	if sys.Ports != nil {
		sys.Ports = &recordedPorts{sys.Ports, sys}
	}
}

// EncodeTerm and DecodeTerm use the codec that Recorded was given.
func (sys *System) EncodeTerm(t term.Term) []byte { return sys.codec.Encode(t) }

// DecodeTerm builds a term on h.
func (sys *System) DecodeTerm(h *term.Heap, data []byte) (term.Term, bool) {
	return sys.codec.Decode(h, data)
}

// Asking tells that the running process asks the outside: signals that this sends come from there, too.
func (sys *System) Asking(on bool) { sys.asking = on }

// signal kinds in the journal keep their numbers; so do the fields.
const signalHead = 1 + 5*8

// fromOutside gives a signal to the journal; false: it is not for it.
func (sys *System) fromOutside(p *Process, s *Signal) bool {
	j := sys.Sched.Journal
	switch s.kind {
	case sigMessage, sigExit, sigExitLink, sigLink, sigUnlink, sigUnlinkAck, sigDown:
	default:
		return false
	}
	d := s.d
	if d == nil {
		d = &signalData{}
	}
	b := make([]byte, 0, 64)
	flags := byte(0)
	if d.kill {
		flags |= 1
	}
	if d.prio {
		flags |= 2
	}
	b = append(b, byte(s.kind), flags)
	for _, v := range []uint64{uint64(p.Pid), d.from.data, d.ref, d.id, uint64(d.name)} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	if s.msg[0] != term.None {
		b = append(b, sys.codec.Encode(s.msg[0])...)
	}
	if !j.Outside(sys.Sched, b, func(w *scheduler.Worker) {
		if p.enqueue(s) {
			w.Ready(&p.Node)
		} else {
			sys.drop(w, s)
		}
	}) {
		sys.drop(nil, s)
	}
	return true
}

// replaySignal sends again what fromOutside has noted.
func (sys *System) replaySignal(b []byte) {
	j := sys.Sched.Journal
	if len(b) < signalHead+1 {
		j.Leave("the journal is damaged")
		return
	}
	kind, flags := signalKind(b[0]), b[1]
	var v [5]uint64
	for i := range v {
		v[i] = binary.LittleEndian.Uint64(b[2+8*i:])
	}
	p := sys.Lookup(term.Term(v[0]))
	if p == nil {
		return // it was for one that is gone, then as now
	}
	s := &Signal{kind: kind}
	if rest := b[signalHead+1:]; len(rest) > 0 {
		h := term.NewArena()
		t, ok := sys.codec.Decode(h, rest)
		if !ok {
			j.Leave("the journal is damaged")
			return
		}
		s.msg[0], s.frag = term.CopyMessage(t)
		h.Free()
	}
	if kind != sigMessage {
		s.d = &signalData{from: ID{data: v[1]}, ref: v[2], id: v[3], name: term.Term(v[4]), kill: flags&1 != 0, prio: flags&2 != 0}
	}
	w := sys.Sched.Workers()[0]
	if p.enqueue(s) {
		w.Ready(&p.Node)
	} else {
		sys.drop(w, s)
	}
}

// RefState is where the numbers of references stand; a call that asks the outside may have taken some.
func (p *Process) RefState() [3]uint64 {
	l := &p.Sys.local[p.w.ID]
	return [3]uint64{p.Sys.refs.Load(), l.refNext, l.refEnd}
}

// SetRefState puts them where they stood in the recorded run.
func (p *Process) SetRefState(s [3]uint64) {
	l := &p.Sys.local[p.w.ID]
	p.Sys.refs.Store(s[0])
	l.refNext, l.refEnd = s[1], s[2]
}

// PortLinks are the ports that p is linked to, SetPortLinks makes them what they were in the recorded run.
func (p *Process) PortLinks() (ports []term.Term) {
	for _, l := range p.Links(&p.Heap) {
		if l.IsPort() {
			ports = append(ports, l)
		}
	}
	return ports
}

// SetPortLinks is told all of them.
func (p *Process) SetPortLinks(ports []term.Term) {
	for _, old := range p.PortLinks() {
		if !slices.Contains(ports, old) {
			p.x.links.remove(idOf(old))
		}
	}
	for _, l := range ports {
		if !p.linkedTo(l) {
			p.addLink(idOf(l))
		}
	}
}

// recordedPorts stands before the ports of a recorded run, and in their place in a replay.
type recordedPorts struct {
	Ports
	sys *System
}

// ask lets f answer, or gives the answer of the recorded run.
func (r *recordedPorts) ask(f func() bool) bool {
	j := r.sys.Sched.Journal
	if r.sys.asking {
		return f() // part of a call that is recorded as a whole
	}
	call := j.Call()
	if j.Replaying() {
		data, ok := j.Result(call)
		if !ok || len(data) != 1 {
			j.Leave("a port is asked for something that it was not asked for in the recorded run")
			return false
		}
		return data[0] != 0
	}
	r.sys.Asking(true)
	yes := f()
	r.sys.Asking(false)
	data := []byte{0}
	if yes {
		data[0] = 1
	}
	j.SetResult(call, data)
	return yes
}

func (r *recordedPorts) Alive(port term.Term) bool {
	return r.ask(func() bool { return r.Ports.Alive(port) })
}

func (r *recordedPorts) Command(from *Process, port, msg term.Term) {
	r.ask(func() bool { r.Ports.Command(from, port, msg); return true })
}

func (r *recordedPorts) Trace(from *Process, port, msg term.Term) bool {
	return r.ask(func() bool { return r.Ports.Trace(from, port, msg) })
}

func (r *recordedPorts) Link(from *Process, port term.Term) bool {
	return r.ask(func() bool { return r.Ports.Link(from, port) })
}

func (r *recordedPorts) Unlink(from *Process, port term.Term, id uint64) bool {
	return r.ask(func() bool { return r.Ports.Unlink(from, port, id) })
}

func (r *recordedPorts) Monitor(from *Process, port term.Term, ref uint64, name term.Term) bool {
	return r.ask(func() bool { return r.Ports.Monitor(from, port, ref, name) })
}

func (r *recordedPorts) Demonitor(from *Process, port term.Term, ref uint64) {
	r.ask(func() bool { r.Ports.Demonitor(from, port, ref); return true })
}

func (r *recordedPorts) Exit(w *scheduler.Worker, from, port, reason term.Term) bool {
	return r.ask(func() bool { return r.Ports.Exit(w, from, port, reason) })
}

func (r *recordedPorts) Busy(port term.Term) bool {
	return r.ask(func() bool { return r.Ports.Busy(port) })
}
