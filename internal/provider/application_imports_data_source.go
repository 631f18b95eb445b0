package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
)

func newApplicationImportsDataSource() datasource.DataSource {
	return &applicationImportsDataSource{}
}

// applicationImportsDataSource lists imports.
type applicationImportsDataSource struct {
	conn *connection
}

// applicationImportsModel is the data source in configuration and state.
type applicationImportsModel struct {
	ApplicationID types.String        `tfsdk:"application_id"`
	Statuses      types.Set           `tfsdk:"statuses"`
	Imports       []listedImportModel `tfsdk:"imports"`
}

func (d *applicationImportsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application_imports"
}

func (d *applicationImportsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the imports in Permission Assist that match all filters. An empty result is not an error. All pages of the " +
			"list are read, 50 imports each, so set `application_id` if you can.",
		Attributes: map[string]schema.Attribute{
			"application_id": schema.StringAttribute{
				MarkdownDescription: listedApplicationDescription,
				Optional:            true,
				Validators:          []validator.String{applicationIDCheck()},
			},
			"statuses": schema.SetAttribute{
				MarkdownDescription: listedStatusesDescription,
				Optional:            true,
				ElementType:         types.StringType,
				Validators:          statusesChecks(),
			},
			"imports": schema.ListNestedAttribute{
				MarkdownDescription: "The imports, ordered by number, highest first. The server's list can change during the read, so " +
					"the statuses may be from different moments.",
				Computed:     true,
				NestedObject: schema.NestedAttributeObject{Attributes: listedImportDataAttributes()},
			},
		},
	}
}

func (d *applicationImportsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *applicationImportsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var (
		m        applicationImportsModel
		statuses []string
	)

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	resp.Diagnostics.Append(m.Statuses.ElementsAs(ctx, &statuses, false)...)
	if resp.Diagnostics.HasError() || !requireConnection(d.conn, &resp.Diagnostics) {
		return
	}

	all, err := d.conn.AllApplicationImports(ctx, guidOf(m.ApplicationID))
	if err != nil {
		explain.AddError(&resp.Diagnostics, "Imports could not be listed", err, d.conn.advice())
		return
	}

	m.Imports = []listedImportModel{}

	for _, imp := range all {
		if !imp.HasStatus(statuses) {
			continue
		}

		var listed listedImportModel

		app, diags := applicationObject(ctx, imp.Application)
		resp.Diagnostics.Append(diags...)
		listed.Application = app
		listed.fromAPI(imp)
		m.Imports = append(m.Imports, listed)
	}

	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}
