package provider_test

import (
	"fmt"
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
	// Enough for several pages.
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

// This test also runs against a real server.
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

	var steps []resource.TestStep
	for _, tc := range [][2]string{
		{`name = ""`, "at least 1"},
		{"", "Exactly one of these attributes must be configured: [id,name]"},
		{"id = \"" + appID + "\"\n name = \"x\"", "Exactly one of these attributes must be configured: [id,name]"},
		{`id = "5"`, "Invalid GUID"},
	} {
		steps = append(steps, resource.TestStep{Config: tg.config(applicationData(tc[0])), PlanOnly: true, ExpectError: text(tc[1])})
	}
	lifecycle(t, steps...)
	tg.expectCount(t, "", 0)
}

func TestApplicationDataSource_errors(t *testing.T) {
	t.Parallel()

	const dataSource = "permissionassist_application"

	for name, tc := range map[string]struct {
		config  values
		dialect sandbox.Dialect
		fault   *sandbox.Fault
		want    []string
	}{
		"misspelled name": {
			values{"name": str("Jack Henry Sliverlake")}, sandbox.Dialect{}, nil,
			[]string{`AttributeName("name")`, "Application not found", "| Jack Henry Silverlake (ID " + appID + ")"},
		},
		"unknown name": {values{"name": str("zzz")}, sandbox.Dialect{}, nil, []string{"No name is similar"}},
		"name of an archived one too": {
			values{"name": str("CORE BANKING")}, sandbox.Dialect{}, nil,
			[]string{"WARNING: ", "ID " + twinID, "| core banking (ID " + otherTwin + "), archived"},
		},
		"unknown ID": {values{"id": str(noID)}, sandbox.Dialect{}, nil, []string{`AttributeName("id")`, "Application not found"}},
		"not listed": {values{"id": str(noID)}, sandbox.Dialect{NoGetApplication: true}, nil, []string{"Application could not be read", "may still exist"}},
		"no endpoint": {
			values{"id": str(appID)}, sandbox.Dialect{}, &sandbox.Fault{Times: -1, Action: echoPage(404)},
			[]string{"does not have GET /api/applications", "too old"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := applicationsTarget(t, tc.dialect)
			if tc.fault != nil {
				tg.sandbox.Inject(*tc.fault)
			}
			expectAll(t, details(configuredProtocol(t, tg).readData(dataSource, tc.config).Diagnostics), tc.want...)
		})
	}
}

// An archived application is found, with a warning.
func TestApplicationDataSource_archivedWarns(t *testing.T) {
	t.Parallel()

	tg := applicationsTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)

	got := details(p.readData("permissionassist_application", values{"id": str(archivedID)}).Diagnostics)
	expectAll(t, got, "WARNING", "Application is archived", "FIS Horizon", archivedID)
}
