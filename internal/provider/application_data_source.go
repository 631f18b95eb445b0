package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func newApplicationDataSource() datasource.DataSource {
	return &applicationDataSource{}
}

// applicationDataSource finds one application by ID or name.
type applicationDataSource struct {
	conn *connection
}

func (d *applicationDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application"
}

func (d *applicationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := applicationDataAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "GUID of the application. Case does not matter. Exactly one of `id` and `name` is required.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{applicationIDCheck()},
	}
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "Name of the application. Case, white space and Unicode forms do not matter. If several applications have the " +
			"name, the lookup returns the only one that is not archived, or else fails. Exactly one of `id` and `name` is required.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds an application in Permission Assist by ID or name. All lookups by name in one run share one scan of the " +
			"server's list. For an archived application, the lookup succeeds with a warning, because you cannot stage an import for it.",
		Attributes: attributes,
	}
}

func (d *applicationDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

func (d *applicationDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *applicationDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m applicationModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !requireConnection(d.conn, &resp.Diagnostics) {
		return
	}

	var (
		app permissionassist.Application
		ok  bool
	)

	if m.ID.IsNull() {
		app, ok = d.findByName(ctx, m.Name.ValueString(), &resp.Diagnostics)
	} else {
		app, ok = d.getByID(ctx, guidOf(m.ID), &resp.Diagnostics)
	}

	if !ok {
		return
	}

	if isArchived(app) {
		resp.Diagnostics.AddWarning("Application is archived", fmt.Sprintf(
			"The application %s (ID %s) is archived: no import can be staged for it. To import it, restore it in Permission Assist first.", app.Name, app.ID))
	}

	found := newApplicationModel(app)

	// A configured value keeps its spelling.
	if !m.ID.IsNull() {
		found.ID = m.ID
	} else {
		found.Name = m.Name
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, &found)...)
}

func (d *applicationDataSource) getByID(ctx context.Context, id string, diags *diag.Diagnostics) (permissionassist.Application, bool) {
	app, err := d.conn.GetApplication(ctx, id)

	switch {
	case errors.Is(err, permissionassist.ErrNotFound):
		explain.AddErrorAt(diags, path.Root("id"), "Application not found", err, d.conn.advice())
	case err != nil:
		explain.AddError(diags, "Application could not be read", err, d.conn.advice())
	}
	return app, err == nil
}

func (d *applicationDataSource) findByName(ctx context.Context, name string, diags *diag.Diagnostics) (permissionassist.Application, bool) {
	found, err := d.conn.FindApplications(ctx, name)
	if err != nil {
		explain.AddError(diags, "Applications could not be listed", err, d.conn.advice())
		return permissionassist.Application{}, false
	}

	// Only an application that is not archived can be imported.
	active := slices.DeleteFunc(slices.Clone(found), isArchived)
	switch {
	case len(found) == 1:
		return found[0], true
	case len(active) == 1:
		archived := slices.DeleteFunc(slices.Clone(found), func(app permissionassist.Application) bool { return !isArchived(app) })
		diags.AddAttributeWarning(path.Root("name"), "Archived applications have the same name", fmt.Sprintf(
			"Several applications are named %q. The only one that is not archived (ID %s) is used. Archived:\n%s\n\nTo silence this warning, set id "+
				"instead of name.", name, active[0].ID, applicationLines(archived)))
		return active[0], true
	case len(found) == 0:
		all, err := d.conn.ListApplications(ctx)
		if err != nil {
			explain.AddError(diags, "Applications could not be listed", err, d.conn.advice())
			return permissionassist.Application{}, false
		}
		diags.AddAttributeError(path.Root("name"), "Application not found", describeUnknownName(name, all))
	default:
		diags.AddAttributeError(path.Root("name"), "Several applications have this name", fmt.Sprintf(
			"The name %q belongs to more than one application:\n%s\n\nUse id instead of name.", name, applicationLines(found)))
	}
	return permissionassist.Application{}, false
}

func isArchived(app permissionassist.Application) bool {
	return app.IsArchived != nil && *app.IsArchived
}

func describeUnknownName(name string, all []permissionassist.Application) string {
	if len(all) == 0 {
		return "Permission Assist returned no applications. Check that the provider's endpoint is the right server."
	}
	what := fmt.Sprintf("None of the %d applications in Permission Assist is named %q.", len(all), name)

	similar := similarApplications(name, all)
	if len(similar) == 0 {
		return explain.Paragraphs(what, "No name has a word in common with it. Check the name in Permission Assist (Manage > Applications).")
	}
	return explain.Paragraphs(what, "Set name to one of these, or use id:\n"+applicationLines(similar))
}

// similarApplications returns the applications whose names have words in common
// with name, those with the most first.
func similarApplications(name string, all []permissionassist.Application) []permissionassist.Application {
	const most = 5

	words := strings.Fields(strings.ToLower(name))
	shared := func(app permissionassist.Application) int {
		n := 0
		for _, word := range strings.Fields(strings.ToLower(app.Name)) {
			if slices.Contains(words, word) {
				n++
			}
		}
		return n
	}

	similar := slices.DeleteFunc(slices.Clone(all), func(app permissionassist.Application) bool { return shared(app) == 0 })
	slices.SortStableFunc(similar, func(a, b permissionassist.Application) int {
		return cmp.Or(cmp.Compare(shared(b), shared(a)), cmp.Compare(a.Name, b.Name))
	})
	return similar[:min(most, len(similar))]
}

func applicationLines(apps []permissionassist.Application) string {
	lines := make([]string, 0, len(apps))
	for _, app := range apps[:min(len(apps), explain.MaxListed)] {
		line := fmt.Sprintf("| %s (ID %s)", app.Name, app.ID)
		if isArchived(app) {
			line += ", archived"
		}
		lines = append(lines, line)
	}
	if more := len(apps) - explain.MaxListed; more > 0 {
		lines = append(lines, fmt.Sprintf("| and %d more", more))
	}
	return strings.Join(lines, "\n")
}
