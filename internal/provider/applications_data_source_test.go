package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const applicationsDataType = "permissionassist_applications"

// The result is ordered by name, ignoring case, then by ID. All reads share one
// scan of the three pages.
func TestApplicationsDataSource_filters(t *testing.T) {
	t.Parallel()

	all, names := boolean(true), func(expression string) values {
		return values{"name_regex": str(expression), "include_archived": boolean(true)}
	}
	for name, d := range map[string]sandbox.Dialect{
		"fullest":                {},
		"without inferred paths": {NoGetApplication: true, NoGetImport: true, ExtraFields: true, TimesWithoutZone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := applicationsTarget(t, d)
			p := configuredProtocol(t, tg)
			for want, config := range map[string]values{
				"Branch 000,Branch 001,Core Banking,core banking,FIS Horizon," + appName: names("(?i)^core|^FIS|^Jack|Branch 00[01]"),
				"Core Banking":            {"name_regex": str("core|Core")},
				"Core Banking," + appName: {"priorities": set("critical", "High")},
				"FIS Horizon":             {"priorities": set("Low"), "include_archived": all},
				"":                        {"priorities": set("Critical"), "name_regex": str("^Core")},
			} {
				if got := p.data(applicationsDataType, config).column("applications", "name"); got != want {
					t.Errorf("%v: the applications are %s, want %s", config, got, want)
				}
			}

			p.data(applicationsDataType, names("(?i)core")).expectValues(t, map[string]any{"ids": []any{twinID, otherTwin}})
			p.data(applicationsDataType, values{"priorities": set("Low")}).expectValues(t, map[string]any{"ids": []any{}, "applications": []any{}})
			for want, config := range map[int]values{122: nil, 126: {"include_archived": all}} {
				if ids, _ := plain(p.data(applicationsDataType, config)["ids"]).([]any); len(ids) != want {
					t.Errorf("%v: %d applications, want %d", config, len(ids), want)
				}
			}
			tg.expectRequests(t, "all reads", requests{sandbox.OpListApplications: 3})
		})
	}
}

// Names that no application has are not an error.
func TestApplicationsDataSource_names(t *testing.T) {
	t.Parallel()

	tg := applicationsTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)
	p.data(applicationsDataType, values{"names": set()}).expectValues(t, map[string]any{"applications": []any{}, "ids": []any{}, "missing": []any{}})
	tg.expectRequests(t, "no names", requests{})

	for name, test := range map[string]struct {
		config  values
		want    string
		missing any
	}{
		"all found":        {values{"names": set("CORE  banking", "branch 001")}, "Branch 001,Core Banking", []any{}},
		"renamed":          {values{"names": set("branch 001", "Branch X", "branch x", "")}, "Branch 001", []any{"", "Branch X", "branch x"}},
		"archived":         {values{"names": set("FIS Horizon")}, "", []any{"FIS Horizon"}},
		"archived, listed": {values{"names": set("fis horizon"), "include_archived": boolean(true)}, "FIS Horizon", []any{}},
		"other filters":    {values{"names": set("FIS Horizon", "x"), "include_archived": boolean(true), "name_regex": str("Core")}, "", []any{"x"}},
		"without names":    {values{"name_regex": str("^Core")}, "Core Banking", nil},
	} {
		got := p.data(applicationsDataType, test.config)
		got.expectValues(t, map[string]any{"missing": test.missing})
		if names := got.column("applications", "name"); names != test.want {
			t.Errorf("%s: the applications are %s, want %s", name, names, test.want)
		}
	}
	tg.expectRequests(t, "all names", requests{sandbox.OpListApplications: 3})
}

func TestApplicationsDataSource_config(t *testing.T) {
	t.Parallel()

	newProtocol(t).expectValidation(applicationsDataType, map[string]configCase{
		"null name":        {values{"names": nullIn(set())}, "Null Set Value"},
		"unknown":          {values{"names": unknown(set()), "name_regex": unknownString(), "priorities": unknown(set())}, ""},
		"no expression":    {values{"name_regex": str("Core (")}, `The value "Core (" must be a regular expression in RE2's syntax`},
		"no priorities":    {values{"priorities": set()}, "must contain at least 1 elements"},
		"unknown priority": {values{"priorities": set("High", "Urgent")}, `got: "Urgent"`},
		"null priority":    {values{"priorities": nullIn(set())}, "Null Set Value"},
	})
}

// If the server does not report them, an application is not archived and has no
// priority.
func TestApplicationsDataSource_unreported(t *testing.T) {
	t.Parallel()

	unnamed, all := appID, boolean(true)
	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListApplications, Times: -1, Action: sandbox.Respond(http.StatusOK, "application/json",
		`{"items":[{"id":"`+twinID+`","name":"b"},{"id":"`+otherTwin+`","name":"B","priority":null,"isArchived":null},
			{"id":"`+archivedID+`","name":"A","priority":"none","isArchived":true},{"id":"`+strings.ToUpper(unnamed)+`"}]}`)})

	p := configuredProtocol(t, tg)
	for name, tc := range map[string]struct {
		config values
		want   []any
	}{
		"all":             {values{"include_archived": all}, []any{unnamed, archivedID, twinID, otherTwin}},
		"without filters": {nil, []any{unnamed, twinID, otherTwin}},
		"a name":          {values{"name_regex": str(".")}, []any{twinID, otherTwin}},
		"any name":        {values{"name_regex": str("")}, []any{unnamed, twinID, otherTwin}},
		"the empty name":  {values{"include_archived": all, "names": set("")}, []any{}},
		"priority None":   {values{"include_archived": all, "priorities": set("None")}, []any{archivedID}},
	} {
		t.Run(name, func(t *testing.T) {
			p.data(applicationsDataType, tc.config).expectValues(t, map[string]any{"ids": tc.want})
		})
	}
}

func TestApplicationsDataSource_errors(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.SetToken("another")

	got := details(configuredProtocol(t, tg).readData(applicationsDataType, nil).Diagnostics)
	expectAll(t, got, "Applications could not be listed", "Invalid or expired authentication token", "The token was refused")
}
