package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const personID = "55555555-5555-4555-8555-55555555eeee"

func person() sandbox.Identity {
	return sandbox.Identity{ID: personID, FirstName: "Ann", LastName: "Lee", EmailAddress: "ann@bank.example", Created: updated}
}

func personBody() map[string]any {
	return map[string]any{
		"id": personID, "kind": "Identity", "firstName": "Ann", "lastName": "Lee", "emailAddress": "ann@bank.example", "type": "Employee",
		"title": nil, "company": nil, "division": nil, "department": nil, "office": nil, "supervisorName": nil,
		"createdDate": "2026-02-20T08:15:00Z", "updatedDate": "2026-02-20T08:15:00Z", "firstSeenDate": "2026-02-20T08:15:00Z",
		"inactivatedDate": nil, "status": "Active",
	}
}

func TestIdentities(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	s.AddIdentity(person())
	s.AddIdentity(sandbox.Identity{LastName: "Abel", Type: "Service Account"})
	for range 49 {
		s.AddIdentity(sandbox.Identity{LastName: "Zorn"})
	}

	list := get(s, "/api/identities?page=1&status=Removed") // there are no filters
	if diff := cmp.Diff(personBody(), list.items()[1]); diff != "" || list.body["totalCount"] != 51.0 || list.body["totalPages"] != 2.0 {
		t.Errorf("%v (-want +got):\n%s", list.body["totalCount"], diff)
	}

	gone := updated.Add(time.Hour)
	changed := s.UpdateIdentity(personID, func(i *sandbox.Identity) { i.ID, i.Status, i.Inactivated = "x", "Disabled", &gone })
	one := get(s, "/api/identities").items()[1]
	if !changed || s.UpdateIdentity(unknownID, nil) || one["status"] != "Disabled" || one["inactivatedDate"] != "2026-02-20T09:15:00Z" {
		t.Errorf("changed to %v", one)
	}
	s.SetDialect(sandbox.Dialect{CompactValues: true})
	if got := get(s, "/api/identities").items()[0]["type"]; got != "ServiceAccount" {
		t.Errorf("the type is %v", got)
	}
}

// numbers returns the numbers of the items of a list.
func numbers(got reply) string {
	var all []string
	for _, item := range got.items() {
		all = append(all, fmt.Sprint(item["number"]))
	}
	return strings.Join(all, " ")
}

func TestAccessRequests(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	s.AddIdentity(person())
	add := func(r sandbox.AccessRequest, after int) sandbox.AccessRequest {
		r.Created = updated.Add(time.Duration(after) * time.Hour)
		return s.AddAccessRequest(r)
	}
	first := add(sandbox.AccessRequest{Number: 10, IdentityID: personID, ApplicationID: coreID, Reporter: sandbox.Person{ID: usersID, Name: "Desk"}}, 0)
	add(sandbox.AccessRequest{Action: "Remove", Status: "Completed", IdentityID: personID, ApplicationID: fileID}, 1)
	group := add(sandbox.AccessRequest{Group: "Tellers", Nomenclature: "Role", ApplicationID: coreID, Comments: []string{"Why"}}, 2)

	for query, want := range map[string]string{
		"":                                "12 11 10",
		"identityId=" + personID:          "11 10",
		"applicationId=" + coreID:         "12 10",
		"type=add&identityId=" + personID: "10",
		"status=COMPLETED":                "11",
		"status=Completed&applicationId=" + coreID: "",
		"action=Remove": "12 11 10",
	} {
		if got := numbers(get(s, "/api/access-requests?"+query)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	wantError(t, get(s, "/api/access-requests?identityId=1"), http.StatusBadRequest, "validation_error", "identityId")
	wantError(t, get(s, "/api/access-requests/"+unknownID), http.StatusNotFound, "not_found", unknownID)

	one := get(s, "/api/access-requests/"+first.ID)
	want := map[string]any{
		"id": first.ID, "kind": "Access Request", "number": 10.0, "action": "Add", "status": "Pending",
		"reporter": map[string]any{"id": usersID, "name": "Desk"}, "assignee": nil,
		"target":     map[string]any{"type": "User", "name": "Ann Lee", "affectedIdentity": personBody()},
		"privileges": []any{}, "activityLog": []any{"Created"}, "comments": []any{}, "relatedItems": []any{},
	}
	if diff := cmp.Diff(want, one.body); diff != "" {
		t.Errorf("one (-want +got):\n%s", diff)
	}
	target := map[string]any{"type": "Group", "name": "Tellers", "nomenclature": "Role", "affectedIdentity": nil}
	if got := get(s, "/api/access-requests/"+group.ID); !cmp.Equal(target, got.body["target"]) || !strings.Contains(got.text, "Why") {
		t.Errorf("got %s", got.text)
	}

	s.UpdateAccessRequest(first.ID, func(r *sandbox.AccessRequest) { r.Status = "Open" })
	s.SetDialect(sandbox.Dialect{IgnoreFilters: true, OldestFirst: true})
	got := get(s, "/api/access-requests?status=Completed")
	if numbers(got) != "10 11 12" || got.items()[0]["status"] != "Open" {
		t.Errorf("got %s", got.text)
	}
}

func TestPersonnelEvents(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	s.AddIdentity(person())
	leaves := s.AddPersonnelEvent(sandbox.PersonnelEvent{IdentityID: personID, Effective: updated})
	s.AddPersonnelEvent(sandbox.PersonnelEvent{Type: "Role Transition", Status: "Open", Effective: updated.Add(time.Hour)})

	for query, want := range map[string]string{
		"": "2 1", "type=roletransition": "2", "type=role+transition": "2", "status=pending": "1", "identityId=" + personID: "1", "type=Absence": "",
	} {
		if got := numbers(get(s, "/api/personnel-events?"+query)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	want := map[string]any{
		"id": leaves.ID, "kind": "Personnel Event", "number": 1.0, "type": "Offboard", "status": "Pending",
		"reporter": nil, "assignee": nil, "affectedIdentity": personBody(),
	}
	if diff := cmp.Diff(want, get(s, "/api/personnel-events/"+leaves.ID).body); diff != "" {
		t.Errorf("one (-want +got):\n%s", diff)
	}
	wantError(t, get(s, "/api/personnel-events/"+unknownID), http.StatusNotFound, "not_found", unknownID)

	s.SetDialect(sandbox.Dialect{CompactValues: true})
	if got := get(s, "/api/personnel-events").items()[0]["type"]; got != "RoleTransition" {
		t.Errorf("the type is %v", got)
	}
	s.SetDialect(sandbox.Dialect{NoIAMOperations: true})
	for _, path := range []string{"/api/personnel-events", "/api/personnel-events/" + leaves.ID} {
		wantError(t, get(s, path), http.StatusForbidden, "forbidden")
	}
}

// The seed tells the stories that the guides need.
func TestSeedPeople(t *testing.T) {
	s := newServer(t, sandbox.Options{Applications: sandbox.SeedApplications()})
	s.SeedPeople()
	for path, want := range map[string]int{
		"identities": 7, "access-requests": 5, "access-requests?type=Remove&status=Completed": 1, "personnel-events?status=Scheduled&type=Offboard": 1,
	} {
		if got := get(s, "/api/"+path).items(); len(got) != want {
			t.Errorf("%s: %d items, want %d", path, len(got), want)
		}
	}
}
