package provider

import (
	_ "embed"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // a small container or Windows has no time zones

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// windowsZones has Windows' names of time zones and IANA's, as CLDR maps them
// (unicode-org/cldr, common/supplemental/windowsZones.xml, version 48.2). The
// command that generates it is in internal/tools/windowszones.
//
//go:embed windows_zones.txt
var windowsZones string

// loadZone returns the time zone of an IANA name or of a Windows name. Go also
// accepts "" and "Local", which depend on the machine.
func loadZone(name string) (*time.Location, error) {
	iana := name
	for line := range strings.Lines(windowsZones) {
		if windows, zone, _ := strings.Cut(strings.TrimSpace(line), "\t"); windows == name {
			iana = zone
		}
	}
	zone, err := time.LoadLocation(iana)
	if err != nil || name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is not a time zone: use an IANA name such as America/New_York, or a Windows name such as Eastern Standard "+
			"Time (on the server, PowerShell's (Get-TimeZone).Id prints it)", permissionassist.Shorten(name, maxQuoted))
	}
	return zone, nil
}

func timeZoneCheck() stringCheck {
	const must = "must be the name of a time zone, such as America/New_York or Eastern Standard Time"
	return stringCheck{"time zone", must, func(value string) error {
		_, err := loadZone(value)
		return err
	}}
}
