package permissionassist

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Ticket is what access requests and personnel events have in common. Its texts
// are printable, on one line and at most 200 characters long, and empty if the
// server does not report them.
type Ticket struct {
	// ID is a GUID in lower case.
	ID string
	// Number is the number that Permission Assist shows; 0 if unknown.
	Number int64
	// Status has the documented spelling, if it is documented.
	Status string
	// Reporter and Assignee are nil if the server does not report them.
	Reporter, Assignee *Person
}

// Person is somebody who works on a ticket.
type Person struct{ ID, Name string }

// TicketStatuses returns the documented statuses of access requests and
// personnel events. Completed and Canceled are final; Resolved is not.
func TicketStatuses() []string {
	return []string{"Pending", "Open", "Resolved", "Completed", "Canceled", "Scheduled", "Snoozed"}
}

// AccessRequest is a request to change what somebody can do.
type AccessRequest struct {
	Ticket
	// Action has the documented spelling, if it is documented.
	Action string
	// Target is nil if the server does not report it.
	Target *AccessRequestTarget
	// Details is a JSON object with all fields of the response. Only
	// GetAccessRequest returns it.
	Details json.RawMessage
	// DetailsTooLarge is set if Details is nil because of its size.
	DetailsTooLarge bool
}

// AccessRequestTarget is whose access changes.
type AccessRequestTarget struct {
	// Type is User or Group.
	Type, Name string
	// Nomenclature is empty for users.
	Nomenclature string
	// AffectedIdentity is nil for groups.
	AffectedIdentity *Identity
}

// targetGroup is the type of a target that has no identity.
const targetGroup = "Group"

// AccessRequestActions returns the documented actions.
func AccessRequestActions() []string {
	return []string{"Add", "Change", "Remove", "Suspend", "Restore"}
}

type wirePerson struct {
	ID   lenient[wireGUID] `json:"id"`
	Name lenient[string]   `json:"name"`
}

type wireTicket struct {
	ID       wireGUID             `json:"id"`
	Number   lenient[integer]     `json:"number"`
	Status   lenient[string]      `json:"status"`
	Reporter lenient[*wirePerson] `json:"reporter"`
	Assignee lenient[*wirePerson] `json:"assignee"`
}

func (w wireTicket) itemID() wireGUID { return w.ID }

type wireAccessRequest struct {
	wireTicket
	Action lenient[string] `json:"action"`
	Target lenient[*struct {
		Type             lenient[string]        `json:"type"`
		Name             lenient[string]        `json:"name"`
		Nomenclature     lenient[string]        `json:"nomenclature"`
		AffectedIdentity lenient[*wireIdentity] `json:"affectedIdentity"`
	}] `json:"target"`
}

func (w wireAccessRequest) check() error {
	if err := checkID("an access request", w.ID); err != nil {
		return err
	}
	if w.Target.unreadable {
		return errors.New("its target is not an object")
	}
	if w.Target.value == nil {
		return nil
	}
	return checkAffected(w.Target.value.AffectedIdentity)
}

func (c *Client) ticket(w wireTicket) Ticket {
	return Ticket{
		ID: string(w.ID), Number: int64(w.Number.value), Status: documented(c.line(w.Status.value), TicketStatuses()),
		Reporter: c.person(w.Reporter.value), Assignee: c.person(w.Assignee.value),
	}
}

func (c *Client) person(w *wirePerson) *Person {
	if w == nil {
		return nil
	}
	return &Person{ID: c.line(string(w.ID.value)), Name: c.line(w.Name.value)}
}

func (c *Client) affectedIdentity(w *wireIdentity) *Identity {
	if w == nil {
		return nil
	}
	identity := c.identity(*w)
	return &identity
}

func (c *Client) accessRequest(w wireAccessRequest) AccessRequest {
	r := AccessRequest{Ticket: c.ticket(w.wireTicket), Action: documented(c.line(w.Action.value), AccessRequestActions())}
	if t := w.Target.value; t != nil {
		r.Target = &AccessRequestTarget{
			Type: documented(c.line(t.Type.value), []string{"User", targetGroup}), Name: c.line(t.Name.value),
			Nomenclature: c.line(t.Nomenclature.value), AffectedIdentity: c.affectedIdentity(t.AffectedIdentity.value),
		}
	}
	return r
}

// affected returns the ID of the affected identity, empty for a group; false if
// the request does not report it.
func (r AccessRequest) affected() (string, bool) {
	switch {
	case r.Target == nil:
		return "", false
	case r.Target.AffectedIdentity != nil:
		return r.Target.AffectedIdentity.ID, r.Target.AffectedIdentity.ID != ""
	default:
		return "", r.Target.Type == targetGroup
	}
}

// GetAccessRequest reads one access request with its details. The error is
// ErrNotFound if it does not exist.
func (c *Client) GetAccessRequest(ctx context.Context, id string) (AccessRequest, error) {
	resp, w, err := getTicket[wireAccessRequest](ctx, c, OperationGetAccessRequest, "access-requests", id)
	if err != nil {
		return AccessRequest{}, err
	}
	r := c.accessRequest(w)
	r.Details, r.DetailsTooLarge = c.json(withoutBOM(resp.body))
	return r, nil
}

// getTicket reads one access request or personnel event.
func getTicket[W wireItem](ctx context.Context, c *Client, operation Operation, collection, id string) (*response, W, error) {
	var none W
	if err := ValidateGUID(id); err != nil {
		return nil, none, err
	}
	resp, err := c.do(ctx, c.get(operation, maxPageBytes, nil, collection, id))
	if err != nil {
		return nil, none, err
	}
	w, err := decode[W](c, resp)
	if err == nil && !SameGUID(string(w.itemID()), id) {
		err = c.wrongItem(resp, string(w.itemID()))
	}
	return resp, w, err
}

// AccessRequestFilter selects access requests; see accepts. IDs are empty for
// any.
type AccessRequestFilter struct {
	IdentityID, ApplicationID string
	Statuses, Actions         []string
}

// ListAccessRequests reads the access requests that match, the newest first. No
// page shows that an item names its application, so nobody can notice a server
// that ignores that filter.
func (c *Client) ListAccessRequests(ctx context.Context, f AccessRequestFilter) ([]AccessRequest, error) {
	filters := map[string][]string{
		"identityId": one(f.IdentityID), "applicationId": one(f.ApplicationID), "status": f.Statuses, "type": f.Actions,
	}
	if asksForNobody(filters) {
		return nil, nil
	}
	all, err := readComplete(ctx, walker[wireAccessRequest, AccessRequest]{
		client: c, operation: OperationListAccessRequests, endpoint: &optionalEndpoint{}, collection: "access-requests", filter: query(filters),
		convert: func(w wireAccessRequest) (AccessRequest, bool) { return c.accessRequest(w), true },
	})
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if f.Statuses != nil && r.Status == "" || f.Actions != nil && r.Action == "" {
			return nil, fmt.Errorf("access request %s: %w", r.ID, errNotFilterable)
		}
	}
	found := slices.DeleteFunc(affecting(all, f.IdentityID, AccessRequest.affected), func(r AccessRequest) bool {
		return !accepts(f.Statuses, r.Status) || !accepts(f.Actions, r.Action)
	})
	newestFirst(found, func(r AccessRequest) int64 { return r.Number })
	return found, nil
}

// newestFirst orders items by number, descending. The server orders them by a
// date that no page shows. Numbers grow with time (inferred from the product's
// own lists), and if one is missing, the server's order stays.
func newestFirst[T any](items []T, number func(T) int64) {
	if !slices.ContainsFunc(items, func(item T) bool { return number(item) == 0 }) {
		slices.SortStableFunc(items, func(a, b T) int { return cmp.Compare(number(b), number(a)) })
	}
}
