package compiler

import "slices"

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
	// given are the parameters that may get a reference with a marker
	given map[paramKey]bool
	// shared are the parameters that a caller waits for again after the call: the marker is the caller's to clear
	shared map[paramKey]bool
	loops  map[*fn][]waiting
	sites  map[*fn]map[val][]markSite
	fresh  map[*fn]freshness
}

// waiting is a receive whose messages all hold v.
type waiting struct {
	loop *block
	v    val
}

// markReferences is the pass.
func (m *module) markReferences() {
	k := &markers{m: m, waits: map[paramKey]bool{}, given: map[paramKey]bool{}, shared: map[paramKey]bool{}, loops: map[*fn][]waiting{}}
	for _, f := range m.fns {
		k.findLoops(f)
	}
	if len(k.loops) == 0 {
		return
	}
	k.findSites()
	k.findParams()
	k.findFresh()
	made := map[*fn][]val{}
	for _, f := range m.fns {
		made[f] = k.mark(f)
	}
	if len(k.given) > 0 {
		k.findShared()
	}
	for _, f := range m.fns {
		for _, v := range made[f] {
			k.use(f, v)
			k.clear(f, v)
		}
		for i, v := range f.params {
			if key := (paramKey{f, i}); k.given[key] {
				k.use(f, v)
				if !k.shared[key] {
					k.clear(f, v)
				}
			}
		}
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
		for i, v := range cands {
			if !slices.Contains(cands[:i], v) && f.allHold(b, v, from) {
				k.loops[f] = append(k.loops[f], waiting{b, v})
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
	if b.kind != tBr || b.aux != "is_eq_exact" && b.aux != "is_eq" { // to a reference both are the same
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
