package compiler

import "github.com/gerl-lang/gerl/ast"

// Names of funs and comprehensions have numbers in them, which stack traces
// show. They are given in the order in which OTP's compiler comes by: the parts of terms and the
// arguments of calls from the last to the first, inner funs before the fun around them, all
// that the qualifiers of a comprehension evaluate before the comprehension itself.

// numberer walks the body of a function.
type numberer struct {
	of   map[ast.Node]int
	next int
}

// numberFuns numbers all funs and generators of a function.
func numberFuns(clauses []*ast.Clause) *numberer {
	n := &numberer{of: map[ast.Node]int{}}
	n.clauses(clauses)
	return n
}

func (n *numberer) give(x ast.Node) {
	n.of[x] = n.next
	n.next++
}

// take gives a node's number; a node whose code is made a second time gets a new one.
func (n *numberer) take(x ast.Node) int {
	k, ok := n.of[x]
	if !ok {
		k = n.next
		n.next++
	}
	delete(n.of, x)
	return k
}

func (n *numberer) clauses(cs []*ast.Clause) {
	for _, c := range cs {
		n.exprs(c.Body)
	}
}

func (n *numberer) exprs(es []ast.Expr) {
	for _, e := range es {
		n.visit(e)
	}
}

func (n *numberer) backwards(es []ast.Expr) {
	for i := len(es) - 1; i >= 0; i-- {
		n.visit(es[i])
	}
}

func (n *numberer) visit(x ast.Node) {
	switch x := x.(type) {
	case nil, *ast.Atom, *ast.Integer, *ast.Char, *ast.Float, *ast.String, *ast.Var, *ast.Nil:
	case *ast.List:
		n.visit(x.Tail)
		n.backwards(x.Elems)
	case *ast.Tuple:
		n.backwards(x.Elems)
	case *ast.Binary:
		if x.Op == ast.OpAndalso || x.Op == ast.OpOrelse {
			n.visit(x.L)
			n.visit(x.R)
			return
		}
		n.visit(x.R)
		n.visit(x.L)
	case *ast.Bits:
		for i := len(x.Elems) - 1; i >= 0; i-- {
			n.visit(x.Elems[i].Value)
			if s := x.Elems[i].Size; s != nil {
				n.visit(s)
			}
		}
	case *ast.Call:
		if r, ok := x.Fun.(*ast.Remote); ok {
			n.backwards(x.Args)
			n.visit(r.Name)
			n.visit(r.Module)
			return
		}
		if _, ok := x.Fun.(*ast.Atom); !ok {
			n.visit(x.Fun)
		}
		n.backwards(x.Args)
	case *ast.Match:
		n.visit(x.Value)
	case *ast.MaybeMatch:
		n.visit(x.Value)
	case *ast.Case:
		n.visit(x.Arg)
		n.clauses(x.Clauses)
	case *ast.If:
		n.clauses(x.Clauses)
	case *ast.Receive:
		if x.After != nil {
			n.visit(x.After)
			n.exprs(x.AfterBody)
		}
		n.clauses(x.Clauses)
	case *ast.Try:
		n.exprs(x.Body)
		n.clauses(x.Of)
		n.clauses(x.Catch)
		n.exprs(x.After)
	case *ast.Maybe:
		for i := len(x.Body) - 1; i >= 0; i-- {
			// what follows a conditional match comes before it
			first := i
			for first > 0 {
				if _, ok := x.Body[first-1].(*ast.MaybeMatch); ok {
					break
				}
				first--
			}
			n.exprs(x.Body[first : i+1])
			i = first
		}
		n.clauses(x.Else)
	case *ast.Fun:
		n.clauses(x.Clauses)
		n.give(x)
	case *ast.NamedFun:
		n.clauses(x.Clauses)
		n.give(x)
	case *ast.ListComp:
		n.quals(x.Quals)
		n.exprs(x.Exprs)
	case *ast.BitsComp:
		n.quals(x.Quals)
		n.visit(x.Value)
	case *ast.MapComp:
		n.quals(x.Quals)
		for _, f := range x.Fields {
			n.visit(f)
		}
	default:
		ast.Children(x, n.visit)
	}
}

func (n *numberer) quals(quals []ast.Qualifier) {
	gens := func(q ast.Qualifier, each func(g *ast.Generator)) {
		switch q := q.(type) {
		case *ast.Generator:
			each(q)
		case *ast.Zip:
			for _, g := range q.Gens {
				if gen, ok := g.(*ast.Generator); ok {
					each(gen)
				}
			}
		}
	}
	for _, q := range quals {
		if f, ok := q.(*ast.Filter); ok {
			n.visit(f.Cond)
		}
		gens(q, func(g *ast.Generator) { n.visit(g.Source) })
	}
	for _, q := range quals {
		first := true
		gens(q, func(g *ast.Generator) {
			if first {
				n.give(g)
			}
			first = false
		})
	}
}
