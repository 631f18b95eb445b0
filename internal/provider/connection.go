package provider

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
	// stagedAt has the imports that this run has read or staged: the time when
	// each was staged, by ID in lower case.
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

// wasRead reports whether this run has read or staged the import, and returns
// when it was staged. Without a connection, this is the first plan, not that of
// an apply, and counts as such a run.
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

// describeCanceled returns a sentence about the canceled import of an
// application; empty if there is none.
func (c *connection) describeCanceled(applicationID string) string {
	value, _ := c.canceled.Load(applicationID)
	canceled, ok := value.(permissionassist.ApplicationImport)
	if !ok {
		return ""
	}
	return fmt.Sprintf("Before that, this run canceled %s (ID %s). To stage the new import before the old one is canceled, set "+
		"lifecycle { create_before_destroy = true }.", canceled, canceled.ID)
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
