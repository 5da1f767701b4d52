package compiler

// Upkeep of the control flow graph.

// prune drops blocks that cannot be reached and puts the rest in reverse
// postorder, in which the first successor follows its predecessor if it can.
func (f *fn) prune() {
	for _, b := range f.blocks {
		b.mark = false
		b.order = -1
	}
	post := make([]*block, 0, len(f.blocks))
	type item struct {
		b *block
		i int
	}
	stack := []item{{f.entry, len(f.entry.succs)}}
	f.entry.mark = true
	for len(stack) > 0 {
		t := &stack[len(stack)-1]
		if t.i == 0 {
			post = append(post, t.b)
			stack = stack[:len(stack)-1]
			continue
		}
		t.i--
		if s := t.b.succs[t.i]; !s.mark {
			s.mark = true
			stack = append(stack, item{s, len(s.succs)})
		}
	}
	n := len(post)
	blocks := make([]*block, n)
	for i, b := range post {
		blocks[n-1-i] = b
	}
	for i, b := range blocks {
		b.order = int32(i)
		for k := 0; k < len(b.preds); {
			if !b.preds[k].mark {
				f.removePred(b, k)
			} else {
				k++
			}
		}
		if b.handler != nil && !b.handler.mark {
			b.handler = nil
		}
	}
	f.blocks = blocks
}

// replaced follows the substitutions made so far.
func replaced(to []val, v val) val {
	for int(v) < len(to) && to[v] != 0 {
		v = to[v]
	}
	return v
}

// substitute replaces values everywhere.
func (f *fn) substitute(to []val) {
	sub := func(vs []val) {
		for i, v := range vs {
			vs[i] = replaced(to, v)
		}
	}
	for _, b := range f.blocks {
		for _, p := range b.phis {
			sub(f.vals[p].args)
		}
		for _, i := range b.ins {
			d := &f.vals[i]
			sub(d.args)
			if segs, ok := d.aux.([]binSeg); ok {
				subSegs(segs, to)
			}
		}
		sub(b.args)
		if segs, ok := b.aux.([]binSeg); ok {
			subSegs(segs, to)
		}
	}
}

func subSegs(segs []binSeg, to []val) {
	for i := range segs {
		segs[i].value = replaced(to, segs[i].value)
		segs[i].size = replaced(to, segs[i].size)
	}
}

// simplifyPhis removes phis whose arguments are all the same.
func (f *fn) simplifyPhis() {
	to := make([]val, len(f.vals))
	any := false
	for changed := true; changed; {
		changed = false
		for _, b := range f.blocks {
			keep := b.phis[:0]
			for _, p := range b.phis {
				var same val
				for _, a := range f.vals[p].args {
					a = replaced(to, a)
					if a == p || a == same {
						continue
					}
					if same == 0 {
						same = a
					} else {
						same = -1
						break
					}
				}
				if same > 0 {
					to[p] = same
					changed, any = true, true
				} else {
					keep = append(keep, p)
				}
			}
			b.phis = keep
		}
	}
	if any {
		f.substitute(to)
	}
}

// pure reports whether an operation has no effect but its value.
func (d *value) pure() bool {
	switch d.op {
	case opConst, opUndef, opPhi, opMakeFun, opCons, opTuple, opHd, opTl, opElem, opBsTail, opBsPos, opLand, opFBox:
		return true
	case opFConv:
		return d.aux == nil // else it may fail
	case opBif:
		return bifCannotFail(d.aux.(string), len(d.args))
	case opMapAssoc:
		return false
	}
	return false
}

// dropUnused removes values that nobody uses.
func (f *fn) dropUnused() {
	uses := make([]int32, len(f.vals))
	count := func(vs []val, n int32) {
		for _, v := range vs {
			uses[v] += n
		}
	}
	for _, b := range f.blocks {
		for _, p := range b.phis {
			count(f.vals[p].args, 1)
		}
		for _, i := range b.ins {
			count(f.vals[i].args, 1)
		}
		count(b.args, 1)
	}
	for changed := true; changed; {
		changed = false
		for k := len(f.blocks) - 1; k >= 0; k-- {
			b := f.blocks[k]
			n := len(b.ins)
			for i := n - 1; i >= 0; i-- {
				v := b.ins[i]
				d := &f.vals[v]
				if uses[v] == 0 && d.pure() {
					count(d.args, -1)
					d.blk = nil
					n--
					continue
				}
			}
			if n < len(b.ins) {
				changed = true
				keep := b.ins[:0]
				for _, v := range b.ins {
					if f.vals[v].blk != nil {
						keep = append(keep, v)
					}
				}
				b.ins = keep
			}
			keep := b.phis[:0]
			for _, p := range b.phis {
				if uses[p] == 0 || uses[p] == f.selfUses(p) {
					count(f.vals[p].args, -1)
					changed = true
				} else {
					keep = append(keep, p)
				}
			}
			b.phis = keep
		}
	}
}

func (f *fn) selfUses(p val) int32 {
	n := int32(0)
	for _, a := range f.vals[p].args {
		if a == p {
			n++
		}
	}
	return n
}

// sinkReturns lets the predecessors of a block that only returns do that
// themselves, which makes tail calls of calls in front of it.
func (f *fn) sinkReturns() {
	for k := len(f.blocks) - 1; k >= 0; k-- {
		b := f.blocks[k]
		if b.kind != tReturn || len(b.ins) > 0 {
			continue
		}
		for i := 0; i < len(b.preds); {
			p := b.preds[i]
			if p.kind != tJump {
				i++
				continue
			}
			v := b.args[0]
			if d := &f.vals[v]; d.op == opPhi && d.blk == b {
				v = d.args[i]
			}
			p.kind, p.args, p.succs = tReturn, []val{v}, nil
			f.removePred(b, i)
		}
	}
	f.prune()
}

// mergeBlocks joins blocks with their only successor where that has no other
// predecessor.
func (f *fn) mergeBlocks() {
	for _, b := range f.blocks {
		for b.kind == tJump {
			s := b.succs[0]
			if len(s.preds) != 1 || s == b || s.handler != b.handler || s.tag != b.tag || len(s.phis) > 0 {
				break
			}
			for _, v := range s.ins {
				f.vals[v].blk = b
			}
			b.ins = append(b.ins, s.ins...)
			b.kind, b.args, b.aux, b.n, b.val, b.cases, b.pos = s.kind, s.args, s.aux, s.n, s.val, s.cases, s.pos
			b.types = s.types
			if b.val != 0 {
				f.vals[b.val].blk = b
			}
			b.succs = s.succs
			b.follows(s)
			s.succs, s.preds, s.ins = nil, nil, nil
			s.kind = tNone
		}
	}
	f.prune()
}

// forward removes empty blocks that only jump on, where the target has no
// phis.
func (f *fn) forward() {
	for _, b := range f.blocks {
		if b == f.entry || b.kind != tJump || len(b.ins) > 0 || len(b.phis) > 0 {
			continue
		}
		t := b.succs[0]
		if t == b || len(t.phis) > 0 || t.isHandler(f) {
			continue
		}
		for _, p := range b.preds {
			for i, s := range p.succs {
				if s == b {
					p.succs[i] = t
				}
			}
			t.preds = append(t.preds, p)
		}
		f.removePred(t, predIndex(t, b))
		b.preds, b.succs = nil, nil
	}
	f.prune()
}

func (b *block) isHandler(f *fn) bool {
	for _, p := range b.preds {
		if (p.kind == tTry || p.kind == tCatch) && p.succs[1] == b {
			return true
		}
	}
	return false
}

// splitEdges gives every edge from a block with several successors to a block
// with phis a block of its own.
func (f *fn) splitEdges() {
	changed := false
	for _, b := range f.blocks {
		if len(b.phis) == 0 {
			continue
		}
		for i, p := range b.preds {
			if len(p.succs) < 2 || p.kind == tCatch {
				continue
			}
			e := f.newBlock(b.handler)
			e.tag = b.tag
			e.kind = tJump
			e.succs = []*block{b}
			e.preds = []*block{p}
			b.preds[i] = e
			// one edge only: a block may be a successor twice
			for k, s := range p.succs {
				if s == b {
					p.succs[k] = e
					break
				}
			}
			changed = true
		}
	}
	if changed {
		f.prune()
	}
}

// follows puts b in the place of another block among the predecessors of b's successors, which were the other's.
func (b *block) follows(other *block) {
	for _, s := range b.succs {
		for i, p := range s.preds {
			if p == other {
				s.preds[i] = b
			}
		}
	}
}
