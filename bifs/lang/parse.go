package lang

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/absform"
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
	"github.com/gerl-lang/gerl/parser"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// parse(form | exprs | term, Tokens) is erl_parse:parse_form/1 and so on.
func parse(p *proc.Process, a []term.Term) term.Term {
	fset := diag.NewFileSet()
	toks, ok := tokens(fset, a[1])
	if !ok || !a[0].IsAtom() {
		return p.Badarg()
	}
	p.Bump(len(toks))
	enc := encoder(p, fset)
	var t term.Term
	var d *diag.Diagnostic
	var err error
	switch a[0].AtomName() {
	case "form":
		if len(toks) == 0 {
			// The place where yecc's parsers expect the end of everything.
			toks = append(toks, lexer.Token{Kind: lexer.EOF, Pos: fset.Synthetic(diag.Synthetic{Line: 999999})})
		}
		form, bad := parser.ParseForm(fset, toks)
		if d = bad; d == nil {
			t, err = enc.Form(form)
		}
	case "exprs":
		exprs, bad := parser.ParseExprs(fset, toks)
		if d = bad; d == nil {
			t, err = enc.Exprs(exprs)
		}
	case "term":
		e, bad := parser.ParseTerm(fset, toks)
		if d = bad; d == nil {
			t, err = enc.Value(e)
		}
	default:
		return p.Badarg()
	}
	h := &p.Heap
	switch {
	case d != nil:
		return h.Tuple(term.AtomError, errorInfo(h, enc, d))
	case err != nil:
		info := h.Tuple(term.Int(0), atom("erl_parse"), h.Chars(err.Error()))
		return h.Tuple(term.AtomError, info)
	}
	return h.Tuple(term.AtomOk, t)
}

// tokens converts a list of tokens as erl_scan makes them.
func tokens(fset *diag.FileSet, t term.Term) ([]lexer.Token, bool) {
	dec := absform.NewDecoder(fset)
	var toks []lexer.Token
	for n := 1; t.IsCons(); n++ {
		head := t.Head()
		t = t.Tail()
		tok, ok := token(dec, head, n)
		if !ok {
			return nil, false
		}
		toks = append(toks, tok)
	}
	return toks, t.IsNil()
}

// categories are the kinds of tokens that have a value.
var categories = map[string]lexer.Kind{
	"atom": lexer.Atom, "var": lexer.Var, "integer": lexer.Integer, "float": lexer.Float, "char": lexer.Char,
	"string": lexer.String, "sigil_prefix": lexer.SigilPrefix, "sigil_suffix": lexer.SigilSuffix,
}

func token(dec *absform.Decoder, t term.Term, n int) (tok lexer.Token, ok bool) {
	if !t.IsTuple() || t.Arity() < 2 {
		return tok, false
	}
	at, err := dec.Pos(t.Elem(1))
	if err != nil {
		return tok, false
	}
	tok.Pos = at
	if !t.Elem(0).IsAtom() {
		tok.Kind, tok.Text = lexer.Other, parser.Strange+strconv.Itoa(n)
		return tok, true
	}
	category := t.Elem(0).AtomName()
	switch category {
	case "dot":
		tok.Kind = lexer.Dot
		return tok, true
	case "$end":
		tok.Kind = lexer.EOF
		return tok, true
	}
	if t.Arity() == 2 {
		if tok.Kind = lexer.LookupKind(category); tok.Kind == lexer.None {
			tok.Kind, tok.Text = lexer.Other, category
		}
		return tok, true
	}
	if t.Arity() == 3 {
		tok.Kind = categories[category]
	}
	v := t.Elem(2)
	switch tok.Kind {
	case lexer.Atom, lexer.Var, lexer.SigilPrefix:
		if !v.IsAtom() {
			return tok, false
		}
		tok.Text = v.AtomName()
	case lexer.Integer:
		if !v.IsInteger() || term.IntSign(v) < 0 {
			return tok, false
		}
		tok.Text = v.BigInt().String()
	case lexer.Float:
		if !v.IsFloat() {
			return tok, false
		}
		tok.Text = diag.WriteFloat(v.FloatVal())
	case lexer.Char:
		if !v.IsSmall() || !utf8.ValidRune(rune(v.Small())) {
			return tok, false
		}
		tok.Text = string(rune(v.Small()))
	case lexer.String, lexer.SigilSuffix:
		tok.Text, ok = charList(v)
		return tok, ok
	default: // comments and white space are errors where they stand
		tok.Kind, tok.Text = lexer.Other, parser.Strange+strconv.Itoa(n)
	}
	return tok, true
}

// errorInfo is {Location, Module, Descriptor}.
func errorInfo(h *term.Heap, enc absform.Encoder, d *diag.Diagnostic) term.Term {
	at := enc.Location(d.Pos())
	if !d.Pos().IsValid() && d.File != "" {
		at = atom("none")
	}
	return h.Tuple(at, atom(d.Code.Module()), errorDescriptor(h, enc, d))
}

// valueTerm is the term that a descriptor's value stands for.
func valueTerm(enc absform.Encoder, v any) term.Term {
	h := enc.Heap
	all := func(vs []any) []term.Term {
		out := make([]term.Term, len(vs))
		for i, v := range vs {
			out[i] = valueTerm(enc, v)
		}
		return out
	}
	switch v := v.(type) {
	case diag.AtomValue:
		return atom(string(v))
	case int:
		return term.Int(v)
	case rune:
		return term.Int(int(v))
	case string:
		return h.Chars(v)
	case diag.TupleValue:
		return h.Tuple(all(v)...)
	case diag.ListValue:
		return h.List(all(v)...)
	case ast.Expr:
		if t, err := enc.Value(v); err == nil {
			return t
		}
		if t, err := enc.Expr(v); err == nil {
			return t
		}
	}
	return atom("undefined")
}

// errorDescriptor is the term from which the module's format_error makes the
// message.
func errorDescriptor(h *term.Heap, enc absform.Encoder, d *diag.Diagnostic) term.Term {
	if scan, ok := d.Cause.(*lexer.Error); ok {
		return descriptor(h, scan)
	}
	if d.Desc != nil {
		return valueTerm(enc, d.Desc)
	}
	switch d.Code.Module() {
	case "erl_lint", "compile":
		return h.Tuple(atom("text"), h.Chars(d.Text))
	case "erl_parse":
		if d.Code == "erl_parse.syntax_error" {
			if n, isStrange := strings.CutPrefix(d.Args[0], parser.Strange); isStrange {
				index, _ := strconv.Atoi(n)
				return h.List(h.Chars("syntax error before: "), term.Int(index))
			}
			return h.List(h.Chars("syntax error before: "), h.Chars(d.Args[0]))
		}
		return h.Chars(d.Text)
	case "file_io_server":
		return atom("invalid_unicode")
	case "erl_features":
		return h.Tuple(atom("invalid_features"), h.List(atom(d.Args[0])))
	}
	if cause, ok := d.Cause.(*parser.TermError); ok {
		if value, err := enc.Value(cause.Expr); err == nil {
			return h.Tuple(atom(d.Code.Name()), value)
		}
	}
	return eppDescriptor(h, d)
}

// eppDescriptor makes epp's descriptors; those that are not told apart by
// programs are {text, Message}.
func eppDescriptor(h *term.Heap, d *diag.Diagnostic) term.Term {
	name := d.Code.Name()
	tag := atom(name)
	arg := func(i int) string {
		if i < len(d.Args) {
			return d.Args[i]
		}
		return ""
	}
	switch name {
	case "bad", "redefine", "redefine_predef", "mismatch", "arg_error", "illegal_function", "illegal_function_usage",
		"duplicated_argument":
		return h.Tuple(tag, atom(arg(0)))
	case "undefined", "circular":
		if n, err := strconv.Atoi(arg(1)); err == nil {
			return h.Tuple(tag, atom(arg(0)), term.Int(n))
		}
		return h.Tuple(tag, atom(arg(0)), atom("none"))
	case "doc_file":
		if arg(1) == "invalid" {
			return h.Tuple(atom(arg(0)), atom(arg(1)), atom(arg(2)))
		}
		return h.Tuple(atom(arg(0)), atom(arg(1)), h.Chars(arg(2)))
	case "include":
		return h.Tuple(tag, atom(arg(0)), h.Chars(arg(1)))
	case "illegal":
		if len(d.Args) == 1 {
			return h.Tuple(tag, h.Chars("unterminated"), atom(arg(0)))
		}
		return h.Tuple(tag, h.Chars(arg(0)), atom(arg(1)))
	case "call":
		return h.Tuple(tag, h.Chars("?"+arg(0)))
	case "depth":
		return h.Tuple(tag, h.Chars(arg(0)))
	case "missing_parenthesis", "missing_comma", "premature_end", "elif_after_else", "ftr_after_prefix", "cannot_parse":
		return tag
	}
	return h.Tuple(atom("text"), h.Chars(d.Text))
}
