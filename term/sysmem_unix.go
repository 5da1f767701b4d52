//go:build (linux || darwin || freebsd || netbsd || openbsd) && !race

package term

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// sysMap maps size bytes at a multiple of align and gives 0 when the system refuses.
func sysMap(size, align uintptr) uintptr {
	p, err := unix.MmapPtr(-1, 0, nil, size+align, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return 0
	}
	a := uintptr(p)
	base := (a + align - 1) &^ (align - 1)
	if base > a {
		sysUnmap(a, base-a)
	}
	if rest := a + align - base; rest > 0 {
		sysUnmap(base+size, rest)
	}
	return base
}

func sysUnmap(a, size uintptr) {
	if err := unix.MunmapPtr(unsafe.Pointer(at(a)), size); err != nil {
		panic(err) // only a damaged allocator gets here
	}
}
