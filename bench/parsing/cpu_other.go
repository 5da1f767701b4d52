//go:build !unix

package main

import "time"

var begin = time.Now()

// used is the time since the start: the CPU time is not known on this system.
func used() time.Duration { return time.Since(begin) }
