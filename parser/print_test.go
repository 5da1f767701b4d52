package parser

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

var posType = reflect.TypeFor[diag.Pos]()

// sameTree compares two trees; of positions only whether there is one counts.
func sameTree(a, b reflect.Value) bool {
	if a.Type() != b.Type() {
		return false
	}
	if a.Type() == posType {
		return a.Int() == 0 == (b.Int() == 0)
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return sameTree(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameTree(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if !a.Type().Field(i).IsExported() {
				continue
			}
			if !sameTree(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// checkPrint prints a form, parses the text and compares.
func checkPrint(t *testing.T, form ast.Form) {
	t.Helper()
	switch form.(type) {
	case *ast.Bad, *ast.EOF:
		return
	}
	text := ast.Format(form)
	fset := diag.NewFileSet()
	toks, err := lexer.NewScanner(fset.AddFile("p.erl", []byte(text)), lexer.Options{}).Form(nil)
	require.Nil(t, err, text)
	again, bad := ParseForm(fset, toks)
	if bad != nil {
		t.Fatalf("%s in\n%s", bad.Text, text)
	}
	if !sameTree(reflect.ValueOf(form), reflect.ValueOf(again)) {
		t.Fatalf("printed differently:\n%s\nread as\n%s", text, ast.Format(again))
	}
}

// What is printed parses to the same tree.
func TestPrintRoundTrip(t *testing.T) {
	text, err := os.ReadFile("../absform/testdata/epp.txt")
	require.NoError(t, err)
	n := 0
	for _, section := range strings.Split("\n"+string(text), "\n==== ")[1:] {
		_, rest, _ := strings.Cut(section, "\n")
		source, _, _ := strings.Cut(rest, "\n---- forms\n")
		file, _ := ParseFile(diag.NewFileSet(), "t.erl", []byte(source), Options{ReadFile: func(string) ([]byte, error) {
			return nil, os.ErrNotExist
		}})
		for _, form := range file.Forms {
			checkPrint(t, form)
			n++
		}
	}
	require.Greater(t, n, 300)
	for _, name := range strings.Fields(os.Getenv("PRINT_FILES")) {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		file, _ := ParseFile(diag.NewFileSet(), name, source, Options{})
		for _, form := range file.Forms {
			checkPrint(t, form)
		}
	}
}

// The layout of the printer.
func TestPrintLayout(t *testing.T) {
	fset, toks := scan(t, `f(#r{a=X},[H|T])when X>1;is_atom(H)->case(X+1)*-2 of 1->"a";_ when true->fun m:g/1 end;f(_,_)->
		try a catch b:c:S->d;E->[Y||Y<-T,#{k:=_}:=V<:-M] after z end.`)
	form, err := ParseForm(fset, toks)
	require.Nil(t, err)
	require.Equal(t, `f(#r{a = X}, [H | T]) when X > 1; is_atom(H) ->
    case (X + 1) * -2 of
        1 ->
            "a";
        _ when true ->
            fun m:g/1
    end;
f(_, _) ->
    try
        a
    catch
        b:c:S ->
            d;
        throw:E ->
            [Y || Y <- T, #{k := _} := V <:- M]
    after
        z
    end.
`, ast.Format(form))
}
