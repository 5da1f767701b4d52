package shell

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFinished(t *testing.T) {
	for _, text := range []string{"1.", "foo(a). ", "\"a.b\".", "$..", "'a.' .", "1. 2", "a.% c", "~s(a. b).", "X = 1.\n", "\"\"\"\n a.\n \"\"\".", "1.5."} {
		require.True(t, finished(text), "%q", text)
	}
	for _, text := range []string{"", "1", "1.5", "\"a. ", "'a. ", "a:b.c", "% 1.", "1..2", "$.", "~s(a. ", "[1,\n2", "\"\"\"\n a. \n"} {
		require.False(t, finished(text), "%q", text)
	}
}

func TestHintsSayWhatIsMissing(t *testing.T) {
	require.Contains(t, unfinishedHint("X = 1\n"), "full stop")
	require.Contains(t, unfinishedHint("io:format(\"abc).\n"), "string is still open")
	require.Contains(t, unfinishedHint("'abc.\n"), "quoted atom")
	for _, text := range []string{"[1,\n", "foo(\n", "X +\n", "fun(X) ->\n", "case X of\n", "% comment\n", "\n"} {
		require.Empty(t, unfinishedHint(text), "%q", text)
	}
}

func TestHistoryIsKeptOnDisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sub", "history")
	h := loadHistory(file)
	h.add("1 + 1.")
	h.add("foo(\n\"x\").")
	h.add("foo(\n\"x\").")
	again := loadHistory(file)
	require.Equal(t, []string{"1 + 1.", "foo(\n\"x\")."}, again.entries)
	text, ok := again.move(-1, "draft")
	require.True(t, ok)
	require.Equal(t, "foo(\n\"x\").", text)
	text, ok = again.move(1, text)
	require.True(t, ok)
	require.Equal(t, "draft", text)
	require.Equal(t, 0, again.find("1 +", 1, -1))
}

func TestEditing(t *testing.T) {
	e := editor{out: &strings.Builder{}, columns: func() int { return 20 }}
	e.start("1> ", "one two")
	for _, k := range []string{"home", "delete-word", "last", "yank", "word-left", "erase-word"} {
		require.True(t, e.edit(key{name: k}), k)
	}
	require.Equal(t, "twoone", strings.TrimSpace(string(e.text)))
	e.replace("a\nbc")
	e.pos = 4
	require.True(t, e.vertical(-1))
	require.Equal(t, 1, e.pos)
	rows, row, col := e.layout(false)
	require.Equal(t, []string{"1> a", ".. bc"}, rows)
	require.Equal(t, [2]int{0, 4}, [2]int{row, col})
	rows, _, _ = e.layout(true)
	require.Equal(t, "   bc", rows[1])
}

// A key at the end of the text writes its character and nothing else; what changes more is drawn anew.
func TestOnlyWhatIsNewIsWritten(t *testing.T) {
	var out strings.Builder
	e := editor{out: &out, columns: func() int { return 12 }}
	written := func(k key) string {
		out.Reset()
		require.True(t, e.edit(k))
		e.draw()
		return out.String()
	}
	e.start("1> ", "a")
	require.Equal(t, "\r\x1b[J1> a", out.String())
	require.Equal(t, "b", written(key{char: 'b'}))
	require.Equal(t, "日", written(key{char: '日'}))
	require.Equal(t, "\x1b[2D", written(key{name: "left"}))
	require.Equal(t, "\r\x1b[J1> abx日\r\x1b[6C", written(key{char: 'x'}))
	require.Equal(t, "\x1b[2C", written(key{name: "right"}))
	e.below = "hint"
	require.Equal(t, "\r\x1b[J1> abx日y\r\nhint\x1b[1A\r\x1b[9C", written(key{char: 'y'}))
	e.below = ""
	require.Equal(t, "\r\x1b[J1> abx日yz", written(key{char: 'z'}))
	require.Equal(t, "w", written(key{char: 'w'}))
	require.Contains(t, written(key{char: 'v'}), "\r\x1b[J", "the row is full: the cursor is in the next one")
	out.Reset()
	e.leave()
	require.True(t, strings.HasSuffix(out.String(), "\r\n"))
}
