package parser

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// state is a parse of one form's tokens. The productions in this package are
// methods on it, named after what they read; each leaves the state behind
// what it consumed or panics with a *failure, which run catches.
type state struct {
	fset  *diag.FileSet
	toks  []lexer.Token // ends with a Dot or EOF
	i     int
	depth int

	before func(a, b diag.Pos) bool
}

// failure is a syntax error on its way out of the productions.
type failure struct{ diag *diag.Diagnostic }

// maxDepth bounds the nesting of expressions and types: Go cannot recover
// from a stack overflow, here or in later stages that follow the tree.
const maxDepth = 20000

// maxChain bounds the number of operators that group to the left, for the
// same reason.
const maxChain = 100000

func newState(fset *diag.FileSet, toks []lexer.Token) *state {
	return &state{
		fset: fset, toks: toks,
		before: func(a, b diag.Pos) bool { return fset.Compare(a, b) < 0 },
	}
}

// run calls a production and returns the diagnostic it failed with, if any.
func (p *state) run(production func()) (d *diag.Diagnostic) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(*failure)
			if !ok {
				panic(r)
			}
			d = f.diag
		}
	}()
	production()
	return nil
}

func (p *state) tok() *lexer.Token { return &p.toks[p.i] }

func (p *state) kind() lexer.Kind { return p.toks[p.i].Kind }

// kindAt looks n tokens ahead.
func (p *state) kindAt(n int) lexer.Kind {
	if p.i+n < len(p.toks) {
		return p.toks[p.i+n].Kind
	}
	return lexer.EOF
}

func (p *state) pos() diag.Pos { return p.toks[p.i].Pos }

// next consumes a token and returns it.
func (p *state) next() *lexer.Token {
	t := &p.toks[p.i]
	if p.i < len(p.toks)-1 {
		p.i++
	}
	return t
}

// accept consumes the token if it is of kind k.
func (p *state) accept(k lexer.Kind) bool {
	if p.kind() != k {
		return false
	}
	p.next()
	return true
}

// expect consumes a token of kind k, or fails.
func (p *state) expect(k lexer.Kind) *lexer.Token {
	if p.kind() != k {
		p.unexpected()
	}
	return p.next()
}

// unexpected fails at the current token.
func (p *state) unexpected() {
	t := p.tok()
	text := tokenText(*t)
	if loc, ok := p.fset.SyntheticAt(t.Pos); ok && loc.HasText {
		text = loc.Text
	}
	if t.Kind == lexer.EOF {
		text = ""
	}
	d := &diag.Diagnostic{
		Code: "erl_parse.syntax_error",
		Span: diag.Span{Start: t.Pos, End: t.End},
		Text: "syntax error before: " + text,
		Args: []string{text},
	}
	if t.Kind == lexer.SigilPrefix {
		d.Desc = diag.ListValue{"syntax error before: ", diag.ListValue{text}}
	}
	p.throw(d)
}

// bad fails with a message of the grammar's actions.
func (p *state) bad(pos diag.Pos, format string, args ...any) {
	p.throw(&diag.Diagnostic{
		Code: "erl_parse.bad",
		Span: diag.At(pos),
		Text: fmt.Sprintf(format, args...),
		Desc: deep(format, args),
	})
}

// inner is an argument of a message that is a list of its own inside of the descriptor, as ~w makes it.
type inner string

// deep is the descriptor of a message with inner parts (numbers are that too): a deep list of characters. It is nil
// for other messages, whose descriptor is the text.
func deep(format string, args []any) any {
	isDeep := false
	for _, a := range args {
		switch a.(type) {
		case inner, int:
			isDeep = true
		}
	}
	if !isDeep {
		return nil
	}
	var out diag.ListValue
	chars := func(s string) {
		for _, c := range s {
			out = append(out, c)
		}
	}
	parts := strings.Split(format, "%")
	chars(parts[0])
	for i, part := range parts[1:] {
		switch a := args[i].(type) {
		case inner:
			out = append(out, string(a))
		case int:
			out = append(out, strconv.Itoa(a))
		default:
			chars(fmt.Sprint(a))
		}
		chars(part[1:])
	}
	return out
}

// badNode is bad at the beginning of a node.
func (p *state) badNode(n ast.Node, format string, args ...any) {
	p.bad(p.first(n), format, args...)
}

func (p *state) throw(d *diag.Diagnostic) { panic(&failure{d}) }

func (p *state) first(n ast.Node) diag.Pos { return ast.FirstPos(n, p.before) }

func (p *state) last(n ast.Node) diag.Pos { return ast.LastPos(n, p.before) }

// enter guards the recursion; leave undoes it.
func (p *state) enter() {
	if p.depth++; p.depth > maxDepth {
		p.bad(p.pos(), "nested more than %d levels deep", maxDepth)
	}
}

func (p *state) leave() { p.depth-- }

// Strange begins the text of tokens that are errors wherever they stand and have no text; what follows tells the caller
// which token it is.
const Strange = "\x00"

// tokenText is how yecc's parsers show a token in an error message.
func tokenText(t lexer.Token) string {
	switch t.Kind {
	case lexer.EOF:
		return ""
	case lexer.Dot:
		return "'.'"
	case lexer.Integer:
		return formatInteger(t.Text)
	case lexer.Float:
		f, _ := lexer.FloatValue(t.Text)
		return diag.WriteFloat(f)
	case lexer.SigilPrefix:
		return diag.WriteAtom(t.Text)
	case lexer.SigilSuffix:
		if t.Text == "" {
			return "[]"
		}
		return diag.QuoteString(t.Text, '"')
	case lexer.Other:
		if strings.HasPrefix(t.Text, Strange) {
			return t.Text
		}
		return diag.WriteAtom(t.Text)
	case lexer.Atom, lexer.Var, lexer.Char, lexer.String:
		return t.Source()
	}
	return diag.WriteAtom(t.Kind.String())
}

func formatInteger(text string) string {
	n, big := lexer.IntegerValue(text)
	if big != nil {
		return big.String()
	}
	return fmt.Sprint(n)
}
