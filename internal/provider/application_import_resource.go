package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

// applicationImportResource stages an import of an application, reads its status
// and cancels it. It never waits: Terraform saves a resource only when its create
// has returned, so a create that waited could lose the import.
type applicationImportResource struct{ anyResource }

func (r *applicationImportResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = applicationImportSchema()
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
		return "To keep the older one, then run: terraform state rm ADDRESS, and: terraform import ADDRESS " + id + "."
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
	var m applicationImportModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), m.ID)...)
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

// cancel cancels an import unless it has ended. It reads the import first: it must
// exist and belong to this application. Only an import that is too new to be
// visible, or a server that cannot return imports, is no reason to stop.
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
	case errors.Is(err, permissionassist.ErrNotFound) && missing != nil:
		// On this server, nothing else can confirm the 404.
		return fmt.Errorf("%w: %w", permissionassist.ErrGone, err)
	case errors.Is(err, permissionassist.ErrNotFound) && unread:
		return readErr
	default:
		return err
	}
}

// ImportState accepts the import's GUID in any common spelling, a URL with exactly
// one GUID, or the application's GUID and the import's number.
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

	m := newImportedModel(types.StringValue(id))
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	resp.Diagnostics.Append(savePrivate(ctx, resp.Private, adoptedFilesKey, adoptedFiles{})...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
}
