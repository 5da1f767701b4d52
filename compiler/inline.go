package compiler

import (
	"fmt"

	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/term"
)

// Inlining: the body of a function takes the place of a call of it. -compile({inline, [F/A]}) names the functions;
// -compile(inline) takes all that are small enough, {inline_size, N} says how small. Functions that can call themselves, even
// through others, stay functions, and so do those that receive. Instructions keep the positions of the source, so that exceptions
// name the right line, but the called function is missing from stack traces. As in OTP, an argument that no
// clause takes is reported by a function '-inlined-NAME/ARITY-', which gets the arguments of the call that is gone.

// defaultInlineSize is OTP's; it counts operations and their operands there and here.
const defaultInlineSize = 24

// inliner is the state of the pass.
type inliner struct {
	m     *module
	named map[lint.FunKey]bool
	auto  bool
	size  int
	ready map[*fn]bool // functions that have been worked on; only their bodies are copied
	busy  map[*fn]bool // functions that are being worked on: who calls one of them may be recursive
	loops map[*fn]bool // functions that can call themselves
	fails map[*funRef]*funRef
	some  bool
}

// inline is the pass. Callees come before callers, so that what is copied is already complete.
func (m *module) inline() {
	in := &inliner{m: m, named: map[lint.FunKey]bool{}, size: defaultInlineSize, ready: map[*fn]bool{}, busy: map[*fn]bool{},
		fails: map[*funRef]*funRef{}}
	in.options()
	if !in.auto && len(in.named) == 0 {
		return
	}
	in.findLoops()
	for _, f := range append([]*fn(nil), m.fns...) {
		in.visit(f)
	}
	if in.some {
		m.dropUncalled()
	}
}

// options reads the module's options and those of the command.
func (in *inliner) options() {
	in.auto = in.m.opts.Lint.Flags["inline"]
	for _, o := range in.m.unit.CompileOptions {
		t, ok := in.m.constant(o)
		if !ok {
			continue
		}
		if !t.IsList() {
			in.option(t)
		}
		for ; t.IsCons(); t = t.Tail() {
			in.option(t.Head())
		}
	}
}

func (in *inliner) option(t term.Term) {
	if t == term.Intern("inline") {
		in.auto = true
	}
	if !t.TupleOf(2) {
		return
	}
	v := t.Elem(1)
	switch t.Elem(0) {
	case term.Intern("inline_size"):
		if v.IsSmall() {
			in.size = v.Small()
		}
	case term.Intern("inline"):
		in.name(v)
		for ; v.IsCons(); v = v.Tail() {
			in.name(v.Head())
		}
	}
}

func (in *inliner) name(t term.Term) {
	if t.TupleOf(2) && t.Elem(0).IsAtom() && t.Elem(1).IsSmall() {
		in.named[lint.FunKey{Name: t.Elem(0).AtomName(), Arity: t.Elem(1).Small()}] = true
	}
}

// callees gives the functions of the module that f calls, not those it makes funs of.
func (f *fn) callees(visit func(*fn)) {
	for _, b := range f.blocks {
		for _, v := range b.ins {
			if d := &f.vals[v]; d.op == opCall {
				if to := d.aux.(*funRef).fn; to != nil {
					visit(to)
				}
			}
		}
	}
}

// findLoops finds the functions that can call themselves: those of the strongly connected parts of the graph of calls that
// have more than one member, and those that call themselves at once.
func (in *inliner) findLoops() {
	in.loops = map[*fn]bool{}
	num, low := map[*fn]int{}, map[*fn]int{}
	on := map[*fn]bool{}
	var stack []*fn
	type frame struct {
		f    *fn
		next []*fn
	}
	calls := func(f *fn) []*fn {
		var out []*fn
		f.callees(func(to *fn) {
			if to == f {
				in.loops[f] = true
			}
			out = append(out, to)
		})
		return out
	}
	n := 0
	for _, root := range in.m.fns {
		if num[root] != 0 {
			continue
		}
		var work []frame
		enter := func(f *fn) {
			n++
			num[f], low[f] = n, n
			stack, on[f] = append(stack, f), true
			work = append(work, frame{f, calls(f)})
		}
		enter(root)
		for len(work) > 0 {
			w := &work[len(work)-1]
			f := w.f
			if len(w.next) > 0 {
				to := w.next[0]
				w.next = w.next[1:]
				if num[to] == 0 {
					enter(to)
				} else if on[to] {
					low[f] = min(low[f], num[to])
				}
				continue
			}
			work = work[:len(work)-1]
			if len(work) > 0 {
				p := work[len(work)-1].f
				low[p] = min(low[p], low[f])
			}
			if low[f] != num[f] {
				continue
			}
			many := stack[len(stack)-1] != f
			for {
				g := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				on[g] = false
				if many {
					in.loops[g] = true
				}
				if g == f {
					break
				}
			}
		}
	}
}

// visit works on the functions that f calls, then on f. The depth of calls is bounded by an explicit stack.
func (in *inliner) visit(f *fn) {
	type frame struct {
		f    *fn
		next []*fn
	}
	var work []frame
	enter := func(f *fn) {
		if in.ready[f] || in.busy[f] {
			return
		}
		in.busy[f] = true
		var next []*fn
		f.callees(func(to *fn) { next = append(next, to) })
		work = append(work, frame{f, next})
	}
	enter(f)
	for len(work) > 0 {
		w := &work[len(work)-1]
		if len(w.next) > 0 {
			to := w.next[0]
			w.next = w.next[1:]
			enter(to)
			continue
		}
		f := w.f
		work = work[:len(work)-1]
		in.into(f)
		in.ready[f], in.busy[f] = true, false
	}
}

// weight counts operations and operands.
func (f *fn) weight() int {
	n := 0
	for _, b := range f.blocks {
		for _, v := range b.ins {
			n += 1 + len(f.vals[v].args)
		}
		if b.kind != tJump && b.kind != tFuncClause {
			n += 1 + len(b.args)
		}
	}
	return n
}

// inlinable reports whether calls of f are to be replaced.
func (in *inliner) inlinable(f *fn) bool {
	k := lint.FunKey{Name: f.name, Arity: f.arity}
	u := in.m.unit
	switch {
	case !in.ready[f] || in.loops[f] || u.Nifs[k] || u.OnLoad != nil && *u.OnLoad == k:
		return false
	case in.m.refs[k] == f.ref && in.named[k]:
	case !in.auto || f.weight() > in.size:
		return false
	}
	for _, b := range f.blocks {
		switch b.kind {
		case tLoopRec, tWait, tWaitTime, tRecEnd:
			return false
		case tFuncClause:
			if f.nfree > 0 {
				return false
			}
		}
	}
	return true
}

// growth bounds what automatic inlining adds to a function.
const growth = 40

// into replaces calls in f.
func (in *inliner) into(f *fn) {
	room := growth * in.size
	changed := false
	for _, b := range f.blocks {
		b.mark = false
	}
	for i := 0; i < len(f.blocks); i++ { // the blocks that are added are looked at too, the copied ones are complete
		b := f.blocks[i]
		if b.mark {
			continue
		}
		for k, v := range b.ins {
			d := &f.vals[v]
			if d.op != opCall {
				continue
			}
			to := d.aux.(*funRef).fn
			if to == nil || to == f || len(d.args) != to.arity || !in.inlinable(to) {
				continue
			}
			if !in.named[lint.FunKey{Name: to.name, Arity: to.arity}] {
				if room -= to.weight(); room < 0 {
					continue
				}
			}
			in.copyInto(f, b, k, to)
			changed, in.some = true, true
			break // the rest of the block is a block of its own now
		}
	}
	if changed {
		in.m.runPasses(f, passes)
	}
}

// copyInto replaces the call that is instruction k of block b by the body of callee.
func (in *inliner) copyInto(f *fn, b *block, k int, callee *fn) {
	call := b.ins[k]
	args := f.vals[call].args
	rest := f.splitAt(b, k)
	vals := make([]val, len(callee.vals))
	for i, p := range callee.params {
		vals[p] = args[i]
	}
	blocks := make(map[*block]*block, len(callee.blocks))
	for _, o := range callee.blocks {
		c := f.newBlock(b.handler)
		c.mark = true
		blocks[o] = c
	}
	get := func(v val) val {
		if v == 0 || vals[v] != 0 {
			return vals[v]
		}
		d := callee.vals[v]
		switch {
		case d.op == opConst && d.lit.IsImmediate():
			vals[v] = f.konst(d.lit)
		default:
			d.args = nil // filled in below, when all values have numbers
			if d.blk != nil {
				d.blk = blocks[d.blk]
			}
			vals[v] = f.newVal(d)
		}
		return vals[v]
	}
	list := func(vs []val) []val {
		out := make([]val, len(vs))
		for i, v := range vs {
			out[i] = get(v)
		}
		return out
	}
	var ends []val
	for _, o := range callee.blocks {
		c := blocks[o]
		c.kind, c.aux, c.n, c.pos, c.cases = o.kind, o.aux, o.n, o.pos, o.cases
		if o.handler != nil {
			c.handler = blocks[o.handler]
		}
		if c.tag = b.tag; o.tag != 0 {
			c.tag = get(o.tag)
		}
		c.val = get(o.val)
		c.args = list(o.args)
		c.aux = copiedAux(o.aux, get)
		for _, p := range o.preds {
			c.preds = append(c.preds, blocks[p])
		}
		for _, s := range o.succs {
			c.succs = append(c.succs, blocks[s])
		}
		for _, part := range []struct {
			from []val
			to   *[]val
		}{{o.phis, &c.phis}, {o.ins, &c.ins}} {
			for _, v := range part.from {
				n := get(v)
				as := list(callee.vals[v].args)
				f.vals[n].args = as
				f.vals[n].aux = copiedAux(callee.vals[v].aux, get)
				*part.to = append(*part.to, n)
			}
		}
		switch o.kind {
		case tReturn:
			ends = append(ends, c.args[0])
			c.kind, c.args = tJump, nil
			edge(c, rest)
		case tFuncClause:
			f.add(c, value{op: opCall, aux: in.noClause(callee), args: c.args, pos: callee.pos})
			c.kind, c.args = tUnreach, nil
		}
	}
	start := blocks[callee.entry]
	b.kind, b.args, b.aux, b.n, b.cases, b.val, b.succs = tJump, nil, nil, 0, nil, 0, nil
	edge(b, start)
	if len(ends) == 0 {
		ends = append(ends, f.newVal(value{op: opUndef})) // nothing gets there
	}
	result := ends[0]
	if len(ends) > 1 {
		result = f.phi(rest, ends)
	}
	to := make([]val, len(f.vals))
	to[call] = result
	f.substitute(to)
}

func copiedAux(aux any, get func(val) val) any {
	switch x := aux.(type) {
	case []binSeg:
		segs := append([]binSeg(nil), x...)
		for i := range segs {
			segs[i].value, segs[i].size = get(segs[i].value), get(segs[i].size)
		}
		return segs
	case *binSeg:
		seg := *x
		return &seg
	}
	return aux
}

// splitAt ends block b in front of its instruction k, which is dropped; what follows becomes a block of its own.
func (f *fn) splitAt(b *block, k int) *block {
	rest := f.newBlock(b.handler)
	rest.tag = b.tag
	rest.ins = append(rest.ins, b.ins[k+1:]...)
	b.ins = b.ins[:k:k]
	for _, v := range rest.ins {
		f.vals[v].blk = rest
	}
	rest.kind, rest.args, rest.aux, rest.n, rest.val, rest.cases, rest.pos = b.kind, b.args, b.aux, b.n, b.val, b.cases, b.pos
	if rest.val != 0 {
		f.vals[rest.val].blk = rest
	}
	rest.succs = b.succs
	rest.follows(b)
	return rest
}

// noClause gives the function that reports that no clause of an inlined function takes the arguments.
func (in *inliner) noClause(callee *fn) *funRef {
	if r := in.fails[callee.ref]; r != nil {
		return r
	}
	name := fmt.Sprintf("-inlined-%s/%d-", callee.name, callee.arity)
	f := newFn(name, callee.arity, callee.pos)
	f.ref = in.m.ref(name, callee.arity)
	f.ref.fn = f
	l := &lower{m: in.m, f: f, cur: f.entry, env: map[string]val{}}
	l.params(f.arity)
	l.term(block{kind: tFuncClause, args: append([]val(nil), f.params...), pos: f.pos})
	in.m.fns = append(in.m.fns, f)
	in.fails[callee.ref] = f.ref
	in.ready[f], in.loops[f] = true, true
	return f.ref
}

// dropUncalled removes functions that nothing refers to any more.
func (m *module) dropUncalled() {
	if m.hasNifs() {
		return
	}
	live := map[*fn]bool{}
	var work []*fn
	keep := func(f *fn) {
		if f != nil && !live[f] {
			live[f] = true
			work = append(work, f)
		}
	}
	for _, f := range m.fns {
		if m.visible(f) {
			keep(f)
		}
	}
	for len(work) > 0 {
		f := work[len(work)-1]
		work = work[:len(work)-1]
		for _, b := range f.blocks {
			for _, v := range b.ins {
				if r, ok := f.vals[v].aux.(*funRef); ok {
					keep(r.fn)
				}
			}
		}
	}
	fns := m.fns[:0]
	for _, f := range m.fns {
		if live[f] {
			fns = append(fns, f)
		}
	}
	m.fns = fns
}

// visible reports whether others than the module's own code can call f.
func (m *module) visible(f *fn) bool {
	k := lint.FunKey{Name: f.name, Arity: f.arity}
	if m.refs[k] != f.ref {
		return false
	}
	return f.name == "module_info" || f.name == "behaviour_info" && f.arity == 1 || m.unit.IsExported(k) || m.unit.Nifs[k] ||
		m.unit.OnLoad != nil && *m.unit.OnLoad == k
}

// hasNifs reports whether functions of the module may be replaced by native ones at run time.
func (m *module) hasNifs() bool {
	if len(m.unit.Nifs) > 0 {
		return true
	}
	for _, f := range m.fns {
		for i := range f.vals {
			if x, ok := f.vals[i].aux.(mfa); ok && x.mod == "erlang" && x.fun == "load_nif" {
				return true
			}
		}
	}
	return false
}
