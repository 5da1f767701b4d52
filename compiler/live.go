package compiler

// Liveness and the decision which values need a place on the stack.

// clobbers reports whether an instruction destroys all X registers.
func (d *value) clobbers() bool {
	switch d.op {
	case opCall, opCallExt, opCallFun, opApply, opSend, opStack, opInitWritable,
		opCatchEnd, opTryCase, opTimeout, opRawRaise:
		return true
	}
	return false
}

// wantsFrame reports whether an instruction needs a stack frame to be there.
func (d *value) wantsFrame() bool {
	switch d.op {
	case opCall, opCallExt, opCallFun, opApply, opSend, opInitWritable, opStack, opRawRaise, opMarkReserve:
		return true
	}
	return false
}

// tailCall gives the index of the instruction that is a call in tail position,
// -1 if the block does not end in one.
func (f *fn) tailCall(b *block) int {
	n := len(b.ins) - 1
	if n < 0 {
		return -1
	}
	d := &f.vals[b.ins[n]]
	switch b.kind {
	case tReturn:
		if b.args[0] != b.ins[n] || b.handler != nil {
			return -1
		}
		if d.op == opCall || d.op == opCallExt {
			return n
		}
	case tUnreach:
		if (d.op == opCallExt || d.op == opCall) && b.handler == nil {
			return n
		}
	}
	return -1
}

func (b *block) clobbersAtEnd() bool {
	return b.kind == tLoopRec || b.kind == tWait || b.kind == tWaitTime
}

// liveness computes liveIn of all blocks.
func (f *fn) liveness() {
	hpreds := map[*block][]*block{}
	for _, b := range f.blocks {
		b.liveIn = nil
		if b.handler != nil {
			hpreds[b.handler] = append(hpreds[b.handler], b)
		}
	}
	seen := make([]int32, len(f.blocks)) // last value entered into a block's liveIn
	var work []*block
	var cur val
	enter := func(b *block) {
		// cur is live at the entry of b
		if seen[b.order] == int32(cur) {
			return
		}
		seen[b.order] = int32(cur)
		b.liveIn = append(b.liveIn, cur)
		work = append(work, b)
	}
	exit := func(b, def *block) {
		if b != def {
			enter(b)
		}
	}
	// all uses, grouped by value
	type use struct {
		b    *block
		next int32
		out  bool // live at the end of b
	}
	uses := make([]use, 1, len(f.vals)*2)
	head := make([]int32, len(f.vals))
	note := func(v val, b *block, out bool) {
		if f.vals[v].op == opConst || f.vals[v].op == opUndef {
			return
		}
		if f.vals[v].blk == b && f.vals[v].op != opPhi {
			return
		}
		uses = append(uses, use{b, head[v], out})
		head[v] = int32(len(uses) - 1)
	}
	for _, b := range f.blocks {
		for _, p := range b.phis {
			for i, a := range f.vals[p].args {
				note(a, b.preds[i], true)
			}
		}
		for _, i := range b.ins {
			for _, a := range f.vals[i].args {
				note(a, b, false)
			}
		}
		for _, a := range b.args {
			note(a, b, false)
		}
	}
	for v := 1; v < len(f.vals); v++ {
		if head[v] == 0 {
			continue
		}
		cur = val(v)
		def := f.vals[v].blk
		for u := head[v]; u != 0; u = uses[u].next {
			if b := uses[u].b; b != def {
				enter(b)
			}
		}
		for len(work) > 0 {
			b := work[len(work)-1]
			work = work[:len(work)-1]
			for _, p := range b.preds {
				exit(p, def)
			}
			for _, p := range hpreds[b] {
				exit(p, def)
			}
		}
	}
}

// liveOut calls visit for every value that is live at the end of b. A value may
// be visited more than once.
func (f *fn) liveOut(b *block, visit func(v val)) {
	for _, s := range b.succs {
		for _, v := range s.liveIn {
			visit(v)
		}
		if len(s.phis) > 0 {
			i := predIndex(s, b)
			for _, p := range s.phis {
				if a := f.vals[p].args[i]; f.inRegister(a) {
					visit(a)
				}
			}
		}
	}
	if b.handler != nil {
		for _, v := range b.handler.liveIn {
			visit(v)
		}
	}
}

func (f *fn) inRegister(v val) bool {
	op := f.vals[v].op
	return op != opConst && op != opUndef
}

// blockLife is what a backward scan of a block finds.
type blockLife struct {
	kills [][]val // values whose last use is instruction i; [len(ins)] is the terminator
	dead  []bool  // instruction i's value is not used
}

// lives holds per-function results for the allocator.
type lives struct {
	f     *fn
	block []blockLife
	needY []bool
	need  []bool // blocks that need a frame for themselves
	stamp []int32
}

// analyse scans all blocks backwards.
func (f *fn) analyse() *lives {
	lv := &lives{f: f, block: make([]blockLife, len(f.blocks)), needY: make([]bool, len(f.vals)),
		need: make([]bool, len(f.blocks)), stamp: make([]int32, len(f.vals))}
	for _, b := range f.blocks {
		lv.scan(b)
	}
	return lv
}

func (lv *lives) scan(b *block) {
	f := lv.f
	mark := b.order + 1
	var live []val
	add := func(v val) bool {
		if lv.stamp[v] == mark {
			return false
		}
		lv.stamp[v] = mark
		live = append(live, v)
		return true
	}
	f.liveOut(b, func(v val) { add(v) })
	if b.handler != nil {
		for _, v := range b.handler.liveIn {
			lv.needY[v] = true
		}
	}
	bl := &lv.block[b.order]
	n := len(b.ins)
	bl.kills = make([][]val, n+1)
	bl.dead = make([]bool, n+1)
	spill := func(except val) {
		k := live[:0]
		for _, v := range live {
			if lv.stamp[v] != mark {
				continue
			}
			k = append(k, v)
			if v != except && !lv.needY[v] {
				lv.needY[v] = true
			}
			if v != except {
				lv.need[b.order] = true
			}
		}
		live = k
	}
	if b.val != 0 {
		bl.dead[n] = lv.stamp[b.val] != mark
		lv.stamp[b.val] = 0
	}
	if b.clobbersAtEnd() {
		spill(b.val)
	}
	if b.kind == tTry || b.kind == tCatch {
		lv.need[b.order] = true
		lv.needY[b.val] = true
	}
	for _, a := range b.args {
		if f.inRegister(a) && add(a) {
			bl.kills[n] = append(bl.kills[n], a)
		}
	}
	tail := f.tailCall(b)
	for i := n - 1; i >= 0; i-- {
		v := b.ins[i]
		d := &f.vals[v]
		bl.dead[i] = lv.stamp[v] != mark
		lv.stamp[v] = 0
		if d.clobbers() && i != tail {
			spill(v)
		}
		if d.wantsFrame() && i != tail {
			lv.need[b.order] = true
		}
		for _, a := range d.args {
			if f.inRegister(a) && add(a) {
				bl.kills[i] = append(bl.kills[i], a)
			}
		}
	}
}
