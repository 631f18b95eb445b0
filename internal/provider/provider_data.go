package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

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
	refreshed   refreshedImports
	queue       queue
}

// advice returns advice without an import.
func (c *connection) advice() advice { return c.with(advice{}) }

// with adds the connection's part of an advice.
func (c *connection) with(a advice) advice {
	a.tokenSource = c.tokenSource
	return a
}

const bugInProvider = "This is a bug in the provider. Please report it."

// connectionFrom returns the connection that the provider's Configure passed.
// It is nil during validation, and during a plan with an unknown provider
// configuration.
func connectionFrom(providerData any, diags *diag.Diagnostics) *connection {
	if providerData == nil {
		return nil
	}

	c, ok := providerData.(*connection)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected a connection, got %T. %s", providerData, bugInProvider))
	}
	return c
}

// configured reports whether there is a connection, and adds an error if not.
func configured(c *connection, diags *diag.Diagnostics) bool {
	if c != nil {
		return true
	}

	diags.AddError("Provider configuration is unknown",
		"The provider's configuration depends on values that are known only after apply, so the provider cannot connect to Permission Assist yet. "+
			"Apply the source of these values first: terraform apply -target=ADDRESS")
	return false
}
