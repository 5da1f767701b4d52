package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/gerl-lang/gerl"

// table says which of gerl's packages each package may import. A name stands
// for the package with that path below the module's root; a name that ends
// with /... stands for all packages below. "." is the root package, "*" all
// packages that stand above the line. Where a package is not in the table its
// nearest parent's line holds. docs/architecture.md gives the reasons; do not
// relax a line to fix a build: move the code, or put an interface into the
// lower package that the upper one fills in.
//
// Five lines allow more than the first design did: the embedding API at the
// root compiles text, shows diagnostics and turns terms into Go values; parser.ParseFile drives
// the preprocessor, so that nobody else has to know how the two take turns;
// eval's Run has the scheduler's Worker and Outcome in its signature; the
// the compiler and bifs/lang find the library's own headers in stdlib, which is only files; the
// subcommands compile and dis set the options of the stages below the compiler
// and read modules.
const table = `
diag:
term:
regex:
scheduler:
bifs/spec:
stdlib:
stdlib/gen: compiler beam diag
stdlib/gen/table: beam bifs/spec eval
lexer: diag
format: lexer diag
ast: diag
preproc: lexer diag
parser: lexer preproc ast diag
absform: ast diag term
lint: ast diag bifs/spec
etf: term
beam: term etf diag
compiler: lexer preproc ast parser absform lint diag beam term bifs/spec stdlib
proc: term scheduler
ets: term etf proc
dets: term etf proc
port: term proc
dist: term etf proc
bifs: bifs/spec term etf proc ets dets dist port regex
bifs/lang: lexer preproc ast parser absform lint diag compiler beam bifs bifs/spec term etf proc stdlib
eval: beam term proc ets scheduler bifs bifs/spec
node: *
.: node compiler beam diag proc term
shell: node diag
observer: node
cmd/gerl: shell observer node compiler preproc parser lint beam diag stdlib internal/testkit testdata format
testdata:
examples: internal/testkit
internal/testkit:
internal/gen:
internal/archtest:
bench: internal/testkit
bench/parsing: lexer parser diag
`

// forbidden are the rules that hold even where the table would allow more
// some day: FROM, TO and why.
var forbidden = []struct{ from, to, why string }{
	{"compiler", "eval", "the text side and the run side meet only in beam and term"},
	{"eval", "compiler", "the text side and the run side meet only in beam and term"},
	{"ets", "eval", "a table knows no machine"},
	{"dist", "eval", "distribution knows no machine"},
	{"bifs", "eval", "a BIF never calls Erlang"},
	{"ast", "term", "the syntax tree holds no run-time values"},
	{"parser", "term", "the syntax tree holds no run-time values"},
	{"lint", "term", "the syntax tree holds no run-time values"},
}

// external packages that only some of ours may import, outside tests.
var external = []struct {
	prefix string
	only   []string
}{
	{"github.com/alecthomas/participle", []string{"lexer", "parser"}},
	{"github.com/chzyer/readline", []string{"shell"}},
	{"github.com/google/pprof", []string{"node"}},
	{"github.com/stretchr/testify", nil},
	{"C", nil},
}

// onlyUnsafe are the packages that may import unsafe.
var onlyUnsafe = []string{"term", "eval"}

// A source is a Go file of the project.
type source struct {
	path string // slash-separated, relative to the module's root
	dir  string // "." for the root
	file *ast.File
	test bool
}

// sources parses the imports of all Go files of the project, for every
// operating system.
func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	var all []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && p != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		all = append(all, source{rel, path.Dir(rel), f, strings.HasSuffix(name, "_test.go")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d Go files found", len(all))
	}
	return all
}

func (s source) imports(t *testing.T) []string {
	var paths []string
	for _, i := range s.file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}

// within reports whether the package dir is name or lies below it.
func within(dir, name string) bool {
	return dir == name || strings.HasPrefix(dir, name+"/")
}

// A generator (DIR/gen, a command) belongs to no layer: it may import the
// package whose files it writes and that package's imports.
func layer(dir string) string { return strings.TrimSuffix(dir, "/gen") }

func parseTable(t *testing.T) (lines map[string][]string) {
	t.Helper()
	lines = map[string][]string{}
	var above []string
	for _, l := range strings.Split(strings.TrimSpace(table), "\n") {
		name, rest, ok := strings.Cut(l, ":")
		if !ok || lines[name] != nil {
			t.Fatalf("table line %q", l)
		}
		may := strings.Fields(rest)
		if slices.Equal(may, []string{"*"}) {
			may = slices.Clone(above)
		}
		lines[name] = append([]string{name}, may...)
		above = append(above, name)
	}
	return lines
}

// line is the table's line for a package: its own or its nearest parent's.
func line(lines map[string][]string, dir string) (may []string, ok bool) {
	if may, ok := lines[dir]; ok {
		return may, true
	}
	for d := layer(dir); ; d = path.Dir(d) {
		if may, ok := lines[d]; ok && (d != "." || dir == ".") {
			return may, true
		}
		if d == "." || d == "/" {
			return nil, false
		}
	}
}

// Every import between gerl's packages is one that the table allows.
func TestImportsFollowTheTable(t *testing.T) {
	lines := parseTable(t)
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		may, ok := line(lines, s.dir)
		if !ok {
			t.Errorf("%s: package %s is not in the table of this test", s.path, s.dir)
			continue
		}
		for _, p := range s.imports(t) {
			to, ok := ours(p)
			if !ok || to == s.dir {
				continue
			}
			// An import is judged by the longest name in the table that
			// covers it: bifs does not stand for bifs/lang.
			name := nearest(lines, to)
			if !slices.Contains(may, name) {
				t.Errorf("%s: %s may not import %s", s.path, s.dir, to)
			}
		}
	}
}

func ours(importPath string) (dir string, ok bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

func nearest(lines map[string][]string, dir string) string {
	for d := dir; d != "."; d = path.Dir(d) {
		if _, ok := lines[d]; ok {
			return d
		}
	}
	return dir
}

// The negative rules hold whatever the table says.
func TestForbiddenImports(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, p := range s.imports(t) {
			if to, ok := ours(p); ok {
				for _, f := range forbidden {
					if within(s.dir, f.from) && within(to, f.to) && !(f.from == "bifs" && within(s.dir, "bifs/lang")) {
						t.Errorf("%s: %s imports %s: %s", s.path, s.dir, to, f.why)
					}
				}
			}
			for _, e := range external {
				if p != e.prefix && !strings.HasPrefix(p, e.prefix+"/") {
					continue
				}
				if !slices.ContainsFunc(e.only, func(o string) bool { return within(s.dir, o) }) {
					t.Errorf("%s: only %v may import %s, outside tests", s.path, e.only, p)
				}
			}
			if p == "unsafe" && !slices.ContainsFunc(onlyUnsafe, func(o string) bool { return within(s.dir, o) }) {
				t.Errorf("%s: unsafe stays inside %v", s.path, onlyUnsafe)
			}
		}
	}
}

// os.Chdir and os.Setenv would change every node of the Go process; init
// functions would run behind the composition root's back.
func TestNoProcessWideState(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s: no init functions", s.path)
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "os" && (n.Sel.Name == "Chdir" || n.Sel.Name == "Setenv") {
					t.Errorf("%s: os.%s is never called", s.path, n.Sel.Name)
				}
			}
			return true
		})
	}
}

// No package and no file has a name that says nothing.
func TestNamesSayWhatIsInside(t *testing.T) {
	for _, s := range sources(t) {
		base := strings.TrimSuffix(strings.TrimSuffix(path.Base(s.path), ".go"), "_test")
		if base == "unicode_util" && s.dir == "bifs" {
			continue // named after the Erlang module
		}
		for _, word := range append(strings.Split(base, "_"), strings.Split(s.dir, "/")...) {
			switch word {
			case "util", "utils", "common", "misc", "helper", "helpers":
				t.Errorf("%s: %q is no name", s.path, word)
			}
		}
	}
}

// Every package has a comment that says what it is for.
func TestPackagesHaveComments(t *testing.T) {
	commented := map[string]bool{}
	for _, s := range sources(t) {
		if s.file.Doc != nil && len(s.file.Doc.Text()) > 40 {
			commented[s.dir] = true
		} else if !commented[s.dir] {
			commented[s.dir] = false
		}
	}
	for dir, ok := range commented {
		if !ok {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

// Files stay readable: 800 lines at most, generated ones excepted.
func TestFilesAreShort(t *testing.T) {
	const limit = 800
	for _, s := range sources(t) {
		if ast.IsGenerated(s.file) {
			continue
		}
		if n := lineCount(t, s.path); n > limit {
			t.Errorf("%s has %d lines, more than %d", s.path, n, limit)
		}
	}
}

func lineCount(t *testing.T, rel string) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(rel)))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(data, []byte("\n"))
}
