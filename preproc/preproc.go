// Package preproc is Erlang's preprocessor: it reads source files form by
// form, obeys the directives (-define, -undef, -ifdef, -ifndef, -if, -elif,
// -else, -endif, -include, -include_lib, -file, -feature, -error, -warning,
// -doc and -moduledoc of files) and expands macros. What comes out are the
// token lists of the other forms.
//
// Expanded tokens carry the position of the macro call, those of macro
// arguments their own, as in OTP's epp. Conditions and the terms of -error
// are evaluated through Options.Eval, since that needs a parser.
//
//	pp := preproc.New(fset, "m.erl", text, preproc.Options{})
//	for {
//		form := pp.Next()
//		...
//		if form.Kind == preproc.EOF { break }
//	}
//
// The package imports diag and lexer only.
package preproc

import (
	"os"
	"path"
	"strings"
	"sync"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// Options configure a Preprocessor. The zero value reads files from disk and
// knows no include path.
type Options struct {
	SourceName  string   // what ?FILE and the file attribute say; default: the file's name
	IncludePath []string // directories, behind that of the including file
	Macros      []Macro
	// Features are enabled ("-name": disabled) on top of those that are on by
	// default. A list that is empty but not nil makes ?FEATURE_ENABLED deny
	// the default ones too, as epp does when it is called without a compiler.
	Features  []string
	Latin1    bool // default encoding of files without an encoding comment
	BaseNames bool // leave directories out of ?FILE and file attributes

	// ReadFile reads a file; default os.ReadFile.
	ReadFile func(name string) ([]byte, error)
	// LibDir gives the directory of an application, for -include_lib.
	LibDir func(app string) (string, bool)
	// Library gives a header of the built-in library (app/include/name.hrl), for -include_lib of
	// what LibDir has not.
	Library func(name string) ([]byte, bool)
	// Getenv is asked for $NAME at the beginning of an include's name.
	Getenv func(name string) string
	// Eval evaluates what needs a parser.
	Eval Evaluator
}

// Macro is a macro defined from outside, as by -DName=Value.
type Macro struct {
	Name     string
	Value    string // Erlang source of a term; "" means true
	Redefine bool   // replace a definition that exists, also a predefined one
}

// Evaluator does for the preprocessor what needs a parser.
type Evaluator interface {
	// Condition evaluates the expression of -if or -elif; tokens are what
	// follows the directive's name, macros expanded. defined answers
	// defined(Name). A diagnostic means that the expression is malformed;
	// badIf that it is no guard expression.
	Condition(tokens []lexer.Token, defined func(name string) bool) (value, badIf bool, err *diag.Diagnostic)
	// Term renders the term in parentheses after -error or -warning as ~tp
	// does; ok is false if it is none. value becomes the diagnostic's Cause.
	Term(tokens []lexer.Token) (text string, value error, ok bool)
}

// Kind is what a Form holds.
type Kind uint8

// The kinds of results of Next.
const (
	Tokens  Kind = iota // a form's tokens
	Failure             // an error or warning in Diag
	EOF                 // the end, at Pos
)

// Form is one result of the preprocessor.
type Form struct {
	Kind   Kind
	Tokens []lexer.Token // valid until the next call of Next
	Diag   *diag.Diagnostic
	Pos    diag.Pos
}

// buffers recycles the token buffers of preprocessors, which grow to the size of the largest form.
var buffers = sync.Pool{New: func() any {
	buf := make([]lexer.Token, 0, 1024)
	return &buf
}}

// Preprocessor reads a source file and what it includes.
type Preprocessor struct {
	fset     *diag.FileSet
	opts     Options
	cur      *source
	sources  []*source // the including files, innermost last
	macros   map[string]*macro
	features features
	inPrefix bool
	skip     []string // conditionals being skipped, innermost last
	queue    []Form   // results that come before reading on
	buf      []lexer.Token
	stack    []lexer.Token // of the expander, between forms
	fun      *funContext
	calls    int               // macros expanded in the current form
	checked  map[macroKey]bool // macros known not to be circular
}

// source is a file being read.
type source struct {
	scanner *lexer.Scanner
	file    *diag.File
	name    string   // the file's own name
	alias   string   // the name that a -file attribute gave it
	moved   int      // lines by which a -file attribute moved it
	dir     string   // where its includes are looked for first
	conds   []string // open conditionals that are true, innermost last
	broken  *diag.Diagnostic
}

// maxIncludes bounds the nesting of includes.
const maxIncludes = 8

// New starts reading a file whose text has been read already.
func New(fset *diag.FileSet, name string, text []byte, opts Options) *Preprocessor {
	if opts.ReadFile == nil {
		opts.ReadFile = os.ReadFile
	}
	if opts.Library == nil {
		opts.Library = func(string) ([]byte, bool) { return nil, false }
	}
	if opts.LibDir == nil {
		opts.LibDir = func(string) (string, bool) { return "", false }
	}
	if opts.Getenv == nil {
		opts.Getenv = func(string) string { return "" }
	}
	p := &Preprocessor{
		fset: fset, opts: opts, inPrefix: true, checked: map[macroKey]bool{}, buf: *buffers.Get().(*[]lexer.Token),
	}
	source := opts.SourceName
	if source == "" {
		source = name
	}
	for _, name := range p.features.init(opts.Features) {
		p.unknownFeature(diag.NoPos, name)
	}
	p.predefine(p.shown(source))
	for _, m := range opts.Macros {
		p.predefineUser(m)
	}
	p.open(source, dirname(name), text)
	return p
}

// Features gives the names of the features that are enabled at this point.
func (p *Preprocessor) Features() []string { return p.features.enabled() }

// shown is a file name as it appears in ?FILE and file attributes.
func (p *Preprocessor) shown(name string) string {
	if p.opts.BaseNames {
		return path.Base(name)
	}
	return name
}

// open makes a file the current one and queues its file attribute.
func (p *Preprocessor) open(name, dir string, raw []byte) {
	text, broken := decode(raw, p.opts.Latin1)
	file := p.fset.AddFile(name, text)
	s := &source{file: file, name: name, alias: name, dir: dir}
	s.scanner = lexer.NewScanner(file, lexer.Options{})
	if broken >= 0 {
		s.broken = &diag.Diagnostic{
			Code: "file_io_server.invalid_unicode",
			Span: diag.At(file.Pos(broken)),
			Text: "cannot translate from UTF-8",
		}
	}
	if p.cur != nil {
		p.sources = append(p.sources, p.cur)
	}
	p.cur = s
	p.setFileMacro(p.shown(name))
	p.queueFileAttr(file.Pos(0), p.shown(name), 1)
}

// queueFileAttr queues the form -file(name, line).
func (p *Preprocessor) queueFileAttr(at diag.Pos, name string, line int) {
	tok := func(k lexer.Kind, text string) lexer.Token { return lexer.Token{Kind: k, Pos: at, Text: text} }
	p.queue = append(p.queue, Form{Kind: Tokens, Tokens: []lexer.Token{
		tok(lexer.Minus, ""), tok(lexer.Atom, "file"), tok(lexer.LParen, ""), tok(lexer.String, name),
		tok(lexer.Comma, ""), tok(lexer.Integer, itoa(line)), tok(lexer.RParen, ""), tok(lexer.Dot, ""),
	}})
}

// fail queues an error of epp's.
func (p *Preprocessor) fail(at diag.Pos, e *failure) {
	p.queueDiag(diag.Error, at, e)
}

func (p *Preprocessor) queueDiag(severity diag.Severity, at diag.Pos, e *failure) {
	p.queue = append(p.queue, Form{Kind: Failure, Diag: &diag.Diagnostic{
		Code: diag.Code("epp." + e.name), Severity: severity, Span: diag.At(at), Text: e.text, Args: e.args, Desc: e.desc,
	}})
}

// Next returns the next form, diagnostic or the end of the file. After the
// end it keeps returning EOF.
func (p *Preprocessor) Next() Form {
	for {
		if len(p.queue) > 0 {
			f := p.queue[0]
			p.queue = p.queue[1:]
			return f
		}
		if len(p.skip) > 0 {
			p.skipForm()
			continue
		}
		if f, ok := p.readForm(); ok {
			return f
		}
	}
}

// readForm reads a form that is not skipped; ok is false if it was a
// directive, or results have been queued.
func (p *Preprocessor) readForm() (f Form, ok bool) {
	toks, eof := p.scanForm(true)
	switch {
	case toks == nil && eof:
		return p.leave()
	case toks == nil:
		return f, false
	}
	if directive := p.directive(toks); directive {
		return f, false
	}
	p.fun = &funContext{tokens: toks}
	p.calls = 0
	out, err := p.expand(toks)
	p.fun = nil
	if err != nil {
		p.fail(err.at, err)
		return f, false
	}
	if p.inPrefix {
		p.inPrefix = len(out) == 0 || out[0].Kind == lexer.Minus && len(out) > 1 && isPrefixAttribute(out[1])
	}
	p.noteModule(out)
	return Form{Kind: Tokens, Tokens: out}, true
}

// scanForm reads the tokens of a form; nil at the end of the file or after an
// error, which is queued if report is set.
func (p *Preprocessor) scanForm(report bool) (toks []lexer.Token, eof bool) {
	s := p.cur
	begin := s.scanner.Offset()
	s.scanner.NoMaybe = !p.features.has("maybe_expr")
	toks, err := s.scanner.Form(p.buf[:0])
	p.buf = toks[:0]
	if b := s.broken; b != nil && s.file.Offset(b.Pos()) < s.scanner.Offset() {
		// The encoding is wrong somewhere in this form: nothing behind it
		// can be trusted. The file ends with the token that it is in.
		s.broken = nil
		bad := b.Pos()
		// Inside of quotes it is that place, else where the token, comment or white space begins.
		atOnce := s.file.Offset(bad) == begin
		inside := err != nil && err.Pos <= bad && bad < err.End
		for _, t := range toks {
			if t.Pos < bad && bad < t.End {
				if inside = true; t.Kind != lexer.String && !t.Quoted || t.Pos+1 == bad {
					bad = t.Pos
				}
			}
		}
		if !inside && !atOnce {
			bad = s.file.Pos(commentStart(s.file, toks, s.file.Offset(bad)))
		}
		s.scanner.Truncate(s.file.Offset(bad))
		b.Span = diag.At(bad)
		if !atOnce {
			p.queue = append(p.queue, Form{Kind: Failure, Diag: b})
		}
		p.fail(bad, errorf("cannot_parse", "cannot parse file, giving up"))
		return nil, false
	}
	if err != nil {
		if report {
			p.queue = append(p.queue, Form{Kind: Failure, Diag: err.Diagnostic()})
		}
		return nil, false
	}
	if last := len(toks) - 1; toks[last].Kind == lexer.EOF {
		if last == 0 {
			return nil, true
		}
		toks[last].Pos = toks[last-1].Pos
	}
	for i := range toks {
		if t := &toks[i]; t.Quoted && isFeatureWord(t.Text) {
			p.keepText(t)
		}
	}
	return toks, false
}

// commentStart is where the comment or white space begins that an offset lies in or follows. toks are those of the form.
func commentStart(f *diag.File, toks []lexer.Token, off int) int {
	from := f.LineStart(f.PhysicalLine(off))
	for _, t := range toks {
		if end := f.Offset(t.End); end > from && end <= off {
			from = end
		}
	}
	if i := strings.IndexByte(string(f.Text()[from:off]), '%'); i >= 0 {
		return from + i
	}
	for off > from && (f.Text()[off-1] == ' ' || f.Text()[off-1] == '\t') {
		off--
	}
	return off
}

// isFeatureWord reports whether a name is a reserved word of a feature that
// can be switched.
func isFeatureWord(name string) bool { return name == "maybe" || name == "else" }

// keepText marks a quoted atom that would be a reserved word without the
// quotes: its annotation carries the text, so that the linter does not warn.
func (p *Preprocessor) keepText(t *lexer.Token) {
	text := "'" + t.Text + "'"
	if int(t.End-t.Pos) != len(text) {
		return
	}
	here := p.fset.Position(t.Pos)
	t.Pos = p.fset.Synthetic(diag.Synthetic{
		File: here.File, Line: here.Line, Col: here.Column, Text: text, HasText: true, Origin: t.Pos,
	})
}

// leave ends the current file.
func (p *Preprocessor) leave() (Form, bool) {
	s := p.cur
	end := s.scanner.Pos()
	if n := len(s.conds); n > 0 {
		kind := s.conds[n-1]
		s.conds = s.conds[:n-1]
		p.fail(end, errorf("illegal", "unterminated '-%s'", kind))
		return Form{}, false
	}
	n := len(p.sources)
	if n == 0 {
		if cap(p.buf) > 0 {
			buf := p.buf[:0]
			p.buf = nil
			buffers.Put(&buf)
		}
		return Form{Kind: EOF, Pos: end}, true
	}
	p.cur = p.sources[n-1]
	p.sources = p.sources[:n-1]
	s = p.cur
	at := s.scanner.Pos()
	here := p.fset.Position(at)
	p.setFileMacro(p.shown(s.alias))
	if s.alias == s.name {
		p.queueFileAttr(at, p.shown(s.name), here.Line)
		return Form{}, false
	}
	// A -file attribute is in force: first back to the real file, then to
	// the one that it named.
	real := here.Line - s.moved
	p.queueFileAttr(p.fset.Synthetic(diag.Synthetic{File: s.name, Line: real, Col: here.Column}), p.shown(s.name), real)
	p.queueFileAttr(p.fset.Synthetic(diag.Synthetic{File: s.name, Line: real, Col: here.Column, Generated: true}),
		p.shown(s.alias), here.Line)
	return Form{}, false
}

// dirname is filename:dirname.
func dirname(name string) string {
	i := strings.LastIndexByte(name, '/')
	switch {
	case i < 0:
		return "."
	case i == 0:
		return "/"
	}
	return strings.TrimRight(name[:i], "/")
}

// join is filename:join without any cleaning up beyond doubled slashes.
func join(dir, name string) string {
	if dir == "." || strings.HasPrefix(name, "/") {
		return name
	}
	return strings.TrimRight(dir, "/") + "/" + name
}
