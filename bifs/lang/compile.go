package lang

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/absform"
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/stdlib"
	"github.com/gerl-lang/gerl/term"
)

// compileModule(file | forms, File | Forms, Options) compiles a module:
//
//	{ok, Module, Binary, Diagnostics} | {error, Diagnostics} | {error, Reason}
//
// where a diagnostic is {error | warning, File, ErrorInfo, Text}. Options are those of parseFile and {flags, [atom()]}.
func compileModule(p *proc.Process, a []term.Term) term.Term {
	opts, ok := readFileOptions(a[2])
	flags, good := compileFlags(a[2])
	if !ok || !good || !a[0].IsAtom() {
		return p.Badarg()
	}
	useNode(p, &opts)
	o := compiler.Options{Lint: lint.Options{Flags: flags}, Preproc: opts.Options, Source: opts.SourceName}
	var work func() (*beam.Module, *diag.FileSet, *diag.List, error)
	if a[0].AtomName() == "forms" {
		fset := diag.NewFileSet()
		forms, err := absform.NewDecoder(fset).Forms(a[1])
		if err != nil {
			return p.Badarg()
		}
		work = func() (*beam.Module, *diag.FileSet, *diag.List, error) {
			mod, list := compileForms(forms, fset, o)
			return mod, fset, list, nil
		}
	} else {
		name, ok := term.CharsText(a[1])
		if !ok {
			return p.Badarg()
		}
		work = func() (*beam.Module, *diag.FileSet, *diag.List, error) {
			text, err := opts.ReadFile(name)
			if err != nil {
				return nil, nil, nil, err
			}
			mod, fset, list := compiler.CompileText(name, text, o)
			return mod, fset, list, nil
		}
	}
	return p.Async(func() func(*proc.Process) term.Term {
		mod, fset, list, err := work()
		var image []byte
		if err == nil && mod != nil {
			image, err = beam.Write(mod, beam.WriteOptions{})
		}
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			if err != nil {
				return h.Tuple(term.AtomError, fileError(err))
			}
			enc := absform.Encoder{Heap: h, FileSet: fset, Columns: true, ExternalFun: externalFun(p)}
			found := diagnostics(h, enc, fset, list)
			p.Bump(len(image)/16 + 100)
			if mod == nil {
				return h.Tuple(term.AtomError, found)
			}
			return h.Tuple(term.AtomOk, mod.Name, h.Binary(image), found)
		}
	})
}

func compileForms(forms []ast.Form, fset *diag.FileSet, o compiler.Options) (*beam.Module, *diag.List) {
	unit, list := lint.Check(&ast.File{Forms: forms}, o.Lint)
	if list.HasErrors() {
		return nil, list
	}
	mod, more := compiler.Compile(unit, fset, o)
	list.AddAll(more)
	return mod, list
}

func compileFlags(t term.Term) (map[string]bool, bool) {
	flags := map[string]bool{}
	for ; t.IsCons(); t = t.Tail() {
		item := t.Head()
		if !item.TupleOf(2) || item.Elem(0) != atom("flags") {
			continue
		}
		names := item.Elem(1)
		for ; names.IsCons(); names = names.Tail() {
			if !names.Head().IsAtom() {
				return nil, false
			}
			flags[names.Head().AtomName()] = true
		}
	}
	return flags, true
}

// diagnostics converts a list of diagnostics, each with the text that erlc prints for it.
func diagnostics(h *term.Heap, enc absform.Encoder, fset *diag.FileSet, list *diag.List) term.Term {
	var out []term.Term
	for _, d := range list.All() {
		severity := atom("warning")
		if d.Severity == diag.Error {
			severity = term.AtomError
		}
		name := d.File
		if name == "" && d.Pos().IsValid() {
			name = fset.Position(d.Pos()).File
		}
		var b strings.Builder
		_ = diag.WriteText(&b, fset, []*diag.Diagnostic{d})
		info := errorInfo(h, enc, d)
		if d.Code.Module() == "erl_lint" || d.Code.Module() == "compile" {
			info = h.Tuple(enc.Location(d.Pos()), atom(d.Code.Module()), lintDescriptor(h, d))
		}
		out = append(out, h.Tuple(severity, h.Chars(name), info, h.Chars(b.String())))
	}
	return h.List(out...)
}

// lintDescriptor makes erl_lint's descriptors of the most frequent mistakes; the others are {text, Message}.
func lintDescriptor(h *term.Heap, d *diag.Diagnostic) term.Term {
	name := d.Code.Name()
	// names stand quoted in messages: variable 'X', record wr, function g/0
	if _, rest, ok := strings.Cut(d.Text, " "); ok && (strings.HasSuffix(name, "_var") || name == "unused_record" || name == "unused_function") {
		word, _, _ := strings.Cut(rest, " ")
		word = strings.Trim(word, "'")
		if f, arity, ok := strings.Cut(word, "/"); ok {
			if n, err := strconv.Atoi(arity); err == nil {
				return h.Tuple(atom(name), h.Tuple(atom(strings.Trim(f, "'")), term.Int(n)))
			}
		} else if word != "" {
			return h.Tuple(atom(name), atom(word))
		}
	}
	return h.Tuple(atom("text"), h.Chars(d.Text))
}

// useNode lets options find files in the way of the node that p belongs to.
func useNode(p *proc.Process, opts *fileOptions) {
	node := bifs.NodeOf(p)
	dir := ""
	if node != nil {
		dir = node.Dir()
		opts.Getenv = func(key string) string {
			v, _ := node.Getenv(key)
			return v
		}
	}
	if finder, ok := node.(bifs.ModuleFinder); ok {
		opts.LibDir = libDir(finder.CodePath())
	}
	opts.Library = stdlib.Include
	opts.ReadFile = func(file string) ([]byte, error) { return os.ReadFile(inDir(dir, file)) }
}

func inDir(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// readImage(File) is a file's contents: {ok, Binary} | {error, Reason}.
func readImage(p *proc.Process, a []term.Term) term.Term {
	name, ok := term.CharsText(a[0])
	if !ok {
		return p.Badarg()
	}
	name = inDir(workingDir(p), name)
	return p.Async(func() func(*proc.Process) term.Term {
		data, err := os.ReadFile(name)
		return func(p *proc.Process) term.Term {
			if err != nil {
				return p.Heap.Tuple(term.AtomError, fileError(err))
			}
			return p.Heap.Tuple(term.AtomOk, p.Heap.Binary(data))
		}
	})
}

// writeImage(File, Binary) writes a file under a temporary name first, so that nobody sees half of it: ok | {error, Reason}.
func writeImage(p *proc.Process, a []term.Term) term.Term {
	name, ok := term.CharsText(a[0])
	data, isBinary := a[1].Bytes()
	if !ok || !isBinary {
		return p.Badarg()
	}
	name = inDir(workingDir(p), name)
	data = append([]byte(nil), data...)
	return p.Async(func() func(*proc.Process) term.Term {
		err := replaceFile(name, data)
		return func(p *proc.Process) term.Term {
			if err != nil {
				return p.Heap.Tuple(term.AtomError, fileError(err))
			}
			return term.AtomOk
		}
	})
}

func replaceFile(name string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".gerl-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Chmod(tmp.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}

func workingDir(p *proc.Process) string {
	if node := bifs.NodeOf(p); node != nil {
		return node.Dir()
	}
	return ""
}
