package eval

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// -on_load: the function runs in a process of its own before the module becomes visible; if it gives
// anything but ok the code is thrown away.

// errOnLoad is the reason why a module is not loaded: its on_load function did not give ok.
const errOnLoad = loadError("on_load_failure")

// onLoadRun is in MachineState.Data of a process that runs an on_load function.
type onLoadRun struct {
	code  *code
	done  bool
	value chan onLoadValue
}

// onLoadValue is what the function gave, or the reason why it ended otherwise.
type onLoadValue struct {
	term     term.Term
	fragment uintptr
}

// atomOnLoadRun is the module that Start takes for a request to run an on_load function.
var atomOnLoadRun = term.Intern("$on_load")

// runOnLoad runs the on_load function of staged code. It must not be called on a worker.
func (vm *VM) runOnLoad(c *code) error {
	if c.onLoad == 0 || vm.Sys == nil {
		return nil
	}
	vm.Code.addRange(c) // stack traces and the collector must know the code
	vm.Code.moduleFor(c.module)
	for i, e := range c.funs { // its funs can be called
		if e.Code == uintptrOf(e)+funStubOffset {
			e.Code = c.funCode[i]
		}
	}
	run := &onLoadRun{code: c, value: make(chan onLoadValue, 1)}
	vm.onLoad.Store(c.module, run)
	defer vm.onLoad.Delete(c.module)
	value := onLoadValue{term: term.AtomSystemLimit}
	if _, e := vm.Sys.Spawn(atomOnLoadRun, c.module, term.Nil, nil); e == proc.SpawnOK {
		value = <-run.value
	}
	defer term.DropFragment(value.fragment)
	if value.term == term.AtomOk {
		vm.Code.dropRange(c)
		return nil
	}
	if !value.term.IsAtom() {
		h := term.NewArena()
		args := h.List(c.module, value.term, term.Int(reportDepth))
		_, _ = vm.Sys.Spawn(term.Intern("error_logger"), term.Intern("warning_msg"),
			h.List(h.Chars("The on_load function for module ~s returned:~n~P\n"), args), nil)
		h.Free()
	}
	(&purgeRun{vm: vm, old: c, hard: true}).begin(nil)
	return errOnLoad
}

// reportDepth bounds the part of an on_load function's value that a report shows.
const reportDepth = 30

// startOnLoad prepares the process for a request of runOnLoad.
func (vm *VM) startOnLoad(p *proc.Process, module term.Term) {
	v, _ := vm.onLoad.Load(module)
	run := v.(*onLoadRun)
	p.M.Data = run
	p.M.Resume = run.code.onLoad
}

// finished tells the waiting loader the value of the function that has just returned, or why it ended.
func (r *onLoadRun) finished(value term.Term) {
	if !r.done {
		r.done = true
		t, fragment := term.CopyObject(value)
		r.value <- onLoadValue{t, fragment}
	}
}

// onLoadOf is the module whose on_load function a process runs, None for no such process.
func onLoadOf(p *proc.Process) term.Term {
	if run, ok := p.M.Data.(*onLoadRun); ok {
		return run.code.module
	}
	return term.None
}
