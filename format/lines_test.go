package format

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Blank lines are the formatter's, but where the numbers of lines may be part of the program.
func TestLinesKeepTheirNumbersWhereTheyCount(t *testing.T) {
	const gap = "\n\n\n\n\n"
	for text, want := range map[string]string{
		"\n\n-module(m).\n" + gap + "f() -> 1.\n":               "-module(m).\n\n\nf() -> 1.\n",
		"\n\n-module(m).\n" + gap + "f() -> ?LINE.\n":           "\n\n-module(m).\n" + gap + "f() -> ?LINE.\n",
		"-module(m).\n" + gap + "-include(\"a.hrl\").\nf()->1.": "-module(m).\n" + gap + "-include(\"a.hrl\").\nf() -> 1.\n",
		"%% c\n" + gap + "-include_lib(\"a/b.hrl\").\n":         "%% c\n" + gap + "-include_lib(\"a/b.hrl\").\n",
	} {
		have, err := Source("m.erl", []byte(text))
		require.NoError(t, err)
		require.Equal(t, want, string(have), "%q", text)
	}
}
