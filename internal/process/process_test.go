package process_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/process"
)

func TestTune_log(t *testing.T) {
	silent := map[string]string{
		"TF_LOG_SDK": "OFF", "TF_LOG_SDK_FRAMEWORK": "OFF", "TF_LOG_SDK_PROTO": "OFF", "TF_LOG_PROVIDER_PERMISSIONASSIST": "OFF",
	}
	untouched := map[string]string{
		"TF_LOG_SDK": "", "TF_LOG_SDK_FRAMEWORK": "", "TF_LOG_SDK_PROTO": "", "TF_LOG_PROVIDER_PERMISSIONASSIST": "",
	}

	tests := map[string]struct {
		env  map[string]string
		want map[string]string
	}{
		"nothing is set":                {nil, silent},
		"Terraform logs":                {map[string]string{"TF_LOG": "trace"}, untouched},
		"Terraform logs JSON":           {map[string]string{"TF_LOG": "JSON"}, untouched},
		"an unknown level is TRACE":     {map[string]string{"TF_LOG": "1"}, untouched},
		"Terraform logs providers":      {map[string]string{"TF_LOG_PROVIDER": "INFO"}, untouched},
		"Terraform logs only providers": {map[string]string{"TF_LOG": "OFF", "TF_LOG_PROVIDER": "INFO"}, untouched},
		"Terraform logs only its core":  {map[string]string{"TF_LOG_CORE": "TRACE"}, silent},
		"off":                           {map[string]string{"TF_LOG": "off"}, silent},
		"off for providers":             {map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "OFF"}, silent},
		"one log has its own level": {map[string]string{"TF_LOG_SDK_PROTO": "WARN"}, map[string]string{
			"TF_LOG_SDK": "OFF", "TF_LOG_SDK_FRAMEWORK": "OFF", "TF_LOG_SDK_PROTO": "WARN", "TF_LOG_PROVIDER_PERMISSIONASSIST": "OFF",
		}},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOGC", "100")
			t.Setenv("GOMEMLIMIT", "off")

			for _, name := range []string{"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER"} {
				t.Setenv(name, test.env[name])
			}

			for name := range test.want {
				t.Setenv(name, test.env[name])
			}

			process.Tune()

			got := make(map[string]string, len(test.want))
			for name := range test.want {
				got[name] = os.Getenv(name)
			}

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("log levels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTune_gcPercent(t *testing.T) {
	before := debug.SetGCPercent(70)
	t.Cleanup(func() { debug.SetGCPercent(before) })

	t.Setenv("GOMEMLIMIT", "off")

	t.Setenv("GOGC", "70")
	process.Tune()

	if got := debug.SetGCPercent(70); got != 70 {
		t.Errorf("with GOGC=70, the GC percentage is %d", got)
	}

	t.Setenv("GOGC", "")
	process.Tune()

	if got := debug.SetGCPercent(70); got <= 100 {
		t.Errorf("without GOGC, the GC percentage is %d, want more than Go's default of 100", got)
	}
}

// Each case runs in a separate process, because the limit keeps adapting.
func TestTune_memoryLimit(t *testing.T) {
	if os.Getenv(printLimits) != "" {
		tuneAndPrintLimits()
	}

	// Each range is in MiB.
	tests := map[string]struct {
		goMemLimit             string
		atStart, withLargeHeap [2]int64
	}{
		// The limit is below 256 MiB, because the runtime does not count all
		// memory, mostly the program's code.
		"GOMEMLIMIT is not set": {"", [2]int64{128, 224}, [2]int64{2 * largeHeap, 3 * largeHeap}},
		"GOMEMLIMIT is set":     {"1GiB", [2]int64{1024, 1024}, [2]int64{1024, 1024}},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTune_memoryLimit$")
			cmd.Env = append(os.Environ(), printLimits+"=1", "GOGC=100", "GOMEMLIMIT="+test.goMemLimit)

			output, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}

			var atStart, withLargeHeap int64
			if _, err := fmt.Sscan(string(output), &atStart, &withLargeHeap); err != nil {
				t.Fatalf("%v in %q", err, output)
			}

			if atStart < test.atStart[0] || atStart > test.atStart[1] {
				t.Errorf("the memory limit is %d MiB, want one in %v", atStart, test.atStart)
			}

			if withLargeHeap < test.withLargeHeap[0] || withLargeHeap > test.withLargeHeap[1] {
				t.Errorf("with a large heap, the memory limit is %d MiB, want one in %v", withLargeHeap, test.withLargeHeap)
			}
		})
	}
}

const (
	// printLimits is the environment variable that makes TestTune_memoryLimit
	// print limits.
	printLimits = "PROCESS_TEST_PRINT_LIMITS"
	// largeHeap is in MiB.
	largeHeap = 300
)

// tuneAndPrintLimits prints the memory limits at the start and with a large live
// heap, in MiB, and ends the process.
func tuneAndPrintLimits() {
	process.Tune()

	atStart := debug.SetMemoryLimit(-1)
	live := make([]byte, largeHeap<<20)

	runtime.GC()

	if os.Getenv("GOMEMLIMIT") == "" {
		// The runtime calls cleanups some time after a collection.
		for deadline := time.Now().Add(10 * time.Second); debug.SetMemoryLimit(-1) == atStart && time.Now().Before(deadline); {
			runtime.Gosched()
		}
	}

	fmt.Fprintln(os.Stdout, atStart>>20, debug.SetMemoryLimit(-1)>>20)
	runtime.KeepAlive(live)
	os.Exit(0)
}
