package provider

import (
	"context"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func applications() lookup[applicationsModel] {
	return lookup[applicationsModel]{
		name: "applications",
		description: "Lists the applications in Permission Assist that match all filters. An empty result is not an error. All data sources " +
			"for applications in one run share one scan of the server's list.",
		attributes: applicationsAttributes(),
		read:       readApplications,
	}
}

type applicationsModel struct {
	Names           types.Set          `tfsdk:"names"`
	NameRegex       types.String       `tfsdk:"name_regex"`
	Priorities      types.Set          `tfsdk:"priorities"`
	IncludeArchived types.Bool         `tfsdk:"include_archived"`
	Applications    []applicationModel `tfsdk:"applications"`
	IDs             []types.String     `tfsdk:"ids"`
	Missing         types.Set          `tfsdk:"missing"`
}

func applicationsAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"names": optionalSet("List only applications with one of these names. Case, white space and Unicode forms do not matter. If several " +
			"applications have a name, all of them are listed. A name that no application has is in `missing`; it is not an error. An empty set " +
			"matches nothing. Default: any name."),
		"name_regex": optional("Regular expression ([RE2 syntax](https://github.com/google/re2/wiki/Syntax)) that matches a part of the name. "+
			"Use `^` and `$` to match the whole name, and `(?i)` to ignore case. Default: any name.", regexpCheck()),
		"priorities": optionalSet("List only applications with one of these priorities: `None`, `Low`, `Moderate`, `High` or `Critical`. Case "+
			"does not matter. An application without a reported priority does not match. Default: any priority.",
			setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.OneOfCaseInsensitive(permissionassist.Priorities()...))),
		"include_archived": optionalBool("Whether to list archived applications as well. No import can be staged for them. Default: `false`."),
		"applications":     computedObjects("The applications, ordered by name and then by ID.", applicationAttributes()),
		"ids": schema.ListAttribute{
			MarkdownDescription: "GUIDs of the applications, in the order of `applications`. For a `for_each` over many applications, put a map " +
				"into a local (`{ for a in data.permissionassist_applications.all.applications : a.id => a.name }`); `toset` is much slower.",
			Computed: true, ElementType: types.StringType,
		},
		"missing": computedSet("Elements of `names` that no application has, as written in the configuration. An archived application counts " +
			"only with `include_archived`. The other arguments have no effect on it. Null without `names`."),
	}
}

func readApplications(ctx context.Context, conn *connection, m *applicationsModel, diags *diag.Diagnostics) {
	// The validator has already accepted it. An empty expression matches
	// everything.
	name, err := regexp.Compile(m.NameRegex.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("name_regex"), "Invalid regular expression", explain.Sentence(err))
		return
	}

	var all []permissionassist.Application
	if names := elementsOf(m.Names); names == nil || len(names) > 0 {
		all, err = conn.ListApplications(ctx)
	}
	if err != nil {
		explain.AddError(diags, "Applications could not be listed", err, conn.advice())
		return
	}
	m.match(all, name)
}

func (m *applicationsModel) match(all []permissionassist.Application, expression *regexp.Regexp) {
	m.Applications, m.IDs = []applicationModel{}, []types.String{}

	names, priorities := elementsOf(m.Names), elementsOf(m.Priorities)
	found := map[string]bool{} // by the keys of names
	for _, name := range names {
		found[permissionassist.NameKey(name)] = false
	}

	for _, app := range sortedBy(all, func(app permissionassist.Application) []string { return []string{app.Name, app.ID} }) {
		if isArchived(app) && !m.IncludeArchived.ValueBool() {
			continue
		}
		isNamed := names == nil
		for _, key := range app.NameKeys() {
			if _, ok := found[key]; ok && key != "" {
				found[key], isNamed = true, true
			}
		}
		if isNamed && isOneOf(priorities, app.Priority) && expression.MatchString(app.Name) {
			m.Applications = append(m.Applications, newApplicationModel(app))
			m.IDs = append(m.IDs, types.StringValue(app.ID))
		}
	}
	m.Missing = setOrNull(slices.DeleteFunc(names, func(name string) bool { return found[permissionassist.NameKey(name)] }))
}
