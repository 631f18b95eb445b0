package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// listedImportModel has the attributes of an import that every response has,
// including those of the list.
type listedImportModel struct {
	ID          types.String `tfsdk:"id"`
	Number      types.Int64  `tfsdk:"number"`
	Type        types.String `tfsdk:"type"`
	Status      types.String `tfsdk:"status"`
	BuildStart  types.String `tfsdk:"build_start"`
	BuildEnd    types.String `tfsdk:"build_end"`
	Application types.Object `tfsdk:"application"`
}

// report sets the attributes from a response, in which the client has filled in
// what never changes. The ID keeps its spelling.
func (m *listedImportModel) report(ctx context.Context, imp permissionassist.ApplicationImport) diag.Diagnostics {
	if !permissionassist.SameGUID(m.ID.ValueString(), imp.ID) {
		m.ID = types.StringValue(imp.ID)
	}
	m.Number = int64OrNull(imp.Number)
	m.Type = stringOrNull(imp.Type)
	m.Status = stringOrNull(string(imp.Status))
	m.BuildStart = stringOrNull(imp.BuildStart)
	m.BuildEnd = stringOrNull(imp.BuildEnd)

	app, diags := applicationObject(ctx, imp.Application)
	m.Application = app
	return diags
}

// reportedImportModel has all attributes of an import that the server reports,
// except for its log and files.
type reportedImportModel struct {
	listedImportModel
	CreatedBy types.String         `tfsdk:"created_by"`
	Metrics   jsontypes.Normalized `tfsdk:"metrics"`
}

// report sets the attributes from a response, like listedImportModel.report.
func (m *reportedImportModel) report(ctx context.Context, imp permissionassist.ApplicationImport) diag.Diagnostics {
	m.CreatedBy = stringOrNull(imp.CreatedBy)
	m.Metrics = jsonOrNull(imp.Metrics)

	diags := m.listedImportModel.report(ctx, imp)
	if imp.MetricsTooLarge {
		addTooLargeWarning(&diags, path.Root("metrics"))
	}
	return diags
}

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
