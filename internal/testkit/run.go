package testkit

import (
	"bufio"
	"bytes"
	"context"
	_ "embed" // the Erlang side of the kit
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed driver.erl
var driverSource string

//go:embed oracle.erl
var oracleSource string

// An Implementation is an Erlang system that chunks can run on: commands that
// compile and commands that run.
type Implementation interface {
	// Name is what failures are reported under.
	Name() string
	// CompileAll compiles every DIR/*.erl to DIR/*.beam and returns what the
	// compiler said, for the reader of a failure.
	CompileAll(dir string) (string, error)
	// Diagnostics compiles DIR/N/chunk.erl for each N and returns the
	// compiler's output for each.
	Diagnostics(dir string, numbers []int) (map[int]string, error)
	// Main is the command that calls Module:main([Argument]) with DIR's
	// modules in the code path.
	Main(ctx context.Context, dir, module, argument string) *exec.Cmd
}

// A machine that prints nothing for so long hangs. The driver gives a chunk
// less than that, so this is for machines that cannot even run the driver.
const silence = 30 * time.Second

// A file of chunks may take so long altogether, however many of them hang or
// take the machine down; GERL_CHUNKS_SECONDS changes it for slow switches.
const patience = 90 * time.Second

// Stressed reports whether the machine under test runs with debug switches,
// which make it many times slower.
func Stressed() bool { return os.Getenv("GERL_DEBUG") != "" }

func deadline() time.Time {
	limit := patience
	if Stressed() {
		limit *= 5
	}
	if n, err := strconv.Atoi(os.Getenv("GERL_CHUNKS_SECONDS")); err == nil {
		limit = time.Duration(n) * time.Second
	}
	return time.Now().Add(limit)
}

// Run runs the chunks on the implementation and returns the expectation lines
// that each would have, in their order. dir is an empty folder for the
// modules.
func Run(impl Implementation, dir string, chunks []*Chunk) ([][]string, error) {
	got := make([][]string, len(chunks))
	index := map[int]int{}
	var runs, compiles []*Chunk
	for i, c := range chunks {
		index[c.Number] = i
		if c.Has("compile") {
			compiles = append(compiles, c)
		} else {
			runs = append(runs, c)
		}
	}
	if len(compiles) > 0 {
		lines, err := runCompiles(impl, filepath.Join(dir, "compile"), compiles)
		if err != nil {
			return nil, err
		}
		for n, l := range lines {
			got[index[n]] = l
		}
	}
	if len(runs) > 0 {
		lines, err := runPrograms(impl, filepath.Join(dir, "run"), runs)
		if err != nil {
			return nil, err
		}
		for n, l := range lines {
			got[index[n]] = l
		}
	}
	return got, nil
}

func runCompiles(impl Implementation, dir string, chunks []*Chunk) (map[int][]string, error) {
	var numbers []int
	for _, c := range chunks {
		numbers = append(numbers, c.Number)
		if err := write(filepath.Join(dir, strconv.Itoa(c.Number), "chunk.erl"), c.source()); err != nil {
			return nil, err
		}
	}
	said, err := impl.Diagnostics(dir, numbers)
	if err != nil {
		return nil, err
	}
	got := map[int][]string{}
	for _, n := range numbers {
		text := strings.TrimSuffix(said[n], "\n")
		if text == "" {
			got[n] = []string{markCompiler + "no complaint"}
			continue
		}
		for _, l := range strings.Split(text, "\n") {
			got[n] = append(got[n], strings.TrimRight(markCompiler+l, " "))
		}
	}
	return got, nil
}

func runPrograms(impl Implementation, dir string, chunks []*Chunk) (map[int][]string, error) {
	var table strings.Builder
	table.WriteString("-module(chunk_table).\n-export([all/0, milliseconds/1]).\nall() -> [")
	for i, c := range chunks {
		if i > 0 {
			table.WriteString(",\n    ")
		}
		var options []string
		for _, o := range []string{"stack", "report"} {
			if c.Has(o) {
				options = append(options, o)
			}
		}
		fmt.Fprintf(&table, "{%d, %s, [%s]}", c.Number, c.module(), strings.Join(options, ", "))
		if err := write(filepath.Join(dir, c.module()+".erl"), c.source()); err != nil {
			return nil, err
		}
	}
	chunkTime, reportTime := 10*time.Second, 150*time.Millisecond
	if Stressed() {
		chunkTime, reportTime = 25*time.Second, 1500*time.Millisecond
	}
	fmt.Fprintf(&table, "].\nmilliseconds(chunk) -> %d;\nmilliseconds(report) -> %d.\n",
		chunkTime.Milliseconds(), reportTime.Milliseconds())
	if err := errors.Join(write(filepath.Join(dir, "chunk_table.erl"), table.String()),
		write(filepath.Join(dir, "driver.erl"), driverSource)); err != nil {
		return nil, err
	}
	complaints, err := impl.CompileAll(dir)
	if err != nil {
		return nil, err
	}
	for _, module := range []string{"driver", "chunk_table"} {
		if _, err := os.Stat(filepath.Join(dir, module+".beam")); err != nil {
			return nil, fmt.Errorf("%s does not compile %s.erl: %s", impl.Name(), module, complaints)
		}
	}
	got := map[int][]string{}
	end := deadline()
	for len(got) < len(chunks) {
		next := slices.IndexFunc(chunks, func(c *Chunk) bool { return got[c.Number] == nil })
		first := chunks[next].Number
		if time.Now().After(end) {
			for _, c := range chunks[next:] {
				if got[c.Number] == nil {
					got[c.Number] = []string{"%!! not run: the chunks before it took too long"}
				}
			}
			break
		}
		at, died, err := drive(impl, dir, first, end, got)
		if err != nil {
			return nil, err
		}
		if died != "" {
			// The machine ended inside a chunk: that chunk's fault, and
			// the others get a new machine.
			if at == 0 {
				return nil, fmt.Errorf("%s does not run the driver: it %s", impl.Name(), died)
			}
			got[at] = append(got[at], "%!! machine "+died)
		}
	}
	for _, c := range chunks {
		if _, err := os.Stat(filepath.Join(dir, c.module()+".beam")); err != nil {
			got[c.Number] = []string{"%!! does not compile: " + about(complaints, c.module())}
		}
	}
	return got, nil
}

// drive starts one machine at the chunk with number first and collects what it
// reports into got. If the machine ends too early it returns the number of the
// chunk that was running (0: none had begun) and what happened.
func drive(impl Implementation, dir string, first int, end time.Time, got map[int][]string) (at int, died string, err error) {
	ctx, cancel := context.WithDeadline(context.Background(), end)
	defer cancel()
	cmd := impl.Main(ctx, dir, "driver", strconv.Itoa(first))
	cmd.Stdin = nil
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, "", err
	}
	if err := cmd.Start(); err != nil {
		return 0, "", err
	}
	hung := false
	watchdog := time.AfterFunc(silence, func() { hung = true; cancel() })
	var output strings.Builder
	current := 0
	lines := bufio.NewReader(out)
	for {
		line, readErr := lines.ReadString('\n')
		watchdog.Reset(silence)
		if line != "" {
			current = take(line, current, &output, got)
		}
		if readErr != nil {
			if readErr != io.EOF && !errors.Is(readErr, os.ErrClosed) {
				err = readErr
			}
			break
		}
	}
	watchdog.Stop()
	waitErr := cmd.Wait()
	switch {
	case err != nil:
		return 0, "", err
	case hung || ctx.Err() != nil:
		return current, "hangs", nil
	case current == 0 && waitErr == nil && len(got) > 0:
		return 0, "", nil
	}
	said := strings.TrimSpace(output.String() + stderr.String())
	if len(said) > 2000 {
		said = said[:2000] + " ..."
	}
	return current, fmt.Sprintf("ends early (%v): %s", waitErr, strings.ReplaceAll(said, "\n", "\n%!!   ")), nil
}

// take handles one line of the driver's output: the number of the chunk that
// runs now, 0 between chunks.
func take(line string, current int, output *strings.Builder, got map[int][]string) int {
	tag, ok := strings.CutPrefix(line, "@@")
	if !ok {
		output.WriteString(line)
		return current
	}
	kind, rest, _ := strings.Cut(strings.TrimSuffix(tag, "\n"), " ")
	if kind == "begin" {
		output.Reset()
		n, _ := strconv.Atoi(rest)
		return n
	}
	var result string
	switch kind {
	case "value":
		result = markValue + rest
	case "error":
		result = markError + rest
	default:
		result = markError + kind + " " + rest
	}
	got[current] = append(outputLines(output.String()), normalise(strings.TrimRight(result, " ")))
	output.Reset()
	return 0
}

// outputLines turns what a chunk has printed into expectation lines. The
// driver puts a newline before its own line, so text that ends with a newline
// comes with an empty line.
func outputLines(text string) []string {
	text = normalise(strings.TrimSuffix(text, "\n"))
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	var want []string
	for i, l := range lines {
		mark := markOutput
		if i == len(lines)-1 {
			if l == "" {
				break
			}
			mark = markPartial
		}
		want = append(want, strings.TrimRight(mark+l, " "))
	}
	return want
}

var normalisations = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`<\d+\.\d+\.\d+>`), "<PID>"},
	{regexp.MustCompile(`#Ref<[\d.]+>`), "#Ref<REF>"},
	{regexp.MustCompile(`#Port<[\d.]+>`), "#Port<PORT>"},
	{regexp.MustCompile(`#Fun<chunk_\d+\.[\d.]+>`), "#Fun<chunk.N>"},
	{regexp.MustCompile(`\bchunk_\d+\b`), "chunk"},
	// what crash reports tell of memory and work, and lines of the library's behaviours
	{regexp.MustCompile(`\b(heap_size|stack_size|reductions): \d+`), "$1: N"},
	{regexp.MustCompile(`\b((?:gen|gen_server|gen_event|gen_statem|proc_lib|supervisor)\.erl):\d+\)`), "$1:N)"},
	{regexp.MustCompile(`(\{\w+,\w+,\d+,)\n +(\[\{file,"(?:gen|gen_server|gen_event|gen_statem|proc_lib|supervisor)\.erl"\})`), "$1$2"},
	{regexp.MustCompile(`(\{file,"(?:gen|gen_server|gen_event|gen_statem|proc_lib|supervisor)\.erl"\},\s*\{line),\d+`), "$1,N"},
	{regexp.MustCompile(`\d{1,2}-[A-Z][a-z]{2}-\d{4}::\d\d:\d\d:\d\d\.\d{6}`), "DATE"},
}

// normalise replaces what differs from run to run by fixed words.
func normalise(text string) string {
	for _, n := range normalisations {
		text = n.pattern.ReplaceAllString(text, n.with)
	}
	return text
}

// about is the part of the compiler's output that speaks of the module.
func about(complaints, module string) string {
	var b strings.Builder
	for _, l := range strings.Split(complaints, "\n") {
		if strings.Contains(l, module+".erl") || b.Len() > 0 && strings.HasPrefix(l, "%") {
			b.WriteString("\n%!!   " + l)
		} else if b.Len() > 0 {
			break
		}
	}
	if b.Len() == 0 {
		return "(no diagnostic names it) " + tail(complaints, 500)
	}
	return b.String()
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
