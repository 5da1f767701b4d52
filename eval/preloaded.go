package eval

import (
	"slices"

	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// preloaded are the modules that consist of built-in functions alone: no file holds them, yet they can be asked about.
var preloaded = []string{"erlang", "erts_internal", "erts_debug", "math", "atomics", "counters", "persistent_term"}

// isPreloaded tells the modules that erlang:pre_loaded/0 names: OTP's that have no file there either, as far as gerl has them.
func isPreloaded(m term.Term) bool {
	switch m.AtomName() {
	case "erlang", "erts_internal", "atomics", "counters", "persistent_term", "init":
		return true
	}
	return false
}

// preloadedInLibrary are the modules of the library that OTP loads before there are files.
var preloadedInLibrary = []string{"erl_prim_loader", "erts_code_purger", "prim_eval", "prim_file", "prim_inet", "zlib"}

func preloadedInOTP(m term.Term) bool { return slices.Contains(preloadedInLibrary, m.AtomName()) }

// bifPreLoaded is erlang:pre_loaded/0.
func bifPreLoaded(p *proc.Process, _ []term.Term) term.Term {
	ms := []term.Term{term.Intern("init")}
	for _, name := range preloaded {
		if m := term.Intern(name); isPreloaded(m) {
			ms = append(ms, m)
		}
	}
	for _, name := range preloadedInLibrary {
		ms = append(ms, term.Intern(name))
	}
	return p.Heap.List(ms...)
}

// addPreloaded gives those modules their module_info functions.
func (vm *VM) addPreloaded() {
	vm.builtin = map[term.Term]bool{}
	for _, name := range preloaded {
		m := term.Intern(name)
		vm.builtin[m] = true
		vm.AddBIF(name, "module_info", 0, func(p *proc.Process, _ []term.Term) term.Term {
			h := &p.Heap
			var items []term.Term
			for _, item := range []term.Term{term.AtomModule, term.AtomExports, term.AtomAttributes, term.AtomCompile, term.AtomMd5} {
				t, _ := vm.builtinInfo(h, m, item)
				items = append(items, h.Tuple(item, t))
			}
			return h.List(items...)
		})
		vm.AddBIF(name, "module_info", 1, func(p *proc.Process, a []term.Term) term.Term {
			t, ok := vm.builtinInfo(&p.Heap, m, a[0])
			if !ok {
				return p.Badarg()
			}
			return t
		})
	}
}

// builtinInfo is one item of module_info for a module of built-in functions.
func (vm *VM) builtinInfo(h *term.Heap, m, item term.Term) (t term.Term, ok bool) {
	switch item {
	case term.AtomModule:
		return m, true
	case term.AtomExports, term.AtomFunctions:
		var fs []term.Term
		for i := range bifs.Count() {
			if b := bifs.At(i); b.Module == m {
				fs = append(fs, h.Tuple(b.Function, term.Int(b.Arity)))
			}
		}
		for k := range vm.own {
			if k.m == m && bifs.Index(k.m, k.f, k.arity) < 0 {
				fs = append(fs, h.Tuple(k.f, term.Int(k.arity)))
			}
		}
		if m == term.AtomErlang { // the machine's own instructions
			fs = append(fs, h.Tuple(atomApply, term.Int(2)), h.Tuple(atomApply, term.Int(3)))
		}
		return h.List(fs...), true
	case term.AtomAttributes, term.AtomCompile, term.AtomNifs, atomNativeAddresses:
		return term.Nil, true
	case term.AtomMd5:
		return h.Binary(make([]byte, 16)), true
	case term.AtomNative:
		return term.AtomFalse, true
	}
	return term.None, false
}
