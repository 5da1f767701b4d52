package compiler

// Receive markers. A message that holds a reference made just now cannot be
// among those that are in the queue already. Where a receive waits for nothing but messages
// with a certain reference in them, the place in the queue is noted in front of the call that
// makes the reference, and the search starts there. A marker for a reference that has none does no harm, so a function
// that waits for a reference that it was given serves callers of both kinds.

// markers finds receives and calls that go together.
type markers struct {
	m *module
	// waits are the parameters that a receive waits for, or that are passed to such a one
	waits map[paramKey]bool
	loops map[*fn][]waiting
}

// waiting is a receive whose messages all hold v.
type waiting struct {
	loop *block
	v    val
}

// markReferences is the pass.
func (m *module) markReferences() {
	k := &markers{m: m, waits: map[paramKey]bool{}, loops: map[*fn][]waiting{}}
	for _, f := range m.fns {
		k.findLoops(f)
	}
	if len(k.loops) == 0 {
		return
	}
	k.findParams()
	made := map[paramKey]bool{}
	for _, f := range m.fns {
		k.mark(f, made)
	}
	for _, f := range m.fns {
		k.use(f, made)
	}
}

// findLoops notes the receives of a function whose messages all hold the same value from outside.
func (k *markers) findLoops(f *fn) {
	for _, b := range f.blocks {
		if b.kind != tLoopRec {
			continue
		}
		from := map[val]bool{b.val: true}
		var cands []val
		region := f.messageRegion(b, from)
		for _, x := range region {
			if v := f.comparedWith(x, from); v != 0 {
				cands = append(cands, v)
			}
		}
		for _, v := range cands {
			if f.allHold(b, v, from) {
				k.loops[f] = append(k.loops[f], waiting{b, v})
				break
			}
		}
	}
}

// messageRegion lists the blocks that look at the message of a receive, and enters in from the values taken out of it.
func (f *fn) messageRegion(b *block, from map[val]bool) []*block {
	var out []*block
	seen := map[*block]bool{b: true}
	work := []*block{b.succs[0]}
	for len(work) > 0 {
		x := work[0]
		work = work[1:]
		if seen[x] {
			continue
		}
		seen[x] = true
		out = append(out, x)
		taken := false
		for _, id := range x.ins {
			switch d := &f.vals[id]; d.op {
			case opHd, opTl, opElem:
				if from[d.args[0]] {
					from[id] = true
				}
			case opRemoveMsg:
				taken = true
			}
		}
		if x.kind == tMapGet && from[x.args[0]] {
			from[x.val] = true
		}
		if !taken && x.kind != tRecEnd {
			work = append(work, x.succs...)
		}
	}
	return out
}

// comparedWith gives the value that the end of a block compares a part of the message with.
func (f *fn) comparedWith(b *block, from map[val]bool) val {
	if b.kind != tBr || b.aux != "is_eq_exact" {
		return 0
	}
	for i, v := range b.args {
		if from[b.args[1-i]] && !from[v] && f.inRegister(v) {
			return v
		}
	}
	return 0
}

// allHold reports whether no message is taken that was not found to hold v.
func (f *fn) allHold(loop *block, v val, from map[val]bool) bool {
	seen := map[*block]bool{loop: true}
	work := []*block{loop.succs[0]}
	for len(work) > 0 {
		x := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[x] {
			continue
		}
		seen[x] = true
		for _, id := range x.ins {
			if f.vals[id].op == opRemoveMsg {
				return false
			}
		}
		if x.kind == tRecEnd {
			continue
		}
		next := x.succs
		if f.comparedWith(x, from) == v {
			next = next[1:]
		}
		work = append(work, next...)
	}
	return true
}

// findParams follows the references that receives wait for to the functions that pass them.
func (k *markers) findParams() {
	for changed := true; changed; {
		changed = false
		for _, f := range k.m.fns {
			for i, p := range f.params {
				if !k.waits[paramKey{f, i}] && k.wanted(f, p) {
					k.waits[paramKey{f, i}] = true
					changed = true
				}
			}
		}
	}
}

// wanted reports whether a receive waits for v, in f or in a function that gets it.
func (k *markers) wanted(f *fn, v val) bool {
	for _, w := range k.loops[f] {
		if w.v == v {
			return true
		}
	}
	for _, b := range f.blocks {
		for _, id := range b.ins {
			d := &f.vals[id]
			if d.op != opCall {
				continue
			}
			for i, a := range d.args {
				if to := d.aux.(*funRef).fn; a == v && to != nil && k.waits[paramKey{to, i}] {
					return true
				}
			}
		}
	}
	return false
}

// makesReference reports whether a call's value is a new reference (0) or a tuple with one as its element of that number (from 1).
func makesReference(d *value) (elem int, ok bool) {
	m, is := d.aux.(mfa)
	if d.op != opCallExt || !is || m.mod != "erlang" {
		return 0, false
	}
	switch m.fun {
	case "make_ref", "monitor", "spawn_request", "alias":
		return 0, true
	case "spawn_monitor":
		return 2, true
	}
	return 0, false
}

// mark notes the place in the queue where f makes a reference that a receive waits for.
func (k *markers) mark(f *fn, made map[paramKey]bool) {
	for _, b := range f.blocks {
		for i := 0; i < len(b.ins); i++ {
			id := b.ins[i]
			elem, ok := makesReference(&f.vals[id])
			if !ok {
				continue
			}
			ref, at := id, i+1
			rb := b
			if elem > 0 {
				if ref, rb, at = f.elementOf(id, elem-1); ref == 0 {
					continue
				}
			}
			if !k.wanted(f, ref) {
				continue
			}
			k.given(f, ref, made)
			f.insert(rb, at, value{op: opMarkBind, args: []val{0, ref}})
			bind := rb.ins[at]
			mark := f.insert(b, i, value{op: opMarkReserve})
			f.vals[bind].args[0] = mark
			i += 2
		}
	}
}

// elementOf finds the place behind the taking of an element out of a tuple.
func (f *fn) elementOf(tuple val, n int) (val, *block, int) {
	for _, b := range f.blocks {
		for i, id := range b.ins {
			if d := &f.vals[id]; d.op == opElem && d.n == n && d.args[0] == tuple {
				return id, b, i + 1
			}
		}
	}
	return 0, nil, 0
}

// given enters the parameters that may get a marked reference.
func (k *markers) given(f *fn, v val, made map[paramKey]bool) {
	for _, b := range f.blocks {
		for _, id := range b.ins {
			d := &f.vals[id]
			if d.op != opCall {
				continue
			}
			for i, a := range d.args {
				to := d.aux.(*funRef).fn
				if key := (paramKey{to, i}); a == v && to != nil && k.waits[key] && !made[key] {
					made[key] = true
					k.given(to, to.params[i], made)
				}
			}
		}
	}
}

// use lets the receives of f start at the markers of their references.
func (k *markers) use(f *fn, made map[paramKey]bool) {
	for _, w := range k.loops[f] {
		d := &f.vals[w.v]
		marked := d.op == opParam && made[paramKey{f, d.n}]
		for _, b := range f.blocks {
			for _, id := range b.ins {
				x := &f.vals[id]
				marked = marked || x.op == opMarkBind && x.args[1] == w.v
			}
		}
		if !marked {
			continue
		}
		inside := map[*block]bool{}
		reach(inside, w.loop.succs...)
		for _, p := range w.loop.preds {
			if p.kind == tJump && !inside[p] {
				f.insert(p, len(p.ins), value{op: opMarkUse, args: []val{w.v}})
			}
		}
		from := map[val]bool{w.loop.val: true}
		for _, b := range f.messageRegion(w.loop, from) {
			for i, id := range b.ins {
				if f.vals[id].op == opRemoveMsg {
					f.insert(b, i+1, value{op: opMarkClear, args: []val{w.v}})
					break
				}
			}
		}
	}
}
