package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
)

func applicationImports() lookup[applicationImportsModel] {
	return lookup[applicationImportsModel]{
		name: "application_imports",
		description: "Lists the imports in Permission Assist that match all filters. An empty result is not an error. All pages of the list " +
			"are read, 50 imports each, so set `application_id` if you can.",
		attributes: map[string]schema.Attribute{
			"application_id": optional(listedApplication, applicationIDCheck()),
			"statuses":       optionalSet(listedStatuses, statusesChecks()...),
			"imports": computedObjects("The imports, ordered by number, highest first. The server's list can change during the read, so the "+
				"statuses may be from different moments.", listedImportAttributes()),
		},
		read: readApplicationImports,
	}
}

// Descriptions that the list resource has, too.
const (
	listedApplication = "GUID of the application whose imports are listed, in any common format. Default: all applications."
	listedStatuses    = "List only imports with one of these statuses, such as `Pending`, `Running`, `Canceling`, `Finished`, " +
		"`Failed` or `Canceled`. Case does not matter. Default: any status."
)

type applicationImportsModel struct {
	ApplicationID types.String        `tfsdk:"application_id"`
	Statuses      types.Set           `tfsdk:"statuses"`
	Imports       []listedImportModel `tfsdk:"imports"`
}

func readApplicationImports(ctx context.Context, conn *connection, m *applicationImportsModel, diags *diag.Diagnostics) {
	all, err := conn.AllApplicationImports(ctx, guidOf(m.ApplicationID))
	if err != nil {
		explain.AddError(diags, "Imports could not be listed", err, conn.advice())
		return
	}

	statuses := elementsOf(m.Statuses)
	m.Imports = []listedImportModel{}
	for _, imp := range all {
		if imp.HasStatus(statuses) {
			listed := listedImportModel{Application: convertOrNil(imp.Application, newApplicationModel)}
			listed.fromAPI(imp)
			m.Imports = append(m.Imports, listed)
		}
	}
}
