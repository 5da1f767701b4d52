// Package bifs is the built-in functions in Go: one file per Erlang module (large modules have several), and the
// table that binds them to the facts of package spec.
//
// Main types: Func (the signature of all of them), BIF (one row of the table).
//
// It may import spec, term, etf, proc, ets, dets, port and regex; never eval.
//
// A BIF is a plain function over terms of the calling process: it never collects, never blocks and never calls
// Erlang. docs/contracts.md says how it raises, traps, waits and yields.
package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Func is a BIF: its arguments are a window that it may overwrite; the result is a term, or None
// after an exception, a trap, a wait or a yield was set on the process.
type Func = func(p *proc.Process, a []term.Term) term.Term

// BIF is one row of the binding table.
type BIF struct {
	Module, Function term.Term
	Arity            int
	Index            int // in the table; Export.BIF is Index+1
	Func             Func
}

type mfa struct {
	module, function string
	arity            int
}

type mfaKey struct {
	module, function term.Term
	arity            int
}

// index maps module, function and arity to the row. It refers to names only: BIFs may ask it
// whether a function exists without an initialisation cycle.
var index = func() map[mfaKey]int {
	m := make(map[mfaKey]int, count)
	for i, n := range names {
		m[mfaKey{term.Intern(n.module), term.Intern(n.function), n.arity}] = i
	}
	return m
}()

// Index gives the row of m:f/a (both atoms) in the table, or -1.
func Index(m, f term.Term, arity int) int {
	if i, ok := index[mfaKey{m, f, arity}]; ok {
		return i
	}
	return -1
}

// Each calls f for every BIF.
func Each(f func(m, name term.Term, arity int)) {
	for i := range names {
		n := &names[i]
		f(term.Intern(n.module), term.Intern(n.function), n.arity)
	}
}

// Lookup gives the BIF m:f/a, or nil when there is none in Go.
func Lookup(m, f term.Term, arity int) *BIF {
	if i := Index(m, f, arity); i >= 0 {
		b := At(i)
		return &b
	}
	return nil
}

// At gives row i of the table, 0 <= i < Count().
func At(i int) BIF {
	n := &names[i]
	return BIF{term.Intern(n.module), term.Intern(n.function), n.arity, i, funcs[i]}
}

// Count is the number of rows.
func Count() int { return count }
