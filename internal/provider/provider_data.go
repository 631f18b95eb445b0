package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

// connection is passed by the provider's Configure to resources, data sources
// and actions. It is nil during validation, and during a plan with an unknown
// provider configuration.
type connection struct {
	*permissionassist.Client
	stager *staging.Stager
	// tokenSource describes the source of the token in messages.
	tokenSource string
	// stagedAt has the imports that this run has read or staged: the time when each
	// was staged, by ID in lower case.
	stagedAt sync.Map
	// canceled has the imports that this run has canceled, by application. If a
	// replacement cannot be staged, its error names the import that is lost.
	canceled sync.Map
}

// advice returns advice without an import.
func (c *connection) advice() explain.Advice { return c.with(explain.Advice{}) }

// with adds the connection's part of an advice.
func (c *connection) with(a explain.Advice) explain.Advice {
	a.TokenSource = c.tokenSource
	return a
}

func (c *connection) addRead(m applicationImportModel) {
	c.stagedAt.Store(strings.ToLower(m.ID.ValueString()), m.stagedAt())
}

// wasRead reports whether this run has read or staged the import, and returns when
// it was staged. Without a connection, this is the first plan, not that of an
// apply, and counts as such a run.
func (c *connection) wasRead(id types.String) (stagedAt time.Time, wasRead bool) {
	if c == nil {
		return time.Time{}, true
	}
	value, wasRead := c.stagedAt.Load(strings.ToLower(id.ValueString()))
	stagedAt, _ = value.(time.Time)
	return stagedAt, wasRead
}

func (c *connection) addCanceled(m applicationImportModel) {
	c.canceled.Store(guidOf(m.ApplicationID), m.known())
}

// describeCanceled returns a sentence about the canceled import of an application;
// empty if there is none.
func (c *connection) describeCanceled(applicationID string) string {
	value, _ := c.canceled.Load(applicationID)
	canceled, ok := value.(permissionassist.ApplicationImport)
	if !ok {
		return ""
	}
	return fmt.Sprintf("Before that, this run canceled %s (ID %s). To stage the new import before the old one is canceled, set "+
		"lifecycle { create_before_destroy = true }.", canceled, canceled.ID)
}

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
// Terraform validates an action once, before planning. A value from a variable or
// another resource is then unknown, so plan and invoke validate it again.
func (a *anyAction[M]) configuration(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) (M, bool) {
	var m M
	diags.Append(config.Get(ctx, &m)...)
	if !diags.HasError() {
		m.check(diags)
	}
	return m, !diags.HasError()
}

// requireConnection returns true if there is a connection, and adds an error if
// not.
func requireConnection(c *connection, diags *diag.Diagnostics) bool {
	if c != nil {
		return true
	}

	diags.AddError("Provider configuration is unknown",
		"The provider's configuration depends on values that are known only after apply, so the provider cannot connect to Permission Assist "+
			"yet. Apply the source of these values first: terraform apply -target ADDRESS")
	return false
}
