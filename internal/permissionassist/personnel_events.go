package permissionassist

import (
	"cmp"
	"context"
	"net/url"
)

// PersonnelEvent is somebody's arrival, departure, change of role or absence.
type PersonnelEvent struct {
	Ticket
	// Type has the documented spelling of responses, if it is documented.
	Type string
	// AffectedIdentity is nil if the server does not report it.
	AffectedIdentity *Identity
}

const roleTransition = "Role Transition"

// PersonnelEventTypes returns the documented types.
func PersonnelEventTypes() []string {
	return []string{"Onboard", "Offboard", roleTransition, "Absence"}
}

type wirePersonnelEvent struct {
	wireTicket
	Type             lenient[string]        `json:"type"`
	AffectedIdentity lenient[*wireIdentity] `json:"affectedIdentity"`
}

func (w wirePersonnelEvent) check() error {
	return cmp.Or(w.wireID.check(), checkAffected(w.AffectedIdentity))
}

func (c *Client) personnelEvent(w wirePersonnelEvent) PersonnelEvent {
	return PersonnelEvent{
		Ticket: c.ticket(w.wireTicket), Type: documented(c.line(w.Type.value), PersonnelEventTypes()),
		AffectedIdentity: optional(w.AffectedIdentity.value, c.identity),
	}
}

func (e PersonnelEvent) affected() string {
	if e.AffectedIdentity == nil {
		return ""
	}
	return e.AffectedIdentity.ID
}

var personnelEvents = ticketKind[wirePersonnelEvent, PersonnelEvent]{
	noun: "personnel event", collection: "personnel-events",
	getOperation: OperationGetPersonnelEvent, listOperation: OperationListPersonnelEvents, convert: (*Client).personnelEvent,
}

// GetPersonnelEvent reads one personnel event. The error is ErrNotFound if it
// does not exist.
func (c *Client) GetPersonnelEvent(ctx context.Context, id string) (PersonnelEvent, error) {
	e, _, err := personnelEvents.get(ctx, c, id)
	return e, err
}

// PersonnelEventFilter selects personnel events. An empty ID and nil lists
// accept all, and an empty list accepts none.
type PersonnelEventFilter struct {
	IdentityID      string
	Types, Statuses []string
}

// ListPersonnelEvents reads the personnel events that match, in the server's
// order: by effective date, the latest first.
func (c *Client) ListPersonnelEvents(ctx context.Context, f PersonnelEventFilter) ([]PersonnelEvent, error) {
	types := f.Types
	if len(types) == 1 && SameValue(types[0], roleTransition) {
		types = []string{"RoleTransition"} // as the parameter is spelled
	}
	return personnelEvents.list(ctx, c, url.Values{},
		filter[PersonnelEvent]{"identityId", "affected identity", one(f.IdentityID), PersonnelEvent.affected},
		filter[PersonnelEvent]{"type", "type", types, func(e PersonnelEvent) string { return e.Type }},
		filter[PersonnelEvent]{"status", "status", f.Statuses, func(e PersonnelEvent) string { return e.Status }})
}
