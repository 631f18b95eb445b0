package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestIdentities(t *testing.T) {
	t.Parallel()

	const nobody = "nobody@firstfederal.example"
	for name, d := range map[string]sandbox.Dialect{
		"fullest": {}, "other spelling": {UpperCaseIDs: true, CompactValues: true, ExtraFields: true, TimesWithoutZone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := peopleTarget(t, d)
			p := configuredProtocol(t, tg)
			eachTwin(t, p, identitiesType, func(t *testing.T, read func(values) (values, []*tfprotov6.Diagnostic)) {
				for want, config := range map[string]values{
					"Brooks,Lee,Lee (admin),Novak,Ortiz,Patel,svc-imports": nil,
					"Lee,Lee (admin)":       {"email_addresses": set(strings.ToUpper(ann))},
					"Lee (admin)":           {"email_addresses": set(ann, bob), "types": set("administrator")},
					"Ortiz":                 {"statuses": set("DISABLED", "removed")},
					"svc-imports":           {"types": set("ServiceAccount")},
					"Patel,svc-imports":     {"types": set("service account", "Vendor")},
					"Lee,Lee (admin),Novak": {"departments": set(" core  BANKING"), "types": set("Employee", "Administrator")},
				} {
					got, diags := read(config)
					if expectClean(t, diags); got.column("identities", "last_name") != want {
						t.Errorf("%v: the identities are %s, want %s", config, got.column("identities", "last_name"), want)
					}
				}

				got, diags := read(values{"email_addresses": set(ann, strings.ToUpper(bob), nobody, "")})
				expectClean(t, diags)
				got.expectValues(t, map[string]any{"missing": []any{"", nobody}, "not_active": []any{"", strings.ToUpper(bob), nobody}})
				all, _ := read(nil)
				all.expectValues(t, map[string]any{"missing": nil, "not_active": nil})
				one := fmt.Sprint(plain(got["identities"]))
				expectAll(t, one, "first_name:Ann", "department:Core Banking", "supervisor_name:Novak, Carla", "id:"+annID, "inactivated_date:2026-02-09T08:15:00")
			})
			tg.expectRequests(t, "all reads", requests{sandbox.OpListIdentities: 1})
		})
	}
}

// The other arguments do not decide who is missing, and an empty set asks for
// nobody.
func TestIdentities_nobody(t *testing.T) {
	t.Parallel()

	tg := peopleTarget(t, sandbox.Dialect{})
	p := configuredProtocol(t, tg)
	none := map[string]any{"identities": []any{}, "missing": []any{}, "not_active": []any{}}
	p.opened(identitiesType, values{"email_addresses": set()}).expectValues(t, none)
	p.data(identitiesType, values{"email_addresses": set()}).expectValues(t, none)
	tg.expectRequests(t, "nobody", requests{})

	p.opened(identitiesType, values{"email_addresses": set(ann), "statuses": set()}).expectValues(t, none)
	p.opened(identitiesType, values{"email_addresses": set(bob), "departments": set()}).expectValues(t, map[string]any{
		"identities": []any{}, "missing": []any{}, "not_active": []any{bob},
	})
}

func TestIdentities_config(t *testing.T) {
	t.Parallel()

	newProtocol(t).expectValidation(identitiesType, map[string]configCase{
		"unknown":           {values{"email_addresses": unknown(set()), "statuses": unknown(set())}, ""},
		"null address":      {values{"email_addresses": nullIn(set())}, "Null Set Value"},
		"documented":        {values{"types": set("serviceaccount", "SERVICE ACCOUNT"), "statuses": set("active")}, ""},
		"undocumented type": {values{"types": set("Robot")}, `does not document "Robot"`},
		"undocumented":      {values{"statuses": set("Enabled")}, "The known values are Active, Disabled, Removed."},
		"empty status":      {values{"statuses": set("")}, "at least 1"},
	})
}

// A list that never agrees with its own count is an error for all lookups of a
// run.
func TestIdentities_incomplete(t *testing.T) {
	t.Parallel()

	tg := peopleTarget(t, sandbox.Dialect{})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListIdentities, Times: -1, Action: sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
		return status, []byte(strings.Replace(string(body), `"totalCount":7`, `"totalCount":8`, 1))
	})})
	p := configuredProtocol(t, tg)
	for range 10 {
		resp := p.openEphemeral(identitiesType, values{"email_addresses": set(ann)})
		expectAll(t, details(resp.Diagnostics), "Identities could not be listed", "7 identities", "total of 8")
		expectNone(t, details(resp.Diagnostics), "ann.lee")
	}
	tg.expectRequests(t, "ten lookups", requests{sandbox.OpListIdentities: 2})
}

// 5,000 identities in 100 pages are read once per run.
func TestIdentities_many(t *testing.T) {
	t.Parallel()

	tg := newFakeTarget(t, sandbox.Options{})
	for n := range 5000 {
		tg.sandbox.AddIdentity(sandbox.Identity{LastName: fmt.Sprintf("Person %04d", n), EmailAddress: fmt.Sprintf("p%d@bank.example", n)})
	}
	p := configuredProtocol(t, tg)
	for n := range 20 {
		config := values{"email_addresses": set(fmt.Sprintf("P%d@bank.example", n*250), "x@bank.example")}
		p.opened(identitiesType, config).expectValues(t, map[string]any{"missing": []any{"x@bank.example"}})
	}
	tg.expectRequests(t, "20 lookups", requests{sandbox.OpListIdentities: 100})
}

func TestIdentities_errors(t *testing.T) {
	t.Parallel()

	tg := peopleTarget(t, sandbox.Dialect{})
	tg.sandbox.Inject(sandbox.Fault{Action: sandbox.Envelope(http.StatusForbidden, "forbidden", "No")})
	p := configuredProtocol(t, tg)
	got := details(p.openEphemeral(identitiesType, nil).Diagnostics)
	expectAll(t, got, "Identities could not be listed", "403 forbidden")
	expectNone(t, got, "IAM Operations", "imports")
	p.opened(identitiesType, nil) // an error is not kept
}
