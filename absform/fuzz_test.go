package absform

import (
	"os"
	"testing"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/parser"
	"github.com/gerl-lang/gerl/term"
)

// Whatever parses is encoded, decoded, and printed without a failure, and its
// print parses again.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{
		"f(X) when X > 1 -> try X of Y -> Y catch _:_:_ -> ok end.",
		"-record(r, {a = 1 :: integer()}).\n-type t() :: a | <<_:8>>.\n-doc #{a => b/1}.",
		"f() -> maybe a ?= b else c -> d end, #{a => 1 || {b, c} <:- d && e <- f}, X#_.a, #m:r{}.",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fset := diag.NewFileSet()
		file, _ := parser.ParseFile(fset, "f.erl", []byte(text), parser.Options{
			ReadFile: func(string) ([]byte, error) { return nil, os.ErrNotExist },
		})
		h := term.NewArena()
		defer h.Free()
		d := NewDecoder(fset)
		for _, form := range file.Forms {
			ft, err := Encoder{Heap: h, FileSet: fset, Columns: true}.Form(form)
			if err != nil {
				continue // a constant with a fun, or too large
			}
			again, err := d.Form(ft)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			ast.Format(form)
			ast.Format(again)
		}
	})
}
