package compiler_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/beam/beamtest"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/parser"
	"github.com/gerl-lang/gerl/preproc"
)

// corpus compiles the sources of an OTP installation and has the results judged.
type corpus struct {
	lib      string   // directory of the applications
	features []string // for every file
	otps     []*beamtest.OTP
	more     []string // include directories
	match    string   // only files whose path contains it
}

var corpusApps = []string{"stdlib", "kernel", "compiler", "eunit", "parsetools", "syntax_tools", "mnesia", "ssl", "common_test"}

// libDir finds an application with or without a version in its directory's name.
func (c *corpus) libDir(app string) (string, bool) {
	dirs, _ := filepath.Glob(filepath.Join(c.lib, app+"-[0-9]*"))
	dirs = append(dirs, filepath.Join(c.lib, app))
	if _, err := os.Stat(dirs[0]); err != nil {
		return "", false
	}
	return dirs[0], true
}

// options are what OTP's makefiles give the compiler for all these applications.
func (c *corpus) options(file string) compiler.Options {
	dir := filepath.Dir(file)
	o := compiler.Options{}
	o.Preproc = parser.Options{LibDir: c.libDir, Features: c.features, IncludePath: append([]string{dir, filepath.Join(dir, "../include")}, c.more...)}
	for _, app := range []string{"kernel", "stdlib", "public_key", "snmp", "test_server"} {
		if d, ok := c.libDir(app); ok {
			o.Preproc.IncludePath = append(o.Preproc.IncludePath, filepath.Join(d, "include"), filepath.Join(d, "src"))
		}
	}
	names := []string{"VSN", "COMPILER_VSN", "EUNIT_VSN"}
	if strings.Contains(dir, "kernel") {
		names = nil
	}
	for _, name := range names {
		o.Preproc.Macros = append(o.Preproc.Macros, preproc.Macro{Name: name, Value: `"1"`})
	}
	return o
}

// result of one file.
type verdict struct {
	file, what string
}

func (c *corpus) run(t *testing.T) {
	var bad []verdict
	counts := map[string]int{}
	note := func(file, kind, text string) {
		counts[kind]++
		bad = append(bad, verdict{file, kind + ": " + text})
	}
	var spent time.Duration
	for _, app := range corpusApps {
		dir, ok := c.libDir(app)
		if !ok {
			t.Logf("no application %s in %s", app, c.lib)
			continue
		}
		files, _ := filepath.Glob(filepath.Join(dir, "src", "*.erl"))
		sort.Strings(files)
		for _, file := range files {
			if !strings.Contains(file, c.match) {
				continue
			}
			counts["files"]++
			if os.Getenv("GERL_OTP_NAMES") != "" {
				fmt.Fprintln(os.Stderr, file)
			}
			start := time.Now()
			mod, text := c.compile(file)
			spent += time.Since(start)
			if mod == nil {
				note(file, "not compiled", text)
				continue
			}
			if _, err := beam.Validate(mod); err != nil {
				note(file, "refused by beam.Validate", err.Error())
			}
			image, err := beam.Write(mod, beam.WriteOptions{})
			if err != nil {
				note(file, "not written", err.Error())
				continue
			}
			for _, otp := range c.otps {
				kind := fmt.Sprintf("OTP %d ", otp.Release)
				if otp.Release < beam.OTP29 && newer(mod) {
					counts[kind+"does not know the instructions"]++
					continue
				}
				if e := otp.Prepare(image); e != "" {
					note(file, kind+"does not load", e)
				}
				if e := otp.Validate(mod); e != "" {
					note(file, kind+"refuses the listing", firstError(e))
				}
			}
		}
	}
	for _, b := range bad {
		t.Errorf("%s: %s", b.file, b.what)
	}
	t.Logf("%s: %v, compiled in %v", c.lib, counts, spent.Round(time.Millisecond))
	require.NotZero(t, counts["files"], "no sources in %s", c.lib)
}

// newer reports whether a module uses instructions that OTP 25 does not have.
func newer(m *beam.Module) bool {
	for _, in := range m.Code {
		if in.Op > beam.OpBadrecord {
			return true
		}
	}
	return len(m.Records) > 0
}

func firstError(e string) string {
	if i := strings.Index(e, "function "); i >= 0 {
		e = e[i:]
	}
	return e[:min(len(e), 600)]
}

// compile gives the module or what is wrong.
func (c *corpus) compile(file string) (mod *beam.Module, text string) {
	defer func() {
		if e := recover(); e != nil {
			mod, text = nil, fmt.Sprintf("panic: %v\n%s", e, debug.Stack())
		}
	}()
	mod, fset, list, err := compiler.CompileFile(file, c.options(file))
	if err != nil {
		return nil, err.Error()
	}
	if mod == nil {
		var b strings.Builder
		for _, d := range list.All() {
			if d.Severity == diag.Error {
				_ = diag.WriteBrief(&b, fset, []*diag.Diagnostic{d})
				break
			}
		}
		return nil, b.String()
	}
	return mod, ""
}

// Every source of OTP's applications compiles, our validator and OTP's accept the code, and OTP's loaders take the file.
// scripts/oracle-compile.sh sets the environment; without it there is nothing to do.
func TestOTPSources(t *testing.T) {
	if os.Getenv("GERL_OTP_SOURCES") == "" {
		t.Skip("GERL_OTP_SOURCES does not name a directory of OTP's applications; see scripts/oracle-compile.sh")
	}
	c := &corpus{lib: os.Getenv("GERL_OTP_SOURCES"), match: os.Getenv("GERL_OTP_MATCH")}
	c.more = filepath.SplitList(os.Getenv("GERL_OTP_INCLUDE"))
	if f := os.Getenv("GERL_OTP_FEATURES"); f != "" {
		c.features = strings.Split(f, ",")
	}
	t.Run("judged", func(t *testing.T) {
		for _, r := range strings.Fields(os.Getenv("GERL_OTP_JUDGES")) {
			switch r {
			case "25":
				c.otps = append(c.otps, beamtest.OTP25(t))
			case "29":
				c.otps = append(c.otps, beamtest.OTP29(t))
			}
		}
		c.run(t)
	})
}
