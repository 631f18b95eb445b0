package provider_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const importsDataType = "permissionassist_application_imports"

func TestApplicationImportsDataSource(t *testing.T) {
	t.Parallel()

	var downFrom122 []string
	for n := 122; n >= 1; n-- {
		downFrom122 = append(downFrom122, strconv.Itoa(n))
	}
	ofApp := strings.ToUpper(appID)
	for _, d := range []sandbox.Dialect{
		{}, {NoGetImport: true, NoGetApplication: true, NotStartedFirst: true, ExtraFields: true, TimesWithoutZone: true},
	} {
		p := configuredProtocol(t, importsTarget(t, d))
		for _, tc := range []struct {
			config values
			want   string
		}{
			{nil, strings.Join(downFrom122, ",")},
			{values{"application_id": ofApp}, strings.Join(downFrom122[1:], ",")},
			{values{"application_id": noID}, ""},
			{values{"application_id": otherTwin}, ""},
			{values{"application_id": ofApp, "statuses": strs("failed", "PAUSED")}, "121,61,1"},
			{values{"application_id": ofApp, "statuses": strs("Running")}, ""},
		} {
			if got := p.cleanReadData(importsDataType, tc.config).column("imports", "number"); got != tc.want {
				t.Errorf("%+v: %v: the imports are %s, want %s", d, tc.config, got, tc.want)
			}
		}
		paused := p.cleanReadData(importsDataType, values{"statuses": strs("Paused")})
		wantContains(t, paused.column("imports", "id", "type", "status", "build_start"), importedID+":Manual:Paused:<nil>")
		wantContains(t, paused.column("imports", "application"), "id:"+appID, "name:"+appName, "priority:Critical", "is_archived:false")
	}
}

// An import of a removed application, and an import without a number. If the
// last page cannot be read, there is no partial list.
func TestApplicationImportsDataSource_unreported(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.Inject(sandbox.Fault{
		Operation: sandbox.OpListImports, Times: -1, Action: sandbox.Respond(http.StatusOK, "application/json",
			`{"items":[{"id":"`+twinID+`"},{"id":"`+importedID+`","number":7,"type":"Api","status":"finished","application":null}]}`),
	})
	found := configuredProtocol(t, tg).cleanReadData(importsDataType, nil)
	const want = importedID + ":7:API:Finished:<nil>," + twinID + ":<nil>:<nil>:<nil>:<nil>"
	if got := found.column("imports", "id", "number", "type", "status", "application"); got != want {
		t.Errorf("the imports are %s, want %s", got, want)
	}

	tg = importsTarget(t, sandbox.Dialect{})
	tg.sandbox.Inject(sandbox.Fault{
		Operation: sandbox.OpListImports, Skip: 2, Times: -1, Action: sandbox.Envelope(http.StatusForbidden, "forbidden", "No"),
	})
	none, diags := configuredProtocol(t, tg).readData(importsDataType, nil)
	wantContains(t, details(diags), "Imports could not be listed", "403 forbidden", "sk an administrator")
	if got := none.column("imports", "id"); got != "" {
		t.Errorf("there is a partial list: %s", got)
	}
}
