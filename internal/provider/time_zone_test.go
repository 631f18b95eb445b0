package provider

import (
	"strings"
	"testing"
)

// Go's own time zones have every zone of the table, which has every Windows
// zone.
func TestWindowsZones(t *testing.T) {
	t.Parallel()

	lines := strings.Split(strings.TrimSpace(windowsZones), "\n")
	if len(lines) < 130 {
		t.Errorf("only %d zones", len(lines))
	}
	for _, line := range lines {
		windows, iana, found := strings.Cut(line, "\t")
		zone, err := loadZone(windows)
		if !found || err != nil || zone.String() != iana {
			t.Errorf("%q: %v, %v", line, zone, err)
		}
	}
}
