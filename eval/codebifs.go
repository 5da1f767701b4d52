package eval

import (
	"sync/atomic"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// BIFs about loaded code.

// vmOf is the engine that p runs on.
func vmOf(p *proc.Process) *VM { return p.Sys.Machine.(*VM) }

// current gives the current code of a module, nil if it is not loaded.
func (cs *CodeServer) current(m term.Term) *code {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	if x := cs.modules[m]; x != nil {
		return x.cur
	}
	return nil
}

// old gives the old code of a module, nil if there is none.
func (cs *CodeServer) oldCode(m term.Term) *code {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	if x := cs.modules[m]; x != nil {
		return x.old
	}
	return nil
}

var atomNativeAddresses = term.Intern("native_addresses")

// bifGetModuleInfo1 is what Mod:module_info/0 calls.
func bifGetModuleInfo1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	c := vmOf(p).Code.current(a[0])
	if c == nil {
		return p.Badarg()
	}
	h := &p.Heap
	var items []term.Term
	for _, item := range []term.Term{term.AtomModule, term.AtomExports, term.AtomAttributes, term.AtomCompile, term.AtomMd5} {
		t, _ := c.info(h, item)
		items = append(items, h.Tuple(item, t))
	}
	return h.List(items...)
}

// bifGetModuleInfo2 is what Mod:module_info/1 calls.
func bifGetModuleInfo2(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	c := vmOf(p).Code.current(a[0])
	if c == nil {
		return p.Badarg()
	}
	t, ok := c.info(&p.Heap, a[1])
	if !ok {
		return p.Badarg()
	}
	return t
}

// info is one item of module_info.
func (c *code) info(h *term.Heap, item term.Term) (t term.Term, ok bool) {
	pairs := func(exported bool) term.Term {
		var fs []term.Term
		for _, f := range c.funcs {
			if exported {
				if _, ok := c.entries[mfa{c.module, f.name, int(f.arity)}]; !ok {
					continue
				}
			}
			fs = append(fs, h.Tuple(f.name, term.Int(int(f.arity))))
		}
		return h.List(fs...)
	}
	orNil := func(t term.Term) term.Term {
		if t == term.None {
			return term.Nil
		}
		return term.CopyTo(h, t)
	}
	switch item {
	case term.AtomModule:
		return c.module, true
	case term.AtomExports:
		return pairs(true), true
	case term.AtomFunctions:
		return pairs(false), true
	case term.AtomAttributes:
		return orNil(c.attributes), true
	case term.AtomCompile:
		return orNil(c.compileInfo), true
	case term.AtomMd5:
		return h.Binary(c.md5[:]), true
	case term.AtomNifs, atomNativeAddresses:
		return term.Nil, true
	case term.AtomNative:
		return term.AtomFalse, true
	}
	return term.None, false
}

func bifLoaded(p *proc.Process, a []term.Term) term.Term {
	cs := vmOf(p).Code
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	var ms []term.Term
	for _, m := range cs.modules {
		if m.cur != nil || m.old != nil {
			ms = append(ms, m.name)
		}
	}
	for m := range vmOf(p).builtin {
		if x := cs.modules[m]; x == nil || x.cur == nil && x.old == nil {
			ms = append(ms, m)
		}
	}
	return p.Heap.List(ms...)
}

// bifLoadModule is erlang:load_module(Module, Binary): {module, Module} or {error, badfile | not_purged | on_load}.
func bifLoadModule(p *proc.Process, a []term.Term) term.Term {
	data, ok := a[1].Bytes()
	if !a[0].IsAtom() || !ok {
		return p.Badarg()
	}
	data = append([]byte(nil), data...)
	name, vm := a[0], vmOf(p)
	return p.Async(func() func(*proc.Process) term.Term {
		err := vm.loadNamed(name, data)
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			switch {
			case err == nil:
				return h.Tuple(term.AtomModule, name)
			case err == errNotPurged:
				return h.Tuple(term.AtomError, atomNotPurged)
			case err == errOnLoad:
				return h.Tuple(term.AtomError, atomOnLoadFailure)
			}
			vm.reportBadFile(name, err)
			return h.Tuple(term.AtomError, term.AtomBadfile)
		}
	})
}

var (
	atomNotPurged     = term.Intern("not_purged")
	atomOnLoadFailure = term.Intern("on_load_failure")
)

// loadNamed is LoadBinary for a file that must hold the module with this name.
func (vm *VM) loadNamed(name term.Term, data []byte) error {
	m, arena, sum, err := vm.readModule(data)
	if err != nil {
		return err
	}
	defer arena.Free()
	if m.Name != name {
		return wrongName{m.Name}
	}
	return vm.Code.LoadProved(m, sum, nil)
}

// bifEnsureLoaded is gerl_code:ensure_loaded(Module): {module, Module} or {error, nofile | badfile | on_load_failure}.
func bifEnsureLoaded(p *proc.Process, a []term.Term) term.Term {
	name, vm := a[0], vmOf(p)
	switch {
	case !name.IsAtom():
		return p.Badarg()
	case vm.Code.Loaded(name) || onLoadOf(p) == name:
		return p.Heap.Tuple(term.AtomModule, name)
	case vm.Find == nil:
		return p.Heap.Tuple(term.AtomError, term.Intern(string(errNoFile)))
	}
	return p.Async(func() func(*proc.Process) term.Term {
		err := vm.loadOnce(name)
		return func(p *proc.Process) term.Term {
			if e, failed := err.(loadError); failed {
				return p.Heap.Tuple(term.AtomError, term.Intern(string(e)))
			}
			return p.Heap.Tuple(term.AtomModule, name)
		}
	})
}

// bifDeleteModule makes the current code of a module old: true, also when there is none any more, or undefined if there never was
// any. Badarg while there is old code.
func bifDeleteModule(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	vm, name := vmOf(p), a[0]
	cs := vm.Code
	cs.mu.RLock()
	known := cs.modules[name] != nil
	cs.mu.RUnlock()
	switch {
	case !known:
		return term.AtomUndefined
	case cs.oldCode(name) != nil:
		return p.Badarg()
	case cs.current(name) == nil:
		return term.AtomTrue
	}
	return p.Async(func() func(*proc.Process) term.Term {
		vm.quiesce(func() {
			m := cs.moduleFor(name)
			if m.cur != nil && m.old == nil {
				vm.clearBreakpoints(m.cur)
				m.old, m.cur = m.cur, nil
				cs.uninstall(name)
			}
		})
		return func(*proc.Process) term.Term { return term.AtomTrue }
	})
}

func bifCheckOldCode(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	return term.Bool(vmOf(p).Code.oldCode(a[0]) != nil)
}

// bifCheckProcessCode is check_process_code(Pid, Module): whether the process runs old code of the module.
func bifCheckProcessCode(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsLocalPid() || !a[1].IsAtom() {
		return p.Badarg()
	}
	vm, m := vmOf(p), a[1]
	var done, used atomic.Bool
	if !p.Sys.Call(p, a[0], proc.AtRest(func(q *proc.Process) {
		used.Store(!q.Dying() && vm.UsesCode(q, m))
		done.Store(true)
		p.Sys.Sched.Ready(&p.Node)
	})) {
		return term.AtomFalse
	}
	var resume proc.BIF
	resume = func(p *proc.Process, _ []term.Term) term.Term {
		if !done.Load() {
			return p.WaitBIF(resume)
		}
		return term.Bool(used.Load())
	}
	return p.WaitBIF(resume)
}

func bifPurgeModule(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	return purge(p, a[0], true, func(p *proc.Process, r *purgeRun) term.Term {
		if r == nil {
			return p.Badarg()
		}
		return term.AtomTrue
	})
}

// bifCodePurge is code:purge/1 without the code server process: true if a process had to be killed.
func bifCodePurge(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	return purge(p, a[0], true, func(_ *proc.Process, r *purgeRun) term.Term { return term.Bool(r != nil && r.users.Load() > 0) })
}

// bifCodeSoftPurge is code:soft_purge/1: false if a process runs the old code.
func bifCodeSoftPurge(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	return purge(p, a[0], false, func(_ *proc.Process, r *purgeRun) term.Term { return term.Bool(r == nil || r.removed()) })
}
