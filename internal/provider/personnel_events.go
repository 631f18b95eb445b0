package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// personnelEvents finds arrivals, departures, changes of roles and absences.
func personnelEvents() twin[personnelEventsModel] {
	return twin[personnelEventsModel]{
		name: "personnel_events",
		description: "Finds personnel events in Permission Assist: one by its ID, or those that match all filters. An empty result is not an error, except " +
			"for a lookup by `id`. All pages of the list are read, 50 events each. They belong to the separately licensed module IAM Operations. " +
			"The result has personal data.",
		attributes: personnelEventsAttributes,
		read:       readPersonnelEvents,
	}
}

// personnelEventsModel is in configuration and result.
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
	event["type"] = schema.StringAttribute{
		MarkdownDescription: "`Onboard`, `Offboard`, `Role Transition`, `Absence`, or another type as the server reports it.", Computed: true,
	}
	event["affected_identity"] = affectedIdentityAttribute("")
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "GUID of one personnel event, in any usual spelling. The lookup fails if it does not exist. Conflicts with the other arguments.",
			Optional:            true,
			Validators: []validator.String{
				anyGUIDCheck(), stringvalidator.ConflictsWith(path.MatchRoot("identity_id"), path.MatchRoot("types"), path.MatchRoot("statuses")),
			},
		},
		"identity_id": identityIDArgument("List only events that affect this identity: its GUID, in any usual spelling. Default: anybody."),
		"types":       filter("List only events of one of these types:", permissionassist.PersonnelEventTypes()),
		"statuses":    filter("List only events with one of these statuses:", permissionassist.TicketStatuses()),
		"events": schema.ListNestedAttribute{
			MarkdownDescription: "The events, ordered by effective date, the latest first. With `id`, the only element is that event. A value is null if the " +
				"server does not report it.",
			Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: event},
		},
		"identity_ids": schema.SetAttribute{
			MarkdownDescription: "GUIDs of the identities that the events affect, in lower case like those of `permissionassist_identities`, for `contains`. Events " +
				"whose identity the server does not report are missing here.",
			Computed: true, ElementType: types.StringType,
		},
	}
}

func readPersonnelEvents(ctx context.Context, conn *connection, m *personnelEventsModel, diags *diag.Diagnostics) {
	ids := []string{}
	m.Events = []personnelEventModel{}
	for _, e := range m.find(ctx, conn, diags) {
		m.Events = append(m.Events, personnelEventModel{newTicketModel(e.Ticket), stringOrNull(e.Type), identityOrNull(e.AffectedIdentity)})
		if e.AffectedIdentity != nil && e.AffectedIdentity.ID != "" {
			ids = append(ids, e.AffectedIdentity.ID)
		}
	}
	m.IdentityIDs = setOrNull(ids)
}

// find returns the personnel events that match.
func (m *personnelEventsModel) find(ctx context.Context, conn *connection, diags *diag.Diagnostics) []permissionassist.PersonnelEvent {
	if m.ID.IsNull() {
		all, err := conn.ListPersonnelEvents(ctx, permissionassist.PersonnelEventFilter{
			IdentityID: guidOf(m.IdentityID), Types: elementsOf(m.Types), Statuses: elementsOf(m.Statuses),
		})
		if err != nil {
			explain.AddError(diags, "Personnel events could not be listed", err, conn.advice())
		}
		return all
	}

	one, err := conn.GetPersonnelEvent(ctx, guidOf(m.ID))
	if err != nil {
		addTicketError(diags, "Personnel event", err, conn)
		return nil
	}
	return []permissionassist.PersonnelEvent{one}
}
