package provider_test

import (
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestPersonnelEvents(t *testing.T) {
	t.Parallel()

	dialects := []sandbox.Dialect{{}, {UpperCaseIDs: true, CompactValues: true}, {IgnoreFilters: true}}
	wantTwins(t, personnelEventsType, dialects, "events", []string{"number", "type", "status"}, []twinCase{
		{nil, "page=1", "313:Offboard:Scheduled,312:Role Transition:Open,311:Offboard:Completed"},
		{values{"types": strs("role transition")}, "page=1&type=RoleTransition", "312:Role Transition:Open"},
		{values{"types": strs("RoleTransition", "Absence")}, "page=1", "312:Role Transition:Open"},
		{values{"types": strs("Offboard"), "statuses": strs("open", "Scheduled")}, "page=1&type=Offboard", "313:Offboard:Scheduled"},
		{values{"identity_id": bobID}, "identityId=" + bobID + "&page=1", "311:Offboard:Completed"},
		{values{"identity_id": annID}, "identityId=" + annID + "&page=1", ""},
		// An empty set matches nothing.
		{values{"types": strs()}, noRequest, ""},
		{values{"statuses": strs()}, noRequest, ""},
	}, func(t *testing.T, _ target, read func(values) values) {
		t.Helper()
		for _, tc := range []struct {
			config values
			ids    []any
		}{
			{nil, []any{bobID, carlaID, ellaID}},
			{values{"types": strs("role transition")}, []any{ellaID}},
			{values{"identity_id": annID}, []any{}},
			{values{"types": strs()}, []any{}},
			{values{"id": carlaEventID}, []any{carlaID}},
		} {
			read(tc.config).wantValues(t, values{"identity_ids": tc.ids})
		}
		wantContains(t, read(values{"id": carlaEventID}).printed("events"), "number:313", "last_name:Novak", "name:Service Desk")
	})
}

// A server without the module refuses the request.
func TestPersonnelEvents_errors(t *testing.T) {
	t.Parallel()

	withoutModule := dialect(sandbox.Dialect{NoIAMOperations: true})
	wantDataErrors(t, personnelEventsType, peopleTarget, map[string]errorCase{
		"no module":        {nil, withoutModule, "could not be listed … 403 forbidden … module IAM Operations"},
		"no module, by ID": {values{"id": carlaEventID}, withoutModule, "could not be read … 403 forbidden … module IAM Operations"},
		"unknown ID":       {values{"id": noID}, nil, `AttributeName("id") … Personnel event not found`},
	})
}
