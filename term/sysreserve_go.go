//go:build !(linux || darwin || freebsd || netbsd || openbsd || windows)

package term

import "unsafe"

var literalMemory []uint64

func sysReserve() (base, size uintptr) {
	literalMemory = make([]uint64, 32<<20/WordBytes)
	return uintptr(unsafe.Pointer(&literalMemory[0])), 32 << 20
}

func sysCommit(a, size uintptr) bool { return true }
