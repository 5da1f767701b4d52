package eval

import (
	"unsafe"

	"github.com/gerl-lang/gerl/term"
)

// Full-word operands are what rare instructions and operand lists hold: one word that is
// a constant term (whose low two bits are never 00), or a register:
//
//	byte offset << 3 | 000   X register (or float register), offset in the context
//	byte offset << 3 | 100   Y register, offset from E
type operand = uint64

const operandY = 4

// place is the address of the register that o names; o must be one.
func (c *cpu) place(o operand) *uint64 {
	if o&operandY != 0 {
		return (*uint64)(term.At(c.h.E + uintptr(o>>3)))
	}
	return (*uint64)(unsafe.Add(unsafe.Pointer(c.m), o>>3))
}

// get is the value of o.
func (c *cpu) get(o operand) term.Term {
	if o&3 != 0 {
		return term.Term(o)
	}
	return term.Term(*c.place(o))
}

// set writes register o.
func (c *cpu) set(o operand, t term.Term) { *c.place(o) = uint64(t) }

// word reads the word at an address of pinned memory.
func word(a uintptr) uint64 { return *(*uint64)(term.At(a)) }

func setWord(a uintptr, w uint64) { *(*uint64)(term.At(a)) = w }
