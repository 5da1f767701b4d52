package ast

import "github.com/gerl-lang/gerl/diag"

// FunArity is Name/Arity in an attribute.
type FunArity struct {
	At    diag.Pos // of the name
	Name  string
	Arity int64
}

// Forms.
type (
	// Function is a function with all its clauses.
	Function struct {
		At      diag.Pos
		Name    string
		Arity   int
		Clauses []*Clause
	}
	// Module is -module(Name), with Params for the old form
	// -module(Name, [Var, ...]).
	Module struct {
		At        diag.Pos
		Name      string
		HasParams bool
		Params    []string
	}
	// Export is -export([Name/Arity, ...]).
	Export struct {
		At   diag.Pos
		Funs []FunArity
	}
	// ExportType is -export_type([Name/Arity, ...]). An -export_type whose
	// value has another shape is an Attribute.
	ExportType struct {
		At    diag.Pos
		Types []FunArity
	}
	// Import is -import(Module, [Name/Arity, ...]).
	Import struct {
		At     diag.Pos
		Module string
		Funs   []FunArity
	}
	// ImportRecord is -import_record(Module, [Name, ...]).
	ImportRecord struct {
		At     diag.Pos
		Module string
		Names  []string
	}
	// RecordDecl is -record(Name, {Fields...}) or, if Native,
	// -record #Name{Fields...}.
	RecordDecl struct {
		At     diag.Pos
		Native bool
		Name   string
		Fields []*FieldDecl
	}
	// FieldDecl declares a record field: Name = Default :: Type, where
	// Default and Type may be nil.
	FieldDecl struct {
		At      diag.Pos
		Name    string
		Default Expr
		Type    Type
	}
	// FileAttr is -file(Name, Line), also where the preprocessor marks the
	// beginning of a file and the return to the including one.
	FileAttr struct {
		At   diag.Pos
		Name string
		Line int
	}
	// TypeDecl is -type, -opaque or -nominal Name(Params...) :: Def.
	TypeDecl struct {
		At     diag.Pos
		Kind   TypeKind
		Name   string
		Params []*Var
		Def    Type
	}
	// Spec is -spec or -callback. Module is set for -spec Module:Name(...).
	// Each of Sigs is a *FunType or a *BoundedFun; Arity is the first one's.
	Spec struct {
		At        diag.Pos
		Callback  bool
		HasModule bool
		Module    string
		Name      string
		Arity     int
		Sigs      []Type
	}
	// Attribute is any other attribute, -Name(Value). Value is an expression
	// that denotes a constant; Name/Arity in it has become a tuple. For -doc
	// with a map, the value of the key equiv may be a Call.
	Attribute struct {
		At    diag.Pos
		Name  string
		Value Expr
	}
	// Bad stands where a form could not be read, or where the preprocessor
	// has a warning. The diagnostic is in the list that came with the file
	// as well.
	Bad struct{ Diag *diag.Diagnostic }
	// EOF ends a file.
	EOF struct{ At diag.Pos }
)

// TypeKind is the attribute that declared a type.
type TypeKind uint8

// The kinds of type declarations.
const (
	PlainType TypeKind = iota
	OpaqueType
	NominalType
)

// String is the attribute's name.
func (k TypeKind) String() string {
	switch k {
	case OpaqueType:
		return "opaque"
	case NominalType:
		return "nominal"
	}
	return "type"
}

// Types.
type (
	// NamedType is Name(Args...). User is set unless it is a built-in type;
	// [T] is list(T), [T, ...] nonempty_list(T) and [] is nil(). Any marks
	// tuple() and map(), which say nothing about the content.
	NamedType struct {
		At   diag.Pos
		Name string
		Args []Type
		User bool
		Any  bool
	}
	// RemoteType is Module:Name(Args...).
	RemoteType struct {
		At           diag.Pos
		Module, Name *Atom
		Args         []Type
	}
	// AnnType is Var :: Type.
	AnnType struct {
		At   diag.Pos
		Var  *Var
		Type Type
	}
	// UnionType is A | B | ...
	UnionType struct {
		At    diag.Pos
		Types []Type
	}
	// RangeType is Lo .. Hi.
	RangeType struct {
		At     diag.Pos
		Lo, Hi Type
	}
	// UnaryType is an operator applied to a constant type, as in -1.
	UnaryType struct {
		At diag.Pos
		Op Op
		X  Type
	}
	// BinaryType is a constant expression over types, as in 1 bsl 8.
	BinaryType struct {
		At   diag.Pos
		Op   Op
		L, R Type
	}
	// TupleType is {Elems...}.
	TupleType struct {
		At    diag.Pos
		Elems []Type
	}
	// MapType is #{Fields...}.
	MapType struct {
		At     diag.Pos
		Fields []*MapFieldType
	}
	// MapFieldType is Key => Value or, if Exact, Key := Value.
	MapFieldType struct {
		At         diag.Pos
		Exact      bool
		Key, Value Type
	}
	// RecordType is #Name{Fields...} or #Module:Name{Fields...}; Module is
	// nil in the first case.
	RecordType struct {
		At     diag.Pos
		Module *Atom
		Name   *Atom
		Fields []*FieldType
	}
	// FieldType is Name :: Type in a RecordType.
	FieldType struct {
		At   diag.Pos
		Name *Atom
		Type Type
	}
	// BitsType is <<_:Base, _:_*Unit>>; either is nil where not written,
	// which means 0.
	BitsType struct {
		At         diag.Pos
		Base, Unit Type
	}
	// FunType is fun(), fun((...) -> Result) or fun((Args...) -> Result).
	FunType struct {
		At     diag.Pos
		Kind   FunTypeKind
		SigAt  diag.Pos // of the parameter list
		Args   []Type
		Result Type
	}
	// BoundedFun is Fun when Constraints.
	BoundedFun struct {
		At          diag.Pos
		Fun         *FunType
		Constraints []*Constraint
	}
	// Constraint is Var :: Type, also written is_subtype(Var, Type).
	Constraint struct {
		At   diag.Pos
		Var  Type
		Type Type
	}
)

// FunTypeKind is the amount of detail in a FunType.
type FunTypeKind uint8

// The kinds of function types.
const (
	FunArgs    FunTypeKind = iota // fun((A, B) -> R)
	FunAnyArgs                    // fun((...) -> R)
	FunAny                        // fun()
)
