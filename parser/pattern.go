package parser

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/lexer"
)

// The patterns in function heads, fun heads and try clauses are a subset of
// expressions: no calls, remotes, sends, boolean operators or control
// structures at the top. (Case, receive and comprehensions take any
// expression, which the linter judges.)

// pattern reads such a pattern.
func (p *state) pattern() ast.Expr { return p.patternPrec(0) }

func (p *state) patternPrec(min int) ast.Expr {
	p.enter()
	defer p.leave()
	var left ast.Expr
	if op := prefixOp(p.kind()); op != ast.OpNone {
		at := p.next().Pos
		left = &ast.Unary{At: at, Op: op, X: p.patternPrec(ast.PrecPrefix)}
	} else {
		left = p.patternPrimary()
	}
	nonassoc := 0
	for n := 0; ; n++ {
		if n > maxChain {
			p.bad(p.pos(), "more than %d operators in a row", maxChain)
		}
		k := p.kind()
		if k == lexer.Match {
			if ast.PrecMatch < min {
				return left
			}
			at := p.first(left)
			p.next()
			left = &ast.Match{At: at, Pattern: left, Value: p.patternPrec(ast.PrecMatch)}
			nonassoc = 0
			continue
		}
		op := binaryOps[k]
		if op == ast.OpNone || op == ast.OpSend || op == ast.OpOrelse || op == ast.OpAndalso {
			return left
		}
		var more bool
		if left, nonassoc, more = p.operator(left, op, min, nonassoc, (*state).patternPrec); !more {
			return left
		}
	}
}

func (p *state) patternPrimary() ast.Expr {
	if e := p.literal(); e != nil {
		return e
	}
	switch p.kind() {
	case lexer.LBracket:
		return p.list(false)
	case lexer.LBin:
		return p.bits(false)
	case lexer.LBrace:
		return p.tuple()
	case lexer.LParen:
		p.next()
		e := p.pattern()
		p.expect(lexer.RParen)
		return e
	case lexer.Hash:
		return p.hash(false)
	case lexer.HashAny:
		return p.hashAny(false)
	}
	p.unexpected()
	return nil
}

// patternArguments reads (Pattern, ...).
func (p *state) patternArguments() []ast.Expr {
	p.expect(lexer.LParen)
	if p.accept(lexer.RParen) {
		return nil
	}
	var args []ast.Expr
	for {
		args = append(args, p.pattern())
		if !p.accept(lexer.Comma) {
			break
		}
	}
	p.expect(lexer.RParen)
	return args
}
