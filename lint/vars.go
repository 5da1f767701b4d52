package lint

import (
	"slices"

	"github.com/gerl-lang/gerl/diag"
)

// binding is what is known of a variable at some point of a function.
type binding struct {
	name  string
	state varState
	used  bool
	at    []diag.Pos // where it was bound, ascending
}

// varKind says whether a variable may be used.
type varKind uint8

const (
	bound      varKind = iota
	exported           // bound inside the construct where it came from
	unsafe             // bound on some ways through the construct only
	stacktrace         // the stack trace of a catch clause, in the guard
)

// varState is a varKind with the construct behind it.
type varState struct {
	kind varKind
	in   construct
}

// construct names an expression in a message: "case", (line ...).
type construct struct {
	what string
	at   diag.Pos
}

// one is the set of a single variable.
func one(name string, s varState, used bool, at ...diag.Pos) vars {
	return only(binding{name, s, used, at})
}

// update is old with the newer facts of v: states come from v, uses add up.
func update(v, old vars) vars {
	return combine(v, old, func(x, y *binding) *binding {
		return like(x, y, binding{x.name, x.state, x.used || y.used, places(x.at, y.at)})
	})
}

// merge unites what two expressions that do not see each other do; the worse
// state wins.
func merge(a, b vars) vars {
	return combine(a, b, func(x, y *binding) *binding {
		return like(x, y, binding{x.name, worse(x.state, y.state), x.used || y.used, places(x.at, y.at)})
	})
}

// like gives one of two bindings if it says the same as b, so that sets go on
// sharing it.
func like(x, y *binding, b binding) *binding {
	for _, old := range [2]*binding{y, x} {
		if old.state == b.state && old.used == b.used && slices.Equal(old.at, b.at) {
			return old
		}
	}
	return &b
}

func worse(a, b varState) varState {
	switch {
	case a.kind == unsafe:
		return a
	case b.kind == unsafe:
		return b
	case a.kind == bound:
		return b
	}
	return a
}

// places unites two ordered lists of positions.
func places(a, b []diag.Pos) []diag.Pos {
	if len(b) == 0 || len(a) == len(b) && (len(a) == 1 && a[0] == b[0]) {
		return a
	}
	if len(a) == 0 {
		return b
	}
	out := make([]diag.Pos, 0, len(a)+len(b))
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case j == len(b) || i < len(a) && a[i] < b[j]:
			out = append(out, a[i])
			i++
		case i == len(a) || b[j] < a[i]:
			out = append(out, b[j])
			j++
		default:
			out = append(out, a[i])
			i++
			j++
		}
	}
	return out
}

// mark gives the new variables of v (those not in old) a state, unless they
// have a worse one.
func mark(s varState, v, old vars) vars {
	var out vars
	each(fresh(v, old), func(b *binding) {
		out = join(out, one(b.name, worse(s, b.state), b.used, b.at...))
	})
	return out
}

// leave is v when a construct that binds variables for sure ends.
func leave(in construct, v, old vars) vars {
	return update(mark(varState{exported, in}, v, old), v)
}

// leaveUnsafe is v when a construct ends whose variables must not be used
// outside.
func leaveUnsafe(in construct, v, old vars) vars {
	return update(mark(varState{unsafe, in}, v, old), v)
}

// leaveClauses is what the clauses of a construct, one set each, do to the
// variables old that were there before.
func leaveClauses(clauses []vars, old vars, in construct) vars {
	groups := map[string][]*binding{}
	var names []string
	for _, c := range clauses {
		each(c, func(b *binding) {
			if groups[b.name] == nil {
				names = append(names, b.name)
			}
			groups[b.name] = append(groups[b.name], b)
		})
	}
	slices.Sort(names)
	var out vars
	for _, name := range names {
		group := groups[name]
		if o, ok := find(old, name); ok {
			out = join(out, one(name, reused(o.state, group), true, o.at...))
		} else {
			out = join(out, only(bornInClauses(name, group, len(clauses), in)))
		}
	}
	return out
}

// reused is the state of a variable that was there before the clauses. One
// that another construct exported stays so as long as no clause matches it.
func reused(before varState, group []*binding) varState {
	anyExported := false
	for _, b := range group {
		if b.state.kind == bound {
			return varState{}
		}
		anyExported = anyExported || b.state.kind == exported
	}
	if before.kind != exported || !anyExported {
		return varState{}
	}
	for _, b := range group {
		before = worse(before, b.state)
	}
	return before
}

// bornInClauses is a variable that clauses bind.
func bornInClauses(name string, group []*binding, clauses int, in construct) binding {
	s := varState{exported, in}
	var at []diag.Pos
	for _, b := range group {
		if b.state.kind == unsafe {
			if s.kind == unsafe {
				s = varState{unsafe, in}
			} else {
				s = b.state
			}
		}
		if !b.used {
			at = places(at, b.at)
		}
	}
	if len(group) != clauses {
		s = varState{unsafe, in}
	}
	return binding{name, s, len(at) == 0, at}
}
