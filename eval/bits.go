package eval

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/term"
)

// Matching of bitstrings. A match context is changed in place; the compiler sees to it that nobody else has it.

// isNative: the machine is little-endian.
func littleEndian(flags uint64) bool { return flags&(beam.FlagLittle|beam.FlagNative) != 0 }

// doBsStartMatch: fail, source, destination. A context that already exists is used as it is.
func doBsStartMatch(c *cpu, a []uint64) uintptr {
	t := c.get(a[1])
	switch {
	case t.IsMatch():
	case t.IsBitstring():
		t = c.h.StartMatch(t)
		c.collectSoon()
	case a[0] == 0:
		return c.raise(term.AtomError, term.AtomBadarg)
	default:
		return uintptr(a[0])
	}
	c.set(a[2], t)
	return c.next
}

// doCheckMatch: a register that must hold a match context.
func doCheckMatch(c *cpu, a []uint64) uintptr {
	if !c.get(a[0]).IsMatch() {
		return c.raise(term.AtomError, term.AtomBadarg)
	}
	return c.next
}

// fieldBits is the size of a segment in bits; ok is false for a size that is no number >= 0 or that no bitstring can have.
func fieldBits(size term.Term, unit uint64) (n int, ok bool) {
	if !size.IsSmall() || size.Small() < 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(uint64(size.Small()), unit)
	return int(lo), hi == 0 && lo < 1<<60
}

// take moves the context on by n bits and gives where they started; ok is false if there are not so many.
func take(mc *term.Match, n int) (pos int, ok bool) {
	if uint64(n) > mc.End-mc.Pos {
		return 0, false
	}
	pos = int(mc.Pos)
	mc.Pos += uint64(n)
	return pos, true
}

// integerAt makes the integer of n bits at offset off.
func (c *cpu) integerAt(data uintptr, off, n int, flags uint64) term.Term {
	signed := flags&beam.FlagSigned != 0
	if n == 0 {
		return term.Int(0)
	}
	if n <= 64 {
		v := term.ReadBits(data, off, n)
		if littleEndian(flags) && n > 8 {
			v = swapLittle(v, n)
		}
		if signed {
			return c.h.Int64(int64(v<<(64-n)) >> (64 - n))
		}
		return c.h.Uint64(v)
	}
	// Bytes from the most significant one on; the first holds what is over a multiple of eight.
	k := (n + 7) / 8
	rest := n - 8*(k-1)
	buf := make([]byte, k)
	if littleEndian(flags) {
		for i := 0; i < k-1; i++ {
			buf[k-1-i] = byte(term.ReadBits(data, off+8*i, 8))
		}
		buf[0] = byte(term.ReadBits(data, off+8*(k-1), rest))
	} else {
		buf[0] = byte(term.ReadBits(data, off, rest))
		for i := 1; i < k; i++ {
			buf[i] = byte(term.ReadBits(data, off+rest+8*(i-1), 8))
		}
	}
	z := new(big.Int).SetBytes(buf)
	if signed && z.Bit(n-1) == 1 {
		z.Sub(z, new(big.Int).Lsh(big.NewInt(1), uint(n)))
	}
	return c.h.BigInt(z)
}

// swapLittle turns n bits read in big-endian order into the value of a little-endian field: whole bytes come
// least significant first, and what is over a multiple of eight comes last and is the most significant part.
func swapLittle(v uint64, n int) uint64 {
	rest := n & 7
	last := v & (1<<rest - 1)
	whole := v >> rest
	k := n &^ 7
	return bits.ReverseBytes64(whole)>>(64-k) | last<<k
}

// maxIntegerBits is the size of the largest integer: a larger segment does not match.
const maxIntegerBits = 64 * term.MaxBigWords

// doBsGetInteger: fail, context, size, unit, flags, destination.
func doBsGetInteger(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	n, ok := fieldBits(c.get(a[2]), a[3])
	if !ok {
		return uintptr(a[0])
	}
	if n > maxIntegerBits {
		return uintptr(a[0])
	}
	pos, ok := take(mc, n)
	if !ok {
		return uintptr(a[0])
	}
	c.set(a[5], c.integerAt(mc.Data(), pos, n, a[4]))
	return c.next
}

func float16(h uint16) float64 {
	sign, exp, frac := uint64(h>>15)<<63, int(h>>10&31), float64(h&1023)
	var f float64
	switch exp {
	case 0:
		f = math.Ldexp(frac, -24)
	case 31:
		return math.NaN()
	default:
		f = math.Ldexp(1024+frac, exp-25)
	}
	return math.Float64frombits(math.Float64bits(f) | sign)
}

// doBsGetFloat: fail, context, size, unit, flags, destination.
func doBsGetFloat(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	n, ok := fieldBits(c.get(a[2]), a[3])
	if !ok || n != 16 && n != 32 && n != 64 {
		return uintptr(a[0])
	}
	if uint64(n) > mc.End-mc.Pos {
		return uintptr(a[0])
	}
	v := term.ReadBits(mc.Data(), int(mc.Pos), n)
	if littleEndian(a[4]) {
		v = swapLittle(v, n)
	}
	var f float64
	switch n {
	case 16:
		f = float16(uint16(v))
	case 32:
		f = float64(math.Float32frombits(uint32(v)))
	default:
		f = math.Float64frombits(v)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return uintptr(a[0])
	}
	mc.Pos += uint64(n)
	c.set(a[5], c.h.Float(f))
	return c.next
}

// doBsGetBinary: fail, context, size (or the atom all), unit, flags, destination.
func doBsGetBinary(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	size := c.get(a[2])
	var n int
	if size == wholeRest {
		n = int(mc.End - mc.Pos)
		if uint64(n)%a[3] != 0 {
			return uintptr(a[0])
		}
	} else {
		var ok bool
		if n, ok = fieldBits(size, a[3]); !ok {
			return uintptr(a[0])
		}
	}
	pos, ok := take(mc, n)
	if !ok {
		return uintptr(a[0])
	}
	c.set(a[5], c.h.Window(mc.Base, pos, n))
	c.collectSoon()
	return c.next
}

var atomAll = term.Intern("all")

// wholeRest is the operand for the size all of a segment: no term, since a variable's value may be the atom.
var wholeRest = catchTag(0)

// segmentSize is the operand for the size of a segment.
func (l *loader) segmentSize(a beam.Arg) opd {
	if a.Kind == beam.KindAtom && a.Term() == atomAll {
		return raw(uint64(wholeRest))
	}
	return l.opd(a)
}

// doBsSkip: fail, context, size, unit.
func doBsSkip(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	size := c.get(a[2])
	if size == wholeRest {
		if (mc.End-mc.Pos)%a[3] != 0 {
			return uintptr(a[0])
		}
		mc.Pos = mc.End
		return c.next
	}
	n, ok := fieldBits(size, a[3])
	if !ok {
		return uintptr(a[0])
	}
	if _, ok = take(mc, n); !ok {
		return uintptr(a[0])
	}
	return c.next
}

// doBsTestTail: fail, context, bits.
func doBsTestTail(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	return c.either(mc.End-mc.Pos == a[2], a)
}

// doBsTestUnit: fail, context, unit.
func doBsTestUnit(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	return c.either((mc.End-mc.Pos)%a[2] == 0, a)
}

// doBsMatchString: fail, context, bits, address of the string.
func doBsMatchString(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	n := int(a[2])
	if uint64(n) > mc.End-mc.Pos || term.CompareBits(mc.Data(), int(mc.Pos), n, uintptr(a[3]), 0, n) != 0 {
		return uintptr(a[0])
	}
	mc.Pos += uint64(n)
	return c.next
}

// doBsGetTail: context, destination.
func doBsGetTail(c *cpu, a []uint64) uintptr {
	c.set(a[1], c.h.MatchTail(term.MatchOf(c.get(a[0]))))
	c.collectSoon()
	return c.next
}

// doBsGetPosition: context, destination.
func doBsGetPosition(c *cpu, a []uint64) uintptr {
	c.set(a[1], term.Int(int(term.MatchOf(c.get(a[0])).Pos)))
	return c.next
}

// doBsSetPosition: context, position.
func doBsSetPosition(c *cpu, a []uint64) uintptr {
	mc, pos := term.MatchOf(c.get(a[0])), c.get(a[1])
	if !pos.IsSmall() || uint64(pos.Small()) < mc.Start || uint64(pos.Small()) > mc.End {
		return c.raise(term.AtomError, term.AtomBadarg)
	}
	mc.Pos = uint64(pos.Small())
	return c.next
}

func validChar(r uint64) bool { return r < 0xD800 || r > 0xDFFF && r <= 0x10FFFF }

// doBsGetUtf8: fail, context, flags, destination or 0 for none.
func doBsGetUtf8(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	left := int(mc.End - mc.Pos)
	if left < 8 {
		return uintptr(a[0])
	}
	data, pos := mc.Data(), int(mc.Pos)
	r := term.ReadBits(data, pos, 8)
	n := 1
	switch {
	case r < 0x80:
	case r >= 0xC2 && r < 0xE0:
		n, r = 2, r&0x1F
	case r >= 0xE0 && r < 0xF0:
		n, r = 3, r&0x0F
	case r >= 0xF0 && r < 0xF5:
		n, r = 4, r&0x07
	default:
		return uintptr(a[0])
	}
	if left < 8*n {
		return uintptr(a[0])
	}
	for i := 1; i < n; i++ {
		b := term.ReadBits(data, pos+8*i, 8)
		if b&0xC0 != 0x80 {
			return uintptr(a[0])
		}
		r = r<<6 | b&0x3F
	}
	if n == 3 && r < 0x800 || n == 4 && r < 0x10000 || !validChar(r) {
		return uintptr(a[0])
	}
	return c.gotChar(mc, 8*n, r, a)
}

func (c *cpu) gotChar(mc *term.Match, n int, r uint64, a []uint64) uintptr {
	mc.Pos += uint64(n)
	if a[4] != 0 {
		c.set(a[3], term.Int(int(r)))
	}
	return c.next
}

// doBsGetUtf16: as doBsGetUtf8.
func doBsGetUtf16(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	left := int(mc.End - mc.Pos)
	unit := func(i int) uint64 {
		v := term.ReadBits(mc.Data(), int(mc.Pos)+16*i, 16)
		if littleEndian(a[2]) {
			v = v>>8 | v&0xFF<<8
		}
		return v
	}
	if left < 16 {
		return uintptr(a[0])
	}
	r := unit(0)
	if r < 0xD800 || r > 0xDFFF {
		return c.gotChar(mc, 16, r, a)
	}
	if r > 0xDBFF || left < 32 {
		return uintptr(a[0])
	}
	lo := unit(1)
	if lo < 0xDC00 || lo > 0xDFFF {
		return uintptr(a[0])
	}
	return c.gotChar(mc, 32, 0x10000+(r-0xD800)<<10+(lo-0xDC00), a)
}

// doBsGetUtf32: as doBsGetUtf8.
func doBsGetUtf32(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	if mc.End-mc.Pos < 32 {
		return uintptr(a[0])
	}
	v := term.ReadBits(mc.Data(), int(mc.Pos), 32)
	if littleEndian(a[2]) {
		v = uint64(bits.ReverseBytes32(uint32(v)))
	}
	if !validChar(v) {
		return uintptr(a[0])
	}
	return c.gotChar(mc, 32, v, a)
}

// Commands of bs_match.
const (
	matchAtLeast = iota // bits, unit
	matchExactly        // bits
	matchInteger        // flags, bits, destination
	matchBinary         // flags, bits, destination
	matchSkip           // bits
	matchTail           // destination
	matchEqual          // bits, value
)

// doBsMatch: fail, context, commands.
func doBsMatch(c *cpu, a []uint64) uintptr {
	mc := term.MatchOf(c.get(a[1]))
	for i := 2; i < len(a); {
		switch a[i] {
		case matchAtLeast:
			left := mc.End - mc.Pos
			if left < a[i+1] || (left-a[i+1])%a[i+2] != 0 {
				return uintptr(a[0])
			}
			i += 3
		case matchExactly:
			if mc.End-mc.Pos != a[i+1] {
				return uintptr(a[0])
			}
			i += 2
		case matchInteger:
			n := int(a[i+2])
			if n > maxIntegerBits {
				return uintptr(a[0])
			}
			pos, ok := take(mc, n)
			if !ok {
				return uintptr(a[0])
			}
			c.set(a[i+3], c.integerAt(mc.Data(), pos, n, a[i+1]))
			i += 4
		case matchBinary:
			n := int(a[i+2])
			pos, ok := take(mc, n)
			if !ok {
				return uintptr(a[0])
			}
			c.set(a[i+3], c.h.Window(mc.Base, pos, n))
			i += 4
		case matchSkip:
			if _, ok := take(mc, int(a[i+1])); !ok {
				return uintptr(a[0])
			}
			i += 2
		case matchTail:
			c.set(a[i+1], c.h.MatchTail(mc))
			i += 2
		case matchEqual:
			n := int(a[i+1])
			pos, ok := take(mc, n)
			if !ok || term.ReadBits(mc.Data(), pos, n) != a[i+2] {
				return uintptr(a[0])
			}
			i += 3
		}
	}
	c.collectSoon()
	return c.next
}

// flags gives the flags of a segment: a number, [] or a literal list of atoms.
func (l *loader) flags(a beam.Arg) uint64 {
	if a.Kind == beam.KindU {
		return uint64(a.Val)
	}
	f := uint64(0)
	for t := l.constant(a); t.IsCons(); t = t.Tail() {
		switch t.Head() {
		case atomLittle:
			f |= beam.FlagLittle
		case atomSigned:
			f |= beam.FlagSigned
		case atomNative:
			f |= beam.FlagNative
		}
	}
	return f
}

var (
	atomLittle = term.Intern("little")
	atomSigned = term.Intern("signed")
	atomNative = term.Intern("native")
)

// instrBits emits the instructions of the bit syntax.
func (l *loader) instrBits(in beam.Instr) bool {
	a := in.Args
	o := l.opd
	switch in.Op {
	case beam.OpBsStartMatch3:
		l.short(famBsStart, []opd{o(a[3]), o(a[1])}, slowBsStartMatch, o(a[0]), o(a[1]), o(a[3]))
	case beam.OpBsStartMatch4:
		fail := label(0)
		if a[0].Kind == beam.KindLabel {
			fail = o(a[0])
		}
		l.short(famBsStart, []opd{o(a[3]), o(a[2])}, slowBsStartMatch, fail, o(a[2]), o(a[3]))
	case beam.OpBsGetInteger2:
		slow := []opd{o(a[0]), o(a[1]), o(a[3]), o(a[4]), num(a[5].N()), o(a[6])}
		switch n := constantBits(o(a[3]), a[4].N()); {
		case a[0].N() == 0 || a[5].N()&(beam.FlagSigned|beam.FlagLittle|beam.FlagNative) != 0 || n < 1 || n > 56:
			l.slow(slowBsGetInteger, slow...)
		case n == 8:
			l.short(famBsByte, []opd{o(a[1]), o(a[6]), o(a[0])}, slowBsGetInteger, slow...)
		default:
			l.short(famBsBits, []opd{o(a[1]), o(a[6]), num(n), o(a[0])}, slowBsGetInteger, slow...)
		}
	case beam.OpBsGetFloat2:
		l.slow(slowBsGetFloat, o(a[0]), o(a[1]), o(a[3]), o(a[4]), num(a[5].N()), o(a[6]))
	case beam.OpBsGetBinary2:
		slow := []opd{o(a[0]), o(a[1]), l.segmentSize(a[3]), o(a[4]), num(a[5].N()), o(a[6])}
		if a[0].N() == 0 || o(a[3]).kind == 'y' || a[3].Kind == beam.KindAtom {
			l.slow(slowBsGetBinary, slow...)
			break
		}
		l.short(famBsWindow, []opd{o(a[1]), o(a[6]), o(a[3]), num(a[4].N())}, slowBsGetBinary, slow...)
	case beam.OpBsSkipBits2:
		if u := a[3].N(); a[2] == beam.Atom(atomAll) && a[0].N() != 0 && u > 0 && u&(u-1) == 0 && l.emit(famBsSkipAll, o(a[1]), num(u-1), o(a[0])) {
			break
		}
		if n := constantBits(o(a[2]), a[3].N()); a[0].N() == 0 || n < 0 || n > 1<<31 || !l.emit(famBsSkip, o(a[1]), num(n), o(a[0])) {
			l.slow(slowBsSkip, o(a[0]), o(a[1]), l.segmentSize(a[2]), o(a[3]))
		}
	case beam.OpBsTestTail2:
		if a[0].N() == 0 || a[2].N() > 1<<31 || !l.emit(famBsTestTail, o(a[1]), num(a[2].N()), o(a[0])) {
			l.slow(slowBsTestTail, o(a[0]), o(a[1]), num(a[2].N()))
		}
	case beam.OpBsTestUnit:
		if n := a[2].N(); a[0].N() == 0 || n == 0 || n&(n-1) != 0 || !l.emit(famBsTestUnit, o(a[1]), num(n-1), o(a[0])) {
			l.slow(slowBsTestUnit, o(a[0]), o(a[1]), num(n))
		}
	case beam.OpBsMatchString:
		slow := []opd{o(a[0]), o(a[1]), num(a[2].N()), raw(uint64(l.strings) + uint64(a[3].N()))}
		if n := a[2].N(); a[0].N() != 0 && n > 0 && n <= 56 {
			l.short(famBsEqual, []opd{o(a[1]), num(n), raw(term.ReadBits(l.strings+uintptr(a[3].N()), 0, n)), o(a[0])}, slowBsMatchString, slow...)
		} else {
			l.slow(slowBsMatchString, slow...)
		}
	case beam.OpBsGetTail:
		l.short(famBsTail, []opd{o(a[0]), o(a[1])}, slowBsGetTail, o(a[0]), o(a[1]))
	case beam.OpBsGetPosition:
		if !l.emit(famBsPosition, o(a[0]), o(a[1])) {
			l.slow(slowBsGetPosition, o(a[0]), o(a[1]))
		}
	case beam.OpBsSetPosition:
		l.short(famBsSetPosition, []opd{o(a[0]), o(a[1])}, slowBsSetPosition, o(a[0]), o(a[1]))
	case beam.OpBsGetUtf8:
		slow := []opd{o(a[0]), o(a[1]), num(a[3].N()), o(a[4]), num(1)}
		if a[0].N() == 0 {
			l.slow(slowBsGetUtf8, slow...)
			break
		}
		l.short(famBsAscii, []opd{o(a[1]), o(a[4]), o(a[0])}, slowBsGetUtf8, slow...)
	case beam.OpBsGetUtf16:
		l.slow(slowBsGetUtf16, o(a[0]), o(a[1]), num(a[3].N()), o(a[4]), num(1))
	case beam.OpBsGetUtf32:
		l.slow(slowBsGetUtf32, o(a[0]), o(a[1]), num(a[3].N()), o(a[4]), num(1))
	case beam.OpBsSkipUtf8:
		l.slow(slowBsGetUtf8, o(a[0]), o(a[1]), num(a[3].N()), num(0), num(0))
	case beam.OpBsSkipUtf16:
		l.slow(slowBsGetUtf16, o(a[0]), o(a[1]), num(a[3].N()), num(0), num(0))
	case beam.OpBsSkipUtf32:
		l.slow(slowBsGetUtf32, o(a[0]), o(a[1]), num(a[3].N()), num(0), num(0))
	case beam.OpBsMatch:
		l.bsMatch(in)
	case beam.OpBsCreateBin:
		l.bsCreateBin(in)
	case beam.OpBsInitWritable:
		l.slow(slowBsInitWritable)
	default:
		return l.instrOldBits(in)
	}
	return true
}

// constantBits is the size of a segment in bits where it is known, else -1.
func constantBits(size opd, unit int) int {
	t := term.Term(size.val)
	if size.kind != 'c' || !t.IsSmall() || t.Small() < 0 || t.Small() > 1<<31 {
		return -1
	}
	return t.Small() * unit
}

// bsMatch emits bs_match with its commands decoded.
func (l *loader) bsMatch(in beam.Instr) {
	args := []opd{l.opd(in.Args[0]), l.opd(in.Args[1])}
	cmds := in.List()
	for i := 0; i < len(cmds); {
		if cmds[i].Kind != beam.KindAtom {
			panic(loadError("bs_match: command is no atom"))
		}
		c := cmds[i+1:]
		bad := func(n int) {
			if len(c) < n {
				panic(loadError("bs_match: operands are missing"))
			}
			i += n + 1
		}
		switch cmds[i].Term().AtomName() {
		case "ensure_at_least":
			bad(2)
			args = append(args, num(matchAtLeast), num(c[0].N()), num(c[1].N()))
		case "ensure_exactly":
			bad(1)
			args = append(args, num(matchExactly), num(c[0].N()))
		case "integer":
			bad(5)
			args = append(args, num(matchInteger), raw(l.flags(c[1])), num(c[2].N()*c[3].N()), l.opd(c[4]))
		case "binary":
			bad(5)
			args = append(args, num(matchBinary), raw(l.flags(c[1])), num(c[2].N()*c[3].N()), l.opd(c[4]))
		case "skip":
			bad(1)
			args = append(args, num(matchSkip), num(c[0].N()))
		case "get_tail":
			bad(3)
			args = append(args, num(matchTail), l.opd(c[2]))
		case "=:=":
			bad(3)
			args = append(args, num(matchEqual), num(c[1].N()), num(c[2].N()))
		default:
			panic(loadError("bs_match: unknown command " + cmds[i].Term().AtomName()))
		}
	}
	l.slow(slowBsMatch, args...)
}
