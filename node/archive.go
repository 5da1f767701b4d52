package node

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"
	"sync"
	"time"
)

// archives are zip files whose members can be read as if the archive were a directory: those of scripts, and any .ez file on the code path.
type archives struct {
	mu    sync.Mutex
	files map[string]*zip.Reader // by the archive's absolute name
	// loaded are those that loading code has come upon.
	loaded map[string]loadedArchive
}

type loadedArchive struct {
	members  *zip.Reader
	size     int64
	modified time.Time
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

// applicationIn is the first of the folders in which an archive has code of an application, "" if there is none.
func applicationIn(archive string, folders ...string) string {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return ""
	}
	defer r.Close() //nolint:errcheck // only read
	for _, folder := range folders {
		if info, err := fs.Stat(r, folder+"/ebin"); err == nil && info.IsDir() {
			return folder
		}
	}
	return ""
}

// inArchive splits a name into a known archive and the member's name.
func (n *Node) inArchive(name string) (*zip.Reader, string) {
	n.archives.mu.Lock()
	defer n.archives.mu.Unlock()
	for archive, r := range n.archives.files {
		if name == archive {
			return r, "."
		}
		if rest, ok := strings.CutPrefix(name, archive+"/"); ok {
			return r, path.Clean(rest)
		}
	}
	return nil, ""
}

// openArchive reads the archive that a path leads through: its name ends in .ez. It is read again when the file has changed.
func (n *Node) openArchive(name string) (*zip.Reader, string) {
	i := strings.Index(name, ".ez/")
	if i < 0 {
		if !strings.HasSuffix(name, ".ez") {
			return nil, ""
		}
		i = len(name) - len(".ez")
	}
	archive, member := name[:i+len(".ez")], strings.TrimPrefix(name[i+len(".ez"):], "/")
	info, err := os.Stat(archive)
	if err != nil || !info.Mode().IsRegular() {
		return nil, ""
	}
	n.archives.mu.Lock()
	defer n.archives.mu.Unlock()
	known, ok := n.archives.loaded[archive]
	if !ok || known.size != info.Size() || !known.modified.Equal(info.ModTime()) {
		data, err := os.ReadFile(archive)
		if err != nil {
			return nil, ""
		}
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return nil, ""
		}
		known = loadedArchive{r, info.Size(), info.ModTime()}
		if n.archives.loaded == nil {
			n.archives.loaded = map[string]loadedArchive{}
		}
		n.archives.loaded[archive] = known
	}
	return known.members, path.Clean(member)
}
