package beam

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"math/big"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/term"
)

// WriteOptions say how to write a .beam file. The zero value gives files that OTP 25 to 29 load.
type WriteOptions struct {
	// Modern writes atoms and literals in the form of OTP 28, which older releases do not
	// read. Atoms of more than 255 bytes need it and get it anyway.
	Modern bool
	// Slim leaves out everything that loading does not need: locals, compile info, line table and uninterpreted chunks except Meta.
	Slim bool
}

// Write makes a .beam file. The same module gives the same bytes. Fields of the fun table that are to hold a part of the
// module's checksum, and a missing vsn attribute, are filled in as OTP's assembler does it. An error means that the module
// cannot be expressed in the format (too many atoms, numbers that do not fit).
func Write(m *Module, o WriteOptions) ([]byte, error) {
	f, err := m.File(o)
	if err != nil {
		return nil, err
	}
	return f.Bytes(), nil
}

type writer struct {
	m     *Module
	atoms []term.Term
	index map[term.Term]int // number in the atom table, from 1
	err   error
}

// File is Write without putting the chunks together.
func (m *Module) File(o WriteOptions) (*File, error) {
	w := &writer{m: m, atoms: append([]term.Term(nil), m.Atoms...), index: make(map[term.Term]int, len(m.Atoms))}
	for i, a := range w.atoms {
		if w.index[a] == 0 {
			w.index[a] = i + 1
		}
	}
	if w.atom(m.Name) != 1 {
		return nil, fmt.Errorf("beam: the first atom of module %s is another name", m.Name.AtomName())
	}
	f := &File{}
	add := func(name string, data []byte) { f.Chunks = append(f.Chunks, Chunk{name, data}) }

	// Everything that names atoms comes before the atom table is written.
	code := w.code()
	imports := w.imports()
	exports := w.functions(m.Exports)
	locals := w.functions(m.Locals)
	lambdas := w.lambdas()
	literals := w.literals(o.Modern)
	records := w.records()
	add("AtU8", w.atomTable(o.Modern))
	add("Code", code)
	add("StrT", m.Strings)
	add("ImpT", imports)
	add("ExpT", exports)
	// Empty chunks would change the checksum.
	if len(m.Lambdas) > 0 {
		add("FunT", lambdas)
	}
	if len(m.Literals) > 0 {
		add("LitT", literals)
	}
	for _, name := range []string{"Meta", "Recs", "DbgB"} {
		if name == "Recs" && len(m.Records) > 0 {
			add(name, records)
		} else if data, ok := m.Chunk(name); ok {
			add(name, data)
		}
	}
	sum := f.MD5()
	uniq := binary.BigEndian.Uint32(sum[:]) >> 5
	for i := range m.Lambdas {
		if m.Lambdas[i].OldUniq == 0 {
			binary.BigEndian.PutUint32(lambdas[4+24*i+20:], uniq)
		}
	}
	if !o.Slim {
		add("LocT", locals)
	}
	if m.Attributes != term.None {
		add("Attr", encodeTerm(withVsn(m.Attributes, sum)))
	}
	if !o.Slim {
		if m.CompileInfo != term.None {
			add("CInf", encodeTerm(m.CompileInfo))
		}
		for _, c := range m.Chunks {
			if _, ok := f.Chunk(c.Name); !ok {
				add(c.Name, c.Data)
			}
		}
		add("Line", w.lines())
	}
	if m.Types.Version != 0 {
		add("Type", appendTypes(nil, &m.Types))
	}
	return f, w.err
}

// withVsn puts {vsn,[Checksum]} in front of attributes that have no vsn. The terms are built in a heap of their own.
func withVsn(attrs term.Term, sum [16]byte) term.Term {
	for l := attrs; l.IsCons(); l = l.Tail() {
		if e := l.Head(); e.TupleOf(2) && e.Elem(0) == term.Intern("vsn") {
			return attrs
		}
	}
	h := term.NewArena()
	n := h.BigInt(new(big.Int).SetBytes(sum[:]))
	return h.Cons(h.Tuple(term.Intern("vsn"), h.List(n)), attrs)
}

func (w *writer) atom(t term.Term) int {
	i := w.index[t]
	if i == 0 {
		w.atoms = append(w.atoms, t)
		i = len(w.atoms)
		w.index[t] = i
	}
	return i
}

func (w *writer) fail(format string, a ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("beam: module %s: "+format, append([]any{w.m.Name.AtomName()}, a...)...)
	}
}

func row(out []byte, v ...int) []byte {
	for _, n := range v {
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	return out
}

func (w *writer) atomTable(modern bool) []byte {
	for _, a := range w.atoms {
		name := a.AtomName()
		if len(name) > 255 {
			modern = true
		}
		if utf8.RuneCountInString(name) > 255 {
			w.fail("an atom has more than 255 characters")
		}
	}
	n := len(w.atoms)
	if modern {
		n = -n
	}
	out := row(nil, n)
	for _, a := range w.atoms {
		name := a.AtomName()
		if modern {
			out = compact(out, tagU, int64(len(name)))
		} else {
			out = append(out, byte(len(name)))
		}
		out = append(out, name...)
	}
	return out
}

func (w *writer) imports() []byte {
	out := row(nil, len(w.m.Imports))
	for _, p := range w.m.Imports {
		out = row(out, w.atom(p.Module), w.atom(p.Name), p.Arity)
	}
	return out
}

func (w *writer) functions(list []Export) []byte {
	out := row(nil, len(list))
	for _, e := range list {
		out = row(out, w.atom(e.Name), e.Arity, e.Label)
	}
	return out
}

func (w *writer) lambdas() []byte {
	out := row(nil, len(w.m.Lambdas))
	for _, l := range w.m.Lambdas {
		out = row(out, w.atom(l.Name), l.Arity, l.Label, l.Index, l.NumFree, int(l.OldUniq))
	}
	return out
}

func (w *writer) literals(modern bool) []byte {
	plain := row(nil, len(w.m.Literals))
	for _, t := range w.m.Literals {
		b := encodeTerm(t)
		plain = row(plain, len(b))
		plain = append(plain, b...)
	}
	if modern {
		return append(row(nil, 0), plain...)
	}
	var z bytes.Buffer
	z.Write(row(nil, len(plain)))
	if len(plain) < worthCompressing {
		z.Write(storedStream(plain))
		return z.Bytes()
	}
	zw := zlib.NewWriter(&z)
	if _, err := zw.Write(plain); err != nil {
		w.fail("literals: %v", err)
	}
	if err := zw.Close(); err != nil {
		w.fail("literals: %v", err)
	}
	return z.Bytes()
}

// worthCompressing is the size, in bytes, from which literals are compressed. The compressor takes 0.8 MiB of memory, which a script that is
// compiled at each start should not pay for a few strings. It is far below the 65535 bytes of one stored block.
const worthCompressing = 1024

// storedStream is a zlib stream (RFC 1950) of one stored block (RFC 1951, 3.2.4): nothing is compressed.
func storedStream(data []byte) []byte {
	n := uint16(len(data))
	out := []byte{0x78, 0x01, 1, byte(n), byte(n >> 8), byte(^n), byte(^n >> 8)}
	out = append(out, data...)
	return binary.BigEndian.AppendUint32(out, adler32.Checksum(data))
}

func (w *writer) records() []byte {
	fields := 0
	for _, d := range w.m.Records {
		fields += len(d.Fields)
	}
	out := row(nil, 0, len(w.m.Records), fields)
	for _, d := range w.m.Records {
		args := []Arg{Atom(d.Name), Atom(term.Bool(d.Exported)), List(2 * len(d.Fields))}
		for _, f := range d.Fields {
			value := f.Default
			if value.Kind == KindNone {
				value = U(0)
			}
			args = append(args, Atom(f.Name), value)
		}
		out = w.instr(out, Instr{OpCallLast, args})
	}
	return out
}

func (w *writer) lines() []byte {
	t := &w.m.Lines
	flags := 0
	if t.Executable {
		flags |= lineExecutable
	}
	if t.ForceCounters {
		flags |= lineForce
	}
	out := row(nil, 0, flags, t.Instrs, len(t.Items)-1, len(t.Files)-1)
	file := 0
	for _, l := range t.Items[1:] {
		if l.File != file {
			out = compact(out, tagA, int64(l.File))
			file = l.File
		}
		out = compact(out, tagI, int64(l.Line))
	}
	for _, name := range t.Files[1:] {
		if len(name) > 0xFFFF {
			w.fail("a file name is too long")
			name = ""
		}
		out = binary.BigEndian.AppendUint16(out, uint16(len(name)))
		out = append(out, name...)
	}
	return out
}

// minMaxOp is the highest opcode that a file claims to use at least: it keeps releases before 25 from loading it.
const minMaxOp = OpCallFun2

func (w *writer) code() []byte {
	top := minMaxOp
	body := make([]byte, 0, 8*len(w.m.Code))
	for i := range w.m.Code {
		in := w.m.Code[i]
		if text := w.m.fault(in); text != "" {
			w.fail("instruction %d (%s): %s", i, in.Op, text)
			return nil
		}
		top = max(top, in.Op)
		body = w.instr(body, in)
	}
	body = append(body, byte(OpIntCodeEnd))
	return append(row(nil, 16, codeFormat, int(top), w.m.Labels, len(w.m.Funcs)), body...)
}

func (w *writer) instr(out []byte, in Instr) []byte {
	out = append(out, byte(in.Op))
	for _, a := range in.Args {
		out = w.arg(out, a)
	}
	return out
}

func (w *writer) arg(out []byte, a Arg) []byte {
	switch a.Kind {
	case KindU:
		return compact(out, tagU, a.Val)
	case KindInt:
		return compact(out, tagI, a.Val)
	case KindBig:
		return compactBytes(out, tagI, bigBytes(w.m.Bigs[a.Val]))
	case KindAtom:
		return compact(out, tagA, int64(w.atom(a.Term())))
	case KindNil:
		return compact(out, tagA, 0)
	case KindX, KindY:
		if a.Ext != 0 {
			out = compact(out, tagZ, extTyped)
		}
		out = compact(out, tagX+byte(a.Kind-KindX), a.Val)
		if a.Ext != 0 {
			out = compact(out, tagU, int64(a.Ext)-1)
		}
		return out
	case KindLabel:
		return compact(out, tagF, a.Val)
	case KindFR:
		return compact(compact(out, tagZ, extFloat), tagU, a.Val)
	case KindLit:
		return compact(compact(out, tagZ, extLiteral), tagU, a.Val)
	case KindList:
		return compact(compact(out, tagZ, extList), tagU, a.Val)
	case KindAlloc:
		words, floats, funs := a.Need()
		out = compact(compact(out, tagZ, extAlloc), tagU, 3)
		for i, n := range [...]int{allocWords: words, allocFloats: floats, allocFuns: funs} {
			out = compact(compact(out, tagU, int64(i)), tagU, int64(n))
		}
		return out
	}
	w.fail("operand of unknown form %d", a.Kind)
	return out
}

// compact appends a compact term.
func compact(out []byte, tag byte, v int64) []byte {
	switch {
	case v < 0 || v >= 0x800:
		var b [9]byte // one byte more than needed, for the sign
		if v < 0 {
			b[0] = 0xFF
		}
		binary.BigEndian.PutUint64(b[1:], uint64(v))
		i := 0
		for i < 7 && (b[i] == 0 && b[i+1]&0x80 == 0 || b[i] == 0xFF && b[i+1]&0x80 != 0) {
			i++
		}
		return compactBytes(out, tag, b[i:])
	case v < 16:
		return append(out, byte(v)<<4|tag)
	}
	return append(out, byte(v>>3)&0xE0|0x08|tag, byte(v))
}

// compactBytes appends a compact term whose value is given as at least two bytes, big-endian, signed.
func compactBytes(out []byte, tag byte, b []byte) []byte {
	if len(b) <= 8 {
		out = append(out, byte(len(b)-2)<<5|0x18|tag)
	} else {
		out = compact(append(out, 0xF8|tag), tagU, int64(len(b)-9))
	}
	return append(out, b...)
}

// bigBytes is v in the fewest bytes (at least two) of two's complement.
func bigBytes(v *big.Int) []byte {
	if v.Sign() >= 0 {
		return v.FillBytes(make([]byte, max(v.BitLen()/8+1, 2)))
	}
	n := max(new(big.Int).Not(v).BitLen()/8+1, 2)
	return new(big.Int).Add(v, new(big.Int).Lsh(big.NewInt(1), uint(8*n))).FillBytes(make([]byte, n))
}
