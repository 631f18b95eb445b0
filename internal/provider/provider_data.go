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
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

// connection is passed by the provider's Configure to resources, data sources
// and actions.
type connection struct {
	*permissionassist.Client
	stager *staging.Stager
	// tokenSource describes the source of the token in messages.
	tokenSource string
	read        readImports
	canceled    canceledImports
}

// advice returns advice without an import.
func (c *connection) advice() explain.Advice { return c.with(explain.Advice{}) }

// with adds the connection's part of an advice.
func (c *connection) with(a explain.Advice) explain.Advice {
	a.TokenSource = c.tokenSource
	return a
}

// readImports are the imports that this run has read or staged: the time when each
// was staged, by ID.
type readImports struct{ byID sync.Map }

func (r *readImports) add(m applicationImportModel) {
	r.byID.Store(strings.ToLower(m.ID.ValueString()), m.stagedAt())
}

func (r *readImports) stagedAt(id types.String) (at time.Time, wasRead bool) {
	value, wasRead := r.byID.Load(strings.ToLower(id.ValueString()))
	at, _ = value.(time.Time)
	return at, wasRead
}

// wasRead reports whether this run has read or staged the import. Without a
// connection, this is the first plan, not that of an apply, and counts as such a
// run.
func (c *connection) wasRead(id types.String) bool {
	if c == nil {
		return true
	}
	_, wasRead := c.read.stagedAt(id)
	return wasRead
}

// canceledImports are the imports that this run has canceled, by application. If
// a replacement cannot be staged, its error names the import that is lost.
type canceledImports struct{ byApplication sync.Map }

func (c *canceledImports) add(m applicationImportModel) {
	c.byApplication.Store(guidOf(m.ApplicationID), m.known())
}

// describe returns a sentence about the canceled import of an application; empty
// if there is none.
func (c *canceledImports) describe(applicationID string) string {
	imp, ok := c.byApplication.Load(applicationID)
	if !ok {
		return ""
	}
	canceled, _ := imp.(permissionassist.ApplicationImport)
	return fmt.Sprintf("Before that, this run canceled %s (ID %s). To stage the new import before the old one is canceled, set "+
		"lifecycle { create_before_destroy = true }.", canceled, canceled.ID)
}

// connectionFrom returns the connection that the provider's Configure passed.
// It is nil during validation, and during a plan with an unknown provider
// configuration.
func connectionFrom(providerData any, diags *diag.Diagnostics) *connection {
	if providerData == nil {
		return nil
	}

	c, ok := providerData.(*connection)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected a connection, got %T. %s", providerData, explain.BugInProvider))
	}
	return c
}

// resourceConnection and actionConnection are the connection of each type that
// embeds them.
type (
	resourceConnection struct{ conn *connection }
	actionConnection   struct{ conn *connection }
)

func (c *resourceConnection) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	c.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (c *actionConnection) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	c.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
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
