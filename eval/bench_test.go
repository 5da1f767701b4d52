//go:build unix

package eval

import (
	"syscall"
	"testing"

	"github.com/gerl-lang/gerl/term"
)

// cpuTime is the processor time of this Go process in nanoseconds: on a busy machine the clock says nothing.
func cpuTime() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// Benchmarks run whole programs of testdata/basic.erl on one worker.
func bench(b *testing.B, f string, args ...term.Term) {
	n := newNode(b, 1, "")
	n.call("basic", "id", term.Int(1)) // loads the modules
	b.ResetTimer()
	start := cpuTime()
	for i := 0; i < b.N; i++ {
		n.call("basic", f, args...)
	}
	b.ReportMetric(float64(cpuTime()-start)/1e6/float64(b.N), "cpu-ms/op")
}

func BenchmarkFib(b *testing.B)     { bench(b, "fib", term.Int(30)) }
func BenchmarkTak(b *testing.B)     { bench(b, "tak", term.Int(18), term.Int(12), term.Int(6)) }
func BenchmarkNrev(b *testing.B)    { bench(b, "nrevn", term.Int(10000)) }
func BenchmarkCount(b *testing.B)   { bench(b, "count", term.Int(10000000)) }
func BenchmarkMapfold(b *testing.B) { bench(b, "mapfolds", term.Int(10), term.Int(100000)) }
func BenchmarkTrees(b *testing.B)   { bench(b, "trees", term.Int(16)) }
func BenchmarkRing(b *testing.B)    { bench(b, "ring", term.Int(100), term.Int(1000)) }
func BenchmarkSpawns(b *testing.B)  { bench(b, "spawns", term.Int(10000)) }
