// Package ast defines the syntax tree of Erlang: forms, expressions, types.
//
// The tree has concrete structs under three small interfaces, Form, Expr and
// Type. Patterns and guards are expressions, as in Erlang's own abstract
// format, from which the node positions are taken too: At is what erl_parse
// puts into the node's annotation. Nodes are never written after parsing;
// facts about them live in side tables keyed by the node's pointer.
//
// Walk and Children visit nodes, Op and its table describe operators. The
// package imports only diag.
//
//	ast.Walk(file.Forms[0], func(n ast.Node) bool { ... return true })
package ast

import (
	"math/big"

	"github.com/gerl-lang/gerl/diag"
)

// Node is anything in the tree that has a position of its own.
type Node interface {
	// Pos is the location that erl_parse gives the node.
	Pos() diag.Pos
}

// Form is a top-level item of a module.
type Form interface {
	Node
	form()
}

// Expr is an expression, a pattern or a guard test.
type Expr interface {
	Node
	expr()
}

// Type is a type in a spec, a type declaration or a record field.
type Type interface {
	Node
	typ()
}

// Qualifier is a generator, a zip of generators or a filter.
type Qualifier interface {
	Node
	qualifier()
}

// File is a parsed source file.
type File struct {
	Name  string
	Forms []Form // in source order; the first is a FileAttr, the last an EOF

	Features []string // the language features that were on at the end
}

// Literals and variables. Atom, Integer, Char and Var are types as well.
type (
	// Atom is an atom; Name is its text without quotes.
	Atom struct {
		At   diag.Pos
		Name string
	}
	// Integer is an integer literal; Big is set when it does not fit Value.
	Integer struct {
		At    diag.Pos
		Value int64
		Big   *big.Int
	}
	// Char is a $c literal.
	Char struct {
		At    diag.Pos
		Value rune
	}
	// Float is a floating point literal.
	Float struct {
		At    diag.Pos
		Value float64
	}
	// String is a string literal: a list of the code points of Value.
	// Adjacent literals have been joined.
	String struct {
		At    diag.Pos
		Value string
	}
	// Var is a variable; the anonymous one is named "_".
	Var struct {
		At   diag.Pos
		Name string
	}
)

// Compound terms.
type (
	// Nil is the empty list, or the end of a proper List (At is then the
	// closing bracket).
	Nil struct{ At diag.Pos }
	// List is [Elems... | Tail] with at least one element; the Tail of a
	// proper list is a Nil. In the abstract format the first cons is at At
	// and each following one at FirstPos of its element; a list whose conses
	// are elsewhere is a List in a Tail.
	List struct {
		At    diag.Pos
		Elems []Expr
		Tail  Expr
	}
	// Tuple is {Elems...}.
	Tuple struct {
		At    diag.Pos
		Elems []Expr
	}
	// Map is #{Fields...} or, with a Base, Base#{Fields...}.
	Map struct {
		At     diag.Pos
		Base   Expr // nil for a construction
		Fields []*MapField
	}
	// MapField is Key => Value or, if Exact, Key := Value.
	MapField struct {
		At         diag.Pos
		Exact      bool
		Key, Value Expr
	}
	// Bits is <<Elems...>>.
	Bits struct {
		At    diag.Pos
		Elems []*BitsElem
	}
	// BitsElem is one segment, Value:Size/Specs. Size is nil and Specs is
	// nil where the source gives none.
	BitsElem struct {
		At    diag.Pos
		Value Expr
		Size  Expr
		Specs []BitsSpec
	}
	// BitsSpec is one type specifier, Name or Name:Arg (as in unit:8).
	BitsSpec struct {
		Name   string
		HasArg bool
		Arg    int64
	}
)

// RecordKind says how a record operation names the record.
type RecordKind uint8

const (
	// RecordLocal is #Name: a classic or native record known in the module.
	RecordLocal RecordKind = iota
	// RecordRemote is #Module:Name, a native record of another module.
	RecordRemote
	// RecordAnon is #_, any native record.
	RecordAnon
)

// RecordRef names the record of a record operation.
type RecordRef struct {
	Kind   RecordKind
	Module string // RecordRemote only
	Name   string // not for RecordAnon
}

// Record operations.
type (
	// Record is #Ref{Fields...} or, with a Base, Base#Ref{Fields...}.
	Record struct {
		At     diag.Pos
		Base   Expr // nil for a construction or pattern
		Ref    RecordRef
		Fields []*RecordField
	}
	// RecordField is Name = Value; Name is an *Atom or the *Var _.
	RecordField struct {
		At    diag.Pos
		Name  Expr
		Value Expr
	}
	// RecordIndex is #Ref.Field.
	RecordIndex struct {
		At    diag.Pos
		Ref   RecordRef
		Field *Atom
	}
	// RecordAccess is Base#Ref.Field.
	RecordAccess struct {
		At    diag.Pos
		Base  Expr
		Ref   RecordRef
		Field *Atom
	}
)

// Operators, calls, matches.
type (
	// Unary is Op X.
	Unary struct {
		At diag.Pos
		Op Op
		X  Expr
	}
	// Binary is L Op R, for every operator but = and catch.
	Binary struct {
		At   diag.Pos
		Op   Op
		L, R Expr
	}
	// Match is Pattern = Value.
	Match struct {
		At             diag.Pos
		Pattern, Value Expr
	}
	// Catch is catch X.
	Catch struct {
		At diag.Pos
		X  Expr
	}
	// Remote is Module:Name, normally the Fun of a Call.
	Remote struct {
		At           diag.Pos
		Module, Name Expr
	}
	// Call is Fun(Args...).
	Call struct {
		At   diag.Pos
		Fun  Expr
		Args []Expr
	}
)

// Funs.
type (
	// Fun is fun (...) -> ... end.
	Fun struct {
		At      diag.Pos
		Clauses []*Clause
	}
	// NamedFun is fun Name(...) -> ... end.
	NamedFun struct {
		At      diag.Pos
		Name    string
		Clauses []*Clause
	}
	// FunRef is fun Name/Arity.
	FunRef struct {
		At    diag.Pos
		Name  string
		Arity int64
	}
	// FunRemote is fun Module:Name/Arity; each part is a literal or a *Var.
	FunRemote struct {
		At                  diag.Pos
		Module, Name, Arity Expr
	}
)

// Control structures.
type (
	// Block is begin Body end.
	Block struct {
		At   diag.Pos
		Body []Expr
	}
	// If is if Clauses end; the clauses have guards and no patterns.
	If struct {
		At      diag.Pos
		Clauses []*Clause
	}
	// Case is case Arg of Clauses end.
	Case struct {
		At      diag.Pos
		Arg     Expr
		Clauses []*Clause
	}
	// Receive is receive Clauses after After -> AfterBody end. After is nil
	// when there is no such part.
	Receive struct {
		At        diag.Pos
		Clauses   []*Clause
		After     Expr
		AfterBody []Expr
	}
	// Try is try Body of Of catch Catch after After end. Each clause in
	// Catch has one pattern, a Tuple {Class, Reason, Stacktrace}.
	Try struct {
		At    diag.Pos
		Body  []Expr
		Of    []*Clause
		Catch []*Clause
		After []Expr
	}
	// Maybe is maybe Body else Else end. Without an else part, ElseAt is
	// NoPos and Else is nil.
	Maybe struct {
		At     diag.Pos
		Body   []Expr
		ElseAt diag.Pos
		Else   []*Clause
	}
	// MaybeMatch is Pattern ?= Value, directly in the Body of a Maybe.
	MaybeMatch struct {
		At             diag.Pos
		Pattern, Value Expr
	}
	// Clause is Patterns when Guard -> Body. Guard is a disjunction of
	// conjunctions, nil when absent.
	Clause struct {
		At       diag.Pos
		Patterns []Expr
		Guard    [][]Expr
		Body     []Expr
	}
)

// GenKind is what a generator draws from.
type GenKind uint8

// The kinds of generators.
const (
	ListGen   GenKind = iota // Pattern <- Source
	BinaryGen                // Pattern <= Source
	MapGen                   // Key := Value <- Source
)

// Comprehensions.
type (
	// ListComp is [Exprs... || Quals...]; more than one expression makes it
	// a multi-valued comprehension.
	ListComp struct {
		At    diag.Pos
		Exprs []Expr
		Quals []Qualifier
	}
	// BitsComp is << Value || Quals... >>.
	BitsComp struct {
		At    diag.Pos
		Value Expr
		Quals []Qualifier
	}
	// MapComp is #{Fields... || Quals...}.
	MapComp struct {
		At     diag.Pos
		Fields []*MapField
		Quals  []Qualifier
	}
	// Generator is Pattern <- Source and its relatives; Strict for <:- and
	// <:=. A MapGen has MapPattern (an exact field) in place of Pattern.
	Generator struct {
		At         diag.Pos
		Kind       GenKind
		Strict     bool
		Pattern    Expr
		MapPattern *MapField
		Source     Expr
	}
	// Zip is Gen && Gen && ...
	Zip struct {
		At   diag.Pos
		Gens []Qualifier
	}
	// Filter is an expression among the qualifiers.
	Filter struct{ Cond Expr }
)
