package bifs

import (
	"os"

	"golang.org/x/sys/unix"
)

// allocate reserves room for a part of a file, which grows if it ends before.
func allocate(f *os.File, offset, length int64) error {
	return unix.Fallocate(int(f.Fd()), 0, offset, length)
}
