package provider

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

func newApplicationImportResource() resource.Resource {
	return &applicationImportResource{anyResource{name: "application_import"}}
}

// applicationImportResource stages an import of an application, reads its
// status and cancels it. It never waits: Terraform saves a resource only when
// its create has returned, so a create that waited could lose the import.
type applicationImportResource struct{ anyResource }

// The defaults of the settings, including those of an import that came from
// terraform import.
const (
	defaultCancelOnDestroy  = true
	defaultRestageOnFailure = true
)

func (r *applicationImportResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	// ModifyPlan decides which results a plan keeps.
	results := importAttributes()
	addCompleteAttributes(results)
	results["id"] = computedText("GUID of the import.")
	results["status"] = computedText(importStatus + " To wait for the end, use `permissionassist_application_import_completion`.")
	results["staged_at"] = computedText("Time when the import was staged, by the clock of the machine that ran Terraform, in RFC 3339 " +
		"format and UTC. After `terraform import`, it is `build_start` if that has a time zone, or else the time when Terraform imported the " +
		"resource.")
	results["application_name"] = computedText("Name of the application when the import was last read." + nullUnknown)

	attributes := settingAttributes()
	attributes["files_sha256"] = schema.MapAttribute{
		MarkdownDescription: "SHA-256 of each uploaded file in hexadecimal digits, by file group. Null if nothing was uploaded. Known after " +
			"apply if the plan stages a new import.",
		Computed:    true,
		ElementType: types.StringType,
	}
	for name, result := range results {
		attributes[name] = result
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Stages an import of an application in Permission Assist. Staging an import starts it: the server queues it right " +
			"away. It uses the files and connector settings of the application's import schedule (not the scheduled time), or uploaded `files`. " +
			"The resource does not wait for the import; `permissionassist_application_import_completion` does.\n\n" +
			"A new import is staged if `application_id`, `triggers` or the content of `files` changes, if the last import failed (see " +
			"`restage_on_failure`), or if it has ended and is older than `max_age`. Otherwise, status changes on the server do not show up in the " +
			"plan.\n\n" +
			"An import cannot be deleted. Destroying the resource cancels an import that has not ended, unless `cancel_on_destroy` is " +
			"`false`. The record stays in Permission Assist. A plan that cancels an import says so. The exceptions are `-replace` and " +
			"`replace_triggered_by`: Terraform does not tell the provider about them.",
		Attributes: attributes,
	}
}

func settingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"application_id": required(applicationToImport+" A different application stages a new import. If the ID is known only after apply, the "+
			"plan keeps the import and warns that it assumes the same application.", applicationIDCheck()),
		"triggers": schema.MapAttribute{
			MarkdownDescription: "Arbitrary values, such as a release version or a file hash. Any change stages a new import, except that " +
				"the first triggers of a resource that had none are only recorded. Null entries do not count. A value that is known only after apply " +
				"counts as a change.",
			Optional:    true,
			ElementType: types.StringType,
		},
		"files": filesAttribute(),
		"cancel_on_destroy": schema.BoolAttribute{
			MarkdownDescription: "Whether destroying or replacing the resource cancels an import that has not ended. Terraform does not " +
				"wait for the cancellation. Default: `true`.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(defaultCancelOnDestroy),
		},
		"restage_on_failure": schema.BoolAttribute{
			MarkdownDescription: "Whether the next plan replaces an import whose status is Failed. A Canceled import is never replaced because of " +
				"its status: someone canceled it on purpose. Default: `true`.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(defaultRestageOnFailure),
		},
		"max_age": optional("Maximum age of the import, as a duration such as `20h` or `90m`. A plan replaces an import that has ended, "+
			"with any status, if it was staged longer ago than this (see `staged_at`). If such an import has not ended, the plan keeps it and "+
			"warns. With `-refresh=false` or `-minimal-refresh`, the plan only warns. Default: no limit.", durationCheck()),
	}
}

func (r *applicationImportResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{Description: "GUID of the import.", RequiredForImport: true},
	}}
}

// Create returns as soon as the import exists. Nothing after that can fail, so
// Terraform never taints an import.
func (r *applicationImportResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m applicationImportModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !requireConnection(r.conn, &resp.Diagnostics) {
		return
	}

	result, err := r.stage(ctx, m)
	if err != nil {
		a := r.conn.with(explain.ForImport())
		a.FileGroups = slices.Collect(maps.Keys(m.Files.Elements()))
		explain.AddStagingError(&resp.Diagnostics, err, a, r.conn.describeCanceled(guidOf(m.ApplicationID)))
		return
	}

	var diags diag.Diagnostics
	m.StagedAt = timestamp(time.Now())
	m.FilesSHA256, diags = types.MapValueFrom(ctx, types.StringType, result.FilesSHA256)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(m.fromAPI(result.Import)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), m.ID)...)
	resp.Diagnostics.Append(savePrivate(ctx, resp.Private, serverKey, r.conn.Server())...)
	r.conn.addRead(m)

	addRecoveredWarning(&resp.Diagnostics, result)
	addUnfinishedWarning(&resp.Diagnostics, result, func(id string) string {
		return "To keep the older one, then run: terraform state rm ADDRESS, and: terraform import ADDRESS " + id +
			". If this run replaces the older one (create_before_destroy), it cancels it itself."
	})
}

func (r *applicationImportResource) stage(ctx context.Context, m applicationImportModel) (staging.Result, error) {
	if files := knownStrings(m.Files); len(files) > 0 {
		return r.conn.stager.Upload(ctx, guidOf(m.ApplicationID), files)
	}
	return r.conn.stager.Stage(ctx, guidOf(m.ApplicationID))
}

func (r *applicationImportResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m applicationImportModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), m.ID)...)

	// Without a connection, the provider's configuration is unknown; the state
	// stays as it is.
	if r.conn == nil {
		return
	}

	// A terminal import never changes. Retention may have removed its record;
	// that must not stage another import.
	if m.known().Ended() {
		r.conn.addRead(m)
		return
	}

	imp, err := r.conn.RefreshApplicationImport(ctx, m.known())
	switch {
	case errors.Is(err, permissionassist.ErrNotFound) && !verifyServer(ctx, req.Private, r.conn, m, err, &resp.Diagnostics):
	case errors.Is(err, permissionassist.ErrGone):
		addGoneWarning(&resp.Diagnostics, m.known(), err)
		resp.State.RemoveResource(ctx)
	case err != nil:
		explain.AddError(&resp.Diagnostics, "Import could not be read", err, r.conn.advice(), "The state was not changed.",
			explain.IfServerIsGone(err))
	default:
		resp.Diagnostics.Append(m.fromAPI(imp)...)
		m.setImportedStagedAt(time.Now())
		r.conn.addRead(m)
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
		resp.Diagnostics.Append(savePrivate(ctx, resp.Private, serverKey, r.conn.Server())...)
	}
}

// Update changes settings, which change nothing on the server.
func (r *applicationImportResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var id types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("id"), &id)...)
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
}

// Delete does not wait for the cancellation: the server may first finish the
// imports that are ahead in its queue.
func (r *applicationImportResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m applicationImportModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || m.known().Ended() || !m.cancelsOnDestroy() || !requireConnection(r.conn, &resp.Diagnostics) {
		return
	}

	err := r.cancel(ctx, m)
	switch {
	case err == nil:
	case errors.Is(err, permissionassist.ErrNotFound) && !verifyServer(ctx, req.Private, r.conn, m, err, &resp.Diagnostics):
	case errors.Is(err, permissionassist.ErrGone):
	case errors.Is(err, permissionassist.ErrNotVisible):
		addNotVisibleError(&resp.Diagnostics, m.known(), err)
	default:
		explain.AddError(&resp.Diagnostics, "Import could not be canceled", err, r.conn.advice(),
			"The import is still in the state. To try again, run the same command again.", explain.IfServerIsGone(err))
	}
}

// cancel cancels an import unless it has ended. It reads the import first: it
// must exist and belong to this application. It cancels without that only if
// the import is too new to be visible, or if the server cannot return imports.
func (r *applicationImportResource) cancel(ctx context.Context, m applicationImportModel) error {
	imp, readErr := r.conn.RefreshApplicationImport(ctx, m.known())
	var missing *permissionassist.MissingEndpointError
	unread := errors.Is(readErr, permissionassist.ErrNotVisible) || errors.As(readErr, &missing)
	if imp.Ended() || readErr != nil && !unread {
		return readErr
	}

	_, err := r.conn.CancelApplicationImport(ctx, m.ID.ValueString())
	switch {
	case err == nil:
		r.conn.addCanceled(m)
		return nil
	case errors.Is(err, permissionassist.ErrConflict):
		return nil
	case errors.Is(err, permissionassist.ErrNotFound) && unread:
		return readErr
	default:
		return err
	}
}

// ImportState accepts the import's GUID in any common spelling, a URL with
// exactly one GUID, or the application's GUID and the import's number.
func (r *applicationImportResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text := types.StringValue(req.ID)
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("id"), &text)...)
	}

	// Without a connection, nothing can check that the import exists.
	if resp.Diagnostics.HasError() || !requireConnection(r.conn, &resp.Diagnostics) {
		return
	}
	id, ok := r.conn.importID(ctx, text.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}

	m := newAdoptedModel(types.StringValue(id))
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	resp.Diagnostics.Append(savePrivate(ctx, resp.Private, adoptedFilesKey, adoptedFiles{})...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
}
