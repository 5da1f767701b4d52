//go:build !unix

package bifs

import "time"

var started = time.Now()

// cpuNanoseconds estimates the CPU time by the time since the start where the system does not tell.
func cpuNanoseconds() int64 { return int64(time.Since(started)) }
