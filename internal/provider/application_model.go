package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// applicationModel is an application, in its data source and in an import.
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
