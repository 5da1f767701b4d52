//go:build unix

package bifs

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func errnoName(e syscall.Errno) string { return unix.ErrnoName(e) }

func statFacts(path string, follow bool) (*fileFacts, error) {
	var st unix.Stat_t
	var err error
	if follow {
		err = unix.Stat(path, &st)
	} else {
		err = unix.Lstat(path, &st)
	}
	if err != nil {
		return nil, err
	}
	facts := factsOf(&st)
	facts.canRead = unix.Access(path, unix.R_OK) == nil
	facts.canWrite = unix.Access(path, unix.W_OK) == nil
	facts.setAccess()
	return facts, nil
}

func handleFacts(f *os.File) (*fileFacts, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return nil, err
	}
	facts := factsOf(&st)
	root := os.Geteuid() == 0
	facts.canRead, facts.canWrite = root || st.Mode&0o444 != 0, root || st.Mode&0o222 != 0
	facts.setAccess()
	return facts, nil
}

func factsOf(st *unix.Stat_t) *fileFacts {
	facts := &fileFacts{size: st.Size, mode: int64(st.Mode), links: int64(st.Nlink), majorDev: int64(st.Dev), minorDev: int64(st.Rdev),
		inode: int64(st.Ino), uid: int64(st.Uid), gid: int64(st.Gid)}
	facts.atime, _ = st.Atim.Unix()
	facts.mtime, _ = st.Mtim.Unix()
	facts.ctime, _ = st.Ctim.Unix()
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		facts.kind = "regular"
	case unix.S_IFDIR:
		facts.kind = "directory"
	case unix.S_IFLNK:
		facts.kind = "symlink"
	case unix.S_IFCHR, unix.S_IFBLK:
		facts.kind = "device"
	default:
		facts.kind = "other"
	}
	return facts
}

func (i *fileFacts) setAccess() {
	switch {
	case i.canRead && i.canWrite:
		i.access = "read_write"
	case i.canRead:
		i.access = "read"
	case i.canWrite:
		i.access = "write"
	default:
		i.access = "none"
	}
}

// The functions of package os try twice or in two ways: these give the error of the one call that Erlang makes.
func unlinkPath(path string) error {
	err := unix.Unlink(path)
	if err == unix.EISDIR {
		return unix.EPERM
	}
	return err
}
func rmdirPath(path string) error {
	return existing(unix.Rmdir(path))
}

// existing is the one of two errors for a folder that is not empty that Erlang always gives: POSIX allows both.
func existing(err error) error {
	if err == unix.ENOTEMPTY {
		return unix.EEXIST
	}
	return err
}
func chmodPath(path string, mode uint32) error { return unix.Chmod(path, mode) }
func renamePath(from, to string) error {
	err := existing(unix.Rename(from, to))
	if err != nil && from == "/" {
		return unix.EINVAL // whatever the system calls it: the root cannot move
	}
	return err
}

// pwriteAll writes at an offset, also in files opened for appending, which package os refuses.
func pwriteAll(f *os.File, data []byte, at int64) error {
	for len(data) > 0 {
		n, err := unix.Pwrite(int(f.Fd()), data, at)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		data, at = data[n:], at+int64(n)
	}
	return nil
}
