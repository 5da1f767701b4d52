// Package beam is the bridge between the compiler and the machine: the generic BEAM instruction
// set (genop.tab, OTP 25 to 29), the container for one module's code, the reader and writer of .beam files, the
// assembler listing that OTP can read, the disassembler and the validator.
//
// Main types: Op and OpInfo (the instruction table), Instr and Arg (one instruction), Module (a module), Builder (makes
// a Module), File (chunks of a .beam file).
//
// It may import term, etf and diag.
//
//	m, err := beam.Read(data)            // a .beam file
//	if err == nil { err = beam.Validate(m) }
//	data, err = beam.Write(m, beam.WriteOptions{})
package beam

import (
	"math/big"

	"github.com/gerl-lang/gerl/term"
)

// Module is one module as generic BEAM code. Compiler and reader produce it; writer,
// listings, validator and loader consume it and do not change it.
//
// Indices in operands refer to the slices below. All terms live in Heap.
type Module struct {
	Name term.Term
	// Atoms is the atom table in the file's order; Atoms[0] is Name. Operands hold atoms directly, so
	// only the writer needs it: it keeps this order and appends the atoms that are missing.
	Atoms    []term.Term
	Exports  []Export // in the file's order
	Locals   []Export // functions that are not exported
	Imports  []Import
	Lambdas  []Lambda
	Literals []term.Term
	Bigs     []*big.Int // integers of more than 64 bits in operands
	Strings  []byte     // string table for bs_match_string, bs_put_string and string segments
	Lines    Lines
	Types    Types
	Records  []RecordDef // native records, OTP 29

	Attributes  term.Term // list of {Name, [Value]}, as module_info(attributes) gives it; None if the chunk is missing
	CompileInfo term.Term // list of {Key, Value}; None if the chunk is missing

	Labels int // one more than the highest label number
	Code   []Instr
	Funcs  []Func
	// LabelPos is the index in Code of each label's label instruction, -1 for numbers that are not used.
	LabelPos []int32

	Notes []Note // in the order of At; only for listings, not written to files

	// Chunks are all other chunks in the file's order: Dbgi, Docs, Meta, DbgB, ExCk and whatever tools add.
	Chunks []Chunk

	// Heap owns the terms above (literals, attributes, compile info, record defaults).
	Heap *term.Heap

	exports []*term.Export // what export funs in literals refer to, without slots of a node
}

// ownExport makes a slot that lives as long as the module.
func (m *Module) ownExport(mod, f term.Term, arity int) uintptr {
	e := &term.Export{Module: mod, Function: f, Arity: uint64(arity)}
	m.exports = append(m.exports, e)
	return e.Addr()
}

// Export is an exported or local function.
type Export struct {
	Name  term.Term
	Arity int
	Label int // of the entry
}

// Import is a function of another module (or a BIF) that instructions name by its index.
type Import struct {
	Module, Name term.Term
	Arity        int
}

// Lambda is an entry of the fun table.
type Lambda struct {
	Name    term.Term // of the function that implements it
	Arity   int       // of that function: fun arity + NumFree
	Label   int       // its entry
	Index   int
	NumFree int
	OldUniq uint32
}

// Func is one function: Code[Start:End], from its first label (before func_info) to the next function's.
type Func struct {
	Name       term.Term
	Arity      int
	Entry      int // entry label
	Start, End int
	Info       int // index of the func_info instruction
}

// Lines is the line table.
type Lines struct {
	Files  []string // Files[0] is the module's own source, Name.erl
	Items  []Line   // Items[0] is the position of index 0: none
	Instrs int      // number of line instructions
	// Executable and ForceCounters are the flags of OTP 27 and later.
	Executable, ForceCounters bool
}

// Line is a source position: file index and line number.
type Line struct {
	File int
	Line int
}

// Chunk is a chunk that the package does not interpret.
type Chunk struct {
	Name string // four bytes
	Data []byte
}

// RecordDef defines a native record (Recs chunk, OTP 29).
type RecordDef struct {
	Name     term.Term
	Exported bool
	Fields   []RecordField
}

// RecordField is one field of a native record; Default is the operand that gives its default value, of KindNone if it has none.
type RecordField struct {
	Name    term.Term
	Default Arg
}

// Chunk gives the data of an uninterpreted chunk; ok is false if there is none.
func (m *Module) Chunk(name string) (data []byte, ok bool) {
	for _, c := range m.Chunks {
		if c.Name == name {
			return c.Data, true
		}
	}
	return nil, false
}
