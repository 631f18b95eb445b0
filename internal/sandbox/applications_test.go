package sandbox_test

import (
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
	got := get(s, "/api/applications/"+strings.ToUpper(coreID))
	if diff := cmp.Diff(coreBody(), got.body); got.status != http.StatusOK || diff != "" {
		t.Errorf("%d (-want +got):\n%s", got.status, diff)
	}
	wantError(t, get(s, "/api/applications/"+unknownID), http.StatusNotFound, "not_found", unknownID)
}

func TestListApplications(t *testing.T) {
	s := newServer(t, sandbox.Options{Applications: []sandbox.Application{}})
	want := map[string]any{"items": []any{}, "totalCount": 0.0, "page": 1.0, "pageSize": 50.0, "totalPages": 0.0}
	if diff := cmp.Diff(want, get(s, "/api/applications").body); diff != "" {
		t.Errorf("without applications (-want +got):\n%s", diff)
	}
	s.AddApplication(coreApplication())
	want["items"], want["totalCount"], want["totalPages"] = []any{coreBody()}, 1.0, 1.0
	if diff := cmp.Diff(want, get(s, "/api/applications").body); diff != "" {
		t.Errorf("with one (-want +got):\n%s", diff)
	}
}

func TestAddApplication(t *testing.T) {
	s := newServer(t, sandbox.Options{Applications: []sandbox.Application{}})
	a := s.AddApplication(sandbox.Application{FileGroups: []sandbox.FileGroup{{Name: "Users"}}})
	if !guid.MatchString(a.ID) || !guid.MatchString(a.FileGroups[0].ID) ||
		a.Name != "Application "+a.ID[:8] || a.Priority != "None" || time.Since(a.LastUpdated) > time.Minute {
		t.Errorf("filled in: %+v", a)
	}

	given := fileApplication()
	given.ID = strings.ToUpper(fileID)
	s.AddApplication(given)
	rename := func(a *sandbox.Application) { a.Name = "New" }
	updated := s.UpdateApplication(strings.ToUpper(fileID), rename)
	if all := s.Applications(); !updated || all[1].ID != fileID || all[1].Name != "New" || s.UpdateApplication(unknownID, rename) {
		t.Errorf("updated to %+v", all[1])
	}
	s.AddApplication(fileApplication())
	if all := s.Applications(); len(all) != 2 || all[1].Name != "Verafin" {
		t.Errorf("replaced: %+v", all)
	}
	if !s.RemoveApplication(strings.ToUpper(fileID)) || s.RemoveApplication(fileID) || len(s.Applications()) != 1 {
		t.Error("not removed once")
	}
}
