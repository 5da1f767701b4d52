package proc

import (
	"github.com/gerl-lang/gerl/term"
)

// Signals from other nodes. Any goroutine may call these functions; a Router does, in the order in which the signals of a
// connection came. Terms are copied.

// remoteSeq makes a token of the term that came with a signal, nil if that is none.
func remoteSeq(token term.Term) *seqToken {
	if token == term.None || !token.TupleOf(5) {
		return nil
	}
	flags, ok1 := term.ToInt64(token.Elem(0))
	serial, ok2 := term.ToInt64(token.Elem(2))
	last, ok3 := term.ToInt64(token.Elem(4))
	if !ok1 || !ok2 || !ok3 || !token.Elem(3).IsPid() && !token.Elem(3).IsAtom() {
		return nil
	}
	return &seqToken{flags: flags, label: newSeqLabel(token.Elem(1)), serial: serial, last: last, from: idOf(token.Elem(3))}
}

// RemoteMessage delivers a message to a local pid or registered name; from is who sent it, None if that is not known. False: nobody is there.
func (sys *System) RemoteMessage(from, to, msg, token term.Term) bool {
	if to.IsAtom() {
		to = sys.Whereis(to)
	}
	if to.IsLocalPort() && sys.Ports != nil {
		return false
	}
	q := sys.Lookup(to)
	if q == nil {
		return false
	}
	s := &Signal{}
	s.msg[0], s.frag = term.CopyMessage(msg)
	s.withSeq(remoteSeq(token))
	if from != term.None && q.tr.Load() != nil {
		s.withSender(from)
	}
	return sys.posted(q, s)
}

func (sys *System) posted(q *Process, s *Signal) bool {
	if !sys.post(nil, q, s) {
		sys.drop(nil, s)
		return false
	}
	return true
}

// RemoteAlias delivers a message through an alias.
func (sys *System) RemoteAlias(from, ref, msg, token term.Term, priority bool) {
	if !isLocalRef(ref) {
		return
	}
	q := sys.Lookup(term.RefPid(ref))
	if q == nil {
		return
	}
	s := &Signal{kind: sigAliasMessage}
	s.msg[0], s.frag = term.CopyMessage(msg)
	s.d = &signalData{ref: refNumber(ref), prio: priority, seq: remoteSeq(token), from: idOf(from)}
	sys.posted(q, s)
}

// RemoteLink links a local process to one of another node. False: there is no such process.
func (sys *System) RemoteLink(from, to term.Term) bool {
	q := sys.Lookup(to)
	return q != nil && sys.post(nil, q, &Signal{kind: sigLink, d: &signalData{from: idOf(from)}})
}

// RemoteUnlink asks a local process to give up a link and to acknowledge that. False: there is no such process.
func (sys *System) RemoteUnlink(from, to term.Term, id uint64) bool {
	q := sys.Lookup(to)
	return q != nil && sys.post(nil, q, &Signal{kind: sigUnlink, d: &signalData{from: idOf(from), id: id}})
}

// RemoteUnlinkAck tells a local process that the other end has given up the link.
func (sys *System) RemoteUnlinkAck(from, to term.Term, id uint64) {
	if q := sys.Lookup(to); q != nil {
		sys.post(nil, q, &Signal{kind: sigUnlinkAck, d: &signalData{from: idOf(from), id: id}})
	}
}

// RemoteExit sends a local process the exit signal of exit/2, or of a link.
func (sys *System) RemoteExit(from ID, to, reason, token term.Term, linked bool) {
	q := sys.Lookup(to)
	if q == nil {
		return
	}
	s := &Signal{kind: sigExit}
	s.msg[0], s.frag = term.CopyObject(reason)
	s.d = &signalData{from: from, seq: remoteSeq(token)}
	if linked {
		s.kind = sigExitLink
	} else {
		s.d.kill = reason == term.AtomKill
	}
	sys.posted(q, s)
}

// RemoteMonitor lets the connection conn watch a local process, which is given as a pid or registered name, under the number n, which NewMonitor
// gave: Router.Down is called when it is gone. pid is the process; ok is false if there is none.
func (sys *System) RemoteMonitor(conn int, n uint64, target term.Term) (pid term.Term, ok bool) {
	name := term.None
	if target.IsAtom() {
		name, target = target, sys.Whereis(target)
	}
	if target.IsLocalPort() && sys.Ports != nil {
		return target, false
	}
	q := sys.Lookup(target)
	if q == nil {
		return term.None, false
	}
	d := &signalData{from: ID{data: uint64(term.Int(conn))}, ref: n, name: name}
	return target, sys.post(nil, q, &Signal{kind: sigMonitor, d: d})
}

// NewMonitor gives a number for RemoteMonitor.
func (sys *System) NewMonitor() uint64 { return sys.nextRef(nil) }

// RemoteDemonitor ends that.
func (sys *System) RemoteDemonitor(pid term.Term, n uint64) {
	if q := sys.Lookup(pid); q != nil {
		sys.post(nil, q, &Signal{kind: sigDemonitor, d: &signalData{ref: n}})
	}
}

// RemoteDown tells the local process to that what it monitors with the number n is gone.
func (sys *System) RemoteDown(to term.Term, n uint64, object, reason term.Term) {
	sys.sendDown(nil, to, n, object, reason)
}

// RemoteLeader changes the group leader of a local process.
func (sys *System) RemoteLeader(to, leader term.Term) {
	if q := sys.Lookup(to); q != nil {
		sys.post(nil, q, &Signal{kind: sigGroupLeader, d: &signalData{leader: newLeader(leader)}})
	}
}

// RemoteSpawned answers the spawn request n of the local process to: with the pid, or None and a reason.
func (sys *System) RemoteSpawned(to term.Term, n uint64, pid, reason, token term.Term, linked, monitored bool) bool {
	q := sys.Lookup(to)
	if q == nil {
		return false
	}
	d := &spawned{n: n, linked: linked, monitored: monitored}
	s := &Signal{kind: sigSpawned, d: &signalData{spawned: d, seq: remoteSeq(token)}}
	if pid != term.None {
		d.pid = idOf(pid)
	} else {
		s.msg[0], s.frag = term.CopyObject(reason)
	}
	return sys.posted(q, s)
}

// SpawnFor makes a process that another node has asked for, on behalf of the process parent there. conn and n are those of the watcher, if
// r asks for one. begun is called with the pid and the answer's token before the process runs.
func (sys *System) SpawnFor(parent term.Term, conn int, n uint64, r *RemoteSpawn, o *SpawnOpts, begun func(pid, token term.Term)) SpawnError {
	o.GroupLeader = r.GroupLeader
	c, e := sys.newProcess(nil, o)
	if e != SpawnOK {
		return e
	}
	c.remoteState().parent = idOf(parent)
	c.setInitialCall(r.M, r.F, listLen(r.Args))
	own := c.keep(r.Args)
	sys.Machine.Start(c, r.M, r.F, own)
	if r.Link {
		c.addLink(idOf(parent))
	}
	if r.Monitor {
		c.onMonitor(&signalData{from: ID{data: uint64(term.Int(conn))}, ref: n})
	}
	h := scratchHeap()
	begun(c.Pid, c.seqSpawnedFor(h, parent, r))
	h.Free()
	sys.Sched.Launch(&c.Node)
	return SpawnOK
}
