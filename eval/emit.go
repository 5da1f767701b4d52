package eval

import (
	"encoding/binary"
	"math"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/term"
)

// opd is an operand of a specialised instruction while it is emitted.
type opd struct {
	kind byte // 'x' 'y' 'z' 'c' as in the generator; 'n' any number; 'l' label number
	val  uint64
}

func num(n int) opd   { return opd{'n', uint64(n)} }
func label(n int) opd { return opd{'l', uint64(n)} }
func raw(w uint64) opd {
	return opd{'c', w}
}

// fixup is a place in the code that waits for the address of a label.
type fixup struct {
	at    int // byte offset in the code
	instr int // byte offset of the instruction
	label int
	kind  byte // 'l' 32-bit displacement, 'j' 16-bit in words, 'q' 64-bit displacement, 'a' 64-bit address, 't' catch tag
}

// asm collects the code of one module.
type asm struct {
	buf    []byte // a multiple of 8 bytes
	fixups []fixup
	labels []int // byte offset of each label, -1
}

// asmFor gives room for the code of a module.
func (vm *VM) asmFor() *asm {
	if a, ok := vm.asms.Get().(*asm); ok {
		return a
	}
	return &asm{}
}

func (a *asm) here() int { return len(a.buf) }

func (a *asm) word(w uint64) { a.buf = binary.LittleEndian.AppendUint64(a.buf, w) }

// find gives the instruction of a family for these operands, 0 if there is none.
func find(f family, args []opd) uint16 {
	key, n := uint16(0), 0
	for _, o := range args {
		switch o.kind {
		case 'x':
		case 'y':
			key |= 1 << n
		case 'c':
			key |= 2 << n
		case 'z':
			key |= 3 << n
		default:
			continue
		}
		n += 2
	}
	return famTable[f][key]
}

// emit appends the instruction of the family for these operands. It reports false, and emits nothing, if there is none or
// an operand does not fit.
func (a *asm) emit(f family, args ...opd) bool {
	op := find(f, args)
	if op == 0 {
		return false
	}
	info := &opTable[op]
	if len(info.operands) != len(args) {
		panic("eval: operands of " + info.name)
	}
	for i, o := range info.operands {
		switch o.kind {
		case 'x', 'y', 'z', 'n':
			if args[i].val > math.MaxUint16 {
				return false
			}
		case 'b':
			if args[i].val > math.MaxUint8>>1 {
				return false
			}
		}
	}
	at := len(a.buf)
	for i := 0; i < info.size; i += 8 {
		a.word(0)
	}
	b := a.buf[at:]
	binary.LittleEndian.PutUint16(b, op)
	for i, o := range info.operands {
		v := args[i].val
		switch o.kind {
		case 'x', 'y', 'z', 'n':
			binary.LittleEndian.PutUint16(b[o.off:], uint16(v))
		case 'b':
			b[o.off] |= uint8(v) << 1
		case 'r':
			binary.LittleEndian.PutUint32(b[o.off:], uint32(v))
		case 'c':
			binary.LittleEndian.PutUint64(b[o.off:], v)
		case 'l':
			a.fixups = append(a.fixups, fixup{at + o.off, at, int(v), 'l'})
		case 'j':
			if v != 0 {
				a.fixups = append(a.fixups, fixup{at + o.off, at, int(v), 'j'})
			}
		}
	}
	return true
}

// must is emit for instructions that have a form for every operand they can get here.
func (a *asm) must(f family, args ...opd) {
	if !a.emit(f, args...) {
		panic(loadError("operand out of range for the machine: " + opTable[firstOf(f)].name))
	}
}

func firstOf(f family) uint16 {
	for _, op := range famTable[f] {
		return op
	}
	return 0
}

// slow appends a slow instruction: word 0, then each operand as a full word; labels become addresses, 0 stays 0.
func (a *asm) slow(fn slowID, args ...opd) {
	at := len(a.buf)
	a.word(0)
	for _, o := range args {
		if o.kind == 'l' && o.val != 0 {
			a.fixups = append(a.fixups, fixup{len(a.buf), at, int(o.val), 'a'})
			a.word(0)
			continue
		}
		a.word(fullWord(o))
	}
	b := a.buf[at:]
	b[0] = opSlow
	for _, o := range opTable[opSlow].operands {
		switch o.name {
		case "fn":
			binary.LittleEndian.PutUint16(b[o.off:], uint16(fn))
		case "words":
			binary.LittleEndian.PutUint32(b[o.off:], uint32(len(args)+1))
		}
	}
}

// short appends a slow instruction, and in front of it the instruction that does its easy cases, if there is one for these operands
// (see gen/second.go). Its last operand is the distance to what follows.
func (a *asm) short(f family, fast []opd, fn slowID, args ...opd) {
	start := len(a.buf)
	done := a.emit(f, append(fast, num(0))...)
	a.slow(fn, args...)
	if done {
		info := &opTable[opOf(binary.LittleEndian.Uint64(a.buf[start:]))]
		o := info.operands[len(info.operands)-1]
		binary.LittleEndian.PutUint16(a.buf[start+o.off:], uint16(len(a.buf)-start))
	}
}

func fullWord(o opd) uint64 {
	switch o.kind {
	case 'x', 'z':
		return o.val << 3
	case 'y':
		return o.val<<3 | operandY
	}
	return o.val
}

// link resolves the fixups for code that will lie at base. It gives the number of a label that is missing, or 0;
// far reports a 16-bit displacement that does not reach.
func (a *asm) link(base uintptr) (missing int, far bool) {
	for _, f := range a.fixups {
		if f.label >= len(a.labels) || a.labels[f.label] < 0 {
			return f.label, false
		}
		d := a.labels[f.label] - f.instr
		switch f.kind {
		case 'l':
			binary.LittleEndian.PutUint32(a.buf[f.at:], uint32(int32(d)))
		case 'j':
			if d/8 != int(int16(d/8)) {
				return 0, true
			}
			binary.LittleEndian.PutUint16(a.buf[f.at:], uint16(int16(d/8)))
		case 'q':
			binary.LittleEndian.PutUint64(a.buf[f.at:], uint64(int64(d)))
		case 't':
			binary.LittleEndian.PutUint64(a.buf[f.at:], uint64(catchTag(base+uintptr(a.labels[f.label]))))
		case 'a':
			binary.LittleEndian.PutUint64(a.buf[f.at:], uint64(base)+uint64(a.labels[f.label]))
		}
	}
	return 0, false
}

// loadError is a reason to refuse a module.
type loadError string

func (e loadError) Error() string { return "eval: " + string(e) }

// opd gives a source or destination operand of a generic instruction.
func (l *loader) opd(a beam.Arg) opd {
	switch a.Kind {
	case beam.KindX:
		return opd{'x', uint64(a.Val) * wordBytes}
	case beam.KindY:
		return opd{'y', uint64(a.Val) * wordBytes}
	case beam.KindFR:
		return opd{'z', floatBase + uint64(a.Val)*wordBytes}
	case beam.KindU:
		return num(a.N())
	case beam.KindLabel:
		return label(a.N())
	}
	return opd{'c', uint64(l.constant(a))}
}

// constant gives the term of a constant operand.
func (l *loader) constant(a beam.Arg) term.Term {
	switch a.Kind {
	case beam.KindAtom:
		return a.Term()
	case beam.KindNil:
		return term.Nil
	case beam.KindInt:
		if term.FitsSmall(a.Val) {
			return term.Int(int(a.Val))
		}
		return l.integers[a]
	case beam.KindBig:
		return l.integers[a]
	case beam.KindLit:
		return l.literals[a.Val]
	}
	panic(loadError("operand is no constant"))
}

func (l *loader) opds(args []beam.Arg) []opd {
	r := make([]opd, len(args))
	for i, a := range args {
		r[i] = l.opd(a)
	}
	return r
}
