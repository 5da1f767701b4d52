package beam

// Instructions that take terms apart and build them.

func (v *validator) stepData(in *Instr) {
	c, a := &v.cur, in.Args
	switch in.Op {
	case OpGetList, OpGetHd, OpGetTl:
		t := v.term(a[0])
		if v.dead {
			return
		}
		v.fact(t.is(TypeCons))
		if t, ok := t.meet(uint32(TypeCons)); !v.refine(a[0], t, ok) {
			return
		}
		for _, d := range a[1:] {
			v.write(d, anyTerm)
		}
	case OpGetTupleElement:
		t := v.term(a[0])
		if v.dead {
			return
		}
		i := a[1].N()
		v.fact(t.isTuple(i))
		if t, ok := t.meetSize(i+1, false); !v.refine(a[0], t, ok) {
			return
		}
		v.write(a[2], anyTerm)
	case OpSetTupleElement:
		v.term(a[0])
		t := v.term(a[1])
		if v.dead {
			return
		}
		if !t.fresh {
			v.fail("the tuple does not come from setelement/3 just before")
			return
		}
		v.fact(t.isTuple(a[2].N()))
	case OpPutList:
		v.term(a[0])
		v.term(a[1])
		v.room(2)
		v.write(a[2], of(TypeCons))
	case OpPutTuple2:
		list := in.List()
		for _, e := range list {
			v.term(e)
		}
		v.room(len(list) + 1)
		v.write(a[0], tuple(len(list), true))
	case OpUpdateRecord:
		n := a[1].N()
		t := v.term(a[2])
		list := in.List()
		if len(list)%2 != 0 {
			v.fail("an update has no value")
			return
		}
		for i := 0; i < len(list); i += 2 {
			if k := list[i]; k.Kind != KindU || k.Val < 1 || k.Val > int64(n) {
				v.fail("there is no element %s to update", k)
				return
			}
			v.term(list[i+1])
		}
		if v.dead {
			return
		}
		v.fact(t.is(TypeTuple) && t.exact && int(t.n) == n)
		v.room(n + 1)
		if t, ok := t.meetSize(n, true); !v.refine(a[2], t, ok) {
			return
		}
		v.write(a[3], tuple(n, true))
	case OpMakeFun2:
		l := v.m.Lambdas[a[0].Val]
		v.live(l.NumFree)
		v.arguments(l.NumFree)
		c.collected(l.NumFree)
		v.write(X(0), vt{bits: uint32(TypeFun), n: int32(a[0].Val) + 1, exact: true})
	case OpMakeFun3:
		l := v.m.Lambdas[a[0].Val]
		env := in.List()
		if len(env) != l.NumFree {
			v.fail("%d values for %d free variables", len(env), l.NumFree)
			return
		}
		for _, e := range env {
			v.term(e)
		}
		v.room(len(env))
		if c.funs--; c.funs < 0 {
			v.fail("no room for a fun was reserved")
		}
		v.write(a[1], vt{bits: uint32(TypeFun), n: int32(a[0].Val) + 1, exact: true})
	case OpPutMapAssoc, OpPutMapExact:
		t := v.term(a[1])
		list := in.List()
		if len(list)%2 != 0 {
			v.fail("a key has no value")
			return
		}
		for _, e := range list {
			v.term(e)
		}
		if v.dead {
			return
		}
		v.fact(t.is(TypeMap))
		v.gc(a[3].N())
		if a[0].Val != 0 {
			v.branch(a[0].N())
		}
		v.write(a[2], of(TypeMap))
	case OpHasMapFields:
		t := v.term(a[1])
		for _, k := range in.List() {
			v.term(k)
		}
		if v.dead {
			return
		}
		v.fact(t.is(TypeMap))
		v.branch(a[0].N())
		t, ok := t.meet(uint32(TypeMap))
		v.refine(a[1], t, ok)
	case OpGetMapElements:
		v.getElements(in, TypeMap)
	case OpGetRecordElements:
		v.getElements(in, TypeRecord)
	case OpGetRecordField:
		t := v.term(a[1])
		v.term(a[2])
		if v.dead {
			return
		}
		v.fact(t.is(TypeRecord))
		c.heap(0, 0, 0)
		v.noFail(a[0])
		v.write(a[4], anyTerm)
	case OpPutRecord:
		v.term(a[1])
		t := v.term(a[2])
		list := in.List()
		if len(list)%2 != 0 {
			v.fail("a field has no value")
			return
		}
		for _, e := range list {
			v.term(e)
		}
		if v.dead {
			return
		}
		v.fact(t.is(TypeRecord) || t.is(TypeNil))
		v.gc(a[4].N())
		v.noFail(a[0])
		v.write(a[3], of(TypeRecord))
	}
}

// getElements is get_map_elements and get_record_elements. On the way to the fail label some destinations may
// have been written already.
func (v *validator) getElements(in *Instr, sort TypeBits) {
	c, a := &v.cur, in.Args
	src := a[1]
	t := v.term(src)
	list := in.List()
	if len(list)%2 != 0 {
		v.fail("a key has no register")
		return
	}
	for i := 0; i < len(list); i += 2 {
		v.term(list[i])
		if !list[i+1].IsReg() {
			v.fail("%s is no register", list[i+1])
		}
	}
	if v.dead {
		return
	}
	v.fact(t.is(sort))
	s := &v.scratch
	s.copyFrom(c)
	v.clobber(s, list)
	v.flow(a[0].N(), s)
	r, ok := t.meet(uint32(sort))
	if !v.refine(src, r, ok) {
		return
	}
	for i := 1; i < len(list); i += 2 {
		v.write(list[i], anyTerm)
	}
}

// clobber makes the registers in list, those that are initialised, hold any term.
func (v *validator) clobber(s *vstate, list []Arg) {
	for _, d := range list {
		if d.IsReg() && s.get(d).bits != 0 {
			s.nextID++
			s.put(d, vt{bits: vTerm, id: s.nextID})
		}
	}
}

func (v *validator) stepFloat(in *Instr) {
	c, a := &v.cur, in.Args
	switch in.Op {
	case OpFmove:
		if a[1].Kind == KindFR {
			if a[0].Kind == KindFR {
				v.floatReg(a[0])
			} else {
				t := v.term(a[0])
				v.fact(t.is(TypeFloat))
				r, ok := t.meet(uint32(TypeFloat))
				if v.dead || !v.refine(a[0], r, ok) {
					return
				}
			}
			v.setFloat(a[1])
			return
		}
		if a[0].Kind != KindFR || !a[1].IsReg() {
			v.fail("no float register")
			return
		}
		v.floatReg(a[0])
		if c.floats--; c.floats < 0 {
			v.fail("no room for a float was reserved")
		}
		v.write(a[1], of(TypeFloat))
	case OpFconv:
		t := v.term(a[0])
		r, ok := t.meet(uint32(TypeInteger | TypeFloat))
		if v.dead || !v.refine(a[0], r, ok) {
			return
		}
		v.setFloat(a[1])
	default:
		for _, f := range a[1 : len(a)-1] {
			v.floatReg(f)
		}
		v.noFail(a[0])
		v.setFloat(a[len(a)-1])
	}
}

func (v *validator) floatReg(a Arg) {
	if n := uint64(a.Val); n > 63 || v.cur.fr&(1<<n) == 0 {
		v.fail("fr%d is not set here", n)
	}
}

// setFloat: only 64 float registers are in use by any compiler.
func (v *validator) setFloat(a Arg) {
	if a.Kind != KindFR || uint64(a.Val) > 63 {
		v.fail("there is no float register %s", a)
		return
	}
	v.cur.fr |= 1 << uint64(a.Val)
}
