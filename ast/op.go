package ast

// Op is an operator of expressions or of constant types.
type Op uint8

// The operators. The zero Op is none.
const (
	OpNone   Op = iota
	OpSend      // !
	OpOrelse    // orelse
	OpAndalso
	OpEq      // ==
	OpNe      // /=
	OpLe      // =<
	OpLt      // <
	OpGe      // >=
	OpGt      // >
	OpExactEq // =:=
	OpExactNe // =/=
	OpAppend  // ++
	OpDelete  // --
	OpAdd     // + (binary and unary)
	OpSub     // - (binary and unary)
	OpBor
	OpBxor
	OpBsl
	OpBsr
	OpOr
	OpXor
	OpDiv // /
	OpMul // *
	OpIntDiv
	OpRem
	OpBand
	OpAnd
	OpBnot // unary
	OpNot  // unary
	opCount
)

// Assoc is how operators of one precedence group.
type Assoc uint8

// The ways of grouping.
const (
	LeftAssoc Assoc = iota
	RightAssoc
	NonAssoc
)

// OpInfo describes an operator: its spelling, its precedence as a binary
// operator (higher binds tighter, 0: not a binary operator) and whether it is
// a prefix operator too. The numbers are those of Erlang's grammar.
type OpInfo struct {
	Text   string
	Prec   int
	Assoc  Assoc
	Prefix bool
}

// Precedences of what is not in the operator table.
const (
	PrecCatch  = 0
	PrecMatch  = 100 // =, right associative
	PrecPrefix = 600
	PrecHash   = 700 // record and map operations
	PrecCall   = 750
	PrecRemote = 800 // :
)

var opTable = [opCount]OpInfo{
	OpSend:    {"!", 100, RightAssoc, false},
	OpOrelse:  {"orelse", 150, RightAssoc, false},
	OpAndalso: {"andalso", 160, RightAssoc, false},
	OpEq:      {"==", 200, NonAssoc, false},
	OpNe:      {"/=", 200, NonAssoc, false},
	OpLe:      {"=<", 200, NonAssoc, false},
	OpLt:      {"<", 200, NonAssoc, false},
	OpGe:      {">=", 200, NonAssoc, false},
	OpGt:      {">", 200, NonAssoc, false},
	OpExactEq: {"=:=", 200, NonAssoc, false},
	OpExactNe: {"=/=", 200, NonAssoc, false},
	OpAppend:  {"++", 300, RightAssoc, false},
	OpDelete:  {"--", 300, RightAssoc, false},
	OpAdd:     {"+", 400, LeftAssoc, true},
	OpSub:     {"-", 400, LeftAssoc, true},
	OpBor:     {"bor", 400, LeftAssoc, false},
	OpBxor:    {"bxor", 400, LeftAssoc, false},
	OpBsl:     {"bsl", 400, LeftAssoc, false},
	OpBsr:     {"bsr", 400, LeftAssoc, false},
	OpOr:      {"or", 400, LeftAssoc, false},
	OpXor:     {"xor", 400, LeftAssoc, false},
	OpDiv:     {"/", 500, LeftAssoc, false},
	OpMul:     {"*", 500, LeftAssoc, false},
	OpIntDiv:  {"div", 500, LeftAssoc, false},
	OpRem:     {"rem", 500, LeftAssoc, false},
	OpBand:    {"band", 500, LeftAssoc, false},
	OpAnd:     {"and", 500, LeftAssoc, false},
	OpBnot:    {"bnot", 0, LeftAssoc, true},
	OpNot:     {"not", 0, LeftAssoc, true},
}

// Info returns the operator's row.
func (o Op) Info() OpInfo { return opTable[o] }

// String is the operator's spelling.
func (o Op) String() string { return opTable[o].Text }

// LookupOp finds an operator by its spelling, OpNone if there is none.
func LookupOp(text string) Op {
	for o := OpNone + 1; o < opCount; o++ {
		if opTable[o].Text == text {
			return o
		}
	}
	return OpNone
}
