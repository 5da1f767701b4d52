package lang

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/gerl-lang/gerl/absform"
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/stdlib"
	"github.com/gerl-lang/gerl/term"
)

// compileModule(forms, Forms, Options) compiles a module:
//
//	{ok, Module, Binary | Listing, Diagnostics} | {error, Diagnostics} | {ask, [Behaviour]}
//
// where a diagnostic is {error | warning, File, ErrorInfo, Text}. Options are those of lintOptions and
//
//	{source_name, File}, {result, code | assembly}, {chunks, [{Name, Binary}]}, {compile_info, Term}
func compileModule(p *proc.Process, a []term.Term) term.Term {
	if a[0] == atom("assembly") {
		return assemble(p, a)
	}
	fset := diag.NewFileSet()
	lintOpts, ask, good := lintOptions(p, a[2], fset)
	what, ok := readResultOptions(a[2])
	if !ok || !good || a[0] != atom("forms") {
		return p.Badarg()
	}
	forms, err := absform.NewDecoder(fset).Forms(a[1])
	if err != nil {
		return p.Badarg()
	}
	o := compiler.Options{Lint: lintOpts, Source: what.source}
	return p.Async(func() func(*proc.Process) term.Term {
		mod, list := compileForms(forms, fset, o)
		var image []byte
		if mod != nil {
			image, err = what.image(mod)
		}
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			if t, yes := ask.term(p); yes {
				return t
			}
			if err != nil {
				list.Errorf(diag.NoPos, "compile.text", "%v", err)
				mod = nil
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

// assemble(assembly, Terms, Options) makes a module of the terms of an assembly listing: {ok, Module, Binary, []} or {error, Text}.
func assemble(p *proc.Process, a []term.Term) term.Term {
	what, ok := readResultOptions(a[2])
	if !ok {
		return p.Badarg()
	}
	heap := term.NewArena()
	var items []term.Term
	for l := term.CopyTo(heap, a[1]); l.IsCons(); l = l.Tail() {
		items = append(items, l.Head())
	}
	return p.Async(func() func(*proc.Process) term.Term {
		mod, err := beam.Assemble(items, heap)
		var image []byte
		if err == nil {
			image, err = what.image(mod)
		}
		return func(p *proc.Process) term.Term {
			defer heap.Free()
			if err != nil {
				return p.Heap.Tuple(term.AtomError, p.Heap.Chars(err.Error()))
			}
			return p.Heap.Tuple(term.AtomOk, mod.Name, p.Heap.Binary(image), term.Nil)
		}
	})
}

// resultOptions say what becomes of a compiled module.
type resultOptions struct {
	source   string
	assembly bool
	chunks   []beam.Chunk
	info     []byte // compile info in external term format
}

func readResultOptions(t term.Term) (o resultOptions, ok bool) {
	for ; t.IsCons(); t = t.Tail() {
		item := t.Head()
		if !item.TupleOf(2) || !item.Elem(0).IsAtom() {
			continue
		}
		v := item.Elem(1)
		switch item.Elem(0).AtomName() {
		case "source_name":
			if o.source, ok = term.CharsText(v); !ok {
				return o, false
			}
		case "result":
			o.assembly = v == atom("assembly")
		case "chunks":
			for ; v.IsCons(); v = v.Tail() {
				c := v.Head()
				if !c.TupleOf(2) {
					return o, false
				}
				name, ok := term.CharsText(c.Elem(0))
				data, isBinary := c.Elem(1).Bytes()
				if !ok || !isBinary || len(name) != 4 {
					return o, false
				}
				o.chunks = append(o.chunks, beam.Chunk{Name: name, Data: append([]byte(nil), data...)})
			}
		case "compile_info":
			o.info = etf.Encode(v, nil)
		}
	}
	return o, t.IsNil()
}

// image makes the .beam file or the listing.
func (o *resultOptions) image(mod *beam.Module) ([]byte, error) {
	if o.assembly {
		return mod.Assembly(beam.OTP25), nil
	}
	mod.Chunks = append(mod.Chunks, o.chunks...)
	if o.info != nil {
		// Behind the version, which the compiler has put there.
		info, _, err := etf.Decode(mod.Heap, o.info, nil)
		if err != nil {
			return nil, err
		}
		if old := mod.CompileInfo; old.IsCons() {
			info = mod.Heap.Cons(old.Head(), info)
		}
		mod.CompileInfo = info
	}
	return beam.Write(mod, beam.WriteOptions{})
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
		b.WriteString(d.Text)
		info := errorInfo(h, enc, d)
		out = append(out, h.Tuple(severity, h.Chars(name), info, h.Chars(b.String())))
	}
	return h.List(out...)
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
		opts.LibDir = libDir(finder)
	}
	opts.Library = stdlib.Include
	opts.ReadFile = func(file string) ([]byte, error) { return bifs.ReadFile(node, inDir(dir, file)) }
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
	node := bifs.NodeOf(p)
	return p.Async(func() func(*proc.Process) term.Term {
		data, err := bifs.ReadFile(node, name)
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
