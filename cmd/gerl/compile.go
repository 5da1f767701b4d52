package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
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
	paths    []string
	flags    map[string]bool // +option and -W...
	features []string
	werror   bool
	quiet    bool   // -W0
	listing  string // "S": assembly listing instead of a .beam file
	brief    bool
	json     bool
	files    []string
}

const compileUsage = `usage: gerl compile [OPTION...] FILE.erl...

  -o DIR            where the .beam files go
  -I DIR            search DIR for include files
  -DNAME[=VALUE]    define a macro
  -W  -W0  -Werror  warnings on, off, treated as errors
  -pa DIR, -pz DIR  code path for parse transforms and -include_lib
  -S                write an assembly listing instead of a .beam file
  -enable-feature F, -disable-feature F
  +OPTION           a compiler option, as +debug_info, +export_all, +nowarn_unused_vars
  --diagnostics=text|brief|json
`

// compileCommand compiles source files like erlc.
func compileCommand(args []string) int {
	o, err := parseCompileArgs(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl compile: %v\n", err)
		return 1
	}
	if len(o.files) == 0 {
		fmt.Fprint(os.Stderr, compileUsage)
		return 1
	}
	results := make([]compileResult, len(o.files))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(o.files)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				results[i] = o.compile(o.files[i])
			}
		}()
	}
	go func() {
		for i := range o.files {
			next <- i
		}
		close(next)
	}()
	wg.Wait()
	status := 0
	for _, r := range results {
		os.Stderr.WriteString(r.text)
		if !r.ok {
			status = 1
		}
	}
	return status
}

type compileResult struct {
	text string
	ok   bool
}

func parseCompileArgs(args []string) (*compileOptions, error) {
	o := &compileOptions{outDir: ".", flags: map[string]bool{}}
	value := func(i *int, flag string) (string, error) {
		if len(args[*i]) > len(flag) {
			return args[*i][len(flag):], nil
		}
		if *i+1 >= len(args) {
			return "", fmt.Errorf("option %s needs a value", flag)
		}
		*i++
		return args[*i], nil
	}
	for i := 0; i < len(args); i++ {
		a := args[i]
		var err error
		var v string
		switch {
		case a == "--":
			o.files = append(o.files, args[i+1:]...)
			return o, nil
		case strings.HasPrefix(a, "--diagnostics"):
			v, _ = strings.CutPrefix(a, "--diagnostics=")
			o.brief, o.json = v == "brief", v == "json"
			if v != "text" && !o.brief && !o.json {
				return nil, fmt.Errorf("%s: it is --diagnostics=text, brief or json", a)
			}
		case a == "-Werror":
			o.werror = true
		case a == "-W0":
			o.quiet = true
		case strings.HasPrefix(a, "-W"):
			if len(a) > 2 {
				o.flags["warn_"+a[2:]] = true
			}
		case a == "-pa" || a == "-pz":
			v, err = value(&i, a)
			o.paths = append(o.paths, v)
		case a == "-enable-feature" || a == "-disable-feature":
			v, err = value(&i, a)
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
		case a == "-S" || a == "+S" || a == "+'S'" || a == "+to_asm":
			o.listing = "S"
		case a == "-b" || a == "-v" || strings.HasPrefix(a, "-O") || strings.HasPrefix(a, "-M"):
			if a == "-b" {
				_, err = value(&i, a)
			}
		case strings.HasPrefix(a, "+"):
			err = o.option(a[1:])
		case strings.HasPrefix(a, "-") && len(a) > 1:
			return nil, fmt.Errorf("unknown option %s", a)
		default:
			o.files = append(o.files, a)
		}
		if err != nil {
			return nil, err
		}
	}
	return o, nil
}

// option takes a compiler option in the form of a term: an atom, or {d,Name}, {d,Name,Value}, {i,Dir}.
func (o *compileOptions) option(text string) error {
	if strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}") {
		parts := strings.SplitN(text[1:len(text)-1], ",", 3)
		switch {
		case parts[0] == "d" && len(parts) > 1:
			m := preproc.Macro{Name: strings.Trim(parts[1], "'")}
			if len(parts) == 3 {
				m.Value = parts[2]
			}
			o.macros = append(o.macros, m)
			return nil
		case parts[0] == "i" && len(parts) == 2:
			o.includes = append(o.includes, strings.Trim(parts[1], `"`))
			return nil
		}
		o.flags[text] = true
		return nil
	}
	switch text {
	case "warnings_as_errors":
		o.werror = true
	default:
		o.flags[text] = true
	}
	return nil
}

func (o *compileOptions) compile(file string) compileResult {
	var out strings.Builder
	if !strings.HasSuffix(file, ".erl") && filepath.Ext(file) == "" {
		file += ".erl"
	}
	mod, fset, list, err := compiler.CompileFile(file, compiler.Options{
		Lint:    lint.Options{Flags: o.flags},
		Preproc: parser.Options{IncludePath: o.includes, Macros: o.macros, Features: o.features},
	})
	if err != nil {
		fmt.Fprintf(&out, "%s: %s\n", file, reason(err))
		return compileResult{out.String(), false}
	}
	shown := list.All()
	warned := false
	if o.quiet {
		shown = nil
	}
	for _, d := range list.All() {
		if d.Severity == diag.Error && o.quiet {
			shown = append(shown, d)
		}
		warned = warned || d.Severity != diag.Error
	}
	switch {
	case o.json:
		_ = diag.WriteJSON(&out, fset, shown)
	case o.brief:
		_ = diag.WriteBrief(&out, fset, shown)
	default:
		_ = diag.WriteText(&out, fset, shown)
	}
	if mod == nil || warned && o.werror {
		return compileResult{out.String(), false}
	}
	if err := o.write(file, mod); err != nil {
		fmt.Fprintf(&out, "%s: %s\n", file, err)
		return compileResult{out.String(), false}
	}
	return compileResult{out.String(), true}
}

// write writes the .beam file or the listing: to a temporary name first, so that nobody sees half a file.
func (o *compileOptions) write(file string, mod *beam.Module) error {
	ext := ".beam"
	var data []byte
	var err error
	if o.listing == "S" {
		ext, data = ".S", mod.Assembly(beam.OTP25)
	} else if data, err = beam.Write(mod, beam.WriteOptions{}); err != nil {
		return err
	}
	name := filepath.Join(o.outDir, strings.TrimSuffix(filepath.Base(file), ".erl")+ext)
	tmp, err := os.CreateTemp(o.outDir, ".gerl-*")
	if err != nil {
		return fmt.Errorf("%s: error writing file: %s", name, reason(err))
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
		return fmt.Errorf("%s: error writing file: %s", name, reason(err))
	}
	return nil
}
