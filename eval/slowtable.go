package eval

// slowFunc executes a slow instruction: a are its operands as full words, c.next the address of the instruction
// behind it. It gives the address to go on at, or raised or halted. The JIT will call the same functions.
type slowFunc func(c *cpu, a []uint64) uintptr

// slowID numbers the slow instructions.
type slowID uint16

const (
	slowSelect slowID = iota
	slowSelectArity
	slowArith
	slowNeg
	slowBnot
	slowBoolNot
	slowBoolAnd
	slowBoolOr
	slowBoolXor
	slowEqV
	slowNeV
	slowLtV
	slowLeV
	slowGtV
	slowGeV
	slowEqExactV
	slowNeExactV
	slowElement
	slowTupleSize
	slowHd
	slowTl
	slowLength
	slowMapGet
	slowIsMapKey
	slowByteSize
	slowBitSize
	slowMapSize
	slowBIF

	slowIsLt
	slowIsGe
	slowIsEq
	slowIsNe
	slowIsEqExact
	slowIsNeExact
	slowIsInteger
	slowIsFloat
	slowIsNumber
	slowIsAtom
	slowIsNil
	slowIsList
	slowIsNonemptyList
	slowIsTuple
	slowTestArity
	slowIsTaggedTuple
	slowIsMap
	slowIsBoolean
	slowIsBitstr
	slowIsBinary
	slowIsPid
	slowIsReference
	slowIsPort
	slowIsFunction
	slowIsFunction2

	slowFnegate
	slowApply
	slowApplyLast
	slowApplyBIF
	slowMakeFun
	slowMakeFunGC
	slowGetTupleElement
	slowSetTupleElement
	slowPutList
	slowUpdateRecord
	slowPutMapAssoc
	slowPutMapExact
	slowHasMapFields
	slowGetMapElements

	slowLoopRec
	slowLoopRecWait
	slowLoopRecFrom
	slowLoopRecEnd
	slowWait
	slowWaitTimeout
	slowRemoveMessage
	slowAccept
	slowMakeMarked
	slowTimeout
	slowMarkerReserve
	slowMarkerBind
	slowMarkerClear
	slowMarkerUse

	slowTryCase
	slowCatchEnd
	slowRaise
	slowRawRaise
	slowBuildStacktrace
	slowFail
	slowBsFail

	slowBsStartMatch
	slowBsGetInteger
	slowBsGetFloat
	slowBsGetBinary
	slowBsSkip
	slowBsTestTail
	slowBsTestUnit
	slowBsMatchString
	slowBsGetTail
	slowBsGetPosition
	slowBsSetPosition
	slowBsGetUtf8
	slowBsGetUtf16
	slowBsGetUtf32
	slowBsMatch
	slowBsCreateBin
	slowBsInitWritable
	slowBsInit
	slowBsOldAppend
	slowBsPut
	slowBsAdd
	slowBsUtfSize

	slowIsRecord
	slowIsNativeRecord
	slowIsRecordAccessible
	slowGetRecordElements
	slowGetRecordField
	slowPutRecord

	slowStress
	slowRoom
	slowCheckMatch
	slowTrace
	slowGoto
	slowReturned

	slowCount
)

// slowTable serves exitSlow.
var slowTable = [slowCount]slowFunc{
	slowSelect: doSelect, slowSelectArity: doSelectArity,
	slowArith: doArith, slowNeg: doNeg, slowBnot: doBnot,
	slowBoolNot: doNot, slowBoolAnd: doAnd, slowBoolOr: doOr, slowBoolXor: doXor,
	slowEqV: doEqV, slowNeV: doNeV, slowLtV: doLtV, slowLeV: doLeV, slowGtV: doGtV, slowGeV: doGeV,
	slowEqExactV: doEqExactV, slowNeExactV: doNeExactV,
	slowElement: doElement, slowTupleSize: doTupleSize, slowHd: doHd, slowTl: doTl, slowLength: doLength,
	slowMapGet: doMapGet, slowIsMapKey: doIsMapKey, slowByteSize: doByteSize, slowBitSize: doBitSize, slowMapSize: doMapSize, slowBIF: doBIF,

	slowIsLt: testIsLt, slowIsGe: testIsGe, slowIsEq: testIsEq, slowIsNe: testIsNe, slowIsEqExact: testIsEqExact,
	slowIsNeExact: testIsNeExact, slowIsInteger: testIsInteger, slowIsFloat: testIsFloat, slowIsNumber: testIsNumber,
	slowIsAtom: testIsAtom, slowIsNil: testIsNil, slowIsList: testIsList, slowIsNonemptyList: testIsNonemptyList,
	slowIsTuple: testIsTuple, slowTestArity: testTestArity, slowIsTaggedTuple: testIsTaggedTuple, slowIsMap: testIsMap,
	slowIsBoolean: testIsBoolean, slowIsBitstr: testIsBitstr, slowIsBinary: testIsBinary, slowIsPid: testIsPid,
	slowIsReference: testIsReference, slowIsPort: testIsPort, slowIsFunction: testIsFunction,
	slowIsFunction2: testIsFunction2,

	slowFnegate: doFnegate, slowApply: doApply, slowApplyLast: doApplyLast, slowApplyBIF: doApplyBIF,
	slowMakeFun: doMakeFun, slowMakeFunGC: doMakeFun,
	slowGetTupleElement: doGetTupleElement, slowSetTupleElement: doSetTupleElement, slowPutList: doPutList,
	slowUpdateRecord: doUpdateRecord, slowPutMapAssoc: doPutMapAssoc, slowPutMapExact: doPutMapExact,
	slowHasMapFields: doHasMapFields, slowGetMapElements: doGetMapElements,

	slowLoopRec: doLoopRec, slowLoopRecEnd: doLoopRecEnd, slowWait: doWait, slowWaitTimeout: doWaitTimeout,
	slowLoopRecWait: doLoopRecWait, slowLoopRecFrom: doLoopRecFrom, slowAccept: doAccept, slowMakeMarked: doMakeMarked,
	slowRemoveMessage: doRemoveMessage, slowTimeout: doTimeout, slowMarkerReserve: doMarkerReserve,
	slowMarkerBind: doMarkerBind, slowMarkerClear: doMarkerClear, slowMarkerUse: doMarkerUse,

	slowTryCase: doTryCase, slowCatchEnd: doCatchEnd, slowRaise: doRaise, slowRawRaise: doRawRaise,
	slowBuildStacktrace: doBuildStacktrace, slowFail: doFail, slowBsFail: doFail,

	slowBsStartMatch: doBsStartMatch, slowBsGetInteger: doBsGetInteger, slowBsGetFloat: doBsGetFloat,
	slowBsGetBinary: doBsGetBinary, slowBsSkip: doBsSkip, slowBsTestTail: doBsTestTail, slowBsTestUnit: doBsTestUnit,
	slowBsMatchString: doBsMatchString, slowBsGetTail: doBsGetTail, slowBsGetPosition: doBsGetPosition,
	slowBsSetPosition: doBsSetPosition, slowBsGetUtf8: doBsGetUtf8, slowBsGetUtf16: doBsGetUtf16,
	slowBsGetUtf32: doBsGetUtf32, slowBsMatch: doBsMatch, slowBsCreateBin: doBsCreateBin,
	slowBsInitWritable: doBsInitWritable,
	slowBsInit:         doBsInit, slowBsOldAppend: doBsOldAppend, slowBsPut: doBsPut, slowBsAdd: doBsAdd, slowBsUtfSize: doBsUtfSize,

	slowIsRecord: testIsRecord, slowIsNativeRecord: testIsNativeRecord, slowIsRecordAccessible: testIsRecordAccessible,
	slowGetRecordElements: doGetRecordElements, slowGetRecordField: doGetRecordField, slowPutRecord: doPutRecord,

	slowStress: doStress, slowRoom: doRoom, slowCheckMatch: doCheckMatch, slowTrace: doTrace,
	slowGoto: doGoto, slowReturned: doReturned,
}
