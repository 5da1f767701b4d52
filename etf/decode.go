package etf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/term"
)

// DecodeOptions say how to decode. The zero value is binary_to_term/1 on a node that is not distributed, without funs.
type DecodeOptions struct {
	Self  Self
	Safe  bool        // refuse to make new atoms, funs and export slots
	Funs  Funs        // nil: funs are an error
	Atoms []term.Term // what the atom cache references of a distribution message stand for
	Local []byte      // the secret of EncodeOptions.Local; nil: such terms are an error
}

// Decode builds the term that data starts with (with version byte, maybe compressed) on h, and gives the number of bytes it took.
// It needs memory in proportion to len(data), whatever data says.
func Decode(h *term.Heap, data []byte, o *DecodeOptions) (t term.Term, used int, err error) {
	d := NewDecoder(h, data, o)
	if err := d.Start(); err != nil {
		return term.None, 0, err
	}
	for {
		done, err := d.Step(math.MaxInt)
		if err != nil {
			return term.None, 0, err
		}
		if done {
			return d.result, d.used, nil
		}
	}
}

// DecodePlain is Decode without a version byte, as in distribution messages.
func DecodePlain(h *term.Heap, data []byte, o *DecodeOptions) (t term.Term, used int, err error) {
	d := NewDecoder(h, data, o)
	d.began = true
	for {
		done, err := d.Step(math.MaxInt)
		if err != nil {
			return term.None, 0, err
		}
		if done {
			return d.result, d.pos, nil
		}
	}
}

// Decoder decodes in turns: Start, then Step until it is done. A process that runs on between the steps decodes into an arena
// and adopts it afterwards.
type Decoder struct {
	h      *term.Heap
	o      DecodeOptions
	data   []byte
	pos    int
	frames []decFrame
	spare  *decParts // of a map that is built
	result term.Term
	used   int
	began  bool // Start was called; the root's place was not yet given out
	packed int  // bytes of input that a compressed term took, 0 otherwise
	local  int  // place of a local term's sum, 0 otherwise
}

// place is where a decoded term goes: word w of t, or *p.
type place struct {
	t term.Term
	w int
	p *term.Term
}

func (p place) set(v term.Term) {
	if p.p != nil {
		*p.p = v
	} else {
		p.t.SetWord(p.w, uint64(v))
	}
}

type decFrame struct {
	kind uint8
	i, n int
	t    term.Term
	more *decParts // of maps, funs and records
}

// decParts collects the parts of what can only be built when all are there.
type decParts struct {
	at    place
	terms []term.Term
	fun   uintptr
	pid   term.Term
	def   term.Term
}

const (
	partTuple uint8 = iota
	partList
	partMap
	partFun
	partRecord
)

// NewDecoder makes a decoder of data that builds on h. Most callers want Decode.
func NewDecoder(h *term.Heap, data []byte, o *DecodeOptions) *Decoder {
	d := &Decoder{h: h, data: data}
	if o != nil {
		d.o = *o
	}
	return d
}

// Start reads the version byte, and uncompresses.
func (d *Decoder) Start() error {
	if len(d.data) < 2 || d.data[0] != Version {
		return ErrBad
	}
	d.pos = 1
	d.began = true
	switch d.data[1] {
	case tagCompressed:
		return d.inflate()
	case tagLocal:
		if d.o.Local == nil || len(d.data) < 6 {
			return ErrBad
		}
		d.local, d.pos = 2, 6
	}
	return nil
}

func (d *Decoder) inflate() error {
	if len(d.data) < 6 {
		return ErrBad
	}
	size := uint64(binary.BigEndian.Uint32(d.data[2:]))
	// Deflate makes at most 1032 bytes of one: more is a lie that must not cost memory.
	if size > uint64(len(d.data))*1032 {
		return ErrBad
	}
	in := bytes.NewReader(d.data[6:])
	z, err := zlib.NewReader(in)
	if err != nil {
		return ErrBad
	}
	out := make([]byte, size)
	if _, err := io.ReadFull(z, out); err != nil {
		return ErrBad
	}
	if n, err := z.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return ErrBad
	}
	d.packed = len(d.data) - in.Len()
	d.data, d.pos = out, 0
	return nil
}

// localSum ties a local term to the node that holds the secret.
func localSum(secret, data []byte) uint32 {
	s := sha256.New()
	s.Write(secret)
	s.Write(data)
	return binary.BigEndian.Uint32(s.Sum(nil))
}

// Result is the term, and the number of bytes of the input that it took, once Step says that it is done.
func (d *Decoder) Result() (t term.Term, used int) { return d.result, d.used }

// Step decodes about n terms and reports whether the whole is complete.
func (d *Decoder) Step(n int) (done bool, err error) {
	for ; n > 0; n-- {
		at, ok := d.next()
		if !ok {
			return true, d.finish()
		}
		v, err := d.one(at)
		if err != nil {
			return false, err
		}
		if v != term.None {
			at.set(v)
		}
	}
	return false, nil
}

func (d *Decoder) finish() error {
	d.used = d.pos
	if d.packed > 0 {
		d.used = d.packed
	}
	if d.result == term.None {
		return ErrBad
	}
	if d.local > 0 && localSum(d.o.Local, d.data[d.local+4:d.pos]) != binary.BigEndian.Uint32(d.data[d.local:]) {
		return ErrBad
	}
	return nil
}

// next gives the place of the next term to decode; ok is false when there is none. A frame goes before its last part is
// decoded, so that nesting in last places needs no memory here.
func (d *Decoder) next() (at place, ok bool) {
	if d.began {
		d.began = false
		return place{p: &d.result}, true
	}
	for len(d.frames) > 0 {
		f := &d.frames[len(d.frames)-1]
		i := f.i
		f.i++
		switch f.kind {
		case partTuple:
			at = place{t: f.t, w: 1 + i}
			if f.i == f.n {
				d.pop()
			}
			return at, true
		case partList:
			if i == f.n {
				at = place{t: cell(f.t, i-1), w: 1}
				d.pop()
				return at, true
			}
			return place{t: cell(f.t, i)}, true
		}
		if i < f.n {
			return place{p: &f.more.terms[i]}, true
		}
		v, more, kind := d.build(f), f.more, f.kind
		d.pop()
		if v == term.None {
			d.result = term.None
			return at, false
		}
		more.at.set(v)
		if kind == partMap { // of a list of maps each one has the room of the one before
			d.spare = more
		}
	}
	return at, false
}

// cell is cell i of a list whose cells lie next to each other.
func cell(t term.Term, i int) term.Term { return t + term.Term(i*2*term.WordBytes) }

func (d *Decoder) pop() {
	d.frames[len(d.frames)-1].more = nil
	d.frames = d.frames[:len(d.frames)-1]
}

// build makes what needed all its parts first; None is an error.
func (d *Decoder) build(f *decFrame) term.Term {
	switch m := f.more; f.kind {
	case partMap:
		t := d.h.MapFromPairs(m.terms)
		if term.MapSize(t) != f.n/2 {
			d.frames = d.frames[:1] // a key came twice
			return term.None
		}
		return t
	case partFun:
		return d.h.Closure(m.fun, m.pid, m.terms...)
	default:
		return d.h.Record(m.def, m.terms...)
	}
}

// take gives the next n bytes.
func (d *Decoder) take(n int) ([]byte, error) {
	if n < 0 || len(d.data)-d.pos < n {
		return nil, ErrBad
	}
	b := d.data[d.pos : d.pos+n]
	d.pos += n
	return b, nil
}

// count reads a 32-bit number of parts, each of which takes at least min bytes of what is left.
func (d *Decoder) count(min int) (int, error) {
	b, err := d.take(4)
	if err != nil {
		return 0, err
	}
	n := int(binary.BigEndian.Uint32(b))
	if n > (len(d.data)-d.pos)/min {
		return 0, ErrBad
	}
	return n, nil
}

// one decodes a term without its parts: those of tuples and lists get a frame and are filled in later, and so the result is
// complete but for them. Maps, funs and records are built when they have their parts: the result is None then.
func (d *Decoder) one(at place) (term.Term, error) {
	tag, err := d.take(1)
	if err != nil {
		return term.None, err
	}
	switch tag[0] {
	case tagSmallTuple:
		b, err := d.take(1)
		if err != nil {
			return term.None, err
		}
		return d.tuple(int(b[0]))
	case tagLargeTuple:
		n, err := d.count(1)
		if err != nil || n > maxTuple {
			return term.None, ErrBad
		}
		return d.tuple(n)
	case tagList:
		n, err := d.count(1)
		if err != nil {
			return term.None, err
		}
		if n == 0 { // just the tail
			return d.one(at)
		}
		t := d.h.NewList(n)
		d.frames = append(d.frames, decFrame{kind: partList, t: t, n: n})
		return t, nil
	case tagMap:
		n, err := d.count(2)
		if err != nil {
			return term.None, err
		}
		m := d.spare
		if d.spare = nil; m == nil {
			m = new(decParts)
		}
		m.at = at
		d.parts(partMap, 2*n, m)
		return term.None, nil
	case tagNewFun:
		return term.None, d.newFun(at)
	case tagRecord:
		return term.None, d.record(at)
	}
	return d.leaf(tag[0])
}

// maxTuple is the largest arity of a tuple.
const maxTuple = 1<<24 - 1

func (d *Decoder) tuple(n int) (term.Term, error) {
	if n > len(d.data)-d.pos {
		return term.None, ErrBad
	}
	t := d.h.NewTuple(n)
	if n > 0 {
		d.frames = append(d.frames, decFrame{kind: partTuple, t: t, n: n})
	}
	return t, nil
}

func (d *Decoder) parts(kind uint8, n int, m *decParts) {
	if cap(m.terms) < n {
		m.terms = make([]term.Term, n)
	}
	m.terms = m.terms[:n]
	d.frames = append(d.frames, decFrame{kind: kind, n: n, more: m})
}

// leaf decodes a term without parts.
func (d *Decoder) leaf(tag byte) (term.Term, error) {
	switch tag {
	case tagSmallInt:
		b, err := d.take(1)
		if err != nil {
			return term.None, err
		}
		return term.Int(int(b[0])), nil
	case tagInt:
		b, err := d.take(4)
		if err != nil {
			return term.None, err
		}
		return term.Int(int(int32(binary.BigEndian.Uint32(b)))), nil
	case tagNil:
		return term.Nil, nil
	case tagString:
		b, err := d.take(2)
		if err == nil {
			b, err = d.take(int(binary.BigEndian.Uint16(b)))
		}
		if err != nil {
			return term.None, err
		}
		if len(b) == 0 {
			return term.Nil, nil
		}
		t := d.h.NewList(len(b))
		for i, c := range b {
			cell(t, i).SetWord(0, uint64(term.Int(int(c))))
		}
		return t, nil
	case tagBinary:
		n, err := d.count(1)
		if err != nil {
			return term.None, err
		}
		b, err := d.take(n)
		return d.h.Binary(b), err
	case tagBitBinary:
		return d.bitBinary()
	case tagSmallBig, tagLargeBig:
		return d.big(tag)
	case tagNewFloat:
		b, err := d.take(8)
		if err != nil {
			return term.None, err
		}
		return d.float(math.Float64frombits(binary.BigEndian.Uint64(b)))
	case tagFloat:
		b, err := d.take(31)
		if err != nil {
			return term.None, err
		}
		b, _, _ = bytes.Cut(b, []byte{0})
		f, err := strconv.ParseFloat(string(b), 64)
		if err != nil || !isFloatText(b) {
			return term.None, ErrBad
		}
		return d.float(f)
	case tagAtom, tagSmallAtom, tagAtomUTF8, tagSmallAtomUTF8, tagAtomCacheRef:
		return d.atomOf(tag)
	case tagPid, tagNewPid, tagPort, tagNewPort, tagV4Port, tagRef, tagNewRef, tagNewerRef:
		return d.identifier(tag)
	case tagExport:
		return d.export()
	}
	return term.None, ErrBad
}

func (d *Decoder) float(f float64) (term.Term, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return term.None, ErrBad
	}
	return d.h.Float(f), nil
}

// isFloatText reports whether what Go reads as a float is one to Erlang too: digits on both sides of a point.
func isFloatText(b []byte) bool {
	i := bytes.IndexByte(b, '.')
	digit := func(i int) bool { return i >= 0 && i < len(b) && b[i] >= '0' && b[i] <= '9' }
	return digit(i-1) && digit(i+1) && !bytes.ContainsAny(b, "xX_")
}

func (d *Decoder) bitBinary() (term.Term, error) {
	n, err := d.count(1)
	if err != nil {
		return term.None, err
	}
	b, err := d.take(n + 1)
	if err != nil {
		return term.None, err
	}
	last := int(b[0])
	if last == 0 || last > 8 || n == 0 {
		return term.None, ErrBad
	}
	return d.h.Bits(b[1:], n*8-8+last), nil
}

func (d *Decoder) big(tag byte) (term.Term, error) {
	n := 0
	if tag == tagSmallBig {
		b, err := d.take(1)
		if err != nil {
			return term.None, err
		}
		n = int(b[0])
	} else {
		var err error
		if n, err = d.count(1); err != nil {
			return term.None, err
		}
	}
	b, err := d.take(n + 1)
	if err != nil {
		return term.None, err
	}
	neg, b := b[0] != 0, b[1:]
	if n <= 8 {
		var v uint64
		for i, c := range b {
			v |= uint64(c) << (8 * i)
		}
		if !neg {
			return d.h.Uint64(v), nil
		}
		if v <= 1<<63 {
			return d.h.Int64(-int64(v)), nil
		}
	}
	const word = bits.UintSize / 8
	var room [16]big.Word
	w := room[:]
	if n > len(room)*word {
		w = make([]big.Word, (n+word-1)/word)
	}
	for i, c := range b {
		w[i/word] |= big.Word(c) << (i % word * 8)
	}
	return d.h.Magnitude(w, neg), nil
}

func (d *Decoder) atom() (term.Term, error) {
	tag, err := d.take(1)
	if err != nil {
		return term.None, err
	}
	return d.atomOf(tag[0])
}

func (d *Decoder) atomOf(tag byte) (term.Term, error) {
	size := 1
	if tag == tagAtom || tag == tagAtomUTF8 {
		size = 2
	}
	b, err := d.take(size)
	if err != nil {
		return term.None, err
	}
	n := int(b[0])
	if size == 2 {
		n = int(binary.BigEndian.Uint16(b))
	}
	switch tag {
	case tagAtomCacheRef:
		if n >= len(d.o.Atoms) {
			return term.None, ErrBad
		}
		return d.o.Atoms[n], nil
	case tagAtom, tagSmallAtom, tagAtomUTF8, tagSmallAtomUTF8:
	default:
		return term.None, ErrBad
	}
	if b, err = d.take(n); err != nil {
		return term.None, err
	}
	name := string(b)
	if tag == tagAtom || tag == tagSmallAtom {
		runes := make([]rune, n)
		for i, c := range b {
			runes[i] = rune(c)
		}
		name = string(runes)
	} else if !utf8.Valid(b) {
		return term.None, ErrBad
	}
	if utf8.RuneCountInString(name) > 255 {
		return term.None, ErrBad
	}
	if d.o.Safe {
		t, ok := term.LookupAtom(name)
		if !ok {
			return term.None, ErrUnsafe
		}
		return t, nil
	}
	t, ok := term.TryIntern(name)
	if !ok {
		return term.None, term.ErrAtomLimit
	}
	return t, nil
}

// identifier decodes pids, ports and references of all ages.
func (d *Decoder) identifier(tag byte) (term.Term, error) {
	count := 1
	if tag == tagNewRef || tag == tagNewerRef {
		b, err := d.take(2)
		if err != nil {
			return term.None, err
		}
		count = int(binary.BigEndian.Uint16(b))
		if count > term.MaxRefNumbers {
			return term.None, ErrBad
		}
	}
	node, err := d.atom()
	if err != nil {
		return term.None, err
	}
	width := map[byte][2]int{ // bytes of number and creation; references have the creation first
		tagPid: {8, 1}, tagNewPid: {8, 4}, tagPort: {4, 1}, tagNewPort: {4, 4}, tagV4Port: {8, 4},
		tagRef: {4, 1}, tagNewRef: {4 * count, 1}, tagNewerRef: {4 * count, 4},
	}[tag]
	b, err := d.take(width[0] + width[1])
	if err != nil {
		return term.None, err
	}
	number, made := b[:width[0]], b[width[0]:]
	if tag == tagNewRef || tag == tagNewerRef {
		made, number = b[:width[1]], b[width[1]:]
	}
	creation := uint32(made[0])
	if width[1] == 4 {
		creation = binary.BigEndian.Uint32(made)
	} else if creation > 3 {
		return term.None, ErrBad // creations of one byte have two bits
	}
	local := node == d.o.Self.node() && creation == d.o.Self.Creation
	u32 := func(i int) uint32 { return binary.BigEndian.Uint32(number[4*i:]) }
	switch tag {
	case tagPid, tagNewPid:
		if local {
			if u32(0)>>term.PidNumberBits != 0 {
				return term.None, ErrBad
			}
			return term.Pid(uint64(u32(0)) | uint64(u32(1))<<term.PidNumberBits), nil
		}
		return d.h.ExtPid(node, creation, u32(0), u32(1)), nil
	case tagPort, tagNewPort, tagV4Port:
		n := uint64(u32(0))
		if tag == tagV4Port {
			n = binary.BigEndian.Uint64(number)
		}
		if local && n < 1<<60 {
			return term.Port(n), nil
		}
		return d.h.ExtPort(node, creation, n), nil
	}
	nums := make([]uint32, count)
	for i := range nums {
		nums[i] = u32(i)
	}
	if local && count == 3 {
		return d.h.Ref([3]uint32(nums)), nil
	}
	if local && count == 5 && nums[4]>>28 == 0 {
		return d.h.PidRef([3]uint32(nums[:3]), term.Pid(uint64(nums[3])|uint64(nums[4])<<32)), nil
	}
	return d.h.ExtRef(node, creation, nums), nil
}

func (d *Decoder) export() (term.Term, error) {
	m, err := d.atom()
	if err != nil {
		return term.None, err
	}
	f, err := d.atom()
	if err != nil {
		return term.None, err
	}
	b, err := d.take(2)
	if err != nil {
		return term.None, err
	}
	if b[0] != tagSmallInt {
		return term.None, ErrBad
	}
	if d.o.Funs == nil {
		return term.None, ErrNoFuns
	}
	slot := d.o.Funs.Export(m, f, int(b[1]))
	if slot == 0 {
		return term.None, ErrUnsafe
	}
	return d.h.ExternalFun(slot), nil
}

// maxFunArity bounds the arguments and free variables of a fun: they are the arguments of one function.
const maxFunArity = 255

// newFun decodes a closure up to its free variables.
func (d *Decoder) newFun(at place) error {
	b, err := d.take(4 + 1 + 16 + 4 + 4)
	if err != nil {
		return err
	}
	f := FunInfo{Arity: uint32(b[4]), Index: binary.BigEndian.Uint32(b[21:]), NumFree: binary.BigEndian.Uint32(b[25:])}
	copy(f.Uniq[:], b[5:21])
	if f.Module, err = d.atom(); err != nil {
		return err
	}
	for _, p := range []*uint32{&f.OldIndex, &f.OldUniq} {
		tag, err := d.take(1)
		if err != nil {
			return err
		}
		t, err := d.leaf(tag[0])
		if err != nil || !t.IsInteger() {
			return ErrBad
		}
		v, _ := term.ToInt64(t)
		*p = uint32(v)
	}
	tag, err := d.take(1)
	if err != nil {
		return err
	}
	pid, err := d.leaf(tag[0])
	if err != nil || !pid.IsPid() {
		return ErrBad
	}
	if int64(f.NumFree) > int64(len(d.data)-d.pos) || f.NumFree+f.Arity > maxFunArity {
		return ErrBad
	}
	if d.o.Funs == nil {
		return ErrNoFuns
	}
	entry := d.o.Funs.Fun(f)
	if entry == 0 {
		return ErrUnsafe
	}
	d.parts(partFun, int(f.NumFree), &decParts{at: at, fun: entry, pid: pid})
	return nil
}

// record decodes a native record up to its values.
func (d *Decoder) record(at place) error {
	n, err := d.count(2)
	if err != nil {
		return err
	}
	flag, err := d.take(1)
	if err != nil {
		return err
	}
	if flag[0] > 1 {
		return ErrBad
	}
	names := make([]term.Term, n+2)
	seen := make(map[term.Term]bool, n)
	for i := range names {
		if names[i], err = d.atom(); err != nil {
			return err
		}
		if i >= 2 {
			if seen[names[i]] {
				return ErrBad
			}
			seen[names[i]] = true
		}
	}
	if n > len(d.data)-d.pos {
		return ErrBad
	}
	d.parts(partRecord, n, &decParts{at: at, def: d.h.RecordDef(names[0], names[1], flag[0] == 1, names[2:]...)})
	return nil
}
