package node

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/gerl-lang/gerl/eval"
	"github.com/gerl-lang/gerl/stdlib"
)

// libraryDir stands in the list of directories for those of the library inside the program (see library.go).
const libraryDir = "\x00library"

// installedDir stands for those of an installed Erlang/OTP, which are not looked for before they are needed.
const installedDir = "\x00installed"

// codePath is the list of directories that modules are looked for in. The library inside the program has its place among them, and
// behind it the applications of an installed Erlang/OTP but for the ones that must be the library's.
type codePath struct {
	mu        sync.Mutex
	dirs      []string
	installed []string // ebin directories of the installed OTP, found when they are first needed
	searched  bool
	root      string
	scattered bool // dirs has folders of the library that are not in their usual place
}

func (c *codePath) init(first, last []string, erlLibs string) {
	c.dirs = append(append([]string(nil), first...), ".")
	for _, d := range filepath.SplitList(erlLibs) {
		if d != "" {
			c.dirs = append(c.dirs, applicationDirs(d, nil)...)
		}
	}
	c.dirs = append(append(c.dirs, libraryDir, installedDir), last...)
}

// own are the applications that never come from an installed OTP: their modules must fit each other and the machine.
var own = map[string]bool{"erts": true, "kernel": true, "stdlib": true, "compiler": true}

var versioned = regexp.MustCompile(`^(.*?)-(\d+(?:\.\d+)*)$`)

// applicationDirs lists the ebin directories below a folder of applications, the newest version of each. The folder may
// be an application itself.
func applicationDirs(folder string, without map[string]bool) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	newest, archived := map[string]string{}, map[string]string{}
	var names []string
	for _, e := range entries {
		name := e.Name()
		app, version := name, ""
		archive := strings.HasSuffix(name, ".ez")
		if archive {
			app = strings.TrimSuffix(name, ".ez")
		}
		if m := versioned.FindStringSubmatch(app); m != nil {
			app, version = m[1], m[2]
		}
		if without[app] {
			continue
		}
		if archive {
			inside := applicationIn(filepath.Join(folder, name), strings.TrimSuffix(name, ".ez"), app)
			if inside == "" {
				continue
			}
			archived[app+"\x00"+version] = inside
		} else if info, err := os.Stat(filepath.Join(folder, name, "ebin")); err != nil || !info.IsDir() {
			continue
		}
		old, known := newest[app]
		if !known {
			names = append(names, app)
		}
		if !known || olderVersion(old, version) {
			newest[app] = version
		}
	}
	sort.Strings(names)
	var dirs []string
	for _, app := range names {
		name := app
		if v := newest[app]; v != "" {
			name += "-" + v
		}
		if inside := archived[app+"\x00"+newest[app]]; inside != "" {
			name = filepath.Join(name+".ez", inside)
		}
		dirs = append(dirs, filepath.Join(folder, name, "ebin"))
	}
	if info, err := os.Stat(filepath.Join(folder, "ebin")); err == nil && info.IsDir() {
		dirs = append(dirs, filepath.Join(folder, "ebin"))
	}
	return dirs
}

func olderVersion(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(as) && i < len(bs); i++ {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x < y
		}
	}
	return len(as) < len(bs)
}

// OTPRoot finds an installed Erlang/OTP: what GERL_OTP names, else the one whose erl is on the PATH, else the usual places. "" if there is
// none, or if GERL_OTP is empty.
func OTPRoot(getenv func(string) (string, bool)) string {
	if dir, ok := getenv("GERL_OTP"); ok {
		return dir
	}
	var places []string
	if erl, err := exec.LookPath("erl"); err == nil {
		if real, err := filepath.EvalSymlinks(erl); err == nil {
			places = append(places, filepath.Dir(filepath.Dir(real)))
		}
	}
	if runtime.GOOS != "windows" {
		places = append(places, "/usr/lib/erlang", "/usr/local/lib/erlang", "/usr/lib64/erlang", "/opt/homebrew/lib/erlang")
	}
	for _, dir := range places {
		if found, _ := filepath.Glob(filepath.Join(dir, "lib", "stdlib-*")); len(found) > 0 {
			return dir
		}
	}
	return ""
}

// other lists the directories of the installed OTP. The caller holds the lock.
func (c *codePath) other(n *Node) []string {
	if !c.searched {
		c.searched = true
		if c.root = OTPRoot(n.Getenv); c.root != "" {
			c.installed = applicationDirs(filepath.Join(c.root, "lib"), own)
		}
	}
	return c.installed
}

// FindModule implements bifs.ModuleFinder: the bytes of a module: one that was given to the node, one on the path, or the library's.
func (n *Node) FindModule(module string) (data []byte, file string, ok bool) {
	f, ok := n.find(module)
	if f.Image {
		f.File = n.LibraryFile(module)
	}
	return f.Data, f.File, ok
}

func (n *Node) find(module string) (eval.Found, bool) {
	if v, found := n.modules.Load(module); found {
		return eval.Found{Data: v.([]byte)}, true
	}
	if strings.ContainsAny(module, `/\`) {
		return eval.Found{}, false
	}
	n.paths.mu.Lock()
	dirs, scattered := n.paths.dirs, n.paths.scattered
	n.paths.mu.Unlock()
	for _, d := range dirs {
		if d == libraryDir || scattered && n.InLibrary(d) {
			if data, ok := stdlib.Image(module); ok && (d == libraryDir || d == n.libraryEbin(stdlib.FolderOf(module))) {
				return eval.Found{Data: data, Image: true}, true
			}
		} else if d == installedDir {
			n.paths.mu.Lock()
			installed := n.paths.other(n)
			n.paths.mu.Unlock()
			for _, d := range installed {
				if data, file, ok := n.moduleIn(d, module); ok {
					return eval.Found{Data: data, File: file}, true
				}
			}
		} else if d != "." || !stdlib.Has(module) {
			if data, file, ok := n.moduleIn(d, module); ok {
				return eval.Found{Data: data, File: file}, true
			}
		}
	}
	if data, ok := stdlib.Image(module); ok { // without its library a node cannot go on, whatever the path is
		return eval.Found{Data: data, Image: true}, true
	}
	return eval.Found{}, false
}

func (n *Node) moduleIn(dir, module string) ([]byte, string, bool) {
	file := filepath.Join(dir, module+".beam")
	place := n.absolute(file) // the code stays the code of this file when the directory changes
	data, err := os.ReadFile(place)
	if err != nil {
		tree, name, ok := n.Inside(place, true)
		if !ok {
			return nil, "", false
		}
		data, err = fs.ReadFile(tree, name)
		return data, file, err == nil
	}
	return data, place, true
}

// absolute places a name that is relative to the node's working directory.
func (n *Node) absolute(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(n.Dir(), name)
}

// CodePath implements bifs.ModuleFinder.
func (n *Node) CodePath() []string {
	n.paths.mu.Lock()
	defer n.paths.mu.Unlock()
	var dirs []string
	for _, d := range n.paths.dirs {
		switch d {
		case libraryDir:
			dirs = append(dirs, n.libraryDirs()...)
		case installedDir:
			dirs = append(dirs, n.paths.other(n)...)
		default:
			dirs = append(dirs, d)
		}
	}
	return dirs
}

// SetCodePath implements bifs.ModuleFinder.
func (n *Node) SetCodePath(dirs []string) {
	n.paths.mu.Lock()
	defer n.paths.mu.Unlock()
	n.paths.other(n)
	n.paths.dirs = n.foldLibrary(dirs)
	n.paths.scattered = slices.ContainsFunc(n.paths.dirs, n.InLibrary)
}

// Root is the directory of the installed OTP, "" if there is none.
func (n *Node) Root() string {
	n.paths.mu.Lock()
	defer n.paths.mu.Unlock()
	n.paths.other(n)
	return n.paths.root
}
