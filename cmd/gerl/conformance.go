package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gerl-lang/gerl/internal/testkit"
	"github.com/gerl-lang/gerl/testdata"
)

// chapter is a part of the conformance suite: chunk files under a title.
type chapter struct {
	title string
	files []string
}

// conformanceCommand runs the conformance suite, on this program or on an installed erl, and prints a table by chapter.
func conformanceCommand(args []string) int {
	on, area := "", ""
	list, markdown, verbose := false, false, false
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "--on" && i+1 < len(args):
			i++
			on = args[i]
		case strings.HasPrefix(a, "--on="):
			on = a[len("--on="):]
		case a == "--list":
			list = true
		case a == "--markdown":
			markdown = true
		case a == "--verbose":
			verbose = true
		case strings.HasPrefix(a, "-"):
			fmt.Fprintf(os.Stderr, "gerl conformance: unknown option %s\n", a)
			return helpUsage("conformance")
		default:
			area = a
		}
	}
	dir, err := os.MkdirTemp("", "gerl-conformance-")
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl conformance: %v\n", err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	chapters, err := unpackSuite(dir)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl conformance: %v\n", err)
		return 1
	}
	if area != "" {
		chosen := slices.DeleteFunc(slices.Clone(chapters), func(c chapter) bool { return !strings.HasPrefix(strings.ToLower(c.title), strings.ToLower(area)) })
		if len(chosen) == 0 {
			fmt.Fprintf(os.Stderr, "gerl conformance: there is no chapter %q; the chapters are:\n", area)
			for _, c := range chapters {
				fmt.Fprintln(os.Stderr, "  "+c.title)
			}
			return 2
		}
		chapters = chosen
	}
	if list {
		return listSuite(chapters)
	}
	impl, release, err := implementation(on)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl conformance: %v\n", err)
		return 1
	}
	return runSuite(chapters, impl, release, markdown, verbose)
}

// implementation is what the suite runs on: this program, or the erl of a command.
func implementation(on string) (testkit.Implementation, int, error) {
	if on == "" || on == "gerl" {
		exe, err := os.Executable()
		return testkit.Gerl{Bin: exe}, 0, err
	}
	otp, err := testkit.OTPAt(on)
	if err != nil {
		return nil, 0, err
	}
	return otp, otp.Release, nil
}

// unpackSuite writes the suite that is part of the program to a folder.
func unpackSuite(dir string) ([]chapter, error) {
	paths := map[string]string{}
	err := fs.WalkDir(testdata.Suite, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".chunks" {
			return err
		}
		data, err := testdata.Suite.ReadFile(name)
		if err != nil {
			return err
		}
		base := filepath.Base(name)
		paths[strings.TrimSuffix(base, ".chunks")] = filepath.Join(dir, base)
		return os.WriteFile(filepath.Join(dir, base), data, 0o644)
	})
	if err != nil {
		return nil, err
	}
	text, err := testdata.Suite.ReadFile("conformance/chapters")
	if err != nil {
		return nil, err
	}
	var chapters []chapter
	for line := range strings.Lines(string(text)) {
		title, names, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.HasPrefix(title, "#") {
			continue
		}
		c := chapter{title: title}
		for _, n := range strings.Fields(names) {
			if p, ok := paths[n]; ok {
				c.files = append(c.files, p)
				delete(paths, n)
			}
		}
		chapters = append(chapters, c)
	}
	var rest []string
	for _, p := range paths {
		rest = append(rest, p)
	}
	if len(rest) > 0 {
		slices.Sort(rest)
		chapters = append(chapters, chapter{title: "Further programs", files: rest})
	}
	return chapters, nil
}

func listSuite(chapters []chapter) int {
	for _, c := range chapters {
		fmt.Println(c.title)
		for _, p := range c.files {
			f, err := testkit.Parse(p)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
			for _, k := range f.Chunks {
				fmt.Printf("  %s:%d: %s\n", k.File, k.Line, k.Title)
			}
		}
	}
	return 0
}

// tally counts the programs of a chapter.
type tally struct{ passed, failed, skipped int }

func (t *tally) row(format, title string) string {
	share := 100.0
	if n := t.passed + t.failed; n > 0 {
		share = 100 * float64(t.passed) / float64(n)
	}
	return fmt.Sprintf(format, title, t.passed+t.failed+t.skipped, t.passed, t.failed, t.skipped, fmt.Sprintf("%.1f %%", share))
}

func runSuite(chapters []chapter, impl testkit.Implementation, release int, markdown, verbose bool) int {
	format, head := "%-24s %8d %8d %8d %8d %9s\n", fmt.Sprintf("%-24s %8s %8s %8s %8s %9s\n", impl.Name(), "programs", "passed", "failed", "left out", "share")
	if markdown {
		format, head = "| %s | %d | %d | %d | %d | %s |\n", "| chapter | programs | passed | failed | left out | share |\n|---|---|---|---|---|---|\n"
	}
	fmt.Print(head)
	var all tally
	var failures []string
	for _, c := range chapters {
		var t tally
		for _, p := range c.files {
			bad, err := runChunks(p, impl, release, &t)
			if err != nil {
				fmt.Fprintf(os.Stderr, "gerl conformance: %v\n", err)
				return 1
			}
			failures = append(failures, bad...)
		}
		fmt.Print(t.row(format, c.title))
		all.passed += t.passed
		all.failed += t.failed
		all.skipped += t.skipped
	}
	fmt.Print(all.row(format, "all"))
	for i, f := range failures {
		if i == 20 && !verbose {
			fmt.Fprintf(os.Stderr, "... %d more (--verbose shows all)\n", len(failures)-i)
			break
		}
		fmt.Fprintln(os.Stderr, f)
	}
	if all.failed > 0 {
		return 1
	}
	return 0
}

// runChunks runs the programs of a file and tells those that fail.
func runChunks(path string, impl testkit.Implementation, release int, t *tally) ([]string, error) {
	f, err := testkit.Parse(path)
	if err != nil {
		return nil, err
	}
	var chunks []*testkit.Chunk
	for _, c := range f.Chunks {
		from, to := c.Releases()
		if release == 0 || from <= release && release <= to {
			chunks = append(chunks, c)
		} else {
			t.skipped++
		}
	}
	if len(chunks) == 0 {
		return nil, nil
	}
	work, err := os.MkdirTemp("", "gerl-conformance-run-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work) //nolint:errcheck // a temporary folder
	got, err := testkit.Run(impl, work, chunks)
	if err != nil {
		return nil, err
	}
	var bad []string
	for i, c := range chunks {
		if slices.Equal(got[i], c.Want) {
			t.passed++
			continue
		}
		t.failed++
		bad = append(bad, fmt.Sprintf("%s:%d: %s\n    wanted %s\n    got    %s", c.File, c.Line, c.Title, strings.Join(c.Want, " "), strings.Join(got[i], " ")))
	}
	return bad, nil
}
