package provider_test

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

const (
	stageAction  = "permissionassist_stage_application_import"
	cancelAction = "permissionassist_cancel_application_import"
)

func (p *protocol) packAction(actionType string, config values) *tfprotov6.DynamicValue {
	p.t.Helper()
	return p.pack(p.schema.ActionSchemas[actionType].Schema, config)
}

func (p *protocol) planAction(actionType string, config values, deferralAllowed bool) *tfprotov6.PlanActionResponse {
	p.t.Helper()
	return send(p.t.Context(), p, p.server.PlanAction, &tfprotov6.PlanActionRequest{
		ActionType: actionType, Config: p.packAction(actionType, config),
		ClientCapabilities: &tfprotov6.PlanActionClientCapabilities{DeferralAllowed: deferralAllowed},
	})
}

// invocation is the result of an action.
type invocation struct {
	progress    []string
	completed   int
	diagnostics []*tfprotov6.Diagnostic
}

// stream starts an action. Canceling the context is Ctrl-C.
func (p *protocol) stream(ctx context.Context, actionType string, config values) *tfprotov6.InvokeActionServerStream {
	p.t.Helper()
	req := &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: p.packAction(actionType, config)}
	return send(ctx, p, p.server.InvokeAction, req)
}

// invoke runs an action to its end.
func (p *protocol) invoke(ctx context.Context, actionType string, config values) invocation {
	p.t.Helper()
	var result invocation
	for event := range p.stream(ctx, actionType, config).Events {
		p.output.add(event)
		result.take(event)
	}
	if result.completed != 1 {
		p.t.Errorf("the action completed %d times", result.completed)
	}
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

// staging is the configuration of an action that stages an import.
func staging(waits bool) values {
	return values{"application_id": appID, "wait_for_completion": waits}
}

// query is a request to a list resource.
type query struct {
	config  values
	limit   int64
	include bool
}

func (p *protocol) streamList(ctx context.Context, q query) *tfprotov6.ListResourceServerStream {
	p.t.Helper()
	return send(ctx, p, p.server.ListResource, &tfprotov6.ListResourceRequest{
		TypeName: resourceType, Config: p.pack(p.schema.ListResourceSchemas[resourceType], q.config), Limit: q.limit, IncludeResource: q.include,
	})
}

// list runs a list resource to its end: the results, and the diagnostics of
// all of them.
func (p *protocol) list(q query) (results []tfprotov6.ListResourceResult, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	for result := range p.streamList(p.t.Context(), q).Results {
		p.output.add(result)
		diags = append(diags, result.Diagnostics...)
		if result.Identity != nil {
			results = append(results, result)
		}
	}
	return results, diags
}

// validate validates a configuration of the "provider", the "resource", its
// "completion", its "list", or of the action or data source with this name.
func (p *protocol) validate(what string, config values) []*tfprotov6.Diagnostic {
	p.t.Helper()
	switch _, action := p.schema.ActionSchemas[what]; {
	case what == "provider":
		req := &tfprotov6.ValidateProviderConfigRequest{Config: p.pack(p.schema.Provider, config)}
		return send(p.t.Context(), p, p.server.ValidateProviderConfig, req).Diagnostics
	case what == "completion":
		return p.completions().validate("resource", config)
	case what == "resource":
		req := &tfprotov6.ValidateResourceConfigRequest{TypeName: p.resource, Config: p.pack(p.resourceSchema(), config)}
		return send(p.t.Context(), p, p.server.ValidateResourceConfig, req).Diagnostics
	case what == "list":
		schema := p.schema.ListResourceSchemas[resourceType]
		req := &tfprotov6.ValidateListResourceConfigRequest{TypeName: resourceType, Config: p.pack(schema, config)}
		return send(p.t.Context(), p, p.server.ValidateListResourceConfig, req).Diagnostics
	case action:
		req := &tfprotov6.ValidateActionConfigRequest{ActionType: what, Config: p.packAction(what, config)}
		return send(p.t.Context(), p, p.server.ValidateActionConfig, req).Diagnostics
	default:
		req := &tfprotov6.ValidateDataResourceConfigRequest{TypeName: what, Config: p.pack(p.schema.DataSourceSchemas[what], config)}
		return send(p.t.Context(), p, p.server.ValidateDataResourceConfig, req).Diagnostics
	}
}
