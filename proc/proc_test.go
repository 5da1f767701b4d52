package proc

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

func virtual() scheduler.Config {
	return scheduler.Config{Workers: 1, Clock: scheduler.NewVirtualClock(0)}
}

// idle is a body that waits for ever, handling signals only.
func idle(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
	return scheduler.Waiting
}

func (f *fakeMachine) idler() term.Term {
	return f.define("idler", func(*Process, term.Term) step { return idle })
}

// trace runs a script in a process and gives what it logged.
func trace(t *testing.T, sys *System, f *fakeMachine, steps ...func(p *Process, log func(...any)) bool) string {
	t.Helper()
	var log []string
	add := func(a ...any) {
		for _, x := range a {
			if tm, ok := x.(term.Term); ok {
				x = term.Format(tm)
			}
			log = append(log, fmt.Sprint(x))
		}
	}
	var fs []func(p *Process) bool
	for _, st := range steps {
		fs = append(fs, func(p *Process) bool { return st(p, add) })
	}
	do(t, sys, f, script(fs...))
	return strings.Join(log, " ")
}

type logf = func(...any)

// next logs the next message, or "none" when there is none after all others had their turn.
func next(p *Process, log logf) bool {
	m, ok := p.PeekMessage()
	if ok {
		log(normal(p, m))
		p.AcceptMessage()
		p.ResetReceive()
		return true
	}
	if p.ReceiveTimeout(term.Int(50)) == RecvTimeout {
		log("none")
		return true
	}
	return false
}

// normal prints a message with pids and references made equal.
func normal(p *Process, m term.Term) string {
	if m.IsTuple() {
		var out []string
		for i := range m.Arity() {
			e := m.Elem(i)
			switch {
			case e == p.Pid:
				out = append(out, "Self")
			case e.IsPid():
				out = append(out, "Pid")
			case e.IsRef():
				out = append(out, "Ref")
			default:
				out = append(out, normal(p, e))
			}
		}
		return "{" + strings.Join(out, ",") + "}"
	}
	return term.Format(m)
}

// Rule: what exit signals do, by kind, reason and trap_exit (as OTP's reference manual, "Processes", says and OTP 25 does).
func TestExitSignals(t *testing.T) {
	foo := term.Intern("foo")
	type sender func(p *Process, child term.Term)
	exit2 := func(reason term.Term) sender {
		return func(p *Process, child term.Term) { p.Exit(child, reason) }
	}
	for _, c := range []struct {
		name string
		send sender
		trap bool
		want string
	}{
		{"normal is ignored", exit2(term.AtomNormal), false, "none"},
		{"normal is a message when trapped", exit2(term.AtomNormal), true, "{got,{EXIT,Pid,normal}} {DOWN,Ref,process,Pid,normal}"},
		{"other reasons kill", exit2(foo), false, "{DOWN,Ref,process,Pid,foo}"},
		{"other reasons are messages when trapped", exit2(foo), true, "{got,{EXIT,Pid,foo}} {DOWN,Ref,process,Pid,normal}"},
		{"kill kills", exit2(term.AtomKill), false, "{DOWN,Ref,process,Pid,killed}"},
		{"kill cannot be trapped", exit2(term.AtomKill), true, "{DOWN,Ref,process,Pid,killed}"},
	} {
		sys, f := startFake(t, virtual())
		child := f.define("child", func(p *Process, args term.Term) step {
			parent, started := args.Head(), false
			return func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
				if !started {
					started = true
					p.SetTrapExit(c.trap)
					p.Send(parent, term.Intern("ready"))
				}
				m, ok := p.PeekMessage()
				if !ok {
					return scheduler.Waiting
				}
				p.AcceptMessage()
				p.Send(parent, p.Heap.Tuple(term.Intern("got"), m))
				return scheduler.Exited
			}
		})
		var pid term.Term
		got := trace(t, sys, f,
			func(p *Process, log logf) bool {
				pid, _, _ = p.Spawn(child, child, p.Heap.List(p.Pid), &SpawnOpts{Monitor: &MonitorOpts{}})
				return true
			},
			func(p *Process, log logf) bool {
				if _, ok := p.PeekMessage(); !ok {
					return false
				}
				p.AcceptMessage()
				c.send(p, pid)
				return true
			},
			next,
			func(p *Process, log logf) bool { return !strings.Contains(c.want, "} {") || next(p, log) },
		)
		got = strings.ReplaceAll(strings.ReplaceAll(got, "'", ""), "{EXIT,Self,", "{EXIT,Pid,")
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// Rule: the end of a process reaches linked processes: kill as a reason is an ordinary one there, normal hurts nobody.
func TestLinkExit(t *testing.T) {
	for _, c := range []struct{ reason, want string }{
		{"foo", "{'EXIT',Pid,foo}"},
		{"kill", "{'EXIT',Pid,kill}"},
		{"normal", "{'EXIT',Pid,normal}"},
	} {
		sys, f := startFake(t, virtual())
		child := f.define("child", func(p *Process, _ term.Term) step {
			return func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
				p.Terminate(term.Intern(c.reason))
				return scheduler.Exited
			}
		})
		got := trace(t, sys, f, func(p *Process, log logf) bool {
			p.SetTrapExit(true)
			p.Spawn(child, child, term.Nil, &SpawnOpts{Link: true})
			return true
		}, next, func(p *Process, log logf) bool { log(p.Heap.List(p.Links(&p.Heap)...)); return true })
		if got != c.want+" []" {
			t.Errorf("%s: got %s", c.reason, got)
		}
	}
}

// Rule: link and monitor of what is not there: noproc, at once or as a message; {Name, Node} in DOWN.
func TestNoProc(t *testing.T) {
	sys, f := startFake(t, virtual())
	dead := term.Pid(999)
	got := trace(t, sys, f, func(p *Process, log logf) bool {
		log(p.Link(dead) == LinkNoProc)
		p.SetTrapExit(true)
		log(p.Link(dead) == LinkOK)
		log(p.Link(p.Pid) == LinkOK, p.Link(term.AtomOk) == LinkBadArg)
		return true
	}, next, func(p *Process, log logf) bool {
		p.MonitorProcess(dead, nil)
		p.MonitorProcess(term.Intern("nobody"), &MonitorOpts{Tag: p.Heap.Tuple(term.AtomTag, term.Int(1))})
		return true
	}, next, next, func(p *Process, log logf) bool {
		p.MonitorProcess(p.Pid, nil)
		log(p.MonitorProcess(term.Int(1), nil) == term.None)
		return true
	}, next)
	want := "true true true true {'EXIT',Pid,noproc} {'DOWN',Ref,process,Pid,noproc} {{tag,1},Ref,process,{nobody,nonode@nohost},noproc} true none"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Rule: after unlink no exit message of that link comes, whatever was on its way; a link made anew counts.
func TestUnlinkIsFinal(t *testing.T) {
	for range 300 {
		sys, f := startFake(t, scheduler.Config{Workers: 2})
		child := f.define("child", func(p *Process, _ term.Term) step {
			return func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
				p.Terminate(term.Intern("crash"))
				return scheduler.Exited
			}
		})
		before := 0
		do(t, sys, f, script(func(p *Process) bool {
			p.SetTrapExit(true)
			var pids []term.Term
			for range 10 {
				pid, _, _ := p.Spawn(child, child, term.Nil, &SpawnOpts{Link: true})
				pids = append(pids, pid)
			}
			for _, pid := range pids {
				p.Unlink(pid)
			}
			before = p.QueueLen()
			return true
		}, func(p *Process) bool {
			if p.ReceiveTimeout(term.Int(3)) != RecvTimeout {
				p.HandleSignals()
				return false
			}
			if int(p.box.n) > before {
				t.Errorf("%d exit messages after unlink", int(p.box.n)-before)
			}
			return true
		}))
		sys.Sched.Stop()
		if t.Failed() {
			return
		}
	}
}

// Rule: demonitor with flush leaves no DOWN message, and info tells whether the monitor was there.
func TestDemonitor(t *testing.T) {
	sys, f := startFake(t, virtual())
	idler := f.idler()
	var ref term.Term
	var frag uintptr
	got := trace(t, sys, f, func(p *Process, log logf) bool {
		_, r, _ := p.Spawn(idler, idler, term.Nil, &SpawnOpts{Monitor: &MonitorOpts{}})
		found, bad := p.Demonitor(r, DemonitorOpts{Info: true})
		log(found, bad)
		found, bad = p.Demonitor(r, DemonitorOpts{Info: true})
		log(found, bad)
		_, bad = p.Demonitor(term.AtomOk, DemonitorOpts{})
		log(bad)
		pid, r, _ := p.Spawn(idler, idler, term.Nil, &SpawnOpts{Monitor: &MonitorOpts{}})
		ref, frag = term.CopyMessage(r)
		p.Exit(pid, term.AtomKill)
		p.Send(p.Pid, term.AtomOk)
		return true
	}, func(p *Process, log logf) bool {
		if p.QueueLen() < 2 {
			return p.ReceiveTimeout(term.Int(50)) == RecvTimeout
		}
		found, _ := p.Demonitor(ref, DemonitorOpts{Flush: true, Info: true})
		term.DropFragment(frag)
		log(found, p.QueueLen())
		return true
	}, next, next)
	if got != "true false false false true false 1 ok none" {
		t.Error(got)
	}
}

// Rule: an alias takes messages until it is deactivated, by unalias, by a reply, by the monitor's end.
func TestAliases(t *testing.T) {
	sys, f := startFake(t, virtual())
	idler := f.idler()
	one, two := term.Int(1), term.Int(2)
	got := trace(t, sys, f, func(p *Process, log logf) bool {
		a := p.Alias(term.AtomExplicitUnalias, false)
		p.Send(a, one)
		p.HandleSignals()
		log(p.Unalias(a))
		log(p.Unalias(a))
		p.Send(a, two)
		r := p.Alias(term.AtomReply, false)
		p.Send(r, one)
		p.Send(r, two)
		pid, _, _ := p.Spawn(idler, idler, term.Nil, nil)
		m := p.MonitorProcess(pid, &MonitorOpts{Alias: term.AtomReplyDemonitor})
		p.Send(m, one)
		p.Send(m, two)
		p.HandleSignals()
		found, _ := p.Demonitor(m, DemonitorOpts{})
		log(found)
		d := p.MonitorProcess(pid, &MonitorOpts{Alias: term.AtomDemonitor})
		p.Send(d, one)
		p.Send(d, two)
		p.HandleSignals()
		p.Demonitor(d, DemonitorOpts{})
		p.Send(d, two)
		return true
	}, next, next, next, next, next, next)
	if got != "true false false 1 1 1 1 2 none" {
		t.Error(got)
	}
}

// Rule: register's errors, and the name goes with its process.
func TestRegistry(t *testing.T) {
	sys, f := startFake(t, virtual())
	idler := f.idler()
	foo, bar := term.Intern("foo"), term.Intern("bar")
	var pid term.Term
	got := trace(t, sys, f, func(p *Process, log logf) bool {
		pid, _, _ = p.Spawn(idler, idler, term.Nil, &SpawnOpts{Monitor: &MonitorOpts{}})
		log(sys.Register(foo, pid), sys.Register(foo, p.Pid), sys.Register(bar, pid), sys.Register(term.AtomUndefined, p.Pid),
			sys.Register(bar, term.Pid(999)), sys.Register(bar, term.AtomOk))
		log(sys.Whereis(foo) == pid, sys.Whereis(bar) == term.None, p.Heap.List(sys.Registered()...))
		log(sys.Unregister(bar), sys.Unregister(foo), sys.Register(foo, pid) == RegisterOK)
		p.Exit(pid, term.AtomKill)
		return true
	}, next, func(p *Process, log logf) bool {
		log(sys.Whereis(foo) == term.None, sys.Register(foo, p.Pid) == RegisterOK)
		return true
	})
	if want := "0 1 3 1 2 4 true true [foo] false true true {'DOWN',Ref,process,Pid,killed} true true"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Rule: messages from one process to another arrive in the order they were sent in, on any number of workers.
func TestMessageOrder(t *testing.T) {
	sys, f := startFake(t, scheduler.Config{Workers: 4})
	const senders, each = 8, 3000
	sender := f.define("sender", func(p *Process, args term.Term) step {
		to, id, n := args.Head(), args.Tail().Head(), 0
		return func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
			for range 50 {
				if n == each {
					return scheduler.Exited
				}
				p.Send(to, p.Heap.Tuple(id, term.Int(n)))
				n++
			}
			return scheduler.Yielded
		}
	})
	var last [senders]int
	got, started := 0, false
	do(t, sys, f, func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
		if !started {
			started = true
			for i := range senders {
				p.Spawn(sender, sender, p.Heap.List(p.Pid, term.Int(i)), nil)
			}
		}
		for got < senders*each {
			m, ok := p.PeekMessage()
			if !ok {
				return scheduler.Waiting
			}
			id, n := m.Elem(0).Small(), m.Elem(1).Small()
			if n != last[id] {
				t.Errorf("sender %d: message %d, want %d", id, n, last[id])
				return scheduler.Exited
			}
			last[id]++
			got++
			p.AcceptMessage()
		}
		return scheduler.Exited
	})
}

// Rule: a receive that uses a marker looks only at what came after the marker; other receives see everything.
func TestReceiveMarkers(t *testing.T) {
	sys, f := startFake(t, virtual())
	got := trace(t, sys, f, func(p *Process, log logf) bool {
		for i := range 5 {
			p.Send(p.Pid, term.Int(i))
		}
		m := p.MarkerReserve()
		ref := p.MakeRef()
		p.MarkerBind(m, ref)
		p.Send(p.Pid, p.Heap.Tuple(ref, term.AtomOk))
		p.MarkerUse(ref)
		msg, _ := p.PeekMessage()
		log(normal(p, msg))
		p.AcceptMessage()
		p.MarkerClear(ref)
		msg, _ = p.PeekMessage()
		log(msg)
		for i := range 3 * maxMarkers { // more than there is room for
			r := p.MakeRef()
			p.MarkerBind(p.MarkerReserve(), r)
			if i%3 == 0 {
				p.MarkerClear(r)
			}
		}
		log(p.QueueLen())
		return true
	}, next, next, next, next, next, next)
	if want := "{Ref,ok} 0 5 0 1 2 3 4 none"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Rule: markers that are cleared make room for others, so that one set before them stays; one that lost its place is not bound.
func TestReceiveMarkerPlaces(t *testing.T) {
	sys, f := startFake(t, virtual())
	got := trace(t, sys, f, func(p *Process, log logf) bool {
		outer := p.MakeRef()
		p.MarkerBind(p.MarkerReserve(), outer)
		lost := p.MarkerReserve()
		for range 5 * maxMarkers {
			r := p.MakeRef()
			p.MarkerBind(p.MarkerReserve(), r)
			p.MarkerClear(r)
		}
		log(p.findMarker(outer) != nil)
		for range maxMarkers {
			p.MarkerReserve()
		}
		late := p.MakeRef()
		p.MarkerBind(lost, late)
		log(p.findMarker(late) != nil)
		return true
	})
	if want := "true false"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Rule: timeouts and timers fire in order; cancelled ones do not; a process's own timers end with it.
func TestTimers(t *testing.T) {
	sys, f := startFake(t, virtual())
	ms := int64(1_000_000)
	got := trace(t, sys, f, func(p *Process, log logf) bool {
		now := sys.Sched.Clock.Monotonic()
		p.StartTimer(p.Pid, term.Int(2), now+20*ms, false)
		p.StartTimer(p.Pid, term.Int(1), now+10*ms, true)
		r := p.StartTimer(p.Pid, term.Int(3), now+15*ms, false)
		left, ok := p.ReadTimer(r)
		log(left/ms, ok)
		left, ok = p.CancelTimer(r)
		log(left/ms, ok)
		_, ok = p.CancelTimer(r)
		log(ok)
		log(p.ReceiveTimeout(term.Int(-1)) == RecvBadTimeout, p.ReceiveTimeout(term.AtomOk) == RecvBadTimeout, p.ReceiveTimeout(term.AtomInfinity) == RecvWait)
		return true
	}, next, next, next)
	if want := "15 true 15 true false true true true {timeout,Ref,1} 2 none"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	left := 0
	for i := range sys.bifTimers.shards {
		left += sys.bifTimers.shards[i].n
	}
	if left != 0 {
		t.Errorf("%d timers left", left)
	}
}

// Rule: the dictionary is a map; random operations against Go's.
func TestDictionaryModel(t *testing.T) {
	p := &Process{body: new(body)}
	rng := rand.New(rand.NewPCG(3, 3))
	model := map[int]int{}
	key := func(k int) term.Term {
		if k%2 == 0 {
			return term.Int(k)
		}
		return p.Heap.Tuple(term.AtomOk, term.Int(k))
	}
	for i := range 20000 {
		k := rng.IntN(60)
		want := term.None
		if v, ok := model[k]; ok {
			want = term.Int(v)
		}
		var got term.Term
		switch rng.IntN(3) {
		case 0:
			got = p.PutDict(key(k), term.Int(i))
			model[k] = i
		case 1:
			got = p.GetDict(key(k))
		case 2:
			got = p.EraseDict(key(k))
			delete(model, k)
		}
		if got != want {
			t.Fatalf("step %d key %d: got %s, want %s", i, k, term.Format(got), term.Format(want))
		}
		if len(p.Dict()) != 2*len(model) {
			t.Fatal("size")
		}
	}
	p.Heap.Free()
}

// Rule: pids are not used again soon, and the limit holds.
func TestProcessTable(t *testing.T) {
	var tb table
	tb.init(1024)
	seen := map[term.Term]bool{}
	var live []*Process
	for range 5000 {
		p := &Process{}
		if !tb.insert(p) {
			if len(live) != 1024 {
				t.Fatal("limit reached with", len(live))
			}
			for _, q := range live[:500] {
				tb.remove(q)
				if tb.lookup(q.Pid) != nil {
					t.Fatal("found after removal")
				}
			}
			live = live[500:]
			continue
		}
		if seen[p.Pid] {
			t.Fatal("pid used twice:", term.Format(p.Pid))
		}
		seen[p.Pid] = true
		live = append(live, p)
		if tb.lookup(p.Pid) != p {
			t.Fatal("not found")
		}
	}
}

// Rule: is_process_alive comes after the exit signals sent before it, and process_info answers from a waiting process.
func TestAsk(t *testing.T) {
	sys, f := startFake(t, virtual())
	idler := f.idler()
	var pid term.Term
	var resume BIF
	ask := func(first func(p *Process) term.Term) func(p *Process, log logf) bool {
		return func(p *Process, log logf) bool {
			var r term.Term
			if resume == nil {
				r = first(p)
			} else {
				r = resume(p, nil)
			}
			resume = nil
			if p.Action == ActWait {
				p.Action = ActNone
				resume = p.TakeResume()
				return false
			}
			log(r)
			return true
		}
	}
	got := trace(t, sys, f, func(p *Process, log logf) bool {
		pid, _, _ = p.Spawn(idler, idler, term.Nil, nil)
		return true
	},
		ask(func(p *Process) term.Term { return p.IsProcessAlive(pid) }),
		ask(func(p *Process) term.Term { return p.ProcessInfo(pid, term.AtomStatus) }),
		ask(func(p *Process) term.Term {
			p.Send(pid, term.AtomOk)
			return p.ProcessInfo(pid, p.Heap.List(term.AtomMessageQueueLen, term.AtomMessages, term.AtomPriority))
		}),
		ask(func(p *Process) term.Term { return p.SuspendProcess(pid, false, false, term.None) }),
		ask(func(p *Process) term.Term { return p.ProcessInfo(pid, term.AtomStatus) }),
		ask(func(p *Process) term.Term { p.Resume(pid); return p.ProcessInfo(pid, term.AtomStatus) }),
		ask(func(p *Process) term.Term { p.Exit(pid, term.AtomKill); return p.IsProcessAlive(pid) }),
		ask(func(p *Process) term.Term { return p.ProcessInfo(pid, term.AtomStatus) }))
	// nobody has to wait for the answer about a process that has not run yet
	want := "true {status,runnable} [{message_queue_len,1},{messages,[ok]},{priority,normal}] true {status,suspended} {status,waiting} false undefined"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Rule: under random spawns, links, unlinks, monitors, demonitors, kills, names and suspensions on several workers the relations
// between processes stay consistent and every monitor of a process that ended gives exactly one DOWN.
func TestRandomRelations(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	for seed := range uint64(rounds) {
		sys, f := startFake(t, scheduler.Config{Workers: 4})
		var mu sync.Mutex
		var pids []term.Term
		names := []term.Term{term.Intern("n1"), term.Intern("n2"), term.Intern("n3")}
		pick := func(rng *rand.Rand) term.Term {
			mu.Lock()
			defer mu.Unlock()
			return pids[rng.IntN(len(pids))]
		}
		actor := f.define("actor", nil)
		f.bodies[actor] = func(p *Process, args term.Term) step {
			rng := rand.New(rand.NewPCG(seed, uint64(args.Head().Small())))
			left := 150
			var refs []term.Term
			return func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
				for {
					if _, ok := p.PeekMessage(); !ok {
						break
					}
					p.AcceptMessage()
				}
				for range 5 {
					if left == 0 {
						return scheduler.Waiting
					}
					if p.Dying() {
						return scheduler.Waiting
					}
					left--
					switch rng.IntN(14) {
					case 0:
						var o SpawnOpts
						o.Link = rng.IntN(2) == 0
						if rng.IntN(2) == 0 {
							o.Monitor = &MonitorOpts{}
						}
						mu.Lock()
						room := len(pids) < 300
						mu.Unlock()
						if room {
							pid, _, _ := p.Spawn(actor, actor, p.Heap.List(term.Int(int(rng.Uint32()))), &o)
							mu.Lock()
							pids = append(pids, pid)
							mu.Unlock()
						}
					case 1, 2, 3:
						p.Link(pick(rng))
					case 4, 5:
						p.Unlink(pick(rng))
					case 6, 7:
						refs = append(refs, p.MonitorProcess(pick(rng), nil))
					case 8:
						if len(refs) > 0 {
							i := rng.IntN(len(refs))
							p.Demonitor(refs[i], DemonitorOpts{Flush: rng.IntN(2) == 0})
							refs = append(refs[:i], refs[i+1:]...)
						}
					case 9:
						p.Exit(pick(rng), []term.Term{term.AtomNormal, term.AtomKill, term.Intern("boo")}[rng.IntN(3)])
					case 10:
						p.SetTrapExit(rng.IntN(4) != 0)
					case 11:
						if n := names[rng.IntN(3)]; rng.IntN(2) == 0 {
							sys.Register(n, pick(rng))
						} else {
							sys.Unregister(n)
						}
					case 12:
						if to := pick(rng); to != p.Pid {
							p.Suspend(to, nil)
							p.Resume(to)
						}
					case 13:
						p.Send(pick(rng), p.Heap.List(p.Pid))
					}
				}
				return scheduler.Yielded
			}
		}
		for i := range 40 {
			pid, _ := sys.Spawn(actor, actor, term.NewArena().List(term.Int(i)), nil)
			mu.Lock()
			pids = append(pids, pid)
			mu.Unlock()
		}
		deadline := time.Now().Add(20 * time.Second)
		for checks := 0; ; checks++ {
			quiet := sys.Sched.Quiet()
			var problems []string
			sys.Sched.Quiesce(nil, func() { problems = sys.Check() })
			if len(problems) > 0 {
				t.Fatalf("seed %d, check %d: %s", seed, checks, strings.Join(problems, "\n"))
			}
			if quiet {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("seed %d: does not come to rest", seed)
			}
			time.Sleep(time.Millisecond)
		}
		sys.Sched.Stop()
	}
}

// Rule: what an idle process costs in Go's memory is bounded (DESIGN section 1 promises about 1 KiB with heap and stack).
func TestProcessSize(t *testing.T) {
	if n := reflect.TypeFor[Process]().Size(); n > 112 {
		t.Errorf("a Process has %d bytes", n)
	}
	if n := reflect.TypeFor[body]().Size(); n > 352 {
		t.Errorf("its body has %d bytes", n)
	}
	if n := reflect.TypeFor[extra]().Size(); n > 512 {
		t.Errorf("extra has %d bytes", n)
	}
}
