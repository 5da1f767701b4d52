package beam

// Types is the type table that register operands refer to (Type chunk). Entry 0 is "any". The machine never trusts it.
type Types struct {
	Version int // as in the file: 1 for OTP 25, 2 for 26, 3 for 27 and 28, 4 for 29; 0: no table
	Entries []Type
}

// Type is an entry of the type table: the union of the sorts whose bits are set.
type Type struct {
	Bits           TypeBits
	HasMin, HasMax bool
	HasUnit        bool
	Min, Max       int64 // bounds of the numbers, if HasMin, HasMax
	Unit           int   // size unit of bitstrings in bits (1..256), if HasUnit
}

// TypeBits says what sorts of terms a value can be.
type TypeBits uint16

// Sorts of terms. The bits are those of the Type chunk of OTP 25; reader and writer convert to those of the other versions.
const (
	TypeAtom TypeBits = 1 << iota
	TypeBitstring
	TypeContext // match context
	TypeCons
	TypeFloat
	TypeFun
	TypeInteger
	TypeMap
	TypeNil
	TypePid
	TypePort
	TypeReference
	TypeTuple
	TypeRecord // native record, OTP 29

	// TypeAny is every sort of term.
	TypeAny = 1<<14 - 1
)

// Versions of the Type chunk.
const (
	typesVersion25 = 1
	typesVersion26 = 2
	typesVersion27 = 3
	typesVersion29 = 4
)
