package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// The warning about an unknown application names the assumed application. If
// another one is applied nevertheless, the update is an error.
func TestDiagnostics_unknownApplication(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p, state := created(t, tg)

	resp := p.plan(state, values{"application_id": unknownString()})
	expectAll(t, details(resp.Diagnostics), "WARNING: ", "is known only after apply", appName, appID, "neither replaced nor canceled")
	planned := p.state(resp.PlannedState)
	for attribute, value := range state {
		if attribute != "application_id" && !value.Equal(planned[attribute]) {
			t.Errorf("%s is planned as %s", attribute, planned[attribute])
		}
	}

	planned["application_id"] = str(otherAppID)
	resp.PlannedState = p.stateOf(planned)
	tg.sandbox.ResetRequests()
	applied := returned(p, p.sends(t.Context(), p.applyRequest(state, values{"application_id": str(otherAppID)}, resp)))
	expectSummaries(t, applied.Diagnostics, "ERROR: Application differs from the plan")
	tg.expectCount(t, "", 0)
}

// Permission Assist pauses an import whose changes are unusual. A plan that
// would cancel it before the review has a warning. TestDecide has more plans.
func TestDiagnostics_cancelsUndecided(t *testing.T) {
	t.Parallel()

	const warning = "WARNING: Import may be waiting for a person"
	p, state := created(t, newSandboxTarget(t, sandbox.Options{}))
	other := values{"application_id": str(otherAppID)}

	for name, tc := range map[string]struct {
		status  tftypes.Value
		cancels bool
		config  values // nil: destroy
		want    string
	}{
		"replaced":                    {str("Paused"), true, other, warning},
		"replaced, but not canceled":  {str("Paused"), false, other, ""},
		"destroyed":                   {str("Paused"), true, nil, warning},
		"destroyed, but not canceled": {str("Paused"), false, nil, ""},
		"destroyed, running":          {str("Running"), true, nil, ""},
		"destroyed, status not known": {tftypes.NewValue(tftypes.String, nil), true, nil, ""},
		"kept":                        {str("Paused"), true, values{"application_id": str(appID)}, ""},
	} {
		state["status"], state["cancel_on_destroy"] = tc.status, boolean(tc.cancels)
		diags := p.planDestroy(state).Diagnostics
		if tc.config != nil {
			diags = p.plan(state, tc.config).Diagnostics
		}
		if got := summaries(diags); got != tc.want {
			t.Errorf("%s: %s", name, details(diags))
		}
	}
}
