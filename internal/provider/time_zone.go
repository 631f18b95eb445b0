package provider

import (
	"fmt"
	"time"
	_ "time/tzdata" // a small container or Windows has no time zones

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// windowsZones maps Windows' names of the time zones of the US and Canada to IANA's,
// as CLDR does (https://www.unicode.org/cldr/charts/latest/supplemental/zone_tzid.html).
// Permission Assist runs on Windows Server in American banks and credit unions.
var windowsZones = map[string]string{
	"Alaskan Standard Time":        "America/Anchorage",
	"Aleutian Standard Time":       "America/Adak",
	"Atlantic Standard Time":       "America/Halifax",
	"Canada Central Standard Time": "America/Regina",
	"Central Standard Time":        "America/Chicago",
	"Eastern Standard Time":        "America/New_York",
	"Hawaiian Standard Time":       "Pacific/Honolulu",
	"Mountain Standard Time":       "America/Denver",
	"Newfoundland Standard Time":   "America/St_Johns",
	"Pacific Standard Time":        "America/Los_Angeles",
	"SA Western Standard Time":     "America/La_Paz",       // Puerto Rico
	"US Eastern Standard Time":     "America/Indianapolis", // Indiana
	"US Mountain Standard Time":    "America/Phoenix",
	"UTC":                          "Etc/UTC",
	"UTC-11":                       "Etc/GMT+11",           // American Samoa
	"West Pacific Standard Time":   "Pacific/Port_Moresby", // Guam
	"Yukon Standard Time":          "America/Whitehorse",
}

// loadZone returns the time zone of an IANA name or of a Windows name. Go also
// accepts "" and "Local", which depend on the machine.
func loadZone(name string) (*time.Location, error) {
	iana, ok := windowsZones[name]
	if !ok {
		iana = name
	}
	zone, err := time.LoadLocation(iana)
	if err != nil || name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is not a time zone: use an IANA name such as America/New_York, or a Windows name of the US or Canada such as "+
			"Eastern Standard Time (on the server, PowerShell's (Get-TimeZone).Id prints it)", permissionassist.Shorten(name, maxQuoted))
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
