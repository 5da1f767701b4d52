package eval

import (
	"fmt"
	"sync/atomic"

	"github.com/gerl-lang/gerl/beam"
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
		for _, f := range c.src.Funcs {
			if exported {
				if _, ok := c.entries[mfa{c.module, f.Name, f.Arity}]; !ok {
					continue
				}
			}
			fs = append(fs, h.Tuple(f.Name, term.Int(f.Arity)))
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
		return orNil(c.src.Attributes), true
	case term.AtomCompile:
		return orNil(c.src.CompileInfo), true
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
	f, err := beam.ParseFile(data)
	if err != nil {
		return err
	}
	m, err := f.Module(term.NewArena(), vm.Code.exportAddr)
	if err != nil {
		return err
	}
	if m.Name != name {
		return fmt.Errorf("eval: the file holds module %s, not %s", m.Name.AtomName(), name.AtomName())
	}
	return vm.Code.Load(m, f.MD5())
}

// bifDeleteModule makes the current code of a module old: true, or undefined if there is none. Badarg while there is old code.
func bifDeleteModule(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	vm, name := vmOf(p), a[0]
	cs := vm.Code
	if cs.current(name) == nil {
		return term.AtomUndefined
	}
	if cs.oldCode(name) != nil {
		return p.Badarg()
	}
	return p.Async(func() func(*proc.Process) term.Term {
		vm.quiesce(func() {
			m := cs.moduleFor(name)
			if m.cur != nil && m.old == nil {
				vm.dropBreakpoints(m.cur)
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
	if a[0] == p.Pid {
		return term.Bool(vm.UsesCode(p, m))
	}
	var done atomic.Int32
	if !p.Sys.Call(p, a[0], func(q *proc.Process) {
		if !q.Dying() && vm.UsesCode(q, m) {
			done.Store(2)
		} else {
			done.Store(1)
		}
		p.Sys.Sched.Ready(&p.Node)
	}) {
		return term.AtomFalse
	}
	var resume proc.BIF
	resume = func(p *proc.Process, a []term.Term) term.Term {
		switch done.Load() {
		case 1:
			return term.AtomFalse
		case 2:
			return term.AtomTrue
		}
		return p.WaitBIF(resume)
	}
	return p.WaitBIF(resume)
}

// UsesCode implements proc.CodeProber: p's stack, place or funs refer to old code of the module.
func (vm *VM) UsesCode(p *proc.Process, module term.Term) bool {
	old := vm.Code.oldCode(module)
	if old == nil {
		return false
	}
	in := func(a uintptr) bool { return a >= old.start && a < old.end }
	if in(p.M.Resume) {
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

// purge kills the processes that run old code of a module (hard), or finds out whether there are any, and forgets the code
// when there are none left. kept says that old code stays.
func purge(p *proc.Process, module term.Term, hard bool, answer func(p *proc.Process, had, killed, kept bool) term.Term) term.Term {
	vm := vmOf(p)
	old := vm.Code.oldCode(module)
	if old == nil {
		return answer(p, false, false, false)
	}
	var pending, users atomic.Int32
	self := vm.UsesCode(p, module)
	for _, pid := range p.Sys.Pids() {
		if pid == p.Pid {
			continue
		}
		pending.Add(1)
		if !p.Sys.Call(p, pid, func(q *proc.Process) {
			if !q.Dying() && vm.UsesCode(q, module) {
				users.Add(1)
				if hard {
					q.Sys.Kill(q.Pid, term.AtomKill)
				}
			}
			pending.Add(-1)
			p.Sys.Sched.Ready(&p.Node)
		}) {
			pending.Add(-1)
		}
	}
	if self {
		users.Add(1)
	}
	var resume proc.BIF
	resume = func(p *proc.Process, a []term.Term) term.Term {
		if pending.Load() > 0 {
			return p.WaitBIF(resume)
		}
		if n := users.Load(); n > 0 && !hard {
			return answer(p, true, false, true)
		}
		vm.Code.forget(old)
		return answer(p, true, users.Load() > 0, false)
	}
	return resume(p, nil)
}

// forget removes old code. Its memory is kept: funs and literals may still refer to it (see docs/differences.md).
func (cs *CodeServer) forget(c *code) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	m := cs.modules[c.module]
	if m == nil || m.old != c {
		return
	}
	m.old = nil
	for _, e := range c.funs {
		if e.Code >= c.start && e.Code < c.end {
			e.Code = uintptrOf(e) + funStubOffset
		}
	}
}

func bifPurgeModule(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	return purge(p, a[0], true, func(p *proc.Process, had, killed, kept bool) term.Term {
		if !had {
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
	return purge(p, a[0], true, func(_ *proc.Process, _, killed, _ bool) term.Term { return term.Bool(killed) })
}

// bifCodeSoftPurge is code:soft_purge/1: false if a process runs the old code.
func bifCodeSoftPurge(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	return purge(p, a[0], false, func(_ *proc.Process, _, _, kept bool) term.Term { return term.Bool(!kept) })
}
