package absform

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/parser"
	"github.com/gerl-lang/gerl/term"
)

// formText encodes a form with columns and writes it as ~tw does; a message
// of a Bad form follows.
func formText(t *testing.T, fset *diag.FileSet, form ast.Form) string {
	h := term.NewArena()
	defer h.Free()
	message := ""
	ft, err := Encoder{Heap: h, FileSet: fset, Columns: true, Error: func(d *diag.Diagnostic) term.Term {
		message = " " + d.Text
		pos := fset.Position(d.Pos())
		return h.Tuple(h.Tuple(term.Int(pos.Line), term.Int(pos.Column)), term.Intern(d.Code.Module()))
	}}.Form(form)
	require.NoError(t, err)
	var b strings.Builder
	writeTerm(&b, ft)
	if message == "" {
		checkRoundTrip(t, fset, ft, b.String())
	}
	return b.String() + message
}

// checkRoundTrip decodes a form and encodes it again.
func checkRoundTrip(t *testing.T, fset *diag.FileSet, ft term.Term, want string) {
	d := NewDecoder(fset)
	d.SetFile(fset.Position(1).File)
	again, err := d.Form(ft)
	require.NoError(t, err, want)
	h := term.NewArena()
	defer h.Free()
	t2, err := Encoder{Heap: h, FileSet: fset, Columns: true}.Form(again)
	require.NoError(t, err, want)
	var b strings.Builder
	writeTerm(&b, t2)
	require.Equal(t, want, b.String())
}

// The forms and errors of the recorded programs, positions included, are
// those of OTP 29's epp. testdata/epp.txt has source and recording by turns.
func TestFormsAsEpp(t *testing.T) {
	text, err := os.ReadFile("testdata/epp.txt")
	require.NoError(t, err)
	for _, section := range strings.Split("\n"+string(text), "\n==== ")[1:] {
		name, rest, _ := strings.Cut(section, "\n")
		source, want, ok := strings.Cut(rest, "\n---- forms\n")
		require.True(t, ok, name)
		t.Run(name, func(t *testing.T) {
			fset := diag.NewFileSet()
			file, _ := parser.ParseFile(fset, name+".erl", []byte(source), parser.Options{
				Features: []string{}, ReadFile: onlySelf,
			})
			var got []string
			for _, form := range file.Forms {
				got = append(got, formText(t, fset, form))
			}
			wantLines := strings.Split(strings.TrimRight(want, "\n"), "\n")
			for i, line := range wantLines {
				if i < len(got) && got[i] != line {
					t.Errorf("form %d of\n%s\nwant %s\ngot  %s", i, source, line, got[i])
				}
			}
			require.Len(t, got, len(wantLines))
		})
	}
}

// onlySelf knows one file, which includes itself.
func onlySelf(name string) ([]byte, error) {
	if name == "self.hrl" {
		return []byte("-include(\"self.hrl\").\n"), nil
	}
	return nil, errors.New("no such file")
}

// Latin-1 files are decoded, wrong UTF-8 and non-characters reported, CRLF
// line ends handled. (As OTP 29 does.)
func TestEncodings(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{
			"f() -> \"\xe9\".\ng() -> ok.\n",
			"{error,{{1,8},file_io_server}} cannot translate from UTF-8\n" +
				"{error,{{1,8},epp}} cannot parse file, giving up\n{eof,{1,8}}",
		}, {
			"%% coding: latin-1\nf() -> \"\xe9\".\ng() -> \xe9 x.\n",
			"{function,{2,1},f,0,[{clause,{2,1},[],[],[{string,{2,8},[233]}]}]}\n" +
				"{error,{{3,10},erl_parse}} syntax error before: x\n{eof,{4,1}}",
		}, {
			"f() -> ok.\ng() -> \xef\xbf\xbe.\nh() -> ok.",
			"{function,{1,1},f,0,[{clause,{1,1},[],[],[{atom,{1,8},ok}]}]}\n" +
				"{error,{{2,8},erl_scan}} illegal character\n" +
				"{error,{{2,9},erl_parse}} syntax error before: '.'\n" +
				"{function,{3,1},h,0,[{clause,{3,1},[],[],[{atom,{3,8},ok}]}]}\n{eof,{3,11}}",
		}, {
			"g() -> \"\"\"\r\n  abc\r\n  d\r\n  \"\"\".\r\n h() -> a b.\r\n",
			"{function,{1,1},g,0,[{clause,{1,1},[],[],[{string,{1,8},[97,98,99,13,10,100]}]}]}\n" +
				"{error,{{5,11},erl_parse}} syntax error before: b\n{eof,{6,1}}",
		},
	} {
		fset := diag.NewFileSet()
		file, _ := parser.ParseFile(fset, "a.erl", []byte(c.source), parser.Options{})
		var got []string
		for _, form := range file.Forms[1:] {
			got = append(got, formText(t, fset, form))
		}
		require.Equal(t, c.want, strings.Join(got, "\n"))
	}
}

// TestDump writes the forms of the files that the environment names into a
// directory, for comparison with those of another implementation.
func TestDump(t *testing.T) {
	files, out := os.Getenv("DUMP_FILES"), os.Getenv("DUMP_OUT")
	if files == "" {
		t.Skip("DUMP_FILES names no files")
	}
	libDir := func(app string) (string, bool) {
		for _, dir := range strings.Fields(os.Getenv("DUMP_LIBS")) {
			if dirs, _ := filepath.Glob(filepath.Join(dir, app+"-*")); len(dirs) > 0 {
				return dirs[0], true
			}
		}
		return "", false
	}
	for _, f := range strings.Fields(files) {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		fset := diag.NewFileSet()
		file, _ := parser.ParseFile(fset, f, text, parser.Options{
			Features:    append([]string{}, strings.Fields(os.Getenv("DUMP_FEATURES"))...),
			IncludePath: strings.Fields(os.Getenv("DUMP_INC")),
			LibDir:      libDir,
		})
		o, err := os.Create(out + "/" + strings.ReplaceAll(f, "/", "_") + ".forms")
		require.NoError(t, err)
		w := bufio.NewWriter(o)
		for _, form := range file.Forms {
			w.WriteString(formText(t, fset, form) + "\n")
		}
		require.NoError(t, w.Flush())
		require.NoError(t, o.Close())
	}
}

// writeTerm writes a term as ~tw does, with the pairs of maps in the order of
// their keys.
func writeTerm(b *strings.Builder, t term.Term) {
	switch {
	case t.IsAtom():
		b.WriteString(diag.WriteAtom(t.AtomName()))
	case t.IsInteger():
		b.WriteString(t.BigInt().String())
	case t.IsFloat():
		b.WriteString(diag.WriteFloat(t.FloatVal()))
	case t.IsNil():
		b.WriteString("[]")
	case t.IsCons():
		b.WriteByte('[')
		writeTerm(b, t.Head())
		t = t.Tail()
		for ; t.IsCons(); t = t.Tail() {
			b.WriteByte(',')
			writeTerm(b, t.Head())
		}
		if !t.IsNil() {
			b.WriteByte('|')
			writeTerm(b, t)
		}
		b.WriteByte(']')
	case t.IsTuple():
		b.WriteByte('{')
		for i := range t.Arity() {
			if i > 0 {
				b.WriteByte(',')
			}
			writeTerm(b, t.Elem(i))
		}
		b.WriteByte('}')
	case t.IsMap():
		b.WriteString("#{")
		pairs := term.MapSortedPairs(t)
		for i := 0; i < len(pairs); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			writeTerm(b, pairs[i])
			b.WriteString(" => ")
			writeTerm(b, pairs[i+1])
		}
		b.WriteByte('}')
	case t.IsBitstring():
		data, _ := t.Bytes()
		b.WriteString("<<")
		for i, c := range data {
			if i > 0 {
				b.WriteByte(',')
			}
			writeTerm(b, term.Int(int(c)))
		}
		b.WriteString(">>")
	default:
		b.WriteString("?")
	}
}
