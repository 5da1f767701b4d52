package testkit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A File is a parsed chunk file.
type File struct {
	Path   string
	Header []string // the lines before the first separator
	Chunks []*Chunk
}

// A Chunk is one program of a chunk file with its expectation.
type Chunk struct {
	File    string // base name of the file
	Line    int    // of the title
	Number  int    // position in the file, from 1
	Title   string
	Options []string // the `%:` line's words; empty if there is no such line
	Body    []string // the program's lines
	Want    []string // the expectation's lines, with their markers
}

const separator = "----"

// The markers of expectation lines.
const (
	markValue    = "%=> "
	markError    = "%!! "
	markOutput   = "%>> "
	markPartial  = "%>_ "
	markCompiler = "%-- "
)

var markers = []string{markValue, markError, markOutput, markPartial, markCompiler}

// isExpectation reports whether the line states a part of a chunk's result.
// A line of output may be empty, so the marker's blank is optional.
func isExpectation(line string) bool {
	return slices.ContainsFunc(markers, func(m string) bool {
		return strings.HasPrefix(line, m) || line == strings.TrimSuffix(m, " ")
	})
}

// Has reports whether the chunk has the option.
func (c *Chunk) Has(option string) bool { return slices.Contains(c.Options, option) }

// Releases are the first and the last OTP release that the expectation
// belongs to: from 25 on unless the chunk says otherwise.
func (c *Chunk) Releases() (from, to int) {
	from, to = 25, 1<<30
	for i := 0; i+1 < len(c.Options); i++ {
		if n, err := strconv.Atoi(c.Options[i+1]); err == nil {
			switch c.Options[i] {
			case "otp":
				from = n
			case "until":
				to = n
			}
		}
	}
	return from, to
}

// Name identifies the chunk in test names and in the list of known failures.
func (c *Chunk) Name() string {
	return strings.TrimSuffix(c.File, ".chunks") + ": " + c.Title
}

// module is the name of the module that the chunk becomes.
func (c *Chunk) module() string { return fmt.Sprintf("chunk_%03d", c.Number) }

// hasForms reports whether the body defines main/0 itself.
func (c *Chunk) hasForms() bool {
	return slices.ContainsFunc(c.Body, func(l string) bool { return strings.HasPrefix(l, "main()") })
}

// source is the Erlang text of the chunk's module. The -file attribute makes
// the body's first line line 1.
func (c *Chunk) source() string {
	body := strings.Join(c.Body, "\n") + "\n"
	if c.Has("compile") {
		return body
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-module(%s).\n-export([main/0, id/1]).\n-file(\"chunk.erl\", 0).\n", c.module())
	if !c.hasForms() {
		b.WriteString("main() -> ")
	}
	b.WriteString(body)
	if !c.hasForms() || !slices.ContainsFunc(c.Body, func(l string) bool { return strings.HasPrefix(l, "id(") }) {
		b.WriteString("id(X) -> X.\n")
	}
	return b.String()
}

// Parse reads a chunk file and checks its form: every chunk has a title of
// its own and a program.
func Parse(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &File{Path: path}
	base := filepath.Base(path)
	titles := map[string]int{}
	var c *Chunk
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		number := i + 1
		switch {
		case line == separator:
			c = &Chunk{File: base, Number: len(f.Chunks) + 1}
			f.Chunks = append(f.Chunks, c)
		case c == nil:
			f.Header = append(f.Header, line)
		case c.Line == 0:
			title, ok := strings.CutPrefix(line, "%% ")
			if !ok {
				return nil, fmt.Errorf("%s:%d: a chunk begins with its title, `%%%% RULE`", path, number)
			}
			if before := titles[title]; before != 0 {
				return nil, fmt.Errorf("%s:%d: the title of line %d again", path, number, before)
			}
			titles[title] = number
			c.Title, c.Line = title, number
		case strings.HasPrefix(line, "%: ") && len(c.Body) == 0:
			c.Options = strings.Fields(line[3:])
		case isExpectation(line):
			c.Want = append(c.Want, line)
		case len(c.Want) > 0:
			return nil, fmt.Errorf("%s:%d: program text after the expectation", path, number)
		default:
			c.Body = append(c.Body, line)
		}
	}
	for _, c := range f.Chunks {
		if len(c.Body) == 0 {
			return nil, fmt.Errorf("%s:%d: no program", path, c.Line)
		}
	}
	return f, nil
}

// Write puts the file back as it was read, with the chunks' expectations as
// they are now.
func (f *File) Write() error {
	var b strings.Builder
	for _, l := range f.Header {
		b.WriteString(l + "\n")
	}
	for _, c := range f.Chunks {
		b.WriteString(separator + "\n%% " + c.Title + "\n")
		if len(c.Options) > 0 {
			b.WriteString("%: " + strings.Join(c.Options, " ") + "\n")
		}
		for _, l := range append(slices.Clone(c.Body), c.Want...) {
			b.WriteString(l + "\n")
		}
	}
	return os.WriteFile(f.Path, []byte(b.String()), 0o644)
}

// KnownFailures reads the list of chunks that gerl cannot do yet: a line
// each, the chunk's name, " -- " and the reason. Lines that begin with # are
// comments. A missing file is an empty list.
func KnownFailures(path string) (map[string]string, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known := map[string]string{}
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, " -- ")
		if !ok || reason == "" {
			return nil, fmt.Errorf("%s:%d: want `NAME -- REASON`", path, i+1)
		}
		known[name] = reason
	}
	return known, nil
}
