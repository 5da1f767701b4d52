package proc

import (
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Links. Both ends keep an entry. Unlinking follows the protocol with ids that OTP's
// distribution protocol describes (DFLAG_UNLINK_ID): after unlink/1 the entry stays as "unlinking" until the other end has
// acknowledged, so that an exit signal that was on its way is ignored and a
// link made meanwhile is not taken down by the late answer.
type link struct {
	prio     bool   // its exit message is a priority message
	unlinkID uint64 // not 0: unlink was called, the acknowledgement with this id is awaited
}

// LinkResult is what Link found.
type LinkResult uint8

const (
	LinkOK LinkResult = iota
	// LinkNoProc: there is no such process and the caller does not trap exits: raise error:noproc.
	LinkNoProc
	// LinkBadArg: not a pid or port.
	LinkBadArg
)

// Link is erlang:link/1.
func (p *Process) Link(to term.Term) LinkResult {
	switch {
	case to == p.Pid:
		return LinkOK
	case to.IsLocalPid():
		if p.linkedTo(to) {
			return LinkOK
		}
		q := p.Sys.Lookup(to)
		if q == nil || q.Gone() {
			return p.linkFailed(to, term.AtomNoproc)
		}
		p.addLink(idOf(to))
		if p.tr.Load() != nil {
			p.tellPeer(atomEvLink, to)
			p.inheritOnLink(q)
		}
		p.Sys.sendLink(p.w, p.Pid, q)
		return LinkOK
	case to.IsLocalPort():
		if p.Sys.Ports == nil || !p.Sys.Ports.Link(p, to) {
			return p.linkFailed(to, term.AtomNoproc)
		}
		p.addLink(idOf(to))
		p.tellPeer(atomEvLink, to)
		return LinkOK
	case to.IsPid():
		return p.linkRemote(to)
	}
	return LinkBadArg
}

func (p *Process) linkFailed(to, reason term.Term) LinkResult {
	if !p.trapExit {
		return LinkNoProc
	}
	p.exitSignalToSelf(to, reason)
	return LinkOK
}

// exitSignalToSelf lets p receive an exit signal of a failed link from another process or port.
func (p *Process) exitSignalToSelf(from, reason term.Term) {
	s := p.Sys.newSignal(p.w)
	s.kind = sigExitLink
	s.msg[0], s.frag = term.CopyObject(reason)
	s.d = &signalData{from: idOf(from), id: 1}
	p.enqueue(s)
	p.HandleSignals()
}

func (p *Process) linkedTo(to term.Term) bool {
	if p.x == nil {
		return false
	}
	l := p.x.links.get(idOf(to))
	return l != nil && l.unlinkID == 0
}

func (p *Process) addLink(to ID) {
	p.ext().links.put(to, link{})
}

func (sys *System) sendLink(w *scheduler.Worker, from term.Term, q *Process) {
	s := sys.newSignal(w)
	s.kind = sigLink
	s.d = &signalData{from: idOf(from)}
	if !sys.post(w, q, s) {
		sys.sendExitLink(w, q.Pid, from, term.AtomNoproc, 0)
	}
}

// LinkPriority makes the exit message of a link that p has a priority message.
func (p *Process) LinkPriority(to term.Term, on bool) {
	if p.x != nil {
		if l := p.x.links.get(idOf(to)); l != nil {
			l.prio = on
		}
	}
}

// Unlink is erlang:unlink/1; false: not a pid or port.
func (p *Process) Unlink(to term.Term) bool {
	if !to.IsPid() && !to.IsPort() {
		return false
	}
	p.tellPeer(atomEvUnlink, to)
	if p.x == nil {
		return true
	}
	l := p.x.links.get(idOf(to))
	if l == nil || l.unlinkID != 0 {
		return true
	}
	id := p.Sys.nextRef(p.w)
	switch {
	case to.IsLocalPid():
		if q := p.Sys.Lookup(to); q != nil {
			s := p.Sys.newSignal(p.w)
			s.kind = sigUnlink
			s.d = &signalData{from: idOf(p.Pid), id: id}
			l.unlinkID = id
			if p.Sys.post(p.w, q, s) {
				return true
			}
		}
	case to.IsLocalPort():
		if p.Sys.Ports != nil {
			p.Sys.Ports.Unlink(p, to, id)
		}
	default:
		if r := p.Sys.Router; r != nil && r.Unlink(p, idOf(to), id) {
			l.unlinkID = id
			return true
		}
	}
	p.x.links.remove(idOf(to))
	return true
}

// onLink: while an unlink of p's is on its way, the link signal was sent before that arrives, which will take away what
// it has set up at the other end.
func (p *Process) onLink(d *signalData) {
	if p.ext().links.get(d.from) != nil {
		return // also when both ends have linked at the same time
	}
	p.addLink(d.from)
	p.tellPeerID(atomEvLinked, d.from)
}

func (p *Process) onUnlink(d *signalData) {
	if p.x != nil {
		if l := p.x.links.get(d.from); l != nil && l.unlinkID == 0 {
			p.x.links.remove(d.from)
			p.tellPeerID(atomEvUnlinked, d.from)
		}
	}
	p.Sys.sendUnlinkAck(p.w, p.Pid, d.from, d.id)
}

func (sys *System) sendUnlinkAck(w *scheduler.Worker, from term.Term, to ID, id uint64) {
	if to.remote() {
		sys.Router.UnlinkAck(from, to, id)
		return
	}
	q := sys.Lookup(to.local())
	if q == nil {
		return
	}
	s := sys.newSignal(w)
	s.kind = sigUnlinkAck
	s.d = &signalData{from: idOf(from), id: id}
	sys.post(w, q, s)
}

func (p *Process) onUnlinkAck(d *signalData) {
	if p.x == nil {
		return
	}
	if l := p.x.links.get(d.from); l != nil && l.unlinkID == d.id {
		p.x.links.remove(d.from)
	}
}

// Links gives the pids and ports that p is linked to.
func (p *Process) Links(h *term.Heap) []term.Term {
	if p.x == nil {
		return nil
	}
	out := make([]term.Term, 0, p.x.links.len())
	for _, e := range p.x.links.list {
		if e.val.unlinkID == 0 {
			out = append(out, e.key.term(h))
		}
	}
	sortTerms(out)
	return out
}
