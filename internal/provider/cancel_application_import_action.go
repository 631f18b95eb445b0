package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var (
	_ action.Action               = (*cancelApplicationImportAction)(nil)
	_ action.ActionWithConfigure  = (*cancelApplicationImportAction)(nil)
	_ action.ActionWithModifyPlan = (*cancelApplicationImportAction)(nil)
)

func newCancelApplicationImportAction() action.Action {
	return &cancelApplicationImportAction{}
}

// cancelApplicationImportAction cancels an import, whoever staged it.
type cancelApplicationImportAction struct {
	client *permissionassist.Client
}

// cancelApplicationImportModel is the action's configuration.
type cancelApplicationImportModel struct {
	ApplicationImportID types.String `tfsdk:"application_import_id"`
}

// Metadata implements action.Action.
func (a *cancelApplicationImportAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cancel_application_import"
}

// Schema implements action.Action.
func (a *cancelApplicationImportAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Cancels an import in Permission Assist that has not ended, whoever staged it. The action does not wait for the " +
			"cancellation: the import stays `Canceling` until the server's queue gets to it.\n\n" +
			"Invoking it again does no harm: it succeeds where the import is being canceled or was canceled already, and with a warning " +
			"where it has finished or failed, so that there is nothing to cancel. An import that does not exist is an error. Destroying the " +
			"resource `permissionassist_application_import` cancels its import by itself.\n\n" +
			"Invoke it with `terraform apply -invoke=action.permissionassist_cancel_application_import.NAME`, or from an `action_trigger` " +
			"of a resource. Actions need Terraform 1.14 or later; OpenTofu does not have them.",
		Attributes: map[string]schema.Attribute{
			"application_import_id": schema.StringAttribute{
				MarkdownDescription: "GUID of the import to cancel, in upper or lower case: the `id` of a " +
					"`permissionassist_application_import`, or as `terraform query` or a data source finds it.",
				Required:   true,
				Validators: []validator.String{guidCheck()},
			},
		},
	}
}

// Configure implements action.ActionWithConfigure.
func (a *cancelApplicationImportAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.client = clientFrom(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan implements action.ActionWithModifyPlan. What is not known yet is
// no reason to defer the action: it will be known when the action is invoked.
func (a *cancelApplicationImportAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var m cancelApplicationImportModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if !resp.Diagnostics.HasError() {
		checkRequired("application_import_id", m.ApplicationImportID, guidCheck(), &resp.Diagnostics)
	}
}

// Invoke implements action.Action.
func (a *cancelApplicationImportAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m cancelApplicationImportModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() {
		return
	}

	checkRequired("application_import_id", m.ApplicationImportID, guidCheck(), &resp.Diagnostics)

	if resp.Diagnostics.HasError() || !configured(a.client, &resp.Diagnostics) {
		return
	}

	progress := newProgress(ctx, resp.SendProgress)
	defer progress.close()

	id := m.ApplicationImportID.ValueString()

	imp, err := a.client.CancelImport(ctx, id)

	switch {
	case err == nil:
		progress.say("Asked to cancel %s (ID %s): %s", imp, imp.ID, statusText(imp))
	case isGone(err):
		resp.Diagnostics.AddAttributeError(path.Root("application_import_id"), "Import not found", joinParagraphs(whatHappened(err), nextStep(err)))
	case errors.Is(err, permissionassist.ErrConflict):
		a.explainConflict(ctx, id, err, progress, &resp.Diagnostics)
	default:
		addClientError(&resp.Diagnostics, "Import could not be canceled", err, "Invoking the action again does no harm.")
	}
}

// explainConflict tells why there is nothing to cancel. The API refuses to
// cancel an import that has ended or is being canceled, which also happens
// when the answer to a first request was lost: what was asked for is so.
func (a *cancelApplicationImportAction) explainConflict(ctx context.Context, id string, conflict error, progress *progress, diags *diag.Diagnostics) {
	imp, err := a.client.GetImport(ctx, id, "")

	switch {
	case err != nil:
		diags.AddWarning("Nothing to cancel", joinParagraphs(
			fmt.Sprintf("The import with the ID %s has ended or is being canceled already; which of the two could not be read.", id),
			whatHappened(conflict), whatHappened(err)))
	case imp.Status == permissionassist.StatusCanceling:
		progress.say("%s (ID %s) is being canceled already", importName(imp), imp.ID)
	case imp.Status == permissionassist.StatusCanceled:
		progress.say("%s (ID %s) was canceled already", importName(imp), imp.ID)
	case imp.Status.Terminal():
		diags.AddWarning("Nothing to cancel", fmt.Sprintf("%s (ID %s) has %s already.", importName(imp), imp.ID, strings.ToLower(string(imp.Status))))
	default:
		addClientError(diags, "Import could not be canceled", conflict,
			fmt.Sprintf("The status of the %s (ID %s) is %s.", imp, imp.ID, statusText(imp)))
	}
}
