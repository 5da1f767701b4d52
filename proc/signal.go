package proc

import (
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

type signalKind uint8

const (
	sigMessage signalKind = iota
	sigMarker             // a receive marker's place in the queue
	sigAliasMessage
	sigLink
	sigUnlink
	sigUnlinkAck
	sigExit     // exit/2
	sigExitLink // a linked process died
	sigMonitor
	sigDemonitor
	sigDown
	sigGroupLeader
	sigCall    // run a function in the receiver's context
	sigSpawned // the answer of another node to a request to spawn
)

// Signal is one signal on its way to a process or, as a message, in its mailbox. Signals
// are recycled through a free list of each worker.
type Signal struct {
	next, prev *Signal
	msg        [1]term.Term
	frag       fragment // memory of msg, 0 if it needs none
	kind       signalKind
	home       messageHome
	prio       bool        // a priority message in the mailbox
	seqKeep    bool        // not sent by a process: the receiver keeps its sequential trace token
	d          *signalData // what other signals than messages carry
}

// messageHome says where the term of a message without a fragment of its own lives.
type messageHome uint8

const (
	offHeap      messageHome = iota // in its fragment, or it needs no memory
	onHeap                          // on the receiver's heap; only the current receive knows it, or it is mailbox.direct
	onHeapRooted                    // on the receiver's heap and in onHeapMsgs
)

// signalData belongs to a signal that is no message.
type signalData struct {
	from    ID               // the sender: a pid or port; of a monitor from another node, its connection
	ref     uint64           // number of the monitor or alias
	id      uint64           // of an unlink
	name    term.Term        // monitor: the name it was started with, or None
	call    func(p *Process) // sigCall; also run, with dying set, when the process is over
	kill    bool             // sigExit with reason kill
	prio    bool             // sent with the option priority
	seq     *seqToken        // sequential trace token that goes along; a message may have it, too
	leader  leader           // sigGroupLeader
	spawned *spawned         // sigSpawned
}

// closedQueue marks the queue of a process that takes no more signals.
var closedQueue = new(Signal)

// enqueue appends s to the signals of p; false when p is gone (s is untouched). Any goroutine may
// call it. Signals of one sender arrive in the order they were sent in.
func (p *Process) enqueue(s *Signal) bool {
	for {
		old := p.incoming.Load()
		if old == closedQueue {
			return false
		}
		s.next = old
		if p.incoming.CompareAndSwap(old, s) {
			return true
		}
	}
}

// post sends s to p and wakes it. w is the worker of the caller, nil outside.
func (sys *System) post(w *scheduler.Worker, p *Process, s *Signal) bool {
	if sys.Sched.Journal != nil && (w == nil || sys.asking) && sys.fromOutside(p, s) {
		return true
	}
	if !p.enqueue(s) {
		return false
	}
	if w != nil {
		w.Ready(&p.Node)
	} else {
		sys.Sched.Ready(&p.Node)
	}
	return true
}

// signalKeep is how many free signals a worker keeps at most.
const signalKeep = 4096

func (sys *System) newSignal(w *scheduler.Worker) *Signal {
	if w != nil {
		l := &sys.local[w.ID]
		if s := l.freeSignals; s != nil {
			l.freeSignals = s.next
			l.numFree--
			s.next = nil
			return s
		}
	}
	return new(Signal)
}

func (sys *System) freeSignal(w *scheduler.Worker, s *Signal) {
	if w == nil {
		return
	}
	l := &sys.local[w.ID]
	if l.numFree >= signalKeep {
		return
	}
	*s = Signal{next: l.freeSignals}
	l.freeSignals = s
	l.numFree++
}

// drop frees a signal that nobody handles.
func (sys *System) drop(w *scheduler.Worker, s *Signal) {
	term.DropFragment(s.frag)
	s.frag = 0
	sys.freeSignal(w, s)
}

// fetch moves what has arrived into the mailbox and handles signals that are no messages. It stops
// at an exit signal that ends the process.
func (p *Process) fetch() {
	head := p.incoming.Swap(nil)
	if head == nil {
		return
	}
	// The newest comes first: turn the chain around.
	var first *Signal
	for s := head; s != nil; {
		next := s.next
		s.next = first
		first = s
		s = next
	}
	for s := first; s != nil; {
		next := s.next
		s.next = nil
		switch {
		case p.dying:
			p.refuse(s)
		case s.kind == sigMessage || s.kind == sigMarker:
			p.box.append(s)
			if p.tr.Load() != nil && s.kind == sigMessage {
				p.traceReceive(s.msg[0], s.sender())
			}
		default:
			p.handle(s)
		}
		s = next
	}
}

// HandleSignals handles everything that has arrived. It reports false when the process has to
// die: the machine then calls Terminate(term.None).
func (p *Process) HandleSignals() bool {
	if p.incoming.Load() != nil {
		p.fetch()
	}
	return !p.dying
}

// handle deals with a signal that is not a message.
func (p *Process) handle(s *Signal) {
	d := s.d
	switch s.kind {
	case sigAliasMessage:
		if ok, prio := p.takeAlias(d.ref, nil); ok {
			s.kind, s.d = sigMessage, nil
			s.withSeq(d.seq)
			if p.tr.Load() != nil {
				s.withSenderID(d.from)
			}
			p.arrived(s, prio && d.prio)
			return
		}
		term.DropFragment(s.frag)
		s.frag = 0
	case sigLink:
		p.onLink(d)
	case sigUnlink:
		p.onUnlink(d)
	case sigUnlinkAck:
		p.onUnlinkAck(d)
	case sigExit, sigExitLink:
		p.onExit(s)
	case sigMonitor:
		p.onMonitor(d)
	case sigDemonitor:
		p.unwatched(d.ref)
	case sigDown:
		p.onDown(s)
	case sigGroupLeader:
		p.setLeader(d.leader)
	case sigCall:
		d.call(p)
	case sigSpawned:
		p.onSpawned(s)
	}
	term.DropFragment(s.frag)
	s.frag = 0
	p.Sys.freeSignal(p.w, s)
}

// refuse deals with a signal for a process that is over: whoever waits for an answer gets one.
func (p *Process) refuse(s *Signal) {
	d := s.d
	switch s.kind {
	case sigLink:
		p.Sys.linkRefused(p, d.from)
	case sigMonitor:
		p.Sys.sendDown(p.w, d.from.local(), d.ref, p.Pid, term.AtomNoproc)
	case sigUnlink:
		p.Sys.sendUnlinkAck(p.w, p.Pid, d.from, d.id)
	case sigCall:
		d.call(p)
	case sigSpawned:
		p.refuseSpawned(d)
	}
	p.Sys.drop(p.w, s)
}

// Call runs f in the context of the process pid, in order with the caller's other signals to it: f may read and
// change that process but runs no Erlang code. If the process dies first, f is called with p.Dying() true, in the last moments of
// the process. False: there is no such process. p may be nil when nobody on a worker calls.
func (sys *System) Call(p *Process, pid term.Term, f func(target *Process)) bool {
	q := sys.Lookup(pid)
	if q == nil {
		return false
	}
	var w *scheduler.Worker
	if p != nil {
		w = p.w
	}
	s := sys.newSignal(w)
	s.kind = sigCall
	s.d = &signalData{call: f}
	if !sys.post(w, q, s) {
		return false
	}
	if p != nil && p.w != nil {
		p.urge(q, p.Priority())
	}
	return true
}

// AtRest makes an f for Call that needs all of the process's terms where the collector finds them, or its place: it does not run in
// the middle of a slice, where signals may be handled too. A process that asks itself must wait.
func AtRest(f func(target *Process)) func(target *Process) {
	var atRest func(*Process)
	atRest = func(t *Process) {
		if t.phase == running && !t.dying {
			s := t.Sys.newSignal(t.w)
			s.kind = sigCall
			s.d = &signalData{call: atRest}
			t.Sys.post(t.w, t, s)
			return
		}
		f(t)
	}
	return atRest
}

// urge lets q handle its signals at once, if it has nothing else to do, or with the given priority, if its own is lower: whoever waits for an
// answer must not wait for all that runs before q.
func (p *Process) urge(q *Process, prio scheduler.Priority) {
	handled := false
	if q != p {
		p.w.Inline(&q.Node, func() {
			if q.phase == waiting && !q.dying && !q.isAside() && q.box.n <= q.box.seen && q.onlyAsked() {
				q.w = p.w
				q.HandleSignals()
				handled = true
			}
		})
	}
	if handled {
		return
	}
	if q.Priority() < prio && q != p {
		p.w.Errand(&q.Node, prio, func(w *scheduler.Worker) {
			if !q.isAside() {
				q.w = w
				q.HandleSignals()
			}
		})
	}
}

// onlyAsked reports whether what has arrived changes nothing of what p waits for: then it need not run.
func (p *Process) onlyAsked() bool {
	const most = 64
	n := 0
	for s := p.incoming.Load(); s != nil; s = s.next {
		switch s.kind {
		case sigCall, sigLink, sigUnlink, sigUnlinkAck, sigMonitor, sigDemonitor, sigGroupLeader:
		default:
			return false
		}
		if n++; n > most {
			return false
		}
	}
	return true
}

// CallUrgent is Call with a priority of its own instead of the caller's.
func (sys *System) CallUrgent(p *Process, pid term.Term, prio scheduler.Priority, f func(target *Process)) bool {
	q := sys.Lookup(pid)
	if q == nil {
		return false
	}
	s := sys.newSignal(p.w)
	s.kind = sigCall
	s.d = &signalData{call: f}
	if !sys.post(p.w, q, s) {
		return false
	}
	p.urge(q, prio)
	return true
}
