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
	importAddress = "data.permissionassist_application_import.test"
	importedID    = "0f8fad5b-d9cb-469f-a165-70867728950e"
	noID          = "00000000-0000-0000-0000-000000000000"
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

func TestAccApplicationImportDataSource_found(t *testing.T) {
	t.Parallel()

	for name, d := range map[string]sandbox.Dialect{
		"fullest":           {},
		"not started first": {NotStartedFirst: true, ExtraFields: true, TimesWithoutZone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := importsTarget(t, d)
			all := []statecheck.StateCheck{
				read("number", knownvalue.Int64Exact(121)), read("type", knownvalue.StringExact("Manual")), read("status", knownvalue.StringExact("Paused")),
				read("created_by", knownvalue.StringExact("Ada")), read("build_start", knownvalue.Null()), read("build_end", knownvalue.Null()),
				read("metrics", knownvalue.Null()), read("log", knownvalue.StringExact("Line 1\nLine 2\n")),
				read("files", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
					"id": knownvalue.StringExact(archivedID), "file_group_id": knownvalue.StringExact(twinID),
					"file_group": knownvalue.StringExact("Users"), "name": knownvalue.StringExact("users.csv"),
				})})),
				read("application", knownvalue.ObjectExact(map[string]knownvalue.Check{
					"id": knownvalue.StringExact(appID), "name": knownvalue.StringExact(appName), "priority": knownvalue.StringExact("Critical"),
					"is_archived": knownvalue.Bool(false), "last_updated": knownvalue.NotNull(),
				})),
			}

			// A configured GUID keeps its spelling.
			lifecycle(t,
				resource.TestStep{
					Config: tg.config(importData(fmt.Sprintf("id = %q", strings.ToUpper(importedID)))),
					ConfigStateChecks: append(all, read("id", knownvalue.StringExact(strings.ToUpper(importedID))),
						read("application_id", knownvalue.StringExact(appID)), tg.requests(sandbox.OpListImports, 0)),
				},
				resource.TestStep{
					Config: tg.config(importData(fmt.Sprintf("application_id = %q", strings.ToUpper(appID)))),
					ConfigStateChecks: append(all, read("id", knownvalue.StringExact(importedID)),
						read("application_id", knownvalue.StringExact(strings.ToUpper(appID)))),
				},
				// A finished import without files and log.
				resource.TestStep{
					Config: tg.config(importData(fmt.Sprintf("application_id = %q", twinID)) + `
output "keys" { value = keys(jsondecode(data.permissionassist_application_import.test.metrics)) }`),
					ConfigStateChecks: []statecheck.StateCheck{
						read("number", knownvalue.Int64Exact(122)), read("status", knownvalue.StringExact("Finished")), read("files", knownvalue.ListExact(nil)),
						read("log", knownvalue.Null()), read("metrics", knownvalue.NotNull()), read("build_end", knownvalue.NotNull()),
					},
				},
			)
		})
	}
}

// A value that the response lacks is null, or read from the list.
func TestAccApplicationImportDataSource_dialects(t *testing.T) {
	t.Parallel()

	lacking := []statecheck.StateCheck{
		read("number", knownvalue.Int64Exact(121)), read("created_by", knownvalue.Null()), read("log", knownvalue.Null()),
		read("files", knownvalue.Null()), read("metrics", knownvalue.Null()),
	}

	for name, test := range map[string]struct {
		dialect     sandbox.Dialect
		application bool
	}{
		"without inferred paths": {sandbox.Dialect{NoGetImport: true, NoGetApplication: true}, true},
		"sparse":                 {sandbox.Dialect{OmitApplication: true, OmitCreatedBy: true, OmitFiles: true, OmitLog: true, OmitMetrics: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := importsTarget(t, test.dialect)
			known, unknown := knownvalue.StringExact(appID), knownvalue.Check(knownvalue.Null())

			if test.application {
				unknown = known
			}

			lifecycle(t,
				resource.TestStep{
					Config:            tg.config(importData(fmt.Sprintf("id = %q", importedID))),
					ConfigStateChecks: append(lacking, read("application_id", unknown)),
				},
				resource.TestStep{
					Config: tg.config(importData(fmt.Sprintf("application_id = %q", appID))),
					ConfigStateChecks: append(lacking, read("id", knownvalue.StringExact(importedID)),
						statecheck.ExpectKnownValue(importAddress, tfjsonpath.New("application").AtMapKey("name"), knownvalue.StringExact(appName))),
				},
			)
		})
	}
}

func TestApplicationImportDataSource_requests(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		dialect     sandbox.Dialect
		arguments   values
		gets, lists int
	}{
		"by ID": {sandbox.Dialect{}, values{"id": str(importedID)}, 1, 0},
		// The first page, the last, and the first again.
		"the latest":           {sandbox.Dialect{}, values{"application_id": str(appID)}, 1, 3},
		"by ID, no API":        {sandbox.Dialect{NoGetImport: true}, values{"id": str(importedID)}, 1, 3},
		"the latest, no API":   {sandbox.Dialect{NoGetImport: true}, values{"application_id": str(appID)}, 1, 3},
		"the latest, one page": {sandbox.Dialect{}, values{"application_id": str(twinID)}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := importsTarget(t, test.dialect)

			if text := details(configuredProtocol(t, tg).readData("permissionassist_application_import", test.arguments).Diagnostics); text != "" {
				t.Fatal(text)
			}

			tg.expectCount(t, sandbox.OpGetImport, test.gets)
			tg.expectCount(t, sandbox.OpListImports, test.lists)
			tg.expectCount(t, "", test.gets+test.lists)
		})
	}
}

func TestAccApplicationImportDataSource_errors(t *testing.T) {
	t.Parallel()

	tg := importsTarget(t, sandbox.Dialect{})

	expect := func(arguments, want string) resource.TestStep {
		return resource.TestStep{Config: tg.config(importData(arguments)), PlanOnly: true, ExpectError: text(want)}
	}

	lifecycle(t,
		expect("", "Exactly one of these attributes must be configured: [id,application_id]"),
		expect(fmt.Sprintf("id = %q\n application_id = %q", importedID, appID), "Exactly one of these attributes must be configured: [id,application_id]"),
		expect(`id = "121"`, "Invalid GUID"),
		expect(`application_id = "core"`, "Invalid GUID"),
	)
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

			got := details(configuredProtocol(t, tg).readData("permissionassist_application_import", test.arguments).Diagnostics)
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
		Config: tg.config(importResource(appID, "wait_for_completion = true") +
			importData("id = permissionassist_application_import.test.id")),
		ConfigPlanChecks: unknown("id", "log", "files", "application"),
		ConfigStateChecks: []statecheck.StateCheck{
			read("status", knownvalue.StringExact("Finished")), read("application_id", knownvalue.StringExact(appID)),
			read("metrics", knownvalue.NotNull()), read("log", knownvalue.NotNull()), read("files", knownvalue.ListExact(nil)),
		},
	})
}
