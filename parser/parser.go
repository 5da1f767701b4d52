// Package parser turns tokens into the syntax tree.
//
// A participle grammar (grammar.go) describes forms and attributes; functions,
// expressions, patterns and types are hand-written productions, precedence
// climbing for operators, that plug into it. Forms that are functions skip
// participle and go straight to the same production.
//
// Naming: a method of state named after a construct reads that construct from
// the current token on; it leaves the state behind it or fails with a
// diagnostic. accept consumes a token if it is there, expect demands it.
//
// ParseFile is what a compiler calls: it preprocesses and parses a whole file,
// reports at most one error a form and goes on with the next form. ParseForm,
// ParseExprs and ParseTerm take ready tokens.
//
//	file, errs := parser.ParseFile(fset, "m.erl", text, parser.Options{})
//
// The package imports diag, lexer, ast and preproc; with lexer it is the only
// one that knows participle.
package parser

import (
	"slices"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// ParseForm reads one form. The tokens end with a Dot (or an EOF, where the
// file ends too early).
func ParseForm(fset *diag.FileSet, toks []lexer.Token) (form ast.Form, err *diag.Diagnostic) {
	p := newState(fset, terminated(fset, toks))
	err = p.run(func() {
		if p.kind() == lexer.Minus {
			form = p.formByGrammar()
		} else {
			form = p.function()
		}
		p.nothingMore()
	})
	return form, err
}

// ParseExprs reads expressions separated by commas, ended by a Dot.
func ParseExprs(fset *diag.FileSet, toks []lexer.Token) (exprs []ast.Expr, err *diag.Diagnostic) {
	p := newState(fset, terminated(fset, toks))
	err = p.run(func() {
		exprs = p.exprs()
		p.expect(lexer.Dot)
		p.nothingMore()
	})
	return exprs, err
}

// nothingMore fails if there are tokens after the Dot, which is the last token of everything that is parsed.
func (p *state) nothingMore() {
	dot := slices.IndexFunc(p.toks, func(t lexer.Token) bool { return t.Kind == lexer.Dot })
	if dot >= 0 && dot+1 < len(p.toks) && p.toks[dot+1].Kind != lexer.EOF {
		p.i = dot + 1
		p.unexpected()
	}
}

// ParseTerm reads a constant term, ended by a Dot: an expression of literals.
func ParseTerm(fset *diag.FileSet, toks []lexer.Token) (term ast.Expr, err *diag.Diagnostic) {
	exprs, err := ParseExprs(fset, toks)
	if err != nil {
		return nil, err
	}
	p := newState(fset, terminated(fset, toks))
	err = p.run(func() {
		if len(exprs) > 1 {
			p.badNode(exprs[1], "bad term")
		}
		if !isConstant(exprs[0]) {
			p.badNode(exprs[0], "bad term")
		}
	})
	return exprs[0], err
}

// Incomplete reports whether a parse failed only because the tokens ended too
// early, so that more input could complete them.
func Incomplete(err *diag.Diagnostic, toks []lexer.Token) bool {
	return err != nil && err.Code == "erl_parse.syntax_error" && len(err.Args) == 1 && err.Args[0] == "" &&
		(len(toks) == 0 || toks[len(toks)-1].Kind != lexer.Dot)
}

// terminated makes sure that the tokens end with a Dot or an EOF. The EOF is
// at the position of the token before it, or at its end where its text is
// known: that is where errors at the end are reported.
func terminated(fset *diag.FileSet, toks []lexer.Token) []lexer.Token {
	n := len(toks)
	if n > 0 && toks[n-1].Kind == lexer.Dot {
		return toks
	}
	if n > 0 && toks[n-1].Kind == lexer.EOF {
		n--
	}
	out := append(toks[:n:n], lexer.Token{Kind: lexer.EOF})
	if n == 0 && len(toks) > 0 {
		out[0].Pos = toks[0].Pos
	}
	if n > 0 {
		out[n].Pos = endOf(fset, out[n-1].Pos)
	}
	return out
}

// endOf is where the text of an annotation ends, the position itself if there
// is no text.
func endOf(fset *diag.FileSet, p diag.Pos) diag.Pos {
	loc, ok := fset.SyntheticAt(p)
	if !ok || !loc.HasText {
		return p
	}
	end := diag.Synthetic{File: loc.File, Line: loc.Line, Col: loc.Col}
	for _, c := range loc.Text {
		switch {
		case c == '\n':
			end.Line++
			end.Col = min(end.Col, 1)
		case end.Col > 0:
			end.Col++
		}
	}
	return fset.Synthetic(end)
}
