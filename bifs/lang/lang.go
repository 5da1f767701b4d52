// Package lang has the BIFs over the stages that turn text into forms: what
// erl_scan, erl_parse and epp do, on Erlang's own terms for tokens and
// abstract format.
//
// Stages implements bifs.TextStages; the node gives it to the BIFs, whose
// package is below this one. The Erlang modules (in stdlib) are thin: they
// call the BIFs of gerl_text and bring options and results into OTP's form.
//
// The package imports the text side, the compiler, beam, absform, bifs, proc and term.
package lang

import (
	"github.com/gerl-lang/gerl/absform"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/stdlib"
	"github.com/gerl-lang/gerl/term"
)

// Stages are the text stages of a node. The zero value is ready for use.
type Stages struct{}

// Stage implements bifs.TextStages.
func (Stages) Stage(p *proc.Process, name string, a []term.Term) term.Term {
	switch name {
	case "scan":
		return scan(p, a)
	case "scan_form":
		return scanForm(p, a)
	case "parse":
		return parse(p, a)
	case "abstract":
		return abstract(p, a)
	case "normalise":
		return normalise(p, a)
	case "obsolete":
		return obsolete(p, a)
	case "parse_file":
		return parseFile(p, a)
	case "preprocess":
		return preprocess(p, a)
	case "macro_defs":
		return macroDefs(p, a)
	case "lint":
		return lintForms(p, a)
	case "lint_exprs":
		return lintExprs(p, a)
	case "compile":
		return compileModule(p, a)
	case "disassemble":
		return disassemble(p, a)
	case "read_image":
		return readImage(p, a)
	case "header":
		return header(p, a)
	case "write_image":
		return writeImage(p, a)
	}
	return p.Raise(term.AtomError, term.AtomUndef)
}

// header(Name) is the text of one of the library's headers: {ok, Binary} | error.
func header(p *proc.Process, a []term.Term) term.Term {
	name, ok := term.CharsText(a[0])
	if !ok {
		return p.Badarg()
	}
	text, ok := stdlib.Include(name)
	if !ok {
		return term.AtomError
	}
	return p.Heap.Tuple(term.AtomOk, p.Heap.Binary(text))
}

func atom(name string) term.Term { return term.Intern(name) }

// abstract(Term, Annotation, MaxChar) is the expression that denotes a term.
func abstract(p *proc.Process, a []term.Term) term.Term {
	if !a[2].IsSmall() {
		return p.Badarg()
	}
	fset := diag.NewFileSet()
	d := absform.NewDecoder(fset)
	at, err := d.Pos(a[1])
	if err != nil {
		return p.Badarg()
	}
	e, err := d.TryAbstract(a[0], at, rune(a[2].Small()))
	if err != nil {
		return p.Badarg()
	}
	t, err := encoder(p, fset).Expr(e)
	if err != nil {
		return p.Badarg()
	}
	p.Bump(term.Size(t) / 8)
	return t
}

// normalise(AbstractTerm) is the opposite: {ok, Term} | error.
func normalise(p *proc.Process, a []term.Term) term.Term {
	fset := diag.NewFileSet()
	e, err := absform.NewDecoder(fset).Expr(a[0])
	if err != nil {
		return term.AtomError
	}
	t, err := encoder(p, fset).Value(e)
	if err != nil {
		return term.AtomError
	}
	p.Bump(term.Size(t) / 8)
	return p.Heap.Tuple(term.AtomOk, t)
}

// obsolete(f | t | c, Module, Name, Arity) is no | {Verdict, Advice} |
// {Verdict, Advice, Release} for a function, type or callback.
func obsolete(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() || !a[1].IsAtom() || !a[2].IsAtom() || !a[3].IsSmall() {
		return p.Badarg()
	}
	verdict, advice, release := lint.Obsolete(a[0].AtomName(), a[1].AtomName(), a[2].AtomName(), a[3].Small())
	h := &p.Heap
	switch {
	case verdict == "":
		return term.Intern("no")
	case release == "":
		return h.Tuple(term.Intern(verdict), h.Chars(advice))
	}
	return h.Tuple(term.Intern(verdict), h.Chars(advice), h.Chars(release))
}

// encoder builds abstract format on the heap of a process.
func encoder(p *proc.Process, fset *diag.FileSet) absform.Encoder {
	return absform.Encoder{Heap: &p.Heap, FileSet: fset, Columns: true, ExternalFun: externalFun(p)}
}
