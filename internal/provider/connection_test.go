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

	p := newProtocol(t, nil)
	unconfigured := values{"endpoint": unknown, "token": token}
	wantClean(t, p.configure(unconfigured, false).Diagnostics)

	state := values{"id": importedID, "application_id": appID, "status": "Running"}
	config, cancel := values{"application_id": appID}, values{"application_import_id": importedID}
	for name, diags := range map[string][]*tfprotov6.Diagnostic{
		"read": p.read(state).Diagnostics, "plan": p.plan(nil, config).Diagnostics,
		"plan stage": p.planAction(stageAction, config, false).Diagnostics, "plan cancel": p.planAction(cancelAction, cancel, false).Diagnostics,
	} {
		if len(diags) > 0 {
			t.Errorf("%s: %s", name, details(diags))
		}
	}
	if plan := p.plan(state, values{"application_id": otherAppID}); len(plan.RequiresReplace) == 0 {
		t.Errorf("another application: %s", details(plan.Diagnostics))
	}
	if got := p.cleanRead(state).text("status"); got != "Running" {
		t.Errorf("the status is %s", got)
	}

	needServer := map[string][]*tfprotov6.Diagnostic{
		"create": p.apply(t.Context(), nil, config).Diagnostics, "delete": p.destroy(state).Diagnostics,
		"wait":   p.completions().apply(t.Context(), nil, completion(importedID)).Diagnostics,
		"import": p.importByID(importedID).Diagnostics, "identity": p.importByIdentity(importedID).Diagnostics,
		"stage": p.invoke(t.Context(), stageAction, config).diagnostics, "cancel": p.invoke(t.Context(), cancelAction, cancel).diagnostics,
	}
	_, needServer["list"] = p.list(query{})
	_, needServer["application"] = p.readData(applicationDataType, values{"id": importedID})
	_, needServer["applications"] = p.readData(applicationsDataType, nil)
	_, needServer["import data"] = p.readData(importDataType, values{"id": importedID})
	_, needServer["imports data"] = p.readData(importsDataType, nil)
	_, needServer["ephemeral"] = p.open(identitiesType, nil)
	for name, diags := range needServer {
		if summaries(diags) != "ERROR: Provider configuration is unknown" {
			t.Errorf("%s: %s", name, details(diags))
		}
	}

	// If Terraform supports deferral, the provider defers.
	deferring := newProtocol(t, nil)
	deferring.configure(unconfigured, true)
	open := &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: identitiesType, Config: deferring.pack(deferring.schema.EphemeralResourceSchemas[identitiesType], nil),
	}
	for name, deferred := range map[string]*tfprotov6.Deferred{
		"plan": deferring.plan(nil, config).Deferred, "stage": deferring.planAction(stageAction, config, true).Deferred,
		"cancel":    deferring.planAction(cancelAction, cancel, true).Deferred,
		"ephemeral": send(t.Context(), deferring, deferring.server.OpenEphemeralResource, open).Deferred,
	} {
		if deferred == nil || deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
			t.Errorf("%s: %v", name, deferred)
		}
	}
}
