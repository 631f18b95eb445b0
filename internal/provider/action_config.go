package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Terraform validates the configuration of an action once, before planning. A
// value that comes from a variable or another resource is then unknown, so plan
// and invoke validate it again.

// checkRequired adds an error if the value of a required attribute is null or
// invalid.
func checkRequired(attribute string, value types.String, check stringCheck, diags *diag.Diagnostics) {
	if value.IsNull() {
		diags.AddAttributeError(path.Root(attribute), "Missing value for "+attribute, "The argument "+attribute+" is required, but its value is null.")
		return
	}

	check.apply(path.Root(attribute), value, diags)
}
