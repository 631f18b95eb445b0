package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const applicationsAddress = "data.permissionassist_applications.test"

func applicationsData(arguments string) string {
	return "data \"permissionassist_applications\" \"test\" {\n " + arguments + "\n}\n"
}

// listed is a state check of the data source's applications.
func listed(names ...string) statecheck.StateCheck {
	objects := make([]knownvalue.Check, 0, len(names))
	for _, name := range names {
		objects = append(objects, knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact(name), "id": knownvalue.NotNull()}))
	}

	return statecheck.ExpectKnownValue(applicationsAddress, tfjsonpath.New("applications"), knownvalue.ListExact(objects))
}

func listedIDs(ids ...string) statecheck.StateCheck {
	checks := make([]knownvalue.Check, 0, len(ids))
	for _, id := range ids {
		checks = append(checks, knownvalue.StringExact(id))
	}

	return statecheck.ExpectKnownValue(applicationsAddress, tfjsonpath.New("ids"), knownvalue.ListExact(checks))
}

func TestAccApplicationsDataSource_filters(t *testing.T) {
	t.Parallel()

	for name, d := range map[string]sandbox.Dialect{
		"fullest":                {},
		"without inferred paths": {NoGetApplication: true, NoGetImport: true, ExtraFields: true, TimesWithoutZone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := applicationsTarget(t, d)
			step := func(arguments string, checks ...statecheck.StateCheck) resource.TestStep {
				return resource.TestStep{Config: tg.config(applicationsData(arguments)), ConfigStateChecks: checks}
			}

			lifecycle(t,
				// All applications that are not archived, on three pages.
				step("",
					statecheck.ExpectKnownValue(applicationsAddress, tfjsonpath.New("applications"), knownvalue.ListSizeExact(122)),
					statecheck.ExpectKnownValue(applicationsAddress, tfjsonpath.New("ids"), knownvalue.ListSizeExact(122)),
					statecheck.ExpectKnownValue(applicationsAddress, tfjsonpath.New("include_archived"), knownvalue.Null()),
				),
				step("include_archived = true", statecheck.ExpectKnownValue(applicationsAddress, tfjsonpath.New("ids"), knownvalue.ListSizeExact(124))),
				// Ordered by name, ignoring case, then by ID.
				step("include_archived = true\n name_regex = \"(?i)^core|^FIS|^Jack|Branch 00[01]\"",
					listed("Branch 000", "Branch 001", "Core Banking", "core banking", "FIS Horizon", appName)),
				step("include_archived = true\n name_regex = \"(?i)core\"", listedIDs(twinID, otherTwin)),
				step(`name_regex = "core|Core"`, listed("Core Banking")),
				step(`name_regex = "Branch 11\\d$"`, statecheck.ExpectKnownValue(applicationsAddress, tfjsonpath.New("ids"), knownvalue.ListSizeExact(10))),
				step(`priorities = ["critical", "High"]`, listed("Core Banking", appName), listedIDs(twinID, appID)),
				step("priorities = [\"Low\"]\n include_archived = true", listed("FIS Horizon")),
				step(`priorities = ["Low"]`, listed(), listedIDs()),
				step("name_regex = \"^Core\"\n priorities = [\"Critical\"]", listed(), listedIDs()),
				step(`name_regex = "^Jack Henry Silverlake$"`, statecheck.ExpectKnownValue(applicationsAddress, tfjsonpath.New("applications").AtSliceIndex(0),
					knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id": knownvalue.StringExact(appID), "name": knownvalue.StringExact(appName), "priority": knownvalue.StringExact("Critical"),
						"is_archived": knownvalue.Bool(false), "last_updated": knownvalue.NotNull(),
					}))),
			)
		})
	}
}

func TestAccApplicationsDataSource_empty(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.RemoveApplication(appID)

	lifecycle(t, resource.TestStep{
		Config: tg.config(applicationsData("") + `
output "ids" { value = toset(data.permissionassist_applications.test.ids) }`),
		ConfigStateChecks: []statecheck.StateCheck{
			listed(), listedIDs(), statecheck.ExpectKnownOutputValue("ids", knownvalue.SetExact(nil)),
		},
	})
}

func TestAccApplicationsDataSource_invalid(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})

	var steps []resource.TestStep

	for argument, want := range map[string]string{
		`name_regex = "Core ("`:           `The value "Core (" must be a regular expression in RE2's syntax`,
		`name_regex = "(?=Core)"`:         "invalid or unsupported Perl syntax: `(?=`",
		`priorities = []`:                 "must contain at least 1 elements",
		`priorities = ["High", "Urgent"]`: `value must be one of: ["None" "Low" "Moderate" "High" "Critical"], got: "Urgent"`,
		`priorities = ["High", null]`:     "Null Set Value",
		`include_archived = "sometimes"`:  "a bool is required",
		`applications = []`:               "Cannot set value for this attribute",
	} {
		steps = append(steps, resource.TestStep{Config: tg.config(applicationsData(argument)), PlanOnly: true, ExpectError: text(want)})
	}

	lifecycle(t, steps...)
	tg.expectCount(t, "", 0)
}

// An unknown argument defers the read to apply.
func TestAccApplicationsDataSource_unknown(t *testing.T) {
	t.Parallel()

	tg := applicationsTarget(t, sandbox.Dialect{})

	for name, argument := range map[string]string{
		"name_regex": `name_regex = terraform_data.later.output.name`,
		"a priority": `priorities = ["Critical", terraform_data.later.output.priorities[0]]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			lifecycle(t, resource.TestStep{
				Config: tg.config(applicationsData(argument) + `
resource "terraform_data" "later" {
  input = { name = "^Jack", priorities = ["Critical"], archived = true }
}`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue(applicationsAddress, tfjsonpath.New("applications")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{listed(appName), listedIDs(appID)},
			})
		})
	}
}

// Lookups by name, the imports that use them, and lists share one scan.
func TestApplicationsDataSource_sharesOneScan(t *testing.T) {
	t.Parallel()

	tg := applicationsTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)

	for i := range 100 {
		if text := details(p.readData("permissionassist_application", values{"name": str(fmt.Sprintf("Branch %03d", i))}).Diagnostics); text != "" {
			t.Fatal(text)
		}
	}

	for range 3 {
		if text := details(p.readData("permissionassist_applications", nil).Diagnostics); text != "" {
			t.Fatal(text)
		}
	}

	tg.expectCount(t, sandbox.OpListApplications, 3)
	tg.expectCount(t, "", 3)
}

// If the server does not report them, an application is not archived and has no
// priority.
func TestApplicationsDataSource_unreported(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListApplications, Times: -1, Action: sandbox.Respond(http.StatusOK, "application/json",
		`{"items":[{"id":"`+twinID+`","name":"b"},{"id":"`+otherTwin+`","name":"B","priority":null,"isArchived":null},
			{"id":"`+archivedID+`","name":"A","priority":"none","isArchived":true},{"id":"`+strings.ToUpper(appID)+`"}]}`)})

	for name, test := range map[string]struct {
		arguments values
		want      []string
	}{
		"all":             {values{"include_archived": boolean(true)}, []string{strings.ToUpper(appID), archivedID, twinID, otherTwin}},
		"without filters": {nil, []string{strings.ToUpper(appID), twinID, otherTwin}},
		"a name":          {values{"name_regex": str(".")}, []string{twinID, otherTwin}},
		"any name":        {values{"name_regex": str("")}, []string{strings.ToUpper(appID), twinID, otherTwin}},
		"priority None": {values{"include_archived": boolean(true), "priorities": tftypes.NewValue(
			tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{str("None")})}, []string{archivedID}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := configuredProtocol(t, tg)

			resp := p.readData("permissionassist_applications", test.arguments)
			if text := details(resp.Diagnostics); text != "" {
				t.Fatal(text)
			}

			var ids []tftypes.Value
			if err := p.attributes(p.schema.DataSourceSchemas["permissionassist_applications"], resp.State)["ids"].As(&ids); err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(len(test.want), len(ids)); diff != "" {
				t.Fatalf("%v (-want +got):\n%s", ids, diff)
			}

			for i, id := range ids {
				if !id.Equal(str(test.want[i])) {
					t.Errorf("application %d is %s, want %s", i, id, test.want[i])
				}
			}
		})
	}
}

func TestApplicationsDataSource_errors(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.SetToken("another")

	got := details(configuredProtocol(t, tg).readData("permissionassist_applications", nil).Diagnostics)
	expectAll(t, got, "Applications could not be listed", "Invalid or expired authentication token", "The token was refused")

	if strings.Contains(got, token) {
		t.Errorf("the token is in:\n%s", got)
	}
}

// The fields that only "get application" returns are in details; a lookup by
// name does not request them.
func TestAccApplicationDataSource_details(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{Applications: []sandbox.Application{{
		ID: twinID, Name: "Verafin", FileGroups: []sandbox.FileGroup{{ID: otherTwin, Name: "Users", Required: true}},
	}}})

	const want = `{"connectorConfiguration":{"fileGroups":[{"id":"` + otherTwin + `","name":"Users","required":true}],"name":"File"},"lastImportStatus":null}`

	lifecycle(t,
		resource.TestStep{
			Config: tg.config(applicationData(fmt.Sprintf("id = %q", twinID)) + `
output "connector" { value = nonsensitive(jsondecode(data.permissionassist_application.test.details).connectorConfiguration.name) }`),
			ConfigStateChecks: []statecheck.StateCheck{
				found("details", knownvalue.StringExact(want)), statecheck.ExpectKnownOutputValue("connector", knownvalue.StringExact("File")),
			},
		},
		resource.TestStep{
			PreConfig:         tg.sandbox.ResetRequests,
			Config:            tg.config(applicationData(`name = "Verafin"`)),
			ConfigStateChecks: []statecheck.StateCheck{found("details", knownvalue.Null()), tg.requests(sandbox.OpGetApplication, 0)},
		},
		resource.TestStep{
			PreConfig:         func() { tg.sandbox.SetDialect(sandbox.Dialect{NoGetApplication: true, ExtraFields: true}) },
			Config:            tg.config(applicationData(fmt.Sprintf("id = %q", twinID))),
			ConfigStateChecks: []statecheck.StateCheck{found("details", knownvalue.Null()), found("name", knownvalue.StringExact("Verafin"))},
		},
		resource.TestStep{
			PreConfig: func() {
				tg.sandbox.SetDialect(sandbox.Dialect{})
				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetApplication, Times: -1, Action: sandbox.Respond(http.StatusOK, "application/json",
					`{"id":"`+twinID+`","kind":"Application","name":"Verafin"}`)})
			},
			Config:            tg.config(applicationData(fmt.Sprintf("id = %q", twinID))),
			ConfigStateChecks: []statecheck.StateCheck{found("details", knownvalue.Null())},
		},
	)
}

// Each listed application is imported.
func TestAccApplicationsDataSource_eachImported(t *testing.T) {
	t.Parallel()

	tg := applicationsTarget(t, sandbox.Dialect{})

	lifecycle(t, resource.TestStep{
		Config: tg.config(applicationsData(`priorities = ["Critical", "High"]`) + `
resource "permissionassist_application_import" "each" {
  count          = length(data.permissionassist_applications.test.ids)
  application_id = data.permissionassist_applications.test.ids[count.index]
}`),
		ConfigStateChecks: []statecheck.StateCheck{tg.imports(2)},
	})

	if ids := []string{tg.sandbox.Imports()[0].ApplicationID, tg.sandbox.Imports()[1].ApplicationID}; !slices.Contains(ids, appID) || !slices.Contains(ids, twinID) {
		t.Errorf("the imports are of %v", ids)
	}
}
