package bifs

import (
	"github.com/gerl-lang/gerl/dist"
	"github.com/gerl-lang/gerl/port"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func erlangProcessFlag2(p *proc.Process, a []term.Term) term.Term {
	w := dist.Watching{Visible: true}
	opts, listed := optionTuple(a[0], atomMonitorNodes)
	if a[0] != atomMonitorNodes && !listed {
		return p.ProcessFlag(a[0], a[1])
	}
	on, ok := boolArg(a[1])
	if !ok || listed && !opts.IsNil() {
		return p.Badarg()
	}
	w.Info = listed
	// what net_kernel:monitor_nodes/1,2 do, and how often it was done before
	return withDist(p, func(d *dist.Dist) term.Term { return term.Int(d.Watch(p, on, w)) })
}

var atomMonitorNodes = term.Intern("monitor_nodes")

func erlangProcessFlag3(p *proc.Process, a []term.Term) term.Term {
	return p.ProcessFlagOf(a[0], a[1], a[2])
}
func erlangProcessInfo1(p *proc.Process, a []term.Term) term.Term { return p.ProcessInfoAll(a[0]) }
func erlangProcessInfo2(p *proc.Process, a []term.Term) term.Term {
	return p.ProcessInfo(a[0], a[1])
}
func erlangIsProcessAlive1(p *proc.Process, a []term.Term) term.Term {
	return p.IsProcessAlive(a[0])
}
func erlangGroupLeader0(p *proc.Process, _ []term.Term) term.Term { return p.GroupLeader() }
func erlangGroupLeader2(p *proc.Process, a []term.Term) term.Term {
	return p.SetGroupLeader(a[0], a[1])
}
func erlangGarbageCollect0(p *proc.Process, _ []term.Term) term.Term {
	return p.GarbageCollect(p.Pid, true)
}
func erlangGarbageCollect1(p *proc.Process, a []term.Term) term.Term {
	return p.GarbageCollect(a[0], true)
}

// garbage_collect(Pid, Options): the answer comes as the result, or as the message {garbage_collect, RequestId, Result} with async.
func erlangGarbageCollect2(p *proc.Process, a []term.Term) term.Term {
	async, full := term.None, true
	l := a[1]
	for ; l.IsCons(); l = l.Tail() {
		o := l.Head()
		if v, ok := optionTuple(o, term.AtomAsync); ok {
			async = v
		} else if v, ok := optionTuple(o, term.AtomType); ok {
			if full = v == atomMajor; !full && v != atomMinor {
				return p.Badarg()
			}
		} else {
			return p.BadargCause(atomBadOption)
		}
	}
	if !l.IsNil() {
		return p.BadargCause(atomBadOption)
	}
	if async == term.None {
		return p.GarbageCollect(a[0], full)
	}
	if !a[0].IsLocalPid() {
		return p.Badarg()
	}
	self := p.Pid
	id, frag := term.CopyObject(async)
	answer := func(done term.Term) {
		h := term.NewArena()
		p.Sys.SendTo(nil, self, h.Tuple(atomGarbageCollect, id, done))
		h.Free()
		term.DropFragment(frag)
	}
	if !p.Sys.Call(p, a[0], proc.AtRest(func(t *proc.Process) {
		if t.Gone() || t.Dying() {
			answer(term.AtomFalse)
			return
		}
		t.Sys.Machine.Collect(t, full)
		answer(term.AtomTrue)
	})) {
		answer(term.AtomFalse)
	}
	return term.AtomAsync
}

var (
	atomGarbageCollect   = term.Intern("garbage_collect")
	atomMajor            = term.Intern("major")
	atomMinor            = term.Intern("minor")
	atomUnlessSuspending = term.Intern("unless_suspending")
	atomAsynchronous     = term.Intern("asynchronous")
)

func erlangSuspendProcess1(p *proc.Process, a []term.Term) term.Term {
	return p.SuspendProcess(a[0], false, false, term.None)
}

func erlangSuspendProcess2(p *proc.Process, a []term.Term) term.Term {
	unless, async, reply := false, false, term.None
	l := a[1]
	for ; l.IsCons(); l = l.Tail() {
		switch o := l.Head(); o {
		case atomUnlessSuspending:
			unless = true
		case atomAsynchronous:
			async = true
		default:
			v, ok := optionTuple(o, atomAsynchronous)
			if !ok {
				return p.BadargCause(atomBadopt)
			}
			async, reply = true, v
		}
	}
	if !l.IsNil() {
		return p.BadargCause(atomBadopt)
	}
	return p.SuspendProcess(a[0], unless, async, reply)
}

func erlangResumeProcess1(p *proc.Process, a []term.Term) term.Term {
	return orBadarg(p, term.AtomTrue, a[0].IsLocalPid() && p.Resume(a[0]))
}

// hibernate() collects and waits for a message; unlike with hibernate/3 the caller goes on where it is.
func erlangHibernate0(p *proc.Process, _ []term.Term) term.Term {
	if p.QueueLen() > 0 {
		return term.AtomOk
	}
	p.Sys.Call(p, p.Pid, proc.AtRest(func(t *proc.Process) { t.Sys.Machine.Collect(t, true) }))
	return p.WaitBIF(hibernated)
}

func hibernated(p *proc.Process, _ []term.Term) term.Term {
	if p.QueueLen() == 0 {
		return p.WaitBIF(hibernated)
	}
	return term.AtomOk
}

func erlangHibernate3(p *proc.Process, a []term.Term) term.Term {
	args, ok := listElems(a[2])
	if !ok || !a[0].IsAtom() || !a[1].IsAtom() {
		return p.Badarg()
	}
	if len(args) > maxArgs {
		return p.SystemLimit()
	}
	return p.Hibernate(a[0], a[1], args...)
}

func erlangPorts0(p *proc.Process, _ []term.Term) term.Term {
	t := port.Of(p.Sys)
	if t == nil {
		return term.Nil
	}
	return p.Heap.List(t.All()...)
}
