package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// ticketModel is what access requests and personnel events have in common.
type ticketModel struct {
	ID       types.String `tfsdk:"id"`
	Number   types.Int64  `tfsdk:"number"`
	Status   types.String `tfsdk:"status"`
	Reporter *personModel `tfsdk:"reporter"`
	Assignee *personModel `tfsdk:"assignee"`
}

type personModel struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name"`
}

func newTicketModel(t permissionassist.Ticket) ticketModel {
	return ticketModel{
		ID: stringOrNull(t.ID), Number: int64OrNull(t.Number), Status: stringOrNull(t.Status),
		Reporter: convertOrNil(t.Reporter, newPersonModel), Assignee: convertOrNil(t.Assignee, newPersonModel),
	}
}

func newPersonModel(p permissionassist.Person) personModel {
	return personModel{ID: stringOrNull(p.ID), Name: stringOrNull(p.Name)}
}

// ticketAttributes returns the attributes of ticketModel.
func ticketAttributes(noun string) map[string]schema.Attribute {
	attributes := computedTexts(map[string]string{
		"id": "GUID of the " + noun + ", in lower case.",
		"status": "`Pending`, `Open`, `Scheduled`, `Snoozed`, `Resolved`, `Completed` or `Canceled`, or another status as the server reports " +
			"it. `Completed` and `Canceled` are final.",
	})
	attributes["number"] = computedNumber("Number of the " + noun + ", as people see it in Permission Assist.")
	for name, who := range map[string]string{"reporter": "Who reported it", "assignee": "Who works on it"} {
		person := computedTexts(map[string]string{"id": "GUID, in lower case.", "name": "Name."})
		attributes[name] = computedObject(who+". Personal data.", person)
	}
	return attributes
}

// identityIDArgument is for the tickets of an identity.
func identityIDArgument(description string) schema.StringAttribute {
	return optional(description+" `permissionassist_identities` finds it by email address.", anyGUIDCheck())
}

// affectedIdentity is the attribute for the identity that a ticket is about.
func affectedIdentity(more string) schema.SingleNestedAttribute {
	return computedObject("The identity that is affected. Personal data. "+more, computedTexts(identityDescriptions()))
}

// findTickets returns the ticket with this ID or, without an ID, the listed
// ones.
func findTickets[T any](
	ctx context.Context, conn *connection, noun string, id types.String,
	get func(context.Context, string) (T, error), list func() ([]T, error), diags *diag.Diagnostics,
) []T {
	if id.IsNull() {
		all, err := list()
		if err != nil {
			explain.AddError(diags, noun+"s could not be listed", err, conn.advice())
		}
		return all
	}

	one, err := get(ctx, guidOf(id))
	if err != nil {
		explain.AddReadError(diags, path.Root("id"), noun, err, conn.advice())
		return nil
	}
	return []T{one}
}
