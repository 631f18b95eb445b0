package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func application() lookup[applicationModel] {
	attributes := applicationAttributes()
	attributes["id"] = optionalOrComputed("GUID of the application. Case does not matter. Exactly one of `id` and `name` is required.",
		applicationIDCheck(), stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")))
	attributes["name"] = optionalOrComputed("Name of the application. Case, white space and Unicode forms do not matter, unless an "+
		"application has exactly this name. If several applications have the name, the lookup returns the only one that is not archived, or "+
		"else fails. Exactly one of `id` and `name` is required.",
		stringvalidator.LengthAtLeast(1))
	return lookup[applicationModel]{
		name: "application",
		description: "Finds an application in Permission Assist by ID or name. All lookups by name in one run share one scan of the server's " +
			"list. For an archived application, the lookup succeeds with a warning, because you cannot stage an import for it.",
		attributes: attributes,
		read:       readApplication,
	}
}

type applicationModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Priority    types.String `tfsdk:"priority"`
	IsArchived  types.Bool   `tfsdk:"is_archived"`
	LastUpdated types.String `tfsdk:"last_updated"`
}

func newApplicationModel(app permissionassist.Application) applicationModel {
	return applicationModel{
		ID: stringOrNull(app.ID), Name: stringOrNull(app.Name), Priority: stringOrNull(app.Priority),
		IsArchived: types.BoolPointerValue(app.IsArchived), LastUpdated: stringOrNull(app.LastUpdated),
	}
}

// applicationAttributes returns the attributes of applicationModel as results.
// The vendor documents only the fields of an import's application; those of the
// application itself are inferred to be the same.
func applicationAttributes() map[string]schema.Attribute {
	attributes := computedTexts(map[string]string{
		"id":           "GUID of the application, in lower case.",
		"name":         "Name of the application." + nullUnknown,
		"priority":     "`None`, `Low`, `Moderate`, `High` or `Critical`." + nullUnknown,
		"last_updated": "Time when the application was last updated" + asReported + nullUnknown,
	})
	attributes["is_archived"] = computedBool("Whether the application is archived." + nullUnknown)
	return attributes
}

func readApplication(ctx context.Context, conn *connection, m *applicationModel, diags *diag.Diagnostics) {
	var (
		app permissionassist.Application
		err error
	)
	if m.ID.IsNull() {
		app = conn.findByName(ctx, m.Name.ValueString(), diags)
	} else if app, err = conn.GetApplication(ctx, guidOf(m.ID)); err != nil {
		explain.AddReadError(diags, path.Root("id"), "Application", err, conn.advice())
	}
	if diags.HasError() {
		return
	}

	if isArchived(app) {
		diags.AddWarning("Application is archived", fmt.Sprintf(
			"The application %s (ID %s) is archived: no import can be staged for it. To import it, restore it in Permission Assist first.",
			app.Name, app.ID))
	}

	found := newApplicationModel(app)
	// A configured value keeps its spelling.
	if m.ID.IsNull() {
		found.Name = m.Name
	} else {
		found.ID = m.ID
	}
	*m = found
}

func (c *connection) findByName(ctx context.Context, name string, diags *diag.Diagnostics) permissionassist.Application {
	found, err := c.FindApplications(ctx, name)
	var all []permissionassist.Application
	if err == nil && len(found) == 0 {
		all, err = c.ListApplications(ctx)
	}
	if err != nil {
		explain.AddError(diags, "Applications could not be listed", err, c.advice())
		return permissionassist.Application{}
	}

	// Only an application that is not archived can be imported.
	active := slices.DeleteFunc(slices.Clone(found), isArchived)
	switch {
	case len(found) == 1:
		return found[0]
	case len(active) == 1:
		archived := slices.DeleteFunc(found, func(app permissionassist.Application) bool { return app.ID == active[0].ID })
		diags.AddAttributeWarning(path.Root("name"), "Archived applications have the same name", fmt.Sprintf(
			"Several applications are named %q. The only one that is not archived (ID %s) is used. Archived:\n%s\n\nTo silence this warning, set "+
				"id instead of name.", name, active[0].ID, applicationLines(archived)))
		return active[0]
	case len(found) == 0:
		diags.AddAttributeError(path.Root("name"), "Application not found", describeUnknownName(name, all))
	default:
		diags.AddAttributeError(path.Root("name"), "Several applications have this name", fmt.Sprintf(
			"The name %q belongs to more than one application:\n%s\n\nUse id instead of name.", name, applicationLines(found)))
	}
	return permissionassist.Application{}
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
	return explain.Quote(apps, func(app permissionassist.Application) string {
		line := fmt.Sprintf("%s (ID %s)", app.Name, app.ID)
		if isArchived(app) {
			line += ", archived"
		}
		return line
	})
}
