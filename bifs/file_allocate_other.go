//go:build !linux

package bifs

import (
	"os"
	"syscall"
)

// allocate is not supported: other systems have no call that does this and nothing else.
func allocate(*os.File, int64, int64) error { return syscall.ENOTSUP }
