package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestRFC3339(t *testing.T) {
	t.Parallel()

	p := newProtocol(t)
	null := tftypes.NewValue(tftypes.String, nil)
	for _, test := range []struct {
		timestamp tftypes.Value
		zone      string
		want      tftypes.Value
	}{
		{str("2026-02-20T08:15:00"), "America/New_York", str("2026-02-20T13:15:00Z")},
		{str("2026-07-20T08:15:00.1234567"), "America/New_York", str("2026-07-20T12:15:00Z")},
		{str("2026-02-20T08:15:00Z"), "America/New_York", str("2026-02-20T08:15:00Z")},
		{str("2026-02-20T08:15:00+01:00"), "UTC", str("2026-02-20T07:15:00Z")},
		{str("2026-02-20T08:15:00"), "Eastern Standard Time", str("2026-02-20T13:15:00Z")},
		{str("2026-07-20T08:15:00"), "Eastern Standard Time", str("2026-07-20T12:15:00Z")},
		{str("2026-07-20T08:15:00"), "US Mountain Standard Time", str("2026-07-20T15:15:00Z")},
		{null, "UTC", null},
	} {
		got, err := p.call("rfc3339", test.timestamp, str(test.zone))
		if err != nil || !got.Equal(test.want) {
			t.Errorf("%s in %s is %s, %v", test.timestamp, test.zone, got, err)
		}
	}

	// OpenTofu's null.
	zone, err := tfprotov6.NewDynamicValue(tftypes.String, str("UTC"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := p.server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{
		Name: "rfc3339", Arguments: []*tfprotov6.DynamicValue{{}, &zone},
	})
	if err != nil || resp.Error != nil {
		t.Errorf("without data: %v, %v", resp, err)
	}

	for _, test := range []struct {
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
		_, err := p.call("rfc3339", str(test.timestamp), str(test.zone))
		if err == nil || err.FunctionArgument == nil || *err.FunctionArgument != test.argument {
			t.Fatalf("%+v: %v", test, err)
		}
		expectAll(t, err.Text, test.want)
	}
}
