package scheduler

import (
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Worker is one of the scheduler's threads of execution. Tasks get the worker that they
// run on; its methods may only be called by the running task unless they say otherwise.
type Worker struct {
	ID    int
	Local any // machine context of package eval
	Sched *Scheduler

	// Reductions is the number of reductions that tasks have used on this worker. Run adds to it.
	Reductions uint64

	current *Node
	budget  int // of the slice that runs
	// nextNode is the task that was made ready last but not queued: it runs next
	// if nothing else is queued, without any lock. Nobody can steal it; it is
	// there for at most one slice.
	nextNode *Node
	// nextHeld: it is this worker's already (state Running or RunningReady), as LetGo has left it. That saves two locked instructions for each
	// message that wakes somebody.
	nextHeld bool
	// holdsNone: nothing is held, since a Ready from outside would then count as one more slice, and a run could not be replayed.
	holdsNone bool

	mu     sync.Mutex
	q      queue
	queued atomic.Int32 // q.n, to be read without the lock

	wake  chan struct{}
	timer *time.Timer
	wheel wheel

	tick     uint32 // slices, for everything that is not done every time
	surplus  uint32 // consecutive slices at whose start somebody else could have had work
	lastLook int64  // when the clock was read last

	stats  workerStats
	micro  microTimes
	isAway atomic.Bool // it is not online
}

// surplusSlices is how many slices in a row must leave work over before a sleeping
// worker is woken for it. Waking costs some microseconds on both sides: a
// pair of processes that talk to each other is better off on one worker.
const surplusSlices = 4

// lookEvery is the number of slices between two looks at the clock.
const lookEvery = 16

// reductionTime is how many nanoseconds of virtual time a reduction takes in a run with a policy, counted when a slice is
// used up: a program that polls the clock gets on.
const reductionTime = 100

// goschedAfter is how long, in nanoseconds, a worker keeps Go's own scheduler waiting. Other goroutines (blocking work,
// the network) would starve otherwise while as many workers as processors are busy. With a processor free they find it themselves, and giving way
// would wake an idle thread each time, only for it to find nothing.
const goschedAfter = 200_000

// Ready is Scheduler.Ready for the task that runs on w.
func (w *Worker) Ready(n *Node) {
	if n.wake() {
		w.push(n)
	}
}

// Seize takes a task that sleeps or waits in a run queue: until LetGo nobody runs it or does errands for it, so the caller may change
// what belongs to it. False: it runs, or somebody else has it. A task must not be kept for longer than some instructions.
func (w *Worker) Seize(n *Node) bool {
	if w.nextHeld && w.nextNode == n {
		return true
	}
	old := n.state.Load()
	to := Running
	switch State(old & stateMask) {
	case Idle:
	case Queued:
		to = Borrowed
	default:
		return false
	}
	return n.state.CompareAndSwap(old, old&^stateMask|uint32(to))
}

// LetGo ends that. A task that slept goes on sleeping unless it is wanted to run, or was made ready meanwhile.
func (w *Worker) LetGo(n *Node, run bool) {
	if w.nextNode == n {
		if w.nextHeld {
			return // it runs next anyway
		}
	} else if run && w.nextNode == nil && !w.holdsNone {
		if st := n.state.Load(); State(st&stateMask) == Running && Priority(st>>prioShift) == Normal {
			w.nextNode, w.nextHeld = n, true
			return
		}
	}
	for {
		old := n.state.Load()
		to, push := Queued, false
		switch State(old & stateMask) {
		case Running:
			if push = run; !run {
				to = Idle
			}
		case RunningReady, BorrowedTaken:
			push = true
		}
		if n.state.CompareAndSwap(old, old&^stateMask|uint32(to)) {
			if push {
				w.push(n)
			}
			return
		}
	}
}

// Launch lets a task run that was held.
func (w *Worker) Launch(n *Node) {
	if w.nextNode == nil && n.Priority() == Normal && !w.holdsNone {
		w.nextNode, w.nextHeld = n, true
		return
	}
	n.setState(Queued)
	w.push(n)
}

// push queues a node whose state is Queued already.
func (w *Worker) push(n *Node) {
	old := w.nextNode
	if old == nil && n.Priority() == Normal {
		w.nextNode = n
		return
	}
	w.mu.Lock()
	if old != nil {
		w.takeNext()
		w.q.push(old)
	}
	w.q.push(n)
	w.queued.Store(int32(w.q.n))
	w.mu.Unlock()
}

// takeNext empties the place of the next task, which goes to a queue.
func (w *Worker) takeNext() {
	if w.nextHeld {
		w.nextHeld = false
		w.nextNode.setState(Queued)
	}
	w.nextNode = nil
}

// Others reports whether other tasks wait for this worker.
func (w *Worker) Others() bool { return w.queued.Load() > 0 || w.nextNode != nil }

// Now reads the clock.
func (w *Worker) Now() int64 { return w.Sched.Clock.Monotonic() }

func (w *Worker) main() {
	defer w.Sched.wg.Done()
	debug.SetPanicOnFault(true)
	w.stats.start(w.Now())
	w.Sched.stop.enter(w.Sched)
	for !w.run() {
	}
	w.Sched.stop.leave()
}

// run runs tasks until the scheduler stops (true) or a task panics (false).
func (w *Worker) run() (stopped bool) {
	defer func() {
		if v := recover(); v != nil {
			n := w.current
			if n == nil {
				panic(v) // not a task's fault
			}
			w.finish(n, n.task.Panicked(w, v, debug.Stack()))
		}
	}()
	s := w.Sched
	for {
		if s.Policy != nil {
			s.pool.settle()
			if s.Journal != nil {
				s.Journal.boundary(w)
				w.look() // timers are due at the same places in each run
			}
		}
		n, held := w.next()
		if n == nil {
			if !w.findWork() {
				return true
			}
			continue
		}
		if !held && !n.claim() {
			continue
		}
		if s.Journal != nil {
			s.Journal.ran()
		}
		w.current = n
		w.budget = Budget
		if s.Policy != nil {
			w.budget = s.Policy.Budget()
		}
		if s.micro.on.Load() {
			w.finish(n, w.runMicro(n))
			continue
		}
		w.finish(n, n.task.Run(w, w.budget))
	}
}

// finish deals with the outcome of a slice.
func (w *Worker) finish(n *Node, o Outcome) {
	w.current = nil
	w.tick++
	switch o {
	case Waiting:
		if !n.sleep() {
			w.push(n)
		}
	case Yielded:
		n.setState(Queued)
		w.push(n)
		if s := w.Sched; s.virtual != nil && s.Policy != nil {
			s.virtual.Advance(s.virtual.Monotonic() + int64(w.budget)*reductionTime)
		}
		w.look()
	case Exited:
		n.setState(Done)
	}
}

// look does what needs the clock: timers, and giving way to other goroutines.
func (w *Worker) look() {
	now := w.Now()
	s := w.Sched
	if s.nextTimer() <= now {
		s.fireTimers(w, now)
	}
	if now-w.lastLook > goschedAfter {
		w.lastLook = now
		w.stats.publish(w)
		if len(s.workers)-int(s.idle.Load()) >= s.procs {
			runtime.Gosched()
		}
	}
}

// next takes the next task of this worker's own, nil if there is none; held: it need not be claimed.
func (w *Worker) next() (n *Node, held bool) {
	s := w.Sched
	if a := s.attention.Load(); a != 0 {
		if !w.attend(a) {
			return nil, false
		}
	}
	if w.tick%lookEvery == 0 {
		w.tick++
		w.look()
	}
	n = w.nextNode
	if w.queued.Load() == 0 {
		held = w.nextHeld
		w.nextNode, w.nextHeld = nil, false
		w.surplus = 0
		return n, held
	}
	w.mu.Lock()
	if n != nil {
		w.takeNext()
		w.q.push(n)
	}
	if s.Policy != nil {
		n = w.q.pick(s.Policy)
	} else {
		n = w.q.pop()
	}
	left := w.q.n
	w.queued.Store(int32(left))
	w.mu.Unlock()
	if left == 0 {
		w.surplus = 0
	} else if w.surplus++; w.surplus >= surplusSlices && s.idle.Load() > 0 {
		w.surplus = 0
		s.wakeOne()
	}
	return n, false
}

// attend does what others ask of the workers; false when the scheduler stops.
func (w *Worker) attend(a uint32) bool {
	s := w.Sched
	if s.stopping.Load() {
		return false
	}
	if a&attStop != 0 {
		s.stop.leave()
		s.stop.enter(s)
	}
	if a&attOnline != 0 && !w.offline() {
		return false
	}
	if a&attInject != 0 {
		s.takeInjected(w)
	}
	return true
}

// ---- out of work --------------------------------------------------------------------

// spins is how often an idle worker looks around before it parks.
const spins = 30

// findWork is called when the worker's own queue is empty. It steals, or parks until there may be work.
// It gives false when the scheduler stops.
func (w *Worker) findWork() bool {
	s := w.Sched
	if s.stopping.Load() {
		return false
	}
	w.stats.publish(w)
	s.idle.Add(1)
	found := false
	for i := 0; i < spins && !found; i++ {
		found = w.steal() || s.attention.Load()&^attOnline != 0
	}
	if !found {
		w.parks()
		s.stop.leave()
		w.park()
		s.stop.enter(s)
		w.stats.idleFor(w.unparks())
	}
	s.idle.Add(-1)
	if now := w.Now(); s.nextTimer() <= now {
		s.fireTimers(w, now)
	}
	return true
}

// steal takes half of another worker's queue.
func (w *Worker) steal() bool {
	s := w.Sched
	n := len(s.workers)
	for i := 1; i < n; i++ {
		v := s.workers[(w.ID+i)%n]
		if v.queued.Load() == 0 {
			continue
		}
		var got queue
		v.mu.Lock()
		v.q.moveTo(&got, min((v.q.n+1)/2, 128))
		v.queued.Store(int32(v.q.n))
		v.mu.Unlock()
		if got.n == 0 {
			continue
		}
		w.stats.steals++
		w.mu.Lock()
		got.moveTo(&w.q, got.n)
		w.queued.Store(int32(w.q.n))
		w.mu.Unlock()
		return true
	}
	return false
}

// anyWork reports whether some queue has a task.
func (s *Scheduler) anyWork() bool {
	if s.attention.Load()&^attOnline != 0 {
		return true
	}
	for _, w := range s.workers {
		if w.queued.Load() > 0 {
			return true
		}
	}
	return false
}

// park sleeps until notify or, for the one worker that watches the timers, until the next timer.
// Who makes work visible looks at the list of parked workers afterwards, and a worker looks for work after it has put
// itself on that list, so no wake-up is lost.
func (w *Worker) park() {
	s := w.Sched
	s.parkMu.Lock()
	s.parked = append(s.parked, w)
	if s.anyWork() || s.stopping.Load() {
		s.unpark(w)
		s.parkMu.Unlock()
		return
	}
	if len(s.parked)+int(s.offline.Load()) >= len(s.workers) && s.allQuiet(w) {
		return // allQuiet has unlocked
	}
	deadline := s.nextTimer()
	// Virtual time passes like real time while something outside may still come.
	timed := (s.virtual == nil || s.pending() > 0 && !(s.Journal != nil && s.Journal.Replaying())) && deadline != never && (s.leader == nil || s.leadAt > deadline)
	if timed {
		s.leader, s.leadAt = w, deadline
	}
	s.parkMu.Unlock()
	if !timed {
		<-w.wake
		return
	}
	from := w.Now()
	d := time.Duration(deadline - from)
	if d > 0 {
		if s.virtual != nil {
			defer func(began time.Time) {
				s.virtual.Advance(from + min(int64(time.Since(began)), (deadline+Tick-1)/Tick*Tick-from))
				if s.Journal != nil {
					s.Journal.passed(w.Now())
				}
			}(time.Now())
		}
		if w.timer == nil {
			w.timer = time.NewTimer(d)
		} else {
			w.timer.Reset(d)
		}
		select {
		case <-w.wake:
			w.timer.Stop()
			return
		case <-w.timer.C:
		}
	}
	s.parkMu.Lock()
	mine := s.unpark(w)
	s.parkMu.Unlock()
	if !mine {
		<-w.wake // somebody took us off the list: its token is on the way
	}
}

// allQuiet is called with parkMu held by the last worker that parks. It moves virtual time
// or reports a deadlock; true means that it did something (parkMu is unlocked then) and the worker must look again.
func (s *Scheduler) allQuiet(w *Worker) bool {
	if s.pending() > 0 {
		return false
	}
	if s.timersPending() > 0 {
		s.deadTold.Store(false)
		if s.virtual == nil {
			return false
		}
		s.unpark(w)
		s.parkMu.Unlock()
		if next := s.nextTimer(); next != never {
			s.virtual.Advance((next + Tick - 1) / Tick * Tick)
		}
		return true
	}
	if s.onDead == nil || s.deadTold.Load() {
		return false
	}
	s.deadTold.Store(true)
	s.unpark(w)
	s.parkMu.Unlock()
	// From here on without the lock: both may stop the scheduler.
	if s.Journal == nil || !s.Journal.stuck() {
		s.onDead()
	}
	return true
}

func (w *Worker) notify() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
