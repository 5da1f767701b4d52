package proc

import (
	"runtime"

	"github.com/gerl-lang/gerl/term"
)

// Other nodes. What a process has to do with processes elsewhere is kept in the same relations as everything else: there they
// are known by an ID, which needs no memory of a heap. Signals leave through the Router; those that come in are posted by the
// functions of remote_in.go, from any goroutine.

// ID names a process or port of any node. IDs are the same if they are ==.
type ID struct {
	node, creation uint32 // 0 for this node
	data           uint64 // a local pid or port, or number and serial
}

// idOf gives the ID of a pid or port. Any other immediate stands for itself.
func idOf(t term.Term) ID {
	if t.IsImmediate() {
		return ID{data: uint64(t)}
	}
	node, creation, _ := term.ExtNode(t)
	number, serial := term.PidParts(t)
	return ID{uint32(node), creation, uint64(number) | uint64(serial)<<32}
}

// IDOf gives the ID of a pid.
func IDOf(t term.Term) ID { return idOf(t) }

// local is the local pid or port that id stands for, None for one of another node.
func (id ID) local() term.Term {
	if id.node != 0 {
		return term.None
	}
	return term.Term(id.data)
}

func (id ID) remote() bool { return id.node != 0 }

// Node is the node of a remote process.
func (id ID) Node() term.Term { return term.Term(id.node) }

// Term is the pid or port.
func (id ID) Term(h *term.Heap) term.Term { return id.term(h) }

func (id ID) term(h *term.Heap) term.Term {
	if id.node == 0 {
		return term.Term(id.data)
	}
	return h.ExtPid(term.Term(id.node), id.creation, uint32(id.data), uint32(id.data>>32))
}

// Router carries signals to other nodes. A nil Router behaves like one whose every node is unreachable. Its methods are called on
// workers; they copy or encode what they are given, and never block. Signals of one process to one other arrive in order. Signals to a node
// that is not connected wait until it is, or until that has failed. Whatever is set up between processes ends with reason noconnection when the
// connection is lost: the Router then calls System.RemoteExit, RemoteDown, RemoteDemonitor and RemoteSpawned.
type Router interface {
	// Send sends a message to a pid, an alias or {Name, Node} of another node. token is the sequential trace token, None without one.
	Send(p *Process, to, msg, token term.Term, how SendHow) SendResult
	// Link sends a link signal. failed, if it is not None, is the reason of the exit signal that p gets instead.
	Link(p *Process, to term.Term) (failed term.Term)
	// Unlink sends an unlink signal that will be acknowledged; false: there is nobody to do that.
	Unlink(p *Process, to ID, id uint64) bool
	// UnlinkAck acknowledges.
	UnlinkAck(from term.Term, to ID, id uint64)
	// ForgetLink tells that the process from, which is unlinking, is over.
	ForgetLink(from term.Term, to ID)
	// ExitLinked tells the other end of a link that from is over.
	ExitLinked(from term.Term, to ID, reason, token term.Term)
	// Exit is exit/2.
	Exit(p *Process, to, reason, token term.Term)
	// Monitor asks for a message when a pid or {Name, Node} is gone. failed, if it is not None, is the reason of the message that p gets
	// at once.
	Monitor(p *Process, target, ref term.Term, n uint64) (failed term.Term)
	// Demonitor takes that back.
	Demonitor(from, target term.Term, n uint64)
	// Down tells a watcher on another node, which RemoteMonitor made known, that a process of this node is gone.
	Down(conn int, n uint64, object, reason term.Term)
	// Watcher is the pid of such a watcher.
	Watcher(h *term.Heap, conn int, n uint64) term.Term
	// GroupLeader is group_leader/2.
	GroupLeader(p *Process, to, leader term.Term)
	// Spawn asks a node to spawn a process. failed, if it is not None, is the reason why that cannot be.
	Spawn(p *Process, node term.Term, r *RemoteSpawn) (failed term.Term)
	// NodeOf finds the connected node whose name has this index in the atom table: the first number in the text of its identifiers.
	NodeOf(index int) (node term.Term, creation uint32, ok bool)
}

// RemoteSpawn is a request to another node, from a process here or the other way round.
type RemoteSpawn struct {
	Ref         term.Term // of the request, and of the monitor
	N           uint64    // its number, in a request from here
	M, F, Args  term.Term
	Opts        term.Term // as they are sent
	Link        bool
	Monitor     bool
	GroupLeader term.Term
	Token       term.Term // sequential trace token or None
}

// remoteState is what a process rarely has: dealings with other nodes that are no links or monitors.
type remoteState struct {
	leader *leaderMemory
	parent ID
	spawns relation[uint64, *asked]
}

func (p *Process) remoteState() *remoteState {
	x := p.ext()
	if x.remote == nil {
		x.remote = &remoteState{}
	}
	return x.remote
}

// ---- group leaders ---------------------------------------------------------------------------

// leader is a group leader, and what holds its memory if it is on another node. That goes when the last process that uses it has gone.
type leader struct {
	t    term.Term
	keep *leaderMemory
}

type leaderMemory struct{ t term.Term }

func newLeader(t term.Term) leader {
	if t.IsImmediate() {
		return leader{t: t}
	}
	copied, frag := term.CopyObject(t)
	l := &leaderMemory{copied}
	runtime.AddCleanup(l, term.DropFragment, frag)
	return leader{copied, l}
}

func (p *Process) setLeader(l leader) {
	if l.keep != nil || p.x != nil && p.x.remote != nil {
		p.remoteState().leader = l.keep
	}
	p.groupLeader = l.t
}

func (p *Process) inheritLeader(parent *Process) {
	l := leader{t: parent.groupLeader}
	if parent.x != nil && parent.x.remote != nil {
		l.keep = parent.x.remote.leader
	}
	p.setLeader(l)
}

// parentTerm is the process that has spawned p, perhaps on another node; undefined if there is none.
func (p *Process) parentTerm(h *term.Heap) term.Term {
	switch {
	case p.parent != term.None:
		return p.parent
	case p.x != nil && p.x.remote != nil && p.x.remote.parent.remote():
		return p.x.remote.parent.term(h)
	}
	return term.AtomUndefined
}

// ---- outgoing --------------------------------------------------------------------------------

// tokenFor makes the token of a signal that p sends, and calls send with it.
func (p *Process) tokenFor(to, msg term.Term, send func(token term.Term)) {
	t := p.seqSent(to, msg)
	if t == nil {
		send(term.None)
		return
	}
	h := scratchHeap()
	send(t.tuple(h))
	h.Free()
}

func (p *Process) sendRemote(to, msg term.Term, how SendHow) SendResult {
	r := p.Sys.Router
	if r == nil {
		return SendNoConnection
	}
	var res SendResult
	p.tokenFor(to, msg, func(token term.Term) { res = r.Send(p, to, msg, token, how) })
	return res
}

func (p *Process) linkRemote(to term.Term) LinkResult {
	if p.linkedTo(to) {
		return LinkOK
	}
	failed := term.AtomNoconnection
	if r := p.Sys.Router; r != nil {
		failed = r.Link(p, to)
	}
	if failed != term.None {
		p.exitSignalToSelf(to, failed)
		return LinkOK
	}
	p.addLink(idOf(to))
	p.tellPeer(atomEvLink, to)
	return LinkOK
}

// linkRefused answers a link to a process that is over.
func (sys *System) linkRefused(p *Process, to ID) {
	if to.remote() {
		sys.Router.ExitLinked(p.Pid, to, term.AtomNoproc, term.None)
		return
	}
	sys.sendExitLink(p.w, p.Pid, to.local(), term.AtomNoproc, 0)
}

// sendExitOfRemoteLink is sendExitOfLink to another node.
func (p *Process) sendExitOfRemoteLink(to ID, reason term.Term) {
	if p.seqToken() == nil {
		p.Sys.Router.ExitLinked(p.Pid, to, reason, term.None)
		return
	}
	h := scratchHeap()
	p.tokenFor(to.term(h), h.Tuple(term.AtomEXITUpper, p.Pid, reason), func(token term.Term) {
		p.Sys.Router.ExitLinked(p.Pid, to, reason, token)
	})
	h.Free()
}

func (p *Process) exitRemote(to, reason term.Term) {
	r := p.Sys.Router
	if r == nil || !to.IsPid() {
		return
	}
	if p.seqToken() == nil {
		r.Exit(p, to, reason, term.None)
		return
	}
	h := scratchHeap()
	p.tokenFor(to, h.Tuple(term.AtomEXITUpper, p.Pid, reason), func(token term.Term) { r.Exit(p, to, reason, token) })
	h.Free()
}

// monitorRemote monitors a pid or {Name, Node} of another node.
func (p *Process) monitorRemote(target term.Term, o *MonitorOpts) term.Term {
	m, n, ref := p.newMonitor(o)
	m.kind = term.AtomProcess
	failed := term.AtomNoconnection
	if r := p.Sys.Router; r != nil {
		failed = r.Monitor(p, target, ref, n)
	}
	if failed != term.None {
		p.downSelf(n, target, failed)
		return ref
	}
	m.setRemote(target)
	return ref
}

// setRemote makes m the monitor of something on another node: its memory and that of the tag are one.
func (m *monitor) setRemote(target term.Term) {
	h := scratchHeap()
	both, frag := term.CopyObject(h.Tuple(m.tag, target))
	h.Free()
	term.DropFragment(m.frag)
	m.tag, m.target, m.frag, m.remote = both.Elem(0), both.Elem(1), frag, true
}

// MonitorRef rebuilds the reference of a monitor of the process pid.
func MonitorRef(h *term.Heap, n uint64, pid term.Term, alias bool) term.Term {
	if alias {
		return buildAliasRef(h, n, pid)
	}
	return buildRef(h, n)
}

// RefNumber is the number of a reference of this node, which the watching end of a monitor is known by.
func RefNumber(ref term.Term) (n uint64, ok bool) {
	if !isLocalRef(ref) {
		return 0, false
	}
	return refNumber(ref), true
}

// watcherPid is who watches: a pid, also where it is on another node.
func (sys *System) watcherPid(h *term.Heap, n uint64, watcher term.Term) term.Term {
	if watcher.IsSmall() {
		return sys.Router.Watcher(h, int(watcher.Small()), n)
	}
	return watcher
}

// tellPeerID is tellPeer for a process of any node.
func (p *Process) tellPeerID(event term.Term, other ID) {
	if p.tr.Load() != nil {
		p.tell(TraceProcs, func(h *term.Heap) []term.Term { return []term.Term{event, other.term(h)} })
	}
}

// ---- spawning elsewhere ------------------------------------------------------------------------

// asked is a spawn request that another node has not answered yet.
type asked struct {
	tag          term.Term
	frag         fragment
	link         bool
	monitor      bool
	alias        bool
	onOK, onFail bool
}

// spawned is the answer to a spawn request. The reason of a failure is the signal's term.
type spawned struct {
	n                 uint64
	pid               ID
	linked, monitored bool
}

// SpawnRemote is spawn_request on another node: the answer comes as a message if onOK or onFail say so. It gives the reference of the
// request.
func (p *Process) SpawnRemote(node, m, f, args term.Term, o *SpawnOpts, onOK, onFail bool) (ref term.Term) {
	a := &asked{link: o.Link, monitor: o.Monitor != nil, onOK: onOK, onFail: onFail}
	var n uint64
	if o.Monitor != nil {
		var mon *monitor
		mon, n, ref = p.newMonitor(o.Monitor)
		mon.kind = term.AtomProcess
		a.alias = mon.alias != aliasNone
	} else {
		n = p.Sys.nextRef(p.w)
		ref = buildRef(&p.Heap, n)
	}
	a.tag, a.frag = term.CopyObject(o.ReplyTag)
	p.remoteState().spawns.put(n, a)
	failed := term.AtomNoconnection
	if r := p.Sys.Router; r != nil {
		request := &RemoteSpawn{Ref: ref, N: n, M: m, F: f, Args: args, GroupLeader: p.groupLeader}
		request.Opts = toSend(&p.Heap, o)
		p.seqSpawnsRemote(node, request)
		failed = r.Spawn(p, node, request)
	}
	if failed != term.None {
		p.Sys.RemoteSpawned(p.Pid, n, term.None, failed, term.None, false, false)
	}
	return ref
}

// toSend are the options as the other node gets them: those about the answer are not its business, and of a monitor's it need not know more than that there is one.
func toSend(h *term.Heap, o *SpawnOpts) term.Term {
	var opts []term.Term
	if o.Shown != term.None {
		for l := o.Shown; l.IsCons(); l = l.Tail() {
			x := l.Head()
			if x.TupleOf(2) && (x.Elem(0) == term.AtomMonitor || x.Elem(0) == atomReply || x.Elem(0) == atomReplyTag) ||
				x == term.AtomLink || x == term.AtomMonitor {
				continue
			}
			opts = append(opts, x)
		}
	}
	if o.Link {
		opts = append(opts, term.AtomLink)
	}
	if o.Monitor != nil {
		opts = append(opts, term.AtomMonitor)
	}
	return h.List(opts...)
}

// onSpawned handles the answer to a spawn request.
func (p *Process) onSpawned(s *Signal) {
	d := s.d.spawned
	var a *asked
	if p.x != nil && p.x.remote != nil {
		a, _ = p.x.remote.spawns.remove(d.n)
	}
	if a == nil {
		p.refuseSpawned(s.d)
		return
	}
	defer term.DropFragment(a.frag)
	h := scratchHeap()
	defer h.Free()
	ref := MonitorRef(h, d.n, p.Pid, a.alias)
	var msg term.Term
	if d.pid.remote() {
		pid := d.pid.term(h)
		if d.linked {
			p.addLink(d.pid)
			p.tellPeer(atomEvLink, pid)
		}
		if d.monitored {
			if m := p.x.monitors.get(d.n); m != nil {
				(*m).setRemote(pid)
			} else {
				p.Sys.Router.Demonitor(p.Pid, pid, d.n)
			}
		}
		if !a.onOK {
			return
		}
		msg = h.Tuple(a.tag, ref, term.AtomOk, pid)
	} else {
		if m, ok := p.x.monitors.remove(d.n); ok {
			p.x.aliases.remove(d.n)
			term.DropFragment(m.frag)
		}
		if !a.onFail {
			return
		}
		msg = h.Tuple(a.tag, ref, term.AtomError, s.msg[0])
	}
	out := &Signal{seqKeep: true}
	out.msg[0], out.frag = term.CopyMessage(msg)
	out.withSeq(s.d.seq)
	p.arrived(out, false)
}

// refuseSpawned undoes what a request set up that nobody waits for any more.
func (p *Process) refuseSpawned(d *signalData) {
	s, r := d.spawned, p.Sys.Router
	if !s.pid.remote() {
		return
	}
	if s.linked {
		reason := atomAbandoned
		if p.Gone() {
			reason = term.AtomNoproc
		}
		r.ExitLinked(p.Pid, s.pid, reason, term.None)
	}
	if s.monitored {
		h := scratchHeap()
		r.Demonitor(p.Pid, s.pid.term(h), s.n)
		h.Free()
	}
}

var atomAbandoned = term.Intern("abandoned")

// AbandonSpawn is spawn_request_abandon/1 for a request to another node: true if it had not been answered.
func (p *Process) AbandonSpawn(ref term.Term) bool {
	if p.x == nil || p.x.remote == nil || !isLocalRef(ref) {
		return false
	}
	n := refNumber(ref)
	a, ok := p.x.remote.spawns.remove(n)
	if !ok {
		return false
	}
	term.DropFragment(a.frag)
	if m, ok := p.x.monitors.remove(n); ok {
		p.x.aliases.remove(n)
		term.DropFragment(m.frag)
	}
	return true
}
