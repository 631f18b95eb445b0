package provider

import "testing"

// Go's own time zones have every zone of the table.
func TestWindowsZones(t *testing.T) {
	t.Parallel()

	for name := range windowsZones {
		if _, err := loadZone(name); err != nil {
			t.Error(err)
		}
	}
}
