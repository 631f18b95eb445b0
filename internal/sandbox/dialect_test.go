package sandbox_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestDialectImportType(t *testing.T) {
	s := heldServer(t, sandbox.Options{Dialect: sandbox.Dialect{ImportType: "Api"}})
	scheduled, staged := s.AddImport(sandbox.Import{}), stage(t, s, coreID)
	if got := get(s, "/api/application-imports/"+staged.ID); got.body["type"] != "Api" {
		t.Errorf("got %s", got.text)
	}
	if got := get(s, "/api/application-imports/"+scheduled.ID); got.body["type"] != "Scheduled" {
		t.Errorf("got %s", got.text)
	}
}

func TestDialectOmit(t *testing.T) {
	for field, d := range map[string]sandbox.Dialect{
		"application": {OmitApplication: true},
		"createdBy":   {OmitCreatedBy: true},
		"log":         {OmitLog: true},
		"files":       {OmitFiles: true},
		"metrics":     {OmitMetrics: true},
	} {
		t.Run(field, func(t *testing.T) {
			s := heldServer(t, sandbox.Options{})
			staged := post(s, "/api/application-imports/stage", `{"applicationId":"`+coreID+`"}`)
			want := slices.DeleteFunc(slices.Sorted(maps.Keys(staged.body)), func(f string) bool { return f == field })
			id := staged.field("id")
			s.SetDialect(d)
			for _, got := range []reply{
				post(s, "/api/application-imports/stage", `{"applicationId":"`+coreID+`"}`),
				get(s, "/api/application-imports/"+id),
				cancel(s, id),
			} {
				if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got.body))); diff != "" {
					t.Errorf("fields (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestDialectForms(t *testing.T) {
	s := heldServer(t, sandbox.Options{Dialect: sandbox.Dialect{TimesWithoutZone: true, UpperCaseIDs: true}})
	start := updated
	i := s.AddImport(sandbox.Import{BuildStart: &start, ApplicationID: coreID})
	got := get(s, "/api/application-imports/"+i.ID)
	app := got.object("application")
	upperImport, upperApp := strings.ToUpper(i.ID), strings.ToUpper(coreID)
	if got.body["buildStart"] != "2026-02-20T08:15:00" || app["lastUpdated"] != "2026-02-20T08:15:00" ||
		got.body["id"] != upperImport || app["id"] != upperApp {
		t.Errorf("got %s", got.text)
	}
}

func TestDialectExtraFields(t *testing.T) {
	s := heldServer(t, sandbox.Options{Dialect: sandbox.Dialect{ExtraFields: true}})
	id := stage(t, s, coreID).ID
	for _, path := range []string{
		"/api/application-imports", "/api/application-imports/" + id, "/api/applications", "/api/applications/" + coreID,
	} {
		if got := get(s, path); got.body["tenantId"] != "contoso" || got.body["_links"] == nil {
			t.Errorf("%s: %s", path, got.text)
		}
	}
	item := get(s, "/api/application-imports").list("items")[0]
	if item["tenantId"] != "contoso" || item["application"] == nil {
		t.Errorf("item: %v", item)
	}
}

func TestDialectLacks(t *testing.T) {
	paths := map[string]string{
		"get import":        "/api/application-imports/",
		"get application":   "/api/applications/" + coreID,
		"list imports":      "/api/application-imports",
		"list applications": "/api/applications",
	}
	for lacking, d := range map[string]sandbox.Dialect{
		"get import":        {NoGetImport: true},
		"get application":   {NoGetApplication: true},
		"list imports":      {NoListImports: true},
		"list applications": {NoListApplications: true},
	} {
		t.Run(lacking, func(t *testing.T) {
			s := heldServer(t, sandbox.Options{Dialect: d})
			id := stage(t, s, coreID).ID // every dialect has it
			for name, path := range paths {
				if name == "get import" {
					path += id
				}
				got := get(s, path)
				if name == lacking {
					wantPage(t, got, http.StatusNotFound)
				} else if got.status != http.StatusOK {
					t.Errorf("%s: %d %s", name, got.status, got.text)
				}
			}
		})
	}
}
