package beam

//go:generate go run ./gen

// Op is the number of a generic instruction in the Code chunk. genop.tab describes them all.
type Op uint8

// OpInfo is one row of the instruction table.
type OpInfo struct {
	Name     string // as OTP spells it
	Arity    int
	Operands []Operand // Arity of them
	Since    int       // OTP release that brought it, 0 for before 25
	Retired  int       // OTP release whose compiler does not know it any more, 0 for none
	Doc      string    // what it does, in register notation
}

// Operand is one operand of a generic instruction.
type Operand struct {
	Name string
	Kind OperandKind
}

// OperandKind says what an operand may be and what it is used for. The letters in genop.tab stand for these.
type OperandKind uint8

// Operand kinds.
const (
	OperandSource        OperandKind = iota + 1 // register or constant that is read
	OperandRegister                             // X or Y register that is read
	OperandDest                                 // X or Y register that is written
	OperandYDest                                // Y register that is written
	OperandFloatOrTerm                          // register of any sort, or a float literal
	OperandFloatRegister                        // float register
	OperandTarget                               // label
	OperandFailTarget                           // label, or 0: raise an exception
	OperandNumber                               // unsigned number
	OperandAtomName                             // atom
	OperandLive                                 // number of live X registers
	OperandArity                                // number of arguments
	OperandNeed                                 // heap need: words or alloc list
	OperandFrame                                // number of Y registers
	OperandImportIndex                          // index in Module.Imports
	OperandLambdaIndex                          // index in Module.Lambdas
	OperandLineIndex                            // index in Module.Lines.Items, from 1; 0 for no position
	OperandStringIndex                          // string of a retired instruction
	OperandStringPos                            // offset in Module.Strings
	OperandFlags                                // FlagLittle, FlagSigned, FlagNative
	OperandOperandList                          // list; its elements follow it in Instr.Args
	OperandUnit                                 // unit in bits
)

// Binary segment flags, the value of an OperandFlags.
const (
	FlagLittle = 2
	FlagSigned = 4
	FlagNative = 16
)

// Info gives the row of op; for a number outside the table it is the zero row.
func (op Op) Info() *OpInfo {
	if op > MaxOp {
		op = 0
	}
	return &ops[op]
}

// String is OTP's name of the instruction.
func (op Op) String() string { return op.Info().Name }

// OpByName finds an instruction by name and arity; ok is false if there is none.
func OpByName(name string, arity int) (op Op, ok bool) {
	for i := 1; i <= int(MaxOp); i++ {
		if ops[i].Name == name && ops[i].Arity == arity {
			return Op(i), true
		}
	}
	return 0, false
}
