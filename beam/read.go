package beam

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/term"
)

// Read reads a .beam file of OTP 25 to 29 into an arena of the module's own. Damaged input gives a *FileError.
func Read(data []byte) (*Module, error) {
	f, err := ParseFile(data)
	if err != nil {
		return nil, err
	}
	return f.Module(term.NewArena(), nil)
}

// Module interprets the chunks; the terms are built in heap. export gives the slots behind literals such as fun lists:map/2;
// if it is nil they are slots of the module's own, which nobody can call.
func (f *File) Module(heap *term.Heap, export ExportSlot) (*Module, error) {
	return f.ModuleIn(heap, export, &Scratch{})
}

// ModuleIn is Module with room for instructions from a Scratch: they are good until it is used for another module.
func (f *File) ModuleIn(heap *term.Heap, export ExportSlot, scratch *Scratch) (*Module, error) {
	m := &Module{Heap: heap}
	if export == nil {
		export = m.ownExport
	}
	scratch.used = 0
	r := &reader{m: m, terms: newTermReader(export), scratch: scratch}
	if err := r.run(f); err != nil {
		return nil, err
	}
	return m, nil
}

// Scratch is memory for the instructions of modules that are read one after the other and needed for a short time.
type Scratch struct {
	code []Instr
	args [][]Arg // blocks of operands
	used int     // number of those in use
}

// NewScratch gives a Scratch with room for most modules, so that it rarely grows while a node starts.
func NewScratch() *Scratch { return &Scratch{code: make([]Instr, 0, 2560)} }

// block gives an empty block with room for n operands.
func (s *Scratch) block(n, size int) []Arg {
	for s.used < len(s.args) {
		s.used++
		if b := s.args[s.used-1]; cap(b) >= n {
			return b[:0]
		}
	}
	b := make([]Arg, 0, size)
	s.args = append(s.args, b)
	s.used++
	return b
}

// reader reads one chunk after the other.
type reader struct {
	m     *Module
	chunk string
	data  []byte
	at    int
	args  []Arg // backing slice of operands

	scratch *Scratch

	terms *termReader
}

// section is one chunk that the reader understands.
type section struct {
	name string
	must bool
	read func(*reader) error
}

// sections in the order in which they depend on each other.
var sections = [...]section{
	{"StrT", true, (*reader).strings},
	{"ImpT", true, (*reader).imports},
	{"ExpT", true, (*reader).exports},
	{"LocT", false, (*reader).locals},
	{"FunT", false, (*reader).lambdas},
	{"LitT", false, (*reader).literals},
	{"Line", false, (*reader).lines},
	{"Type", false, (*reader).types},
	{"Attr", false, (*reader).attributes},
	{"CInf", false, (*reader).compileInfo},
	{"Recs", false, (*reader).records},
	{"Code", true, (*reader).code},
}

func (r *reader) run(f *File) error {
	name := "AtU8"
	atoms, ok := f.Chunk(name)
	if !ok {
		name = "Atom"
		if atoms, ok = f.Chunk(name); !ok {
			return &FileError{Chunk: "AtU8", Text: "missing chunk"}
		}
	}
	r.open(name, atoms)
	if err := r.atoms(name == "Atom"); err != nil {
		return err
	}
	r.m.Lines.Files = []string{r.m.Name.AtomName() + ".erl"}
	r.m.Lines.Items = []Line{{}}
	for i := range sections {
		s := &sections[i]
		data, ok := f.Chunk(s.name)
		if !ok {
			if s.must {
				return &FileError{Chunk: s.name, Text: "missing chunk"}
			}
			continue
		}
		r.open(s.name, data)
		if err := s.read(r); err != nil {
			return err
		}
	}
	for _, c := range f.Chunks {
		if c.Name != "AtU8" && c.Name != "Atom" && !isSection(c.Name) {
			r.m.Chunks = append(r.m.Chunks, c)
		}
	}
	if err := r.m.index(); err != nil {
		return &FileError{Chunk: "Code", Text: err.Error()}
	}
	return nil
}

func isSection(name string) bool {
	for i := range sections {
		if sections[i].name == name {
			return true
		}
	}
	return false
}

func (r *reader) open(name string, data []byte) { r.chunk, r.data, r.at = name, data, 0 }

func (r *reader) bad(format string, a ...any) error {
	return &FileError{Chunk: r.chunk, Offset: r.at, Text: fmt.Sprintf(format, a...)}
}

func (r *reader) u32() (uint32, error) {
	if len(r.data)-r.at < 4 {
		return 0, r.bad("cut off")
	}
	v := binary.BigEndian.Uint32(r.data[r.at:])
	r.at += 4
	return v, nil
}

func (r *reader) bytes(n int) ([]byte, error) {
	if n < 0 || len(r.data)-r.at < n {
		return nil, r.bad("cut off")
	}
	b := r.data[r.at : r.at+n]
	r.at += n
	return b, nil
}

// count reads a number of items that take at least size bytes each.
func (r *reader) count(size int) (int, error) {
	n, err := r.u32()
	if err == nil && uint64(n)*uint64(size) > uint64(len(r.data)-r.at) {
		err = r.bad("%d entries do not fit the chunk", n)
	}
	return int(n), err
}

// row reads numbers of 32 bits into v; all must fit an int32.
func (r *reader) row(v []int) error {
	for i := range v {
		n, err := r.u32()
		if err != nil {
			return err
		}
		if n > 1<<31-1 {
			return r.bad("number %d is too large", n)
		}
		v[i] = int(n)
	}
	return nil
}

func (r *reader) atom(i int) (term.Term, error) {
	if i < 1 || i > len(r.m.Atoms) {
		return term.None, r.bad("atom index %d is out of range", i)
	}
	return r.m.Atoms[i-1], nil
}

// atoms reads the atom table. A negative count marks the form of OTP 28, whose lengths are compact numbers.
func (r *reader) atoms(latin1 bool) error {
	n, err := r.u32()
	if err != nil {
		return err
	}
	count, long := int(int32(n)), false
	if count < 0 {
		count, long = -count, true
	}
	if count == 0 || count > len(r.data)-r.at {
		return r.bad("%d atoms do not fit the chunk", count)
	}
	r.m.Atoms = make([]term.Term, count)
	for i := range r.m.Atoms {
		var size int
		if long {
			if size, err = r.number(); err != nil {
				return err
			}
		} else {
			b, err := r.bytes(1)
			if err != nil {
				return err
			}
			size = int(b[0])
		}
		b, err := r.bytes(size)
		if err != nil {
			return err
		}
		if latin1 {
			b = latin1ToUTF8(b)
		}
		if !utf8.Valid(b) || len(b) > 255 && utf8.RuneCount(b) > 255 {
			return r.bad("atom %d is not a name", i+1)
		}
		t, ok := term.InternCode(string(b))
		if !ok {
			return r.bad("the atom table is full")
		}
		r.m.Atoms[i] = t
	}
	r.m.Name = r.m.Atoms[0]
	return nil
}

func latin1ToUTF8(b []byte) []byte {
	var out []byte
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

func (r *reader) strings() error {
	r.m.Strings = r.data
	return nil
}

func (r *reader) imports() error {
	n, err := r.count(12)
	if err != nil {
		return err
	}
	r.m.Imports = make([]Import, n)
	for i := range r.m.Imports {
		var v [3]int
		if err := r.row(v[:]); err != nil {
			return err
		}
		p := &r.m.Imports[i]
		if p.Module, err = r.atom(v[0]); err != nil {
			return err
		}
		if p.Name, err = r.atom(v[1]); err != nil {
			return err
		}
		if p.Arity = v[2]; p.Arity > 255 {
			return r.bad("arity %d of an import is too large", p.Arity)
		}
	}
	return nil
}

func (r *reader) functions() ([]Export, error) {
	n, err := r.count(12)
	if err != nil {
		return nil, err
	}
	list := make([]Export, n)
	for i := range list {
		var v [3]int
		if err := r.row(v[:]); err != nil {
			return nil, err
		}
		if list[i].Name, err = r.atom(v[0]); err != nil {
			return nil, err
		}
		if v[1] > 255 {
			return nil, r.bad("arity %d of a function is too large", v[1])
		}
		list[i].Arity, list[i].Label = v[1], v[2]
	}
	return list, nil
}

func (r *reader) exports() (err error) { r.m.Exports, err = r.functions(); return }
func (r *reader) locals() (err error)  { r.m.Locals, err = r.functions(); return }

func (r *reader) lambdas() error {
	n, err := r.count(24)
	if err != nil {
		return err
	}
	r.m.Lambdas = make([]Lambda, n)
	for i := range r.m.Lambdas {
		var v [5]int
		if err := r.row(v[:]); err != nil {
			return err
		}
		uniq, err := r.u32()
		if err != nil {
			return err
		}
		name, err := r.atom(v[0])
		if err != nil {
			return err
		}
		if v[1] > 255 || v[4] > v[1] {
			return r.bad("fun %d has arity %d with %d free variables", i, v[1], v[4])
		}
		r.m.Lambdas[i] = Lambda{Name: name, Arity: v[1], Label: v[2], Index: v[3], NumFree: v[4], OldUniq: uniq}
	}
	return nil
}

// literals reads the literal table. The size in front is 0 since OTP 28, where the table is not compressed.
func (r *reader) literals() error {
	size, err := r.u32()
	if err != nil {
		return err
	}
	if size > 0 {
		z, err := zlib.NewReader(bytes.NewReader(r.data[r.at:]))
		if err != nil {
			return r.bad("damaged compressed literals: %v", err)
		}
		if size > maxUnzipped {
			return r.bad("literals of %d bytes are too large", size)
		}
		// The size is not to be believed before the bytes are there.
		var plain bytes.Buffer
		plain.Grow(min(int(size), 16*len(r.data)))
		if k, err := io.Copy(&plain, io.LimitReader(z, int64(size)+1)); err != nil || k != int64(size) {
			return r.bad("damaged compressed literals: %d bytes instead of %d (%v)", k, size, err)
		}
		r.open("LitT", plain.Bytes())
	}
	n, err := r.count(4)
	if err != nil {
		return err
	}
	r.m.Literals = make([]term.Term, n)
	for i := range r.m.Literals {
		k, err := r.u32()
		if err != nil {
			return err
		}
		b, err := r.bytes(int(k))
		if err != nil {
			return err
		}
		if r.m.Literals[i], err = r.term(b); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) term(b []byte) (term.Term, error) {
	t, err := r.terms.decode(r.m.Heap, b)
	if err != nil {
		return term.None, r.bad("%v", err)
	}
	return t, nil
}

func (r *reader) attributes() (err error)  { r.m.Attributes, err = r.term(r.data); return }
func (r *reader) compileInfo() (err error) { r.m.CompileInfo, err = r.term(r.data); return }

// Flags of the line table.
const (
	lineExecutable = 1
	lineForce      = 2
)

// lines reads the line table; a version that nobody knows yet counts as none, as OTP does it.
func (r *reader) lines() error {
	var v [5]int
	if err := r.row(v[:1]); err != nil {
		return err
	}
	if v[0] != 0 {
		return nil
	}
	if err := r.row(v[1:]); err != nil {
		return err
	}
	flags, items, names := v[1], v[3], v[4]
	if items > len(r.data) || names > len(r.data) {
		return r.bad("%d lines in %d files do not fit the chunk", items, names)
	}
	t := &r.m.Lines
	t.Executable, t.ForceCounters, t.Instrs = flags&lineExecutable != 0, flags&lineForce != 0, v[2]
	t.Items = make([]Line, 1, items+1)
	file := 0
	for len(t.Items) <= items {
		a, err := r.arg()
		if err != nil {
			return err
		}
		switch {
		case a.Kind == kindRawAtom && a.Val <= int64(names):
			file = a.N()
		case a.Kind == KindInt && a.Val >= 0 && a.Val < 1<<31:
			t.Items = append(t.Items, Line{file, a.N()})
		default:
			return r.bad("not a line")
		}
	}
	for range names {
		b, err := r.bytes(2)
		if err != nil {
			return err
		}
		if b, err = r.bytes(int(binary.BigEndian.Uint16(b))); err != nil {
			return err
		}
		t.Files = append(t.Files, string(b))
	}
	return nil
}

// records reads the definitions of native records. Each is written like a call_last instruction:
// name, exported, list of field names each followed by its default value or the number 0 for none.
func (r *reader) records() error {
	var v [3]int
	if err := r.row(v[:]); err != nil {
		return err
	}
	if v[0] != 0 {
		return r.bad("version %d of native records is not supported", v[0])
	}
	for range v[1] {
		if b, err := r.bytes(1); err != nil || Op(b[0]) != OpCallLast {
			return r.bad("not a record definition")
		}
		r.args = nil
		args, err := r.operands(3)
		if err != nil {
			return err
		}
		fields := args[min(3, len(args)):]
		if args[0].Kind != KindAtom || args[1].Kind != KindAtom || args[2].Kind != KindList || len(fields)%2 != 0 {
			return r.bad("not a record definition")
		}
		def := RecordDef{Name: args[0].Term(), Exported: args[1].Term() == term.AtomTrue}
		for i := 0; i < len(fields); i += 2 {
			value := fields[i+1]
			if value.Kind == KindU {
				value = Arg{}
			}
			if fields[i].Kind != KindAtom || value.Kind >= KindX {
				return r.bad("not a record field")
			}
			def.Fields = append(def.Fields, RecordField{fields[i].Term(), value})
		}
		r.m.Records = append(r.m.Records, def)
	}
	return nil
}

// codeFormat is the only instruction set format there has been.
const codeFormat = 0

func (r *reader) code() error {
	var v [5]int // header size, format, highest opcode, labels, functions
	if err := r.row(v[:]); err != nil {
		return err
	}
	head, format, maxop, labels, funcs := v[0], v[1], v[2], v[3], v[4]
	switch {
	case head < 16 || head > len(r.data)-4:
		return r.bad("bad header size %d", head)
	case format != codeFormat:
		return r.bad("instruction set format %d is not supported", format)
	case maxop > int(MaxOp):
		return r.bad("made by a newer compiler: opcode %d is in use, %d is the highest known", maxop, MaxOp)
	case labels > len(r.data) || funcs > len(r.data):
		return r.bad("%d labels in %d functions do not fit the chunk", labels, funcs)
	}
	r.at = 4 + head
	r.m.Labels = labels
	r.m.Funcs = make([]Func, 0, funcs)
	if r.m.Code = r.scratch.code[:0]; cap(r.m.Code) == 0 {
		r.m.Code = make([]Instr, 0, (len(r.data)-r.at)*2/7) // the instructions of most modules take 3.5 to 4 bytes
	}
	defer func() { r.scratch.code = r.m.Code }()
	r.args = nil
	for {
		if r.at >= len(r.data) {
			return r.bad("the code has no end")
		}
		op := Op(r.data[r.at])
		if op == 0 || op > MaxOp {
			return r.bad("unknown opcode %d", op)
		}
		r.at++
		if op == OpIntCodeEnd {
			break
		}
		args, err := r.operands(ops[op].Arity)
		if err != nil {
			return err
		}
		in := Instr{op, args}
		if text := r.m.fault(in); text != "" {
			return r.bad("%s: %s", op, text)
		}
		r.m.Code = append(r.m.Code, in)
	}
	return nil
}

// bigOf turns the bytes of an integer operand that is too long for 64 bits into an entry of Bigs.
func (r *reader) bigOf(b []byte) Arg {
	v := new(big.Int).SetBytes(b)
	if b[0]&0x80 != 0 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if v.IsInt64() {
		return Int(v.Int64())
	}
	r.m.Bigs = append(r.m.Bigs, v)
	return Arg{Kind: KindBig, Val: int64(len(r.m.Bigs) - 1)}
}
