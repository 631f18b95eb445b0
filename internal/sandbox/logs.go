package sandbox

import (
	"encoding/json"
	"fmt"
	"time"
)

// The documentation mentions an import's log and metrics, but does not show
// their form. These are invented; nothing should depend on their wording.

// addLog adds a line to the log of an import.
func (i *Import) addLog(at time.Time, level, format string, args ...any) {
	line := at.UTC().Format(time.DateTime) + " [" + level + "] " + fmt.Sprintf(format, args...)
	if i.Log != "" {
		line = i.Log + "\n" + line
	}
	i.Log = line
}

// logFailure ends the log with the reason, as logs usually do.
func (i *Import) logFailure(a *Application, start, end time.Time) {
	switch {
	case a == nil:
		i.addLog(end, "ERR", "The application was removed")
		return
	case a.FailLog != "":
		i.Log = a.FailLog
		return
	}
	i.addLog(start, "INF", "Connecting to the source of %s", a.Name)
	for attempt := 1; attempt <= 3; attempt++ {
		i.addLog(end, "WRN", "Attempt %d of 3 failed: a network-related error occurred while establishing a connection", attempt)
	}
	i.addLog(end, "ERR", "Import #%d failed: Login failed for user 'svc_permissionassist'", i.Number)
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
