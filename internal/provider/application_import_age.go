package provider

import (
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// refreshedImports are the IDs of the imports that this connection has read or
// staged. Only their age is checked. Terraform plans again during an apply, which
// does not refresh: a plan that keeps an import must not become a replacement
// because the import was too old by then, or Terraform would stop the apply.
type refreshedImports struct{ ids sync.Map }

func (r *refreshedImports) add(id types.String) { r.ids.Store(id.ValueString(), nil) }

func (r *refreshedImports) has(id types.String) bool {
	_, ok := r.ids.Load(id.ValueString())
	return ok
}

// timestamp converts a time to RFC 3339 in UTC.
func timestamp(t time.Time) types.String { return types.StringValue(t.UTC().Format(time.RFC3339)) }

// adoptStagedAt sets staged_at of an import from terraform import or from a state
// that lacks it: to the time when the import started or, if that is not known,
// to now. It reports whether it has set it.
func (m *applicationImportModel) adoptStagedAt(now time.Time) bool {
	if m.StagedAt.ValueString() != "" {
		return false
	}

	start, err := permissionassist.ParseTimestamp(m.BuildStart.ValueString(), nil)
	if err != nil {
		start = now
	}
	m.StagedAt = timestamp(start)
	return true
}

// expired reports whether the import has ended and is older than max_age. An
// unknown max_age decides nothing.
func expired(in planInput) bool {
	maxAge, err := time.ParseDuration(in.plan.MaxAge.ValueString())
	if err != nil {
		return false
	}
	staged, err := time.Parse(time.RFC3339, in.state.StagedAt.ValueString())
	return err == nil && in.state.known().Ended() && in.now.Sub(staged) > maxAge
}

// tooOld: the age counts only if this run has read the import, see
// refreshedImports.
func tooOld(in planInput) bool { return in.refreshed && expired(in) }

func addKeptTooOldWarning(diags *diag.Diagnostics, in planInput) {
	diags.AddAttributeWarning(path.Root("max_age"), "Import is older than max_age", fmt.Sprintf(
		"%s was staged at %s, more than %s ago. This run keeps it: either the plan was made before the import was too old, or it was made with "+
			"-refresh=false. The next plan with a refresh replaces it.", importName(in.state.known()), in.state.StagedAt.ValueString(), in.plan.MaxAge.ValueString()))
}
