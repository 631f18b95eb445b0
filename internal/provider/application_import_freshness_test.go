package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// is_fresh compares the end of a finished import with the clock of this
// machine. If there is no usable time, it is false, and a warning explains why.
func TestApplicationImport_isFresh(t *testing.T) {
	t.Parallel()

	// The fake clock begins on January 1, 2000, so a test first waits for two
	// days.
	const zone = "America/New_York" // five hours behind UTC in January
	ago := func(d time.Duration) string { return time.Now().Add(-d).UTC().Format("2006-01-02T15:04:05Z") }
	local := func(d time.Duration) string { return strings.TrimSuffix(ago(d+5*time.Hour), "Z") }

	for name, test := range map[string]struct {
		end    func() string
		status string
		zone   string
		want   any
		warns  string
	}{
		"fresh":                     {end: func() string { return ago(time.Hour) }, want: true},
		"exactly":                   {end: func() string { return ago(24 * time.Hour) }, want: true},
		"stale":                     {end: func() string { return ago(24*time.Hour + time.Second) }, want: false},
		"without a zone, fresh":     {end: func() string { return local(23 * time.Hour) }, zone: zone, want: true},
		"without a zone, stale":     {end: func() string { return local(25 * time.Hour) }, zone: zone, want: false},
		"zone is not needed":        {end: func() string { return ago(23 * time.Hour) }, zone: zone, want: true},
		"zone is missing":           {end: func() string { return local(time.Hour) }, want: false, warns: "has no time zone. Set time_zone"},
		"no end":                    {want: false, warns: "does not report when it ended"},
		"no time":                   {end: func() string { return "yesterday" }, want: false, warns: "is not a timestamp"},
		"before 2000":               {end: func() string { return "0001-01-01T00:00:00Z" }, want: false, warns: "does not report when it ended"},
		"after 2100":                {end: func() string { return "2101-01-01T00:00:00Z" }, want: false, warns: "does not report when it ended"},
		"in the future":             {end: func() string { return ago(-time.Hour) }, want: false, warns: "is in the future"},
		"clocks differ a little":    {end: func() string { return ago(-time.Minute) }, want: true},
		"failed":                    {end: func() string { return ago(time.Hour) }, status: "Failed", want: false, warns: "is not Finished"},
		"running":                   {status: "Running", want: false, warns: "is not Finished"},
		"another, but it has ended": {end: func() string { return ago(time.Hour) }, status: "Rejected", want: false, warns: "is not Finished"},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			<-time.After(48 * time.Hour)
			tg := newFakeTarget(t, sandbox.Options{})
			end := "null"
			if test.end != nil {
				end = `"` + test.end() + `"`
			}
			status := test.status
			if status == "" {
				status = "finished"
			}
			tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: sandbox.Respond(200, "application/json",
				`{"id":"`+importedID+`","number":7,"status":"`+status+`","buildEnd":`+end+`}`)})
			config := values{"id": str(importedID), "max_age": str("24h")}
			if test.zone != "" {
				config["time_zone"] = str(test.zone)
			}
			p := configuredProtocol(t, tg)
			for range 2 {
				resp := p.readData(importDataType, config)
				opened := p.openEphemeral(importDataType, config)
				for _, got := range []struct {
					attributes values
					diags      []*tfprotov6.Diagnostic
				}{
					{p.attributes(p.schema.DataSourceSchemas[importDataType], resp.State), resp.Diagnostics},
					{p.attributes(p.schema.EphemeralResourceSchemas[importDataType], opened.Result), opened.Diagnostics},
				} {
					got.attributes.expectValues(t, map[string]any{"is_fresh": test.want})
					if text := details(got.diags); (text == "") != (test.warns == "") || !strings.Contains(text, test.warns) {
						t.Errorf("the warnings are %q, want %q", text, test.warns)
					}
				}
			}

			delete(config, "max_age")
			p.opened(importDataType, config).expectValues(t, map[string]any{"is_fresh": nil, "log": nil})
		})
	}
}

// The ephemeral resource finds the same imports as the data source.
func TestApplicationImport_ephemeral(t *testing.T) {
	t.Parallel()

	tg := importsTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)
	for _, config := range []values{
		{"id": str(importedID), "include_log": boolean(true)}, {"application_id": str(appID)},
		{"application_id": str(appID), "number": number(100)}, {"application_id": str(twinID), "statuses": set("Finished"), "max_age": str("1h")},
	} {
		p.opened(importDataType, config).expectValues(t, p.data(importDataType, config).plain())
	}
	expectAll(t, details(p.openEphemeral(importDataType, values{"id": str(noID)}).Diagnostics), `AttributeName("id")`, "Import not found")
}
