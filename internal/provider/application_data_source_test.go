package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	applicationDataType = "permissionassist_application"

	archivedID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	twinID     = "550e8400-e29b-41d4-a716-446655440000"
	otherTwin  = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
)

// applicationsTarget returns a sandbox with several pages of applications.
func applicationsTarget(t *testing.T, d sandbox.Dialect) target {
	t.Helper()
	applications := []sandbox.Application{
		{ID: archivedID, Name: "FIS Horizon", IsArchived: true, Priority: "Low"},
		{ID: twinID, Name: "Core Banking", Priority: "High"},
		{ID: otherTwin, Name: "core banking", IsArchived: true},
		{Name: "Twins", IsArchived: true}, {Name: "Twins", IsArchived: true},
	}
	for i := range 120 {
		applications = append(applications, sandbox.Application{Name: fmt.Sprintf("Branch %03d", i)})
	}
	return newSandboxTarget(t, sandbox.Options{Applications: applications, Dialect: d})
}

func applicationData(argument string) string {
	return block("data", applicationDataType, "test", argument)
}

// This test also runs against a real server.
func TestAccApplicationDataSource_byID(t *testing.T) {
	t.Parallel()

	tg := newTarget(t)
	lifecycle(t, step(tg.config(applicationData(fmt.Sprintf("id = %q", tg.applicationID))), "",
		wantState("data."+applicationDataType+".test", values{"id": tg.applicationID, "name": anything})))
}

// An application is found by name, ignoring case, and by ID, on any page. A
// configured value keeps its spelling.
func TestApplicationDataSource_found(t *testing.T) {
	t.Parallel()

	for _, d := range []sandbox.Dialect{{}, {NoGetApplication: true, ExtraFields: true, UpperCaseIDs: true, TimesWithoutZone: true}} {
		p := configuredProtocol(t, applicationsTarget(t, d))
		upper := strings.ToUpper(appID)
		p.cleanReadData(applicationDataType, values{"name": "jack henry SILVERLAKE"}).wantValues(t, values{
			"id": appID, "name": "jack henry SILVERLAKE", "priority": "Critical", "is_archived": false,
		})
		p.cleanReadData(applicationDataType, values{"id": upper}).wantValues(t, values{"id": upper, "name": appName})
		if p.cleanReadData(applicationDataType, values{"name": "Branch 119"}).text("id") == "" {
			t.Errorf("%+v: an application on the last page is not found", d)
		}
	}
}

func TestApplicationDataSource_errors(t *testing.T) {
	t.Parallel()

	wantDataErrors(t, applicationDataType, applicationsTarget, map[string]errorCase{
		"misspelled name": {
			values{"name": "Jack Henry Sliverlake"}, nil,
			`AttributeName("name") … Application not found … Set name to one of these … | ` + appName + " (ID " + appID + ")",
		},
		"unknown name": {values{"name": "zzz"}, nil, "No name has a word in common"},
		"name of an archived one too": {
			values{"name": "CORE BANKING"}, nil, "WARNING:  … ID " + twinID + " … | core banking (ID " + otherTwin + "), archived",
		},
		"name of two archived": {values{"name": "Twins"}, nil, `AttributeName("name") … Several applications … Use id instead`},
		"archived":             {values{"id": archivedID}, nil, "WARNING … Application is archived … FIS Horizon … " + archivedID},
		"unknown ID":           {values{"id": noID}, nil, `AttributeName("id") … Application not found`},
		"not listed": {
			values{"id": noID}, dialect(sandbox.Dialect{NoGetApplication: true}), "Application could not be read … may still exist",
		},
		"no endpoint": {
			values{"id": appID}, inject(sandbox.Fault{Times: -1, Action: echoPage(404)}), "does not have GET /api/applications … too old",
		},
	})
}
