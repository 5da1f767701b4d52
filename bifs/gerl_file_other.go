//go:build !unix

package bifs

import (
	"os"
	"syscall"
)

func errnoName(syscall.Errno) string { return "" }

func statFacts(path string, follow bool) (*fileFacts, error) {
	stat := os.Lstat
	if follow {
		stat = os.Stat
	}
	info, err := stat(path)
	if err != nil {
		return nil, err
	}
	return factsOf(info), nil
}

func handleFacts(f *os.File) (*fileFacts, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return factsOf(info), nil
}

func factsOf(info os.FileInfo) *fileFacts {
	at := info.ModTime().Unix()
	facts := &fileFacts{size: info.Size(), kind: "other", access: "read", mode: int64(info.Mode().Perm()), links: 1, atime: at, mtime: at, ctime: at}
	if info.Mode().Perm()&0o200 != 0 {
		facts.access = "read_write"
	}
	switch {
	case info.Mode().IsRegular():
		facts.kind = "regular"
	case info.IsDir():
		facts.kind = "directory"
	case info.Mode()&os.ModeSymlink != 0:
		facts.kind = "symlink"
	}
	return facts
}

func unlinkPath(path string) error             { return os.Remove(path) }
func rmdirPath(path string) error              { return os.Remove(path) }
func chmodPath(path string, mode uint32) error { return os.Chmod(path, os.FileMode(mode&0o777)) }
func renamePath(from, to string) error         { return os.Rename(from, to) }

func pwriteAll(f *os.File, data []byte, at int64) error {
	_, err := f.WriteAt(data, at)
	return err
}
