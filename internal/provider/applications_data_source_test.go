package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const applicationsDataType = "permissionassist_applications"

// The result is ordered by name, ignoring case, then by ID. Names that no
// application has are not an error. All reads share one scan of the three
// pages.
func TestApplicationsDataSource(t *testing.T) {
	t.Parallel()

	archived := func(argument string, value any) values { return values{argument: value, "include_archived": true} }
	for _, d := range []sandbox.Dialect{{}, {NoGetApplication: true, NoGetImport: true, ExtraFields: true, TimesWithoutZone: true}} {
		tg := applicationsTarget(t, d)
		p := configuredProtocol(t, tg)
		p.cleanReadData(applicationsDataType, values{"names": strs()}).wantValues(t, values{
			"applications": []any{}, "ids": []any{}, "missing": []any{},
		})
		tg.wantOnlyRequests(t, "no names", requests{})

		for _, tc := range []struct {
			config  values
			want    string
			missing any
		}{
			{
				archived("name_regex", "(?i)^core|^FIS|^Jack|Branch 00[01]"),
				"Branch 000,Branch 001,Core Banking,core banking,FIS Horizon," + appName, nil,
			},
			{values{"name_regex": "core|Core"}, "Core Banking", nil},
			{values{"priorities": strs("critical", "High")}, "Core Banking," + appName, nil},
			{values{"priorities": strs("Low")}, "", nil},
			{archived("priorities", strs("Low")), "FIS Horizon", nil},
			{values{"priorities": strs("Critical"), "name_regex": "^Core"}, "", nil},
			{values{"names": strs("CORE  banking", "branch 001")}, "Branch 001,Core Banking", []any{}},
			{values{"names": strs("branch 001", "Branch X", "branch x", "")}, "Branch 001", []any{"", "Branch X", "branch x"}},
			{values{"names": strs("FIS Horizon")}, "", []any{"FIS Horizon"}},
			{archived("names", strs("fis horizon")), "FIS Horizon", []any{}},
			{values{"names": strs("Core Banking", "x"), "name_regex": "^FIS"}, "", []any{"x"}},
		} {
			got := p.cleanReadData(applicationsDataType, tc.config)
			got.wantValues(t, values{"missing": tc.missing})
			if names := got.column("applications", "name"); names != tc.want {
				t.Errorf("%v: the applications are %s, want %s", tc.config, names, tc.want)
			}
		}

		p.cleanReadData(applicationsDataType, archived("name_regex", "(?i)core")).wantValues(t, values{"ids": []any{twinID, otherTwin}})
		for want, config := range map[int]values{122: nil, 126: {"include_archived": true}} {
			if ids, _ := plain(p.cleanReadData(applicationsDataType, config)["ids"]).([]any); len(ids) != want {
				t.Errorf("%v: %d applications, want %d", config, len(ids), want)
			}
		}
		tg.wantOnlyRequests(t, "all reads", requests{sandbox.OpListApplications: 3})
	}
}

// If the server does not report them, an application is not archived and has no
// priority.
func TestApplicationsDataSource_unreported(t *testing.T) {
	t.Parallel()

	unnamed, all := appID, true
	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.Inject(sandbox.Fault{
		Operation: sandbox.OpListApplications, Times: -1, Action: sandbox.Respond(http.StatusOK, "application/json",
			`{"items":[{"id":"`+twinID+`","name":"b"},{"id":"`+otherTwin+`","name":"B","priority":null,"isArchived":null},
			{"id":"`+archivedID+`","name":"A","priority":"none","isArchived":true},{"id":"`+strings.ToUpper(unnamed)+`"}]}`),
	})
	p := configuredProtocol(t, tg)
	for _, tc := range []struct {
		config values
		ids    []any
	}{
		{values{"include_archived": all}, []any{unnamed, archivedID, twinID, otherTwin}},
		{nil, []any{unnamed, twinID, otherTwin}},
		{values{"name_regex": "."}, []any{twinID, otherTwin}},
		{values{"name_regex": ""}, []any{unnamed, twinID, otherTwin}},
		{values{"include_archived": all, "names": strs("")}, []any{}},
		{values{"include_archived": all, "priorities": strs("None")}, []any{archivedID}},
	} {
		p.cleanReadData(applicationsDataType, tc.config).wantValues(t, values{"ids": tc.ids})
	}

	tg.sandbox.ClearFaults()
	tg.sandbox.SetToken("another")
	_, diags := configuredProtocol(t, tg).readData(applicationsDataType, nil)
	wantContains(t, details(diags), "Applications could not be listed", "Invalid or expired authentication token", "The token was refused")
}
