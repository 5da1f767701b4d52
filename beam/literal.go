package beam

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"

	"github.com/gerl-lang/gerl/term"
)

// Terms in chunks are in the external term format. Package etf is to take this over; here are only the forms
// that compilers write.

// ExportSlot gives the address of the slot (a term.Export) behind fun m:f/a.
type ExportSlot func(m, f term.Term, arity int) uintptr

// Tags of the external term format.
const (
	etfVersion  = 131
	etfNewFloat = 70
	etfBits     = 77
	etfSmallInt = 97
	etfInt      = 98
	etfOldAtom  = 100
	etfTuple    = 104
	etfBigTuple = 105
	etfNil      = 106
	etfString   = 107
	etfList     = 108
	etfBinary   = 109
	etfBig      = 110
	etfLargeBig = 111
	etfExport   = 113
	etfMap      = 116
	etfAtom     = 118
	etfShort    = 119
)

var errETF = errors.New("damaged or unsupported external term")

const maxTermDepth = 10000

type termDecoder struct {
	h      *term.Heap
	b      []byte
	export ExportSlot
	failed bool
}

func decodeTerm(h *term.Heap, b []byte, export ExportSlot) (term.Term, error) {
	if len(b) < 2 || b[0] != etfVersion {
		return term.None, errETF
	}
	d := termDecoder{h: h, b: b[1:], export: export}
	t := d.term(0)
	if d.failed || len(d.b) != 0 {
		return term.None, errETF
	}
	return t, nil
}

func (d *termDecoder) take(n int) []byte {
	if n < 0 || n > len(d.b) {
		d.failed = true
		return make([]byte, min(max(n, 0), 8))
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *termDecoder) u32() int { return int(binary.BigEndian.Uint32(d.take(4))) }

func (d *termDecoder) elems(n, depth int) []term.Term {
	if n > len(d.b) {
		d.failed = true
		return nil
	}
	e := make([]term.Term, n)
	for i := range e {
		if e[i] = d.term(depth); d.failed {
			return nil
		}
	}
	return e
}

func (d *termDecoder) atom(name []byte) term.Term {
	t, ok := term.TryIntern(string(name))
	if !ok || d.failed {
		d.failed = true
		return term.Nil
	}
	return t
}

func (d *termDecoder) term(depth int) term.Term {
	if depth > maxTermDepth {
		d.failed = true
	}
	tag := d.take(1)[0]
	if d.failed {
		return term.Nil
	}
	switch tag {
	case etfSmallInt:
		return term.Int(int(d.take(1)[0]))
	case etfInt:
		return term.Int(int(int32(d.u32())))
	case etfBig, etfLargeBig:
		n := 0
		if tag == etfBig {
			n = int(d.take(1)[0])
		} else {
			n = d.u32()
		}
		sign, b := d.take(1)[0], d.take(n)
		be := make([]byte, len(b))
		for i := range b {
			be[len(b)-1-i] = b[i]
		}
		v := new(big.Int).SetBytes(be)
		if sign != 0 {
			v.Neg(v)
		}
		return d.h.BigInt(v)
	case etfNewFloat:
		f := math.Float64frombits(binary.BigEndian.Uint64(d.take(8)))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			d.failed = true
		}
		return d.h.Float(f)
	case etfOldAtom:
		return d.atom(latin1ToUTF8(d.take(int(binary.BigEndian.Uint16(d.take(2))))))
	case etfAtom:
		return d.atom(d.take(int(binary.BigEndian.Uint16(d.take(2)))))
	case etfShort:
		return d.atom(d.take(int(d.take(1)[0])))
	case etfTuple:
		return d.h.Tuple(d.elems(int(d.take(1)[0]), depth+1)...)
	case etfBigTuple:
		return d.h.Tuple(d.elems(d.u32(), depth+1)...)
	case etfNil:
		return term.Nil
	case etfString:
		b := d.take(int(binary.BigEndian.Uint16(d.take(2))))
		e := make([]term.Term, len(b))
		for i, c := range b {
			e[i] = term.Int(int(c))
		}
		return d.h.List(e...)
	case etfList:
		e := d.elems(d.u32(), depth+1)
		return d.h.ListTail(e, d.term(depth+1))
	case etfBinary:
		return d.h.Binary(d.take(d.u32()))
	case etfBits:
		n := d.u32()
		last := int(d.take(1)[0])
		if n == 0 || last < 1 || last > 8 {
			d.failed = true
			return term.Nil
		}
		return d.h.Bits(d.take(n), 8*(n-1)+last)
	case etfMap:
		n := d.u32()
		return d.h.MapFromPairs(d.elems(2*n, depth+1))
	case etfExport:
		m, f, a := d.term(depth+1), d.term(depth+1), d.term(depth+1)
		if d.failed || !m.IsAtom() || !f.IsAtom() || !a.IsSmall() || a.Small() < 0 || a.Small() > 255 {
			d.failed = true
			return term.Nil
		}
		return d.h.ExternalFun(d.export(m, f, a.Small()))
	}
	d.failed = true
	return term.Nil
}

func encodeTerm(t term.Term) []byte { return appendTerm([]byte{etfVersion}, t) }

func appendTerm(b []byte, t term.Term) []byte {
	switch {
	case t.IsSmall() && t.Small() >= 0 && t.Small() < 256:
		return append(b, etfSmallInt, byte(t.Small()))
	case t.IsSmall() && int(int32(t.Small())) == t.Small():
		return binary.BigEndian.AppendUint32(append(b, etfInt), uint32(t.Small()))
	case t.IsInteger():
		v := big.NewInt(0)
		if t.IsSmall() {
			v.SetInt64(int64(t.Small()))
		} else {
			v = t.BigInt()
		}
		be, sign := v.Bytes(), byte(0)
		if v.Sign() < 0 {
			sign = 1
		}
		if len(be) < 256 {
			b = append(b, etfBig, byte(len(be)), sign)
		} else {
			b = append(binary.BigEndian.AppendUint32(append(b, etfLargeBig), uint32(len(be))), sign)
		}
		for i := len(be) - 1; i >= 0; i-- {
			b = append(b, be[i])
		}
		return b
	case t.IsFloat():
		return binary.BigEndian.AppendUint64(append(b, etfNewFloat), math.Float64bits(t.FloatVal()))
	case t.IsAtom():
		name := t.AtomName()
		if len(name) < 256 {
			return append(append(b, etfShort, byte(len(name))), name...)
		}
		return append(binary.BigEndian.AppendUint16(append(b, etfAtom), uint16(len(name))), name...)
	case t.IsTuple():
		if n := t.Arity(); n < 256 {
			b = append(b, etfTuple, byte(n))
		} else {
			b = binary.BigEndian.AppendUint32(append(b, etfBigTuple), uint32(n))
		}
		for i := range t.Arity() {
			b = appendTerm(b, t.Elem(i))
		}
		return b
	case t == term.Nil:
		return append(b, etfNil)
	case t.IsCons():
		return appendList(b, t)
	case t.IsBitstring():
		n, _ := term.BitSize(t)
		run, _ := term.BitsOf(t)
		if n&7 == 0 {
			b = binary.BigEndian.AppendUint32(append(b, etfBinary), uint32(n/8))
		} else {
			b = append(binary.BigEndian.AppendUint32(append(b, etfBits), uint32(n/8+1)), byte(n&7))
		}
		return append(b, run.Bytes()...)
	case t.IsMap():
		b = binary.BigEndian.AppendUint32(append(b, etfMap), uint32(term.MapSize(t)))
		term.MapEach(t, func(k, v term.Term) bool {
			b = appendTerm(appendTerm(b, k), v)
			return true
		})
		return b
	case t.IsSub(term.SubExport):
		e := t.ExportOf()
		return appendTerm(appendTerm(appendTerm(append(b, etfExport), e.Module), e.Function), term.Int(int(e.Arity)))
	}
	return append(b, etfNil)
}

func appendList(b []byte, t term.Term) []byte {
	var elems []term.Term
	bytes := true
	for ; t.IsCons(); t = t.Tail() {
		e := t.Head()
		bytes = bytes && e.IsSmall() && e.Small() >= 0 && e.Small() < 256
		elems = append(elems, e)
	}
	if bytes && t == term.Nil && len(elems) < 65536 {
		b = binary.BigEndian.AppendUint16(append(b, etfString), uint16(len(elems)))
		for _, e := range elems {
			b = append(b, byte(e.Small()))
		}
		return b
	}
	b = binary.BigEndian.AppendUint32(append(b, etfList), uint32(len(elems)))
	for _, e := range elems {
		b = appendTerm(b, e)
	}
	return appendTerm(b, t)
}

// literalKey is a text that is equal for two terms only if they are the same literal.
func literalKey(t term.Term) string { return string(encodeTerm(t)) }
