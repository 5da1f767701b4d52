package beam

import (
	"bytes"
	"compress/gzip"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/term"
)

// sample is a small module with most forms of operands.
func sample(t testing.TB) *Module {
	h := term.NewArena()
	name, f := term.Intern("sample"), term.Intern("f")
	b := NewBuilder(name, h)
	b.Export(f, 1, 2)
	b.Emit(OpLabel, U(1))
	b.Emit(OpLine, b.Line("", 3))
	b.Emit(OpFuncInfo, Atom(name), Atom(f), U(1))
	b.Emit(OpLabel, U(2))
	b.Emit(OpAllocateHeap, U(1), Alloc(2, 1, 1), U(1))
	b.Emit(OpMove, Int(1<<40), X(1))
	b.Emit(OpMove, Int(-3), X(1))
	b.Emit(OpMove, b.Integer(new(big.Int).Lsh(big.NewInt(-5), 90)), X(1))
	b.Emit(OpFmove, X(0).WithType(b.Type(Type{Bits: TypeFloat})), FR(0))
	b.Emit(OpSelectVal, X(0), Label(1), List(4), Int(1000), Label(3), Atom(f), Label(3))
	b.Emit(OpLabel, U(3))
	b.Emit(OpLine, b.Line("other.erl", 70000))
	b.Emit(OpCallExtLast, U(1), b.Import(term.AtomErlang, f, 1), U(1))
	m, err := b.Module(4)
	require.NoError(t, err)
	return m
}

// What is written reads back equal, with either form of atoms and compressed as a whole or not.
func TestSampleRoundTrip(t *testing.T) {
	m := sample(t)
	for _, modern := range []bool{false, true} {
		data, err := Write(m, WriteOptions{Modern: modern})
		require.NoError(t, err)
		again, err := Write(m, WriteOptions{Modern: modern})
		require.NoError(t, err)
		require.Equal(t, data, again, "not deterministic")
		var z bytes.Buffer
		zw := gzip.NewWriter(&z)
		_, _ = zw.Write(data)
		require.NoError(t, zw.Close())
		for _, file := range [][]byte{data, z.Bytes()} {
			got, err := Read(file)
			require.NoError(t, err)
			require.Equal(t, m.Code, got.Code)
			require.Equal(t, m.Lines, got.Lines)
			require.Equal(t, m.Types, got.Types)
			require.Equal(t, m.Imports, got.Imports)
			require.Equal(t, m.Exports, got.Exports)
			require.Equal(t, m.Funcs, got.Funcs)
			require.Equal(t, 0, m.Bigs[0].Cmp(got.Bigs[0]))
		}
	}
}

// Integers of every size keep their value through compact terms.
func TestCompactIntegers(t *testing.T) {
	for shift := uint(0); shift < 200; shift++ {
		for _, d := range []int64{-1, 0, 1} {
			for _, sign := range []int64{-1, 1} {
				v := new(big.Int).Lsh(big.NewInt(sign), shift)
				v.Add(v, big.NewInt(d))
				w := writer{m: &Module{}}
				var out []byte
				if v.IsInt64() {
					out = w.arg(nil, Int(v.Int64()))
				} else {
					w.m.Bigs = []*big.Int{v}
					out = w.arg(nil, Arg{Kind: KindBig})
				}
				r := reader{m: &Module{}, data: out}
				a, err := r.arg()
				require.NoError(t, err)
				require.Equal(t, len(out), r.at)
				got := big.NewInt(a.Val)
				if a.Kind == KindBig {
					got = r.m.Bigs[0]
				}
				require.Equal(t, v.String(), got.String())
			}
		}
	}
}

// Files cut off anywhere, or with a byte changed, give an error or a module, never a panic.
func TestDamagedFiles(t *testing.T) {
	data, err := Write(sample(t), WriteOptions{})
	require.NoError(t, err)
	for n := range data {
		_, err := Read(data[:n])
		require.Error(t, err, "cut at %d", n)
		for _, x := range []byte{1, 0x80, 0xFF} {
			damaged := bytes.Clone(data)
			damaged[n] ^= x
			_, _ = Read(damaged)
		}
	}
	for name, text := range map[string]string{
		"":                                 "not a BEAM file",
		"\x1f\x8bxxxxxxxxxxxxxxx":          "damaged compressed file",
		"FOR1\x00\x00\x00\x04BEAM":         "missing chunk",
		"FOR1\x00\x00\x00\x0cBEAMAtU8aaaa": "longer than the file",
	} {
		_, err := Read([]byte(name))
		require.ErrorContains(t, err, text)
	}
}

// A module whose code breaks the form of an instruction is not written.
func TestWriteRefuses(t *testing.T) {
	for _, in := range []Instr{
		{OpMove, []Arg{X(0)}},
		{OpMove, []Arg{X(0), Int(1)}},
		{OpCallExt, []Arg{U(0), U(99)}},
		{OpJump, []Arg{Label(99)}},
		{OpMove, []Arg{Lit(5), X(0)}},
		{OpMPlus, []Arg{Label(0), X(0), X(0), X(0)}},
		{OpSelectVal, []Arg{X(0), Label(1), List(4), Int(1)}},
		{Op(255), nil},
	} {
		m := sample(t)
		m.Code = append(m.Code, in)
		_, err := Write(m, WriteOptions{})
		require.Error(t, err, "%v", in)
	}
}

// FuzzRead feeds damaged files to the reader.
func FuzzRead(f *testing.F) {
	data, err := Write(sample(f), WriteOptions{})
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := Read(data); err == nil {
			_, _ = Write(m, WriteOptions{})
		}
	})
}
