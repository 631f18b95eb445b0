package provider_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/provider"
)

const (
	resourceType   = "permissionassist_application_import"
	completionType = "permissionassist_application_import_completion"
)

// protocol calls the provider like Terraform, in process. Use it for moments at
// which Terraform cannot be paused, and for features of newer versions. It
// fails every test in which the provider's output contains the token. Methods
// whose names begin with clean stop the test if there are diagnostics.
type protocol struct {
	t      *testing.T
	server provider.FullServer
	schema *tfprotov6.GetProviderSchemaResponse
	output *output
	// resource is the type of the resources that plan, apply and the like work on.
	resource string
}

// completions returns the same provider, for completions of imports.
func (p *protocol) completions() *protocol {
	other := *p
	other.resource = completionType
	return &other
}

// newProtocol returns a provider that is not configured. Its transport is nil
// for real connections.
func newProtocol(t *testing.T, transport http.RoundTripper) *protocol {
	t.Helper()
	server, ok := provider.NewServerVia(transport).(provider.FullServer)
	if !ok {
		t.Fatal("the server has no actions or no list resources")
	}
	p := &protocol{t: t, server: server, output: &output{}, resource: resourceType}
	t.Cleanup(func() { p.output.wantNoToken(t) })

	var err error
	if p.schema, err = p.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	wantClean(t, p.schema.Diagnostics)
	return p
}

// configuredProtocol returns a provider that is configured for a server, with
// more arguments if there are any.
func configuredProtocol(t *testing.T, tg target, more ...values) *protocol {
	t.Helper()
	p := newProtocol(t, tg.transport)
	arguments := values{"endpoint": tg.endpoint, "token": tg.token}
	for _, m := range more {
		maps.Copy(arguments, m)
	}
	wantClean(t, p.configure(arguments, false).Diagnostics)
	return p
}

func (p *protocol) configure(config values, deferralAllowed bool) *tfprotov6.ConfigureProviderResponse {
	p.t.Helper()
	return send(p.t.Context(), p, p.server.ConfigureProvider, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion:   "1.14.0",
		Config:             p.pack(p.schema.Provider, config),
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: deferralAllowed},
	})
}

// send sends a request to the provider, which must not return an error of the
// protocol. Canceling the context is Ctrl-C.
func send[Q, R any](ctx context.Context, p *protocol, method func(context.Context, *Q) (*R, error), req *Q) *R {
	p.t.Helper()
	resp, err := trySend(ctx, p, method, req)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp
}

// trySend is send for any goroutine.
func trySend[Q, R any](ctx context.Context, p *protocol, method func(context.Context, *Q) (*R, error), req *Q) (*R, error) {
	resp, err := method(p.output.logged(ctx), req)
	if err == nil {
		p.output.add(resp)
	}
	return resp, err
}

// pack packs an object, with nulls for all other attributes of the schema.
func (p *protocol) pack(schema *tfprotov6.Schema, given values) *tfprotov6.DynamicValue {
	p.t.Helper()
	typ, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		p.t.Fatal("the schema is not an object")
	}

	all := map[string]tftypes.Value{}
	for name, attribute := range typ.AttributeTypes {
		all[name] = convert(attribute, given[name])
	}
	return p.dynamic(typ, all)
}

func (p *protocol) dynamic(typ tftypes.Type, value any) *tfprotov6.DynamicValue {
	p.t.Helper()
	d, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, value))
	if err != nil {
		p.t.Fatal(err)
	}
	return &d
}

// unpack unpacks an object; nil if it is null.
func (p *protocol) unpack(typ tftypes.Type, d *tfprotov6.DynamicValue) values {
	p.t.Helper()
	if d == nil {
		return nil
	}
	v, err := d.Unmarshal(typ)
	if err != nil {
		p.t.Fatal(err)
	}
	if v.IsNull() {
		return nil
	}

	var all map[string]tftypes.Value
	if err := v.As(&all); err != nil {
		p.t.Fatal(err)
	}
	attributes := values{}
	for name, value := range all {
		attributes[name] = value
	}
	return attributes
}

func (p *protocol) resourceSchema() *tfprotov6.Schema { return p.schema.ResourceSchemas[p.resource] }

// state unpacks the state of the resource.
func (p *protocol) state(d *tfprotov6.DynamicValue) values {
	p.t.Helper()
	return p.unpack(p.resourceSchema().ValueType(), d)
}

// packState packs a state of the resource; nil means that it does not exist.
func (p *protocol) packState(state values) *tfprotov6.DynamicValue {
	p.t.Helper()
	if state == nil {
		return p.dynamic(p.resourceSchema().ValueType(), nil)
	}
	return p.pack(p.resourceSchema(), state)
}

// plan plans the resource from the state before; nil plans its creation.
func (p *protocol) plan(before, config values) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()
	proposed := maps.Clone(before)
	for _, a := range p.resourceSchema().Block.Attributes {
		if !a.Computed {
			delete(proposed, a.Name)
		}
	}
	if proposed == nil {
		proposed = values{}
	}
	maps.Copy(proposed, config)

	req := &tfprotov6.PlanResourceChangeRequest{
		TypeName: p.resource, PriorState: p.packState(before), ProposedNewState: p.pack(p.resourceSchema(), proposed),
		Config: p.pack(p.resourceSchema(), config),
	}
	if id := before.text("id"); id != "" {
		req.PriorIdentity = p.identity(id)
	}
	return send(p.t.Context(), p, p.server.PlanResourceChange, req)
}

// planDestroy plans to destroy the resource.
func (p *protocol) planDestroy(state values) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()
	return send(p.t.Context(), p, p.server.PlanResourceChange, &tfprotov6.PlanResourceChangeRequest{
		TypeName: p.resource, PriorState: p.packState(state), ProposedNewState: p.packState(nil), Config: p.packState(nil),
	})
}

// apply plans and applies the resource. Canceling the context is Ctrl-C.
func (p *protocol) apply(ctx context.Context, before, config values) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()
	return send(ctx, p, p.server.ApplyResourceChange, p.applyRequest(before, config))
}

// applyRequest plans the resource and returns the request that applies the
// plan.
func (p *protocol) applyRequest(before, config values) *tfprotov6.ApplyResourceChangeRequest {
	p.t.Helper()
	plan := p.plan(before, config)
	if text := details(plan.Diagnostics); strings.Contains(text, "ERROR: ") {
		p.t.Fatal(text)
	}
	return &tfprotov6.ApplyResourceChangeRequest{
		TypeName: p.resource, PriorState: p.packState(before), PlannedState: plan.PlannedState,
		Config: p.pack(p.resourceSchema(), config), PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: plan.PlannedIdentity,
	}
}

// destroy destroys the resource, with its private state.
func (p *protocol) destroy(state values, private ...byte) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()
	return send(p.t.Context(), p, p.server.ApplyResourceChange, p.destroyRequest(state, private...))
}

func (p *protocol) destroyRequest(state values, private ...byte) *tfprotov6.ApplyResourceChangeRequest {
	p.t.Helper()
	return &tfprotov6.ApplyResourceChangeRequest{
		TypeName: p.resource, PriorState: p.packState(state), PlannedState: p.packState(nil), Config: p.packState(nil), PlannedPrivate: private,
	}
}

// read refreshes the resource, with its private state.
func (p *protocol) read(state values, private ...byte) *tfprotov6.ReadResourceResponse {
	p.t.Helper()
	return send(p.t.Context(), p, p.server.ReadResource, p.readRequest(state, private...))
}

func (p *protocol) readRequest(state values, private ...byte) *tfprotov6.ReadResourceRequest {
	p.t.Helper()
	return &tfprotov6.ReadResourceRequest{TypeName: p.resource, CurrentState: p.packState(state), Private: private}
}

// cleanRead refreshes the resource and returns its state.
func (p *protocol) cleanRead(state values) values {
	p.t.Helper()
	resp := p.read(state)
	wantClean(p.t, resp.Diagnostics)
	return p.state(resp.NewState)
}

// importByID is "terraform import ADDRESS ID" without the refresh that follows.
func (p *protocol) importByID(id string) *tfprotov6.ImportResourceStateResponse {
	p.t.Helper()
	req := &tfprotov6.ImportResourceStateRequest{TypeName: p.resource, ID: id}
	return send(p.t.Context(), p, p.server.ImportResourceState, req)
}

// importByIdentity imports like an import block with an identity.
func (p *protocol) importByIdentity(id any) *tfprotov6.ImportResourceStateResponse {
	p.t.Helper()
	req := &tfprotov6.ImportResourceStateRequest{TypeName: p.resource, Identity: p.identity(id)}
	return send(p.t.Context(), p, p.server.ImportResourceState, req)
}

// importAndRead is "terraform import ADDRESS ID" with the refresh that follows.
func (p *protocol) importAndRead(id string) (values, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	resp := p.importByID(id)
	if len(resp.Diagnostics) > 0 || len(resp.ImportedResources) != 1 {
		return nil, resp.Diagnostics
	}
	read := p.read(p.state(resp.ImportedResources[0].State))
	return p.state(read.NewState), read.Diagnostics
}

// identityID returns the only attribute of an identity.
func (p *protocol) identityID(data *tfprotov6.ResourceIdentityData) string {
	p.t.Helper()
	if data == nil || data.IdentityData == nil {
		p.t.Fatal("the identity is missing")
	}
	return p.unpack(identityType(), data.IdentityData).text("id")
}

func identityType() tftypes.Type {
	return tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String}}
}

// identity returns an identity with this ID.
func (p *protocol) identity(id any) *tfprotov6.ResourceIdentityData {
	p.t.Helper()
	attributes := map[string]tftypes.Value{"id": convert(tftypes.String, id)}
	return &tfprotov6.ResourceIdentityData{IdentityData: p.dynamic(identityType(), attributes)}
}

// cleanCreate stages an import and returns its state.
func (p *protocol) cleanCreate() values {
	p.t.Helper()
	resp := p.apply(p.t.Context(), nil, values{"application_id": appID})
	wantClean(p.t, resp.Diagnostics)
	return p.state(resp.NewState)
}

// created stages an import on a held server and returns its state.
func created(t *testing.T, tg target) (*protocol, values) {
	t.Helper()
	p, _, state := createdResponse(t, tg)
	return p, state
}

// createdResponse is created with the whole response.
func createdResponse(t *testing.T, tg target) (*protocol, *tfprotov6.ApplyResourceChangeResponse, values) {
	t.Helper()
	tg.sandbox.HoldBuilds()
	p := configuredProtocol(t, tg)
	resp := p.apply(t.Context(), nil, values{"application_id": appID})
	wantClean(t, resp.Diagnostics)

	state := p.state(resp.NewState)
	return p, resp, state
}

// completion is the configuration of a completion.
func completion(importID string) values { return values{"import_id": importID} }

// call calls a function of strings. The provider is not configured: functions
// need no server.
func (p *protocol) call(name string, arguments ...any) (any, *tfprotov6.FunctionError) {
	p.t.Helper()
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for _, argument := range arguments {
		req.Arguments = append(req.Arguments, p.dynamic(tftypes.String, argument))
	}
	resp := send(p.t.Context(), p, p.server.CallFunction, req)
	if resp.Error != nil {
		return nil, resp.Error
	}
	result, err := resp.Result.Unmarshal(tftypes.String)
	if err != nil {
		p.t.Fatal(err)
	}
	return plain(result), nil
}
