package bifs

import (
	"sync"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// state is what the BIFs of one node keep for it; it hangs in System.Values.
type state struct {
	mu        sync.Mutex
	etfSecret []byte
	lastNow   int64            // microseconds of the last now/0
	lastStat  map[string]int64 // totals at the last statistics/1
	wallTime  wanted           // system_flag(scheduler_wall_time)

	flags      systemFlags
	blockers   blockers
	persistent persistentTerms
}

type stateKey struct{}

// wanted is on as long as some process wants it, and lives.
type wanted struct {
	mu   sync.Mutex
	pids map[term.Term]bool
}

func (w *wanted) on() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.pids) > 0
}

// set says whether p wants it, and gives whether it was on.
func (w *wanted) set(p *proc.Process, on bool) (old bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	old = len(w.pids) > 0
	if !on {
		delete(w.pids, p.Pid)
		return old
	}
	if w.pids == nil {
		w.pids = map[term.Term]bool{}
	}
	w.pids[p.Pid] = true
	p.OnExit(w, func(q *proc.Process) { w.set(q, false) })
	return old
}

// nodeState gives the node's state, making it when it is first asked for.
func nodeState(p *proc.Process) *state {
	v, ok := p.Sys.Values.Load(stateKey{})
	if !ok {
		v, _ = p.Sys.Values.LoadOrStore(stateKey{}, &state{})
	}
	return v.(*state)
}

// persistentTerms are the values of persistent_term: each key and value lives in a literal area of its own.
type persistentTerms struct {
	mu    sync.RWMutex
	byKey map[uint64][]*persistentTerm
	count int
	words int
}

type persistentTerm struct {
	area       *term.LiteralArea
	key, value term.Term
	words      int
}
