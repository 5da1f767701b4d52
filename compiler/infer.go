package compiler

import (
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/term"
)

// Types across functions. What calls give to functions that only the module itself can call flows into their
// parameters, what functions return flows back; both start from nothing and grow until nothing changes. Then every function is
// looked at once more with what has been found: tests whose outcome is certain go, and arithmetic and tests are
// annotated with the types of their operands.

// inference is the state over all functions of the module.
type inference struct {
	m    *module
	fns  map[*fn]*fnTypes
	work []*fn
	nifs bool // any function may be replaced
}

// fnTypes is what is known of a function so far.
type fnTypes struct {
	params  []typ
	result  typ
	callers map[*fn]bool
	order   []*fn // the same in the order in which they were found
	queued  bool
	visits  int
	doms    []domChild
	flow    *flow
}

// After some visits bounds that still move are given up, after more of them everything is.
const (
	widenAfter = 3
	endAfter   = 12
)

// inferTypes is the pass.
func (m *module) inferTypes() {
	in := &inference{m: m, fns: map[*fn]*fnTypes{}, nifs: m.hasNifs()}
	for _, f := range m.fns {
		f.prune()
		t := &fnTypes{params: make([]typ, len(f.params)), callers: map[*fn]bool{}}
		if in.nifs {
			t.result = tAny
		}
		in.fns[f] = t
	}
	for _, f := range m.fns {
		if in.nifs || m.visible(f) {
			in.give(f, nil, 0)
		}
	}
	for len(in.work) > 0 {
		f := in.work[0]
		in.work = in.work[1:]
		t := in.fns[f]
		t.queued = false
		t.visits++
		in.analyse(f, t, false)
	}
	for _, f := range m.fns {
		if t := in.fns[f]; t.visits > 0 {
			in.analyse(f, t, true)
			f.prune()
			f.simplifyPhis()
			f.forward()
			f.mergeBlocks()
		}
	}
}

func (in *inference) enqueue(f *fn) {
	if t := in.fns[f]; !t.queued {
		t.queued = true
		in.work = append(in.work, f)
	}
}

// give lets types flow into the parameters of f from the one with number from on; those beyond the types given, and all in
// front, can be anything.
func (in *inference) give(f *fn, args []typ, from int) {
	t := in.fns[f]
	changed := t.visits == 0 && !t.queued
	for i := range t.params {
		n := tAny
		if k := i - from; k >= 0 && k < len(args) {
			n = args[k]
		}
		if n.never() {
			n = tAny
		}
		var r typ
		switch {
		case t.visits >= endAfter:
			if r = t.params[i].or(n); r != t.params[i] {
				r = tAny
			}
		case t.visits >= widenAfter:
			r = t.params[i].widen(n)
		default:
			r = t.params[i].or(n)
		}
		if r != t.params[i] {
			t.params[i] = r
			changed = true
		}
	}
	if changed {
		in.enqueue(f)
	}
}

// returns notes what f can return.
func (in *inference) returns(f *fn, r typ) {
	t := in.fns[f]
	n := t.result.or(r)
	if t.visits >= widenAfter {
		n = t.result.widen(r)
	}
	if t.visits >= endAfter && n != t.result {
		n = tAny
	}
	if n == t.result {
		return
	}
	t.result = n
	for _, c := range t.order {
		in.enqueue(c)
	}
}

func (in *inference) analyse(f *fn, t *fnTypes, final bool) {
	if t.flow == nil {
		t.flow = &flow{in: in, f: f, cur: make([]typ, len(f.vals)), ways: make([]int32, len(f.blocks)), entry: make([][2]fact, len(f.blocks))}
		t.doms = f.dominated()
	}
	w := t.flow
	clear(w.cur)
	clear(w.ways)
	w.final, w.result = final, typ{}
	w.undo = w.undo[:0]
	w.run(t)
	if final {
		if !in.nifs && !in.m.visible(f) {
			f.paramTypes = t.params
		}
		w.rewrite()
	} else {
		in.returns(f, w.result)
	}
}

// domChild links the blocks that a block dominates immediately, in reverse postorder.
type domChild struct{ first, last, next int32 }

// dominated computes the tree of dominators. Code has no loops but those of receive, whose way back leads to a
// block that dominates it; so one walk in reverse postorder is enough.
func (f *fn) dominated() []domChild {
	n := len(f.blocks)
	idom := make([]int32, n)
	tree := make([]domChild, n)
	for i := range tree {
		tree[i] = domChild{-1, -1, -1}
	}
	for i := 1; i < n; i++ {
		d := int32(-1)
		for _, p := range f.blocks[i].preds {
			q := p.order
			if int(q) >= i {
				continue
			}
			if d < 0 {
				d = q
				continue
			}
			for d != q {
				if d > q {
					d = idom[d]
				} else {
					q = idom[q]
				}
			}
		}
		if d < 0 {
			d = 0
		}
		idom[i] = d
		if t := &tree[d]; t.first < 0 {
			t.first, t.last = int32(i), int32(i)
		} else {
			tree[t.last].next = int32(i)
			t.last = int32(i)
		}
	}
	return tree
}

// flow is the walk through one function.
type flow struct {
	in     *inference
	f      *fn
	cur    []typ     // by value: its type at this point
	ways   []int32   // by block: how many ways into it are taken
	entry  [][2]fact // by block: what the first of them tells
	undo   []undone
	result typ
	final  bool
	edits  []edit
}

type undone struct {
	v val
	t typ
}

// edit is a change of the code, made after the walk.
type edit struct {
	b    *block
	to   int   // successor that is always taken; -1: the block ends after its instruction cut
	cut  int   // see to
	drop []int // successors that are never taken
}

// run walks the tree of dominators. What a test tells holds in the blocks that only it leads to, and is forgotten behind them.
func (w *flow) run(t *fnTypes) {
	f := w.f
	for i, p := range f.params {
		w.cur[p] = t.params[i]
	}
	for _, i := range f.ctxParams {
		w.cur[f.params[i]] = tAny
	}
	w.ways[0] = 2
	type item struct {
		b    int32
		mark int
		next int32
	}
	var stack []item
	enter := func(b int32) {
		mark := len(w.undo)
		if w.ways[b] > 0 {
			w.block(f.blocks[b])
			stack = append(stack, item{b, mark, t.doms[b].first})
		}
	}
	enter(0)
	for len(stack) > 0 {
		s := &stack[len(stack)-1]
		if s.next >= 0 {
			n := s.next
			s.next = t.doms[n].next
			enter(n)
			continue
		}
		for len(w.undo) > s.mark {
			u := w.undo[len(w.undo)-1]
			w.undo = w.undo[:len(w.undo)-1]
			w.cur[u.v] = u.t
		}
		stack = stack[:len(stack)-1]
	}
}

// typeOf is the type of a value here.
func (w *flow) typeOf(v val) typ {
	d := &w.f.vals[v]
	switch d.op {
	case opConst:
		return constType(d.lit)
	case opUndef:
		return tAny
	}
	if t := w.cur[v]; !t.never() {
		return t
	}
	return tAny
}

// learn refines the type of a value from here on.
func (w *flow) learn(v val, t typ) {
	d := &w.f.vals[v]
	if d.op == opConst || d.op == opUndef {
		return
	}
	old := w.cur[v]
	n := w.typeOf(v).and(t)
	if n.never() || n == old {
		return // code that nothing reaches, or that always fails: nothing more to say
	}
	w.undo = append(w.undo, undone{v, old})
	w.cur[v] = n
}

func (w *flow) types(vs []val) []typ {
	out := make([]typ, len(vs))
	for i, v := range vs {
		out[i] = w.typeOf(v)
	}
	return out
}

func (w *flow) block(b *block) {
	f := w.f
	if w.ways[b.order] == 1 {
		for _, r := range w.entry[b.order] {
			if r.v != 0 {
				w.learn(r.v, r.t)
			}
		}
	}
	if len(b.phis) > 0 {
		for _, p := range b.preds {
			if p.order >= b.order {
				for _, v := range b.phis {
					w.cur[v] = tAny
				}
			}
		}
	}
	for i, v := range b.ins {
		if !w.instr(v) {
			if w.final && !(i == len(b.ins)-1 && (b.kind == tUnreach || b.kind == tReturn && b.args[0] == v)) {
				w.edits = append(w.edits, edit{b: b, to: -1, cut: i})
			}
			return
		}
	}
	if b.val != 0 {
		w.cur[b.val] = w.terminal(b)
	}
	if b.kind == tReturn {
		w.result = w.result.or(w.typeOf(b.args[0]))
	}
	if w.final {
		w.annotate(b)
	}
	w.leave(f, b)
}

// leave goes over the ways on.
func (w *flow) leave(f *fn, b *block) {
	var drop []int
	taken := -1
	n := 0
	for i, s := range b.succs {
		rs, ok := w.outcome(b, i)
		if !ok {
			drop = append(drop, i)
			continue
		}
		n++
		taken = i
		w.ways[s.order]++
		w.entry[s.order] = rs
		for _, p := range s.phis {
			for k, q := range s.preds {
				if q != b {
					continue
				}
				a := f.vals[p].args[k]
				t := w.typeOf(a)
				for _, r := range rs {
					if r.v == a {
						if x := t.and(r.t); !x.never() {
							t = x
						}
					}
				}
				if f.vals[a].op == opUndef {
					t = tAny
				}
				w.cur[p] = w.cur[p].or(t)
			}
		}
	}
	if w.final && len(drop) > 0 {
		if n != 1 {
			taken = -1
		}
		w.edits = append(w.edits, edit{b: b, to: taken, drop: drop, cut: -1})
	}
}

// fact is what a way on tells of a value.
type fact struct {
	v val
	t typ
}

// instr gives a value its type; it reports whether the instruction can succeed.
func (w *flow) instr(v val) bool {
	f := w.f
	d := &f.vals[v]
	t := tAny
	switch d.op {
	case opCall:
		to := d.aux.(*funRef).fn
		if to == nil {
			break
		}
		in := w.in
		g := in.fns[to]
		if !w.final {
			if !g.callers[f] {
				g.callers[f] = true
				g.order = append(g.order, f)
			}
			if !in.nifs {
				in.give(to, w.types(d.args), 0)
			}
		}
		if t = g.result; t.never() {
			w.cur[v] = tAny
			return false
		}
		if w.final {
			if s, ok := t.forms(); ok {
				d.result = &s
			}
		}
	case opMakeFun:
		if to := d.aux.(*funRef).fn; to != nil && !w.final && !w.in.nifs {
			w.in.give(to, w.types(d.args), to.arity-len(d.args))
		}
		t = sort(beam.TypeFun)
	case opCallExt:
		m := d.aux.(mfa)
		t = callResult(m)
		if s, ok := t.forms(); ok && w.final {
			d.result = &s
		}
	case opBif, opGcBif:
		name := d.aux.(string)
		var want beam.TypeBits
		ts := w.types(d.args)
		if w.final {
			w.note(v, d.args, ts)
		}
		t, want = bifResult(name, ts)
		if want != 0 {
			for _, a := range d.args {
				w.learn(a, sort(want))
			}
		}
	case opCons:
		t = sort(beam.TypeCons)
	case opTuple:
		t = typ{bits: beam.TypeTuple, size: int32(len(d.args)), exact: true, tag: term.None}
		if len(d.args) > 0 {
			if a := &f.vals[d.args[0]]; a.op == opConst && a.lit.IsAtom() {
				t.tag = a.lit
			}
		}
	case opMapAssoc, opMapExact:
		t = sort(beam.TypeMap)
	case opElem:
		if x := w.typeOf(d.args[0]); d.n == 0 && x.is(beam.TypeTuple) && x.tag != term.None {
			t = constType(x.tag)
		}
	case opBsCreate, opBsTail, opInitWritable:
		t = sort(beam.TypeBitstring)
	case opFBox:
		t = tFloat
	case opStack:
		t = sort(typesList)
	case opLand:
		if d.n == 0 {
			t = typ{bits: beam.TypeAtom, atoms: atomsOf(term.Intern("throw"), term.Intern("error"), term.Intern("exit"))}
		}
	}
	w.cur[v] = t
	return true
}

// terminal gives the type of a terminator's result where it succeeds.
func (w *flow) terminal(b *block) typ {
	switch b.kind {
	case tBif, tGcBif:
		t, _ := bifResult(b.aux.(string), w.types(b.args))
		return t
	case tBsCreate:
		return sort(beam.TypeBitstring)
	case tBsGet:
		seg := b.aux.(*binSeg)
		switch seg.typ {
		case "integer":
			if len(b.args) < 2 {
				return tInteger
			}
			if n, ok := w.typeOf(b.args[1]).single(); ok && n.IsSmall() {
				if bits := n.Small() * seg.unit; bits >= 0 && bits < 62 {
					if seg.signed {
						return integers(-(int64(1)<<bits)>>1, int64(1)<<bits>>1)
					}
					return integers(0, int64(1)<<bits-1)
				}
			}
			return tInteger
		case "float":
			return tFloat
		case "utf8", "utf16", "utf32":
			return integers(0, 0x10FFFF)
		case "binary":
			return sort(beam.TypeBitstring)
		}
	}
	return tAny
}

// note keeps the types of operands for the code generator.
func (w *flow) note(v val, args []val, ts []typ) {
	if out := w.table(args, ts); out != nil {
		if w.f.argTypes == nil {
			w.f.argTypes = map[val][]beam.Type{}
		}
		w.f.argTypes[v] = out
	}
}

func (w *flow) annotate(b *block) {
	switch b.kind {
	case tBr:
		if _, ok := testOps[b.aux.(string)]; !ok {
			return // operands that must be literals
		}
		b.types = w.table(b.args, w.types(b.args))
	case tBif, tGcBif:
		b.types = w.table(b.args, w.types(b.args))
	}
}

// table gives entries of the type table, nil if none of them says anything.
func (w *flow) table(args []val, ts []typ) []beam.Type {
	var out []beam.Type
	for i, t := range ts {
		if e, ok := t.table(); ok && !w.f.isConst(args[i]) {
			if out == nil {
				out = make([]beam.Type, len(ts))
			}
			out[i] = e
		}
	}
	return out
}
