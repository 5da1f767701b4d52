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

	table    *Table
	mu       sync.Mutex
	owner    term.Term
	links    []term.Term
	monitors map[uint64]watcher
	closed   bool
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

// Open makes a port that p owns and is linked to. nil: there are too many ports.
func (t *Table) Open(p *proc.Process, name string, d Driver) *Port {
	pt := t.OpenUnlinked(p.Pid, name, d)
	if pt != nil {
		p.Link(pt.ID)
	}
	return pt
}

// OpenUnlinked makes a port with an owner that is not linked to it yet.
func (t *Table) OpenUnlinked(owner term.Term, name string, d Driver) *Port {
	pt := &Port{Name: name, Driver: d, table: t, owner: owner}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ports) >= t.limit {
		return nil
	}
	t.next++
	pt.ID = term.Port(t.next)
	t.ports[pt.ID] = pt
	t.sys.Sched.External(1)
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

// Connect gives the port another owner, which becomes linked to it. The old one stays linked.
func (pt *Port) Connect(owner term.Term) {
	pt.mu.Lock()
	pt.owner = owner
	linked := slices.Contains(pt.links, owner)
	if !linked {
		pt.links = append(pt.links, owner)
	}
	pt.mu.Unlock()
	if !linked {
		pt.table.sys.PortLink(pt.ID, owner)
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
	return pt.table.sys.SendTo(nil, pt.Owner(), build(h))
}

// Close closes the port: linked processes get an exit signal with the reason, monitoring ones a DOWN message. False: it was
// closed before.
func (pt *Port) Close(reason term.Term) bool { return pt.end(reason, true) }

// Leave closes the port with the reason normal, but linked processes get no exit signal: the driver has told the owner by a message of its own.
func (pt *Port) Leave() bool { return pt.end(term.AtomNormal, false) }

func (pt *Port) end(reason term.Term, signal bool) bool {
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
	t.mu.Lock()
	delete(t.ports, pt.ID)
	t.input.Add(pt.Input.Load())
	t.output.Add(pt.Output.Load())
	t.mu.Unlock()
	t.sys.UnregisterPort(pt.ID)
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

// Link implements proc.Ports.
func (t *Table) Link(from, port term.Term) bool {
	return t.with(port, func(pt *Port) {
		if !slices.Contains(pt.links, from) {
			pt.links = append(pt.links, from)
		}
	})
}

// Unlink implements proc.Ports.
func (t *Table) Unlink(from, port term.Term, _ uint64) bool {
	return t.with(port, func(pt *Port) {
		for i, l := range pt.links {
			if l == from {
				pt.links = append(pt.links[:i], pt.links[i+1:]...)
				return
			}
		}
	})
}

// Monitor implements proc.Ports.
func (t *Table) Monitor(from, port term.Term, ref uint64, name term.Term) bool {
	return t.with(port, func(pt *Port) {
		if pt.monitors == nil {
			pt.monitors = map[uint64]watcher{}
		}
		pt.monitors[ref] = watcher{from, name}
	})
}

// Demonitor implements proc.Ports.
func (t *Table) Demonitor(port term.Term, ref uint64) {
	t.with(port, func(pt *Port) { delete(pt.monitors, ref) })
}

// Exit implements proc.Ports: a port ends with any exit signal but one with the reason normal from another process than its
// owner.
func (t *Table) Exit(from, port, reason term.Term) bool {
	pt := t.Get(port)
	if pt == nil {
		return false
	}
	if reason == term.AtomNormal && from != pt.Owner() {
		if t.sys.Lookup(from) == nil {
			t.Unlink(from, port, 0) // the link broke
		}
		return true
	}
	if reason == term.AtomKill {
		reason = term.AtomKilled
	}
	pt.Close(reason)
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

// with runs f on an open port under its lock.
func (t *Table) with(port term.Term, f func(pt *Port)) bool {
	pt := t.Get(port)
	if pt == nil {
		return false
	}
	pt.mu.Lock()
	defer pt.mu.Unlock()
	if pt.closed {
		return false
	}
	f(pt)
	return true
}

// Command implements proc.Ports: a message to a port is {Owner, {command, Data}}, {Owner, {connect, Pid}} or {Owner, close}.
// Anything else, or another owner, sends the sender an exit signal with the reason badsig.
func (t *Table) Command(from *proc.Process, port, msg term.Term) {
	pt := t.Get(port)
	if pt == nil {
		return
	}
	if !msg.TupleOf(2) || msg.Elem(0) != pt.Owner() || !pt.command(from, msg.Elem(0), msg.Elem(1)) {
		t.sys.PortSignal(from, port, atomBadsig)
	}
}

func (pt *Port) command(from *proc.Process, owner, what term.Term) bool {
	switch {
	case what == atomClose:
		pt.Close(term.AtomNormal)
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
		pt.Driver.Output(pt, append([]byte(nil), data...))
		pt.slowDown(from)
		return true
	case what.Elem(0) == atomConnect && what.Elem(1).IsLocalPid():
		pt.Connect(what.Elem(1))
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
