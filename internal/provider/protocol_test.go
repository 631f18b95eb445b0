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

const resourceType = "permissionassist_application_import"

// protocol calls the provider like Terraform, in process. Use it for moments at
// which Terraform cannot be paused, and for features of newer versions. It
// fails every test in which the provider's output contains the token.
type protocol struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
	output *output
}

// values are an object's attributes that are not null.
type values map[string]tftypes.Value

func str(s string) tftypes.Value   { return tftypes.NewValue(tftypes.String, s) }
func boolean(b bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, b) }
func number(n int) tftypes.Value   { return tftypes.NewValue(tftypes.Number, n) }

// timeouts returns the block timeouts.
func timeouts(create, update string) tftypes.Value {
	return tftypes.NewValue(
		tftypes.Object{AttributeTypes: map[string]tftypes.Type{"create": tftypes.String, "update": tftypes.String}},
		map[string]tftypes.Value{"create": str(create), "update": str(update)},
	)
}

// text returns an attribute that is a string; empty if it is null.
func (v values) text(name string) string {
	var s *string
	if v[name].IsKnown() && v[name].As(&s) == nil && s != nil {
		return *s
	}

	return ""
}

// newProtocol returns a provider that is not configured.
func newProtocol(t *testing.T) *protocol {
	t.Helper()

	return newProtocolVia(t, nil)
}

// newProtocolVia is newProtocol with a transport.
func newProtocolVia(t *testing.T, transport http.RoundTripper) *protocol {
	t.Helper()

	p := &protocol{t: t, server: provider.NewServerVia(transport)(), output: &output{}}
	t.Cleanup(func() { p.output.expectNoToken(t) })

	schema, err := p.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if text := summaries(schema.Diagnostics); text != "" {
		t.Fatal(text)
	}
	p.schema = schema

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
	if text := details(p.configure(arguments, false).Diagnostics); text != "" {
		t.Fatal(text)
	}

	return p
}

func (p *protocol) configure(config values, deferralAllowed bool) *tfprotov6.ConfigureProviderResponse {
	p.t.Helper()

	return must(p, func(ctx context.Context) (*tfprotov6.ConfigureProviderResponse, error) {
		return p.server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
			TerraformVersion:   "1.14.0",
			Config:             p.dynamic(p.schema.Provider, p.object(p.schema.Provider, config)),
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

func (p *protocol) resourceSchema() *tfprotov6.Schema { return p.schema.ResourceSchemas[resourceType] }

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

// plan plans the resource from the state before; nil plans its creation.
func (p *protocol) plan(before, config values) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()

	return p.planPrivate(before, config, nil)
}

// planPrivate is plan with the private state of before.
func (p *protocol) planPrivate(before, config values, private []byte) *tfprotov6.PlanResourceChangeResponse {
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

	return must(p, func(ctx context.Context) (*tfprotov6.PlanResourceChangeResponse, error) {
		return p.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName:         resourceType,
			PriorState:       p.stateOf(before),
			ProposedNewState: p.dynamic(schema, p.object(schema, proposed)),
			Config:           p.dynamic(schema, p.object(schema, config)),
			PriorPrivate:     private,
		})
	})
}

// planDestroy plans to destroy the resource.
func (p *protocol) planDestroy(state values) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()

	return must(p, func(ctx context.Context) (*tfprotov6.PlanResourceChangeResponse, error) {
		return p.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName: resourceType, PriorState: p.stateOf(state), ProposedNewState: p.stateOf(nil), Config: p.stateOf(nil),
		})
	})
}

// apply plans and applies the resource. Canceling the context is Ctrl-C.
func (p *protocol) apply(ctx context.Context, before, config values) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()

	resp, err := p.applies(ctx, before, config)()
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

// applies plans the resource and returns a function that applies it, in any
// goroutine.
func (p *protocol) applies(ctx context.Context, before, config values) func() (*tfprotov6.ApplyResourceChangeResponse, error) {
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

	schema := p.resourceSchema()

	return &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: p.stateOf(before), PlannedState: plan.PlannedState,
		Config: p.dynamic(schema, p.object(schema, config)), PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: plan.PlannedIdentity,
	}
}

// destroyRequest returns the request to destroy the resource.
func (p *protocol) destroyRequest(state values) *tfprotov6.ApplyResourceChangeRequest {
	p.t.Helper()

	return &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: p.stateOf(state), PlannedState: p.stateOf(nil), Config: p.stateOf(nil),
	}
}

func (p *protocol) destroy(ctx context.Context, state values) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()

	return p.destroyPrivate(ctx, state, nil)
}

// destroyPrivate is destroy with the private state.
func (p *protocol) destroyPrivate(ctx context.Context, state values, private []byte) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()

	req := p.destroyRequest(state)
	req.PlannedPrivate = private
	resp, err := p.sends(ctx, req)()
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

// read refreshes the resource.
func (p *protocol) read(state values) *tfprotov6.ReadResourceResponse {
	p.t.Helper()

	return p.readPrivate(state, nil)
}

// readPrivate is read with the private state.
func (p *protocol) readPrivate(state values, private []byte) *tfprotov6.ReadResourceResponse {
	p.t.Helper()

	resp, err := p.reads(state, private)()
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

// reads returns a function that refreshes the resource, in any goroutine.
func (p *protocol) reads(state values, private []byte) func() (*tfprotov6.ReadResourceResponse, error) {
	current := p.stateOf(state)

	return func() (*tfprotov6.ReadResourceResponse, error) {
		resp, err := p.server.ReadResource(p.output.logged(p.t.Context()), &tfprotov6.ReadResourceRequest{
			TypeName: resourceType, CurrentState: current, Private: private,
		})
		if err == nil {
			p.output.add(resp.Diagnostics, packed(resp.NewState), resp.Private)
		}

		return resp, err
	}
}

// importID is "terraform import ADDRESS ID" without the refresh that follows.
func (p *protocol) importID(id string) *tfprotov6.ImportResourceStateResponse {
	p.t.Helper()

	return must(p, func(ctx context.Context) (*tfprotov6.ImportResourceStateResponse, error) {
		return p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: resourceType, ID: id})
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
		return p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{
			TypeName: typeName, Config: p.dynamic(schema, p.object(schema, config)),
		})
	})
	p.output.add(resp.Diagnostics, packed(resp.State))

	return resp
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
