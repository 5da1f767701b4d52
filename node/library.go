package node

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gerl-lang/gerl/stdlib"
)

// library is the library as files. They lie below the name of the program, as those of an archive do below the archive's: no other program
// finds anything there, and for the functions of gerl the operating system's answer (a file is no directory) says that it is time to look here.
type library struct {
	once sync.Once
	root string // the program, with slashes
	tree fs.FS
}

func (n *Node) libraryTree() (fs.FS, string) {
	l := &n.library
	l.once.Do(func() {
		program, err := os.Executable()
		if err != nil {
			program = "/gerl"
		}
		modified := time.Unix(0, 0)
		if info, err := os.Stat(program); err == nil {
			modified = info.ModTime()
		}
		l.root, l.tree = filepath.ToSlash(program), stdlib.Tree(modified)
	})
	return l.tree, l.root
}

// LibraryRoot implements bifs.ModuleFinder: what is the root of an installation of OTP for the library inside the program.
func (n *Node) LibraryRoot() string {
	_, root := n.libraryTree()
	return root
}

func (n *Node) libraryEbin(folder string) string { return n.LibraryRoot() + "/lib/" + folder + "/ebin" }

// InLibrary implements bifs.ModuleFinder.
func (n *Node) InLibrary(dir string) bool {
	rest, ok := strings.CutPrefix(filepath.ToSlash(dir), n.LibraryRoot()+"/lib/")
	folder, _, _ := strings.Cut(rest, "/")
	return ok && slices.ContainsFunc(stdlib.Applications(), func(app stdlib.Application) bool { return app.Dir() == folder })
}

// LibraryFile implements bifs.ModuleFinder: the name of the file that a module of the library would have, "" for others.
func (n *Node) LibraryFile(module string) string {
	folder := stdlib.FolderOf(module)
	if folder == "" {
		return ""
	}
	return n.libraryEbin(folder) + "/" + module + ".beam"
}

// libraryDirs are the library's folders of code in the order that OTP has them in: kernel, stdlib, then the others from z to a.
func (n *Node) libraryDirs() []string {
	var first, others []string
	for _, app := range stdlib.Applications() {
		if app.Name == "kernel" || app.Name == "stdlib" {
			first = append(first, n.libraryEbin(app.Dir()))
		} else {
			others = append(others, n.libraryEbin(app.Dir()))
		}
	}
	slices.Reverse(others)
	return append(first, others...)
}

// foldLibrary puts the one name in the place of all of the library's folders, if they are together.
func (n *Node) foldLibrary(dirs []string) []string {
	all := n.libraryDirs()
	for i := range dirs {
		if dirs[i] == all[0] && len(dirs)-i >= len(all) && slices.Equal(dirs[i:i+len(all)], all) {
			return append(append(append([]string(nil), dirs[:i]...), libraryDir), dirs[i+len(all):]...)
		}
	}
	return dirs
}

// Inside implements bifs.ModuleFinder: what a path leads to that goes on behind the name of a file, the program itself or an archive. For
// loading code any file whose name ends in .ez is an archive.
func (n *Node) Inside(name string, loading bool) (fs.FS, string, bool) {
	name = filepath.ToSlash(name)
	r, member := n.inArchive(name)
	tree, root := n.libraryTree()
	if rest, ok := strings.CutPrefix(name, root+"/"); ok {
		if r != nil { // a program that gerl build made is an archive itself
			if _, err := fs.Stat(r, member); err == nil {
				return r, member, true
			}
		}
		return tree, path.Clean(rest), true
	}
	if r != nil {
		return r, member, true
	}
	if loading {
		if r, member := n.openArchive(name); r != nil {
			return r, member, true
		}
	}
	return nil, "", false
}
