package diag

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Positions resolve to lines and to columns that count code points.
func TestPosition(t *testing.T) {
	s := NewFileSet()
	f := s.AddFile("a.erl", []byte("x\nzäö = 1\n"))
	g := s.AddFile("b.hrl", []byte("y"))
	require.Equal(t, "a.erl:1:1", s.Position(f.Pos(0)).String())
	require.Equal(t, "a.erl:2:5", s.Position(f.Pos(strings.Index(string(f.Text()), "="))).String())
	require.Equal(t, "a.erl:3:1", s.Position(f.Pos(f.Size())).String())
	require.Equal(t, "b.hrl:1:1", s.Position(g.Pos(0)).String())
	require.Equal(t, Position{}, s.Position(NoPos))
	require.Equal(t, Position{}, s.Position(9999))
}

// A -file attribute changes name and line from its line on.
func TestSetLocation(t *testing.T) {
	s := NewFileSet()
	f := s.AddFile("a.erl", []byte("1\n2\n3\n4\n"))
	f.SetLocation(4, "x.yrl", 100)
	require.Equal(t, "a.erl:2:1", s.Position(f.Pos(2)).String())
	require.Equal(t, "x.yrl:100:1", s.Position(f.Pos(4)).String())
	require.Equal(t, "x.yrl:101:1", s.Position(f.Pos(6)).String())
}

// Synthetic locations are interned and resolve; line-only ones have no column.
func TestSynthetic(t *testing.T) {
	s := NewFileSet()
	p := s.Synthetic(Synthetic{File: "t.erl", Line: 7, Generated: true})
	require.Equal(t, p, s.Synthetic(Synthetic{File: "t.erl", Line: 7, Generated: true}))
	require.Equal(t, "t.erl:7", s.Position(p).String())
	require.True(t, s.Generated(p))
	q := s.Synthetic(Synthetic{Line: 7, Col: 2})
	require.Equal(t, -1, s.Compare(p, q))
	require.Equal(t, 1, s.Compare(q, p))
}

// The terminal form is erlc's: place, text, quoted line, caret under a tab.
func TestWriteText(t *testing.T) {
	s := NewFileSet()
	f := s.AddFile("a.erl", []byte("f() ->\n\tY = 1, foo(X).\n"))
	var l List
	l.Warnf(f.Pos(8), "erl_lint.unused_var", "variable 'Y' is unused")
	l.Errorf(f.Pos(strings.Index(string(f.Text()), "foo")), "erl_lint.undefined", "function foo/1 undefined").Hints = []string{"h"}
	var b strings.Builder
	require.NoError(t, WriteText(&b, s, l.All()))
	require.Equal(t, "a.erl:2:2: Warning: variable 'Y' is unused\n"+
		"%    2| \tY = 1, foo(X).\n%     | \t^\n\n"+
		"a.erl:2:9: function foo/1 undefined\n"+
		"%    2| \tY = 1, foo(X).\n%     | \t       ^\n\n% hint: h\n", b.String())
	b.Reset()
	require.NoError(t, WriteBrief(&b, s, l.All()[:1]))
	require.Equal(t, "a.erl:2:2: Warning: variable 'Y' is unused\n", b.String())
	b.Reset()
	require.NoError(t, WriteJSON(&b, s, l.All()[:1]))
	require.Equal(t, `{"file":"a.erl","line":2,"column":2,"severity":"warning","code":"erl_lint.unused_var","text":"variable 'Y' is unused"}`+"\n", b.String())
}

// Sort keeps the order of diagnostics at one place; Err tells the first error.
func TestList(t *testing.T) {
	s := NewFileSet()
	f := s.AddFile("a.erl", []byte("abc"))
	var l List
	require.NoError(t, l.Err())
	l.Warnf(f.Pos(2), "m.c", "c")
	l.Errorf(f.Pos(1), "m.a", "a")
	l.Errorf(f.Pos(1), "m.b", "b")
	l.Sort(s)
	require.Equal(t, "abc", l.All()[0].Text+l.All()[1].Text+l.All()[2].Text)
	require.EqualError(t, l.Err(), "a (and 1 more errors)")
	require.Equal(t, "m", l.All()[0].Code.Module())
	require.Equal(t, "a", l.All()[0].Code.Name())
}
