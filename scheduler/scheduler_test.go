package scheduler

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fn is a task that calls a function.
type fn struct {
	Node
	f func(w *Worker, budget int) Outcome
	p func(v any) Outcome
}

func (t *fn) Run(w *Worker, budget int) Outcome { return t.f(w, budget) }
func (t *fn) Panicked(_ *Worker, v any, _ []byte) Outcome {
	if t.p != nil {
		return t.p(v)
	}
	panic(v)
}

func task(prio Priority, f func(w *Worker, budget int) Outcome) *fn {
	t := &fn{f: f}
	t.Init(t, prio)
	return t
}

func start(t testing.TB, c Config) *Scheduler {
	s := New(c)
	s.Start()
	t.Cleanup(s.Stop)
	return s
}

func wait(t testing.TB, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: nothing happens any more", what)
	}
}

// Rule: a Ready is never lost, whatever the task is doing when it comes.
func TestNoLostWakeUps(t *testing.T) {
	s := start(t, Config{Workers: 4})
	const tasks, hops = 50, 20000
	var left atomic.Int64
	left.Store(hops)
	done := make(chan struct{})
	type cell struct {
		inbox atomic.Int64
		task  *fn
	}
	cells := make([]*cell, tasks)
	for i := range cells {
		c := &cell{}
		cells[i] = c
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		c.task = task(Normal, func(w *Worker, _ int) Outcome {
			for c.inbox.Load() > 0 {
				c.inbox.Add(-1)
				if left.Add(-1) == 0 {
					close(done)
					return Waiting
				}
				to := cells[rng.IntN(tasks)]
				to.inbox.Add(1)
				w.Ready(&to.task.Node)
				if rng.IntN(3) == 0 {
					return Waiting // although there may be more: then a Ready has come meanwhile, or comes
				}
			}
			return Waiting
		})
	}
	// A task that went to sleep with a full inbox is woken from outside now and then.
	for i := range 20 {
		cells[i].inbox.Add(1)
		s.Ready(&cells[i].task.Node)
	}
	stop := time.After(20 * time.Second)
	for {
		select {
		case <-done:
			return
		case <-stop:
			t.Fatalf("%d hops left", left.Load())
		default:
			for _, c := range cells {
				s.Ready(&c.task.Node)
			}
			runtime.Gosched()
		}
	}
}

// Rule: two tasks that wake each other go on for ever although both sleep after each step, on any number of workers
// and without anybody's help.
func TestPingPong(t *testing.T) {
	for workers := 1; workers <= 4; workers++ {
		s := start(t, Config{Workers: workers})
		done := make(chan struct{})
		var turns [2]atomic.Int64
		var tasks [2]*fn
		for i := range 2 {
			tasks[i] = task(Normal, func(w *Worker, _ int) Outcome {
				if turns[i].Load() == 0 {
					return Waiting
				}
				n := turns[i].Swap(0)
				if n == 100000 {
					close(done)
					return Waiting
				}
				turns[1-i].Store(n + 1)
				w.Ready(&tasks[1-i].Node)
				return Waiting
			})
		}
		turns[0].Store(1)
		s.Ready(&tasks[0].Node)
		wait(t, fmt.Sprint(workers, " workers"), done)
	}
}

// Rule: max before high before normal; one of eight choices goes to low.
func TestPriorities(t *testing.T) {
	s := New(Config{Workers: 1})
	var order []string
	done := make(chan struct{})
	for _, p := range []Priority{Low, Normal, High, Max} {
		name := "lnhM"[p : p+1]
		for range 16 {
			s.Ready(&task(p, func(*Worker, int) Outcome {
				order = append(order, name)
				if len(order) == 64 {
					close(done)
				}
				return Exited
			}).Node)
		}
	}
	s.Start()
	defer s.Stop()
	wait(t, "priorities", done)
	want := strings.Repeat("M", 16) + strings.Repeat("h", 16) + "nnnnnnnlnnnnnnnlnn" + strings.Repeat("l", 14)
	if got := strings.Join(order, ""); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Rule: work that one worker has too much of is done by others.
func TestStealing(t *testing.T) {
	s := start(t, Config{Workers: 2})
	var by [2]atomic.Int64
	var wg sync.WaitGroup
	wg.Add(200)
	s.Ready(&task(Normal, func(w *Worker, _ int) Outcome {
		for range 200 {
			w.Ready(&task(Normal, func(w *Worker, _ int) Outcome {
				by[w.ID].Add(1)
				time.Sleep(200 * time.Microsecond)
				wg.Done()
				return Exited
			}).Node)
		}
		return Exited
	}).Node)
	wg.Wait()
	if by[0].Load() < 20 || by[1].Load() < 20 {
		t.Errorf("shared badly: %d and %d", by[0].Load(), by[1].Load())
	}
}

// Rule: while Quiesce runs its function no task runs.
func TestQuiesce(t *testing.T) {
	s := start(t, Config{Workers: 3})
	var running atomic.Int64
	var stop atomic.Bool
	var wg sync.WaitGroup
	var calls atomic.Int64
	check := func(self int64) func() {
		return func() {
			calls.Add(1)
			for range 100 {
				if n := running.Load(); n != self {
					t.Errorf("%d tasks run", n)
				}
			}
		}
	}
	for i := range 6 {
		wg.Add(1)
		s.Ready(&task(Normal, func(w *Worker, _ int) Outcome {
			if stop.Load() {
				wg.Done()
				return Exited
			}
			running.Add(1)
			time.Sleep(10 * time.Microsecond)
			running.Add(-1)
			if i == 0 {
				s.Quiesce(w, check(0))
			}
			return Yielded
		}).Node)
	}
	for calls.Load() < 100 {
		s.Quiesce(nil, check(0))
	}
	stop.Store(true)
	wg.Wait()
}

// Rule: a panic ends the task's slice with the outcome that Panicked gives; the worker lives on.
func TestPanic(t *testing.T) {
	s := start(t, Config{Workers: 1})
	done := make(chan struct{})
	bad := task(Normal, func(*Worker, int) Outcome { panic("oops") })
	var got any
	bad.p = func(v any) Outcome { got = v; return Exited }
	s.Ready(&bad.Node)
	s.Ready(&task(Normal, func(*Worker, int) Outcome { close(done); return Exited }).Node)
	wait(t, "after a panic", done)
	if got != "oops" || bad.State() != Done {
		t.Error(got, bad.State())
	}
}

// Rule: when all tasks wait and nothing can wake one, OnDeadlock is called, and not before blocking work is done.
func TestDeadlock(t *testing.T) {
	dead := make(chan struct{}, 10)
	s := start(t, Config{Workers: 2, OnDeadlock: func() { dead <- struct{}{} }})
	<-dead // nothing to do at all
	var worked atomic.Bool
	waiting := task(Normal, func(*Worker, int) Outcome { return Waiting })
	s.Blocking(func() {
		time.Sleep(30 * time.Millisecond)
		worked.Store(true)
		s.Ready(&waiting.Node)
	})
	s.Ready(&waiting.Node)
	select {
	case <-dead:
		if !worked.Load() {
			t.Error("deadlock reported while blocking work was under way")
		}
	case <-time.After(10 * time.Second):
		t.Error("deadlock not reported")
	}
}

// Rule: virtual time jumps over waiting and timers fire in order.
func TestVirtualTime(t *testing.T) {
	s := New(Config{Workers: 1, Clock: NewVirtualClock(0)})
	done := make(chan struct{})
	var at []int64
	for _, ms := range []int64{86_400_000, 5, 70_000, 1} {
		tm := &wakeTimer{}
		first := true
		tm.task = task(Normal, func(w *Worker, _ int) Outcome {
			if first {
				first = false
				s.After(w, &tm.Timer, tm, ms*Tick)
				return Waiting
			}
			at = append(at, w.Now()/Tick)
			if len(at) == 4 {
				close(done)
			}
			return Exited
		})
		s.Ready(&tm.task.Node)
	}
	s.Start()
	defer s.Stop()
	begin := time.Now()
	wait(t, "virtual time", done)
	if fmt.Sprint(at) != "[1 5 70000 86400000]" || time.Since(begin) > 5*time.Second {
		t.Error(at, time.Since(begin))
	}
}

type wakeTimer struct {
	Timer
	task *fn
}

func (t *wakeTimer) Expire(_ *Timer, w *Worker) {
	if w == nil {
		panic("timer fired outside of a worker")
	}
	w.Ready(&t.task.Node)
}

// Rule: real timers fire, not early, also when all workers sleep and when all are busy.
func TestRealTimers(t *testing.T) {
	for _, busy := range []bool{false, true} {
		s := start(t, Config{Workers: 2})
		var stop atomic.Bool
		if busy {
			for range 2 {
				s.Ready(&task(Normal, func(*Worker, int) Outcome {
					for i := 0; i < 20000; i++ {
						_ = i
					}
					if stop.Load() {
						return Exited
					}
					return Yielded
				}).Node)
			}
		}
		var wg sync.WaitGroup
		for _, ms := range []int64{1, 3, 20, 20, 35} {
			wg.Add(1)
			tm := &wakeTimer{}
			first := true
			var began time.Time
			tm.task = task(Normal, func(w *Worker, _ int) Outcome {
				if first {
					first = false
					began = time.Now()
					s.After(w, &tm.Timer, tm, ms*Tick)
					return Waiting
				}
				if d := time.Since(began); d < time.Duration(ms)*time.Millisecond {
					t.Errorf("%d ms fired after %v", ms, d)
				}
				wg.Done()
				return Exited
			})
			s.Ready(&tm.task.Node)
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		wait(t, fmt.Sprint("timers, busy ", busy), done)
		stop.Store(true)
	}
}

// Rule: the same seed gives the same order of slices, another seed another one.
func TestSeeded(t *testing.T) {
	run := func(seed uint64) string {
		s := New(Config{Policy: NewSeeded(seed), Clock: NewVirtualClock(0)})
		var log strings.Builder
		done := make(chan struct{})
		left := 5
		for i := range 5 {
			n := 0
			s.Ready(&task(Normal, func(w *Worker, budget int) Outcome {
				fmt.Fprint(&log, i, ":", budget, " ")
				if n++; n == 10 {
					if left--; left == 0 {
						close(done)
					}
					return Exited
				}
				return Yielded
			}).Node)
		}
		s.Start()
		wait(t, "seeded", done)
		s.Stop()
		return log.String()
	}
	if first, again := run(1), run(1); first != again {
		t.Error("the same seed gave different runs")
	}
	if run(1) == run(2) {
		t.Error("different seeds gave the same run")
	}
}
