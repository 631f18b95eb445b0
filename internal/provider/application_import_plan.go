package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var (
	_ planmodifier.String = keepSameGUID{}
	_ planmodifier.Bool   = defaultFromAttribute{}
)

// ModifyPlan implements resource.ResourceWithModifyPlan: it looks at the files
// and decides what an import that is in the state already still needs.
func (r *applicationImportResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state, plan applicationImportModel

	if req.Plan.Raw.IsNull() {
		// Destroying takes no files.
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		addCancelsUndecidedWarning(&resp.Diagnostics, state)

		return
	}

	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)

	if resp.Diagnostics.HasError() {
		return
	}

	resp.Diagnostics.Append(plan.hashFiles(ctx)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("files_sha256"), plan.FilesSHA256)...)

	if resp.Diagnostics.HasError() || req.State.Raw.IsNull() {
		return
	}

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() {
		return
	}

	// What is not known yet may turn out to be true, and a plan may only become
	// more precise until it is applied.
	waits := plan.WaitForCompletion.ValueBool() || plan.WaitForCompletion.IsUnknown()

	// The framework has planned every reported attribute as unknown where the
	// configuration differs in anything. Settings change none of them.
	plan.reportedFrom(state)

	if plan.otherContent(state) {
		resp.RequiresReplace.Append(path.Root("files_sha256"))
	}

	replaced := plan.otherImport(state)
	if replaced {
		addCancelsUndecidedWarning(&resp.Diagnostics, state)
	}

	switch {
	case replaced:
		// Another import is staged in any case.
	case state.status().Unsuccessful() && plan.RestageOnFailure.IsUnknown():
		addUnknownRestageError(&resp.Diagnostics, state)

		return
	case state.status().Unsuccessful() && plan.RestageOnFailure.ValueBool():
		plan.expectNews()
		resp.RequiresReplace.Append(path.Root("status"))
	case state.status().Unsuccessful() && waits:
		// The update is an error: what waits for this import must not go on as
		// if it had finished, however often it is applied.
		plan.expectNews()

		if plan.WaitForCompletion.ValueBool() {
			addNotRestagedWarning(&resp.Diagnostics, state)
		}
	case !state.status().Terminal() && waits:
		plan.expectNews()
	}

	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// expectNews plans that the import is waited for: what moves until its end is
// unknown, and so is what never changes but was not reported so far. The
// application stays as it was read, or what depends on its ID would be replaced.
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

// keepPlanned puts back what a plan for this import has promised, and is not
// what it is waited for: what depends on it is planned with that.
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

// keepSameGUID keeps a GUID's spelling in the state where the configuration
// differs from it only in case.
type keepSameGUID struct{}

// Description implements planmodifier.String.
func (keepSameGUID) Description(context.Context) string {
	return "compares GUIDs without regard to case"
}

// MarkdownDescription implements planmodifier.String.
func (m keepSameGUID) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (keepSameGUID) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if !req.StateValue.IsNull() && permissionassist.SameGUID(req.StateValue.ValueString(), req.PlanValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

const replaceDescription = "stages a new import on change, unless the state had no value to compare with"

// replaceIfWasKnown: a value that the state does not have, as after an import
// or an upgrade, is adopted in place.
func replaceIfWasKnown(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = otherApplication(req.StateValue, req.PlanValue)
}

func otherApplication(state, plan types.String) bool {
	return !state.IsNull() && !state.Equal(plan)
}

// replaceIfTriggersChange: as replaceIfWasKnown; and triggers without elements
// are the same as none.
func replaceIfTriggersChange(_ context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = otherTriggers(req.StateValue, req.PlanValue)
}

func otherTriggers(state, plan types.Map) bool {
	emptied := len(state.Elements()) == 0 && plan.IsNull()

	return !state.IsNull() && !emptied && !state.Equal(plan)
}

// otherImport tells whether a plan stages a new import in place of the state's,
// for what it is to be of.
func (m *applicationImportModel) otherImport(state applicationImportModel) bool {
	return otherApplication(state.ApplicationID, m.ApplicationID) || otherTriggers(state.Triggers, m.Triggers) ||
		otherFiles(state.Files, m.Files) || m.otherContent(state)
}

// defaultFromAttribute makes the planned value of another attribute the
// default of this one.
type defaultFromAttribute struct{ other path.Path }

// Description implements planmodifier.Bool.
func (m defaultFromAttribute) Description(context.Context) string {
	return fmt.Sprintf("defaults to the value of %s", m.other)
}

// MarkdownDescription implements planmodifier.Bool.
func (m defaultFromAttribute) MarkdownDescription(context.Context) string {
	return fmt.Sprintf("defaults to the value of `%s`", m.other)
}

// PlanModifyBool implements planmodifier.Bool.
func (m defaultFromAttribute) PlanModifyBool(ctx context.Context, req planmodifier.BoolRequest, resp *planmodifier.BoolResponse) {
	if req.ConfigValue.IsNull() {
		resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, m.other, &resp.PlanValue)...)
	}
}
