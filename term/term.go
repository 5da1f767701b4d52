// Package term is the value side of gerl: Erlang terms as 64-bit tagged words
// in memory that Go's collector neither scans nor moves, the per-process Heap
// that holds them, and everything that is defined by a term's value alone:
// order, equality, hashing, arithmetic, copying, printing and collection.
//
// Main types: Term (one tagged word), Heap (a process's blocks and overflow
// fragments, or a free-standing arena), Fragment (a copied message).
//
// It imports no other package of gerl. Together with eval it is the only
// package that may use unsafe.
//
//	h := term.NewArena()
//	t := h.Tuple(term.AtomOk, term.Int(42))   // {ok,42}
//	term.Format(t)                            // "{ok,42}"
package term

import "unsafe"

// Term is one tagged word, laid out as the BEAM does it. The low two bits are the
// primary tag; what follows depends on it:
//
//	..00  header of a boxed object (only in memory), or a code address (only on the stack)
//	..01  pointer to a cons cell: two words, head and tail
//	..10  pointer to a boxed object: header word, then its payload
//	..11  immediate:  0011 local pid, 0111 local port, 1111 small integer (60 bits),
//	      001011 atom, 011011 catch tag (only on the stack), 111011 nil ([])
//
// The zero word is no term: None.
type Term uint64

// None is the word that is no term. Functions that may fail return it.
const None Term = 0

// Primary tags and immediate tags.
const (
	TagMask   = 3
	TagHeader = 0
	TagCons   = 1
	TagBoxed  = 2
	TagImm    = 3

	Imm1Mask = 0xF
	TagPid   = 0x3
	TagPort  = 0x7
	TagImm2  = 0xB
	TagSmall = 0xF

	Imm2Mask = 0x3F
	TagAtom  = 0x0B
	TagCatch = 0x1B
	TagNil   = 0x3B
)

// Nil is the empty list.
const Nil Term = TagNil

// Word size in bytes.
const WordBytes = 8

// Limits of small integers: 60 bits, signed.
const (
	MaxSmall = 1<<59 - 1
	MinSmall = -1 << 59
)

// Header words: bits 0-1 are 00, bits 2-5 the subtag, the rest the arity:
// the number of words that follow the header (for maps see map.go).
const (
	SubTuple     = 0x0 << 2 // arity = number of elements
	SubMatch     = 0x1 << 2 // binary match context
	SubPosBig    = 0x2 << 2 // magnitude, little-endian words
	SubNegBig    = 0x3 << 2
	SubRef       = 0x4 << 2 // local reference
	SubFun       = 0x5 << 2 // closure
	SubFloat     = 0x6 << 2 // one word: IEEE 754 binary64
	SubExport    = 0x7 << 2 // fun M:F/A: one word, the address of an Export
	SubBinRef    = 0x8 << 2 // holder of a reference-counted off-heap block
	SubHeapBits  = 0x9 << 2 // bitstring of at most 64 bytes in place
	SubBits      = 0xA << 2 // window onto a HeapBits or BinRef
	SubRecord    = 0xB << 2 // native record (OTP 29)
	SubExtPid    = 0xC << 2
	SubExtPort   = 0xD << 2
	SubExtRef    = 0xE << 2
	SubMap       = 0xF << 2
	SubMask      = 0xF << 2
	HeaderShift  = 6
	headerTagged = SubMask | TagMask
)

// Header makes a header word.
func Header(sub uint64, arity int) uint64 { return uint64(arity)<<HeaderShift | sub }

// ---- tests -----------------------------------------------------------------

func (t Term) IsImmediate() bool { return t&TagMask == TagImm }
func (t Term) IsCons() bool      { return t&TagMask == TagCons }
func (t Term) IsBoxed() bool     { return t&TagMask == TagBoxed }
func (t Term) IsNil() bool       { return t == Nil }
func (t Term) IsList() bool      { return t&TagMask == TagCons || t == Nil }
func (t Term) IsSmall() bool     { return t&Imm1Mask == TagSmall }
func (t Term) IsAtom() bool      { return t&Imm2Mask == TagAtom }
func (t Term) IsLocalPid() bool  { return t&Imm1Mask == TagPid }
func (t Term) IsLocalPort() bool { return t&Imm1Mask == TagPort }

// sub gives the subtag of a boxed term and an impossible value for others.
func (t Term) sub() uint64 {
	if t&TagMask != TagBoxed {
		return ^uint64(0)
	}
	return *t.Words() & SubMask
}

// IsSub reports whether t is boxed with the given subtag.
func (t Term) IsSub(sub uint64) bool { return t&TagMask == TagBoxed && *t.Words()&SubMask == sub }

func (t Term) IsTuple() bool { return t.IsSub(SubTuple) }
func (t Term) IsFloat() bool { return t.IsSub(SubFloat) }
func (t Term) IsMap() bool   { return t.IsSub(SubMap) }
func (t Term) IsBig() bool {
	return t&TagMask == TagBoxed && *t.Words()&(SubMask&^4) == SubPosBig
}
func (t Term) IsInteger() bool { return t.IsSmall() || t.IsBig() }
func (t Term) IsNumber() bool  { return t.IsSmall() || t.IsBig() || t.IsFloat() }
func (t Term) IsFun() bool     { s := t.sub(); return s == SubFun || s == SubExport }
func (t Term) IsRef() bool     { s := t.sub(); return s == SubRef || s == SubExtRef }
func (t Term) IsPid() bool     { return t.IsLocalPid() || t.IsSub(SubExtPid) }
func (t Term) IsPort() bool    { return t.IsLocalPort() || t.IsSub(SubExtPort) }
func (t Term) IsRecord() bool  { return t.IsSub(SubRecord) }

// IsBitstring reports whether t is a bitstring of any bit length.
func (t Term) IsBitstring() bool { s := t.sub(); return s == SubHeapBits || s == SubBits }

// ---- addresses ---------------------------------------------------------------

// Addr is the memory address behind a cons or boxed term.
func (t Term) Addr() uintptr { return uintptr(t &^ TagMask) }

// Words points to the first word behind a cons or boxed term: the head of a cons
// cell, the header of a boxed object.
func (t Term) Words() *uint64 { return (*uint64)(at(t.Addr())) }

// Word reads word i behind a cons or boxed term (0 is the header or the head).
func (t Term) Word(i int) uint64 { return *(*uint64)(at(t.Addr() + uintptr(i)*WordBytes)) }

// SetWord overwrites word i. Only for objects under construction.
func (t Term) SetWord(i int, w uint64) { *(*uint64)(at(t.Addr() + uintptr(i)*WordBytes)) = w }

// at turns an address in block memory into a pointer. The memory is not Go's (or, in
// race builds, pinned by a registered slice), so the conversion is safe.
func at(a uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&a)) }

// At is at for package eval.
func At(a uintptr) unsafe.Pointer { return at(a) }

// MakeCons and MakeBoxed tag an address.
func MakeCons(a uintptr) Term  { return Term(a | TagCons) }
func MakeBoxed(a uintptr) Term { return Term(a | TagBoxed) }

// ---- immediates --------------------------------------------------------------

// Int makes a small integer; v must lie within MinSmall..MaxSmall (see Heap.Int for any).
func Int(v int) Term { return Term(uint64(v)<<4 | TagSmall) }

// FitsSmall reports whether v fits a small integer.
func FitsSmall(v int64) bool { return v >= MinSmall && v <= MaxSmall }

// Small is the value of a small integer.
func (t Term) Small() int { return int(int64(t) >> 4) }

// Pid makes a local pid from its 60-bit data: number in the low 28 bits, serial above.
func Pid(data uint64) Term { return Term(data<<4 | TagPid) }

// Port makes a local port from its 60-bit data.
func Port(data uint64) Term { return Term(data<<4 | TagPort) }

// ImmData is the 60-bit data of a local pid or port.
func (t Term) ImmData() uint64 { return uint64(t) >> 4 }

// Bool makes true or false.
func Bool(b bool) Term {
	if b {
		return AtomTrue
	}
	return AtomFalse
}

// ---- lists and tuples ----------------------------------------------------------

// Head and Tail of a cons cell; t must be one.
func (t Term) Head() Term { return Term(t.Word(0)) }
func (t Term) Tail() Term { return Term(t.Word(1)) }

// Arity is the size of a tuple; t must be one.
func (t Term) Arity() int { return int(*t.Words() >> HeaderShift) }

// Elem is element i (from 0) of a tuple.
func (t Term) Elem(i int) Term { return Term(t.Word(i + 1)) }

// TupleOf reports whether t is a tuple of n elements.
func (t Term) TupleOf(n int) bool {
	return t&TagMask == TagBoxed && *t.Words() == Header(SubTuple, n)
}

// ListLen is the length of a proper list; ok is false for an improper list or no list.
func ListLen(t Term) (n int, ok bool) {
	for t.IsCons() {
		n++
		t = t.Tail()
	}
	return n, t == Nil
}

// ---- funs ----------------------------------------------------------------------

// FunEntry is what the closures made at one place of a module share. Entries lie at fixed
// addresses outside Go's memory; a closure's layout is
//
//	header(SubFun, 2+nfree) | address of FunEntry | creator pid | free variables...
type FunEntry struct {
	Code     uintptr // loaded code to jump to
	Module   Term
	Name     Term   // of the function that implements it, e.g. '-f/1-fun-0-'
	Arity    uint32 // of the fun, free variables not counted
	NumFree  uint32
	Index    uint32
	OldUniq  uint32
	Uniq     [16]byte // the module's MD5
	Reserved uint64
}

// Export is the slot behind every M:F/A that is called from outside or referred to by an external fun.
// Slots lie at fixed addresses outside Go's memory and are never freed. Code is what a call
// jumps to: the function, or an internal instruction that loads the module or raises undef.
type Export struct {
	Code     uintptr
	Module   Term
	Function Term
	Arity    uint64
	BIF      uint64 // index into the BIF table + 1, or 0
	Reserved [3]uint64
}

// Addr is the address of a slot, for Heap.ExternalFun. A slot in Go's memory must be kept reachable from Go.
func (e *Export) Addr() uintptr { return uintptr(unsafe.Pointer(e)) }

// Addr is the address of an entry, for Heap.Closure, under the same condition.
func (e *FunEntry) Addr() uintptr { return uintptr(unsafe.Pointer(e)) }

// FunEntryOf gives the entry of a closure (t.IsSub(SubFun)).
func (t Term) FunEntryOf() *FunEntry { return (*FunEntry)(at(uintptr(t.Word(1)))) }

// ExportOf gives the slot of an external fun (t.IsSub(SubExport)).
func (t Term) ExportOf() *Export { return (*Export)(at(uintptr(t.Word(1)))) }
