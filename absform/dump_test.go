package absform

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/parser"
	"github.com/gerl-lang/gerl/term"
)

// writeTerm writes a term as ~tw does.
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
		p := term.MapSortedPairs(t)
		for i := 0; i < len(p); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			writeTerm(b, p[i])
			b.WriteString(" => ")
			writeTerm(b, p[i+1])
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

// TestDump writes the forms of the files named in the environment, for
// comparison with epp's.
func TestDump(t *testing.T) {
	files := os.Getenv("DUMP_FILES")
	if files == "" {
		t.Skip("no files named")
	}
	out := os.Getenv("DUMP_OUT")
	for _, f := range strings.Fields(files) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		fset := diag.NewFileSet()
		file, _ := parser.ParseFile(fset, f, text, parser.Options{
			Features:    strings.Fields(os.Getenv("DUMP_FEATURES")),
			IncludePath: strings.Fields(os.Getenv("DUMP_INC")), LibDir: func(app string) (string, bool) {
				for _, d := range strings.Fields(os.Getenv("DUMP_LIBS")) {
					es, _ := os.ReadDir(d)
					for _, e := range es {
						if e.Name() == app || strings.HasPrefix(e.Name(), app+"-") {
							return d + "/" + e.Name(), true
						}
					}
				}
				return "", false
			}})
		o, err := os.Create(out + "/" + strings.ReplaceAll(f, "/", "_") + ".forms")
		if err != nil {
			t.Fatal(err)
		}
		w := bufio.NewWriter(o)
		for _, form := range file.Forms {
			h := term.NewArena()
			ft, err := Encoder{Heap: h, FileSet: fset, Columns: true}.Form(form)
			if err != nil {
				t.Errorf("%s: %v", f, err)
				continue
			}
			var b strings.Builder
			writeTerm(&b, ft)
			b.WriteByte('\n')
			w.WriteString(b.String())
			h.Free()
		}
		w.Flush()
		o.Close()
	}
}
