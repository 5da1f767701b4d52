package ets

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gerl-lang/gerl/term"
)

// Program is a compiled match specification: [{Pattern, Guards, Body}]. It owns copies of all terms it contains and may be used by
// any number of processes at once. It is a term.Resource, so that programs can hold on to it (ets:match_spec_compile/1).
type Program struct {
	arena   *term.Heap
	clauses []clause
	vars    int
	source  term.Term
	trace   bool // for tracing, not for tables
}

type clause struct {
	pattern *node
	guards  []*node
	body    []*node
	vars    []int // places of the pattern's variables in the order of '$$'
}

// node is a pattern or an expression.
type node struct {
	kind nodeKind
	t    term.Term // constant
	n    int       // place of a variable
	fn   *function
	kids []*node
}

type nodeKind uint8

const (
	matchAny  nodeKind = iota // '_'
	matchBind                 // first occurrence of a variable
	matchSame                 // another one
	constant                  // pattern: equal to t; expression: t
	consNode                  // [kids[0]|kids[1]]
	tupleNode
	mapNode // key, value, key, value...
	varNode
	wholeNode // '$_'
	allNode   // '$$'
	callNode
	andNode
	orNode
	andalsoNode
	orelseNode
	xorNode
	notNode
	actionNode // a function of trace specifications, name in fn
)

// ErrBadSpec is the error of all malformed match specifications; Compile says more in the text of its error.
var ErrBadSpec = errors.New("bad match specification")

// ErrTooDeep is the error for a match specification that is nested too deeply.
var ErrTooDeep = fmt.Errorf("%w: nested too deeply", ErrBadSpec)

// maxDepth limits the nesting of a match specification.
const maxDepth = 10_000

type compiler struct {
	p     *Program
	bound map[int]int // number of a variable -> its place
	depth int
	body  bool // what is compiled now is a body, not a guard
}

// Compile compiles a match specification for tables.
func Compile(spec term.Term) (*Program, error) { return compile(spec, false) }

func compile(spec term.Term, trace bool) (*Program, error) {
	p := &Program{arena: term.NewArena(), trace: trace}
	p.source = term.CopyTo(p.arena, spec)
	l := p.source
	for ; l.IsCons(); l = l.Tail() {
		c := l.Head()
		if !c.TupleOf(3) {
			p.Release()
			return nil, fmt.Errorf("%w: not a list of clauses", ErrBadSpec)
		}
		if err := p.clause(c); err != nil {
			p.Release()
			return nil, err
		}
	}
	if !l.IsNil() || len(p.clauses) == 0 && !spec.IsNil() {
		p.Release()
		return nil, fmt.Errorf("%w: not a list", ErrBadSpec)
	}
	return p, nil
}

// Release implements term.Resource.
func (p *Program) Release() {
	if p.arena != nil {
		p.arena.Free()
		p.arena = nil
	}
}

// Source is the specification that the program was made from; it is valid while the program is.
func (p *Program) Source() term.Term { return p.source }

func (p *Program) clause(t term.Term) error {
	c := compiler{p: p, bound: map[int]int{}}
	if p.trace {
		if err := traceHead(t.Elem(0)); err != nil {
			return err
		}
	}
	pat, err := c.pattern(t.Elem(0))
	if err != nil {
		return err
	}
	cl := clause{pattern: pat}
	for _, n := range slices.Sorted(maps.Keys(c.bound)) {
		cl.vars = append(cl.vars, c.bound[n])
	}
	if cl.guards, err = c.exprs(t.Elem(1)); err != nil {
		return err
	}
	c.body = true
	if cl.body, err = c.exprs(t.Elem(2)); err != nil {
		return err
	}
	if len(cl.body) == 0 && !p.trace {
		return fmt.Errorf("%w: empty body", ErrBadSpec)
	}
	p.vars = max(p.vars, len(c.bound))
	p.clauses = append(p.clauses, cl)
	return nil
}

// variable gives the number of an atom '$N'.
func variable(t term.Term) (n int, ok bool) {
	if !t.IsAtom() {
		return 0, false
	}
	s := t.AtomName()
	if len(s) < 2 || s[0] != '$' {
		return 0, false
	}
	for _, c := range s[1:] {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n < 1<<40 {
			n = n*10 + int(c-'0')
		}
	}
	return n, true
}

func (c *compiler) enter() error {
	if c.depth++; c.depth > maxDepth {
		return ErrTooDeep
	}
	return nil
}

func (c *compiler) pattern(t term.Term) (*node, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer func() { c.depth-- }()
	if t == term.AtomUnderscore {
		return &node{kind: matchAny}, nil
	}
	if n, ok := variable(t); ok {
		if at, known := c.bound[n]; known {
			return &node{kind: matchSame, n: at}, nil
		}
		at := len(c.bound)
		c.bound[n] = at
		return &node{kind: matchBind, n: at}, nil
	}
	if !mentionsVariables(t) {
		return &node{kind: constant, t: t}, nil
	}
	switch {
	case t.IsCons():
		// A long list becomes a chain of nodes without recursion over its length.
		first := &node{kind: consNode}
		at := first
		for {
			head, err := c.pattern(t.Head())
			if err != nil {
				return nil, err
			}
			if t = t.Tail(); !t.IsCons() {
				tail, err := c.pattern(t)
				at.kids = []*node{head, tail}
				return first, err
			}
			next := &node{kind: consNode}
			at.kids = []*node{head, next}
			at = next
		}
	case t.IsTuple():
		nd := &node{kind: tupleNode, kids: make([]*node, t.Arity())}
		for i := range nd.kids {
			k, err := c.pattern(t.Elem(i))
			if err != nil {
				return nil, err
			}
			nd.kids[i] = k
		}
		return nd, nil
	case t.IsMap():
		nd := &node{kind: mapNode}
		kv := term.MapPairs(nil, t)
		for i := 0; i < len(kv); i += 2 {
			if mentions(kv[i], false) {
				return nil, fmt.Errorf("%w: variable in a map key", ErrBadSpec)
			}
			v, err := c.pattern(kv[i+1])
			if err != nil {
				return nil, err
			}
			nd.kids = append(nd.kids, &node{kind: constant, t: kv[i]}, v)
		}
		return nd, nil
	}
	return &node{kind: constant, t: t}, nil
}

// mentionsVariables reports whether '_' or a variable occurs in t; a map counts as if, since its patterns match larger maps, too.
func mentionsVariables(t term.Term) bool { return mentions(t, true) }

// mentions looks for variables; without maps it does not look into them, as OTP does in keys.
func mentions(t term.Term, maps bool) bool {
	stack := []term.Term{t}
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for t.IsCons() {
			if h := t.Head(); !h.IsImmediate() || h.IsAtom() {
				stack = append(stack, h)
			}
			t = t.Tail()
		}
		switch {
		case t.IsTuple():
			for i := range t.Arity() {
				stack = append(stack, t.Elem(i))
			}
		case t.IsMap():
			if maps {
				return true
			}
		case t == term.AtomUnderscore:
			return true
		default:
			if _, ok := variable(t); ok {
				return true
			}
		}
	}
	return false
}

func (c *compiler) exprs(t term.Term) (out []*node, err error) {
	for ; t.IsCons(); t = t.Tail() {
		e, err := c.expr(t.Head())
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	if !t.IsNil() {
		return nil, fmt.Errorf("%w: guards and body are lists", ErrBadSpec)
	}
	return out, nil
}

func (c *compiler) kids(ts []term.Term) (out []*node, err error) {
	for _, t := range ts {
		k, err := c.expr(t)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

func elems(t term.Term, from int) []term.Term {
	out := make([]term.Term, 0, t.Arity())
	for i := from; i < t.Arity(); i++ {
		out = append(out, t.Elem(i))
	}
	return out
}

func (c *compiler) expr(t term.Term) (*node, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer func() { c.depth-- }()
	switch {
	case t == term.AtomDollarUnderscore:
		return &node{kind: wholeNode}, nil
	case t == term.AtomDollarDollar:
		return &node{kind: allNode}, nil
	case t.IsAtom():
		if n, ok := variable(t); ok {
			at, known := c.bound[n]
			if !known {
				return nil, fmt.Errorf("%w: variable '$%d' is unbound", ErrBadSpec, n)
			}
			return &node{kind: varNode, n: at}, nil
		}
	case t.IsCons():
		first := &node{kind: consNode}
		at := first
		for {
			head, err := c.expr(t.Head())
			if err != nil {
				return nil, err
			}
			if t = t.Tail(); !t.IsCons() {
				tail, err := c.expr(t)
				at.kids = []*node{head, tail}
				return first, err
			}
			next := &node{kind: consNode}
			at.kids = []*node{head, next}
			at = next
		}
	case t.IsMap():
		ks, err := c.kids(term.MapPairs(nil, t))
		return &node{kind: mapNode, kids: ks}, err
	case t.IsTuple():
		return c.call(t)
	}
	return &node{kind: constant, t: t}, nil
}

// call compiles a tuple: {{...}} makes a tuple, {const, X} is X, anything else calls a function.
func (c *compiler) call(t term.Term) (*node, error) {
	if t.Arity() == 1 && t.Elem(0).IsTuple() {
		ks, err := c.kids(elems(t.Elem(0), 0))
		return &node{kind: tupleNode, kids: ks}, err
	}
	if t.Arity() == 0 || !t.Elem(0).IsAtom() {
		return nil, fmt.Errorf("%w: a tuple that is no call", ErrBadSpec)
	}
	name := t.Elem(0)
	if name == atomConst {
		if t.Arity() != 2 {
			return nil, fmt.Errorf("%w: const takes one argument", ErrBadSpec)
		}
		return &node{kind: constant, t: t.Elem(1)}, nil
	}
	args := elems(t, 1)
	if kind, ok := logical[name.AtomName()]; ok {
		if kind == notNode && len(args) != 1 || kind == xorNode && len(args) != 2 || len(args) == 0 {
			return nil, fmt.Errorf("%w: %s/%d", ErrBadSpec, name.AtomName(), len(args))
		}
		ks, err := c.kids(args)
		return &node{kind: kind, kids: ks}, err
	}
	if name.AtomName() == "is_record" {
		if len(args) != 3 || !args[1].IsAtom() || !args[2].IsSmall() {
			return nil, fmt.Errorf("%w: is_record takes a name and a size", ErrBadSpec)
		}
	}
	if c.p.trace && isAction(name.AtomName(), len(args)) && (c.body || guardActions[name.AtomName()]) {
		ks, err := c.kids(args)
		return &node{kind: actionNode, t: name, kids: ks}, err
	}
	fn := functions[funKey{name.AtomName(), len(args)}]
	if fn == nil {
		return nil, fmt.Errorf("%w: Function %s/%d does_not_exist", ErrBadSpec, name.AtomName(), len(args))
	}
	ks, err := c.kids(args)
	return &node{kind: callNode, fn: fn, kids: ks}, err
}

var atomConst = term.Intern("const")

var logical = map[string]nodeKind{"and": andNode, "or": orNode, "andalso": andalsoNode, "orelse": orelseNode, "xor": xorNode, "not": notNode}

// Keys gives the keys of all objects that can match when every clause's pattern has a fixed key element.
func (p *Program) Keys(pos int) (keys []term.Term, ok bool) {
	for _, c := range p.clauses {
		k := c.pattern
		switch {
		case k.kind == constant && k.t.IsTuple() && k.t.Arity() >= pos:
			keys = append(keys, k.t.Elem(pos-1))
		case k.kind == tupleNode && len(k.kids) >= pos && k.kids[pos-1].kind == constant:
			keys = append(keys, k.kids[pos-1].t)
		case k.kind == constant || k.kind == tupleNode && len(k.kids) < pos:
			// matches no object at all
		default:
			return nil, false
		}
	}
	return keys, true
}
