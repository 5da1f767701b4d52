package eval

import (
	"math/big"
	"sync"
	"sync/atomic"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// call_time and call_memory: what calls take, without the measured calls that they make.

// profile is what call_time or call_memory have measured of a function: by process.
type profile struct {
	mu     sync.Mutex
	by     map[term.Term]*measured
	paused atomic.Bool
}

type measured struct {
	calls int64
	sum   int64 // nanoseconds or words
}

func newProfile() *profile { return &profile{by: map[term.Term]*measured{}} }

func (f *profile) add(pid term.Term, calls, sum int64) {
	if f.paused.Load() {
		return
	}
	f.mu.Lock()
	m := f.by[pid]
	if m == nil {
		m = &measured{}
		f.by[pid] = m
	}
	m.calls += calls
	m.sum += sum
	f.mu.Unlock()
}

// profiled is the chain of measured calls of one session that a process is in: what passes belongs to the innermost one.
type profiled struct {
	specs []*callSpec
	since int64 // nanoseconds, when that was last settled
	words int64 // in use then
}

type profiledKey struct{}

// profiles are the chains of a process by session, nil if none of its calls has been measured.
func profiles(p *proc.Process) map[int]*profiled {
	m, _ := p.Local(profiledKey{}).(map[int]*profiled)
	return m
}

func (c *cpu) profiled(session int) *profiled {
	m := profiles(c.p)
	if m == nil {
		m = map[int]*profiled{}
		c.p.SetLocal(profiledKey{}, m)
	}
	r := m[session]
	if r == nil {
		r = &profiled{}
		m[session] = r
	}
	return r
}

// startProfile begins with a call. tail: it takes the place of the innermost one, which is over.
func (c *cpu) startProfile(s *callSpec, tail bool) {
	r := c.profiled(s.session.ID)
	c.charge(r)
	if tail && len(r.specs) > 0 {
		r.specs[len(r.specs)-1] = s
	} else {
		r.specs = append(r.specs, s)
	}
	if s.time != nil {
		s.time.add(c.p.Pid, 1, 0)
	}
	if s.memory != nil {
		s.memory.add(c.p.Pid, 1, 0)
	}
}

func (c *cpu) endProfile(session int) {
	r := c.profiled(session)
	c.charge(r)
	if n := len(r.specs); n > 0 {
		r.specs = r.specs[:n-1]
	}
}

// tailOfProfiled reports whether the function that is entered now was called in the place of a measured one, whose frame is still there.
func (c *cpu) tailOfProfiled(session int) bool {
	for e := c.h.E; uintptr(word(e)) == c.vm.Code.returned; e += returnFrameWords * wordBytes {
		if frameKinds(e+wordBytes)&(returnTime|returnMemory) != 0 && frameSession(e+wordBytes) == session {
			return true
		}
	}
	return false
}

// charge gives what has passed since the last change to the innermost call.
func (c *cpu) charge(r *profiled) {
	since, words := r.since, r.words
	c.settle(r)
	if n := len(r.specs); n > 0 {
		s := r.specs[n-1]
		if s.time != nil {
			s.time.add(c.p.Pid, 0, r.since-since)
		}
		if s.memory != nil {
			s.memory.add(c.p.Pid, 0, max(0, r.words-words))
		}
	}
}

func (c *cpu) settle(r *profiled) {
	r.since = c.p.Sys.Sched.Clock.Monotonic()
	r.words = int64(c.h.UsedWords() + c.h.FragWords)
}

// chargeAll settles all that the process has to pay, before time passes or memory vanishes that are not its calls'.
func (c *cpu) chargeAll() {
	if c.p.Traced() != nil {
		for _, r := range profiles(c.p) {
			c.charge(r)
		}
	}
}

// settleAll begins to measure again after that.
func (c *cpu) settleAll() {
	if c.p.Traced() != nil {
		for _, r := range profiles(c.p) {
			c.settle(r)
		}
	}
}

// list is [{Pid, Calls, Seconds, Microseconds}] for call_time, [{Pid, Calls, Words}] for call_memory.
func (f *profile) list(h *term.Heap, memory bool) term.Term {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []term.Term
	for pid, m := range f.by {
		if memory {
			out = append(out, h.Tuple(pid, h.Int64(m.calls), h.BigInt(big.NewInt(m.sum))))
		} else {
			us := m.sum / 1000
			out = append(out, h.Tuple(pid, h.Int64(m.calls), h.Int64(us/1_000_000), h.Int64(us%1_000_000)))
		}
	}
	return h.List(out...)
}
