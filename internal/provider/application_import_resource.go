package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var (
	_ resource.Resource                   = (*applicationImportResource)(nil)
	_ resource.ResourceWithConfigure      = (*applicationImportResource)(nil)
	_ resource.ResourceWithIdentity       = (*applicationImportResource)(nil)
	_ resource.ResourceWithImportState    = (*applicationImportResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*applicationImportResource)(nil)
	_ resource.ResourceWithValidateConfig = (*applicationImportResource)(nil)
)

func newApplicationImportResource() resource.Resource {
	return &applicationImportResource{}
}

// applicationImportResource stages an import of an application. An import
// cannot be changed or removed: update waits for it, destroy cancels it.
type applicationImportResource struct {
	client *permissionassist.Client
}

// What the settings are where the configuration does not say, and what an
// imported resource starts with.
const (
	defaultWaitForCompletion = false
	defaultCancelOnDestroy   = true
	defaultOnTimeout         = onTimeoutError
	defaultTimeout           = 60 * time.Minute
)

// The values of on_timeout.
const (
	onTimeoutError = "error"
	onTimeoutWarn  = "warn"
)

// importedSettings are the settings of an import that Terraform takes over. A
// configuration that sets nothing but the application then plans without a
// difference.
func importedSettings() map[string]any {
	return map[string]any{
		"wait_for_completion": defaultWaitForCompletion,
		"cancel_on_destroy":   defaultCancelOnDestroy,
		"restage_on_failure":  defaultWaitForCompletion,
		"on_timeout":          defaultOnTimeout,
	}
}

// Metadata implements resource.Resource.
func (r *applicationImportResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application_import"
}

// Schema implements resource.Resource.
func (r *applicationImportResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := settingAttributes()
	for name, attribute := range reportedAttributes() {
		attributes[name] = attribute
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Stages an import of an application in Permission Assist by the application's import schedule, or from `files` " +
			"that it uploads, and can wait for its end. An import is staged once: again only when `application_id`, `triggers`, `files` or " +
			"the files' content change, when the resource is replaced, or after a failure with `restage_on_failure`. That its status moves on the server is never a difference.\n\n" +
			"An import cannot be deleted. Destroying the resource cancels an import that has not ended, unless `cancel_on_destroy` is " +
			"`false`, and leaves the record in Permission Assist.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create: true,
				CreateDescription: "How long creating may take, staging (with the upload of files) and waiting together, as a positive duration such as `90m` or " +
					"`2h30m`. Default: `60m`.",
				Update: true,
				UpdateDescription: "How long an update that waits may take, as a positive duration such as `90m` or `2h30m`. " +
					"Default: `60m`.",
			}),
		},
	}
}

// settingAttributes are what a configuration can set.
func settingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"application_id": schema.StringAttribute{
			MarkdownDescription: applicationToImportDescription + " Changing it stages a new import.",
			Required:            true,
			Validators:          []validator.String{applicationIDCheck()},
			PlanModifiers:       []planmodifier.String{keepSameGUID{}, stringplanmodifier.RequiresReplaceIf(replaceIfWasKnown, replaceDescription, replaceDescription)},
		},
		"triggers": schema.MapAttribute{
			MarkdownDescription: "Any values that stand for a reason to import again, such as a release's version or a file's hash. Any " +
				"change stages a new import; adding triggers to a resource that had none does not.",
			Optional:      true,
			ElementType:   types.StringType,
			PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplaceIf(replaceIfTriggersChange, replaceDescription, replaceDescription)},
		},
		"files": filesAttribute(),
		"wait_for_completion": schema.BoolAttribute{
			MarkdownDescription: "Whether to wait until the import has ended; it is an error then if it has not finished successfully. While " +
				"it is `true`, every apply waits for an import that has not ended. Default: `false`.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(defaultWaitForCompletion),
		},
		"cancel_on_destroy": schema.BoolAttribute{
			MarkdownDescription: "Whether destroying the resource cancels an import that has not ended. Destroying does not wait for the " +
				"cancellation. Default: `true`.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(defaultCancelOnDestroy),
		},
		"restage_on_failure": schema.BoolAttribute{
			MarkdownDescription: "Whether an import that has ended as Failed or Canceled is replaced by a new one at the next apply. Default: " +
				"the value of `wait_for_completion`. A failure during the creating apply itself makes Terraform replace the resource in any " +
				"case; run `terraform untaint` first to keep it.",
			Optional:      true,
			Computed:      true,
			PlanModifiers: []planmodifier.Bool{defaultFromAttribute{path.Root("wait_for_completion")}},
		},
		"on_timeout": schema.StringAttribute{
			MarkdownDescription: "What a wait that exceeds its time-out ends with: `error`, or `warn`, with which the apply goes on and the " +
				"next one waits again. The import goes on in both cases. Default: `error`.",
			Optional:   true,
			Computed:   true,
			Default:    stringdefault.StaticString(defaultOnTimeout),
			Validators: []validator.String{stringvalidator.OneOf(onTimeoutError, onTimeoutWarn)},
		},
	}
}

// reportedAttributes are what the server says of the import. ModifyPlan decides
// which of them a plan carries over: it depends on how the import stands.
func reportedAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "GUID of the import.",
			Computed:            true,
		},
		"number": schema.Int64Attribute{
			MarkdownDescription: importNumberDescription,
			Computed:            true,
		},
		"type": schema.StringAttribute{
			MarkdownDescription: importTypeDescription,
			Computed:            true,
		},
		"status": schema.StringAttribute{
			MarkdownDescription: importStatusDescription,
			Computed:            true,
		},
		"created_by": schema.StringAttribute{
			MarkdownDescription: importCreatedByDescription,
			Computed:            true,
		},
		"build_start": schema.StringAttribute{
			MarkdownDescription: importBuildStartDescription,
			Computed:            true,
		},
		"build_end": schema.StringAttribute{
			MarkdownDescription: importBuildEndDescription,
			Computed:            true,
		},
		"metrics": schema.StringAttribute{
			MarkdownDescription: importMetricsDescription,
			Computed:            true,
			CustomType:          jsontypes.NormalizedType{},
		},
		"files_sha256": filesSHA256Attribute(),
		"application": schema.SingleNestedAttribute{
			MarkdownDescription: "The imported application, as it was when the import was last read.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"id":           schema.StringAttribute{Computed: true, MarkdownDescription: applicationIDDescription},
				"name":         schema.StringAttribute{Computed: true, MarkdownDescription: applicationNameDescription},
				"priority":     schema.StringAttribute{Computed: true, MarkdownDescription: applicationPriorityDescription},
				"is_archived":  schema.BoolAttribute{Computed: true, MarkdownDescription: applicationIsArchivedDescription},
				"last_updated": schema.StringAttribute{Computed: true, MarkdownDescription: applicationLastUpdatedDescription},
			},
		},
	}
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *applicationImportResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       "GUID of the import.",
				RequiredForImport: true,
			},
		},
	}
}

// Configure implements resource.ResourceWithConfigure.
func (r *applicationImportResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.client = clientFrom(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *applicationImportResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	// The block's own validators accept a time-out of zero or less, with which
	// nothing could ever be staged.
	for _, name := range []string{"create", "update"} {
		var value types.String

		at := path.Root("timeouts").AtName(name)
		if req.Config.GetAttribute(ctx, at, &value).HasError() {
			continue
		}

		// What is no duration at all they have seen.
		if _, err := time.ParseDuration(value.ValueString()); err == nil {
			durationCheck().apply(at, value, &resp.Diagnostics)
		}
	}
}

// Create implements resource.Resource.
func (r *applicationImportResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m applicationImportModel

	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)

	timeout, diags := m.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)

	if resp.Diagnostics.HasError() || !configured(r.client, &resp.Diagnostics) {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	imp, ok := r.stage(ctx, &m, &resp.Diagnostics)
	if !ok {
		return
	}

	save := func(imp permissionassist.Import) {
		resp.Diagnostics.Append(m.report(ctx, imp)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	}

	addStagedWarnings(&resp.Diagnostics, imp)

	// From here on the import exists: whatever happens, the state has it.
	save(imp)

	if m.WaitForCompletion.ValueBool() && !resp.Diagnostics.HasError() {
		w := importWait{model: m, timeout: timeout, taints: true}
		save(w.wait(ctx, r.client, imp, &resp.Diagnostics))
	}
}

// Read implements resource.Resource.
func (r *applicationImportResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m applicationImportModel

	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() {
		return
	}

	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)

	// An import that has ended does not change any more, and its record may be
	// gone by retention, which is no reason to stage another.
	if m.status().Terminal() {
		return
	}

	if r.client == nil {
		// The provider's configuration is not known yet; the state stays.
		return
	}

	imp, err := r.client.GetImport(ctx, m.ID.ValueString(), m.ApplicationID.ValueString())
	if isGone(err) {
		addGoneWarning(&resp.Diagnostics, m, err)
		resp.State.RemoveResource(ctx)

		return
	}

	if err != nil {
		addClientError(&resp.Diagnostics, "Import could not be read", err)

		return
	}

	resp.Diagnostics.Append(m.report(ctx, imp)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// Update implements resource.Resource. What can be updated are settings, which
// change nothing on the server; but where they say so, the import is waited for.
func (r *applicationImportResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var prior, m applicationImportModel

	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)

	timeout, diags := m.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)

	if resp.Diagnostics.HasError() {
		return
	}

	m.reportedFrom(prior)
	resp.Diagnostics.Append(m.learnFiles(ctx)...)

	if resp.Diagnostics.HasError() {
		return
	}

	// One that has ended as it should is not waited for; one that has failed is
	// an error again, or applying twice would turn it into a success.
	if m.WaitForCompletion.ValueBool() && m.status() != permissionassist.StatusFinished {
		r.waitAgain(ctx, &m, timeout, &resp.Diagnostics)
	}

	// On an error the state stays as it was, so that the next apply tries again.
	if resp.Diagnostics.HasError() {
		return
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
}

// waitAgain reads an import anew and waits for its end.
func (r *applicationImportResource) waitAgain(ctx context.Context, m *applicationImportModel, timeout time.Duration, diags *diag.Diagnostics) {
	if !configured(r.client, diags) {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	imp, err := r.client.GetImport(ctx, m.ID.ValueString(), m.ApplicationID.ValueString())
	if err != nil && !m.status().Terminal() {
		addClientError(diags, "Import could not be read", err)

		return
	}

	if err != nil {
		// The record of one that has failed may be gone; the state knows enough.
		imp = m.known()
	}

	planned := m.reportedImportModel
	w := importWait{model: *m, timeout: timeout}

	diags.Append(m.report(ctx, w.wait(ctx, r.client, imp, diags))...)
	m.keepPlanned(planned)
}

// Delete implements resource.Resource. It does not wait for the cancellation:
// that can last until the server's queue gets to the import.
func (r *applicationImportResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m applicationImportModel

	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() || m.status().Terminal() || !m.cancelsOnDestroy() || !configured(r.client, &resp.Diagnostics) {
		return
	}

	_, err := r.client.CancelImport(ctx, m.ID.ValueString())
	if err != nil && !isCanceledAlready(err) {
		addClientError(&resp.Diagnostics, "Import could not be canceled", err)
	}
}

// ImportState implements resource.ResourceWithImportState.
func (r *applicationImportResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := req.ID

	if id == "" && req.Identity != nil {
		var identity applicationImportIdentity

		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)

		id = identity.ID.ValueString()
	}

	if err := permissionassist.ValidateGUID(id); err != nil {
		resp.Diagnostics.AddError("Invalid import ID",
			"The ID of an import in Permission Assist is expected. "+sentence(err))
	}

	if resp.Diagnostics.HasError() {
		return
	}

	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)

	for name, value := range importedSettings() {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}

	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
}
