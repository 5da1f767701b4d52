package eval

import (
	"math"
	"math/big"
	"unsafe"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Building of bitstrings: bs_create_bin.

// Kinds of segments.
const (
	segInteger = iota
	segFloat
	segBinary
	segUtf8
	segUtf16
	segUtf32
	segString
	segAppend
	segPrivateAppend
)

var segKinds = map[string]uint64{"integer": segInteger, "float": segFloat, "binary": segBinary, "utf8": segUtf8,
	"utf16": segUtf16, "utf32": segUtf32, "string": segString, "append": segAppend, "private_append": segPrivateAppend}

var segNames = [...]string{"integer", "float", "binary", "utf8", "utf16", "utf32", "string", "append", "append"}

// segWords is the number of operands of a segment: kind, unit, flags, value, size, number of the segment in the source.
const segWords = 6

func (l *loader) bsCreateBin(in beam.Instr) {
	a := in.Args
	args := []opd{l.opd(a[0]), l.opd(a[4]), num(heapNeed(a[1]) / wordBytes), num(a[2].N())}
	list := in.List()
	if len(list)%6 != 0 {
		panic(loadError("bs_create_bin: operands are missing"))
	}
	for ; len(list) > 0; list = list[6:] {
		if list[0].Kind != beam.KindAtom {
			panic(loadError("bs_create_bin: segment type is no atom"))
		}
		k, ok := segKinds[list[0].Term().AtomName()]
		if !ok {
			panic(loadError("bs_create_bin: segment type " + list[0].Term().AtomName() + " is not supported"))
		}
		val := l.opd(list[4])
		if k == segString {
			val = raw(uint64(l.strings) + uint64(list[4].N()))
		}
		size := l.segmentSize(list[5])
		if list[5].Kind == beam.KindU {
			size = raw(uint64(term.Int(list[5].N())))
		}
		args = append(args, raw(k), num(list[2].N()), raw(l.flags(list[3])), val, size, num(list[1].N()))
	}
	l.slow(slowBsCreateBin, args...)
}

// bitsFail is the failure of one segment: badarg, badarith or system_limit with the information that erl_erts_errors
// makes its explanation of.
func (c *cpu) bitsFail(a, seg []uint64, reason term.Term, what string, value term.Term) uintptr {
	if a[0] != 0 {
		return uintptr(a[0])
	}
	h := c.h
	cause := h.Tuple(term.Int(int(seg[5])), term.Intern(segNames[seg[0]]), term.Intern(what), value)
	info := h.MapFromPairs([]term.Term{term.Intern("cause"), cause, term.Intern("function"), term.Intern("format_bs_fail"),
		atomModule, term.Intern("erl_erts_errors")})
	c.slot = 0
	c.p.Exc = proc.Exception{Class: term.AtomError, Reason: reason, Info: info}
	return raised
}

// maxBits is the size of the largest bitstring.
const maxBits = 1 << 40

// segSize is the size of a segment in bits; what is the name of the fault or "".
func (c *cpu) segSize(seg []uint64) (n int, reason term.Term, what string, bad term.Term) {
	val := term.None
	if seg[0] != segString {
		val = c.get(seg[3])
	}
	switch seg[0] {
	case segUtf8, segUtf16, segUtf32:
		if !val.IsSmall() || val.Small() < 0 || !validChar(uint64(val.Small())) {
			return 0, term.AtomBadarg, "type", val
		}
		r := val.Small()
		switch {
		case seg[0] == segUtf32:
			return 32, 0, "", 0
		case seg[0] == segUtf16 && r >= 0x10000:
			return 32, 0, "", 0
		case seg[0] == segUtf16:
			return 16, 0, "", 0
		case r < 0x80:
			return 8, 0, "", 0
		case r < 0x800:
			return 16, 0, "", 0
		case r < 0x10000:
			return 24, 0, "", 0
		}
		return 32, 0, "", 0
	}
	size := c.get(seg[4])
	if size == wholeRest {
		total, ok := term.BitSize(val)
		if !ok {
			return 0, term.AtomBadarg, "type", val
		}
		if uint64(total)%seg[1] != 0 {
			return 0, term.AtomBadarg, "unit", val
		}
		return total, 0, "", 0
	}
	if !size.IsInteger() || term.IntSign(size) < 0 {
		return 0, term.AtomBadarg, "size", size
	}
	n, ok := fieldBits(size, seg[1])
	if !ok || n > maxBits {
		return 0, term.AtomSystemLimit, "size", size
	}
	switch seg[0] {
	case segInteger:
		if !val.IsInteger() {
			return 0, term.AtomBadarg, "type", val
		}
	case segFloat:
		if !val.IsNumber() {
			return 0, term.AtomBadarg, "type", val
		}
		if n != 16 && n != 32 && n != 64 {
			return 0, term.AtomBadarg, "invalid", size
		}
	case segBinary, segAppend, segPrivateAppend:
		total, ok := term.BitSize(val)
		if !ok {
			return 0, term.AtomBadarg, "type", val
		}
		if total < n {
			return 0, term.AtomBadarg, "short", val
		}
	}
	return n, 0, "", 0
}

// doBsCreateBin: fail, destination, words that the code behind needs, live X registers, segments.
func doBsCreateBin(c *cpu, a []uint64) uintptr {
	segs := a[4:]
	if t, ok := c.buildSimple(segs); ok {
		return c.built(a, t)
	}
	total, first := 0, 0
	for i := 0; i < len(segs); i += segWords {
		seg := segs[i : i+segWords]
		n, reason, what, bad := c.segSize(seg)
		if what != "" {
			return c.bitsFail(a, seg, reason, what, bad)
		}
		if i == 0 && (seg[0] == segAppend || seg[0] == segPrivateAppend) {
			first = n
		}
		total += n
	}
	if total > maxBits {
		return c.bitsFail(a, segs[:segWords], term.AtomSystemLimit, "size", term.Int(total))
	}
	var t term.Term
	var data uintptr
	off := 0
	if len(segs) > 0 && (segs[0] == segAppend || segs[0] == segPrivateAppend) {
		// The first segment is the binary that the others are appended to.
		t, data, off = c.h.AppendBits(c.get(segs[3]), total-first)
		segs = segs[segWords:]
	} else {
		t, data = c.h.NewBits(total)
	}
	for i := 0; i < len(segs); i += segWords {
		seg := segs[i : i+segWords]
		n, _, _, _ := c.segSize(seg)
		if what := c.put(seg, data, off, n); what != "" {
			return c.bitsFail(a, seg, term.AtomBadarg, what, c.get(seg[3]))
		}
		off += n
	}
	c.m.Reds -= int64(total >> 13)
	return c.built(a, t)
}

// built ends bs_create_bin: t goes to its destination, and there is the room that the code behind needs.
func (c *cpu) built(a []uint64, t term.Term) uintptr {
	if need := int(a[2]); !c.h.HasRoom(need) || c.vm.Debug.CollectAlways {
		live := int(a[3])
		c.setX(live, t)
		c.collect(need, live+1)
		t = c.x(live)
	}
	c.set(a[1], t)
	c.collectSoon()
	return c.next
}

const (
	simpleSegments = 8
	simpleBits     = 1 << 13 // more cost reductions
)

// buildSimple builds what consists of a few segments that are what they should be: integers of up to 64 bits, strings, binaries, characters. It
// reports false, and has done nothing, when that is not so.
func (c *cpu) buildSimple(segs []uint64) (t term.Term, ok bool) {
	if len(segs) == 0 || len(segs) > simpleSegments*segWords {
		return term.None, false
	}
	var sizes [simpleSegments]int
	total := 0
	for i := 0; i*segWords < len(segs); i++ {
		n := c.simpleSize(segs[i*segWords : i*segWords+segWords])
		if n < 0 {
			return term.None, false
		}
		sizes[i] = n
		total += n
	}
	appends := segs[0] == segAppend || segs[0] == segPrivateAppend
	if !appends && total > simpleBits || appends && total-sizes[0] > simpleBits {
		return term.None, false
	}
	var data uintptr
	off, i := 0, 0
	if appends {
		t, data, off = c.h.AppendBits(c.get(segs[3]), total-sizes[0])
		i = 1
	} else {
		t, data = c.h.NewBits(total)
	}
	for ; i*segWords < len(segs); i++ {
		seg := segs[i*segWords : i*segWords+segWords]
		if seg[0] == segInteger && seg[2] == 0 {
			term.WriteBits(data, off, sizes[i], uint64(c.get(seg[3]).Small()))
		} else {
			c.put(seg, data, off, sizes[i])
		}
		off += sizes[i]
	}
	return t, true
}

// simpleSize is the size of a simple segment, -1 for others.
func (c *cpu) simpleSize(seg []uint64) int {
	switch seg[0] {
	case segInteger:
		size := c.get(seg[4])
		if !c.get(seg[3]).IsSmall() || !size.IsSmall() || uint(size.Small()) > 64 {
			return -1
		}
		if n := size.Small() * int(seg[1]); n <= 64 {
			return n
		}
		return -1
	case segString:
		if size := c.get(seg[4]); size.IsSmall() && uint(size.Small()) < simpleBits {
			return size.Small() * int(seg[1])
		}
		return -1
	case segBinary, segAppend, segPrivateAppend:
		total, ok := term.BitSize(c.get(seg[3]))
		size := c.get(seg[4])
		switch {
		case !ok:
			return -1
		case size == wholeRest:
			if uint64(total)%seg[1] == 0 {
				return total
			}
		case seg[0] == segBinary && size.IsSmall() && uint(size.Small()) <= simpleBits && size.Small()*int(seg[1]) <= total:
			return size.Small() * int(seg[1])
		}
		return -1
	case segUtf8:
		if n, _, what, _ := c.segSize(seg); what == "" {
			return n
		}
	}
	return -1
}

// put writes a segment of n bits whose operands segSize or simpleSize has checked.
func (c *cpu) put(seg []uint64, data uintptr, off, n int) (what string) {
	switch seg[0] {
	case segInteger:
		putInteger(c.get(seg[3]), data, off, n, seg[2])
	case segFloat:
		f, ok := term.ToFloat(c.get(seg[3]))
		if !ok {
			return "no_float"
		}
		var v uint64
		switch n {
		case 64:
			v = math.Float64bits(f)
		case 32:
			v = uint64(math.Float32bits(float32(f))) // infinity if it is too large, as OTP writes it
		default:
			v = uint64(toFloat16(f))
		}
		putWord(v, data, off, n, seg[2])
	case segBinary, segAppend, segPrivateAppend:
		b, _ := term.BitsOf(c.get(seg[3]))
		term.CopyBits(data, off, b.Data, b.Off, n)
	case segUtf8:
		putUtf8(uint64(c.get(seg[3]).Small()), data, off, n)
	case segUtf16:
		r := uint64(c.get(seg[3]).Small())
		if n == 16 {
			putWord(r, data, off, 16, seg[2])
		} else {
			r -= 0x10000
			putWord(0xD800|r>>10, data, off, 16, seg[2])
			putWord(0xDC00|r&0x3FF, data, off+16, 16, seg[2])
		}
	case segUtf32:
		putWord(uint64(c.get(seg[3]).Small()), data, off, 32, seg[2])
	case segString:
		term.CopyBits(data, off, uintptr(seg[3]), 0, n)
	}
	return ""
}

func putUtf8(r uint64, data uintptr, off, n int) {
	switch n {
	case 8:
		term.WriteBits(data, off, 8, r)
	case 16:
		term.WriteBits(data, off, 16, 0xC080|r>>6<<8|r&0x3F)
	case 24:
		term.WriteBits(data, off, 24, 0xE08080|r>>12<<16|r>>6&0x3F<<8|r&0x3F)
	default:
		term.WriteBits(data, off, 32, 0xF0808080|r>>18<<24|r>>12&0x3F<<16|r>>6&0x3F<<8|r&0x3F)
	}
}

// putWord writes the low n <= 64 bits of v.
func putWord(v uint64, data uintptr, off, n int, flags uint64) {
	if n == 0 {
		return
	}
	if n < 64 {
		v &= 1<<n - 1
	}
	if littleEndian(flags) && n > 8 {
		// The inverse of swapLittle.
		k := n &^ 7
		rest := n & 7
		whole := v & (1<<k - 1)
		if k == 64 {
			whole = v
		}
		var w uint64
		for i := 0; i < k; i += 8 {
			w = w<<8 | whole>>i&0xFF
		}
		v = w<<rest | v>>k&(1<<rest-1)
	}
	term.WriteBits(data, off, n, v)
}

func putInteger(t term.Term, data uintptr, off, n int, flags uint64) {
	if n <= 64 && t.IsSmall() {
		putWord(uint64(t.Small()), data, off, n, flags)
		return
	}
	if n == 0 {
		return
	}
	var z *big.Int
	if t.IsSmall() {
		z = big.NewInt(int64(t.Small()))
	} else {
		z = t.BigInt()
	}
	if z.Sign() < 0 || z.BitLen() > n {
		mod := new(big.Int).Lsh(big.NewInt(1), uint(n))
		z = new(big.Int).Mod(z, mod)
	}
	k := (n + 7) / 8
	rest := n - 8*(k-1)
	buf := z.FillBytes(make([]byte, k)) // most significant byte first
	if littleEndian(flags) {
		for i := 0; i < k-1; i++ {
			term.WriteBits(data, off+8*i, 8, uint64(buf[k-1-i]))
		}
		term.WriteBits(data, off+8*(k-1), rest, uint64(buf[0]))
		return
	}
	term.WriteBits(data, off, rest, uint64(buf[0]))
	if k > 1 {
		term.CopyBits(data, off+rest, uintptr(unsafe.Pointer(&buf[1])), 0, 8*(k-1))
	}
}

// toFloat16 rounds to a half-precision float, to nearest even; to infinity if f is too large.
func toFloat16(f float64) uint16 {
	b := math.Float64bits(f)
	sign := uint16(b >> 48 & 0x8000)
	f = math.Abs(f)
	if f == 0 {
		return sign
	}
	_, e := math.Frexp(f) // f = m * 2^e, m in [0.5, 1)
	if e < -13 {          // subnormal
		return sign | uint16(math.RoundToEven(math.Ldexp(f, 24)))
	}
	m := math.RoundToEven(math.Ldexp(f, 11-e)) // 1024..2048
	if m == 2048 {
		m, e = 1024, e+1
	}
	if e > 16 {
		return sign | 0x7C00
	}
	return sign | uint16(e+14)<<10 | uint16(m-1024)
}

// doBsInitWritable: x0 is the expected size in bytes; x0 becomes an empty binary that can be appended to.
func doBsInitWritable(c *cpu, a []uint64) uintptr {
	empty, _ := c.h.NewBits(0)
	t, _, _ := c.h.AppendBits(empty, 0)
	c.setX(0, t)
	return c.next
}
