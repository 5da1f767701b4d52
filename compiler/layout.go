package compiler

import (
	"slices"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

// codegen assembles the module.
type codegen struct {
	m      *module
	b      *beam.Builder
	labels int // next free label
	lits   map[term.Term]beam.Arg
	flags  map[int]beam.Arg
	lines  map[diag.Pos]beam.Arg
	infos  map[*funRef]int // func_info labels; the entry label is one more
}

// funcInfoLabel stands for the label of the function's func_info until layout.
const funcInfoLabel = -1 << 40

func (g *codegen) newLabel() int {
	g.labels++
	return g.labels - 1
}

// info gives the func_info label of a function.
func (g *codegen) info(r *funRef) int {
	n := g.infos[r]
	if n == 0 {
		n = g.newLabel()
		g.newLabel()
		g.infos[r] = n
	}
	return n
}

func (g *codegen) entry(r *funRef) beam.Arg { return beam.Label(g.info(r) + 1) }

func (g *codegen) imp(mod, fun string, arity int) beam.Arg {
	return g.b.Import(term.Intern(mod), term.Intern(fun), arity)
}

func (g *codegen) lambda(r *funRef, nfree int) beam.Arg {
	return g.b.Lambda(term.Intern(r.name), r.arity, g.info(r)+1, nfree)
}

func (g *codegen) literal(t term.Term) beam.Arg {
	if t.IsImmediate() {
		return g.b.Literal(t)
	}
	a, ok := g.lits[t]
	if !ok {
		a = g.b.Literal(t)
		g.lits[t] = a
	}
	return a
}

// segFlags is the flags operand of a segment of bs_create_bin.
func (g *codegen) segFlags(s binSeg) beam.Arg {
	n := 0
	var ts []term.Term
	if s.native {
		n |= 4
		ts = append(ts, term.Intern("native"))
	}
	if s.little {
		n |= 2
		ts = append(ts, term.Intern("little"))
	}
	if s.signed {
		n |= 1
		ts = append(ts, term.Intern("signed"))
	}
	if n == 0 {
		return beam.Nil()
	}
	a, ok := g.flags[n]
	if !ok {
		a = g.b.Literal(g.m.heap.List(ts...))
		g.flags[n] = a
	}
	return a
}

func (g *codegen) lineOf(p diag.Pos) (beam.Arg, bool) {
	a, ok := g.lines[p]
	if !ok {
		pos := g.m.fset.Position(p)
		if pos.Line <= 0 {
			a = beam.Arg{}
		} else {
			file := pos.File
			if file == g.m.unit.Module+".erl" {
				file = ""
			}
			a = g.b.Line(file, pos.Line)
		}
		g.lines[p] = a
	}
	return a, a.Kind != beam.KindNone
}

// emitFunction generates a function.
func (g *codegen) emitFunction(f *fn) {
	a := g.allocate(f)
	info := g.info(f.ref)
	g.b.Emit(beam.OpLabel, beam.U(info))
	if n, ok := g.lineOf(f.pos); ok {
		g.b.Emit(beam.OpLine, n)
	} else {
		g.b.Emit(beam.OpLine, beam.U(0))
	}
	g.b.Emit(beam.OpFuncInfo, g.b.Atom(term.Intern(g.m.unit.Module)), g.b.Atom(term.Intern(f.name)), beam.U(f.arity))
	g.b.Emit(beam.OpLabel, beam.U(info+1))
	if l := g.m.unit.OnLoad; l != nil && l.Name == f.name && l.Arity == f.arity {
		g.b.Emit(beam.OpOnLoad)
	}
	for _, n := range f.ctxParams {
		g.b.Note(beam.Note{Reg: beam.X(n), Type: -1, Context: true})
	}
	for i, t := range f.paramTypes {
		if t, ok := t.form(); ok && !slices.Contains(f.ctxParams, i) {
			g.note(beam.X(i), t)
		}
	}
	lo := layout{g: g, a: a, f: f, info: info, label: make([]int, len(f.blocks)), placed: make([]bool, len(f.blocks)),
		refs: make([]bool, len(f.blocks)), jumps: make([]*block, len(f.blocks)), line: -1}
	lo.run()
}

// note tells OTP's validator what a register holds.
func (g *codegen) note(r beam.Arg, t typ) {
	n := beam.Note{Reg: r, Type: g.b.Type(beam.Type{Bits: t.bits}), Size: int(t.size), Exact: t.exact}
	if t.atoms.n > 0 {
		n.Atoms = t.atoms.a[:t.atoms.n]
	}
	g.b.Note(n)
}

// layout orders the blocks of a function and resolves labels.
type layout struct {
	g      *codegen
	a      *allocator
	f      *fn
	info   int
	label  []int
	placed []bool
	order  []*block
	refs   []bool   // by block: something refers to its label
	jumps  []*block // by block: where an explicit jump must go
	line   int
}

// target follows blocks that do nothing but jump on.
func (lo *layout) target(b *block) *block {
	for n := 0; n < 1000 && b.kind == tJump && len(lo.a.code[b.order]) == 0; n++ {
		b = b.succs[0]
	}
	return b
}

// funcClause reports whether b is nothing but the jump to func_info.
func (lo *layout) funcClause(b *block) bool {
	return b.kind == tFuncClause && len(lo.a.code[b.order]) == 1
}

// fall gives the block that b wants to be followed by.
func fall(b *block) *block {
	switch b.kind {
	case tJump, tBr, tBif, tGcBif, tMapGet, tRecordElem, tBsStart, tBsGet, tBsSkip, tBsTail, tBsUnit, tBsString, tBsCreate, tLoopRec, tTry, tCatch:
		return b.succs[0]
	case tWaitTime:
		return b.succs[1]
	}
	return nil
}

func (lo *layout) run() {
	lo.plan()
	lo.joinLookups()
	next := func(i int) *block {
		if i+1 < len(lo.order) {
			return lo.order[i+1]
		}
		return nil
	}
	for i, b := range lo.order {
		lo.settle(b, next(i))
	}
	for _, b := range lo.order {
		lo.emitBlock(b)
	}
}

// joinLookups makes one instruction of lookups in the same map that follow
// each other and fail alike.
func (lo *layout) joinLookups() {
	gone := map[*block]bool{}
	for _, b := range lo.order {
		if b.kind != tMapGet || gone[b] {
			continue
		}
		code := lo.a.code[b.order]
		in := &code[len(code)-1]
		for {
			n := lo.onlyAfter(b)
			if n == nil || n.kind != tMapGet || len(lo.a.code[n.order]) != 1 || lo.target(n.succs[1]) != lo.target(b.succs[1]) {
				break
			}
			more := lo.a.code[n.order][0].args
			src, key, dst := more[1], more[3], more[4]
			if !sameReg(src, in.args[1]) || key.IsReg() || in.args[3].IsReg() || writes(in.args[3:], src) || writes(in.args[3:], dst) || hasKey(in.args[3:], key) {
				break
			}
			in.args = append(in.args[:len(in.args):len(in.args)], key, dst)
			in.args[2] = beam.List(len(in.args) - 3)
			lo.a.code[n.order] = nil
			n.kind, n.succs = tJump, n.succs[:1]
			gone[n] = true
		}
	}
	if len(gone) > 0 {
		keep := lo.order[:0]
		for _, b := range lo.order {
			if !gone[b] {
				keep = append(keep, b)
			}
		}
		lo.order = keep
	}
}

// writes reports whether a list of keys and registers writes r; hasKey
// whether it has a key already.
func writes(pairs []beam.Arg, r beam.Arg) bool {
	for i := 1; i < len(pairs); i += 2 {
		if sameReg(pairs[i], r) {
			return true
		}
	}
	return false
}

func hasKey(pairs []beam.Arg, k beam.Arg) bool {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == k {
			return true
		}
	}
	return false
}

// onlyAfter gives the block that b goes on to if nothing else gets there.
func (lo *layout) onlyAfter(b *block) *block {
	n := b.succs[0]
	for {
		if len(n.preds) != 1 {
			return nil
		}
		if n.kind != tJump || len(lo.a.code[n.order]) > 0 {
			return n
		}
		n = n.succs[0]
	}
}

// settle decides how b goes on to the block it wants to be followed by, and
// notes which blocks need labels.
func (lo *layout) settle(b, next *block) {
	code := lo.a.code[b.order]
	if n := fall(b); n != nil {
		if n = lo.target(n); n != next {
			k := len(code) - 1
			inv, ok := beam.Op(0), false
			if b.kind == tBr {
				inv, ok = invert[code[k].op]
			}
			if ok && next != nil && lo.target(b.succs[1]) == next {
				code[k].op = inv
				code[k].args[0] = label(b.succs[0])
			} else {
				lo.jumps[b.order] = n
				lo.refs[n.order] = true
			}
		}
	}
	for _, in := range code {
		for _, a := range in.args {
			if a.Kind == beam.KindLabel && a.Val < 0 && a.Val != funcInfoLabel {
				lo.refs[lo.target(lo.f.blocks[-1-a.Val]).order] = true
			}
		}
	}
}

// plan chains blocks so that most ways on are falls through.
func (lo *layout) plan() {
	place := func(b *block) {
		for b != nil && !lo.placed[b.order] && !lo.funcClause(b) {
			lo.placed[b.order] = true
			lo.order = append(lo.order, b)
			n := fall(b)
			if n == nil {
				break
			}
			n = lo.target(n)
			if lo.placed[n.order] && b.kind == tBr {
				n = lo.target(b.succs[1])
			}
			b = n
		}
	}
	place(lo.target(lo.f.entry))
	if len(lo.order) == 0 && lo.funcClause(lo.target(lo.f.entry)) {
		b := lo.target(lo.f.entry)
		lo.placed[b.order] = true
		lo.order = append(lo.order, b)
	}
	for _, b := range lo.f.blocks {
		if !lo.placed[b.order] && lo.used(b) {
			place(b)
		}
	}
}

// used reports whether some placed or later block gets to b.
func (lo *layout) used(b *block) bool { return lo.target(b) == b && !lo.funcClause(b) }

// labelOf gives the label number of a block.
func (lo *layout) labelOf(b *block) int {
	b = lo.target(b)
	if lo.funcClause(b) && lo.placedFirst() != b {
		return lo.info
	}
	if lo.label[b.order] == 0 {
		lo.label[b.order] = lo.g.newLabel()
	}
	return lo.label[b.order]
}

func (lo *layout) placedFirst() *block { return lo.order[0] }

// invert gives the opposite test.
var invert = map[beam.Op]beam.Op{
	beam.OpIsLt: beam.OpIsGe, beam.OpIsGe: beam.OpIsLt, beam.OpIsEq: beam.OpIsNe, beam.OpIsNe: beam.OpIsEq,
	beam.OpIsEqExact: beam.OpIsNeExact, beam.OpIsNeExact: beam.OpIsEqExact,
}

func (lo *layout) emitBlock(b *block) {
	g := lo.g
	code := lo.a.code[b.order]
	if lo.refs[b.order] {
		g.b.Emit(beam.OpLabel, beam.U(lo.labelOf(b)))
	}
	r := lo.a.fr.region[b.order]
	size := lo.a.fr.size[r] + lo.a.fr.tags[r]
	trims := lo.trims(b, code, size)
	for i, in := range code {
		if len(trims) > 0 && trims[0].at == i {
			size -= trims[0].cut
			g.b.Emit(beam.OpTrim, beam.U(trims[0].cut), beam.U(size))
			shift(code[i:], trims[0].cut)
			trims = trims[1:]
		}
		lo.emit(in, code[i+1:], size)
	}
	if n := lo.jumps[b.order]; n != nil {
		g.b.Emit(beam.OpJump, beam.Label(lo.labelOf(n)))
	}
}

// trim is the place where a frame loses its first slots.
type trim struct{ at, cut int }

// trims finds the calls in front of which the frame can be cut: in code that ends the function, where only the slots at
// the end of the frame are used afterwards. A deep recursion takes less stack so.
func (lo *layout) trims(b *block, code []oins, size int) []trim {
	r := lo.a.fr.region[b.order]
	if len(b.succs) > 0 || b.handler != nil || size == 0 || lo.a.fr.tags[r] > 0 || !lo.a.fr.exit[b.order] {
		return nil
	}
	lowest := make([]int, len(code)+1) // lowest slot that is used from an instruction on
	lowest[len(code)] = size
	for i := len(code) - 1; i >= 0; i-- {
		lowest[i] = lowest[i+1]
		for _, a := range code[i].args {
			if a.Kind == beam.KindY {
				lowest[i] = min(lowest[i], int(a.Val))
			}
		}
	}
	var out []trim
	made, gone := lo.a.fr.entry[b.order], 0
	for i, in := range code {
		switch in.op {
		case beam.OpAllocate:
			made = true
		case beam.OpCall, beam.OpCallExt, beam.OpCallFun, beam.OpApply:
			if n := lowest[i+1]; made && n > gone {
				out = append(out, trim{i, n - gone})
				gone = n
			}
		}
	}
	return out
}

// shift renumbers the slots after a trim.
func shift(code []oins, n int) {
	for i := range code {
		for k := range code[i].args {
			if code[i].args[k].Kind == beam.KindY {
				code[i].args[k].Val -= int64(n)
			}
		}
	}
}

func (lo *layout) emit(in oins, rest []oins, size int) {
	g := lo.g
	switch in.op {
	case beam.OpLine:
		if in.args[0].N() == lo.line {
			return
		}
		lo.line = in.args[0].N()
	case opNote:
		g.note(in.args[0], lo.a.notes[in.args[1].N()])
		return
	case beam.OpAllocate:
		in.args[0] = beam.U(size)
		g.b.Emit(in.op, in.args...)
		if ys := uninitialised(rest, size); len(ys) > 0 {
			g.b.Emit(beam.OpInitYregs, append([]beam.Arg{beam.List(len(ys))}, ys...)...)
		}
		return
	case beam.OpDeallocate:
		in.args[0] = beam.U(size)
	case beam.OpCallLast, beam.OpCallExtLast:
		in.args[2] = beam.U(size)
	case beam.OpApplyLast:
		in.args[1] = beam.U(size)
	case beam.OpTestHeap:
		w, fl, fu := in.args[0].Need()
		if fl == 0 && fu == 0 {
			in.args[0] = beam.U(w)
		}
	}
	for i, a := range in.args {
		if a.Kind == beam.KindY && a.Val >= tagBase {
			in.args[i].Val = int64(size) - 1 - (a.Val - tagBase)
			continue
		}
		if a.Kind != beam.KindLabel || a.Val >= 0 {
			continue
		}
		if a.Val == funcInfoLabel {
			in.args[i] = beam.Label(lo.info)
		} else {
			in.args[i] = beam.Label(lo.labelOf(lo.f.blocks[-1-a.Val]))
		}
	}
	g.b.Emit(in.op, in.args...)
}

// uninitialised lists the Y registers that the code after an allocate does not
// write before something could look at them.
func uninitialised(code []oins, size int) []beam.Arg {
	if size == 0 {
		return nil
	}
	set := make([]bool, size)
	write := func(a beam.Arg) {
		if a.Kind == beam.KindY {
			set[a.Val] = true
		}
	}
scan:
	for _, in := range code {
		switch in.op {
		case beam.OpMove:
			write(in.args[1])
		case beam.OpGetList:
			write(in.args[1])
			write(in.args[2])
		case beam.OpGetHd, beam.OpGetTl:
			write(in.args[1])
		case beam.OpGetTupleElement:
			write(in.args[2])
		case beam.OpLine, opNote:
		default:
			break scan
		}
	}
	var out []beam.Arg
	for i, ok := range set {
		if !ok {
			out = append(out, beam.Y(i))
		}
	}
	return out
}
