package eval

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// Frame is one function of a sampled stack.
type Frame struct {
	Module, Function string
	Arity            int
	File             string // empty if it is not known
	Line             int
}

// Sample is a stack, innermost function first, with how often and how long it was seen.
type Sample struct {
	Stack []Frame
	Count int64
	Nanos int64
}

// Sampler collects the stacks of running processes. Workers look at the clock at safe points, so that a program that is
// sampled runs as it does otherwise, and no other thread ever reads a stack that changes.
type Sampler struct {
	Period time.Duration

	began time.Time
	mu    sync.Mutex
	seen  map[string]*Sample
}

// SamplePeriod is the time between two samples of a worker.
const SamplePeriod = time.Millisecond

// safePointEvery is the number of reductions between two looks at the clock while stacks are sampled: some microseconds.
const safePointEvery = 200

// Profile makes the machine sample stacks; it must be called before the first process runs.
func (vm *VM) Profile() *Sampler {
	vm.sampler = &Sampler{Period: SamplePeriod, began: time.Now(), seen: map[string]*Sample{}}
	return vm.sampler
}

func (s *Sampler) now() int64 { return int64(time.Since(s.began)) }

// Began is when sampling began.
func (s *Sampler) Began() time.Time { return s.began }

// Samples gives what was seen so far.
func (s *Sampler) Samples() []Sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Sample, 0, len(s.seen))
	for _, e := range s.seen {
		list = append(list, *e)
	}
	return list
}

func (s *Sampler) add(stack []Frame, nanos int64) {
	var key strings.Builder
	for _, f := range stack {
		key.WriteString(f.Module)
		key.WriteByte(0)
		key.WriteString(f.Function)
		key.WriteByte(0)
		key.WriteRune(rune(f.Arity))
		key.WriteRune(rune(f.Line))
	}
	s.mu.Lock()
	e := s.seen[key.String()]
	if e == nil {
		e = &Sample{Stack: stack}
		s.seen[key.String()] = e
	}
	e.Count++
	e.Nanos += nanos
	s.mu.Unlock()
}

// nextSafePoint puts reductions aside so that there is a safe point soon.
func (c *cpu) nextSafePoint() {
	if m := c.m; m.Reds > safePointEvery {
		c.stash += m.Reds - safePointEvery
		m.Reds = safePointEvery
	}
}

// sampleDue adds up how long processes have run and gives that time when a sample is due.
func (c *cpu) sampleDue() (nanos int64, due bool) {
	s := c.vm.sampler
	now := s.now()
	c.unsampled += now - c.lookedAt
	c.lookedAt = now
	if c.unsampled < int64(s.Period) {
		return 0, false
	}
	nanos, c.unsampled = c.unsampled, 0
	return nanos, true
}

// sample records the stack of the process that runs, at pc, if it is time to.
func (c *cpu) sample(pc uintptr) {
	if nanos, due := c.sampleDue(); due {
		c.vm.sampler.add(c.vm.Stack(c.p, pc), nanos)
	}
}

// sampleSlice is sample at the end of a slice.
func (c *cpu) sampleSlice() {
	if c.out != scheduler.Exited {
		c.sample(c.p.M.Resume)
		return
	}
	if nanos, due := c.sampleDue(); due { // its stack is gone
		m, f, n := c.p.InitialCall()
		c.vm.sampler.add([]Frame{{Module: m.AtomName(), Function: f.AtomName(), Arity: n}}, nanos)
	}
}

// maxSampled bounds the frames of a sample: those next to the innermost count.
const maxSampled = 256

// Stack gives the functions that process p is in, innermost first, when its next instruction is at pc. The process must not run
// on another worker.
func (vm *VM) Stack(p *proc.Process, pc uintptr) []Frame {
	var stack []Frame
	add := func(a uintptr, exact bool) {
		pl, ok := vm.Code.resolve(a, exact)
		if !ok {
			return
		}
		f := Frame{Module: pl.code.module.AtomName(), Function: pl.name.AtomName(), Arity: pl.ar}
		f.File, f.Line = pl.source()
		stack = append(stack, f)
	}
	add(pc, true)
	for e := p.Heap.E; e != 0 && e < p.Heap.End && len(stack) < maxSampled; e += wordBytes {
		if w := word(e); w&term.TagMask == term.TagHeader && uintptr(w) != vm.Code.finish {
			add(uintptr(w), false)
		}
	}
	return stack
}

// Where gives the functions that a process is in while it does not run.
func (vm *VM) Where(p *proc.Process) []Frame { return vm.Stack(p, p.M.Resume) }

// source is the file and line of a place, "" and 0 if they are not known.
func (pl codePlace) source() (file string, line int) {
	lines := pl.code.positions
	if pl.line == 0 || pl.line >= len(lines) || lines[pl.line].File >= len(pl.code.files) {
		return "", 0
	}
	it := lines[pl.line]
	name, _ := term.CharsText(pl.code.files[it.File])
	return name, it.Line
}

// String writes a function as Erlang does: m:f/1.
func (f Frame) String() string {
	return term.Format(term.Intern(f.Module)) + ":" + term.Format(term.Intern(f.Function)) + "/" + strconv.Itoa(f.Arity)
}
