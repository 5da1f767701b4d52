package eval

import "github.com/gerl-lang/gerl/term"

// Machine is the context of one worker: what the loop (and later native code) and the Go functions behind its
// exits share. It holds only integers, it is allocated by itself and never moves, and it is complete whenever the
// loop is left. X must stay the first field: instructions hold byte offsets into it.
type Machine struct {
	X [1024]uint64 // X registers
	F [1024]uint64 // float registers, as bits

	PC   uintptr // of the instruction to execute, or the one that left the loop
	Self uint64  // pid of the running process
	Heap uintptr // the running process's term.Heap, whose Htop and E are the machine's
	Reds int64   // reductions left

	// Arguments of an exit.
	Need uint64  // bytes of room asked for, the reserve included
	Live uint64  // live X registers
	A, B uint64  // terms
	Dst  uint64  // full-word operand
	T    uintptr // where to go on, or the branch for true
	Else uintptr // the branch for false
	J    int64   // displacement of the fail label in words, 0 for none
	Op   uint64  // arithmetic operation
}

const wordBytes = term.WordBytes

// reserveBytes is the room that every test leaves free.
const reserveBytes = term.StackReserve * wordBytes

// floatBase is the offset of F in the context.
const floatBase = 1024 * wordBytes

// Constants of package term under names that the generated loop can use as uint64.
const (
	subFun      = uint64(term.SubFun) // headers have tag 00
	subMap      = uint64(term.SubMap)
	subPosBig   = uint64(term.SubPosBig)
	subFloat    = uint64(term.SubFloat)
	subHeapBits = uint64(term.SubHeapBits)
	subBits     = uint64(term.SubBits)
	subMatch    = uint64(term.SubMatch)
	atomTrue    = uint64(term.AtomTrue)
	atomFalse   = uint64(term.AtomFalse)
)

// Exits: why the loop was left. Each is served by one Go function over the context (driver.go).
const (
	exitIllegal = iota // an instruction that does not exist: a bug or damaged memory
	exitSlow
	exitFuncInfo
	exitBreakpoint
	exitUnloaded
	exitFinish
	exitCollect
	exitYield
	exitBIF
	exitBIFOnly
	exitBIFLast
	exitBIFBody
	exitCallFun
	exitCallFunLast
	exitEqExact
	exitEqual
	exitNotEqual
	exitLess
	exitGreaterEqual
	exitArith
	exitFloatConv
	exitFloatError
	exitBadType
)

// Arithmetic operations, for exitArith.
const (
	arithAdd = iota
	arithSub
	arithMul
	arithDiv
	arithRem
	arithBand
	arithBor
	arithBxor
	arithBsl
	arithBsr
)

// opOf is the opcode in the first word of an instruction: nine bits; where byte 1 is an operand, it has the seven bits above.
func opOf(w uint64) int { return int(w & 0x1ff) }

// opAt is the opcode of the instruction at an address.
func opAt(a uintptr) int { return opOf(word(a)) }

// family is a group of specialised instructions that do the same with operands of different kinds.
type family uint8

// opInfo describes a specialised instruction; opOperand one of its operands (kinds as in gen/main.go).
type opInfo struct {
	name     string
	size     int // bytes
	operands []opOperand
}

type opOperand struct {
	name string
	kind byte
	off  int
}
