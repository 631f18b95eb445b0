package provider_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Every response with a state has the identity. A plan keeps an identity and
// never creates one.
func TestIdentity(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p, staged, state := createdResponse(t, tg)
	schemas := send(t.Context(), p, p.server.GetResourceIdentitySchemas, &tfprotov6.GetResourceIdentitySchemasRequest{})
	attributes := schemas.IdentitySchemas[resourceType].IdentityAttributes
	if len(attributes) != 1 || attributes[0].Name != "id" || !attributes[0].RequiredForImport || attributes[0].Description == "" {
		t.Errorf("the identity is %v", attributes)
	}

	id, config := tg.onlyImport(t).ID, values{"application_id": appID}
	update := p.apply(t.Context(), state, values{"application_id": appID, "cancel_on_destroy": false})
	imported := p.importByIdentity(id).ImportedResources[0]
	importedState := p.state(imported.State)
	for name, identity := range map[string]*tfprotov6.ResourceIdentityData{
		"create": staged.NewIdentity, "read": p.read(state).NewIdentity, "update": update.NewIdentity, "import": imported.Identity,
		"plan": p.plan(state, config).PlannedIdentity, "read of an import": p.read(importedState).NewIdentity,
	} {
		if got := p.identityID(identity); got != id {
			t.Errorf("%s: the identity is %s, want %s", name, got, id)
		}
	}
	if got := p.identityID(p.plan(nil, config).PlannedIdentity); got != "" {
		t.Errorf("the identity of an import that is not staged is %s", got)
	}
	p.wantNoDifference("imported", p.cleanRead(importedState), config)
}

// wantNoDifference fails the test if reading or planning changes the state.
func (p *protocol) wantNoDifference(what string, state, config values) {
	p.t.Helper()
	if diff := cmp.Diff(state, p.cleanRead(state)); diff != "" {
		p.t.Errorf("%s: reading it changes it: %s", what, diff)
	}
	plan := p.plan(state, config)
	if text := details(plan.Diagnostics); text != "" || len(plan.RequiresReplace) > 0 {
		p.t.Errorf("%s: %v\n%s", what, plan.RequiresReplace, text)
	}
	if diff := cmp.Diff(state, p.state(plan.PlannedState)); diff != "" {
		p.t.Errorf("%s: there is a difference: %s", what, diff)
	}
}

// A state from an earlier version or from terraform import may have no
// settings.
func TestModel_stateWithoutSettings(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{}).held()
	imp := tg.addImport(sandbox.StatusPending)
	p := configuredProtocol(t, tg)
	state := p.cleanRead(values{"id": imp.ID})
	state.wantValues(t, values{"application_id": appID, "status": "Pending", "cancel_on_destroy": nil})

	if plan := p.plan(state, values{"application_id": strings.ToUpper(appID)}); len(plan.RequiresReplace) > 0 {
		t.Errorf("the plan replaces it because of %v", plan.RequiresReplace)
	}
	wantClean(t, p.destroy(state).Diagnostics)
	tg.wantRequests(t, requests{sandbox.OpCancel: 1})
}
