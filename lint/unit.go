// Package lint checks parsed modules as OTP's erl_lint does and hands them to
// the compiler: Check(file) gives a *Unit, the syntax tree with side tables
// (functions, exports, imports, records, options of the module), and the list
// of errors and warnings. The tree is never written.
//
// It may import ast, diag and bifs/spec.
//
//	u, list := lint.Check(file, lint.Options{})
//	if !list.HasErrors() { compiler.Compile(u, ...) }
package lint

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// FunKey names a function of the module or of no module in particular.
type FunKey struct {
	Name  string
	Arity int
}

// RemoteFun names a function of any module.
type RemoteFun struct {
	Module string
	FunKey
}

// Field is a field of a record; Default is nil for undefined.
type Field struct {
	Name    string
	Default ast.Expr
	Type    ast.Type
	At      diag.Pos
}

// Record is a record definition.
type Record struct {
	Name   string
	Native bool
	Fields []Field
	Decl   *ast.RecordDecl
}

// Index is the number of a field from 0, -1 when there is none.
func (r *Record) Index(name string) int {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// Unit is a module that has been checked: what the compiler works on.
type Unit struct {
	File      *ast.File
	Module    string
	ModuleAt  diag.Pos
	Functions []*ast.Function          // in source order
	Funs      map[FunKey]*ast.Function // the same by name
	Exports   []FunKey                 // as written, each once
	Exported  map[FunKey]bool
	ExportAll bool
	Imports   map[FunKey]string // function -> module
	Records   map[string]*Record
	// RecordImports gives the module of an imported native record.
	RecordImports map[string]string
	// ExportedRecords are the native records named by -export_record.
	ExportedRecords []string
	// Attributes are the module's attributes (behaviour, vsn, user-defined...)
	// that end up in the Attr chunk, in source order.
	Attributes []*ast.Attribute
	// CompileOptions are the values of -compile attributes, in source order.
	CompileOptions []ast.Expr
	OnLoad         *FunKey
	Specs          []*ast.Spec
	Types          []*ast.TypeDecl
	// NoAutoImport says which auto-imported BIFs the module switched off.
	NoAutoImport    map[FunKey]bool
	NoAutoImportAll bool
	// Inline are the functions of -compile({inline, ...}); InlineAll is set
	// by -compile(inline).
	Inline    map[FunKey]bool
	InlineAll bool
	Nifs      map[FunKey]bool
}

// IsExported reports whether a function can be called from outside.
func (u *Unit) IsExported(k FunKey) bool { return u.ExportAll || u.Exported[k] }

// Options are the compiler options that lint knows.
type Options struct {
	// Flags holds options like export_all, nowarn_unused_vars,
	// warn_missing_spec by name.
	Flags map[string]bool
	// Terms are the options as constants, in order: {nowarn_unused_function, ...}
	// and the like, and names too. Those of the module's own -compile come later.
	Terms []ast.Expr
	// Features are those enabled, besides those that the file says itself.
	Features []string
	// Files resolves positions: messages tell lines, and diagnostics go by file.
	Files *diag.FileSet
	// Behaviour tells what a behaviour that is none of OTP's asks for, nil
	// if there is no such module. It may be nil itself.
	Behaviour func(name string) *Behaviour
}
