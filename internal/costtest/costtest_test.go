package costtest_test

import (
	"runtime"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/costtest"
)

// verdict is a test whose failure is looked at.
type verdict struct {
	testing.TB

	failed bool
}

// Helper and Logf leave the test that looks out of it.
func (v *verdict) Helper() {}

// Logf says nothing.
func (v *verdict) Logf(string, ...any) {}

// Errorf notes the failure.
func (v *verdict) Errorf(string, ...any) { v.failed = true }

func TestWantAllocs(t *testing.T) {
	var kept []*[64]byte

	for most, fails := range map[float64]bool{0: true, 1: true, 2: false, 3: false} {
		v := &verdict{TB: t}

		costtest.WantAllocs(v, most, func() { kept = []*[64]byte{new([64]byte)} })

		if v.failed != fails {
			t.Errorf("2 allocations, %v allowed: failed is %t", most, v.failed)
		}
	}

	runtime.KeepAlive(kept)
}

// Goroutines that are about to end are waited for.
func TestWantGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()

	for range 10 {
		go runtime.Gosched()
	}

	costtest.WantGoroutines(t, before)
}
