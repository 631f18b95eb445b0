package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// applicationImport reads one import: by its ID, by its number, or as the
// latest of an application.
func applicationImport() lookup[applicationImportDataModel] {
	return lookup[applicationImportDataModel]{
		name: "application_import",
		description: "Reads an import from Permission Assist, by ID, by number, or as the latest of an application, with its files and, on " +
			"request, its log. On a server that has only the list of imports, `created_by`, `files`, `log` and `metrics` are null.",
		attributes:  applicationImportAttributes(),
		isEphemeral: true,
		read:        readApplicationImport,
	}
}

type applicationImportDataModel struct {
	completeImportModel
	Application   *applicationModel `tfsdk:"application"`
	ApplicationID types.String      `tfsdk:"application_id"`
	Statuses      types.Set         `tfsdk:"statuses"`
	Log           types.String      `tfsdk:"log"`
	Files         []importFileModel `tfsdk:"files"`
	IncludeLog    types.Bool        `tfsdk:"include_log"`
	freshnessModel
}

type importFileModel struct {
	ID          types.String `tfsdk:"id"`
	FileGroupID types.String `tfsdk:"file_group_id"`
	FileGroup   types.String `tfsdk:"file_group"`
	Name        types.String `tfsdk:"name"`
}

func applicationImportAttributes() map[string]schema.Attribute {
	attributes := listedImportAttributes()
	addCompleteAttributes(attributes)
	attributes["id"] = optionalOrComputed("GUID of the import. Case does not matter. Exactly one of `id` and `application_id` is required.",
		guidCheck(), stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("application_id")))
	attributes["application_id"] = optionalOrComputed("GUID of an application. Reads its import with the highest number, the latest one that "+
		"matches `statuses`, or the one with `number`. The lookup fails if there is no such import. Case does not matter. Exactly one of `id` "+
		"and `application_id` is required.", applicationIDCheck())
	attributes["statuses"] = optionalSet("Read the latest import of `application_id` that has one of these statuses, for example "+
		"`[\"Finished\"]` for the last successful import. For possible values, see `status`. Case does not matter. Conflicts with `number`. "+
		"Default: any status.",
		append(statusesChecks(),
			setvalidator.AlsoRequires(path.MatchRoot("application_id")), setvalidator.ConflictsWith(path.MatchRoot("number")))...)
	attributes["number"] = schema.Int64Attribute{
		MarkdownDescription: "Number of the import, as people see it in Permission Assist. Set it, together with `application_id`, to read " +
			"that import." + nullUnknown,
		Optional:   true,
		Computed:   true,
		Validators: []validator.Int64{int64validator.AtLeast(1), int64validator.AlsoRequires(path.MatchRoot("application_id"))},
	}
	attributes["log"] = schema.StringAttribute{
		MarkdownDescription: "Text of the log so far, which can be long. Sensitive, because it can name people and accounts. Null without " +
			"`include_log`, and if the server does not report it.",
		Computed:  true,
		Sensitive: true,
	}
	attributes["include_log"] = optionalBool("Whether to return the log. A data source stores it in the state and in every plan file. " +
		"Default: `false`.")
	attributes["files"] = computedObjects("Files that were uploaded for the import. Use `file_group_id` as a key in the resource's `files`. "+
		"Null if the server does not report them.", computedTexts(map[string]string{
		"id":            "GUID of the file.",
		"file_group_id": "GUID of the file group of the connector.",
		"file_group":    "Name of the file group.",
		"name":          "Name of the file.",
	}))
	maps.Copy(attributes, freshnessAttributes())
	return attributes
}

func readApplicationImport(ctx context.Context, conn *connection, m *applicationImportDataModel, diags *diag.Diagnostics) {
	var (
		imp permissionassist.ApplicationImport
		err error
	)
	statuses := elementsOf(m.Statuses)
	attribute := path.Root("application_id")

	switch {
	case !m.ID.IsNull():
		attribute = path.Root("id")
		imp, err = conn.GetApplicationImport(ctx, m.ID.ValueString())
	case !m.Number.IsNull():
		imp, err = conn.FindApplicationImport(ctx, guidOf(m.ApplicationID), m.Number.ValueInt64())
	default:
		imp, err = conn.LatestApplicationImport(ctx, guidOf(m.ApplicationID), statuses...)
	}

	switch {
	case errors.Is(err, permissionassist.ErrNoImports):
		diags.AddAttributeError(attribute, "No import found", m.noImports(statuses))
	case err != nil:
		explain.AddReadError(diags, attribute, "Import", err, conn.advice())
	default:
		diags.Append(m.fromAPI(imp)...)
	}
}

func (m *applicationImportDataModel) fromAPI(imp permissionassist.ApplicationImport) diag.Diagnostics {
	diags := m.completeImportModel.fromAPI(imp)
	m.Application = convertOrNil(imp.Application, newApplicationModel)
	if m.ApplicationID.IsNull() && imp.Application != nil {
		m.ApplicationID = types.StringValue(imp.Application.ID)
	}

	if m.IncludeLog.ValueBool() {
		m.Log = stringOrNull(imp.Log)
		if imp.LogTooLarge {
			diags.AddAttributeWarning(path.Root("log"), "Log is too large", fmt.Sprintf("The server's response with the log of %s is larger than "+
				"16 MiB, so only the list was read: log, files, metrics and created_by are null.", imp))
		}
	}

	if imp.Files != nil {
		m.Files = []importFileModel{}
	}
	for _, f := range imp.Files {
		m.Files = append(m.Files, importFileModel{
			ID: stringOrNull(f.ID), FileGroupID: stringOrNull(f.FileGroupID), FileGroup: stringOrNull(f.FileGroup), Name: stringOrNull(f.Name),
		})
	}

	m.setFresh(imp, time.Now(), &diags)
	return diags
}

// noImports explains that none of the application's imports is the requested
// one.
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
