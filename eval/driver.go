package eval

import (
	"fmt"
	"unsafe"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// What a served exit tells the driver.
const (
	goOn    = true
	stopped = false // c.out says why
)

// insideBIF in MachineState.Catches marks a process that waits or has yielded inside a BIF.
const insideBIF = 1

// hibernating in its place marks a process that waits in erlang:hibernate/3.
const hibernating = 2

// Run implements proc.Machine.
func (vm *VM) Run(p *proc.Process, w *scheduler.Worker, budget int) scheduler.Outcome {
	c := vm.cpu(w)
	m := c.m
	c.p, c.h = p, &p.Heap
	m.Heap, m.Self = uintptr(unsafe.Pointer(&p.Heap)), uint64(p.Pid)
	m.Reds, c.budget = int64(budget), int64(budget)
	c.beginStack()
	c.stash, c.resume, c.slot, c.headFun = 0, nil, 0, term.None
	if p.M.Catches == hibernating {
		if _, ok := p.PeekMessage(); !ok && !p.Dying() {
			c.p, c.h = nil, nil
			return scheduler.Waiting // another signal than a message has woken it
		}
		p.M.Catches = 0
		p.ResetReceive()
	}
	p.TakeRegisters(c.xregs(len(p.M.X)))
	m.PC = p.M.Resume
	if p.M.Catches == insideBIF {
		p.M.Catches = 0
		c.resume = p.TakeResume()
	}
	if vm.sampler != nil {
		c.lookedAt = vm.sampler.now()
		c.nextSafePoint()
	}
	c.settleAll()
	for c.serve(loop(m)) {
	}
	c.chargeAll()
	if vm.sampler != nil {
		c.sampleSlice()
	}
	w.Reductions += uint64(max(int64(budget)-m.Reds-c.stash, 0))
	c.p, c.h = nil, nil
	return c.out
}

// beginStack gives a process that has not run yet its first block, unless it has one with what it begins with, and the bottom of its
// stack, which returns to the end of the process.
func (c *cpu) beginStack() {
	if c.h.Start == 0 {
		c.h.Begin(1)
	}
	if c.h.E == c.h.End {
		c.h.E -= wordBytes
		setWord(c.h.E, uint64(c.vm.Code.finish))
	}
}

// save puts the process away: it goes on at pc with live X registers.
func (c *cpu) save(pc uintptr, live int) {
	p := c.p
	p.M.Resume = pc
	p.SaveRegisters(c.xregs(live))
}

// serve does what an exit asks for. It is called for each trip through the loop and has a stack check, which
// lets Go's collector stop this goroutine.
//
//go:noinline
func (c *cpu) serve(code int) bool {
	m := c.m
	switch code {
	case exitSlow:
		w0 := word(m.PC)
		n := int(w0 >> 32)
		c.next = m.PC + uintptr(n)*wordBytes
		a := unsafe.Slice((*uint64)(term.At(m.PC+wordBytes)), n-1)
		switch pc := slowTable[uint16(w0>>16)](c, a); pc {
		case raised:
			return c.unwind()
		case halted:
			return stopped
		default:
			m.PC = pc
			return goOn
		}
	case exitCollect:
		return c.collectOrLeave(int(m.Need/wordBytes)-term.StackReserve, int(m.Live))
	case exitYield:
		return c.yield()
	case exitBIF, exitBIFOnly, exitBIFLast, exitBIFBody:
		return c.bif(code)
	case exitEqExact:
		return c.branch(term.ExactEqual(term.Term(m.A), term.Term(m.B)))
	case exitEqual:
		return c.branch(term.Equal(term.Term(m.A), term.Term(m.B)))
	case exitNotEqual:
		return c.branch(!term.Equal(term.Term(m.A), term.Term(m.B)))
	case exitLess:
		return c.branch(term.Compare(term.Term(m.A), term.Term(m.B)) < 0)
	case exitGreaterEqual:
		return c.branch(term.Compare(term.Term(m.A), term.Term(m.B)) >= 0)
	case exitArith:
		r := c.arith(int(m.Op), term.Term(m.A), term.Term(m.B))
		if r == term.None {
			if m.J != 0 {
				c.clearException()
				m.PC += uintptr(m.J * wordBytes)
				return goOn
			}
			return c.unwind()
		}
		c.set(m.Dst, r)
		m.PC = m.T
		return goOn
	case exitFloatConv:
		f, ok := toFloat(term.Term(m.A))
		if !ok {
			c.raise(term.AtomError, term.AtomBadarith)
			return c.unwind()
		}
		c.set(m.Dst, term.Term(f))
		m.PC = m.T
		return goOn
	case exitFloatError:
		c.raise(term.AtomError, term.AtomBadarith)
		return c.unwind()
	case exitBadType:
		c.raise(term.AtomError, term.AtomBadarg)
		return c.unwind()
	case exitCallFun, exitCallFunLast:
		return c.callFun(code)
	case exitFuncInfo:
		return c.functionClause()
	case exitBreakpoint:
		return c.breakpoint()
	case exitUnloaded:
		return c.unloaded(uintptr(m.A))
	case exitFinish:
		if run, ok := c.p.M.Data.(*onLoadRun); ok {
			run.finished(c.x(0))
		}
		c.out = scheduler.Exited
		c.p.Terminate(term.AtomNormal)
		return stopped
	}
	panic(fmt.Sprintf("eval: instruction %#x at %#x is no instruction", word(m.PC), m.PC))
}

// Results of slow instructions that are not addresses.
const (
	raised uintptr = 0 // an exception is set
	halted uintptr = 1 // the slice is over; c.out is set
)

func (c *cpu) branch(yes bool) bool {
	if yes {
		c.m.PC = c.m.T
	} else {
		c.m.PC = c.m.Else
	}
	return goOn
}

// yield is served at function entries when the reductions are used up: m.PC is the entry.
func (c *cpu) yield() bool {
	m := c.m
	if c.crowded() || c.vm.Debug.CollectAlways {
		if !c.collectOrLeave(crowdedRoom, int(m.Live)) {
			return stopped
		}
	}
	if c.stash > 0 {
		m.Reds, c.stash = m.Reds+c.stash, 0
		if m.Reds > 0 {
			if c.vm.sampler != nil {
				c.sample(m.PC)
				c.nextSafePoint()
			}
			return goOn
		}
	}
	c.save(m.PC, int(m.Live))
	c.out = scheduler.Yielded
	return stopped
}

// crowdedRoom is the room, in words, below which instructions that do not collect themselves begin to fill fragments.
const crowdedRoom = 8

// crowded reports whether to collect at the next safe point: there is reason to, or such instructions have run out of room.
func (c *cpu) crowded() bool {
	return c.h.NeedsCollection() || c.h.Frags != 0 && !c.h.HasRoom(crowdedRoom)
}

// collectSoon makes the next call a safe point.
func (c *cpu) collectSoon() {
	if c.crowded() && c.m.Reds > 1 {
		c.stash, c.m.Reds = c.stash+c.m.Reds-1, 1
	}
}

// bif calls the BIF whose slot is in m.A, in one of four settings.
func (c *cpu) bif(code int) bool {
	m, p := c.m, c.p
	e := exportAt(uintptr(m.A))
	n := int(e.Arity)
	f := c.resume
	if f == nil {
		c.bifExit = code
		f = c.vm.bifs[e.BIF-1]
	} else {
		c.resume = nil
	}
	r := f(p, c.xregs(n))
	m.Reds -= int64(p.Bumped) + 1
	p.Bumped = 0
	if r != term.None {
		m.X[0] = uint64(r)
		c.afterBIF(code)
		if c.h.NeedsCollection() || c.vm.Debug.CollectAlways {
			return c.collectOrLeave(0, 1)
		}
		if p.Dying() {
			return c.die()
		}
		return goOn
	}
	act := p.Action
	p.Action = proc.ActNone
	switch act {
	case proc.ActRaise:
		if p.Exc.Args == term.None && p.Exc.Class == term.AtomError && !noFrame(e) {
			c.slot = uintptr(m.A)
			p.Exc.Args = c.h.List(c.xregs(n)...)
		}
		if code == exitBIFBody {
			m.PC = 0 // the BIF's own code is no frame
		}
		return c.unwind()
	case proc.ActTrap:
		tm, tf, args := p.TrapTarget()
		for i, t := range args {
			m.X[i] = uint64(t)
		}
		n := len(args)
		p.ClearTrap()
		c.beforeTrap(code)
		return c.enter(tm, tf, n)
	case proc.ActWait, proc.ActYield:
		p.M.Catches = insideBIF
		c.save(m.PC, n)
		c.out = scheduler.Waiting
		if act == proc.ActYield {
			c.out = scheduler.Yielded
		}
		return stopped
	case proc.ActExit:
		return c.die()
	case proc.ActHibernate:
		tm, tf, args := p.TrapTarget()
		for i, t := range args {
			m.X[i] = uint64(t)
		}
		n := len(args)
		p.ClearTrap()
		return c.hibernate(tm, tf, n)
	}
	panic(fmt.Sprintf("eval: BIF %s:%s/%d gave neither a term nor an action", e.Module.AtomName(), e.Function.AtomName(), n))
}

// afterBIF moves on behind a BIF instruction: to the next one or to the caller.
func (c *cpu) afterBIF(code int) {
	m, h := c.m, c.h
	switch code {
	case exitBIF:
		m.PC += uintptr(opTable[opCallBif].size)
		return
	case exitBIFLast:
		h.E += uintptr(uint16(word(m.PC) >> 16))
	}
	m.PC = uintptr(word(h.E))
	h.E += wordBytes
}

// beforeTrap leaves the stack as the function that is trapped to must find it.
func (c *cpu) beforeTrap(code int) {
	m, h := c.m, c.h
	switch code {
	case exitBIF:
		h.E -= wordBytes
		setWord(h.E, uint64(m.PC)+uint64(opTable[opCallBif].size))
	case exitBIFLast:
		h.E += uintptr(uint16(word(m.PC) >> 16))
	}
}

// enter goes on with m:f of n arguments, which are in the X registers; the stack is as at a tail call.
func (c *cpu) enter(mod, f term.Term, n int) bool {
	s := &c.applied[(uint64(mod)>>6*31+uint64(f)>>6*7+uint64(n))%applyCache]
	if s.module != mod || s.function != f || s.arity != n {
		*s = appliedSlot{mod, f, n, c.vm.Code.exportAddr(mod, f, n)}
	}
	return c.enterSlot(s.slot, n)
}

// applyCache is how many export slots of computed calls a worker remembers: slots stay where they are for ever.
const applyCache = 64

type appliedSlot struct {
	module, function term.Term
	arity            int
	slot             uintptr
}

func (c *cpu) enterSlot(slot uintptr, n int) bool {
	m := c.m
	m.PC = exportAt(slot).Code
	m.Live = uint64(n)
	if m.Reds--; m.Reds <= 0 {
		return c.yield()
	}
	return goOn
}

// die ends a process that accepted an exit signal.
func (c *cpu) die() bool {
	c.p.Terminate(term.None)
	c.out = scheduler.Exited
	return stopped
}

// Heaps whose young block has so many words are collected on another goroutine: when others wait for the worker, and always.
const (
	leaveWords  = 1 << 16
	leaveAnyway = 1 << 20
)

// collectOrLeave collects at a place where m.PC is what runs next, here or on another goroutine while the worker runs others.
func (c *cpu) collectOrLeave(need, live int) bool {
	p, words := c.p, int(c.h.End-c.h.Start)/wordBytes+c.h.FragWords
	if words < leaveWords || words < leaveAnyway && !c.w.Others() || p.Traced() != nil || p.MaxHeap().Size > 0 || !p.MayLeave() {
		c.collect(need, live)
		if p.Dying() {
			return c.die()
		}
		return goOn
	}
	c.save(c.m.PC, live)
	vm := c.vm
	p.LeaveFor(func() {
		idle := &cpu{vm: vm, p: p, h: &p.Heap}
		p.AdoptCurrent()
		p.Collected(func() { p.Heap.Collect(need, term.Roots{Extra: idle}, false) })
	})
	c.out = scheduler.Waiting
	return stopped
}

// collect makes room for need words besides the reserve; the first live X registers are kept.
func (c *cpu) collect(need, live int) {
	c.p.AdoptCurrent()
	if c.h.Htop > c.h.E {
		panic("eval: the heap has run into the stack: an instruction took more room than was asked for")
	}
	if c.p.TracesCollection() {
		full := c.h.Wanted == term.WantFull
		c.tellCollection(full, true)
		defer c.tellCollection(full, false)
	}
	c.chargeAll()
	c.h.LimitGrowth(c.p.MaxHeap().Size)
	c.p.Collected(func() { c.h.Collect(need, term.Roots{X: c.xregs(live), Extra: c}, false) })
	c.settleAll()
	c.m.Reds--
	if c.exceeds(c.p.MaxHeap()) {
		c.p.Exit(c.p.Pid, term.AtomKill)
	}
}

// exceeds deals with a process whose heap may have grown beyond its max_heap_size: true if it must be killed. The
// caller of a running process must look whether it is dying then.
func (c *cpu) exceeds(mh proc.MaxHeap) bool {
	p, h := c.p, c.h
	if mh.Size == 0 || p.Dying() {
		return false
	}
	words := h.Words()
	if p.QueueOnHeap() {
		words += p.QueuedWords()
	}
	if mh.IncludeShared {
		h.OffHeapBinaries(func(_ uintptr, size, _ int) { words += size / term.WordBytes })
	}
	if words <= mh.Size {
		return false
	}
	if mh.ErrorLogger && p.Sys.Reporter != nil {
		a := term.NewArena()
		trace, _ := c.vm.Inspect(p, term.AtomCurrentStacktrace, a)
		p.Sys.Reporter.Report(proc.Report{Kind: proc.MaxHeapExceeded, Pid: p.Pid, Name: p.Name(), GroupLeader: p.GroupLeader(),
			Format: maxHeapFormat, Args: []term.Term{p.Pid, term.Int(mh.Size), term.Int(words), term.Bool(mh.Kill), term.Bool(mh.ErrorLogger),
				term.Int(p.QueueLength()), p.GCInfo(a), trace}})
		a.Free()
	}
	return mh.Kill
}

const maxHeapFormat = "     Process:            ~p ~n" +
	"     Context:            maximum heap size reached~n" +
	"     Max Heap Size:      ~p~n" +
	"     Total Heap Size:    ~p~n" +
	"     Kill:               ~p~n" +
	"     Error Logger:       ~p~n" +
	"     Message Queue Len:  ~p~n" +
	"     GC Info:            ~p~n" +
	"     Stacktrace:         ~p~n"

// VisitRoots implements term.RootSet: what of the process besides registers and stack refers to its heap.
func (c *cpu) VisitRoots(col *term.Collector) {
	c.roots = c.p.AppendRoots(c.roots[:0])
	for _, r := range c.roots {
		col.Roots(r)
	}
}

// doRoom makes room in front of an instruction that cannot name so many live registers. Operands: bytes with the reserve
// in them, live.
func doRoom(c *cpu, a []uint64) uintptr {
	if uint64(c.h.E-c.h.Htop) < a[0] {
		c.collect(int(a[0]/wordBytes)-term.StackReserve, int(a[1]))
	}
	return c.next
}

// doStress collects: the debug option CollectAlways puts it in front of every instruction that may collect. Operand: live.
func doStress(c *cpu, a []uint64) uintptr {
	c.collect(0, int(a[0]))
	return c.next
}
