package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/parser"
	"github.com/gerl-lang/gerl/preproc"
)

// compileOptions are what the command line of gerl compile (erlc) says.
type compileOptions struct {
	outDir   string
	includes []string
	macros   []preproc.Macro
	paths    []string        // -pa and -pz with their values
	flags    map[string]bool // +option
	features []string
	werror   bool
	quiet    bool   // -W0
	listing  string // "S": assembly listing instead of a .beam file; "passes": what each pass of the compiler made of each function
	brief    bool
	json     bool
	files    []string
	readFile string // where to write which files were read for each source: JSON, for gerl run
	// erlang says that the compilation needs Erlang code: parse transforms, behaviours
	// of the user's, debug information, or an option that only compile.erl knows.
	erlang bool
	args   []string
}

const compileUsage = `usage: gerl compile [OPTION...] FILE.erl...

  -o DIR            where the .beam files go
  -I DIR            search DIR for include files
  -DNAME[=VALUE]    define a macro
  -W  -W0  -Werror  warnings on, off, treated as errors
  -v                tell more
  -pa DIR, -pz DIR  code path for parse transforms, behaviours and -include_lib
  -E  -P  -S        write a listing instead of a .beam file: expanded, preprocessed, assembly
  +dpasses          write FILE.passes instead: every function after each pass of the compiler
  -M  -MD  -MMD  -MF FILE  -MT TARGET  -MQ TARGET  -MG  -MP
                    write rules for make
  -enable-feature F, -disable-feature F, -list-features, -describe-feature F
  +OPTION           a compiler option, as +debug_info, +export_all, +nowarn_unused_vars
  --diagnostics=text|brief|json
`

// compileCommand compiles source files like erlc.
func compileCommand(args []string) int { return compileTelling(os.Stderr, args) }

// compileTelling is compileCommand with its messages on another stream.
func compileTelling(told *os.File, args []string) int {
	o, err := parseCompileArgs(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if o.erlang {
		return o.inErlang()
	}
	if len(o.files) == 0 {
		if len(args) > 0 {
			return 0
		}
		fmt.Fprint(os.Stderr, compileUsage)
		return 1
	}
	results := o.compileAll()
	if slices.ContainsFunc(results, func(r compileResult) bool { return r.erlang }) {
		return o.inErlang()
	}
	read := map[string][]string{}
	// As erlc: the files in their order, up to the first that fails.
	for i, r := range results {
		if r.mod != nil && r.ok {
			if err := o.write(o.files[i], r.mod, r.passes); err != nil {
				r.text = fmt.Sprintf("%s\n", err) + r.text
				r.ok = false
			}
		}
		told.WriteString(r.text)
		if !r.ok {
			return 1
		}
		read[o.files[i]] = r.read
	}
	if o.readFile != "" {
		data, err := json.Marshal(read)
		if err == nil {
			err = os.WriteFile(o.readFile, data, 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

func (o *compileOptions) compileAll() []compileResult {
	results := make([]compileResult, len(o.files))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(o.files)) {
		wg.Go(func() {
			for i := range next {
				results[i] = o.compile(o.files[i])
			}
		})
	}
	for i := range o.files {
		next <- i
	}
	close(next)
	wg.Wait()
	return results
}

// inErlang leaves the work to compile.erl in a node.
func (o *compileOptions) inErlang() int {
	args := []string{"-noshell"}
	args = append(args, o.paths...)
	args = append(args, "-s", "erl_compile", "compile_cmdline", "-extra")
	return erlCommand(append(args, o.args...))
}

type compileResult struct {
	text   string
	mod    *beam.Module
	passes string // with listing "passes"
	read   []string
	ok     bool
	erlang bool
}

func parseCompileArgs(args []string) (*compileOptions, error) {
	o := &compileOptions{outDir: ".", flags: map[string]bool{}}
	value := func(i *int, flag string) (string, error) {
		if len(args[*i]) > len(flag) {
			return args[*i][len(flag):], nil
		}
		if *i+1 >= len(args) {
			//lint:ignore ST1005 the words of erlc
			return "", fmt.Errorf("No value given to %s option", flag)
		}
		*i++
		return args[*i], nil
	}
	for i := 0; i < len(args); i++ {
		a := args[i]
		first := i
		var err error
		var v string
		forErlang := true // whether compile.erl is to see the option
		switch {
		case a == "--":
			o.files = append(o.files, args[i+1:]...)
			o.args = append(o.args, args[i:]...)
			return o, nil
		case strings.HasPrefix(a, "--diagnostics"):
			forErlang = false
			if v = strings.TrimPrefix(strings.TrimPrefix(a, "--diagnostics"), "="); v == "" {
				v, err = value(&i, a)
			}
			o.brief, o.json = v == "brief", v == "json"
			if v != "text" && !o.brief && !o.json {
				return nil, fmt.Errorf("%s: it is --diagnostics=text, brief or json", a)
			}
			if o.brief {
				o.args = append(o.args, "+brief")
			} else if o.json {
				o.args = append(o.args, "+{diagnostics,json}")
			}
		case a == "--read-files":
			o.readFile, err = value(&i, a)
			forErlang = false
		case a == "-Werror":
			o.werror = true
		case a == "-W0":
			o.quiet = true
		case a == "-W" || a == "-Wall" || a == "-W1":
			o.quiet = false
		case a == "-pa" || a == "-pz":
			v, err = value(&i, a)
			o.paths = append(o.paths, a, v)
			forErlang = false
		case strings.HasPrefix(a, "-enable-feature") || strings.HasPrefix(a, "-disable-feature"):
			flag := "-enable-feature"
			if a[1] == 'd' {
				flag = "-disable-feature"
			}
			v, err = value(&i, flag)
			if a[1] == 'd' {
				v = "-" + v
			}
			o.features = append(o.features, v)
		case strings.HasPrefix(a, "-o"):
			o.outDir, err = value(&i, "-o")
		case strings.HasPrefix(a, "-I"):
			v, err = value(&i, "-I")
			o.includes = append(o.includes, v)
		case strings.HasPrefix(a, "-D"):
			v, err = value(&i, "-D")
			name, val, _ := strings.Cut(v, "=")
			o.macros = append(o.macros, preproc.Macro{Name: name, Value: val})
			o.erlang = o.erlang || !simpleValue(val)
		case a == "-S" || a == "+S" || a == "+'S'" || a == "+to_asm":
			o.listing = "S"
		case a == "+dpasses":
			o.listing = "passes"
		case strings.HasPrefix(a, "-b"):
			if v, err = value(&i, "-b"); v != "beam" {
				o.erlang = true
			}
		case a == "-v":
		case a == "-d":
			forErlang = false
		case a == "+warnings_as_errors":
			o.werror = true
		case strings.HasPrefix(a, "+") && isLintFlag(a[1:]):
			o.flags[a[1:]] = true
		case strings.HasPrefix(a, "+") || strings.HasPrefix(a, "-") && len(a) > 1:
			o.erlang = true
			if strings.HasPrefix(a, "-M") && (a == "-MF" || a == "-MT" || a == "-MQ") {
				_, err = value(&i, a)
			}
		default:
			// As erlc: everything from the first file on is a file.
			for _, f := range args[i:] {
				o.files = append(o.files, f)
				o.erlang = o.erlang || filepath.Ext(f) != ".erl" && filepath.Ext(f) != ""
			}
			o.args = append(o.args, args[i:]...)
			return o, o.environment()
		}
		if err != nil {
			return nil, err
		}
		if forErlang {
			o.args = append(o.args, args[first:i+1]...)
		}
	}
	return o, o.environment()
}

// environment: options of the environment are compile.erl's business.
func (o *compileOptions) environment() error {
	if os.Getenv("ERL_COMPILER_OPTIONS") != "" {
		o.erlang = true
	}
	return nil
}

// isLintFlag reports whether an option is a name that only checking and the code itself depend on.
func isLintFlag(name string) bool {
	switch name {
	case "types_otp29":
		return true
	case "export_all", "inline", "brief", "deterministic":
		return name != "brief" && name != "deterministic"
	}
	return (strings.HasPrefix(name, "warn_") || strings.HasPrefix(name, "nowarn_")) &&
		!strings.ContainsAny(name, "{}',")
}

// simpleValue reports whether a macro's value is one that the module can tell as a term: none, an integer, or an atom without quotes.
func simpleValue(v string) bool {
	if _, err := strconv.ParseInt(v, 10, 48); err == nil || v == "" {
		return true
	}
	return v[0] >= 'a' && v[0] <= 'z' && strings.IndexFunc(v, func(r rune) bool {
		return r != '_' && r != '@' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

// recorded gives the options that the module may depend on.
func (o *compileOptions) recorded() []compiler.Recorded {
	var rs []compiler.Recorded
	for _, name := range slices.Sorted(maps.Keys(o.flags)) {
		rs = append(rs, compiler.Recorded{Name: name})
	}
	for _, m := range o.macros {
		rs = append(rs, compiler.Recorded{Name: "d", Macro: m.Name, Value: m.Value})
	}
	for _, dir := range o.includes {
		rs = append(rs, compiler.Recorded{Name: "i", Directory: dir})
	}
	return rs
}

func (o *compileOptions) compile(file string) (r compileResult) {
	var out strings.Builder
	if filepath.Ext(file) == "" {
		return compileResult{text: fmt.Sprintf("File has no extension: %s\n", absolute(file))}
	}
	ask, strict := false, false
	var passes strings.Builder
	var dump func(pass, text string)
	if o.listing == "passes" {
		dump = func(pass, text string) { fmt.Fprintf(&passes, "pass %s: %s\n", pass, text) }
	}
	mod, fset, list, err := compiler.CompileFile(file, compiler.Options{
		Dump: dump,
		Lint: lint.Options{Flags: o.flags, Behaviour: func(string) *lint.Behaviour {
			ask = true
			return nil
		}},
		Preproc: parser.Options{IncludePath: append([]string{"."}, o.includes...), Macros: o.macros, Features: o.features,
			LibDir: o.libDir},
		Recorded:         o.recorded(),
		SourceName:       absolute(file),
		RefuseTransforms: true,
		Strict:           &strict,
	})
	strict = strict || o.werror
	if dump != nil && err != nil && errors.Is(err, compiler.ErrTransforms) {
		return compileResult{text: fmt.Sprintf("%s: +dpasses does not run parse transforms: compile what -P writes\n", file)}
	}
	if dump == nil && ask || errors.Is(err, compiler.ErrTransforms) {
		r.erlang = true
		return r
	}
	if err != nil {
		fmt.Fprintf(&out, "%s: %s\n", file, reason(err))
		return compileResult{text: out.String()}
	}
	shown := list.All()
	if slices.ContainsFunc(shown, func(d *diag.Diagnostic) bool {
		return d.Code == "erl_features.invalid_features" && !d.Span.Start.IsValid()
	}) {
		return compileResult{erlang: true} // it has no place, and compile.erl tells it with the file's name
	}
	warned := slices.ContainsFunc(shown, func(d *diag.Diagnostic) bool { return d.Severity != diag.Error })
	if o.quiet && !strict {
		shown = slices.DeleteFunc(slices.Clone(shown), func(d *diag.Diagnostic) bool { return d.Severity != diag.Error })
	}
	if strict && warned {
		shown = slices.Clone(shown)
		for i, d := range shown {
			if d.Severity != diag.Error {
				e := *d
				e.Severity = diag.Error
				shown[i] = &e
			}
		}
		if mod != nil && !o.quiet && !o.json {
			out.WriteString("compile: warnings being treated as errors\n")
		}
	}
	switch {
	case o.json:
		_ = diag.WriteJSON(&out, fset, shown)
	case o.brief:
		_ = diag.WriteBrief(&out, fset, shown)
	default:
		_ = diag.WriteText(&out, fset, shown)
	}
	return compileResult{text: out.String(), read: fset.Names(), passes: passes.String(), mod: mod, ok: mod != nil && !(warned && strict)}
}

func absolute(file string) string {
	if abs, err := filepath.Abs(file); err == nil {
		return abs
	}
	return file
}

// libDir finds an application in the code path or in ERL_LIBS.
func (o *compileOptions) libDir(app string) (string, bool) {
	var roots []string
	for i := 1; i < len(o.paths); i += 2 {
		roots = append(roots, filepath.Dir(filepath.Clean(o.paths[i])))
	}
	for _, dir := range filepath.SplitList(os.Getenv("ERL_LIBS")) {
		if entries, err := os.ReadDir(dir); err == nil {
			for _, e := range entries {
				roots = append(roots, filepath.Join(dir, e.Name()))
			}
		}
	}
	for _, root := range roots {
		base := filepath.Base(root)
		if abs, err := filepath.Abs(root); err == nil {
			base = filepath.Base(abs)
		}
		if base == app || strings.HasPrefix(base, app+"-") {
			return root, true
		}
	}
	return "", false
}

// write writes the .beam file or the listing: to a temporary name first, so that nobody sees half a file.
func (o *compileOptions) write(file string, mod *beam.Module, passes string) error {
	ext := ".beam"
	var data []byte
	var err error
	base := strings.TrimSuffix(filepath.Base(file), ".erl")
	name := filepath.Join(o.outDir, base)
	if info, e := os.Stat(o.outDir); e == nil && !info.IsDir() || e != nil && filepath.Ext(o.outDir) != "" {
		name = strings.TrimSuffix(o.outDir, filepath.Ext(o.outDir)) // -o names the file
		base = filepath.Base(name)
	}
	if o.listing == "passes" {
		ext, data = ".passes", []byte(passes)
	} else if o.listing == "S" {
		ext, data = ".S", mod.Assembly(beam.OTP25)
	} else if mod.Name.AtomName() != base {
		return fmt.Errorf("%s.beam: Module name '%s' does not match file name '%s'", absolute(name), mod.Name.AtomName(), base)
	} else if data, err = beam.Write(mod, beam.WriteOptions{}); err != nil {
		return err
	}
	name += ext
	shown := absolute(name) // OTP tells the name of the temporary file that it writes
	if ext == ".beam" {
		shown = strings.TrimSuffix(shown, "m") + "#"
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".gerl-*")
	if err != nil {
		return fmt.Errorf("%s: error writing file: %s", shown, reason(err))
	}
	_, err = tmp.Write(data)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("%s: error writing file: %s", shown, reason(err))
	}
	return nil
}
