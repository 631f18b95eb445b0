package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// The newest request is the first. One value of a filter goes to the server,
// and a server that ignores filters changes nothing, as far as the items show
// it.
func TestAccessRequests(t *testing.T) {
	t.Parallel()

	dialects := []sandbox.Dialect{{UpperCaseIDs: true}, {OldestFirst: true, ExtraFields: true}, {IgnoreFilters: true}}
	of := func(id string, more values) values {
		config := values{"identity_id": id}
		for name, value := range more {
			config[name] = value
		}
		return config
	}
	wantTwins(t, accessRequestsType, dialects, "requests", []string{"number", "action", "status"}, []twinCase{
		{of("{"+strings.ToUpper(bobID)+"}", nil), "identityId=" + bobID + "&page=1", "2042:Remove:Completed,2041:Add:Completed"},
		{of(bobID, values{"actions": strs("add")}), "identityId=" + bobID + "&page=1&type=add", "2041:Add:Completed"},
		{of(bobID, values{"actions": strs("add", "Remove")}), "identityId=" + bobID + "&page=1", "2042:Remove:Completed,2041:Add:Completed"},
		{
			of(devID, values{"application_id": silverlakeID}),
			"applicationId=" + silverlakeID + "&identityId=" + devID + "&page=1", "2043:Add:Completed",
		},
		{of(ellaID, values{"statuses": strs("Completed")}), "identityId=" + ellaID + "&page=1&status=Completed", ""},
		{of(noID, nil), "identityId=" + noID + "&page=1", ""},
		// An empty set matches nothing.
		{of(bobID, values{"statuses": strs()}), noRequest, ""},
		{of(bobID, values{"actions": strs()}), noRequest, ""},
	}, func(t *testing.T, _ target, read func(values) values) {
		t.Helper()
		wantContains(t, read(values{"id": strings.ToUpper(devRequestID)}).printed("requests"),
			"number:2043", "name:Service Desk", "type:User", "name:Dev Patel", "email_address:dev.patel@vendor.example")
	})
}

// Only an application's requests can have groups as targets.
func TestAccessRequests_ofApplication(t *testing.T) {
	t.Parallel()

	p := configuredProtocol(t, peopleTarget(t, sandbox.Dialect{}))
	got := p.cleanOpen(accessRequestsType, values{"application_id": "https://pa.example.com/Applications/" + dnaID})
	if rows := got.column("requests", "number", "action", "status"); rows != "2045:Change:Open,2044:Add:Resolved" {
		t.Errorf("the requests are %s", rows)
	}
	wantContains(t, got.printed("requests"), "type:Group", "name:Tellers", "nomenclature:Role", "affected_identity:<nil>", "details:<nil>")
}

// The details are only in the ephemeral resource, and only with an ID.
func TestAccessRequests_details(t *testing.T) {
	t.Parallel()

	tg := peopleTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)
	config := values{"id": devRequestID}
	wantContains(t, p.cleanOpen(accessRequestsType, config).column("requests", "details"), `"comments":["For the upgrade"]`, `"privileges":[]`)
	wantNotContains(t, p.cleanReadData(accessRequestsType, config).printed("requests"), "For the upgrade", "details")

	tg.sandbox.UpdateAccessRequest(devRequestID, func(r *sandbox.AccessRequest) { r.Comments = []string{strings.Repeat("x", 70_000)} })
	_, diags := p.open(accessRequestsType, config)
	wantSummaries(t, diags, "WARNING: Value is too large")
}

func TestAccessRequests_errors(t *testing.T) {
	t.Parallel()

	wantDataErrors(t, accessRequestsType, peopleTarget, map[string]errorCase{
		"unknown ID": {values{"id": noID}, nil, `AttributeName("id") … Access request not found … Check the ID`},
		"blamed": {
			values{"identity_id": annID}, inject(sandbox.Fault{Action: sandbox.Respond(http.StatusBadRequest, "application/json",
				`{"error":"validation_error","message":"No","correlationId":"x","errors":[{"field":"identityId","message":"Bad"}]}`)}),
			`AttributeName("identity_id") … Access requests could not be listed … identityId: Bad`,
		},
	})
}
