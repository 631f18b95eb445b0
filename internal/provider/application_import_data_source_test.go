package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	importDataType = "permissionassist_application_import"
	importedID     = "0f8fad5b-d9cb-469f-a165-70867728950e"
	noID           = "00000000-0000-0000-0000-000000000000"
)

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
// and the first again have the latest import. The ephemeral resource finds the
// same imports.
func TestApplicationImportDataSource_found(t *testing.T) {
	t.Parallel()

	ofApp, logged := strings.ToUpper(appID), true
	latest := values{
		"id": importedID, "application_id": strings.ToUpper(appID), "number": 121.0, "type": "Manual", "status": "Paused", "created_by": "Ada",
		"build_start": nil, "build_end": nil, "metrics": nil, "log": "Line 1\nLine 2\n",
		"files": []any{values{"id": archivedID, "file_group_id": twinID, "file_group": "Users", "name": "users.csv"}},
	}
	for _, d := range []sandbox.Dialect{{}, {NotStartedFirst: true, ExtraFields: true, TimesWithoutZone: true}} {
		tg := importsTarget(t, d)
		p := configuredProtocol(t, tg)
		for name, tc := range map[string]struct {
			config values
			want   values
			took   requests
		}{
			"by ID": {
				values{"id": strings.ToUpper(importedID)},
				values{"id": strings.ToUpper(importedID), "application_id": appID, "number": 121.0, "log": nil},
				requests{sandbox.OpGetImport: 1},
			},
			"latest": {values{"application_id": ofApp, "include_log": logged}, latest, requests{sandbox.OpGetImport: 1, sandbox.OpListImports: 3}},
			"by status": {
				values{"application_id": ofApp, "statuses": strs("FAILED"), "include_log": logged},
				values{"number": 61.0, "status": "Failed", "log": "No connection"}, requests{sandbox.OpGetImport: 1, sandbox.OpListImports: 2},
			},
			"by number": {
				values{"application_id": ofApp, "number": 100, "include_log": false},
				values{"number": 100.0, "status": "Finished", "log": nil}, requests{sandbox.OpGetImport: 1, sandbox.OpListImports: 1},
			},
			"of another application": {
				values{"application_id": twinID}, values{"number": 122.0, "status": "Finished", "files": []any{}, "log": nil},
				requests{sandbox.OpGetImport: 1, sandbox.OpListImports: 1},
			},
		} {
			tg.sandbox.ResetRequests()
			found := p.cleanReadData(importDataType, tc.config)
			found.wantValues(t, tc.want)
			tg.wantOnlyRequests(t, name, tc.took)
			p.cleanOpen(importDataType, tc.config).wantValues(t, found.plain())
		}
		finished := p.cleanReadData(importDataType, values{"application_id": twinID})
		if finished.text("metrics") == "" || finished.text("build_end") == "" {
			t.Errorf("the finished import is %v", finished)
		}
		wantContains(t, p.cleanReadData(importDataType, values{"id": importedID}).printed("application"),
			"id:"+appID, "name:"+appName, "priority:Critical", "is_archived:false")
	}
}

// A value that the response lacks is null, or read from the list.
func TestApplicationImportDataSource_dialects(t *testing.T) {
	t.Parallel()

	for _, tc := range []struct {
		dialect     sandbox.Dialect
		application any
		lists       int
	}{
		{sandbox.Dialect{NoGetImport: true, NoGetApplication: true}, appID, 3},
		{sandbox.Dialect{OmitApplication: true, OmitCreatedBy: true, OmitFiles: true, OmitLog: true, OmitMetrics: true}, nil, 0},
	} {
		tg := importsTarget(t, tc.dialect)
		p := configuredProtocol(t, tg)
		want := values{"number": 121.0, "created_by": nil, "log": nil, "files": nil, "metrics": nil, "application_id": tc.application}
		p.cleanReadData(importDataType, values{"id": importedID}).wantValues(t, want)
		tg.wantRequests(t, requests{sandbox.OpListImports: tc.lists})

		want["id"], want["application_id"] = importedID, appID
		latest := p.cleanReadData(importDataType, values{"application_id": appID})
		latest.wantValues(t, want)
		wantContains(t, latest.printed("application"), "name:"+appName)
	}
}

func TestApplicationImportDataSource_errors(t *testing.T) {
	t.Parallel()

	ofApp := values{"application_id": appID}
	wantDataErrors(t, importDataType, importsTarget, map[string]errorCase{
		"gone":       {values{"id": noID}, nil, `AttributeName("id") … Import not found … Check the ID`},
		"not listed": {values{"id": noID}, dialect(sandbox.Dialect{NoGetImport: true}), "Import could not be read … may still exist"},
		"none": {
			values{"application_id": otherTwin}, nil, `AttributeName("application_id") … No import found … ` + otherTwin + " … stage an import",
		},
		"none with the statuses": {
			values{"application_id": appID, "statuses": strs("Running", "Lost")}, nil,
			"No import found … no import with the status … Running …  or  … Lost",
		},
		"none with the number": {values{"application_id": appID, "number": 122}, nil, "No import found … no import #122 … " + appID},
		"no API": {
			values{"id": importedID}, inject(sandbox.Fault{Times: -1, Action: sandbox.Respond(http.StatusNotFound, "text/html", "<h1>IIS</h1>")}),
			"does not have GET /api/application-imports",
		},
		"no list": {
			ofApp, dialect(sandbox.Dialect{NoListImports: true}), "Import could not be read … does not have GET /api/application-imports",
		},
		"gone since it was listed": {
			ofApp, inject(sandbox.Fault{Operation: sandbox.OpGetImport, Action: notFound()}),
			`AttributeName("application_id") … Import not found`,
		},
		"blamed": {
			ofApp, inject(sandbox.Fault{Operation: sandbox.OpListImports, Action: sandbox.Respond(http.StatusBadRequest, "application/json",
				`{"error":"validation_error","message":"No","errors":[{"field":"applicationId","message":"Bad\u001b[2J"}]}`)}),
			`AttributeName("application_id") … applicationId: Bad\x1b[2J`,
		},
	})
}
