//go:build windows && !race

package term

import "golang.org/x/sys/windows"

// sysMap maps size bytes at a multiple of align and gives 0 when the system refuses. Windows cannot trim a
// reservation: reserve too much, give it back, and take the aligned part; another thread may be faster, so try again.
func sysMap(size, align uintptr) uintptr {
	for range 16 {
		a, err := windows.VirtualAlloc(0, size+align, windows.MEM_RESERVE, windows.PAGE_READWRITE)
		if err != nil {
			return 0
		}
		base := (a + align - 1) &^ (align - 1)
		if windows.VirtualFree(a, 0, windows.MEM_RELEASE) != nil {
			return 0
		}
		if b, err := windows.VirtualAlloc(base, size, windows.MEM_RESERVE|windows.MEM_COMMIT, windows.PAGE_READWRITE); err == nil {
			return b
		}
	}
	return 0
}

func sysUnmap(a, size uintptr) {
	if err := windows.VirtualFree(a, 0, windows.MEM_RELEASE); err != nil {
		panic(err)
	}
}
