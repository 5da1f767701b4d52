package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func erlangSelf0(p *proc.Process, _ []term.Term) term.Term { return p.Pid }

func erlangNode0(p *proc.Process, _ []term.Term) term.Term { return p.Sys.Node() }

func erlangNode1(p *proc.Process, a []term.Term) term.Term {
	if node, _, ok := term.ExtNode(a[0]); ok {
		return node
	}
	if a[0].IsPid() || a[0].IsPort() || a[0].IsRef() {
		return p.Sys.Node()
	}
	return p.Badarg()
}

func erlangMakeRef0(p *proc.Process, _ []term.Term) term.Term { return p.MakeRef() }

// ---- messages ---------------------------------------------------------------------------

func erlangSend2(p *proc.Process, a []term.Term) term.Term {
	if p.Send(a[0], a[1]) == proc.SendBadArg {
		return p.Badarg()
	}
	return a[1]
}

func erlangSend3(p *proc.Process, a []term.Term) term.Term {
	var how proc.SendHow
	priority := false
	l := a[2]
	for ; l.IsCons(); l = l.Tail() {
		switch l.Head() {
		case term.AtomNosuspend:
			how.NoSuspend = true
		case term.AtomPriority:
			priority = true
		case term.AtomNoconnect:
			how.NoConnect = true
		default:
			return p.BadargCause(atomBadopt)
		}
	}
	if !l.IsNil() {
		return p.BadargCause(atomBadopt)
	}
	if how.NoSuspend && busyPort(p, a[0]) {
		return term.AtomNosuspend
	}
	send := func(to, msg term.Term) proc.SendResult { return p.SendHow(to, msg, how) }
	if priority {
		send = p.SendPriority
	}
	switch send(a[0], a[1]) {
	case proc.SendSuspend:
		return term.AtomNosuspend
	case proc.SendBadArg:
		return p.Badarg()
	case proc.SendNoConnection:
		if how.NoConnect {
			return term.AtomNoconnect
		}
	}
	return term.AtomOk
}

// busyPort reports whether t is a port, or its name, that makes senders wait.
func busyPort(p *proc.Process, t term.Term) bool {
	if t.IsAtom() {
		t = p.Sys.Whereis(t)
	}
	return t.IsLocalPort() && p.Sys.Ports != nil && p.Sys.Ports.Busy(t)
}

func erlangSendNosuspend2(p *proc.Process, a []term.Term) term.Term {
	if busyPort(p, a[0]) {
		return term.AtomFalse
	}
	switch p.SendHow(a[0], a[1], proc.SendHow{NoSuspend: true}) {
	case proc.SendBadArg:
		return p.Badarg()
	case proc.SendSuspend:
		return term.AtomFalse
	}
	return term.AtomTrue
}

func erlangSendNosuspend3(p *proc.Process, a []term.Term) term.Term {
	t := erlangSend3(p, []term.Term{a[0], a[1], p.Heap.Cons(term.AtomNosuspend, a[2])})
	if t == term.None {
		return t
	}
	return term.Bool(t == term.AtomOk)
}

// ---- links and monitors -------------------------------------------------------------------

func link(p *proc.Process, to term.Term) term.Term {
	switch p.Link(to) {
	case proc.LinkBadArg:
		return p.Badarg()
	case proc.LinkNoProc:
		return p.Raise(term.AtomError, term.AtomNoproc)
	}
	return p.ExitSelf(term.AtomTrue)
}

func erlangLink1(p *proc.Process, a []term.Term) term.Term { return link(p, a[0]) }

// link/2: the only option is priority, whose exit messages overtake others (EEP 76).
func erlangLink2(p *proc.Process, a []term.Term) term.Term {
	l := a[1]
	for ; l.IsCons(); l = l.Tail() {
		if l.Head() != term.AtomPriority {
			return p.BadargCause(atomBadopt)
		}
	}
	if !l.IsNil() {
		return p.BadargCause(atomBadopt)
	}
	t := link(p, a[0])
	if t != term.None {
		p.LinkPriority(a[0], !a[1].IsNil())
	}
	return t
}

func erlangUnlink1(p *proc.Process, a []term.Term) term.Term {
	return orBadarg(p, term.AtomTrue, p.Unlink(a[0]))
}

func monitor(p *proc.Process, kind, item term.Term, o *proc.MonitorOpts) term.Term {
	switch kind {
	case term.AtomProcess:
		if ref := p.MonitorProcess(item, o); ref != term.None {
			return ref
		}
	case term.AtomPort:
		if ref := p.MonitorPort(item, o); ref != term.None {
			return ref
		}
	case term.AtomTimeOffset:
		if item == term.AtomClockService {
			return p.MonitorTimeOffset(o)
		}
	default:
		return p.BadargCause(atomBadtype)
	}
	return p.Badarg()
}

func erlangMonitor2(p *proc.Process, a []term.Term) term.Term {
	return monitor(p, a[0], a[1], &proc.MonitorOpts{})
}

func erlangMonitor3(p *proc.Process, a []term.Term) term.Term {
	o, ok := monitorOptions(a[2])
	if !ok {
		return p.BadargCause(atomBadopt)
	}
	return monitor(p, a[0], a[1], o)
}

func erlangDemonitor1(p *proc.Process, a []term.Term) term.Term {
	_, bad := p.Demonitor(a[0], proc.DemonitorOpts{})
	return orBadarg(p, term.AtomTrue, !bad)
}

func erlangDemonitor2(p *proc.Process, a []term.Term) term.Term {
	var o proc.DemonitorOpts
	l := a[1]
	for ; l.IsCons(); l = l.Tail() {
		switch l.Head() {
		case term.AtomFlush:
			o.Flush = true
		case term.AtomInfo:
			o.Info = true
		default:
			return p.Badarg()
		}
	}
	if !l.IsNil() {
		return p.Badarg()
	}
	found, bad := p.Demonitor(a[0], o)
	if bad {
		return p.Badarg()
	}
	if o.Info {
		return term.Bool(found)
	}
	return term.AtomTrue
}

func erlangAlias0(p *proc.Process, _ []term.Term) term.Term {
	return p.Alias(term.AtomExplicitUnalias, false)
}

func erlangAlias1(p *proc.Process, a []term.Term) term.Term {
	mode, priority := term.AtomExplicitUnalias, false
	l := a[0]
	for ; l.IsCons(); l = l.Tail() {
		switch o := l.Head(); o {
		case term.AtomExplicitUnalias, term.AtomReply:
			mode = o
		case term.AtomPriority:
			priority = true
		default:
			return p.Badarg()
		}
	}
	if !l.IsNil() {
		return p.Badarg()
	}
	return p.Alias(mode, priority)
}

func erlangUnalias1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsRef() {
		return p.Badarg()
	}
	return term.Bool(p.Unalias(a[0]))
}

// ---- exits and errors -----------------------------------------------------------------------

func erlangExit1(p *proc.Process, a []term.Term) term.Term {
	return p.Raise(term.AtomExit, a[0])
}

func erlangExit2(p *proc.Process, a []term.Term) term.Term {
	if a[0].IsRef() {
		return exitAlias(p, a[0], a[1], false)
	}
	if !p.Exit(a[0], a[1]) {
		return p.Badarg()
	}
	return p.ExitSelf(term.AtomTrue)
}

func erlangExit3(p *proc.Process, a []term.Term) term.Term {
	l := a[2]
	for ; l.IsCons(); l = l.Tail() {
		if l.Head() != term.AtomPriority {
			return p.BadargCause(atomBadopt)
		}
	}
	if !l.IsNil() {
		return p.BadargCause(atomBadopt)
	}
	if a[0].IsRef() {
		return exitAlias(p, a[0], a[1], !a[2].IsNil())
	}
	return erlangExit2(p, a[:2])
}

// exitAlias sends an exit signal to an alias; a reference that is none leads nowhere.
func exitAlias(p *proc.Process, ref, reason term.Term, priority bool) term.Term {
	if !p.ExitAlias(ref, reason, priority) {
		return p.Badarg()
	}
	return p.ExitSelf(term.AtomTrue)
}

func erlangExitSignal2(p *proc.Process, a []term.Term) term.Term { return erlangExit2(p, a) }
func erlangExitSignal3(p *proc.Process, a []term.Term) term.Term { return erlangExit3(p, a) }

func erlangThrow1(p *proc.Process, a []term.Term) term.Term {
	return p.Raise(term.AtomThrow, a[0])
}

func erlangError1(p *proc.Process, a []term.Term) term.Term {
	return p.Raise(term.AtomError, a[0])
}

// error(Reason, Args): Args replace the arity in the first entry of the stack trace; none keeps it.
func erlangError2(p *proc.Process, a []term.Term) term.Term {
	p.Raise(term.AtomError, a[0])
	if a[1] != atomNone {
		p.Exc.Args = a[1]
	}
	return term.None
}

func erlangError3(p *proc.Process, a []term.Term) term.Term {
	info := term.None
	l := a[2]
	for ; l.IsCons(); l = l.Tail() {
		v, ok := optionTuple(l.Head(), term.AtomErrorInfo)
		if !ok || !v.IsMap() {
			return p.Badarg()
		}
		info = v
	}
	if !l.IsNil() || a[1] != atomNone && !a[1].IsList() {
		return p.Badarg()
	}
	p.RaiseInfo(a[0], info)
	if a[1] != atomNone {
		p.Exc.Args = a[1]
	}
	return term.None
}

func erlangNifError1(p *proc.Process, a []term.Term) term.Term { return erlangError1(p, a) }
func erlangNifError2(p *proc.Process, a []term.Term) term.Term { return erlangError2(p, a) }

// raise(Class, Reason, Stacktrace) raises, or returns badarg when an argument is malformed.
func erlangRaise3(p *proc.Process, a []term.Term) term.Term {
	class := a[0]
	if class != term.AtomError && class != term.AtomExit && class != term.AtomThrow {
		return term.AtomBadarg
	}
	if !validStacktrace(a[2]) {
		return term.AtomBadarg
	}
	p.Raise(class, a[1])
	p.Exc.Trace = a[2]
	return term.None
}

// validStacktrace: entries are {M,F,ArityOrArgs}, {M,F,ArityOrArgs,Location}, {Fun,Args} or {Fun,Args,Location}.
func validStacktrace(t term.Term) bool {
	for ; t.IsCons(); t = t.Tail() {
		e := t.Head()
		if !e.IsTuple() {
			return false
		}
		args := func(t term.Term) bool { return t.IsList() || t.IsSmall() && t.Small() >= 0 }
		switch n := e.Arity(); {
		case n >= 2 && n <= 3 && e.Elem(0).IsFun():
			if !args(e.Elem(1)) || n == 3 && !e.Elem(2).IsList() {
				return false
			}
		case n == 3 || n == 4:
			if !e.Elem(0).IsAtom() || !e.Elem(1).IsAtom() || !args(e.Elem(2)) || n == 4 && !e.Elem(3).IsList() {
				return false
			}
		default:
			return false
		}
	}
	return t.IsNil()
}

// ---- names --------------------------------------------------------------------------------------

func erlangRegister2(p *proc.Process, a []term.Term) term.Term {
	switch p.Sys.Register(a[0], a[1]) {
	case proc.RegisterOK:
		return term.AtomTrue
	case proc.RegisterTaken:
		return p.BadargCause(term.AtomRegisteredName)
	case proc.RegisterNotAlive:
		return p.BadargCause(atomNotalive)
	}
	return p.BadargCause(atomNone)
}

func erlangUnregister1(p *proc.Process, a []term.Term) term.Term {
	return orBadarg(p, term.AtomTrue, a[0].IsAtom() && p.Sys.Unregister(a[0]))
}

func erlangWhereis1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	if t := p.Sys.Whereis(a[0]); t != term.None {
		return t
	}
	return term.AtomUndefined
}

func erlangRegistered0(p *proc.Process, _ []term.Term) term.Term {
	return p.Heap.List(p.Sys.Registered()...)
}

func erlangProcesses0(p *proc.Process, _ []term.Term) term.Term {
	return p.Heap.List(p.Sys.Pids()...)
}

// ---- dictionary -----------------------------------------------------------------------------------

func orUndefined(t term.Term) term.Term {
	if t == term.None {
		return term.AtomUndefined
	}
	return t
}

func erlangPut2(p *proc.Process, a []term.Term) term.Term { return orUndefined(p.PutDict(a[0], a[1])) }
func erlangGet1(p *proc.Process, a []term.Term) term.Term { return orUndefined(p.GetDict(a[0])) }
func erlangErase1(p *proc.Process, a []term.Term) term.Term {
	return orUndefined(p.EraseDict(a[0]))
}

func erlangGet0(p *proc.Process, _ []term.Term) term.Term {
	d := p.Dict()
	pairs := make([]term.Term, 0, len(d)/2)
	for i := 0; i < len(d); i += 2 {
		pairs = append(pairs, p.Heap.Tuple(d[i], d[i+1]))
	}
	return p.Heap.List(pairs...)
}

func erlangErase0(p *proc.Process, a []term.Term) term.Term {
	t := erlangGet0(p, a)
	p.ClearDict()
	return t
}

func erlangGetKeys0(p *proc.Process, _ []term.Term) term.Term {
	d := p.Dict()
	keys := make([]term.Term, 0, len(d)/2)
	for i := 0; i < len(d); i += 2 {
		keys = append(keys, d[i])
	}
	return p.Heap.List(keys...)
}

func erlangGetKeys1(p *proc.Process, a []term.Term) term.Term {
	d := p.Dict()
	var keys []term.Term
	for i := 0; i < len(d); i += 2 {
		if term.ExactEqual(d[i+1], a[0]) {
			keys = append(keys, d[i])
		}
	}
	return p.Heap.List(keys...)
}

// ---- timers -----------------------------------------------------------------------------------------

// maxTimeout is the largest time of a timer in milliseconds: its nanoseconds must fit.
const maxTimeout = (1<<63 - 1) / 1_000_000

func startTimer(p *proc.Process, a []term.Term, opts term.Term, wrap bool) term.Term {
	abs := false
	for ; opts.IsCons(); opts = opts.Tail() {
		v, ok := optionTuple(opts.Head(), atomAbs)
		if ok {
			abs, ok = boolArg(v)
		}
		if !ok {
			return p.BadargCause(atomBadopt)
		}
	}
	if !opts.IsNil() {
		return p.BadargCause(atomBadopt)
	}
	good := a[1].IsLocalPid() || a[1].IsAtom() // the time is looked at first
	now := p.Sys.Sched.Clock.Monotonic()
	var deadline int64
	if abs {
		ms, ok := term.ToInt64(a[0])
		if !ok || ms > (1<<63-1+monotonicBase)/1_000_000 || ms*1_000_000 < monotonicBase {
			return p.BadargCause(atomTime)
		}
		deadline = ms*1_000_000 - monotonicBase
	} else {
		ms, ok := smallIn(a[0], 0, maxTimeout)
		if !ok {
			return p.BadargCause(atomTime)
		}
		if deadline = now + int64(ms)*1_000_000; deadline < 0 {
			return p.BadargCause(atomTime)
		}
	}
	if !good {
		return p.Badarg()
	}
	return p.StartTimer(a[1], a[2], deadline, wrap)
}

func erlangSendAfter3(p *proc.Process, a []term.Term) term.Term {
	return startTimer(p, a, term.Nil, false)
}
func erlangSendAfter4(p *proc.Process, a []term.Term) term.Term {
	return startTimer(p, a, a[3], false)
}
func erlangStartTimer3(p *proc.Process, a []term.Term) term.Term {
	return startTimer(p, a, term.Nil, true)
}
func erlangStartTimer4(p *proc.Process, a []term.Term) term.Term {
	return startTimer(p, a, a[3], true)
}

// timerAnswer is the value of cancel_timer and read_timer: milliseconds left or false; with async it comes as a message.
func timerAnswer(p *proc.Process, ref, opts, tag term.Term, ask func(term.Term) (int64, bool)) term.Term {
	async, info := false, true
	for ; opts.IsCons(); opts = opts.Tail() {
		o := opts.Head()
		var ok bool
		if v, is := optionTuple(o, term.AtomAsync); is {
			async, ok = boolArg(v)
		} else if v, is := optionTuple(o, term.AtomInfo); is && tag == atomCancelTimer {
			info, ok = boolArg(v)
		}
		if !ok {
			return p.Badarg()
		}
	}
	if !opts.IsNil() || !ref.IsRef() {
		return p.Badarg()
	}
	left, ok := ask(ref)
	answer := term.AtomFalse
	if ok {
		answer = term.Int(int((left + 999_999) / 1_000_000))
	}
	switch {
	case async:
		if info {
			p.Send(p.Pid, p.Heap.Tuple(tag, ref, answer))
		}
		return term.AtomOk
	case !info:
		return term.AtomOk
	}
	return answer
}

func erlangCancelTimer1(p *proc.Process, a []term.Term) term.Term {
	return timerAnswer(p, a[0], term.Nil, atomCancelTimer, p.CancelTimer)
}
func erlangCancelTimer2(p *proc.Process, a []term.Term) term.Term {
	return timerAnswer(p, a[0], a[1], atomCancelTimer, p.CancelTimer)
}
func erlangReadTimer1(p *proc.Process, a []term.Term) term.Term {
	return timerAnswer(p, a[0], term.Nil, atomReadTimer, p.ReadTimer)
}
func erlangReadTimer2(p *proc.Process, a []term.Term) term.Term {
	return timerAnswer(p, a[0], a[1], atomReadTimer, p.ReadTimer)
}
