package dist

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// errControl says that a control message is none of the protocol's.
func errControl(control term.Term) error {
	text := term.Format(control)
	if len(text) > 200 {
		text = text[:200] + "..."
	}
	return errPacket{"invalid control message " + text}
}

// incoming carries out a signal. Its terms lie in h, until it returns.
func (c *conn) incoming(h *term.Heap, control, message term.Term) error {
	if !control.IsTuple() || control.Arity() < 3 || !control.Elem(0).IsSmall() {
		return errControl(control)
	}
	n := control.Arity()
	op := int(control.Elem(0).Small())
	at := func(i int) term.Term { return control.Elem(i) }
	// shape checks the number of elements, which of them are pids, and whether a message belongs to it.
	shape := func(arity int, payload bool, pids ...int) bool {
		if n != arity || payload != (message != term.None) {
			return false
		}
		for _, i := range pids {
			if !at(i).IsPid() {
				return false
			}
		}
		return true
	}
	// token is the last element of the variants that carry one.
	token := term.None
	switch op {
	case opSendTT, opRegSendTT, opSendSenderTT, opPayloadExitTT, opPayloadExit2T, opAliasSendTT, opSpawnRequestT, opSpawnReplyTT:
		n--
		token = at(n)
	}
	sys := c.d.sys
	switch op {
	case opSend, opSendTT:
		if !shape(3, true, 2) {
			return errControl(control)
		}
		sys.RemoteMessage(term.None, at(2), message, token)
	case opSendSender, opSendSenderTT:
		if !shape(3, true, 1, 2) {
			return errControl(control)
		}
		sys.RemoteMessage(at(1), at(2), message, token)
	case opRegSend, opRegSendTT:
		if !shape(4, true, 1) || !at(3).IsAtom() {
			return errControl(control)
		}
		sys.RemoteMessage(at(1), at(3), message, token)
	case opAliasSend, opAliasSendTT:
		if !shape(3, true, 1) || !at(2).IsRef() {
			return errControl(control)
		}
		sys.RemoteAlias(at(1), at(2), message, token, false)
	case opLink:
		if !shape(3, false, 1, 2) {
			return errControl(control)
		}
		c.onLink(at(1), at(2))
	case opExit, opExit2:
		if !shape(4, false, 1, 2) {
			return errControl(control)
		}
		c.onExit(at(1), at(2), at(3), token, op == opExit)
	case opExitTT, opExit2TT:
		if !shape(5, false, 1, 2) {
			return errControl(control)
		}
		c.onExit(at(1), at(2), at(4), at(3), op == opExitTT)
	case opPayloadExit, opPayloadExitTT, opPayloadExit2, opPayloadExit2T:
		if !shape(3, true, 1, 2) {
			return errControl(control)
		}
		c.onExit(at(1), at(2), message, token, op == opPayloadExit || op == opPayloadExitTT)
	case opUnlink:
		if !shape(3, false, 1, 2) {
			return errControl(control)
		}
		c.dropLink(linkKey{at(2), proc.IDOf(at(1))})
		sys.RemoteUnlink(at(1), at(2), 0)
	case opUnlinkID, opUnlinkIDAck:
		id, ok := term.ToUint64(control.Elem(1))
		if n != 4 || !ok || !shape(4, false, 2, 3) {
			return errControl(control)
		}
		from, to := at(2), at(3)
		c.dropLink(linkKey{to, proc.IDOf(from)})
		if op == opUnlinkIDAck {
			sys.RemoteUnlinkAck(from, to, id)
		} else if !sys.RemoteUnlink(from, to, id) {
			c.d.UnlinkAck(to, proc.IDOf(from), id)
		}
	case opGroupLeader:
		if !shape(3, false, 1, 2) {
			return errControl(control)
		}
		sys.RemoteLeader(at(2), at(1))
	case opMonitor, opDemonitor:
		if !shape(4, false, 1) || !at(2).IsAtom() && !at(2).IsPid() || !at(3).IsRef() {
			return errControl(control)
		}
		if op == opMonitor {
			c.onMonitor(at(1), at(2), at(3))
		} else {
			c.onDemonitor(at(3))
		}
	case opMonitorExit:
		if !shape(5, false, 2) || !at(3).IsRef() {
			return errControl(control)
		}
		c.onDown(h, at(2), at(3), at(4))
	case opPayloadDown:
		if !shape(4, true, 2) || !at(3).IsRef() {
			return errControl(control)
		}
		c.onDown(h, at(2), at(3), message)
	case opSpawnRequest, opSpawnRequestT:
		f := term.Nil
		if n == 6 {
			f = at(4)
		}
		args, proper := term.ListLen(orNil(message))
		if !shape(6, true, 2, 3) || !at(1).IsRef() || !f.TupleOf(3) || !f.Elem(0).IsAtom() || !f.Elem(1).IsAtom() ||
			!proper || f.Elem(2) != term.Int(args) {
			return errControl(control)
		}
		c.onSpawnRequest(at(1), at(2), &proc.RemoteSpawn{GroupLeader: at(3), M: f.Elem(0), F: f.Elem(1), Args: message, Opts: at(5), Token: token})
	case opSpawnReply, opSpawnReplyTT:
		if !shape(5, false, 2) || !at(1).IsRef() || !at(3).IsSmall() || !at(4).IsPid() && !at(4).IsAtom() {
			return errControl(control)
		}
		c.onSpawnReply(at(1), at(2), at(3).Small(), at(4), token)
	default:
		return errControl(control)
	}
	return nil
}

func orNil(t term.Term) term.Term {
	if t == term.None {
		return term.Nil
	}
	return t
}

func (c *conn) onLink(from, to term.Term) {
	key := linkKey{to, proc.IDOf(from)}
	c.mu.Lock()
	c.addLink(key)
	c.mu.Unlock()
	if !c.d.sys.RemoteLink(from, to) {
		c.d.ExitLinked(to, key.to, term.AtomNoproc, term.None)
	}
}

func (c *conn) onExit(from, to, reason, token term.Term, linked bool) {
	id := proc.IDOf(from)
	if linked {
		c.dropLink(linkKey{to, id})
	}
	c.d.sys.RemoteExit(id, to, reason, token, linked)
}

// watch notes a monitor of the other node's.
func (c *conn) watch(owner, ref term.Term) (n uint64, w *watcher) {
	n = c.d.sys.NewMonitor()
	w = &watcher{owner: proc.IDOf(owner), ref: keyOf(ref)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watchers == nil {
		c.watchers, c.byRef = map[uint64]*watcher{}, map[refKey]uint64{}
	}
	c.watchers[n], c.byRef[w.ref] = w, n
	return n, w
}

func (c *conn) unwatch(n uint64, w *watcher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.watchers, n)
	delete(c.byRef, w.ref)
}

func (c *conn) onMonitor(owner, what, ref term.Term) {
	n, w := c.watch(owner, ref)
	pid, ok := c.d.sys.RemoteMonitor(c.id, n, what)
	if !ok {
		c.unwatch(n, w)
		c.down(what, w, term.AtomNoproc)
		return
	}
	c.mu.Lock()
	w.pid = pid
	c.mu.Unlock()
}

func (c *conn) onDemonitor(ref term.Term) {
	c.mu.Lock()
	n, ok := c.byRef[keyOf(ref)]
	var pid term.Term
	if ok {
		w := c.watchers[n]
		pid = w.pid
		delete(c.watchers, n)
		delete(c.byRef, w.ref)
	}
	c.mu.Unlock()
	if ok {
		c.d.sys.RemoteDemonitor(pid, n)
	}
}

func (c *conn) onDown(h *term.Heap, to, ref, reason term.Term) {
	n, ok := proc.RefNumber(ref)
	if !ok {
		return
	}
	if t, ok := c.takeMonitor(monKey{to, n}); ok {
		c.d.sys.RemoteDown(to, n, t.term(h, c.node), reason)
	}
}

const (
	spawnLinked    = 1
	spawnMonitored = 2
)

var (
	atomBadopt = term.Intern("badopt")
	atomLimit  = term.Intern("system_limit")
)

func (c *conn) onSpawnRequest(ref, from term.Term, r *proc.RemoteSpawn) {
	r.Ref = ref
	reply := func(flags int, result, token term.Term) {
		c.control(nil, term.None, func(h *term.Heap) []term.Term {
			m := []term.Term{term.Int(opSpawnReply), ref, from, term.Int(flags), result}
			if token != term.None {
				m[0] = term.Int(opSpawnReplyTT)
				m = append(m, token)
			}
			return m
		})
	}
	h := term.NewArena()
	defer h.Free()
	var opts []term.Term
	l := r.Opts
	for ; l.IsCons(); l = l.Tail() {
		switch o := l.Head(); o {
		case term.AtomLink:
			r.Link = true
		case term.AtomMonitor:
			r.Monitor = true
		default:
			opts = append(opts, o)
		}
	}
	o, ok := c.d.cfg.SpawnOptions(c.d.sys, h.List(opts...))
	if !ok || !l.IsNil() {
		reply(0, atomBadopt, c.d.sys.SeqSpawnRefused(h, from, r, atomBadopt))
		return
	}
	flags := 0
	var n uint64
	var w *watcher
	if r.Link {
		flags |= spawnLinked
	}
	if r.Monitor {
		flags |= spawnMonitored
		n, w = c.watch(from, ref)
	}
	if e := c.d.sys.SpawnFor(from, c.id, n, r, o, func(pid, token term.Term) {
		c.mu.Lock()
		if r.Link {
			c.addLink(linkKey{pid, proc.IDOf(from)})
		}
		if w != nil {
			w.pid = pid
		}
		c.mu.Unlock()
		reply(flags, pid, token)
	}); e != proc.SpawnOK {
		if w != nil {
			c.unwatch(n, w)
		}
		reply(0, atomLimit, c.d.sys.SeqSpawnRefused(h, from, r, atomLimit))
	}
}

func (c *conn) onSpawnReply(ref, to term.Term, flags int, result, token term.Term) {
	n, ok := proc.RefNumber(ref)
	if !ok {
		return
	}
	key := monKey{to, n}
	linked, monitored := flags&spawnLinked != 0, flags&spawnMonitored != 0
	c.mu.Lock()
	_, asked := c.spawns[key]
	delete(c.spawns, key)
	if asked && result.IsPid() {
		if linked {
			c.addLink(linkKey{to, proc.IDOf(result)})
		}
		if monitored {
			c.addMonitor(key, target{id: proc.IDOf(result), alias: term.RefPid(ref) != term.None})
		}
	}
	c.mu.Unlock()
	if !asked {
		return
	}
	sys := c.d.sys
	if result.IsAtom() {
		sys.RemoteSpawned(to, n, term.None, result, token, false, false)
		return
	}
	if !sys.RemoteSpawned(to, n, result, term.None, token, linked, monitored) {
		if linked {
			c.d.ExitLinked(to, proc.IDOf(result), term.AtomNoproc, term.None)
		}
		if monitored {
			c.d.Demonitor(to, result, n)
		}
	}
}
