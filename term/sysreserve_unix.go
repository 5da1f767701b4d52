//go:build linux || darwin || freebsd || netbsd || openbsd

package term

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// sysReserve reserves addresses for literals, fewer where the system limits address space. They
// take no memory until sysCommit.
func sysReserve() (base, size uintptr) {
	for size = 16 << 30; size >= 64<<20; size /= 2 {
		p, err := unix.MmapPtr(-1, 0, nil, size, unix.PROT_NONE, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err == nil {
			return uintptr(p), size
		}
	}
	return 0, 0
}

func sysCommit(a, size uintptr) bool {
	return unix.Mprotect(unsafe.Slice((*byte)(at(a)), size), unix.PROT_READ|unix.PROT_WRITE) == nil
}
