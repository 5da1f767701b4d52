package proc

import "github.com/gerl-lang/gerl/term"

var (
	atomReply    = term.Intern("reply")
	atomReplyTag = term.Intern("reply_tag")
)

// Sequential tracing of processes that are spawned on other nodes. A request is two messages, itself and the list of
// arguments, and the token that goes with it is that of the second one; the answer is a third.

// seqSpawnsRemote tells of a request that p sends and gives it its token.
func (p *Process) seqSpawnsRemote(node term.Term, r *RemoteSpawn) {
	if r.Token = term.None; p.seqToken() == nil {
		return
	}
	h := scratchHeap()
	p.seqTell(p.seqStep(), seqSend, atomEvSend, node, r.shown(h, p.Pid))
	h.Free()
	t := p.seqStep()
	p.seqTell(t, seqSend, atomEvSend, node, r.Args)
	r.Token = t.tuple(&p.Heap)
}

// shown is the request as a message.
func (r *RemoteSpawn) shown(h *term.Heap, parent term.Term) term.Term {
	return h.Tuple(atomSpawnRequest, r.Ref, parent, r.GroupLeader, h.Tuple(r.M, r.F, term.Int(listLen(r.Args))), r.Opts)
}

// seqSpawnedFor tells of the request that made p, a process that does not run yet, and of the answer, whose token it builds on h; None if there is none.
func (p *Process) seqSpawnedFor(h *term.Heap, parent term.Term, r *RemoteSpawn) term.Term {
	t := remoteSeq(r.Token)
	if t == nil {
		return term.None
	}
	s := p.seqState()
	first := *t
	first.serial--
	p.seqTell(&first, seqReceive, atomEvReceive, p.Pid, r.shown(h, parent))
	s.token, s.last, s.clock = &first, first.serial, first.serial
	answer := p.seqSent(parent, h.Tuple(atomSpawnReply, r.Ref, term.AtomOk, p.Pid))
	p.seqTell(t, seqReceive, atomEvReceive, p.Pid, r.Args)
	s.token, s.last, s.clock = t, t.serial, max(s.clock, t.serial)
	return answer.tuple(h)
}

// SeqSpawnRefused is the same for a request that made no process: this node stands for it.
func (sys *System) SeqSpawnRefused(h *term.Heap, parent term.Term, r *RemoteSpawn, reason term.Term) term.Term {
	t := remoteSeq(r.Token)
	if t == nil {
		return term.None
	}
	t.serial--
	sys.seqTell(nil, nil, t, seqReceive, atomEvReceive, sys.Node(), r.shown(h, parent))
	t.from, t.last = idOf(sys.Node()), t.serial
	t.serial++
	sys.seqTell(nil, nil, t, seqSend, atomEvSend, parent, h.Tuple(atomSpawnReply, r.Ref, term.AtomError, reason))
	return t.tuple(h)
}
