package main

import (
	"bufio"
	"encoding/binary"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// releaseStart gives the pages of the program's code and constants back that the start has used: the kernel maps whole neighbourhoods, most
// of which nobody looks at again. What is needed later comes back from the page cache.
func releaseStart() {
	segments := readOnlySegments("/proc/self/exe")
	maps, err := os.Open("/proc/self/maps")
	if err != nil || segments == nil {
		return
	}
	defer maps.Close() //nolint:errcheck // only read
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		// 00400000-00a37000 r-xp 00000000 08:01 1234 /usr/bin/gerl
		f := strings.Fields(lines.Text())
		if len(f) < 6 || f[5] != exe || f[1][1] == 'w' {
			continue
		}
		from, to, _ := strings.Cut(f[0], "-")
		start, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		offset, err3 := strconv.ParseUint(f[2], 16, 64)
		if err1 != nil || err2 != nil || err3 != nil {
			continue
		}
		for _, s := range segments {
			if s[0] <= offset && offset < s[1] {
				_ = dropPages(start, end-start)
				break
			}
		}
	}
}

// readOnlySegments are the parts of an ELF file that are mapped and never written, not even by relocation: [offset, end) each.
func readOnlySegments(file string) (segments [][2]uint64) {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close() //nolint:errcheck // only read
	head := make([]byte, 4096)
	n, _ := f.ReadAt(head, 0)
	if head = head[:n]; n < 64 || string(head[:6]) != "\x7fELF\x02\x01" { // 64 bits, little-endian
		return nil
	}
	const load, writable = 1, 2
	at, size, count := binary.LittleEndian.Uint64(head[32:]), int(binary.LittleEndian.Uint16(head[54:])), int(binary.LittleEndian.Uint16(head[56:]))
	for i := range count {
		k := int(at) + i*size
		if k < 0 || size < 56 || k+56 > n {
			return nil
		}
		h := head[k:]
		if binary.LittleEndian.Uint32(h) == load && binary.LittleEndian.Uint32(h[4:])&writable == 0 {
			offset := binary.LittleEndian.Uint64(h[8:])
			segments = append(segments, [2]uint64{offset &^ 4095, offset + binary.LittleEndian.Uint64(h[32:])})
		}
	}
	return segments
}

func dropPages(start, size uint64) error {
	_, _, e := unix.Syscall(unix.SYS_MADVISE, uintptr(start), uintptr(size), unix.MADV_DONTNEED)
	if e != 0 {
		return e
	}
	return nil
}
