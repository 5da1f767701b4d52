package proc

import (
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// monitor is the watching end of a monitor, kept by the process that started it.
type monitor struct {
	target term.Term // pid or port; None if there was no such process
	name   term.Term // the registered name it was started with, or None
	kind   term.Term // process, port or time_offset
	tag    term.Term // of the message: 'DOWN' or what the option tag gave, in tagFrag
	frag   fragment
	alias  aliasMode
	prio   bool // its message is a priority message
	remote bool // target, on another node, lies in frag
}

// watcher is the watched end.
type watcher struct {
	pid  term.Term // for one on another node, the number of the connection
	name term.Term
}

// object is what a DOWN message of this monitor names: the pid or {Name, Node} as a reference by name.
func (wt *watcher) object(p *Process) term.Term {
	if wt.name != term.None {
		return wt.name
	}
	return p.Pid
}

// aliasMode says how a reference serves as an alias.
type aliasMode uint8

const (
	aliasNone        aliasMode = iota
	aliasExplicit              // until unalias/1
	aliasReplyDemon            // until the monitor ends or a message came through it, which ends the monitor, too
	aliasDemonitor             // until the monitor ends
	aliasReply                 // until a message came through it
	aliasDeactivated           // no alias any more

	aliasPriority aliasMode = 1 << 7 // besides: priority messages are taken as such
)

// MonitorOpts are the options of monitor/3 and of the spawn option {monitor, Opts}.
type MonitorOpts struct {
	Tag   term.Term // None: 'DOWN'
	Alias term.Term // None, or the atoms explicit_unalias, demonitor, reply_demonitor
	// Priority: the DOWN message is a priority message, and the alias takes such.
	Priority bool
}

func aliasModeOf(t term.Term) aliasMode {
	switch t {
	case term.AtomExplicitUnalias:
		return aliasExplicit
	case term.AtomDemonitor:
		return aliasDemonitor
	case term.AtomReplyDemonitor:
		return aliasReplyDemon
	case term.AtomReply:
		return aliasReply
	}
	return aliasNone
}

// MonitorProcess is monitor(process, Target): a pid, a registered name or {Name, Node}. It gives the reference, or None for a
// bad argument.
func (p *Process) MonitorProcess(target term.Term, o *MonitorOpts) term.Term {
	sys := p.Sys
	name := term.None
	pid := target
	switch {
	case target.IsAtom():
		name = target
	case target.TupleOf(2) && target.Elem(0).IsAtom() && target.Elem(1).IsAtom():
		if target.Elem(1) != sys.Node() {
			if sys.Creation.Load() == 0 {
				return term.None // a node that is not alive knows no others
			}
			return p.monitorRemote(target, o)
		}
		name = target.Elem(0)
	case target.IsLocalPid():
	case target.IsPid():
		return p.monitorRemote(target, o)
	default:
		return term.None
	}
	if name != term.None {
		pid = sys.Whereis(name)
	}
	m, n, ref := p.newMonitor(o)
	m.kind, m.target, m.name = term.AtomProcess, pid, name
	if pid == p.Pid {
		// A process never sees its own end: there is a reference, perhaps an alias, but no monitor.
		p.x.monitors.remove(n)
		term.DropFragment(m.frag)
		return ref
	}
	q := sys.Lookup(pid)
	object := pid
	if name != term.None {
		object = name
	}
	if q == nil {
		p.downSelf(n, object, term.AtomNoproc)
		return ref
	}
	if p.seize(q) {
		q.watched(n, watcher{pid: p.Pid, name: name})
		p.w.LetGo(&q.Node, false)
		return ref
	}
	s := sys.newSignal(p.w)
	s.kind = sigMonitor
	s.d = &signalData{from: idOf(p.Pid), ref: n, name: name}
	if !sys.post(p.w, q, s) {
		p.downSelf(n, object, term.AtomNoproc)
	}
	return ref
}

// newMonitor makes the watching end.
func (p *Process) newMonitor(o *MonitorOpts) (m *monitor, n uint64, ref term.Term) {
	m = &monitor{tag: term.AtomDOWNUpper}
	n = p.Sys.nextRef(p.w)
	if o != nil && o.Tag != term.None {
		m.tag, m.frag = term.CopyObject(o.Tag)
	}
	if o != nil && o.Alias != term.None {
		m.alias = aliasModeOf(o.Alias)
		ref = buildAliasRef(&p.Heap, n, p.Pid)
		if o.Priority {
			p.addAlias(n, m.alias|aliasPriority)
		} else {
			p.addAlias(n, m.alias)
		}
	} else {
		ref = buildRef(&p.Heap, n)
	}
	m.prio = o != nil && o.Priority
	p.ext().monitors.put(n, m)
	return m, n, ref
}

// downSelf sends p the DOWN signal of a monitor that could not be set up. object is a term of p.
func (p *Process) downSelf(n uint64, object, reason term.Term) {
	s := p.Sys.newSignal(p.w)
	s.kind = sigDown
	h := scratchHeap()
	s.msg[0], s.frag = term.CopyObject(h.Tuple(object, reason))
	h.Free()
	s.d = &signalData{ref: n}
	p.enqueue(s)
}

// sendDown tells the process to that what it monitored is gone. object is an immediate.
func (sys *System) sendDown(w *scheduler.Worker, to term.Term, ref uint64, object, reason term.Term) {
	if to.IsSmall() {
		sys.Router.Down(int(to.Small()), ref, object, reason)
		return
	}
	q := sys.Lookup(to)
	if q == nil {
		return
	}
	s := sys.newSignal(w)
	s.kind = sigDown
	h := term.NewArena()
	s.msg[0], s.frag = term.CopyObject(h.Tuple(object, reason))
	h.Free()
	s.d = &signalData{ref: ref}
	if !sys.post(w, q, s) {
		sys.drop(w, s)
	}
}

// onDown turns a DOWN signal into the message, if the monitor still exists.
func (p *Process) onDown(s *Signal) {
	if p.x == nil {
		return
	}
	n := s.d.ref
	m, ok := p.x.monitors.remove(n)
	if !ok {
		return
	}
	object, reason := s.msg[0].Elem(0), s.msg[0].Elem(1)
	h := scratchHeap()
	if object.IsAtom() {
		object = h.Tuple(object, p.Sys.Node())
	}
	ref := buildRef(h, n)
	if m.alias != aliasNone {
		ref = buildAliasRef(h, n, p.Pid)
		if m.alias != aliasExplicit {
			p.x.aliases.remove(n)
		}
	}
	msg, frag := term.CopyMessage(h.Tuple(m.tag, ref, m.kind, object, reason))
	h.Free()
	term.DropFragment(m.frag)
	p.arrived(&Signal{msg: [1]term.Term{msg}, frag: frag, seqKeep: true}, m.prio)
}

// onMonitor notes a watcher.
func (p *Process) onMonitor(d *signalData) {
	p.watched(d.ref, watcher{pid: d.from.local(), name: d.name})
}

func (p *Process) watched(n uint64, by watcher) { p.ext().monitored.put(n, by) }

// unwatched forgets a watcher.
func (p *Process) unwatched(n uint64) {
	if p.x != nil {
		p.x.monitored.remove(n)
	}
}

// DemonitorOpts are the options of demonitor/2.
type DemonitorOpts struct{ Flush, Info bool }

// Demonitor is demonitor/2: found tells whether the monitor existed. With Flush a DOWN message already in the queue is
// removed. badarg: not a reference, or one that another process's monitor has.
func (p *Process) Demonitor(ref term.Term, o DemonitorOpts) (found, badarg bool) {
	if !ref.IsRef() {
		return false, true
	}
	if _, _, other := term.ExtNode(ref); other {
		return false, true // no monitor of this node has it
	}
	lasts := false // a monitor that has told something may still be there
	if isLocalRef(ref) && p.x != nil {
		n := refNumber(ref)
		if m, ok := p.x.monitors.remove(n); ok {
			found, lasts = true, m.kind == term.AtomTimeOffset
			if m.alias == aliasDemonitor || m.alias == aliasReplyDemon {
				p.x.aliases.remove(n)
			}
			p.Sys.stopMonitor(p, n, m)
		}
	}
	if o.Flush && (!found || lasts) {
		p.flushDown(ref)
	}
	return found, false
}

// flushDown removes the message {_, Ref, _, _, _} from the queue.
func (p *Process) flushDown(ref term.Term) {
	p.HandleSignals()
	s := p.box.first
	if mk := p.findMarker(ref); mk != nil && mk.sig != nil {
		s = mk.sig // the monitor was made behind it
	}
	for ; s != nil; s = s.next {
		if s.kind != sigMessage {
			continue
		}
		m := s.msg[0]
		if m.TupleOf(5) && isLocalRef(m.Elem(1)) && isLocalRef(ref) && refNumber(m.Elem(1)) == refNumber(ref) {
			p.forgetOnHeap(s)
			p.unqueue(s)
			p.Sys.drop(p.w, s)
			return
		}
	}
}

// stopMonitor tells the watched end and frees the monitor.
func (sys *System) stopMonitor(p *Process, n uint64, m *monitor) {
	defer func() { term.DropFragment(m.frag); m.frag = 0 }()
	switch {
	case m.remote:
		sys.Router.Demonitor(p.Pid, m.target, n)
	case m.kind == term.AtomTimeOffset:
		sys.offsetWatchers.forget(n)
	case m.target.IsLocalPid():
		q := sys.Lookup(m.target)
		if q == nil || q == p {
			return
		}
		if p.w != nil && p.seize(q) {
			q.unwatched(n)
			p.w.LetGo(&q.Node, false)
			return
		}
		s := sys.newSignal(p.w)
		s.kind = sigDemonitor
		s.d = &signalData{from: idOf(p.Pid), ref: n}
		if !sys.post(p.w, q, s) {
			sys.drop(p.w, s)
		}
	case m.target.IsLocalPort():
		if sys.Ports != nil {
			sys.Ports.Demonitor(p, m.target, n)
		}
	}
}

// ---- aliases -------------------------------------------------------------------------

func (p *Process) addAlias(n uint64, mode aliasMode) {
	p.ext().aliases.put(n, mode)
}

// Alias is alias/1. mode is explicit_unalias or reply; None: bad argument. With priority, messages that are
// sent to it with the option priority overtake others.
func (p *Process) Alias(mode term.Term, priority bool) term.Term {
	m := aliasModeOf(mode)
	if m != aliasExplicit && m != aliasReply {
		return term.None
	}
	n := p.Sys.nextRef(p.w)
	if priority {
		m |= aliasPriority
	}
	p.addAlias(n, m)
	return buildAliasRef(&p.Heap, n, p.Pid)
}

// Unalias is unalias/1: false if the reference is no active alias of p.
func (p *Process) Unalias(ref term.Term) bool {
	if p.x == nil || !isLocalRef(ref) {
		return false
	}
	_, ok := p.x.aliases.remove(refNumber(ref))
	return ok
}

// takeAlias reports whether a message to the alias n may be delivered and ends the alias if it
// was good for one message; prio, whether it takes priority messages. sender, if it is not nil, has seized p.
func (p *Process) takeAlias(n uint64, sender *Process) (ok, prio bool) {
	if p.x == nil {
		return false, false
	}
	mode := p.x.aliases.get(n)
	if mode == nil {
		return false, false
	}
	prio = *mode&aliasPriority != 0
	switch *mode &^ aliasPriority {
	case aliasReply:
		p.x.aliases.remove(n)
	case aliasReplyDemon:
		p.x.aliases.remove(n)
		switch m, ok := p.x.monitors.remove(n); {
		case ok && sender != nil && m.target == sender.Pid && sender.incoming.Load() == nil && m.frag == 0:
			sender.unwatched(n) // as usual it is the watched process that answers
		case ok:
			p.Sys.stopMonitor(p, n, m)
		}
	}
	return true, prio
}

// takesPriority reports whether priority messages may reach p.
func (p *Process) takesPriority() bool {
	if p.x == nil {
		return false
	}
	for _, e := range p.x.aliases.list {
		if e.val&aliasPriority != 0 {
			return true
		}
	}
	for _, e := range p.x.monitors.list {
		if e.val.prio {
			return true
		}
	}
	for _, e := range p.x.links.list {
		if e.val.prio {
			return true
		}
	}
	return false
}
