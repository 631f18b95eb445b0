package costtest_test

import (
	"runtime"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/costtest"
)

// recorder is a testing.TB that records a failure instead of reporting it.
type recorder struct {
	testing.TB

	failed bool
}

func (r *recorder) Helper() {}

func (r *recorder) Logf(string, ...any) {}

func (r *recorder) Errorf(string, ...any) { r.failed = true }

func TestWantAllocs(t *testing.T) {
	var kept []*[64]byte

	for most, fails := range map[float64]bool{0: true, 1: true, 2: false, 3: false} {
		r := &recorder{TB: t}

		costtest.WantAllocs(r, most, func() { kept = []*[64]byte{new([64]byte)} })

		if r.failed != fails {
			t.Errorf("2 allocations, %v allowed: failed is %t", most, r.failed)
		}
	}

	runtime.KeepAlive(kept)
}

// WantGoroutines waits for goroutines that are about to end.
func TestWantGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()

	for range 10 {
		go runtime.Gosched()
	}

	costtest.WantGoroutines(t, before)
}
