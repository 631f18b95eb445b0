package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestRFC3339(t *testing.T) {
	t.Parallel()

	p := newProtocol(t, nil)
	for _, tc := range []struct{ timestamp, zone, want string }{
		{"2026-02-20T08:15:00", "America/New_York", "2026-02-20T13:15:00Z"},
		{"2026-07-20T08:15:00.1234567", "America/New_York", "2026-07-20T12:15:00Z"},
		{"2026-02-20T08:15:00Z", "America/New_York", "2026-02-20T08:15:00Z"},
		{"2026-02-20T08:15:00+01:00", "UTC", "2026-02-20T07:15:00Z"},
		{"2026-02-20T08:15:00", "Eastern Standard Time", "2026-02-20T13:15:00Z"},
		{"2026-07-20T08:15:00", "Eastern Standard Time", "2026-07-20T12:15:00Z"},
		{"2026-07-20T08:15:00", "US Mountain Standard Time", "2026-07-20T15:15:00Z"},
	} {
		if got, err := p.call("rfc3339", tc.timestamp, tc.zone); err != nil || got != tc.want {
			t.Errorf("%s in %s is %s, %v", tc.timestamp, tc.zone, got, err)
		}
	}
	if got, err := p.call("rfc3339", nil, "UTC"); err != nil || got != nil {
		t.Errorf("null is %s, %v", got, err)
	}

	// OpenTofu's null.
	resp := send(t.Context(), p, p.server.CallFunction, &tfprotov6.CallFunctionRequest{
		Name: "rfc3339", Arguments: []*tfprotov6.DynamicValue{{}, p.dynamic(tftypes.String, "UTC")},
	})
	if resp.Error != nil {
		t.Errorf("without data: %v", resp.Error)
	}

	for _, tc := range []struct {
		timestamp, zone string
		argument        int64
		want            string
	}{
		{"yesterday", "UTC", 0, `"yesterday" is not a timestamp`},
		{"", "UTC", 0, "ISO 8601"},
		{"2026-02-20T08:15:00", "Eastern Time", 1, `"Eastern Time" is not a time zone`},
		{"2026-02-20T08:15:00Z", "", 1, "IANA"},
		{"2026-02-20T08:15:00Z", "Local", 1, "IANA"},
		{"2026-02-20T08:15:00Z", "../UTC", 1, "IANA"},
	} {
		_, err := p.call("rfc3339", tc.timestamp, tc.zone)
		if err == nil || err.FunctionArgument == nil || *err.FunctionArgument != tc.argument {
			t.Fatalf("%+v: %v", tc, err)
		}
		wantContains(t, err.Text, tc.want)
	}
}
