package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// anyResource is what all resources have in common. Its name is the type's name
// after the provider's.
type anyResource struct {
	name string
	conn *connection
}

func (r *anyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.name
}

func (r *anyResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.conn, _ = req.ProviderData.(*connection)
}

// anyAction is what all actions have in common. M is their configuration.
type anyAction[M interface{ check(*diag.Diagnostics) }] struct {
	name string
	conn *connection
}

func (a *anyAction[M]) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + a.name
}

func (a *anyAction[M]) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.conn, _ = req.ProviderData.(*connection)
}

// ModifyPlan validates the configuration again. An unknown value does not defer
// the action: it is known when the action is invoked.
func (a *anyAction[M]) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	a.configuration(ctx, req.Config, &resp.Diagnostics)
}

// configuration returns the valid configuration; false if there are errors.
// Terraform validates an action once, before planning. A value from a variable
// or another resource is then unknown, so plan and invoke validate it again.
func (a *anyAction[M]) configuration(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) (M, bool) {
	var m M
	diags.Append(config.Get(ctx, &m)...)
	if !diags.HasError() {
		m.check(diags)
	}
	return m, !diags.HasError()
}
