package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const personID = "55555555-5555-4555-8555-55555555eeee"

// peopleServer has an identity.
func peopleServer(t *testing.T) *sandbox.Server {
	t.Helper()
	s := newServer(t, sandbox.Options{})
	s.AddIdentity(sandbox.Identity{ID: personID, FirstName: "Ann", LastName: "Lee", Type: "Service Account", Created: updated})
	return s
}

func TestIdentities(t *testing.T) {
	s := peopleServer(t)
	s.AddIdentity(sandbox.Identity{LastName: "Abel"})
	s.UpdateIdentity(personID, func(i *sandbox.Identity) { i.Status, i.Inactivated = "Disabled", &updated })
	for d, accountType := range map[sandbox.Dialect]string{{}: "Service Account", {CompactValues: true}: "ServiceAccount"} {
		s.SetDialect(d)
		second := get(s, "/api/identities?page=1&status=Removed").items()[1] // there are no filters
		if second["id"] != personID || second["type"] != accountType || second["status"] != "Disabled" ||
			second["inactivatedDate"] != "2026-02-20T08:15:00Z" || second["emailAddress"] != nil {
			t.Errorf("%+v: the second is %v", d, second)
		}
	}
}

// The provider filters, too, so its tests do not show whether the server does.
func TestAccessRequests(t *testing.T) {
	s := peopleServer(t)
	add := func(r sandbox.AccessRequest, hours int) sandbox.AccessRequest {
		r.Created = updated.Add(time.Duration(hours) * time.Hour)
		return s.AddAccessRequest(r)
	}
	first := add(sandbox.AccessRequest{Number: 10, IdentityID: personID, ApplicationID: coreID}, 0)
	add(sandbox.AccessRequest{Action: "Remove", Status: "Completed", IdentityID: personID, ApplicationID: fileID}, 1)
	group := add(sandbox.AccessRequest{Group: "Tellers", Nomenclature: "Role", ApplicationID: coreID, Comments: []string{"Why"}}, 2)

	const path = "/api/access-requests"
	for query, want := range map[string]string{
		"":                                "12 11 10",
		"identityId=" + personID:          "11 10",
		"applicationId=" + coreID:         "12 10",
		"type=add&identityId=" + personID: "10",
		"status=COMPLETED":                "11",
		"status=Completed&applicationId=" + coreID: "",
		"action=Remove": "12 11 10",
	} {
		wantNumbers(t, s, path+"?"+query, want)
	}
	wantError(t, get(s, path+"?identityId=1"), http.StatusBadRequest, "validation_error", "identityId")
	wantError(t, get(s, path+"/"+unknownID), http.StatusNotFound, "not_found", unknownID)

	target := map[string]any{"type": "Group", "name": "Tellers", "nomenclature": "Role", "affectedIdentity": nil}
	if got := get(s, path+"/"+group.ID); !cmp.Equal(target, got.body["target"]) || !strings.Contains(got.text, "Why") {
		t.Errorf("got %s", got.text)
	}

	s.UpdateAccessRequest(first.ID, func(r *sandbox.AccessRequest) { r.Status = "Open" })
	wantNumbers(t, s, path+"?status=open", "10")
	s.SetDialect(sandbox.Dialect{IgnoreFilters: true, OldestFirst: true})
	wantNumbers(t, s, path+"?status=Completed", "10 11 12")
}

func TestPersonnelEvents(t *testing.T) {
	s := peopleServer(t)
	leaves := s.AddPersonnelEvent(sandbox.PersonnelEvent{IdentityID: personID, Effective: updated})
	s.AddPersonnelEvent(sandbox.PersonnelEvent{Type: "Role Transition", Status: "Open", Effective: updated.Add(time.Hour)})

	const path = "/api/personnel-events"
	for query, want := range map[string]string{
		"": "2 1", "type=roletransition": "2", "type=role+transition": "2", "status=pending": "1",
		"identityId=" + personID: "1", "type=Absence": "",
	} {
		wantNumbers(t, s, path+"?"+query, want)
	}
	wantError(t, get(s, path+"/"+unknownID), http.StatusNotFound, "not_found", unknownID)

	s.SetDialect(sandbox.Dialect{CompactValues: true})
	if got := get(s, path).items()[0]["type"]; got != "RoleTransition" {
		t.Errorf("the type is %v", got)
	}
	s.SetDialect(sandbox.Dialect{NoIAMOperations: true})
	for _, path := range []string{path, path + "/" + leaves.ID} {
		wantError(t, get(s, path), http.StatusForbidden, "forbidden")
	}
}
