package provider_test

import (
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// An invalid configuration is an error before anything is staged or canceled. A
// value that was unknown before is validated again by plan and invoke.
func TestActionConfig(t *testing.T) {
	t.Parallel()

	const required, duration = "ERROR: Missing Configuration for Required Attribute", "ERROR: Invalid duration in timeout"
	timeout := func(text string) values { return values{"application_id": appID, "timeout": text} }
	tg := newSandboxTarget(t, sandbox.Options{})
	p := configuredProtocol(t, tg)

	for name, tc := range map[string]struct {
		action string
		config values
		// validate and plan are the wanted diagnostics.
		validate, plan string
	}{
		"stage":                 {stageAction, timeout("1h30m"), "", ""},
		"stage, not known yet":  {stageAction, values{"application_id": unknown, "timeout": unknown}, "", ""},
		"stage nothing":         {stageAction, values{"application_id": nil}, required, "ERROR: Missing value for application_id"},
		"stage, no GUID":        {stageAction, values{"application_id": "x"}, "ERROR: Invalid GUID in application_id", ""},
		"stage, no duration":    {stageAction, timeout("soon"), duration, duration},
		"cancel":                {cancelAction, canceling(appID), "", ""},
		"cancel, not known yet": {cancelAction, values{"application_import_id": unknown}, "", ""},
		"cancel nothing":        {cancelAction, values{"application_import_id": nil}, required, "ERROR: Missing value for application_import_id"},
		"cancel, not a GUID":    {cancelAction, canceling("#42"), "ERROR: Invalid GUID in application_import_id", ""},
	} {
		t.Run(name, func(t *testing.T) {
			wantSummaries(t, p.validate(tc.action, tc.config), tc.validate)
			if tc.plan == "" {
				tc.plan = tc.validate
			}
			plan := p.planAction(tc.action, tc.config, true)
			if wantSummaries(t, plan.Diagnostics, tc.plan); plan.Deferred != nil {
				t.Errorf("the plan is deferred: %v", plan.Deferred)
			}
			if tc.plan != "" {
				wantSummaries(t, p.invoke(t.Context(), tc.action, tc.config).diagnostics, tc.plan)
			}
		})
	}
	tg.wantOnlyRequests(t, "validating and planning", requests{})
}
