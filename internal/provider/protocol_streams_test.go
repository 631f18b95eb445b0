package provider_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const (
	stageAction  = "permissionassist_stage_application_import"
	cancelAction = "permissionassist_cancel_application_import"
)

func unknownString() tftypes.Value { return tftypes.NewValue(tftypes.String, tftypes.UnknownValue) }

func strs(all ...string) tftypes.Value {
	elements := make([]tftypes.Value, 0, len(all))
	for _, s := range all {
		elements = append(elements, str(s))
	}

	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, elements)
}

func (p *protocol) actions() tfprotov6.ActionServer {
	p.t.Helper()

	server, ok := p.server.(tfprotov6.ActionServer)
	if !ok {
		p.t.Fatal("the server has no actions")
	}

	return server
}

func (p *protocol) lists() tfprotov6.ListResourceServer {
	p.t.Helper()

	server, ok := p.server.(tfprotov6.ListResourceServer)
	if !ok {
		p.t.Fatal("the server has no list resources")
	}

	return server
}

func (p *protocol) actionConfig(actionType string, config values) *tfprotov6.DynamicValue {
	p.t.Helper()

	schema := p.schema.ActionSchemas[actionType].Schema

	return p.dynamic(schema, p.object(schema, config))
}

func (p *protocol) validateAction(actionType string, config values) []*tfprotov6.Diagnostic {
	p.t.Helper()

	resp, err := p.actions().ValidateActionConfig(p.t.Context(), &tfprotov6.ValidateActionConfigRequest{
		ActionType: actionType, Config: p.actionConfig(actionType, config),
	})
	if err != nil {
		p.t.Fatal(err)
	}

	return resp.Diagnostics
}

func (p *protocol) validateList(config values) []*tfprotov6.Diagnostic {
	p.t.Helper()

	schema := p.schema.ListResourceSchemas[resourceType]

	resp, err := p.lists().ValidateListResourceConfig(p.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: resourceType, Config: p.dynamic(schema, p.object(schema, config)),
	})
	if err != nil {
		p.t.Fatal(err)
	}

	return resp.Diagnostics
}

func (p *protocol) planAction(actionType string, config values, deferralAllowed bool) *tfprotov6.PlanActionResponse {
	p.t.Helper()

	resp, err := p.actions().PlanAction(p.t.Context(), &tfprotov6.PlanActionRequest{
		ActionType: actionType, Config: p.actionConfig(actionType, config),
		ClientCapabilities: &tfprotov6.PlanActionClientCapabilities{DeferralAllowed: deferralAllowed},
	})
	if err != nil {
		p.t.Fatal(err)
	}

	return resp
}

// invocation is the result of an action.
type invocation struct {
	progress    []string
	completed   int
	diagnostics []*tfprotov6.Diagnostic
}

// events starts an action. Canceling the context is Ctrl-C.
func (p *protocol) events(ctx context.Context, actionType string, config values) *tfprotov6.InvokeActionServerStream {
	p.t.Helper()

	stream, err := p.actions().InvokeAction(p.output.logged(ctx), &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: p.actionConfig(actionType, config)})
	if err != nil {
		p.t.Fatal(err)
	}

	return stream
}

// invoke runs an action to its end.
func (p *protocol) invoke(ctx context.Context, actionType string, config values) invocation {
	p.t.Helper()

	var result invocation
	for event := range p.events(ctx, actionType, config).Events {
		result.take(event)
	}
	if result.completed != 1 {
		p.t.Errorf("the action completed %d times", result.completed)
	}
	p.output.add(result.diagnostics, []byte(strings.Join(result.progress, "\n")))

	return result
}

func (i *invocation) take(event tfprotov6.InvokeActionEvent) {
	switch event := event.Type.(type) {
	case tfprotov6.ProgressInvokeActionEventType:
		i.progress = append(i.progress, event.Message)
	case tfprotov6.CompletedInvokeActionEventType:
		i.completed++
		i.diagnostics = event.Diagnostics
	}
}

// query is a request to a list resource.
type query struct {
	config  values
	limit   int64
	include bool
}

func (p *protocol) results(ctx context.Context, q query) *tfprotov6.ListResourceServerStream {
	p.t.Helper()

	schema := p.schema.ListResourceSchemas[resourceType]

	stream, err := p.lists().ListResource(p.output.logged(ctx), &tfprotov6.ListResourceRequest{
		TypeName: resourceType, Config: p.dynamic(schema, p.object(schema, q.config)), Limit: q.limit, IncludeResource: q.include,
	})
	if err != nil {
		p.t.Fatal(err)
	}

	return stream
}

// list runs a list resource to its end: the results, and the diagnostics of
// all of them.
func (p *protocol) list(ctx context.Context, q query) ([]tfprotov6.ListResourceResult, []*tfprotov6.Diagnostic) {
	p.t.Helper()

	var (
		results []tfprotov6.ListResourceResult
		diags   []*tfprotov6.Diagnostic
	)

	for result := range p.results(ctx, q).Results {
		diags = append(diags, result.Diagnostics...)

		if result.Identity != nil {
			results = append(results, result)
		}
	}

	return results, diags
}

func names(results []tfprotov6.ListResourceResult) []string {
	all := make([]string, 0, len(results))
	for _, r := range results {
		all = append(all, r.DisplayName)
	}

	return all
}

// identityID returns the only attribute of an identity.
func (p *protocol) identityID(data *tfprotov6.ResourceIdentityData) string {
	p.t.Helper()

	if data == nil || data.IdentityData == nil {
		p.t.Fatal("the identity is missing")
	}

	var (
		attributes map[string]tftypes.Value
		id         string
	)

	value, err := data.IdentityData.Unmarshal(identityType())
	if err == nil {
		err = value.As(&attributes)
	}

	if err == nil {
		err = attributes["id"].As(&id)
	}

	if err != nil {
		p.t.Fatal(err)
	}

	return id
}

func identityType() tftypes.Type {
	return tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String}}
}

// identityData returns an identity with this ID.
func identityData(t *testing.T, id tftypes.Value) *tfprotov6.ResourceIdentityData {
	t.Helper()

	data, err := tfprotov6.NewDynamicValue(identityType(), tftypes.NewValue(identityType(), map[string]tftypes.Value{"id": id}))
	if err != nil {
		t.Fatal(err)
	}

	return &tfprotov6.ResourceIdentityData{IdentityData: &data}
}
