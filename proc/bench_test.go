package proc

import (
	"testing"

	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// One process spawns another, which sends it a message and exits.
func BenchmarkSpawnMessageExit(b *testing.B) {
	sys, f := startFake(b, scheduler.Config{})
	child := f.define("child", func(p *Process, args term.Term) step {
		return func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
			p.Send(args.Head(), term.AtomOk)
			return scheduler.Exited
		}
	})
	n := 0
	b.ReportAllocs()
	do(b, sys, f, func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
		if _, ok := p.PeekMessage(); ok {
			p.AcceptMessage()
			p.Heap.Free()
		} else if n > 0 {
			return scheduler.Waiting
		}
		if n == b.N {
			return scheduler.Exited
		}
		n++
		p.Spawn(child, child, p.Heap.List(p.Pid), nil)
		return scheduler.Waiting
	})
}

// A token goes round a ring of 100 processes.
func BenchmarkRingHop(b *testing.B) {
	sys, f := startFake(b, scheduler.Config{})
	left := b.N
	done := make(chan struct{})
	member := f.define("member", func(p *Process, args term.Term) step {
		next := term.None
		return func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
			for {
				m, ok := p.PeekMessage()
				if !ok {
					return scheduler.Waiting
				}
				p.AcceptMessage()
				if m.IsPid() {
					next = m
					continue
				}
				left--
				if left == 0 {
					close(done)
				}
				if left > 0 {
					p.Heap.Free()
					p.Send(next, p.Heap.Tuple(term.AtomOk, term.Int(left)))
				}
			}
		}
	})
	var pids []term.Term
	for range 100 {
		pid, _ := sys.Spawn(member, member, term.Nil, nil)
		pids = append(pids, pid)
	}
	for i, pid := range pids {
		sys.SendTo(nil, pid, pids[(i+1)%len(pids)])
	}
	b.ReportAllocs()
	b.ResetTimer()
	sys.SendTo(nil, pids[0], term.AtomOk)
	<-done
}

// Ten processes flood one.
func BenchmarkManyToOne(b *testing.B) {
	sys, f := startFake(b, scheduler.Config{})
	sender := f.define("sender", func(p *Process, args term.Term) step {
		to, n := args.Head(), args.Tail().Head().Small()
		return func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
			for range 100 {
				if n == 0 {
					return scheduler.Exited
				}
				n--
				p.Send(to, term.Int(n))
			}
			return scheduler.Yielded
		}
	})
	got, want := 0, b.N/10*10
	started := false
	b.ReportAllocs()
	do(b, sys, f, func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
		if !started {
			started = true
			for range 10 {
				p.Spawn(sender, sender, p.Heap.List(p.Pid, term.Int(b.N/10)), nil)
			}
		}
		for got < want {
			if _, ok := p.PeekMessage(); !ok {
				return scheduler.Waiting
			}
			p.AcceptMessage()
			got++
		}
		return scheduler.Exited
	})
}

func BenchmarkReceiveTimerSetCancel(b *testing.B) {
	sys, f := startFake(b, scheduler.Config{})
	do(b, sys, f, func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
		for range b.N {
			p.ReceiveTimeout(term.Int(5000))
			p.CancelReceiveTimer()
		}
		return scheduler.Exited
	})
}

func BenchmarkSendAfterCancel(b *testing.B) {
	sys, f := startFake(b, scheduler.Config{})
	do(b, sys, f, func(p *Process, w *scheduler.Worker, _ int) scheduler.Outcome {
		for range b.N {
			r := p.StartTimer(p.Pid, term.AtomOk, w.Now()+5_000_000_000, false)
			p.CancelTimer(r)
			p.Heap.Free()
		}
		return scheduler.Exited
	})
}
