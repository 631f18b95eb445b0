package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestPersonnelEvents(t *testing.T) {
	t.Parallel()

	for name, d := range map[string]sandbox.Dialect{
		"fullest": {}, "other spelling": {UpperCaseIDs: true, CompactValues: true}, "ignored filter": {IgnoreFilters: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := peopleTarget(t, d)
			p := configuredProtocol(t, tg)
			eachTwin(t, p, personnelEventsType, func(t *testing.T, read func(values) (values, []*tfprotov6.Diagnostic)) {
				for _, test := range []struct {
					config values
					query  string
					want   string
					ids    []any
				}{
					{nil, "page=1", "313:Offboard:Scheduled,312:Role Transition:Open,311:Offboard:Completed", []any{bobID, carlaID, ellaID}},
					{values{"types": set("role transition")}, "page=1&type=RoleTransition", "312:Role Transition:Open", []any{ellaID}},
					{values{"types": set("RoleTransition", "Absence")}, "page=1", "312:Role Transition:Open", []any{ellaID}},
					{values{"types": set("Offboard"), "statuses": set("open", "Scheduled")}, "page=1&type=Offboard", "313:Offboard:Scheduled", []any{carlaID}},
					{values{"identity_id": str(bobID)}, "identityId=" + bobID + "&page=1", "311:Offboard:Completed", []any{bobID}},
					{values{"identity_id": str(annID)}, "identityId=" + annID + "&page=1", "", []any{}},
				} {
					tg.sandbox.ResetRequests()
					got, diags := read(test.config)
					expectClean(t, diags)
					got.expectValues(t, map[string]any{"identity_ids": test.ids})
					if all := strings.Join(tickets(got, "events", "type"), ","); all != test.want {
						t.Errorf("%v: the events are %s, want %s", test.config, all, test.want)
					}
					if all := tg.sandbox.Requests(); len(all) != 1 || all[0].RawQuery != test.query {
						t.Errorf("%v: the requests to the server are %+v, want %s", test.config, all, test.query)
					}
				}

				one, diags := read(values{"id": str(carlaEventID)})
				expectClean(t, diags)
				one.expectValues(t, map[string]any{"identity_ids": []any{carlaID}})
				expectAll(t, fmt.Sprint(plain(one["events"])), "number:313", "last_name:Novak", "name:Service Desk")
			})
		})
	}
}

func TestPersonnelEvents_nobody(t *testing.T) {
	t.Parallel()

	tg := peopleTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)
	for _, filter := range []string{"statuses", "types"} {
		p.opened(personnelEventsType, values{filter: set()}).expectValues(t, map[string]any{"events": []any{}, "identity_ids": []any{}})
	}
	tg.expectRequests(t, "empty sets", requests{})
}

func TestPersonnelEvents_config(t *testing.T) {
	t.Parallel()

	newProtocol(t).expectValidation(personnelEventsType, map[string]configCase{
		"nothing":           {nil, ""},
		"unknown":           {values{"identity_id": unknownString(), "types": unknown(set())}, ""},
		"spellings":         {values{"types": set("RoleTransition", "Role Transition", "role transition")}, ""},
		"undocumented type": {values{"types": set("Leaver")}, "Onboard, Offboard, Role Transition, Absence"},
		"id with types":     {values{"id": str(carlaEventID), "types": set("Offboard")}, "cannot be specified when"},
	})
}

// A server without the module refuses the request.
func TestPersonnelEvents_module(t *testing.T) {
	t.Parallel()

	p := configuredProtocol(t, peopleTarget(t, sandbox.Dialect{NoIAMOperations: true}))
	for _, config := range []values{nil, {"id": str(carlaEventID)}} {
		expectAll(t, details(p.openEphemeral(personnelEventsType, config).Diagnostics), "could not be", "403 forbidden", "module IAM Operations")
	}
	p = configuredProtocol(t, peopleTarget(t, sandbox.Dialect{}))
	expectAll(t, details(p.openEphemeral(personnelEventsType, values{"id": str(noID)}).Diagnostics), `AttributeName("id")`, "Personnel event not found")
}
