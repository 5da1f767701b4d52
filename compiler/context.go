package compiler

// Match contexts that go from function to function. What remains of a bit
// string after a match (opBsTail) is usually matched further by the function
// that it is given to. Such a function takes the context itself: no term is made for
// the remainder, and no new context for matching it.
//
// A parameter accepts a context if what the function does with it is to start
// a match, or to give it to another parameter that accepts one. Where the function needs the
// term itself, it makes it from the context, which has the saved position of
// its start. The three steps: find the parameters, change the functions that
// have them, change the callers.

// site is one use of a value: an argument of instruction i of a block, of
// its terminator (i = len(ins)), or of a phi of a successor (phi != 0).
type site struct {
	b   *block
	i   int
	phi val
}

// paramKey names a parameter of a function.
type paramKey struct {
	f *fn
	n int
}

// contexts is the state of the search.
type contexts struct {
	m       *module
	accepts map[paramKey]bool
	uses    map[*fn]*useTable
}

// useTable has the uses of all values of a function that may be contexts or remainders.
type useTable struct {
	of map[val][]site
}

// usesOf collects the uses of the values that pick selects.
func (f *fn) usesOf(pick func(v val) bool) *useTable {
	t := &useTable{of: map[val][]site{}}
	for _, b := range f.blocks {
		for i, id := range b.ins {
			t.note(f.vals[id].args, pick, site{b: b, i: i})
		}
		t.note(b.args, pick, site{b: b, i: len(b.ins)})
		for _, p := range b.phis {
			for k, a := range f.vals[p].args {
				if pick(a) {
					q := b.preds[k]
					t.of[a] = append(t.of[a], site{b: q, i: len(q.ins), phi: p})
				}
			}
		}
	}
	return t
}

func (t *useTable) note(args []val, pick func(v val) bool, s site) {
	for k, a := range args {
		if !pick(a) {
			continue
		}
		twice := false
		for _, o := range args[:k] {
			twice = twice || o == a
		}
		if !twice {
			t.of[a] = append(t.of[a], s)
		}
	}
}

// passContexts is the pass.
func (m *module) passContexts() {
	if !m.matchesBits() {
		return
	}
	c := &contexts{m: m, accepts: map[paramKey]bool{}, uses: map[*fn]*useTable{}}
	c.findParams()
	if len(c.accepts) > 0 {
		for _, f := range m.fns {
			c.changeCallee(f)
		}
	}
	for _, f := range m.fns {
		c.changeCaller(f)
	}
}

// matchesBits reports whether some function takes the remainder of a bit string.
func (m *module) matchesBits() bool {
	for _, f := range m.fns {
		for i := range f.vals {
			if f.vals[i].op == opBsTail && f.vals[i].blk != nil {
				return true
			}
		}
	}
	return false
}

// callParam gives the parameter that argument v of instruction s is for: the
// instruction must be a call of a function of the module with v once among its arguments.
func (c *contexts) callParam(f *fn, s site, v val) (paramKey, bool) {
	if s.phi != 0 || s.i >= len(s.b.ins) {
		return paramKey{}, false
	}
	d := &f.vals[s.b.ins[s.i]]
	if d.op != opCall {
		return paramKey{}, false
	}
	at := -1
	for k, a := range d.args {
		if a == v {
			if at >= 0 {
				return paramKey{}, false
			}
			at = k
		}
	}
	to := d.aux.(*funRef).fn
	return paramKey{to, at}, to != nil && at >= 0
}

// starts reports whether a use is the start of a match.
func (f *fn) startsMatch(s site) bool {
	return s.phi == 0 && s.i == len(s.b.ins) && s.b.kind == tBsStart
}

// findParams decides which parameters accept contexts: those that could and
// that some caller has a remainder for.
func (c *contexts) findParams() {
	could := map[paramKey]bool{}
	for _, f := range c.m.fns {
		f.splitFuncClause()
		t := f.usesOf(func(v val) bool { return f.vals[v].op == opParam || f.vals[v].op == opBsTail })
		c.uses[f] = t
		for i, p := range f.params {
			if len(t.of[p]) > 0 && f.couldAccept(t, p) {
				could[paramKey{f, i}] = true
			}
		}
	}
	// parameters that are only passed on depend on where they go
	for changed := true; changed; {
		changed = false
		for k := range could {
			if !c.usesFit(k, could) {
				delete(could, k)
				changed = true
			}
		}
	}
	var want func(k paramKey)
	want = func(k paramKey) {
		if !could[k] || c.accepts[k] {
			return
		}
		c.accepts[k] = true
		p := k.f.params[k.n]
		for _, s := range c.uses[k.f].of[p] {
			if to, ok := c.callParam(k.f, s, p); ok {
				want(to)
			}
		}
	}
	for _, f := range c.m.fns {
		for v, sites := range c.uses[f].of {
			if f.vals[v].op != opBsTail {
				continue
			}
			for _, s := range sites {
				if to, ok := c.callParam(f, s, v); ok {
					want(to)
				}
			}
		}
	}
}

// maxCopied bounds the blocks that are copied for values that are no bit strings.
const maxCopied = 12

// couldAccept looks at the uses of a parameter inside its function alone.
func (f *fn) couldAccept(t *useTable, p val) bool {
	hasStart := false
	for _, s := range t.of[p] {
		if f.startsMatch(s) {
			hasStart = true
			if !f.separable(s.b, t.of[p]) {
				return false
			}
		}
	}
	for _, s := range t.of[p] {
		if s.phi != 0 {
			return false
		}
		if f.startsMatch(s) || s.i < len(s.b.ins) && f.vals[s.b.ins[s.i]].op == opCall || s.i == len(s.b.ins) && s.b.kind == tFuncClause {
			continue
		}
		if !hasStart {
			return false
		}
	}
	return true
}

// usesFit checks the uses of a parameter that no match was started for: they
// must be calls with parameters that could accept it.
func (c *contexts) usesFit(k paramKey, could map[paramKey]bool) bool {
	f := k.f
	p := f.params[k.n]
	sites := c.uses[f].of[p]
	started := map[*block]bool{}
	for _, s := range sites {
		if !f.startsMatch(s) {
			continue
		}
		this := map[*block]bool{}
		reach(this, s.b.succs[0])
		for _, u := range sites {
			if this[u.b] && started[u.b] {
				return false // two matches lead there
			}
		}
		reach(started, s.b.succs...)
	}
	plain := f.withoutStart(p)
	for _, s := range sites {
		if f.startsMatch(s) {
			if started[s.b] {
				return false // matched twice
			}
			continue
		}
		if started[s.b] && plain[s.b] {
			return false // reached with and without a match
		}
		if started[s.b] || s.i == len(s.b.ins) && s.b.kind == tFuncClause {
			continue
		}
		to, ok := c.callParam(f, s, p)
		if !ok || !could[to] || c.usedAfter(f, s, p) {
			return false
		}
	}
	return true
}

// withoutStart gives the blocks that can be reached without starting a match of p, successfully or not.
func (f *fn) withoutStart(p val) map[*block]bool {
	seen := map[*block]bool{}
	work := []*block{f.entry}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[b] {
			continue
		}
		seen[b] = true
		if b.handler != nil {
			work = append(work, b.handler)
		}
		if b.kind != tBsStart || b.args[0] != p {
			work = append(work, b.succs...)
		}
	}
	return seen
}

// reach adds all blocks that can be reached from those given.
func reach(set map[*block]bool, from ...*block) {
	work := append([]*block(nil), from...)
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if set[b] {
			continue
		}
		set[b] = true
		work = append(work, b.succs...)
		if b.handler != nil {
			work = append(work, b.handler)
		}
	}
}

// separable reports whether the code for values that are no bit strings can
// be kept apart from the code behind the start of the match in b, by a copy if
// need be.
func (f *fn) separable(b *block, sites []site) bool {
	if b.handler != nil || b.succs[0] == b.succs[1] {
		return false
	}
	no, ok := map[*block]bool{}, map[*block]bool{}
	reach(no, b.succs[1])
	reach(ok, b.succs[0])
	if no[b] || ok[b] {
		return false
	}
	for _, s := range sites {
		if no[s.b] && ok[s.b] {
			return f.copyable(no)
		}
	}
	return true
}

// copyable reports whether a region that ends the function may be copied.
func (f *fn) copyable(region map[*block]bool) bool {
	if len(region) > maxCopied {
		return false
	}
	n := 0
	for b := range region {
		n += len(b.ins)
		if b.kind == tTry || b.kind == tCatch || b.handler != nil || b.kind == tLoopRec || b.kind == tWait || b.kind == tWaitTime {
			return false
		}
	}
	return n <= 4*maxCopied
}

// usedAfter reports whether values are used again after site s.
func (c *contexts) usedAfter(f *fn, s site, vs ...val) bool {
	is := func(args []val) bool {
		for _, a := range args {
			for _, v := range vs {
				if a == v {
					return true
				}
			}
		}
		return false
	}
	b := s.b
	for i := s.i + 1; i < len(b.ins); i++ {
		if is(f.vals[b.ins[i]].args) {
			return true
		}
	}
	if s.i < len(b.ins) && is(b.args) {
		return true
	}
	seen := map[*block]bool{}
	next := append([]*block(nil), b.succs...)
	if b.handler != nil {
		next = append(next, b.handler)
	}
	reach(seen, next...)
	for _, t := range next {
		for _, p := range t.phis {
			if is(f.vals[p].args) {
				return true
			}
		}
	}
	for t := range seen {
		if is(t.args) {
			return true
		}
		for _, id := range t.ins {
			if is(f.vals[id].args) {
				return true
			}
		}
		for _, u := range t.succs {
			for _, p := range u.phis {
				if is(f.vals[p].args) {
					return true
				}
			}
		}
	}
	return false
}
