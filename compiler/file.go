package compiler

import (
	"github.com/gerl-lang/gerl/ast"
	"os"
	"path/filepath"
	"strings"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/parser"
	"github.com/gerl-lang/gerl/stdlib"
)

// CompileFile reads, preprocesses, parses, checks and compiles a source file.
// The module is nil if the diagnostics hold an error. An error is returned
// only when the file cannot be read, or for Options.RefuseTransforms.
func CompileFile(path string, opts Options) (*beam.Module, *diag.FileSet, *diag.List, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, nil, err
	}
	return CompileText(path, text, opts)
}

// CompileText is CompileFile for a text at hand; path is its name.
func CompileText(path string, text []byte, opts Options) (*beam.Module, *diag.FileSet, *diag.List, error) {
	fset := diag.NewFileSet()
	file := parseText(fset, path, text, &opts)
	if opts.RefuseTransforms && hasTransforms(file) {
		return nil, fset, &diag.List{}, ErrTransforms
	}
	mod, list := compileParsed(file, fset, path, opts)
	return mod, fset, list, nil
}

func parseText(fset *diag.FileSet, path string, text []byte, opts *Options) *ast.File {
	if opts.Preproc.Library == nil {
		opts.Preproc.Library = stdlib.Include
	}
	file, _ := parser.ParseFile(fset, path, text, opts.Preproc)
	return file
}

func compileParsed(file *ast.File, fset *diag.FileSet, path string, opts Options) (*beam.Module, *diag.List) {
	opts.Lint.Files = fset
	unit, list := lint.Check(file, opts.Lint)
	if list.HasErrors() {
		return nil, lint.Order(fset, list)
	}
	if unit.Module == "" {
		unit.Module = strings.TrimSuffix(filepath.Base(path), ".erl")
	}
	if opts.Source == "" {
		opts.Source = path
	}
	if opts.Strict != nil {
		*opts.Strict = (&module{unit: unit}).hasOption("warnings_as_errors")
	}
	mod, more := Compile(unit, fset, opts)
	list.AddAll(more)
	return mod, lint.Order(fset, list)
}
