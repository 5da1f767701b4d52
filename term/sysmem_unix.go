//go:build (linux || darwin || freebsd || netbsd || openbsd) && !race

package term

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// hugeBytes is the size from which blocks are made of huge pages on Linux: a new generation touches all its pages at once, and the
	// faults of small pages cost as much as the copying.
	hugeBytes    = 4 << 20
	hugePage     = 2 << 20
	madvHugePage = 14 // Linux's MADV_HUGEPAGE
)

// sysMap maps size bytes at a multiple of align and gives 0 when the system refuses.
func sysMap(size, align uintptr) uintptr {
	if size >= hugeBytes {
		align = hugePage
	}
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
	if size >= hugeBytes && runtime.GOOS == "linux" {
		_ = unix.Madvise(bytesAt(base, int(size)), madvHugePage) // advice only
	}
	return base
}

func sysUnmap(a, size uintptr) {
	if err := unix.MunmapPtr(unsafe.Pointer(at(a)), size); err != nil {
		panic(err) // only a damaged allocator gets here
	}
}
