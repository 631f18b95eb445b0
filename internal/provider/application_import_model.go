package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// applicationImportModel is the resource in configuration, plan and state.
type applicationImportModel struct {
	ApplicationID     types.String   `tfsdk:"application_id"`
	Triggers          types.Map      `tfsdk:"triggers"`
	WaitForCompletion types.Bool     `tfsdk:"wait_for_completion"`
	CancelOnDestroy   types.Bool     `tfsdk:"cancel_on_destroy"`
	RestageOnFailure  types.Bool     `tfsdk:"restage_on_failure"`
	OnTimeout         types.String   `tfsdk:"on_timeout"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`

	ID          types.String         `tfsdk:"id"`
	Number      types.Int64          `tfsdk:"number"`
	Type        types.String         `tfsdk:"type"`
	Status      types.String         `tfsdk:"status"`
	CreatedBy   types.String         `tfsdk:"created_by"`
	BuildStart  types.String         `tfsdk:"build_start"`
	BuildEnd    types.String         `tfsdk:"build_end"`
	Metrics     jsontypes.Normalized `tfsdk:"metrics"`
	Application types.Object         `tfsdk:"application"`
}

// applicationImportIdentity is the resource's identity.
type applicationImportIdentity struct {
	ID types.String `tfsdk:"id"`
}

func (m *applicationImportModel) identity() applicationImportIdentity {
	return applicationImportIdentity{ID: m.ID}
}

// status is the status that the state has; not terminal where it has none.
func (m *applicationImportModel) status() permissionassist.Status {
	return permissionassist.Status(m.Status.ValueString())
}

// cancelsOnDestroy is true where the state does not say: it may come from an
// import or an earlier version.
func (m *applicationImportModel) cancelsOnDestroy() bool {
	return m.CancelOnDestroy.IsNull() || m.CancelOnDestroy.ValueBool()
}

// report takes over what the server says of the import. What never changes and
// an answer lacks, because not every page of the API has it, stays as it was.
func (m *applicationImportModel) report(ctx context.Context, imp permissionassist.Import) diag.Diagnostics {
	if !permissionassist.SameGUID(m.ID.ValueString(), imp.ID) {
		m.ID = types.StringValue(imp.ID)
	}

	if imp.Number != 0 || m.Number.IsUnknown() {
		m.Number = int64OrNull(imp.Number)
	}

	m.Type = reportedOr(imp.Type, m.Type)
	m.CreatedBy = reportedOr(imp.CreatedBy, m.CreatedBy)
	m.Status = stringOrNull(string(imp.Status))
	m.BuildStart = stringOrNull(imp.BuildStart)
	m.BuildEnd = stringOrNull(imp.BuildEnd)
	m.Metrics = normalizedJSON(imp.Metrics)

	if imp.Application != nil && m.ApplicationID.IsNull() {
		m.ApplicationID = types.StringValue(imp.Application.ID)
	}

	if imp.Application == nil && !m.Application.IsUnknown() {
		return nil
	}

	app, diags := applicationObject(ctx, imp.Application)
	m.Application = app

	return diags
}

// reportedFrom takes over what the state says of the import.
func (m *applicationImportModel) reportedFrom(prior applicationImportModel) {
	m.ID, m.Number, m.Type, m.CreatedBy = prior.ID, prior.Number, prior.Type, prior.CreatedBy
	m.Status, m.BuildStart, m.BuildEnd = prior.Status, prior.BuildStart, prior.BuildEnd
	m.Metrics, m.Application = prior.Metrics, prior.Application
}

// displayName names the import as people know it, from what the state has.
func (m *applicationImportModel) displayName() string {
	imp := permissionassist.Import{ID: m.ID.ValueString(), Number: m.Number.ValueInt64()}

	if name, ok := m.Application.Attributes()["name"].(types.String); ok {
		imp.Application = &permissionassist.Application{ID: m.ApplicationID.ValueString(), Name: name.ValueString()}
	}

	return imp.String()
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
