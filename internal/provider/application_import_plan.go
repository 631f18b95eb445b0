package provider

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func (r *applicationImportResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		var state applicationImportModel
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		_, wasRead := r.conn.wasRead(state.ID)
		addCancelsWarning(&resp.Diagnostics, state, wasRead)
		return
	}

	in, diags := newPlanInput(ctx, req, r.conn)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	d := decide(in)
	resp.Diagnostics.Append(d.diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	if d.overdue {
		addOverdueWarning(&resp.Diagnostics, in, r.conn.explainQueue(ctx, in.state.known()))
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &d.plan)...)
	resp.RequiresReplace.Append(d.replace...)
	if d.adopted != nil {
		resp.Diagnostics.Append(savePrivate(ctx, resp.Private, adoptedFilesKey, d.adopted)...)
	}
}

// planInput is everything that a plan depends on.
type planInput struct {
	// state is nil if the import is not staged yet.
	state *applicationImportModel
	plan  applicationImportModel
	// files are the planned files whose path is known, by file group.
	files map[string]localFile
	// adopted is nil unless the import came from terraform import.
	adopted *adoptedFiles
	now     time.Time
	// wasRead is set if this run has read the import. A run with -refresh=false
	// has not, and neither has the second plan that Terraform makes during an
	// apply.
	wasRead bool
}

func newPlanInput(ctx context.Context, req resource.ModifyPlanRequest, conn *connection) (planInput, diag.Diagnostics) {
	var in planInput
	diags := req.Plan.Get(ctx, &in.plan)
	if conn != nil { // or else the age decides nothing
		in.now = time.Now()
	}

	// An upload hashes its files, so it is enough here to check that they can
	// be read.
	read := func(ctx context.Context, path string) (string, error) {
		return "", permissionassist.CheckFile(ctx, path)
	}

	if !req.State.Raw.IsNull() {
		in.state = &applicationImportModel{}
		diags.Append(req.State.Get(ctx, in.state)...)
		_, in.wasRead = conn.wasRead(in.state.ID)

		adopted, more := loadAdoptedFiles(ctx, req.Private)
		in.adopted = adopted
		diags.Append(more...)

		read = permissionassist.HashFile
	}

	in.files = readFiles(ctx, in.plan.Files, read)
	if ctx.Err() != nil {
		diags.AddError("Planning was interrupted",
			"Terraform was interrupted while it read the files. This import was not changed. Run terraform plan again.")
	}
	return in, diags
}

// olderThanMaxAge reports whether the import was staged longer ago than
// max_age. An unknown max_age decides nothing.
func (in planInput) olderThanMaxAge() bool {
	maxAge, err := time.ParseDuration(in.plan.MaxAge.ValueString())
	staged := in.state.stagedAt()
	return err == nil && !staged.IsZero() && in.now.Sub(staged) > maxAge
}

// decision is the result of decide.
type decision struct {
	plan applicationImportModel
	// replace are the attributes that make the plan stage a new import.
	replace path.Paths
	// adopted, if not nil, should be remembered for the next plan.
	adopted *adoptedFiles
	// overdue is set if the plan keeps an unfinished import that is older than
	// max_age. The warning shows what the import is waiting for.
	overdue bool
	diags   diag.Diagnostics
}

// replacements lists every reason to replace the import. Settings, paths and
// other status changes on the server are not among them.
var replacements = []struct {
	attribute string
	applies   func(planInput) bool
	// assumed is set if a plan may have assumed the opposite, because a value was
	// unknown or a file was written later.
	assumed bool
}{
	{"application_id", otherApplication, true},
	{"triggers", otherTriggers, false},
	{"files", otherFileGroups, true},
	{"files_sha256", otherContent, true},
	{"status", restages, false},
	{"staged_at", tooOld, false},
}

// decide plans the resource. Terraform plans again during apply, with values
// that were unknown before. The second plan may only be more precise: if an
// update becomes a replacement, Terraform prints an error for each attribute
// and calls it a bug in the provider. So only a plan that has read the import
// may replace it for a reason that an earlier plan may have assumed away.
func decide(in planInput) decision {
	d := decision{plan: in.plan}

	if in.state == nil {
		d.plan.FilesSHA256 = types.MapUnknown(types.StringType) // the same apply may still write the files
		if noFiles(in.plan.Files) {
			d.plan.FilesSHA256 = types.MapNull(types.StringType)
		}
		addUnreadFiles(&d.diags, in, true)
		return d
	}

	// The framework plans every reported attribute as unknown if anything in
	// the configuration differs.
	d.plan.copyImportFrom(*in.state)
	keepSpelling(&d.plan, in)

	assumed := 0
	for _, r := range replacements {
		if r.applies(in) {
			d.replace.Append(path.Root(r.attribute))
			if r.assumed {
				assumed++
			}
		}
	}

	switch {
	case !in.wasRead && assumed > 0 && assumed == len(d.replace):
		addWrongAssumptionError(&d.diags, d.replace[0], in.state.known())
	case len(d.replace) > 0:
		d.planReplace(in)
	default:
		d.planKeep(in)
	}
	return d
}

// keepSpelling plans the state's value for a value that differs only in the
// spelling of a GUID.
func keepSpelling(plan *applicationImportModel, in planInput) {
	if plan.ApplicationID.ValueString() != "" && guidOf(in.state.ApplicationID) == guidOf(plan.ApplicationID) {
		plan.ApplicationID = in.state.ApplicationID
	}
	if !plan.Files.IsUnknown() && maps.EqualFunc(byGroup(in.state.Files.Elements()), byGroup(plan.Files.Elements()), attr.Value.Equal) {
		plan.Files = in.state.Files
	}
}

// planReplace plans a new import. Terraform ignores a path in RequiresReplace
// whose planned value is that of the state, so these values become unknown.
func (d *decision) planReplace(in planInput) {
	d.plan.Status = types.StringUnknown()
	d.plan.StagedAt = types.StringUnknown()
	d.plan.FilesSHA256 = types.MapUnknown(types.StringType)

	if restages(in) {
		addRestagesWarning(&d.diags, in.state.known(), len(d.replace) == 1)
	}
	addCancelsWarning(&d.diags, *in.state, in.wasRead)
	addUnreadFiles(&d.diags, in, true)
}

// planKeep plans for an import that is not replaced.
func (d *decision) planKeep(in planInput) {
	imp := in.state.known()

	switch {
	case imp.Status == permissionassist.StatusFailed && in.plan.RestageOnFailure.IsUnknown():
		addUnknownRestageError(&d.diags, imp)
		return
	case imp.Ended() && imp.Status != permissionassist.StatusFinished:
		addKeptEndedWarning(&d.diags, imp)
	}

	switch {
	case !in.olderThanMaxAge():
	case in.wasRead:
		d.overdue = true // if it had ended, tooOld would replace it
	default:
		addUnreadAgeWarning(&d.diags, in)
	}

	if in.plan.ApplicationID.IsUnknown() && in.state.ApplicationID.ValueString() != "" {
		addUnknownApplicationWarning(&d.diags, imp)
	}

	addUnreadFiles(&d.diags, in, false)
	switch {
	case in.adopted != nil && noFiles(in.state.Files) && !noFiles(in.plan.Files):
		d.adopted = newAdoptedFiles(in.files)
		addAdoptedFilesWarning(&d.diags, imp)
	case hasUnknown(in.plan.Files):
		addUnknownFilesWarning(&d.diags, imp)
	}
}

// otherApplication returns false for an unknown application. A data source that
// is read during apply makes it unknown, and almost always returns the same ID.
// After terraform import from a server that does not report the application,
// the state has none.
func otherApplication(in planInput) bool {
	return in.state.ApplicationID.ValueString() != "" && !in.plan.ApplicationID.IsUnknown() &&
		guidOf(in.state.ApplicationID) != guidOf(in.plan.ApplicationID)
}

// otherTriggers returns true for an unknown trigger. If the state has no
// triggers, as after terraform import, new ones are only recorded.
func otherTriggers(in planInput) bool {
	before, after := withoutNulls(in.state.Triggers), withoutNulls(in.plan.Triggers)
	return len(before) > 0 && (in.plan.Triggers.IsUnknown() || !maps.EqualFunc(before, after, attr.Value.Equal))
}

func withoutNulls(m types.Map) map[string]attr.Value {
	elements := m.Elements()
	maps.DeleteFunc(elements, func(_ string, value attr.Value) bool { return value.IsNull() })
	return elements
}

// otherFileGroups returns false if files are added to or removed from an import
// that Terraform did not stage, and for unknown files.
func otherFileGroups(in planInput) bool {
	switch {
	case in.plan.Files.IsUnknown():
		return false
	case noFiles(in.state.Files) || noFiles(in.plan.Files):
		return noFiles(in.state.Files) != noFiles(in.plan.Files) && in.adopted == nil
	default:
		return !slices.Equal(fileGroups(in.state.Files), fileGroups(in.plan.Files))
	}
}

// otherContent compares the files with the uploaded ones or, after terraform
// import, with the files at the time of adoption. An uploaded file without a
// checksum was not sent completely: the server responded before that.
func otherContent(in planInput) bool {
	before, uploaded := byGroup(knownStrings(in.state.FilesSHA256)), byGroup(knownStrings(in.state.Files))
	if in.adopted != nil {
		before, uploaded = in.adopted.SHA256, nil
	}

	for group, file := range byGroup(in.files) {
		sum, hasSum := before[group]
		_, wasUploaded := uploaded[group]
		if file.sum != "" && file.sum != sum && (hasSum || wasUploaded) {
			return true
		}
	}
	return false
}

// restages reports whether restage_on_failure replaces the import. It does not
// replace a canceled one: a person decided that.
func restages(in planInput) bool {
	return in.state.known().Status == permissionassist.StatusFailed && in.plan.RestageOnFailure.ValueBool()
}

// tooOld reports whether max_age replaces the import. A plan that has not read
// the import does not know whether it has ended.
func tooOld(in planInput) bool {
	return in.wasRead && in.state.known().Ended() && in.olderThanMaxAge()
}
