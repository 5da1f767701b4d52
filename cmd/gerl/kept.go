package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// keptName is the file beside a folder of compiled modules that says what they were made from.
const keptName = "gerl-build.json"

// keptState is what a folder of compiled modules was made from, so that only what has changed is compiled again.
type keptState struct {
	Key     string // of options, environment and program: another one makes all modules stale
	Modules map[string]keptModule
}

// keptModule is one compiled module; the key in keptState.Modules is its source.
type keptModule struct {
	Files map[string]string // checksums of all files that were read
	Beam  string            // size and time of the compiled module
}

// loadKept reads the state of a folder. What does not fit counts as nothing.
func loadKept(dir, key string) keptState {
	var s keptState
	data, err := os.ReadFile(filepath.Join(filepath.Dir(dir), keptName))
	if err != nil || json.Unmarshal(data, &s) != nil || s.Key != key {
		return keptState{Key: key, Modules: map[string]keptModule{}}
	}
	return s
}

// save writes the state, so that nobody sees half of it.
func (s keptState) save(dir string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	name := filepath.Join(filepath.Dir(dir), keptName)
	tmp := fmt.Sprintf("%s.%d", name, os.Getpid())
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}

// stale lists the sources that have to be compiled.
func (s keptState) stale(dir string, sources []string) []string {
	sums := map[string]string{}
	return slices.DeleteFunc(slices.Clone(sources), func(source string) bool {
		m, ok := s.Modules[source]
		if !ok || len(m.Files) == 0 || m.Beam != stampOf(beamFile(dir, source)) {
			return false
		}
		for name, sum := range m.Files {
			if _, known := sums[name]; !known {
				sums[name] = sumOf(name)
			}
			if sums[name] != sum {
				return false
			}
		}
		return true
	})
}

// note enters what the compiler says it has read.
func (s keptState) note(dir, dependencies string, compiled []string) error {
	for _, c := range compiled {
		delete(s.Modules, c)
	}
	data, err := os.ReadFile(dependencies)
	if os.IsNotExist(err) {
		return nil // Erlang code was at work: what it has read is not known
	}
	if err != nil {
		return err
	}
	read := map[string][]string{}
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	for source, names := range read {
		m := keptModule{Files: map[string]string{}, Beam: stampOf(beamFile(dir, source))}
		for _, n := range append(names, source) {
			if sum := sumOf(n); sum != "" { // the library's headers are part of the program
				m.Files[n] = sum
			}
		}
		s.Modules[source] = m
	}
	return nil
}

// forget drops modules that have no source any more, and their compiled files.
func (s keptState) forget(dir string, sources []string) error {
	for source := range s.Modules {
		if !slices.Contains(sources, source) {
			delete(s.Modules, source)
		}
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*.beam"))
	for _, f := range found {
		if !slices.ContainsFunc(sources, func(s string) bool { return beamFile(dir, s) == f }) {
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func beamFile(dir, source string) string {
	return filepath.Join(dir, strings.TrimSuffix(filepath.Base(source), ".erl")+".beam")
}

// keptKey sums up what all modules of a folder depend on: the program, the command, the environment, and the names of headers that an
// include could find.
func keptKey(self string, args, includes, sources []string) string {
	h := sha256.New()
	wd, _ := os.Getwd()
	fmt.Fprintf(h, "1 %s %q %q %q %q\n", stampOf(self), wd, args, os.Getenv("ERL_COMPILER_OPTIONS"), os.Getenv("ERL_LIBS"))
	dirs := slices.Clone(includes)
	for _, s := range sources {
		dirs = append(dirs, filepath.Dir(s))
	}
	slices.Sort(dirs)
	for _, d := range slices.Compact(dirs) {
		headers, _ := filepath.Glob(filepath.Join(d, "*.hrl"))
		fmt.Fprintf(h, "%q\n", headers)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func stampOf(name string) string {
	info, err := os.Stat(name)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
}

func sumOf(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}
