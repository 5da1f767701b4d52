package compiler

import (
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

// The intermediate representation: every function is a control flow graph of
// basic blocks in static single assignment form. A value is an index into its
// function's table; constants are values without a block. Operations that can
// fail in a guard, and all that choose a way, are the terminators of blocks,
// so that no edge leaves the middle of a block - but exceptions, which go from
// anywhere in a block to block.handler.

// val names a value of a function; 0 is none.
type val int32

// op is what computes a value.
type op uint8

// The operations of values.
const (
	opNone         op = iota
	opConst           // lit
	opUndef           // whatever is there
	opParam           // parameter n
	opPhi             // args parallel to the block's preds
	opTerm            // result of block blk's terminator, defined in its first successor
	opCall            // aux *funRef: local call
	opCallExt         // aux mfa
	opCallFun         // args: fun, arguments...
	opApply           // args: module, function, arguments...
	opBif             // aux string: never collects; raises in bodies
	opGcBif           // aux string: may collect
	opMakeFun         // aux *funRef; args: environment
	opCons            // head, tail
	opTuple           // elements
	opMapAssoc        // map, key, value...
	opMapExact        // map, key, value...
	opHd              // cons
	opTl              // cons
	opElem            // tuple; n: index from 0
	opBsCreate        // aux []binSeg
	opBsStart         // never fails: bin is a bit string for certain
	opBsTail          // ctx: what remains as a bit string
	opBsPos           // ctx: current position
	opBsSetPos        // ctx, position
	opTryEnd          // tag
	opTryCase         // tag; the three values are opLand
	opLand            // n: 0 class, 1 reason, 2 raw stack
	opCatchEnd        // tag, value
	opStack           // raw stack -> list
	opSend            // pid, message
	opRemoveMsg       //
	opTimeout         //
	opMarkReserve     // -> marker
	opMarkBind        // marker, ref
	opMarkUse         // ref
	opMarkClear       // ref
	opInitWritable    // size
	opFConv           // operand -> float register; aux "convert" if it may be no float
	opFArith          // aux string: fadd...
	opFBox            // float register -> term
	opRawRaise        // class, reason, raw stack
	opPutRecord       // aux *recordPut; args: record or nil, values
	opAssume          // aux typ; no code: what is certain of the argument, for OTP's validator
)

// value is one row of a function's value table.
type value struct {
	op     op
	lit    term.Term
	args   []val
	aux    any
	n      int
	blk    *block
	pos    diag.Pos
	result *typ // form of a call's result, if it is known
}

// term kinds of blocks.
type tkind uint8

const (
	tNone       tkind = iota
	tJump             // succs: target
	tBr               // aux string (test name), args; succs: true, false; n: arity
	tSwitch           // args: value; cases, succs: one per case, default last
	tArity            // args: tuple; cases small ints
	tBif              // aux string, args, val; succs: ok, fail. never collects
	tGcBif            // the same, may collect
	tMapGet           // args: map, key; val; succs: ok, fail
	tRecordElem       // args: record; aux string: field; val
	tBsStart          // args: bin; val ctx
	tBsGet            // aux *binSeg, args: ctx, size?; val
	tBsSkip           // aux *binSeg, args: ctx, size?
	tBsTail           // args: ctx; n: bits that must remain exactly
	tBsUnit           // args: ctx; n: unit that what remains must have; moves to the end
	tBsString         // args: ctx; aux []byte, n: bits
	tBsCreate         // aux []binSeg, args; val (in guards)
	tReturn           // args: value
	tLoopRec          // val msg; succs: message, none
	tRecEnd           // succs: loop
	tWait             // succs: loop
	tWaitTime         // args: time; succs: loop, timeout
	tTry              // val tag; succs: body, handler
	tCatch            // val tag; succs: body, handler
	tFail             // aux string: badmatch, case_end, if_end, try_case_end, badrecord; args
	tFuncClause       // args: the parameters
	tRaise            // args: raw stack, reason
	tUnreach          // the last instruction never returns
)

// block is a basic block.
type block struct {
	id      int32
	kind    tkind
	mark    bool
	preds   []*block
	phis    []val
	ins     []val
	args    []val
	aux     any
	n       int
	val     val
	pos     diag.Pos
	succs   []*block
	cases   []term.Term
	handler *block
	tag     val         // innermost try/catch tag in force, for the allocator
	types   []beam.Type // of args, where they are known

	// facts of later passes
	order  int32 // reverse postorder number
	liveIn []val
}

// mfa names a function of any module.
type mfa struct {
	mod, fun string
	arity    int
}

// funRef names a function of the module being compiled; arity includes the
// environment of a fun.
type funRef struct {
	name  string
	arity int
	fn    *fn // nil until known
}

// binSeg describes a segment of a bit string pattern or construction.
type binSeg struct {
	typ    string // integer, float, binary, utf8, utf16, utf32, string
	unit   int
	signed bool
	little bool
	native bool
	all    bool   // binary without size
	size   val    // construction: size, 0 when absent
	value  val    // construction
	str    []byte // typ string
	app    string // append, private_append or empty
	pos    diag.Pos
}

// fn is one function of the module.
type fn struct {
	name     string
	arity    int // with environment
	nfree    int
	pos      diag.Pos
	vals     []value
	blocks   []*block
	entry    *block
	params   []val
	consts   map[term.Term]val
	ref      *funRef
	isFun    bool // body of a fun expression: has an entry in the fun table
	nblocks  int32
	noClause bool // function_clause cannot be raised

	ctxParams  []int               // parameters that accept match contexts
	paramTypes []typ               // of the parameters, where the module's own calls are all there are
	argTypes   map[val][]beam.Type // types of instructions' operands, where they are known
}

func newFn(name string, arity int, pos diag.Pos) *fn {
	f := &fn{name: name, arity: arity, pos: pos, consts: map[term.Term]val{}}
	f.vals = make([]value, 1, 64)
	f.entry = f.newBlock(nil)
	return f
}

func (f *fn) newBlock(handler *block) *block {
	b := &block{id: f.nblocks, handler: handler}
	f.nblocks++
	f.blocks = append(f.blocks, b)
	return b
}

func (f *fn) newVal(v value) val {
	f.vals = append(f.vals, v)
	return val(len(f.vals) - 1)
}

// konst gives the value of a constant; immediates are shared.
func (f *fn) konst(t term.Term) val {
	if v, ok := f.consts[t]; ok {
		return v
	}
	v := f.newVal(value{op: opConst, lit: t})
	f.consts[t] = v
	return v
}

func (f *fn) atom(name string) val { return f.konst(term.Intern(name)) }

func (f *fn) isConst(v val) bool { return f.vals[v].op == opConst }

// edge makes to a successor of from.
func edge(from, to *block) {
	from.succs = append(from.succs, to)
	to.preds = append(to.preds, from)
}

// add appends an instruction to block b.
func (f *fn) add(b *block, v value) val {
	v.blk = b
	id := f.newVal(v)
	b.ins = append(b.ins, id)
	return id
}

// phi makes a phi of block b with the arguments given, in the order of preds.
func (f *fn) phi(b *block, args []val) val {
	id := f.newVal(value{op: opPhi, args: args, blk: b})
	b.phis = append(b.phis, id)
	return id
}

// removePred takes the edge at index i of b.preds away.
func (f *fn) removePred(b *block, i int) {
	b.preds = append(b.preds[:i:i], b.preds[i+1:]...)
	for _, p := range b.phis {
		a := f.vals[p].args
		f.vals[p].args = append(a[:i:i], a[i+1:]...)
	}
}

func predIndex(b, p *block) int {
	for i, q := range b.preds {
		if q == p {
			return i
		}
	}
	return -1
}
