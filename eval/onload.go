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
	value chan term.Term // the function's value, None if it failed
}

// atomOnLoadRun is the module that Start takes for a request to run an on_load function.
var atomOnLoadRun = term.Intern("$on_load")

// runOnLoad runs the on_load function of staged code. It must not be called on a worker.
func (vm *VM) runOnLoad(c *code) error {
	if c.onLoad == 0 || vm.Sys == nil {
		return nil
	}
	vm.Code.addRange(c) // stack traces and the collector must know the code
	run := &onLoadRun{code: c, value: make(chan term.Term, 1)}
	vm.onLoad.Store(c.module, run)
	_, e := vm.Sys.Spawn(atomOnLoadRun, c.module, term.Nil, nil)
	ok := e == proc.SpawnOK && <-run.value == term.AtomOk
	vm.Code.dropRange(c)
	if !ok {
		vm.warn("The on_load function for module " + c.module.AtomName() + " returned:\nsomething else than ok")
		return errOnLoad
	}
	return nil
}

// startOnLoad prepares the process for a request of runOnLoad.
func (vm *VM) startOnLoad(p *proc.Process, module term.Term) {
	v, _ := vm.onLoad.LoadAndDelete(module)
	run := v.(*onLoadRun)
	p.M.Data = run
	p.M.Resume = run.code.onLoad
}

// finished tells the waiting loader the value of the function that has just returned, None if it failed.
func (r *onLoadRun) finished(value term.Term) {
	if !r.done {
		r.done = true
		r.value <- value
	}
}
