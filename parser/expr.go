package parser

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/lexer"
)

// binaryOps maps token kinds to binary operators.
var binaryOps = func() (ops [256]ast.Op) {
	for k := lexer.LParen; ; k++ {
		text := k.String()
		if op := ast.LookupOp(text); op != ast.OpNone && op.Info().Prec > 0 {
			ops[k] = op
		}
		if k == lexer.Xor {
			return ops
		}
	}
}()

func prefixOp(k lexer.Kind) ast.Op {
	switch k {
	case lexer.Plus:
		return ast.OpAdd
	case lexer.Minus:
		return ast.OpSub
	case lexer.Bnot:
		return ast.OpBnot
	case lexer.Not:
		return ast.OpNot
	}
	return ast.OpNone
}

// expr reads an expression.
func (p *state) expr() ast.Expr { return p.exprPrec(0) }

// exprs reads one or more expressions separated by commas.
func (p *state) exprs() []ast.Expr {
	list := []ast.Expr{p.expr()}
	for p.accept(lexer.Comma) {
		list = append(list, p.expr())
	}
	return list
}

// exprPrec reads an expression whose operators all bind at least as tightly
// as min; those behind a prefix operator or catch are another matter.
func (p *state) exprPrec(min int) ast.Expr {
	p.enter()
	defer p.leave()
	k := p.kind()
	if k == lexer.Catch {
		at := p.next().Pos
		return &ast.Catch{At: at, X: p.exprPrec(ast.PrecCatch)}
	}
	if op := prefixOp(k); op != ast.OpNone {
		at := p.next().Pos
		x := p.exprPrec(ast.PrecPrefix)
		return p.exprFrom(&ast.Unary{At: at, Op: op, X: x}, min)
	}
	return p.exprFrom(p.postfix(p.primary()), min)
}

// exprFrom continues an expression whose beginning has been read.
func (p *state) exprFrom(left ast.Expr, min int) ast.Expr {
	nonassoc := 0 // precedence of the operator that may not come again
	for n := 0; ; n++ {
		if n > maxChain {
			p.bad(p.pos(), "more than %d operators in a row", maxChain)
		}
		switch k := p.kind(); k {
		case lexer.LParen:
			if ast.PrecCall < min {
				return left
			}
			at := p.first(left)
			left = &ast.Call{At: at, Fun: left, Args: p.arguments()}
		case lexer.Colon:
			if ast.PrecRemote < min {
				return left
			}
			if nonassoc == ast.PrecRemote {
				p.unexpected()
			}
			at := p.next().Pos
			left = &ast.Remote{At: at, Module: left, Name: p.exprPrec(ast.PrecRemote + 1)}
			nonassoc = ast.PrecRemote
			continue
		case lexer.Match:
			if ast.PrecMatch < min {
				return left
			}
			at := p.first(left)
			p.next()
			left = &ast.Match{At: at, Pattern: left, Value: p.exprPrec(ast.PrecMatch)}
		default:
			op := binaryOps[k]
			if op == ast.OpNone {
				return left
			}
			var more bool
			if left, nonassoc, more = p.operator(left, op, min, nonassoc, (*state).exprPrec); !more {
				return left
			}
			continue
		}
		nonassoc = 0
	}
}

// operator reads a binary operator and its right operand, or leaves it to who reads an expression that binds less (more is false). nonassoc is
// the precedence of the operator in front, if that may not come again.
func (p *state) operator(left ast.Expr, op ast.Op, min, nonassoc int, operand func(*state, int) ast.Expr) (e ast.Expr, after int, more bool) {
	info := op.Info()
	if info.Prec < min {
		return left, 0, false
	}
	if info.Assoc == ast.NonAssoc && nonassoc == info.Prec {
		p.unexpected()
	}
	at := p.next().Pos
	right := info.Prec + 1
	if info.Assoc == ast.RightAssoc {
		right = info.Prec
	}
	e = &ast.Binary{At: at, Op: op, L: left, R: operand(p, right)}
	if info.Assoc == ast.NonAssoc {
		return e, info.Prec, true
	}
	return e, 0, true
}

// arguments reads (Expr, ...).
func (p *state) arguments() []ast.Expr {
	p.expect(lexer.LParen)
	if p.accept(lexer.RParen) {
		return nil
	}
	args := p.exprs()
	p.expect(lexer.RParen)
	return args
}

// postfix reads the map and record operations behind a primary expression.
// After a map operation only further map operations may follow, after a
// record operation only those on named records.
func (p *state) postfix(e ast.Expr) ast.Expr {
	class := classMax
	switch n := e.(type) {
	case *prefixedMap:
		e, class = n.Expr, classMap
	case *prefixedRecord:
		e, class = n.Expr, classRecord
	}
	for n := 0; n < maxChain; n++ {
		switch {
		case p.kind() == lexer.HashAny && class == classMax:
			at := p.next().Pos
			e = p.recordTail(at, e, ast.RecordRef{Kind: ast.RecordAnon})
			class = classRecord
		case p.kind() == lexer.Hash:
			at := p.next().Pos
			if p.kind() == lexer.LBrace && class != classRecord {
				e = &ast.Map{At: at, Base: e, Fields: p.mapTuple()}
				class = classMap
				continue
			}
			if class == classMap {
				p.unexpected()
			}
			e = p.recordTail(at, e, p.recordName(class == classMax))
			class = classRecord
		default:
			return e
		}
	}
	p.bad(p.pos(), "more than %d operators in a row", maxChain)
	return nil
}

// What a primary expression is, for the operations that may follow it.
const (
	classMax = iota
	classMap
	classRecord
)

// prefixedMap and prefixedRecord mark the results of primary that are no
// expr_max of the grammar: #{...} and #r{...}. They never leave postfix.
type (
	prefixedMap    struct{ ast.Expr }
	prefixedRecord struct{ ast.Expr }
)

// recordName reads the name behind a #, with a module in front if remote
// names are allowed.
func (p *state) recordName(remote bool) ast.RecordRef {
	if remote && p.kind() == lexer.Atom && p.kindAt(1) == lexer.Colon {
		module := p.next().Text
		p.next()
		return ast.RecordRef{Kind: ast.RecordRemote, Module: module, Name: p.recordWord()}
	}
	return ast.RecordRef{Name: p.recordWord()}
}

// recordWord reads an atom, variable or reserved word as a record's name.
func (p *state) recordWord() string {
	t := p.tok()
	switch {
	case t.Kind == lexer.Atom, t.Kind == lexer.Var:
		return p.next().Text
	case t.Kind >= lexer.FirstReserved:
		return p.next().Kind.String()
	}
	p.unexpected()
	return ""
}

// recordTail reads .Field or {Fields} behind Base#Ref.
func (p *state) recordTail(at pos, base ast.Expr, ref ast.RecordRef) ast.Expr {
	if p.accept(lexer.Point) {
		return &ast.RecordAccess{At: at, Base: base, Ref: ref, Field: p.atom()}
	}
	return &ast.Record{At: at, Base: base, Ref: ref, Fields: p.recordTuple()}
}

// recordTuple reads {Name = Value, ...}.
func (p *state) recordTuple() []*ast.RecordField {
	p.expect(lexer.LBrace)
	if p.accept(lexer.RBrace) {
		return nil
	}
	var fields []*ast.RecordField
	for {
		t := p.tok()
		var name ast.Expr
		switch t.Kind {
		case lexer.Var:
			name = &ast.Var{At: t.Pos, Name: t.Text}
		case lexer.Atom:
			name = &ast.Atom{At: t.Pos, Name: t.Text}
		default:
			p.unexpected()
		}
		p.next()
		p.expect(lexer.Match)
		fields = append(fields, &ast.RecordField{At: t.Pos, Name: name, Value: p.expr()})
		if !p.accept(lexer.Comma) {
			break
		}
	}
	p.expect(lexer.RBrace)
	return fields
}

// mapTuple reads {Key => Value, ...}.
func (p *state) mapTuple() []*ast.MapField {
	p.expect(lexer.LBrace)
	if p.accept(lexer.RBrace) {
		return nil
	}
	fields := p.mapFields()
	p.expect(lexer.RBrace)
	return fields
}

func (p *state) mapFields() []*ast.MapField {
	fields := []*ast.MapField{p.mapField()}
	for p.accept(lexer.Comma) {
		fields = append(fields, p.mapField())
	}
	return fields
}

func (p *state) mapField() *ast.MapField {
	key := p.expr()
	t := p.tok()
	if t.Kind != lexer.MapArrow && t.Kind != lexer.ColonEq {
		p.unexpected()
	}
	p.next()
	return &ast.MapField{At: t.Pos, Exact: t.Kind == lexer.ColonEq, Key: key, Value: p.expr()}
}

func (p *state) atom() *ast.Atom {
	t := p.expect(lexer.Atom)
	return &ast.Atom{At: t.Pos, Name: t.Text}
}

// hash reads an expression that begins with #: a map, a map comprehension
// (if allowed) or a record. expr tells whether it stands in an expression,
// where the result carries its class for postfix.
func (p *state) hash(expr bool) ast.Expr {
	at := p.expect(lexer.Hash).Pos
	if p.kind() == lexer.LBrace {
		p.next()
		if p.accept(lexer.RBrace) {
			return markMap(&ast.Map{At: at}, expr)
		}
		fields := p.mapFields()
		if expr && p.accept(lexer.BarBar) {
			quals := p.qualifiers()
			p.expect(lexer.RBrace)
			return &ast.MapComp{At: at, Fields: fields, Quals: quals}
		}
		p.expect(lexer.RBrace)
		return markMap(&ast.Map{At: at, Fields: fields}, expr)
	}
	if p.kind() == lexer.Atom && p.kindAt(1) == lexer.Point {
		ref := ast.RecordRef{Name: p.next().Text}
		p.next()
		return markRecord(&ast.RecordIndex{At: at, Ref: ref, Field: p.atom()}, expr)
	}
	ref := p.recordName(true)
	return markRecord(&ast.Record{At: at, Ref: ref, Fields: p.recordTuple()}, expr)
}

// mapComprehension reads the only expression with # that may stand where no
// map or record operation can.
func (p *state) mapComprehension() ast.Expr {
	at := p.expect(lexer.Hash).Pos
	p.expect(lexer.LBrace)
	fields := p.mapFields()
	p.expect(lexer.BarBar)
	quals := p.qualifiers()
	p.expect(lexer.RBrace)
	return &ast.MapComp{At: at, Fields: fields, Quals: quals}
}

func (p *state) hashAny(expr bool) ast.Expr {
	at := p.expect(lexer.HashAny).Pos
	ref := ast.RecordRef{Kind: ast.RecordAnon}
	return markRecord(&ast.Record{At: at, Ref: ref, Fields: p.recordTuple()}, expr)
}

func markMap(e ast.Expr, mark bool) ast.Expr {
	if mark {
		return &prefixedMap{e}
	}
	return e
}

func markRecord(e ast.Expr, mark bool) ast.Expr {
	if mark {
		return &prefixedRecord{e}
	}
	return e
}
