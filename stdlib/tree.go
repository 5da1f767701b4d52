package stdlib

import (
	"io"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// Application is one of the library's applications.
type Application struct {
	Name, Version string
	Modules       []string
}

// Dir is the folder of the application in Tree: kernel-11.0.4.
func (a Application) Dir() string { return a.Name + "-" + a.Version }

// Applications lists the library's applications by name. What they are stands in the resource files that go generate has made.
var Applications = sync.OnceValue(func() []Application {
	entries, err := images.ReadDir("ebin")
	if err != nil {
		return nil
	}
	var apps []Application
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".app")
		if !ok {
			continue
		}
		text, err := images.ReadFile("ebin/" + e.Name())
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), `{vsn, "`)
		version, _, _ := strings.Cut(rest, `"`)
		_, rest, _ = strings.Cut(string(text), "{modules, [")
		list, _, _ := strings.Cut(rest, "]")
		apps = append(apps, Application{Name: name, Version: version,
			Modules: strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '\n' || r == ' ' })})
	}
	return apps
})

// places says where each file of Tree is embedded, and what each folder holds.
type places struct {
	files   map[string]string
	folders map[string][]string
	owner   map[string]string // the folder of a module's application
}

var layout = sync.OnceValue(func() places {
	p := places{files: map[string]string{}, folders: map[string][]string{}, owner: map[string]string{}}
	add := func(name, from string) {
		p.files[name] = from
		for child := name; child != "."; child = path.Dir(child) {
			dir := path.Dir(child)
			if slices.Contains(p.folders[dir], path.Base(child)) {
				break
			}
			p.folders[dir] = append(p.folders[dir], path.Base(child))
		}
	}
	for _, app := range Applications() {
		dir := "lib/" + app.Dir()
		add(dir+"/ebin/"+app.Name+".app", "ebin/"+app.Name+".app")
		for _, m := range app.Modules {
			add(dir+"/ebin/"+m+".beam", "ebin/"+m+".beam")
			p.owner[m] = app.Dir()
		}
		entries, _ := headers.ReadDir(app.Name + "/include")
		for _, e := range entries {
			add(dir+"/include/"+e.Name(), app.Name+"/include/"+e.Name())
		}
	}
	for _, names := range p.folders {
		sort.Strings(names)
	}
	return p
})

// FolderOf is the folder of Tree that a module is in, as kernel-11.0.4, "" if the library does not have the module.
func FolderOf(module string) string { return layout().owner[module] }

// Tree is the library as an installation of Erlang/OTP has it: lib/APPLICATION-VERSION/ebin with code and resource files, and include with
// headers. All files have the time that is given.
func Tree(modified time.Time) fs.FS { return tree{modified} }

type tree struct{ modified time.Time }

// Open implements fs.FS.
func (t tree) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	where := layout()
	node := &treeFile{name: path.Base(name), modified: t.modified}
	switch from, ok := where.files[name]; {
	case ok && strings.HasPrefix(from, "ebin/"):
		node.data, _ = images.ReadFile(from)
	case ok:
		node.data, _ = headers.ReadFile(from)
	case where.folders[name] != nil:
		node.folder = true
		for _, child := range where.folders[name] {
			from, isFile := where.files[path.Join(name, child)]
			node.children = append(node.children, &treeFile{name: child, size: sizeOf(from), folder: !isFile, modified: t.modified})
		}
	default:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	node.size = int64(len(node.data))
	return node, nil
}

func sizeOf(from string) int64 {
	in := fs.FS(headers)
	if strings.HasPrefix(from, "ebin/") {
		in = images
	}
	info, err := fs.Stat(in, from)
	if err != nil {
		return 0
	}
	return info.Size()
}

// treeFile is a file or folder that is open, and what is known of it.
type treeFile struct {
	name     string
	data     []byte
	size     int64
	at       int
	folder   bool
	children []fs.DirEntry
	modified time.Time
}

func (f *treeFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *treeFile) Close() error               { return nil }

func (f *treeFile) Read(b []byte) (int, error) {
	if f.folder {
		return 0, &fs.PathError{Op: "read", Path: f.name, Err: fs.ErrInvalid}
	}
	if f.at >= len(f.data) {
		return 0, io.EOF
	}
	n := copy(b, f.data[f.at:])
	f.at += n
	return n, nil
}

// ReadDir implements fs.ReadDirFile.
func (f *treeFile) ReadDir(n int) ([]fs.DirEntry, error) {
	if !f.folder {
		return nil, &fs.PathError{Op: "readdir", Path: f.name, Err: fs.ErrInvalid}
	}
	left := f.children[f.at:]
	if n > 0 && len(left) == 0 {
		return nil, io.EOF
	}
	if n > 0 && n < len(left) {
		left = left[:n]
	}
	f.at += len(left)
	return left, nil
}

func (f *treeFile) Name() string               { return f.name }
func (f *treeFile) Size() int64                { return f.size }
func (f *treeFile) ModTime() time.Time         { return f.modified }
func (f *treeFile) IsDir() bool                { return f.folder }
func (f *treeFile) Sys() any                   { return nil }
func (f *treeFile) Type() fs.FileMode          { return f.Mode().Type() }
func (f *treeFile) Info() (fs.FileInfo, error) { return f, nil }

func (f *treeFile) Mode() fs.FileMode {
	if f.folder {
		return fs.ModeDir | 0o555
	}
	return 0o444
}
