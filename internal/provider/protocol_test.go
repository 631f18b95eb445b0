package provider_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/provider"
)

const resourceType = "permissionassist_application_import"

// protocol speaks to the provider as Terraform does, in process: for what
// depends on a moment that no Terraform run can be held at, and for what only
// a newer Terraform asks.
type protocol struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

// recovered is the summary of the warning about an import that was found, not
// answered.
const recovered = "Import was found after a doubtful answer"

// repeated is that of the warning about one that was posted several times.
const repeated = "Import was posted more than once"

// values are the attributes of an object that are not null.
type values map[string]tftypes.Value

func str(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
func boolean(b bool) tftypes.Value {
	return tftypes.NewValue(tftypes.Bool, b)
}

// timeouts is the block of that name.
func timeouts(create, update string) tftypes.Value {
	return tftypes.NewValue(
		tftypes.Object{AttributeTypes: map[string]tftypes.Type{"create": tftypes.String, "update": tftypes.String}},
		map[string]tftypes.Value{"create": str(create), "update": str(update)},
	)
}

func newProtocol(t *testing.T) *protocol {
	t.Helper()

	server := provider.NewServer("test", "")()

	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}

	if text := summaries(schema.Diagnostics); text != "" {
		t.Fatal(text)
	}

	return &protocol{t: t, server: server, schema: schema}
}

// configured is a protocol whose provider is configured for a server.
func configuredProtocol(t *testing.T, tg target) *protocol {
	t.Helper()

	p := newProtocol(t)
	if text := summaries(p.configure(values{"endpoint": str(tg.endpoint), "token": str(tg.token)}, false).Diagnostics); text != "" {
		t.Fatal(text)
	}

	return p
}

func (p *protocol) configure(config values, deferralAllowed bool) *tfprotov6.ConfigureProviderResponse {
	p.t.Helper()

	resp, err := p.server.ConfigureProvider(p.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion:   "1.14.0",
		Config:             p.dynamic(p.schema.Provider, p.object(p.schema.Provider, config)),
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: deferralAllowed},
	})
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

// object fills up the given attributes of a schema's object with nulls.
func (p *protocol) object(schema *tfprotov6.Schema, given values) tftypes.Value {
	p.t.Helper()

	typ, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		p.t.Fatal("the schema is no object")
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

// attributes unpacks an object.
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

	var out map[string]tftypes.Value
	if err := v.As(&out); err != nil {
		p.t.Fatal(err)
	}

	return out
}

func (p *protocol) resourceSchema() *tfprotov6.Schema { return p.schema.ResourceSchemas[resourceType] }

// plan plans the resource: with the state of before, or its creation where
// that is nil.
func (p *protocol) plan(before, config values) *tfprotov6.PlanResourceChangeResponse {
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

	resp, err := p.server.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName:         resourceType,
		PriorState:       p.stateOf(before),
		ProposedNewState: p.dynamic(schema, p.object(schema, proposed)),
		Config:           p.dynamic(schema, p.object(schema, config)),
	})
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

// planDestroy plans the end of the resource.
func (p *protocol) planDestroy(state values) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()

	resp, err := p.server.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: resourceType, PriorState: p.stateOf(state), ProposedNewState: p.stateOf(nil), Config: p.stateOf(nil),
	})
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

// apply plans and applies the resource. The context is Terraform's, which ends
// with Ctrl-C.
func (p *protocol) apply(ctx context.Context, before, config values) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()

	plan := p.plan(before, config)
	if text := details(plan.Diagnostics); strings.Contains(text, "ERROR: ") {
		p.t.Fatal(text)
	}

	resp, err := p.server.ApplyResourceChange(ctx, p.applyRequest(before, config, plan))
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

// applyRequest asks for what was planned.
func (p *protocol) applyRequest(before, config values, plan *tfprotov6.PlanResourceChangeResponse) *tfprotov6.ApplyResourceChangeRequest {
	p.t.Helper()

	schema := p.resourceSchema()

	return &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: p.stateOf(before), PlannedState: plan.PlannedState,
		Config: p.dynamic(schema, p.object(schema, config)), PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: plan.PlannedIdentity,
	}
}

// destroyRequest asks for the end of a resource.
func (p *protocol) destroyRequest(state values) *tfprotov6.ApplyResourceChangeRequest {
	p.t.Helper()

	return &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resourceType, PriorState: p.stateOf(state), PlannedState: p.stateOf(nil), Config: p.stateOf(nil),
	}
}

// stateOf is a resource's state, of one that does not exist where it is nil.
func (p *protocol) stateOf(state values) *tfprotov6.DynamicValue {
	p.t.Helper()

	schema := p.resourceSchema()
	if state == nil {
		return p.dynamic(schema, tftypes.NewValue(schema.ValueType(), nil))
	}

	return p.dynamic(schema, p.object(schema, state))
}

func (p *protocol) read(state values) *tfprotov6.ReadResourceResponse {
	p.t.Helper()

	resp, err := p.server.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: resourceType, CurrentState: p.stateOf(state),
	})
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

func (p *protocol) destroy(ctx context.Context, state values) *tfprotov6.ApplyResourceChangeResponse {
	p.t.Helper()

	resp, err := p.server.ApplyResourceChange(ctx, p.destroyRequest(state))
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

// summaries are the severities and summaries of diagnostics, a line each.
func summaries(diags []*tfprotov6.Diagnostic) string {
	lines := make([]string, 0, len(diags))
	for _, d := range diags {
		lines = append(lines, d.Severity.String()+": "+d.Summary)
	}

	return strings.Join(lines, "\n")
}

// details are summaries with the attribute and the details.
func details(diags []*tfprotov6.Diagnostic) string {
	lines := make([]string, 0, len(diags))
	for _, d := range diags {
		lines = append(lines, d.Severity.String()+": "+d.Attribute.String()+": "+d.Summary+"\n"+d.Detail)
	}

	return strings.Join(lines, "\n\n")
}

func (p *protocol) readData(typeName string, config values) *tfprotov6.ReadDataSourceResponse {
	p.t.Helper()

	schema := p.schema.DataSourceSchemas[typeName]

	resp, err := p.server.ReadDataSource(p.t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: typeName, Config: p.dynamic(schema, p.object(schema, config)),
	})
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}
