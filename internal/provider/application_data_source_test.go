package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	archivedID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	twinID     = "550e8400-e29b-41d4-a716-446655440000"
	otherTwin  = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
)

func applicationsTarget(t *testing.T, d sandbox.Dialect) target {
	t.Helper()

	applications := []sandbox.Application{
		{ID: archivedID, Name: "FIS Horizon", IsArchived: true, Priority: "Low"},
		{ID: twinID, Name: "Core Banking", Priority: "High"},
		{ID: otherTwin, Name: "core banking", IsArchived: true},
	}
	// So many that the list has several pages.
	for i := range 120 {
		applications = append(applications, sandbox.Application{Name: fmt.Sprintf("Branch %03d", i)})
	}

	return newSandboxTarget(t, sandbox.Options{Applications: applications, Dialect: d})
}

func applicationData(argument string) string {
	return "data \"permissionassist_application\" \"test\" {\n " + argument + "\n}\n"
}

func found(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.permissionassist_application.test", tfjsonpath.New(attribute), want)
}

// On a real server too.
func TestAccApplicationDataSource_byID(t *testing.T) {
	t.Parallel()

	tg := newTarget(t)

	lifecycle(t, resource.TestStep{
		Config: tg.config(applicationData(fmt.Sprintf("id = %q", tg.applicationID))),
		ConfigStateChecks: []statecheck.StateCheck{
			found("id", knownvalue.StringExact(tg.applicationID)), found("name", knownvalue.NotNull()),
		},
	})
}

func TestAccApplicationDataSource_found(t *testing.T) {
	t.Parallel()

	for name, d := range map[string]sandbox.Dialect{
		"fullest":                {},
		"without inferred paths": {NoGetApplication: true, ExtraFields: true, UpperCaseIDs: true, TimesWithoutZone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := applicationsTarget(t, d)
			check := func(id knownvalue.Check) []statecheck.StateCheck {
				return []statecheck.StateCheck{
					found("id", id), found("priority", knownvalue.StringExact("Critical")),
					found("is_archived", knownvalue.Bool(false)), found("last_updated", knownvalue.NotNull()),
				}
			}
			id := appID

			if d.UpperCaseIDs {
				id = strings.ToUpper(appID)
			}

			lifecycle(t,
				resource.TestStep{
					Config:            tg.config(applicationData(`name = "jack henry SILVERLAKE"`)),
					ConfigStateChecks: check(knownvalue.StringExact(id)),
				},
				resource.TestStep{
					Config:            tg.config(applicationData(fmt.Sprintf("id = %q", strings.ToUpper(appID)))),
					ConfigStateChecks: append(check(knownvalue.StringExact(strings.ToUpper(appID))), found("name", knownvalue.StringExact(appName))),
				},
				resource.TestStep{
					Config:            tg.config(applicationData(`name = "FIS Horizon"`)),
					ConfigStateChecks: []statecheck.StateCheck{found("is_archived", knownvalue.Bool(true))},
				},
				resource.TestStep{
					Config:            tg.config(applicationData(`name = "Branch 119"`)),
					ConfigStateChecks: []statecheck.StateCheck{found("id", knownvalue.NotNull())},
				},
			)
		})
	}
}

func TestAccApplicationDataSource_errors(t *testing.T) {
	t.Parallel()

	tg := applicationsTarget(t, sandbox.Dialect{})

	expect := func(argument string, wants ...string) []resource.TestStep {
		var steps []resource.TestStep
		for _, want := range wants {
			steps = append(steps, resource.TestStep{Config: tg.config(applicationData(argument)), PlanOnly: true, ExpectError: text(want)})
		}

		return steps
	}

	var steps []resource.TestStep
	steps = append(steps, expect(`name = "Jack Henry Sliverlake"`, "Similar names: - Jack Henry Silverlake (ID "+appID+")")...)
	steps = append(steps, expect(`name = "zzz"`, "No name is similar")...)
	steps = append(steps, expect(`name = "CORE BANKING"`, "Core Banking (ID "+twinID+")", "core banking (ID "+otherTwin+"), archived")...)
	steps = append(steps, expect(`id = "00000000-0000-0000-0000-000000000000"`, "Application not found")...)
	steps = append(steps, expect(`id = "5"`, `"5" is not a GUID`)...)
	steps = append(steps, expect(`name = ""`, "at least 1")...)
	steps = append(steps, expect("", "Exactly one of these attributes must be configured: [id,name]")...)
	steps = append(steps, expect("id = \""+appID+"\"\n name = \"x\"", "Exactly one of these attributes must be configured: [id,name]")...)

	lifecycle(t, steps...)
}

func TestAccApplicationDataSource_absentFromTheList(t *testing.T) {
	t.Parallel()

	tg := applicationsTarget(t, sandbox.Dialect{NoGetApplication: true})

	lifecycle(t, resource.TestStep{
		Config:      tg.config(applicationData(`id = "00000000-0000-0000-0000-000000000000"`)),
		ExpectError: text("being absent from it is no proof"),
	})
}

func TestAccApplicationDataSource_notTheAPI(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: sandbox.Answer(http.StatusNotFound, "text/html", "<h1>IIS</h1>")})

	lifecycle(t,
		resource.TestStep{
			Config:      tg.config(applicationData(fmt.Sprintf("id = %q", appID))),
			ExpectError: text("The server lacks GET /api/applications/{id} and GET /api/applications"),
		},
		resource.TestStep{
			Config:      tg.config(applicationData(`name = "x"`)),
			ExpectError: text("something that is not the Permission Assist API answered"),
		},
	)
}

// However many look-ups there are, the list is read once in a run.
func TestAccApplicationDataSource_sharesOneScan(t *testing.T) {
	t.Parallel()

	tg := applicationsTarget(t, sandbox.Dialect{})

	lifecycle(t, resource.TestStep{
		Config: tg.config(`
data "permissionassist_application" "test" {
  count = 20
  name  = format("Branch %03d", count.index)
}`),
		PlanOnly: true,
	})

	// 123 applications are 3 pages; the plan is one run or two, by Terraform's
	// version.
	if n := tg.sandbox.Count(sandbox.OpListApplications); n%3 != 0 || n > 9 {
		t.Errorf("the server got %d requests for lists of applications", n)
	}
}

// An archived application is found, and said to be archived.
func TestApplicationDataSource_archivedIsSaid(t *testing.T) {
	t.Parallel()

	tg := applicationsTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)

	got := details(p.readData("permissionassist_application", values{"id": str(archivedID)}).Diagnostics)
	for _, want := range []string{"WARNING", "Application is archived", "FIS Horizon", archivedID} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

func TestApplicationDataSource_providerNotConfigured(t *testing.T) {
	t.Parallel()

	got := summaries(newProtocol(t).readData("permissionassist_application", values{"id": str(archivedID)}).Diagnostics)
	if got != "ERROR: Provider configuration is not known yet" {
		t.Error(got)
	}
}
