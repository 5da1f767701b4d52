package proc

import (
	"testing"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// sleepers gives a sender and a receiver that sleeps in a receive, with room on its heap. The scheduler does not run.
func sleepers(t *testing.T) (sys *System, p, q *Process) {
	t.Helper()
	sys = NewSystem(Config{Machine: newFake(), Scheduler: scheduler.Config{Workers: 1}})
	made := func() *Process {
		p, e := sys.newProcess(nil, nil)
		if e != SpawnOK {
			t.Fatal("no process")
		}
		p.Heap.Begin(1000)
		p.w = sys.Sched.Workers()[0]
		return p
	}
	p, q = made(), made()
	q.phase = waiting
	q.w.LetGo(&q.Node, false)
	return sys, p, q
}

func numbered(p *Process, i int) term.Term {
	return p.Heap.Tuple(term.AtomOk, term.Int(i), p.Heap.List(term.Int(i)), p.MakeRef())
}

// Rule: some messages to a process that sleeps or is queued go straight to its heap, all further ones the usual way, in order.
func TestMessagesHandedOver(t *testing.T) {
	_, p, q := sleepers(t)
	for i := range 3 * len(q.box.direct) {
		p.Send(q.Pid, numbered(p, i))
		if straight := q.incoming.Load() == nil; straight != (i < len(q.box.direct)) {
			t.Errorf("message %d goes straight to the heap: %v", i, straight)
		}
		if !p.w.Others() {
			t.Error("the receiver does not run next")
		}
	}
	if n := len(q.AppendRoots(nil)); n != len(q.box.direct) {
		t.Errorf("%d messages are roots", n)
	}
	for i := range 3 * len(q.box.direct) {
		m, ok := q.PeekMessage()
		if !ok || m.Elem(1) != term.Int(i) || m.Elem(2).Head() != term.Int(i) {
			t.Fatalf("message %d is %s", i, term.Format(m))
		}
		q.AcceptMessage()
	}
	if n := len(q.AppendRoots(nil)); n != 0 {
		t.Errorf("%d roots are left", n)
	}
}

// Rule: messages on the heap survive a collection wherever the receive stands, and are forgotten when they are taken.
func TestHandedOverMessagesAreRoots(t *testing.T) {
	for skipped := range 3 {
		_, p, q := sleepers(t)
		for i := range 3 {
			p.Send(q.Pid, numbered(p, i))
		}
		for range skipped {
			q.PeekMessage()
			q.NextMessage()
		}
		q.PeekMessage()
		q.AdoptCurrent()
		q.Heap.Collect(10, term.Roots{Extra: visitor{q}}, false)
		q.ResetReceive()
		for i := range 3 {
			m, ok := q.PeekMessage()
			if !ok || m.Elem(1) != term.Int(i) || m.Elem(2).Head() != term.Int(i) || !m.Elem(3).IsRef() {
				t.Fatalf("message %d is %s", i, term.Format(m))
			}
			q.AcceptMessage()
		}
		if n := len(q.AppendRoots(nil)); n != 0 {
			t.Errorf("%d roots are left", n)
		}
	}
}

// visitor passes a process's roots to the collector.
type visitor struct{ p *Process }

func (v visitor) VisitRoots(c *term.Collector) {
	for _, r := range v.p.AppendRoots(nil) {
		c.Roots(r)
	}
}

// Rule: a message takes the usual way when the receiver is not simply asleep in a receive, or it is large.
func TestMessagesNotHandedOver(t *testing.T) {
	for name, prepare := range map[string]func(p, q *Process){
		"signals wait":  func(p, q *Process) { p.Sys.sendExit(p.w, p.Pid, q, term.AtomNormal) },
		"within a BIF":  func(p, q *Process) { q.M.Catches = 1 },
		"suspended":     func(p, q *Process) { q.suspended = true },
		"works aside":   func(p, q *Process) { q.ext().aside = &aside{} },
		"traced":        func(p, q *Process) { q.tr.Store(new(traced)) },
		"runs":          func(p, q *Process) { q.InitHeld(q, scheduler.Normal) },
		"has no memory": func(p, q *Process) { q.Heap.Htop = q.Heap.E - term.StackReserve*term.WordBytes },
	} {
		_, p, q := sleepers(t)
		prepare(p, q)
		before := q.incoming.Load()
		p.deliver(q, numbered(p, 1), nil)
		if q.incoming.Load() == before || q.box.n != 0 {
			t.Errorf("%s: the message does not take the usual way", name)
		}
	}
	_, p, q := sleepers(t)
	large := term.Nil
	for i := range directWords {
		large = p.Heap.Cons(term.Int(i), large)
	}
	htop := q.Heap.Htop
	p.Send(q.Pid, large)
	if q.incoming.Load() == nil || q.Heap.Htop != htop {
		t.Error("a large message is copied to the heap")
	}
}

// Rule: monitors of a process that sleeps are set up and end without waking it, and an answer through an alias ends both at once.
func TestMonitorsAtOnce(t *testing.T) {
	_, p, q := sleepers(t)
	ref := p.MonitorProcess(q.Pid, nil)
	if q.State() != scheduler.Idle || q.x.monitored.len() != 1 {
		t.Errorf("state %d, %d watchers", q.State(), q.x.monitored.len())
	}
	if found, _ := p.Demonitor(ref, DemonitorOpts{}); !found || q.x.monitored.len() != 0 || q.State() != scheduler.Idle {
		t.Errorf("state %d, %d watchers", q.State(), q.x.monitored.len())
	}
	// q calls p: it sleeps while p answers.
	q.InitHeld(q, scheduler.Normal)
	ref = q.MonitorProcess(p.Pid, &MonitorOpts{Alias: term.AtomReplyDemonitor})
	p.HandleSignals()
	if p.x.monitored.len() != 1 {
		t.Fatal("no monitor")
	}
	q.w.LetGo(&q.Node, false)
	for range 2 { // the second answer is late
		p.Send(ref, numbered(p, 7))
		if p.x.monitored.len() != 0 || q.x.monitors.len() != 0 || q.x.aliases.len() != 0 || q.box.n != 1 || p.incoming.Load() != nil {
			t.Errorf("%d watchers, %d monitors, %d aliases, %d messages", p.x.monitored.len(), q.x.monitors.len(), q.x.aliases.len(), q.box.n)
		}
	}
}
