package process_test

import (
	"os"
	"runtime/debug"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/process"
)

func TestTune_log(t *testing.T) {
	levels := []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_PERMISSIONASSIST"}
	silent, own := []string{"OFF", "OFF", "OFF", "OFF"}, []string{"OFF", "OFF", "OFF", ""}

	for name, test := range map[string]struct {
		env  map[string]string
		want []string // levels
	}{
		"nothing is set":                {nil, silent},
		"Terraform logs":                {map[string]string{"TF_LOG": "trace"}, own},
		"Terraform logs JSON":           {map[string]string{"TF_LOG": "JSON"}, own},
		"an unknown level is TRACE":     {map[string]string{"TF_LOG": "1"}, own},
		"Terraform logs providers":      {map[string]string{"TF_LOG_PROVIDER": "INFO"}, own},
		"Terraform logs only providers": {map[string]string{"TF_LOG": "OFF", "TF_LOG_PROVIDER": "INFO"}, own},
		"Terraform logs only its core":  {map[string]string{"TF_LOG_CORE": "TRACE"}, silent},
		"off":                           {map[string]string{"TF_LOG": "off"}, silent},
		"off for providers":             {map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "OFF"}, silent},
		"one log has its own level":     {map[string]string{"TF_LOG_SDK_PROTO": "WARN"}, []string{"OFF", "OFF", "WARN", "OFF"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOGC", "100")
			t.Setenv("GOMEMLIMIT", "off")
			for _, name := range append([]string{"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER"}, levels...) {
				t.Setenv(name, test.env[name])
			}

			process.Tune()
			for i, name := range levels {
				if got := os.Getenv(name); got != test.want[i] {
					t.Errorf("%s is %q, want %q", name, got, test.want[i])
				}
			}
		})
	}
}

// An environment variable that sets a limit takes precedence.
func TestTune_garbageCollection(t *testing.T) {
	percent, limit := debug.SetGCPercent(70), debug.SetMemoryLimit(1<<40)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})

	t.Setenv("GOGC", "70")
	t.Setenv("GOMEMLIMIT", "1TiB")
	process.Tune()
	if percent, limit := debug.SetGCPercent(70), debug.SetMemoryLimit(-1); percent != 70 || limit != 1<<40 {
		t.Errorf("with both variables, the limits are %d %% and %d bytes", percent, limit)
	}

	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	process.Tune()
	// The memory limit is below 256 MiB, because the runtime does not count all
	// memory, mostly the program's code.
	if percent, limit := debug.SetGCPercent(70), debug.SetMemoryLimit(-1)>>20; percent <= 100 || limit < 128 || limit > 224 {
		t.Errorf("without the variables, the limits are %d %% and %d MiB", percent, limit)
	}
}
