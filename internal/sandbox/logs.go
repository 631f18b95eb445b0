package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The documentation mentions an import's log and metrics, but does not show
// their form. These are invented; nothing should depend on their wording.

func logLine(t time.Time, level, format string, args ...any) string {
	return t.UTC().Format("2006-01-02 15:04:05") + " [" + level + "] " + fmt.Sprintf(format, args...)
}

func appendLog(log string, lines ...string) string {
	if log != "" {
		lines = append([]string{log}, lines...)
	}
	return strings.Join(lines, "\n")
}

func applicationName(a *Application) string {
	if a == nil {
		return "an application that was removed"
	}
	return a.Name
}

func startLog(i *Import, a *Application, now time.Time) string {
	return appendLog(i.Log, logLine(now, "INF", "Import #%d of %s started", i.Number, applicationName(a)))
}

func canceledLog(i *Import, now time.Time) string {
	return appendLog(i.Log, logLine(now, "WRN", "Import #%d was canceled", i.Number))
}

func finishLog(i *Import, now time.Time) string {
	return appendLog(i.Log,
		logLine(now, "INF", "Read %d accounts", accounts(i)),
		logLine(now, "INF", "Import #%d finished", i.Number))
}

// failLog ends with the reason, as logs usually do.
func failLog(i *Import, a *Application, start, end time.Time) string {
	switch {
	case a == nil:
		return appendLog(i.Log, logLine(end, "ERR", "The application was removed"))
	case a.FailLog != "":
		return a.FailLog
	}
	log := i.Log
	if log == "" {
		log = startLog(i, a, start)
	}
	return appendLog(log,
		logLine(start, "INF", "Connecting to the source of %s", a.Name),
		logLine(end, "WRN", "Attempt 1 of 3 failed: a network-related error occurred while establishing a connection"),
		logLine(end, "WRN", "Attempt 2 of 3 failed: a network-related error occurred while establishing a connection"),
		logLine(end, "WRN", "Attempt 3 of 3 failed: a network-related error occurred while establishing a connection"),
		logLine(end, "ERR", "Import #%d failed: Login failed for user 'svc_permissionassist'", i.Number))
}

// accounts returns how many accounts an import reads: an arbitrary number, but
// always the same for one import.
func accounts(i *Import) int64 { return 250 + i.Number%50 }

func metrics(i *Import) json.RawMessage {
	return raw(map[string]any{
		"accounts":    map[string]int64{"total": accounts(i), "added": i.Number % 7, "removed": i.Number % 5},
		"permissions": map[string]int64{"total": 4 * accounts(i), "added": i.Number % 11, "removed": i.Number % 3},
		"warnings":    0,
	})
}
