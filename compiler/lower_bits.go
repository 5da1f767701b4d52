package compiler

import (
	"encoding/binary"
	"math"
	"math/big"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/term"
)

// bits lowers the construction of a bit string.
func (l *lower) bits(e *ast.Bits) val {
	segs := l.segments(e, l.expr)
	l.pos = e.At
	return l.create(segs)
}

// create makes the bit string of segments that have their values.
func (l *lower) create(segs []binSeg) val {
	segs, k, ok := l.foldSegments(segs)
	if ok {
		return k
	}
	return l.add(value{op: opBsCreate, aux: segs, args: segArgs(segs)})
}

func (l *lower) gbits(e *ast.Bits, fail *block) val {
	segs := l.segments(e, func(x ast.Expr) val { return l.gexpr(x, fail) })
	segs, k, ok := l.foldSegments(segs)
	if ok {
		return k
	}
	l.pos = e.At
	next := l.newBlock()
	v := l.termVal(block{kind: tBsCreate, aux: segs, args: segArgs(segs), pos: e.At}, next, fail)
	l.cur = next
	return v
}

// segArgs lists the values that segments use, in the order value, size.
func segArgs(segs []binSeg) []val {
	var args []val
	for _, s := range segs {
		if s.value != 0 {
			args = append(args, s.value)
		}
		if s.size != 0 {
			args = append(args, s.size)
		}
	}
	return args
}

// segments evaluates values and sizes from left to right.
func (l *lower) segments(e *ast.Bits, eval func(ast.Expr) val) []binSeg {
	var segs []binSeg
	for _, el := range e.Elems {
		s, _ := l.segment(el, true)
		if str, ok := el.Value.(*ast.String); ok {
			for _, r := range str.Value {
				c := s
				c.value = l.int(int(r))
				l.sizeOf(&c, el, eval)
				segs = append(segs, c)
			}
			continue
		}
		s.value = eval(el.Value)
		l.sizeOf(&s, el, eval)
		segs = append(segs, s)
	}
	return segs
}

func (l *lower) sizeOf(s *binSeg, el *ast.BitsElem, eval func(ast.Expr) val) {
	switch {
	case s.all || s.typ[0] == 'u':
	case el.Size != nil:
		s.size = eval(el.Size)
	default:
		s.size = l.int(defaultSize(s.typ))
	}
}

// foldSegments turns constant segments into bytes; all reports that there was
// nothing else, and k is the constant then.
func (l *lower) foldSegments(in []binSeg) (out []binSeg, k val, all bool) {
	for _, s := range in {
		b, ok := l.segBytes(s)
		if !ok {
			out = append(out, s)
			continue
		}
		if n := len(out); n > 0 && out[n-1].typ == "string" {
			out[n-1].str = append(out[n-1].str, b...)
			continue
		}
		out = append(out, binSeg{typ: "string", unit: 8, str: b, pos: s.pos})
	}
	switch {
	case len(out) == 0:
		return nil, l.f.konst(l.m.heap.Binary(nil)), true
	case len(out) == 1 && out[0].typ == "string":
		return nil, l.f.konst(l.m.heap.Binary(out[0].str)), true
	}
	if out[0].typ == "binary" && out[0].all && len(out) > 1 {
		out[0].app = "append"
	}
	return out, 0, false
}

const maxFoldBytes = 1 << 16

// segBytes evaluates a segment of whole bytes whose parts are constants.
func (l *lower) segBytes(s binSeg) ([]byte, bool) {
	d := l.f.vals[s.value]
	if d.op != opConst {
		return nil, false
	}
	switch s.typ {
	case "utf8":
		if d.lit.IsSmall() && utf8.ValidRune(rune(d.lit.Small())) && d.lit.Small() <= utf8.MaxRune && d.lit.Small() >= 0 {
			return utf8.AppendRune(nil, rune(d.lit.Small())), true
		}
		return nil, false
	case "binary":
		if b, ok := d.lit.Bytes(); ok && s.all {
			return append([]byte(nil), b...), true
		}
		return nil, false
	case "integer", "float":
	default:
		return nil, false
	}
	z := l.f.vals[s.size]
	if z.op != opConst || !z.lit.IsSmall() || z.lit.Small() < 0 || z.lit.Small() > 8*maxFoldBytes || s.native {
		return nil, false
	}
	n := z.lit.Small() * s.unit
	if n%8 != 0 || n/8 > maxFoldBytes {
		return nil, false
	}
	if s.typ == "float" {
		return floatBytes(d.lit, n, s.little)
	}
	return intBytes(d.lit, n/8, s.little)
}

func floatBytes(t term.Term, bits int, little bool) ([]byte, bool) {
	if !t.IsFloat() && !t.IsSmall() {
		return nil, false
	}
	var f float64
	if t.IsFloat() {
		f = t.FloatVal()
	} else {
		f = float64(t.Small())
	}
	var b []byte
	switch bits {
	case 64:
		b = binary.BigEndian.AppendUint64(nil, math.Float64bits(f))
	case 32:
		if math.Abs(f) > math.MaxFloat32 {
			return nil, false
		}
		b = binary.BigEndian.AppendUint32(nil, math.Float32bits(float32(f)))
	default:
		return nil, false
	}
	if little {
		reverse(b)
	}
	return b, true
}

func intBytes(t term.Term, n int, little bool) ([]byte, bool) {
	if !t.IsInteger() {
		return nil, false
	}
	x := new(big.Int)
	if t.IsSmall() {
		x.SetInt64(int64(t.Small()))
	} else {
		x.Set(t.BigInt())
	}
	mod := new(big.Int).Lsh(big.NewInt(1), uint(8*n))
	x.Mod(x, mod) // Euclidean: two's complement for negative numbers
	b := x.FillBytes(make([]byte, n))
	if little {
		reverse(b)
	}
	return b, true
}

func reverse(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}
