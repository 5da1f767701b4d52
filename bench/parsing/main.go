// Command parsing compares the speed of gerl's lexer, parser and preprocessor with that of OTP's erl_scan, erl_parse and
// epp, in CPU time, over a folder of Erlang sources:
//
//	go run ./bench/parsing -dir /usr/lib/erlang/lib/stdlib-8.1.1/src
//	go run ./bench/parsing -otp-root FOLDER -dir /usr/lib/erlang/lib/stdlib-8.1.1/src   OTP in a folder to chroot to
//
// The two take turns, round by round; what is printed is the median. Three things are measured: tokens of all forms;
// tokens and the trees of all forms as they stand in the file (those with macros are errors, for both); and the trees of
// whole files with macros expanded and files included, which for OTP is epp:parse_file/2.
package main

import (
	"bytes"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
	"github.com/gerl-lang/gerl/parser"
)

//go:embed asb.erl
var otpSide []byte

// measured is the CPU time of the three things, in milliseconds.
type measured [3]float64

var names = [3]string{"tokens", "tokens and trees", "files to trees"}

func main() {
	dir := flag.String("dir", "", "folder with .erl files")
	root := flag.String("otp-root", "", "folder that holds OTP's system")
	rounds := flag.Int("rounds", 5, "rounds")
	flag.Parse()
	if err := run(*dir, *root, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "parsing:", err)
		os.Exit(1)
	}
}

func run(dir, root string, rounds int) error {
	files, err := filepath.Glob(filepath.Join(root, dir, "*.erl"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no .erl files in %s", filepath.Join(root, dir))
	}
	var texts [][]byte
	lines := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		texts = append(texts, text)
		lines += bytes.Count(text, []byte("\n"))
	}
	temp, err := os.MkdirTemp(filepath.Join(root, os.TempDir()), "gerl-parsing-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := os.WriteFile(filepath.Join(temp, "asb.erl"), otpSide, 0o644); err != nil {
		return err
	}
	inside := strings.TrimPrefix(temp, root)
	if _, err := otp(root, "erlc", "-o", inside, inside+"/asb.erl"); err != nil {
		return err
	}
	var ours, theirs []measured
	for range rounds {
		m, err := otpRound(root, inside, files)
		if err != nil {
			return err
		}
		theirs = append(theirs, m)
		ours = append(ours, gerlRound(files, texts))
	}
	fmt.Printf("%d files, %d lines; CPU time in milliseconds, median of %d rounds\n", len(files), lines, rounds)
	for i, name := range names {
		a, b := median(theirs, i), median(ours, i)
		fmt.Printf("%-18s OTP %7.0f   gerl %6.0f   %.1f times faster   %.2f M lines/s\n", name, a, b, a/b, float64(lines)/b/1000)
	}
	return nil
}

func otp(root, command string, args ...string) ([]byte, error) {
	if root != "" {
		args = append([]string{root, command}, args...)
		command = "chroot"
	}
	cmd := exec.Command(command, args...)
	cmd.Stderr = os.Stderr
	return cmd.Output()
}

// otpRound runs the second of two rounds of OTP's: the first warms it up.
func otpRound(root, dir string, files []string) (m measured, err error) {
	args := []string{"+S", "1", "-noshell", "-pa", dir, "-run", "asb", "main", "2"}
	for _, f := range files {
		args = append(args, strings.TrimPrefix(f, root))
	}
	out, err := otp(root, "erl", args...)
	if err != nil {
		return m, err
	}
	rows := strings.Split(strings.TrimSpace(string(out)), "\n")
	_, err = fmt.Sscan(rows[len(rows)-1], &m[0], &m[1], &m[2])
	return m, err
}

func gerlRound(files []string, texts [][]byte) (m measured) {
	m[0] = cpu(func() {
		for i, text := range texts {
			forms(files[i], text, func(*diag.FileSet, []lexer.Token) {})
		}
	})
	m[1] = cpu(func() {
		for i, text := range texts {
			forms(files[i], text, func(fset *diag.FileSet, toks []lexer.Token) { _, _ = parser.ParseForm(fset, toks) })
		}
	})
	m[2] = cpu(func() {
		for i, text := range texts {
			parser.ParseFile(diag.NewFileSet(), files[i], text, parser.Options{})
		}
	})
	return m
}

// forms calls f for the tokens of each form.
func forms(name string, text []byte, f func(*diag.FileSet, []lexer.Token)) {
	fset := diag.NewFileSet()
	s := lexer.NewScanner(fset.AddFile(name, text), lexer.Options{})
	var toks []lexer.Token
	for {
		var err *lexer.Error
		toks, err = s.Form(toks[:0])
		if err != nil {
			continue
		}
		if toks[len(toks)-1].Kind == lexer.EOF {
			return
		}
		f(fset, toks)
	}
}

// cpu is the CPU time of a function, garbage collection included.
func cpu(f func()) float64 {
	before := used()
	f()
	return float64((used() - before).Microseconds()) / 1000
}

func median(ms []measured, i int) float64 {
	var xs []float64
	for _, m := range ms {
		xs = append(xs, m[i])
	}
	slices.Sort(xs)
	return xs[len(xs)/2]
}
