package ets

import "github.com/gerl-lang/gerl/term"

// Cursor is where a traversal in pieces goes on. Its key, if it has one, lies on the heap that Select was given.
type Cursor struct {
	Slot int
	Key  term.Term
}

// candidates calls f with all objects that the program may match: when every pattern has a fixed key, only those of the keys.
func (t *Table) candidates(p *Program, back bool, f func(o object)) {
	var keys []term.Term
	ok := false
	if p != nil {
		keys, ok = p.Keys(t.opt.KeyPos)
	}
	if !ok || len(keys) > 1 && t.opt.Type == OrderedSet { // of several keys the results must still be ordered
		r := t.keyRange(p, back)
		defer r.free()
		t.walk(r, position{}, back, func(o object) bool {
			f(o)
			return true
		})
		return
	}
	seen := map[term.Term]bool{}
	for _, k := range keys {
		for _, o := range t.store.lookup(k) {
			if !seen[o.t] {
				seen[o.t] = true
				f(o)
			}
		}
	}
}

// Select runs the program over the table from a cursor on and gives up to limit results (all with limit 0). done is true when the
// traversal is over, otherwise next is where to go on.
func (t *Table) Select(r *Runner, from Cursor, limit int, back bool) (results []term.Term, next Cursor, done bool) {
	visit := func(o object) bool {
		if v, ok := r.Run(o.t); ok {
			results = append(results, v)
		}
		return len(results) < limit
	}
	if limit == 0 {
		r.Gone = !t.scan(r.p, back, false, func(o object) { visit(o) }, nil)
		return results, Cursor{}, true
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	keys := t.keyRange(r.p, back)
	defer keys.free()
	pos := t.walk(keys, position{slot: from.Slot, key: from.Key}, back, visit)
	if pos.done {
		return results, Cursor{}, true
	}
	next = Cursor{Slot: pos.slot}
	if pos.key != term.None {
		next.Key = term.CopyTo(r.h, pos.key)
	}
	return results, next, false
}

// Count is the number of objects for which the program gives true.
func (t *Table) Count(r *Runner) (n int) {
	r.Gone = !t.scan(r.p, false, false, func(o object) {
		if r.True(o.t) {
			n++
		}
	}, nil)
	return n
}

// DeleteMatching removes the objects for which the program gives true.
func (t *Table) DeleteMatching(r *Runner) (n int) {
	var hit []object
	r.Gone = !t.scan(r.p, false, true, func(o object) {
		if r.True(o.t) {
			hit = append(hit, o)
		}
	}, func() {
		t.removeAll(hit)
		n += len(hit)
		hit = hit[:0]
	})
	return n
}

// Replace puts the program's value in the place of each object that matches. ok is false when a value is no tuple with the same key:
// those before it were replaced.
func (t *Table) Replace(r *Runner) (n int, ok bool) {
	ok = true
	var hit []object
	r.Gone = !t.scan(r.p, false, true, func(o object) { hit = append(hit, o) }, func() {
		for _, o := range hit {
			v, matched := r.Run(o.t)
			if !matched || !ok {
				continue
			}
			if ok = t.Valid(v) && term.ExactEqual(v.Elem(t.opt.KeyPos-1), o.key); !ok {
				continue
			}
			x := t.newObject(v)
			t.words += weight(x) - weight(o)
			t.store.replace(o, x)
			n++
		}
		hit = hit[:0]
	})
	return n, ok
}

// KeepsKey reports whether the value of each clause's body is certain to have the key of the object: select_replace demands it.
func (p *Program) KeepsKey(pos int) bool {
	for _, c := range p.clauses {
		b := c.body[len(c.body)-1]
		pat := c.pattern
		var key *node
		switch {
		case b.kind == wholeNode:
			continue
		case b.kind == tupleNode && len(b.kids) >= pos:
			key = b.kids[pos-1]
		case b.kind == constant && b.t.IsTuple() && b.t.Arity() >= pos:
			key = &node{kind: constant, t: b.t.Elem(pos - 1)}
		default:
			return false
		}
		if key.kind == callNode && key.fn == functions[funKey{"element", 2}] && key.kids[0].kind == constant &&
			key.kids[0].t == term.Int(pos) && key.kids[1].kind == wholeNode {
			continue
		}
		switch {
		case pat.kind == tupleNode && len(pat.kids) >= pos:
			if !sameKey(pat.kids[pos-1], key) {
				return false
			}
		case pat.kind == constant && pat.t.IsTuple() && pat.t.Arity() >= pos:
			if !builds(key, pat.t.Elem(pos-1)) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// sameKey reports whether an expression rebuilds what a pattern matched.
func sameKey(pat, e *node) bool {
	switch pat.kind {
	case matchBind, matchSame:
		return e.kind == varNode && e.n == pat.n
	case constant:
		return builds(e, pat.t)
	case consNode:
		for ; pat.kind == consNode; pat, e = pat.kids[1], e.kids[1] {
			if e.kind != consNode || !sameKey(pat.kids[0], e.kids[0]) {
				return false
			}
		}
		return sameKey(pat, e)
	case tupleNode:
		if e.kind != pat.kind || len(e.kids) != len(pat.kids) {
			return false
		}
		for i := range pat.kids {
			if !sameKey(pat.kids[i], e.kids[i]) {
				return false
			}
		}
		return true
	}
	return false
}

// builds reports whether an expression without variables has the value t.
func builds(e *node, t term.Term) bool {
	for ; e.kind == consNode; e, t = e.kids[1], t.Tail() {
		if !t.IsCons() || !builds(e.kids[0], t.Head()) {
			return false
		}
	}
	switch e.kind {
	case constant:
		return term.ExactEqual(e.t, t)
	case tupleNode:
		if !t.TupleOf(len(e.kids)) {
			return false
		}
		for i, k := range e.kids {
			if !builds(k, t.Elem(i)) {
				return false
			}
		}
		return true
	}
	return false
}
