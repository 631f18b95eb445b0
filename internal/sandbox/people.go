package sandbox

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Identity is a person or an account in the directory.
type Identity struct {
	// ID is a GUID; the server keeps it in lower case.
	ID string
	// The texts are sent as null if they are empty. An address is not unique.
	FirstName, LastName, EmailAddress            string
	Title, Company, Division, Department, Office string
	// Type is Employee, Service Account, Vendor and so on.
	Type           string
	SupervisorName string
	// Status is Active, Disabled or Removed.
	Status string
	// Created is when the directory's synchronization first found it.
	Created time.Time
	// Inactivated is nil for an active identity.
	Inactivated *time.Time
}

// Person is somebody who works on a request or an event. Without a name, it is
// sent as null.
type Person struct{ ID, Name string }

// AccessRequest is a request to change what somebody can do.
type AccessRequest struct {
	ID string
	// Number is shown in the product.
	Number int64
	// Action is Add, Change, Remove, Suspend or Restore.
	Action string
	// Status is Pending, Open, Resolved, Completed, Canceled, Scheduled or
	// Snoozed.
	Status             string
	Reporter, Assignee Person
	// IdentityID is the affected identity. Without one, the target is the group
	// with this name and nomenclature.
	IdentityID, Group, Nomenclature string
	ApplicationID                   string
	Created                         time.Time
	// Comments are among the details that only the response with one request has.
	Comments []string
}

// PersonnelEvent is somebody's arrival, departure, change of role or absence.
type PersonnelEvent struct {
	ID     string
	Number int64
	// Type is Onboard, Offboard, Role Transition or Absence.
	Type string
	// Status is that of an access request.
	Status             string
	Reporter, Assignee Person
	// IdentityID is the affected identity.
	IdentityID string
	Effective  time.Time
}

// AddIdentity adds an identity, or replaces the one with the same ID, and
// returns it as stored. Defaults are a random ID, the type Employee, the status
// Active and now as the time of its creation.
func (s *Server) AddIdentity(i Identity) Identity {
	i.Type = cmp.Or(i.Type, "Employee")
	i.Status = cmp.Or(i.Status, "Active")
	i.Created = cmp.Or(i.Created, time.Now())
	return put(s, &s.identities, i)
}

// UpdateIdentity changes an identity, except for its ID, and reports whether
// the ID exists.
func (s *Server) UpdateIdentity(id string, change func(*Identity)) bool {
	return update(s, &s.identities, id, change)
}

// AddAccessRequest adds an access request, or replaces the one with the same
// ID, and returns it as stored. Defaults are a random ID, the next number, the
// action Add, the status Pending and now as the time of its creation.
func (s *Server) AddAccessRequest(r AccessRequest) AccessRequest {
	r.Number = s.ticketNumber(r.Number)
	r.Action = cmp.Or(r.Action, "Add")
	r.Status = cmp.Or(r.Status, "Pending")
	r.Created = cmp.Or(r.Created, time.Now())
	return put(s, &s.accessRequests, r)
}

// UpdateAccessRequest changes an access request, except for its ID, and reports
// whether the ID exists.
func (s *Server) UpdateAccessRequest(id string, change func(*AccessRequest)) bool {
	return update(s, &s.accessRequests, id, change)
}

// AddPersonnelEvent adds a personnel event, or replaces the one with the same
// ID, and returns it as stored. Defaults are a random ID, the next number, the
// type Offboard, the status Pending and now as its effective time.
func (s *Server) AddPersonnelEvent(e PersonnelEvent) PersonnelEvent {
	e.Number = s.ticketNumber(e.Number)
	e.Type = cmp.Or(e.Type, "Offboard")
	e.Status = cmp.Or(e.Status, "Pending")
	e.Effective = cmp.Or(e.Effective, time.Now())
	return put(s, &s.personnelEvents, e)
}

// ticketNumber returns the number of a request or an event: the next one for 0.
func (s *Server) ticketNumber(number int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	number = cmp.Or(number, s.lastTicket+1)
	s.lastTicket = max(s.lastTicket, number)
	return number
}

// listIdentities has no filters.
func (s *Server) listIdentities(c *call) response {
	sorted := slices.SortedStableFunc(slices.Values(s.identities.rows), func(a, b *Identity) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.LastName), strings.ToLower(b.LastName)),
			strings.Compare(strings.ToLower(a.FirstName), strings.ToLower(b.FirstName)))
	})
	return pageOf(s.dialect, c.query, sorted, func(i *Identity) any { return s.dialect.identity(i) })
}

func (s *Server) listAccessRequests(c *call) response {
	return ticketPage(s, c, s.accessRequests.rows, func(r *AccessRequest) ticket {
		return ticket{
			at: r.Created, item: s.accessRequest(r), identityID: r.IdentityID, applicationID: r.ApplicationID, status: r.Status, kind: r.Action,
		}
	})
}

func (s *Server) getAccessRequest(c *call) response {
	return one(c, &s.accessRequests, "Access request", func(r *AccessRequest) any {
		return wireAccessRequestDetails{
			wireAccessRequest: s.accessRequest(r),
			Privileges:        []string{}, ActivityLog: []string{"Created"}, Comments: append([]string{}, r.Comments...), RelatedItems: []string{},
		}
	})
}

func (s *Server) listPersonnelEvents(c *call) response {
	return ticketPage(s, c, s.personnelEvents.rows, func(e *PersonnelEvent) ticket {
		return ticket{at: e.Effective, item: s.personnelEvent(e), identityID: e.IdentityID, status: e.Status, kind: e.Type}
	})
}

func (s *Server) getPersonnelEvent(c *call) response {
	return one(c, &s.personnelEvents, "Personnel event", func(e *PersonnelEvent) any { return s.personnelEvent(e) })
}

// ticket is what a list needs of an access request or a personnel event.
type ticket struct {
	at                                      time.Time // the list's order, descending
	item                                    any
	identityID, applicationID, status, kind string
}

// ticketPage returns a page of the requests or events that match the documented
// parameters. Values are compared without case and spaces.
func ticketPage[T any](s *Server, c *call, rows []*T, ticketOf func(*T) ticket) response {
	for _, name := range []string{"identityId", "applicationId"} {
		if id := c.query.Get(name); id != "" && !isGUID(id) {
			return invalidField(name, "The value is not a valid GUID")
		}
	}
	matches := func(name, value string) bool {
		wanted := c.query.Get(name)
		return wanted == "" || s.dialect.IgnoreFilters || compact(wanted) == compact(value)
	}
	var found []ticket
	for _, row := range rows {
		t := ticketOf(row)
		if matches("identityId", t.identityID) && matches("applicationId", t.applicationID) && matches("status", t.status) &&
			matches("type", t.kind) {
			found = append(found, t)
		}
	}
	slices.SortStableFunc(found, func(a, b ticket) int {
		if s.dialect.OldestFirst {
			a, b = b, a
		}
		return b.at.Compare(a.at)
	})
	return pageOf(s.dialect, c.query, found, func(t ticket) any { return t.item })
}

func compact(value string) string { return strings.ToLower(strings.ReplaceAll(value, " ", "")) }

type wireIdentity struct {
	ID              string  `json:"id"`
	Kind            string  `json:"kind"`
	FirstName       *string `json:"firstName"`
	LastName        *string `json:"lastName"`
	EmailAddress    *string `json:"emailAddress"`
	Type            string  `json:"type"`
	Title           *string `json:"title"`
	Company         *string `json:"company"`
	Division        *string `json:"division"`
	Department      *string `json:"department"`
	Office          *string `json:"office"`
	SupervisorName  *string `json:"supervisorName"`
	CreatedDate     string  `json:"createdDate"`
	UpdatedDate     string  `json:"updatedDate"`
	FirstSeenDate   string  `json:"firstSeenDate"`
	InactivatedDate *string `json:"inactivatedDate"`
	Status          string  `json:"status"`
	*wireExtra
}

type wirePerson struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type wireTarget struct {
	Type             string        `json:"type"`
	Name             string        `json:"name"`
	Nomenclature     *string       `json:"nomenclature,omitempty"`
	AffectedIdentity *wireIdentity `json:"affectedIdentity"`
}

type wireAccessRequest struct {
	ID       string      `json:"id"`
	Kind     string      `json:"kind"`
	Number   int64       `json:"number"`
	Action   string      `json:"action"`
	Status   string      `json:"status"`
	Reporter *wirePerson `json:"reporter"`
	Assignee *wirePerson `json:"assignee"`
	Target   wireTarget  `json:"target"`
	*wireExtra
}

// wireAccessRequestDetails adds what the documentation lists without naming the
// fields.
type wireAccessRequestDetails struct {
	wireAccessRequest
	Privileges   []string `json:"privileges"`
	ActivityLog  []string `json:"activityLog"`
	Comments     []string `json:"comments"`
	RelatedItems []string `json:"relatedItems"`
}

type wirePersonnelEvent struct {
	ID               string        `json:"id"`
	Kind             string        `json:"kind"`
	Number           int64         `json:"number"`
	Type             string        `json:"type"`
	Status           string        `json:"status"`
	Reporter         *wirePerson   `json:"reporter"`
	Assignee         *wirePerson   `json:"assignee"`
	AffectedIdentity *wireIdentity `json:"affectedIdentity"`
	*wireExtra
}

func (d Dialect) person(p Person) *wirePerson {
	if p.Name == "" {
		return nil
	}
	return &wirePerson{ID: d.id(p.ID), Name: p.Name}
}

// value returns a value of more than one word as this dialect spells it.
func (d Dialect) value(value string) string {
	if d.CompactValues {
		return strings.ReplaceAll(value, " ", "")
	}
	return value
}

// identity returns null if there is no identity.
func (d Dialect) identity(i *Identity) *wireIdentity {
	if i == nil {
		return nil
	}
	created := d.time(i.Created)
	return &wireIdentity{
		ID: d.id(i.ID), Kind: "Identity", FirstName: textOrNull(i.FirstName), LastName: textOrNull(i.LastName),
		EmailAddress: textOrNull(i.EmailAddress), Type: d.value(i.Type), Title: textOrNull(i.Title), Company: textOrNull(i.Company),
		Division: textOrNull(i.Division), Department: textOrNull(i.Department), Office: textOrNull(i.Office),
		SupervisorName: textOrNull(i.SupervisorName), CreatedDate: created, UpdatedDate: created, FirstSeenDate: created,
		InactivatedDate: d.timeOrNull(i.Inactivated), Status: i.Status, wireExtra: d.extra(),
	}
}

func (s *Server) accessRequest(r *AccessRequest) wireAccessRequest {
	d, i := s.dialect, s.identities.find(r.IdentityID)
	target := wireTarget{Type: "Group", Name: r.Group, Nomenclature: textOrNull(r.Nomenclature), AffectedIdentity: d.identity(i)}
	if i != nil {
		target.Type, target.Name = "User", strings.TrimSpace(i.FirstName+" "+i.LastName)
	}
	return wireAccessRequest{
		ID: d.id(r.ID), Kind: "Access Request", Number: r.Number, Action: r.Action, Status: r.Status,
		Reporter: d.person(r.Reporter), Assignee: d.person(r.Assignee), Target: target, wireExtra: d.extra(),
	}
}

func (s *Server) personnelEvent(e *PersonnelEvent) wirePersonnelEvent {
	d := s.dialect
	return wirePersonnelEvent{
		ID: d.id(e.ID), Kind: "Personnel Event", Number: e.Number, Type: d.value(e.Type), Status: e.Status,
		Reporter: d.person(e.Reporter), Assignee: d.person(e.Assignee),
		AffectedIdentity: d.identity(s.identities.find(e.IdentityID)), wireExtra: d.extra(),
	}
}
