package lint

import "github.com/gerl-lang/gerl/diag"

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

// vars is a set of bindings, ordered by name and never changed.
type vars []binding

func (v vars) find(name string) (binding, bool) {
	lo, hi := 0, len(v)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if v[m].name < name {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo < len(v) && v[lo].name == name {
		return v[lo], true
	}
	return binding{}, false
}

func (v vars) has(name string) bool {
	_, ok := v.find(name)
	return ok
}

// one is the set of a single variable.
func one(name string, s varState, used bool, at ...diag.Pos) vars {
	return vars{{name, s, used, at}}
}

// combine unites two sets; both decides about variables in both of them.
func combine(a, b vars, both func(x, y *binding) binding) vars {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	out := make(vars, 0, len(a)+len(b))
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i].name < b[j].name:
			out = append(out, a[i])
			i++
		case a[i].name > b[j].name:
			out = append(out, b[j])
			j++
		default:
			out = append(out, both(&a[i], &b[j]))
			i++
			j++
		}
	}
	out = append(out, a[i:]...)
	return append(out, b[j:]...)
}

// update is old with the newer facts of v: states come from v, uses add up.
func update(v, old vars) vars {
	return combine(v, old, func(x, y *binding) binding {
		return binding{x.name, x.state, x.used || y.used, places(x.at, y.at)}
	})
}

// merge unites what two expressions that do not see each other do; the worse
// state wins.
func merge(a, b vars) vars {
	return combine(a, b, func(x, y *binding) binding {
		return binding{x.name, worse(x.state, y.state), x.used || y.used, places(x.at, y.at)}
	})
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

// filter keeps the bindings that keep accepts; the set itself if all do.
func (v vars) filter(keep func(b *binding) bool) vars {
	for i := range v {
		if keep(&v[i]) {
			continue
		}
		out := append(make(vars, 0, len(v)-1), v[:i]...)
		for i++; i < len(v); i++ {
			if keep(&v[i]) {
				out = append(out, v[i])
			}
		}
		return out
	}
	return v
}

// fresh is what is in v and not in old.
func fresh(v, old vars) vars {
	return v.filter(func(b *binding) bool { return !old.has(b.name) })
}

// known is what is in v and in old too.
func known(v, old vars) vars {
	return v.filter(func(b *binding) bool { return old.has(b.name) })
}

func safe(v vars) vars {
	return v.filter(func(b *binding) bool { return b.state.kind != unsafe })
}

func usedOnly(v vars) vars { return v.filter(func(b *binding) bool { return b.used }) }

// mark gives the new variables of v (those not in old) a state, unless they
// have a worse one.
func mark(s varState, v, old vars) vars {
	n := fresh(v, old)
	if len(n) == 0 {
		return nil
	}
	out := make(vars, len(n))
	for i, b := range n {
		b.state = worse(s, b.state)
		out[i] = b
	}
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
	var out vars
	next := make([]int, len(clauses))
	for {
		name, any := "", false
		for i, c := range clauses {
			if next[i] < len(c) && (!any || c[next[i]].name < name) {
				name, any = c[next[i]].name, true
			}
		}
		if !any {
			return out
		}
		var group []binding
		for i, c := range clauses {
			if next[i] < len(c) && c[next[i]].name == name {
				group = append(group, c[next[i]])
				next[i]++
			}
		}
		if o, ok := old.find(name); ok {
			out = append(out, binding{name, reused(o.state, group), true, o.at})
		} else {
			out = append(out, bornInClauses(name, group, len(clauses), in))
		}
	}
}

// reused is the state of a variable that was there before the clauses. One
// that another construct exported stays so as long as no clause matches it.
func reused(before varState, group []binding) varState {
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
func bornInClauses(name string, group []binding, clauses int, in construct) binding {
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
