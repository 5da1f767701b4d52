package eval

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// What package proc asks of the machine besides Run.

// Start implements proc.Machine.
func (vm *VM) Start(p *proc.Process, m, f, args term.Term) {
	if m == atomOnLoadRun {
		vm.startOnLoad(p, f)
		return
	}
	var x [256]term.Term
	n := 0
	for t := args; t.IsCons() && n < len(x); t = t.Tail() {
		x[n] = t.Head()
		n++
	}
	p.SaveRegisters(x[:n])
	p.M.Resume = exportAt(vm.Code.exportAddr(m, f, n)).Code
}

// StartFun implements proc.Machine.
func (vm *VM) StartFun(p *proc.Process, fun term.Term) {
	p.SaveRegisters([]term.Term{fun, term.Nil})
	p.M.Resume = exportAt(vm.applySlot).Code
}

// Collect implements proc.Machine.
func (vm *VM) Collect(p *proc.Process, full bool) {
	if p.Heap.Start == 0 {
		return
	}
	c := &cpu{vm: vm, p: p, h: &p.Heap}
	p.AdoptCurrent()
	if p.TracesCollection() {
		c.tellCollection(full, true)
		defer c.tellCollection(full, false)
	}
	need := 0
	if p.Counting() != nil { // within length/1: the code behind it relies on the room that there was before
		need = max(int(p.Heap.E-p.Heap.Htop)/wordBytes-term.StackReserve, 0)
	}
	c.chargeAll()
	p.Heap.LimitGrowth(p.MaxHeap().Size)
	p.Collected(func() { p.Heap.Collect(need, term.Roots{Extra: c}, full) })
	c.settleAll()
	c.limit()
}

// limit kills a process at rest that has grown beyond its max_heap_size.
func (c *cpu) limit() {
	if c.exceeds(c.p.MaxHeap()) {
		c.p.Sys.Kill(c.p.Pid, term.AtomKill)
	}
}

// SliceReductions implements proc.SliceMeter.
func (vm *VM) SliceReductions(p *proc.Process) int {
	if w := p.Worker(); w != nil {
		if c, ok := w.Local.(*cpu); ok && c.p == p {
			return int(max(c.budget-c.m.Reds-c.stash, 0))
		}
	}
	return 0
}

// Discard implements proc.Machine.
func (vm *VM) Discard(p *proc.Process) {
	if run, ok := p.M.Data.(*onLoadRun); ok {
		run.finished(p.ExitReason()) // it was killed; if not, this is known already
	}
	p.Heap.Free()
	p.M = proc.MachineState{}
}

// hibernate throws the stack away; the process goes on with m:f once there is a message.
func (c *cpu) hibernate(m, f term.Term, n int) bool {
	h := c.h
	h.E = h.End - wordBytes
	setWord(h.E, uint64(c.vm.Code.finish))
	slot := c.vm.Code.exportAddr(m, f, n)
	c.save(exportAt(slot).Code, n)
	c.p.ResetReceive()
	if _, ok := c.p.PeekMessage(); ok {
		c.out = scheduler.Yielded
		return stopped
	}
	c.p.AdoptCurrent()
	c.p.Collected(func() { c.h.Collect(0, term.Roots{X: c.p.M.X, Extra: c}, true) })
	c.p.M.Catches = hibernating
	c.out = scheduler.Waiting
	return stopped
}

// unloaded is served when a call finds an export slot or a fun without code: the arguments are in the X registers, the
// stack is as at a function entry. The code may have come since the process got the address.
func (c *cpu) unloaded(a uintptr) bool {
	if a&unloadedFun != 0 {
		return c.unloadedFun(a &^ unloadedFun)
	}
	e := exportAt(a)
	n := int(e.Arity)
	switch waits, tried := c.goesOn(n); {
	case waits:
		return stopped
	case e.Code != c.m.PC:
		c.m.PC = e.Code
		return goOn
	case (c.p.ErrorHandler() != term.AtomErrorHandler || c.vm.errorHandlerTraced()) && e.Module != c.p.ErrorHandler():
		args := c.h.List(c.xregs(n)...)
		c.setX(0, e.Module)
		c.setX(1, e.Function)
		c.setX(2, args)
		return c.enter(c.p.ErrorHandler(), atomUndefinedFunction, 3)
	case tried || c.vm.Find == nil || c.vm.Code.Loaded(e.Module) || onLoadOf(c.p) == e.Module:
		return c.undefined(e, n)
	}
	return c.load(e.Module, n)
}

// errorHandlerTraced tells whether somebody traces calls of error_handler:undefined_function/3, which is not called otherwise.
func (vm *VM) errorHandlerTraced() bool {
	return len(vm.points.at) > 0 && vm.points.at[exportAt(vm.Code.exportAddr(term.AtomErrorHandler, atomUndefinedFunction, 3)).Code] != nil
}

// goesOn lets whoever waited here look whether he still has to (waits): n X registers are live. tried: he did wait.
func (c *cpu) goesOn(n int) (waits, tried bool) {
	if c.resume == nil {
		return false, false
	}
	f := c.resume
	c.resume = nil
	f(c.p, nil)
	if c.p.Action == proc.ActWait {
		c.waitHere(n)
		return true, true
	}
	return false, true
}

// load loads a module that a call with n arguments needs; then the call is tried again.
func (c *cpu) load(module term.Term, n int) bool {
	c.p.Async(func() func(*proc.Process) term.Term {
		_ = c.vm.loadOnce(module)
		return func(*proc.Process) term.Term { return term.AtomOk }
	})
	return c.waitHere(n)
}

func (c *cpu) waitHere(n int) bool {
	c.p.Action = proc.ActNone
	c.p.M.Catches = insideBIF
	c.save(c.m.PC, n)
	c.out = scheduler.Waiting
	return stopped
}

var (
	atomUndefinedHook     = term.Intern("$handle_undefined_function")
	atomUndefinedFunction = term.Intern("undefined_function")
	atomUndefinedLambda   = term.Intern("undefined_lambda")
	atomRaiseUndef        = term.Intern("raise_undef_exception")
)

// undefined deals with a call of a function that does not exist.
func (c *cpu) undefined(e *term.Export, n int) bool {
	m := c.m
	args := c.h.List(c.xregs(n)...)
	if hook := exportAt(c.vm.Code.exportAddr(e.Module, atomUndefinedHook, 2)); hook.Code != addrOf(hook)+stubOffset {
		c.setX(0, e.Function)
		c.setX(1, args)
		m.PC = hook.Code
		return goOn
	}
	if c.vm.points.bif[c.vm.errorSlot] != nil { // who traces erlang:error/1 sees these errors, too: they are raised in Erlang then
		for i, t := range []term.Term{e.Module, e.Function, args} {
			c.setX(i, t)
		}
		return c.enter(term.AtomErrorHandler, atomRaiseUndef, 3)
	}
	m.PC = 0
	c.p.Exc = proc.Exception{Class: term.AtomError, Reason: term.AtomUndef, Args: args}
	c.slot = addrOf(e)
	return c.unwind()
}

// unloadedFun is a call of a fun without code: its module is not loaded, or is being purged, or is there in another version.
func (c *cpu) unloadedFun(a uintptr) bool {
	e := (*term.FunEntry)(term.At(a))
	ar, free := int(e.Arity), int(e.NumFree)
	switch waits, tried := c.goesOn(ar + free); {
	case waits:
		return stopped
	case e.Code != c.m.PC:
		c.m.PC = e.Code
		return goOn
	case !tried && c.vm.Find != nil && !c.vm.Code.Loaded(e.Module) && onLoadOf(c.p) != e.Module:
		return c.load(e.Module, ar+free)
	}
	if r := c.vm.Code.purgeOf(c.p, e); r != nil {
		var resume proc.BIF
		resume = func(p *proc.Process, _ []term.Term) term.Term {
			if !r.done.Load() {
				return p.WaitBIF(resume)
			}
			return term.AtomOk
		}
		c.p.WaitBIF(resume)
		return c.waitHere(ar + free)
	}
	f := c.h.Closure(a, c.p.Pid, c.xregs(ar + free)[ar:]...)
	if handler := c.p.ErrorHandler(); handler != term.AtomErrorHandler && handler != e.Module {
		args := c.h.List(c.xregs(ar)...)
		c.setX(0, e.Module)
		c.setX(1, f)
		c.setX(2, args)
		return c.enter(handler, atomUndefinedLambda, 3)
	}
	c.m.PC = 0
	if c.vm.Code.Loaded(e.Module) {
		return c.failAt(term.AtomBadfun, f)
	}
	c.p.Exc = proc.Exception{Class: term.AtomError, Reason: term.AtomUndef, Args: c.h.List(c.xregs(ar)...)}
	c.slot, c.headFun = 0, f
	return c.unwind()
}
