package compiler

// The second half of passing match contexts: changing functions and their callers.

// replaceArg replaces a value in the arguments of a use.
func (f *fn) replaceArg(s site, old, new val) {
	sub := func(vs []val) {
		for i, v := range vs {
			if v == old {
				vs[i] = new
			}
		}
	}
	segs := func(aux any) {
		if list, ok := aux.([]binSeg); ok {
			for i := range list {
				if list[i].value == old {
					list[i].value = new
				}
				if list[i].size == old {
					list[i].size = new
				}
			}
		}
	}
	switch {
	case s.phi != 0:
		to := f.vals[s.phi].blk
		f.vals[s.phi].args[predIndex(to, s.b)] = new
	case s.i < len(s.b.ins):
		d := &f.vals[s.b.ins[s.i]]
		d.args = append([]val(nil), d.args...)
		sub(d.args)
		segs(d.aux)
	default:
		s.b.args = append([]val(nil), s.b.args...)
		sub(s.b.args)
		segs(s.b.aux)
	}
}

// insert puts an instruction in front of index i of a block.
func (f *fn) insert(b *block, i int, v value) val {
	v.blk = b
	id := f.newVal(v)
	b.ins = append(b.ins, 0)
	copy(b.ins[i+1:], b.ins[i:])
	b.ins[i] = id
	return id
}

// changeCallee lets the parameters of f that accept contexts do so.
func (c *contexts) changeCallee(f *fn) {
	changed := false
	for i, p := range f.params {
		if !c.accepts[paramKey{f, i}] {
			continue
		}
		f.ctxParams = append(f.ctxParams, i)
		changed = true
		f.separate(p)
		f.restoreTerm(c, p)
	}
	if changed {
		f.prune()
		f.simplifyPhis()
		f.forward()
		f.dropUnused()
	}
}

// separate copies the code for values of p that are no bit strings where it
// is shared with code that comes after the start of a match.
func (f *fn) separate(p val) {
	for again := true; again; {
		again = false
		t := f.usesOf(func(v val) bool { return v == p })
		for _, s := range t.of[p] {
			if !f.startsMatch(s) {
				continue
			}
			b := s.b
			no, ok := map[*block]bool{}, map[*block]bool{}
			reach(no, b.succs[1])
			reach(ok, b.succs[0])
			for _, u := range t.of[p] {
				if no[u.b] && ok[u.b] {
					again = true
				}
			}
			if again {
				f.copyRegion(b, 1, no)
				f.prune()
				break
			}
		}
	}
}

// copyRegion gives the edge from b to its successor n a copy of all that can be reached over it.
func (f *fn) copyRegion(b *block, n int, region map[*block]bool) {
	blocks := map[*block]*block{}
	vals := map[val]val{}
	var order []*block
	for _, o := range f.blocks {
		if region[o] {
			order = append(order, o)
		}
	}
	entry := b.succs[n]
	for _, o := range order {
		k := f.newBlock(o.handler)
		k.tag = o.tag
		k.kind, k.aux, k.n, k.pos, k.cases = o.kind, o.aux, o.n, o.pos, o.cases
		blocks[o] = k
		for _, v := range append(append([]val(nil), o.phis...), o.ins...) {
			vals[v] = f.newVal(value{})
		}
		if o.val != 0 {
			k.val = f.newVal(f.vals[o.val])
			f.vals[k.val].blk = k
			vals[o.val] = k.val
		}
	}
	sub := func(vs []val) []val {
		out := make([]val, len(vs))
		for i, v := range vs {
			if out[i] = v; vals[v] != 0 {
				out[i] = vals[v]
			}
		}
		return out
	}
	subAux := func(aux any) any {
		list, ok := aux.([]binSeg)
		if !ok {
			return aux
		}
		list = append([]binSeg(nil), list...)
		for i := range list {
			s := sub([]val{list[i].value, list[i].size})
			list[i].value, list[i].size = s[0], s[1]
		}
		return list
	}
	clone := func(k *block, v val) val {
		d := f.vals[v]
		d.args, d.aux, d.blk = sub(d.args), subAux(d.aux), k
		f.vals[vals[v]] = d
		return vals[v]
	}
	for _, o := range order {
		k := blocks[o]
		for _, v := range o.ins {
			k.ins = append(k.ins, clone(k, v))
		}
		k.args, k.aux = sub(o.args), subAux(o.aux)
		for _, s := range o.succs {
			k.succs = append(k.succs, blocks[s])
		}
		for _, p := range o.phis {
			v := vals[p]
			d := f.vals[p]
			d.blk, d.args = k, nil
			f.vals[v] = d
			k.phis = append(k.phis, v)
		}
		for i, q := range o.preds {
			from := blocks[q]
			switch {
			case from != nil:
			case q == b && o == entry:
				from = b
			default:
				continue
			}
			k.preds = append(k.preds, from)
			for _, p := range o.phis {
				a := f.vals[p].args[i]
				if vals[a] != 0 {
					a = vals[a]
				}
				f.vals[vals[p]].args = append(f.vals[vals[p]].args, a)
			}
		}
	}
	f.removePred(entry, predIndex(entry, b))
	b.succs[n] = blocks[entry]
}

// restoreTerm gives the uses of p what they need: the context where it is passed on, a term elsewhere.
func (f *fn) restoreTerm(c *contexts, p val) {
	t := f.usesOf(func(v val) bool { return v == p })
	type start struct {
		b     *block
		after map[*block]bool
		pos   val
	}
	var starts []*start
	for _, s := range t.of[p] {
		if f.startsMatch(s) {
			st := &start{b: s.b, after: map[*block]bool{}}
			reach(st.after, s.b.succs[0])
			starts = append(starts, st)
		}
	}
	done := map[*block]bool{}
	for _, s := range t.of[p] {
		if f.startsMatch(s) {
			continue
		}
		if s.b.kind == tBr && s.b.aux == "is_bitstr" && s.i == len(s.b.ins) {
			// known behind the start of a match
			for _, x := range starts {
				if x.after[s.b] {
					f.takeWay(s.b, 0)
				}
			}
			if s.b.kind == tJump {
				continue
			}
		}
		var st *start
		for _, x := range starts {
			if x.after[s.b] {
				st = x
			}
		}
		if st == nil {
			if s.b.kind == tFuncClause && s.i == len(s.b.ins) && !f.afterFailedStart(p, s.b) {
				f.termForError(s.b, p)
			}
			continue
		}
		if done[s.b] {
			continue
		}
		done[s.b] = true
		if st.pos == 0 {
			st.pos = f.startPos(st.b)
		}
		f.restoreIn(c, s.b, p, st.b.val, st.pos)
	}
}

// takeWay lets a block that chose a way always go on to successor k.
func (f *fn) takeWay(b *block, k int) {
	for i, s := range b.succs {
		if i != k {
			f.removePred(s, predIndex(s, b))
		}
	}
	b.kind, b.succs, b.args, b.aux, b.cases = tJump, []*block{b.succs[k]}, nil, nil, nil
}

// splitFuncClause gives each way to function_clause a block of its own, in functions that match their parameters as bit strings.
func (f *fn) splitFuncClause() {
	some := false
	for _, b := range f.blocks {
		some = some || b.kind == tBsStart && f.vals[b.args[0]].op == opParam
	}
	if !some {
		return
	}
	f.forward()
	for _, b := range f.blocks {
		if b.kind != tFuncClause || len(b.ins) > 0 || len(b.phis) > 0 {
			continue
		}
		for len(b.preds) > 1 {
			p := b.preds[0]
			k := f.newBlock(b.handler)
			k.tag, k.kind, k.pos, k.args = b.tag, b.kind, b.pos, append([]val(nil), b.args...)
			for i, s := range p.succs {
				if s == b {
					p.succs[i] = k
					k.preds = append(k.preds, p)
					f.removePred(b, predIndex(b, p))
					break
				}
			}
		}
	}
	f.prune()
}

// startPos gives the position at which the match that b starts begins.
func (f *fn) startPos(b *block) val {
	s := f.onEdge(b, 0)
	if len(s.ins) > 0 {
		if d := &f.vals[s.ins[0]]; d.op == opBsPos && d.args[0] == b.val {
			return s.ins[0]
		}
	}
	return f.insert(s, 0, value{op: opBsPos, args: []val{b.val}})
}

// onEdge gives the successor k of b if nothing else leads there, a new block otherwise.
func (f *fn) onEdge(b *block, k int) *block {
	s := b.succs[k]
	if len(s.preds) == 1 {
		return s
	}
	e := f.newBlock(s.handler)
	e.tag = s.tag
	e.kind = tJump
	e.succs = []*block{s}
	e.preds = []*block{b}
	s.preds[predIndex(s, b)] = e
	b.succs[k] = e
	return e
}

// afterFailedStart reports whether b comes after the failure of a match of p on every way.
func (f *fn) afterFailedStart(p val, b *block) bool {
	seen := map[*block]bool{}
	work := []*block{b}
	for len(work) > 0 {
		x := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[x] {
			continue
		}
		seen[x] = true
		if x == f.entry {
			return false
		}
		for _, q := range x.preds {
			if q.kind == tBsStart && q.args[0] == p && q.succs[1] == x {
				continue
			}
			work = append(work, q)
		}
	}
	return true
}

// termForError makes a term of p, which may be a context, for function_clause.
func (f *fn) termForError(b *block, p val) {
	ctxB, end := f.newBlock(b.handler), f.newBlock(b.handler)
	ctxB.tag, end.tag = b.tag, b.tag
	end.kind, end.args, end.pos = tFuncClause, append([]val(nil), b.args...), b.pos
	ctxB.kind, ctxB.args, ctxB.pos = tFuncClause, append([]val(nil), b.args...), b.pos
	b.kind, b.args = tBsStart, []val{p}
	b.val = f.newVal(value{op: opTerm, blk: b})
	b.succs = nil
	edge(b, ctxB)
	edge(b, end)
	r := f.add(ctxB, value{op: opBsTail, args: []val{b.val}})
	f.replaceArg(site{b: ctxB, i: len(ctxB.ins)}, p, r)
}

// restoreIn serves the uses of p in a block behind the start of a match.
func (f *fn) restoreIn(c *contexts, b *block, p, ctx, pos val) {
	first := -1
	last := site{}
	n := 0
	for i := 0; i <= len(b.ins); i++ {
		args := b.args
		if i < len(b.ins) {
			args = f.vals[b.ins[i]].args
		}
		for _, a := range args {
			if a == p {
				if first < 0 {
					first = i
				}
				last = site{b: b, i: i}
				n++
				break
			}
		}
	}
	if first < 0 {
		return
	}
	if to, ok := c.callParam(f, last, p); ok && n == 1 && c.accepts[to] && !c.usedAfter(f, last, ctx, p) {
		f.replaceArg(last, p, ctx)
		f.insert(b, first, value{op: opBsSetPos, args: []val{ctx, pos}})
		return
	}
	var r val
	if c.usedAfter(f, site{b: b, i: first - 1}, ctx) {
		// the context goes on from where it is
		at := f.insert(b, first, value{op: opBsPos, args: []val{ctx}})
		f.insert(b, first+1, value{op: opBsSetPos, args: []val{ctx, pos}})
		r = f.insert(b, first+2, value{op: opBsTail, args: []val{ctx}})
		f.insert(b, first+3, value{op: opBsSetPos, args: []val{ctx, at}})
		first += 4
	} else {
		f.insert(b, first, value{op: opBsSetPos, args: []val{ctx, pos}})
		r = f.insert(b, first+1, value{op: opBsTail, args: []val{ctx}})
		first += 2
	}
	for i := first; i <= len(b.ins); i++ {
		f.replaceArg(site{b: b, i: i}, p, r)
	}
}

// changeCaller passes contexts in place of remainders, and makes remainders where they are needed, not before.
func (c *contexts) changeCaller(f *fn) {
	t := f.usesOf(func(v val) bool { return f.vals[v].op == opBsTail })
	changed := false
	for v := val(1); int(v) < len(f.vals); v++ {
		if sites := t.of[v]; len(sites) > 0 && f.vals[v].blk != nil {
			if c.passRemainder(f, v, sites) {
				changed = true
				t = f.usesOf(func(v val) bool { return f.vals[v].op == opBsTail })
			}
		}
	}
	if changed {
		f.dropUnused()
	}
}

// passRemainder serves the uses of the remainder v.
func (c *contexts) passRemainder(f *fn, v val, sites []site) bool {
	ctx := f.vals[v].args[0]
	def := f.vals[v].blk
	passes := func(s site) bool {
		if f.startsMatch(s) {
			return true
		}
		to, ok := c.callParam(f, s, v)
		return ok && c.accepts[to]
	}
	some := false
	for _, s := range sites {
		some = some || passes(s)
		if s.phi != 0 || s.b.isHandler(f) || !f.stays(ctx, v, def, s) {
			return false
		}
	}
	if !some {
		return false
	}
	// Decide first: making a term in one place moves nothing, passing the context does.
	var pass, make []site
	for _, s := range sites {
		if passes(s) && !c.usedAfter(f, s, ctx, v) {
			pass = append(pass, s)
		} else {
			make = append(make, s)
		}
	}
	if len(pass) == 0 {
		return false
	}
	for _, s := range pass {
		f.replaceArg(s, v, ctx)
	}
	made := map[*block]val{}
	for _, s := range make {
		r := made[s.b]
		i := s.i
		if r == 0 {
			r = f.insert(s.b, i, value{op: opBsTail, args: []val{ctx}})
			made[s.b] = r
			for k := i + 1; k <= len(s.b.ins); k++ {
				f.replaceArg(site{b: s.b, i: k}, v, r)
			}
		}
	}
	return true
}

// stays reports whether ctx stays where it is from the making of v in def to the use s.
func (f *fn) stays(ctx, v val, def *block, s site) bool {
	from := 0
	if s.b == def {
		for i, id := range def.ins {
			if id == v {
				from = i + 1
			}
		}
		return !f.movesIn(ctx, def, from, s.i, false)
	}
	if f.movesIn(ctx, s.b, 0, s.i, false) {
		return false
	}
	seen := map[*block]bool{def: true}
	work := append([]*block(nil), s.b.preds...)
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if b == def {
			for i, id := range def.ins {
				if id == v {
					from = i + 1
				}
			}
			if f.movesIn(ctx, def, from, len(def.ins), true) {
				return false
			}
		}
		if seen[b] {
			continue
		}
		seen[b] = true
		if f.movesIn(ctx, b, 0, len(b.ins), true) {
			return false
		}
		work = append(work, b.preds...)
	}
	return true
}

// movesIn reports whether instructions of a block move a context.
func (f *fn) movesIn(ctx val, b *block, from, to int, end bool) bool {
	for i := from; i < to && i < len(b.ins); i++ {
		d := &f.vals[b.ins[i]]
		switch d.op {
		case opBsSetPos, opCall:
			for _, a := range d.args {
				if a == ctx {
					return true
				}
			}
		}
	}
	if !end || len(b.args) == 0 || b.args[0] != ctx {
		return false
	}
	switch b.kind {
	case tBsGet, tBsSkip, tBsString, tBsUnit, tBsStart:
		return true
	}
	return false
}
