package provider

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

// stage stages the import, by upload if there are files, and sets files_sha256.
func (r *applicationImportResource) stage(ctx context.Context, m *applicationImportModel, diags *diag.Diagnostics) (permissionassist.ApplicationImport, bool) {
	var (
		result        staging.Result
		err           error
		applicationID = m.ApplicationID.ValueString()
		files         = knownStrings(m.Files)
		a             = r.conn.with(createAdvice())
	)
	if len(files) == 0 {
		result, err = r.conn.stager.Stage(ctx, applicationID)
	} else {
		a.fileGroups = slices.Collect(maps.Keys(files))
		result, err = r.conn.stager.Upload(ctx, applicationID, files)
		m.FilesSHA256, _ = types.MapValueFrom(ctx, types.StringType, result.FilesSHA256)
	}
	if err != nil {
		addStageError(diags, err, a)
		return permissionassist.ApplicationImport{}, false
	}
	addAdoptedWarning(diags, result)
	m.StagedAt = timestamp(time.Now())
	return result.Import, true
}
