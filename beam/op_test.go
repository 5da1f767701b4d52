package beam

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/term"
)

// Every row of the table is complete and can be found by name and arity.
func TestTable(t *testing.T) {
	for op := Op(1); op <= MaxOp; op++ {
		info := op.Info()
		require.NotEmpty(t, info.Name, "opcode %d", op)
		require.Len(t, info.Operands, info.Arity, info.Name)
		got, ok := OpByName(info.Name, info.Arity)
		require.True(t, ok)
		require.Equal(t, op, got)
	}
	require.Empty(t, Op(250).String())
}

// The builder shares equal table entries, and Module finds functions and labels.
func TestBuilder(t *testing.T) {
	h := term.NewArena()
	b := NewBuilder(term.Intern("m"), h)
	f := term.Intern("f")
	b.Export(f, 1, 2)
	b.Emit(OpLabel, U(1))
	b.Emit(OpLine, b.Line("", 3))
	b.Emit(OpFuncInfo, Atom(term.Intern("m")), Atom(f), U(1))
	b.Emit(OpLabel, U(2))
	b.Emit(OpSelectVal, X(0), Label(1), List(2), Int(1), Label(2))
	require.Equal(t, b.Import(f, f, 1), b.Import(f, f, 1))
	require.Equal(t, 1, b.Type(Type{Bits: TypeCons}))
	require.Equal(t, b.Line("", 3), U(1))
	require.Equal(t, b.Text([]byte("abc")), U(0))
	require.Equal(t, b.Text([]byte("bc")), U(1))
	m, err := b.Module(3)
	require.NoError(t, err)
	require.Equal(t, []Func{{Name: f, Arity: 1, Entry: 2, Start: 0, End: 5, Info: 2}}, m.Funcs)
	require.Equal(t, []int32{-1, 0, 3}, m.LabelPos)
	require.Equal(t, []Arg{Int(1), Label(2)}, m.Code[4].List())
	require.Equal(t, 1, m.Lines.Instrs)
	require.Equal(t, "m", m.Atoms[0].AtomName())
}

// Code that is not a row of functions is refused.
func TestIndexRefuses(t *testing.T) {
	for _, code := range [][]Instr{
		{{OpReturn, nil}},
		{{OpLabel, []Arg{U(9)}}},
		{{OpLabel, []Arg{U(1)}}, {OpLabel, []Arg{U(1)}}},
		{{OpLabel, []Arg{U(1)}}, {OpFuncInfo, []Arg{Atom(term.AtomOk), Atom(term.AtomOk), U(0)}}},
	} {
		m := &Module{Labels: 3, Code: code}
		require.Error(t, m.index())
	}
}

// A heap need keeps its three parts.
func TestAlloc(t *testing.T) {
	w, fl, fu := Alloc(70000, 3, 5).Need()
	require.Equal(t, []int{70000, 3, 5}, []int{w, fl, fu})
}
