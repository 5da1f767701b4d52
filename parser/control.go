package parser

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/lexer"
)

// guardOpt reads "when Guard" if it is there.
func (p *state) guardOpt() [][]ast.Expr {
	if !p.accept(lexer.When) {
		return nil
	}
	return p.guard()
}

func (p *state) guard() [][]ast.Expr {
	guard := [][]ast.Expr{p.exprs()}
	for p.accept(lexer.Semicolon) {
		guard = append(guard, p.exprs())
	}
	return guard
}

// body reads -> Expr, ...
func (p *state) body() []ast.Expr {
	p.expect(lexer.Arrow)
	return p.exprs()
}

func (p *state) ifExpr() ast.Expr {
	e := &ast.If{At: p.next().Pos}
	for {
		guard := p.guard()
		c := &ast.Clause{At: p.first(guard[0][0]), Guard: guard}
		c.Body = p.body()
		e.Clauses = append(e.Clauses, c)
		if !p.accept(lexer.Semicolon) {
			break
		}
	}
	p.expect(lexer.End)
	return e
}

// clauses reads the clauses of case, receive, of and else.
func (p *state) clauses() []*ast.Clause {
	var clauses []*ast.Clause
	for {
		pattern := p.expr()
		c := &ast.Clause{At: p.first(pattern), Patterns: []ast.Expr{pattern}}
		c.Guard = p.guardOpt()
		c.Body = p.body()
		clauses = append(clauses, c)
		if !p.accept(lexer.Semicolon) {
			return clauses
		}
	}
}

func (p *state) caseExpr() ast.Expr {
	e := &ast.Case{At: p.next().Pos}
	e.Arg = p.expr()
	p.expect(lexer.Of)
	e.Clauses = p.clauses()
	p.expect(lexer.End)
	return e
}

func (p *state) receiveExpr() ast.Expr {
	e := &ast.Receive{At: p.next().Pos}
	if p.kind() != lexer.After {
		e.Clauses = p.clauses()
	}
	if p.accept(lexer.After) {
		e.After = p.expr()
		e.AfterBody = p.body()
	}
	p.expect(lexer.End)
	return e
}

func (p *state) tryExpr() ast.Expr {
	e := &ast.Try{At: p.next().Pos}
	e.Body = p.exprs()
	if p.accept(lexer.Of) {
		e.Of = p.clauses()
	}
	if p.accept(lexer.Catch) {
		for {
			e.Catch = append(e.Catch, p.tryClause())
			if !p.accept(lexer.Semicolon) {
				break
			}
		}
		if p.accept(lexer.After) {
			e.After = p.exprs()
		}
	} else {
		p.expect(lexer.After)
		e.After = p.exprs()
	}
	p.expect(lexer.End)
	return e
}

// tryClause reads [Class:]Pattern[:Stacktrace] when Guard -> Body.
func (p *state) tryClause() *ast.Clause {
	var class, stack ast.Expr
	var reason ast.Expr
	t := p.tok()
	if (t.Kind == lexer.Atom || t.Kind == lexer.Var) && p.kindAt(1) == lexer.Colon {
		class = p.literal()
		p.next()
		reason = p.pattern()
		if p.accept(lexer.Colon) {
			v := p.expect(lexer.Var)
			stack = &ast.Var{At: v.Pos, Name: v.Text}
		}
	} else {
		reason = p.pattern()
		class = &ast.Atom{At: p.first(reason), Name: "throw"}
	}
	if stack == nil {
		stack = &ast.Var{At: p.last(reason), Name: "_"}
	}
	at := class.Pos()
	c := &ast.Clause{At: at, Patterns: []ast.Expr{&ast.Tuple{At: at, Elems: []ast.Expr{class, reason, stack}}}}
	c.Guard = p.guardOpt()
	c.Body = p.body()
	return c
}

func (p *state) maybeExpr() ast.Expr {
	e := &ast.Maybe{At: p.next().Pos}
	for {
		x := p.expr()
		if p.kind() == lexer.MaybeEq {
			at := p.next().Pos
			x = &ast.MaybeMatch{At: at, Pattern: x, Value: p.expr()}
		}
		e.Body = append(e.Body, x)
		if !p.accept(lexer.Comma) {
			break
		}
	}
	if p.kind() == lexer.Else {
		e.ElseAt = p.next().Pos
		e.Else = p.clauses()
	}
	p.expect(lexer.End)
	return e
}

// funExpr reads all forms of fun.
func (p *state) funExpr() ast.Expr {
	at := p.next().Pos
	switch k, k2 := p.kind(), p.kindAt(1); {
	case k == lexer.Atom && k2 == lexer.Slash:
		name := p.next().Text
		p.next()
		return &ast.FunRef{At: at, Name: name, Arity: p.smallInteger()}
	case k == lexer.Atom, k == lexer.Var && k2 == lexer.Colon:
		f := &ast.FunRemote{At: at, Module: p.atomOrVar()}
		p.expect(lexer.Colon)
		f.Name = p.atomOrVar()
		p.expect(lexer.Slash)
		if p.kind() != lexer.Integer && p.kind() != lexer.Var {
			p.unexpected()
		}
		f.Arity = p.literal()
		return f
	}
	var heads []head
	for {
		h := head{name: "fun"}
		h.clause = &ast.Clause{At: p.pos()}
		if p.kind() == lexer.Var {
			h.name = p.next().Text
		}
		h.clause.Patterns = p.patternArguments()
		h.clause.Guard = p.guardOpt()
		h.clause.Body = p.body()
		heads = append(heads, h)
		if !p.accept(lexer.Semicolon) {
			break
		}
	}
	p.expect(lexer.End)
	clauses := p.checkHeads(heads)
	// A fun named fun cannot be written, so the name tells them apart.
	if heads[0].name == "fun" {
		return &ast.Fun{At: at, Clauses: clauses}
	}
	return &ast.NamedFun{At: at, Name: heads[0].name, Clauses: clauses}
}

func (p *state) atomOrVar() ast.Expr {
	if p.kind() != lexer.Atom && p.kind() != lexer.Var {
		p.unexpected()
	}
	return p.literal()
}

// head is a clause with the name in front of it.
type head struct {
	name   string
	clause *ast.Clause
}

// checkHeads makes sure that all clauses have one name and arity.
func (p *state) checkHeads(heads []head) []*ast.Clause {
	name, arity := heads[0].name, len(heads[0].clause.Patterns)
	clauses := make([]*ast.Clause, len(heads))
	for i, h := range heads {
		clauses[i] = h.clause
		n := len(h.clause.Patterns)
		switch {
		case h.name == name && n == arity:
		case h.name == name:
			p.bad(h.clause.At, "head mismatch: function %s with arities %d and %d is regarded as two distinct "+
				"functions. Is the number of arguments incorrect or is the semicolon in %s/%d unwanted?",
				name, arity, n, name, arity)
		default:
			p.bad(h.clause.At, "head mismatch: previous function %s/%d is distinct from %s/%d. Is the semicolon "+
				"in %s/%d unwanted?", name, arity, h.name, n, name, arity)
		}
	}
	return clauses
}

// function reads a function with all its clauses, up to the dot.
func (p *state) function() *ast.Function {
	var heads []head
	for {
		t := p.expect(lexer.Atom)
		h := head{t.Text, &ast.Clause{At: t.Pos}}
		h.clause.Patterns = p.patternArguments()
		h.clause.Guard = p.guardOpt()
		h.clause.Body = p.body()
		heads = append(heads, h)
		if !p.accept(lexer.Semicolon) {
			break
		}
	}
	// As in OTP, clauses that do not belong together are told before what
	// should not stand behind them.
	clauses := p.checkHeads(heads)
	if p.kind() != lexer.Dot {
		p.unexpected()
	}
	return &ast.Function{At: heads[0].clause.At, Name: heads[0].name, Arity: len(heads[0].clause.Patterns), Clauses: clauses}
}
