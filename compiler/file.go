package compiler

import (
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
// only when the file cannot be read.
func CompileFile(path string, opts Options) (*beam.Module, *diag.FileSet, *diag.List, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, nil, err
	}
	mod, fset, list := CompileText(path, text, opts)
	return mod, fset, list, nil
}

// CompileText is CompileFile for a text at hand; path is its name.
func CompileText(path string, text []byte, opts Options) (*beam.Module, *diag.FileSet, *diag.List) {
	fset := diag.NewFileSet()
	if opts.Preproc.Library == nil {
		opts.Preproc.Library = stdlib.Include
	}
	file, list := parser.ParseFile(fset, path, text, opts.Preproc)
	if file == nil {
		return nil, fset, list
	}
	opts.Lint.Files = fset
	unit, list := lint.Check(file, opts.Lint)
	if list.HasErrors() {
		return nil, fset, lint.Order(fset, list)
	}
	if unit.Module == "" {
		unit.Module = strings.TrimSuffix(filepath.Base(path), ".erl")
	}
	if opts.Source == "" {
		opts.Source = path
	}
	mod, more := Compile(unit, fset, opts)
	list.AddAll(more)
	return mod, fset, lint.Order(fset, list)
}
