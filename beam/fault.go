package beam

import "fmt"

// mask is a set of operand forms.
type mask uint16

const (
	mU     mask = 1 << KindU
	mConst mask = 1<<KindInt | 1<<KindBig | 1<<KindAtom | 1<<KindNil | 1<<KindLit
	mReg   mask = 1<<KindX | 1<<KindY
	mY     mask = 1 << KindY
	mFR    mask = 1 << KindFR
	mLabel mask = 1 << KindLabel
	mAlloc mask = 1 << KindAlloc
	mAtom  mask = 1 << KindAtom
	mList  mask = 1 << KindList
)

// allowed gives the operand forms for each operand kind.
var allowed = [...]mask{
	OperandSource:        mConst | mReg,
	OperandRegister:      mReg,
	OperandDest:          mReg,
	OperandYDest:         mY,
	OperandFloatOrTerm:   mConst | mReg | mFR,
	OperandFloatRegister: mFR,
	OperandTarget:        mLabel,
	OperandFailTarget:    mLabel,
	OperandNumber:        mU,
	OperandAtomName:      mAtom,
	OperandLive:          mU,
	OperandArity:         mU,
	OperandNeed:          mU | mAlloc,
	OperandFrame:         mU,
	OperandImportIndex:   mU,
	OperandLambdaIndex:   mU,
	OperandLineIndex:     mU,
	OperandStringIndex:   mU,
	OperandStringPos:     mU,
	OperandFlags:         mU,
	OperandOperandList:   mList,
	OperandUnit:          mU,
}

// excepted tells operands whose form depends on more than their kind.
func excepted(op Op, i int, a Arg) bool {
	switch op {
	case OpBsStartMatch4: // fail is a label or an atom
		return i == 0 && a.Kind == KindLabel
	case OpBsInit2, OpBsInitBits: // a constant size comes as a number
		return i == 1 && a.Kind == KindU
	case OpCallFun2: // tag may be an index of the fun table
		return i == 0 && a.Kind == KindU
	}
	return false
}

// fault checks the form of an instruction: operand forms, and indices into the module's tables. It gives "" if all
// is well. What an instruction may do at its place is the validator's business.
func (m *Module) fault(in Instr) string {
	if in.Op == 0 || in.Op > MaxOp {
		return fmt.Sprintf("unknown opcode %d", in.Op)
	}
	info := &ops[in.Op]
	if info.Retired == 25 {
		return "the instruction is older than OTP 25"
	}
	n := info.Arity
	if len(in.Args) < n {
		return fmt.Sprintf("%d operands instead of %d", len(in.Args), n)
	}
	for i := range info.Operands {
		a := &in.Args[i]
		kind := info.Operands[i].Kind
		if a.Kind > KindList || allowed[kind]&(1<<a.Kind) == 0 {
			if !excepted(in.Op, i, *a) {
				return fmt.Sprintf("operand %s has the wrong form", info.Operands[i].Name)
			}
			if in.Op == OpCallFun2 {
				kind = OperandLambdaIndex
			}
		}
		size := -1
		switch kind {
		case OperandImportIndex:
			size = len(m.Imports)
		case OperandLambdaIndex:
			size = len(m.Lambdas)
		case OperandLineIndex:
			if size = len(m.Lines.Items); size == 1 {
				size = -1 // a stripped file has no line table
			}
		case OperandTarget, OperandFailTarget:
			size = m.Labels
		case OperandArity:
			size = 256
		case OperandOperandList:
			if int64(len(in.Args)-n) != a.Val {
				return "operand list has the wrong length"
			}
		}
		if size >= 0 && uint64(a.Val) >= uint64(size) {
			return fmt.Sprintf("operand %s = %d is out of range", info.Operands[i].Name, a.Val)
		}
	}
	for i := range in.Args {
		a := &in.Args[i]
		limit := int64(maxNumber)
		switch a.Kind {
		case KindInt, KindNil:
			continue
		case KindAtom:
			if !a.Term().IsAtom() {
				return "an atom is none"
			}
			continue
		case KindU:
			if i >= n {
				limit = maxListNumber
			}
		case KindLit:
			limit = int64(len(m.Literals))
		case KindBig:
			limit = int64(len(m.Bigs))
		case KindLabel:
			limit = int64(m.Labels)
		case KindX, KindY, KindFR:
			limit = maxRegister
			if a.Ext != 0 && len(m.Types.Entries) > 0 && uint64(a.Ext) > uint64(len(m.Types.Entries)) {
				return fmt.Sprintf("type %d is out of range", a.Ext-1)
			}
		case KindAlloc:
			limit = 1<<63 - 1
		case KindList:
			if i != n-1 {
				return "operand list in a wrong place"
			}
		default:
			return "operand of unknown form"
		}
		if uint64(a.Val) >= uint64(limit) {
			return fmt.Sprintf("operand %s is out of range", *a)
		}
	}
	return ""
}

// Bounds of numbers in operands and (sizes in bits) in operand lists.
const (
	maxNumber     = 1 << 30
	maxListNumber = 1 << 40
)
