package process_test

import (
	"os"
	"runtime/debug"
	"testing"

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
		"Terraform logs providers only": {map[string]string{"TF_LOG": "OFF", "TF_LOG_PROVIDER": "INFO"}, untouched},
		"Terraform logs its core only":  {map[string]string{"TF_LOG_CORE": "TRACE"}, silent},
		"off":                           {map[string]string{"TF_LOG": "off"}, silent},
		"off for providers":             {map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "OFF"}, silent},
		"a log has a level of its own": {map[string]string{"TF_LOG_SDK_PROTO": "WARN"}, map[string]string{
			"TF_LOG_SDK": "OFF", "TF_LOG_SDK_FRAMEWORK": "OFF", "TF_LOG_SDK_PROTO": "WARN", "TF_LOG_PROVIDER_PERMISSIONASSIST": "OFF",
		}},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOGC", "100")

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

func TestTune_garbage(t *testing.T) {
	before := debug.SetGCPercent(70)
	t.Cleanup(func() { debug.SetGCPercent(before) })

	t.Setenv("GOGC", "70")
	process.Tune()

	if got := debug.SetGCPercent(70); got != 70 {
		t.Errorf("With GOGC set, the heap may grow by %d %%, want what GOGC says, 70 %%.", got)
	}

	t.Setenv("GOGC", "")
	process.Tune()

	if got := debug.SetGCPercent(70); got <= 100 {
		t.Errorf("Without GOGC, the heap may grow by %d %%, want more than Go's usual 100 %%.", got)
	}
}
