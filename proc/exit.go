package proc

import (
	"sort"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// sendExit sends the exit signal of exit/2.
func (sys *System) sendExit(w *scheduler.Worker, from term.Term, q *Process, reason term.Term) {
	s := sys.newSignal(w)
	s.kind = sigExit
	s.msg[0], s.frag = term.CopyObject(reason)
	s.d = &signalData{from: idOf(from), kill: reason == term.AtomKill}
	if !sys.post(w, q, s) {
		sys.drop(w, s)
	}
}

// sendExitLink sends the exit signal of a link whose end from is gone. id 1: deliver even without a
// link at the receiver (a link that never came about).
func (sys *System) sendExitLink(w *scheduler.Worker, from, to, reason term.Term, id uint64) {
	sys.sendExitSignal(w, from, to, reason, id, nil)
}

func (sys *System) sendExitSignal(w *scheduler.Worker, from, to, reason term.Term, id uint64, seq *seqToken) {
	q := sys.Lookup(to)
	if q == nil {
		return
	}
	s := sys.newSignal(w)
	s.kind = sigExitLink
	s.msg[0], s.frag = term.CopyObject(reason)
	s.d = &signalData{from: idOf(from), id: id, seq: seq}
	if !sys.post(w, q, s) {
		sys.drop(w, s)
	}
}

// Exit is erlang:exit/2: it sends an exit signal. False: not a pid or port. A
// signal to oneself takes effect before the call returns: p.Dying() may be true afterwards, and then the
// BIF's result is ExitSelf.
func (p *Process) Exit(to, reason term.Term) bool {
	sys := p.Sys
	switch {
	case to == p.Pid:
		s := sys.newSignal(p.w)
		s.kind = sigExit
		s.msg[0], s.frag = term.CopyObject(reason)
		s.d = &signalData{from: idOf(p.Pid), kill: reason == term.AtomKill}
		p.enqueue(s)
		p.HandleSignals()
	case to.IsLocalPid():
		if q := sys.Lookup(to); q != nil {
			sys.sendExit(p.w, p.Pid, q, reason)
		}
	case to.IsLocalPort():
		if sys.Ports != nil {
			sys.Ports.Exit(p.w, p.Pid, to, reason)
		}
	case to.IsPid() || to.IsPort():
		p.exitRemote(to, reason)
	default:
		return false
	}
	return true
}

// ExitAlias is exit/3 to an alias: the process that the alias belongs to gets the exit signal, if the alias is still active.
func (p *Process) ExitAlias(ref, reason term.Term, priority bool) bool {
	if !isLocalRef(ref) {
		return false
	}
	q := p.Sys.Lookup(term.RefPid(ref))
	if q == nil {
		return true
	}
	s := p.Sys.newSignal(p.w)
	s.kind = sigExit
	s.msg[0], s.frag = term.CopyObject(reason)
	s.d = &signalData{from: idOf(p.Pid), ref: refNumber(ref), kill: reason == term.AtomKill, prio: priority}
	if !p.Sys.post(p.w, q, s) {
		p.Sys.drop(p.w, s)
	}
	return true // also to oneself it takes effect later, when the alias may have ended
}

// Kill sends an exit signal from outside of any process: the node shuts down, a shell interrupts.
func (sys *System) Kill(pid, reason term.Term) {
	if q := sys.Lookup(pid); q != nil {
		sys.sendExit(nil, pid, q, reason)
	}
}

// ExitSelf ends a BIF after an exit signal to oneself or another that was handled in it: result if the
// process lives on.
func (p *Process) ExitSelf(result term.Term) term.Term {
	if !p.dying {
		return result
	}
	p.Action = ActExit
	return term.None
}

// onExit handles an exit signal: nothing, a message, or the end of the process.
func (p *Process) onExit(s *Signal) {
	d := s.d
	reason := s.msg[0]
	prio := d.prio
	if s.kind == sigExit && d.ref != 0 { // sent to an alias
		ok, accepts := p.takeAlias(d.ref, nil)
		if !ok {
			return
		}
		prio = prio && accepts
	}
	if s.kind == sigExitLink && d.id == 0 {
		if p.x == nil {
			return
		}
		// Without an active link the signal is late: unlink/1 was called meanwhile.
		l, ok := p.x.links.remove(d.from)
		if !ok || l.unlinkID != 0 {
			return
		}
		prio = l.prio
		defer func() {
			if !p.dying {
				p.tellPeerID(atomEvUnlinked, d.from)
			}
		}()
	}
	switch {
	case d.kill:
		p.die(term.AtomKilled, 0)
	case p.trapExit:
		// The reason is in its fragment; the message needs a tuple around it.
		h := scratchHeap()
		m, frag := term.CopyMessage(h.Tuple(term.AtomEXITUpper, d.from.term(h), reason))
		h.Free()
		message := &Signal{msg: [1]term.Term{m}, frag: frag}
		message.withSeq(d.seq)
		p.arrived(message, prio)
	case reason == term.AtomNormal && (d.from != idOf(p.Pid) || d.ref != 0):
		return // only exit(self(), normal) ends a process normally
	case reason == term.AtomNormal && s.kind == sigExitLink:
		return
	default:
		p.die(reason, s.frag)
		s.frag = 0
	}
}

// OnExit lets f run in the process when it ends; a later call with the same key takes the place of an earlier one.
func (p *Process) OnExit(key any, f func(*Process)) {
	x := p.ext()
	if x.cleanup == nil {
		x.cleanup = map[any]func(*Process){}
	}
	x.cleanup[key] = f
}

// ForgetExit takes OnExit back.
func (p *Process) ForgetExit(key any) {
	if p.x != nil {
		delete(p.x.cleanup, key)
	}
}

// TellEnd makes the functions of System.AtExit hear of the end of p. It reports false if p is ending already, and they may have been called. Any goroutine may
// call it.
func (p *Process) TellEnd() bool {
	p.ends.Or(endTold)
	return !p.Gone()
}

// die notes that the process must end. frag is the memory of reason.
func (p *Process) die(reason term.Term, frag fragment) {
	x := p.ext()
	p.dying = true
	x.exitReason, x.exitFrag = reason, frag
}

// Terminate ends the process: names, timers and whatever AtExit knows are given up, then linked and monitoring
// processes hear of it and the memory is freed. reason is a term of p, or None
// for a dying process, whose exit signal says why. The machine returns scheduler.Exited afterwards.
func (p *Process) Terminate(reason term.Term) {
	sys := p.Sys
	if p.dying {
		reason = p.x.exitReason
	} else if p.x != nil {
		p.x.exitReason = reason // for those of OnExit
	}
	p.dying = true
	p.ends.Or(endOver)
	name := p.Name()
	if p.tr.Load() != nil {
		p.tell(TraceProcs, func(*term.Heap) []term.Term { return []term.Term{atomEvExit, reason} })
	}
	if name != term.None {
		sys.names.drop(p)
		p.tellPeer(atomEvUnregister, name)
	}
	if p.sensitive {
		sys.sensitive.Delete(p.Pid)
	}
	p.CancelReceiveTimer()
	if p.x != nil {
		if s, ok := sys.Machine.(CallSaver); ok && p.x.calls != nil {
			p.x.calls = nil
			p.savesNoCalls(s)
		}
		sys.dropTimers(p)
		for _, f := range p.x.cleanup {
			f(p)
		}
	}
	if p.ends.Load()&endTold != 0 {
		for _, f := range sys.AtExit {
			f(p)
		}
	}
	sys.procs.remove(p)
	// No more signals; those that came are answered.
	rest := p.incoming.Swap(closedQueue)
	var first *Signal
	for s := rest; s != nil; {
		next := s.next
		s.next = first
		first = s
		s = next
	}
	for s := first; s != nil; {
		next := s.next
		s.next = nil
		switch s.kind {
		case sigUnlink, sigUnlinkAck, sigDemonitor:
			p.handle(s)
		default:
			p.refuse(s)
		}
		s = next
	}
	if p.x != nil {
		p.tellRelatives(reason)
	}
	for s := p.box.first; s != nil; {
		next := s.next
		sys.drop(p.w, s)
		s = next
	}
	p.box = mailbox{}
	sys.Machine.Discard(p)
	if p.x != nil {
		term.DropFragment(p.x.exitFrag)
		p.x = nil
	}
	p.Heap.Free()
	p.M = MachineState{}
	p.Exc = Exception{}
}

// tellRelatives sends what linked, monitoring and monitored processes have to know.
func (p *Process) tellRelatives(reason term.Term) {
	sys, x := p.Sys, p.x
	for _, e := range x.links.list {
		to := e.key.local()
		switch {
		case e.val.unlinkID != 0:
			if to == term.None {
				sys.Router.ForgetLink(p.Pid, e.key)
			}
		case to == term.None:
			p.sendExitOfRemoteLink(e.key, reason)
		case to.IsLocalPid():
			p.sendExitOfLink(p.w, to, reason)
		case to.IsLocalPort():
			if sys.Ports != nil {
				sys.Ports.Exit(p.w, p.Pid, to, reason)
			}
		}
	}
	for _, e := range x.monitored.list {
		sys.sendDown(p.w, e.val.pid, e.key, e.val.object(p), reason)
	}
	for _, e := range x.monitors.list {
		sys.stopMonitor(p, e.key, e.val)
	}
	for _, e := range x.suspending.list {
		p.resumeTimes(e.key, e.val)
	}
}

func sortTerms(ts []term.Term) {
	sort.Slice(ts, func(i, j int) bool { return ts[i] < ts[j] })
}
