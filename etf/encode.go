package etf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/gerl-lang/gerl/term"
)

// EncodeOptions are the options of term_to_binary/2. The zero value is its default.
type EncodeOptions struct {
	Self          Self
	Compressed    int  // zlib level 1 to 9; 0: not compressed
	Deterministic bool // large maps in key order
	// Minor is the minor version plus one: 0 is the default (version 2: atoms in UTF-8); 2 writes atoms in Latin-1 where
	// possible, 1 floats as text too.
	Minor int
	// Atoms is the atom cache of a distribution connection, or nil.
	Atoms AtomWriter
	// Local, when not nil, is the secret of the option local: the term is marked so that only its holder reads it.
	Local []byte
}

// AtomWriter is the sending side of an atom cache.
type AtomWriter interface {
	// Index gives the place of the atom in the message's references; ok is false for an atom that must be written out.
	Index(atom term.Term) (i uint8, ok bool)
}

// Encode gives the external form of t with the version byte, compressed where the options ask for it and it pays.
func Encode(t term.Term, o *EncodeOptions) []byte {
	e := NewEncoder(o)
	e.buf = append(e.buf, Version)
	start := 1
	if e.o.Local != nil {
		e.buf = append(e.buf, tagLocal, 0, 0, 0, 0)
		start = len(e.buf)
	}
	e.encode(t)
	if e.o.Local != nil {
		binary.BigEndian.PutUint32(e.buf[2:], localSum(e.o.Local, e.buf[start:]))
	}
	if e.o.Compressed == 0 || len(e.buf) < 6 {
		return e.buf
	}
	var z bytes.Buffer
	z.Write([]byte{Version, tagCompressed})
	z.Write(binary.BigEndian.AppendUint32(nil, uint32(len(e.buf)-1)))
	w, err := zlib.NewWriterLevel(&z, e.o.Compressed)
	if err != nil {
		return e.buf
	}
	_, _ = w.Write(e.buf[1:]) // a bytes.Buffer does not fail
	_ = w.Close()
	if z.Len() >= len(e.buf) || uint64(len(e.buf)) > math.MaxUint32 {
		return e.buf
	}
	return z.Bytes()
}

// Append appends the external form of t without a version byte, uncompressed.
func Append(dst []byte, t term.Term, o *EncodeOptions) []byte {
	e := NewEncoder(o)
	e.buf = dst
	e.encode(t)
	return e.buf
}

// Size is the number of bytes that Encode gives, compression left out (external_size/1,2).
func Size(t term.Term, o *EncodeOptions) int {
	e := NewEncoder(o)
	e.sizeOnly = true
	e.encode(t)
	return 1 + e.flushed + len(e.buf)
}

// Chunk is a part of the external form: bytes, or a binary term (of whole bytes) whose bytes belong there.
type Chunk struct {
	Data []byte
	Bin  term.Term
}

// EncodeChunks is Encode, uncompressed, in parts: binaries of more than 64 bytes are not copied (term_to_iovec/1).
func EncodeChunks(t term.Term, o *EncodeOptions) []Chunk {
	e := NewEncoder(o)
	e.chunked = true
	e.buf = append(e.buf, Version)
	e.encode(t)
	if len(e.buf) > 0 {
		e.chunks = append(e.chunks, Chunk{Data: e.buf})
	}
	return e.chunks
}

// Encoder writes terms in turns: Start, then Step until it is done. Between the steps the term must not move; it lies in an arena
// or is a literal.
type Encoder struct {
	o        EncodeOptions
	buf      []byte
	frames   []encFrame
	chunks   []Chunk
	sizeOnly bool
	chunked  bool
	flushed  int // bytes counted and dropped from buf (sizeOnly)
}

// encFrame is what remains to be written of a compound term.
type encFrame struct {
	t    term.Term
	kind uint8
	i, n int
	kv   []term.Term
}

const (
	frameElems  uint8 = iota // elements i..n of a tuple
	frameList                // n more cells, then the tail
	frameTerms               // kv[i:]
	frameValues              // values i..n of a record
	frameEnv                 // free variables i..n of a fun; kv is the place of its size
)

// NewEncoder makes an encoder. Most callers want Encode.
func NewEncoder(o *EncodeOptions) *Encoder {
	e := &Encoder{}
	if o != nil {
		e.o = *o
	}
	return e
}

// Start begins a term with the version byte.
func (e *Encoder) Start(t term.Term) {
	e.buf = append(e.buf[:0], Version)
	e.frames = append(e.frames[:0], encFrame{kind: frameTerms, kv: []term.Term{t}, n: 1})
}

// Step writes about n terms and reports whether everything is written.
func (e *Encoder) Step(n int) bool { return e.run(n) }

// Bytes is what was written.
func (e *Encoder) Bytes() []byte { return e.buf }

func (e *Encoder) encode(t term.Term) {
	e.one(t)
	for !e.run(math.MaxInt) {
	}
}

// run works off frames; the order of work is depth first, so a frame on top is finished before those below go on.
func (e *Encoder) run(budget int) bool {
	for len(e.frames) > 0 {
		if budget--; budget < 0 {
			return false
		}
		if e.sizeOnly && len(e.buf) > 1<<12 {
			e.flushed += len(e.buf)
			e.buf = e.buf[:0]
		}
		f := &e.frames[len(e.frames)-1]
		if f.kind == frameList {
			if f.n == 0 {
				tail := f.t
				e.pop()
				e.one(tail)
				continue
			}
			head := f.t.Head()
			f.t = f.t.Tail()
			f.n--
			e.one(head)
			continue
		}
		if f.i == f.n {
			if f.kind == frameEnv && !e.sizeOnly {
				at := int(f.kv[0])
				binary.BigEndian.PutUint32(e.buf[at:], uint32(len(e.buf)-at))
			}
			e.pop()
			continue
		}
		i := f.i
		f.i++
		switch f.kind {
		case frameElems:
			e.one(f.t.Elem(i))
		case frameTerms:
			e.one(f.kv[i])
		case frameValues:
			e.one(term.RecordValue(f.t, i))
		case frameEnv:
			e.one(term.FunEnv(f.t, i))
		}
	}
	return true
}

func (e *Encoder) pop() {
	e.frames[len(e.frames)-1].kv = nil
	e.frames = e.frames[:len(e.frames)-1]
}

func (e *Encoder) push(f encFrame) { e.frames = append(e.frames, f) }

func (e *Encoder) u8(v uint8)   { e.buf = append(e.buf, v) }
func (e *Encoder) u32(v uint32) { e.buf = binary.BigEndian.AppendUint32(e.buf, v) }
func (e *Encoder) u64(v uint64) { e.buf = binary.BigEndian.AppendUint64(e.buf, v) }

// one writes a term up to its parts, which it leaves as a frame.
func (e *Encoder) one(t term.Term) {
	switch {
	case t.IsSmall():
		e.small(int64(t.Small()))
	case t.IsAtom():
		e.atom(t)
	case t == term.Nil:
		e.u8(tagNil)
	case t.IsCons():
		e.list(t)
	case t.IsTuple():
		n := t.Arity()
		if n <= 255 {
			e.buf = append(e.buf, tagSmallTuple, byte(n))
		} else {
			e.u8(tagLargeTuple)
			e.u32(uint32(n))
		}
		e.push(encFrame{t: t, kind: frameElems, n: n})
	case t.IsBitstring():
		e.bits(t)
	case t.IsFloat():
		e.float(t.FloatVal())
	case t.IsMap():
		e.u8(tagMap)
		e.u32(uint32(term.MapSize(t)))
		var kv []term.Term
		if e.o.Deterministic {
			kv = term.MapSortedPairs(t)
		} else {
			kv = term.MapPairs(make([]term.Term, 0, 2*term.MapSize(t)), t)
		}
		e.push(encFrame{kind: frameTerms, kv: kv, n: len(kv)})
	case t.IsBig():
		e.big(t)
	case t.IsRecord():
		e.record(t)
	case t.IsFun():
		e.fun(t)
	default:
		e.identifier(t)
	}
}

func (e *Encoder) small(v int64) {
	switch {
	case v >= 0 && v <= 255:
		e.buf = append(e.buf, tagSmallInt, byte(v))
	case v >= math.MinInt32 && v <= math.MaxInt32:
		e.u8(tagInt)
		e.u32(uint32(v))
	default:
		neg := byte(0)
		mag := uint64(v)
		if v < 0 {
			neg, mag = 1, -mag
		}
		at := len(e.buf)
		e.buf = append(e.buf, tagSmallBig, 0, neg)
		for ; mag != 0; mag >>= 8 {
			e.buf = append(e.buf, byte(mag))
		}
		e.buf[at+1] = byte(len(e.buf) - at - 3)
	}
}

func (e *Encoder) big(t term.Term) {
	var room [1]big.Word
	w, neg := room[:], false
	if t.IsSmall() {
		v := t.Small()
		neg = v < 0
		room[0] = big.Word(max(v, -v))
	} else {
		w, neg = t.BigParts()
	}
	const word = bits.UintSize / 8
	n := len(w)*word - bits.LeadingZeros(uint(w[len(w)-1]))/8
	sign := byte(0)
	if neg {
		sign = 1
	}
	if n <= 255 {
		e.buf = append(e.buf, tagSmallBig, byte(n), sign)
	} else {
		e.u8(tagLargeBig)
		e.u32(uint32(n))
		e.u8(sign)
	}
	if e.sizeOnly {
		e.flushed += n
		return
	}
	for i := range n {
		e.buf = append(e.buf, byte(w[i/word]>>(i%word*8)))
	}
}

func (e *Encoder) atom(t term.Term) {
	if e.o.Atoms != nil {
		if i, ok := e.o.Atoms.Index(t); ok {
			e.buf = append(e.buf, tagAtomCacheRef, i)
			return
		}
	}
	name := t.AtomName()
	if e.o.Minor != 0 && e.o.Minor <= 2 {
		if l, ok := Latin1(name); ok {
			e.u8(tagAtom)
			e.buf = binary.BigEndian.AppendUint16(e.buf, uint16(len(l)))
			e.buf = append(e.buf, l...)
			return
		}
	}
	if len(name) <= 255 {
		e.buf = append(e.buf, tagSmallAtomUTF8, byte(len(name)))
	} else {
		e.u8(tagAtomUTF8)
		e.buf = binary.BigEndian.AppendUint16(e.buf, uint16(len(name)))
	}
	e.buf = append(e.buf, name...)
}

// Latin1 gives a text's characters as bytes, if all fit into one.
func Latin1(s string) ([]byte, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 255 {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}

// list writes a list of bytes as a string, where its length fits, and others as lists.
func (e *Encoder) list(t term.Term) {
	n, bytes := 0, true
	tail := t
	for tail.IsCons() {
		if head := tail.Head(); !head.IsSmall() || uint64(head.Small()) > 255 {
			bytes = false
		}
		n++
		tail = tail.Tail()
	}
	if bytes && tail == term.Nil && n <= math.MaxUint16 {
		e.u8(tagString)
		e.buf = binary.BigEndian.AppendUint16(e.buf, uint16(n))
		for t.IsCons() {
			e.u8(byte(t.Head().Small()))
			t = t.Tail()
		}
		return
	}
	e.u8(tagList)
	e.u32(uint32(n))
	e.push(encFrame{t: t, kind: frameList, n: n})
}

func (e *Encoder) bits(t term.Term) {
	b, _ := term.BitsOf(t)
	n := (b.Len + 7) / 8
	if b.Len&7 == 0 {
		e.u8(tagBinary)
		e.u32(uint32(n))
	} else {
		e.u8(tagBitBinary)
		e.u32(uint32(n))
		e.u8(uint8(b.Len & 7))
	}
	switch {
	case e.sizeOnly:
		e.flushed += n
	case e.chunked && b.Len&7 == 0 && n > 64:
		e.chunks = append(e.chunks, Chunk{Data: e.buf}, Chunk{Bin: t})
		e.buf = nil
	case e.chunked && n > 64:
		// The last byte is filled up, so these are bytes of their own.
		e.chunks = append(e.chunks, Chunk{Data: e.buf}, Chunk{Data: term.AppendRun(nil, b.Data, b.Off, b.Len)})
		e.buf = nil
	default:
		e.buf = term.AppendRun(e.buf, b.Data, b.Off, b.Len)
	}
}

func (e *Encoder) float(f float64) {
	if e.o.Minor == 1 {
		var text [31]byte
		s := strconv.AppendFloat(nil, f, 'e', 20, 64)
		copy(text[:], s)
		e.u8(tagFloat)
		e.buf = append(e.buf, text[:]...)
		return
	}
	e.u8(tagNewFloat)
	e.u64(math.Float64bits(f))
}

func (e *Encoder) record(t term.Term) {
	n := term.RecordLen(t)
	e.u8(tagRecord)
	e.u32(uint32(n))
	if term.RecordExported(t) {
		e.u8(1)
	} else {
		e.u8(0)
	}
	e.atom(term.RecordModule(t))
	e.atom(term.RecordName(t))
	for i := range n {
		e.atom(term.RecordField(t, i))
	}
	e.push(encFrame{t: t, kind: frameValues, n: n})
}

func (e *Encoder) fun(t term.Term) {
	if t.IsSub(term.SubExport) {
		x := t.ExportOf()
		e.u8(tagExport)
		e.atom(x.Module)
		e.atom(x.Function)
		e.small(int64(x.Arity))
		return
	}
	f := t.FunEntryOf()
	n := term.FunFree(t)
	e.u8(tagNewFun)
	at := len(e.buf)
	e.u32(0) // the size, known when the free variables are written
	e.u8(uint8(f.Arity))
	e.buf = append(e.buf, f.Uniq[:]...)
	e.u32(f.Index)
	e.u32(uint32(n))
	e.atom(f.Module)
	e.small(int64(f.Index))
	e.small(int64(f.OldUniq))
	e.identifier(term.FunCreator(t))
	e.push(encFrame{t: t, kind: frameEnv, n: n, kv: []term.Term{term.Term(at)}})
}

// identifier writes pids, ports and references.
func (e *Encoder) identifier(t term.Term) {
	node, creation, ext := term.ExtNode(t)
	if !ext {
		node, creation = e.o.Self.node(), e.o.Self.Creation
	}
	switch {
	case t.IsPid():
		number, serial := term.PidParts(t)
		e.u8(tagNewPid)
		e.atom(node)
		e.u32(number)
		e.u32(serial)
		e.u32(creation)
	case t.IsPort():
		e.u8(tagV4Port)
		e.atom(node)
		e.u64(term.PortNumber(t))
		e.u32(creation)
	case t.IsRef():
		nums, n := term.RefNumbers(t)
		if pid := term.RefPid(t); pid != term.None {
			nums[3], nums[4], n = uint32(pid.ImmData()), uint32(pid.ImmData()>>32), 5
		}
		e.u8(tagNewerRef)
		e.buf = binary.BigEndian.AppendUint16(e.buf, uint16(n))
		e.atom(node)
		e.u32(creation)
		for _, v := range nums[:n] {
			e.u32(v)
		}
	default:
		panic("etf: not a term: " + strconv.FormatUint(uint64(t), 16))
	}
}
