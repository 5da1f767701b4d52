package scheduler

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Config says how a Scheduler is built. The zero value gives one worker a core, the real clock and the default policy.
type Config struct {
	Workers int // 0: GOMAXPROCS; a Policy forces 1
	Clock   Clock
	Policy  Policy
	// Journal, with a Policy, records what comes from outside, or replays it. nil: neither.
	Journal *Journal
	// MaxBlocking bounds the goroutines that Blocking uses at the same time; 0 means 1024.
	MaxBlocking int
	// OnDeadlock is called when every task waits and nothing can wake one: no timer, no blocking
	// work, no external source. It may make tasks ready or stop the scheduler. It is called on a
	// worker and once for each time this state is entered.
	OnDeadlock func()
}

// Scheduler runs tasks. All methods may be called from any goroutine unless they say otherwise.
type Scheduler struct {
	Clock  Clock
	Policy Policy
	// Journal is nil unless the run is recorded or replayed.
	Journal *Journal

	workers []*Worker
	procs   int           // processors that Go uses
	virtual *VirtualClock // Clock, if it is a virtual one

	// attention is what workers look at between slices: attStop and attInject.
	attention atomic.Uint32
	idle      atomic.Int32 // workers that look for work or are parked

	injectMu sync.Mutex
	inject   queue // tasks made ready by others than workers

	parkMu sync.Mutex
	parked []*Worker // last in, first out: the warmest is woken first
	leader *Worker   // the parked worker that sleeps until leaderAt for the timers
	leadAt int64

	online    onlineState
	offline   atomic.Int32 // workers that are not online and wait
	stop      stopState
	stopping  atomic.Bool
	wg        sync.WaitGroup
	outside   wheel
	pool      pool
	compute   pool
	micro     microState
	onDead    func()
	deadTold  atomic.Bool // until something is made ready from outside
	startedAt int64
}

const (
	attStop    = 1 << iota // somebody waits in Quiesce, or the scheduler stops
	attInject              // the inject queue is not empty
	attOnline              // not all workers are online
	attJournal             // something from outside waits to be taken in
)

// New builds a scheduler; Start lets it run.
func New(c Config) *Scheduler {
	s := &Scheduler{Clock: c.Clock, Policy: c.Policy, onDead: c.OnDeadlock}
	if c.Policy != nil {
		s.Journal = c.Journal
	}
	if s.Clock == nil {
		s.Clock = NewRealClock()
	}
	s.virtual, _ = s.Clock.(*VirtualClock)
	s.procs = runtime.GOMAXPROCS(0)
	n := c.Workers
	if n <= 0 {
		n = s.procs
	}
	if s.Policy != nil {
		n = 1
	}
	now := s.Clock.Monotonic()
	s.startedAt = now
	s.outside.init(now)
	s.stop.cond.L = &s.stop.mu
	s.online.n, s.online.cond.L = n, &s.online.mu
	s.pool.init(s, c.MaxBlocking)
	s.compute.init(s, max(1, runtime.GOMAXPROCS(0)/2))
	for i := range n {
		w := &Worker{ID: i, Sched: s, wake: make(chan struct{}, 1), holdsNone: c.Policy != nil}
		w.wheel.init(now)
		s.workers = append(s.workers, w)
	}
	return s
}

func (w *wheel) init(now int64) {
	w.now = now / Tick
	w.next.Store(never)
}

// Workers gives the workers, in order of their IDs. The slice must not be changed.
func (s *Scheduler) Workers() []*Worker { return s.workers }

// Start starts the workers.
func (s *Scheduler) Start() {
	for _, w := range s.workers {
		s.wg.Add(1)
		go w.main()
	}
}

// Stop ends all workers at their next safe point and waits for them. Tasks stay as they are. From within a task call
// StopSoon instead.
func (s *Scheduler) Stop() {
	s.StopSoon()
	s.wg.Wait()
}

// StopSoon asks all workers to end at their next safe point and returns at once.
func (s *Scheduler) StopSoon() {
	s.stopping.Store(true)
	s.setAttention(attStop)
	s.online.mu.Lock()
	s.online.cond.Broadcast()
	s.online.mu.Unlock()
	s.parkMu.Lock()
	for _, w := range s.parked {
		w.notify()
	}
	s.parked = s.parked[:0]
	s.parkMu.Unlock()
}

func (s *Scheduler) setAttention(bit uint32)   { s.attention.Or(bit) }
func (s *Scheduler) clearAttention(bit uint32) { s.attention.And(^bit) }

// Ready makes a sleeping task run; for one that runs it means that it will not go to sleep after this slice. A queued
// task is left alone. Tasks on workers use Worker.Ready, which is much cheaper.
func (s *Scheduler) Ready(n *Node) {
	if s.Journal != nil && s.Journal.wake(s, n) {
		return
	}
	if n.wake() {
		s.injectNode(n)
	}
}

// Launch lets a task run that was held.
func (s *Scheduler) Launch(n *Node) {
	n.setState(Queued)
	s.injectNode(n)
}

func (s *Scheduler) injectNode(n *Node) {
	s.injectMu.Lock()
	s.inject.push(n)
	s.setAttention(attInject)
	s.injectMu.Unlock()
	s.deadTold.Store(false)
	s.wakeOne()
}

// takeInjected moves this worker's share of the injected tasks to its queue.
func (s *Scheduler) takeInjected(w *Worker) {
	s.injectMu.Lock()
	n := s.inject.n
	if n > 0 {
		share := n/len(s.workers) + 1
		w.mu.Lock()
		s.inject.moveTo(&w.q, min(share, n))
		w.queued.Store(int32(w.q.n))
		w.mu.Unlock()
	}
	left := s.inject.n
	if left == 0 {
		s.clearAttention(attInject)
	}
	s.injectMu.Unlock()
	if left > 0 {
		s.wakeOne()
	}
}

// wakeOne wakes a parked worker, if there is one.
func (s *Scheduler) wakeOne() {
	if s.idle.Load() == 0 {
		return
	}
	s.parkMu.Lock()
	if k := len(s.parked); k > 0 {
		w := s.parked[k-1]
		s.parked = s.parked[:k-1]
		if s.leader == w {
			s.leader = nil
		}
		w.notify()
	}
	s.parkMu.Unlock()
}

// wakeForTimer makes sure that somebody sleeps no longer than to the given time.
func (s *Scheduler) wakeForTimer(deadline int64) {
	s.parkMu.Lock()
	sleepsTooLong := s.leader != nil && s.leadAt > deadline || s.leader == nil && len(s.parked)+int(s.offline.Load()) >= len(s.workers)
	s.parkMu.Unlock()
	if sleepsTooLong {
		s.parkMu.Lock()
		w := s.leader
		if w == nil && len(s.parked) > 0 {
			w = s.parked[len(s.parked)-1]
		}
		if w != nil {
			s.unpark(w)
			w.notify()
		}
		s.parkMu.Unlock()
	}
}

// unpark takes w off the list of parked workers; parkMu is held.
func (s *Scheduler) unpark(w *Worker) bool {
	if s.leader == w {
		s.leader = nil
	}
	for i, p := range s.parked {
		if p == w {
			s.parked = append(s.parked[:i], s.parked[i+1:]...)
			return true
		}
	}
	return false
}

// External tells that sources outside the scheduler (ports, terminals, embedding code) may make
// tasks ready: delta +1 for a new source, -1 for one that ended. While there is one, waiting is no deadlock and
// virtual time does not jump.
func (s *Scheduler) External(delta int) {
	if s.pool.external.Add(int64(delta)) == 0 && delta < 0 {
		s.wakeOne() // a worker has to look whether this is a deadlock now
	}
}

// ---- stopping the world ----------------------------------------------------------

type stopState struct {
	mu      sync.Mutex
	cond    sync.Cond
	wanted  int  // Quiesce calls waiting or running
	running bool // one of them runs
	active  int  // workers not at a safe point
}

// enter is called by a worker before it runs tasks; it waits while the world is stopped.
func (st *stopState) enter(s *Scheduler) {
	st.mu.Lock()
	for st.wanted > 0 && !s.stopping.Load() {
		st.cond.Wait()
	}
	st.active++
	st.mu.Unlock()
}

// leave is called by a worker at a safe point, before it parks or waits.
func (st *stopState) leave() {
	st.mu.Lock()
	st.active--
	if st.wanted > 0 {
		st.cond.Broadcast()
	}
	st.mu.Unlock()
}

// Quiesce runs f while no worker runs a task: all are parked or between slices. A task that calls it (w is its
// worker, else nil) counts as being at a safe point itself while it waits; calls run one after the other.
func (s *Scheduler) Quiesce(w *Worker, f func()) {
	st := &s.stop
	st.mu.Lock()
	st.wanted++
	if w != nil {
		st.active--
		st.cond.Broadcast()
	}
	s.setAttention(attStop)
	for st.running || st.active > 0 {
		st.cond.Wait()
	}
	st.running = true
	st.mu.Unlock()
	defer func() {
		st.mu.Lock()
		st.running = false
		st.wanted--
		if w != nil {
			st.active++
		}
		if st.wanted == 0 && !s.stopping.Load() {
			s.clearAttention(attStop)
		}
		st.cond.Broadcast()
		// A worker that called Quiesce goes on only when all the others are done: its task
		// must not run beside another f.
		for w != nil && st.wanted > 0 && st.waitOthers(w) {
		}
		st.mu.Unlock()
	}()
	f()
}

// waitOthers lets other Quiesce calls run before worker w continues with its task.
func (st *stopState) waitOthers(*Worker) bool {
	st.active--
	st.cond.Broadcast()
	st.cond.Wait()
	st.active++
	return true
}
