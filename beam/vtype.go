package beam

import "github.com/gerl-lang/gerl/term"

// vt is what the validator knows about the value of one register.
type vt struct {
	// bits are the sorts that the value can be: TypeBits, or one of the marks below. 0 means that the register
	// must not be read: it was never written on some path, or died at a collection.
	bits uint32
	// n is the size of a tuple (the least size without exact); for a tag the label of its handler; for a fun made here 1 + its
	// index in Module.Lambdas; else 0.
	n int32
	// id is equal for registers that hold the same value, so that what a test says about one of them holds for all.
	id    uint32
	exact bool // n is the size, not only the least size
	fresh bool // tuple that erlang:setelement/3 has just made: set_tuple_element may write into it
}

// Marks of registers that hold no term.
const (
	vCatch  uint32 = 1 << (16 + iota) // Y register: tag that catch left
	vTry                              // Y register: tag that try left
	vMarker                           // receive marker
)

const (
	vTag  = vCatch | vTry
	vAny  = uint32(TypeAny)
	vTerm = vAny &^ uint32(TypeContext)
)

func of(bits TypeBits) vt       { return vt{bits: uint32(bits)} }
func tuple(n int, ex bool) vt   { return vt{bits: uint32(TypeTuple), n: int32(n), exact: ex} }
func (t vt) is(b TypeBits) bool { return t.bits == uint32(b) }

// isTuple reports whether the value is certainly a tuple with more than i elements.
func (t vt) isTuple(i int) bool { return t.is(TypeTuple) && int(t.n) > i }

// join is what holds on both of two paths.
func join(a, b vt) vt {
	if a.bits == 0 || b.bits == 0 {
		return vt{id: a.id}
	}
	r := a
	r.bits |= b.bits
	r.fresh = a.fresh && b.fresh
	if a.n == b.n && a.exact == b.exact && a.bits == b.bits {
		return r
	}
	at, bt := a.bits&uint32(TypeTuple) != 0, b.bits&uint32(TypeTuple) != 0
	switch {
	case at && bt:
		r.n = min(a.n, b.n)
		r.exact = a.exact && b.exact && a.n == b.n
	case at: // b is no tuple, so its size says nothing
	case bt:
		r.n, r.exact = b.n, b.exact
	default:
		r.n, r.exact = 0, false
	}
	return r
}

// meet keeps the sorts in bits; ok is false if none is left: the path cannot be taken.
func (t vt) meet(bits uint32) (r vt, ok bool) {
	was := t.bits
	t.bits &= bits
	// What n says is about tuples if the value can be one, else about the only sort that it can be.
	if t.bits != was && t.bits&uint32(TypeTuple) == 0 {
		t.n, t.exact, t.fresh = 0, false, false
	}
	return t, t.bits != 0
}

// meetSize is meet with tuples of exactly n elements (at least n without exact).
func (t vt) meetSize(n int, exact bool) (r vt, ok bool) {
	t, ok = t.meet(uint32(TypeTuple))
	switch {
	case !ok || t.exact && int(t.n) < n || exact && int(t.n) > n || t.exact && exact && int(t.n) != n:
		return t, false
	case exact:
		t.n, t.exact = int32(n), true
	case int(t.n) < n:
		t.n = int32(n)
	}
	return t, true
}

// literalType gives the type of a constant.
func literalType(t term.Term) vt {
	switch {
	case t.IsCons():
		return of(TypeCons)
	case t == term.Nil:
		return of(TypeNil)
	case t.IsAtom():
		return of(TypeAtom)
	case t.IsInteger():
		return of(TypeInteger)
	case t.IsFloat():
		return of(TypeFloat)
	case t.IsTuple():
		return tuple(t.Arity(), true)
	case t.IsMap():
		return of(TypeMap)
	case t.IsBitstring():
		return of(TypeBitstring)
	case t.IsFun():
		return of(TypeFun)
	case t.IsPid():
		return of(TypePid)
	case t.IsPort():
		return of(TypePort)
	case t.IsRef():
		return of(TypeReference)
	case t.IsRecord():
		return of(TypeRecord)
	}
	return vt{bits: vTerm}
}

// bifResults are the sorts that a BIF of module erlang gives when it succeeds; names that are missing give any term.
var bifResults = map[string]TypeBits{
	"+": TypeInteger | TypeFloat, "-": TypeInteger | TypeFloat, "*": TypeInteger | TypeFloat, "abs": TypeInteger | TypeFloat,
	"/": TypeFloat, "float": TypeFloat,
	"div": TypeInteger, "rem": TypeInteger, "band": TypeInteger, "bor": TypeInteger, "bxor": TypeInteger, "bnot": TypeInteger,
	"bsl": TypeInteger, "bsr": TypeInteger, "length": TypeInteger, "size": TypeInteger, "byte_size": TypeInteger,
	"bit_size": TypeInteger, "tuple_size": TypeInteger, "map_size": TypeInteger, "trunc": TypeInteger, "round": TypeInteger,
	"ceil": TypeInteger, "floor": TypeInteger,
	"not": TypeAtom, "and": TypeAtom, "or": TypeAtom, "xor": TypeAtom, "==": TypeAtom, "/=": TypeAtom, "=:=": TypeAtom,
	"=/=": TypeAtom, "<": TypeAtom, ">": TypeAtom, "=<": TypeAtom, ">=": TypeAtom, "node": TypeAtom,
	"is_atom": TypeAtom, "is_binary": TypeAtom, "is_bitstring": TypeAtom, "is_boolean": TypeAtom, "is_float": TypeAtom,
	"is_function": TypeAtom, "is_integer": TypeAtom, "is_list": TypeAtom, "is_map": TypeAtom, "is_map_key": TypeAtom,
	"is_number": TypeAtom, "is_pid": TypeAtom, "is_port": TypeAtom, "is_record": TypeAtom, "is_reference": TypeAtom,
	"is_tuple": TypeAtom, "self": TypePid,
}

// plainBifs are the BIFs that build nothing on the heap, so that room reserved before them is still
// there after them. Others may take it.
var plainBifs = map[string]bool{
	"hd": true, "tl": true, "element": true, "map_get": true, "min": true, "max": true, "tuple_size": true, "map_size": true,
	"length": true,
}

// bifFacts is what the arguments are known to be after a BIF has succeeded: argument number and sort.
var bifFacts = map[string]struct {
	arg  int
	bits TypeBits
}{
	"hd": {0, TypeCons}, "tl": {0, TypeCons}, "tuple_size": {0, TypeTuple}, "map_size": {0, TypeMap},
	"map_get": {1, TypeMap}, "is_map_key": {1, TypeMap}, "length": {0, TypeCons | TypeNil}, "byte_size": {0, TypeBitstring},
	"bit_size": {0, TypeBitstring},
}

func neverReturns(p *Import) bool {
	if p.Module != term.AtomErlang {
		return false
	}
	switch p.Name.AtomName() {
	// nif_error may stand for a function that has another body by the time it is called, so it counts as one that returns
	case "error", "exit", "throw":
		return p.Arity == 1 || p.Arity == 2 && p.Name != term.AtomExit || p.Arity == 3 && p.Name == term.AtomError
	}
	return false
}
