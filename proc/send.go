package proc

import (
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// SendResult is what Send found.
type SendResult uint8

const (
	SendOK SendResult = iota
	// SendBadArg: no pid, port, name or alias, or a name that nobody has: raise error:badarg.
	SendBadArg
	// SendNoConnection: the node of the receiver cannot be reached (the message is lost, which `!` does not tell).
	SendNoConnection
	// SendSuspend: with nosuspend, the sender would have had to wait.
	SendSuspend
)

// SendHow are options of sending: NoConnect sets up no connection, NoSuspend does not wait for a busy one.
type SendHow struct{ NoConnect, NoSuspend bool }

// Send is erlang:send/2: to is a pid, port, alias, registered name or {Name, Node}. Messages to what is
// gone vanish.
func (p *Process) Send(to, msg term.Term) SendResult { return p.SendHow(to, msg, SendHow{}) }

// SendHow is Send with the options noconnect and nosuspend.
func (p *Process) SendHow(to, msg term.Term, how SendHow) SendResult {
	if p.tr.Load() != nil {
		p.traceSend(to, msg, p.reaches(to))
	}
	if p.x != nil && p.x.calls != nil {
		p.SaveCall(term.AtomSend, term.None, 0)
	}
	return p.send(to, msg, how)
}

// reaches reports whether a message to a pid or name has somebody to get it.
func (p *Process) reaches(to term.Term) bool {
	if to.IsAtom() {
		to = p.Sys.Whereis(to)
	}
	return !to.IsLocalPid() || p.Sys.Lookup(to) != nil
}

func (p *Process) send(to, msg term.Term, how SendHow) SendResult {
	sys := p.Sys
	if to.IsLocalPid() {
		if q := sys.procs.lookup(to); q != nil {
			p.deliver(q, msg, p.seqSent(to, msg))
		}
		return SendOK
	}
	switch {
	case to.IsAtom():
		r := sys.Whereis(to)
		if r == term.None {
			return SendBadArg
		}
		return p.send(r, msg, how)
	case isLocalRef(to):
		p.sendAlias(to, msg, false)
		return SendOK
	case to.IsLocalPort():
		if sys.Ports != nil {
			p.seqSent(to, msg)
			sys.Ports.Command(p, to, msg)
		}
		return SendOK
	case to.TupleOf(2):
		name, node := to.Elem(0), to.Elem(1)
		if !name.IsAtom() || !node.IsAtom() {
			return SendBadArg
		}
		if node == sys.Node() {
			if r := sys.Whereis(name); r != term.None {
				return p.send(r, msg, how)
			}
			return SendOK
		}
	case to.IsPid() || to.IsPort() || to.IsRef():
	default:
		return SendBadArg
	}
	return p.sendRemote(to, msg, how)
}

// directWords bounds the size of a message that is copied straight to the receiver's heap.
const directWords = 128

// seize gives p, which runs, the sole right to what belongs to q, if q is between two slices and not within a BIF, has handled all its signals
// and nobody wants to hear of its events. A few things can then be done at once that otherwise take a signal. Signals keep their order: none of p's to q is
// on its way. p.w.LetGo ends it.
func (p *Process) seize(q *Process) bool {
	if q == p || q.incoming.Load() != nil || !p.w.Seize(&q.Node) {
		return false
	}
	if q.incoming.Load() == nil && q.M.Catches == 0 && !q.suspended && !q.dying && q.tr.Load() == nil && (q.x == nil || q.x.aside == nil) {
		return true
	}
	p.w.LetGo(&q.Node, false)
	return false
}

// handOver puts a message straight into the mailbox of a process that p has seized, and its term on that process's heap. False: there is
// no room for that.
func (p *Process) handOver(q *Process, msg term.Term) bool {
	slot := q.box.directSlot()
	if slot == nil {
		return false
	}
	t, ok := term.CopyShort(&q.Heap, msg, directWords)
	if !ok {
		return false
	}
	s := p.Sys.newSignal(p.w)
	s.msg[0] = t
	s.home = onHeap
	*slot = s
	q.box.append(s)
	return true
}

// deliver sends a message to a local process.
func (p *Process) deliver(q *Process, msg term.Term, seq *seqToken) {
	sys := p.Sys
	if seq == nil && p.seize(q) {
		ok := p.handOver(q, msg)
		p.w.LetGo(&q.Node, ok)
		if ok {
			p.Bumped++
			return
		}
	}
	s := sys.newSignal(p.w)
	s.msg[0], s.frag = term.CopyMessage(msg)
	s.withSeq(seq)
	if q.tr.Load() != nil {
		s.withSender(p.Pid)
	}
	if !q.enqueue(s) {
		sys.drop(p.w, s)
		return
	}
	if q != p {
		p.w.Ready(&q.Node)
	}
	p.Bumped++
}

// SendPriority is Send with the option priority: through an alias that takes priority messages the message
// overtakes others.
func (p *Process) SendPriority(to, msg term.Term) SendResult {
	if isLocalRef(to) {
		p.sendAlias(to, msg, true)
		return SendOK
	}
	return p.Send(to, msg)
}

func (p *Process) sendAlias(ref, msg term.Term, priority bool) {
	q := p.Sys.Lookup(term.RefPid(ref))
	if q == nil {
		return
	}
	sys, n, seq := p.Sys, refNumber(ref), p.seqSent(ref, msg)
	if seq == nil && !priority && p.seize(q) {
		active := q.x != nil && q.x.aliases.get(n) != nil
		ok := active && p.handOver(q, msg)
		if ok {
			q.w = p.w
			q.takeAlias(n, p)
		}
		p.w.LetGo(&q.Node, ok)
		if ok || !active {
			return
		}
	}
	s := sys.newSignal(p.w)
	s.kind = sigAliasMessage
	s.msg[0], s.frag = term.CopyMessage(msg)
	s.d = &signalData{ref: n, prio: priority, seq: seq, from: idOf(p.Pid)}
	if !q.enqueue(s) {
		sys.drop(p.w, s)
	} else if q != p {
		p.w.Ready(&q.Node)
	}
}

// SendTo sends a message from outside of processes, or from one: timers, ports, the node. w is the calling worker
// or nil. msg is copied. False: there is no such process or name.
func (sys *System) SendTo(w *scheduler.Worker, to, msg term.Term) bool {
	if to.IsAtom() {
		to = sys.Whereis(to)
	}
	q := sys.Lookup(to)
	if q == nil {
		return false
	}
	s := sys.newSignal(w)
	s.seqKeep = true
	s.msg[0], s.frag = term.CopyMessage(msg)
	if !sys.post(w, q, s) {
		sys.drop(w, s)
		return false
	}
	return true
}
