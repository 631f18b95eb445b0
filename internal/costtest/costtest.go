// Package costtest lets tests assert costs without a clock. It counts
// allocations and goroutines of the whole process, so such tests must not run
// in parallel. Only tests use it.
package costtest

import (
	"runtime"
	"testing"
	"time"
)

// WantAllocs fails the test if f makes more than most allocations on average.
// Leave a margin in most for other versions of Go and for the race detector.
func WantAllocs(tb testing.TB, most float64, f func()) {
	tb.Helper()
	got := testing.AllocsPerRun(100, f)
	tb.Logf("%.0f allocations", got)

	if got > most {
		tb.Errorf("%.0f allocations, want %.0f at most", got, most)
	}
}

// WantGoroutines waits until at most most goroutines are left. If more are left
// after 10 seconds, it fails the test and prints their stacks.
func WantGoroutines(tb testing.TB, most int) {
	tb.Helper()
	const patience = 10 * time.Second

	deadline := time.Now().Add(patience)

	for runtime.NumGoroutine() > most {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			tb.Fatalf("there are %d goroutines, want %d\n%s", runtime.NumGoroutine(), most, stacks[:runtime.Stack(stacks, true)])
		}

		runtime.Gosched()
	}
}
