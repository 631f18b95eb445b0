package sandbox_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestApplications(t *testing.T) {
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
	if got := get(s, "/api/applications/"+strings.ToUpper(fileID)); len(s.Applications()) != 2 || got.body["name"] != "Verafin" {
		t.Errorf("replaced: %s", got.text)
	}
	if !s.RemoveApplication(strings.ToUpper(fileID)) || s.RemoveApplication(fileID) || len(s.Applications()) != 1 {
		t.Error("not removed once")
	}
	wantError(t, get(s, "/api/applications/"+fileID), http.StatusNotFound, "not_found", fileID)
}

func TestListApplications_pages(t *testing.T) {
	apps := []sandbox.Application{{Name: "APP 000", IsArchived: true}}
	for n := 101; n > 0; n-- {
		apps = append(apps, sandbox.Application{Name: fmt.Sprintf("app %03d", n)})
	}
	s := newServer(t, sandbox.Options{Applications: apps})
	for query, want := range map[string]struct {
		page, items int
		first       string
	}{
		"?pageSize=1":                     {1, 50, "APP 000"},
		"?page=0":                         {1, 50, "APP 000"},
		"?page=3":                         {3, 2, "app 100"},
		fmt.Sprint("?page=", math.MaxInt): {math.MaxInt, 0, ""},
	} {
		got := get(s, "/api/applications"+query)
		items := got.items()
		if len(items) != want.items || got.body["page"] != float64(want.page) || want.items > 0 && items[0]["name"] != want.first ||
			got.body["totalCount"] != 102.0 || got.body["totalPages"] != 3.0 || got.body["pageSize"] != 50.0 {
			t.Errorf("%s: %d items, page %v of %v", query, len(items), got.body["page"], got.body["totalPages"])
		}
	}
}
