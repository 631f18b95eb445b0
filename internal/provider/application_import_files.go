package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var _ validator.Map = filesValidator{}

// filesAttribute is what an import is uploaded from.
func filesAttribute() schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: "Local files to upload, instead of staging by the application's import schedule: for each file group of the " +
			"application's file-based connector, the file group's GUID (in upper or lower case, from the connector's definition) and the path " +
			"of a file, relative to the folder that Terraform runs in. The files are streamed, of any size, and must not be empty. Changing a " +
			"path, a file group or a file's content stages a new import. Every plan reads the files, so they have to stay. Where they are gone, " +
			"take the resource out of the configuration or use `terraform destroy -refresh=false`. Files that are added to a resource that had none, as after `terraform import`, are adopted without an upload: to upload " +
			"them, change `triggers` or apply with `-replace`. Default: none, stage by schedule.",
		Optional:      true,
		ElementType:   types.StringType,
		Validators:    []validator.Map{filesValidator{}},
		PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplaceIf(replaceIfFilesChange, replaceDescription, replaceDescription)},
	}
}

// filesSHA256Attribute is what makes a change of a file's content a change of
// the resource.
func filesSHA256Attribute() schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: "SHA-256 of the content of each of the `files`, in hexadecimal digits, by file group; null without files. It is " +
			"read at plan; a content that differs from what the state has stages a new import. Only what was planned is uploaded: a file " +
			"that changes between plan and apply is an error (Terraform calls it an inconsistent final plan), and the next plan has the new " +
			"content.",
		Computed:    true,
		ElementType: types.StringType,
	}
}

// filesValidator accepts files by the GUIDs of their file groups.
type filesValidator struct{}

// Description implements validator.Map.
func (filesValidator) Description(context.Context) string {
	return "must have the path of a file for each file group's GUID"
}

// MarkdownDescription implements validator.Map.
func (v filesValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateMap implements validator.Map.
func (filesValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	files := req.ConfigValue.Elements()
	if len(files) == 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "No files to upload",
			"The map files must not be empty; leave it out to stage by the application's import schedule.")
	}

	spelled := map[string]string{}

	for _, key := range slices.Sorted(maps.Keys(files)) {
		at, group := req.Path.AtMapKey(key), strings.ToLower(key)

		if err := permissionassist.ValidateGUID(key); err != nil {
			resp.Diagnostics.AddAttributeError(at, "Invalid GUID of a file group",
				sentence(err)+" The application's connector defines the file groups.")
		} else if before, ok := spelled[group]; ok {
			resp.Diagnostics.AddAttributeError(at, "File group given twice",
				fmt.Sprintf("%q and %q are the same file group: GUIDs are compared without regard to case.", before, key))
		}

		spelled[group] = key

		if file, ok := files[key].(types.String); ok && !file.IsUnknown() && strings.TrimSpace(file.ValueString()) == "" {
			resp.Diagnostics.AddAttributeError(at, "Missing path",
				fmt.Sprintf("The path of the file for the file group %s must not be empty.", key))
		}
	}
}

// replaceIfFilesChange: as replaceIfWasKnown; and file groups are compared
// without regard to case.
func replaceIfFilesChange(_ context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = otherFiles(req.StateValue, req.PlanValue)
}

func otherFiles(state, plan types.Map) bool {
	return !state.IsNull() && !sameByGroup(state, plan)
}

// otherContent tells whether the files are not those that the state's import
// was uploaded from. A state that does not say is no difference.
func (m *applicationImportModel) otherContent(prior applicationImportModel) bool {
	return !prior.FilesSHA256.IsNull() && !sameByGroup(prior.FilesSHA256, m.FilesSHA256)
}

// sameByGroup tells whether both have the same for each file group.
func sameByGroup(a, b types.Map) bool {
	return maps.EqualFunc(byGroup(a), byGroup(b), attr.Value.Equal)
}

func byGroup(m types.Map) map[string]attr.Value {
	out := map[string]attr.Value{}
	for key, value := range m.Elements() {
		out[strings.ToLower(key)] = value
	}

	return out
}

// hashFiles sets files_sha256 to what the files' content is now, as far as
// their paths are known. A file that could not be uploaded is an error.
func (m *applicationImportModel) hashFiles(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics

	switch {
	case m.Files.IsUnknown():
		m.FilesSHA256 = types.MapUnknown(types.StringType)

		return nil
	case m.Files.IsNull():
		m.FilesSHA256 = types.MapNull(types.StringType)

		return nil
	}

	files, sums := m.Files.Elements(), map[string]attr.Value{}

	for _, key := range slices.Sorted(maps.Keys(files)) {
		file, ok := files[key].(types.String)
		if !ok || file.IsUnknown() {
			sums[key] = types.StringUnknown()

			continue
		}

		sum, err := permissionassist.HashFile(ctx, file.ValueString())
		if err != nil {
			addUnusableFileError(&diags, key, err)
		}

		sums[key] = types.StringValue(sum)
	}

	sha256, more := types.MapValue(types.StringType, sums)
	m.FilesSHA256 = sha256
	diags.Append(more...)

	return diags
}

// stage stages the import on the server: from the files, where there are any.
func (r *applicationImportResource) stage(ctx context.Context, m *applicationImportModel, diags *diag.Diagnostics) (permissionassist.Import, bool) {
	if m.Files.IsNull() {
		imp, err := r.client.StageImport(ctx, m.ApplicationID.ValueString())
		if err != nil {
			addStageError(diags, err)
		}

		return imp, err == nil
	}

	diags.Append(m.learnFiles(ctx)...)

	if diags.HasError() {
		return permissionassist.Import{}, false
	}

	files := knownStrings(m.Files)

	imp, err := r.client.UploadImport(ctx, m.ApplicationID.ValueString(), files, knownStrings(m.FilesSHA256))
	if err != nil {
		addStageError(diags, err, slices.Collect(maps.Keys(files))...)
	}

	return imp, err == nil
}

// learnFiles sets what could not be planned of files_sha256, because a path
// was not known. What was planned stays: nothing else may be uploaded.
// (Terraform plans again at apply, so that nothing is left to learn; the
// protocol does not promise that.)
func (m *applicationImportModel) learnFiles(ctx context.Context) diag.Diagnostics {
	planned := byGroup(m.FilesSHA256)
	if !m.FilesSHA256.IsUnknown() && !slices.ContainsFunc(slices.Collect(maps.Values(planned)), attr.Value.IsUnknown) {
		return nil
	}

	diags := m.hashFiles(ctx)
	if diags.HasError() || m.FilesSHA256.IsNull() {
		return diags
	}

	sums := m.FilesSHA256.Elements()

	for key := range sums {
		if sum, ok := planned[strings.ToLower(key)]; ok && !sum.IsUnknown() {
			sums[key] = sum
		}
	}

	sha256, more := types.MapValue(types.StringType, sums)
	m.FilesSHA256 = sha256
	diags.Append(more...)

	return diags
}

// knownStrings are the elements that have a value.
func knownStrings(m types.Map) map[string]string {
	out := map[string]string{}

	for key, value := range m.Elements() {
		if s, ok := value.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			out[key] = s.ValueString()
		}
	}

	return out
}
