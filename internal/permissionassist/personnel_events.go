package permissionassist

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
	if err := checkID("a personnel event", w.ID); err != nil {
		return err
	}
	return checkAffected(w.AffectedIdentity)
}

func (c *Client) personnelEvent(w wirePersonnelEvent) PersonnelEvent {
	return PersonnelEvent{
		Ticket: c.ticket(w.wireTicket), Type: documented(c.line(w.Type.value), PersonnelEventTypes()),
		AffectedIdentity: c.affectedIdentity(w.AffectedIdentity.value),
	}
}

func (e PersonnelEvent) affected() (string, bool) {
	if e.AffectedIdentity == nil {
		return "", false
	}
	return e.AffectedIdentity.ID, e.AffectedIdentity.ID != ""
}

// GetPersonnelEvent reads one personnel event. The error is ErrNotFound if it
// does not exist.
func (c *Client) GetPersonnelEvent(ctx context.Context, id string) (PersonnelEvent, error) {
	_, w, err := getTicket[wirePersonnelEvent](ctx, c, OperationGetPersonnelEvent, "personnel-events", id)
	if err != nil {
		return PersonnelEvent{}, err
	}
	return c.personnelEvent(w), nil
}

// PersonnelEventFilter selects personnel events; see accepts. IdentityID is
// empty for any.
type PersonnelEventFilter struct {
	IdentityID      string
	Types, Statuses []string
}

// ListPersonnelEvents reads the personnel events that match, in the server's
// order: by effective date, the latest first.
func (c *Client) ListPersonnelEvents(ctx context.Context, f PersonnelEventFilter) ([]PersonnelEvent, error) {
	filters := map[string][]string{"identityId": one(f.IdentityID), "type": f.Types, "status": f.Statuses}
	if asksForNobody(filters) {
		return nil, nil
	}
	parameters := query(filters)
	if SameValue(parameters.Get("type"), roleTransition) {
		parameters.Set("type", strings.ReplaceAll(roleTransition, " ", "")) // the filter's spelling
	}
	all, err := readComplete(ctx, walker[wirePersonnelEvent, PersonnelEvent]{
		client: c, operation: OperationListPersonnelEvents, endpoint: &optionalEndpoint{}, collection: "personnel-events", filter: parameters,
		convert: func(w wirePersonnelEvent) (PersonnelEvent, bool) { return c.personnelEvent(w), true },
	})
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if f.Statuses != nil && e.Status == "" || f.Types != nil && e.Type == "" {
			return nil, fmt.Errorf("personnel event %s: %w", e.ID, errNotFilterable)
		}
	}
	return slices.DeleteFunc(affecting(all, f.IdentityID, PersonnelEvent.affected), func(e PersonnelEvent) bool {
		return !accepts(f.Types, e.Type) || !accepts(f.Statuses, e.Status)
	}), nil
}
