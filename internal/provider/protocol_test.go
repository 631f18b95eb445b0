package provider_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
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
// fails every test in which the provider's output contains the token.
type protocol struct {
	t      *testing.T
	server tfprotov6.ProviderServer
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

// newProtocol returns a provider that is not configured.
func newProtocol(t *testing.T) *protocol {
	t.Helper()
	return newProtocolVia(t, nil)
}

// newProtocolVia is newProtocol with a transport.
func newProtocolVia(t *testing.T, transport http.RoundTripper) *protocol {
	t.Helper()
	p := &protocol{t: t, server: provider.NewServerVia(transport)(), output: &output{}, resource: resourceType}
	t.Cleanup(func() { p.output.expectNoToken(t) })
	p.schema = must(p, func(ctx context.Context) (*tfprotov6.GetProviderSchemaResponse, error) {
		return p.server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	})
	expectClean(t, p.schema.Diagnostics)
	return p
}

// configuredProtocol returns a provider that is configured for a server.
func configuredProtocol(t *testing.T, tg target) *protocol {
	t.Helper()
	return configuredWith(t, tg, values{})
}

// configuredWith is configuredProtocol with more arguments of the provider.
func configuredWith(t *testing.T, tg target, arguments values) *protocol {
	t.Helper()
	p := newProtocolVia(t, tg.transport)
	arguments["endpoint"], arguments["token"] = str(tg.endpoint), str(tg.token)
	expectClean(t, p.configure(arguments, false).Diagnostics)
	return p
}

func (p *protocol) configure(config values, deferralAllowed bool) *tfprotov6.ConfigureProviderResponse {
	p.t.Helper()
	return must(p, func(ctx context.Context) (*tfprotov6.ConfigureProviderResponse, error) {
		return p.server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
			TerraformVersion:   "1.14.0",
			Config:             p.config(p.schema.Provider, config),
			ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: deferralAllowed},
		})
	})
}

// must calls the provider, which must not return an error of the protocol.
func must[T any](p *protocol, call func(context.Context) (T, error)) T {
	p.t.Helper()
	resp, err := call(p.output.logged(p.t.Context()))
	if err != nil {
		p.t.Fatal(err)
	}
	return resp
}

// object returns an object with nulls for all other attributes of the schema.
func (p *protocol) object(schema *tfprotov6.Schema, given values) tftypes.Value {
	p.t.Helper()
	typ, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		p.t.Fatal("the schema is not an object")
	}

	all := values{}
	for name, attribute := range typ.AttributeTypes {
		all[name] = tftypes.NewValue(attribute, nil)
	}
	maps.Copy(all, given)
	return tftypes.NewValue(typ, map[string]tftypes.Value(all))
}

// config packs a configuration.
func (p *protocol) config(schema *tfprotov6.Schema, config values) *tfprotov6.DynamicValue {
	p.t.Helper()
	return p.dynamic(schema, p.object(schema, config))
}

func (p *protocol) dynamic(schema *tfprotov6.Schema, v tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	d, err := tfprotov6.NewDynamicValue(schema.ValueType(), v)
	if err != nil {
		p.t.Fatal(err)
	}
	return &d
}

// attributes unpacks an object; nil if it is null.
func (p *protocol) attributes(schema *tfprotov6.Schema, d *tfprotov6.DynamicValue) values {
	p.t.Helper()
	if d == nil {
		return nil
	}
	v, err := d.Unmarshal(schema.ValueType())
	if err != nil {
		p.t.Fatal(err)
	}
	if v.IsNull() {
		return nil
	}

	var attributes map[string]tftypes.Value
	if err := v.As(&attributes); err != nil {
		p.t.Fatal(err)
	}
	return attributes
}

func (p *protocol) resourceSchema() *tfprotov6.Schema { return p.schema.ResourceSchemas[p.resource] }

// state unpacks the state of the resource.
func (p *protocol) state(d *tfprotov6.DynamicValue) values {
	return p.attributes(p.resourceSchema(), d)
}

// stateOf packs a state of the resource; nil means that it does not exist.
func (p *protocol) stateOf(state values) *tfprotov6.DynamicValue {
	p.t.Helper()
	schema := p.resourceSchema()
	if state == nil {
		return p.dynamic(schema, tftypes.NewValue(schema.ValueType(), nil))
	}
	return p.dynamic(schema, p.object(schema, state))
}

// plan plans the resource from the state before, with its private state; nil
// plans its creation.
func (p *protocol) plan(before, config values, private ...byte) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()
	schema := p.resourceSchema()
	proposed := values{}
	if before != nil {
		maps.Copy(proposed, before)
		for _, a := range schema.Block.Attributes {
			if !a.Computed {
				delete(proposed, a.Name)
			}
		}
	}
	maps.Copy(proposed, config)
	return p.planRequest(&tfprotov6.PlanResourceChangeRequest{
		PriorState: p.stateOf(before), ProposedNewState: p.config(schema, proposed), Config: p.config(schema, config), PriorPrivate: private,
	})
}

// planDestroy plans to destroy the resource.
func (p *protocol) planDestroy(state values) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()
	return p.planRequest(&tfprotov6.PlanResourceChangeRequest{
		PriorState: p.stateOf(state), ProposedNewState: p.stateOf(nil), Config: p.stateOf(nil),
	})
}

func (p *protocol) planRequest(req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()
	req.TypeName = p.resource
	return must(p, func(ctx context.Context) (*tfprotov6.PlanResourceChangeResponse, error) {
		return p.server.PlanResourceChange(ctx, req)
	})
}

// apply plans and applies the resource. Canceling the context is Ctrl-C.
func (p *protocol) apply(ctx context.Context, before, config values) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()
	return returned(p, p.startApply(ctx, before, config))
}

// startApply plans the resource and returns a function that applies it, in any
// goroutine.
func (p *protocol) startApply(ctx context.Context, before, config values) func() (*tfprotov6.ApplyResourceChangeResponse, error) {
	p.t.Helper()
	plan := p.plan(before, config)
	if text := details(plan.Diagnostics); strings.Contains(text, "ERROR: ") {
		p.t.Fatal(text)
	}
	return p.sends(ctx, p.applyRequest(before, config, plan))
}

// sends returns a function that applies a change, in any goroutine.
func (p *protocol) sends(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) func() (*tfprotov6.ApplyResourceChangeResponse, error) {
	return func() (*tfprotov6.ApplyResourceChangeResponse, error) {
		resp, err := p.server.ApplyResourceChange(p.output.logged(ctx), req)
		if err == nil {
			p.output.add(resp.Diagnostics, packed(resp.NewState), resp.Private)
			if resp.NewIdentity != nil {
				p.output.add(nil, packed(resp.NewIdentity.IdentityData))
			}
		}
		return resp, err
	}
}

// applyRequest returns the request to apply a plan.
func (p *protocol) applyRequest(before, config values, plan *tfprotov6.PlanResourceChangeResponse) *tfprotov6.ApplyResourceChangeRequest {
	p.t.Helper()
	return &tfprotov6.ApplyResourceChangeRequest{
		TypeName: p.resource, PriorState: p.stateOf(before), PlannedState: plan.PlannedState,
		Config: p.config(p.resourceSchema(), config), PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: plan.PlannedIdentity,
	}
}

// destroy destroys the resource, with its private state.
func (p *protocol) destroy(state values, private ...byte) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()
	return returned(p, p.destroys(state, private...))
}

// destroys returns a function that destroys the resource, in any goroutine.
func (p *protocol) destroys(state values, private ...byte) func() (*tfprotov6.ApplyResourceChangeResponse, error) {
	p.t.Helper()
	return p.sends(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: p.resource, PriorState: p.stateOf(state), PlannedState: p.stateOf(nil), Config: p.stateOf(nil), PlannedPrivate: private,
	})
}

// read refreshes the resource, with its private state.
func (p *protocol) read(state values, private ...byte) *tfprotov6.ReadResourceResponse {
	p.t.Helper()
	return returned(p, p.reads(state, private...))
}

// reads returns a function that refreshes the resource, in any goroutine.
func (p *protocol) reads(state values, private ...byte) func() (*tfprotov6.ReadResourceResponse, error) {
	current := p.stateOf(state)
	return func() (*tfprotov6.ReadResourceResponse, error) {
		resp, err := p.server.ReadResource(p.output.logged(p.t.Context()), &tfprotov6.ReadResourceRequest{
			TypeName: p.resource, CurrentState: current, Private: private,
		})
		if err == nil {
			p.output.add(resp.Diagnostics, packed(resp.NewState), resp.Private)
		}
		return resp, err
	}
}

// returned calls a function that applies, destroys or refreshes.
func returned[T any](p *protocol, call func() (T, error)) T {
	p.t.Helper()
	return must(p, func(context.Context) (T, error) { return call() })
}

// refreshed reads a resource without diagnostics and returns its state.
func (p *protocol) refreshed(state values) values {
	p.t.Helper()
	resp := p.read(state)
	expectClean(p.t, resp.Diagnostics)
	return p.state(resp.NewState)
}

// importID is "terraform import ADDRESS ID" without the refresh that follows.
func (p *protocol) importID(id string) *tfprotov6.ImportResourceStateResponse {
	p.t.Helper()
	return must(p, func(ctx context.Context) (*tfprotov6.ImportResourceStateResponse, error) {
		return p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: p.resource, ID: id})
	})
}

// imported is "terraform import ADDRESS ID" with the refresh that follows.
func (p *protocol) imported(id string) (values, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	resp := p.importID(id)
	if len(resp.Diagnostics) > 0 || len(resp.ImportedResources) != 1 {
		return nil, resp.Diagnostics
	}
	read := p.read(p.state(resp.ImportedResources[0].State))
	return p.state(read.NewState), read.Diagnostics
}

func (p *protocol) readData(typeName string, config values) *tfprotov6.ReadDataSourceResponse {
	p.t.Helper()
	schema := p.schema.DataSourceSchemas[typeName]
	resp := must(p, func(ctx context.Context) (*tfprotov6.ReadDataSourceResponse, error) {
		return p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: p.config(schema, config)})
	})
	p.output.add(resp.Diagnostics, packed(resp.State))
	return resp
}

// data reads a data source without diagnostics and returns its attributes.
func (p *protocol) data(typeName string, config values) values {
	p.t.Helper()
	resp := p.readData(typeName, config)
	expectClean(p.t, resp.Diagnostics)
	return p.attributes(p.schema.DataSourceSchemas[typeName], resp.State)
}

func packed(d *tfprotov6.DynamicValue) []byte {
	if d == nil {
		return nil
	}
	return append(slices.Clone(d.MsgPack), d.JSON...)
}

// summaries returns the severities and summaries of diagnostics, one per line.
func summaries(diags []*tfprotov6.Diagnostic) string {
	lines := make([]string, 0, len(diags))
	for _, d := range diags {
		lines = append(lines, d.Severity.String()+": "+d.Summary)
	}
	return strings.Join(lines, "\n")
}

// details is summaries with the attribute and the detail.
func details(diags []*tfprotov6.Diagnostic) string {
	lines := make([]string, 0, len(diags))
	for _, d := range diags {
		lines = append(lines, d.Severity.String()+": "+d.Attribute.String()+": "+d.Summary+"\n"+d.Detail)
	}
	return strings.Join(lines, "\n\n")
}

// expectClean stops the test if there are diagnostics.
func expectClean(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	if len(diags) > 0 {
		t.Fatal(details(diags))
	}
}

// expectSummaries fails the test unless the diagnostics have exactly these
// severities and summaries.
func expectSummaries(t *testing.T, diags []*tfprotov6.Diagnostic, want string) {
	t.Helper()
	if got := summaries(diags); got != want {
		t.Errorf("the diagnostics are, instead of %q:\n%s", want, details(diags))
	}
}

// expectAll fails the test unless the text has all of these.
func expectAll(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q is missing in:\n%s", w, got)
		}
	}
}

// expectNone fails the test if the text has one of these.
func expectNone(t *testing.T, got string, not ...string) {
	t.Helper()
	for _, n := range not {
		if strings.Contains(got, n) {
			t.Errorf("%q is out of place in:\n%s", n, got)
		}
	}
}

// created stages an import on a held server and returns the state.
func created(t *testing.T, tg target) (*protocol, values) {
	t.Helper()
	p, _, state := createdResponse(t, tg)
	return p, state
}

// createdResponse is like created, but returns the whole response.
func createdResponse(t *testing.T, tg target) (*protocol, *tfprotov6.ApplyResourceChangeResponse, values) {
	t.Helper()
	tg.sandbox.HoldBuilds()
	p := configuredProtocol(t, tg)
	resp := p.apply(t.Context(), nil, values{"application_id": str(appID)})
	expectClean(t, resp.Diagnostics)

	state := p.state(resp.NewState)
	return p, resp, state
}

// completion is the configuration of a completion.
func completion(importID string) values { return values{"import_id": str(importID)} }

// waitingAction is the configuration of an action that waits.
func waitingAction() values {
	return values{"application_id": str(appID), "wait_for_completion": boolean(true)}
}

// staged applies an import of an application and returns its state.
func (p *protocol) staged(t *testing.T, applicationID string) values {
	t.Helper()
	resp := p.apply(t.Context(), nil, values{"application_id": str(applicationID)})
	expectClean(t, resp.Diagnostics)
	return p.state(resp.NewState)
}
