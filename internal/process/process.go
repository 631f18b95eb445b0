// Package process sets up the process that a provider runs in: what becomes of
// its log and its garbage, and of a signal that means Terraform. It is for the
// main program only, and imports nothing of this repository.
package process

import (
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

// garbagePercent is how much the heap may grow, in percent of what is in use,
// before it is swept. A provider keeps some megabytes and makes garbage of as
// many with each resource that it converts: with Go's usual 100, sweeping is a
// good part of its CPU time (see internal/bench).
const garbagePercent = 400

// Tune makes the process cheaper to run below Terraform: it leaves out log lines
// that Terraform would throw away, and collects garbage less often. Whatever
// the environment says of either wins.
//
// Call it before the provider is served, which is when the log's levels are read.
func Tune() {
	silenceUnreadLog()

	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}

// silenceUnreadLog turns the provider's log off where Terraform would not show
// it. Terraform does not tell a provider so: without a level, every line of
// every library is formatted, sent, and dropped there.
func silenceUnreadLog() {
	for _, name := range []string{"TF_LOG_PROVIDER", "TF_LOG"} {
		// As Terraform reads them: the first that is set decides, and a level
		// that it does not know counts as TRACE.
		if level := os.Getenv(name); level != "" {
			if strings.EqualFold(level, "OFF") {
				break
			}

			return
		}
	}

	for _, name := range logLevels() {
		if os.Getenv(name) == "" {
			// It fails for names and values that no environment can have only.
			_ = os.Setenv(name, "OFF")
		}
	}
}

// logLevels are the variables from which the plugin libraries read the levels of
// their logs, and of this provider's.
func logLevels() []string {
	return []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_PERMISSIONASSIST"}
}

// LeaveSIGTERMToTerraform keeps the provider alive when a whole process group
// is told to terminate, as CI runners do. Terraform gets the signal too, asks
// its providers to stop and needs their answers, with which it saves what they
// have just made. (The plugin library does the same for SIGINT, but not for
// SIGTERM.) A provider whose Terraform is gone has nobody to answer and ends.
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
