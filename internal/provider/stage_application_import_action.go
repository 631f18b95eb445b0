package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var (
	_ action.Action               = (*stageApplicationImportAction)(nil)
	_ action.ActionWithConfigure  = (*stageApplicationImportAction)(nil)
	_ action.ActionWithModifyPlan = (*stageApplicationImportAction)(nil)
)

func newStageApplicationImportAction() action.Action {
	return &stageApplicationImportAction{}
}

// stageApplicationImportAction stages an import that no state keeps.
type stageApplicationImportAction struct {
	client *permissionassist.Client
}

// stageApplicationImportModel is the action's configuration.
type stageApplicationImportModel struct {
	ApplicationID     types.String `tfsdk:"application_id"`
	WaitForCompletion types.Bool   `tfsdk:"wait_for_completion"`
	Timeout           types.String `tfsdk:"timeout"`
}

// Metadata implements action.Action.
func (a *stageApplicationImportAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_stage_application_import"
}

// Schema implements action.Action.
func (a *stageApplicationImportAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Stages an import of an application in Permission Assist by the application's import schedule, each time it is " +
			"invoked, and can wait for its end. No state keeps the import: use it for what is to be done now or on an event, and the " +
			"resource `permissionassist_application_import` for an import that belongs to a configuration.\n\n" +
			"Invoke it with `terraform apply -invoke=action.permissionassist_stage_application_import.NAME`, or from an `action_trigger` " +
			"of a resource. Ctrl-C ends the action, and the import goes on. Actions need Terraform 1.14 or later; OpenTofu does not have " +
			"them.",
		Attributes: map[string]schema.Attribute{
			"application_id": schema.StringAttribute{
				MarkdownDescription: applicationToImportDescription,
				Required:            true,
				Validators:          []validator.String{applicationIDCheck()},
			},
			"wait_for_completion": schema.BoolAttribute{
				MarkdownDescription: "Whether to wait until the import has ended; the action fails then if it has not finished successfully. " +
					"Meanwhile each change of its status is shown, and every 30 seconds the time waited. Default: `false`, with which the " +
					"action ends as soon as the import is staged.",
				Optional: true,
			},
			"timeout": schema.StringAttribute{
				MarkdownDescription: "How long the action may take, staging and waiting together, as a positive duration such as `90m` or " +
					"`2h30m`. After it the action fails, and the import goes on. Default: `60m`.",
				Optional:   true,
				Validators: []validator.String{durationCheck()},
			},
		},
	}
}

// Configure implements action.ActionWithConfigure.
func (a *stageApplicationImportAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.client = clientFrom(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan implements action.ActionWithModifyPlan. What is not known yet is
// no reason to defer the action: it will be known when the action is invoked.
func (a *stageApplicationImportAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var m stageApplicationImportModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if !resp.Diagnostics.HasError() {
		m.check(&resp.Diagnostics)
	}
}

// check adds an error for each value that is known and cannot be right.
func (m *stageApplicationImportModel) check(diags *diag.Diagnostics) {
	checkRequired("application_id", m.ApplicationID, applicationIDCheck(), diags)
	durationCheck().apply(path.Root("timeout"), m.Timeout, diags)
}

// timeout is what the configuration says or, where it does not, the default.
func (m *stageApplicationImportModel) timeout() time.Duration {
	timeout, err := time.ParseDuration(m.Timeout.ValueString())
	if err != nil {
		return defaultTimeout
	}

	return timeout
}

// Invoke implements action.Action.
func (a *stageApplicationImportAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m stageApplicationImportModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() {
		return
	}

	m.check(&resp.Diagnostics)

	if resp.Diagnostics.HasError() || !configured(a.client, &resp.Diagnostics) {
		return
	}

	progress := newProgress(ctx, resp.SendProgress)
	defer progress.close()

	inTime, cancel := context.WithTimeout(ctx, m.timeout())
	defer cancel()

	imp, err := a.client.StageImport(inTime, m.ApplicationID.ValueString())
	if err != nil {
		addActionStageError(&resp.Diagnostics, err)

		return
	}

	addStagedWarnings(&resp.Diagnostics, imp)
	progress.say("Staged %s (ID %s): %s", imp, imp.ID, statusText(imp))

	switch {
	case m.WaitForCompletion.ValueBool():
		observe, stop := progress.watch(imp)
		defer stop()

		w := importWait{action: true, timeout: m.timeout(), observe: observe}
		w.wait(inTime, a.client, imp, &resp.Diagnostics)
	case ctx.Err() != nil:
		// The message above was not sent.
		resp.Diagnostics.AddWarning("Import was staged", fmt.Sprintf(
			"Terraform was interrupted while the %s (ID %s) was being staged. It goes on in Permission Assist. %s", imp, imp.ID, afterAction))
	}
}
