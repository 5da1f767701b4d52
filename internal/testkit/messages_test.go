package testkit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// reporters are the functions of the text side that report a message whose
// format stands in the call, with the place of the format.
var reporters = map[string][]string{
	"lint":     {"errorf:2", "warnf:2", "maybeWarnf:2"},
	"preproc":  {"errorf:1"},
	"lexer":    {},
	"parser":   {"bad:1", "badNode:1"},
	"compiler": {"note:2", "Warnf:2"},
}

// messagesWithoutChunk are those that no chunk can show: a chunk is a single
// file of valid UTF-8, and OTP must say the same.
var messagesWithoutChunk = []string{
	// gerl's own limits, and its own mistakes
	"more than %d operators in a row", "nested more than %d levels deep", "internal error of the compiler (please report it): %v",
	// files that include each other; a second module that is a behaviour
	"%s too deep", "behaviour %s callback functions are undefined", "behaviour %s callback functions erroneously defined",
	"behaviour %s optional callback functions erroneously defined",
	// a source that is no UTF-8
	"cannot parse file, giving up",
	// only in functions of erl_parse
	"bad term",
	// OTP 29 has no such functions and callbacks any more, or none yet
	"call to %s will fail, since it was removed in %s; use %s", "the callback %s is removed; %s",
	// OTP's compiler crashes
	"invalid %s tag, only %s allowed",
	// of tokens that no source can have
	"premature end",
}

// TestMessagesCovered: every message that lexer, preprocessor, parser, linter
// and the compiler's warnings can give is shown by a chunk, and so compared
// with OTP's.
func TestMessagesCovered(t *testing.T) {
	shown := shownMessages(t)
	for dir, funs := range reporters {
		for _, f := range formats(t, filepath.Join("../..", dir), funs) {
			if slices.Contains(messagesWithoutChunk, f) || f == "%s" {
				continue
			}
			first, _, _ := strings.Cut(f, "\n")
			pattern := regexp.QuoteMeta(first)
			for _, verb := range []string{"%s", "%d", "%v", "%q"} {
				pattern = strings.ReplaceAll(pattern, verb, ".*")
			}
			if !regexp.MustCompile(`(?m)(: |Warning: |cannot match because )` + pattern).MatchString(shown) {
				t.Errorf("%s: no chunk shows the message %q", dir, f)
			}
		}
	}
}

// shownMessages are all lines that the compiler prints in chunks.
func shownMessages(t *testing.T) string {
	files, err := filepath.Glob("../../testdata/chunks/*.chunks")
	if err != nil || len(files) == 0 {
		t.Fatalf("no chunks: %v", err)
	}
	var b strings.Builder
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if rest, ok := strings.CutPrefix(line, "%-- "); ok {
				b.WriteString(rest)
			}
		}
	}
	return b.String()
}

// formats are the constant formats that a package's calls of functions have.
func formats(t *testing.T, dir string, funs []string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			called := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				called = f.Name
			case *ast.SelectorExpr:
				called = f.Sel.Name
			}
			for _, f := range funs {
				fun, place, _ := strings.Cut(f, ":")
				at, _ := strconv.Atoi(place)
				if fun == called && at < len(call.Args) {
					if text := constantText(call.Args[at]); text != "" {
						out = append(out, text)
					}
				}
			}
			return true
		})
	}
	return out
}

// constantText is the value of string literals that are added up, "" of
// anything else.
func constantText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
	case *ast.BinaryExpr:
		left, right := constantText(e.X), constantText(e.Y)
		if left != "" && right != "" {
			return left + right
		}
	}
	return ""
}
