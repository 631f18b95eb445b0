package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func newApplicationImportDataSource() datasource.DataSource {
	return &applicationImportDataSource{}
}

// applicationImportDataSource reads one import: by its ID, by its number, or as
// the latest of an application.
type applicationImportDataSource struct {
	conn *connection
}

// applicationImportDataModel is the data source in configuration and state.
type applicationImportDataModel struct {
	completeImportModel
	Application   types.Object      `tfsdk:"application"`
	ApplicationID types.String      `tfsdk:"application_id"`
	Statuses      types.Set         `tfsdk:"statuses"`
	Log           types.String      `tfsdk:"log"`
	Files         []importFileModel `tfsdk:"files"`
}

// importFileModel is an uploaded file of an import.
type importFileModel struct {
	ID          types.String `tfsdk:"id"`
	FileGroupID types.String `tfsdk:"file_group_id"`
	FileGroup   types.String `tfsdk:"file_group"`
	Name        types.String `tfsdk:"name"`
}

// fromAPI sets the attributes from a response.
func (m *applicationImportDataModel) fromAPI(ctx context.Context, imp permissionassist.ApplicationImport) diag.Diagnostics {
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

	app, diags := applicationObject(ctx, imp.Application)
	m.Application = app
	diags.Append(m.completeImportModel.fromAPI(imp)...)
	return diags
}

// noImports explains that none of the application's imports is the requested one.
func (m *applicationImportDataModel) noImports(statuses []string) string {
	what, next := "no imports", "If it is right, stage an import of the application first, for example with the resource "+
		"permissionassist_application_import."
	switch {
	case !m.Number.IsNull():
		what, next = fmt.Sprintf("no import #%d", m.Number.ValueInt64()), "Check the number, too."
	case len(statuses) > 0:
		what, next = "no import with the status "+strings.Join(statuses, " or "), "Check the statuses, too."
	}
	return fmt.Sprintf("Application %s has %s in Permission Assist. Check the application's ID. %s", guidOf(m.ApplicationID), what, next)
}

func (d *applicationImportDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application_import"
}

func (d *applicationImportDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := listedImportDataAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "GUID of the import. Case does not matter. Exactly one of `id` and `application_id` is required.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{guidCheck()},
	}
	attributes["application_id"] = schema.StringAttribute{
		MarkdownDescription: "GUID of an application. Reads its import with the highest number, the latest one that matches `statuses`, or the " +
			"one with `number`. The lookup fails if there is no such import. Case does not matter. Exactly one of `id` and " +
			"`application_id` is required.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{applicationIDCheck()},
	}
	attributes["statuses"] = schema.SetAttribute{
		MarkdownDescription: "Read the latest import of `application_id` that has one of these statuses, for example `[\"Finished\"]` for the last " +
			"successful import. For possible values, see `status`. Case does not matter. Conflicts with `number`. Default: any status.",
		Optional:    true,
		ElementType: types.StringType,
		Validators: append(statusesChecks(),
			setvalidator.AlsoRequires(path.MatchRoot("application_id")), setvalidator.ConflictsWith(path.MatchRoot("number"))),
	}
	attributes["number"] = schema.Int64Attribute{
		MarkdownDescription: "Number of the import, as people see it in Permission Assist. Set it, together with `application_id`, to read that " +
			"import. Null if the server does not report it.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.Int64{int64validator.AtLeast(1), int64validator.AlsoRequires(path.MatchRoot("application_id"))},
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
		MarkdownDescription: "Text of the log so far, which can be long. Sensitive, because it can name people and accounts. Null if the server " +
			"does not report it.",
		Computed:  true,
		Sensitive: true,
	}
	attributes["files"] = schema.ListNestedAttribute{
		MarkdownDescription: "Files that were uploaded for the import. Use `file_group_id` as a key in the resource's `files`. Null if the " +
			"server does not report them.",
		Computed: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":            schema.StringAttribute{Computed: true, MarkdownDescription: "GUID of the file."},
			"file_group_id": schema.StringAttribute{Computed: true, MarkdownDescription: "GUID of the file group of the connector."},
			"file_group":    schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the file group."},
			"name":          schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the file."},
		}},
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an import from Permission Assist, by ID, by number, or as the latest of an application, with its log and files. On a " +
			"server that has only the list of imports, `created_by`, `files`, `log` and `metrics` are null.",
		Attributes: attributes,
	}
}

// listedImportDataAttributes returns the data source attributes for
// listedImportModel.
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
			MarkdownDescription: "The application. Null if the server does not report it, for example after it was deleted.",
			Computed:            true,
			Attributes:          applicationDataAttributes(),
		},
	}
}

func (d *applicationImportDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("application_id"))}
}

func (d *applicationImportDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *applicationImportDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var (
		m        applicationImportDataModel
		statuses []string
	)

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	resp.Diagnostics.Append(m.Statuses.ElementsAs(ctx, &statuses, false)...)
	if resp.Diagnostics.HasError() || !requireConnection(d.conn, &resp.Diagnostics) {
		return
	}

	var (
		imp permissionassist.ApplicationImport
		err error
	)

	attribute := path.Root("application_id")

	switch {
	case !m.ID.IsNull():
		attribute = path.Root("id")
		imp, err = d.conn.GetApplicationImport(ctx, m.ID.ValueString())
	case !m.Number.IsNull():
		imp, err = d.conn.FindApplicationImport(ctx, guidOf(m.ApplicationID), m.Number.ValueInt64())
	default:
		imp, err = d.conn.LatestApplicationImport(ctx, guidOf(m.ApplicationID), statuses...)
	}

	switch {
	case errors.Is(err, permissionassist.ErrNoImports):
		resp.Diagnostics.AddAttributeError(attribute, "No import found", m.noImports(statuses))
	case errors.Is(err, permissionassist.ErrNotFound):
		explain.AddErrorAt(&resp.Diagnostics, attribute, "Import not found", err, d.conn.advice())
	case err != nil:
		explain.AddError(&resp.Diagnostics, "Import could not be read", err, d.conn.advice())
	default:
		if imp.LogTooLarge {
			resp.Diagnostics.AddAttributeWarning(path.Root("log"), "Log is too large", fmt.Sprintf(
				"The server's response with the log of %s is larger than 16 MiB, so only the list was read: log, files, metrics and created_by are null.", imp))
		}
		resp.Diagnostics.Append(m.fromAPI(ctx, imp)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}
