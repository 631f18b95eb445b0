package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// While the provider's configuration is unknown, a plan keeps the state.
// Everything that needs the server is an error, including an import block: it
// could adopt an import that does not exist.
func TestConfigured(t *testing.T) {
	t.Parallel()

	const importID = "11111111-2222-3333-4444-555555555555"

	p := newProtocol(t)
	unknown := values{"endpoint": unknownString(), "token": str(token)}
	if resp := p.configure(unknown, false); len(resp.Diagnostics) > 0 {
		t.Fatal(details(resp.Diagnostics))
	}

	state := values{"id": str(importID), "application_id": str(appID), "status": str("Running")}
	config := values{"application_id": str(appID)}
	stage, cancel := values{"application_id": str(appID)}, values{"application_import_id": str(importID)}
	_, listed := p.list(query{})
	deferred := func(r *tfprotov6.Deferred) bool {
		return r != nil && r.Reason == tfprotov6.DeferredReasonProviderConfigUnknown
	}

	for name, diags := range map[string][]*tfprotov6.Diagnostic{
		"read": p.read(state).Diagnostics, "plan": p.plan(nil, config).Diagnostics,
		"plan stage": p.planAction(stageAction, stage, false).Diagnostics, "plan cancel": p.planAction(cancelAction, cancel, false).Diagnostics,
	} {
		if len(diags) > 0 {
			t.Errorf("%s: %s", name, details(diags))
		}
	}
	if plan := p.plan(state, values{"application_id": str(otherAppID)}); len(plan.RequiresReplace) == 0 {
		t.Errorf("another application: %s", details(plan.Diagnostics))
	}
	if got := p.state(p.read(state).NewState).text("status"); got != "Running" {
		t.Errorf("the status is %s", got)
	}

	for name, diags := range map[string][]*tfprotov6.Diagnostic{
		"create": p.apply(t.Context(), nil, config).Diagnostics, "wait": p.completions().apply(t.Context(), nil, completion(importID)).Diagnostics,
		"delete": p.destroy(state).Diagnostics, "import": p.importID(importID).Diagnostics, "list": listed,
		"identity": p.importByIdentity(str(importID)).Diagnostics,
		"stage":    p.invoke(t.Context(), stageAction, stage).diagnostics, "cancel": p.invoke(t.Context(), cancelAction, cancel).diagnostics,
		"application": p.readData("permissionassist_application", values{"id": str(importID)}).Diagnostics,
		"data import": p.readData("permissionassist_application_import", values{"id": str(importID)}).Diagnostics,
		"all imports": p.readData("permissionassist_application_imports", nil).Diagnostics,
		"all apps":    p.readData("permissionassist_applications", nil).Diagnostics,
	} {
		if got := summaries(diags); got != "ERROR: Provider configuration is unknown" {
			t.Errorf("%s: %s", name, details(diags))
		}
	}

	// If Terraform supports deferral, the provider defers.
	deferring := newProtocol(t)
	deferring.configure(unknown, true)
	if plan := deferring.plan(nil, config); !deferred(plan.Deferred) {
		t.Errorf("plan: %v", plan.Deferred)
	}
	for action, config := range map[string]values{stageAction: stage, cancelAction: cancel} {
		if plan := deferring.planAction(action, config, true); !deferred(plan.Deferred) {
			t.Errorf("%s: %v", action, plan.Deferred)
		}
	}
}
