package parser

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// topType reads Var :: Type, a union, or a type.
func (p *state) topType() ast.Type {
	p.enter()
	defer p.leave()
	if p.kind() == lexer.Var && p.kindAt(1) == lexer.ColonColon {
		v := p.next()
		p.next()
		return &ast.AnnType{At: v.Pos, Var: &ast.Var{At: v.Pos, Name: v.Text}, Type: p.topType()}
	}
	first := p.typePrec(0)
	if p.kind() != lexer.Bar {
		return first
	}
	types := []ast.Type{first}
	for p.accept(lexer.Bar) {
		if p.kind() == lexer.Var && p.kindAt(1) == lexer.ColonColon {
			types = append(types, p.topType())
			break
		}
		types = append(types, p.typePrec(0))
	}
	// A union in parentheses at the end is not told apart from the rest.
	if u, ok := types[len(types)-1].(*ast.UnionType); ok {
		types = append(types[:len(types)-1], u.Types...)
	}
	return &ast.UnionType{At: p.first(first), Types: types}
}

func (p *state) topTypes() []ast.Type {
	types := []ast.Type{p.topType()}
	for p.accept(lexer.Comma) {
		types = append(types, p.topType())
	}
	return types
}

const precRange = 200

// typePrec reads a type with operators that bind at least as tightly as min.
func (p *state) typePrec(min int) ast.Type {
	p.enter()
	defer p.leave()
	var left ast.Type
	if op := prefixOp(p.kind()); op != ast.OpNone {
		at := p.next().Pos
		left = &ast.UnaryType{At: at, Op: op, X: p.typePrec(ast.PrecPrefix)}
	} else {
		left = p.typePrimary()
	}
	ranged := false
	for n := 0; n < maxChain; n++ {
		k := p.kind()
		if k == lexer.DotDot {
			if precRange < min {
				return left
			}
			if ranged {
				p.unexpected()
			}
			at := left.Pos()
			p.next()
			left = &ast.RangeType{At: at, Lo: left, Hi: p.typePrec(precRange + 1)}
			ranged = true
			continue
		}
		op := binaryOps[k]
		prec := op.Info().Prec
		if prec != 400 && prec != 500 || prec < min {
			return left
		}
		at := p.next().Pos
		left = &ast.BinaryType{At: at, Op: op, L: left, R: p.typePrec(prec + 1)}
		ranged = false
	}
	p.bad(p.pos(), "more than %d operators in a row", maxChain)
	return nil
}

func (p *state) typePrimary() ast.Type {
	t := p.tok()
	switch t.Kind {
	case lexer.LParen:
		p.next()
		x := p.topType()
		p.expect(lexer.RParen)
		return x
	case lexer.Var:
		p.next()
		return &ast.Var{At: t.Pos, Name: t.Text}
	case lexer.Atom:
		return p.atomType()
	case lexer.LBracket:
		return p.listType()
	case lexer.LBrace:
		p.next()
		x := &ast.TupleType{At: t.Pos}
		if !p.accept(lexer.RBrace) {
			x.Elems = p.topTypes()
			p.expect(lexer.RBrace)
		}
		return x
	case lexer.Hash:
		return p.hashType()
	case lexer.LBin:
		return p.bitsType()
	case lexer.Integer:
		p.next()
		return integer(t)
	case lexer.Char:
		p.next()
		return char(t)
	case lexer.Fun:
		p.next()
		p.expect(lexer.LParen)
		if p.accept(lexer.RParen) {
			return &ast.FunType{At: t.Pos, Kind: ast.FunAny}
		}
		x := p.funType()
		p.expect(lexer.RParen)
		return x
	}
	p.unexpected()
	return nil
}

// atomType reads an atom, name(...) or module:name(...).
func (p *state) atomType() ast.Type {
	t := p.next()
	atom := &ast.Atom{At: t.Pos, Name: t.Text}
	switch p.kind() {
	case lexer.Colon:
		p.next()
		x := &ast.RemoteType{At: t.Pos, Module: atom, Name: p.atom()}
		x.Args = p.typeArguments()
		return x
	case lexer.LParen:
		args := p.typeArguments()
		x := &ast.NamedType{At: t.Pos, Name: t.Text, Args: args}
		if len(args) == 0 && (t.Text == "tuple" || t.Text == "map") {
			x.Any = true
		} else {
			x.User = !ast.IsBuiltinType(t.Text, len(args))
		}
		return x
	}
	return atom
}

func (p *state) typeArguments() []ast.Type {
	p.expect(lexer.LParen)
	if p.accept(lexer.RParen) {
		return nil
	}
	args := p.topTypes()
	p.expect(lexer.RParen)
	return args
}

func (p *state) listType() ast.Type {
	at := p.next().Pos
	if p.accept(lexer.RBracket) {
		return &ast.NamedType{At: at, Name: "nil"}
	}
	x := &ast.NamedType{At: at, Name: "list", Args: []ast.Type{p.topType()}}
	if p.accept(lexer.Comma) {
		p.expect(lexer.Ellipsis)
		x.Name = "nonempty_list"
	}
	p.expect(lexer.RBracket)
	return x
}

// hashType reads a map type or a record type.
func (p *state) hashType() ast.Type {
	at := p.next().Pos
	if p.accept(lexer.LBrace) {
		x := &ast.MapType{At: at}
		if p.accept(lexer.RBrace) {
			return x
		}
		for {
			key := p.topType()
			t := p.tok()
			if t.Kind != lexer.MapArrow && t.Kind != lexer.ColonEq {
				p.unexpected()
			}
			p.next()
			x.Fields = append(x.Fields, &ast.MapFieldType{
				At: t.Pos, Exact: t.Kind == lexer.ColonEq, Key: key, Value: p.topType(),
			})
			if !p.accept(lexer.Comma) {
				break
			}
		}
		p.expect(lexer.RBrace)
		return x
	}
	x := &ast.RecordType{At: at, Name: p.atom()}
	if p.accept(lexer.Colon) {
		x.Module = x.Name
		nameAt := p.pos()
		x.Name = &ast.Atom{At: nameAt, Name: p.recordWord()}
	}
	p.expect(lexer.LBrace)
	if p.accept(lexer.RBrace) {
		return x
	}
	for {
		name := p.atom()
		p.expect(lexer.ColonColon)
		x.Fields = append(x.Fields, &ast.FieldType{At: name.At, Name: name, Type: p.topType()})
		if !p.accept(lexer.Comma) {
			break
		}
	}
	p.expect(lexer.RBrace)
	return x
}

// bitsType reads <<>>, <<_:Base>>, <<_:_*Unit>> or <<_:Base, _:_*Unit>>.
func (p *state) bitsType() ast.Type {
	x := &ast.BitsType{At: p.next().Pos}
	if p.accept(lexer.RBin) {
		return x
	}
	wild := []*lexer.Token{p.expect(lexer.Var)}
	p.expect(lexer.Colon)
	if p.kind() == lexer.Var && p.kindAt(1) == lexer.Star {
		wild = append(wild, p.next())
		p.next()
		x.Unit = p.typePrec(0)
	} else {
		x.Base = p.typePrec(0)
		if p.accept(lexer.Comma) {
			wild = append(wild, p.expect(lexer.Var))
			p.expect(lexer.Colon)
			wild = append(wild, p.expect(lexer.Var))
			p.expect(lexer.Star)
			x.Unit = p.typePrec(0)
		}
	}
	p.expect(lexer.RBin)
	for _, t := range wild {
		if t.Text != "_" {
			p.bad(t.Pos, "Bad binary type")
		}
	}
	return x
}

// funType reads (Args) -> Result.
func (p *state) funType() *ast.FunType {
	at := p.expect(lexer.LParen).Pos
	x := &ast.FunType{At: at, SigAt: at}
	switch p.kind() {
	case lexer.Ellipsis:
		p.next()
		x.Kind = ast.FunAnyArgs
	case lexer.RParen:
	default:
		x.Args = p.topTypes()
	}
	p.expect(lexer.RParen)
	p.expect(lexer.Arrow)
	x.Result = p.topType()
	return x
}

// signatures reads the type signatures of a spec, separated by semicolons.
func (p *state) signatures() []ast.Type {
	var sigs []ast.Type
	for {
		fun := p.funType()
		if p.accept(lexer.When) {
			sig := &ast.BoundedFun{At: fun.At, Fun: fun}
			for {
				sig.Constraints = append(sig.Constraints, p.constraint())
				if !p.accept(lexer.Comma) {
					break
				}
			}
			sigs = append(sigs, sig)
		} else {
			sigs = append(sigs, fun)
		}
		if !p.accept(lexer.Semicolon) {
			return sigs
		}
	}
}

// constraint reads Var :: Type or is_subtype(Var, Type).
func (p *state) constraint() *ast.Constraint {
	if p.kind() == lexer.Var {
		t := p.next()
		p.expect(lexer.ColonColon)
		typ := p.topType()
		if t.Text == "_" {
			p.bad(t.Pos, "bad type variable")
		}
		return &ast.Constraint{At: t.Pos, Var: &ast.Var{At: t.Pos, Name: t.Text}, Type: typ}
	}
	name := p.expect(lexer.Atom)
	p.expect(lexer.LParen)
	args := p.topTypes()
	p.expect(lexer.RParen)
	if name.Text != "is_subtype" || len(args) != 2 {
		p.bad(name.Pos, "unsupported constraint %s", inner(diag.WriteAtom(name.Text)))
	}
	v, ok := args[0].(*ast.Var)
	if !ok || v.Name == "_" {
		p.badNode(args[0], "bad type variable")
	}
	return &ast.Constraint{At: v.At, Var: v, Type: args[1]}
}
