package bifs

import (
	"github.com/gerl-lang/gerl/bifs/spec"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// ModuleFinder is how a node finds modules; the node provides it beside Node.
type ModuleFinder interface {
	// FindModule gives the contents and the file name of a module. It may block.
	FindModule(name string) (data []byte, file string, ok bool)
	// CodePath lists the directories that are searched.
	CodePath() []string
}

// gerl_code:find(Module) -> {Binary, File} | error
func gerlCodeFind1(p *proc.Process, a []term.Term) term.Term {
	f, ok := NodeOf(p).(ModuleFinder)
	if !ok || !a[0].IsAtom() {
		return p.Badarg()
	}
	name := a[0].AtomName()
	return p.Async(func() func(*proc.Process) term.Term {
		data, file, ok := f.FindModule(name)
		return func(p *proc.Process) term.Term {
			if !ok {
				return term.AtomError
			}
			return p.Heap.Tuple(p.Heap.Binary(data), p.Heap.Chars(file))
		}
	})
}

// gerl_code:path() -> [Directory]
func gerlCodePath0(p *proc.Process, _ []term.Term) term.Term {
	f, ok := NodeOf(p).(ModuleFinder)
	if !ok {
		return term.Nil
	}
	var dirs []term.Term
	for _, d := range f.CodePath() {
		dirs = append(dirs, p.Heap.Chars(d))
	}
	return p.Heap.List(dirs...)
}

// erts_internal:bif_fact(auto | old | guard | typetest, Name, Arity) -> boolean(): what package spec
// says about erlang:Name/Arity.
func ertsInternalBifFact3(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() || !a[1].IsAtom() || !a[2].IsSmall() {
		return p.Badarg()
	}
	name, arity := a[1].AtomName(), a[2].Small()
	switch a[0].AtomName() {
	case "auto":
		return term.Bool(spec.IsAutoImported(name, arity))
	case "old":
		return term.Bool(spec.IsOldAutoImported(name, arity))
	case "guard":
		return term.Bool(spec.IsGuardBIF(name, arity))
	case "typetest":
		return term.Bool(spec.IsTypeTest(name, arity))
	}
	return p.Badarg()
}

// erts_internal:map_to_list(Map) -> [{Key, Value}]
func ertsInternalMapToList1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsMap() {
		return p.Badarg()
	}
	n := term.MapSize(a[0])
	pairs := make([]term.Term, 0, n)
	term.MapEach(a[0], func(k, v term.Term) bool {
		pairs = append(pairs, p.Heap.Tuple(k, v))
		return true
	})
	p.Bump(n / 4)
	return p.Heap.List(pairs...)
}
