package sandbox_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func coreBody() map[string]any {
	return map[string]any{
		"id": coreID, "kind": "Application", "name": "Jack Henry Silverlake", "priority": "High",
		"isArchived": false, "lastUpdated": "2026-02-20T08:15:00Z",
	}
}

func TestGetApplication(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	want := coreBody()
	want["connectorConfiguration"] = map[string]any{"name": "Database", "fileGroups": []any{}}
	want["lastImportStatus"] = nil
	got := get(s, "/api/applications/"+strings.ToUpper(coreID))
	if diff := cmp.Diff(want, got.body); got.status != http.StatusOK || diff != "" {
		t.Errorf("%d (-want +got):\n%s", got.status, diff)
	}

	stage(t, s, coreID)
	if got := get(s, "/api/applications/"+coreID); got.body["lastImportStatus"] != "Pending" {
		t.Errorf("got %s", got.text)
	}

	got = get(s, "/api/applications/"+fileID)
	connector := map[string]any{"name": "File", "fileGroups": []any{
		map[string]any{"id": usersID, "name": "Users", "required": true},
		map[string]any{"id": rolesID, "name": "Roles", "required": false},
	}}
	if diff := cmp.Diff(connector, got.body["connectorConfiguration"]); diff != "" {
		t.Errorf("connector (-want +got):\n%s", diff)
	}

	for _, id := range []string{unknownID, "no-guid"} {
		wantError(t, s, get(s, "/api/applications/"+id), http.StatusNotFound, "not_found",
			"Application with id "+id+" not found")
	}
}

func TestListApplications(t *testing.T) {
	s := newServer(t, sandbox.Options{Applications: []sandbox.Application{}})
	want := map[string]any{
		"items": []any{}, "totalCount": 0.0, "page": 1.0, "pageSize": 50.0, "totalPages": 0.0,
	}
	if diff := cmp.Diff(want, get(s, "/api/applications").body); diff != "" {
		t.Errorf("without applications (-want +got):\n%s", diff)
	}

	s.AddApplication(coreApplication())
	want = map[string]any{
		"items": []any{coreBody()}, "totalCount": 1.0, "page": 1.0, "pageSize": 50.0, "totalPages": 1.0,
	}
	if diff := cmp.Diff(want, get(s, "/api/applications").body); diff != "" {
		t.Errorf("with one (-want +got):\n%s", diff)
	}

	s.RemoveApplication(coreID)
	for n := 101; n > 0; n-- {
		s.AddApplication(sandbox.Application{Name: fmt.Sprintf("app %03d", n)})
	}
	s.AddApplication(sandbox.Application{Name: "APP 000", IsArchived: true})
	for _, tc := range []struct {
		query       string
		page, items int
		first       string
	}{
		{"", 1, 50, "APP 000"},
		{"?page=1", 1, 50, "APP 000"},
		{"?page=2", 2, 50, "app 050"},
		{"?page=3", 3, 2, "app 100"},
		{"?page=4", 4, 0, ""},
		{fmt.Sprintf("?page=%d", math.MaxInt), math.MaxInt, 0, ""},
		{"?page=0", 1, 50, "APP 000"},
		{"?page=-1", 1, 50, "APP 000"},
		{"?page=two", 1, 50, "APP 000"},
		{"?page=99999999999999999999", 1, 50, "APP 000"},
		{"?pageSize=1", 1, 50, "APP 000"},
	} {
		t.Run(tc.query, func(t *testing.T) {
			got := get(s, "/api/applications"+tc.query)
			items := got.list("items")
			if len(items) != tc.items || got.body["page"] != float64(tc.page) ||
				got.body["totalCount"] != 102.0 || got.body["totalPages"] != 3.0 || got.body["pageSize"] != 50.0 {
				t.Fatalf("got %d items, page %v of %v", len(items), got.body["page"], got.body["totalPages"])
			}
			if tc.items > 0 && items[0]["name"] != tc.first {
				t.Errorf("first is %v, want %s", items[0], tc.first)
			}
		})
	}
}

func TestAddUpdateRemoveApplication(t *testing.T) {
	s := newServer(t, sandbox.Options{Applications: []sandbox.Application{}})
	a := s.AddApplication(sandbox.Application{FileGroups: []sandbox.FileGroup{{Name: "Users"}}})
	if !guid.MatchString(a.ID) || !guid.MatchString(a.FileGroups[0].ID) ||
		a.Name != "Application "+a.ID[:8] || a.Priority != "None" || time.Since(a.LastUpdated) > time.Minute {
		t.Errorf("filled in: %+v", a)
	}
	if short := s.AddApplication(sandbox.Application{ID: "x"}); short.Name != "Application x" {
		t.Errorf("short ID: %+v", short)
	}
	s.RemoveApplication("X")

	// The server has copies: changing a test's values does not change the
	// server.
	buildTime := time.Second
	given := fileApplication()
	given.ID = strings.ToUpper(fileID)
	given.BuildTime = &buildTime
	b := s.AddApplication(given)
	given.FileGroups[0].Name, b.FileGroups[0].Name, buildTime = "changed", "changed", time.Hour
	all := s.Applications()
	if len(all) != 2 || all[0].ID != a.ID || all[1].ID != fileID ||
		all[1].FileGroups[0].Name != "Users" || *all[1].BuildTime != time.Second {
		t.Errorf("got %+v", all)
	}

	if !s.UpdateApplication(strings.ToUpper(fileID), func(a *sandbox.Application) { a.ID, a.Name = "changed", "New" }) {
		t.Error("not found")
	}
	if all := s.Applications(); all[1].ID != fileID || all[1].Name != "New" {
		t.Errorf("updated to %+v", all[1])
	}
	s.AddApplication(fileApplication())
	if all := s.Applications(); len(all) != 2 || all[1].Name != "Verafin" {
		t.Errorf("replaced: %+v", all)
	}
	if s.UpdateApplication(unknownID, func(*sandbox.Application) { t.Error("called") }) {
		t.Error("updated an application that is not there")
	}
	if !s.RemoveApplication(strings.ToUpper(fileID)) || s.RemoveApplication(fileID) || len(s.Applications()) != 1 {
		t.Error("not removed once")
	}
}
