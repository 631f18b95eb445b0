package provider

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var (
	_ datasource.DataSource              = (*applicationsDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*applicationsDataSource)(nil)
)

func newApplicationsDataSource() datasource.DataSource {
	return &applicationsDataSource{}
}

// applicationsDataSource lists applications.
type applicationsDataSource struct {
	client *permissionassist.Client
}

// applicationsModel is the data source in configuration and state.
type applicationsModel struct {
	NameRegex       types.String       `tfsdk:"name_regex"`
	Priorities      types.Set          `tfsdk:"priorities"`
	IncludeArchived types.Bool         `tfsdk:"include_archived"`
	Applications    []applicationModel `tfsdk:"applications"`
	IDs             []types.String     `tfsdk:"ids"`
}

// Metadata implements datasource.DataSource.
func (d *applicationsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_applications"
}

// Schema implements datasource.DataSource.
func (d *applicationsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists applications in Permission Assist, those that all the given filters let through. It is no error if there " +
			"are none. Everything that looks for applications in one run shares one scan of the server's list.",
		Attributes: map[string]schema.Attribute{
			"name_regex": schema.StringAttribute{
				MarkdownDescription: "Regular expression, in [RE2's syntax](https://github.com/google/re2/wiki/Syntax), that matches the name " +
					"or a part of it. Case matters unless it begins with `(?i)`; `^` and `$` stand for the beginning and the end of the " +
					"name. Default: any name.",
				Optional:   true,
				Validators: []validator.String{regexpCheck()},
			},
			"priorities": schema.SetAttribute{
				MarkdownDescription: "Priorities that an application may have, without regard to case, at least one of `None`, `Low`, " +
					"`Moderate`, `High` and `Critical`. An application of which the server does not say the priority has none of them. Default: any priority.",
				Optional:    true,
				ElementType: types.StringType,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.OneOfCaseInsensitive(permissionassist.Priorities()...)),
				},
			},
			"include_archived": schema.BoolAttribute{
				MarkdownDescription: "Whether to list archived applications too; nothing can be staged for those. An application counts as " +
					"not archived where the server does not say. Default: `false`.",
				Optional: true,
			},
			"applications": schema.ListNestedAttribute{
				MarkdownDescription: "The applications, ordered by name without regard to case, then by ID; empty where there are none.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: applicationDataAttributes()},
			},
			"ids": schema.ListAttribute{
				MarkdownDescription: "GUIDs of the applications, in the order of `applications`. For a `for_each` over many, have a map of them in a " +
					"local (`{ for a in data.permissionassist_applications.all.applications : a.name => a.id }`): with a set (`toset`) of " +
					"1000, Terraform spends some 20 seconds on the expression.",
				Computed:    true,
				ElementType: types.StringType,
			},
		},
	}
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *applicationsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.client = clientFrom(req.ProviderData, &resp.Diagnostics)
}

// Read implements datasource.DataSource.
func (d *applicationsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var (
		m          applicationsModel
		priorities []string
	)

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	resp.Diagnostics.Append(m.Priorities.ElementsAs(ctx, &priorities, false)...)

	if resp.Diagnostics.HasError() || !configured(d.client, &resp.Diagnostics) {
		return
	}

	// The validator has been here before. No expression matches everything.
	name, err := regexp.Compile(m.NameRegex.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("name_regex"), "Invalid regular expression", sentence(err))

		return
	}

	all, err := d.client.ListApplications(ctx)
	if err != nil {
		addClientError(&resp.Diagnostics, "Applications could not be listed", err)

		return
	}

	m.Applications, m.IDs = []applicationModel{}, []types.String{}

	for _, app := range sortedApplications(all) {
		switch {
		case app.IsArchived != nil && *app.IsArchived && !m.IncludeArchived.ValueBool(),
			!m.Priorities.IsNull() && !slices.ContainsFunc(priorities, func(p string) bool { return strings.EqualFold(p, app.Priority) }),
			!name.MatchString(app.Name):
			continue
		}

		m.Applications = append(m.Applications, newApplicationModel(app))
		m.IDs = append(m.IDs, types.StringValue(app.ID))
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// sortedApplications gives the applications in an order that does not depend
// on the server: by name without regard to case, then by ID. What it is given
// is shared and stays as it is.
func sortedApplications(all []permissionassist.Application) []permissionassist.Application {
	return slices.SortedFunc(slices.Values(all), func(a, b permissionassist.Application) int {
		return cmp.Or(
			strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
			strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)),
		)
	})
}
