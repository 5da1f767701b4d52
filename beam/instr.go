package beam

import "github.com/gerl-lang/gerl/term"

// Instr is one generic instruction. Args holds one Arg for each operand in the order of genop.tab; an operand list is an
// Arg of kind KindList (always the last operand) with its elements behind it. All Args of a module share few backing slices.
type Instr struct {
	Op   Op
	Args []Arg
}

// List gives the elements of the operand list that ends the instruction, nil if it has none.
func (in Instr) List() []Arg {
	n := in.Op.Info().Arity
	if n == 0 || len(in.Args) < n || in.Args[n-1].Kind != KindList {
		return nil
	}
	return in.Args[n:]
}

// ArgKind is the form of an operand.
type ArgKind uint8

// Forms of operands. The comment tells what Arg.Val holds.
const (
	KindNone  ArgKind = iota
	KindU             // unsigned number: counts, sizes and indices into the module's tables
	KindInt           // integer of at most 64 bits (not always a small one)
	KindBig           // index into Module.Bigs
	KindAtom          // the atom itself, a term.Term
	KindNil           // []
	KindLit           // index into Module.Literals
	KindX             // X register; Arg.Ext = type index + 1, or 0 for no type
	KindY             // Y register; Arg.Ext as for KindX
	KindFR            // float register
	KindLabel         // label number, 0 for none
	KindAlloc         // heap need: words in the low 32 bits of Val, funs above; Arg.Ext = floats
	KindList          // number of operands that follow
)

// Arg is one operand.
type Arg struct {
	Val  int64
	Ext  uint32
	Kind ArgKind
}

// Constructors of operands.

// X is X register n.
func X(n int) Arg { return Arg{Kind: KindX, Val: int64(n)} }

// Y is Y register n, Y(0) at the top of the stack.
func Y(n int) Arg { return Arg{Kind: KindY, Val: int64(n)} }

// FR is float register n.
func FR(n int) Arg { return Arg{Kind: KindFR, Val: int64(n)} }

// U is an unsigned number.
func U(n int) Arg { return Arg{Kind: KindU, Val: int64(n)} }

// Int is an integer constant of at most 64 bits; see Builder.Integer for larger ones.
func Int(v int64) Arg { return Arg{Kind: KindInt, Val: v} }

// Atom is an atom constant.
func Atom(t term.Term) Arg { return Arg{Kind: KindAtom, Val: int64(t)} }

// Nil is the constant [].
func Nil() Arg { return Arg{Kind: KindNil} }

// Lit is element i of Module.Literals.
func Lit(i int) Arg { return Arg{Kind: KindLit, Val: int64(i)} }

// Label is label n; Label(0) means that failure raises an exception.
func Label(n int) Arg { return Arg{Kind: KindLabel, Val: int64(n)} }

// List stands before n operands that form an operand list.
func List(n int) Arg { return Arg{Kind: KindList, Val: int64(n)} }

// Alloc is a heap need in words besides room for floats and funs, whose sizes only the machine knows.
func Alloc(words, floats, funs int) Arg {
	return Arg{Kind: KindAlloc, Val: int64(words)&0xFFFFFFFF | int64(funs)<<32, Ext: uint32(floats)}
}

// WithType annotates a register with entry i of Module.Types.
func (a Arg) WithType(i int) Arg { a.Ext = uint32(i) + 1; return a }

// TypeIndex is the type annotation of a register; ok is false if there is none.
func (a Arg) TypeIndex() (i int, ok bool) {
	if (a.Kind == KindX || a.Kind == KindY) && a.Ext != 0 {
		return int(a.Ext) - 1, true
	}
	return 0, false
}

// Need splits a heap need (KindU or KindAlloc) into words, floats and funs.
func (a Arg) Need() (words, floats, funs int) {
	if a.Kind == KindAlloc {
		return int(uint32(a.Val)), int(a.Ext), int(uint64(a.Val) >> 32)
	}
	return int(a.Val), 0, 0
}

// N is Val as an int.
func (a Arg) N() int { return int(a.Val) }

// Term is the atom of a KindAtom operand.
func (a Arg) Term() term.Term { return term.Term(a.Val) }

// IsReg reports whether the operand is an X or Y register.
func (a Arg) IsReg() bool { return a.Kind == KindX || a.Kind == KindY }
