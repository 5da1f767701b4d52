package compiler

import (
	"fmt"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

// Comprehensions become local functions, one for each generator (or zip of
// generators). Such a function takes what its generator draws from, for bit
// strings the result so far, and what it needs of its surroundings. It makes the
// elements for one value and goes on with the next; at the end it does what
// the function around it does next.

// comp is a comprehension being lowered.
type comp struct {
	bits  bool
	waste bool // nobody looks at the result
	at    diag.Pos
	quals []ast.Qualifier
	node  ast.Node
	// elem gives the values of one round: elements of the list, or (bits) the
	// result with the value appended.
	elem func(l *lower, acc val) []val
	// names needed by the rounds of enclosing generators
	outer []string
	id    int
}

// next continues an enclosing generator (or ends the comprehension).
type next func(l *lower, acc val) val

func (l *lower) listComp(e *ast.ListComp) val {
	c := &comp{at: e.At, quals: e.Quals, node: e}
	c.elem = func(l *lower, _ val) []val { return l.exprs(e.Exprs) }
	return l.runComp(c)
}

// effect lowers an expression whose value nobody looks at, if there is something to gain: a comprehension, also behind _ =,
// or clauses or a block that may end in one.
func (l *lower) effect(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Case:
		l.caseOf(e, l.idle)
		return true
	case *ast.If:
		l.ifOf(e, l.idle)
		return true
	case *ast.Block:
		l.idle(e.Body)
		return true
	}
	if m, ok := e.(*ast.Match); ok {
		if p, ok := m.Pattern.(*ast.Var); ok && p.Name == "_" {
			e = m.Value
		}
	}
	lc, ok := e.(*ast.ListComp)
	if !ok {
		return false
	}
	c := &comp{at: lc.At, quals: lc.Quals, node: lc, waste: true}
	c.elem = func(l *lower, _ val) []val { return l.exprs(lc.Exprs) }
	l.runComp(c)
	return true
}

// idle lowers a body whose value nobody looks at.
func (l *lower) idle(es []ast.Expr) val {
	for _, e := range es {
		if !l.effect(e) {
			l.expr(e)
		}
	}
	return l.atom("ok")
}

func (l *lower) mapComp(e *ast.MapComp) val {
	c := &comp{at: e.At, quals: e.Quals, node: e}
	c.elem = func(l *lower, _ val) []val {
		var out []val
		for _, f := range e.Fields {
			k := l.expr(f.Key)
			v := l.expr(f.Value)
			out = append(out, l.tuple(k, v))
		}
		return out
	}
	v := l.runComp(c)
	l.pos = e.At
	return l.callExt("maps", "from_list", v)
}

func (l *lower) bitsComp(e *ast.BitsComp) val {
	c := &comp{at: e.At, quals: e.Quals, node: e, bits: true}
	c.elem = func(l *lower, acc val) []val {
		var segs []binSeg
		if b, ok := e.Value.(*ast.Bits); ok {
			segs = l.segments(b, l.expr)
		} else {
			segs = []binSeg{{typ: "binary", unit: 1, all: true, value: l.expr(e.Value), pos: e.At}}
		}
		l.pos = e.At
		segs = append([]binSeg{{typ: "binary", unit: 1, all: true, value: acc, pos: e.At}}, segs...)
		segs, k, ok := l.foldSegments(segs)
		if ok {
			return []val{k}
		}
		segs[0].app = "private_append"
		if len(segs) == 1 { // nothing appended
			return []val{acc}
		}
		return []val{l.add(value{op: opBsCreate, aux: segs, args: segArgs(segs), pos: e.At})}
	}
	return l.runComp(c)
}

// inside lists what is evaluated in the function of some generators.
func (c *comp) inside(gens []*ast.Generator, quals []ast.Qualifier) []ast.Node {
	var out []ast.Node
	for _, g := range gens {
		if g.Pattern != nil {
			out = append(out, g.Pattern)
		}
		if g.MapPattern != nil {
			out = append(out, g.MapPattern)
		}
	}
	for _, q := range quals {
		out = append(out, q)
	}
	switch n := c.node.(type) {
	case *ast.ListComp:
		for _, e := range n.Exprs {
			out = append(out, e)
		}
	case *ast.BitsComp:
		out = append(out, n.Value)
	case *ast.MapComp:
		for _, f := range n.Fields {
			out = append(out, f)
		}
	}
	return out
}

func (l *lower) runComp(c *comp) val {
	mark := l.mark()
	var acc val
	if c.bits {
		// the source is evaluated before the result is made
		acc = -1
	}
	v := l.compQuals(c, c.quals, acc, func(l *lower, acc val) val {
		if c.bits {
			return acc
		}
		return l.f.konst(term.Nil)
	})
	l.undo(mark)
	return v
}

// compStart gives the first result of a bit string comprehension.
func (l *lower) compStart(acc val) val {
	if acc == -1 {
		return l.add(value{op: opInitWritable, args: []val{l.int(256)}})
	}
	return acc
}

func (l *lower) compQuals(c *comp, quals []ast.Qualifier, acc val, nx next) val {
	if len(quals) == 0 {
		acc = l.compStart(acc)
		vs := c.elem(l, acc)
		if c.bits {
			return nx(l, vs[0])
		}
		if c.waste {
			return nx(l, acc)
		}
		t := nx(l, acc)
		for i := len(vs) - 1; i >= 0; i-- {
			t = l.cons(vs[i], t)
		}
		return t
	}
	switch q := quals[0].(type) {
	case *ast.Filter:
		return l.compFilter(c, q, quals[1:], acc, nx)
	case *ast.Generator:
		return l.compGen(c, []*ast.Generator{q}, q.At, quals, acc, nx)
	case *ast.Zip:
		var gens []*ast.Generator
		for _, g := range q.Gens {
			gen, ok := g.(*ast.Generator)
			if !ok {
				return l.unsupported(q.At, "this qualifier in a zip")
			}
			gens = append(gens, gen)
		}
		return l.compGen(c, gens, q.At, quals, acc, nx)
	}
	return l.unsupported(c.at, "this qualifier")
}

func (l *lower) compFilter(c *comp, q *ast.Filter, quals []ast.Qualifier, acc val, nx next) val {
	acc = l.compStart(acc)
	yes, no := l.newBlock(), l.newBlock()
	l.pos = q.Pos()
	if c := l.modernTest(q.Cond); c != nil && l.isGuardTest(c) {
		l.cond(c, yes, no, no)
	} else if l.isGuardTest(q.Cond) {
		l.cond(q.Cond, yes, no, no)
	} else {
		v := l.expr(q.Cond)
		bad := l.newBlock()
		l.boolSwitch(v, yes, no, bad)
		l.cur = bad
		l.pos = q.Pos()
		l.errorCall(l.tuple(l.atom("bad_filter"), v))
	}
	j := l.newJoin()
	l.cur = no
	j.add(l, nx(l, acc))
	l.cur = yes
	j.add(l, l.compQuals(c, quals, acc, nx))
	return j.finish(l)
}

// compGen makes the function for a generator or a zip.
func (l *lower) compGen(c *comp, gens []*ast.Generator, at diag.Pos, quals []ast.Qualifier, acc val, nx next) val {
	var srcs []val
	for _, g := range gens {
		v := l.expr(g.Source)
		if g.Kind == ast.MapGen {
			v = l.mapIterator(v, g)
		}
		srcs = append(srcs, v)
	}
	l.pos = at
	acc = l.compStart(acc)
	kind := "lc"
	if c.bits {
		kind = "lbc"
	}
	core, local := l.top.core.take(gens[0]), l.top.local
	l.top.local++
	nargs := len(gens)
	if c.bits {
		nargs++
	}
	ch := l.child("", nargs, at)
	// Everything that this function, or one inside it, or the way on needs.
	id := fmt.Sprintf(" %d.%d", core, c.id)
	c.id++
	for _, part := range c.inside(gens, quals[1:]) {
		for _, n := range usedNames(part) {
			if l.bound(n) {
				ch.lookup(n)
			}
		}
	}
	for _, n := range c.outer {
		ch.lookup(n)
	}
	var names []string
	for i := range ch.free {
		n := fmt.Sprintf("%s.%d", id, i)
		ch.env[n] = ch.f.params[nargs+i]
		names = append(names, n)
	}
	var rests []string
	for i := range gens {
		rests = append(rests, fmt.Sprintf("%s.rest%d", id, i))
	}
	saved := c.outer
	c.outer = append(append(append([]string(nil), c.outer...), names...), rests...)
	again := func(l *lower, acc val) val {
		var args []val
		for _, n := range rests {
			args = append(args, l.lookup(n))
		}
		if c.bits {
			args = append(args, acc)
		}
		for _, n := range names {
			args = append(args, l.lookup(n))
		}
		return l.add(value{op: opCall, aux: ch.f.ref, args: args, pos: at})
	}
	chAcc := val(0)
	if c.bits {
		chAcc = ch.f.params[len(gens)]
	}
	ch.compRound(c, gens, rests, quals, chAcc, again, nx)
	c.outer = saved
	ch.f.noClause = true
	ch.f.name = fmt.Sprintf("%s%s$^%d/%d-%d-", l.top.base, kind, core, nargs, local)
	ch.f.ref.name = ch.f.name
	l.m.fns = append(l.m.fns, ch.f)
	args := append([]val(nil), srcs...)
	if c.bits {
		args = append(args, acc)
	}
	return l.add(value{op: opCall, aux: ch.f.ref, args: append(args, ch.free...), pos: at})
}

// compRound is the body of a generator's function: take one value of each
// source, go on inside with it or skip it, or end.
func (l *lower) compRound(c *comp, gens []*ast.Generator, rests []string, quals []ast.Qualifier, acc val, again, nx next) {
	skip, end := l.newBlock(), l.newBlock()
	var vals []val
	var pats []*pat
	for i, g := range gens {
		src := l.f.params[i]
		l.pos = g.At
		stop := end
		if len(gens) > 1 {
			stop = l.zipStop(gens, i, end)
		}
		switch g.Kind {
		case ast.ListGen:
			v, rest := l.nextOfList(src, stop)
			l.bind(rests[i], rest)
			vals, pats = append(vals, v), append(pats, l.pattern(g.Pattern, true))
		case ast.MapGen:
			k, v, rest := l.nextOfMap(src, stop)
			l.bind(rests[i], rest)
			vals = append(vals, k, v)
			pats = append(pats, l.pattern(g.MapPattern.Key, true), l.pattern(g.MapPattern.Value, true))
		case ast.BinaryGen:
			l.nextOfBits(src, g, l.pattern(g.Pattern, true), rests[i], stop, &vals, &pats)
		}
	}
	miss := skip
	strict := false
	for _, g := range gens {
		strict = strict || g.Strict
	}
	if strict {
		miss = l.newBlock()
	}
	mc := &mclause{}
	r := &row{cl: mc}
	for i := range vals {
		r.tests = append(r.tests, test{vals[i], pats[i]})
	}
	saved := l.m2
	l.m2 = matchState{budget: 50}
	l.match([]*row{r}, miss)
	l.m2 = saved
	if len(mc.ends) > 0 {
		mark := l.mark()
		l.enterBody(mc)
		l.ret(l.compQuals(c, quals[1:], acc, again))
		l.undo(mark)
	}
	if strict {
		l.cur = miss
		l.pos = gens[0].At
		v := vals[0]
		if gens[0].Kind == ast.MapGen {
			v = l.tuple(vals[0], vals[1])
		}
		if len(gens) > 1 {
			v = l.tuple(vals...)
		}
		l.fail("badmatch", v)
	}
	l.cur = skip
	if l.reachable() {
		l.ret(again(l, acc))
	}
	l.cur = end
	if len(gens) == 1 {
		l.compEnd(gens[0], l.f.params[0])
	}
	l.ret(nx(l, acc))
}

// compEnd checks that a source is really at its end.
func (l *lower) compEnd(g *ast.Generator, src val) {
	l.pos = g.At
	bad := l.newBlock()
	switch g.Kind {
	case ast.ListGen:
		l.br("is_nil", 0, bad, src)
	case ast.BinaryGen:
		l.br("is_bitstr", 0, bad, src)
		if g.Strict {
			ok := l.newBlock()
			l.term(block{kind: tBr, aux: "is_eq_exact", args: []val{src, l.f.konst(l.m.heap.Binary(nil))}}, ok, bad)
			l.cur = ok
		}
	case ast.MapGen:
		return
	}
	ok := l.cur
	l.cur = bad
	l.badGenerator(g, src)
	l.cur = ok
}

func (l *lower) badGenerator(g *ast.Generator, src val) {
	l.pos = g.At
	if g.Strict && g.Kind == ast.BinaryGen {
		notBits := l.newBlock()
		l.br("is_bitstr", 0, notBits, src)
		l.fail("badmatch", src)
		l.cur = notBits
	}
	l.errorCall(l.tuple(l.atom("bad_generator"), src))
}

// nextOfList takes the head off a list.
func (l *lower) nextOfList(src val, stop *block) (v, rest val) {
	l.br("is_nonempty_list", 0, stop, src)
	v = l.add(value{op: opHd, args: []val{src}})
	rest = l.add(value{op: opTl, args: []val{src}})
	return v, rest
}

// mapIterator makes what a map generator draws from.
func (l *lower) mapIterator(v val, g *ast.Generator) val {
	j := l.newJoin()
	isMap, other := l.newBlock(), l.newBlock()
	l.pos = g.At
	l.term(block{kind: tBr, aux: "is_map", args: []val{v}}, isMap, other)
	l.cur = isMap
	it := l.callExt("maps", "iterator", v)
	j.add(l, l.callExt("maps", "next", it))
	// an iterator: maps:next/1 takes it or raises badarg, which becomes
	// bad_generator
	l.cur = other
	mark := l.mark()
	jj := l.newJoin()
	l.guarded(func(leave func()) {
		n := l.callExt("maps", "next", v)
		leave()
		jj.add(l, n)
	}, func(_, _, _ val) {
		l.errorCall(l.tuple(l.atom("bad_generator"), v))
		l.dead()
	})
	n := jj.finish(l)
	l.undo(mark)
	j.add(l, n)
	return j.finish(l)
}

// nextOfMap takes key and value from the result of maps:next/1.
func (l *lower) nextOfMap(src val, stop *block) (k, v, rest val) {
	l.br("is_tuple", 0, stop, src)
	l.br("test_arity", 3, stop, src)
	k = l.add(value{op: opElem, args: []val{src}, n: 0})
	v = l.add(value{op: opElem, args: []val{src}, n: 1})
	it := l.add(value{op: opElem, args: []val{src}, n: 2})
	return k, v, l.callExt("maps", "next", it)
}

// nextOfBits matches the segments of a bit string generator. The values are
// tested afterwards, so that a value that does not fit is skipped; bits that do
// not suffice end the generator.
func (l *lower) nextOfBits(src val, g *ast.Generator, p *pat, restName string, stop *block, vals *[]val, pats *[]*pat) {
	if p.kind != pkBin {
		l.unsupported(g.At, "this pattern of a bit string generator")
		l.jump(stop)
		l.dead()
		l.bind(restName, src)
		return
	}
	shape := &pat{kind: pkBin}
	var names []string
	for i, s := range p.segs {
		c := *s
		name := fmt.Sprintf(" seg%d.%s", i, restName)
		c.p = &pat{kind: pkVar, name: name}
		if s.p.kind == pkVar {
			// later sizes may refer to it
			c.p = &pat{kind: pkAlias, subs: []*pat{c.p, s.p}}
		}
		names = append(names, name)
		shape.segs = append(shape.segs, &c)
		if s.p.kind == pkAny {
			names[i] = ""
			c.p = patAny
		}
	}
	shape.segs = append(shape.segs, &patSeg{seg: binSeg{typ: "binary", unit: 1, all: true}, p: &pat{kind: pkVar, name: restName}})
	mc := &mclause{}
	saved := l.m2
	l.m2 = matchState{budget: 50}
	l.match([]*row{{cl: mc, tests: []test{{src, shape}}}}, stop)
	l.m2 = saved
	if len(mc.ends) == 0 {
		l.dead()
		l.bind(restName, src)
		return
	}
	l.cur = mc.ends[0].blk
	get := func(n string) val {
		for _, b := range mc.ends[0].binds {
			if b.name == n {
				return b.v
			}
		}
		return 0
	}
	l.bind(restName, get(restName))
	for i, s := range p.segs {
		if names[i] != "" {
			*vals = append(*vals, get(names[i]))
			*pats = append(*pats, s.p)
		}
	}
}

// zipStop gives the block for source i of a zip having nothing more: the
// others must be at their ends too.
func (l *lower) zipStop(gens []*ast.Generator, i int, end *block) *block {
	here := l.cur
	stop, bad := l.newBlock(), l.newBlock()
	l.cur = stop
	if i == 0 {
		for k, g := range gens {
			src := l.f.params[k]
			switch g.Kind {
			case ast.ListGen:
				l.br("is_nil", 0, bad, src)
			case ast.MapGen:
				l.br("is_eq_exact", 0, bad, src, l.atom("none"))
			case ast.BinaryGen:
				l.br("is_eq_exact", 0, bad, src, l.f.konst(l.m.heap.Binary(nil)))
			}
		}
		l.jump(end)
	} else {
		l.jump(bad)
	}
	l.cur = bad
	l.errorCall(l.tuple(l.atom("bad_generators"), l.tuple(l.f.params[:len(gens)]...)))
	l.cur = here
	return stop
}
