package lang

import (
	"github.com/gerl-lang/gerl/absform"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
	"github.com/gerl-lang/gerl/parser"
	"github.com/gerl-lang/gerl/preproc"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// event is a result of the preprocessor that outlives the next one.
type event struct {
	preproc.Form
	tokens []lexer.Token
}

// preprocess(File, Options) is what the preprocessor makes of a file, with the options of parseFile:
//
//	{ok, [{ok, Tokens} | {error, ErrorInfo} | {warning, ErrorInfo} | {eof, Location}], Encoding} | {error, Reason}
func preprocess(p *proc.Process, a []term.Term) term.Term {
	return withPreprocessor(p, a, func(pp *preproc.Preprocessor, fset *diag.FileSet, text []byte, columns bool) func(*proc.Process) term.Term {
		events := eventsOf(pp, -1)
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			enc := absform.Encoder{Heap: h, FileSet: fset, Columns: columns, ExternalFun: externalFun(p)}
			out := make([]term.Term, len(events))
			for i, e := range events {
				switch e.Kind {
				case preproc.Tokens:
					out[i] = h.Tuple(term.AtomOk, tokenTerms(enc, e.tokens))
				case preproc.Failure:
					kind := term.AtomError
					if e.Diag.Severity == diag.Warning {
						kind = atom("warning")
					}
					out[i] = h.Tuple(kind, errorInfo(h, enc, e.Diag))
				default:
					out[i] = h.Tuple(atom("eof"), enc.Location(e.Pos))
				}
			}
			p.Bump(len(text) / 16)
			return h.Tuple(term.AtomOk, h.List(out...), encodingTerm(text))
		}
	})
}

// macroDefs(File, Options, N) are the macros that are defined behind the first N results of preprocess:
// {ok, [{Name, undefined | {none, Tokens} | [{none | Arity, {none | [Parameter], Tokens}}]}]} | {error, Reason}
func macroDefs(p *proc.Process, a []term.Term) term.Term {
	n := 0
	if a[2].IsSmall() {
		n = a[2].Small()
	}
	return withPreprocessor(p, a, func(pp *preproc.Preprocessor, fset *diag.FileSet, _ []byte, columns bool) func(*proc.Process) term.Term {
		eventsOf(pp, n)
		defs := pp.Definitions()
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			enc := absform.Encoder{Heap: h, FileSet: fset, Columns: columns}
			var out []term.Term
			for _, d := range defs {
				var value term.Term
				switch {
				case d.Undefined:
					value = atom("undefined")
				case d.Predefined:
					value = h.Tuple(atom("none"), tokenTerms(enc, d.Variants[0].Body))
				default:
					var variants []term.Term
					for _, v := range d.Variants {
						arity, params := atom("none"), atom("none")
						if v.HasParams {
							arity = term.Int(len(v.Params))
							var names []term.Term
							for _, n := range v.Params {
								names = append(names, atom(n))
							}
							params = h.List(names...)
						}
						variants = append(variants, h.Tuple(arity, h.Tuple(params, tokenTerms(enc, v.Body))))
					}
					value = h.List(variants...)
				}
				out = append(out, h.Tuple(h.Tuple(atom("atom"), atom(d.Name)), value))
			}
			return h.Tuple(term.AtomOk, h.List(out...))
		}
	})
}

func withPreprocessor(p *proc.Process, a []term.Term,
	work func(*preproc.Preprocessor, *diag.FileSet, []byte, bool) func(*proc.Process) term.Term) term.Term {
	return withSource(p, a, func(name string, text []byte, opts *fileOptions) func(*proc.Process) term.Term {
		fset := diag.NewFileSet()
		opts.Eval = parser.Evaluator{FileSet: fset}
		return work(preproc.New(fset, name, text, opts.Options), fset, text, opts.columns)
	})
}

// eventsOf reads n results, all of them for -1.
func eventsOf(pp *preproc.Preprocessor, n int) []event {
	var events []event
	for n < 0 || len(events) < n {
		f := pp.Next()
		events = append(events, event{f, append([]lexer.Token(nil), f.Tokens...)})
		if f.Kind == preproc.EOF {
			break
		}
	}
	return events
}

// tokenTerms converts tokens as erl_scan has them.
func tokenTerms(enc absform.Encoder, toks []lexer.Token) term.Term {
	out := make([]term.Term, 0, len(toks))
	for i := range toks {
		out = append(out, tokenTerm(enc, &toks[i]))
	}
	return enc.Heap.List(out...)
}

func tokenTerm(enc absform.Encoder, t *lexer.Token) term.Term {
	return annotated(enc.Heap, t, enc.Anno(t.Pos))
}

func encodingTerm(text []byte) term.Term {
	if e := preproc.Encoding(text); e != "" {
		return atom(e)
	}
	return atom("none")
}
