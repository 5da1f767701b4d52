package port

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/term"
)

// cuts feeds data in pieces of the given size and shows what comes out.
func cuts(o *Options, data string, size int) string {
	f := framer{o: o}
	var out []string
	emit := func(p piece) {
		mark := "="
		if p.line == atomNoEOL {
			mark = "~"
		}
		out = append(out, fmt.Sprintf("%s%s", p.data, mark))
	}
	for len(data) > 0 {
		n := min(size, len(data))
		f.feed([]byte(data[:n]), emit)
		data = data[n:]
	}
	f.finish(emit)
	return strings.Join(out, " ")
}

func TestFramingDoesNotDependOnReads(t *testing.T) {
	for size := 1; size < 30; size++ {
		require.Equal(t, "abc= defgh~ ijkl= = xy~", cuts(&Options{Line: 5}, "abc\ndefghijkl\n\nxy", size))
		require.Equal(t, "abcde= =", cuts(&Options{Line: 5}, "abcde\n\n", size))
		require.Equal(t, "abc= de=", cuts(&Options{Packet: 2}, "\x00\x03abc\x00\x02de\x00\x05x", size))
		require.Equal(t, "abc= = d=", cuts(&Options{Packet: 1}, "\x03abc\x00\x01d", size))
	}
}

func TestPacketHeader(t *testing.T) {
	h, ok := (&Options{Packet: 4}).header(258)
	require.True(t, ok)
	require.Equal(t, []byte{0, 0, 1, 2}, h)
	_, ok = (&Options{Packet: 1}).header(256)
	require.False(t, ok)
	_, ok = (&Options{Packet: 2}).header(65536)
	require.False(t, ok)
}

func TestEnvironmentChanges(t *testing.T) {
	o := &Options{Env: []EnvChange{{Name: "A", Value: "1"}, {Name: "B", Unset: true}, {Name: "A", Value: "2"}}}
	require.Equal(t, []string{"C=3", "A=2"}, o.environ([]string{"A=0", "B=0", "C=3"}))
}

func TestParseOptions(t *testing.T) {
	h := term.NewArena()
	defer h.Free()
	a := term.Intern
	name := h.Tuple(a("spawn"), h.Chars("cat"))
	o, problem := ParseOptions(name, h.List(h.Tuple(a("packet"), term.Int(2)), a("in"), h.Tuple(a("busy_limits_port"), h.Tuple(term.Int(30), term.Int(20)))))
	require.Equal(t, NoProblem, problem)
	require.Equal(t, 2, o.Packet)
	require.True(t, o.In && !o.Out)
	require.Equal(t, 20, o.Low)
	_, problem = ParseOptions(name, h.List(h.Tuple(a("packet"), term.Int(3))))
	require.Equal(t, BadOption, problem)
	_, problem = ParseOptions(h.Tuple(a("fd"), term.Int(-1), term.Int(1)), term.Nil)
	require.Equal(t, BadDescriptor, problem)
}
