package eval

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Purging: old code goes in two steps. First every process says whether it runs the code; meanwhile the funs of the code lead
// nowhere, so that nobody gets into it behind his answer. Then, with nobody left, the reaper frees the instructions, has each process take
// along what it holds of the literals, and frees those.

// purgeRun is one purge under way.
type purgeRun struct {
	vm      *VM
	old     *code
	hard    bool // processes that run the code are killed
	funs    []*term.FunEntry
	pending atomic.Int32 // answers that are missing
	users   atomic.Int32 // processes that run the code
	done    atomic.Bool
	waiters []*proc.Process // who wants to know the end; guarded by the code server's mu
}

// removed reports whether a purge that is done has removed the code.
func (r *purgeRun) removed() bool { return r.hard || r.users.Load() == 0 }

// purge removes the old code of a module after it killed the processes that run it (hard), or if there are none. answer gets the purge that is
// done, nil if there was no old code.
func purge(p *proc.Process, module term.Term, hard bool, answer func(p *proc.Process, r *purgeRun) term.Term) term.Term {
	vm := vmOf(p)
	cs := vm.Code
	cs.mu.Lock()
	r := cs.purges[module]
	own := r == nil
	if own {
		m := cs.modules[module]
		if m == nil || m.old == nil {
			cs.mu.Unlock()
			return answer(p, nil)
		}
		r = &purgeRun{vm: vm, old: m.old, hard: hard}
		cs.purges[module] = r
	}
	r.waiters = append(r.waiters, p)
	cs.mu.Unlock()
	if own {
		r.begin(p)
	}
	var resume proc.BIF
	resume = func(p *proc.Process, a []term.Term) term.Term {
		switch {
		case !r.done.Load():
			return p.WaitBIF(resume)
		case own:
			return answer(p, r)
		}
		return purge(p, module, hard, answer) // somebody else's purge is over
	}
	return p.WaitBIF(resume)
}

// begin takes the code of the funs away and puts the question to all processes; p asks, or nil.
func (r *purgeRun) begin(p *proc.Process) {
	cs, sys := r.vm.Code, r.vm.Sys
	cs.mu.Lock()
	for i, e := range r.old.funs {
		if e.Code == r.old.funCode[i] {
			e.Code = uintptrOf(e) + funStubOffset
			r.funs = append(r.funs, e)
		}
	}
	cs.mu.Unlock()
	pids := sys.Pids()
	r.pending.Store(int32(len(pids) + 1))
	for _, pid := range pids {
		if !sys.Call(p, pid, proc.AtRest(r.ask)) {
			r.answered()
		}
	}
	r.answered()
}

// ask looks whether q runs the code.
func (r *purgeRun) ask(q *proc.Process) {
	if q.Dying() || !r.vm.runs(q, r.old) {
		r.answered()
		return
	}
	r.users.Add(1)
	if !r.hard {
		r.answered()
		return
	}
	q.OnExit(r, func(*proc.Process) { r.answered() })
	q.Sys.Kill(q.Pid, term.AtomKill)
}

func (r *purgeRun) answered() {
	if r.pending.Add(-1) == 0 {
		r.finish()
	}
}

// finish runs after the last answer.
func (r *purgeRun) finish() {
	cs, c := r.vm.Code, r.old
	cs.mu.Lock()
	if cs.purges[c.module] == r {
		delete(cs.purges, c.module)
	}
	if m := cs.modules[c.module]; r.removed() && m.old == c { // code whose on_load function failed never was
		m.old = nil
	}
	if !r.removed() {
		for i, e := range c.funs {
			if slices.Contains(r.funs, e) && e.Code == uintptrOf(e)+funStubOffset {
				e.Code = c.funCode[i]
			}
		}
	}
	waiters := r.waiters
	r.done.Store(true)
	cs.mu.Unlock()
	if r.removed() {
		for _, part := range c.parts {
			cs.dropRange(part)
		}
		cs.dropRange(c)
		r.vm.discard([]*code{c}, nil)
	}
	for _, p := range waiters {
		p.Sys.Sched.Ready(&p.Node)
	}
}

// purgeOf gives the purge under way that has taken the code of a fun away, nil if there is none; p is woken at its end.
func (cs *CodeServer) purgeOf(p *proc.Process, e *term.FunEntry) *purgeRun {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	r := cs.purges[e.Module]
	if r == nil || !slices.Contains(r.funs, e) {
		return nil
	}
	r.waiters = append(r.waiters, p)
	return r
}

// UsesCode implements proc.CodeProber: p's stack or place refer to old code of the module. Funs do not count.
func (vm *VM) UsesCode(p *proc.Process, module term.Term) bool {
	old := vm.Code.oldCode(module)
	return old != nil && vm.runs(p, old)
}

// runs reports whether a process at rest will go on or return somewhere in c.
func (vm *VM) runs(p *proc.Process, c *code) bool {
	in := c.contains
	if len(c.parts) > 0 {
		in = func(a uintptr) bool {
			return c.contains(a) || slices.ContainsFunc(c.parts, func(part *code) bool { return part.contains(a) })
		}
	}
	if in(p.M.Resume) {
		return true
	}
	if b := vm.points.at[p.M.Resume]; b != nil && in(b.copied) {
		return true
	}
	for e := p.Heap.E; e < p.Heap.End; e += wordBytes {
		w := term.Term(word(e))
		if w&term.TagMask == term.TagHeader && in(uintptr(w)) || w&term.Imm2Mask == term.TagCatch && in(catchAddr(w)) {
			return true
		}
	}
	return false
}

func (c *code) contains(a uintptr) bool { return a >= c.start && a < c.end }

// reaper frees code and literals that are out of use, one batch after the other.
type reaper struct {
	mu    sync.Mutex
	codes []*code
	areas []*term.LiteralArea
	busy  bool
}

// DiscardLiterals implements proc.LiteralReaper.
func (vm *VM) DiscardLiterals(areas ...*term.LiteralArea) { vm.discard(nil, areas) }

// discard takes over code that nobody runs and literal areas that nothing hands out any more. It may be called anywhere.
func (vm *VM) discard(codes []*code, areas []*term.LiteralArea) {
	if vm.Sys == nil || vm.Sys.Sched == nil {
		return // there never was a process
	}
	r := &vm.reaper
	r.mu.Lock()
	defer r.mu.Unlock()
	r.codes = append(r.codes, codes...)
	r.areas = append(r.areas, areas...)
	if !r.busy {
		r.busy = true
		vm.Sys.Sched.Blocking(vm.reap)
	}
}

// reap begins a batch: it waits for nothing but the workers, the last process to answer goes on with it.
func (vm *VM) reap() {
	r := &vm.reaper
	r.mu.Lock()
	codes, areas := r.codes, r.areas
	r.codes, r.areas = nil, nil
	if len(codes)+len(areas) == 0 {
		r.busy = false
		r.mu.Unlock()
		return
	}
	r.mu.Unlock()
	for _, c := range codes {
		if c.area != nil {
			areas = append(areas, c.area)
			c.area = nil
		}
	}
	vm.quiesce(func() {
		for _, c := range codes {
			vm.dropBreakpoints(c)
		}
		term.Condemn(areas)
	})
	for _, c := range codes {
		c.free() // whoever had looked one of its addresses up has come to the end of his slice
	}
	var pending atomic.Int32
	done := func() {
		if pending.Add(-1) == 0 {
			vm.Sys.Sched.Blocking(func() {
				term.FreeCondemned(areas)
				vm.reap()
			})
		}
	}
	pids := vm.Sys.Pids()
	pending.Store(int32(len(pids) + 1))
	for _, pid := range pids {
		if !vm.Sys.Call(nil, pid, proc.AtRest(func(q *proc.Process) {
			if !q.Dying() {
				vm.leaveCondemned(q)
			}
			done()
		})) {
			done()
		}
	}
	done()
}

// leaveCondemned has a process at rest take along what it needs of the condemned literals.
func (vm *VM) leaveCondemned(p *proc.Process) {
	c := &cpu{vm: vm, p: p, h: &p.Heap}
	c.beginStack()
	p.AdoptCurrent()
	p.LeaveMessages()
	c.roots = p.AppendRoots(c.roots[:0])
	c.chargeAll()
	collected := p.Heap.LeaveCondemned(c.roots, c)
	c.settleAll()
	if collected {
		c.limit()
	}
}

// dropBreakpoints forgets the breakpoints in code that goes. Every worker is at a safe point.
func (vm *VM) dropBreakpoints(c *code) {
	for a, b := range vm.points.at {
		if c.contains(b.entry) || c.contains(b.copied) {
			delete(vm.points.at, a)
		}
	}
}
