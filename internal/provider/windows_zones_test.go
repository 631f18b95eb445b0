package provider

import "testing"

// Go's own time zones have every zone of the table.
func TestWindowsZones(t *testing.T) {
	t.Parallel()

	if len(windowsZones) < 130 {
		t.Errorf("there are only %d names", len(windowsZones))
	}
	for name := range windowsZones {
		if _, err := loadZone(name); err != nil {
			t.Error(err)
		}
	}
}
