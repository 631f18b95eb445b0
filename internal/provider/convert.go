package provider

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// These functions convert values of the client, in which zero means that the
// server did not report the value, and values of Terraform.

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func int64OrNull(n int64) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(n)
}

func mapOrNull(m map[string]string) types.Map {
	if m == nil {
		return types.MapNull(types.StringType)
	}

	elements := make(map[string]attr.Value, len(m))
	for key, value := range m {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}

// jsonOrNull converts JSON that the client has normalized.
func jsonOrNull(value json.RawMessage) jsontypes.Normalized {
	if value == nil {
		return jsontypes.NewNormalizedNull()
	}
	return jsontypes.NewNormalizedValue(string(value))
}

func applicationObject(ctx context.Context, app *permissionassist.Application) (types.Object, diag.Diagnostics) {
	if app == nil {
		return types.ObjectNull(applicationTypes()), nil
	}
	return types.ObjectValueFrom(ctx, applicationTypes(), newApplicationModel(*app))
}

func applicationTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"id":           types.StringType,
		"name":         types.StringType,
		"priority":     types.StringType,
		"is_archived":  types.BoolType,
		"last_updated": types.StringType,
	}
}

// timestamp converts a time to RFC 3339 in UTC.
func timestamp(t time.Time) types.String { return types.StringValue(t.UTC().Format(time.RFC3339)) }

// knownStrings returns the elements that are neither null nor unknown.
func knownStrings(m types.Map) map[string]string {
	known := map[string]string{}
	for key, value := range m.Elements() {
		if s, ok := value.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			known[key] = s.ValueString()
		}
	}
	return known
}
