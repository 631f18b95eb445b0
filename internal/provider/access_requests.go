package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// accessRequests finds access requests. R is the model of one: only the
// ephemeral resource has its details.
func accessRequests[R any](one map[string]schema.Attribute, convert func(permissionassist.AccessRequest) R) lookup[accessRequestsModel[R]] {
	return lookup[accessRequestsModel[R]]{
		name: "access_requests",
		description: "Finds access requests in Permission Assist: one by its ID, or those of an identity, of an application, or both. An empty " +
			"result is not an error, except for a lookup by `id`. All pages of the list are read, 50 access requests each. The result contains " +
			"personal data.\n\n" +
			"The newest request decides: a later `Remove` undoes an `Add`. Only `Completed` means that the change was made and verified: a " +
			"`Resolved` request can be reopened. `Add` can also mean a change to an existing account.",
		attributes:  accessRequestsAttributes(one),
		isEphemeral: true,
		read: func(ctx context.Context, conn *connection, m *accessRequestsModel[R], diags *diag.Diagnostics) {
			m.Requests = []R{}
			for _, r := range m.find(ctx, conn, diags) {
				m.Requests = append(m.Requests, convert(r))
			}
		},
	}
}

type accessRequestsModel[R any] struct {
	accessRequestsFilter
	Requests []R `tfsdk:"requests"`
}

type accessRequestsFilter struct {
	ID            types.String `tfsdk:"id"`
	IdentityID    types.String `tfsdk:"identity_id"`
	ApplicationID types.String `tfsdk:"application_id"`
	Statuses      types.Set    `tfsdk:"statuses"`
	Actions       types.Set    `tfsdk:"actions"`
}

type accessRequestModel struct {
	ticketModel
	Action types.String              `tfsdk:"action"`
	Target *accessRequestTargetModel `tfsdk:"target"`
}

type accessRequestTargetModel struct {
	Type             types.String   `tfsdk:"type"`
	Name             types.String   `tfsdk:"name"`
	Nomenclature     types.String   `tfsdk:"nomenclature"`
	AffectedIdentity *identityModel `tfsdk:"affected_identity"`
}

type detailedAccessRequestModel struct {
	accessRequestModel
	Details jsontypes.Normalized `tfsdk:"details"`
}

func newAccessRequestModel(r permissionassist.AccessRequest) accessRequestModel {
	return accessRequestModel{newTicketModel(r.Ticket), stringOrNull(r.Action), convertOrNil(r.Target, newAccessRequestTargetModel)}
}

func newAccessRequestTargetModel(t permissionassist.AccessRequestTarget) accessRequestTargetModel {
	return accessRequestTargetModel{
		Type: stringOrNull(t.Type), Name: stringOrNull(t.Name), Nomenclature: stringOrNull(t.Nomenclature),
		AffectedIdentity: convertOrNil(t.AffectedIdentity, newIdentityModel),
	}
}

func newDetailedAccessRequestModel(r permissionassist.AccessRequest) detailedAccessRequestModel {
	return detailedAccessRequestModel{newAccessRequestModel(r), jsonOrNull(r.Details)}
}

func accessRequestsAttributes(one map[string]schema.Attribute) map[string]schema.Attribute {
	identity, application := path.MatchRoot("identity_id"), path.MatchRoot("application_id")
	return map[string]schema.Attribute{
		"id": optional("GUID of one access request, in any common format. The lookup fails if it does not exist. Conflicts with the other "+
			"arguments. One of `id`, `identity_id` and `application_id` is required.",
			anyGUIDCheck(), stringvalidator.AtLeastOneOf(path.MatchRoot("id"), identity, application),
			stringvalidator.ConflictsWith(identity, application, path.MatchRoot("statuses"), path.MatchRoot("actions"))),
		"identity_id": identityIDArgument("List only requests that affect this identity: its GUID, in any common format."),
		"application_id": optional("List only requests for this application: its GUID, in any common format. The vendor does not document that "+
			"a request names its application, so the provider cannot notice a server that ignores this filter.", applicationIDCheck()),
		"statuses": filter("List only requests with one of these statuses:", permissionassist.TicketStatuses()),
		"actions":  filter("List only requests with one of these actions:", permissionassist.AccessRequestActions()),
		"requests": computedObjects("The access requests, the newest first. With `id`, the only element is that request. A value is null if the "+
			"server does not report it.", one),
	}
}

func accessRequestAttributes() map[string]schema.Attribute {
	attributes := ticketAttributes("access request")
	attributes["action"] = computedText("`Add`, `Change`, `Remove`, `Suspend`, `Restore`, or another action as the server reports it.")
	target := computedTexts(map[string]string{
		"type":         "`User` or `Group`.",
		"name":         "Name of the user or the group. Personal data.",
		"nomenclature": "What the application calls such a group.",
	})
	target["affected_identity"] = affectedIdentity("Null for a group.")
	attributes["target"] = computedObject("Whose access changes.", target)
	return attributes
}

func detailedAccessRequestAttributes() map[string]schema.Attribute {
	details := computedJSON("The whole request as normalized JSON, with privileges, activity log and comments; read it with `jsondecode`. " +
		"The vendor does not document its shape. Null without `id`, and with a warning if it is too large. Personal data.")
	details.Sensitive = true
	attributes := accessRequestAttributes()
	attributes["details"] = details
	return attributes
}

func (f accessRequestsFilter) find(ctx context.Context, conn *connection, diags *diag.Diagnostics) []permissionassist.AccessRequest {
	found := findTickets(ctx, conn, "Access request", f.ID, conn.GetAccessRequest, func() ([]permissionassist.AccessRequest, error) {
		return conn.ListAccessRequests(ctx, permissionassist.AccessRequestFilter{
			IdentityID: guidOf(f.IdentityID), ApplicationID: guidOf(f.ApplicationID),
			Statuses: elementsOf(f.Statuses), Actions: elementsOf(f.Actions),
		})
	}, diags)
	if len(found) == 1 && found[0].DetailsTooLarge {
		explain.AddTooLargeWarning(diags, path.Root("requests").AtListIndex(0).AtName("details"))
	}
	return found
}
