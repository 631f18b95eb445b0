package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var (
	_ datasource.DataSource              = (*applicationImportsDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*applicationImportsDataSource)(nil)
)

func newApplicationImportsDataSource() datasource.DataSource {
	return &applicationImportsDataSource{}
}

// applicationImportsDataSource lists imports.
type applicationImportsDataSource struct {
	client *permissionassist.Client
}

// applicationImportsModel is the data source in configuration and state.
type applicationImportsModel struct {
	ApplicationID types.String        `tfsdk:"application_id"`
	Statuses      types.Set           `tfsdk:"statuses"`
	Imports       []listedImportModel `tfsdk:"imports"`
}

// Metadata implements datasource.DataSource.
func (d *applicationImportsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application_imports"
}

// Schema implements datasource.DataSource.
func (d *applicationImportsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists imports in Permission Assist, those that all the given filters let through. It is no error if there are " +
			"none. All pages of the server's list are read, 50 imports each; `application_id` makes them fewer.",
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
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"imports": schema.ListNestedAttribute{
				MarkdownDescription: "The imports, each once, ordered by number, the highest first; empty where there are none. The list moves " +
					"while it is read: the statuses need not be of one moment.",
				Computed:     true,
				NestedObject: schema.NestedAttributeObject{Attributes: listedImportDataAttributes()},
			},
		},
	}
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *applicationImportsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.client = clientFrom(req.ProviderData, &resp.Diagnostics)
}

// Read implements datasource.DataSource.
func (d *applicationImportsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var (
		m        applicationImportsModel
		statuses []string
	)

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	resp.Diagnostics.Append(m.Statuses.ElementsAs(ctx, &statuses, false)...)

	if resp.Diagnostics.HasError() || !configured(d.client, &resp.Diagnostics) {
		return
	}

	all, err := d.client.AllImports(ctx, m.ApplicationID.ValueString())
	if err != nil {
		addClientError(&resp.Diagnostics, "Imports could not be listed", err)

		return
	}

	m.Imports = []listedImportModel{}

	for _, imp := range all {
		if !hasStatus(imp, statuses) {
			continue
		}

		var listed listedImportModel

		resp.Diagnostics.Append(listed.report(ctx, imp)...)
		m.Imports = append(m.Imports, listed)
	}

	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}
