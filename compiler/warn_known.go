package compiler

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/term"
)

// What is known of variables: the expression that one was matched against, if it is a constant or builds a term in sight.

// maxKnown bounds the expressions that are remembered, in nodes.
const maxKnown = 60

// maxVariables bounds how many are remembered at a time.
const maxVariables = 300

// learn remembers the values that a pattern gives to its new variables when it matches e.
func (w *warner) learn(p, e ast.Expr) {
	if p, ok := p.(*ast.Match); ok {
		w.learn(p.Pattern, e)
		w.learn(p.Value, e)
		return
	}
	switch e = w.resolve(e); p := p.(type) {
	case *ast.Var:
		if p.Name != "_" && !w.bound[p.Name] && w.shows(e) {
			if len(w.known) >= maxVariables {
				return
			}
			if w.known == nil {
				w.known = map[string]ast.Expr{}
			}
			w.known[p.Name] = e
		}
	case *ast.Tuple:
		if t, ok := e.(*ast.Tuple); ok && len(t.Elems) == len(p.Elems) {
			for i := range p.Elems {
				w.learn(p.Elems[i], t.Elems[i])
			}
		}
	case *ast.List:
		for {
			l, ok := e.(*ast.List)
			if !ok || len(l.Elems) == 0 {
				return
			}
			w.learn(p.Elems[0], l.Elems[0])
			rest := restOf(p)
			e = restOf(l)
			if p, ok = rest.(*ast.List); !ok {
				w.learn(rest, e)
				return
			}
		}
	}
}

// shows reports whether an expression tells what its value looks like.
func (w *warner) shows(e ast.Expr) bool {
	n := 0
	ast.Walk(e, func(ast.Node) bool {
		n++
		return n <= maxKnown
	})
	if n > maxKnown {
		return false
	}
	switch e := e.(type) {
	case *ast.Tuple, *ast.List:
		return true
	case *ast.Binary:
		if e.Op == ast.OpAppend {
			_, ok := w.resolve(e).(*ast.List)
			return ok
		}
	}
	return w.constant(e) || w.isBool(e)
}

// resolve puts what is known in the place of variables.
func (w *warner) resolve(e ast.Expr) ast.Expr {
	if x, ok := e.(*ast.Binary); ok && x.Op == ast.OpAppend {
		return w.appended(x)
	}
	if len(w.known) == 0 {
		return e
	}
	all := func(es []ast.Expr) ([]ast.Expr, bool) {
		for i, x := range es {
			if r := w.resolve(x); r != x {
				out := append([]ast.Expr(nil), es...)
				for out[i] = r; i < len(es); i++ {
					out[i] = w.resolve(es[i])
				}
				return out, true
			}
		}
		return es, false
	}
	switch x := e.(type) {
	case *ast.Var:
		if k := w.known[x.Name]; k != nil {
			return k
		}
	case *ast.Tuple:
		if es, changed := all(x.Elems); changed {
			return &ast.Tuple{At: x.At, Elems: es}
		}
	case *ast.List:
		es, changed := all(x.Elems)
		if tail := w.resolve(x.Tail); changed || tail != x.Tail {
			return &ast.List{At: x.At, Elems: es, Tail: tail}
		}
	}
	return e
}

// appended is L ++ R as a list with R as its tail, if L is a list in sight.
func (w *warner) appended(e *ast.Binary) ast.Expr {
	switch l := w.resolve(e.L).(type) {
	case *ast.String:
		if len(l.Value) == 0 || len(l.Value) > maxKnown {
			break
		}
		out := &ast.List{At: l.At, Tail: w.resolve(e.R)}
		for _, c := range l.Value {
			out.Elems = append(out.Elems, &ast.Char{At: l.At, Value: c})
		}
		return out
	case *ast.List:
		if _, ok := l.Tail.(*ast.Nil); ok && len(l.Elems) > 0 {
			return &ast.List{At: l.At, Elems: l.Elems, Tail: w.resolve(e.R)}
		}
	}
	return e
}

// literal is the value of an expression that is a constant when what is known of variables is put in.
func (w *warner) literal(e ast.Expr) (term.Term, bool) { return w.m.constant(w.resolve(e)) }

// drop forgets what is known of variables that a pattern binds anew (parameters of funs and generators), and what
// names them.
func (w *warner) drop(names []string) {
	for _, n := range names {
		for k, e := range w.known {
			gone := k == n
			ast.Walk(e, func(x ast.Node) bool {
				v, ok := x.(*ast.Var)
				gone = gone || ok && v.Name == n
				return !gone
			})
			if gone {
				delete(w.known, k)
			}
		}
	}
}

// isBool reports whether an expression can only be true or false.
func (w *warner) isBool(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Binary:
		test, _ := comparison(e.Op.String())
		return test != "" || e.Op == ast.OpAnd || e.Op == ast.OpOr || e.Op == ast.OpXor
	case *ast.Unary:
		return e.Op == ast.OpNot
	case *ast.Call:
		name, ok := w.erlangName(e)
		return ok && len(e.Args) == 1 && typeTest(name) != ""
	}
	return false
}

// guardValue is 1 for a guard that certainly succeeds, -1 for one that certainly does not, else 0. Of several tests joined by
// commas nothing is said, unless the outcome of all is known.
func (w *warner) guardValue(g [][]ast.Expr) int {
	if len(g) == 0 {
		return 1
	}
	never := true
	for _, conj := range g {
		all, none, sure := true, false, true
		for _, t := range conj {
			v := w.testValue(t)
			all = all && v > 0
			none = none || v < 0
			sure = sure && v != 0
		}
		if all {
			return 1
		}
		never = never && none && sure
	}
	if never {
		return -1
	}
	return 0
}

// testValue is guardValue for a test.
func (w *warner) testValue(e ast.Expr) int {
	sure := func(b bool) int {
		if b {
			return 1
		}
		return -1
	}
	if t, ok := w.literal(e); ok {
		return sure(t == term.AtomTrue)
	}
	switch e := e.(type) {
	case *ast.Binary:
		switch e.Op {
		case ast.OpAnd, ast.OpOr, ast.OpXor, ast.OpAndalso, ast.OpOrelse:
			l, r := w.testValue(e.L), w.testValue(e.R)
			if l == 0 || r == 0 || !w.truth(e.L) || !w.truth(e.R) {
				return 0
			}
			switch e.Op {
			case ast.OpAnd, ast.OpAndalso:
				return sure(l > 0 && r > 0)
			case ast.OpXor:
				return sure(l != r)
			}
			return sure(l > 0 || r > 0)
		}
		a, ok1 := w.literal(e.L)
		b, ok2 := w.literal(e.R)
		if !ok1 || !ok2 {
			return 0
		}
		switch c := term.Compare(a, b); e.Op.String() {
		case "=:=":
			return sure(term.ExactEqual(a, b))
		case "=/=":
			return sure(!term.ExactEqual(a, b))
		case "==":
			return sure(c == 0)
		case "/=":
			return sure(c != 0)
		case "<":
			return sure(c < 0)
		case "=<":
			return sure(c <= 0)
		case ">":
			return sure(c > 0)
		case ">=":
			return sure(c >= 0)
		}
	case *ast.Unary:
		if e.Op == ast.OpNot {
			if w.truth(e.X) {
				return -w.testValue(e.X)
			}
			return w.testValue(e.X)
		}
	case *ast.Call:
		name, ok := w.erlangName(e)
		if ok && name == "is_record" && len(e.Args) == 2 {
			return w.recordValue(e.Args[0], e.Args[1])
		}
		if !ok || len(e.Args) != 1 || typeTest(name) == "" {
			return 0
		}
		if t, ok := w.literal(e.Args[0]); ok {
			if !hasType(typeTest(name), t) {
				return -1
			}
			switch name {
			case "is_atom", "is_integer", "is_float", "is_number", "is_tuple", "is_list", "is_map", "is_bitstring", "is_boolean":
				return 1
			}
		}
	}
	return 0
}

// recordValue is testValue for is_record(e, Name).
func (w *warner) recordValue(e, name ast.Expr) int {
	tag, ok := name.(*ast.Atom)
	if !ok {
		return 0
	}
	r := w.m.unit.Records[tag.Name]
	if r == nil || r.Native {
		return 0
	}
	if t, ok := w.literal(e); ok {
		if t.TupleOf(len(r.Fields)+1) && t.Elem(0) == term.Intern(r.Name) {
			return 1
		}
		return -1
	}
	switch e := w.resolve(e).(type) {
	case *ast.Bits, *ast.List, *ast.RecordIndex, *ast.Map, *ast.Fun:
		return -1
	case *ast.Unary:
		if _, ok := w.literal(e.X); ok {
			return -1 // a number, or no value at all
		}
	case *ast.Binary:
		_, ok1 := w.literal(e.L)
		if _, ok2 := w.literal(e.R); ok1 && ok2 {
			return -1
		}
	}
	return 0
}

// truth reports whether a test is true or false, and no other value.
func (w *warner) truth(e ast.Expr) bool {
	if t, ok := w.literal(e); ok {
		return t == term.AtomTrue || t == term.AtomFalse
	}
	b, ok := e.(*ast.Binary)
	return w.isBool(e) || ok && (b.Op == ast.OpAndalso || b.Op == ast.OpOrelse)
}

// takes reports whether a pattern matches a term that is made in sight, whatever its parts are.
func (w *warner) takes(p, e ast.Expr, seen map[string]bool) bool { return w.covers(p, e, seen, true) }

// differs reports whether a pattern has a variable that has another value already than the part of t in its place.
func (w *warner) differs(p ast.Expr, t term.Term) bool {
	switch p := p.(type) {
	case *ast.Var:
		if !w.bound[p.Name] {
			return false
		}
		c, ok := w.literal(p)
		return ok && !term.ExactEqual(c, t)
	case *ast.Tuple:
		for i, x := range p.Elems {
			if t.TupleOf(len(p.Elems)) && w.differs(x, t.Elem(i)) {
				return true
			}
		}
	case *ast.Match:
		return w.differs(p.Pattern, t) || w.differs(p.Value, t)
	}
	return false
}
