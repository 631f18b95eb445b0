package provider_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// importByIdentity imports like an import block with an identity.
func (p *protocol) importByIdentity(id tftypes.Value) *tfprotov6.ImportResourceStateResponse {
	p.t.Helper()
	return must(p, func(ctx context.Context) (*tfprotov6.ImportResourceStateResponse, error) {
		return p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: p.resource, Identity: p.identityData(id)})
	})
}

// Every response with a state has the identity. A plan keeps an identity and
// never creates one.
func TestIdentity(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	p := configuredProtocol(t, tg)

	schemas := must(p, func(ctx context.Context) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
		return p.server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	})
	attributes := schemas.IdentitySchemas[resourceType].IdentityAttributes
	if len(attributes) != 1 || attributes[0].Name != "id" || !attributes[0].RequiredForImport || attributes[0].Description == "" {
		t.Errorf("the identity is %v", attributes)
	}

	config := values{"application_id": str(appID)}
	created := p.apply(t.Context(), nil, config)
	id, state := tg.onlyImport(t).ID, p.state(created.NewState)
	update := p.apply(t.Context(), state, values{"application_id": str(appID), "cancel_on_destroy": boolean(false)})
	imported := p.importByIdentity(str(id))
	expectClean(t, imported.Diagnostics)
	importedState := p.state(imported.ImportedResources[0].State)
	plan := p.planRequest(&tfprotov6.PlanResourceChangeRequest{
		PriorState: p.stateOf(state), ProposedNewState: p.stateOf(state), Config: p.stateOf(config), PriorIdentity: p.identityData(str(id)),
	})

	for name, identity := range map[string]*tfprotov6.ResourceIdentityData{
		"create": created.NewIdentity, "read": p.read(state).NewIdentity, "update": update.NewIdentity, "plan": plan.PlannedIdentity,
		"import": imported.ImportedResources[0].Identity, "read of an import": p.read(importedState).NewIdentity,
	} {
		if got := p.identityID(identity); got != id {
			t.Errorf("%s: the identity is %s, want %s", name, got, id)
		}
	}
	if got := p.identityID(p.plan(nil, config).PlannedIdentity); got != "" {
		t.Errorf("the identity of an import that is not staged is %s", got)
	}
	p.expectNoDifference("imported", p.refreshed(importedState), config)
}
