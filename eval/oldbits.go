package eval

import (
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Building of bitstrings as compilers before OTP 25 emit it: one instruction makes the bitstring, others fill in its
// parts. The validator sees to it that nothing but those and moves stands between, so nothing moves the bitstring meanwhile.

// underConstruction is the bitstring that bs_put_* instructions write to.
type underConstruction struct {
	data     uintptr
	off, end int // bits
}

// oldFail is the failure of an instruction with fail label or 0 in a[0].
func (c *cpu) oldFail(a []uint64, reason term.Term) uintptr {
	if a[0] != 0 {
		return uintptr(a[0])
	}
	c.slot = 0
	c.p.Exc = proc.Exception{Class: term.AtomError, Reason: reason}
	return raised
}

// oldSize is a size in units of unit bits.
func oldSize(size term.Term, unit uint64) (n int, reason term.Term) {
	if !size.IsInteger() || term.IntSign(size) < 0 {
		return 0, term.AtomBadarg
	}
	n, ok := fieldBits(size, unit)
	if !ok || n > maxBits {
		return 0, term.AtomSystemLimit
	}
	return n, term.None
}

// doBsInit: fail, destination, size, unit, words that the code behind needs, live X registers.
func doBsInit(c *cpu, a []uint64) uintptr {
	n, reason := oldSize(c.get(a[2]), a[3])
	if reason != term.None {
		return c.oldFail(a, reason)
	}
	t, _ := c.h.NewBits(n)
	if need := int(a[4]); !c.h.HasRoom(need) || c.vm.Debug.CollectAlways {
		t = c.roomFor(t, need, int(a[5]))
	}
	return c.begin(t, n, a)
}

// doBsOldAppend: as doBsInit, then the bitstring that is extended, the unit that its size is a multiple of, and whether
// there may be a collection.
func doBsOldAppend(c *cpu, a []uint64) uintptr {
	b := c.get(a[6])
	have, isBits := term.BitSize(b)
	n, reason := oldSize(c.get(a[2]), a[3])
	switch {
	case !isBits || a[7] > 1 && uint64(have)%a[7] != 0:
		return c.oldFail(a, term.AtomBadarg)
	case reason == term.None && have+n > maxBits:
		reason = term.AtomSystemLimit
	}
	if reason != term.None {
		return c.oldFail(a, reason)
	}
	t, _, _ := c.h.AppendBits(b, n)
	if need := int(a[4]); a[8] != 0 && (!c.h.HasRoom(need) || c.vm.Debug.CollectAlways) {
		t = c.roomFor(t, need, int(a[5]))
	}
	return c.begin(t, n, a)
}

// roomFor collects; t is kept.
func (c *cpu) roomFor(t term.Term, need, live int) term.Term {
	c.setX(live, t)
	c.collect(need, live+1)
	return c.x(live)
}

// begin makes the last n bits of t those under construction and t the destination's value.
func (c *cpu) begin(t term.Term, n int, a []uint64) uintptr {
	b, _ := term.BitsOf(t)
	c.build = underConstruction{data: b.Data, off: b.Off + b.Len - n, end: b.Off + b.Len}
	c.set(a[1], t)
	c.collectSoon()
	return c.next
}

// doBsPut: fail, segment as in bs_create_bin.
func doBsPut(c *cpu, a []uint64) uintptr {
	seg := a[1:]
	n, reason, what, _ := c.segSize(seg)
	if what != "" {
		return c.oldFail(a, reason)
	}
	if n > c.build.end-c.build.off {
		return c.oldFail(a, term.AtomBadarg)
	}
	if what = c.put(seg, c.build.data, c.build.off, n); what != "" {
		return c.oldFail(a, term.AtomBadarg)
	}
	c.build.off += n
	return c.next
}

// doBsAdd: fail, destination, number, number that is multiplied by the unit, unit.
func doBsAdd(c *cpu, a []uint64) uintptr {
	x, reason := oldSize(c.get(a[2]), 1)
	if reason == term.None {
		var y int
		if y, reason = oldSize(c.get(a[3]), a[4]); reason == term.None {
			c.set(a[1], term.Int(x+y))
			return c.next
		}
	}
	return c.oldFail(a, reason)
}

// doBsUtfSize: fail, destination, character, kind of segment. What is no character is left to the instruction that writes it.
func doBsUtfSize(c *cpu, a []uint64) uintptr {
	n, _, what, _ := c.segSize([]uint64{a[3], 1, 0, a[2], 0, 0})
	if what != "" {
		n = 32
	}
	c.set(a[1], term.Int(n/8))
	return c.next
}

// sized is the operand of a size that is a term or a number.
func (l *loader) sized(a beam.Arg) opd {
	if a.Kind == beam.KindU {
		return raw(uint64(term.Int(a.N())))
	}
	return l.segmentSize(a)
}

// instrOldBits emits the instructions of this file.
func (l *loader) instrOldBits(in beam.Instr) bool {
	a := in.Args
	o := l.opd
	put := func(kind uint64, unit int, flags beam.Arg, val, size opd) {
		l.slow(slowBsPut, o(a[0]), raw(kind), num(unit), raw(l.flags(flags)), val, size, num(0))
	}
	none := raw(uint64(term.Int(0)))
	switch in.Op {
	case beam.OpBsInit2:
		l.slow(slowBsInit, o(a[0]), o(a[5]), l.sized(a[1]), num(8), num(heapNeed(a[2])/wordBytes), num(a[3].N()))
	case beam.OpBsInitBits:
		l.slow(slowBsInit, o(a[0]), o(a[5]), l.sized(a[1]), num(1), num(heapNeed(a[2])/wordBytes), num(a[3].N()))
	case beam.OpBsAppend:
		l.slow(slowBsOldAppend, o(a[0]), o(a[7]), l.sized(a[1]), num(1), num(heapNeed(a[2])/wordBytes), num(a[3].N()), o(a[5]), num(a[4].N()), num(1))
	case beam.OpBsPrivateAppend:
		l.slow(slowBsOldAppend, o(a[0]), o(a[5]), l.sized(a[1]), num(1), num(0), num(0), o(a[3]), num(a[2].N()), num(0))
	case beam.OpBsPutInteger:
		put(segInteger, a[2].N(), a[3], o(a[4]), l.sized(a[1]))
	case beam.OpBsPutFloat:
		put(segFloat, a[2].N(), a[3], o(a[4]), l.sized(a[1]))
	case beam.OpBsPutBinary:
		put(segBinary, a[2].N(), a[3], o(a[4]), l.sized(a[1]))
	case beam.OpBsPutUtf8:
		put(segUtf8, 1, a[1], o(a[2]), none)
	case beam.OpBsPutUtf16:
		put(segUtf16, 1, a[1], o(a[2]), none)
	case beam.OpBsPutUtf32:
		put(segUtf32, 1, a[1], o(a[2]), none)
	case beam.OpBsPutString:
		l.slow(slowBsPut, label(0), raw(segString), num(8), num(0), raw(uint64(l.strings)+uint64(a[1].N())),
			raw(uint64(term.Int(a[0].N()))), num(0))
	case beam.OpBsAdd:
		l.slow(slowBsAdd, o(a[0]), o(a[4]), l.sized(a[1]), l.sized(a[2]), num(a[3].N()))
	case beam.OpBsUtf8Size:
		l.slow(slowBsUtfSize, o(a[0]), o(a[2]), o(a[1]), raw(segUtf8))
	case beam.OpBsUtf16Size:
		l.slow(slowBsUtfSize, o(a[0]), o(a[2]), o(a[1]), raw(segUtf16))
	default:
		return l.instrRecord(in)
	}
	return true
}
