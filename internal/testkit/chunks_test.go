package testkit

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

var (
	update = flag.Bool("update", false, "record the expectations anew from Erlang/OTP")
	chosen = flag.String("chunk", "", "only chunks whose name matches this regular expression")
	cross  = flag.Bool("cross", false, "also run OTP's compiler with gerl's machine and gerl's compiler with OTP's machine")
	// Another OTP than the one on the PATH, as a folder to chroot to.
	otpRoot = flag.String("otp-root", "", "folder of another OTP installation to use as the oracle")
	prune   = flag.Bool("prune", false, "take chunks that pass out of the list of known failures")
	noGerl  = flag.Bool("oracle-only", false, "run the chunks on Erlang/OTP only")
)

// pruned are the known failures that have passed, with -prune.
var pruned struct {
	sync.Mutex
	names []string
}

const knownFailures = "../../testdata/known_failures"

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if err := pruneKnown(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if !*update && !*noGerl {
		RemoveGerl()
	}
	os.Exit(code)
}

// pruneKnown rewrites the list of known failures without those that passed.
func pruneKnown() error {
	if len(pruned.names) == 0 {
		return nil
	}
	data, err := os.ReadFile(knownFailures)
	if err != nil {
		return err
	}
	var b strings.Builder
	for line := range strings.Lines(string(data)) {
		if name, _, ok := strings.Cut(line, " -- "); !ok || !slices.Contains(pruned.names, name) {
			b.WriteString(line)
		}
	}
	return os.WriteFile(knownFailures, []byte(b.String()), 0o644)
}

// chunkFiles parses all chunk files of the project.
func chunkFiles(t *testing.T) []*File {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/chunks/*.chunks")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no chunk files: %v", err)
	}
	more, err := filepath.Glob("../../testdata/conformance/*.chunks")
	if err != nil || len(more) == 0 {
		t.Fatalf("no chunk files of the conformance suite: %v", err)
	}
	paths = append(paths, more...)
	var files []*File
	for _, p := range paths {
		f, err := Parse(p)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// choose leaves the chunks that -chunk names and that the release knows.
func choose(t *testing.T, chunks []*Chunk, release int) []*Chunk {
	t.Helper()
	re, err := regexp.Compile(*chosen)
	if err != nil {
		t.Fatal(err)
	}
	var some []*Chunk
	for _, c := range chunks {
		from, to := c.Releases()
		if re.MatchString(c.Name()) && (release == every || from <= release && release <= to) {
			some = append(some, c)
		}
	}
	return some
}

const every = 0 // instead of a release: gerl has to do them all

// Every chunk gives on gerl what it gave on OTP.
func TestChunks(t *testing.T) {
	if *update || *noGerl {
		t.Skip("-update and -oracle-only: gerl is not run")
	}
	if os.Getenv("GERL_SKIP_CHUNKS") != "" {
		t.Skip("GERL_SKIP_CHUNKS is set")
	}
	bin, err := BuildGerl()
	if err != nil {
		t.Fatal(err)
	}
	known, err := KnownFailures(knownFailures)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range chunkFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(f.Path), ".chunks"), func(t *testing.T) {
			t.Parallel()
			chunks := choose(t, f.Chunks, every)
			if strings.Contains(os.Getenv("GERL_DEBUG"), "gcstress") {
				light := slices.DeleteFunc(slices.Clone(chunks), func(c *Chunk) bool { return c.Has("heavy") })
				t.Logf("GERL_DEBUG=%s: %d heavy chunks are left out", os.Getenv("GERL_DEBUG"), len(chunks)-len(light))
				chunks = light
			}
			check(t, Gerl{bin}, t.TempDir(), chunks, known)
		})
	}
}

// Every expectation is what OTP does; and with -cross, every pairing of the
// two compilers and the two machines agrees.
func TestChunksOnOTP(t *testing.T) {
	otp, err := FindOTP(*otpRoot)
	if err != nil {
		t.Fatal(err)
	}
	if otp == nil {
		t.Skip("no erl on the PATH: the recorded expectations are not compared with it")
	}
	for _, f := range chunkFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(f.Path), ".chunks"), func(t *testing.T) {
			t.Parallel()
			chunks := choose(t, f.Chunks, otp.Release)
			if *update {
				record(t, otp, f, chunks)
				return
			}
			check(t, otp, otpDir(t, otp), chunks, nil)
			if *cross {
				bin, err := BuildGerl()
				if err != nil {
					t.Fatal(err)
				}
				runs := slices.DeleteFunc(chunks, func(c *Chunk) bool { return c.Has("compile") })
				for _, x := range []Crossed{{otp, Gerl{bin}}, {Gerl{bin}, otp}} {
					t.Run(x.Name(), func(t *testing.T) { check(t, x, otpDir(t, otp), runs, nil) })
				}
			}
		})
	}
}

func otpDir(t *testing.T, otp *OTP) string {
	dir, err := otp.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// record writes what OTP does into the file.
func record(t *testing.T, otp *OTP, f *File, chunks []*Chunk) {
	got, err := Run(otp, otpDir(t, otp), chunks)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range chunks {
		if slices.ContainsFunc(got[i], func(l string) bool {
			return strings.HasPrefix(l, "%!! does not compile") || strings.HasPrefix(l, "%!! machine") || strings.HasPrefix(l, "%!! not run") || strings.HasPrefix(l, "%!! timeout")
		}) {
			t.Errorf("%s:%d: %s\n%s", f.Path, c.Line, c.Title, strings.Join(got[i], "\n"))
			continue
		}
		c.Want = got[i]
	}
	if err := f.Write(); err != nil {
		t.Fatal(err)
	}
}

// check runs the chunks and compares; known failures must fail.
func check(t *testing.T, impl Implementation, dir string, chunks []*Chunk, known map[string]string) {
	if len(chunks) == 0 {
		return
	}
	got, err := Run(impl, dir, chunks)
	if err != nil {
		t.Fatal(err)
	}
	repeat(t, impl, dir, chunks, got, known)
	passed, expected := 0, 0
	for i, c := range chunks {
		reason, listed := known[c.Name()]
		same := slices.Equal(got[i], c.Want)
		switch {
		case len(c.Want) == 0:
			t.Errorf("%s:%d: %s: no expectation recorded, run with -update", c.File, c.Line, c.Title)
		case same && listed && *prune:
			pruned.Lock()
			pruned.names = append(pruned.names, c.Name())
			pruned.Unlock()
		case same && listed:
			t.Errorf("%s passes: remove it from known_failures", c.Name())
		case same:
			passed++
		case listed:
			expected++
			t.Logf("known failure: %s (%s)", c.Name(), reason)
		default:
			t.Errorf("%s:%d: %s\n%s", c.File, c.Line, c.Title, difference(impl, c, got[i]))
		}
	}
	t.Logf("%s: %d of %d chunks pass, %d known failures", impl.Name(), passed, len(chunks), expected)
}

// A chunk that fails runs up to twice more, alone in a machine of its own, if
// few do: where output takes two ways to the terminal (erlang:display/1 and
// the io server on OTP), where a report of the chunk before comes late, or
// where a time limit meets a busy computer, the neighbours are guilty and not
// the chunk. What passes only then is logged.
const (
	fewFail = 4
	repeats = 2
)

func repeat(t *testing.T, impl Implementation, dir string, chunks []*Chunk, got [][]string, known map[string]string) {
	var failing []int
	for i, c := range chunks {
		if _, listed := known[c.Name()]; !listed && len(c.Want) > 0 && !slices.Equal(got[i], c.Want) {
			failing = append(failing, i)
		}
	}
	if len(failing) > fewFail {
		return
	}
	for _, i := range failing {
		for n := range repeats {
			again, err := Run(impl, filepath.Join(dir, fmt.Sprintf("again%d_%d", i, n)), chunks[i:i+1])
			if err != nil {
				t.Fatal(err)
			}
			if slices.Equal(again[0], chunks[i].Want) {
				t.Logf("%s passes only when it is alone; among the others:\n%s", chunks[i].Name(), difference(impl, chunks[i], got[i]))
				got[i] = again[0]
				break
			}
		}
	}
}

func difference(impl Implementation, c *Chunk, got []string) string {
	indent := func(lines []string) string { return "    " + strings.Join(lines, "\n    ") }
	return fmt.Sprintf("%s\n  wanted\n%s\n  %s gives\n%s", indent(c.Body), indent(c.Want), impl.Name(), indent(got))
}

// A known failure names a chunk that exists.
func TestKnownFailuresExist(t *testing.T) {
	known, err := KnownFailures(knownFailures)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range chunkFiles(t) {
		for _, c := range f.Chunks {
			delete(known, c.Name())
		}
	}
	for name := range known {
		t.Errorf("known_failures lists %q, which is no chunk", name)
	}
}
