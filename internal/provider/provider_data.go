package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// clientFrom takes the client from what the provider's Configure has passed
// on. It is nil while Terraform validates, and while it plans with a provider
// configuration that is not known yet.
func clientFrom(providerData any, diags *diag.Diagnostics) *permissionassist.Client {
	if providerData == nil {
		return nil
	}

	client, ok := providerData.(*permissionassist.Client)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected a Permission Assist client, got %T. This is a bug in the provider.", providerData))
	}

	return client
}

// configured tells whether there is a client, and adds an error if there is not.
func configured(client *permissionassist.Client, diags *diag.Diagnostics) bool {
	if client != nil {
		return true
	}

	diags.AddError("Provider configuration is not known yet",
		"The provider's configuration depends on values that are known only after apply, so Permission Assist cannot be asked now. "+
			"Apply what they come from first (terraform apply -target=ADDRESS), or, for a data source, add a depends_on so that it is "+
			"read during apply.")

	return false
}
