package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func newCancelApplicationImportAction() action.Action {
	return &cancelApplicationImportAction{anyAction[cancelApplicationImportModel]{name: "cancel_application_import"}}
}

type cancelApplicationImportAction struct {
	anyAction[cancelApplicationImportModel]
}

type cancelApplicationImportModel struct {
	ApplicationImportID types.String `tfsdk:"application_import_id"`
}

func (a *cancelApplicationImportAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Cancels an import in Permission Assist, no matter who staged it. The action does not wait for the cancellation: " +
			"the import stays `Canceling` until its turn in the server's queue.\n\n" +
			"Invoking it again is harmless. It succeeds if the import is already canceled, and warns if the import has finished or failed. It " +
			"fails if the import does not exist. If Terraform manages the import, destroy the resource `permissionassist_application_import` " +
			"instead: after this action, the next apply can stage the import again.\n\n" +
			"Invoke it with `terraform apply -invoke action.permissionassist_cancel_application_import.NAME`, or from an `action_trigger` " +
			"of a resource. Actions need Terraform 1.14 or later; OpenTofu does not have them.",
		Attributes: map[string]schema.Attribute{
			"application_import_id": required("GUID of the import to cancel. Case does not matter. `terraform query` and the data sources find it.",
				guidCheck()),
		},
	}
}

func (m cancelApplicationImportModel) check(diags *diag.Diagnostics) {
	checkRequired("application_import_id", m.ApplicationImportID, guidCheck(), diags)
}

func (a *cancelApplicationImportAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	m, ok := a.configuration(ctx, req.Config, &resp.Diagnostics)
	if !ok || !requireConnection(a.conn, &resp.Diagnostics) {
		return
	}

	say := newProgress(ctx, resp.SendProgress)
	id := m.ApplicationImportID.ValueString()
	imp, err := a.conn.CancelApplicationImport(ctx, id)
	switch {
	case err == nil && imp.Status == "": // a response without the import
		say("Requested cancellation of %s", imp)
	case err == nil:
		say("Requested cancellation of %s (ID %s): %s", imp, imp.ID, explain.StatusText(imp))
	case errors.Is(err, permissionassist.ErrNotFound):
		explain.AddErrorAt(&resp.Diagnostics, path.Root("application_import_id"), "Import not found", err, a.conn.advice())
	case errors.Is(err, permissionassist.ErrConflict):
		a.explainConflict(ctx, id, err, say, &resp.Diagnostics)
	default:
		explain.AddError(&resp.Diagnostics, "Import could not be canceled", err, a.conn.advice(), "Invoking the action again is harmless.")
	}
}

// explainConflict explains why there is nothing to cancel. The API refuses to
// cancel an import that has ended or is being canceled. That also happens if
// the response to a first request was lost; the import is then being canceled,
// so it is not an error.
func (a *cancelApplicationImportAction) explainConflict(
	ctx context.Context, id string, conflict error, say progress, diags *diag.Diagnostics,
) {
	imp, err := a.conn.GetApplicationImport(ctx, id)
	switch {
	case err != nil:
		diags.AddWarning("Nothing to cancel", explain.Paragraphs(
			fmt.Sprintf("The import with the ID %s has already ended or is already being canceled. Its status could not be read.", id),
			explain.WhatHappened(conflict), explain.WhatHappened(err)))
		say("%s", withWarnings("The import with the ID "+id+" was not canceled", *diags))
	case imp.Status == permissionassist.StatusCanceling:
		say("%s (ID %s) is already being canceled", explain.ImportName(imp), imp.ID)
	case imp.Status == permissionassist.StatusCanceled:
		say("%s (ID %s) was already canceled", explain.ImportName(imp), imp.ID)
	case imp.Ended():
		diags.AddWarning("Nothing to cancel", fmt.Sprintf(
			"%s (ID %s) has already ended with the status %s.", explain.ImportName(imp), imp.ID, explain.StatusText(imp)))
		say("%s", withWarnings(fmt.Sprintf("%s (ID %s) is %s", explain.ImportName(imp), imp.ID, explain.StatusText(imp)), *diags))
	default:
		explain.AddError(diags, "Import could not be canceled", conflict, a.conn.advice(),
			fmt.Sprintf("The status of %s (ID %s) is %s.", imp, imp.ID, explain.StatusText(imp)))
	}
}
