package permissionassist

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
)

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

type wireAccessRequest struct {
	wireTicket
	Action lenient[string]      `json:"action"`
	Target lenient[*wireTarget] `json:"target"`
}

type wireTarget struct {
	Type             lenient[string]        `json:"type"`
	Name             lenient[string]        `json:"name"`
	Nomenclature     lenient[string]        `json:"nomenclature"`
	AffectedIdentity lenient[*wireIdentity] `json:"affectedIdentity"`
}

func (w wireAccessRequest) check() error {
	switch {
	case w.Target.unreadable:
		return errors.New("its target is not an object")
	case w.Target.value != nil:
		return cmp.Or(w.wireID.check(), checkAffected(w.Target.value.AffectedIdentity))
	default:
		return w.wireID.check()
	}
}

func (c *Client) accessRequest(w wireAccessRequest) AccessRequest {
	return AccessRequest{
		Ticket: c.ticket(w.wireTicket), Action: documented(c.line(w.Action.value), AccessRequestActions()),
		Target: optional(w.Target.value, c.accessRequestTarget),
	}
}

func (c *Client) accessRequestTarget(w wireTarget) AccessRequestTarget {
	return AccessRequestTarget{
		Type: documented(c.line(w.Type.value), []string{"User", targetGroup}), Name: c.line(w.Name.value),
		Nomenclature: c.line(w.Nomenclature.value), AffectedIdentity: optional(w.AffectedIdentity.value, c.identity),
	}
}

func (r AccessRequest) affected() string {
	switch t := r.Target; {
	case t != nil && t.AffectedIdentity != nil:
		return t.AffectedIdentity.ID
	case t != nil && t.Type == targetGroup:
		return targetGroup // not the ID of anybody
	default:
		return ""
	}
}

var accessRequests = ticketKind[wireAccessRequest, AccessRequest]{
	noun: "access request", collection: "access-requests",
	getOperation: OperationGetAccessRequest, listOperation: OperationListAccessRequests, convert: (*Client).accessRequest,
}

// GetAccessRequest reads one access request with its details. The error is
// ErrNotFound if it does not exist.
func (c *Client) GetAccessRequest(ctx context.Context, id string) (AccessRequest, error) {
	r, resp, err := accessRequests.get(ctx, c, id)
	if err == nil {
		r.Details, r.DetailsTooLarge = c.json(withoutBOM(resp.body))
	}
	return r, err
}

// AccessRequestFilter selects access requests. Empty IDs and nil lists accept
// all, and an empty list accepts none.
type AccessRequestFilter struct {
	IdentityID, ApplicationID string
	Statuses, Actions         []string
}

// ListAccessRequests reads the access requests that match, the newest first. No
// page shows that an item names its application, so nobody can notice a server
// that ignores that filter.
func (c *Client) ListAccessRequests(ctx context.Context, f AccessRequestFilter) ([]AccessRequest, error) {
	found, err := accessRequests.list(ctx, c, url.Values{"applicationId": one(f.ApplicationID)},
		filter[AccessRequest]{"identityId", "affected identity", one(f.IdentityID), AccessRequest.affected},
		filter[AccessRequest]{"status", "status", f.Statuses, func(r AccessRequest) string { return r.Status }},
		filter[AccessRequest]{"type", "action", f.Actions, func(r AccessRequest) string { return r.Action }})

	// The server orders them by a date that no page shows. Numbers grow with time
	// (inferred from the product's own lists), and if one is missing, the server's
	// order stays.
	if !slices.ContainsFunc(found, func(r AccessRequest) bool { return r.Number == 0 }) {
		slices.SortStableFunc(found, func(a, b AccessRequest) int { return cmp.Compare(b.Number, a.Number) })
	}
	return found, err
}
