package proc

import (
	"sync/atomic"

	"github.com/gerl-lang/gerl/term"
)

// The process table maps pid numbers to processes. Looking up takes no lock. A pid's number is taken from a counter
// that only grows, so a number comes back as late as possible, and then with another serial.

const (
	pidNumberBits = 28
	pidNumberMask = 1<<pidNumberBits - 1
	tableChunk    = 1 << 10

	// DefaultProcessLimit is the default of the largest number of processes, OTP's +P.
	DefaultProcessLimit = 1 << 20
	// MaxProcessLimit is the largest limit that can be configured.
	MaxProcessLimit = 1<<27 - 1
)

type tableSlots [tableChunk]atomic.Pointer[Process]

type table struct {
	chunks []atomic.Pointer[tableSlots]
	mask   uint64 // of slot numbers
	limit  int64
	next   atomic.Uint64
	count  atomic.Int64
}

func (tb *table) init(limit int) {
	if limit <= 0 {
		limit = DefaultProcessLimit
	}
	limit = min(max(limit, 1024), MaxProcessLimit)
	size := tableChunk
	for size < limit {
		size *= 2
	}
	tb.limit = int64(limit)
	tb.mask = uint64(size - 1)
	tb.chunks = make([]atomic.Pointer[tableSlots], size/tableChunk)
}

func (tb *table) slot(number uint64, make bool) *atomic.Pointer[Process] {
	i := number & tb.mask
	c := tb.chunks[i/tableChunk].Load()
	if c == nil {
		if !make {
			return nil
		}
		c = new(tableSlots)
		if !tb.chunks[i/tableChunk].CompareAndSwap(nil, c) {
			c = tb.chunks[i/tableChunk].Load()
		}
	}
	return &c[i%tableChunk]
}

// insert gives p a pid and makes it visible; false when the limit is reached.
func (tb *table) insert(p *Process) bool {
	if tb.count.Add(1) > tb.limit {
		tb.count.Add(-1)
		return false
	}
	for {
		n := tb.next.Add(1) - 1
		s := tb.slot(n, true)
		if s.Load() != nil {
			continue
		}
		p.Pid = term.Pid(n & (1<<60 - 1))
		if s.CompareAndSwap(nil, p) {
			return true
		}
	}
}

func (tb *table) remove(p *Process) {
	s := tb.slot(p.Pid.ImmData(), false)
	if s.CompareAndSwap(p, nil) {
		tb.count.Add(-1)
	}
}

func (tb *table) lookup(pid term.Term) *Process {
	s := tb.slot(pid.ImmData(), false)
	if s == nil {
		return nil
	}
	if p := s.Load(); p != nil && p.Pid == pid {
		return p
	}
	return nil
}

// each calls f for every process, until it returns false. Processes that come or go meanwhile may be missed.
func (tb *table) each(f func(*Process) bool) {
	for i := range tb.chunks {
		c := tb.chunks[i].Load()
		if c == nil {
			continue
		}
		for j := range c {
			if p := c[j].Load(); p != nil && !f(p) {
				return
			}
		}
	}
}

// Lookup gives the process of a local pid, nil if there is none (any more).
func (sys *System) Lookup(pid term.Term) *Process {
	if !pid.IsLocalPid() {
		return nil
	}
	return sys.procs.lookup(pid)
}

// ProcessCount is the number of processes, ProcessLimit how many there may be.
func (sys *System) ProcessCount() int { return int(sys.procs.count.Load()) }
func (sys *System) ProcessLimit() int { return int(sys.procs.limit) }

// EachProcess calls f for every process until it returns false. f may only use what any goroutine may.
func (sys *System) EachProcess(f func(*Process) bool) { sys.procs.each(f) }

// PidsFrom gives at most n pids (or somewhat more) from a place of the table on, 0 for its beginning, and the place behind them. A process that is there
// during a whole walk from place to place is found once.
func (sys *System) PidsFrom(place, n int) (pids []term.Term, next int) {
	tb := &sys.procs
	for ; place < len(tb.chunks)*tableChunk && len(pids) < n; place++ {
		c := tb.chunks[place/tableChunk].Load()
		if c == nil {
			place |= tableChunk - 1
			continue
		}
		if p := c[place%tableChunk].Load(); p != nil {
			pids = append(pids, p.Pid)
		}
	}
	return pids, place
}

// Pids gives the pids of all processes.
func (sys *System) Pids() []term.Term {
	out := make([]term.Term, 0, sys.ProcessCount())
	sys.procs.each(func(p *Process) bool {
		out = append(out, p.Pid)
		return true
	})
	return out
}
