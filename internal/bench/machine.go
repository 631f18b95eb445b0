package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// describeMachine returns the properties that affect the figures, and nothing
// that identifies the machine.
func describeMachine(ctx context.Context, cfg Config) ([][2]string, error) {
	version, err := exec.CommandContext(ctx, cfg.Terraform, "version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s version: %w", cfg.Terraform, err)
	}
	terraform, _, _ := strings.Cut(string(version), "\n")

	machine := [][2]string{
		{"CPU", fmt.Sprintf("%s, %d cores", procField("/proc/cpuinfo", "model name", runtime.GOARCH), runtime.NumCPU())},
		{"memory", memory()},
		{"system", runtime.GOOS + "/" + runtime.GOARCH},
		{"Go", strings.TrimPrefix(runtime.Version(), "go")},
		{"Terraform", strings.TrimSpace(terraform)},
		{"hashicorp/time", cfg.FloorVersion},
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		if one := strings.Fields(string(load)); len(one) > 0 {
			machine = append(machine, [2]string{"load before", one[0]})
		}
	}
	return machine, nil
}

// procField returns a field of a file in Linux's /proc, or a default.
func procField(file, name, otherwise string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return otherwise
	}
	for line := range strings.Lines(string(content)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return otherwise
}

func memory() string {
	kib, err := strconv.ParseInt(strings.TrimSuffix(procField("/proc/meminfo", "MemTotal", ""), " kB"), 10, 64)
	if err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%.0f GiB", float64(kib)/(1<<20))
}
