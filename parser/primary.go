package parser

import (
	"unicode/utf8"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

type pos = diag.Pos

// primary reads an expression that is not built by operators. Maps and
// records come back wrapped for postfix.
func (p *state) primary() ast.Expr {
	switch p.kind() {
	case lexer.Hash:
		return p.hash(true)
	case lexer.HashAny:
		return p.hashAny(true)
	}
	return p.exprMax()
}

// exprMax reads a primary expression that is no map or record operation; a
// map comprehension is one.
func (p *state) exprMax() ast.Expr {
	if e := p.literal(); e != nil {
		return e
	}
	switch p.kind() {
	case lexer.LBracket:
		return p.list(true)
	case lexer.LBin:
		return p.bits(true)
	case lexer.LBrace:
		return p.tuple()
	case lexer.LParen:
		p.next()
		e := p.expr()
		p.expect(lexer.RParen)
		return e
	case lexer.Begin:
		at := p.next().Pos
		body := p.exprs()
		p.expect(lexer.End)
		return &ast.Block{At: at, Body: body}
	case lexer.If:
		return p.ifExpr()
	case lexer.Case:
		return p.caseExpr()
	case lexer.Receive:
		return p.receiveExpr()
	case lexer.Fun:
		return p.funExpr()
	case lexer.Try:
		return p.tryExpr()
	case lexer.Maybe:
		return p.maybeExpr()
	case lexer.Hash:
		return p.mapComprehension()
	}
	p.unexpected()
	return nil
}

// literal reads a variable, number, atom, string or sigil; nil if the current
// token begins none of them.
func (p *state) literal() ast.Expr {
	t := p.tok()
	switch t.Kind {
	case lexer.Var:
		p.next()
		return &ast.Var{At: t.Pos, Name: t.Text}
	case lexer.Atom:
		p.next()
		return &ast.Atom{At: t.Pos, Name: t.Text}
	case lexer.Integer:
		p.next()
		return integer(t)
	case lexer.Char:
		p.next()
		return char(t)
	case lexer.Float:
		p.next()
		f, _ := lexer.FloatValue(t.Text)
		return &ast.Float{At: t.Pos, Value: f}
	case lexer.String:
		p.next()
		text := t.Text
		if p.kind() == lexer.String {
			buf := []byte(text)
			for p.kind() == lexer.String {
				buf = append(buf, p.next().Text...)
			}
			text = string(buf)
		}
		return &ast.String{At: t.Pos, Value: text}
	case lexer.SigilPrefix:
		return p.sigil()
	}
	return nil
}

func integer(t *lexer.Token) *ast.Integer {
	n, big := lexer.IntegerValue(t.Text)
	return &ast.Integer{At: t.Pos, Value: n, Big: big}
}

func char(t *lexer.Token) *ast.Char {
	c, _ := utf8.DecodeRuneInString(t.Text)
	return &ast.Char{At: t.Pos, Value: c}
}

// sigil reads ~name"text"suffix.
func (p *state) sigil() ast.Expr {
	prefix := p.next()
	text := p.expect(lexer.String)
	suffix := p.expect(lexer.SigilSuffix)
	str := &ast.String{At: text.Pos, Value: text.Text}
	switch prefix.Text {
	case "s", "S", "", "b", "B":
		if suffix.Text != "" {
			p.bad(suffix.Pos, "illegal sigil suffix")
		}
	default:
		p.bad(prefix.Pos, "illegal sigil prefix")
	}
	if prefix.Text == "s" || prefix.Text == "S" {
		return str
	}
	return &ast.Bits{At: prefix.Pos, Elems: []*ast.BitsElem{
		{At: text.Pos, Value: str, Specs: []ast.BitsSpec{{Name: "utf8"}}},
	}}
}

// list reads [...], a comprehension too if allowed.
func (p *state) list(comprehension bool) ast.Expr {
	at := p.next().Pos
	if p.kind() == lexer.RBracket {
		p.next()
		return &ast.Nil{At: at}
	}
	elems := p.exprs()
	switch t := p.tok(); t.Kind {
	case lexer.RBracket:
		p.next()
		return &ast.List{At: at, Elems: elems, Tail: &ast.Nil{At: t.Pos}}
	case lexer.Bar:
		p.next()
		tail := p.expr()
		p.expect(lexer.RBracket)
		return &ast.List{At: at, Elems: elems, Tail: tail}
	case lexer.BarBar:
		if comprehension {
			p.next()
			quals := p.qualifiers()
			p.expect(lexer.RBracket)
			return &ast.ListComp{At: at, Exprs: elems, Quals: quals}
		}
	}
	p.unexpected()
	return nil
}

func (p *state) tuple() *ast.Tuple {
	at := p.expect(lexer.LBrace).Pos
	if p.accept(lexer.RBrace) {
		return &ast.Tuple{At: at}
	}
	elems := p.exprs()
	p.expect(lexer.RBrace)
	return &ast.Tuple{At: at, Elems: elems}
}

// bits reads <<...>>, a comprehension too if allowed.
func (p *state) bits(comprehension bool) ast.Expr {
	at := p.next().Pos
	if p.accept(lexer.RBin) {
		return &ast.Bits{At: at}
	}
	p.enter()
	defer p.leave()
	var elems []*ast.BitsElem
	for {
		prefixed := prefixOp(p.kind()) != ast.OpNone
		value := p.bitsValue()
		if p.kind() == lexer.BarBar && comprehension && !prefixed && elems == nil {
			p.next()
			quals := p.qualifiers()
			p.expect(lexer.RBin)
			return &ast.BitsComp{At: at, Value: value, Quals: quals}
		}
		elem := &ast.BitsElem{At: p.first(value), Value: value}
		if p.accept(lexer.Colon) {
			elem.Size = p.exprMax()
		}
		if p.accept(lexer.Slash) {
			elem.Specs = p.bitsSpecs()
		}
		elems = append(elems, elem)
		if !p.accept(lexer.Comma) {
			break
		}
	}
	p.expect(lexer.RBin)
	return &ast.Bits{At: at, Elems: elems}
}

func (p *state) bitsValue() ast.Expr {
	if op := prefixOp(p.kind()); op != ast.OpNone {
		at := p.next().Pos
		return &ast.Unary{At: at, Op: op, X: p.exprMax()}
	}
	return p.exprMax()
}

// bitsSpecs reads Name[:Integer]-...
func (p *state) bitsSpecs() []ast.BitsSpec {
	var specs []ast.BitsSpec
	for {
		spec := ast.BitsSpec{Name: p.expect(lexer.Atom).Text}
		if p.accept(lexer.Colon) {
			spec.HasArg, spec.Arg = true, p.smallInteger()
		}
		specs = append(specs, spec)
		if !p.accept(lexer.Minus) {
			return specs
		}
	}
}

// smallInteger reads an integer; one that needs more than 64 bits becomes the
// greatest that does not, which no use of it accepts.
func (p *state) smallInteger() int64 {
	n, big := lexer.IntegerValue(p.expect(lexer.Integer).Text)
	if big != nil {
		return 1<<63 - 1
	}
	return n
}

// qualifiers reads the generators and filters of a comprehension.
func (p *state) qualifiers() []ast.Qualifier {
	var quals []ast.Qualifier
	for {
		q := p.qualifier()
		if p.kind() == lexer.AndAnd {
			zip := &ast.Zip{At: q.Pos(), Gens: []ast.Qualifier{q}}
			for p.accept(lexer.AndAnd) {
				zip.Gens = append(zip.Gens, p.qualifier())
			}
			if p.kind() == lexer.Comma {
				zip.At = p.pos()
			}
			q = zip
		}
		quals = append(quals, q)
		if !p.accept(lexer.Comma) {
			return quals
		}
	}
}

func (p *state) qualifier() ast.Qualifier {
	start := p.kind()
	e := p.expr()
	t := p.tok()
	gen := &ast.Generator{At: t.Pos, Pattern: e}
	switch t.Kind {
	case lexer.GenArrow:
	case lexer.StrictGenArrow:
		gen.Strict = true
	case lexer.BinArrow, lexer.StrictBinArrow:
		if _, ok := e.(*ast.Bits); !ok || start != lexer.LBin {
			p.unexpected()
		}
		gen.Kind, gen.Strict = ast.BinaryGen, t.Kind == lexer.StrictBinArrow
	case lexer.ColonEq:
		p.next()
		field := &ast.MapField{At: t.Pos, Exact: true, Key: e, Value: p.expr()}
		arrow := p.tok()
		if arrow.Kind != lexer.GenArrow && arrow.Kind != lexer.StrictGenArrow {
			p.unexpected()
		}
		gen = &ast.Generator{
			At: arrow.Pos, Kind: ast.MapGen, MapPattern: field, Strict: arrow.Kind == lexer.StrictGenArrow,
		}
	default:
		return &ast.Filter{Cond: e}
	}
	p.next()
	gen.Source = p.expr()
	return gen
}
