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

const applicationDataType = "permissionassist_application"

func applicationsTarget(t *testing.T, d sandbox.Dialect) target {
	t.Helper()
	applications := []sandbox.Application{
		{ID: archivedID, Name: "FIS Horizon", IsArchived: true, Priority: "Low"},
		{ID: twinID, Name: "Core Banking", Priority: "High"},
		{ID: otherTwin, Name: "core banking", IsArchived: true},
		{Name: "Twins", IsArchived: true}, {Name: "Twins", IsArchived: true},
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

// An application is found by name, ignoring case, and by ID, on any page. A
// configured value keeps its spelling.
func TestApplicationDataSource_found(t *testing.T) {
	t.Parallel()

	for name, d := range map[string]sandbox.Dialect{
		"fullest":                {},
		"without inferred paths": {NoGetApplication: true, ExtraFields: true, UpperCaseIDs: true, TimesWithoutZone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := configuredProtocol(t, applicationsTarget(t, d))
			id, upper := appID, strings.ToUpper(appID)
			p.data(applicationDataType, values{"name": str("jack henry SILVERLAKE")}).expectValues(t, map[string]any{
				"id": id, "name": "jack henry SILVERLAKE", "priority": "Critical", "is_archived": false,
			})
			p.data(applicationDataType, values{"id": str(upper)}).expectValues(t, map[string]any{"id": upper, "name": appName})
			if p.data(applicationDataType, values{"name": str("Branch 119")}).text("id") == "" {
				t.Error("an application on the last page is not found")
			}
		})
	}
}

func TestApplicationDataSource_config(t *testing.T) {
	t.Parallel()

	const one = "when one (and only one) of [id,name] is required"
	newProtocol(t).expectValidation(applicationDataType, map[string]configCase{
		"unknown":    {values{"name": unknownString()}, ""},
		"empty name": {values{"name": str("")}, "at least 1"},
		"nothing":    {nil, one},
		"both":       {values{"id": str(appID), "name": str("x")}, one},
		"no GUID":    {values{"id": str("5")}, "Invalid GUID"},
	})
}

func TestApplicationDataSource_errors(t *testing.T) {
	t.Parallel()

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
		"other name":   {values{"name": str("Henry Sliverlake")}, sandbox.Dialect{}, nil, []string{"Set name to one of these", "| " + appName + " (ID " + appID}},
		"unknown name": {values{"name": str("zzz")}, sandbox.Dialect{}, nil, []string{"No name has a word in common"}},
		"name of an archived one too": {
			values{"name": str("CORE BANKING")}, sandbox.Dialect{}, nil,
			[]string{"WARNING: ", "ID " + twinID, "| core banking (ID " + otherTwin + "), archived"},
		},
		"name of two archived": {
			values{"name": str("Twins")}, sandbox.Dialect{}, nil, []string{`AttributeName("name")`, "Several applications", "Use id instead"},
		},
		"archived":   {values{"id": str(archivedID)}, sandbox.Dialect{}, nil, []string{"WARNING", "Application is archived", "FIS Horizon", archivedID}},
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
			expectAll(t, details(configuredProtocol(t, tg).readData(applicationDataType, tc.config).Diagnostics), tc.want...)
		})
	}
}
