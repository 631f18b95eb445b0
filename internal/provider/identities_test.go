package provider_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// All reads share one scan. The other arguments do not decide who is missing,
// and an empty set matches nobody.
func TestIdentities(t *testing.T) {
	t.Parallel()

	const nobody = "nobody@firstfederal.example"
	dialects := []sandbox.Dialect{{}, {UpperCaseIDs: true, CompactValues: true, ExtraFields: true, TimesWithoutZone: true}}
	wantTwins(t, identitiesType, dialects, "identities", []string{"last_name"}, []twinCase{
		{values{"email_addresses": strs()}, noRequest, ""},
		{nil, "", "Brooks,Lee,Lee (admin),Novak,Ortiz,Patel,svc-imports"},
		{values{"email_addresses": strs(strings.ToUpper(ann))}, "", "Lee,Lee (admin)"},
		{values{"email_addresses": strs(ann, bob), "types": strs("administrator")}, "", "Lee (admin)"},
		{values{"statuses": strs("DISABLED", "removed")}, "", "Ortiz"},
		{values{"types": strs("ServiceAccount")}, "", "svc-imports"},
		{values{"types": strs("service account", "Vendor")}, "", "Patel,svc-imports"},
		{values{"departments": strs(" core  BANKING"), "types": strs("Employee", "Administrator")}, "", "Lee,Lee (admin),Novak"},
	}, func(t *testing.T, tg target, read func(values) values) {
		t.Helper()
		tg.sandbox.ResetRequests()
		wantContains(t, read(nil).printed("identities"), "first_name:Ann", "department:Core Banking", "supervisor_name:Novak, Carla",
			"id:"+annID, "inactivated_date:2026-02-09T08:15:00")
		none := values{"identities": []any{}, "missing": []any{}, "not_active": []any{}}
		for _, tc := range []struct {
			config values
			want   values
		}{
			{nil, values{"missing": nil, "not_active": nil}},
			{
				values{"email_addresses": strs(ann, strings.ToUpper(bob), nobody, "")},
				values{"missing": []any{"", nobody}, "not_active": []any{"", strings.ToUpper(bob), nobody}},
			},
			{values{"email_addresses": strs()}, none},
			{values{"email_addresses": strs(ann), "statuses": strs()}, none},
			{
				values{"email_addresses": strs(bob), "departments": strs()},
				values{"identities": []any{}, "missing": []any{}, "not_active": []any{bob}},
			},
		} {
			read(tc.config).wantValues(t, tc.want)
		}
		tg.wantOnlyRequests(t, "a second scan", requests{})
	})
}

// A list that never agrees with its own count is an error for all lookups of a
// run. Another error is not kept.
func TestIdentities_errors(t *testing.T) {
	t.Parallel()

	tg := peopleTarget(t, sandbox.Dialect{})
	oneMore := sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
		return status, bytes.Replace(body, []byte(`"totalCount":7`), []byte(`"totalCount":8`), 1)
	})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListIdentities, Times: -1, Action: oneMore})
	p := configuredProtocol(t, tg)
	for range 10 {
		_, diags := p.open(identitiesType, values{"email_addresses": strs(ann)})
		wantContains(t, details(diags), "Identities could not be listed", "7 identities", "total of 8")
		wantNotContains(t, details(diags), "ann.lee")
	}
	tg.wantOnlyRequests(t, "ten lookups", requests{sandbox.OpListIdentities: 2})

	tg.sandbox.ClearFaults()
	tg.sandbox.Inject(sandbox.Fault{Action: sandbox.Envelope(http.StatusForbidden, "forbidden", "No")})
	p = configuredProtocol(t, tg)
	_, diags := p.open(identitiesType, nil)
	wantContains(t, details(diags), "Identities could not be listed", "403 forbidden")
	wantNotContains(t, details(diags), "IAM Operations", "imports")
	p.cleanOpen(identitiesType, nil)
}
