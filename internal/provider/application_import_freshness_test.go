package provider_test

import (
	"cmp"
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
			end, status := "null", cmp.Or(test.status, "finished")
			if test.end != nil {
				end = `"` + test.end() + `"`
			}
			tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: sandbox.Respond(200, "application/json",
				`{"id":"`+importedID+`","number":7,"status":"`+status+`","buildEnd":`+end+`}`)})
			config := values{"id": importedID, "max_age": "24h"}
			if test.zone != "" {
				config["time_zone"] = test.zone
			}
			p := configuredProtocol(t, tg)
			for _, read := range []func(string, values) (values, []*tfprotov6.Diagnostic){p.readData, p.open} {
				attributes, diags := read(importDataType, config)
				attributes.wantValues(t, values{"is_fresh": test.want})
				if text := details(diags); (text == "") != (test.warns == "") || !strings.Contains(text, test.warns) {
					t.Errorf("the warnings are %q, want %q", text, test.warns)
				}
			}

			delete(config, "max_age")
			p.cleanOpen(importDataType, config).wantValues(t, values{"is_fresh": nil, "log": nil})
		})
	}
}
