package absform

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

func (d *Decoder) exprs(t term.Term) []ast.Expr { return decodeList(t, "expressions", d.expr) }

func (d *Decoder) clauses(t term.Term) []*ast.Clause { return decodeList(t, "clauses", d.clause) }

func (d *Decoder) clause(t term.Term) *ast.Clause {
	if !is(t, "clause", 5) {
		bad("clause", t)
	}
	return &ast.Clause{
		At:       d.pos(t.Elem(1)),
		Patterns: d.exprs(t.Elem(2)),
		Guard:    decodeList(t.Elem(3), "guard", d.exprs),
		Body:     d.exprs(t.Elem(4)),
	}
}

// expr decodes an expression by tag and number of elements.
func (d *Decoder) expr(t term.Term) ast.Expr {
	d.enter()
	defer func() { d.depth-- }()
	kind := tag(t)
	if kind == "" || t.Arity() < 2 {
		bad("expression", t)
	}
	if kind == "op" && t.Arity() == 5 {
		return d.binary(t)
	}
	if kind == "cons" && t.Arity() == 4 {
		return d.cons(t)
	}
	at := d.pos(t.Elem(1))
	var e ast.Expr
	switch t.Arity() {
	case 2:
		if kind == "nil" {
			return &ast.Nil{At: at}
		}
	case 3:
		e = d.expr3(kind, at, t.Elem(2))
	case 4:
		e = d.expr4(kind, at, t.Elem(2), t.Elem(3))
	case 5:
		e = d.expr5(kind, at, t)
	case 6:
		if kind == "try" {
			return &ast.Try{
				At: at, Body: d.exprs(t.Elem(2)), Of: d.clauses(t.Elem(3)), Catch: d.clauses(t.Elem(4)),
				After: d.exprs(t.Elem(5)),
			}
		}
	}
	if e == nil {
		bad("expression", t)
	}
	return e
}

func (d *Decoder) expr3(kind string, at diag.Pos, x term.Term) ast.Expr {
	switch kind {
	case "atom", "integer", "char", "float":
		return d.literal(kind, at, x)
	case "var":
		return &ast.Var{At: at, Name: name(x)}
	case "string":
		return d.str(at, x)
	case "tuple":
		return &ast.Tuple{At: at, Elems: d.exprs(x)}
	case "map":
		return &ast.Map{At: at, Fields: decodeList(x, "map fields", d.mapField)}
	case "bin":
		return &ast.Bits{At: at, Elems: decodeList(x, "binary elements", d.bitsElem)}
	case "block":
		return &ast.Block{At: at, Body: d.exprs(x)}
	case "if":
		return &ast.If{At: at, Clauses: d.clauses(x)}
	case "catch":
		return &ast.Catch{At: at, X: d.expr(x)}
	case "receive":
		return &ast.Receive{At: at, Clauses: d.clauses(x)}
	case "maybe":
		return &ast.Maybe{At: at, Body: d.exprs(x)}
	case "fun":
		return d.fun(at, x)
	}
	return nil
}

func (d *Decoder) expr4(kind string, at diag.Pos, x, y term.Term) ast.Expr {
	switch kind {
	case "op":
		op := ast.LookupOp(name(x))
		if op.Info().Prefix {
			return &ast.Unary{At: at, Op: op, X: d.expr(y)}
		}
	case "match":
		return &ast.Match{At: at, Pattern: d.expr(x), Value: d.expr(y)}
	case "maybe_match":
		return &ast.MaybeMatch{At: at, Pattern: d.expr(x), Value: d.expr(y)}
	case "call":
		return &ast.Call{At: at, Fun: d.expr(x), Args: d.exprs(y)}
	case "remote":
		return &ast.Remote{At: at, Module: d.expr(x), Name: d.expr(y)}
	case "case":
		return &ast.Case{At: at, Arg: d.expr(x), Clauses: d.clauses(y)}
	case "map":
		return &ast.Map{At: at, Base: d.expr(x), Fields: decodeList(y, "map fields", d.mapField)}
	case "record":
		return &ast.Record{At: at, Ref: recordRef(x), Fields: decodeList(y, "record fields", d.recordField)}
	case "record_index":
		return &ast.RecordIndex{At: at, Ref: recordRef(x), Field: d.atom(y)}
	case "named_fun":
		return &ast.NamedFun{At: at, Name: name(x), Clauses: d.clauses(y)}
	case "maybe":
		if is(y, "else", 3) {
			return &ast.Maybe{At: at, Body: d.exprs(x), ElseAt: d.pos(y.Elem(1)), Else: d.clauses(y.Elem(2))}
		}
	case "lc":
		if x.IsList() {
			return &ast.ListComp{At: at, Exprs: d.exprs(x), Quals: d.qualifiers(y)}
		}
		return &ast.ListComp{At: at, Exprs: []ast.Expr{d.expr(x)}, Quals: d.qualifiers(y)}
	case "bc":
		return &ast.BitsComp{At: at, Value: d.expr(x), Quals: d.qualifiers(y)}
	case "mc":
		if x.IsList() {
			return &ast.MapComp{At: at, Fields: decodeList(x, "map fields", d.mapField), Quals: d.qualifiers(y)}
		}
		return &ast.MapComp{At: at, Fields: []*ast.MapField{d.mapField(x)}, Quals: d.qualifiers(y)}
	}
	return nil
}

func (d *Decoder) expr5(kind string, at diag.Pos, t term.Term) ast.Expr {
	x, y, z := t.Elem(2), t.Elem(3), t.Elem(4)
	switch kind {
	case "record":
		return &ast.Record{
			At: at, Base: d.expr(x), Ref: recordRef(y), Fields: decodeList(z, "record fields", d.recordField),
		}
	case "record_field":
		return &ast.RecordAccess{At: at, Base: d.expr(x), Ref: recordRef(y), Field: d.atom(z)}
	case "receive":
		return &ast.Receive{At: at, Clauses: d.clauses(x), After: d.expr(y), AfterBody: d.exprs(z)}
	}
	return nil
}

// binary decodes operators; chains to the left do not recurse.
func (d *Decoder) binary(t term.Term) ast.Expr {
	var spine []term.Term
	for is(t, "op", 5) {
		spine = append(spine, t)
		t = t.Elem(3)
	}
	left := d.expr(t)
	for i := len(spine) - 1; i >= 0; i-- {
		t := spine[i]
		op := ast.LookupOp(name(t.Elem(2)))
		if op.Info().Prec == 0 {
			bad("operator", t)
		}
		left = &ast.Binary{At: d.pos(t.Elem(1)), Op: op, L: left, R: d.expr(t.Elem(4))}
	}
	return left
}

// cons decodes a list. Conses are joined to one List as long as each is where
// the encoder would put it.
func (d *Decoder) cons(t term.Term) ast.Expr {
	list := &ast.List{At: d.pos(t.Elem(1)), Elems: []ast.Expr{d.expr(t.Elem(2))}}
	for t = t.Elem(3); is(t, "cons", 4); t = t.Elem(3) {
		at := d.pos(t.Elem(1))
		e := d.expr(t.Elem(2))
		if at != ast.FirstPos(e, d.before) {
			break
		}
		list.Elems = append(list.Elems, e)
	}
	list.Tail = d.expr(t)
	return list
}

// literal decodes a literal. Parse transforms are known to put other terms than the kind says into them (a line that is a pair with
// the column); OTP's compiler takes each for the term that it is, and so does this.
func (d *Decoder) literal(kind string, at diag.Pos, x term.Term) ast.Expr {
	switch {
	case kind == "atom" && x.IsAtom():
		return &ast.Atom{At: at, Name: name(x)}
	case kind == "float" && x.IsFloat():
		return &ast.Float{At: at, Value: x.FloatVal()}
	case (kind == "integer" || kind == "char") && x.IsInteger():
		return number(kind, at, x)
	}
	return d.Abstract(x, at, NoStrings)
}

func number(kind string, at diag.Pos, x term.Term) ast.Expr {
	if !x.IsInteger() {
		bad(kind, x)
	}
	n, ok := term.ToInt64(x)
	switch {
	case !ok:
		return &ast.Integer{At: at, Big: x.BigInt()}
	case kind == "char" && n >= 0 && n <= 0x10FFFF:
		return &ast.Char{At: at, Value: rune(n)}
	}
	return &ast.Integer{At: at, Value: n}
}

// str decodes a string; a list that is no text becomes a list of integers.
func (d *Decoder) str(at diag.Pos, x term.Term) ast.Expr {
	if text, ok := textOf(x); ok {
		return &ast.String{At: at, Value: text}
	}
	elems := decodeList(x, "string", func(t term.Term) ast.Expr { return d.literal("integer", at, t) })
	return &ast.List{At: at, Elems: elems, Tail: &ast.Nil{At: at}}
}

// textOf converts a flat list of code points to text.
func textOf(t term.Term) (string, bool) {
	var text []rune
	for ; t.IsCons(); t = t.Tail() {
		c := t.Head()
		if !c.IsSmall() || c.Small() < 0 || c.Small() > 0x10FFFF || c.Small() >= 0xD800 && c.Small() <= 0xDFFF {
			return "", false
		}
		text = append(text, rune(c.Small()))
	}
	return string(text), t.IsNil()
}

func (d *Decoder) atom(t term.Term) *ast.Atom {
	a, ok := d.expr(t).(*ast.Atom)
	if !ok {
		bad("atom", t)
	}
	return a
}

func (d *Decoder) mapField(t term.Term) *ast.MapField {
	if !is(t, "map_field_assoc", 4) && !is(t, "map_field_exact", 4) {
		bad("map field", t)
	}
	return &ast.MapField{
		At: d.pos(t.Elem(1)), Exact: tag(t) == "map_field_exact", Key: d.expr(t.Elem(2)), Value: d.expr(t.Elem(3)),
	}
}

func (d *Decoder) recordField(t term.Term) *ast.RecordField {
	if !is(t, "record_field", 4) {
		bad("record field", t)
	}
	return &ast.RecordField{At: d.pos(t.Elem(1)), Name: d.expr(t.Elem(2)), Value: d.expr(t.Elem(3))}
}

func recordRef(t term.Term) ast.RecordRef {
	switch {
	case t.IsNil():
		return ast.RecordRef{Kind: ast.RecordAnon}
	case t.IsTuple() && t.Arity() == 2:
		return ast.RecordRef{Kind: ast.RecordRemote, Module: name(t.Elem(0)), Name: name(t.Elem(1))}
	}
	return ast.RecordRef{Name: name(t)}
}

func (d *Decoder) bitsElem(t term.Term) *ast.BitsElem {
	if !is(t, "bin_element", 5) {
		bad("binary element", t)
	}
	e := &ast.BitsElem{At: d.pos(t.Elem(1)), Value: d.expr(t.Elem(2))}
	if size := t.Elem(3); size != atom("default") {
		e.Size = d.expr(size)
	}
	if specs := t.Elem(4); specs != atom("default") {
		e.Specs = decodeList(specs, "type specifiers", func(s term.Term) ast.BitsSpec {
			if s.IsTuple() && s.Arity() == 2 {
				return ast.BitsSpec{Name: name(s.Elem(0)), HasArg: true, Arg: int64Of(s.Elem(1))}
			}
			return ast.BitsSpec{Name: name(s)}
		})
	}
	return e
}

// fun decodes what is in a {'fun', Anno, X}.
func (d *Decoder) fun(at diag.Pos, x term.Term) ast.Expr {
	switch {
	case is(x, "clauses", 2):
		return &ast.Fun{At: at, Clauses: d.clauses(x.Elem(1))}
	case is(x, "function", 3):
		return &ast.FunRef{At: at, Name: name(x.Elem(1)), Arity: int64Of(x.Elem(2))}
	case is(x, "function", 4):
		m, f, a := x.Elem(1), x.Elem(2), x.Elem(3)
		if m.IsAtom() && f.IsAtom() && a.IsInteger() { // as before OTP R15
			return &ast.FunRemote{
				At: at, Module: &ast.Atom{At: at, Name: name(m)}, Name: &ast.Atom{At: at, Name: name(f)},
				Arity: number("integer", at, a),
			}
		}
		return &ast.FunRemote{At: at, Module: d.expr(m), Name: d.expr(f), Arity: d.expr(a)}
	}
	return nil
}

func (d *Decoder) qualifiers(t term.Term) []ast.Qualifier {
	return decodeList(t, "qualifiers", d.qualifier)
}

func (d *Decoder) qualifier(t term.Term) ast.Qualifier {
	if is(t, "zip", 3) {
		return &ast.Zip{At: d.pos(t.Elem(1)), Gens: d.qualifiers(t.Elem(2))}
	}
	kind := tag(t)
	for k, tags := range generatorTags {
		for strict, generator := range tags {
			if kind != generator || t.Arity() != 4 {
				continue
			}
			g := &ast.Generator{At: d.pos(t.Elem(1)), Kind: ast.GenKind(k), Strict: strict == 1}
			if g.Kind == ast.MapGen {
				g.MapPattern = d.mapField(t.Elem(2))
			} else {
				g.Pattern = d.expr(t.Elem(2))
			}
			g.Source = d.expr(t.Elem(3))
			return g
		}
	}
	return &ast.Filter{Cond: d.expr(t)}
}
