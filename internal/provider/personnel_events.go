package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// personnelEvents finds arrivals, departures, changes of roles and absences.
func personnelEvents() lookup[personnelEventsModel] {
	return lookup[personnelEventsModel]{
		name: "personnel_events",
		description: "Finds personnel events in Permission Assist: one by its ID, or those that match all filters. An empty result is not an " +
			"error, except for a lookup by `id`. All pages of the list are read, 50 events each. They belong to the separately licensed module " +
			"IAM Operations. The result contains personal data.",
		attributes:  personnelEventsAttributes(),
		isEphemeral: true,
		read:        readPersonnelEvents,
	}
}

type personnelEventsModel struct {
	ID          types.String          `tfsdk:"id"`
	IdentityID  types.String          `tfsdk:"identity_id"`
	Types       types.Set             `tfsdk:"types"`
	Statuses    types.Set             `tfsdk:"statuses"`
	Events      []personnelEventModel `tfsdk:"events"`
	IdentityIDs types.Set             `tfsdk:"identity_ids"`
}

type personnelEventModel struct {
	ticketModel
	Type             types.String   `tfsdk:"type"`
	AffectedIdentity *identityModel `tfsdk:"affected_identity"`
}

func personnelEventsAttributes() map[string]schema.Attribute {
	event := ticketAttributes("personnel event")
	event["type"] = computedText("`Onboard`, `Offboard`, `Role Transition`, `Absence`, or another type as the server reports it.")
	event["affected_identity"] = affectedIdentity("")
	return map[string]schema.Attribute{
		"id": optional("GUID of one personnel event, in any common format. The lookup fails if it does not exist. Conflicts with the other "+
			"arguments.",
			anyGUIDCheck(), stringvalidator.ConflictsWith(path.MatchRoot("identity_id"), path.MatchRoot("types"), path.MatchRoot("statuses"))),
		"identity_id": identityIDArgument("List only events that affect this identity: its GUID, in any common format. Default: anybody."),
		"types":       filter("List only events of one of these types:", permissionassist.PersonnelEventTypes()),
		"statuses":    filter("List only events with one of these statuses:", permissionassist.TicketStatuses()),
		"events": computedObjects("The events, ordered by effective date, the latest first. With `id`, the only element is that event. A value "+
			"is null if the server does not report it.", event),
		"identity_ids": computedSet("GUIDs of the identities that the events affect, in lower case like those of " +
			"`permissionassist_identities`, for `contains`. Events whose identity the server does not report are missing here."),
	}
}

func readPersonnelEvents(ctx context.Context, conn *connection, m *personnelEventsModel, diags *diag.Diagnostics) {
	found := findTickets(ctx, conn, "Personnel event", m.ID, conn.GetPersonnelEvent, func() ([]permissionassist.PersonnelEvent, error) {
		return conn.ListPersonnelEvents(ctx, permissionassist.PersonnelEventFilter{
			IdentityID: guidOf(m.IdentityID), Types: elementsOf(m.Types), Statuses: elementsOf(m.Statuses),
		})
	}, diags)

	ids := []string{}
	m.Events = []personnelEventModel{}
	for _, e := range found {
		m.Events = append(m.Events, personnelEventModel{
			newTicketModel(e.Ticket), stringOrNull(e.Type), convertOrNil(e.AffectedIdentity, newIdentityModel),
		})
		if e.AffectedIdentity != nil && e.AffectedIdentity.ID != "" {
			ids = append(ids, e.AffectedIdentity.ID)
		}
	}
	m.IdentityIDs = setOrNull(ids)
}
