package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// maxArgs is the largest arity of a function.
const maxArgs = 255

// target is what a new process runs: a fun, or a function with its arguments.
type target struct {
	fun     term.Term // None: m:f(args)
	m, f    term.Term
	args    term.Term
	tooLong bool      // more arguments than a function can have
	node    term.Term // None: this one
}

func funTarget(fun term.Term) (t target, ok bool) {
	if fun.IsFun() {
		return target{fun: fun}, true
	}
	if fun.TupleOf(2) && fun.Elem(0).IsAtom() && fun.Elem(1).IsAtom() {
		return target{m: fun.Elem(0), f: fun.Elem(1), args: term.Nil}, true
	}
	return target{}, false
}

// fun0Target is funTarget for the functions that take nothing but a fun without arguments.
func fun0Target(fun term.Term) (t target, ok bool) {
	return target{fun: fun}, fun.IsFun() && term.FunArity(fun) == 0
}

func mfaTarget(m, f, args term.Term) (t target, ok bool) {
	n, proper := term.ListLen(args)
	if !m.IsAtom() || !f.IsAtom() || !proper {
		return target{}, false
	}
	return target{m: m, f: f, args: args, tooLong: n > maxArgs}, true
}

// spawn starts a process. The result is the pid, {Pid, Ref} with a monitor, or None after raising.
func spawn(p *proc.Process, t target, ok bool, o *proc.SpawnOpts) term.Term {
	if !ok {
		return p.Badarg()
	}
	if t.tooLong {
		return p.SystemLimit()
	}
	if t.node != term.None {
		return spawnElsewhere(p, t, o)
	}
	var pid, ref term.Term
	var e proc.SpawnError
	if t.fun != term.None {
		pid, ref, e = p.SpawnFun(t.fun, o)
	} else {
		pid, ref, e = p.Spawn(t.m, t.f, t.args, o)
	}
	if e != proc.SpawnOK {
		return p.SystemLimit()
	}
	p.Bump(20)
	if ref != term.None {
		return p.Heap.Tuple(pid, ref)
	}
	return pid
}

// onNode checks the node argument of spawn/2,4 and its relatives.
func onNode(p *proc.Process, node term.Term, t target, ok bool) (target, bool) {
	if !node.IsAtom() || !ok {
		return t, false
	}
	if node != p.Sys.Node() {
		t.node = node
	}
	return t, true
}

// mfa is the function that t runs and its arguments.
func (t *target) mfa(h *term.Heap) (m, f, args term.Term) {
	if t.fun != term.None {
		return term.AtomErlang, term.AtomApply, h.List(t.fun, term.Nil)
	}
	return t.m, t.f, t.args
}

var atomGerlSpawn = term.Intern("gerl_spawn")

// spawnElsewhere waits for the answer of another node in Erlang: gerl_spawn:on(Node, M, F, Args, Options).
func spawnElsewhere(p *proc.Process, t target, o *proc.SpawnOpts) term.Term {
	h := &p.Heap
	m, f, args := t.mfa(h)
	return p.Trap(atomGerlSpawn, term.Intern("on"), t.node, m, f, args, o.List(h))
}

func linkOpts() *proc.SpawnOpts { return &proc.SpawnOpts{Link: true} }
func monitorOpts() *proc.SpawnOpts {
	return &proc.SpawnOpts{Monitor: &proc.MonitorOpts{}}
}

func erlangSpawn1(p *proc.Process, a []term.Term) term.Term {
	t, ok := funTarget(a[0])
	return spawn(p, t, ok, nil)
}

func erlangSpawn2(p *proc.Process, a []term.Term) term.Term {
	t, ok := funTarget(a[1])
	t, ok = onNode(p, a[0], t, ok)
	return spawn(p, t, ok, nil)
}

func erlangSpawn3(p *proc.Process, a []term.Term) term.Term {
	t, ok := mfaTarget(a[0], a[1], a[2])
	return spawn(p, t, ok, nil)
}

func erlangSpawn4(p *proc.Process, a []term.Term) term.Term {
	t, ok := mfaTarget(a[1], a[2], a[3])
	t, ok = onNode(p, a[0], t, ok)
	return spawn(p, t, ok, nil)
}

func erlangSpawnLink1(p *proc.Process, a []term.Term) term.Term {
	t, ok := fun0Target(a[0])
	return spawn(p, t, ok, linkOpts())
}

func erlangSpawnLink2(p *proc.Process, a []term.Term) term.Term {
	t, ok := fun0Target(a[1])
	t, ok = onNode(p, a[0], t, ok)
	return spawn(p, t, ok, linkOpts())
}

func erlangSpawnLink3(p *proc.Process, a []term.Term) term.Term {
	t, ok := mfaTarget(a[0], a[1], a[2])
	return spawn(p, t, ok, linkOpts())
}

func erlangSpawnLink4(p *proc.Process, a []term.Term) term.Term {
	t, ok := mfaTarget(a[1], a[2], a[3])
	t, ok = onNode(p, a[0], t, ok)
	return spawn(p, t, ok, linkOpts())
}

func erlangSpawnMonitor1(p *proc.Process, a []term.Term) term.Term {
	t, ok := fun0Target(a[0])
	return spawn(p, t, ok, monitorOpts())
}

func erlangSpawnMonitor2(p *proc.Process, a []term.Term) term.Term {
	t, ok := fun0Target(a[1])
	t, ok = onNode(p, a[0], t, ok)
	return spawn(p, t, ok, monitorOpts())
}

func erlangSpawnMonitor3(p *proc.Process, a []term.Term) term.Term {
	t, ok := mfaTarget(a[0], a[1], a[2])
	return spawn(p, t, ok, monitorOpts())
}

func erlangSpawnMonitor4(p *proc.Process, a []term.Term) term.Term {
	t, ok := mfaTarget(a[1], a[2], a[3])
	t, ok = onNode(p, a[0], t, ok)
	return spawn(p, t, ok, monitorOpts())
}

// ---- spawn_opt ------------------------------------------------------------------------

var (
	atomScheduler     = term.Intern("scheduler")
	atomAsyncDist     = term.Intern("async_dist")
	atomReplyTag      = term.Intern("reply_tag")
	atomSpawnReply    = term.Intern("spawn_reply")
	atomNo            = term.Intern("no")
	atomYes           = term.Intern("yes")
	atomErrorOnly     = term.Intern("error_only")
	atomSuccessOnly   = term.Intern("success_only")
	atomSize          = term.Intern("size")
	atomIncludeShared = term.Intern("include_shared_binaries")
	atomBadopt        = term.Intern("badopt")
	atomBadOption     = term.Intern("bad_option")
)

// spawnRequest is what only spawn_request knows of options.
type spawnRequest struct {
	tag          term.Term
	onOK, onFail bool
}

// spawnOptions reads the options of spawn_opt, and those of spawn_request when r is given.
func spawnOptions(sys *proc.System, opts term.Term, r *spawnRequest) (o *proc.SpawnOpts, ok bool) {
	o = &proc.SpawnOpts{}
	for ; opts.IsCons(); opts = opts.Tail() {
		x := opts.Head()
		switch {
		case x == term.AtomLink:
			o.Link = true
			continue
		case x == term.AtomMonitor:
			o.Monitor = &proc.MonitorOpts{}
			continue
		case !x.TupleOf(2):
			return nil, false
		}
		v := x.Elem(1)
		ok := true
		switch x.Elem(0) {
		case term.AtomMonitor:
			o.Monitor, ok = monitorOptions(v)
		case term.AtomPriority:
			if _, ok = proc.PriorityOf(v); ok {
				o.Priority = v
			}
		case term.AtomFullsweepAfter:
			o.FullSweep, ok = smallIn(v, 0, maxInt)
			o.FullSweep = min(o.FullSweep, proc.DefaultFullsweepAfter)
			o.HasFullSweep = true
		case term.AtomMinHeapSize:
			o.MinHeap, ok = smallIn(v, 0, maxInt)
			o.MinHeap = proc.HeapSize(max(o.MinHeap, proc.DefaultMinHeapSize))
		case term.AtomMinBinVheapSize:
			o.MinBinVHeap, ok = smallIn(v, 0, maxInt)
			o.MinBinVHeap = proc.HeapSize(max(o.MinBinVHeap, proc.DefaultMinBinVHeapSize))
		case term.AtomMaxHeapSize:
			o.MaxHeap, ok = maxHeapOption(v)
		case term.AtomMessageQueueData:
			o.QueueData = v
			ok = v == term.AtomOffHeap || v == term.AtomOnHeap
		case atomScheduler:
			_, ok = smallIn(v, 0, len(sys.Sched.Workers()))
		case atomAsyncDist:
			o.AsyncDist, ok = boolArg(v)
		case atomReplyTag:
			if r == nil {
				return nil, false
			}
			r.tag = v
		case term.AtomReply:
			if r == nil {
				return nil, false
			}
			switch v {
			case atomYes:
				r.onOK, r.onFail = true, true
			case atomNo:
				r.onOK, r.onFail = false, false
			case atomErrorOnly:
				r.onOK, r.onFail = false, true
			case atomSuccessOnly:
				r.onOK, r.onFail = true, false
			default:
				return nil, false
			}
		default:
			return nil, false
		}
		if !ok {
			return nil, false
		}
	}
	if m := o.MaxHeap; m != nil && m.Size != 0 && m.Size < max(o.MinHeap, proc.DefaultMinHeapSize) {
		return nil, false
	}
	return o, opts.IsNil()
}

// maxHeapOption reads the value of max_heap_size: a size in words, or a map.
func maxHeapOption(t term.Term) (*proc.MaxHeap, bool) {
	m := &proc.MaxHeap{Kill: true, ErrorLogger: true}
	if n, ok := smallIn(t, 0, maxInt); ok {
		m.Size = n
		return m, true
	}
	if !t.IsMap() {
		return nil, false
	}
	size, ok := term.MapGet(t, atomSize)
	if !ok {
		return nil, false
	}
	if m.Size, ok = smallIn(size, 0, maxInt); !ok {
		return nil, false
	}
	for key, flag := range map[term.Term]*bool{
		term.AtomKill: &m.Kill, term.AtomErrorLogger: &m.ErrorLogger, atomIncludeShared: &m.IncludeShared,
	} {
		if v, given := term.MapGet(t, key); given {
			if *flag, ok = boolArg(v); !ok {
				return nil, false
			}
		}
	}
	return m, true
}

// monitorOptions reads the options of monitor/3.
func monitorOptions(opts term.Term) (o *proc.MonitorOpts, ok bool) {
	o = &proc.MonitorOpts{}
	for ; opts.IsCons(); opts = opts.Tail() {
		x := opts.Head()
		if v, is := optionTuple(x, term.AtomAlias); is {
			if v != term.AtomExplicitUnalias && v != term.AtomDemonitor && v != term.AtomReplyDemonitor {
				return nil, false
			}
			o.Alias = v
		} else if v, is := optionTuple(x, term.AtomTag); is {
			o.Tag = v
		} else if x == term.AtomPriority {
			o.Priority = true
		} else {
			return nil, false
		}
	}
	return o, opts.IsNil()
}

func spawnOpt(p *proc.Process, t target, ok bool, opts term.Term) term.Term {
	o, good := spawnOptions(p.Sys, opts, nil)
	if !good {
		return p.BadargCause(atomBadopt)
	}
	o.Shown = opts
	return spawn(p, t, ok, o)
}

func erlangSpawnOpt2(p *proc.Process, a []term.Term) term.Term {
	t, ok := funTarget(a[0])
	if !ok {
		return p.Badarg() // OTP looks at the options of a fun only
	}
	return spawnOpt(p, t, ok, a[1])
}

func erlangSpawnOpt3(p *proc.Process, a []term.Term) term.Term {
	t, ok := funTarget(a[1])
	if t, ok = onNode(p, a[0], t, ok); !ok && a[0] != p.Sys.Node() {
		return p.Badarg() // options for another node are looked at last
	}
	return spawnOpt(p, t, ok, a[2])
}

func erlangSpawnOpt4(p *proc.Process, a []term.Term) term.Term {
	t, ok := mfaTarget(a[0], a[1], a[2])
	return spawnOpt(p, t, ok, a[3])
}

func erlangSpawnOpt5(p *proc.Process, a []term.Term) term.Term {
	t, ok := mfaTarget(a[1], a[2], a[3])
	if t, ok = onNode(p, a[0], t, ok); !ok {
		return p.Badarg() // options of what cannot be called are not looked at
	}
	return spawnOpt(p, t, ok, a[4])
}

// spawnReply is spawn_request: the answer comes as a message {Tag, Ref, ok, Pid} or {Tag, Ref, error, Reason}.
// requestOptions reads the options that concern who asks; another node looks at the others.
func requestOptions(p *proc.Process, opts term.Term, r *spawnRequest) (o *proc.SpawnOpts, ok bool) {
	var reply, own []term.Term // the answer is as asked for even if something is wrong
	for ; opts.IsCons(); opts = opts.Tail() {
		switch x := opts.Head(); {
		case x.TupleOf(2) && (x.Elem(0) == atomReplyTag || x.Elem(0) == term.AtomReply):
			reply = append(reply, x)
		case x == term.AtomLink, x == term.AtomMonitor, x.TupleOf(2) && (x.Elem(0) == term.AtomMonitor || x.Elem(0) == term.AtomLink):
			own = append(own, x)
		}
	}
	return spawnOptions(nil, p.Heap.List(append(reply, own...)...), r)
}

func spawnReply(p *proc.Process, t target, ok bool, opts term.Term) term.Term {
	if !ok {
		return p.Badarg()
	}
	r := &spawnRequest{tag: atomSpawnReply, onOK: true, onFail: true}
	if _, proper := term.ListLen(opts); !proper {
		return p.BadargCause(atomBadopt)
	}
	h := &p.Heap
	o, good := requestOptions(p, opts, r)
	if good && t.node == term.None {
		o, good = spawnOptions(p.Sys, opts, r)
	}
	if !good {
		ref := p.MakeRef()
		if t.node != term.None {
			r = &spawnRequest{tag: atomSpawnReply, onFail: true}
		}
		if r.onFail {
			p.Send(p.Pid, h.Tuple(r.tag, ref, term.AtomError, atomBadopt))
		}
		return ref
	}
	o.Request, o.ReplyTag, o.Shown = true, r.tag, opts
	if t.node != term.None {
		if t.tooLong {
			return p.SystemLimit()
		}
		m, f, args := t.mfa(h)
		return p.SpawnRemote(t.node, m, f, args, o, r.onOK, r.onFail)
	}
	res := spawn(p, t, true, o)
	if res == term.None {
		reason := p.Exc.Reason
		p.Action = proc.ActNone
		ref := p.MakeRef()
		if r.onFail {
			p.Send(p.Pid, h.Tuple(r.tag, ref, term.AtomError, reason))
		}
		return ref
	}
	pid, ref := res.Elem(0), res.Elem(1)
	if r.onOK {
		p.SendReply(h.Tuple(r.tag, ref, term.AtomOk, pid))
	}
	return ref
}

func erlangSpawnRequest1(p *proc.Process, a []term.Term) term.Term {
	t, ok := fun0Target(a[0])
	return spawnReply(p, t, ok, term.Nil)
}

// spawn_request/2 is (Fun, Options) or (Node, Fun).
func erlangSpawnRequest2(p *proc.Process, a []term.Term) term.Term {
	if a[0].IsAtom() {
		t, ok := fun0Target(a[1])
		t, ok = onNode(p, a[0], t, ok)
		return spawnReply(p, t, ok, term.Nil)
	}
	t, ok := fun0Target(a[0])
	return spawnReply(p, t, ok, a[1])
}

// spawn_request/3 is (Node, Fun, Options) or spawn_request/4 without options.
func erlangSpawnRequest3(p *proc.Process, a []term.Term) term.Term {
	t, ok := fun0Target(a[1])
	if !ok && a[1].IsAtom() {
		return erlangSpawnRequest4(p, []term.Term{a[0], a[1], a[2], term.Nil})
	}
	t, ok = onNode(p, a[0], t, ok)
	return spawnReply(p, t, ok, a[2])
}

// spawn_request/4 is (M, F, Args, Options) or (Node, M, F, Args).
func erlangSpawnRequest4(p *proc.Process, a []term.Term) term.Term {
	if a[2].IsAtom() {
		return erlangSpawnRequest5(p, []term.Term{a[0], a[1], a[2], a[3], term.Nil})
	}
	t, ok := mfaTarget(a[0], a[1], a[2])
	return spawnReply(p, t, ok, a[3])
}

// spawn_request/5 for this node is spawn_request/4 of the rest: where an atom stands for the arguments that takes them for a function,
// what stands before for a node, and what follows for its arguments.
func erlangSpawnRequest5(p *proc.Process, a []term.Term) term.Term {
	if a[0] == p.Sys.Node() && a[3].IsAtom() {
		return erlangSpawnRequest5(p, []term.Term{a[1], a[2], a[3], a[4], term.Nil})
	}
	t, ok := mfaTarget(a[1], a[2], a[3])
	t, ok = onNode(p, a[0], t, ok)
	return spawnReply(p, t, ok, a[4])
}

// A request to this node was answered before spawn_request returned: only one to another may be abandoned.
func erlangSpawnRequestAbandon1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsRef() {
		return p.Badarg()
	}
	return term.Bool(p.AbandonSpawn(a[0]))
}
