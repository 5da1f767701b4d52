package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/node"
	"github.com/gerl-lang/gerl/stdlib"
)

// A program made by gerl build is a copy of gerl itself with an archive behind it: a zip file with the program's applications
// and a manifest, then the archive's size as eight bytes (big endian) and programMark.
const (
	programMark  = "gerl program 1\n"
	manifestName = "gerl-program.json"
)

// manifest says how a built program starts.
type manifest struct {
	Main        string // module whose main/1, main/0 or start/0 is called, or
	Application string // application that is started, with those that it needs
}

const buildUsage = "usage: gerl build [-o PROGRAM] [--main MODULE] FILE.erl|DIRECTORY"

// buildCommand makes one self-contained executable of a program, its library and the runtime.
func buildCommand(args []string) int {
	out, mainModule, target := "", "", ""
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		switch {
		case name == "-o" || name == "--output" || name == "--main":
			if !hasValue {
				i++
				if i == len(args) {
					fmt.Fprintf(os.Stderr, "gerl build: option %s needs a value\n", name)
					return 2
				}
				value = args[i]
			}
			if name == "--main" {
				mainModule = value
			} else {
				out = value
			}
		case strings.HasPrefix(name, "-") || target != "":
			fmt.Fprintf(os.Stderr, "gerl build: unexpected %s\n%s\n", args[i], buildUsage)
			return 2
		default:
			target = args[i]
		}
	}
	if target == "" {
		fmt.Fprintln(os.Stderr, buildUsage)
		return 2
	}
	if err := build(target, out, mainModule); err != nil {
		fmt.Fprintf(os.Stderr, "gerl build: %v\n", err)
		return 1
	}
	return 0
}

func build(target, out, mainModule string) error {
	info, err := os.Stat(target)
	if err != nil {
		return fmt.Errorf("%s: %s", target, reason(err))
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "gerl-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // only temporary files
	b := &builder{self: self, tmp: tmp, members: map[string][]byte{}}
	var m manifest
	if info.IsDir() {
		m, err = b.project(target, mainModule)
	} else {
		m, err = b.file(target, mainModule)
	}
	if err != nil {
		return err
	}
	if out == "" {
		out = m.Main + m.Application
		if filepath.Ext(self) == ".exe" {
			out += ".exe"
		}
	}
	if isDir(out) {
		return fmt.Errorf("%s is a folder; name the program with -o PROGRAM", out)
	}
	return b.write(out, m)
}

// builder collects the members of a program's archive.
type builder struct {
	self    string // the gerl that runs
	tmp     string
	keep    bool // what is compiled stays for the next time
	options []string
	members map[string][]byte
}

// compile compiles files with gerl compile, which knows parse transforms and behaviours, into a folder. Modules that are there already
// and whose sources have not changed stay.
func (b *builder) compile(dir string, includes []string, paths []string, files []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	args := append([]string{"compile", "-o", dir, "-pa", dir}, b.options...)
	for _, i := range includes {
		args = append(args, "-I", i)
	}
	for _, p := range paths {
		args = append(args, "-pa", p)
	}
	if !b.keep {
		return b.run(append(args, files...))
	}
	kept := loadKept(dir, keptKey(b.self, args, includes, files))
	if err := kept.forget(dir, files); err != nil {
		return err
	}
	stale := kept.stale(dir, files)
	if len(stale) == 0 {
		return nil
	}
	read := filepath.Join(filepath.Dir(dir), fmt.Sprintf("read.%d", os.Getpid()))
	defer os.Remove(read) //nolint:errcheck // a temporary file
	if err := b.run(append(append(args, "--read-files", read), stale...)); err != nil {
		return err
	}
	if err := kept.note(dir, read, stale); err != nil {
		return err
	}
	return kept.save(dir)
}

func (b *builder) run(args []string) error {
	c := exec.Command(b.self, args...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("the program does not compile")
	}
	return nil
}

// add takes all files below a folder into the archive.
func (b *builder) add(dir, name string) error {
	return filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		b.members[path.Join(name, filepath.ToSlash(rel))] = data
		return nil
	})
}

// file builds of one source file and of those beside it that it calls, directly or not.
func (b *builder) file(file, mainModule string) (manifest, error) {
	if filepath.Ext(file) != ".erl" {
		return manifest{}, fmt.Errorf("%s is no .erl file", file)
	}
	dir := filepath.Dir(file)
	ebin := filepath.Join(b.tmp, "ebin")
	first := strings.TrimSuffix(filepath.Base(file), ".erl")
	known := map[string]bool{}
	for queue := []string{first}; len(queue) > 0; {
		var sources []string
		for _, m := range queue {
			known[m] = true
			sources = append(sources, filepath.Join(dir, m+".erl"))
		}
		if err := b.compile(ebin, []string{dir, filepath.Join(dir, "..", "include")}, nil, sources); err != nil {
			return manifest{}, err
		}
		var next []string
		for _, m := range queue {
			called, _, err := callsOf(filepath.Join(ebin, m+".beam"))
			if err != nil {
				return manifest{}, err
			}
			for _, c := range called {
				_, ours := stdlib.Image(c)
				if _, err := os.Stat(filepath.Join(dir, c+".erl")); err == nil && !ours && !known[c] && !slices.Contains(next, c) {
					next = append(next, c)
				}
			}
		}
		queue = next
	}
	if mainModule == "" {
		mainModule = first
	}
	if err := checkMain(filepath.Join(ebin, mainModule+".beam"), mainModule); err != nil {
		return manifest{}, err
	}
	return manifest{Main: mainModule}, b.add(ebin, first+"/ebin")
}

// callsOf lists the modules that a compiled module refers to, and whether it can be a program.
func callsOf(file string) (called []string, isMain bool, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, false, err
	}
	m, err := beam.Read(data)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", file, err)
	}
	for _, i := range m.Imports {
		if name := i.Module.AtomName(); !slices.Contains(called, name) {
			called = append(called, name)
		}
	}
	// modules may also be named as atoms only: spawn(M, F, A), callback modules
	for _, a := range m.Atoms {
		if name := a.AtomName(); !slices.Contains(called, name) {
			called = append(called, name)
		}
	}
	for _, e := range m.Exports {
		name := e.Name.AtomName()
		isMain = isMain || name == "main" && e.Arity <= 1 || name == "start" && e.Arity == 0
	}
	return called, isMain, nil
}

func checkMain(file, module string) error {
	_, isMain, err := callsOf(file)
	if os.IsNotExist(err) {
		return fmt.Errorf("there is no module %s in the program", module)
	}
	if err == nil && !isMain {
		return fmt.Errorf("module %s exports neither main/1 nor main/0 nor start/0", module)
	}
	return err
}

var (
	appName    = regexp.MustCompile(`\{\s*application\s*,\s*('[^']*'|\w+)\s*,`)
	appVersion = regexp.MustCompile(`\{\s*vsn\s*,\s*"([^"]*)"\s*\}`)
	appModules = regexp.MustCompile(`\{\s*modules\s*,\s*\[[^\]]*\]\s*\}`)
)

// project builds of a folder with applications: its own, those under apps and lib, and what rebar3 has built.
func (b *builder) project(root, mainModule string) (manifest, error) {
	dirs := []string{root}
	for _, p := range []string{"apps/*", "lib/*", "_checkouts/*"} {
		found, _ := filepath.Glob(filepath.Join(root, p))
		dirs = append(dirs, found...)
	}
	built, _ := filepath.Glob(filepath.Join(root, "_build/default/lib/*/ebin"))
	b.options = rebarOptions(root)
	var apps []string
	mains := map[string]string{} // module -> .beam file
	for _, dir := range dirs {
		sources, _ := filepath.Glob(filepath.Join(dir, "src/*.erl"))
		if len(sources) == 0 {
			continue
		}
		app, version := filepath.Base(dir), "0"
		if abs, err := filepath.Abs(dir); err == nil {
			app = filepath.Base(abs)
		}
		spec := ""
		if files, _ := filepath.Glob(filepath.Join(dir, "src/*.app.src")); len(files) > 0 {
			data, err := os.ReadFile(files[0])
			if err != nil {
				return manifest{}, err
			}
			spec = string(data)
			app = strings.TrimSuffix(filepath.Base(files[0]), ".app.src")
			if v := appVersion.FindStringSubmatch(spec); v != nil {
				version = v[1]
			}
		}
		ebin := filepath.Join(b.tmp, app, "ebin")
		if err := b.compile(ebin, []string{filepath.Join(dir, "include"), filepath.Join(dir, "src"), filepath.Join(root, "apps"), filepath.Join(root, "..")},
			built, sources); err != nil {
			return manifest{}, err
		}
		var modules []string
		for _, s := range sources {
			m := strings.TrimSuffix(filepath.Base(s), ".erl")
			modules = append(modules, "'"+m+"'")
			mains[m] = filepath.Join(ebin, m+".beam")
		}
		if spec != "" && appName.MatchString(spec) {
			list := "{modules,[" + strings.Join(modules, ",") + "]}"
			if appModules.MatchString(spec) {
				spec = appModules.ReplaceAllLiteralString(spec, list)
			} else if i := strings.LastIndex(spec, "]}"); i >= 0 {
				spec = spec[:i] + "," + list + spec[i:]
			}
			if err := os.WriteFile(filepath.Join(ebin, app+".app"), []byte(spec), 0o644); err != nil {
				return manifest{}, err
			}
			apps = append(apps, app)
		}
		folder := app + "-" + version
		if err := b.add(ebin, folder+"/ebin"); err != nil {
			return manifest{}, err
		}
		if priv := filepath.Join(dir, "priv"); isDir(priv) {
			if err := b.add(priv, folder+"/priv"); err != nil {
				return manifest{}, err
			}
		}
	}
	if len(mains) == 0 {
		return manifest{}, fmt.Errorf("%s has no sources: expected src/*.erl or apps/*/src/*.erl", root)
	}
	for _, ebin := range built { // dependencies
		name := filepath.Base(filepath.Dir(ebin))
		if !slices.Contains(apps, name) {
			if err := b.add(ebin, name+"/ebin"); err != nil {
				return manifest{}, err
			}
		}
	}
	return entry(mainModule, apps, mains)
}

// entry chooses what a built project starts with: the module asked for, a module with the name of the only application that has a
// main function, or the application itself.
func entry(mainModule string, apps []string, mains map[string]string) (manifest, error) {
	if mainModule != "" {
		return manifest{Main: mainModule}, checkMain(mains[mainModule], mainModule)
	}
	if len(apps) == 1 {
		if f, ok := mains[apps[0]]; ok && checkMain(f, apps[0]) == nil {
			return manifest{Main: apps[0]}, nil
		}
		return manifest{Application: apps[0]}, nil
	}
	var able []string
	for m, f := range mains {
		if checkMain(f, m) == nil {
			able = append(able, m)
		}
	}
	if len(able) == 1 {
		return manifest{Main: able[0]}, nil
	}
	slices.Sort(able)
	return manifest{}, fmt.Errorf("cannot tell what to start (modules with main/1, main/0 or start/0: %s; applications: %s); say it with --main MODULE",
		strings.Join(able, " "), strings.Join(apps, " "))
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// write puts the runtime and the archive together; nobody sees half a program.
func (b *builder) write(out string, m manifest) error {
	runtime, err := os.ReadFile(b.self)
	if err != nil {
		return err
	}
	if size, ok := programSize(bytes.NewReader(runtime), int64(len(runtime))); ok {
		runtime = runtime[:int64(len(runtime))-size-int64(8+len(programMark))]
	}
	if b.members[manifestName], err = json.Marshal(m); err != nil {
		return err
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	var names []string
	for n := range b.members {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		// stored, so that starting costs no decompression
		w, err := z.CreateHeader(&zip.FileHeader{Name: n, Method: zip.Store})
		if err == nil {
			_, err = w.Write(b.members[n])
		}
		if err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(out), ".gerl-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone after the rename
	tail := binary.BigEndian.AppendUint64(nil, uint64(archive.Len()))
	for _, part := range [][]byte{runtime, archive.Bytes(), tail, []byte(programMark)} {
		if _, err := f.Write(part); err != nil {
			return err
		}
	}
	if err := f.Chmod(0o755); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), out)
}

// programSize is the size of the archive behind an executable, if there is one.
func programSize(r io.ReaderAt, size int64) (int64, bool) {
	tail := make([]byte, 8+len(programMark))
	at := size - int64(len(tail))
	if at < 0 {
		return 0, false
	}
	if _, err := r.ReadAt(tail, at); err != nil || string(tail[8:]) != programMark {
		return 0, false
	}
	n := int64(binary.BigEndian.Uint64(tail))
	return n, n > 0 && n <= at
}

// ownProgram is the archive behind the executable that runs, if gerl build made it.
func ownProgram() (name string, archive []byte, ok bool) {
	name, err := os.Executable()
	if err != nil {
		return "", nil, false
	}
	f, err := os.Open(name)
	if err != nil {
		return "", nil, false
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return "", nil, false
	}
	size, ok := programSize(f, info.Size())
	if !ok {
		return "", nil, false
	}
	archive = make([]byte, size)
	_, err = f.ReadAt(archive, info.Size()-int64(8+len(programMark))-size)
	return name, archive, err == nil
}

// runProgram runs a built program with the arguments of the command line.
func runProgram(name string, archive []byte, args []string) int {
	var m manifest
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err == nil {
		var f io.ReadCloser
		if f, err = z.Open(manifestName); err == nil {
			err = json.NewDecoder(f).Decode(&m)
			_ = f.Close()
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: the program behind the runtime is damaged: %v\n", name, err)
		return 1
	}
	flags := append(environFlags("ERL_AFLAGS"), "-noshell")
	if m.Main != "" {
		flags = append(flags, "-gerl_run", m.Main)
	} else {
		flags = append(flags, "-gerl_start", m.Application)
	}
	return boot(node.Config{Flags: append(append(flags, "-extra"), args...), Preload: programModules}, func(n *node.Node) error {
		return n.AddArchive(name, archive)
	})
}
