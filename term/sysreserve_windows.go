package term

import "golang.org/x/sys/windows"

func sysReserve() (base, size uintptr) {
	for size = 16 << 30; size >= 64<<20; size /= 2 {
		a, err := windows.VirtualAlloc(0, size, windows.MEM_RESERVE, windows.PAGE_NOACCESS)
		if err == nil {
			return a, size
		}
	}
	return 0, 0
}

func sysCommit(a, size uintptr) bool {
	_, err := windows.VirtualAlloc(a, size, windows.MEM_COMMIT, windows.PAGE_READWRITE)
	return err == nil
}
