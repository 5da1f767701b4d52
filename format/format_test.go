package format

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testdata/*.txt holds pairs: a text, a line of equal signs, the text as it is formatted, a line of dashes.
func TestSource(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, c := range strings.Split(strings.TrimSuffix(string(data), "----\n"), "----\n") {
			before, want, ok := strings.Cut(c, "====\n")
			require.True(t, ok, c)
			got, err := Source(f, []byte(before))
			require.NoError(t, err, before)
			require.Equal(t, want, string(got))
			again, err := Source(f, got)
			require.NoError(t, err)
			require.Equal(t, string(got), string(again), "formatting twice changes the text again")
		}
	}
}

// The library's own sources: formatting is stable (that the tokens stay is checked by Source).
func TestOwnSources(t *testing.T) {
	files, err := filepath.Glob("../stdlib/*/src/*.erl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		got, err := Source(f, text)
		require.NoError(t, err)
		again, err := Source(f, got)
		require.NoError(t, err)
		require.Equal(t, string(got), string(again), f)
	}
}

func TestErrors(t *testing.T) {
	_, err := Source("a.erl", []byte("f() -> \"abc.\n"))
	require.EqualError(t, err, "a.erl:1:9: unterminated string starting with \"abc.\\n\"")
	got, err := Source("a.erl", []byte("%% coding: latin-1\nf()->\"\xe9\".\n"))
	require.NoError(t, err)
	require.Equal(t, "%% coding: latin-1\nf() -> \"\xe9\".\n", string(got))
	got, err = Source("s", []byte("#!/usr/bin/env escript\nmain(_)->ok.\n"))
	require.NoError(t, err)
	require.Equal(t, "#!/usr/bin/env escript\nmain(_) -> ok.\n", string(got))
}

func TestDiff(t *testing.T) {
	require.Equal(t, "--- a\n+++ a (formatted)\n@@ -1,3 +1,3 @@\n x\n-y\n+Y\n z\n", Diff("a", []byte("x\ny\nz\n"), []byte("x\nY\nz\n")))
}

// Whatever the text is: formatting ends, and once is enough.
func FuzzSource(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range strings.Split(string(data), "----\n") {
			f.Add(c)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Source("f", []byte(text))
		if err != nil {
			if strings.Contains(err.Error(), "internal error") {
				t.Fatal(err)
			}
			return
		}
		again, err := Source("f", got)
		if err != nil {
			t.Fatal(err)
		}
		if string(again) != string(got) {
			t.Fatalf("not stable:\n%s\n====\n%s", got, again)
		}
	})
}
