package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func (r *applicationImportResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		var state applicationImportModel

		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		addCancelsUndecidedWarning(&resp.Diagnostics, state)
		return
	}

	in, diags := newPlanInput(ctx, req)
	if r.conn != nil {
		in.now, in.refreshed = time.Now(), in.state != nil && r.conn.refreshed.has(in.state.ID)
	}
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	d := decide(in)
	resp.Diagnostics.Append(d.diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	resp.Diagnostics.Append(resp.Plan.Set(ctx, &d.plan)...)
	resp.RequiresReplace.Append(d.replace...)

	if d.adopted != nil {
		resp.Diagnostics.Append(d.adopted.save(ctx, resp.Private)...)
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
	adopted *adoptedImport
	// now is the time by the server's clock.
	now time.Time
	// refreshed is set if this run has read the import.
	refreshed bool
}

func newPlanInput(ctx context.Context, req resource.ModifyPlanRequest) (planInput, diag.Diagnostics) {
	var (
		in    planInput
		diags diag.Diagnostics
	)

	diags.Append(req.Plan.Get(ctx, &in.plan)...)

	// An upload hashes its files, so it is enough here to check that they can
	// be read.
	read := func(_ context.Context, path string) (string, error) { return "", permissionassist.CheckFile(path) }

	if !req.State.Raw.IsNull() {
		in.state = &applicationImportModel{}
		diags.Append(req.State.Get(ctx, in.state)...)

		adopted, more := loadAdoptedImport(ctx, req.Private)
		in.adopted = adopted
		diags.Append(more...)

		read = permissionassist.HashFile
	}

	in.files = readFiles(ctx, in.plan.Files, read)
	if ctx.Err() != nil {
		diags.AddError("Planning was interrupted", "Terraform was interrupted while it read the files. This import was not changed. Run terraform plan again.")
	}
	return in, diags
}

// decision is the result of decide.
type decision struct {
	plan applicationImportModel
	// replace are the attributes that make the plan stage a new import.
	replace path.Paths
	// adopted, if not nil, should be remembered for the next plan.
	adopted *adoptedImport
	diags   diag.Diagnostics
}

// replacements lists every reason to replace the import. Settings, paths and a
// status that changes on the server are not among them.
var replacements = []struct {
	attribute string
	applies   func(planInput) bool
}{
	{"application_id", otherApplication},
	{"triggers", otherTriggers},
	{"files", otherFileGroups},
	{"files_sha256", otherContent},
	{"status", restages},
	{"staged_at", tooOld},
}

// decide plans the resource. Terraform plans again during apply, with values
// that were unknown before. The second plan may only be more precise: if an
// update becomes a replacement, Terraform stops the apply.
func decide(in planInput) decision {
	d := decision{plan: in.plan}

	if in.state == nil {
		d.plan.FilesSHA256 = sumsAfterUpload(in.plan.Files)
		addFileWarnings(&d.diags, in, true)
		return d
	}

	// The framework plans every reported attribute as unknown if anything in
	// the configuration differs. Only a wait changes them.
	d.plan.importFrom(*in.state)

	if !isBlank(in.plan.ApplicationID) && permissionassist.SameGUID(in.state.ApplicationID.ValueString(), in.plan.ApplicationID.ValueString()) {
		d.plan.ApplicationID = in.state.ApplicationID
	}

	if !in.plan.Files.IsUnknown() && maps.EqualFunc(byGroup(in.state.Files.Elements()), byGroup(in.plan.Files.Elements()), attr.Value.Equal) {
		d.plan.Files = in.state.Files // the same in another spelling of a GUID
	}

	for _, r := range replacements {
		if r.applies(in) {
			d.replace.Append(path.Root(r.attribute))
		}
	}

	if len(d.replace) > 0 {
		d.plan.expectNews()
		d.plan.FilesSHA256 = sumsAfterUpload(in.plan.Files)
		d.plan.StagedAt = types.StringUnknown()
		addCancelsUndecidedWarning(&d.diags, *in.state)
	} else {
		d.keepImport(in)
	}

	addFileWarnings(&d.diags, in, len(d.replace) > 0)
	return d
}

// keepImport plans for an import that is not replaced.
func (d *decision) keepImport(in planInput) {
	failed := in.state.status().Unsuccessful()
	// An unknown value may become true.
	waits := in.plan.WaitForCompletion.ValueBool() || in.plan.WaitForCompletion.IsUnknown()

	switch {
	case failed && in.plan.RestageOnFailure.IsUnknown():
		addUnknownRestageError(&d.diags, *in.state)
		return
	case failed && in.plan.WaitForCompletion.ValueBool():
		addNotRestagedWarning(&d.diags, *in.state)
	}

	// The update of a failed import is an error, on every apply: anything that
	// depends on this import must not continue as if it had finished.
	if waits && in.state.status() != permissionassist.StatusFinished {
		d.plan.expectNews()
	}

	if in.plan.ApplicationID.IsUnknown() && !isBlank(in.state.ApplicationID) {
		addUnknownApplicationWarning(&d.diags, *in.state)
	}
	if expired(in) {
		addKeptTooOldWarning(&d.diags, in)
	}

	switch {
	case in.adopted != nil && noFiles(in.state.Files) && !noFiles(in.plan.Files):
		d.adopted = newAdoptedImport(in.files)
		addAdoptedFilesWarning(&d.diags, *in.state)
	case hasUnknown(in.plan.Files):
		addUnknownFilesWarning(&d.diags, *in.state)
	}
}

// otherApplication: an unknown application does not count as a different one. A
// data source that is read during apply makes it unknown, and almost always
// returns the same ID.
func otherApplication(in planInput) bool {
	return !isBlank(in.state.ApplicationID) && !in.plan.ApplicationID.IsUnknown() &&
		!permissionassist.SameGUID(in.state.ApplicationID.ValueString(), in.plan.ApplicationID.ValueString())
}

// otherTriggers: an unknown trigger is a reason to replace. If the state has no
// triggers, as after terraform import, new ones are adopted.
func otherTriggers(in planInput) bool {
	emptied := len(in.state.Triggers.Elements()) == 0 && in.plan.Triggers.IsNull()
	return !in.state.Triggers.IsNull() && !emptied && !in.state.Triggers.Equal(in.plan.Triggers)
}

// otherFileGroups: adding or removing files does not replace an import that
// Terraform did not stage. Unknown files do not count as different.
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
// import, with the files at the time of adoption. A file that cannot be read
// counts as unchanged.
func otherContent(in planInput) bool {
	before := byGroup(knownStrings(in.state.FilesSHA256))
	if in.adopted != nil {
		before = in.adopted.Files
	}

	for group, file := range byGroup(in.files) {
		if sum, ok := before[group]; ok && file.sum != "" && file.sum != sum {
			return true
		}
	}
	return false
}

// restages: an unsuccessful import is replaced if restage_on_failure is true.
func restages(in planInput) bool {
	return in.state.status().Unsuccessful() && in.plan.RestageOnFailure.ValueBool()
}

// expectNews plans a wait for the import: attributes that change until its end
// are unknown, and so are attributes that the server has not reported so far.
// The application stays known, or resources that depend on its ID would be
// replaced.
func (m *applicationImportModel) expectNews() {
	m.Status = types.StringUnknown()
	m.BuildStart = types.StringUnknown()
	m.BuildEnd = types.StringUnknown()
	m.Metrics = jsontypes.NewNormalizedUnknown()

	if m.Application.IsNull() {
		m.Application = types.ObjectUnknown(applicationTypes())
	}

	if m.Number.IsNull() {
		m.Number = types.Int64Unknown()
	}

	if m.Type.IsNull() {
		m.Type = types.StringUnknown()
	}

	if m.CreatedBy.IsNull() {
		m.CreatedBy = types.StringUnknown()
	}
}

// keepPlanned restores the planned values that must not change during an apply,
// because other resources were planned with them.
func (m *applicationImportModel) keepPlanned(planned reportedImportModel) {
	if !planned.Application.IsNull() {
		m.Application = planned.Application
	}

	if !planned.Number.IsNull() {
		m.Number = planned.Number
	}

	if !planned.Type.IsNull() {
		m.Type = planned.Type
	}

	if !planned.CreatedBy.IsNull() {
		m.CreatedBy = planned.CreatedBy
	}
}

// isBlank reports whether the string has no value. The application in the state
// has none after terraform import from a server that does not report it.
func isBlank(s types.String) bool { return s.ValueString() == "" }

// stopsApply explains what happens if an assumption of a plan is wrong.
const stopsApply = "Terraform stops the apply with \"Provider produced inconsistent final plan\". That is not a bug, and this import is " +
	"neither replaced nor canceled. In that case, run terraform apply again: it will replace the import."

func addUnknownApplicationWarning(diags *diag.Diagnostics, state applicationImportModel) {
	name := "the application"
	if app := state.known().Application; app != nil && app.Name != "" {
		name = app.Name
	}

	diags.AddAttributeWarning(path.Root("application_id"), "Application is known only after apply", fmt.Sprintf(
		"The plan assumes that the application stays %s (ID %s), so it keeps %s.\n\nIf it turns out to be another application, %s",
		name, state.ApplicationID.ValueString(), state.known(), stopsApply))
}

func addUnknownFilesWarning(diags *diag.Diagnostics, state applicationImportModel) {
	diags.AddAttributeWarning(path.Root("files"), "Files are known only after apply", fmt.Sprintf(
		"The plan assumes that the files do not change, so it keeps %s.\n\nIf they turn out to be different, %s To upload the files in the "+
			"same apply, change triggers as well.", state.known(), stopsApply))
}

func addAdoptedFilesWarning(diags *diag.Diagnostics, state applicationImportModel) {
	diags.AddAttributeWarning(path.Root("files"), "Files are not uploaded", fmt.Sprintf(
		"%s came from terraform import: Terraform keeps it and only remembers the files. If their content changes later, they are uploaded. "+
			"To upload them now, run: terraform apply -replace=ADDRESS", importName(state.known())))
}

// addFileWarnings reports files that cannot be read at plan. Not errors: the
// same apply may write a file, and a destroy needs no files.
func addFileWarnings(diags *diag.Diagnostics, in planInput, uploads bool) {
	for _, group := range slices.Sorted(maps.Keys(in.files)) {
		err := in.files[group].err
		if err == nil {
			continue
		}

		next := "This plan does not upload it, and assumes that its content has not changed."
		if uploads {
			next = "The file must exist and must not be empty when this plan is applied. If another resource writes the file, make the import " +
				"depend on that resource and ignore this warning."
		}

		diags.AddAttributeWarning(path.Root("files").AtMapKey(group), "File cannot be read", joinParagraphs(sentence(err), next))
	}
}

// defaultFromAttribute makes the planned value of another attribute the
// default of this one.
type defaultFromAttribute struct{ other path.Path }

func (m defaultFromAttribute) Description(context.Context) string {
	return fmt.Sprintf("defaults to the value of %s", m.other)
}

func (m defaultFromAttribute) MarkdownDescription(context.Context) string {
	return fmt.Sprintf("defaults to the value of `%s`", m.other)
}

func (m defaultFromAttribute) PlanModifyBool(ctx context.Context, req planmodifier.BoolRequest, resp *planmodifier.BoolResponse) {
	if req.ConfigValue.IsNull() {
		resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, m.other, &resp.PlanValue)...)
	}
}
