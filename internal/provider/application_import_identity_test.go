package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// importByIdentity imports like an import block with an identity.
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

	// Every response with a state has the identity.
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

	// A plan keeps an identity and never creates one.
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

// The ID of an import block and its identity accept the same spellings.
func TestImportID(t *testing.T) {
	t.Parallel()

	const (
		guid  = "0f8fad5b-d9cb-469f-a165-70867728950e"
		bare  = "0f8fad5bd9cb469fa16570867728950e"
		none  = "found no GUID"
		two   = "found 2 different GUIDs"
		pages = "https://pa.example.com/applications/"
	)

	p := configuredProtocol(t, newFakeTarget(t, sandbox.Options{}))

	for text, want := range map[string]string{
		guid: guid, strings.ToUpper(guid): guid, "{" + guid + "}": guid, bare: guid, strings.ToUpper(bare): guid, " " + guid + "\n": guid,
		"https://pa.example.com/imports/" + strings.ToUpper(guid) + "?tab=log": guid, "https://pa.example.com/#/imports?id=%7B" + guid + "%7D": guid,
		"42": none, "#1001": none, "": none, "latest": none, guid[1:]: none, guid + "0": none, pages + "5?key=" + token: none,
		pages + appID + "/imports/" + guid: two, guid + "," + appID: two,
	} {
		byID, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: resourceType, ID: text})
		if err != nil {
			t.Fatal(err)
		}

		for by, resp := range map[string]*tfprotov6.ImportResourceStateResponse{"ID": byID, "identity": p.importByIdentity(str(text))} {
			p.expectImportID(by+" "+text, resp, want)
		}
	}

	if got := details(p.importByIdentity(tftypes.NewValue(tftypes.String, nil)).Diagnostics); !strings.Contains(got, "ERROR: ") {
		t.Errorf("an identity without an ID: %s", got)
	}
}

// expectImportID expects the GUID in the state and in the identity. Otherwise
// it expects an error with the text that explains where to find a GUID and does
// not quote the ID.
func (p *protocol) expectImportID(name string, resp *tfprotov6.ImportResourceStateResponse, want string) {
	p.t.Helper()

	if len(resp.ImportedResources) == 1 && len(resp.Diagnostics) == 0 {
		imported := resp.ImportedResources[0]

		if got := p.attributes(p.resourceSchema(), imported.State)["id"]; !got.Equal(str(want)) || p.identityID(imported.Identity) != want {
			p.t.Errorf("%s: the ID is %s, the identity %s, want %s", name, got, p.identityID(imported.Identity), want)
		}

		return
	}

	got := details(resp.Diagnostics)
	for _, part := range []string{"ERROR: ", "Invalid import ID", want, "permissionassist_application_import with application_id", "terraform query"} {
		if !strings.Contains(got, part) {
			p.t.Errorf("%s: %q is missing in: %s", name, part, got)
		}
	}

	if strings.Contains(got, token) || strings.Contains(got, appID) {
		p.t.Errorf("%s: the error quotes the ID: %s", name, got)
	}
}

func TestAccApplicationImport_importID(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Finished"})
	page := "https://pa.example.com/imports/" + strings.ToUpper(existing.ID) + "?tab=log"

	steps := []resource.TestStep{{
		Config:            tg.imported("") + fmt.Sprintf("import {\n to = %s\n id = %q\n}\n", address, page),
		ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
		ConfigStateChecks: []statecheck.StateCheck{value("id", knownvalue.StringExact(existing.ID)), tg.imports(1)},
	}}

	for _, id := range []string{"{" + existing.ID + "}", strings.ToUpper(existing.ID), strings.ReplaceAll(existing.ID, "-", ""), page} {
		steps = append(steps, resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: id, ImportStateVerify: true})
	}

	for _, id := range []string{"1001", "#1001", appID + " " + existing.ID} {
		steps = append(steps, resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: id, ExpectError: text("Invalid import ID")})
	}

	lifecycle(t, steps...)
	tg.expectCount(t, sandbox.OpStage, 0)
}

// An import block without a GUID stages nothing.
func TestAccApplicationImport_importNumber(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})

	lifecycle(t, resource.TestStep{
		Config:      tg.imported("") + fmt.Sprintf("import {\n to = %s\n id = \"#1001\"\n}\n", address),
		ExpectError: text("read the data source permissionassist_application_import with application_id"),
	})
	tg.expectCount(t, sandbox.OpStage, 0)
}
