package provider

import (
	"context"
	"errors"
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
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func newApplicationImportResource() resource.Resource {
	return &applicationImportResource{}
}

// applicationImportResource stages an import of an application. An import
// cannot be changed or removed: update waits for it, destroy cancels it.
type applicationImportResource struct {
	conn *connection
}

// The defaults of the settings, including those of an import that came from
// terraform import.
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

// importedSettings are the settings of an adopted import. A configuration that
// sets only the application then has an empty plan.
func importedSettings() map[string]any {
	return map[string]any{
		"wait_for_completion": defaultWaitForCompletion,
		"cancel_on_destroy":   defaultCancelOnDestroy,
		"restage_on_failure":  defaultWaitForCompletion,
		"on_timeout":          defaultOnTimeout,
	}
}

func (r *applicationImportResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application_import"
}

func (r *applicationImportResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := settingAttributes()
	for name, attribute := range reportedAttributes() {
		attributes[name] = attribute
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Stages an import of an application in Permission Assist, and can wait for it. To stage an import is to " +
			"start it: the server puts it in the queue now. It uses the files and connector settings of the application's import schedule (not the " +
			"scheduled time), or uploaded `files`.\n\n" +
			"A new import is staged if `application_id`, `triggers` or the content of `files` changes, if the last import has ended and is older " +
			"than `max_age`, or if it is Failed or Canceled and `restage_on_failure` is `true`. Otherwise, a new status on the server does not " +
			"change the plan.\n\n" +
			"An import cannot be deleted. Destroying the resource cancels an import that has not ended, unless `cancel_on_destroy` is " +
			"`false`. The record stays in Permission Assist.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create: true,
				CreateDescription: "Timeout for creating, including the upload and the wait, as a duration such as `90m` or `2h30m`. " +
					"Default: `60m`.",
				Update:            true,
				UpdateDescription: "Timeout for waiting again in a later apply, as a duration such as `90m` or `2h30m`. Default: `60m`.",
			}),
		},
	}
}

// settingAttributes returns the attributes that a configuration can set.
func settingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"application_id": schema.StringAttribute{
			MarkdownDescription: applicationToImportDescription + " A different application stages a new import. If the ID is " +
				"known only after apply, the plan keeps the import and warns that it assumes the same application.",
			Required:   true,
			Validators: []validator.String{applicationIDCheck()},
		},
		"triggers": schema.MapAttribute{
			MarkdownDescription: "Arbitrary values, such as a release version or a file hash. Any change stages a new import, except that " +
				"the first triggers of a resource that had none are only recorded. A value that is known only after apply counts as a change.",
			Optional:    true,
			ElementType: types.StringType,
		},
		"files": filesAttribute(),
		"wait_for_completion": schema.BoolAttribute{
			MarkdownDescription: "Whether to wait until the import has ended. The apply then fails if the import does not finish " +
				"successfully. Each later apply waits again for an import that has not ended, unless the resource is tainted. Default: `false`.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(defaultWaitForCompletion),
		},
		"cancel_on_destroy": schema.BoolAttribute{
			MarkdownDescription: "Whether destroying or replacing the resource cancels an import that has not ended. Terraform does not " +
				"wait for the cancellation. Default: `true`.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(defaultCancelOnDestroy),
		},
		"restage_on_failure": schema.BoolAttribute{
			MarkdownDescription: "Whether the next apply replaces an import whose status is Failed or Canceled. If the wait fails in the " +
				"apply that staged the import, Terraform taints the resource, and the next apply replaces it in any case. To keep a failed import, run " +
				"`terraform untaint ADDRESS` and set this to `false`. Default: the value of `wait_for_completion`.",
			Optional:      true,
			Computed:      true,
			PlanModifiers: []planmodifier.Bool{defaultFromAttribute{path.Root("wait_for_completion")}},
		},
		"max_age": schema.StringAttribute{
			MarkdownDescription: "How old the import may become, as a duration such as `20h` or `90m`. A plan replaces an import that has ended, " +
				"with any status, if it was staged longer ago than this (see `staged_at`). It leaves alone an import that has not ended. A failed import " +
				"is replaced earlier with `restage_on_failure`. With `-refresh=false`, the age is not checked. Default: no limit.",
			Optional:   true,
			Validators: []validator.String{durationCheck()},
		},
		"on_timeout": schema.StringAttribute{
			MarkdownDescription: "What a timeout while waiting leads to: `error` or `warn`. The import continues in both cases. With `warn`, " +
				"the apply continues, and the next apply waits again. With `error`, the apply that staged the import taints the resource: the next " +
				"apply stages a new import and, with `cancel_on_destroy`, cancels this one, unless you first run `terraform untaint ADDRESS`. Default: `error`.",
			Optional:   true,
			Computed:   true,
			Default:    stringdefault.StaticString(defaultOnTimeout),
			Validators: []validator.String{stringvalidator.OneOf(onTimeoutError, onTimeoutWarn)},
		},
	}
}

// reportedAttributes returns the attributes that the server reports. ModifyPlan
// decides which of them a plan keeps: that depends on the import's status.
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
		"staged_at": schema.StringAttribute{
			MarkdownDescription: "Time when the import was staged, by this machine's clock, in RFC 3339 format and UTC. After `terraform import`, it is " +
				"`build_start` if that has a time zone, or else the time when Terraform imported the resource.",
			Computed: true,
		},
		"files_sha256": filesSHA256Attribute(),
		"application": schema.SingleNestedAttribute{
			MarkdownDescription: "The application, as of the last time the import was read.",
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

func (r *applicationImportResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *applicationImportResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	// The block's own validators accept a timeout of zero or less.
	for _, name := range []string{"create", "update"} {
		var value types.String

		at := path.Root("timeouts").AtName(name)
		if req.Config.GetAttribute(ctx, at, &value).HasError() {
			continue
		}

		// The block's own validators report a value that is not a duration.
		if _, err := time.ParseDuration(value.ValueString()); err == nil {
			durationCheck().apply(at, value, &resp.Diagnostics)
		}
	}
}

func (r *applicationImportResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m applicationImportModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	timeout, diags := m.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !configured(r.conn, &resp.Diagnostics) {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	imp, ok := r.stage(ctx, &m, &resp.Diagnostics)
	if !ok {
		return
	}

	save := func(imp permissionassist.ApplicationImport) {
		resp.Diagnostics.Append(m.report(ctx, imp)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	}

	// The import exists now, so save it before anything can fail.
	save(imp)
	r.conn.refreshed.add(m.ID)
	resp.Diagnostics.Append(saveServer(ctx, resp.Private, r.conn)...)
	if m.WaitForCompletion.ValueBool() && !resp.Diagnostics.HasError() {
		w := m.waiter(r.conn, timeout, r.conn.with(createAdvice()))
		save(w.wait(ctx, imp, &resp.Diagnostics))
	}
}

func (r *applicationImportResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m applicationImportModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)

	// Without a connection, the provider's configuration is unknown; the state
	// stays as it is.
	if r.conn == nil {
		return
	}

	// A terminal import never changes. Retention may have removed its record;
	// that must not stage another import.
	if m.known().Ended() {
		r.conn.refreshed.add(m.ID)
		if m.adoptStagedAt(time.Now()) {
			resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
		}
		return
	}

	imp, err := r.conn.RefreshApplicationImport(ctx, m.known())
	switch {
	case errors.Is(err, permissionassist.ErrGone):
		if stagedHere(ctx, req.Private, r.conn, m, err, &resp.Diagnostics) {
			addGoneWarning(&resp.Diagnostics, m, err)
			resp.State.RemoveResource(ctx)
		}
	case err != nil:
		addError(&resp.Diagnostics, "Import could not be read", err, r.conn.advice(), "The state was not changed.", ifServerIsGone(err))
	default:
		if m.Status.IsNull() {
			// After terraform import, the state has the ID as the user typed
			// it.
			m.ID = types.StringValue(imp.ID)
		}
		resp.Diagnostics.Append(m.report(ctx, imp)...)
		m.adoptStagedAt(time.Now())
		r.conn.refreshed.add(m.ID)
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
		resp.Diagnostics.Append(saveServer(ctx, resp.Private, r.conn)...)
	}
}

// Update changes settings, which change nothing on the server. If
// wait_for_completion is true, it waits for the import.
func (r *applicationImportResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var prior, m applicationImportModel
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	timeout, diags := m.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	m.importFrom(prior)

	// Terraform plans again before it applies, and stops there. The protocol
	// does not guarantee that.
	if otherApplication(planInput{state: &prior, plan: m}) {
		resp.Diagnostics.AddAttributeError(path.Root("application_id"), "Application differs from the plan",
			"The plan assumed that the application would stay the same. This import was neither replaced nor canceled. Run terraform apply again to "+
				"replace it.")
		return
	}

	// There is nothing to wait for if the import has finished. A failed import
	// is an error again, or applying twice would turn it into a success.
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

// waitAgain reads an import of an earlier apply and waits for its end.
func (r *applicationImportResource) waitAgain(ctx context.Context, m *applicationImportModel, timeout time.Duration, diags *diag.Diagnostics) {
	if !configured(r.conn, diags) {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	a := r.conn.with(updateAdvice(m.RestageOnFailure.ValueBool()))
	imp, err := r.conn.RefreshApplicationImport(ctx, m.known())
	if err != nil && !m.known().Ended() {
		var gone string
		if errors.Is(err, permissionassist.ErrGone) {
			gone = "The import was removed after the last refresh. Nothing was staged. Run terraform apply again to stage a new import."
		}
		addError(diags, "Import could not be read", err, a, gone)
		return
	}
	if err != nil {
		// The record of a failed import may have been removed; the state has
		// everything that the error needs.
		imp = m.known()
	}

	planned := m.reportedImportModel
	diags.Append(m.report(ctx, m.waiter(r.conn, timeout, a).wait(ctx, imp, diags))...)
	m.keepPlanned(planned)
}

// waiter waits for the resource's import.
func (m *applicationImportModel) waiter(conn *connection, timeout time.Duration, a advice) importWait {
	return importWait{
		conn: conn, advice: a, timeout: timeout, inState: true,
		warnOnTimeout: m.OnTimeout.ValueString() == onTimeoutWarn,
	}
}

// Delete does not wait for the cancellation: the server may first finish the
// imports that are ahead in its queue.
func (r *applicationImportResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m applicationImportModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || m.known().Ended() || !m.cancelsOnDestroy() || !configured(r.conn, &resp.Diagnostics) {
		return
	}

	// Read first: the import must exist and belong to this application.
	var other *permissionassist.OtherApplicationError
	imp, readErr := r.conn.RefreshApplicationImport(ctx, m.known())
	switch {
	case errors.Is(readErr, permissionassist.ErrGone):
		stagedHere(ctx, req.Private, r.conn, m, readErr, &resp.Diagnostics)
		return
	case errors.As(readErr, &other):
		addError(&resp.Diagnostics, "Import belongs to another application", readErr, r.conn.advice())
		return
	case readErr == nil && imp.Ended():
		return
	}

	_, err := r.conn.CancelApplicationImport(ctx, m.ID.ValueString())
	var missing *permissionassist.MissingEndpointError
	switch {
	case err == nil, errors.Is(err, permissionassist.ErrConflict):
	case errors.Is(err, permissionassist.ErrNotFound) && errors.As(readErr, &missing):
		// On this server, nothing else can confirm the 404.
		stagedHere(ctx, req.Private, r.conn, m, err, &resp.Diagnostics)
	default:
		addError(&resp.Diagnostics, "Import could not be canceled", err, r.conn.advice(),
			"The import is still in the state. To try again, run the same command again.", ifServerIsGone(err))
	}
}

// ImportState accepts the import's GUID in any common spelling, a URL with exactly
// one GUID, or the application's GUID and the import's number.
func (r *applicationImportResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text := req.ID

	if text == "" && req.Identity != nil && !req.Identity.Raw.IsNull() {
		var identity applicationImportIdentity

		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)

		text = identity.ID.ValueString()
	}

	// Without a connection, nothing can check that the import exists.
	if resp.Diagnostics.HasError() || !configured(r.conn, &resp.Diagnostics) {
		return
	}
	id, ok := r.conn.importID(ctx, text, &resp.Diagnostics)
	if !ok {
		return
	}

	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)

	for name, value := range importedSettings() {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}

	resp.Diagnostics.Append((&adoptedImport{}).save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
}
