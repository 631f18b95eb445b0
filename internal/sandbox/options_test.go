package sandbox_test

import (
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestDialect_forms(t *testing.T) {
	s := newServer(t, sandbox.Options{Dialect: sandbox.Dialect{
		ImportType: "Api", TimesWithoutZone: true, UpperCaseIDs: true, ExtraFields: true,
		OmitCreatedBy: true, OmitLog: true, OmitFiles: true, OmitMetrics: true,
	}})
	upper := strings.ToUpper

	i := s.AddImport(sandbox.Import{BuildStart: &updated, ApplicationID: coreID, Type: sandbox.TypeAPI})
	got := get(s, importsPath+"/"+i.ID)
	app, _ := got.body["application"].(map[string]any)
	if got.body["type"] != "Api" || got.body["buildStart"] != "2026-02-20T08:15:00" || app["lastUpdated"] != "2026-02-20T08:15:00" ||
		got.body["id"] != upper(i.ID) || app["id"] != upper(coreID) {
		t.Errorf("got %s", got.text)
	}
	for _, field := range []string{"createdBy", "log", "files", "metrics"} {
		if _, found := got.body[field]; found {
			t.Errorf("the field %s is not left out: %s", field, got.text)
		}
	}

	list := get(s, importsPath)
	for _, body := range []map[string]any{
		got.body, list.body, list.items()[0], get(s, "/api/applications").body, get(s, "/api/applications/"+coreID).body,
	} {
		if body["tenantId"] != "contoso" || body["_links"] == nil {
			t.Errorf("extra fields are missing: %v", body)
		}
	}
}
