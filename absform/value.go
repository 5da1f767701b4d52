package absform

import (
	"encoding/binary"
	"math"
	"math/big"
	"unicode/utf16"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/term"
)

// value is the term that a constant expression denotes.
func (x *encoder) value(e ast.Expr) term.Term {
	switch e := e.(type) {
	case *ast.Atom:
		return atom(e.Name)
	case *ast.Integer:
		return x.integer(e)
	case *ast.Char:
		return term.Int(int(e.Value))
	case *ast.Float:
		return x.h.Float(e.Value)
	case *ast.String:
		return x.h.Chars(e.Value)
	case *ast.Nil:
		return term.Nil
	case *ast.List:
		elems := make([]term.Term, len(e.Elems))
		for i, n := range e.Elems {
			elems[i] = x.value(n)
		}
		return x.h.ListTail(elems, x.value(e.Tail))
	case *ast.Tuple:
		elems := make([]term.Term, len(e.Elems))
		for i, n := range e.Elems {
			elems[i] = x.value(n)
		}
		return x.h.Tuple(elems...)
	case *ast.Map:
		if e.Base == nil {
			var pairs []term.Term
			for _, f := range e.Fields {
				if f.Exact {
					x.fail("absform: := in a constant map")
				}
				pairs = append(pairs, x.value(f.Key), x.value(f.Value))
			}
			return x.h.MapFromPairs(pairs)
		}
	case *ast.Bits:
		w := bitWriter{}
		for _, s := range e.Elems {
			x.segment(&w, s)
		}
		return x.h.Bits(w.data, w.n)
	case *ast.FunRemote:
		module, ok1 := e.Module.(*ast.Atom)
		name, ok2 := e.Name.(*ast.Atom)
		arity, ok3 := e.Arity.(*ast.Integer)
		if ok1 && ok2 && ok3 && arity.Big == nil && x.ExternalFun != nil {
			if f := x.ExternalFun(module.Name, name.Name, arity.Value); f != term.None {
				return f
			}
		}
	case *ast.Unary:
		return x.unaryValue(e)
	}
	x.fail("absform: not a constant")
	return term.None
}

func (x *encoder) unaryValue(e *ast.Unary) term.Term {
	if e.Op == ast.OpAdd {
		switch e.X.(type) {
		case *ast.Integer, *ast.Char, *ast.Float:
			return x.value(e.X)
		}
	}
	if e.Op == ast.OpSub {
		switch n := e.X.(type) {
		case *ast.Integer:
			return x.h.BigInt(negate(n))
		case *ast.Char:
			return term.Int(-int(n.Value))
		case *ast.Float:
			return x.h.Float(-n.Value)
		}
	}
	x.fail("absform: not a constant")
	return term.None
}

// bitWriter collects bits.
type bitWriter struct {
	data []byte
	n    int
}

func (w *bitWriter) bit(b bool) {
	if w.n%8 == 0 {
		w.data = append(w.data, 0)
	}
	if b {
		w.data[w.n/8] |= 0x80 >> (w.n % 8)
	}
	w.n++
}

func (w *bitWriter) bytes(p []byte, bits int) {
	if w.n%8 == 0 && bits%8 == 0 {
		w.data = append(w.data, p[:bits/8]...)
		w.n += bits
		return
	}
	for i := range bits {
		w.bit(p[i/8]&(0x80>>(i%8)) != 0)
	}
}

// segment appends a constant segment of a binary.
func (x *encoder) segment(w *bitWriter, s *ast.BitsElem) {
	kind, little, unit := "integer", false, int64(-1)
	for _, spec := range s.Specs {
		switch spec.Name {
		case "little", "native":
			little = true
		case "big", "signed", "unsigned":
		case "unit":
			unit = spec.Arg
		case "bytes":
			kind = "binary"
		case "bits":
			kind = "bitstring"
		default:
			kind = spec.Name
		}
	}
	size := int64(-1)
	switch n := s.Size.(type) {
	case nil:
	case *ast.Integer:
		size = n.Value
	default:
		x.fail("absform: size is not a constant")
	}
	if str, ok := s.Value.(*ast.String); ok {
		for _, c := range str.Value {
			x.number(w, kind, little, size, unit, big.NewInt(int64(c)), float64(c))
		}
		return
	}
	v := x.value(s.Value)
	if v.IsBitstring() {
		b, _ := term.BitsOf(v)
		data, ok := v.Bytes()
		if !ok {
			data = b.Bytes()
		}
		bits, _ := term.BitSize(v)
		if size >= 0 {
			if unit < 0 {
				unit = 8
				if kind == "bitstring" {
					unit = 1
				}
			}
			bits = min(bits, int(size*unit))
		}
		w.bytes(data, bits)
		return
	}
	if f, ok := s.Value.(*ast.Float); ok {
		x.number(w, kind, little, size, unit, nil, f.Value)
		return
	}
	f, _ := term.ToFloat(v)
	var n *big.Int
	if v.IsInteger() {
		n = v.BigInt()
	}
	x.number(w, kind, little, size, unit, n, f)
}

// maxSegment bounds the bits of one segment of a constant.
const maxSegment = 1 << 24

func (x *encoder) number(w *bitWriter, kind string, little bool, size, unit int64, n *big.Int, f float64) {
	var p []byte
	switch kind {
	case "integer":
		if size < 0 {
			size = 8
		}
		if unit < 0 {
			unit = 1
		}
		bits := size * unit
		if n == nil || bits > maxSegment {
			x.fail("absform: bad segment")
		}
		m := new(big.Int).And(n, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(bits)), big.NewInt(1)))
		x.integerBits(w, m, int(bits), little)
		return
	case "float":
		if size < 0 {
			size = 64
		}
		if unit > 0 {
			size *= unit
		}
		switch size {
		case 64:
			p = binary.BigEndian.AppendUint64(nil, math.Float64bits(f))
		case 32:
			p = binary.BigEndian.AppendUint32(nil, math.Float32bits(float32(f)))
		default:
			x.fail("absform: bad float size")
		}
	case "utf8", "utf16", "utf32":
		if n == nil || !n.IsInt64() {
			x.fail("absform: bad segment")
		}
		p = utfBytes(kind, rune(n.Int64()))
	default:
		x.fail("absform: bad segment type %s", kind)
	}
	if little && kind != "utf8" {
		p = swap(p, kind)
	}
	w.bytes(p, len(p)*8)
}

func utfBytes(kind string, c rune) []byte {
	switch kind {
	case "utf8":
		return []byte(string(c))
	case "utf16":
		var p []byte
		for _, u := range utf16.Encode([]rune{c}) {
			p = binary.BigEndian.AppendUint16(p, u)
		}
		return p
	}
	return binary.BigEndian.AppendUint32(nil, uint32(c))
}

func swap(p []byte, kind string) []byte {
	unit := len(p)
	if kind == "utf16" {
		unit = 2
	}
	out := make([]byte, len(p))
	for i := range p {
		out[i] = p[i/unit*unit+unit-1-i%unit]
	}
	return out
}

// integerBits appends the low bits of a non-negative number. Little endian
// puts whole bytes from the low end first and what remains last.
func (x *encoder) integerBits(w *bitWriter, n *big.Int, bits int, little bool) {
	if little {
		for i := 0; i < bits; i += 8 {
			k := min(8, bits-i)
			for j := k - 1; j >= 0; j-- {
				w.bit(n.Bit(i+j) == 1)
			}
		}
		return
	}
	if bits%8 == 0 {
		w.bytes(n.FillBytes(make([]byte, bits/8)), bits)
		return
	}
	for i := bits - 1; i >= 0; i-- {
		w.bit(n.Bit(i) == 1)
	}
}
