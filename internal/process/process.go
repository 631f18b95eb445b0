// Package process sets up the provider's process: log levels, garbage
// collection and SIGTERM. Only the main program uses it, and it imports nothing
// else of this repository.
package process

import (
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"syscall"
)

// gcPercent is how much the heap may grow, in percent of the live heap, before
// the next garbage collection. The live heap is a few megabytes, and each
// resource adds as much garbage: with Go's default of 100, a large part of the
// provider's CPU time is garbage collection (see internal/bench).
const gcPercent = 400

// memoryLimit is how much memory the Go runtime may use before it collects
// garbage regardless of gcPercent. At 400 %, ten waits for imports with 8 MiB
// logs, which keep about 100 MiB alive, grow to more than 450 MiB, and a small
// container kills the provider. With this limit they stay below 256 MiB, the
// program's code included, for the same CPU time.
const memoryLimit = 160 << 20

// Tune makes the process cheaper to run under Terraform: it turns off log lines
// that Terraform would drop, and tunes the garbage collection. Environment
// variables that set any of these take precedence.
//
// Call it before serving the provider: that is when the log levels are read.
func Tune() {
	silenceUnreadLog()

	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}

	if os.Getenv("GOMEMLIMIT") == "" {
		limitMemory()
	}
}

// limitMemory sets the memory limit now and after each garbage collection: to
// memoryLimit, or to twice the live heap if that is more, which is what Go's
// default percentage allows. If the live heap reached the limit, the runtime
// would collect all the time: a plan then took three times the CPU time. And it
// does reach it in a plan of some thousands of imports: the framework keeps the
// contexts of all calls until the provider stops, about 60 KiB for each import.
func limitMemory() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetMemoryLimit(max(memoryLimit, 2*int64(live[0].Value.Uint64())))

	// Nothing refers to it, so the next collection finds it and calls limitMemory.
	runtime.AddCleanup(new([64]byte), func(struct{}) { limitMemory() }, struct{}{})
}

// silenceUnreadLog turns the provider's log off if Terraform would not show it.
// Terraform does not tell a provider: without a level, every line of every
// library is formatted, sent to Terraform, and dropped there.
func silenceUnreadLog() {
	for _, name := range []string{"TF_LOG_PROVIDER", "TF_LOG"} {
		// Terraform's own rules: the first variable that is set decides, and an
		// unknown level counts as TRACE.
		if level := os.Getenv(name); level != "" {
			if strings.EqualFold(level, "OFF") {
				break
			}

			return
		}
	}

	for _, name := range logLevels() {
		if os.Getenv(name) == "" {
			// It can only fail for invalid names and values.
			_ = os.Setenv(name, "OFF")
		}
	}
}

// logLevels returns the variables that set the log levels of the plugin
// libraries and of this provider.
func logLevels() []string {
	return []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_PERMISSIONASSIST"}
}

// LeaveSIGTERMToTerraform keeps the provider alive if its whole process group
// gets a SIGTERM, as CI runners send it. Terraform gets the signal too, tells its
// providers to stop, and needs their responses to save what they have just
// created. (The plugin library ignores SIGINT for the same reason, but not
// SIGTERM.) If Terraform is gone, SIGTERM ends the provider.
func LeaveSIGTERMToTerraform() {
	terminations := make(chan os.Signal, 1)
	signal.Notify(terminations, syscall.SIGTERM)

	terraform := os.Getppid()

	go func() {
		for range terminations {
			if os.Getppid() != terraform {
				os.Exit(1)
			}
		}
	}()
}
