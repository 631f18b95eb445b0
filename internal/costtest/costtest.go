// Package costtest has tests assert what code costs, without a clock. What
// belongs to the whole process is counted, so such tests do not run in parallel.
// It is for tests only, and imports nothing of this repository.
package costtest

import (
	"runtime"
	"testing"
	"time"
)

// WantAllocs fails the test where f allocates more often than most on average.
// A margin in most is for other versions of Go and for the race detector.
func WantAllocs(tb testing.TB, most float64, f func()) {
	tb.Helper()

	got := testing.AllocsPerRun(100, f)
	tb.Logf("%.0f allocations", got)

	if got > most {
		tb.Errorf("%.0f allocations, want %.0f at most", got, most)
	}
}

// WantGoroutines waits until no more than so many goroutines are left, and fails
// the test, with the stacks of all, where that does not come to be.
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
