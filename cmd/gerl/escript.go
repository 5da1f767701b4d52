package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/compiler"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/node"
)

// script is a file that escript runs: a head of up to three lines, and a body that is source text, a compiled module or an archive.
type script struct {
	name  string // as it was given
	flags string // what follows %%!
	kind  string // source, beam, archive
	body  []byte
	line  int // the line that the body begins at
}

// readScript takes a script file apart. The first line is passed over whatever it is.
func readScript(name string, data []byte) (*script, error) {
	s := &script{name: name, line: 1}
	rest := data
	take := func() string {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		s.line++
		return strings.TrimRight(string(line), "\r")
	}
	body := func() string {
		switch {
		case bytes.HasPrefix(rest, []byte("PK\x03\x04")):
			return "archive"
		case bytes.HasPrefix(rest, []byte("FOR1")):
			return "beam"
		}
		return ""
	}
	if s.kind = body(); s.kind == "" {
		take()
	}
	// a comment and the flags may follow, in either order
	for range 2 {
		if s.kind != "" {
			break
		}
		if s.kind = body(); s.kind == "" && bytes.HasPrefix(rest, []byte("%%")) {
			if line := take(); strings.HasPrefix(line, "%%!") {
				s.flags = line[3:]
			}
		}
	}
	if s.kind == "" {
		s.kind = body()
	}
	if s.kind == "" {
		s.kind = "source"
	}
	if len(bytes.TrimSpace(rest)) == 0 {
		//lint:ignore ST1005 the words of escript
		return nil, fmt.Errorf("Premature end of file reached")
	}
	s.body = rest
	return s, nil
}

// escriptCommand runs a script like escript.
func escriptCommand(args []string) int { return runScript(node.Config{}, args) }

// runScript runs a script on a node with some settings, which count more than the script's own.
func runScript(c node.Config, args []string) int {
	checkOnly, mode := false, ""
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		if args[0][0] == '+' {
			var ok bool
			if args, ok = emulatorOption(&c, "escript", args); !ok {
				return 2
			}
			continue
		}
		switch {
		case args[0] == "-s":
			checkOnly = true
		case args[0] == "-c":
			mode = "compile"
		case args[0] == "-i":
			mode = "interpret"
		case args[0] == "--help" || args[0] == "-h":
			return helpUsage("escript")
		}
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, "escript: Missing filename\n\n")
		return 1
	}
	name := args[0]
	data, err := os.ReadFile(name)
	if err != nil {
		fmt.Fprintf(os.Stderr, "escript: Failed to open file: %s\n", name)
		return 1
	}
	s, err := readScript(name, data)
	if err != nil {
		fmt.Fprintf(os.Stderr, "escript: %v\n", err)
		return 127
	}
	line, err := readErlLine(append(splitWords(s.flags, false), "-noshell"))
	if err != nil {
		return commandLineError(err)
	}
	line.emulator.complete(&c)
	c.Env, c.Preload = line.env, scriptModules
	c.PathsFirst, c.PathsLast = codePaths(line.init)
	module, start := "", []string(nil)
	var image []byte
	switch s.kind {
	case "source":
		var err error
		switch module, image, err = s.compile(mode); {
		case errors.Is(err, compiler.ErrTransforms):
			start = []string{"source", strconv.Itoa(s.line - 1)} // Erlang code is needed to compile it
		case err != nil:
			fmt.Fprintf(os.Stderr, "escript: %v\n", err)
			return 127
		}
	case "beam":
		m, err := beam.Read(s.body)
		if err != nil {
			fmt.Fprintf(os.Stderr, "escript: %s: %v\n", name, err)
			return 127
		}
		module, image = m.Name.AtomName(), s.body
	default:
		module = mainModule(line.init, name)
	}
	if checkOnly {
		return 0
	}
	if start == nil {
		start = []string{module}
	}
	c.Flags = append(append(line.identity(), line.init...), "-gerl_script")
	c.Flags = append(append(c.Flags, start...), "-extra", name)
	c.Flags = append(c.Flags, args[1:]...)
	return boot(c, func(n *node.Node) error {
		if s.kind == "archive" {
			abs, err := filepath.Abs(name)
			if err != nil {
				return err
			}
			return n.AddArchive(abs, s.body)
		}
		if image != nil {
			n.AddModule(module, image)
		}
		return nil
	})
}

// mainModule is the module of an archive whose main/1 is called: that of the flag -escript main MODULE, or the script's name.
func mainModule(flags []string, name string) string {
	for i := 0; i+2 < len(flags); i++ {
		if flags[i] == "-escript" && flags[i+1] == "main" {
			return flags[i+2]
		}
	}
	base := filepath.Base(name)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

var (
	moduleAttribute = regexp.MustCompile(`(?m)^-module\(\s*('[^'\n]*'|[a-z][\w@]*)\s*\)\s*\.`)
	modeAttribute   = regexp.MustCompile(`(?m)^-mode\(\s*(\w+)\s*\)\s*\.`)
	exportsMain     = regexp.MustCompile(`(?s)-export\(\s*\[[^]]*\bmain/1\b|-compile\(\s*\[?[^)]*\bexport_all\b`)
	noMain          = regexp.MustCompile(`(?m)^(.*):1:\d+: (function main/1 undefined.*\n)(%.*\n)*\n?`)
)

// compile compiles the source text of a script in memory; what the linter finds is told on the standard output, as OTP does; a script that is to
// be interpreted is compiled, too, but its problems come in brief on the standard error. Scripts need no module attribute and need not export main/1.
func (s *script) compile(mode string) (module string, image []byte, err error) {
	text := string(s.body)
	if at := modeAttribute.FindStringSubmatchIndex(text); at != nil {
		switch own := text[at[2]:at[3]]; own {
		case "interpret":
			if mode == "" {
				mode = own
			}
		case "compile", "native", "debug":
		default:
			fmt.Fprintf(os.Stderr, "%s:%d:2: illegal mode attribute: %s\n", s.name, s.line+strings.Count(text[:at[0]], "\n"), own)
			//lint:ignore ST1005 the words of escript
			return "", nil, errors.New("There were compilation errors.")
		}
	}
	head := ""
	switch loc := moduleAttribute.FindStringIndex(text); {
	case loc == nil:
		now := time.Now()
		base := strings.ReplaceAll(filepath.Base(s.name), "'", "_")
		export := " -export([main/1])."
		if exportsMain.MatchString(text) {
			export = ""
		}
		head = fmt.Sprintf("-module('%s__escript__%d__%d__%d__%d').%s", strings.TrimSuffix(base, filepath.Ext(base)),
			now.Unix()/1_000_000, now.Unix()%1_000_000, now.Nanosecond()/1000, os.Getpid(), export)
	case !exportsMain.MatchString(text):
		text = text[:loc[1]] + " -export([main/1])." + text[loc[1]:]
	}
	text = head + strings.Repeat("\n", s.line-1) + text
	mod, fset, list, err := compiler.CompileText(s.name, []byte(text), compiler.Options{RefuseTransforms: true})
	if err != nil {
		return "", nil, err
	}
	var out strings.Builder
	switch {
	case syntaxErrors(list):
		_ = diag.WriteBrief(&out, fset, list.All())
		os.Stderr.WriteString(noMain.ReplaceAllString(out.String(), ""))
	case mode == "interpret":
		_ = diag.WriteBrief(&out, fset, list.All())
		os.Stderr.WriteString(noMain.ReplaceAllString(out.String(), "$1:0: $2"))
	default:
		_ = diag.WriteText(&out, fset, list.All())
		os.Stdout.WriteString(noMain.ReplaceAllString(out.String(), "$1:0: $2"))
	}
	if mod == nil {
		//lint:ignore ST1005 the words of escript
		return "", nil, errors.New("There were compilation errors.")
	}
	if image, err = beam.Write(mod, beam.WriteOptions{}); err != nil {
		return "", nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return mod.Name.AtomName(), image, nil
}

func syntaxErrors(list *diag.List) bool {
	for _, d := range list.All() {
		switch d.Code.Module() {
		case "erl_parse", "erl_scan", "epp":
			if d.Severity == diag.Error {
				return true
			}
		}
	}
	return false
}
