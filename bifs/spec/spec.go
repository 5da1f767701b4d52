// Package spec is the table of facts about built-in functions that lint, compiler, loader and
// bifs share: which functions exist, which of them are guards, auto-imported, operators or pure, and
// which Go function implements each. The facts are the files *.tab, one per Erlang module; `go generate
// ./bifs/spec` turns them into table_gen.go here and into the binding table of package bifs.
//
// Main types: Fact, Flags. It imports nothing of gerl.
//
// A row of a table is
//
//	module:function/arity  goName  flag flag...
//
// where goName is "-" for a function that no Go function implements: it is written in Erlang (flag erl)
// or still missing. Flags:
//
//	guard     allowed in guards (erl_internal:guard_bif/2 of OTP 29)
//	typetest  a type test as guards have them (erl_internal:new_type_test/2)
//	auto      auto-imported: may be called without "erlang:"
//	old       auto-imported since before R14A, where a local function of that name is an error without
//	          a no_auto_import attribute (OTP 26 still distinguishes; OTP 29 does not)
//	op        an operator
//	pure      no side effect, the value depends on the arguments only: may be evaluated at compile time
//	safe      pure enough to be dropped when its value is not used, and never fails
//	exit      never returns
//	erl       written in Erlang in OTP
//	trap      may wait, yield or trap: needs a frame of its own kind in the machine
//	outside   asks or changes the world outside: recorded and replayed (bifs/outside.go)
//	deep      goes through its arguments: leaves its worker when they are large (bifs/aside.go)
//	spine     goes through the cells of its arguments that are lists: leaves its worker when these are long
//	digits    turns an integer into text or the other way round: leaves its worker when it is a long one
//	table     goes through the ETS table that is its first argument: leaves its worker when that is large
package spec

//go:generate go run ./gen

import "sort"

// Flags is a set of facts about one function.
type Flags uint16

// The facts; the package comment explains each.
const (
	Guard Flags = 1 << iota
	TypeTest
	Auto
	Old
	Op
	Pure
	Safe
	Exit
	Erl
	Trap
)

// Fact is one built-in function.
type Fact struct {
	Module, Function string
	Arity            int
	Flags            Flags
	// Bound is the function's index in the table of package bifs, or -1 when no Go function implements it.
	Bound int
}

// Lookup finds the row of m:f/a.
func Lookup(m, f string, a int) (Fact, bool) {
	i := sort.Search(len(table), func(i int) bool {
		t := &table[i]
		if t.Module != m {
			return t.Module > m
		}
		if t.Function != f {
			return t.Function > f
		}
		return t.Arity >= a
	})
	if i < len(table) && table[i].Module == m && table[i].Function == f && table[i].Arity == a {
		return table[i], true
	}
	return Fact{}, false
}

// All gives every row, ordered by module, function and arity.
func All() []Fact { return append([]Fact(nil), table[:]...) }

func has(m, f string, a int, flag Flags) bool {
	t, ok := Lookup(m, f, a)
	return ok && t.Flags&flag != 0
}

// IsGuardBIF reports whether erlang:f/a may be called in a guard.
func IsGuardBIF(f string, a int) bool { return has("erlang", f, a, Guard) }

// IsTypeTest reports whether f/a is a type test (is_atom/1, is_record/2, ...).
func IsTypeTest(f string, a int) bool { return has("erlang", f, a, TypeTest) }

// IsOldTypeTest reports whether f/a is one of the type tests of old Erlang that OTP 29 still
// accepts at the top level of guards: only float/1 is also a BIF, so the names stand here.
func IsOldTypeTest(f string, a int) bool {
	switch f {
	case "integer", "float", "number", "atom", "list", "tuple", "pid", "reference", "port", "binary", "function":
		return a == 1
	case "record":
		return a == 2 || a == 3
	}
	return false
}

// IsAutoImported reports whether f/a means erlang:f/a when no local or imported function of that name exists.
func IsAutoImported(f string, a int) bool { return has("erlang", f, a, Auto) }

// IsOldAutoImported reports whether f/a was auto-imported before R14A.
func IsOldAutoImported(f string, a int) bool { return has("erlang", f, a, Old) }

// IsOperator reports whether erlang:f/a is an operator.
func IsOperator(f string, a int) bool { return has("erlang", f, a, Op) }

// IsPure reports whether m:f/a may be evaluated at compile time: its value (or its exception) depends on the
// arguments only.
func IsPure(m, f string, a int) bool { return has(m, f, a, Pure) }

// IsSafe reports whether a call of m:f/a whose value is not used may be dropped.
func IsSafe(m, f string, a int) bool { return has(m, f, a, Safe) }

// IsExit reports whether m:f/a never returns.
func IsExit(m, f string, a int) bool { return has(m, f, a, Exit) }
