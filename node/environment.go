package node

import (
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
)

// environment is a node's own copy of what other programs share with their whole operating system
// process: environment variables and the working directory.
type environment struct {
	mu   sync.RWMutex
	vars map[string]string
	dir  string
}

func (e *environment) init(extra [][2]string) {
	e.vars = make(map[string]string)
	for _, kv := range os.Environ() {
		if i := strings.IndexByte(kv, '='); i > 0 {
			e.vars[kv[:i]] = kv[i+1:]
		}
	}
	for _, kv := range extra {
		e.vars[kv[0]] = kv[1]
	}
	e.dir, _ = os.Getwd()
}

// Getenv implements bifs.Node.
func (n *Node) Getenv(name string) (string, bool) {
	n.env.mu.RLock()
	defer n.env.mu.RUnlock()
	v, ok := n.env.vars[name]
	return v, ok
}

// Setenv implements bifs.Node.
func (n *Node) Setenv(name, value string) {
	n.env.mu.Lock()
	defer n.env.mu.Unlock()
	n.env.vars[name] = value
}

// Unsetenv implements bifs.Node.
func (n *Node) Unsetenv(name string) {
	n.env.mu.Lock()
	defer n.env.mu.Unlock()
	delete(n.env.vars, name)
}

// Environ implements bifs.Node: all variables as NAME=value, sorted.
func (n *Node) Environ() []string {
	n.env.mu.RLock()
	defer n.env.mu.RUnlock()
	list := make([]string, 0, len(n.env.vars))
	for k, v := range n.env.vars {
		list = append(list, k+"="+v)
	}
	sort.Strings(list)
	return list
}

// Dir implements bifs.Node.
func (n *Node) Dir() string {
	n.env.mu.RLock()
	defer n.env.mu.RUnlock()
	return n.env.dir
}

// Chdir implements bifs.Node.
func (n *Node) Chdir(dir string) error {
	if dir == "" {
		return &fs.PathError{Op: "chdir", Path: dir, Err: syscall.ENOENT}
	}
	n.env.mu.Lock()
	defer n.env.mu.Unlock()
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(n.env.dir, dir)
	}
	dir = filepath.Clean(dir)
	info, err := os.Stat(dir)
	if tree, member, ok := n.Inside(dir, false); err != nil && ok { // a directory of the library, or in an archive
		info, err = fs.Stat(tree, member)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "chdir", Path: dir, Err: syscall.ENOTDIR}
	}
	n.env.dir = dir
	return nil
}
