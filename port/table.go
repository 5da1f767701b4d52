// Package port holds the ports of a node and what stands behind them: child processes, sockets. A port is known by a term,
// has an owner (the connected process), links, monitors and perhaps a name, and dies with its owner.
package port

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Driver is what stands behind a port. Its methods are called on a worker: they must not block.
type Driver interface {
	// Output takes data that was sent to the port. The slice is the driver's own.
	Output(pt *Port, data []byte)
	// Close ends what stands behind the port. It is called once, after the port has left the table.
	Close(pt *Port, reason term.Term)
}

// Port is one open port.
type Port struct {
	ID     term.Term
	Name   string // what port_info says as its name
	Driver Driver
	// Input and Output count the bytes that came from and went to the driver.
	Input, Output atomic.Int64
	osPid         atomic.Int64

	tracing  proc.Tracing
	table    *Table
	mu       sync.Mutex
	owner    term.Term
	links    []term.Term
	monitors map[uint64]watcher
	closed   bool
	opening  bool       // its owner waits for it
	data     *term.Heap // holds dataTerm
	dataTerm term.Term
}

// watcher is who monitors a port, and under which name.
type watcher struct{ pid, name term.Term }

// OSPid is the child process's number, 0 if there is none.
func (pt *Port) OSPid() int { return int(pt.osPid.Load()) }

// Table is all ports of a node. It implements proc.Ports.
type Table struct {
	sys   *proc.System
	mu    sync.RWMutex
	ports map[term.Term]*Port
	next  uint64
	limit int
	shut  sync.Once // descriptors that the node was started with are none of its children's business

	input, output atomic.Int64 // of ports that are closed
}

// DefaultLimit is how many ports a node may have at a time.
const DefaultLimit = 1 << 16

type tableKey struct{}

var (
	atomBadsig    = term.Intern("badsig")
	atomClose     = term.Intern("close")
	atomClosed    = term.Intern("closed")
	atomCommand   = term.Intern("command")
	atomConnect   = term.Intern("connect")
	atomConnected = term.Intern("connected")
)

// Install gives a node its table of ports.
func Install(sys *proc.System) *Table {
	t := &Table{sys: sys, ports: map[term.Term]*Port{}, next: 2, limit: DefaultLimit}
	t.ports[term.Port(0)] = &Port{ID: term.Port(0), Name: "forker", Driver: forker{}, table: t}
	sys.Ports = t
	sys.Values.Store(tableKey{}, t)
	return t
}

// forker is behind the port that is there from the beginning. In OTP it starts the child processes of other ports; here it stands for nothing, but programs
// count on a node to have a port.
type forker struct{}

func (forker) Output(*Port, []byte)   {}
func (forker) Close(*Port, term.Term) {}

// Of gives a node's table, nil if it has none.
func Of(sys *proc.System) *Table {
	if v, ok := sys.Values.Load(tableKey{}); ok {
		return v.(*Table)
	}
	return nil
}

// Open makes a port that p owns and is linked to; p says Failed if the driver cannot start. nil: there are too many ports.
func (t *Table) Open(p *proc.Process, name string, d Driver) *Port {
	pt := t.OpenUnlinked(p, name, d)
	if pt != nil {
		pt.opening = true
		p.Link(pt.ID)
		pt.opening = false
	}
	return pt
}

// opened: what stands behind the port is there, and about to do something.
func (pt *Port) opened() { pt.tell(nil, proc.TracePorts, atomGettingLinked, pt.Owner()) }

// Failed: what p's port should stand for could not be started.
func (pt *Port) Failed(p *proc.Process) {
	pt.opening = true // nothing is told of it
	p.Unlink(pt.ID)
	pt.Close(term.AtomNormal)
}

// OpenUnlinked makes a port with an owner that is not linked to it yet.
func (t *Table) OpenUnlinked(owner *proc.Process, name string, d Driver) *Port {
	pt := &Port{Name: name, Driver: d, table: t, owner: owner.Pid}
	t.mu.Lock()
	if len(t.ports) >= t.limit {
		t.mu.Unlock()
		return nil
	}
	t.next++
	pt.ID = term.Port(t.next)
	pt.tracing.Port = pt.ID
	pt.tracing.Begin(t.sys)
	t.ports[pt.ID] = pt
	t.mu.Unlock()
	t.sys.Sched.External(1)
	if pt.tracing.Any() {
		pt.tell(owner.Worker(), proc.TracePorts, atomOpen, owner.Pid, term.Intern(name))
	}
	pt.runs(owner.Worker(), atomOpen)()
	return pt
}

// Limit is how many ports there may be; SetLimit changes it before the node starts.
func (t *Table) Limit() int { return t.limit }

// SetLimit sets the largest number of ports, OTP's +Q.
func (t *Table) SetLimit(n int) { t.limit = n }

// Count is the number of open ports.
func (t *Table) Count() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.ports)
}

// Get gives an open port, nil if there is none (any more).
func (t *Table) Get(id term.Term) *Port {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.ports[id]
}

// Find gives the open port of a port identifier or registered name.
func (t *Table) Find(idOrName term.Term) *Port {
	if idOrName.IsAtom() {
		idOrName = t.sys.Whereis(idOrName)
	}
	return t.Get(idOrName)
}

// All gives the identifiers of all open ports, in the order of their opening.
func (t *Table) All() []term.Term {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := make([]term.Term, 0, len(t.ports))
	for id := range t.ports {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// Owner is the connected process.
func (pt *Port) Owner() term.Term {
	pt.mu.Lock()
	defer pt.mu.Unlock()
	if pt.owner == term.None { // the forker's
		return pt.table.sys.Whereis(term.Intern("init"))
	}
	return pt.owner
}

// Sys is the node that the port belongs to.
func (pt *Port) Sys() *proc.System { return pt.table.sys }

// Connect gives the port another owner, which becomes linked to it. The old one stays linked. from is who asked for it.
func (pt *Port) Connect(from *proc.Process, owner term.Term) {
	defer pt.runs(from.Worker(), atomConnect)()
	pt.mu.Lock()
	pt.owner = owner
	linked := slices.Contains(pt.links, owner)
	if !linked {
		pt.links = append(pt.links, owner)
	}
	pt.mu.Unlock()
	if !linked {
		pt.table.sys.PortLink(pt.ID, owner)
		pt.tell(from.Worker(), proc.TracePorts, atomGettingLinked, owner)
	}
	if pt.tracing.Any() {
		h := term.NewArena()
		pt.tell(from.Worker(), proc.TraceReceive, atomReceive, h.Tuple(from.Pid, h.Tuple(atomConnect, owner)))
		pt.tell(from.Worker(), proc.TraceSend, atomSent, h.Tuple(pt.ID, atomConnected), from.Pid)
		h.Free()
	}
}

// Links gives the processes that the port is linked to.
func (pt *Port) Links() []term.Term {
	pt.mu.Lock()
	defer pt.mu.Unlock()
	return append([]term.Term(nil), pt.links...)
}

// Monitors gives the processes that monitor the port.
func (pt *Port) Monitors() []term.Term {
	pt.mu.Lock()
	defer pt.mu.Unlock()
	out := make([]term.Term, 0, len(pt.monitors))
	for _, w := range pt.monitors {
		out = append(out, w.pid)
	}
	slices.Sort(out)
	return out
}

// SetData keeps a copy of a term with the port (erlang:port_set_data/2).
func (pt *Port) SetData(t term.Term) {
	h := term.NewArena()
	t = term.CopyTo(h, t)
	pt.mu.Lock()
	defer pt.mu.Unlock()
	if pt.data != nil {
		pt.data.Free()
	}
	pt.data, pt.dataTerm = h, t
}

// Data copies the term of the last SetData to h; None if there was none.
func (pt *Port) Data(h *term.Heap) term.Term {
	pt.mu.Lock()
	defer pt.mu.Unlock()
	if pt.data == nil {
		return term.None
	}
	return term.CopyTo(h, pt.dataTerm)
}

// Send sends a message that build makes to the owner of the port.
func (pt *Port) Send(build func(h *term.Heap) term.Term) bool {
	h := term.NewArena()
	defer h.Free()
	to, msg := pt.Owner(), build(h)
	if pt.tracing.Any() {
		event := atomSent
		if pt.table.sys.Lookup(to) == nil {
			event = atomSendGone
		}
		pt.tell(nil, proc.TraceSend, event, msg, to)
	}
	return pt.table.sys.SendTo(nil, to, msg)
}

// Close closes the port: linked processes get an exit signal with the reason, monitoring ones a DOWN message. False: it was
// closed before.
func (pt *Port) Close(reason term.Term) bool { return pt.end(nil, term.None, reason, true) }

// Leave closes the port with the reason normal, but linked processes get no exit signal: the driver has told the owner by a message of its own.
func (pt *Port) Leave() bool { return pt.end(nil, term.None, term.AtomNormal, false) }

// CloseFor is Close because the process from asks for it.
func (pt *Port) CloseFor(from *proc.Process, reason term.Term) bool {
	return pt.end(from.Worker(), from.Pid, reason, true)
}

func (pt *Port) end(w *proc.Worker, from, reason term.Term, signal bool) bool {
	pt.mu.Lock()
	if pt.closed || pt.owner == term.None {
		pt.mu.Unlock()
		return false
	}
	pt.closed = true
	links, monitors := pt.links, pt.monitors
	pt.links, pt.monitors = nil, nil
	pt.mu.Unlock()
	t := pt.table
	if !pt.opening {
		pt.tellClose(w, from, reason)
	}
	t.mu.Lock()
	delete(t.ports, pt.ID)
	t.input.Add(pt.Input.Load())
	t.output.Add(pt.Output.Load())
	t.mu.Unlock()
	if name := t.sys.UnregisterPort(pt.ID); name != term.None {
		pt.tell(w, proc.TracePorts, atomUnregister, name)
	}
	pt.Driver.Close(pt, reason)
	t.sys.Sched.External(-1)
	for _, to := range links {
		if signal {
			t.sys.PortExit(pt.ID, to, reason)
		} else {
			t.sys.PortUnlink(pt.ID, to)
		}
	}
	for ref, w := range monitors {
		object := pt.ID
		if w.name != term.None {
			object = w.name
		}
		t.sys.PortDown(object, w.pid, ref, reason)
	}
	return true
}

// Transferred gives the bytes that came in and went out through all ports so far.
func (t *Table) Transferred() (in, out int64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	in, out = t.input.Load(), t.output.Load()
	for _, pt := range t.ports {
		in += pt.Input.Load()
		out += pt.Output.Load()
	}
	return in, out
}

// CloseAll closes every port: the node stops.
func (t *Table) CloseAll() {
	for _, id := range t.All() {
		if pt := t.Get(id); pt != nil {
			pt.Close(term.AtomNormal)
		}
	}
}

// Alive implements proc.Ports.
func (t *Table) Alive(port term.Term) bool { return t.Get(port) != nil }

// Tracing implements proc.Ports.
func (t *Table) Tracing(port term.Term) *proc.Tracing {
	if pt := t.Get(port); pt != nil {
		return &pt.tracing
	}
	return nil
}

// Link implements proc.Ports.
func (t *Table) Link(from *proc.Process, port term.Term) bool {
	pt := t.Get(port)
	if pt == nil {
		return false
	}
	if !pt.opening {
		defer pt.runs(from.Worker(), term.AtomLink)()
	}
	added := false
	ok := pt.locked(func() {
		if added = !slices.Contains(pt.links, from.Pid); added {
			pt.links = append(pt.links, from.Pid)
		}
	})
	if added && !pt.opening {
		pt.tell(from.Worker(), proc.TracePorts, atomGettingLinked, from.Pid)
	}
	return ok
}

// Unlink implements proc.Ports.
func (t *Table) Unlink(from *proc.Process, port term.Term, _ uint64) bool {
	pt := t.Get(port)
	if pt == nil {
		return false
	}
	if !pt.opening {
		defer pt.runs(from.Worker(), atomUnlink)()
	}
	ok, removed := pt.dropLink(from.Pid)
	if removed && !pt.opening {
		pt.tell(from.Worker(), proc.TracePorts, atomGettingUnlinked, from.Pid)
	}
	return ok
}

func (pt *Port) dropLink(from term.Term) (ok, removed bool) {
	ok = pt.locked(func() {
		if i := slices.Index(pt.links, from); i >= 0 {
			pt.links, removed = slices.Delete(pt.links, i, i+1), true
		}
	})
	return ok, removed
}

// Monitor implements proc.Ports.
func (t *Table) Monitor(from *proc.Process, port term.Term, ref uint64, name term.Term) bool {
	pt := t.Get(port)
	if pt == nil {
		return false
	}
	defer pt.runs(from.Worker(), term.AtomMonitor)()
	return pt.locked(func() {
		if pt.monitors == nil {
			pt.monitors = map[uint64]watcher{}
		}
		pt.monitors[ref] = watcher{from.Pid, name}
	})
}

// Demonitor implements proc.Ports.
func (t *Table) Demonitor(from *proc.Process, port term.Term, ref uint64) {
	if pt := t.Get(port); pt != nil {
		defer pt.runs(from.Worker(), term.AtomDemonitor)()
		pt.locked(func() { delete(pt.monitors, ref) })
	}
}

// Exit implements proc.Ports: a port ends with any exit signal but one with the reason normal from another process than its
// owner.
func (t *Table) Exit(w *proc.Worker, from, port, reason term.Term) bool {
	pt := t.Get(port)
	if pt == nil {
		return false
	}
	if reason == term.AtomNormal && from != pt.Owner() {
		if t.sys.Lookup(from) == nil {
			pt.dropLink(from) // the link broke
		}
		return true
	}
	if reason == term.AtomKill {
		reason = term.AtomKilled
	}
	pt.end(w, from, reason, true)
	return true
}

// Busy implements proc.Ports.
func (t *Table) Busy(port term.Term) bool {
	if pt := t.Get(port); pt != nil {
		f, ok := pt.Driver.(Flow)
		return ok && f.Busy()
	}
	return false
}

// locked runs f under the lock of the port, if it is open.
func (pt *Port) locked(f func()) bool {
	pt.mu.Lock()
	defer pt.mu.Unlock()
	if pt.closed {
		return false
	}
	f()
	return true
}

// Command implements proc.Ports: a message to a port is {Owner, {command, Data}}, {Owner, {connect, Pid}} or {Owner, close}.
// Anything else, or another owner, sends the port's owner an exit signal with the reason badsig.
func (t *Table) Command(from *proc.Process, port, msg term.Term) {
	pt := t.Get(port)
	if pt == nil || pt.owner == term.None {
		return
	}
	if !msg.TupleOf(2) || msg.Elem(0) != pt.Owner() || !pt.command(from, msg.Elem(0), msg.Elem(1)) {
		t.sys.PortSignal(from, port, pt.Owner(), atomBadsig)
	}
}

func (pt *Port) command(from *proc.Process, owner, what term.Term) bool {
	switch {
	case what == atomClose:
		pt.CloseFor(from, term.AtomNormal)
		if pt.tracing.Any() {
			pt.tell(from.Worker(), proc.TraceSend, atomSent, atomClosed, owner)
		}
		pt.answer(from, owner, atomClosed)
		return true
	case !what.TupleOf(2):
		return false
	case what.Elem(0) == atomCommand:
		data, ok := term.IOListBytes(what.Elem(1))
		if !ok {
			from.ReportError("Bad value on output port '" + pt.Name + "'\n")
			return false
		}
		pt.Put(from, append([]byte(nil), data...))
		pt.slowDown(from)
		return true
	case what.Elem(0) == atomConnect && what.Elem(1).IsLocalPid():
		pt.Connect(from, what.Elem(1))
		pt.answer(from, owner, atomConnected)
		return true
	}
	return false
}

func (pt *Port) answer(from *proc.Process, to, what term.Term) {
	h := term.NewArena()
	defer h.Free()
	pt.table.sys.SendTo(from.Worker(), to, h.Tuple(pt.ID, what))
}
