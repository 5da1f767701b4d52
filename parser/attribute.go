package parser

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/lexer"
)

// arguments of an attribute: expressions, of which the last may be a typed
// tuple (types is not nil, one entry an element, nil where untyped), or one
// expression with a type behind it.
type attrArgs struct {
	exprs []ast.Expr
	types []ast.Type
	typ   ast.Type
}

// attrArgs reads what follows the name of an ordinary attribute. A
// parenthesis may enclose all arguments or belong to the first expression.
func (p *state) attrArgs() *attrArgs {
	args := &attrArgs{}
	if p.kind() != lexer.LParen {
		args.exprs = append(args.exprs, p.expr())
		p.attrRest(args)
		return args
	}
	p.next()
	first := p.expr()
	args.exprs = append(args.exprs, first)
	if p.accept(lexer.RParen) {
		args.exprs[0] = p.exprFrom(p.postfix(first), 0)
		p.attrRest(args)
		return args
	}
	if p.kind() != lexer.Comma && p.kind() != lexer.ColonColon {
		p.unexpected()
	}
	p.attrRest(args)
	p.expect(lexer.RParen)
	return args
}

// attrRest reads what may follow the first expression.
func (p *state) attrRest(args *attrArgs) {
	switch p.kind() {
	case lexer.ColonColon:
		p.next()
		args.typ = p.topType()
	case lexer.Comma:
		p.next()
		p.attrTail(args)
	}
}

// attrTail reads further expressions; the first of them may be a typed tuple,
// behind which nothing can follow.
func (p *state) attrTail(args *attrArgs) {
	if p.kind() == lexer.LBrace {
		tuple, types := p.typedTuple()
		if types != nil {
			args.exprs = append(args.exprs, tuple)
			args.types = types
			return
		}
		args.exprs = append(args.exprs, p.exprFrom(p.postfix(tuple), 0))
	} else {
		args.exprs = append(args.exprs, p.expr())
	}
	for p.accept(lexer.Comma) {
		args.exprs = append(args.exprs, p.expr())
	}
}

// typedTuple reads {Expr :: Type, ...}; types is nil if no element has one.
func (p *state) typedTuple() (tuple *ast.Tuple, types []ast.Type) {
	tuple = &ast.Tuple{At: p.expect(lexer.LBrace).Pos}
	if p.accept(lexer.RBrace) {
		return tuple, nil
	}
	for {
		tuple.Elems = append(tuple.Elems, p.expr())
		if p.accept(lexer.ColonColon) {
			for len(types) < len(tuple.Elems)-1 {
				types = append(types, nil)
			}
			types = append(types, p.topType())
		} else if types != nil {
			types = append(types, nil)
		}
		if !p.accept(lexer.Comma) {
			break
		}
	}
	p.expect(lexer.RBrace)
	return tuple, types
}

// recordFields reads the fields of a record declaration, up to where the
// closing parenthesis or the dot has to be.
func (p *state) recordFields() *attrArgs {
	args := &attrArgs{}
	p.attrTail(args)
	return args
}

// declTail reads what follows the name in a record declaration without
// parentheses. OTP's grammar takes `-record name(...) -> ...` for the beginning
// of a specification and says so only at its end.
func (p *state) declTail() *attrArgs {
	name := p.toks[p.i-1].Pos
	switch {
	case p.toks[p.i-2].Kind == lexer.Hash:
		if !p.startsExpr() {
			p.bad(p.toks[p.i-2].Pos, "bad %s declaration", inner("record"))
		}
		return p.recordFields()
	case p.accept(lexer.Comma):
		return p.recordFields()
	case p.kind() == lexer.Colon || p.kind() == lexer.LParen:
		if p.accept(lexer.Colon) {
			p.expect(lexer.Atom)
		}
		p.signatures()
		if p.kind() != lexer.Dot {
			p.unexpected()
		}
	}
	p.bad(name, "bad %s declaration", inner("record"))
	return nil
}

// startsExpr reports whether the next token can be the first of an expression.
func (p *state) startsExpr() bool {
	switch p.kind() {
	case lexer.Atom, lexer.Var, lexer.Integer, lexer.Float, lexer.Char, lexer.String, lexer.SigilPrefix,
		lexer.LParen, lexer.LBrace, lexer.LBracket, lexer.LBin, lexer.Hash, lexer.HashAny,
		lexer.Plus, lexer.Minus, lexer.Bnot, lexer.Not, lexer.Catch,
		lexer.Begin, lexer.Case, lexer.Fun, lexer.If, lexer.Maybe, lexer.Receive, lexer.Try:
		return true
	}
	return false
}

// recordDecl builds a record declaration.
func (p *state) recordDecl(at pos, native bool, name string, nameAt pos, args *attrArgs) ast.Form {
	if args == nil || len(args.exprs) != 1 {
		p.bad(nameAt, "bad %s declaration", inner("record"))
	}
	tuple, ok := args.exprs[0].(*ast.Tuple)
	if !ok {
		p.badNode(args.exprs[0], "bad %s declaration", inner("record"))
	}
	decl := &ast.RecordDecl{At: at, Native: native, Name: name, Fields: make([]*ast.FieldDecl, len(tuple.Elems))}
	for i, e := range tuple.Elems {
		f := &ast.FieldDecl{}
		switch e := e.(type) {
		case *ast.Atom:
			f.At, f.Name = e.At, e.Name
		case *ast.Match:
			a, ok := e.Pattern.(*ast.Atom)
			if !ok {
				p.badNode(e, "bad record field")
			}
			f.At, f.Name, f.Default = a.At, a.Name, e.Value
		default:
			p.badNode(e, "bad record field")
		}
		if args.types != nil {
			f.Type = args.types[i]
		}
		decl.Fields[i] = f
	}
	return decl
}

// spec builds -spec and -callback.
func (p *state) spec(at pos, keyword, module string, hasModule bool, name string, sigs []ast.Type) ast.Form {
	s := &ast.Spec{At: at, Callback: keyword == "callback", HasModule: hasModule, Module: module, Name: name, Sigs: sigs}
	fun, ok := sigs[0].(*ast.FunType)
	if !ok {
		fun = sigs[0].(*ast.BoundedFun).Fun
	}
	if fun.Kind != ast.FunArgs {
		p.bad(fun.At, "bad %s declaration", inner(keyword))
	}
	s.Arity = len(fun.Args)
	return s
}

// attribute builds any other attribute.
func (p *state) attribute(at pos, name string, args *attrArgs) ast.Form {
	if args.typ != nil || args.types != nil {
		return p.typedAttribute(at, name, args)
	}
	first := args.exprs[0]
	switch name {
	case "module":
		return p.moduleAttribute(at, args.exprs)
	case "export":
		if len(args.exprs) > 1 {
			p.badNode(args.exprs[1], "bad %s declaration", inner("export"))
		}
		return &ast.Export{At: at, Funs: p.funArities(first)}
	case "import", "import_record":
		module, ok := first.(*ast.Atom)
		if len(args.exprs) != 2 || !ok {
			p.badNode(args.exprs[min(1, len(args.exprs)-1)], "bad %s declaration", inner(name))
		}
		if name == "import" {
			return &ast.Import{At: at, Module: module.Name, Funs: p.funArities(args.exprs[1])}
		}
		return &ast.ImportRecord{At: at, Module: module.Name, Names: p.recordNames(args.exprs[1])}
	case "native_record":
		p.bad(at, "bad native record definition")
	case "file":
		if len(args.exprs) == 2 {
			file, ok1 := first.(*ast.String)
			line, ok2 := args.exprs[1].(*ast.Integer)
			if ok1 && ok2 && line.Big == nil {
				return &ast.FileAttr{At: at, Name: file.Value, Line: int(line.Value)}
			}
		}
		p.badNode(first, "bad %s declaration", inner("file"))
	case "doc", "moduledoc":
		return p.docAttribute(at, name, args.exprs)
	}
	if len(args.exprs) > 1 {
		p.badNode(args.exprs[1], "bad attribute")
	}
	value := attributeValue(first)
	if !isConstant(value) {
		p.badNode(value, "bad attribute")
	}
	if name == "export_type" {
		if types, ok := exportedTypes(value); ok {
			return &ast.ExportType{At: at, Types: types}
		}
	}
	return &ast.Attribute{At: at, Name: name, Value: value}
}

func (p *state) typedAttribute(at pos, name string, args *attrArgs) ast.Form {
	var kind ast.TypeKind
	switch name {
	case "type":
	case "opaque":
		kind = ast.OpaqueType
	case "nominal":
		kind = ast.NominalType
	case "native_record":
		p.bad(at, "bad %s declaration", inner("native_record"))
	default:
		p.bad(at, "bad attribute")
	}
	call, ok := args.exprs[0].(*ast.Call)
	var fun *ast.Atom
	if ok {
		fun, ok = call.Fun.(*ast.Atom)
	}
	if !ok || args.typ == nil {
		p.bad(at, "bad %s declaration", inner(name))
	}
	decl := &ast.TypeDecl{At: at, Kind: kind, Name: fun.Name, Def: args.typ}
	for _, a := range call.Args {
		if v, ok := a.(*ast.Var); ok && v.Name == "_" {
			p.bad(v.At, "bad type variable")
		}
	}
	for _, a := range call.Args {
		v, ok := a.(*ast.Var)
		if !ok {
			p.badNode(a, "bad type variable")
		}
		decl.Params = append(decl.Params, v)
	}
	return decl
}

func (p *state) moduleAttribute(at pos, exprs []ast.Expr) ast.Form {
	name, ok := exprs[0].(*ast.Atom)
	if !ok || len(exprs) > 2 {
		p.badNode(exprs[0], "bad %s declaration", inner("module"))
	}
	m := &ast.Module{At: at, Name: name.Name}
	if len(exprs) == 2 {
		m.HasParams = true
		p.eachElem(exprs[1], "bad variable list", func(e ast.Expr) bool {
			v, ok := e.(*ast.Var)
			if ok {
				m.Params = append(m.Params, v.Name)
			}
			return ok
		})
	}
	return m
}

// eachElem calls f for each element of a proper list expression and fails
// with the message at the rest of the list where it returns false.
func (p *state) eachElem(e ast.Expr, message string, f func(ast.Expr) bool) {
	for {
		switch list := e.(type) {
		case *ast.Nil:
			return
		case *ast.List:
			for i, x := range list.Elems {
				if !f(x) {
					if i == 0 {
						p.badNode(list, "%s", message)
					}
					p.badNode(x, "%s", message)
				}
			}
			e = list.Tail
		default:
			p.badNode(e, "%s", message)
		}
	}
}

func (p *state) funArities(e ast.Expr) []ast.FunArity {
	var funs []ast.FunArity
	p.eachElem(e, "bad Name/Arity", func(e ast.Expr) bool {
		op, ok := e.(*ast.Binary)
		if !ok || op.Op != ast.OpDiv {
			return false
		}
		name, ok := op.L.(*ast.Atom)
		if !ok {
			p.badNode(op.L, "bad function name")
		}
		arity, ok := op.R.(*ast.Integer)
		if !ok {
			p.badNode(op.R, "bad function arity")
		}
		funs = append(funs, ast.FunArity{At: name.At, Name: name.Name, Arity: clamp(arity)})
		return true
	})
	return funs
}

func clamp(n *ast.Integer) int64 {
	if n.Big != nil {
		return 1<<63 - 1
	}
	return n.Value
}

func (p *state) recordNames(e ast.Expr) []string {
	var names []string
	p.eachElem(e, "bad native record name", func(e ast.Expr) bool {
		a, ok := e.(*ast.Atom)
		if ok {
			names = append(names, a.Name)
		}
		return ok
	})
	return names
}

// exportedTypes converts the value of -export_type, in which Name/Arity has
// become a tuple.
func exportedTypes(e ast.Expr) ([]ast.FunArity, bool) {
	types := []ast.FunArity{}
	for {
		switch list := e.(type) {
		case *ast.Nil:
			return types, true
		case *ast.List:
			for _, x := range list.Elems {
				t, ok := x.(*ast.Tuple)
				if !ok || len(t.Elems) != 2 {
					return nil, false
				}
				name, ok1 := t.Elems[0].(*ast.Atom)
				arity, ok2 := t.Elems[1].(*ast.Integer)
				if !ok1 || !ok2 || arity.Big != nil {
					return nil, false
				}
				types = append(types, ast.FunArity{At: name.At, Name: name.Name, Arity: arity.Value})
			}
			e = list.Tail
		default:
			return nil, false
		}
	}
}

// docAttribute checks the values that -doc and -moduledoc take.
func (p *state) docAttribute(at pos, name string, exprs []ast.Expr) ast.Form {
	value := exprs[0]
	attr := &ast.Attribute{At: at, Name: name, Value: value}
	if len(exprs) == 1 {
		switch v := value.(type) {
		case *ast.Atom:
			if v.Name == "true" || v.Name == "false" || v.Name == "hidden" {
				return attr
			}
		case *ast.String:
			return attr
		case *ast.Bits:
			if !isConstant(v) {
				p.badNode(v, "bad attribute")
			}
			return attr
		case *ast.Tuple:
			if len(v.Elems) == 2 {
				file, ok1 := v.Elems[0].(*ast.Atom)
				_, ok2 := v.Elems[1].(*ast.String)
				if ok1 && ok2 && file.Name == "file" {
					return attr
				}
			}
		case *ast.Map:
			if v.Base == nil {
				attr.Value = p.docMap(name, v)
				return attr
			}
		}
	}
	p.badNode(value, "bad %s declaration", inner("doc"))
	return nil
}

func (p *state) docMap(name string, m *ast.Map) ast.Expr {
	out := &ast.Map{At: m.At, Fields: make([]*ast.MapField, len(m.Fields))}
	for i, f := range m.Fields {
		if f.Exact {
			p.badNode(f, "bad attribute")
		}
		key, _ := f.Key.(*ast.Atom)
		if _, ok := f.Value.(*ast.Call); ok && name == "doc" && key != nil && key.Name == "equiv" {
			out.Fields[i] = f
			continue
		}
		value := attributeValue(f.Value)
		if !isConstant(f.Key) || !isConstant(value) {
			p.badNode(m, "bad attribute")
		}
		out.Fields[i] = &ast.MapField{At: f.At, Key: f.Key, Value: value}
	}
	return out
}

// attributeValue turns Name/Arity into tuples, in lists, tuples and the
// values of maps.
func attributeValue(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.List:
		return &ast.List{At: e.At, Elems: attributeValues(e.Elems), Tail: attributeValue(e.Tail)}
	case *ast.Tuple:
		return &ast.Tuple{At: e.At, Elems: attributeValues(e.Elems)}
	case *ast.Map:
		if e.Base != nil {
			return e
		}
		m := &ast.Map{At: e.At}
		for _, f := range e.Fields {
			m.Fields = append(m.Fields, &ast.MapField{At: f.At, Exact: f.Exact, Key: f.Key, Value: attributeValue(f.Value)})
		}
		return m
	case *ast.Binary:
		name, ok1 := e.L.(*ast.Atom)
		arity, ok2 := e.R.(*ast.Integer)
		if e.Op == ast.OpDiv && ok1 && ok2 {
			return &ast.Tuple{At: e.At, Elems: []ast.Expr{name, arity}}
		}
	}
	return e
}

func attributeValues(list []ast.Expr) []ast.Expr {
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		out[i] = attributeValue(e)
	}
	return out
}

// isConstant reports whether an expression denotes a term without
// evaluation, as in attributes and in files of terms.
func isConstant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Char, *ast.Integer, *ast.Float, *ast.Atom, *ast.String, *ast.Nil:
		return true
	case *ast.List:
		return allConstant(e.Elems) && isConstant(e.Tail)
	case *ast.Tuple:
		return allConstant(e.Elems)
	case *ast.Map:
		if e.Base != nil {
			return false
		}
		for _, f := range e.Fields {
			if f.Exact || !isConstant(f.Key) || !isConstant(f.Value) {
				return false
			}
		}
		return true
	case *ast.Bits:
		for _, s := range e.Elems {
			if !isConstantSegment(s) {
				return false
			}
		}
		return true
	case *ast.FunRemote:
		_, ok1 := e.Module.(*ast.Atom)
		_, ok2 := e.Name.(*ast.Atom)
		_, ok3 := e.Arity.(*ast.Integer)
		return ok1 && ok2 && ok3
	case *ast.Unary:
		switch e.X.(type) {
		case *ast.Char, *ast.Integer, *ast.Float:
			return e.Op == ast.OpAdd || e.Op == ast.OpSub
		}
	}
	return false
}

func allConstant(list []ast.Expr) bool {
	for _, e := range list {
		if !isConstant(e) {
			return false
		}
	}
	return true
}

func isConstantSegment(s *ast.BitsElem) bool {
	switch v := s.Value.(type) {
	case *ast.Char, *ast.Integer, *ast.Float, *ast.String, *ast.Bits:
		if !isConstant(v) {
			return false
		}
	case *ast.Unary:
		if !isConstant(v) {
			return false
		}
	default:
		return false
	}
	switch s.Size.(type) {
	case nil, *ast.Integer:
		return true
	}
	return false
}
