//go:build race || !(linux || darwin || freebsd || netbsd || openbsd || windows)

package term

import (
	"sync"
	"unsafe"
)

// In race builds, and where there is no mmap, block memory is Go memory pinned by this table: the race
// detector can see it.
var pinned struct {
	sync.Mutex
	slices map[uintptr][]uint64
}

func sysMap(size, align uintptr) uintptr {
	s := make([]uint64, (size+align)/WordBytes)
	a := (uintptr(unsafe.Pointer(&s[0])) + align - 1) &^ (align - 1)
	pinned.Lock()
	defer pinned.Unlock()
	if pinned.slices == nil {
		pinned.slices = make(map[uintptr][]uint64)
	}
	pinned.slices[a] = s
	return a
}

func sysUnmap(a, _ uintptr) {
	pinned.Lock()
	defer pinned.Unlock()
	delete(pinned.slices, a)
}
