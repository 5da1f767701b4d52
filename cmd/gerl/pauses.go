package main

import (
	"fmt"
	"os"
	"runtime/metrics"
)

// tellPauses writes, when the program ends, how long Go's collector has stopped all goroutines, if GERL_PAUSES is set.
func tellPauses() {
	if os.Getenv("GERL_PAUSES") == "" {
		return
	}
	for _, name := range []string{"/sched/pauses/total/gc:seconds", "/sched/pauses/stopping/gc:seconds"} {
		s := []metrics.Sample{{Name: name}}
		metrics.Read(s)
		if s[0].Value.Kind() != metrics.KindFloat64Histogram {
			continue
		}
		h := s[0].Value.Float64Histogram()
		var all uint64
		for _, n := range h.Counts {
			all += n
		}
		fmt.Fprintf(os.Stderr, "%s: %d pauses, median %.0f, 99 %% %.0f, longest %.0f microseconds\n", name, all,
			quantile(h, all, 0.5)*1e6, quantile(h, all, 0.99)*1e6, quantile(h, all, 1)*1e6)
	}
}

// quantile is the upper bound of the bucket in which the q-th part of the values ends.
func quantile(h *metrics.Float64Histogram, all uint64, q float64) float64 {
	var seen uint64
	for i, n := range h.Counts {
		if seen += n; n > 0 && float64(seen) >= q*float64(all) {
			return h.Buckets[i+1]
		}
	}
	return 0
}
