package ets

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gerl-lang/gerl/term"
	"strings"
)

// Program is a compiled match specification: [{Pattern, Guards, Body}]. It owns copies of all terms it contains and may be used by
// any number of processes at once. It is a term.Resource, so that programs can hold on to it (ets:match_spec_compile/1).
type Program struct {
	arena   *term.Heap
	clauses []clause
	vars    int
	source  term.Term
	trace   bool // for tracing, not for tables
	actions []string
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

// SpecError is the error of a malformed match specification with all that is wrong with its first bad clause, in OTP's words.
type SpecError struct{ Texts []string }

func (e *SpecError) Error() string { return ErrBadSpec.Error() + ": " + strings.Join(e.Texts, " ") }

// Unwrap makes every SpecError an ErrBadSpec.
func (e *SpecError) Unwrap() error { return ErrBadSpec }

// SpecTexts are the single faults that an error of Compile or CompileTrace names.
func SpecTexts(err error) []string {
	var bad *SpecError
	if errors.As(err, &bad) {
		return bad.Texts
	}
	return []string{err.Error()}
}

func specError(text string) error { return &SpecError{[]string{text}} }

// ErrTooDeep is the error for a match specification that is nested too deeply.
var ErrTooDeep = fmt.Errorf("%w: nested too deeply", ErrBadSpec)

// maxDepth limits the nesting of a match specification.
const maxDepth = 10_000

type compiler struct {
	p     *Program
	bound map[int]int // number of a variable -> its place
	depth int
	body  bool // what is compiled now is a body, not a guard

	faults []string // what is wrong with the clause so far
}

// fault notes what is wrong and goes on with something harmless, so that all faults of a clause are told.
func (c *compiler) fault(format string, args ...any) (*node, error) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
	return &node{kind: constant, t: term.AtomTrue}, nil
}

// Compile compiles a match specification for tables.
func Compile(spec term.Term) (*Program, error) { return compile(spec, false) }

// Tested takes what Compile or CompileTrace gave for match_spec_test/3, which refuses the empty specification.
func Tested(p *Program, err error) (*Program, error) {
	if err == nil && len(p.clauses) == 0 {
		p.Release()
		return nil, specError("Match programs are not in a list.")
	}
	return p, err
}

func compile(spec term.Term, trace bool) (*Program, error) {
	p := &Program{arena: term.NewArena(), trace: trace}
	p.source = term.CopyTo(p.arena, spec)
	if _, proper := term.ListLen(p.source); !proper {
		fault := "Match programs are not in a proper list."
		if !p.source.IsCons() {
			fault = "Match programs are not in a list."
		}
		p.Release()
		return nil, specError(fault)
	}
	for l := p.source; l.IsCons(); l = l.Tail() {
		c := l.Head()
		if !c.TupleOf(3) {
			p.Release()
			return nil, specError("Match program part is not a tuple of arity 3.")
		}
		if err := p.clause(c); err != nil {
			p.Release()
			return nil, err
		}
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
	body := t.Elem(2)
	if !body.IsCons() && !p.trace {
		body = term.Nil // what is no list returns nothing
	}
	if cl.body, err = c.exprs(body); err != nil {
		return err
	}
	if len(cl.body) == 0 && !p.trace {
		c.faults = append(c.faults, "Body clause does not return anything.")
	}
	if len(c.faults) > 0 {
		return &SpecError{c.faults}
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
				return nil, specError("Variable found in map key.")
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
		c.faults = append(c.faults, "Match expression is not a list.")
	}
	return out, nil
}

// kids compiles the parts of a tuple or call, the last one first, which shows in the order of faults.
func (c *compiler) kids(ts []term.Term) (out []*node, err error) {
	out = make([]*node, len(ts))
	for i := len(ts) - 1; i >= 0; i-- {
		if out[i], err = c.expr(ts[i]); err != nil {
			return nil, err
		}
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
				return c.fault("Variable $%d is unbound.", n)
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
		return c.fault("%s is neither a function call, nor a tuple (tuples are written {{ ... }}).", term.Format(t))
	}
	name := t.Elem(0)
	if name == atomConst {
		if t.Arity() != 2 {
			return c.fault("Special form 'const' called with more than one argument in %s.", term.Format(t))
		}
		return &node{kind: constant, t: t.Elem(1)}, nil
	}
	args := elems(t, 1)
	missing := func() (*node, error) {
		return c.fault("Function %s/%d does_not_exist.", term.Format(name), len(args))
	}
	if kind, ok := logical[name.AtomName()]; ok {
		switch {
		case kind == notNode && len(args) != 1 || kind == xorNode && len(args) != 2:
			return missing()
		case len(args) == 0:
			return c.fault("Special form '%s' called without arguments in {%[1]s}.", name.AtomName())
		}
		ks, err := c.kids(args)
		return &node{kind: kind, kids: ks}, err
	}
	if name.AtomName() == "is_record" {
		if len(args) != 3 || !args[1].IsAtom() || !args[2].IsSmall() {
			for _, a := range args {
				if _, err := c.expr(a); err != nil {
					return nil, err
				}
			}
			if len(c.faults) > 0 {
				return c.expr(term.AtomTrue)
			}
			return missing()
		}
	}
	if c.p.trace && isAction(name.AtomName(), len(args)) && (c.body || guardActions[name.AtomName()]) {
		c.p.actions = append(c.p.actions, name.AtomName())
		ks, err := c.kids(args)
		return &node{kind: actionNode, t: name, kids: ks}, err
	}
	fn := functions[funKey{name.AtomName(), len(args)}]
	if fn == nil {
		if !c.p.trace && isAction(name.AtomName(), len(args)) {
			if name.AtomName() == "get_tcw" {
				return c.fault("Function %s/%d cannot be called in this context.", name.AtomName(), len(args))
			}
			return c.fault("Special form '%s' used in wrong dialect.", name.AtomName())
		}
		return missing()
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
