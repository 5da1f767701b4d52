package bifs

import (
	"github.com/gerl-lang/gerl/ets"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

var (
	atomEndOfTable      = term.Intern("$end_of_table")
	atomErlStdlibErrors = term.Intern("erl_stdlib_errors")
	atomId              = term.Intern("id")
	atomAccess          = term.Intern("access")
	atomBadtype         = term.Intern("badtype")
	atomPosition        = term.Intern("position")
	atomNotOwner        = term.Intern("not_owner")
	atomOwnerCause      = term.Intern("owner")
	atomDefault         = term.Intern("default")
	atomKeyposCause     = term.Intern("keypos")
	atomAlreadyExists   = term.Intern("already_exists")
	atomProtection      = term.Intern("protection")
	atomTable           = term.Intern("table")
	atomDecentralized   = term.Intern("decentralized_counters")
	atomFixedLocks      = term.Intern("debug_hash_fixed_number_of_locks")
	atomFixed           = term.Intern("fixed")
	atomSafeFixed       = term.Intern("safe_fixed")
	atomSafeFixedMono   = term.Intern("safe_fixed_monotonic_time")
	atomStats           = term.Intern("stats")
	atomOwner           = term.Intern("owner")
	atomTableType       = term.Intern("table_type")
	atomAuto            = term.Intern("auto")
)

// etsBadarg raises badarg with a cause for erl_stdlib_errors.
func etsBadarg(p *proc.Process, cause term.Term) term.Term {
	return p.RaiseInfo(term.AtomBadarg, p.Heap.MapFromPairs([]term.Term{atomCause, cause, term.AtomModule, atomErlStdlibErrors}))
}

// isTableRef reports whether a reference is, or was, that of a table: no other resource has it.
func isTableRef(id term.Term) bool {
	_, magic := term.MagicResource(id)
	return magic
}

// table gives the table of an argument, or raises badarg; write asks for the right to change it.
func table(p *proc.Process, id term.Term, write bool) (*ets.Table, bool) {
	ts := ets.Of(p.Sys)
	if ts == nil {
		notSupported(p)
		return nil, false
	}
	t := ts.Find(id)
	switch {
	case t == nil && (id.IsAtom() || isTableRef(id)):
		etsBadarg(p, atomId)
		return nil, false
	case t == nil:
		etsBadarg(p, term.AtomType)
		return nil, false
	case write && !t.MayWrite(p.Pid), !write && !t.MayRead(p.Pid):
		etsBadarg(p, atomAccess)
		return nil, false
	}
	return t, true
}

// heirOption reads {heir, none}, {heir, Pid} and {heir, Pid, Data}.
func heirOption(t term.Term) (pid, data term.Term, ok bool) {
	switch {
	case t.TupleOf(2) && t.Elem(1) == atomNone:
		return term.None, term.None, true
	case t.TupleOf(2) && t.Elem(1).IsLocalPid():
		return t.Elem(1), term.AtomUndefined, true
	case t.TupleOf(3) && t.Elem(1).IsLocalPid():
		return t.Elem(1), t.Elem(2), true
	}
	return term.None, term.None, false
}

func accessOption(t term.Term) (ets.Access, bool) {
	switch t {
	case term.AtomPublic:
		return ets.Public, true
	case term.AtomProtected:
		return ets.Protected, true
	case term.AtomPrivate:
		return ets.Private, true
	}
	return 0, false
}

// etsOptions reads the options of ets:new/2; the last one of a kind counts.
func etsOptions(l term.Term) (o ets.Options, ok bool) {
	counters := false // an option named where counters are
	o = ets.Options{KeyPos: 1, WriteConcurrency: term.AtomFalse}
	for ; l.IsCons(); l = l.Tail() {
		x := l.Head()
		switch x {
		case term.AtomSet:
			o.Type = ets.Set
			continue
		case term.AtomOrderedSet:
			o.Type = ets.OrderedSet
			continue
		case term.AtomBag:
			o.Type = ets.Bag
			continue
		case term.AtomDuplicateBag:
			o.Type = ets.DuplicateBag
			continue
		case term.AtomNamedTable:
			o.Named = true
			continue
		case term.AtomCompressed:
			o.Compressed = true
			continue
		}
		if a, is := accessOption(x); is {
			o.Access = a
			continue
		}
		if !x.IsTuple() || x.Arity() < 2 || x.Arity() > 3 {
			return o, false
		}
		key, v := x.Elem(0), x.Elem(1)
		good := x.Arity() == 2
		switch key {
		case term.AtomHeir:
			o.Heir, o.HeirData, good = heirOption(x)
		case term.AtomKeypos:
			var n int
			if n, ok = smallIn(v, 1, maxInt); ok {
				o.KeyPos = n
			}
			good = good && ok
		case term.AtomReadConcurrency:
			o.ReadConcurrency, ok = boolArg(v)
			good = good && ok
		case term.AtomWriteConcurrency:
			if v.TupleOf(2) && v.Elem(0) == atomFixedLocks { // how OTP's suites set the number of locks
				if _, ok = smallIn(v.Elem(1), 1, maxInt); !ok {
					good = false
				}
				o.WriteConcurrency = term.AtomTrue
				continue
			}
			_, ok = boolArg(v)
			good = good && (ok || v == atomAuto)
			o.WriteConcurrency = v
		case atomDecentralized:
			o.DecentralizedCounters, ok = boolArg(v)
			good, counters = good && ok, true
		default:
			good = false
		}
		if !good {
			return o, false
		}
	}
	// Counters matter only where writers may run at the same time; unless told otherwise they are decentralized where most writers are expected.
	switch wide := o.WriteConcurrency; {
	case wide != term.AtomTrue && wide != atomAuto:
		o.DecentralizedCounters = false
	case !counters:
		o.DecentralizedCounters = wide == atomAuto || o.Type == ets.OrderedSet
	}
	return o, l.IsNil()
}

func etsNew2(p *proc.Process, a []term.Term) term.Term {
	ts := ets.Of(p.Sys)
	if ts == nil {
		return notSupported(p)
	}
	o, ok := etsOptions(a[1])
	if !ok || !a[0].IsAtom() {
		return p.Badarg()
	}
	t := ts.New(p, a[0], o)
	if t == nil {
		return etsBadarg(p, atomAlreadyExists)
	}
	p.Bump(10)
	return t.Term(&p.Heap)
}

func etsDelete1(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	ets.Of(p.Sys).Delete(t)
	return term.AtomTrue
}

func etsAll0(p *proc.Process, _ []term.Term) term.Term {
	ts := ets.Of(p.Sys)
	if ts == nil {
		return notSupported(p)
	}
	var l []term.Term
	for _, t := range ts.All() {
		l = append(l, t.Term(&p.Heap))
	}
	return p.Heap.List(l...)
}

func etsRename2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	if !a[1].IsAtom() {
		return p.Badarg()
	}
	if !ets.Of(p.Sys).Rename(t, a[1]) {
		return etsBadarg(p, atomAlreadyExists)
	}
	if !t.Options().Named {
		return a[0]
	}
	return a[1]
}

func etsWhereis1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	ts := ets.Of(p.Sys)
	if ts == nil {
		return notSupported(p)
	}
	if t := ts.Find(a[0]); t != nil {
		return t.Ref(&p.Heap)
	}
	return term.AtomUndefined
}

func etsGiveAway3(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], false)
	if !ok {
		return term.None
	}
	switch {
	case !a[1].IsLocalPid():
		return p.Badarg()
	case t.Owner() != p.Pid:
		return etsBadarg(p, atomNotOwner)
	case a[1] == p.Pid:
		return etsBadarg(p, atomOwnerCause)
	case p.Sys.Lookup(a[1]) == nil:
		return p.Badarg()
	}
	ets.Of(p.Sys).Give(p, t, a[1], a[2])
	return term.AtomTrue
}

func etsSetopts2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], false)
	if !ok {
		return term.None
	}
	opts, isList := listElems(a[1])
	if !isList {
		opts = []term.Term{a[1]}
	}
	if t.Owner() != p.Pid {
		return etsBadarg(p, atomNotOwner)
	}
	for _, o := range opts {
		if v, is := optionTuple(o, atomProtection); is {
			if _, ok := accessOption(v); !ok {
				return p.Badarg()
			}
			continue
		}
		if _, _, ok := heirOption(o); !ok || o.Elem(0) != term.AtomHeir {
			return p.Badarg()
		}
	}
	for _, o := range opts {
		if v, is := optionTuple(o, atomProtection); is {
			access, _ := accessOption(v)
			t.SetAccess(access)
			continue
		}
		pid, data, _ := heirOption(o)
		t.SetHeir(pid, data)
	}
	return term.AtomTrue
}

func etsSafeFixtable2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], false)
	if !ok {
		return term.None
	}
	on, ok := boolArg(a[1])
	if !ok {
		return p.Badarg()
	}
	ets.Of(p.Sys).Fix(p, t, on)
	return term.AtomTrue
}

// ---- objects -----------------------------------------------------------------------------------

// etsObjects reads the second argument of insert and insert_new.
func etsObjects(t *ets.Table, x term.Term) (xs []term.Term, ok bool) {
	if !x.IsList() {
		return []term.Term{x}, t.Valid(x)
	}
	if xs, ok = listElems(x); !ok {
		return nil, false
	}
	for _, x := range xs {
		if !t.Valid(x) {
			return nil, false
		}
	}
	return xs, true
}

func etsInsert2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	xs, ok := etsObjects(t, a[1])
	if !ok {
		return p.Badarg()
	}
	t.Insert(xs)
	p.Bump(1 + len(xs)/4)
	return term.AtomTrue
}

func etsInsertNew2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	xs, ok := etsObjects(t, a[1])
	if !ok {
		return p.Badarg()
	}
	p.Bump(1 + len(xs)/4)
	return term.Bool(t.InsertNew(xs))
}

func etsLookup2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], false)
	if !ok {
		return term.None
	}
	return t.Lookup(&p.Heap, a[1])
}

func etsMember2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], false)
	if !ok {
		return term.None
	}
	return term.Bool(t.Member(a[1]))
}

func etsTake2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	return p.Heap.List(t.Take(&p.Heap, a[1])...)
}

func etsDelete2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	t.DeleteKey(a[1])
	return term.AtomTrue
}

func etsDeleteObject2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	if !t.Valid(a[1]) {
		return p.Badarg()
	}
	t.DeleteObject(a[1])
	return term.AtomTrue
}

func etsDeleteAllObjects1(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	p.Bump(t.Clear() / 10)
	return term.AtomTrue
}

// lookupElement is lookup_element/3 (def None) and /4.
func lookupElement(p *proc.Process, a []term.Term, def term.Term) term.Term {
	t, ok := table(p, a[0], false)
	if !ok {
		return term.None
	}
	pos, ok := smallIn(a[2], 1, maxInt)
	if !ok {
		return p.Badarg()
	}
	h := &p.Heap
	var out []term.Term
	short := false
	t.View(a[1], func(objs []term.Term) {
		for _, x := range objs {
			if x.Arity() < pos {
				short = true
				return
			}
			out = append(out, term.CopyTo(h, x.Elem(pos-1)))
		}
	})
	switch ty := t.Options().Type; {
	case short:
		return p.Badarg()
	case len(out) == 0 && def == term.None:
		return etsBadarg(p, term.AtomBadkey)
	case len(out) == 0:
		return def
	case ty == ets.Set || ty == ets.OrderedSet:
		return out[0]
	}
	return h.List(out...)
}

func etsLookupElement3(p *proc.Process, a []term.Term) term.Term {
	return lookupElement(p, a, term.None)
}
func etsLookupElement4(p *proc.Process, a []term.Term) term.Term { return lookupElement(p, a, a[3]) }

// single reports whether the table has one object a key; update_element demands that.
func single(p *proc.Process, t *ets.Table) bool {
	ty := t.Options().Type
	if ty == ets.Set || ty == ets.OrderedSet {
		return true
	}
	p.Badarg()
	return false
}

// counterOp is one operation of update_counter.
type counterOp struct {
	pos            int
	incr           term.Term
	threshold, set term.Term // None without
}

func counterOpOf(t term.Term) (op counterOp, ok bool) {
	if !t.TupleOf(2) && !t.TupleOf(4) {
		return op, false
	}
	op.pos, ok = smallIn(t.Elem(0), 1, maxInt)
	op.incr = t.Elem(1)
	ok = ok && op.incr.IsInteger()
	if t.Arity() == 4 {
		op.threshold, op.set = t.Elem(2), t.Elem(3)
		ok = ok && op.threshold.IsInteger() && op.set.IsInteger()
	}
	return op, ok
}

// small gives the operation as one that a table does in place; ok is false where a number is a large one.
func (op counterOp) small() (c ets.Counter, ok bool) {
	c = ets.Counter{Pos: op.pos, Limited: op.threshold != term.None}
	if !op.incr.IsSmall() || c.Limited && !(op.threshold.IsSmall() && op.set.IsSmall()) {
		return c, false
	}
	c.Incr = op.incr.Small()
	if c.Limited {
		c.Limit, c.Set = op.threshold.Small(), op.set.Small()
	}
	return c, true
}

// withKey gives the default object of an update with the key in its place.
func withKey(h *term.Heap, def, key term.Term, pos int) term.Term {
	e := tupleElems(def)
	e[pos-1] = key
	return h.Tuple(e...)
}

func updateCounter(p *proc.Process, a []term.Term, def term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	if def != term.None && !t.Valid(def) {
		return badDefault(p, def)
	}
	if ty := t.Options().Type; ty == ets.Bag || ty == ets.DuplicateBag {
		return etsBadarg(p, atomTableType)
	}
	keypos := t.Options().KeyPos
	var ops []counterOp
	var room [1]counterOp
	isList := a[2].IsList()
	switch {
	case a[2].IsInteger():
		ops = append(room[:0], counterOp{pos: keypos + 1, incr: a[2]})
	case isList:
		l := a[2]
		for ; l.IsCons(); l = l.Tail() {
			op, ok := counterOpOf(l.Head())
			if !ok {
				return badOperation(p, t, a[1], def)
			}
			ops = append(ops, op)
		}
		if !l.IsNil() {
			return badOperation(p, t, a[1], def)
		}
	default:
		op, ok := counterOpOf(a[2])
		if !ok {
			return badOperation(p, t, a[1], def)
		}
		ops = append(room[:0], op)
	}
	if len(ops) == 1 && !isList {
		if c, ok := ops[0].small(); ok {
			if v, ok := t.Step(a[1], c); ok {
				return v
			}
		}
	}
	if def != term.None {
		def = withKey(&p.Heap, def, a[1], keypos)
	}
	results := make([]term.Term, 0, len(ops))
	failed, cause := false, term.None
	found := t.Update(a[1], def, &p.Heap, func(h *term.Heap, x term.Term) term.Term {
		e := tupleElems(x)
		for _, op := range ops {
			if op.pos == keypos {
				failed, cause = true, atomKeyposCause
				return term.None
			}
			if op.pos > len(e) {
				failed, cause = true, atomPosition
				return term.None
			}
			old := e[op.pos-1]
			if !old.IsInteger() {
				failed = true
				return term.None
			}
			v, err := h.Add(old, op.incr)
			if err != term.ArithOK {
				failed = true
				return term.None
			}
			if op.threshold != term.None {
				c := term.Compare(v, op.threshold)
				if up := term.IntSign(op.incr) >= 0; up && c > 0 || !up && c < 0 {
					v = op.set
				}
			}
			e[op.pos-1] = v
			results = append(results, term.CopyTo(&p.Heap, v))
		}
		return h.Tuple(e...)
	})
	switch {
	case !found:
		return etsBadarg(p, term.AtomBadkey)
	case failed && cause != term.None:
		return etsBadarg(p, cause)
	case failed:
		return p.Badarg()
	case isList:
		return p.Heap.List(results...)
	}
	return results[0]
}

// badDefault refuses a default object that is no tuple, or too small for the table's keys.
func badDefault(p *proc.Process, def term.Term) term.Term {
	if def.IsTuple() {
		return etsBadarg(p, atomDefault)
	}
	return p.Badarg()
}

// badOperation refuses an operation of update_counter; that the key does not exist is seen before.
func badOperation(p *proc.Process, t *ets.Table, key, def term.Term) term.Term {
	if def == term.None && !t.Member(key) {
		return etsBadarg(p, term.AtomBadkey)
	}
	return p.Badarg()
}

func etsUpdateCounter3(p *proc.Process, a []term.Term) term.Term {
	return updateCounter(p, a, term.None)
}
func etsUpdateCounter4(p *proc.Process, a []term.Term) term.Term { return updateCounter(p, a, a[3]) }

func updateElement(p *proc.Process, a []term.Term, def term.Term) term.Term {
	t, ok := table(p, a[0], true)
	if !ok {
		return term.None
	}
	if def != term.None && !t.Valid(def) {
		return badDefault(p, def)
	}
	if !single(p, t) {
		return term.None
	}
	if def == term.None && !t.Member(a[1]) { // whatever the updates are
		return term.AtomFalse
	}
	keypos := t.Options().KeyPos
	updates, isList := listElems(a[2])
	if !a[2].IsList() {
		updates, isList = []term.Term{a[2]}, true
	}
	if !isList {
		return p.Badarg()
	}
	for _, u := range updates {
		if !u.TupleOf(2) {
			return p.Badarg()
		}
		if _, ok := smallIn(u.Elem(0), 1, maxInt); !ok {
			return p.Badarg()
		}
	}
	if def != term.None {
		def = withKey(&p.Heap, def, a[1], keypos)
	}
	cause := term.None
	found := t.Update(a[1], def, &p.Heap, func(h *term.Heap, x term.Term) term.Term {
		e := tupleElems(x)
		for _, u := range updates {
			pos := u.Elem(0).Small()
			switch {
			case pos == keypos:
				cause = atomKeyposCause
			case pos > len(e):
				cause = atomPosition
			}
			if cause != term.None {
				return term.None
			}
			e[pos-1] = u.Elem(1)
		}
		return h.Tuple(e...)
	})
	if cause != term.None {
		return etsBadarg(p, cause)
	}
	return term.Bool(found)
}

func etsUpdateElement3(p *proc.Process, a []term.Term) term.Term {
	return updateElement(p, a, term.None)
}
func etsUpdateElement4(p *proc.Process, a []term.Term) term.Term { return updateElement(p, a, a[3]) }

// ---- one key after the other -----------------------------------------------------------------------

func etsStep(p *proc.Process, a []term.Term, back, objects bool) term.Term {
	t, ok := table(p, a[0], false)
	if !ok {
		return term.None
	}
	key := term.None
	if len(a) > 1 {
		key = a[1]
		if key == atomEndOfTable && t.Options().Type == ets.OrderedSet { // behind the end there is nothing in any table
			return p.Badarg()
		}
	}
	k, objs, ok, known := t.Next(&p.Heap, key, back, objects)
	switch {
	case !known:
		return p.Badarg()
	case !ok:
		return atomEndOfTable
	case objects:
		return p.Heap.Tuple(k, p.Heap.List(objs...))
	}
	return k
}

func etsFirst1(p *proc.Process, a []term.Term) term.Term { return etsStep(p, a, false, false) }
func etsLast1(p *proc.Process, a []term.Term) term.Term  { return etsStep(p, a, true, false) }
func etsNext2(p *proc.Process, a []term.Term) term.Term  { return etsStep(p, a, false, false) }
func etsPrev2(p *proc.Process, a []term.Term) term.Term  { return etsStep(p, a, true, false) }
func etsFirstLookup1(p *proc.Process, a []term.Term) term.Term {
	return etsStep(p, a, false, true)
}
func etsLastLookup1(p *proc.Process, a []term.Term) term.Term { return etsStep(p, a, true, true) }
func etsNextLookup2(p *proc.Process, a []term.Term) term.Term { return etsStep(p, a, false, true) }
func etsPrevLookup2(p *proc.Process, a []term.Term) term.Term { return etsStep(p, a, true, true) }

func etsSlot2(p *proc.Process, a []term.Term) term.Term {
	t, ok := table(p, a[0], false)
	if !ok {
		return term.None
	}
	i, ok := smallIn(a[1], 0, maxInt)
	if !ok {
		return p.Badarg()
	}
	objs, end, ok := t.Slot(&p.Heap, i)
	switch {
	case !ok && end:
		return p.Badarg()
	case end:
		return atomEndOfTable
	}
	return p.Heap.List(objs...)
}
