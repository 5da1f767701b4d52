package proc

import (
	"runtime"
	"sync/atomic"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Sequential tracing: a process may have a token, which goes with the messages that it sends and becomes the token of whoever takes
// them out of the queue. Each step is told to the node's one system tracer, as far as the token's flags say so.

// The flags of a token, as the numbers that programs see.
const (
	seqSend int64 = 1 << iota
	seqReceive
	seqPrint
	seqTimestamp
	seqStrict
	seqMonotonic
	seqFlags = 1<<iota - 1
)

var seqFlagOf = map[term.Term]int64{
	term.Intern("send"): seqSend, term.Intern("receive"): seqReceive, term.Intern("print"): seqPrint, term.Intern("timestamp"): seqTimestamp,
	term.Intern("strict_monotonic_timestamp"): seqStrict, term.Intern("monotonic_timestamp"): seqMonotonic,
}

var (
	atomSeqTrace     = term.Intern("seq_trace")
	atomSerial       = term.Intern("serial")
	atomPrint        = term.Intern("print")
	atomSpawnRequest = term.Intern("spawn_request")
	atomSpawnReply   = term.Intern("spawn_reply")
	atomErtsInternal = term.Intern("erts_internal")
	atomSpawnInit    = term.Intern("spawn_init")
)

// seqToken is immutable: a change makes another one.
type seqToken struct {
	flags        int64
	label        *seqLabel
	serial, last int64
	from         ID
}

// seqLabel is shared by all tokens that come from one another. Its memory goes when the last of them has gone.
type seqLabel struct{ t term.Term }

func newSeqLabel(t term.Term) *seqLabel {
	copied, frag := term.CopyObject(t)
	l := &seqLabel{copied}
	if frag != 0 {
		runtime.AddCleanup(l, term.DropFragment, frag)
	}
	return l
}

// seqState is what a process that had a token once keeps.
type seqState struct {
	token *seqToken // nil: none
	clock int64     // its own count of events
	last  int64     // the serial of the token that came last
	reply *seqToken // of the child that spawn_request has just made: it goes with the answer
}

func (p *Process) seqState() *seqState {
	x := p.ext()
	if x.seq == nil {
		x.seq = &seqState{}
	}
	return x.seq
}

func (p *Process) seqToken() *seqToken {
	if p.x == nil || p.x.seq == nil {
		return nil
	}
	return p.x.seq.token
}

// tuple is the token as programs see it.
func (t *seqToken) tuple(h *term.Heap) term.Term {
	if t == nil {
		return term.Nil
	}
	return h.Tuple(h.Int64(t.flags), term.CopyTo(h, t.label.t), h.Int64(t.serial), t.from.term(h), h.Int64(t.last))
}

// SeqToken is the token of p as a term on h, [] without one.
func (p *Process) SeqToken(h *term.Heap) term.Term { return p.seqToken().tuple(h) }

// SeqTrace changes a component of the token, making one where there is none: what it was before. None for an argument that is not good.
func (p *Process) SeqTrace(item, value term.Term) term.Term {
	h := &p.Heap
	if item == atomSeqTraceToken {
		if value != term.Nil {
			return term.None
		}
		old := p.SeqToken(h)
		if p.seqToken() != nil {
			p.x.seq.token = nil
		}
		return old
	}
	flag := seqFlagOf[item]
	switch {
	case flag != 0:
		if value != term.AtomTrue && value != term.AtomFalse {
			return term.None
		}
	case item == atomSerial:
		if !value.TupleOf(2) || !value.Elem(0).IsSmall() || !value.Elem(1).IsSmall() {
			return term.None
		}
	case item != term.AtomLabel:
		return term.None
	}
	s := p.seqState()
	now := seqToken{label: &seqLabel{term.Int(0)}, from: idOf(p.Pid), last: s.last}
	if s.token != nil {
		now = *s.token
	}
	var old term.Term
	switch {
	case flag != 0:
		old = term.Bool(now.flags&flag != 0)
		now.flags &^= flag
		if value == term.AtomTrue {
			now.flags |= flag
		}
	case item == atomSerial:
		old = h.Tuple(h.Int64(now.last), h.Int64(now.serial))
		now.last, now.serial = int64(value.Elem(0).Small()), int64(value.Elem(1).Small())
		s.last, s.clock = now.last, now.serial
	default:
		old = term.CopyTo(h, now.label.t)
		now.label = newSeqLabel(value)
	}
	s.token = &now
	return old
}

// SeqTraceInfo is a component of the token as {Item, Value}, None for something else.
func (p *Process) SeqTraceInfo(item term.Term) term.Term {
	h, t := &p.Heap, p.seqToken()
	switch f := seqFlagOf[item]; {
	case f != 0:
		return h.Tuple(item, term.Bool(t != nil && t.flags&f != 0))
	case item != term.AtomLabel && item != atomSerial:
		return term.None
	case t == nil:
		return term.Nil
	case item == atomSerial:
		return h.Tuple(item, h.Tuple(h.Int64(t.last), h.Int64(t.serial)))
	}
	return h.Tuple(item, term.CopyTo(h, t.label.t))
}

// SeqPrint tells the system tracer something of the program's own, if there is a token and label, unless it is None, is the token's.
func (p *Process) SeqPrint(label, what term.Term) bool {
	t := p.seqToken()
	if t == nil || label != term.None && !term.ExactEqual(label, t.label.t) {
		return false
	}
	p.seqTell(p.seqStep(), seqPrint, atomPrint, term.Nil, what)
	return true
}

// SeqTracer is the system tracer, None if there is none.
func (sys *System) SeqTracer() term.Term {
	t := term.Term(sys.tracing.seqTracer.Load())
	if t != term.None && !t.IsLocalPort() && sys.Lookup(t) == nil {
		return term.None
	}
	return t
}

// SetSeqTracer makes a pid, a port or None the system tracer.
func (sys *System) SetSeqTracer(t term.Term) { sys.tracing.seqTracer.Store(uint64(t)) }

// seqStep counts an event of p, which has a token: the token that goes with it. The system tracer's own do not count.
func (p *Process) seqStep() *seqToken {
	s := p.x.seq
	if p.Sys.SeqTracer() == p.Pid {
		return s.token
	}
	s.clock++
	now := *s.token
	now.serial, now.from, now.last = s.clock, idOf(p.Pid), s.last
	s.token = &now
	return &now
}

// seqSent is the token of a message that p sends.
func (p *Process) seqSent(to, msg term.Term) *seqToken {
	if p.seqToken() == nil {
		return nil
	}
	t := p.seqStep()
	p.seqTell(t, seqSend, atomEvSend, to, msg)
	return t
}

// seqTell sends {seq_trace, Label, {Event, Serial, From, To, What}} to the system tracer, if the token asks for it.
func (p *Process) seqTell(t *seqToken, flag int64, event, to, what term.Term) {
	if !p.sensitive {
		p.Sys.seqTell(p.w, p, t, flag, event, to, what)
	}
}

// seqTell is the same of who, nil for the node itself; w is the worker of the caller, nil outside.
func (sys *System) seqTell(w *scheduler.Worker, who *Process, t *seqToken, flag int64, event, to, what term.Term) {
	tracer := sys.SeqTracer()
	if tracer == term.None || t.flags&flag == 0 || who != nil && tracer == who.Pid {
		return
	}
	h := scratchHeap()
	defer h.Free()
	elems := []term.Term{atomSeqTrace, t.label.t, h.Tuple(event, h.Tuple(h.Int64(t.last), h.Int64(t.serial)), t.from.term(h), to, what)}
	var stamp TraceFlags
	switch {
	case t.flags&seqTimestamp != 0:
		stamp = TraceTimestamp
	case t.flags&seqStrict != 0:
		stamp = TraceStrictMonotonic
	case t.flags&seqMonotonic != 0:
		stamp = TraceMonotonic
	}
	if stamp != 0 {
		elems = append(elems, sys.TraceTime(h, stamp))
	}
	if !sys.sendTrace(w, who, tracer, h.Tuple(elems...)) {
		sys.tracing.seqTracer.CompareAndSwap(uint64(tracer), uint64(term.None))
	}
}

// seqTaken is called when p takes a message out of its queue: its token, or none, becomes that of p.
func (p *Process) seqTaken(m *Signal) {
	if m.d == nil || m.d.seq == nil {
		if p.seqToken() != nil && !m.seqKeep {
			p.x.seq.token = nil
		}
		return
	}
	t := m.d.seq
	s := p.seqState()
	s.token, s.last, s.clock = t, t.serial, max(s.clock, t.serial)
	p.seqTell(t, seqReceive, atomEvReceive, p.Pid, m.msg[0])
}

// sender is the process that has sent a message, None if that was not noted.
func (s *Signal) sender() ID {
	if s.d == nil {
		return ID{}
	}
	return s.d.from
}

// withSender notes who sends a message.
func (s *Signal) withSender(pid term.Term) { s.withSenderID(idOf(pid)) }

func (s *Signal) withSenderID(from ID) {
	if s.d == nil {
		s.d = &signalData{}
	}
	s.d.from = from
}

// withSeq makes s carry a token.
func (s *Signal) withSeq(t *seqToken) {
	if t == nil {
		return
	}
	if s.d == nil {
		s.d = &signalData{}
	}
	s.d.seq = t
}

// seqSpawned hands the token on to the child c: it looks like a request that is answered. args are the arguments of its
// first function.
func (p *Process) seqSpawned(c *Process, o *SpawnOpts, args, ref term.Term) {
	t := p.seqStep()
	h := scratchHeap()
	defer h.Free()
	opts := o.List(h)
	request := o != nil && o.Request
	function := h.Tuple(c.initialModule(), c.initialFunction(), term.Int(int(c.initialArity)))
	if request {
		args = h.List(h.Tuple(c.initialModule(), c.initialFunction(), args))
		function = h.Tuple(atomErtsInternal, atomSpawnInit, term.Int(1))
	}
	if ref == term.None {
		ref = p.MakeRef()
	}
	tag := atomSpawnReply
	if request {
		tag = o.ReplyTag
	}
	asked := h.Tuple(atomSpawnRequest, ref, p.Pid, c.groupLeader, function, opts, tag, args)
	p.seqTell(t, seqSend, atomEvSend, c.Pid, asked)
	s := c.seqState()
	s.token, s.last, s.clock = t, t.serial, t.serial
	c.seqTell(t, seqReceive, atomEvReceive, c.Pid, asked)
	answer := h.Tuple(tag, ref, term.AtomOk, c.Pid)
	r := c.seqSent(p.Pid, answer)
	if request {
		p.x.seq.reply = r
		return
	}
	p.x.seq.last, p.x.seq.clock = r.serial, max(p.x.seq.clock, r.serial)
	p.seqTell(r, seqReceive, atomEvReceive, p.Pid, answer)
}

// SendReply sends p the answer of a spawn_request of its own.
func (p *Process) SendReply(msg term.Term) {
	var t *seqToken
	if p.seqToken() != nil {
		t, p.x.seq.reply = p.x.seq.reply, nil
	}
	p.deliver(p, msg, t)
}

// ResetSeqTrace takes away all that p knows of sequential tracing. No worker runs meanwhile.
func (p *Process) ResetSeqTrace() {
	if p.x != nil {
		p.x.seq = nil
	}
	for _, s := range []*Signal{p.incoming.Load(), p.box.first} {
		for ; s != nil && s != closedQueue; s = s.next {
			if s.d != nil {
				s.d.seq = nil
			}
		}
	}
}

// seqTracing is the node's part in sequential tracing.
type seqTracing struct{ seqTracer atomic.Uint64 }

// sendExitOfLink sends the exit signal of a link when p ends; its token goes along.
func (p *Process) sendExitOfLink(w *scheduler.Worker, to, reason term.Term) {
	t := p.seqToken()
	if q := p.Sys.Lookup(to); t != nil && q != nil && !p.Sys.hidden(q) {
		h := scratchHeap()
		t = p.seqSent(to, h.Tuple(term.AtomEXITUpper, p.Pid, reason))
		h.Free()
	}
	p.Sys.sendExitSignal(w, p.Pid, to, reason, 0, t)
}
