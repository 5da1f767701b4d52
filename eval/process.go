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

// Collect implements proc.Machine: a full collection of a process that is not running or is inside a BIF whose
// arguments it does not need any more.
func (vm *VM) Collect(p *proc.Process) {
	if p.Heap.Start == 0 {
		return
	}
	c := &cpu{vm: vm, p: p, h: &p.Heap}
	p.AdoptCurrent()
	if p.TracesCollection() {
		c.tellCollection(true, true)
		defer c.tellCollection(true, false)
	}
	c.chargeAll()
	p.Collected(func() { p.Heap.Collect(0, term.Roots{Extra: c}, true) })
	c.settleAll()
}

// Discard implements proc.Machine.
func (vm *VM) Discard(p *proc.Process) {
	if run, ok := p.M.Data.(*onLoadRun); ok {
		run.finished(term.None)
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

// Export errors of a lazily loaded call.

// unloaded is served when a call finds an export slot or a fun without code: the arguments are in the X registers, the
// stack is as at a function entry.
func (c *cpu) unloaded(a uintptr) bool {
	if a&unloadedFun != 0 {
		return c.unloadedFun(a &^ unloadedFun)
	}
	e := exportAt(a)
	n := int(e.Arity)
	if c.resume != nil {
		f := c.resume
		c.resume = nil
		f(c.p, nil) // what it says is seen below
		if c.p.Action == proc.ActWait {
			c.p.Action = proc.ActNone
			return c.waitLoad(n)
		}
		if e.Code != c.m.PC {
			c.m.PC = e.Code
			return goOn
		}
		return c.undefined(e, n)
	}
	if c.vm.Find == nil || c.vm.Code.Loaded(e.Module) {
		return c.undefined(e, n)
	}
	name := e.Module
	c.p.Async(func() func(*proc.Process) term.Term {
		c.vm.loadOnce(name)
		return func(*proc.Process) term.Term { return term.AtomOk }
	})
	c.p.Action = proc.ActNone
	return c.waitLoad(n)
}

func (c *cpu) waitLoad(n int) bool {
	c.p.M.Catches = insideBIF
	c.save(c.m.PC, n)
	c.out = scheduler.Waiting
	return stopped
}

var (
	atomUndefinedHook = term.Intern("$handle_undefined_function")
	atomErrorHandler  = term.Intern("error_handler")
	atomRaiseUndef    = term.Intern("raise_undef_exception")
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
		return c.enter(atomErrorHandler, atomRaiseUndef, 3)
	}
	m.PC = 0
	c.p.Exc = proc.Exception{Class: term.AtomError, Reason: term.AtomUndef, Args: args}
	c.slot = addrOf(e)
	return c.unwind()
}

// unloadedFun is a call of a fun whose module's code is gone.
func (c *cpu) unloadedFun(a uintptr) bool {
	e := (*term.FunEntry)(term.At(a))
	ar, free := int(e.Arity), int(e.NumFree)
	f := c.h.Closure(a, c.p.Pid, c.xregs(ar + free)[ar:]...)
	c.m.PC = 0
	return c.failAt(term.AtomBadfun, f)
}
