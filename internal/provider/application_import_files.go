package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func filesAttribute() schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: "Local files to upload. Each key is the GUID of a file group of the connector, and each value is the path of a " +
			"file. To find the file groups, read `files` of an earlier import with the data source `permissionassist_application_import`. Paths " +
			"are relative to the folder that Terraform runs in. Files can be of any size and must not be empty. A new import is staged if the " +
			"content of a file or the set of file groups changes; the path does not matter. A plan that stages an import only warns about a " +
			"missing file, because the same apply may write it. A plan that keeps an import fails if it cannot read a file. Files that are added " +
			"after `terraform import` are not uploaded, unless you apply with `-replace ADDRESS`. Default: the import uses the files and " +
			"connector settings of the application's import schedule.",
		Optional:    true,
		ElementType: types.StringType,
		Validators:  []validator.Map{filesValidator{"must map file group GUIDs to file paths"}},
	}
}

type filesValidator struct{ described }

func (filesValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	files := req.ConfigValue.Elements()
	if len(files) == 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "No files to upload",
			"The map files is empty. To stage by the application's import schedule, remove it or set it to null.")
	}

	spelled := map[string]string{}

	for _, key := range slices.Sorted(maps.Keys(files)) {
		at, group := req.Path.AtMapKey(key), strings.ToLower(key)
		if err := permissionassist.ValidateGUID(key); err != nil {
			resp.Diagnostics.AddAttributeError(at, "Invalid file group GUID",
				explain.Sentence(err)+" To find the GUID, read the files of an earlier import, or open the connector's definition in Permission "+
					"Assist.")
		} else if before, ok := spelled[group]; ok {
			resp.Diagnostics.AddAttributeError(at, "Duplicate file group",
				fmt.Sprintf("%q and %q are the same file group: GUIDs are compared without regard to case. Remove one of them.", before, key))
		}

		spelled[group] = key

		if file, ok := files[key].(types.String); ok && !file.IsUnknown() {
			if err := permissionassist.ValidatePath(file.ValueString()); err != nil {
				resp.Diagnostics.AddAttributeError(at, "Invalid file path", explain.Sentence(err))
			}
		}
	}
}

// localFile is a file as read during a plan.
type localFile struct {
	// sum is the SHA-256 of its content, empty if it was not read.
	sum string
	// err is the reason why it cannot be uploaded.
	err error
}

// readFiles reads the files whose path is known.
func readFiles(ctx context.Context, files types.Map, read func(context.Context, string) (string, error)) map[string]localFile {
	result := map[string]localFile{}

	for group, path := range knownStrings(files) {
		sum, err := read(ctx, path)
		result[group] = localFile{sum: sum, err: err}
	}
	return result
}

// noFiles reports whether nothing is uploaded. Unknown files count as files.
func noFiles(files types.Map) bool {
	return !files.IsUnknown() && len(files.Elements()) == 0
}

func hasUnknown(m types.Map) bool {
	return m.IsUnknown() || slices.ContainsFunc(slices.Collect(maps.Values(m.Elements())), attr.Value.IsUnknown)
}

// fileGroups returns the file groups in lower case, sorted.
func fileGroups(files types.Map) []string {
	return slices.Sorted(maps.Keys(byGroup(files.Elements())))
}

// byGroup converts file groups to lower case, because GUIDs are
// case-insensitive.
func byGroup[V any](m map[string]V) map[string]V {
	result := make(map[string]V, len(m))
	for group, value := range m {
		result[strings.ToLower(group)] = value
	}
	return result
}
