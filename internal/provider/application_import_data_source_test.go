package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	importDataType = "permissionassist_application_import"
	importAddress  = "data.permissionassist_application_import.test"
	importedID     = "0f8fad5b-d9cb-469f-a165-70867728950e"
	noID           = "00000000-0000-0000-0000-000000000000"
)

func importData(arguments string) string {
	return "data \"permissionassist_application_import\" \"test\" {\n " + arguments + "\n}\n"
}

func read(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(importAddress, tfjsonpath.New(attribute), want)
}

// importsTarget returns a sandbox with 120 imports of appID, and importedID.
// That import is the latest, but has not started, so it is on the last page of
// the list.
func importsTarget(t *testing.T, d sandbox.Dialect) target {
	t.Helper()
	tg := newSandboxTarget(t, sandbox.Options{
		Applications: []sandbox.Application{{ID: twinID, Name: "Verafin"}, {ID: otherTwin, Name: "Never imported"}}, Dialect: d,
	})

	start := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	for i := range 120 {
		at := start.Add(time.Duration(i) * time.Minute)
		imp := sandbox.Import{ApplicationID: appID, BuildStart: &at, BuildEnd: &at}

		if i%60 == 0 {
			imp.Status, imp.Log = sandbox.StatusFailed, "No connection"
		}

		tg.sandbox.AddImport(imp)
	}

	tg.sandbox.AddImport(sandbox.Import{
		ID: importedID, ApplicationID: appID, Status: "Paused", Type: sandbox.TypeManual, CreatedBy: "Ada", Log: "Line 1\nLine 2\n",
		Files: []sandbox.File{{ID: archivedID, FileGroupID: twinID, FileGroup: "Users", Name: "users.csv"}},
	})
	tg.sandbox.AddImport(sandbox.Import{ApplicationID: twinID})
	return tg
}

// A configured GUID keeps its spelling. The first page of the list, the last,
// and the first again have the latest import.
func TestApplicationImportDataSource_found(t *testing.T) {
	t.Parallel()

	for name, d := range map[string]sandbox.Dialect{
		"fullest":           {},
		"not started first": {NotStartedFirst: true, ExtraFields: true, TimesWithoutZone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := importsTarget(t, d)
			p := configuredProtocol(t, tg)
			want := map[string]any{
				"number": 121.0, "type": "Manual", "status": "Paused", "created_by": "Ada", "build_start": nil, "build_end": nil, "metrics": nil,
				"log":   "Line 1\nLine 2\n",
				"files": []any{map[string]any{"id": archivedID, "file_group_id": twinID, "file_group": "Users", "name": "users.csv"}},
			}
			want["id"], want["application_id"] = strings.ToUpper(importedID), appID
			found := p.data(importDataType, values{"id": str(strings.ToUpper(importedID)), "include_log": boolean(true)})
			found.expectValues(t, want)
			expectAll(t, fmt.Sprint(plain(found["application"])), "id:"+appID, "name:"+appName, "priority:Critical", "is_archived:false")
			tg.expectRequests(t, "by ID", requests{sandbox.OpGetImport: 1})

			want["id"], want["application_id"] = importedID, strings.ToUpper(appID)
			p.data(importDataType, values{"application_id": str(strings.ToUpper(appID)), "include_log": boolean(true)}).expectValues(t, want)
			tg.expectRequests(t, "the latest", requests{sandbox.OpGetImport: 1, sandbox.OpListImports: 3})

			last := p.data(importDataType, values{"application_id": str(appID), "statuses": set("FAILED"), "include_log": boolean(true)})
			last.expectValues(t, map[string]any{"number": 61.0, "status": "Failed", "log": "No connection"})
			unlogged := p.data(importDataType, values{"application_id": str(appID), "statuses": set("FAILED"), "include_log": boolean(false)})
			unlogged.expectValues(t, map[string]any{"number": 61.0, "log": nil})
			tg.sandbox.ResetRequests()
			numbered := p.data(importDataType, values{"application_id": str(appID), "number": number(100)})
			numbered.expectValues(t, map[string]any{"number": 100.0, "status": "Finished"})
			tg.expectRequests(t, "by number", requests{sandbox.OpGetImport: 1, sandbox.OpListImports: 1})

			finished := p.data(importDataType, values{"application_id": str(twinID)})
			finished.expectValues(t, map[string]any{"number": 122.0, "status": "Finished", "files": []any{}, "log": nil})
			if finished.text("metrics") == "" || finished.text("build_end") == "" {
				t.Errorf("the finished import is %v", finished)
			}
		})
	}
}

// A value that the response lacks is null, or read from the list.
func TestApplicationImportDataSource_dialects(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		dialect     sandbox.Dialect
		application any
		lists       int
	}{
		"without inferred paths": {sandbox.Dialect{NoGetImport: true, NoGetApplication: true}, appID, 3},
		"sparse":                 {sandbox.Dialect{OmitApplication: true, OmitCreatedBy: true, OmitFiles: true, OmitLog: true, OmitMetrics: true}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := importsTarget(t, tc.dialect)
			p := configuredProtocol(t, tg)
			want := map[string]any{"number": 121.0, "created_by": nil, "log": nil, "files": nil, "metrics": nil, "application_id": tc.application}
			p.data(importDataType, values{"id": str(importedID)}).expectValues(t, want)
			tg.expectCount(t, sandbox.OpListImports, tc.lists)

			want["id"], want["application_id"] = importedID, appID
			latest := p.data(importDataType, values{"application_id": str(appID)})
			latest.expectValues(t, want)
			expectAll(t, fmt.Sprint(plain(latest["application"])), "name:"+appName)
		})
	}
}

func TestApplicationImportDataSource_config(t *testing.T) {
	t.Parallel()

	const one, both = "when one (and only one) of [id,application_id] is required", "2 attributes specified"
	newProtocol(t).expectValidation(importDataType, map[string]configCase{
		"unknown":                {values{"id": unknownString()}, ""},
		"nothing":                {nil, one},
		"both":                   {values{"id": str(importedID), "application_id": str(appID)}, both},
		"no GUID":                {values{"id": str("121")}, "Invalid GUID"},
		"no GUID of application": {values{"application_id": str("core")}, "Invalid GUID"},
		"number":                 {values{"application_id": str(appID), "number": number(1)}, ""},
		"number of an ID":        {values{"id": str(importedID), "number": number(1)}, `"application_id" must be specified`},
		"no number":              {values{"application_id": str(appID), "number": number(0)}, "at least 1"},
		"statuses":               {values{"application_id": unknownString(), "statuses": set("Finished")}, ""},
		"statuses of an ID":      {values{"id": str(importedID), "statuses": set("Finished")}, `"application_id" must be specified`},
		"statuses of a number":   {values{"application_id": str(appID), "number": number(1), "statuses": set("Failed")}, "cannot be specified when"},
		"undocumented status":    {values{"application_id": str(appID), "statuses": set("Success")}, "known values are Pending, Running, Finished, Failed"},
		"not like a status":      {values{"application_id": str(appID), "statuses": set("x=1")}, "document a value"},
		"no duration":            {values{"id": str(importedID), "max_age": str("1 day")}, "Invalid duration in max_age"},
		"no time zone":           {values{"id": str(importedID), "time_zone": str("Local")}, "Invalid time zone in time_zone"},
		"no statuses":            {values{"application_id": str(appID), "statuses": set()}, "at least 1"},
	})
}

func TestApplicationImportDataSource_errors(t *testing.T) {
	t.Parallel()

	html := sandbox.Respond(http.StatusNotFound, "text/html", "<h1>IIS</h1>")

	for name, test := range map[string]struct {
		arguments values
		dialect   sandbox.Dialect
		fault     *sandbox.Fault
		wants     []string
	}{
		"gone":       {values{"id": str(noID)}, sandbox.Dialect{}, nil, []string{`AttributeName("id")`, "Import not found", "Check the ID"}},
		"not listed": {values{"id": str(noID)}, sandbox.Dialect{NoGetImport: true}, nil, []string{"Import could not be read", "may still exist"}},
		"none": {values{"application_id": str(otherTwin)}, sandbox.Dialect{}, nil, []string{
			`AttributeName("application_id")`, "No import found", otherTwin, "stage an import",
		}},
		"none with the statuses": {values{"application_id": str(appID), "statuses": set("Running", "Lost")}, sandbox.Dialect{}, nil, []string{
			"No import found", "no import with the status", "Running", " or ", "Lost",
		}},
		"none with the number": {values{"application_id": str(appID), "number": number(122)}, sandbox.Dialect{}, nil, []string{
			"No import found", "no import #122", appID,
		}},
		"no API": {values{"id": str(importedID)}, sandbox.Dialect{}, &sandbox.Fault{Times: -1, Action: html}, []string{"does not have GET /api/application-imports"}},
		"no list": {values{"application_id": str(appID)}, sandbox.Dialect{NoListImports: true}, nil, []string{
			"Import could not be read", "does not have GET /api/application-imports",
		}},
		"gone since it was listed": {values{"application_id": str(appID)}, sandbox.Dialect{}, &sandbox.Fault{
			Operation: sandbox.OpGetImport, Action: sandbox.Envelope(http.StatusNotFound, "not_found", "Import not found"),
		}, []string{`AttributeName("application_id")`, "Import not found"}},
		"blamed": {values{"application_id": str(appID)}, sandbox.Dialect{}, &sandbox.Fault{Operation: sandbox.OpListImports, Action: sandbox.Respond(
			http.StatusBadRequest, "application/json", `{"error":"validation_error","message":"No","errors":[{"field":"applicationId","message":"Bad\u001b[2J"}]}`)},
			[]string{`AttributeName("application_id")`, `applicationId: Bad\x1b[2J`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := importsTarget(t, test.dialect)
			if test.fault != nil {
				tg.sandbox.Inject(*test.fault)
			}

			got := details(configuredProtocol(t, tg).readData(importDataType, test.arguments).Diagnostics)
			expectAll(t, got, test.wants...)
		})
	}
}

// A data source can read an import that the same apply stages.
func TestAccApplicationImportDataSource_ofTheResource(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	unknown := func(attributes ...string) resource.ConfigPlanChecks {
		var checks resource.ConfigPlanChecks
		for _, a := range attributes {
			checks.PreApply = append(checks.PreApply, plancheck.ExpectUnknownValue(importAddress, tfjsonpath.New(a)))
		}
		return checks
	}

	lifecycle(t, resource.TestStep{
		Config: tg.config(importResource(appID, "") + completionResource("") +
			importData("id = permissionassist_application_import.test.id\n include_log = true")),
		ConfigPlanChecks: unknown("id", "log", "files", "application"),
		ConfigStateChecks: []statecheck.StateCheck{
			read("status", knownvalue.StringExact("Finished")), read("application_id", knownvalue.StringExact(appID)),
			read("metrics", knownvalue.NotNull()), read("log", knownvalue.NotNull()), read("files", knownvalue.ListExact(nil)),
		},
	})
}
