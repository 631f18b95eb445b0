package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Terraform validates the configuration of an action once, with what is known
// without a plan. What comes from a variable or another resource is known only
// when the action is planned or invoked, so it is checked there again.

// checkRequired adds an error unless the value of a required attribute is right
// or not known yet.
func checkRequired(attribute string, value types.String, check stringCheck, diags *diag.Diagnostics) {
	if value.IsNull() {
		diags.AddAttributeError(path.Root(attribute), "Missing "+attribute, "The argument "+attribute+" is required, but its value is null.")

		return
	}

	check.apply(path.Root(attribute), value, diags)
}
