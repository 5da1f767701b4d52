package compiler

import (
	"slices"

	"github.com/gerl-lang/gerl/term"
)

// markSite is a place where a value is waited for: a receive (id 0), demonitor/2, which takes a message with the
// reference out of the queue, or a call of a function of the module that gets the value.
type markSite struct {
	b  *block
	id val
	to paramKey // of a call: the parameter
}

// findSites lists the places of all functions.
func (k *markers) findSites() {
	k.sites = map[*fn]map[val][]markSite{}
	for _, f := range k.m.fns {
		at := map[val][]markSite{}
		for _, w := range k.loops[f] {
			at[w.v] = append(at[w.v], markSite{b: w.loop})
		}
		for _, b := range f.blocks {
			for _, id := range b.ins {
				switch d := &f.vals[id]; d.op {
				case opCall:
					if to := d.aux.(*funRef).fn; to != nil {
						for i, a := range d.args {
							at[a] = append(at[a], markSite{b, id, paramKey{to, i}})
						}
					}
				case opCallExt:
					if f.flushes(d) {
						at[d.args[0]] = append(at[d.args[0]], markSite{b: b, id: id})
					}
				}
			}
		}
		k.sites[f] = at
	}
}

// flushes reports whether a call is demonitor/2 that may look through the queue.
func (f *fn) flushes(d *value) bool {
	if m, ok := d.aux.(mfa); !ok || m.mod != "erlang" || m.fun != "demonitor" || m.arity != 2 {
		return false
	}
	o := &f.vals[d.args[1]]
	return o.op != opConst || o.lit != term.Nil
}

// findParams follows the references that receives wait for to the functions that pass them.
func (k *markers) findParams() {
	for changed := true; changed; {
		changed = false
		for _, f := range k.m.fns {
			for i, p := range f.params {
				if key := (paramKey{f, i}); !k.waits[key] && k.wanted(f, p) {
					k.waits[key] = true
					changed = true
				}
			}
		}
	}
}

// counts reports whether something waits at a site.
func (k *markers) counts(s markSite) bool {
	return s.to.f == nil || k.waits[s.to]
}

// wanted reports whether a receive waits for v, in f or in a function that gets it.
func (k *markers) wanted(f *fn, v val) bool {
	return slices.ContainsFunc(k.sites[f][v], k.counts)
}

// freshness tells where in a value a reference is that was made since a function was called: the lowest bit for the
// value itself, the highest for the tail of a cons, the others for a tuple's elements, from the first one.
type freshness uint8

const (
	freshRef   freshness = 1
	freshTail  freshness = 1 << 7
	freshAll   freshness = 1<<8 - 1
	freshElems           = 6
	freshDepth           = 8
)

func freshElem(i int) freshness { return freshRef << (i + 1) }

// findFresh finds the functions of the module that return a reference which they have made, on all their ways.
func (k *markers) findFresh() {
	k.fresh = map[*fn]freshness{}
	for _, f := range k.m.fns {
		k.fresh[f] = freshAll
	}
	for changed := true; changed; {
		changed = false
		for _, f := range k.m.fns {
			all, returns := k.fresh[f], false
			for _, b := range f.blocks {
				if b.kind == tReturn && all != 0 {
					returns = true
					all &= k.freshIn(f, b.args[0], freshDepth)
				}
			}
			if !returns {
				all = 0
			}
			if all != k.fresh[f] {
				k.fresh[f] = all
				changed = true
			}
		}
	}
}

// freshIn looks at most depth steps far.
func (k *markers) freshIn(f *fn, v val, depth int) freshness {
	if depth == 0 {
		return 0
	}
	depth--
	switch d := &f.vals[v]; d.op {
	case opCallExt:
		return makesReference(d)
	case opCall:
		if to := d.aux.(*funRef).fn; to != nil {
			return k.fresh[to]
		}
	case opPhi:
		all := freshAll
		for _, a := range d.args {
			if all != 0 {
				all &= k.freshIn(f, a, depth)
			}
		}
		return all
	case opElem:
		if d.n < freshElems && k.freshIn(f, d.args[0], depth)&freshElem(d.n) != 0 {
			return freshRef
		}
	case opTl:
		if k.freshIn(f, d.args[0], depth)&freshTail != 0 {
			return freshRef
		}
	case opCons:
		if k.freshIn(f, d.args[1], depth)&freshRef != 0 {
			return freshTail
		}
	case opTuple:
		var all freshness
		for i, a := range d.args[:min(freshElems, len(d.args))] {
			if k.freshIn(f, a, depth)&freshRef != 0 {
				all |= freshElem(i)
			}
		}
		return all
	}
	return 0
}

// makesReference tells where in the value of a call of another module a new reference is.
func makesReference(d *value) freshness {
	if m, ok := d.aux.(mfa); ok && m.mod == "erlang" {
		switch m.fun {
		case "make_ref", "monitor", "spawn_request", "alias":
			return freshRef
		case "spawn_monitor":
			return freshElem(1)
		}
	}
	return 0
}

// mark notes the place in the queue where f makes a reference that a receive waits for, or calls a function that does. It gives
// the references.
func (k *markers) mark(f *fn) []val {
	var made []val
	for _, b := range f.blocks {
		for i := 0; i < len(b.ins); i++ {
			id := b.ins[i]
			if op := f.vals[id].op; op != opCall && op != opCallExt {
				continue
			}
			where := k.freshIn(f, id, freshDepth)
			if where == 0 {
				continue
			}
			ref, rb, at := id, b, i+1
			if where&freshRef == 0 || !k.wanted(f, ref) {
				if ref, rb, at = k.wantedElem(f, id, where); ref == 0 {
					continue
				}
			}
			k.give(f, ref)
			made = append(made, ref)
			f.insert(rb, at, value{op: opMarkBind, args: []val{0, ref}})
			bind := rb.ins[at]
			mark := f.insert(b, i, value{op: opMarkReserve})
			f.vals[bind].args[0] = mark
			i += 2
		}
	}
	return made
}

// wantedElem finds the place behind the taking of a new reference out of a tuple or cons.
func (k *markers) wantedElem(f *fn, tuple val, where freshness) (val, *block, int) {
	for _, b := range f.blocks {
		for i, id := range b.ins {
			d := &f.vals[id]
			taken := d.op == opElem && d.n < freshElems && where&freshElem(d.n) != 0 || d.op == opTl && where&freshTail != 0
			if taken && d.args[0] == tuple && k.wanted(f, id) {
				return id, b, i + 1
			}
		}
	}
	return 0, nil, 0
}

// give enters the parameters that may get a marked reference.
func (k *markers) give(f *fn, v val) {
	for _, s := range k.sites[f][v] {
		if s.to.f != nil && k.waits[s.to] && !k.given[s.to] {
			k.given[s.to] = true
			k.give(s.to.f, s.to.f.params[s.to.n])
		}
	}
}

// findShared finds the parameters with markers that somebody waits for when the function has returned.
func (k *markers) findShared() {
	for changed := true; changed; {
		changed = false
		for _, f := range k.m.fns {
			for v, sites := range k.sites[f] {
				d := &f.vals[v]
				mine := d.op != opParam || !k.shared[paramKey{f, d.n}]
				var live *markLife
				for _, s := range sites {
					if s.to.f == nil || !k.given[s.to] || k.shared[s.to] {
						continue
					}
					if live == nil {
						live = k.life(f, v)
					}
					if !mine || live.after(s.b, s.id) {
						k.shared[s.to] = true
						changed = true
					}
				}
			}
		}
	}
}

// markLife tells where in a function something will wait for a value.
type markLife struct {
	f     *fn
	sites map[val]bool
	in    map[*block]bool
}

func (k *markers) life(f *fn, v val) *markLife {
	l := &markLife{f: f, sites: map[val]bool{}, in: map[*block]bool{}}
	born := f.vals[v].blk
	var work []*block
	grow := func(b *block) {
		if !l.in[b] {
			l.in[b] = true
			work = append(work, b)
		}
	}
	handled := map[*block][]*block{}
	for _, b := range f.blocks {
		if b.handler != nil {
			handled[b.handler] = append(handled[b.handler], b)
		}
	}
	for _, s := range k.sites[f][v] {
		if k.counts(s) {
			if s.id != 0 {
				l.sites[s.id] = true
			}
			grow(s.b)
		}
	}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if b == born {
			continue
		}
		for _, p := range b.preds {
			grow(p)
		}
		for _, p := range handled[b] {
			grow(p)
		}
	}
	return l
}

// out reports whether something will wait behind the block.
func (l *markLife) out(b *block) bool {
	return slices.ContainsFunc(b.succs, func(s *block) bool { return l.in[s] }) || b.handler != nil && l.in[b.handler]
}

// after reports whether something will wait behind an instruction of the block.
func (l *markLife) after(b *block, id val) bool {
	i := slices.Index(b.ins, id)
	return slices.ContainsFunc(b.ins[i+1:], func(x val) bool { return l.sites[x] }) || l.out(b)
}

// use lets the receives of f start at the marker of v.
func (k *markers) use(f *fn, v val) {
	for _, w := range k.loops[f] {
		if w.v != v {
			continue
		}
		inside := map[*block]bool{}
		reach(inside, w.loop.succs...)
		for _, p := range w.loop.preds {
			if p.kind != tJump || inside[p] {
				continue
			}
			if n := len(p.ins); n == 0 || f.vals[p.ins[n-1]].op != opMarkUse { // one is enough
				f.insert(p, n, value{op: opMarkUse, args: []val{v}})
			}
		}
	}
}

// clear forgets the marker of v where nothing will wait for v any more. A way that ends with an exception keeps it; markers
// are few, and the oldest one makes room for a new one.
func (k *markers) clear(f *fn, v val) {
	l := k.life(f, v)
	for _, s := range k.sites[f][v] {
		if !k.counts(s) || s.id == 0 || l.after(s.b, s.id) || f.inTail(s.b, s.id) {
			continue
		}
		if s.to.f == nil || k.shared[s.to] || !k.given[s.to] {
			f.insert(s.b, slices.Index(s.b.ins, s.id)+1, value{op: opMarkClear, args: []val{v}})
		}
	}
	for _, b := range f.blocks {
		if l.in[b] || len(b.preds) == 0 || slices.ContainsFunc(b.preds, func(p *block) bool { return !l.in[p] || !l.out(p) }) || len(b.ins) == 0 && f.ends(b) {
			continue
		}
		at := 0
		for i, id := range b.ins {
			switch f.vals[id].op {
			case opRemoveMsg, opTimeout, opTryCase, opCatchEnd, opLand: // these come first in their blocks
				at = i + 1
			}
		}
		f.insert(b, at, value{op: opMarkClear, args: []val{v}})
	}
}

// ends reports whether a block does nothing but raise an exception.
func (f *fn) ends(b *block) bool {
	return len(b.succs) == 0 && b.kind != tReturn
}

// inTail reports whether a call's value is returned at once.
func (f *fn) inTail(b *block, id val) bool {
	if len(b.ins) == 0 || b.ins[len(b.ins)-1] != id {
		return false
	}
	for b.kind == tJump && len(b.succs[0].ins) == 0 {
		next := b.succs[0]
		if i := slices.Index(next.preds, b); len(next.phis) > 0 && i >= 0 {
			for _, p := range next.phis {
				if f.vals[p].args[i] == id {
					id = p
					break
				}
			}
		}
		b = next
	}
	return b.kind == tReturn && b.args[0] == id
}
