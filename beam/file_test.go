package beam

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A proof comes back from the file that it was made for, and not for code of another size.
func TestTrustedProof(t *testing.T) {
	m := module1(t, I(OpMove, X(1), X(0)), I(OpReturn))
	p, err := Validate(m)
	require.NoError(t, err)
	f, err := m.File(WriteOptions{})
	require.NoError(t, err)
	_, _, ok := f.TrustedProof(m)
	require.False(t, ok)
	f.SetProof(p)
	f.SetProof(p) // replaces the first one
	f, err = ParseFile(f.Bytes())
	require.NoError(t, err)
	got, sum, ok := f.TrustedProof(m)
	require.True(t, ok)
	require.Equal(t, p, got)
	require.Equal(t, f.MD5(), sum)

	m.Code = append(m.Code, make([]Instr, 64)...)
	_, _, ok = f.TrustedProof(m)
	require.False(t, ok, "the code is not the one that was validated")
}

// Strip keeps what loading needs and what is asked for.
func TestStrip(t *testing.T) {
	f := &File{}
	for _, n := range []string{"AtU8", "Code", "LocT", "Attr", "CInf", "Dbgi", "Docs", "Line", "Type"} {
		f.Chunks = append(f.Chunks, Chunk{n, []byte(n)})
	}
	var names []string
	for _, c := range f.Strip("Docs").Chunks {
		names = append(names, c.Name)
	}
	require.Equal(t, []string{"AtU8", "Code", "Docs", "Line", "Type"}, names)
}

// The fun table's copy of the checksum does not count for the checksum.
func TestMD5IgnoresOldUniq(t *testing.T) {
	table := func(uniq byte) *File {
		data := make([]byte, 28)
		data[3], data[27] = 1, uniq
		return &File{Chunks: []Chunk{{"FunT", data}}}
	}
	require.Equal(t, table(1).MD5(), table(2).MD5())
}
