package permissionassist

import (
	"errors"
	"testing"
	"time"
)

func TestParseTimestamp(t *testing.T) {
	t.Parallel()

	eastern := time.FixedZone("", -5*60*60)
	for text, want := range map[string]struct {
		zone   *time.Location
		parsed string // empty if the text is not a timestamp
	}{
		"2026-02-20T08:15:00Z":               {nil, "2026-02-20T08:15:00Z"},
		"2026-02-20T08:15:00.1234567Z":       {eastern, "2026-02-20T08:15:00.1234567Z"},
		"2026-02-20T08:15:00-05:00":          {nil, "2026-02-20T13:15:00Z"},
		"2026-02-20T08:15:00.5+0530":         {nil, "2026-02-20T02:45:00.5Z"},
		"2026-02-20 08:15:00 +01:00":         {nil, "2026-02-20T07:15:00Z"},
		"2026-02-20T08:15:00+01":             {nil, "2026-02-20T07:15:00Z"},
		"2026-02-20T08:15Z":                  {nil, "2026-02-20T08:15:00Z"},
		"2026-02-20T08:15:00":                {eastern, "2026-02-20T13:15:00Z"},
		"2026-02-20 08:15:00.1234567":        {eastern, "2026-02-20T13:15:00.1234567Z"},
		"2026-02-20T08:15":                   {time.UTC, "2026-02-20T08:15:00Z"},
		"":                                   {time.UTC, ""},
		"2026-02-20":                         {time.UTC, ""},
		"20 February 2026":                   {time.UTC, ""},
		"2026-02-30T08:15:00Z":               {time.UTC, ""},
		"2026-02-20T08:15:00Z and much more": {time.UTC, ""},
	} {
		got, err := ParseTimestamp(text, want.zone)
		if (err == nil) != (want.parsed != "") || err == nil && got.UTC().Format(time.RFC3339Nano) != want.parsed {
			t.Errorf("%q is %s, %v, want %q", text, got, err, want.parsed)
		}
	}

	if _, err := ParseTimestamp("2026-02-20T08:15:00", nil); !errors.Is(err, ErrNoZone) {
		t.Errorf("without a zone: %v", err)
	}
}
