package permissionassist

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// ErrNoZone is the error of a timestamp that has no time zone.
var ErrNoZone = errors.New("the timestamp has no time zone")

// timestamp is line for a time, which stays as the server reports it. A time
// outside 2000 to 2100 is not a time, such as 0001-01-01T00:00:00, which .NET
// uses for an empty one
// (https://learn.microsoft.com/dotnet/api/system.datetime.minvalue).
func (c *Client) timestamp(s string) string {
	s = c.line(s)
	year := strings.TrimSuffix(leadingYear.FindString(s), "-")
	if year != "" && (len(year) != len("2000") || year < "2000" || year > "2100") {
		return ""
	}
	return s
}

var leadingYear = regexp.MustCompile(`^[-+]?[0-9]{4,}-`)

// ParseTimestamp parses a timestamp as the server reports it: ISO 8601 with or
// without a time zone. A timestamp without one is in the given zone; if that is
// nil, the error is ErrNoZone.
func ParseTimestamp(text string, zone *time.Location) (time.Time, error) {
	// .NET writes no zone for a time of unspecified kind, and up to seven digits
	// of a second, which Go accepts
	// (https://learn.microsoft.com/dotnet/standard/datetime/system-text-json-support).
	for _, clock := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04"} {
		for _, offset := range []string{"Z07:00", "Z0700", "Z07", " Z07:00"} {
			if t, err := time.Parse(clock+offset, text); err == nil {
				return t, nil
			}
		}

		t, err := time.Parse(clock, text)
		switch {
		case err != nil:
		case zone == nil:
			return time.Time{}, ErrNoZone
		default:
			return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a timestamp in ISO 8601 format (for example 2026-02-20T08:15:00Z)", Shorten(text, maxLine))
}
