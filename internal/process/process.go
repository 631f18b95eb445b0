// Package process sets up the provider's process: log levels, garbage
// collection, SIGTERM, and its end when Terraform is gone. Only the main
// program uses it, and it imports nothing else from this repository.
package process

import (
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

// gcPercent is how much the heap may grow, in percent of the live heap, before
// the next garbage collection (https://go.dev/doc/gc-guide). The live heap is a
// few megabytes, and each resource adds about that much garbage: with Go's
// default of 100, a tenth of the CPU time of a run is garbage collection. At
// 300%, a run with 100 imports stays below 48 MiB (see internal/bench).
const gcPercent = 300

// memoryLimit is how much memory the Go runtime may use before it collects
// garbage regardless of gcPercent. Ten waits for imports with 8 MiB logs keep
// about 100 MiB alive. With this limit they stay below 256 MiB, the program's
// code included; without it, a small container kills the provider.
const memoryLimit = 160 << 20

// Tune makes the process cheaper to run under Terraform: it turns off log lines
// that nobody should see, and tunes the garbage collection. Environment
// variables that set any of these take precedence.
//
// Call it before serving the provider: that is when the log levels are read.
func Tune() {
	setLogLevels()

	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}

	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// setLogLevels turns off the log of the libraries, which has arguments and
// diagnostics, and the provider's own if Terraform would not show it. Without a
// level, they format every line and send it to Terraform, which drops it.
func setLogLevels() {
	off := []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"}
	if !terraformLogs() {
		off = append(off, "TF_LOG_PROVIDER_PERMISSIONASSIST")
	}
	for _, name := range off {
		if os.Getenv(name) == "" {
			// It can only fail for invalid names and values.
			_ = os.Setenv(name, "OFF")
		}
	}
}

// terraformLogs reports whether Terraform shows the log of its providers.
func terraformLogs() bool {
	for _, name := range []string{"TF_LOG_PROVIDER", "TF_LOG"} {
		// Terraform's own rules: the first variable that is set decides, and an
		// unknown level counts as TRACE (hashicorp/terraform,
		// internal/logging/logging.go, providerLogLevel).
		if level := os.Getenv(name); level != "" {
			return !strings.EqualFold(level, "OFF")
		}
	}
	return false
}

// LeaveSIGTERMToTerraform keeps the provider alive if its whole process group
// gets a SIGTERM, as CI runners send it. Terraform gets the signal too, tells
// its providers to stop, and needs their responses to save what they have just
// created. The plugin library ignores SIGINT for the same reason, but not
// SIGTERM (hashicorp/go-plugin#203). EndWithTerraform ends a provider whose
// Terraform is gone.
func LeaveSIGTERMToTerraform() { signal.Ignore(syscall.SIGTERM) }
