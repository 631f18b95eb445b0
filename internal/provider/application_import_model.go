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
	MaxAge            types.String   `tfsdk:"max_age"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`

	// FilesSHA256 and StagedAt are neither set nor reported: the provider computes
	// them.
	FilesSHA256 types.Map    `tfsdk:"files_sha256"`
	StagedAt    types.String `tfsdk:"staged_at"`

	reportedImportModel
}

// applicationImportIdentity is the resource's identity.
type applicationImportIdentity struct {
	ID types.String `tfsdk:"id"`
}

func (m *applicationImportModel) identity() applicationImportIdentity {
	return applicationImportIdentity{ID: m.ID}
}

// status returns the status in the state. An unknown status is not terminal.
func (m *applicationImportModel) status() permissionassist.Status {
	return permissionassist.Status(m.Status.ValueString())
}

// cancelsOnDestroy returns the setting. A missing value counts as true: the state
// may come from terraform import or an earlier version.
func (m *applicationImportModel) cancelsOnDestroy() bool {
	return m.CancelOnDestroy.IsNull() || m.CancelOnDestroy.ValueBool()
}

// report sets the attributes from a response.
func (m *applicationImportModel) report(ctx context.Context, imp permissionassist.ApplicationImport) diag.Diagnostics {
	if imp.Application != nil && m.ApplicationID.IsNull() {
		m.ApplicationID = types.StringValue(imp.Application.ID)
	}
	return m.reportedImportModel.report(ctx, imp)
}

// importFrom copies everything about the import itself from the prior state.
func (m *applicationImportModel) importFrom(prior applicationImportModel) {
	m.reportedImportModel = prior.reportedImportModel
	m.FilesSHA256, m.StagedAt = prior.FilesSHA256, prior.StagedAt
}

// known returns the import as stored in the state.
func (m *applicationImportModel) known() permissionassist.ApplicationImport {
	imp := permissionassist.ApplicationImport{
		ID: m.ID.ValueString(), Number: m.Number.ValueInt64(), Status: m.status(),
		Type: m.Type.ValueString(), CreatedBy: m.CreatedBy.ValueString(),
		BuildStart: m.BuildStart.ValueString(), BuildEnd: m.BuildEnd.ValueString(),
	}
	if id := m.ApplicationID.ValueString(); id != "" {
		imp.Application = &permissionassist.Application{ID: id}
		attributes := m.Application.Attributes()
		for name, field := range map[string]*string{
			"name": &imp.Application.Name, "priority": &imp.Application.Priority, "last_updated": &imp.Application.LastUpdated,
		} {
			if value, ok := attributes[name].(types.String); ok {
				*field = value.ValueString()
			}
		}
		if archived, ok := attributes["is_archived"].(types.Bool); ok {
			imp.Application.IsArchived = archived.ValueBoolPointer()
		}
	}
	return imp
}
