package dist

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Kinds of control messages.
const (
	opLink          = 1
	opSend          = 2
	opExit          = 3
	opUnlink        = 4
	opRegSend       = 6
	opGroupLeader   = 7
	opExit2         = 8
	opSendTT        = 12
	opExitTT        = 13
	opRegSendTT     = 16
	opExit2TT       = 18
	opMonitor       = 19
	opDemonitor     = 20
	opMonitorExit   = 21
	opSendSender    = 22
	opSendSenderTT  = 23
	opPayloadExit   = 24
	opPayloadExitTT = 25
	opPayloadExit2  = 26
	opPayloadExit2T = 27
	opPayloadDown   = 28
	opSpawnRequest  = 29
	opSpawnRequestT = 30
	opSpawnReply    = 31
	opSpawnReplyTT  = 32
	opAliasSend     = 33
	opAliasSendTT   = 34
	opUnlinkID      = 35
	opUnlinkIDAck   = 36
)

// unused stands where a control message once had the cookie.
var unused = term.Intern("")

// has reports whether the other node has a capability; while the connection is pending nobody knows.
func (c *conn) has(f flags) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == up && c.peer.flags&f == f
}

// control builds a control message on a scratch heap and sends it with its message. before is called, with the lock held, if the connection
// is not over; otherwise the result is false.
func (c *conn) control(before func(), message term.Term, build func(h *term.Heap) []term.Term) (ok, busy bool) {
	h := term.NewArena()
	f := c.d.frame(c.has(flagHeaderAtomCache), h.Tuple(build(h)...), message)
	h.Free()
	return c.enqueue(f, before)
}

// route says where a pid, alias or {Name, Node} is. gone: on an earlier incarnation of this node.
func (d *Dist) route(to term.Term) (node term.Term, gone bool) {
	if to.IsTuple() {
		return to.Elem(1), false
	}
	node, _, _ = term.ExtNode(to)
	l := d.self.Load()
	return node, l != nil && node == l.atom
}

// related is the connection to a process, alias or name; without one it says why: noproc or noconnection.
func (d *Dist) related(to term.Term) (c *conn, problem term.Term) {
	node, gone := d.route(to)
	if gone {
		return nil, term.AtomNoproc
	}
	if c = d.to(node, forSignal); c == nil {
		return nil, term.AtomNoconnection
	}
	return c, term.None
}

// Send implements proc.Router.
func (d *Dist) Send(p *proc.Process, to, msg, token term.Term, how proc.SendHow) proc.SendResult {
	node, gone := d.route(to)
	if gone {
		return proc.SendOK
	}
	var c *conn
	if how.NoConnect {
		if c = d.find(node); c == nil { // one that is being set up is good enough
			return proc.SendNoConnection
		}
	} else if c = d.to(node, forSignal); c == nil {
		return proc.SendNoConnection
	}
	if how.NoSuspend && c.busy() {
		return proc.SendSuspend
	}
	seq := token != term.None
	ok, busy := c.control(nil, msg, func(h *term.Heap) []term.Term {
		var m []term.Term
		switch {
		case to.IsTuple():
			m = []term.Term{term.Int(opRegSend), p.Pid, unused, to.Elem(0)}
			if seq {
				m[0] = term.Int(opRegSendTT)
			}
		case to.IsRef():
			m = []term.Term{term.Int(opAliasSend), p.Pid, to}
			if seq {
				m[0] = term.Int(opAliasSendTT)
			}
		case c.has(flagSendSender):
			m = []term.Term{term.Int(opSendSender), p.Pid, to}
			if seq {
				m[0] = term.Int(opSendSenderTT)
			}
		default:
			m = []term.Term{term.Int(opSend), unused, to}
			if seq {
				m[0] = term.Int(opSendTT)
			}
		}
		if seq {
			m = append(m, token)
		}
		return m
	})
	if !ok {
		return proc.SendNoConnection
	}
	p.Bump(1)
	if busy && !p.AsyncDist() {
		c.block(p)
	}
	return proc.SendOK
}

// Link implements proc.Router.
func (d *Dist) Link(p *proc.Process, to term.Term) term.Term {
	c, problem := d.related(to)
	if c == nil {
		return problem
	}
	key := linkKey{p.Pid, proc.IDOf(to)}
	ok, _ := c.control(func() { c.addLink(key) }, term.None, func(*term.Heap) []term.Term {
		return []term.Term{term.Int(opLink), p.Pid, to}
	})
	if !ok {
		return term.AtomNoconnection
	}
	return term.None
}

// addLink notes a link; the caller holds mu.
func (c *conn) addLink(key linkKey) {
	if c.links == nil {
		c.links = map[linkKey]struct{}{}
	}
	c.links[key] = struct{}{}
}

func (c *conn) dropLink(key linkKey) (was bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, was = c.links[key]
	delete(c.links, key)
	return was
}

// Unlink implements proc.Router.
func (d *Dist) Unlink(p *proc.Process, to proc.ID, id uint64) bool {
	c := d.find(to.Node())
	if c == nil {
		return false
	}
	key := linkKey{p.Pid, to}
	c.mu.Lock()
	_, linked := c.links[key]
	old := c.state == up && c.peer.flags&flagUnlinkID == 0
	c.mu.Unlock()
	if !linked {
		return false
	}
	if old {
		c.control(func() { delete(c.links, key) }, term.None, func(h *term.Heap) []term.Term {
			return []term.Term{term.Int(opUnlink), p.Pid, to.Term(h)}
		})
		return false
	}
	ok, _ := c.control(nil, term.None, func(h *term.Heap) []term.Term {
		return []term.Term{term.Int(opUnlinkID), h.Uint64(id), p.Pid, to.Term(h)}
	})
	return ok
}

// UnlinkAck implements proc.Router.
func (d *Dist) UnlinkAck(from term.Term, to proc.ID, id uint64) {
	if c := d.find(to.Node()); c != nil && id != 0 {
		c.control(nil, term.None, func(h *term.Heap) []term.Term {
			return []term.Term{term.Int(opUnlinkIDAck), h.Uint64(id), from, to.Term(h)}
		})
	}
}

// ForgetLink implements proc.Router.
func (d *Dist) ForgetLink(from term.Term, to proc.ID) {
	if c := d.find(to.Node()); c != nil {
		c.dropLink(linkKey{from, to})
	}
}

// ExitLinked implements proc.Router.
func (d *Dist) ExitLinked(from term.Term, to proc.ID, reason, token term.Term) {
	c := d.find(to.Node())
	if c == nil {
		return
	}
	key := linkKey{from, to}
	c.exit(opExit, opExitTT, opPayloadExit, opPayloadExitTT, func() { delete(c.links, key) }, from, to, reason, token)
}

// exit sends an exit signal in the form that the other node knows.
func (c *conn) exit(plain, plainTT, payload, payloadTT int, before func(), from term.Term, to proc.ID, reason, token term.Term) {
	message := term.None
	if c.has(flagExitPayload) {
		plain, plainTT, message = payload, payloadTT, reason
	}
	c.control(before, message, func(h *term.Heap) []term.Term {
		m := []term.Term{term.Int(plain), from, to.Term(h)}
		if token != term.None {
			m[0] = term.Int(plainTT)
			m = append(m, token)
		}
		if message == term.None {
			m = append(m, reason)
		}
		return m
	})
}

// Exit implements proc.Router.
func (d *Dist) Exit(p *proc.Process, to, reason, token term.Term) {
	if c, _ := d.related(to); c != nil {
		c.exit(opExit2, opExit2TT, opPayloadExit2, opPayloadExit2T, nil, p.Pid, proc.IDOf(to), reason, token)
	}
}

// Monitor implements proc.Router.
func (d *Dist) Monitor(p *proc.Process, what, ref term.Term, n uint64) term.Term {
	c, problem := d.related(what)
	if c == nil {
		return problem
	}
	t := target{alias: term.RefPid(ref) != term.None}
	proced := what
	if what.IsTuple() {
		t.name, proced = what.Elem(0), what.Elem(0)
	} else {
		t.id = proc.IDOf(what)
	}
	ok, _ := c.control(func() { c.addMonitor(monKey{p.Pid, n}, t) }, term.None, func(*term.Heap) []term.Term {
		return []term.Term{term.Int(opMonitor), p.Pid, proced, ref}
	})
	if !ok {
		return term.AtomNoconnection
	}
	return term.None
}

func (c *conn) addMonitor(k monKey, t target) {
	if c.monitors == nil {
		c.monitors = map[monKey]target{}
	}
	c.monitors[k] = t
}

// takeMonitor gives the target of a monitor and forgets it.
func (c *conn) takeMonitor(k monKey) (t target, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok = c.monitors[k]
	delete(c.monitors, k)
	return t, ok
}

// Demonitor implements proc.Router.
func (d *Dist) Demonitor(from, what term.Term, n uint64) {
	node, _ := d.route(what)
	c := d.find(node)
	if c == nil {
		return
	}
	t, has := c.takeMonitor(monKey{from, n})
	if !has {
		return
	}
	if what.IsTuple() {
		what = what.Elem(0)
	}
	c.control(nil, term.None, func(h *term.Heap) []term.Term {
		return []term.Term{term.Int(opDemonitor), from, what, proc.MonitorRef(h, n, from, t.alias)}
	})
}

// Down implements proc.Router.
func (d *Dist) Down(conn int, n uint64, object, reason term.Term) {
	c := d.byID(conn)
	if c == nil {
		return
	}
	c.mu.Lock()
	w := c.watchers[n]
	delete(c.watchers, n)
	if w != nil {
		delete(c.byRef, w.ref)
	}
	c.mu.Unlock()
	if w != nil {
		c.down(object, w, reason)
	}
}

// down tells a watcher that what it watches, a pid or name, is gone.
func (c *conn) down(object term.Term, w *watcher, reason term.Term) {
	message := term.None
	op := opMonitorExit
	if c.has(flagExitPayload) {
		op, message = opPayloadDown, reason
	}
	c.control(nil, message, func(h *term.Heap) []term.Term {
		m := []term.Term{term.Int(op), object, w.owner.Term(h), w.ref.term(h)}
		if message == term.None {
			m = append(m, reason)
		}
		return m
	})
}

// Watcher implements proc.Router.
func (d *Dist) Watcher(h *term.Heap, conn int, n uint64) term.Term {
	if c := d.byID(conn); c != nil {
		c.mu.Lock()
		w := c.watchers[n]
		c.mu.Unlock()
		if w != nil {
			return w.owner.Term(h)
		}
	}
	return term.AtomUndefined
}

// GroupLeader implements proc.Router.
func (d *Dist) GroupLeader(_ *proc.Process, to, leader term.Term) {
	if c, _ := d.related(to); c != nil {
		c.control(nil, term.None, func(*term.Heap) []term.Term {
			return []term.Term{term.Int(opGroupLeader), leader, to}
		})
	}
}

// Spawn implements proc.Router.
func (d *Dist) Spawn(p *proc.Process, node term.Term, r *proc.RemoteSpawn) term.Term {
	c := d.to(node, forSignal)
	if c == nil {
		return term.AtomNoconnection
	}
	key := monKey{p.Pid, r.N}
	n, _ := term.ListLen(r.Args)
	ok, busy := c.control(func() {
		if c.spawns == nil {
			c.spawns = map[monKey]struct{}{}
		}
		c.spawns[key] = struct{}{}
	}, r.Args, func(h *term.Heap) []term.Term {
		m := []term.Term{term.Int(opSpawnRequest), r.Ref, p.Pid, r.GroupLeader, h.Tuple(r.M, r.F, term.Int(n)), r.Opts}
		if r.Token != term.None {
			m[0] = term.Int(opSpawnRequestT)
			m = append(m, r.Token)
		}
		return m
	})
	if !ok {
		return term.AtomNoconnection
	}
	if busy && !p.AsyncDist() {
		c.block(p)
	}
	return term.None
}
