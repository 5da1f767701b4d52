package absform

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/term"
)

func (x *encoder) exprs(nodes []ast.Expr) term.Term { return list(x, nodes, x.expr) }

func (x *encoder) clauses(nodes []*ast.Clause) term.Term { return list(x, nodes, x.clause) }

func (x *encoder) clause(c *ast.Clause) term.Term {
	return x.tuple("clause", x.anno(c.At), x.exprs(c.Patterns), list(x, c.Guard, x.exprs), x.exprs(c.Body))
}

func (x *encoder) expr(e ast.Expr) term.Term {
	at := x.anno(e.Pos())
	switch e := e.(type) {
	case *ast.Atom:
		return x.tuple("atom", at, atom(e.Name))
	case *ast.Integer:
		return x.tuple("integer", at, x.integer(e))
	case *ast.Char:
		return x.tuple("char", at, term.Int(int(e.Value)))
	case *ast.Float:
		return x.tuple("float", at, x.h.Float(e.Value))
	case *ast.String:
		return x.tuple("string", at, x.h.Chars(e.Value))
	case *ast.Var:
		return x.tuple("var", at, atom(e.Name))
	case *ast.Nil:
		return x.tuple("nil", at)
	case *ast.List:
		return x.list(e)
	case *ast.Tuple:
		return x.tuple("tuple", at, x.exprs(e.Elems))
	case *ast.Map:
		if e.Base != nil {
			return x.tuple("map", at, x.expr(e.Base), list(x, e.Fields, x.mapField))
		}
		return x.tuple("map", at, list(x, e.Fields, x.mapField))
	case *ast.Bits:
		return x.tuple("bin", at, list(x, e.Elems, x.bitsElem))
	case *ast.Unary:
		return x.tuple("op", at, atom(e.Op.String()), x.expr(e.X))
	case *ast.Binary:
		return x.binary(e)
	case *ast.Match:
		return x.tuple("match", at, x.expr(e.Pattern), x.expr(e.Value))
	case *ast.MaybeMatch:
		return x.tuple("maybe_match", at, x.expr(e.Pattern), x.expr(e.Value))
	case *ast.Catch:
		return x.tuple("catch", at, x.expr(e.X))
	case *ast.Remote:
		return x.tuple("remote", at, x.expr(e.Module), x.expr(e.Name))
	case *ast.Call:
		return x.tuple("call", at, x.expr(e.Fun), x.exprs(e.Args))
	case *ast.Block:
		return x.tuple("block", at, x.exprs(e.Body))
	case *ast.If:
		return x.tuple("if", at, x.clauses(e.Clauses))
	case *ast.Case:
		return x.tuple("case", at, x.expr(e.Arg), x.clauses(e.Clauses))
	case *ast.Receive:
		if e.After == nil {
			return x.tuple("receive", at, x.clauses(e.Clauses))
		}
		return x.tuple("receive", at, x.clauses(e.Clauses), x.expr(e.After), x.exprs(e.AfterBody))
	case *ast.Try:
		return x.tuple("try", at, x.exprs(e.Body), x.clauses(e.Of), x.clauses(e.Catch), x.exprs(e.After))
	case *ast.Maybe:
		if e.Else == nil {
			return x.tuple("maybe", at, x.exprs(e.Body))
		}
		return x.tuple("maybe", at, x.exprs(e.Body), x.tuple("else", x.anno(e.ElseAt), x.clauses(e.Else)))
	}
	return x.exprRest(e, at)
}

// exprRest has the rarer expressions.
func (x *encoder) exprRest(e ast.Expr, at term.Term) term.Term {
	switch e := e.(type) {
	case *ast.Record:
		fields := list(x, e.Fields, x.recordField)
		if e.Base != nil {
			return x.tuple("record", at, x.expr(e.Base), x.recordRef(e.Ref), fields)
		}
		return x.tuple("record", at, x.recordRef(e.Ref), fields)
	case *ast.RecordIndex:
		return x.tuple("record_index", at, x.recordRef(e.Ref), x.expr(e.Field))
	case *ast.RecordAccess:
		return x.tuple("record_field", at, x.expr(e.Base), x.recordRef(e.Ref), x.expr(e.Field))
	case *ast.Fun:
		return x.tuple("fun", at, x.tuple("clauses", x.clauses(e.Clauses)))
	case *ast.NamedFun:
		return x.tuple("named_fun", at, atom(e.Name), x.clauses(e.Clauses))
	case *ast.FunRef:
		return x.tuple("fun", at, x.tuple("function", atom(e.Name), x.int64(e.Arity)))
	case *ast.FunRemote:
		return x.tuple("fun", at, x.tuple("function", x.expr(e.Module), x.expr(e.Name), x.expr(e.Arity)))
	case *ast.ListComp:
		if len(e.Exprs) == 1 {
			return x.tuple("lc", at, x.expr(e.Exprs[0]), x.qualifiers(e.Quals))
		}
		return x.tuple("lc", at, x.exprs(e.Exprs), x.qualifiers(e.Quals))
	case *ast.BitsComp:
		return x.tuple("bc", at, x.expr(e.Value), x.qualifiers(e.Quals))
	case *ast.MapComp:
		if len(e.Fields) == 1 {
			return x.tuple("mc", at, x.mapField(e.Fields[0]), x.qualifiers(e.Quals))
		}
		return x.tuple("mc", at, list(x, e.Fields, x.mapField), x.qualifiers(e.Quals))
	}
	x.fail("absform: unknown expression %T", e)
	return term.None
}

// list encodes [E1, E2 | Tail] as conses, back to front.
func (x *encoder) list(e *ast.List) term.Term {
	before := func(a, b pos) bool { return x.FileSet.Compare(a, b) < 0 }
	t := x.expr(e.Tail)
	for i := len(e.Elems) - 1; i >= 0; i-- {
		at := e.At
		if i > 0 {
			at = ast.FirstPos(e.Elems[i], before)
		}
		t = x.tuple("cons", x.anno(at), x.expr(e.Elems[i]), t)
	}
	return t
}

// binary encodes an operator; long chains to the left do not recurse.
func (x *encoder) binary(e *ast.Binary) term.Term {
	var spine []*ast.Binary
	left := ast.Expr(e)
	for {
		b, ok := left.(*ast.Binary)
		if !ok {
			break
		}
		spine = append(spine, b)
		left = b.L
	}
	t := x.expr(left)
	for i := len(spine) - 1; i >= 0; i-- {
		b := spine[i]
		t = x.tuple("op", x.anno(b.At), atom(b.Op.String()), t, x.expr(b.R))
	}
	return t
}

func (x *encoder) mapField(f *ast.MapField) term.Term {
	tag := "map_field_assoc"
	if f.Exact {
		tag = "map_field_exact"
	}
	return x.tuple(tag, x.anno(f.At), x.expr(f.Key), x.expr(f.Value))
}

func (x *encoder) recordField(f *ast.RecordField) term.Term {
	return x.tuple("record_field", x.anno(f.At), x.expr(f.Name), x.expr(f.Value))
}

func (x *encoder) recordRef(r ast.RecordRef) term.Term {
	switch r.Kind {
	case ast.RecordRemote:
		return x.h.Tuple(atom(r.Module), atom(r.Name))
	case ast.RecordAnon:
		return term.Nil
	}
	return atom(r.Name)
}

func (x *encoder) bitsElem(e *ast.BitsElem) term.Term {
	size, specs := atom("default"), atom("default")
	if e.Size != nil {
		size = x.expr(e.Size)
	}
	if e.Specs != nil {
		specs = list(x, e.Specs, func(s ast.BitsSpec) term.Term {
			if s.HasArg {
				return x.h.Tuple(atom(s.Name), x.int64(s.Arg))
			}
			return atom(s.Name)
		})
	}
	return x.tuple("bin_element", x.anno(e.At), x.expr(e.Value), size, specs)
}

func (x *encoder) qualifiers(quals []ast.Qualifier) term.Term { return list(x, quals, x.qualifier) }

// generatorTags are the node names by kind and strictness.
var generatorTags = [...][2]string{
	ast.ListGen:   {"generate", "generate_strict"},
	ast.BinaryGen: {"b_generate", "b_generate_strict"},
	ast.MapGen:    {"m_generate", "m_generate_strict"},
}

func (x *encoder) qualifier(q ast.Qualifier) term.Term {
	switch q := q.(type) {
	case *ast.Filter:
		return x.expr(q.Cond)
	case *ast.Zip:
		return x.tuple("zip", x.anno(q.At), x.qualifiers(q.Gens))
	case *ast.Generator:
		tag := generatorTags[q.Kind][0]
		if q.Strict {
			tag = generatorTags[q.Kind][1]
		}
		pattern := term.None
		if q.MapPattern != nil {
			pattern = x.mapField(q.MapPattern)
		} else {
			pattern = x.expr(q.Pattern)
		}
		return x.tuple(tag, x.anno(q.At), pattern, x.expr(q.Source))
	}
	x.fail("absform: unknown qualifier %T", q)
	return term.None
}
