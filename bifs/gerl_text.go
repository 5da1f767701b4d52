package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// TextStages are the stages that turn text into forms. They are above the BIFs in the order of the packages, so the
// node provides them (bifs/lang has them).
type TextStages interface {
	// Stage runs a stage with the arguments of the BIF of that name and gives its result, as a BIF does.
	Stage(p *proc.Process, name string, a []term.Term) term.Term
}

type textStagesKey struct{}

// SetTextStages gives a node its text stages; before the node starts.
func SetTextStages(sys *proc.System, t TextStages) { sys.Values.Store(textStagesKey{}, t) }

// ExternalFun is the value of fun Module:Name/Arity, None where there is no code server.
func ExternalFun(p *proc.Process, module, name string, arity int64) term.Term {
	c := codeOf(p)
	if c == nil || arity < 0 || arity > maxArgs {
		return term.None
	}
	return erlangMakeFun3(p, []term.Term{term.Intern(module), term.Intern(name), term.Int(int(arity))})
}

func textStage(p *proc.Process, name string, a []term.Term) term.Term {
	v, ok := p.Sys.Values.Load(textStagesKey{})
	if !ok {
		return p.Raise(term.AtomError, term.AtomUndef)
	}
	return v.(TextStages).Stage(p, name, a)
}

// gerl_text:scan(Chars, Location, Options) -> {ok, Tokens, EndLocation} | {error, ErrorInfo, EndLocation}
func gerlTextScan3(p *proc.Process, a []term.Term) term.Term { return textStage(p, "scan", a) }

// gerl_text:scan_form(Chars, AtEnd :: boolean(), Location, Options) -> {done, Result, RestChars} | more
func gerlTextScanForm4(p *proc.Process, a []term.Term) term.Term { return textStage(p, "scan_form", a) }

// gerl_text:parse(form | exprs | term, Tokens) -> {ok, Parsed} | {error, ErrorInfo}
func gerlTextParse2(p *proc.Process, a []term.Term) term.Term { return textStage(p, "parse", a) }

// gerl_text:abstract(Term, Annotation, MaxChar) -> AbstractTerm
func gerlTextAbstract3(p *proc.Process, a []term.Term) term.Term { return textStage(p, "abstract", a) }

// gerl_text:normalise(AbstractTerm) -> {ok, Term} | error
func gerlTextNormalise1(p *proc.Process, a []term.Term) term.Term {
	return textStage(p, "normalise", a)
}

// gerl_text:parse_file(File, Options) -> {ok, Forms, Encoding, Features} | {error, Reason}
func gerlTextParseFile2(p *proc.Process, a []term.Term) term.Term {
	return textStage(p, "parse_file", a)
}

// gerlTextObsolete4 is what the compiler says about a function, type or callback that should not be used any more.
func gerlTextObsolete4(p *proc.Process, a []term.Term) term.Term { return textStage(p, "obsolete", a) }

// gerl_text:compile(file | forms, Source, Options) -> {ok, Module, Binary, Diagnostics} | {error, Diagnostics | Reason}
func gerlTextCompile3(p *proc.Process, a []term.Term) term.Term { return textStage(p, "compile", a) }

// gerl_text:disassemble(Binary) -> {ok, Module, Exports, Attributes, CompileInfo, Functions} | error
func gerlTextDisassemble1(p *proc.Process, a []term.Term) term.Term {
	return textStage(p, "disassemble", a)
}

// gerl_text:read_image(File) -> {ok, Binary} | {error, Reason}
func gerlTextReadImage1(p *proc.Process, a []term.Term) term.Term {
	return textStage(p, "read_image", a)
}

// gerl_text:header(Name) -> {ok, Binary} | error
func gerlTextHeader1(p *proc.Process, a []term.Term) term.Term {
	return textStage(p, "header", a)
}

// gerl_text:write_image(File, Binary) -> ok | {error, Reason}
func gerlTextWriteImage2(p *proc.Process, a []term.Term) term.Term {
	return textStage(p, "write_image", a)
}

// gerl_text:lint(Forms, Options) -> [{error | warning, File, ErrorInfo}] | {ask, [Behaviour]}
func gerlTextLint2(p *proc.Process, a []term.Term) term.Term { return textStage(p, "lint", a) }

// gerl_text:lint_exprs(Exprs, [Variable], [RecordForm], Options) -> [{error | warning, File, ErrorInfo}]
func gerlTextLintExprs4(p *proc.Process, a []term.Term) term.Term {
	return textStage(p, "lint_exprs", a)
}

// gerl_text:preprocess(File, Options) -> {ok, Events, Encoding} | {error, Reason}
func gerlTextPreprocess2(p *proc.Process, a []term.Term) term.Term {
	return textStage(p, "preprocess", a)
}

// gerl_text:macro_defs(File, Options, N) -> {ok, Definitions} | {error, Reason}
func gerlTextMacroDefs3(p *proc.Process, a []term.Term) term.Term {
	return textStage(p, "macro_defs", a)
}
