package preproc

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/diag"
)

// run preprocesses a text: a line for each form, its tokens as written, or
// for each diagnostic, "place: text".
func run(t *testing.T, text string, opts Options) string {
	t.Helper()
	fset := diag.NewFileSet()
	pp := New(fset, "m.erl", []byte(text), opts)
	var out []string
	for {
		f := pp.Next()
		switch f.Kind {
		case EOF:
			return strings.Join(out, "\n")
		case Failure:
			out = append(out, diag.Brief(fset, f.Diag))
		default:
			var words []string
			for _, tok := range f.Tokens {
				words = append(words, tok.Source())
			}
			out = append(out, strings.Join(words, " "))
		}
	}
}

func files(content map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if text, ok := content[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("not there")
	}
}

const start = "- file ( \"m.erl\" , 1 ) .\n"

// Macros from outside have values, are true without, and may not hide others.
func TestOptionMacros(t *testing.T) {
	got := run(t, "?A ?B.", Options{Macros: []Macro{{Name: "A", Value: "{x,-1}"}, {Name: "B"}}})
	require.Equal(t, start+"{ x , - 1 } true .", got)
	got = run(t, "?FILE ?MACHINE.", Options{Macros: []Macro{
		{Name: "A"}, {Name: "A"}, {Name: "FILE"}, {Name: "MACHINE", Value: "x", Redefine: true},
	}})
	require.Equal(t, ": redefining macro 'A'\n: redefining predefined macro 'FILE'\n"+start+`"m.erl" x .`, got)
}

// Includes are looked for beside the including file, along the path, in
// applications, and behind environment variables.
func TestIncludePath(t *testing.T) {
	opts := Options{
		IncludePath: []string{"inc"},
		ReadFile: files(map[string]string{
			"a.hrl": "a.", "inc/b.hrl": "-include(\"c.hrl\").", "inc/c.hrl": "c.", "/lib/app-1/include/d.hrl": "d.",
			"/env/e.hrl": "e.",
		}),
		LibDir: func(app string) (string, bool) { return "/lib/app-1", app == "app" },
		Getenv: func(name string) string {
			if name == "DIR" {
				return "/env"
			}
			return ""
		},
	}
	for text, want := range map[string]string{
		`-include("a.hrl").`:                   "a .",
		`-include("b" ".hrl").`:                "c .",
		`-include_lib("app/include/d.hrl").`:   "d .",
		`-include("$DIR/e.hrl").`:              "e .",
		`-include("none.hrl").`:                `m.erl:1:10: can't find include file "none.hrl"`,
		`-include_lib("other/include/d.hrl")`:  "m.erl:1:35: badly formed 'include_lib'",
		`-include_lib("other/include/x.hrl").`: `m.erl:1:14: can't find include lib "other/include/x.hrl"`,
	} {
		require.Contains(t, run(t, text, opts), want, text)
	}
}

// Without directories in names, only base names are shown.
func TestBaseNames(t *testing.T) {
	got := run(t, "?FILE.", Options{SourceName: "some/dir/m.erl", BaseNames: true})
	require.Equal(t, start+`"m.erl" .`, got)
}

// A macro that grows without bounds is stopped.
func TestExpansionIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("-define(M0(X), X X X X X X X X X X).\n")
	for i := 1; i < 12; i++ {
		b.WriteString("-define(M" + itoa(i) + "(X), ?M" + itoa(i-1) + "(X) ?M" + itoa(i-1) + "(X) ?M" + itoa(i-1) +
			"(X) ?M" + itoa(i-1) + "(X) ?M" + itoa(i-1) + "(X)).\n")
	}
	got := run(t, b.String()+"?M11(a).", Options{})
	require.Contains(t, got, "macro expansion too deep")
}

// Nor can macros that expand to nothing take for ever.
func TestCallsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("-define(M0, ).\n")
	for i := 1; i < 60; i++ {
		b.WriteString("-define(M" + itoa(i) + ", ?M" + itoa(i-1) + " ?M" + itoa(i-1) + ").\n")
	}
	require.Contains(t, run(t, b.String()+"?M59.", Options{}), "macro expansion too deep")
}

// Features decide about reserved words and the macros that tell of them.
func TestFeatures(t *testing.T) {
	got := run(t, "maybe ?FEATURE_ENABLED(a).", Options{Features: []string{"-maybe_expr"}})
	require.Equal(t, start+"'maybe' false .", got)
	got = run(t, "a.", Options{Features: []string{"nope"}})
	require.Contains(t, got, "the feature 'nope' does not exist.")
	fset := diag.NewFileSet()
	pp := New(fset, "m.erl", []byte("-feature(compr_assign, enable).\n"), Options{})
	for pp.Next().Kind != EOF {
	}
	require.Equal(t, []string{"compr_assign", "maybe_expr"}, pp.Features())
}

// The encoding is that of a comment in the first two lines.
func TestEncoding(t *testing.T) {
	for text, want := range map[string]string{
		"%% -*- coding: latin-1 -*-": "latin1", "\n% coding = UTF-8": "utf8", "\n\n% coding: latin-1": "",
		"coding: latin-1": "", "% coding: klingon": "", "": "",
	} {
		require.Equal(t, want, Encoding([]byte(text)), text)
	}
}
