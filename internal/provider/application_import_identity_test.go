package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// importByIdentity is what an import block with an identity asks for.
func (p *protocol) importByIdentity(id tftypes.Value) *tfprotov6.ImportResourceStateResponse {
	p.t.Helper()

	resp, err := p.server.ImportResourceState(p.t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: resourceType, Identity: identityData(p.t, id),
	})
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

func TestIdentity(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	p := configuredProtocol(t, tg)

	schemas, err := p.server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}

	attributes := schemas.IdentitySchemas[resourceType].IdentityAttributes
	if len(attributes) != 1 || attributes[0].Name != "id" || !attributes[0].RequiredForImport || attributes[0].Description == "" {
		t.Errorf("the identity is %v", attributes)
	}

	// It is in every answer that has a state.
	config := values{"application_id": str(appID)}
	created := p.apply(t.Context(), nil, config)
	id := tg.onlyImport(t).ID
	state := p.attributes(p.resourceSchema(), created.NewState)

	update := p.apply(t.Context(), state, values{"application_id": str(appID), "cancel_on_destroy": boolean(false)})

	imported := p.importByIdentity(str(id))
	if text := details(imported.Diagnostics); text != "" || len(imported.ImportedResources) != 1 {
		t.Fatal(text)
	}

	importedState := p.attributes(p.resourceSchema(), imported.ImportedResources[0].State)

	for name, identity := range map[string]*tfprotov6.ResourceIdentityData{
		"create": created.NewIdentity, "read": p.read(state).NewIdentity, "update": update.NewIdentity,
		"import": imported.ImportedResources[0].Identity, "read of an import": p.read(importedState).NewIdentity,
	} {
		if got := p.identityID(identity); got != id {
			t.Errorf("%s: the identity is %s, want %s", name, got, id)
		}
	}

	// A plan keeps the one it is given, and makes up none.
	if got := p.identityID(p.plan(nil, config).PlannedIdentity); got != "" {
		t.Errorf("the identity of an import that is not staged is %s", got)
	}

	schema := p.resourceSchema()
	object := p.dynamic(schema, p.object(schema, state))

	plan, err := p.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: resourceType, PriorState: object, ProposedNewState: object, Config: p.dynamic(schema, p.object(schema, config)),
		PriorIdentity: identityData(t, str(id)),
	})
	if err != nil {
		t.Fatal(err)
	}

	if got := p.identityID(plan.PlannedIdentity); got != id {
		t.Errorf("plan: the identity is %s, want %s", got, id)
	}

	p.expectNoDifference("imported", p.attributes(p.resourceSchema(), p.read(importedState).NewState), config)
}

func TestIdentity_invalid(t *testing.T) {
	t.Parallel()

	p := newProtocol(t)

	for name, id := range map[string]tftypes.Value{
		"no GUID": str("#42"), "empty": str(""), "null": tftypes.NewValue(tftypes.String, nil),
	} {
		if got := details(p.importByIdentity(id).Diagnostics); !strings.Contains(got, "ERROR: ") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
