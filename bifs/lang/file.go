package lang

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/gerl-lang/gerl/absform"
	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/parser"
	"github.com/gerl-lang/gerl/preproc"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func externalFun(p *proc.Process) func(module, name string, arity int64) term.Term {
	return func(module, name string, arity int64) term.Term { return bifs.ExternalFun(p, module, name, arity) }
}

// fileOptions are the options of epp:parse_file.
type fileOptions struct {
	parser.Options
	columns bool
	given   []byte // the text, instead of what the file holds
	hasText bool
}

// text is the source: given, or read.
func (o *fileOptions) text(name string) ([]byte, error) {
	if o.hasText {
		return o.given, nil
	}
	return o.ReadFile(name)
}

// parseFile(File, Options) preprocesses and parses a file:
// {ok, Forms, Encoding, Features} | {error, Reason}. Options is a list of
//
//	{includes, [Dir]}, {macros, [{Name, Source} | {Name, Source, redefine}]}, {features, [Feature]},
//	{source_name, File}, {location, {1, 1} | 1}, {default_encoding, latin1 | utf8}, {deterministic, boolean()}, {text, Binary}
//
// where Source is the text of a term.
func parseFile(p *proc.Process, a []term.Term) term.Term {
	return withSource(p, a, func(name string, text []byte, opts *fileOptions) func(*proc.Process) term.Term {
		fset := diag.NewFileSet()
		file, _ := parser.ParseFile(fset, name, text, opts.Options)
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			enc := absform.Encoder{Heap: h, FileSet: fset, Columns: opts.columns, ExternalFun: externalFun(p)}
			enc.Error = func(d *diag.Diagnostic) term.Term { return errorInfo(h, enc, d) }
			forms, err := enc.Forms(file.Forms)
			if err != nil {
				return p.Badarg()
			}
			p.Bump(len(text) / 16)
			var features []term.Term
			for _, f := range file.Features {
				features = append(features, atom(f))
			}
			return h.Tuple(term.AtomOk, forms, encodingTerm(text), h.List(features...))
		}
	})
}

// withSource reads the file that the first argument names, with the options of the second, and works on its text beside the workers.
func withSource(p *proc.Process, a []term.Term, work func(name string, text []byte, opts *fileOptions) func(*proc.Process) term.Term) term.Term {
	name, ok := term.CharsText(a[0])
	opts, good := readFileOptions(a[1])
	if !ok || !good {
		return p.Badarg()
	}
	useNode(p, &opts)
	return p.Async(func() func(*proc.Process) term.Term {
		text, err := opts.text(name)
		if err != nil {
			return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomError, fileError(err)) }
		}
		return work(name, text, &opts)
	})
}

func fileError(err error) term.Term {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return atom("enoent")
	case errors.Is(err, fs.ErrPermission):
		return atom("eacces")
	}
	var path *fs.PathError
	if errors.As(err, &path) && strings.Contains(path.Err.Error(), "directory") {
		return atom("eisdir")
	}
	return atom("eio")
}

// libDir finds an application along a code path of the form Lib/App-Vsn/ebin.
func libDir(finder bifs.ModuleFinder) func(app string) (string, bool) {
	codePath := finder.CodePath()
	return func(app string) (string, bool) {
		for _, dir := range codePath {
			root := filepath.Dir(dir)
			base := filepath.Base(root)
			if base == app || strings.HasPrefix(base, app+"-") {
				return root, !finder.InLibrary(dir) // whose headers are found by their names
			}
		}
		return "", false
	}
}

func readFileOptions(t term.Term) (o fileOptions, ok bool) {
	o.Features = []string{}
	for ; t.IsCons(); t = t.Tail() {
		item := t.Head()
		if !item.TupleOf(2) || !item.Elem(0).IsAtom() {
			return o, false
		}
		v := item.Elem(1)
		good := true
		switch item.Elem(0).AtomName() {
		case "includes":
			o.IncludePath, good = texts(v)
		case "features":
			for ; v.IsCons() && good; v = v.Tail() {
				if good = v.Head().IsAtom(); good {
					o.Features = append(o.Features, v.Head().AtomName())
				}
			}
		case "source_name":
			o.SourceName, good = term.CharsText(v)
		case "text":
			var data []byte
			data, good = v.Bytes()
			o.given, o.hasText = append([]byte(nil), data...), true
		case "location":
			o.columns = v.IsTuple()
		case "default_encoding":
			o.Latin1 = v == term.AtomLatin1
		case "deterministic":
			o.BaseNames = v == term.AtomTrue
		case "macros":
			o.Macros, good = macros(v)
		}
		if !good {
			return o, false
		}
	}
	return o, t.IsNil()
}

// texts reads a list of strings.
func texts(t term.Term) ([]string, bool) {
	var out []string
	for ; t.IsCons(); t = t.Tail() {
		s, ok := term.CharsText(t.Head())
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	return out, t.IsNil()
}

func macros(t term.Term) ([]preproc.Macro, bool) {
	var out []preproc.Macro
	for ; t.IsCons(); t = t.Tail() {
		m := t.Head()
		if !m.TupleOf(2) && !m.TupleOf(3) || !m.Elem(0).IsAtom() {
			return nil, false
		}
		value, ok := term.CharsText(m.Elem(1))
		if !ok {
			return nil, false
		}
		out = append(out, preproc.Macro{Name: m.Elem(0).AtomName(), Value: value, Redefine: m.Arity() == 3})
	}
	return out, t.IsNil()
}
