package provider_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const importsDataType = "permissionassist_application_imports"

func TestApplicationImportsDataSource_filters(t *testing.T) {
	t.Parallel()

	var downFrom122 []string
	for n := 122; n >= 1; n-- {
		downFrom122 = append(downFrom122, strconv.Itoa(n))
	}

	for name, d := range map[string]sandbox.Dialect{
		"fullest":                {},
		"without inferred paths": {NoGetImport: true, NoGetApplication: true, NotStartedFirst: true, ExtraFields: true, TimesWithoutZone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := configuredProtocol(t, importsTarget(t, d))
			ofApp := str(strings.ToUpper(appID))
			for what, tc := range map[string]struct {
				config values
				want   string
			}{
				"all":              {nil, strings.Join(downFrom122, ",")},
				"of one":           {values{"application_id": ofApp}, strings.Join(downFrom122[1:], ",")},
				"of none":          {values{"application_id": str(noID)}, ""},
				"statuses":         {values{"application_id": ofApp, "statuses": set("failed", "PAUSED")}, "121,61,1"},
				"statuses of none": {values{"application_id": ofApp, "statuses": set("Running")}, ""},
			} {
				if got := p.data(importsDataType, tc.config).column("imports", "number"); got != tc.want {
					t.Errorf("%s: the imports are %s, want %s", what, got, tc.want)
				}
			}
			p.data(importsDataType, values{"application_id": str(otherTwin)}).expectValues(t, map[string]any{"imports": []any{}})

			paused := p.data(importsDataType, values{"statuses": set("Paused")})
			for attribute, want := range map[string]string{"id": importedID, "type": "Manual", "status": "Paused", "build_start": "<nil>"} {
				if got := paused.column("imports", attribute); got != want {
					t.Errorf("%s is %s, want %s", attribute, got, want)
				}
			}
			expectAll(t, paused.column("imports", "application"), "id:"+appID, "name:"+appName, "priority:Critical", "is_archived:false")
		})
	}
}

func TestApplicationImportsDataSource_config(t *testing.T) {
	t.Parallel()

	newProtocol(t).expectValidation(importsDataType, map[string]configCase{
		"unknown":      {values{"application_id": unknownString(), "statuses": unknown(set())}, ""},
		"no GUID":      {values{"application_id": str("core")}, `found no GUID`},
		"no statuses":  {values{"statuses": set()}, "must contain at least 1 elements"},
		"empty status": {values{"statuses": set("Failed", "")}, "string length must be at least 1"},
		"null status":  {values{"statuses": nullIn(set())}, "Null Set Value"},
	})
}

// An import of a removed application, and an import without a number.
func TestApplicationImportsDataSource_unreported(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Times: -1, Action: sandbox.Respond(http.StatusOK, "application/json",
		`{"items":[{"id":"`+twinID+`"},{"id":"`+importedID+`","number":7,"type":"Api","status":"finished","application":null}]}`)})

	found := configuredProtocol(t, tg).data(importsDataType, nil)
	for attribute, want := range map[string]string{
		"id": importedID + "," + twinID, "number": "7,<nil>", "type": "API,<nil>", "status": "Finished,<nil>", "application": "<nil>,<nil>",
	} {
		if got := found.column("imports", attribute); got != want {
			t.Errorf("%s is %s, want %s", attribute, got, want)
		}
	}
}

func TestApplicationImportsDataSource_errors(t *testing.T) {
	t.Parallel()

	tg := importsTarget(t, sandbox.Dialect{})
	// If the last page cannot be read, there is no partial list.
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Skip: 2, Times: -1, Action: sandbox.Envelope(http.StatusForbidden, "forbidden", "No")})

	resp := configuredProtocol(t, tg).readData(importsDataType, nil)

	text := details(resp.Diagnostics)
	expectAll(t, text, "Imports could not be listed", "403 forbidden", "sk an administrator")
}
