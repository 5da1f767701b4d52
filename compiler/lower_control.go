package compiler

import (
	"github.com/gerl-lang/gerl/ast"
)

// receive lowers a receive expression.
func (l *lower) receive(e *ast.Receive) val {
	var timeout val
	infinite, zero := e.After == nil, false
	if e.After != nil {
		timeout = l.expr(e.After)
		if a, ok := e.After.(*ast.Atom); ok && a.Name == "infinity" {
			infinite = true
		}
		if d := l.f.vals[timeout]; d.op == opConst && d.lit.IsSmall() && d.lit.Small() == 0 {
			zero = true
		}
	}
	loop := l.newBlock()
	l.jump(loop)
	l.cur = loop
	j := l.newJoin()
	wait := loop
	if len(e.Clauses) > 0 {
		msgB := l.newBlock()
		wait = l.newBlock()
		l.pos = e.At
		msg := l.termVal(block{kind: tLoopRec, pos: e.At}, msgB, wait)
		again := l.newBlock()
		l.cur = msgB
		l.clauses([]val{msg}, e.Clauses, false, again, func(i int) {
			l.add(value{op: opRemoveMsg})
			j.add(l, l.body(e.Clauses[i].Body))
		})
		l.cur = again
		l.term(block{kind: tRecEnd}, loop)
	}
	l.cur = wait
	l.pos = e.At
	switch {
	case infinite:
		l.term(block{kind: tWait, pos: e.At}, loop)
	case zero && len(e.Clauses) > 0:
		l.add(value{op: opTimeout})
		j.add(l, l.body(e.AfterBody))
	default:
		out := l.newBlock()
		l.term(block{kind: tWaitTime, args: []val{timeout}, pos: e.At}, loop, out)
		l.cur = out
		l.add(value{op: opTimeout})
		j.add(l, l.body(e.AfterBody))
	}
	return j.finish(l)
}

// catch lowers catch X.
func (l *lower) catch(e *ast.Catch) val {
	mark := l.mark()
	l.pos = e.At
	body, handler := l.newBlock(), l.newBlock()
	tag := l.termVal(block{kind: tCatch, pos: e.At}, body, handler)
	outerH, outerT := l.handler, l.tag
	l.handler, l.tag = handler, tag
	body.handler, body.tag = handler, tag
	l.cur = body
	v := l.expr(e.X)
	l.undo(mark)
	l.handler, l.tag = outerH, outerT
	args := []val{l.f.newVal(value{op: opUndef})}
	if l.reachable() {
		args = append(args, v)
		l.jump(handler)
	}
	l.cur = handler
	return l.add(value{op: opCatchEnd, args: []val{tag, l.f.phi(handler, args)}, pos: e.At})
}

// guarded lowers part with an exception handler in force and then the code
// for exceptions. part must leave the protected part itself by calling leave.
func (l *lower) guarded(part func(leave func()), handle func(class, reason, stack val)) {
	body, handler := l.newBlock(), l.newBlock()
	tag := l.termVal(block{kind: tTry, pos: l.pos}, body, handler)
	outerH, outerT := l.handler, l.tag
	l.handler, l.tag = handler, tag
	body.handler, body.tag = handler, tag
	l.cur = body
	part(func() {
		l.add(value{op: opTryEnd, args: []val{tag}})
		next := l.f.newBlock(outerH)
		next.tag = outerT
		if l.reachable() {
			l.jump(next)
		}
		l.handler, l.tag = outerH, outerT
		l.cur = next
	})
	l.handler, l.tag = outerH, outerT
	l.cur = handler
	c := l.add(value{op: opTryCase, args: []val{tag}})
	var land [3]val
	for i := range land {
		land[i] = l.add(value{op: opLand, n: i, args: []val{c}})
	}
	handle(land[0], land[1], land[2])
}

// try lowers a try expression.
func (l *lower) try(e *ast.Try) val {
	if len(e.After) == 0 {
		return l.tryCatch(e)
	}
	j := l.newJoin()
	mark := l.mark()
	l.pos = e.At
	l.guarded(func(leave func()) {
		var v val
		if len(e.Catch) == 0 && len(e.Of) == 0 {
			v = l.body(e.Body)
		} else {
			v = l.tryCatch(e)
		}
		leave()
		l.undo(mark)
		l.body(e.After)
		j.add(l, v)
	}, func(class, reason, stack val) {
		l.body(e.After)
		l.term(block{kind: tRaise, args: []val{stack, reason}, pos: e.At})
		l.undo(mark)
		l.dead()
	})
	return j.finish(l)
}

// tryCatch lowers try without after.
func (l *lower) tryCatch(e *ast.Try) val {
	j := l.newJoin()
	mark := l.mark()
	l.pos = e.At
	l.guarded(func(leave func()) {
		v := l.body(e.Body)
		leave()
		if len(e.Of) == 0 {
			j.add(l, v)
			return
		}
		fail := l.newBlock()
		inBody := l.mark()
		l.clauses([]val{v}, e.Of, false, fail, func(i int) {
			j.addUpTo(l, l.body(e.Of[i].Body), inBody)
		})
		l.cur = fail
		l.pos = e.At
		l.fail("try_case_end", v)
		l.undo(mark)
	}, func(class, reason, stack val) {
		fail := l.newBlock()
		cs := make([]*ast.Clause, len(e.Catch))
		stacks := make([]string, len(e.Catch))
		for i, c := range e.Catch {
			t := c.Patterns[0].(*ast.Tuple)
			if v, ok := t.Elems[2].(*ast.Var); ok && v.Name != "_" {
				stacks[i] = v.Name
			}
			cs[i] = &ast.Clause{At: c.At, Patterns: t.Elems[:2], Guard: c.Guard, Body: c.Body}
		}
		l.clauses([]val{class, reason}, cs, false, fail, func(i int) {
			if n := stacks[i]; n != "" {
				l.bind(n, l.add(value{op: opStack, args: []val{stack}}))
			}
			j.add(l, l.body(cs[i].Body))
		})
		l.cur = fail
		l.term(block{kind: tRaise, args: []val{stack, reason}, pos: e.At})
		l.dead()
	})
	return j.finish(l)
}

// maybe lowers maybe ... else ... end (EEP 49).
func (l *lower) maybe(e *ast.Maybe) val {
	j := l.newJoin()
	mark := l.mark()
	type miss struct {
		blk *block
		v   val
	}
	var misses []miss
	var v val
	for _, x := range e.Body {
		m, ok := x.(*ast.MaybeMatch)
		if !ok {
			v = l.expr(x)
			continue
		}
		v = l.expr(m.Value)
		if p, ok := m.Pattern.(*ast.Var); ok && (p.Name == "_" || !l.bound(p.Name)) {
			if p.Name != "_" {
				l.bind(p.Name, v)
			}
			continue
		}
		fail := l.newBlock()
		l.matchBind(v, m.Pattern, fail)
		misses = append(misses, miss{fail, v})
	}
	// what a maybe binds is not visible outside of it
	l.undo(mark)
	j.add(l, v)
	var ends []miss
	for _, m := range misses {
		if len(m.blk.preds) > 0 {
			ends = append(ends, m)
		}
	}
	if len(ends) == 0 {
		return j.finish(l)
	}
	els := l.newBlock()
	args := make([]val, len(ends))
	for i, m := range ends {
		l.cur = m.blk
		l.jump(els)
		args[i] = m.v
	}
	l.cur = els
	bad := args[0]
	if len(args) > 1 {
		bad = l.f.phi(els, args)
	}
	if len(e.Else) == 0 {
		j.add(l, bad)
		return j.finish(l)
	}
	fail := l.newBlock()
	l.clauses([]val{bad}, e.Else, false, fail, func(i int) {
		j.add(l, l.body(e.Else[i].Body))
	})
	l.cur = fail
	l.pos = e.At
	l.errorCall(l.tuple(l.atom("else_clause"), bad))
	return j.finish(l)
}
