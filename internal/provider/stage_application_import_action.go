package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
)

func newStageApplicationImportAction() action.Action {
	return &stageApplicationImportAction{anyAction[stageApplicationImportModel]{name: "stage_application_import"}}
}

// stageApplicationImportAction stages an import that is not stored in the
// state.
type stageApplicationImportAction struct {
	anyAction[stageApplicationImportModel]
}

type stageApplicationImportModel struct {
	ApplicationID     types.String `tfsdk:"application_id"`
	WaitForCompletion types.Bool   `tfsdk:"wait_for_completion"`
	JoinPending       types.Bool   `tfsdk:"join_pending"`
	Timeout           types.String `tfsdk:"timeout"`
}

func (a *stageApplicationImportAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Stages (starts) an import of an application in Permission Assist now, with the files and connector settings of " +
			"the application's import schedule, and can wait for it. Each invocation stages another import, unless `join_pending` is set. " +
			"Terraform does not store it in the state. For an import that belongs to a configuration, use the resource " +
			"`permissionassist_application_import`.\n\n" +
			"Invoke it with `terraform apply -invoke action.permissionassist_stage_application_import.NAME`, or from an `action_trigger` " +
			"of a resource. Ctrl-C ends the action, and the import continues. Actions need Terraform 1.14 or later; OpenTofu does not have " +
			"them.",
		Attributes: map[string]schema.Attribute{
			"application_id": required(applicationToImport, applicationIDCheck()),
			"wait_for_completion": optionalBool("Whether to wait until the import has ended. While it waits, the action shows each status change " +
				"and, every 30 seconds, the time waited. It fails if the import does not finish successfully. Default: `false`."),
			"join_pending": optionalBool("Whether to use an import of the application that is still Pending instead of staging another one. Ten " +
				"resources that trigger the action in one apply then make one or two imports instead of ten. If the import has started meanwhile, " +
				"it may have read its data too early, so the action stages a new one. Default: `false`."),
			"timeout": optional("Timeout for staging and waiting together, as a duration such as `90m` or `2h30m`. After a timeout, the action "+
				"fails and the import continues. Default: `60m`.", durationCheck()),
		},
	}
}

func (m stageApplicationImportModel) check(diags *diag.Diagnostics) {
	checkRequired("application_id", m.ApplicationID, applicationIDCheck(), diags)
	durationCheck().apply(path.Root("timeout"), m.Timeout, diags)
}

func (a *stageApplicationImportAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	m, ok := a.configuration(ctx, req.Config, &resp.Diagnostics)
	if !ok || !requireConnection(a.conn, &resp.Diagnostics) {
		return
	}

	say := newProgress(ctx, resp.SendProgress)
	timeout := timeoutOf(m.Timeout)
	inTime, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	stage := a.conn.stager.Stage
	if m.JoinPending.ValueBool() {
		stage = a.conn.stager.Join
	}
	result, err := stage(inTime, guidOf(m.ApplicationID))
	if err != nil {
		explain.AddStagingError(&resp.Diagnostics, err, a.conn.with(explain.ForAction()))
		return
	}

	imp := result.Import
	addRecoveredWarning(&resp.Diagnostics, result)
	addUnfinishedWarning(&resp.Diagnostics, result, func(string) string {
		return "To use a Pending import instead of staging another one, set join_pending = true."
	})
	message := fmt.Sprintf("Staged %s (ID %s): %s", imp, imp.ID, explain.StatusText(imp))
	if result.Joined {
		message = fmt.Sprintf("Nothing was staged: joined #%d (ID %s), which is %s", imp.Number, imp.ID, explain.StatusText(imp))
	}
	say("%s", withWarnings(message, resp.Diagnostics))

	switch {
	case m.WaitForCompletion.ValueBool():
		observe, stop := say.watch(inTime, imp, a.conn.explainQueue)
		defer stop()

		w := importWait{
			conn: a.conn, advice: a.conn.with(explain.ForAction()), timeout: timeout, logLines: defaultLogLines, observe: observe,
		}
		w.wait(inTime, imp, &resp.Diagnostics)
	case ctx.Err() != nil:
		// After Ctrl-C, the message above was not sent.
		resp.Diagnostics.AddWarning("Import was staged", fmt.Sprintf(
			"Terraform was interrupted while %s (ID %s) was being staged. It continues in Permission Assist. %s",
			imp, imp.ID, explain.ForAction().Resume))
	}
}
