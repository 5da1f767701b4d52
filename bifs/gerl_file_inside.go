package bifs

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Some paths go on where a file of the operating system ends: those of the library inside the program and of archives. The functions
// for files ask here when the operating system knows no such file, so that others cost nothing; what can be read there is read-only.

// inside is what a path leads to of which the operating system says that it does not exist.
func inside(node Node, path string, failure error) (fs.FS, string, bool) {
	f, ok := node.(ModuleFinder)
	if !ok || !errors.Is(failure, syscall.ENOTDIR) && !errors.Is(failure, fs.ErrNotExist) {
		return nil, "", false
	}
	return f.Inside(path, false)
}

// instead is the error of an operation there; failure is the operating system's where there is nothing of that name.
func instead(err, failure error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return syscall.ENOENT
	}
	return failure
}

// ReadFile gives the contents of a file as the node sees it; the path is absolute.
func ReadFile(node Node, path string) ([]byte, error) {
	data, failure := os.ReadFile(path)
	if failure == nil {
		return data, nil
	}
	tree, name, ok := inside(node, path, failure)
	if !ok {
		return nil, failure
	}
	if info, err := fs.Stat(tree, name); err == nil && info.IsDir() {
		return nil, syscall.EISDIR
	}
	data, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, instead(err, failure)
	}
	return data, nil
}

func openInside(node Node, path string, failure error) result {
	data, err := ReadFile(node, path)
	if err != nil {
		return fileError(err)
	}
	facts, err := factsInside(node, path, failure)
	if err != nil {
		return fileError(err)
	}
	device := &memory{data: data, read: true, facts: facts}
	return func(p *proc.Process) term.Term {
		return p.Heap.Tuple(term.AtomOk, newResource(p, &openFile{f: device}))
	}
}

func factsInside(node Node, path string, failure error) (*fileFacts, error) {
	tree, name, ok := inside(node, path, failure)
	if !ok {
		return nil, failure
	}
	info, err := fs.Stat(tree, name)
	if err != nil {
		return nil, instead(err, failure)
	}
	seconds := max(0, info.ModTime().Unix()) // directories of archives have no time
	facts := &fileFacts{size: info.Size(), kind: "regular", access: "read", atime: seconds, mtime: seconds, ctime: seconds,
		mode: 0o100000 | int64(info.Mode().Perm()), links: 1}
	if info.IsDir() {
		facts.kind, facts.mode = "directory", 0o040000|int64(info.Mode().Perm())
	}
	return facts, nil
}

func namesInside(node Node, path string, failure error) ([]string, error) {
	tree, name, ok := inside(node, path, failure)
	if !ok {
		return nil, failure
	}
	entries, err := fs.ReadDir(tree, name)
	if err != nil {
		return nil, instead(err, failure)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}
