package node

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"sort"
	"strings"
	"sync"
)

// archives are zip files whose members can be read as if the archive were a directory: those of scripts, and any .ez file on the code path.
type archives struct {
	mu    sync.Mutex
	files map[string]*zip.Reader // by the archive's absolute name
}

// AddArchive makes the modules and files of an archive known: its ebin directories come first in the code path.
func (n *Node) AddArchive(name string, data []byte) error {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fmt.Errorf("%s: not an archive: %w", name, err)
	}
	n.archives.mu.Lock()
	if n.archives.files == nil {
		n.archives.files = map[string]*zip.Reader{}
	}
	n.archives.files[name] = r
	n.archives.mu.Unlock()
	seen := map[string]bool{}
	var dirs []string
	for _, f := range r.File {
		dir := path.Dir(strings.TrimSuffix(f.Name, "/"))
		if strings.HasSuffix(f.Name, "/") {
			dir = strings.TrimSuffix(f.Name, "/")
		}
		full := path.Join(name, dir)
		isEbin := path.Base(dir) == "ebin" || dir == "." && strings.HasSuffix(f.Name, ".beam")
		if isEbin && !seen[full] {
			seen[full] = true
			dirs = append(dirs, full)
		}
	}
	sort.Strings(dirs)
	n.paths.mu.Lock()
	n.paths.dirs = append(dirs, n.paths.dirs...)
	n.paths.mu.Unlock()
	return nil
}

// inArchive splits a name into a known archive and the member's name.
func (n *Node) inArchive(name string) (*zip.Reader, string) {
	n.archives.mu.Lock()
	defer n.archives.mu.Unlock()
	for archive, r := range n.archives.files {
		if name == archive {
			return r, ""
		}
		if rest, ok := strings.CutPrefix(name, archive+"/"); ok {
			return r, path.Clean(rest)
		}
	}
	return nil, ""
}

// ArchiveFile gives the contents of a file inside an archive.
func (n *Node) ArchiveFile(name string) ([]byte, bool) {
	r, member := n.inArchive(name)
	if r == nil {
		return nil, false
	}
	f, err := r.Open(member)
	if err != nil {
		return nil, false
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return nil, false
	}
	data, err := io.ReadAll(f)
	return data, err == nil
}

// ArchiveDir lists a directory inside an archive.
func (n *Node) ArchiveDir(name string) ([]string, bool) {
	r, member := n.inArchive(name)
	if r == nil {
		return nil, false
	}
	prefix := member + "/"
	if member == "" || member == "." {
		prefix = ""
	}
	seen := map[string]bool{}
	var names []string
	for _, f := range r.File {
		rest, ok := strings.CutPrefix(f.Name, prefix)
		if !ok {
			continue
		}
		first, _, _ := strings.Cut(rest, "/")
		if first != "" && !seen[first] {
			seen[first] = true
			names = append(names, first)
		}
	}
	sort.Strings(names)
	return names, len(names) > 0
}
