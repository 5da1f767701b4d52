package parser

import (
	"sync"

	"github.com/alecthomas/participle/v2"
	plex "github.com/alecthomas/participle/v2/lexer"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// The grammar of a form, for participle. Function, the arguments of
// attributes, record fields and type signatures are productions of their own,
// written by hand (the methods of state); participle's cost for every node
// would make expressions and types ten times slower.
//
// The grammar is LL(1): with participle's default lookahead, failed optional
// groups would move the positions of errors.
type (
	formRule struct {
		Dash      plex.Token     `parser:"(  @Minus"`
		Attribute *attributeRule `parser:"   @@"`
		Function  functionForm   `parser:" | @@ ) Dot"`
	}
	attributeRule struct {
		Spec   *specRule   `parser:"  @@"`
		Record *recordRule `parser:"| @@"`
		Other  *otherRule  `parser:"| @@"`
	}
	// -spec name(...) -> ..., also with all in parentheses and with a module
	specRule struct {
		Keyword plex.Token `parser:"@(\"spec\":Atom | \"callback\":Atom)"`
		Open    *specBody  `parser:"( LParen @@ RParen"`
		Plain   *specBody  `parser:"| @@ )"`
	}
	specBody struct {
		First  plex.Token  `parser:"@Atom"`
		Second *plex.Token `parser:"( Colon @Atom )?"`
		Sigs   signatures  `parser:"@@"`
	}
	// -record(name, {...}), -record #name{...}, parentheses optional in both
	recordRule struct {
		Keyword plex.Token  `parser:"@\"record\":Atom"`
		Open    *recordFull `parser:"( LParen @@ RParen"`
		Plain   *recordBody `parser:"| @@ )"`
	}
	// In parentheses a missing field list is an error at what stands there;
	// without, the declaration is bad as a whole, see declTail.
	recordFull struct {
		Name   *plex.Token  `parser:"(  @Atom"`
		Fields recordFields `parser:"   Comma @@"`
		Hash   *plex.Token  `parser:" | @Hash"`
		Native *plex.Token  `parser:"   @(Atom | Var | After | And | Andalso | Band | Begin | Bnot | Bor | Bsl | Bsr | Bxor | Case | Catch | Cond | Div | Else | End | Fun | If | Let | Maybe | Not | Of | Or | Orelse | Receive | Rem | Try | When | Xor)"`
		Values recordFields `parser:"   @@ )"`
	}
	recordBody struct {
		Name   *plex.Token `parser:"(  @Atom"`
		Fields recordTail  `parser:"   @@"`
		Hash   *plex.Token `parser:" | @Hash"`
		Native *plex.Token `parser:"   @(Atom | Var | After | And | Andalso | Band | Begin | Bnot | Bor | Bsl | Bsr | Bxor | Case | Catch | Cond | Div | Else | End | Fun | If | Let | Maybe | Not | Of | Or | Orelse | Receive | Rem | Try | When | Xor)"`
		Values recordTail  `parser:"   @@ )"`
	}
	otherRule struct {
		Name plex.Token    `parser:"@Atom"`
		Args attrArguments `parser:"@@"`
	}
)

// The interfaces that the hand-written productions return: participle tells
// them apart by type.
type (
	functionForm  interface{ node() *ast.Function }
	signatures    interface{ types() []ast.Type }
	recordFields  interface{ fields() *attrArgs }
	recordTail    interface{ tail() *attrArgs }
	attrArguments interface{ arguments() *attrArgs }
)

type (
	functionNode   struct{ *ast.Function }
	signatureNode  []ast.Type
	attrArgsNode   struct{ *attrArgs }
	recordArgsNode struct{ *attrArgs }
	recordTailNode struct{ *attrArgs }
)

func (n functionNode) node() *ast.Function  { return n.Function }
func (n signatureNode) types() []ast.Type   { return n }
func (n attrArgsNode) arguments() *attrArgs { return n.attrArgs }
func (n recordArgsNode) fields() *attrArgs  { return n.attrArgs }
func (n recordTailNode) tail() *attrArgs    { return n.attrArgs }

// grammar is a built participle parser and the parse that its productions
// currently work for. Token positions given to participle hold in Offset the
// index of the token in that parse, which is how a production finds its place.
type grammar struct {
	parser *participle.Parser[formRule]
	state  *state
}

// grammars recycles built grammars, which cost a millisecond to make. One is
// used by one goroutine at a time.
var grammars = sync.Pool{New: func() any { return newGrammar() }}

func newGrammar() *grammar {
	g := &grammar{}
	g.parser = participle.MustBuild[formRule](
		participle.Lexer(lexer.Definition{}),
		participle.UseLookahead(0),
		participle.ParseTypeWith(func(lex *plex.PeekingLexer) (functionForm, error) {
			var n functionNode
			err := g.production(lex, func(p *state) { n.Function = p.function() })
			return n, err
		}),
		participle.ParseTypeWith(func(lex *plex.PeekingLexer) (signatures, error) {
			var n signatureNode
			err := g.production(lex, func(p *state) { n = p.signatures() })
			return n, err
		}),
		participle.ParseTypeWith(func(lex *plex.PeekingLexer) (recordFields, error) {
			var n recordArgsNode
			err := g.production(lex, func(p *state) { n.attrArgs = p.recordFields() })
			return n, err
		}),
		participle.ParseTypeWith(func(lex *plex.PeekingLexer) (recordTail, error) {
			var n recordTailNode
			err := g.production(lex, func(p *state) { n.attrArgs = p.declTail() })
			return n, err
		}),
		participle.ParseTypeWith(func(lex *plex.PeekingLexer) (attrArguments, error) {
			var n attrArgsNode
			err := g.production(lex, func(p *state) {
				name := p.toks[max(p.i-1, 0)]
				n.attrArgs = p.attrArgs()
				if p.kind() != lexer.Dot {
					// A wrong value is told before what should not stand behind it.
					p.attribute(name.Pos, name.Text, n.attrArgs)
				}
			})
			return n, err
		}),
	)
	return g
}

// production runs a hand-written production at the lexer's place and moves
// the lexer behind what it consumed.
func (g *grammar) production(lex *plex.PeekingLexer, read func(*state)) error {
	p := g.state
	start := lex.Peek().Pos.Offset
	p.i = start
	if d := p.run(func() { read(p) }); d != nil {
		return &diagError{d}
	}
	for range p.i - start {
		lex.Next()
	}
	return nil
}

// diagError carries a diagnostic through participle.
type diagError struct{ diag *diag.Diagnostic }

func (e *diagError) Error() string           { return e.diag.Text }
func (e *diagError) Message() string         { return e.diag.Text }
func (e *diagError) Position() plex.Position { return plex.Position{} }

// sliceLexer gives a form's tokens to participle.
type sliceLexer struct {
	toks []lexer.Token
	next int
}

func (l *sliceLexer) Next() (plex.Token, error) {
	i := min(l.next, len(l.toks)-1)
	pos := plex.Position{Offset: i, Line: 1}
	if l.next >= len(l.toks) || l.toks[i].Kind == lexer.EOF {
		return plex.Token{Type: plex.EOF, Pos: pos}, nil
	}
	l.next++
	return lexer.Participle(l.toks[i], pos), nil
}

// formByGrammar reads a form with the participle grammar.
func (p *state) formByGrammar() ast.Form {
	g := grammars.Get().(*grammar)
	g.state = p
	defer func() {
		g.state = nil
		grammars.Put(g)
	}()
	lex, err := plex.Upgrade(&sliceLexer{toks: p.toks})
	var rule *formRule
	if err == nil {
		rule, err = g.parser.ParseFromLexer(lex, participle.AllowTrailing(true))
	}
	if err != nil {
		p.throwParticiple(err)
	}
	if rule.Attribute == nil {
		return rule.Function.node()
	}
	return p.buildAttribute(rule.Attribute)
}

// throwParticiple turns participle's error into ours.
func (p *state) throwParticiple(err error) {
	switch err := err.(type) {
	case *diagError:
		p.throw(err.diag)
	case *participle.UnexpectedTokenError:
		p.i = err.Unexpected.Pos.Offset
	case participle.Error:
		if inner, ok := err.(interface{ Unwrap() error }); ok {
			p.throwParticiple(inner.Unwrap())
		}
		p.i = err.Position().Offset
	}
	p.unexpected()
}

func (p *state) buildAttribute(rule *attributeRule) ast.Form {
	at := func(t plex.Token) pos { return p.toks[t.Pos.Offset].Pos }
	switch {
	case rule.Spec != nil:
		body := rule.Spec.Plain
		if body == nil {
			body = rule.Spec.Open
		}
		keyword := rule.Spec.Keyword
		if body.Second != nil {
			return p.spec(at(keyword), keyword.Value, body.First.Value, true, body.Second.Value, body.Sigs.types())
		}
		return p.spec(at(keyword), keyword.Value, "", false, body.First.Value, body.Sigs.types())
	case rule.Record != nil:
		keyword := at(rule.Record.Keyword)
		if open := rule.Record.Open; open != nil {
			if open.Native != nil {
				return p.recordDecl(keyword, true, open.Native.Value, at(*open.Hash), open.Values.fields())
			}
			return p.recordDecl(keyword, false, open.Name.Value, at(*open.Name), open.Fields.fields())
		}
		body := rule.Record.Plain
		if body.Native != nil {
			return p.recordDecl(keyword, true, body.Native.Value, at(*body.Hash), body.Values.tail())
		}
		return p.recordDecl(keyword, false, body.Name.Value, at(*body.Name), body.Fields.tail())
	}
	return p.attribute(at(rule.Other.Name), rule.Other.Name.Value, rule.Other.Args.arguments())
}
