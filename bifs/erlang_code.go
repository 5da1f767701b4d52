package bifs

import (
	"github.com/gerl-lang/gerl/bifs/spec"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Code is what BIFs need of the code server. Package eval provides it.
type Code interface {
	// Exported reports whether a call of m:f/a would find a function or BIF without loading anything.
	Exported(m, f term.Term, arity int) bool
	// Loaded reports whether a module has current code.
	Loaded(m term.Term) bool
	// Export gives the slot of m:f/a, making it when it is first asked for.
	Export(m, f term.Term, arity int) *term.Export
}

type codeKey struct{}

// SetCode tells BIFs of their node's code server; before the node starts.
func SetCode(sys *proc.System, c Code) { sys.Values.Store(codeKey{}, c) }

func codeOf(p *proc.Process) Code {
	c, _ := p.Sys.Values.Load(codeKey{})
	if c == nil {
		return nil
	}
	return c.(Code)
}

var atomNotSupported = term.Intern("not_supported")

// notSupported raises error:not_supported: a part of the node that the BIF needs is missing.
func notSupported(p *proc.Process) term.Term { return p.Raise(term.AtomError, atomNotSupported) }

// notsup is OTP's own word for what the runtime or the operating system cannot do.
func notsup(p *proc.Process) term.Term { return p.Raise(term.AtomError, term.Intern("notsup")) }

func erlangFunctionExported3(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[2], -maxInt, maxInt)
	if !ok || !a[0].IsAtom() || !a[1].IsAtom() {
		return p.Badarg()
	}
	c := codeOf(p)
	if c == nil {
		return term.Bool(Index(a[0], a[1], n) >= 0)
	}
	return term.Bool(c.Exported(a[0], a[1], n))
}

func erlangModuleLoaded1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	// Module erlang has BIFs only, but it is always there.
	c := codeOf(p)
	return term.Bool(a[0] == term.AtomErlang || c != nil && c.Loaded(a[0]))
}

func erlangIsBuiltin3(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[2], -maxInt, maxInt)
	if !ok || !a[0].IsAtom() || !a[1].IsAtom() {
		return p.Badarg()
	}
	f, found := spec.Lookup(a[0].AtomName(), a[1].AtomName(), n)
	return term.Bool(found && f.Flags&spec.Erl == 0)
}

func erlangMakeFun3(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[2], 0, maxArgs)
	if !ok || !a[0].IsAtom() || !a[1].IsAtom() {
		return p.Badarg()
	}
	c := codeOf(p)
	if c == nil {
		return notSupported(p)
	}
	return p.Heap.ExternalFun(c.Export(a[0], a[1], n).Address())
}

// ---- funs -------------------------------------------------------------------------------------

var (
	atomPid  = term.Intern("pid")
	atomRefc = term.Intern("refc")
)

// funItem gives one item of fun_info/2, None for an unknown one.
func funItem(p *proc.Process, fun, item term.Term) term.Term {
	h := &p.Heap
	if fun.IsSub(term.SubExport) {
		e := fun.ExportOf()
		switch item {
		case term.AtomModule:
			return e.Module
		case term.AtomName:
			return e.Function
		case term.AtomArity:
			return term.Int(int(e.Arity))
		case term.AtomEnv:
			return term.Nil
		case term.AtomType:
			return term.AtomExternal
		case term.AtomIndex, term.AtomUniq, term.AtomNewIndex, term.AtomNewUniq, atomPid, atomRefc:
			return term.AtomUndefined
		}
		return term.None
	}
	e := fun.FunEntryOf()
	switch item {
	case term.AtomModule:
		return e.Module
	case term.AtomName:
		return e.Name
	case term.AtomArity:
		return term.Int(int(e.Arity))
	case term.AtomEnv:
		env := make([]term.Term, e.NumFree)
		for i := range env {
			env[i] = term.FunEnv(fun, i)
		}
		return h.List(env...)
	case term.AtomType:
		return atomLocal
	case term.AtomIndex, term.AtomNewIndex:
		return term.Int(int(e.Index))
	case term.AtomUniq:
		return term.Int(int(e.OldUniq))
	case term.AtomNewUniq:
		return h.Binary(e.Uniq[:])
	case atomPid:
		return term.FunCreator(fun)
	case atomRefc:
		return term.Int(1)
	}
	return term.None
}

func erlangFunInfo2(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsFun() {
		return p.Badarg()
	}
	v := funItem(p, a[0], a[1])
	if v == term.None {
		return p.Badarg()
	}
	return p.Heap.Tuple(a[1], v)
}

func erlangFunInfo1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsFun() {
		return p.Badarg()
	}
	items := []term.Term{atomPid, term.AtomModule, term.AtomNewIndex, term.AtomNewUniq, term.AtomIndex, term.AtomUniq,
		term.AtomName, term.AtomArity, term.AtomEnv, term.AtomType}
	if a[0].IsSub(term.SubExport) {
		items = []term.Term{term.AtomModule, term.AtomName, term.AtomArity, term.AtomEnv, term.AtomType}
	}
	for i, item := range items {
		items[i] = p.Heap.Tuple(item, funItem(p, a[0], item))
	}
	return p.Heap.List(items...)
}

// fun_info_mfa is what the explanations of errors use: {Module, Name, Arity}.
func erlangFunInfoMfa1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsFun() {
		return p.Badarg()
	}
	return p.Heap.Tuple(funItem(p, a[0], term.AtomModule), funItem(p, a[0], term.AtomName), funItem(p, a[0], term.AtomArity))
}
