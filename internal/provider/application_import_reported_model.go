package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// listedImportModel is what the server says of an import in every answer, in
// those of the list too.
type listedImportModel struct {
	ID          types.String `tfsdk:"id"`
	Number      types.Int64  `tfsdk:"number"`
	Type        types.String `tfsdk:"type"`
	Status      types.String `tfsdk:"status"`
	BuildStart  types.String `tfsdk:"build_start"`
	BuildEnd    types.String `tfsdk:"build_end"`
	Application types.Object `tfsdk:"application"`
}

// report takes over what the server says. What never changes and an answer
// lacks, because not every page of the API has it, stays as it was.
func (m *listedImportModel) report(ctx context.Context, imp permissionassist.Import) diag.Diagnostics {
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

	// One that was never set has no type either.
	unset := len(m.Application.AttributeTypes(ctx)) == 0
	if imp.Application == nil && !m.Application.IsUnknown() && !unset {
		return nil
	}

	app, diags := applicationObject(ctx, imp.Application)
	m.Application = app

	return diags
}

// hasStatus tells whether an import has one of the statuses, without regard to
// case. Where there are none to choose from, it may have any.
func hasStatus(imp permissionassist.Import, statuses []string) bool {
	return len(statuses) == 0 || slices.ContainsFunc(statuses, func(status string) bool {
		return strings.EqualFold(status, string(imp.Status))
	})
}

// reportedImportModel is all that the server says of an import, but for its
// log and files.
type reportedImportModel struct {
	listedImportModel
	CreatedBy types.String         `tfsdk:"created_by"`
	Metrics   jsontypes.Normalized `tfsdk:"metrics"`
}

// report takes over what the server says, as that of listedImportModel does.
func (m *reportedImportModel) report(ctx context.Context, imp permissionassist.Import) diag.Diagnostics {
	m.CreatedBy = reportedOr(imp.CreatedBy, m.CreatedBy)
	m.Metrics = normalizedJSON(imp.Metrics)

	return m.listedImportModel.report(ctx, imp)
}

// reportedOr is what the server reports, or what was known before where it
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

// normalizedJSON writes a JSON value the one way that does not depend on how
// the server ordered and spaced it.
func normalizedJSON(raw json.RawMessage) jsontypes.Normalized {
	var value any

	decoder := json.NewDecoder(bytes.NewReader(raw))
	// Numbers stay as they are, however many digits they have.
	decoder.UseNumber()

	if len(raw) == 0 || decoder.Decode(&value) != nil {
		return jsontypes.NewNormalizedNull()
	}

	var b strings.Builder

	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)

	if encoder.Encode(value) != nil {
		return jsontypes.NewNormalizedNull()
	}

	return jsontypes.NewNormalizedValue(strings.TrimSuffix(b.String(), "\n"))
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
