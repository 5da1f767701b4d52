//go:build unix && !linux

package port

import "golang.org/x/sys/unix"

const noSignal = 0

func writeQuietly(fd int, data []byte) (int, error) { return unix.Write(fd, data) }
