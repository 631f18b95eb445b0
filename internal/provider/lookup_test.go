package provider_test

import (
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	identitiesType      = "permissionassist_identities"
	accessRequestsType  = "permissionassist_access_requests"
	personnelEventsType = "permissionassist_personnel_events"

	annID      = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c01"
	annAdminID = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c02"
	bobID      = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c03"
	carlaID    = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c04"
	devID      = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c05"
	ellaID     = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c06"

	silverlakeID = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e01"
	dnaID        = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e02"
	// devRequestID is the access request of the vendor, which is Completed.
	devRequestID = "4d8f6e12-5a71-4c89-ae5f-3b2a1c0d9e03"
	// carlaEventID is the departure of somebody who is still active.
	carlaEventID = "6e9a7f23-6b82-4d9a-bf60-4c3b2d1e0f03"
	ann, bob     = "ann.lee@firstfederal.example", "bob.ortiz@firstfederal.example"
)

// peopleTarget returns a sandbox with the people, requests and events of the
// seed.
func peopleTarget(t *testing.T, d sandbox.Dialect) target {
	t.Helper()
	tg := newFakeTarget(t, sandbox.Options{Applications: sandbox.SeedApplications(), Dialect: d})
	tg.sandbox.SeedPeople()
	return tg
}

// twinCase is a configuration, the query of the only request that it sends or
// noRequest, and the rows of the result. Without a query, any requests are
// right.
type twinCase struct {
	config      values
	query, want string
}

const noRequest = "none"

// wantTwins compares the rows of the data source and of the ephemeral resource,
// on servers of some dialects. Each row has the columns of an object in the
// list. more gets a function that reads either without diagnostics.
func wantTwins(
	t *testing.T, typeName string, dialects []sandbox.Dialect, list string, columns []string, cases []twinCase,
	more func(*testing.T, target, func(values) values),
) {
	t.Helper()
	for _, d := range dialects {
		tg := peopleTarget(t, d)
		p := configuredProtocol(t, tg)
		for _, read := range []func(string, values) values{p.cleanReadData, p.cleanOpen} {
			for _, tc := range cases {
				tg.sandbox.ResetRequests()
				if got := read(typeName, tc.config).column(list, columns...); got != tc.want {
					t.Errorf("%+v: %v: %s, want %s", d, tc.config, got, tc.want)
				}
				all := tg.sandbox.Requests()
				sent := noRequest
				if len(all) == 1 {
					sent = all[0].RawQuery
				}
				if tc.query != "" && (sent != tc.query || len(all) > 1) {
					t.Errorf("%+v: %v: the requests are %+v, want %s", d, tc.config, all, tc.query)
				}
			}
			more(t, tg, func(config values) values { return read(typeName, config) })
		}
	}
}

// Nothing of a person is in a log or a diagnostic, also if a response cannot be
// used.
func TestTwins_noPersonalDataInErrors(t *testing.T) {
	t.Parallel()

	for name, body := range map[string]string{
		"item without id":   `{"items":[{"firstName":"Zenobia","emailAddress":"zenobia@bank.example"}],"totalCount":1}`,
		"cut off":           `{"items":[{"id":"` + annID + `","firstName":"Zenobia","emailAddress":"zenobia@`,
		"a number for text": `{"id":4711,"firstName":"Zenobia"}`,
		"other item":        `{"id":"` + bobID + `","target":{"name":"Zenobia"}}`,
		"not JSON":          `<p>Zenobia</p>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := peopleTarget(t, sandbox.Dialect{})
			for _, status := range []int{200, 404, 500} {
				tg.sandbox.ClearFaults()
				tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: sandbox.Respond(status, "application/json", body)})
				p := configuredProtocol(t, tg, values{"max_retries": 0})
				for typeName, config := range map[string]values{
					identitiesType: nil, accessRequestsType: {"id": devRequestID}, personnelEventsType: {"id": carlaEventID},
				} {
					if _, diags := p.open(typeName, config); !strings.Contains(details(diags), "ERROR") {
						t.Errorf("%s: %s", typeName, details(diags))
					}
				}
				wantNotContains(t, p.output.String(), "Zenobia", "zenobia", "4711", bobID)
			}
		})
	}
}
