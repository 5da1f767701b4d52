package bifs

import (
	"github.com/gerl-lang/gerl/ets"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// etsProgram compiles a match specification or takes a compiled one.
func etsProgram(spec term.Term) (*ets.Program, bool) {
	if spec.IsRef() {
		return compiledSpec(spec)
	}
	prog, err := ets.Compile(spec)
	return prog, err == nil
}

func compiledSpec(t term.Term) (*ets.Program, bool) {
	if !t.IsRef() {
		return nil, false
	}
	r, ok := term.MagicResource(t)
	if !ok {
		return nil, false
	}
	prog, ok := r.(*ets.Program)
	return prog, ok
}

// withProgram runs f with a runner for a specification; a program compiled for this call is released afterwards.
func withProgram(p *proc.Process, spec term.Term, f func(r *ets.Runner) term.Term) term.Term {
	prog, ok := etsProgram(spec)
	if !ok {
		return p.Badarg()
	}
	r := prog.NewRunner(&p.Heap, p.Pid, p.Sys.Node())
	t := f(r)
	r.Close()
	if !spec.IsRef() {
		prog.Release()
	}
	if r.Gone {
		return etsBadarg(p, atomId)
	}
	return t
}

// patternSpec makes [{Pattern, [], [Body]}].
func patternSpec(h *term.Heap, pattern, body term.Term) term.Term {
	return h.List(h.Tuple(pattern, term.Nil, h.List(body)))
}

// selectAll is select/2 and its relatives.
func selectAll(p *proc.Process, tab, spec term.Term, back bool) term.Term {
	t, ok := table(p, tab, false)
	if !ok {
		return term.None
	}
	return withProgram(p, spec, func(r *ets.Runner) term.Term {
		l, _, _ := t.Select(r, ets.Cursor{}, 0, back)
		p.Bump(t.Size() / 50)
		return p.Heap.List(l...)
	})
}

// A continuation is {Table, Slot, Limit, Compiled, [], 0} for tables without order and {Table, Key, [], Limit, Compiled, [], Back, 0}
// for those with: programs replace the compiled specification in its place (ets:repair_continuation/2). Without order it has
// the table's reference, else what the caller named the table by, as in OTP.
const (
	hashContinuation = 6
	treeContinuation = 8
)

// dirTerm gives the direction of a traversal in a continuation.
func dirTerm(back bool) term.Term {
	if back {
		return term.Int(1)
	}
	return term.Int(0)
}

// selectSome is select/3 and its relatives: {Results, Continuation} or '$end_of_table'.
func selectSome(p *proc.Process, tab, spec, limit term.Term, back bool) term.Term {
	t, ok := table(p, tab, false)
	if !ok {
		return term.None
	}
	n, ok := smallIn(limit, 1, maxInt)
	if !ok {
		return p.Badarg()
	}
	prog, ok := etsProgram(spec)
	if !ok {
		return p.Badarg()
	}
	compiled := spec
	if !spec.IsRef() {
		compiled = programRef(p, prog)
	}
	return selectChunk(p, tab, t, prog, compiled, ets.Cursor{}, n, back)
}

func programRef(p *proc.Process, prog *ets.Program) term.Term {
	nums, _ := term.RefNumbers(p.MakeRef())
	return p.Heap.MagicRef([3]uint32(nums[:3]), prog)
}

func selectChunk(p *proc.Process, tab term.Term, t *ets.Table, prog *ets.Program, compiled term.Term, from ets.Cursor, n int, back bool) term.Term {
	h := &p.Heap
	r := prog.NewRunner(h, p.Pid, p.Sys.Node())
	defer r.Close()
	l, next, done := t.Select(r, from, n, back)
	p.Bump(1 + n/50)
	switch {
	case done && len(l) == 0:
		return atomEndOfTable
	case done:
		return h.Tuple(h.List(l...), atomEndOfTable)
	}
	if t.Options().Type == ets.OrderedSet {
		return h.Tuple(h.List(l...), h.Tuple(tab, next.Key, term.Nil, term.Int(n), compiled, term.Nil, dirTerm(back), term.Int(0)))
	}
	return h.Tuple(h.List(l...), h.Tuple(t.Ref(h), term.Int(next.Slot), term.Int(n), compiled, term.Nil, term.Int(0)))
}

// selectMore goes on with a continuation, which knows the direction.
func selectMore(p *proc.Process, c term.Term) term.Term {
	if c == atomEndOfTable {
		return c
	}
	if !c.IsTuple() || c.Arity() == 0 {
		return p.Badarg()
	}
	t, ok := table(p, c.Elem(0), false)
	if !ok {
		return term.None
	}
	var from ets.Cursor
	var limit, compiled term.Term
	back := false
	switch ordered := t.Options().Type == ets.OrderedSet; {
	case ordered && c.TupleOf(treeContinuation) && (c.Elem(6) == dirTerm(true) || c.Elem(6) == dirTerm(false)):
		from.Key, limit, compiled, back = c.Elem(1), c.Elem(3), c.Elem(4), c.Elem(6) == dirTerm(true)
	case !ordered && c.TupleOf(hashContinuation):
		from.Slot, ok = smallIn(c.Elem(1), 0, maxInt)
		limit, compiled = c.Elem(2), c.Elem(3)
	default:
		return p.Badarg()
	}
	n, good := smallIn(limit, 1, maxInt)
	prog, isSpec := compiledSpec(compiled)
	if !ok || !good || !isSpec {
		return p.Badarg()
	}
	return selectChunk(p, c.Elem(0), t, prog, compiled, from, n, back)
}

func etsSelect1(p *proc.Process, a []term.Term) term.Term { return selectMore(p, a[0]) }
func etsSelect2(p *proc.Process, a []term.Term) term.Term {
	return selectAll(p, a[0], a[1], false)
}
func etsSelect3(p *proc.Process, a []term.Term) term.Term {
	return selectSome(p, a[0], a[1], a[2], false)
}
func etsSelectReverse1(p *proc.Process, a []term.Term) term.Term { return selectMore(p, a[0]) }
func etsSelectReverse2(p *proc.Process, a []term.Term) term.Term {
	return selectAll(p, a[0], a[1], true)
}
func etsSelectReverse3(p *proc.Process, a []term.Term) term.Term {
	return selectSome(p, a[0], a[1], a[2], true)
}
func etsMatch1(p *proc.Process, a []term.Term) term.Term { return selectMore(p, a[0]) }
func etsMatch2(p *proc.Process, a []term.Term) term.Term {
	return selectAll(p, a[0], patternSpec(&p.Heap, a[1], term.AtomDollarDollar), false)
}
func etsMatch3(p *proc.Process, a []term.Term) term.Term {
	return selectSome(p, a[0], patternSpec(&p.Heap, a[1], term.AtomDollarDollar), a[2], false)
}
func etsMatchObject1(p *proc.Process, a []term.Term) term.Term { return selectMore(p, a[0]) }
func etsMatchObject2(p *proc.Process, a []term.Term) term.Term {
	return selectAll(p, a[0], patternSpec(&p.Heap, a[1], term.AtomDollarUnderscore), false)
}
func etsMatchObject3(p *proc.Process, a []term.Term) term.Term {
	return selectSome(p, a[0], patternSpec(&p.Heap, a[1], term.AtomDollarUnderscore), a[2], false)
}

func etsSelectCount2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], false)
	if !ok {
		return term.None
	}
	return withProgram(p, a[1], func(r *ets.Runner) term.Term {
		p.Bump(t.Size() / 50)
		return term.Int(t.Count(r))
	})
}

func selectDelete(p *proc.Process, tab, spec term.Term) term.Term {
	t, ok := table(p, tab, true)
	if !ok {
		return term.None
	}
	return withProgram(p, spec, func(r *ets.Runner) term.Term {
		p.Bump(t.Size() / 50)
		return term.Int(t.DeleteMatching(r))
	})
}

func etsSelectDelete2(p *proc.Process, a []term.Term) term.Term { return selectDelete(p, a[0], a[1]) }

func etsMatchDelete2(p *proc.Process, a []term.Term) term.Term {
	if selectDelete(p, a[0], patternSpec(&p.Heap, a[1], term.AtomTrue)) == term.None {
		return term.None
	}
	return term.AtomTrue
}

func etsSelectReplace2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	if t.Options().Type == ets.Bag {
		return etsBadarg(p, atomTableType)
	}
	prog, ok := etsProgram(a[1])
	if !ok {
		return p.Badarg()
	}
	if !a[1].IsRef() {
		defer prog.Release()
	}
	if !prog.KeepsKey(t.Options().KeyPos) {
		return p.Badarg()
	}
	r := prog.NewRunner(&p.Heap, p.Pid, p.Sys.Node())
	defer r.Close()
	n, ok := t.Replace(r)
	p.Bump(t.Size() / 50)
	return orBadarg(p, term.Int(n), ok && !r.Gone)
}

// ---- match specifications as such ------------------------------------------------------------------

func etsMatchSpecCompile1(p *proc.Process, a []term.Term) term.Term {
	if a[0].IsNil() {
		return p.Badarg()
	}
	prog, err := ets.Compile(a[0])
	if err != nil {
		return p.Badarg()
	}
	return programRef(p, prog)
}

func etsIsCompiledMs1(_ *proc.Process, a []term.Term) term.Term {
	_, ok := compiledSpec(a[0])
	return term.Bool(ok)
}

// matchSpecRun gives the results for the elements of a list, in front of tail; reversed: the last one first.
func matchSpecRun(p *proc.Process, list, spec, tail term.Term, reversed bool) term.Term {
	prog, ok := compiledSpec(spec)
	if !ok {
		return p.Badarg()
	}
	xs, ok := listElems(list)
	if !ok {
		return p.Badarg()
	}
	r := prog.NewRunner(&p.Heap, p.Pid, p.Sys.Node())
	defer r.Close()
	var out []term.Term
	for _, x := range xs {
		if v, ok := r.Run(x); ok {
			out = append(out, v)
		}
	}
	if reversed {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return p.Heap.ListTail(out, tail)
}

func etsMatchSpecRun2(p *proc.Process, a []term.Term) term.Term {
	return matchSpecRun(p, a[0], a[1], term.Nil, false)
}
func etsMatchSpecRunR3(p *proc.Process, a []term.Term) term.Term {
	return matchSpecRun(p, a[0], a[1], a[2], true)
}

// test_ms: {ok, Result} (false when nothing matches) or {error, Errors}.
func etsTestMs2(p *proc.Process, a []term.Term) term.Term {
	t, ok := testSpec(p, a[0], a[1])
	if !ok {
		return t
	}
	return p.Heap.Tuple(term.AtomOk, t)
}

// match_spec_test(Term, Spec, table): {ok, Result, Flags, Warnings} or {error, Errors}. Specifications for tracing are not supported.
func erlangMatchSpecTest3(p *proc.Process, a []term.Term) term.Term {
	switch a[2] {
	case atomTable:
	case atomTrace:
		return notSupported(p)
	default:
		return p.Badarg()
	}
	t, ok := testSpec(p, a[0], a[1])
	if !ok {
		return t
	}
	return p.Heap.Tuple(term.AtomOk, t, term.Nil, term.Nil)
}

var atomTrace = term.Intern("trace")

// testSpec gives the value of a specification for x, or {error, Errors} and false.
func testSpec(p *proc.Process, x, spec term.Term) (term.Term, bool) {
	h := &p.Heap
	prog, err := ets.Tested(ets.Compile(spec))
	if err != nil {
		return SpecFaults(h, err), false
	}
	defer prog.Release()
	r := prog.NewRunner(h, p.Pid, p.Sys.Node())
	defer r.Close()
	v, ok := r.Run(x)
	if !ok {
		v = term.AtomFalse
	}
	return v, true
}

// SpecFaults tells why a match specification was refused, as match_spec_test/3 does.
func SpecFaults(h *term.Heap, err error) term.Term {
	var faults []term.Term
	for _, text := range ets.SpecTexts(err) {
		faults = append(faults, h.Tuple(term.AtomError, h.Chars(text)))
	}
	return h.Tuple(term.AtomError, h.List(faults...))
}

// ---- information -------------------------------------------------------------------------------------

func etsInfoItem(p *proc.Process, t *ets.Table, item term.Term) term.Term {
	h := &p.Heap
	o := t.Options()
	switch item {
	case atomId:
		return t.Ref(h)
	case atomDecentralized:
		return term.Bool(o.DecentralizedCounters)
	case term.AtomReadConcurrency:
		return term.Bool(o.ReadConcurrency)
	case term.AtomWriteConcurrency:
		return o.WriteConcurrency
	case term.AtomCompressed:
		return term.Bool(o.Compressed)
	case term.AtomMemory:
		return term.Int(t.Words())
	case atomOwner:
		return t.Owner()
	case term.AtomHeir:
		if pid := t.Heir(); pid != term.None {
			return pid
		}
		return atomNone
	case term.AtomName:
		return t.Name
	case atomSize:
		return term.Int(t.Size())
	case term.AtomNode:
		return p.Sys.Node()
	case term.AtomNamedTable:
		return term.Bool(o.Named)
	case term.AtomType:
		return [...]term.Term{term.AtomSet, term.AtomOrderedSet, term.AtomBag, term.AtomDuplicateBag}[o.Type]
	case term.AtomKeypos:
		return term.Int(o.KeyPos)
	case atomProtection:
		return [...]term.Term{term.AtomProtected, term.AtomPublic, term.AtomPrivate}[t.Access()]
	case term.AtomBinary:
		var l []term.Term
		for _, b := range t.Binaries() {
			l = append(l, h.Tuple(term.Int(int(b.Addr)), term.Int(b.Size), term.Int(b.Refs)))
		}
		return h.List(l...)
	case atomStats:
		st, ok := t.Stats()
		if !ok {
			return term.AtomFalse
		}
		return h.Tuple(term.Int(st.Places), h.Float(st.Mean), h.Float(st.Deviation), h.Float(st.Chance), term.Int(st.Least),
			term.Int(st.Most), term.Int(st.Tombs), term.Int(1))
	case atomFixed, atomSafeFixed, atomSafeFixedMono:
		since, on, by := t.Fixed()
		if item == atomFixed {
			return term.Bool(len(by) > 0)
		}
		if len(by) == 0 {
			return term.AtomFalse
		}
		var l []term.Term
		for pid, n := range by {
			l = append(l, h.Tuple(pid, term.Int(n)))
		}
		at := h.Int64(since + monotonicBase)
		if item == atomSafeFixed {
			at = stamp(h, on)
		}
		return h.Tuple(at, h.List(l...))
	}
	return term.None
}

// etsInfoItems are those of info/1, in OTP's order.
var etsInfoItems = []term.Term{atomId, atomDecentralized, term.AtomReadConcurrency, term.AtomWriteConcurrency, term.AtomCompressed,
	term.AtomMemory, atomOwner, term.AtomHeir, term.AtomName, atomSize, term.AtomNode, term.AtomNamedTable, term.AtomType,
	term.AtomKeypos, atomProtection}

// etsInfoTable gives the table of an info call: undefined for a name or reference without one.
func etsInfoTable(p *proc.Process, id term.Term) (t *ets.Table, r term.Term) {
	ts := ets.Of(p.Sys)
	if ts == nil {
		return nil, notSupported(p)
	}
	// A reference that was read from text is no resource, but finds its table all the same.
	t = ts.Find(id)
	switch {
	case t != nil:
		return t, term.None
	case !id.IsAtom() && !isTableRef(id):
		return nil, etsBadarg(p, term.AtomType)
	}
	return nil, term.AtomUndefined
}

func etsInfo1(p *proc.Process, a []term.Term) term.Term {
	t, r := etsInfoTable(p, a[0])
	if t == nil {
		return r
	}
	l := make([]term.Term, len(etsInfoItems))
	for i, item := range etsInfoItems {
		l[i] = p.Heap.Tuple(item, etsInfoItem(p, t, item))
	}
	return p.Heap.List(l...)
}

func etsInfo2(p *proc.Process, a []term.Term) term.Term {
	t, r := etsInfoTable(p, a[0])
	if t == nil {
		return r
	}
	v := etsInfoItem(p, t, a[1])
	if v == term.None {
		return p.Badarg()
	}
	return v
}
