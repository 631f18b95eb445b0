package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// applicationModel is an application, in data sources and in an import.
type applicationModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Priority    types.String `tfsdk:"priority"`
	IsArchived  types.Bool   `tfsdk:"is_archived"`
	LastUpdated types.String `tfsdk:"last_updated"`
}

func newApplicationModel(app permissionassist.Application) applicationModel {
	return applicationModel{
		ID:          stringOrNull(app.ID),
		Name:        stringOrNull(app.Name),
		Priority:    stringOrNull(app.Priority),
		IsArchived:  types.BoolPointerValue(app.IsArchived),
		LastUpdated: stringOrNull(app.LastUpdated),
	}
}

// applicationDataAttributes returns the attributes of an application in the
// result of a data source.
func applicationDataAttributes() map[string]schema.Attribute {
	attributes := computedTexts(map[string]string{
		"id": applicationIDDescription, "name": applicationNameDescription, "priority": applicationPriorityDescription,
		"last_updated": applicationLastUpdatedDescription,
	})
	attributes["is_archived"] = schema.BoolAttribute{MarkdownDescription: applicationIsArchivedDescription, Computed: true}
	return attributes
}
