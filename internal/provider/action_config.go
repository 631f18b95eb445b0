package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Terraform validates the configuration of an action once, with what is known
// without a plan. What comes from a variable or another resource is known only
// when the action is planned or invoked, so it is checked there again.

// checkRequiredGUID adds an error unless the value of a required attribute is
// a GUID or not known yet.
func checkRequiredGUID(ctx context.Context, attribute string, value types.String, diags *diag.Diagnostics) {
	if value.IsNull() {
		diags.AddAttributeError(path.Root(attribute), "Missing "+attribute, "The argument "+attribute+" is required, but its value is null.")

		return
	}

	checkString(ctx, attribute, value, guidValidator{}, diags)
}

// checkString applies a validator of the schema.
func checkString(ctx context.Context, attribute string, value types.String, v validator.String, diags *diag.Diagnostics) {
	at := path.Root(attribute)

	var resp validator.StringResponse

	v.ValidateString(ctx, validator.StringRequest{Path: at, PathExpression: at.Expression(), ConfigValue: value}, &resp)
	diags.Append(resp.Diagnostics...)
}
