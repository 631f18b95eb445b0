package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// applicationImportModel is the resource in configuration, plan and state.
type applicationImportModel struct {
	ApplicationID     types.String   `tfsdk:"application_id"`
	Triggers          types.Map      `tfsdk:"triggers"`
	Files             types.Map      `tfsdk:"files"`
	WaitForCompletion types.Bool     `tfsdk:"wait_for_completion"`
	CancelOnDestroy   types.Bool     `tfsdk:"cancel_on_destroy"`
	RestageOnFailure  types.Bool     `tfsdk:"restage_on_failure"`
	OnTimeout         types.String   `tfsdk:"on_timeout"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`

	// FilesSHA256 is neither set nor reported: it is what the files are.
	FilesSHA256 types.Map `tfsdk:"files_sha256"`

	reportedImportModel
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

// report takes over what the server says of the import.
func (m *applicationImportModel) report(ctx context.Context, imp permissionassist.Import) diag.Diagnostics {
	if imp.Application != nil && m.ApplicationID.IsNull() {
		m.ApplicationID = types.StringValue(imp.Application.ID)
	}

	return m.reportedImportModel.report(ctx, imp)
}

// reportedFrom takes over what the state says of the import.
func (m *applicationImportModel) reportedFrom(prior applicationImportModel) {
	m.reportedImportModel = prior.reportedImportModel
}

// displayName names the import as people know it, from what the state has.
func (m *applicationImportModel) displayName() string {
	return m.known().String()
}

// known is the import as far as the state knows it.
func (m *applicationImportModel) known() permissionassist.Import {
	imp := permissionassist.Import{ID: m.ID.ValueString(), Number: m.Number.ValueInt64(), Status: m.status()}

	if name, ok := m.Application.Attributes()["name"].(types.String); ok {
		imp.Application = &permissionassist.Application{ID: m.ApplicationID.ValueString(), Name: name.ValueString()}
	}

	return imp
}
