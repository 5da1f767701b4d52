package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gerl-lang/gerl/format"
)

// fmtOptions are what the command line of gerl fmt says.
type fmtOptions struct {
	check, diff bool
	paths       []string
}

// fmtCommand formats source files in place; without files, standard input to standard output.
func fmtCommand(args []string) int {
	var o fmtOptions
	for _, a := range args {
		switch a {
		case "--check", "-l":
			o.check = true
		case "-d", "--diff":
			o.diff = true
		case "-":
		default:
			if strings.HasPrefix(a, "-") {
				fmt.Fprintf(os.Stderr, "gerl fmt: unknown option %s\n", a)
				return helpUsage("fmt")
			}
			o.paths = append(o.paths, a)
		}
	}
	if len(o.paths) == 0 {
		return o.stdin()
	}
	status := 0
	for _, p := range o.paths {
		files, err := sourceFiles(p)
		if err != nil {
			fmt.Fprintf(os.Stderr, "gerl fmt: %s: %s\n", p, reason(err))
			status = 2
		}
		for _, f := range files {
			status = max(status, o.file(f))
		}
	}
	return status
}

// sourceFiles lists a file, or the Erlang sources below a directory.
func sourceFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != path && (strings.HasPrefix(d.Name(), ".") || d.Name() == "_build") {
			return filepath.SkipDir
		}
		switch filepath.Ext(name) {
		case ".erl", ".hrl", ".escript":
			if d.Type().IsRegular() {
				files = append(files, name)
			}
		}
		return nil
	})
	return files, err
}

func (o *fmtOptions) stdin() int {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl fmt: standard input: %s\n", reason(err))
		return 2
	}
	out, err := format.Source("standard input", text)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl fmt: %v\n", err)
		return 2
	}
	if o.check || o.diff {
		return o.report("standard input", text, out)
	}
	_, _ = os.Stdout.Write(out)
	return 0
}

func (o *fmtOptions) file(name string) int {
	text, err := os.ReadFile(name)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl fmt: %s: %s\n", name, reason(err))
		return 2
	}
	out, err := format.Source(name, text)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl fmt: %v\n", err)
		return 2
	}
	if o.check || o.diff {
		return o.report(name, text, out)
	}
	if bytes.Equal(text, out) {
		return 0
	}
	info, err := os.Stat(name)
	if err == nil {
		err = replaceFile(name, out, info.Mode().Perm())
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gerl fmt: %s: %s\n", name, reason(err))
		return 2
	}
	return 0
}

// report tells of a file that is not formatted: its name, or how it differs. The exit code is 1.
func (o *fmtOptions) report(name string, text, out []byte) int {
	if bytes.Equal(text, out) {
		return 0
	}
	if o.diff {
		os.Stdout.WriteString(format.Diff(name, text, out))
	} else {
		fmt.Println(name)
	}
	return 1
}

// replaceFile writes a file under a temporary name first, so that nobody sees half of it.
func replaceFile(name string, data []byte, perm fs.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".gerl-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), perm)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
