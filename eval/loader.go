package eval

import (
	"fmt"
	"sort"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/term"
)

// loader turns the generic instructions of one module into specialised ones. Nothing becomes visible to processes
// before CodeServer.commit.
type loader struct {
	asm
	cs                      *CodeServer
	m                       *beam.Module
	proof                   *beam.Proof
	literals                []term.Term            // by index of the module's literal table
	integers                map[beam.Arg]term.Term // constants that are no small integers
	area                    *term.LiteralArea      // where literals and integers lie
	files                   []term.Term            // names of the source files, for stack traces
	strings                 uintptr                // copy of the string table
	records                 map[term.Term]*recordDef
	attributes, compileInfo term.Term
	funs                    []*term.FunEntry
	lines                   []lineMark
	funcs                   []funcMark
	bodies                  map[int]uint64 // entry label of a function that is a BIF -> its export slot
	onLoad                  int            // byte offset of the -on_load function, -1
	noShort                 bool           // 16-bit displacements did not reach: emit none
	i                       int            // index of the current instruction
	fun                     beam.Func
}

// Lines and functions by code offset in bytes, ascending.
type lineMark struct {
	off  uint32
	item uint32 // in Module.Lines.Items, 0 for none
}

type funcMark struct {
	off   uint32
	arity uint32
	name  term.Term
	entry uint32
}

// load emits the whole module. It gives an error for a module that it cannot load.
func (l *loader) load() (err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(loadError)
			if !ok {
				e = loadError(fmt.Sprint("internal error: ", r))
			}
			err = fmt.Errorf("%w (module %s, instruction %d: %s)", e, l.m.Name.AtomName(), l.i, l.m.Code[l.i].Op)
		}
	}()
	for range l.m.Labels {
		l.labels = append(l.labels, -1)
	}
	l.onLoad = -1
	for _, f := range l.m.Funcs {
		l.fun = f
		l.function(f)
	}
	return nil
}

func (l *loader) function(f beam.Func) {
	l.funcs = append(l.funcs, funcMark{off: uint32(l.here()), arity: uint32(f.Arity), name: f.Name})
	mark := len(l.funcs) - 1
	entered := false
	for l.i = f.Start; l.i < f.End; l.i++ {
		in := l.m.Code[l.i]
		if in.Op == beam.OpLabel {
			n := in.Args[0].N()
			if nx, _, ok := l.next(l.i); ok && nx.Op == beam.OpLoopRec && entered && l.here() == int(l.funcs[mark].entry) {
				l.must(famJump, label(n)) // who goes on in the loop does not call the function: a trace would tell so
			}
			l.labels[n] = l.here()
			if n == f.Entry && !entered {
				entered = true
				l.funcs[mark].entry = uint32(l.here())
				if e, ok := l.bodies[n]; ok {
					// The function is a BIF: whoever calls it, also from inside the module, gets the Go function.
					l.must(famBifBody, num(f.Arity), raw(e))
				}
			}
			continue
		}
		if l.cs.vm.Debug.Trace != nil && in.Op != beam.OpLine && in.Op != beam.OpFuncInfo {
			l.slow(slowTrace)
		}
		if !l.sure(l.i) {
			if l.unproved(in) {
				continue
			}
		}
		l.instr(in)
	}
}

// sure reports whether the types that instruction i of the module relies on are proved.
func (l *loader) sure(i int) bool { return l.proof == nil || l.proof.Proved(i) }

// unproved emits what makes an instruction safe whose operand types are not proved: a check in front of it, or (true)
// another form of it. Instructions that are not named here check their operands anyway.
func (l *loader) unproved(in beam.Instr) bool {
	a := in.Args
	switch in.Op {
	case beam.OpGetList, beam.OpGetHd, beam.OpGetTl:
		l.must(famCheckCons, l.opd(a[0]))
	case beam.OpGetTupleElement:
		l.must(famCheckTuple, l.opd(a[0]), num(a[1].N()+1))
	case beam.OpSetTupleElement:
		l.must(famCheckTuple, l.opd(a[1]), num(a[2].N()+1))
	case beam.OpBsGetInteger2, beam.OpBsGetFloat2, beam.OpBsGetBinary2, beam.OpBsSkipBits2, beam.OpBsTestTail2,
		beam.OpBsTestUnit, beam.OpBsMatchString, beam.OpBsGetUtf8, beam.OpBsGetUtf16, beam.OpBsGetUtf32, beam.OpBsSkipUtf8,
		beam.OpBsSkipUtf16, beam.OpBsSkipUtf32, beam.OpBsMatch:
		l.slow(slowCheckMatch, l.opd(a[1]))
	case beam.OpBsGetTail, beam.OpBsGetPosition, beam.OpBsSetPosition:
		l.slow(slowCheckMatch, l.opd(a[0]))
	case beam.OpCallExtLast, beam.OpCallExtOnly:
		// A function that never returns; the frame may not be what the instruction says.
		slot, _ := l.imp(a[1])
		if isBIF(slot) {
			l.must(famCallBif, num(a[0].N()), raw(slot))
		} else {
			l.must(famCallExt, num(a[0].N()), raw(slot))
		}
		l.slow(slowFail, raw(uint64(term.AtomBadarg)))
		return true
	}
	return false
}

// makeLiterals copies the module's literals, and the integer operands that are not small, into an area of their own.
func (l *loader) makeLiterals() {
	arena := term.NewArena()
	defer arena.Free()
	terms := append([]term.Term(nil), l.m.Literals...)
	var keys []beam.Arg
	l.integers = map[beam.Arg]term.Term{}
	for _, in := range l.m.Code {
		for _, a := range in.Args {
			var t term.Term
			switch {
			case a.Kind == beam.KindBig:
				t = arena.BigInt(l.m.Bigs[a.Val])
			case a.Kind == beam.KindInt && !term.FitsSmall(a.Val):
				t = arena.Int64(a.Val)
			default:
				continue
			}
			if _, ok := l.integers[a]; !ok {
				l.integers[a] = term.None
				keys = append(keys, a)
				terms = append(terms, t)
			}
		}
	}
	first := len(terms)
	for _, f := range l.m.Lines.Files {
		if f == "" { // forms without a file attribute
			f = l.m.Lines.Files[0]
		}
		terms = append(terms, arena.Chars(f))
	}
	info := len(terms)
	for _, t := range []term.Term{l.m.Attributes, l.m.CompileInfo} {
		if t == term.None {
			t = term.Nil
		}
		terms = append(terms, t)
	}
	records := len(terms)
	terms = append(terms, l.recordTerms(arena)...)
	l.area = term.CopyLiterals(terms)
	l.files = terms[first:info:info]
	l.attributes, l.compileInfo = terms[info], terms[info+1]
	l.setRecords(terms[records:])
	l.linkExports(terms)
	n := len(l.m.Literals)
	l.literals = terms[:n:n]
	for i, k := range keys {
		l.integers[k] = terms[n+i]
	}
	if len(l.m.Strings) > 0 {
		l.strings = term.NewCode((len(l.m.Strings) + 7) / 8)
		copyCode(l.strings, l.m.Strings)
	}
}

// linkExports points the external funs inside literals at this node's export slots.
func (l *loader) linkExports(terms []term.Term) {
	todo := append([]term.Term(nil), terms...)
	for len(todo) > 0 {
		t := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch {
		case t.IsCons():
			todo = append(todo, t.Head(), t.Tail())
		case t.IsTuple():
			for i := 0; i < t.Arity(); i++ {
				todo = append(todo, t.Elem(i))
			}
		case t.IsMap():
			term.MapEach(t, func(k, v term.Term) bool { todo = append(todo, k, v); return true })
		case t.IsSub(term.SubExport):
			e := t.ExportOf()
			t.SetWord(1, uint64(l.cs.exportAddr(e.Module, e.Function, int(e.Arity))))
		}
	}
}

// line records the source position for the code that follows.
func (l *loader) line(item int) {
	l.lines = append(l.lines, lineMark{uint32(l.here()), uint32(item)})
}

// next gives the instruction after i that belongs to the same basic block, passing over line instructions, and its
// index; ok is false at a label or at the end of the function.
func (l *loader) next(i int) (in beam.Instr, at int, ok bool) {
	for i++; i < l.fun.End; i++ {
		in = l.m.Code[i]
		switch in.Op {
		case beam.OpLine:
			continue
		case beam.OpLabel:
			return in, i, false
		}
		return in, i, true
	}
	return in, i, false
}

// skipTo makes instruction at the last one that is done: those up to it are part of the one just emitted. Source
// positions between them count for all of it.
func (l *loader) skipTo(at, start int) {
	for k := l.i + 1; k <= at; k++ {
		if in := l.m.Code[k]; in.Op == beam.OpLine {
			l.lines = append(l.lines, lineMark{uint32(start), uint32(in.Args[0].N())})
		}
	}
	l.i = at
}

// heapNeed is the number of bytes that a heap need asks for.
func heapNeed(a beam.Arg) int {
	words, floats, funs := a.Need()
	return (words + 2*floats + funWords*funs) * wordBytes
}

// funWords is the size of a closure without its free variables.
const funWords = 3

// room is the operand for the space test: bytes and the reserve.
func room(bytes int) opd { return num(bytes + reserveBytes) }

// imp gives the export slot of an import.
func (l *loader) imp(a beam.Arg) (uint64, beam.Import) {
	i := l.m.Imports[a.N()]
	return uint64(l.cs.exportAddr(i.Module, i.Name, i.Arity)), i
}

// isBIF reports whether a slot is one that a Go function serves.
func isBIF(slot uint64) bool { return exportAt(uintptr(slot)).BIF != 0 }

// sortedPairs gives the (value, label) pairs of a select list in the order of their words.
func (l *loader) pairs(list []beam.Arg) (vals []uint64, labels []int) {
	type pair struct {
		v uint64
		l int
	}
	var ps []pair
	for i := 0; i+1 < len(list); i += 2 {
		ps = append(ps, pair{uint64(l.constant(list[i])), list[i+1].N()})
	}
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].v < ps[j].v })
	for _, p := range ps {
		vals = append(vals, p.v)
		labels = append(labels, p.l)
	}
	return vals, labels
}

// displacement appends a 64-bit displacement to a label, relative to the instruction at start.
func (l *loader) displacement(start, lab int) {
	l.fixups = append(l.fixups, fixup{l.here(), start, lab, 'q'})
	l.word(0)
}

const (
	linearMax = 6 // longest list that is searched from the front
	tableFill = 3 // a table may be this many times as long as it has values
)

// selectVal emits a multi-way branch.
func (l *loader) selectVal(src beam.Arg, fail int, list []beam.Arg) {
	vals, labels := l.pairs(list)
	immediate, small := true, true
	for _, v := range vals {
		immediate = immediate && term.Term(v).IsImmediate()
		small = small && term.Term(v).IsSmall()
	}
	s := l.opd(src)
	if s.kind == 'c' || !immediate {
		args := []opd{s, label(fail)}
		for i := 0; i+1 < len(list); i += 2 {
			args = append(args, l.opd(list[i]), l.opd(list[i+1]))
		}
		l.slow(slowSelect, args...)
		return
	}
	start := l.here()
	n := len(vals)
	if small && n > 3 {
		lo, hi := term.Term(vals[0]).Small(), term.Term(vals[0]).Small()
		for _, v := range vals {
			lo, hi = min(lo, term.Term(v).Small()), max(hi, term.Term(v).Small())
		}
		if span := hi - lo; span >= 0 && span < tableFill*n {
			l.must(famSelectTable, s, raw(uint64(lo)), num(span+1), label(fail))
			slots := make([]int, span+1)
			for i := range slots {
				slots[i] = fail
			}
			for i, v := range vals {
				slots[term.Term(v).Small()-lo] = labels[i]
			}
			for _, lab := range slots {
				l.displacement(start, lab)
			}
			return
		}
	}
	if n <= linearMax {
		l.must(famSelectLinear, s, num(n), label(fail))
	} else {
		l.must(famSelectBinary, s, num(n), label(fail))
	}
	for i, v := range vals {
		l.word(v)
		l.displacement(start, labels[i])
	}
}

func (l *loader) selectArity(src beam.Arg, fail int, list []beam.Arg) {
	s := l.opd(src)
	if s.kind == 'c' {
		args := []opd{s, label(fail)}
		for i := 0; i+1 < len(list); i += 2 {
			args = append(args, raw(term.Header(term.SubTuple, list[i].N())), label(list[i+1].N()))
		}
		l.slow(slowSelectArity, args...)
		return
	}
	start := l.here()
	l.must(famSelectArity, s, num(len(list)/2), label(fail))
	for i := 0; i+1 < len(list); i += 2 {
		l.word(term.Header(term.SubTuple, list[i].N()))
		l.displacement(start, list[i+1].N())
	}
}

// arithOps are the guard BIFs that have instructions of their own.
var arithOps = map[string]struct {
	fam   family
	op    int
	commu bool
}{
	"+": {famAdd, arithAdd, true}, "-": {famSub, arithSub, false}, "*": {famMul, arithMul, true},
	"div": {famDiv, arithDiv, false}, "rem": {famRem, arithRem, false}, "band": {famBand, arithBand, true},
	"bor": {famBor, arithBor, true}, "bxor": {famBxor, arithBxor, true}, "bsl": {famBsl, arithBsl, false},
	"bsr": {famBsr, arithBsr, false},
}

var atomSelf = term.Intern("self")

// bif emits a call of a guard BIF: result to dst, failure to fail (0: exception).
func (l *loader) bif(fn beam.Arg, fail beam.Arg, args []beam.Arg, dst beam.Arg) {
	slot, imp := l.imp(fn)
	ops := l.opds(args)
	d := l.opd(dst)
	if imp.Module == term.AtomErlang && len(args) == 0 && imp.Name == atomSelf {
		l.must(famSelf, d)
		return
	}
	if imp.Module == term.AtomErlang && len(args) == 2 {
		name := imp.Name.AtomName()
		if a, ok := arithOps[name]; ok {
			j := label(fail.N())
			if l.arithConst(a.op, d, ops[0], ops[1], fail.N()) {
				return
			}
			if !(l.noShort && fail.N() != 0) && l.emit(a.fam, d, ops[0], ops[1], j) {
				return
			}
			l.slow(slowArith, num(a.op), label(fail.N()), d, ops[0], ops[1])
			return
		}
	}
	if id, ok := directBIFs[directKey{imp.Name.AtomName(), len(args)}]; ok && imp.Module == term.AtomErlang {
		slow := append([]opd{label(fail.N()), d}, ops...)
		switch id {
		case slowLength:
			live := unknownLive
			if in := l.m.Code[l.i]; in.Op == beam.OpGcBif1 {
				live = in.Args[1].N()
			}
			l.slow(id, append(slow, num(live))...)
			return
		case slowElement:
			l.short(famElement, []opd{d, ops[0], ops[1]}, id, slow...)
		case slowTupleSize:
			l.short(famTupleSize, []opd{d, ops[0]}, id, slow...)
		case slowByteSize:
			l.short(famByteSize, []opd{d, ops[0]}, id, slow...)
		case slowMapSize:
			l.short(famMapSize, []opd{d, ops[0]}, id, slow...)
		case slowHd:
			l.short(famHd, []opd{d, ops[0]}, id, slow...)
		case slowTl:
			l.short(famTl, []opd{d, ops[0]}, id, slow...)
		case slowEqExactV:
			l.short(famSame, []opd{d, ops[0], ops[1]}, id, slow...)
		case slowNeExactV:
			l.short(famNotSame, []opd{d, ops[0], ops[1]}, id, slow...)
		case slowLtV:
			l.short(famLess, []opd{d, ops[0], ops[1]}, id, slow...)
		case slowGtV:
			l.short(famLess, []opd{d, ops[1], ops[0]}, id, slow...)
		case slowLeV:
			l.short(famAtMost, []opd{d, ops[0], ops[1]}, id, slow...)
		case slowGeV:
			l.short(famAtMost, []opd{d, ops[1], ops[0]}, id, slow...)
		default:
			l.slow(id, slow...)
		}
		return
	}
	slow := append([]opd{raw(slot), label(fail.N()), d}, ops...)
	if imp.Module == term.AtomErlang && imp.Name.AtomName() == "/" && len(args) == 2 {
		l.short(famFdivide, []opd{d, ops[0], ops[1]}, slowBIF, slow...)
		return
	}
	l.slow(slowBIF, slow...)
}

// arithConst emits an addition or subtraction of a constant, together with the tail call behind a subtraction.
func (l *loader) arithConst(op int, d, x, y opd, fail int) bool {
	t := term.Term(y.val)
	if op != arithAdd && op != arithSub || y.kind != 'c' || x.kind == 'c' || !t.IsSmall() || t.Small() < 0 || t.Small() > 1<<27 ||
		l.noShort && fail != 0 {
		return false
	}
	k := num(t.Small() << 4)
	if op == arithAdd {
		return l.emit(famAddConst, d, x, k, label(fail))
	}
	start := l.here()
	if nx, at, ok := l.next(l.i); ok && fail == 0 && nx.Op == beam.OpCallOnly && d.kind == 'x' && x.kind == 'x' {
		to := label(nx.Args[1].N())
		l.must(famSubConstCallOnly, num(nx.Args[0].N()), d, x, k, to)
		l.must(famCallOnly, num(nx.Args[0].N()), to)
		l.skipTo(at, start)
		return true
	}
	return l.emit(famSubConst, d, x, k, label(fail))
}
