package dist

import (
	"slices"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Who is told of nodes that come and go: subscribers of all nodes (net_kernel:monitor_nodes) and processes that watch one (monitor_node).

// Watching are the options of a subscription.
type Watching struct {
	Visible, Hidden bool // which nodes
	Info            bool // messages have a third element
	Map             bool // which is a map, else a list
	Type            bool // node_type belongs to it
	Reason          bool // nodedown_reason
	ConnectionID    bool
}

type subscription struct {
	pid term.Term
	Watching
}

var (
	atomNodeup       = term.Intern("nodeup")
	atomNodedown     = term.Intern("nodedown")
	atomNodeType     = term.Intern("node_type")
	atomReason       = term.Intern("nodedown_reason")
	atomConnectionID = term.Intern("connection_id")
	atomVisible      = term.Intern("visible")
	atomHidden       = term.Intern("hidden")
)

type watchKey struct{}

// forget is called when a process ends that was told of nodes.
func (d *Dist) forget(p *proc.Process) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.subs = slices.DeleteFunc(d.subs, func(s *subscription) bool { return s.pid == p.Pid })
	for node, pids := range d.waiting {
		delete(pids, p.Pid)
		if len(pids) == 0 {
			delete(d.waiting, node)
		}
	}
}

// Watch subscribes p once more, or with on false ends all its subscriptions with the same options. It gives their number before.
func (d *Dist) Watch(p *proc.Process, on bool, w Watching) (before int) {
	p.OnExit(watchKey{}, d.forget)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.subs {
		if s.pid == p.Pid && s.Watching == w {
			before++
		}
	}
	if on {
		d.subs = append(d.subs, &subscription{p.Pid, w})
		return before
	}
	d.subs = slices.DeleteFunc(d.subs, func(s *subscription) bool { return s.pid == p.Pid && s.Watching == w })
	return before
}

// Watchers lists the subscriptions: pids with their options.
func (d *Dist) Watchers(f func(pid term.Term, w Watching)) {
	d.mu.Lock()
	subs := slices.Clone(d.subs)
	d.mu.Unlock()
	for _, s := range subs {
		f(s.pid, s.Watching)
	}
}

// WatchNode is monitor_node: p gets {nodedown, Node}, as often as it asked for that, when the connection is lost or cannot be set up.
func (d *Dist) WatchNode(p *proc.Process, node term.Term, on bool) {
	if !on {
		d.mu.Lock()
		defer d.mu.Unlock()
		if pids := d.waiting[node]; pids[p.Pid] > 1 {
			pids[p.Pid]--
		} else if pids != nil {
			delete(pids, p.Pid)
		}
		return
	}
	p.OnExit(watchKey{}, d.forget)
	c := d.to(node, forSignal)
	d.mu.Lock()
	if c != nil && d.find(node) == c { // it may be over already
		if d.waiting == nil {
			d.waiting = map[term.Term]map[term.Term]int{}
		}
		if d.waiting[node] == nil {
			d.waiting[node] = map[term.Term]int{}
		}
		d.waiting[node][p.Pid]++
		d.mu.Unlock()
		return
	}
	d.mu.Unlock()
	d.tellDown(node, p.Pid)
}

func (d *Dist) tellDown(node, pid term.Term) {
	h := term.NewArena()
	d.sys.SendTo(nil, pid, h.Tuple(atomNodedown, node))
	h.Free()
}

func (d *Dist) connectFailed(node term.Term) {
	d.mu.Lock()
	pids := d.waiting[node]
	delete(d.waiting, node)
	d.mu.Unlock()
	for pid, n := range pids {
		for range n {
			d.tellDown(node, pid)
		}
	}
}

func (d *Dist) nodeUp(node term.Term, id int, hidden bool) {
	d.tell(atomNodeup, node, id, hidden, term.None)
}

func (d *Dist) nodeDown(node term.Term, id int, hidden bool, reason term.Term) {
	d.connectFailed(node)
	d.tell(atomNodedown, node, id, hidden, reason)
}

// tell sends subscribers their message.
func (d *Dist) tell(what, node term.Term, id int, hidden bool, reason term.Term) {
	d.mu.Lock()
	subs := slices.Clone(d.subs)
	d.mu.Unlock()
	h := term.NewArena()
	defer h.Free()
	for _, s := range subs {
		if hidden && !s.Hidden || !hidden && !s.Visible {
			continue
		}
		if !s.Info {
			d.sys.SendTo(nil, s.pid, h.Tuple(what, node))
			continue
		}
		var kv []term.Term
		if s.Type {
			t := atomVisible
			if hidden {
				t = atomHidden
			}
			kv = append(kv, atomNodeType, t)
		}
		if s.ConnectionID {
			kv = append(kv, atomConnectionID, term.Int(id))
		}
		if s.Reason && reason != term.None {
			kv = append(kv, atomReason, reason)
		}
		info := term.Nil
		if s.Map {
			info = h.MapFromPairs(kv)
		} else {
			for i := len(kv) - 2; i >= 0; i -= 2 {
				info = h.Cons(h.Tuple(kv[i], kv[i+1]), info)
			}
		}
		d.sys.SendTo(nil, s.pid, h.Tuple(what, node, info))
	}
}

// NodeInfo describes a connection.
type NodeInfo struct {
	Node    term.Term
	ID      int
	Hidden  bool
	Up      bool
	Address string
	In, Out uint64 // packets
	Port    term.Term
}

// Nodes are the connected nodes.
func (d *Dist) Nodes() []NodeInfo {
	var out []NodeInfo
	for _, c := range d.conns() {
		c.mu.Lock()
		if c.state == up {
			out = append(out, c.info())
		}
		c.mu.Unlock()
	}
	slices.SortFunc(out, func(a, b NodeInfo) int { return b.ID - a.ID }) // the latest first
	return out
}

func (c *conn) info() NodeInfo {
	i := NodeInfo{Node: c.node, ID: c.id, Hidden: c.hidden(), Up: c.state == up, In: c.received.Load(), Out: c.sent.Load(), Port: c.port()}
	if c.sock != nil {
		i.Address = c.sock.RemoteAddr().String()
	}
	return i
}

// Known are all nodes that were ever connected, the own one not counted.
func (d *Dist) Known() []term.Term {
	seen := map[term.Term]bool{}
	var out []term.Term
	for _, i := range d.Nodes() {
		seen[i.Node] = true
		out = append(out, i.Node)
	}
	if dead := d.dead.Load(); dead != nil {
		for n := range *dead {
			if !seen[n] {
				out = append(out, n)
			}
		}
	}
	return out
}

// Connecting is a wish for a connection that a process waits for.
type Connecting struct {
	c *conn
	d *Dist
}

// Connect asks for a connection on behalf of p, which is made ready when Done says how that went; nil: there is no way.
func (d *Dist) Connect(p *proc.Process, node term.Term) *Connecting {
	c := d.to(node, forRequest)
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == pending {
		c.wake = append(c.wake, p)
	}
	return &Connecting{c, d}
}

// Done reports whether the attempt is over, and the node connected.
func (w *Connecting) Done() (over, connected bool) {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	return w.c.state != pending, w.c.state == up
}

// Disconnect ends the connection to a node; false: there is none.
func (d *Dist) Disconnect(node term.Term) bool {
	c := d.find(node)
	if c == nil || !c.isUp() {
		return false
	}
	c.close(reasonDisconnect)
	return true
}

// Busy reports whether a message to a remote process or {Name, Node} would have to wait.
func (d *Dist) Busy(to term.Term) bool {
	node, gone := d.route(to)
	c := d.find(node)
	return !gone && c != nil && c.busy()
}
