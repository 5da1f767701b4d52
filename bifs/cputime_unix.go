//go:build unix

package bifs

import "golang.org/x/sys/unix"

// cpuNanoseconds is the CPU time that the operating system process has used.
func cpuNanoseconds() int64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
