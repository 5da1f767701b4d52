package compiler

import (
	"math"
	"math/bits"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/term"
)

// Types of values: sorts, bounds of integers, sizes and tags of tuples, small sets of atoms.

// typ is what is known of a value. The zero typ is that of a value that never comes to be.
type typ struct {
	bits beam.TypeBits
	// Bounds hold for the value if it is an integer; either may be open.
	bound    bool
	min, max int64
	// size says how many elements a tuple has, at least or exactly.
	size  int32
	exact bool
	tag   term.Term // first element of a tuple, if it is a known atom; else None
	atoms atomSet   // which atoms, if it is an atom
}

// atomSet is a set of up to three atoms, in order; n < 0: any.
type atomSet struct {
	n int8
	a [3]term.Term
}

const (
	typesTerm   = beam.TypeAny &^ beam.TypeContext
	typesNumber = beam.TypeInteger | beam.TypeFloat
	typesList   = beam.TypeCons | beam.TypeNil
)

var anyAtoms = atomSet{n: -1}

func sort(b beam.TypeBits) typ {
	t := typ{bits: b}
	if b&beam.TypeAtom != 0 {
		t.atoms = anyAtoms
	}
	return t
}

var (
	tAny     = sort(typesTerm)
	tBool    = typ{bits: beam.TypeAtom, atoms: atomsOf(term.AtomTrue, term.AtomFalse)}
	tInteger = sort(beam.TypeInteger)
	tFloat   = sort(beam.TypeFloat)
)

func atomsOf(ts ...term.Term) atomSet {
	var s atomSet
	for _, t := range ts {
		s = s.with(t)
	}
	return s
}

func (s atomSet) has(t term.Term) bool {
	if s.n < 0 {
		return true
	}
	for _, a := range s.a[:s.n] {
		if a == t {
			return true
		}
	}
	return false
}

func (s atomSet) with(t term.Term) atomSet {
	if s.has(t) {
		return s
	}
	if int(s.n) == len(s.a) {
		return anyAtoms
	}
	i := int(s.n)
	for i > 0 && s.a[i-1] > t {
		s.a[i] = s.a[i-1]
		i--
	}
	s.a[i] = t
	s.n++
	return s
}

func (s atomSet) union(o atomSet) atomSet {
	if s.n < 0 || o.n < 0 {
		return anyAtoms
	}
	for _, a := range o.a[:o.n] {
		s = s.with(a)
	}
	return s
}

// filter keeps those atoms that o has, or has not.
func (s atomSet) filter(o atomSet, in bool) atomSet {
	if s.n < 0 {
		if in {
			return o
		}
		return s
	}
	var out atomSet
	for _, a := range s.a[:s.n] {
		if o.has(a) == in {
			out = out.with(a)
		}
	}
	return out
}

// Bounds that are open, and the limit of those that are not.
const (
	noMin = math.MinInt64
	noMax = math.MaxInt64
	far   = 1 << 62
)

func integers(lo, hi int64) typ {
	return typ{bits: beam.TypeInteger, bound: lo > noMin || hi < noMax, min: lo, max: hi}.normal()
}

// finite reports whether the value is an integer with two bounds.
func (t typ) finite() bool {
	return t.bits == beam.TypeInteger && t.bound && t.min > noMin && t.max < noMax
}

// constType is the type of a constant.
func constType(t term.Term) typ {
	switch {
	case t.IsAtom():
		return typ{bits: beam.TypeAtom, atoms: atomsOf(t)}
	case t.IsSmall():
		return integers(int64(t.Small()), int64(t.Small()))
	case t.IsInteger():
		return tInteger
	case t.IsFloat():
		return tFloat
	case t == term.Nil:
		return sort(beam.TypeNil)
	case t.IsCons():
		return sort(beam.TypeCons)
	case t.IsTuple():
		r := typ{bits: beam.TypeTuple, size: int32(t.Arity()), exact: true, tag: term.None}
		if t.Arity() > 0 && t.Elem(0).IsAtom() {
			r.tag = t.Elem(0)
		}
		return r
	case t.IsMap():
		return sort(beam.TypeMap)
	case t.IsBitstring():
		return sort(beam.TypeBitstring)
	case t.IsFun():
		return sort(beam.TypeFun)
	}
	return tAny
}

// is reports that the value is certainly of one of the sorts.
func (t typ) is(b beam.TypeBits) bool { return t.bits != 0 && t.bits&^b == 0 }

// never reports that the value does not exist.
func (t typ) never() bool { return t.bits == 0 }

// normal clears what says nothing.
func (t typ) normal() typ {
	if t.bits&beam.TypeAtom == 0 {
		t.atoms = atomSet{}
	} else if t.atoms.n == 0 {
		t.bits &^= beam.TypeAtom
	}
	if t.bits&beam.TypeInteger == 0 || !t.bound || t.min == noMin && t.max == noMax {
		t.bound, t.min, t.max = false, 0, 0
	} else if t.min > t.max {
		t.bits &^= beam.TypeInteger
		t.bound, t.min, t.max = false, 0, 0
	}
	if t.bits&beam.TypeTuple == 0 {
		t.size, t.exact, t.tag = 0, false, term.None
	}
	return t
}

// or is the type of a value that comes from either of two places.
func (t typ) or(o typ) typ {
	if t.bits == 0 {
		return o
	}
	if o.bits == 0 {
		return t
	}
	if t == o {
		return t
	}
	r := t
	r.bits |= o.bits
	switch it, io := t.bits&beam.TypeInteger != 0, o.bits&beam.TypeInteger != 0; {
	case it && io:
		r.bound = t.bound && o.bound
		r.min, r.max = min(t.min, o.min), max(t.max, o.max)
	case io:
		r.bound, r.min, r.max = o.bound, o.min, o.max
	}
	switch tt, to := t.bits&beam.TypeTuple != 0, o.bits&beam.TypeTuple != 0; {
	case tt && to:
		r.exact = t.exact && o.exact && t.size == o.size
		r.size = min(t.size, o.size)
		if t.tag != o.tag {
			r.tag = term.None
		}
	case to:
		r.size, r.exact, r.tag = o.size, o.exact, o.tag
	}
	switch at, ao := t.bits&beam.TypeAtom != 0, o.bits&beam.TypeAtom != 0; {
	case at && ao:
		r.atoms = t.atoms.union(o.atoms)
	case ao:
		r.atoms = o.atoms
	}
	return r.normal()
}

// and is the type of a value of which both are known.
func (t typ) and(o typ) typ {
	r := t
	r.bits &= o.bits
	if r.bits&beam.TypeInteger != 0 && o.bound {
		if !t.bound {
			r.bound, r.min, r.max = true, o.min, o.max
		} else {
			r.min, r.max = max(t.min, o.min), min(t.max, o.max)
		}
	}
	if r.bits&beam.TypeTuple != 0 {
		switch {
		case t.exact && o.exact && t.size != o.size, t.exact && o.size > t.size, o.exact && t.size > o.size,
			t.tag != term.None && o.tag != term.None && t.tag != o.tag:
			r.bits &^= beam.TypeTuple
		default:
			r.exact = t.exact || o.exact
			r.size = max(t.size, o.size)
			if r.tag == term.None {
				r.tag = o.tag
			}
		}
	}
	if r.bits&beam.TypeAtom != 0 {
		r.atoms = t.atoms.filter(o.atoms, true)
	}
	return r.normal()
}

// without takes sorts away.
func (t typ) without(b beam.TypeBits) typ {
	t.bits &^= b
	return t.normal()
}

// single gives the only value that there can be.
func (t typ) single() (term.Term, bool) {
	switch {
	case t.bits == beam.TypeNil:
		return term.Nil, true
	case t.bits == beam.TypeAtom && t.atoms.n == 1:
		return t.atoms.a[0], true
	case t.bits == beam.TypeInteger && t.bound && t.min == t.max && term.FitsSmall(t.min):
		return term.Int(int(t.min)), true
	}
	return term.None, false
}

// widen is or for types that grow again and again: bounds that move become open.
func (t typ) widen(o typ) typ {
	r := t.or(o)
	if t.bound && r.bound {
		if r.min < t.min {
			r.min = noMin
		}
		if r.max > t.max {
			r.max = noMax
		}
	}
	return r.normal()
}

// table is the entry of the type table, without what that cannot say.
func (t typ) table() (beam.Type, bool) {
	e := beam.Type{Bits: t.bits &^ beam.TypeContext}
	if t.bound && t.bits&beam.TypeFloat == 0 {
		if e.HasMin = t.min > noMin; e.HasMin {
			e.Min = t.min
		}
		if e.HasMax = t.max < noMax; e.HasMax {
			e.Max = t.max
		}
	}
	return e, e.Bits != 0 && e.Bits != typesTerm
}

// form is what code that takes a term apart relies on: the sort of compound terms, the size of tuples.
func (t typ) form() (typ, bool) {
	switch {
	case t.is(typesList), t.is(beam.TypeMap):
		return sort(t.bits), true
	case t.is(beam.TypeTuple):
		t.tag = term.None
		return t, true
	}
	return typ{}, false
}

// forms is form for results, which tests may narrow before something relies on them.
func (t typ) forms() (typ, bool) {
	const others = beam.TypeBitstring | beam.TypeFun | beam.TypeMap | beam.TypePid | beam.TypePort | beam.TypeReference
	compound := t.bits & (typesList | beam.TypeTuple | beam.TypeMap)
	if compound == 0 || bits.OnesCount16(uint16(t.bits&others)) > 1 || t.bits&beam.TypeRecord != 0 {
		return typ{}, false
	}
	t.tag, t.bound, t.min, t.max = term.None, false, 0, 0
	return t, true
}

// Arithmetic on bounds.

// sum adds bounds; open is what an open one stands for.
func sum(a, b, open int64) int64 {
	if a == open || b == open || a < -far || a > far || b < -far || b > far {
		return open
	}
	return limited(a+b, open)
}

// limited opens a bound that is too far away to reckon with.
func limited(n, open int64) int64 {
	if n < -far || n > far {
		return open
	}
	return n
}

func mulOK(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b)))
	return a * b, hi == 0 && lo < far
}

// opposite gives the bounds of the negated value.
func (t typ) opposite() (lo, hi int64) {
	lo, hi = noMin, noMax
	if t.max < noMax {
		lo = -t.max
	}
	if t.min > noMin {
		hi = -t.min
	}
	return lo, hi
}

// upTo is the least 2^n-1 that is not below n.
func upTo(n int64) int64 { return int64(1)<<bits.Len64(uint64(n)) - 1 }

// arithmetic gives the type of an operator's result.
func arithmetic(op string, a, b typ) typ {
	ints := a.is(beam.TypeInteger) && b.is(beam.TypeInteger)
	both := ints && a.bound && b.bound
	known := a.finite() && b.finite()
	natural := a.bits == beam.TypeInteger && a.bound && a.min >= 0
	switch op {
	case "+", "-", "*":
		switch {
		case both && op == "+":
			return integers(sum(a.min, b.min, noMin), sum(a.max, b.max, noMax))
		case both && op == "-":
			lo, hi := b.opposite()
			return integers(sum(a.min, lo, noMin), sum(a.max, hi, noMax))
		case known:
			r := typ{}
			for _, x := range []int64{a.min, a.max} {
				for _, y := range []int64{b.min, b.max} {
					p, ok := mulOK(x, y)
					if !ok {
						return tInteger
					}
					r = r.or(integers(p, p))
				}
			}
			return r
		case ints:
			return tInteger
		case a.is(beam.TypeFloat) || b.is(beam.TypeFloat):
			return tFloat
		}
		return sort(typesNumber)
	case "/":
		return tFloat
	case "rem":
		if b.finite() && b.min > -far && b.max < far {
			m := max(b.max, -b.min) - 1
			switch {
			case m < 0:
			case natural:
				return integers(0, min(m, a.max))
			default:
				return integers(-m, m)
			}
		}
	case "div":
		if b.bits == beam.TypeInteger && b.bound && b.min > 0 {
			if natural {
				return integers(0, a.max)
			}
			if a.finite() {
				return integers(min(a.min, 0), max(a.max, 0))
			}
		}
	case "band":
		r := tInteger
		for _, x := range []typ{a, b} {
			if x.bits == beam.TypeInteger && x.bound && x.min >= 0 {
				r = r.and(integers(0, x.max))
			}
		}
		return r
	case "bor", "bxor":
		if known && natural && b.min >= 0 && a.max < far && b.max < far {
			return integers(0, upTo(max(a.max, b.max)))
		}
	case "bsr":
		if b.finite() && b.min >= 0 && b.max < 64 {
			switch {
			case natural && a.max == noMax:
				return integers(0, noMax)
			case natural:
				return integers(0, a.max>>b.min)
			case a.finite():
				return integers(min(a.min>>b.min, 0), max(a.max>>b.min, 0))
			}
		}
	case "bsl":
		if known && natural && b.min >= 0 && b.max < 62 && bits.Len64(uint64(a.max))+int(b.max) < 62 {
			return integers(0, a.max<<b.max)
		}
	}
	return tInteger
}

// testSorts gives the sorts that a type test accepts, and whether it accepts all their values.
func testSorts(test string) (b beam.TypeBits, all bool) {
	switch test {
	case "is_integer":
		return beam.TypeInteger, true
	case "is_float":
		return beam.TypeFloat, true
	case "is_number":
		return typesNumber, true
	case "is_atom":
		return beam.TypeAtom, true
	case "is_pid":
		return beam.TypePid, true
	case "is_reference":
		return beam.TypeReference, true
	case "is_port":
		return beam.TypePort, true
	case "is_bitstr":
		return beam.TypeBitstring, true
	case "is_binary":
		return beam.TypeBitstring, false
	case "is_list":
		return typesList, true
	case "is_nonempty_list":
		return beam.TypeCons, true
	case "is_tuple":
		return beam.TypeTuple, true
	case "is_function":
		return beam.TypeFun, true
	case "is_function2":
		return beam.TypeFun, false
	case "is_map":
		return beam.TypeMap, true
	case "is_any_native_record":
		return beam.TypeRecord, true
	case "is_native_record", "is_record_accessible":
		return beam.TypeRecord, false
	}
	return 0, false
}

// bifResult gives the type of what a BIF of module erlang gives, and what its arguments are where it succeeds.
func bifResult(name string, args []typ) (result typ, want beam.TypeBits) {
	size := func(of beam.TypeBits, hi int64) (typ, beam.TypeBits) { return integers(0, hi), of }
	switch len(args) {
	case 0:
		if name == "self" {
			return sort(beam.TypePid), 0
		}
		return sort(beam.TypeAtom), 0
	case 1:
		switch name {
		case "hd", "tl":
			return tAny, beam.TypeCons
		case "tuple_size":
			if args[0].is(beam.TypeTuple) && args[0].exact {
				return integers(int64(args[0].size), int64(args[0].size)), beam.TypeTuple
			}
			return size(beam.TypeTuple, 1<<24-1)
		case "length":
			return size(typesList, 1<<57)
		case "map_size":
			return size(beam.TypeMap, 1<<57)
		case "byte_size":
			return size(beam.TypeBitstring, 1<<58)
		case "bit_size":
			return tInteger, beam.TypeBitstring
		case "size":
			return integers(0, 1<<58), beam.TypeBitstring | beam.TypeTuple
		case "round", "trunc", "ceil", "floor":
			return tInteger, typesNumber
		case "float":
			return tFloat, typesNumber
		case "abs":
			if args[0].is(beam.TypeInteger) {
				return tInteger, typesNumber
			}
			return sort(typesNumber), typesNumber
		case "+":
			return args[0].and(sort(typesNumber)), typesNumber
		case "-":
			return arithmetic("-", integers(0, 0), args[0].and(sort(typesNumber))), typesNumber
		case "bnot":
			return tInteger, beam.TypeInteger
		case "not":
			return tBool, beam.TypeAtom
		case "node":
			return sort(beam.TypeAtom), 0
		}
		if typeTest(name) != "" {
			return tBool, 0
		}
	case 2:
		switch name {
		case "+", "-", "*", "/":
			n := sort(typesNumber)
			return arithmetic(name, args[0].and(n), args[1].and(n)), typesNumber
		case "div", "rem", "band", "bor", "bxor", "bsl", "bsr":
			return arithmetic(name, args[0].and(tInteger), args[1].and(tInteger)), beam.TypeInteger
		case "==", "/=", "=<", "<", ">=", ">", "=:=", "=/=", "is_function", "is_map_key":
			return tBool, 0
		case "and", "or", "xor":
			return tBool, beam.TypeAtom
		case "binary_part":
			return sort(beam.TypeBitstring), 0
		}
	case 3:
		if name == "binary_part" {
			return sort(beam.TypeBitstring), 0
		}
	}
	return tAny, 0
}

// callResult gives the type of what some functions of module erlang give.
func callResult(m mfa) typ {
	if m.mod != "erlang" {
		return tAny
	}
	switch m.fun {
	case "integer_to_list", "float_to_list", "pid_to_list", "ref_to_list", "port_to_list":
		return sort(beam.TypeCons)
	case "atom_to_list", "tuple_to_list", "binary_to_list", "bitstring_to_list", "processes", "registered":
		return sort(typesList)
	case "list_to_tuple", "make_tuple", "setelement", "append_element", "delete_element", "insert_element",
		"date", "time", "localtime", "universaltime", "now", "timestamp":
		return sort(beam.TypeTuple)
	case "list_to_binary", "iolist_to_binary", "term_to_binary", "atom_to_binary", "integer_to_binary", "float_to_binary", "list_to_bitstring":
		return sort(beam.TypeBitstring)
	case "list_to_atom", "binary_to_atom", "list_to_existing_atom", "binary_to_existing_atom":
		return sort(beam.TypeAtom)
	case "list_to_integer", "binary_to_integer", "phash2", "iolist_size", "crc32", "adler32", "system_time", "monotonic_time":
		return tInteger
	case "list_to_float", "binary_to_float":
		return tFloat
	case "make_ref":
		return sort(beam.TypeReference)
	}
	return tAny
}
