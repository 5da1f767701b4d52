//go:build unix

package scheduler

import (
	"syscall"
	"testing"
	"time"
)

// Rule: idle workers use no processor time to speak of.
func TestIdleIsFree(t *testing.T) {
	start(t, Config{Workers: 4})
	time.Sleep(20 * time.Millisecond)
	var a, b syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &a)
	time.Sleep(200 * time.Millisecond)
	syscall.Getrusage(syscall.RUSAGE_SELF, &b)
	used := time.Duration(b.Utime.Nano() + b.Stime.Nano() - a.Utime.Nano() - a.Stime.Nano())
	if used > 50*time.Millisecond {
		t.Error("idle workers used", used)
	}
}
