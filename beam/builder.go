package beam

import (
	"math/big"
	"strings"

	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/term"
)

// Builder makes a Module: it keeps the tables and shares equal entries, so that
// the code generator can name things by value. The same calls in the same order give the same module.
type Builder struct {
	m       *Module
	atoms   map[term.Term]bool
	imports map[Import]int
	lambdas map[int]int
	lines   map[Line]int
	files   map[string]int
	types   map[Type]int
	lits    map[string]int
	args    []Arg // current backing slice
}

// NewBuilder starts module name, whose terms live in heap. file is the name of the source as the line table shall
// tell it; file 0, which needs no entry, is Name.erl.
func NewBuilder(name term.Term, heap *term.Heap) *Builder {
	b := &Builder{
		m: &Module{Name: name, Heap: heap, Attributes: term.Nil, CompileInfo: term.Nil,
			Types: Types{Version: typesVersion25}},
		atoms: map[term.Term]bool{}, imports: map[Import]int{}, lambdas: map[int]int{},
		lines: map[Line]int{}, files: map[string]int{}, types: map[Type]int{}, lits: map[string]int{},
	}
	b.Atom(name)
	b.m.Lines.Files = []string{name.AtomName() + ".erl"}
	b.files[b.m.Lines.Files[0]] = 0
	b.m.Lines.Items = []Line{{}}
	b.Type(Type{Bits: TypeAny})
	return b
}

// Module finishes the work: it fills in Funcs and LabelPos. labels is one more than the highest label number.
// It gives an error if the code is not a row of functions.
func (b *Builder) Module(labels int) (*Module, error) {
	b.m.Labels = labels
	return b.m, b.m.index()
}

// Emit appends an instruction. Operands are copied.
func (b *Builder) Emit(op Op, args ...Arg) {
	b.m.Code = append(b.m.Code, Instr{op, b.hold(args)})
	switch op {
	case OpLine, OpExecutableLine, OpDebugLine:
		b.m.Lines.Instrs++
	}
	for _, a := range args {
		if a.Kind == KindAtom {
			b.Atom(a.Term())
		}
	}
}

// hold copies operands into the backing slice.
func (b *Builder) hold(args []Arg) []Arg {
	if len(args) == 0 {
		return nil
	}
	if cap(b.args)-len(b.args) < len(args) {
		b.args = make([]Arg, 0, max(4096, len(args)))
	}
	n := len(b.args)
	b.args = append(b.args, args...)
	return b.args[n:len(b.args):len(b.args)]
}

// Atom enters t in the atom table and gives the operand.
func (b *Builder) Atom(t term.Term) Arg {
	if !b.atoms[t] {
		b.atoms[t] = true
		b.m.Atoms = append(b.m.Atoms, t)
	}
	return Atom(t)
}

// Export declares an exported function, Local one that is not, with its entry label.
func (b *Builder) Export(name term.Term, arity, label int) {
	b.Atom(name)
	b.m.Exports = append(b.m.Exports, Export{name, arity, label})
}

// Local declares a function that is not exported.
func (b *Builder) Local(name term.Term, arity, label int) {
	b.Atom(name)
	b.m.Locals = append(b.m.Locals, Export{name, arity, label})
}

// Import gives the operand for module:name/arity.
func (b *Builder) Import(module, name term.Term, arity int) Arg {
	k := Import{module, name, arity}
	i, ok := b.imports[k]
	if !ok {
		b.Atom(module)
		b.Atom(name)
		i = len(b.m.Imports)
		b.m.Imports = append(b.m.Imports, k)
		b.imports[k] = i
	}
	return U(i)
}

// Lambda gives the operand for the fun over the local function name/arity at entry label with nfree free variables.
func (b *Builder) Lambda(name term.Term, arity, label, nfree int) Arg {
	i, ok := b.lambdas[label]
	if !ok {
		b.Atom(name)
		i = len(b.m.Lambdas)
		b.m.Lambdas = append(b.m.Lambdas, Lambda{Name: name, Arity: arity, Label: label, Index: i, NumFree: nfree})
		b.lambdas[label] = i
	}
	return U(i)
}

// Literal gives the operand for a constant: atom, [], integer or an entry of the literal table. t must live in the builder's heap.
func (b *Builder) Literal(t term.Term) Arg {
	switch {
	case t.IsAtom():
		return b.Atom(t)
	case t == term.Nil:
		return Nil()
	case t.IsSmall():
		return Int(int64(t.Small()))
	}
	// The exact text of a term is equal only for equal terms; it tells 0.0 from -0.0 and 1 from 1.0.
	key := literalKey(t)
	i, ok := b.lits[key]
	if !ok {
		i = len(b.m.Literals)
		b.m.Literals = append(b.m.Literals, t)
		b.lits[key] = i
	}
	return Lit(i)
}

// Integer gives the operand for an integer of any size.
func (b *Builder) Integer(v *big.Int) Arg {
	if v.IsInt64() {
		return Int(v.Int64())
	}
	b.m.Bigs = append(b.m.Bigs, v)
	return Arg{Kind: KindBig, Val: int64(len(b.m.Bigs) - 1)}
}

// Text gives the operand (an offset) for a string in the string table.
func (b *Builder) Text(s []byte) Arg {
	i := strings.Index(string(b.m.Strings), string(s))
	if i < 0 {
		i = len(b.m.Strings)
		b.m.Strings = append(b.m.Strings, s...)
	}
	return U(i)
}

// Line gives the operand for a source position; an empty file is the module's own.
func (b *Builder) Line(file string, line int) Arg {
	f := 0
	if file != "" {
		var ok bool
		if f, ok = b.files[file]; !ok {
			f = len(b.m.Lines.Files)
			b.m.Lines.Files = append(b.m.Lines.Files, file)
			b.files[file] = f
		}
	}
	k := Line{f, line}
	i, ok := b.lines[k]
	if !ok {
		i = len(b.m.Lines.Items)
		b.m.Lines.Items = append(b.m.Lines.Items, k)
		b.lines[k] = i
	}
	return U(i)
}

// Type gives the index of a type for Arg.WithType.
func (b *Builder) Type(t Type) int {
	i, ok := b.types[t]
	if !ok {
		i = len(b.m.Types.Entries)
		b.m.Types.Entries = append(b.m.Types.Entries, t)
		b.types[t] = i
	}
	return i
}

// TypesFor selects the OTP release whose machine reads the type table; others run the code without it.
func (b *Builder) TypesFor(rel Release) {
	b.m.Types.Version = typesVersion29
	if rel < OTP29 {
		b.m.Types.Version = typesVersion25
	}
}

// Record declares a native record (OTP 29).
func (b *Builder) Record(d RecordDef) {
	b.Atom(d.Name)
	for _, f := range d.Fields {
		b.Atom(f.Name)
	}
	b.m.Records = append(b.m.Records, d)
}

// Note adds a remark about the instruction emitted last; At is filled in.
func (b *Builder) Note(n Note) {
	n.At = len(b.m.Code) - 1
	b.m.Notes = append(b.m.Notes, n)
}

// SetAttributes sets what module_info(attributes) gives: a list of {Name, [Value]}. Without a vsn in it the writer adds one.
func (b *Builder) SetAttributes(t term.Term) { b.m.Attributes = t }

// SetCompileInfo sets what module_info(compile) gives.
func (b *Builder) SetCompileInfo(t term.Term) { b.m.CompileInfo = t }

// TermChunk adds a chunk that holds a term in the external format.
func (b *Builder) TermChunk(name string, t term.Term) {
	b.Chunk(name, etf.Encode(t, &etf.EncodeOptions{Compressed: 6, Deterministic: true}))
}

// Chunk adds a chunk such as Dbgi, Docs or Meta.
func (b *Builder) Chunk(name string, data []byte) {
	b.m.Chunks = append(b.m.Chunks, Chunk{name, data})
}
