package provider

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

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

// report sets the attributes from a response. If the response lacks a value
// that never changes, the old value stays: not every page of the API lists
// every field.
func (m *listedImportModel) report(ctx context.Context, imp permissionassist.ApplicationImport) diag.Diagnostics {
	if !permissionassist.SameGUID(m.ID.ValueString(), imp.ID) {
		m.ID = types.StringValue(imp.ID)
	}

	if imp.Number != 0 || m.Number.IsUnknown() {
		m.Number = int64OrNull(imp.Number)
	}

	m.Type = reportedOr(imp.Type, m.Type)
	m.Status = stringOrNull(string(imp.Status))
	m.BuildStart = stringOrNull(imp.BuildStart)
	m.BuildEnd = stringOrNull(imp.BuildEnd)

	// An object that was never set has no attribute types.
	unset := len(m.Application.AttributeTypes(ctx)) == 0
	if imp.Application == nil && !m.Application.IsUnknown() && !unset {
		return nil
	}

	app, diags := applicationObject(ctx, imp.Application)
	m.Application = app

	return diags
}

// hasStatus reports whether an import has one of the statuses, ignoring case.
// Without statuses, every import matches.
func hasStatus(imp permissionassist.ApplicationImport, statuses []string) bool {
	return len(statuses) == 0 || slices.ContainsFunc(statuses, func(status string) bool {
		return strings.EqualFold(status, string(imp.Status))
	})
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
	m.CreatedBy = reportedOr(imp.CreatedBy, m.CreatedBy)
	m.Metrics = jsonOrNull(imp.Metrics)

	diags := m.listedImportModel.report(ctx, imp)
	if imp.MetricsTooLarge {
		addTooLargeWarning(&diags, path.Root("metrics"))
	}

	return diags
}

// reportedOr returns the reported value, or the previous one if the server
// reports nothing.
func reportedOr(reported string, before types.String) types.String {
	if reported == "" && !before.IsUnknown() {
		return before
	}

	return stringOrNull(reported)
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
