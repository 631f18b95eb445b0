package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var (
	_ datasource.DataSource                     = (*applicationImportDataSource)(nil)
	_ datasource.DataSourceWithConfigure        = (*applicationImportDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*applicationImportDataSource)(nil)
)

func newApplicationImportDataSource() datasource.DataSource {
	return &applicationImportDataSource{}
}

// applicationImportDataSource reads one import, by its ID or as the latest of
// an application.
type applicationImportDataSource struct {
	client *permissionassist.Client
}

// applicationImportDataModel is the data source in configuration and state.
type applicationImportDataModel struct {
	reportedImportModel
	ApplicationID types.String      `tfsdk:"application_id"`
	Log           types.String      `tfsdk:"log"`
	Files         []importFileModel `tfsdk:"files"`
}

// importFileModel is one file that an import reads.
type importFileModel struct {
	ID          types.String `tfsdk:"id"`
	FileGroupID types.String `tfsdk:"file_group_id"`
	FileGroup   types.String `tfsdk:"file_group"`
	Name        types.String `tfsdk:"name"`
}

// report takes over what the server says of the import.
func (m *applicationImportDataModel) report(ctx context.Context, imp permissionassist.Import) diag.Diagnostics {
	if m.ApplicationID.IsNull() && imp.Application != nil {
		m.ApplicationID = types.StringValue(imp.Application.ID)
	}

	m.Log = stringOrNull(imp.Log)

	if imp.Files != nil {
		m.Files = make([]importFileModel, 0, len(imp.Files))
	}

	for _, f := range imp.Files {
		m.Files = append(m.Files, importFileModel{
			ID: stringOrNull(f.ID), FileGroupID: stringOrNull(f.FileGroupID), FileGroup: stringOrNull(f.FileGroup), Name: stringOrNull(f.Name),
		})
	}

	return m.reportedImportModel.report(ctx, imp)
}

// Metadata implements datasource.DataSource.
func (d *applicationImportDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application_import"
}

// Schema implements datasource.DataSource.
func (d *applicationImportDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := listedImportDataAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "GUID of the import, in upper or lower case. Exactly one of `id` and `application_id` is required.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{guidCheck()},
	}
	attributes["application_id"] = schema.StringAttribute{
		MarkdownDescription: "GUID of an application, in upper or lower case, whose latest import is read: that with the highest number, " +
			"however it stands. It is an error if there is none. Exactly one of `id` and `application_id` is required; null where the " +
			"import was looked up by `id` and the server does not say.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{applicationIDCheck()},
	}
	attributes["created_by"] = schema.StringAttribute{
		MarkdownDescription: importCreatedByDescription,
		Computed:            true,
	}
	attributes["metrics"] = schema.StringAttribute{
		MarkdownDescription: importMetricsDescription,
		Computed:            true,
		CustomType:          jsontypes.NormalizedType{},
	}
	attributes["log"] = schema.StringAttribute{
		MarkdownDescription: "Text of the build log so far, as the server reports it, which can be long; null where there is none or the " +
			"server does not say.",
		Computed: true,
	}
	attributes["files"] = schema.ListNestedAttribute{
		MarkdownDescription: "The files that were uploaded for the import, in the server's order; empty where there are none, null where " +
			"the server does not say.",
		Computed: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":            schema.StringAttribute{Computed: true, MarkdownDescription: "GUID of the file."},
			"file_group_id": schema.StringAttribute{Computed: true, MarkdownDescription: "GUID of the file group in the connector's definition."},
			"file_group":    schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the file group."},
			"name":          schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the file."},
		}},
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an import of an application from Permission Assist, by its ID or as the application's latest, with its " +
			"log and files. Where the server has no API for one import, the list of imports stands in, and the attributes that it does not " +
			"have are null: `created_by`, `files`, `log` and `metrics`.",
		Attributes: attributes,
	}
}

// listedImportDataAttributes are the attributes of an import inside of a data
// source's result, as far as every answer of the server has them.
func listedImportDataAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "GUID of the import, as the server spells it.",
			Computed:            true,
		},
		"number": schema.Int64Attribute{
			MarkdownDescription: importNumberDescription,
			Computed:            true,
		},
		"type": schema.StringAttribute{
			MarkdownDescription: importTypeDescription,
			Computed:            true,
		},
		"status": schema.StringAttribute{
			MarkdownDescription: importStatusDescription,
			Computed:            true,
		},
		"build_start": schema.StringAttribute{
			MarkdownDescription: importBuildStartDescription,
			Computed:            true,
		},
		"build_end": schema.StringAttribute{
			MarkdownDescription: importBuildEndDescription,
			Computed:            true,
		},
		"application": schema.SingleNestedAttribute{
			MarkdownDescription: "The imported application; null where the server does not say, such as after it was removed.",
			Computed:            true,
			Attributes:          applicationDataAttributes(),
		},
	}
}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (d *applicationImportDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("application_id"))}
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *applicationImportDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.client = clientFrom(req.ProviderData, &resp.Diagnostics)
}

// Read implements datasource.DataSource.
func (d *applicationImportDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m applicationImportDataModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() || !configured(d.client, &resp.Diagnostics) {
		return
	}

	var (
		imp permissionassist.Import
		err error
	)

	asked := path.Root("id")

	if m.ID.IsNull() {
		asked = path.Root("application_id")
		imp, err = d.client.LatestImport(ctx, m.ApplicationID.ValueString())
	} else {
		imp, err = d.client.GetImport(ctx, m.ID.ValueString(), "")
	}

	switch {
	case errors.Is(err, permissionassist.ErrNoImports):
		resp.Diagnostics.AddAttributeError(asked, "No import found", fmt.Sprintf(
			"Permission Assist has no import of an application with the ID %s. Check the ID; if it is right, stage an import of the "+
				"application first, for example with the resource permissionassist_application_import.", m.ApplicationID.ValueString()))
	case isGone(err):
		resp.Diagnostics.AddAttributeError(asked, "Import not found", joinParagraphs(whatHappened(err), nextStep(err)))
	case err != nil:
		addClientError(&resp.Diagnostics, "Import could not be read", err)
	default:
		resp.Diagnostics.Append(m.report(ctx, imp)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}
