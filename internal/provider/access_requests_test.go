package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// The newest request is the first. One value of a filter goes to the server,
// and a server that ignores filters changes nothing, as far as the items show
// it.
func TestAccessRequests(t *testing.T) {
	t.Parallel()

	for name, d := range map[string]sandbox.Dialect{
		"fullest":        {UpperCaseIDs: true},
		"oldest first":   {OldestFirst: true, ExtraFields: true},
		"ignored filter": {IgnoreFilters: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := peopleTarget(t, d)
			p := configuredProtocol(t, tg)
			eachTwin(t, p, accessRequestsType, func(t *testing.T, read func(values) (values, []*tfprotov6.Diagnostic)) {
				for _, test := range []struct {
					config values
					query  string
					want   string
				}{
					{values{"identity_id": str("{" + strings.ToUpper(bobID) + "}")}, "identityId=" + bobID + "&page=1", "2042:Remove:Completed,2041:Add:Completed"},
					{values{"identity_id": str(bobID), "actions": set("add")}, "identityId=" + bobID + "&page=1&type=add", "2041:Add:Completed"},
					{values{"identity_id": str(bobID), "actions": set("add", "Remove")}, "identityId=" + bobID + "&page=1", "2042:Remove:Completed,2041:Add:Completed"},
					{values{"identity_id": str(devID), "application_id": str(silverlakeID)}, "applicationId=" + silverlakeID + "&identityId=" + devID + "&page=1", "2043:Add:Completed"},
					{values{"identity_id": str(ellaID), "statuses": set("Completed")}, "identityId=" + ellaID + "&page=1&status=Completed", ""},
					{values{"identity_id": str(noID)}, "identityId=" + noID + "&page=1", ""},
				} {
					tg.sandbox.ResetRequests()
					got, diags := read(test.config)
					if expectClean(t, diags); strings.Join(tickets(got, "requests", "action"), ",") != test.want {
						t.Errorf("%v: the requests are %v, want %s", test.config, tickets(got, "requests", "action"), test.want)
					}
					if all := tg.sandbox.Requests(); len(all) != 1 || all[0].RawQuery != test.query {
						t.Errorf("%v: the requests to the server are %+v, want %s", test.config, all, test.query)
					}
				}

				one, diags := read(values{"id": str(strings.ToUpper(devRequestID))})
				expectClean(t, diags)
				expectAll(t, fmt.Sprint(plain(one["requests"])), "number:2043", "name:Service Desk", "type:User", "name:Dev Patel", "email_address:dev.patel@vendor.example")
			})
		})
	}
}

// tickets returns the number, the kind and the status of each element of a
// list.
func tickets(v values, list, kind string) []string {
	var all []string
	items, _ := plain(v[list]).([]any)
	for _, item := range items {
		object, _ := item.(map[string]any)
		all = append(all, fmt.Sprintf("%v:%v:%v", object["number"], object[kind], object["status"]))
	}
	return all
}

// Only an application's requests can have groups as targets.
func TestAccessRequests_ofApplication(t *testing.T) {
	t.Parallel()

	p := configuredProtocol(t, peopleTarget(t, sandbox.Dialect{}))
	got := p.opened(accessRequestsType, values{"application_id": str("https://pa.example.com/Applications/" + dnaID)})
	if all := strings.Join(tickets(got, "requests", "action"), ","); all != "2045:Change:Open,2044:Add:Resolved" {
		t.Errorf("the requests are %s", all)
	}
	expectAll(t, fmt.Sprint(plain(got["requests"])), "type:Group", "name:Tellers", "nomenclature:Role", "affected_identity:<nil>", "details:<nil>")
}

// The details are only in the ephemeral resource, and only with an ID.
func TestAccessRequests_details(t *testing.T) {
	t.Parallel()

	tg := peopleTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)
	config := values{"id": str(devRequestID)}
	expectAll(t, p.opened(accessRequestsType, config).column("requests", "details"), `"comments":["For the upgrade"]`, `"privileges":[]`)
	expectNone(t, fmt.Sprint(p.data(accessRequestsType, config).plain()), "For the upgrade", "details")

	tg.sandbox.UpdateAccessRequest(devRequestID, func(r *sandbox.AccessRequest) { r.Comments = []string{strings.Repeat("x", 70_000)} })
	resp := p.openEphemeral(accessRequestsType, config)
	expectSummaries(t, resp.Diagnostics, "WARNING: Value is too large")
}

func TestAccessRequests_nobody(t *testing.T) {
	t.Parallel()

	tg := peopleTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)
	for _, filter := range []string{"statuses", "actions"} {
		p.opened(accessRequestsType, values{"identity_id": str(bobID), filter: set()}).expectValues(t, map[string]any{"requests": []any{}})
	}
	tg.expectRequests(t, "empty sets", requests{})
}

func TestAccessRequests_config(t *testing.T) {
	t.Parallel()

	id := str(devRequestID)
	newProtocol(t).expectValidation(accessRequestsType, map[string]configCase{
		"nothing":             {nil, "of [id,identity_id,application_id]"},
		"only a status":       {values{"statuses": set("Open")}, "out of [id"},
		"unknown":             {values{"identity_id": unknownString()}, ""},
		"both":                {values{"identity_id": str(annID), "application_id": str(dnaID)}, ""},
		"id with identity":    {values{"id": id, "identity_id": str(annID)}, "cannot be specified when"},
		"id with status":      {values{"id": id, "statuses": set("Open")}, "cannot be specified when"},
		"no GUID":             {values{"identity_id": str("Ann Lee")}, "found no GUID"},
		"empty identity":      {values{"identity_id": str("")}, "found no GUID"},
		"undocumented status": {values{"id": unknownString(), "statuses": set("Done")}, "Resolved, Completed"},
		"undocumented action": {values{"identity_id": str(annID), "actions": set("Grant")}, "Add, Change, Remove, Suspend, Restore"},
	})
}

func TestAccessRequests_errors(t *testing.T) {
	t.Parallel()

	tg := peopleTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)
	got := details(p.openEphemeral(accessRequestsType, values{"id": str(noID)}).Diagnostics)
	expectAll(t, got, `AttributeName("id")`, "Access request not found", "Check the ID")

	tg.sandbox.Inject(sandbox.Fault{Action: sandbox.Respond(http.StatusBadRequest, "application/json",
		`{"error":"validation_error","message":"No","correlationId":"x","errors":[{"field":"identityId","message":"Bad"}]}`)})
	got = details(p.openEphemeral(accessRequestsType, values{"identity_id": str(annID)}).Diagnostics)
	expectAll(t, got, `AttributeName("identity_id")`, "Access requests could not be listed", "identityId: Bad")
}
