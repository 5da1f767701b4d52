package compiler

// Stack frames. A frame is allocated as late as possible on every way that
// needs one (shrink wrapping), but on all ways into a block or on none.

type frames struct {
	f       *fn
	entry   []bool  // by block order: there is a frame at the block's entry
	exit    []bool  // there is one at its end
	allocAt []int   // index of the instruction in front of which it is made, -1
	region  []int32 // blocks that share frames have the same region
	size    []int   // Y registers of a region, by region
	tags    []int   // catch tags of a region that are in force at once
	fragile []int32 // by block: number of the receive whose message is not ours yet, 0 for none
	fragDef []int32 // by value: the receive in which it was defined while that was so
}

// cloneable reports whether a block that ends a function may be copied, so that
// there can be one for ways with a frame and one for those without.
func (f *fn) cloneable(b *block) bool {
	if len(b.succs) > 0 || len(b.phis) > 0 || len(b.ins) > 4 || b == f.entry {
		return false
	}
	for _, v := range b.ins {
		switch f.vals[v].op {
		case opTryEnd, opTryCase, opCatchEnd, opRemoveMsg, opTimeout, opLand:
			return false
		}
	}
	return true
}

// placeFrames decides where frames are made. It may copy blocks, after which
// analysis must be done anew; it reports whether it did.
func (f *fn) placeFrames(lv *lives) (*frames, bool) {
	n := len(f.blocks)
	fr := &frames{f: f, entry: make([]bool, n), exit: make([]bool, n), allocAt: make([]int, n)}
	need := lv.need
	for i, b := range f.blocks {
		fr.exit[i] = need[i]
		_ = b
	}
	free := make([]bool, n)
	for i, b := range f.blocks {
		free[i] = f.cloneable(b)
	}
	for changed := true; changed; {
		changed = false
		for i, b := range f.blocks {
			if free[i] || len(b.preds) == 0 {
				continue
			}
			some, all := false, true
			for _, p := range b.preds {
				some = some || fr.exit[p.order]
				all = all && fr.exit[p.order]
			}
			if !some {
				continue
			}
			if !fr.entry[i] || !fr.exit[i] {
				fr.entry[i], fr.exit[i] = true, true
				changed = true
			}
			if !all {
				for _, p := range b.preds {
					if !fr.exit[p.order] {
						fr.exit[p.order] = true
						need[p.order] = true
						changed = true
					}
				}
			}
		}
	}
	cloned := false
	for i, b := range f.blocks[:n] {
		if !free[i] {
			continue
		}
		framed := 0
		for _, p := range b.preds {
			if fr.exit[p.order] {
				framed++
			}
		}
		if framed > 0 && framed < len(b.preds) {
			f.cloneFor(b, func(p *block) bool { return fr.exit[p.order] })
			cloned = true
			continue
		}
		if framed > 0 {
			fr.entry[i], fr.exit[i] = true, true
		}
	}
	if cloned {
		f.prune()
		return nil, true
	}
	fr.findFragile()
	for i, b := range f.blocks {
		fr.allocAt[i] = -1
		if fr.exit[i] && !fr.entry[i] {
			fr.allocAt[i] = f.firstNeed(b, fr.fragile[i] != 0)
		}
	}
	fr.regions()
	return fr, false
}

// cloneFor gives the predecessors that pick selects a copy of block b.
func (f *fn) cloneFor(b *block, pick func(p *block) bool) {
	c := f.newBlock(b.handler)
	c.tag, c.types = b.tag, b.types
	c.kind, c.aux, c.n, c.pos, c.cases = b.kind, b.aux, b.n, b.pos, b.cases
	c.order = -1
	m := map[val]val{}
	sub := func(vs []val) []val {
		out := make([]val, len(vs))
		for i, v := range vs {
			out[i] = v
			if n, ok := m[v]; ok {
				out[i] = n
			}
		}
		return out
	}
	for _, v := range b.ins {
		d := f.vals[v]
		d.args = sub(d.args)
		if segs, ok := d.aux.([]binSeg); ok {
			segs = append([]binSeg(nil), segs...)
			for i := range segs {
				s := sub([]val{segs[i].value, segs[i].size})
				segs[i].value, segs[i].size = s[0], s[1]
			}
			d.aux = segs
		}
		m[v] = f.add(c, d)
	}
	c.args = sub(b.args)
	var stay []*block
	for _, p := range b.preds {
		if !pick(p) {
			stay = append(stay, p)
			continue
		}
		for i, s := range p.succs {
			if s == b {
				p.succs[i] = c
			}
		}
		c.preds = append(c.preds, p)
	}
	b.preds = stay
}

// firstNeed gives the index of the instruction in front of which the frame is made: the first that needs it, or the first
// of those right before it that take terms apart, so that the parts go where they will stay.
func (f *fn) firstNeed(b *block, fragile bool) int {
	tail := f.tailCall(b)
	n := len(b.ins)
	if tail >= 0 {
		n = tail
	}
	for i, v := range b.ins {
		d := &f.vals[v]
		if i != tail && (d.wantsFrame() || d.clobbers()) {
			n = i
			break
		}
	}
	if fragile {
		return n
	}
	for n > 0 {
		switch f.vals[b.ins[n-1]].op {
		case opHd, opTl, opElem:
			n--
			continue
		}
		break
	}
	return n
}

// regions groups blocks that are connected with a frame in place.
func (fr *frames) regions() {
	n := len(fr.f.blocks)
	fr.region = make([]int32, n)
	for i := range fr.region {
		fr.region[i] = int32(i)
	}
	find := func(i int32) int32 {
		for fr.region[i] != i {
			fr.region[i] = fr.region[fr.region[i]]
			i = fr.region[i]
		}
		return i
	}
	for i, b := range fr.f.blocks {
		if !fr.exit[i] {
			continue
		}
		for _, s := range b.succs {
			if fr.entry[s.order] {
				fr.region[find(s.order)] = find(int32(i))
			}
		}
	}
	for i := range fr.region {
		fr.region[i] = find(int32(i))
	}
	fr.size, fr.tags = make([]int, n), make([]int, n)
}

// findFragile marks the blocks between loop_rec and remove_message.
func (fr *frames) findFragile() {
	f := fr.f
	fr.fragile = make([]int32, len(f.blocks))
	fr.fragDef = make([]int32, len(f.vals))
	for i, b := range f.blocks {
		if b.kind == tLoopRec {
			fr.fragDef[b.val] = int32(i + 1)
			fr.markFragile(b.succs[0], int32(i+1))
		}
	}
}

func (fr *frames) markFragile(first *block, id int32) {
	f := fr.f
	var work []*block
	push := func(b *block) {
		if fr.fragile[b.order] == 0 {
			fr.fragile[b.order] = id
			work = append(work, b)
		}
	}
	push(first)
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		ended := false
		for _, p := range b.phis {
			fr.fragDef[p] = id
		}
		for _, v := range b.ins {
			if f.vals[v].op == opRemoveMsg {
				ended = true
				break
			}
			fr.fragDef[v] = id
		}
		if ended || b.kind == tRecEnd {
			continue
		}
		if b.val != 0 {
			fr.fragDef[b.val] = id
		}
		for _, s := range b.succs {
			push(s)
		}
	}
}
