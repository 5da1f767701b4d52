package compiler

import (
	"fmt"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/term"
)

// module is the compilation of one module: what all its functions share.
type module struct {
	unit *lint.Unit
	fset *diag.FileSet
	opts Options
	heap *term.Heap
	fns  []*fn
	refs map[lint.FunKey]*funRef
	list diag.List

	looseRecords bool // A#r.f does not test that A is a record r
}

// ref gives the reference to a function of the module.
func (m *module) ref(name string, arity int) *funRef {
	k := lint.FunKey{Name: name, Arity: arity}
	r := m.refs[k]
	if r == nil {
		r = &funRef{name: name, arity: arity}
		m.refs[k] = r
	}
	return r
}

// lower turns one function (or the body of a fun or comprehension) into IR.
type lower struct {
	m      *module
	f      *fn
	cur    *block
	env    map[string]val
	trail  []string
	parent *lower
	top    *names
	free   []val  // captured values of the parent, in order of parameters
	self   string // name of a named fun, whose value is the fun itself

	handler *block
	tag     val
	m2      matchState
	pos     diag.Pos // of the expression being lowered
}

// names numbers the functions that come out of one function of the source.
type names struct {
	base  string // "-name/arity-"
	core  *numberer
	local int // what comprehensions and named funs have besides, in the order of the code
}

func (m *module) lowerFunction(d *ast.Function) {
	f := newFn(d.Name, d.Arity, d.At)
	f.ref = m.ref(d.Name, d.Arity)
	f.ref.fn = f
	m.fns = append(m.fns, f)
	l := &lower{m: m, f: f, cur: f.entry, env: map[string]val{},
		top: &names{base: fmt.Sprintf("-%s/%d-", d.Name, d.Arity), core: numberFuns(d.Clauses)}}
	l.params(d.Arity)
	l.funClauses(d.Clauses)
}

// params makes the parameters of the function.
func (l *lower) params(n int) {
	for i := 0; i < n; i++ {
		l.param()
	}
}

func (l *lower) param() val {
	p := l.f.newVal(value{op: opParam, n: len(l.f.params), blk: l.f.entry})
	l.f.params = append(l.f.params, p)
	return p
}

// funClauses lowers the clauses of a function whose first parameters are
// matched by the patterns.
func (l *lower) funClauses(cs []*ast.Clause) {
	n := len(cs[0].Patterns)
	fail := l.newBlock()
	args := append([]val(nil), l.f.params[:n]...)
	l.clauses(args, cs, true, fail, func(i int) {
		l.ret(l.body(cs[i].Body))
	})
	l.cur = fail
	l.term(block{kind: tFuncClause, args: append([]val(nil), l.f.params...), pos: l.f.pos})
}

func (l *lower) ret(v val) {
	l.cur.kind, l.cur.args = tReturn, []val{v}
	l.dead()
}

// newBlock makes a block in the scope of the current exception handler.
func (l *lower) newBlock() *block {
	b := l.f.newBlock(l.handler)
	b.tag = l.tag
	return b
}

// dead makes an unreachable block current.
func (l *lower) dead() { l.cur = l.newBlock() }

// reachable reports whether the current block can be reached.
func (l *lower) reachable() bool { return l.cur == l.f.entry || len(l.cur.preds) > 0 }

// term ends the current block with t's kind, args and so on.
func (l *lower) term(t block, succs ...*block) val {
	b := l.cur
	b.kind, b.args, b.aux, b.n, b.cases, b.pos = t.kind, t.args, t.aux, t.n, t.cases, t.pos
	for _, s := range succs {
		edge(b, s)
	}
	return b.val
}

// termVal is term for terminators with a result.
func (l *lower) termVal(t block, succs ...*block) val {
	l.term(t, succs...)
	l.cur.val = l.f.newVal(value{op: opTerm, blk: l.cur, pos: t.pos})
	return l.cur.val
}

func (l *lower) jump(to *block) {
	l.cur.kind = tJump
	edge(l.cur, to)
}

// br ends the block with a test and goes on in the block for success.
func (l *lower) br(test string, n int, fail *block, args ...val) {
	ok := l.newBlock()
	l.term(block{kind: tBr, aux: test, n: n, args: args, pos: l.pos}, ok, fail)
	l.cur = ok
}

func (l *lower) add(v value) val {
	if v.pos == 0 {
		v.pos = l.pos
	}
	return l.f.add(l.cur, v)
}

func (l *lower) atom(s string) val { return l.f.atom(s) }

func (l *lower) int(n int) val { return l.f.konst(term.Int(n)) }

func (l *lower) cons(h, t val) val {
	if l.f.isConst(h) && l.f.isConst(t) {
		return l.f.konst(l.m.heap.Cons(l.f.vals[h].lit, l.f.vals[t].lit))
	}
	return l.add(value{op: opCons, args: []val{h, t}})
}

func (l *lower) tuple(elems ...val) val {
	ts := make([]term.Term, len(elems))
	for i, e := range elems {
		if !l.f.isConst(e) {
			return l.add(value{op: opTuple, args: elems})
		}
		ts[i] = l.f.vals[e].lit
	}
	return l.f.konst(l.m.heap.Tuple(ts...))
}

func (l *lower) callExt(mod, fun string, args ...val) val {
	return l.add(value{op: opCallExt, aux: mfa{mod, fun, len(args)}, args: args})
}

// fail ends the block with an exception.
func (l *lower) fail(kind string, args ...val) {
	l.term(block{kind: tFail, aux: kind, args: args, pos: l.pos})
	l.dead()
}

// errorCall ends the block with a call of erlang:error/1.
func (l *lower) errorCall(reason val) {
	l.callExt("erlang", "error", reason)
	l.term(block{kind: tUnreach})
	l.dead()
}

// Scopes.

func (l *lower) bind(name string, v val) {
	l.env[name] = v
	l.trail = append(l.trail, name)
}

func (l *lower) mark() int { return len(l.trail) }

func (l *lower) undo(mark int) {
	for i := len(l.trail) - 1; i >= mark; i-- {
		delete(l.env, l.trail[i])
	}
	l.trail = l.trail[:mark]
}

// bound reports whether a variable has a value here.
func (l *lower) bound(name string) bool {
	for ; l != nil; l = l.parent {
		if _, ok := l.env[name]; ok || l.self == name {
			return true
		}
	}
	return false
}

// lookup gives the value of a variable, capturing it from the enclosing
// function if need be; 0 when it is unbound.
func (l *lower) lookup(name string) val {
	if v, ok := l.env[name]; ok {
		return v
	}
	if l.self == name && name != "" {
		return l.add(value{op: opMakeFun, aux: l.f.ref, args: l.f.params[l.f.arity-l.f.nfree:]})
	}
	if l.parent == nil {
		return 0
	}
	pv := l.parent.lookup(name)
	if pv == 0 {
		return 0
	}
	v := l.capture(pv)
	l.env[name] = v // below all marks: stays for the whole function
	return v
}

// capture makes a value of the parent available.
func (l *lower) capture(pv val) val {
	if l.parent.f.isConst(pv) {
		return l.f.konst(l.parent.f.vals[pv].lit)
	}
	for i, have := range l.free {
		if have == pv {
			return l.f.params[l.f.arity-l.f.nfree+i]
		}
	}
	l.free = append(l.free, pv)
	l.f.arity++
	l.f.nfree++
	if l.f.ref != nil {
		l.f.ref.arity++
	}
	return l.param()
}

// child starts a function inside this one. kind "fun" numbers it as OTP does.
func (l *lower) child(name string, arity int, pos diag.Pos) *lower {
	f := newFn(name, arity, pos)
	f.ref = &funRef{name: name, arity: arity, fn: f}
	c := &lower{m: l.m, f: f, cur: f.entry, env: map[string]val{}, parent: l, top: l.top, pos: pos}
	c.params(arity)
	return c
}

// joiner collects the ends of alternative ways.
type joiner struct {
	ends []joinEnd
	mark int
}

type joinEnd struct {
	blk   *block
	v     val
	names []string
	vals  []val
}

func (l *lower) newJoin() *joiner { return &joiner{mark: l.mark()} }

// add ends one way with value v and forgets its bindings.
func (j *joiner) add(l *lower, v val) { j.addUpTo(l, v, j.mark) }

// addUpTo is add where the bindings up to a mark are needed on other ways too: those of a try's body in all clauses behind of.
func (j *joiner) addUpTo(l *lower, v val, keep int) {
	if l.reachable() {
		e := joinEnd{blk: l.cur, v: v}
		for _, n := range l.trail[j.mark:] {
			e.names = append(e.names, n)
			e.vals = append(e.vals, l.env[n])
		}
		j.ends = append(j.ends, e)
	}
	l.undo(keep)
	l.dead()
}

func (e *joinEnd) lookup(name string, hint int) val {
	if hint < len(e.names) && e.names[hint] == name {
		return e.vals[hint]
	}
	for i, n := range e.names {
		if n == name {
			return e.vals[i]
		}
	}
	return 0
}

// finish goes on where all ways meet; the result is the value there.
func (j *joiner) finish(l *lower) val {
	switch len(j.ends) {
	case 0:
		l.dead()
		return l.atom("ok")
	case 1:
		e := &j.ends[0]
		l.cur = e.blk
		for i, n := range e.names {
			l.bind(n, e.vals[i])
		}
		return e.v
	}
	b := l.newBlock()
	for i := range j.ends {
		l.cur = j.ends[i].blk
		l.jump(b)
	}
	l.cur = b
	get := func(pick func(e *joinEnd) val) val {
		args := make([]val, len(j.ends))
		same := true
		for i := range j.ends {
			if args[i] = pick(&j.ends[i]); args[i] == 0 {
				return 0
			}
			same = same && args[i] == args[0]
		}
		if same {
			return args[0]
		}
		return l.f.phi(b, args)
	}
	v := get(func(e *joinEnd) val { return e.v })
	for i, n := range j.ends[0].names {
		if v := get(func(e *joinEnd) val { return e.lookup(n, i) }); v != 0 {
			l.bind(n, v)
		}
	}
	return v
}

// unsupported reports a construct that this compiler does not know.
func (l *lower) unsupported(pos diag.Pos, what string) val {
	l.m.list.Errorf(pos, "compile.not_supported", "%s is not supported", what)
	return l.atom("not_supported")
}
