package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var (
	_ datasource.DataSource                     = (*applicationDataSource)(nil)
	_ datasource.DataSourceWithConfigure        = (*applicationDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*applicationDataSource)(nil)
)

func newApplicationDataSource() datasource.DataSource {
	return &applicationDataSource{}
}

// applicationDataSource finds one application by ID or name.
type applicationDataSource struct {
	client *permissionassist.Client
}

// Metadata implements datasource.DataSource.
func (d *applicationDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application"
}

// Schema implements datasource.DataSource.
func (d *applicationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := applicationDataAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "GUID of the application, in upper or lower case. Exactly one of `id` and `name` is required.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{applicationIDCheck()},
	}
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "Name of the application, compared without regard to case. It is an error if there is none or more than one " +
			"of that name. Exactly one of `id` and `name` is required.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	attributes["details"] = schema.StringAttribute{
		MarkdownDescription: "What the server says of one application beyond the attributes above, such as its connector's configuration " +
			"and its last import, as normalised JSON of a shape that the vendor does not document; read it with `jsondecode`. It is kept " +
			"in the state like everything else that is read, and is marked sensitive because nobody has promised that a connector's " +
			"configuration has no secrets. Null where there is nothing, and for a look-up by `name`, which reads the list only: look up " +
			"by `id` to have it.",
		Computed:   true,
		Sensitive:  true,
		CustomType: jsontypes.NormalizedType{},
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds an application in Permission Assist by its ID or its name. All look-ups by name in one run share one " +
			"scan of the server's list. Archived applications are found too, with a warning, because nothing can be staged for them.",
		Attributes: attributes,
	}
}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (d *applicationDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *applicationDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.client = clientFrom(req.ProviderData, &resp.Diagnostics)
}

// Read implements datasource.DataSource.
func (d *applicationDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m applicationDetailsModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() || !configured(d.client, &resp.Diagnostics) {
		return
	}

	var (
		app permissionassist.Application
		ok  bool
	)

	if m.ID.IsNull() {
		app, ok = d.findByName(ctx, m.Name.ValueString(), &resp.Diagnostics)
	} else {
		app, ok = d.getByID(ctx, m.ID.ValueString(), &resp.Diagnostics)
	}

	if !ok {
		return
	}

	if app.IsArchived != nil && *app.IsArchived {
		resp.Diagnostics.AddWarning("Application is archived", fmt.Sprintf(
			"The application %s (ID %s) is archived: no import can be staged for it.", permissionassist.PrintableLine(app.Name), app.ID))
	}

	found := newApplicationDetailsModel(app)

	// What the configuration says stays as it is spelled there.
	if !m.ID.IsNull() {
		found.ID = m.ID
	} else {
		found.Name = m.Name
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, &found)...)
}

func (d *applicationDataSource) getByID(ctx context.Context, id string, diags *diag.Diagnostics) (permissionassist.Application, bool) {
	app, err := d.client.GetApplication(ctx, id)

	switch {
	case isGone(err):
		diags.AddAttributeError(path.Root("id"), "Application not found", joinParagraphs(whatHappened(err), nextStep(err)))
	case err != nil:
		addClientError(diags, "Application could not be read", err)
	}

	return app, err == nil
}

func (d *applicationDataSource) findByName(ctx context.Context, name string, diags *diag.Diagnostics) (permissionassist.Application, bool) {
	found, err := d.client.FindApplications(ctx, name)
	if err != nil {
		addClientError(diags, "Applications could not be listed", err)

		return permissionassist.Application{}, false
	}

	switch len(found) {
	case 1:
		return found[0], true
	case 0:
		all, err := d.client.ListApplications(ctx)
		if err != nil {
			addClientError(diags, "Applications could not be listed", err)

			return permissionassist.Application{}, false
		}

		diags.AddAttributeError(path.Root("name"), "Application not found", describeUnknownName(name, all))
	default:
		diags.AddAttributeError(path.Root("name"), "Several applications have that name", fmt.Sprintf(
			"The name %q belongs to more than one application:\n%s\n\nUse id instead of name.", name, applicationLines(found)))
	}

	return permissionassist.Application{}, false
}

func describeUnknownName(name string, all []permissionassist.Application) string {
	what := fmt.Sprintf("None of the %d applications in Permission Assist is named %q.", len(all), name)

	similar := similarApplications(name, all)
	if len(similar) == 0 {
		return joinParagraphs(what, "No name is similar. Check the name in Permission Assist (Manage > Applications).")
	}

	return joinParagraphs(what, "Similar names:\n"+applicationLines(similar))
}

func applicationLines(apps []permissionassist.Application) string {
	lines := make([]string, 0, len(apps))

	for _, app := range apps {
		line := fmt.Sprintf("  - %s (ID %s)", permissionassist.PrintableLine(app.Name), app.ID)
		if app.IsArchived != nil && *app.IsArchived {
			line += ", archived"
		}

		lines = append(lines, line)
	}

	return strings.Join(lines, "\n")
}
