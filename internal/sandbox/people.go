package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
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
	i.ID, i.Type, i.Status = normalID(cmp.Or(i.ID, newGUID())), cmp.Or(i.Type, "Employee"), cmp.Or(i.Status, "Active")
	if i.Created.IsZero() {
		i.Created = time.Now()
	}
	return put(s, &s.identities, i, identityID)
}

// UpdateIdentity changes an identity and reports whether the ID exists.
func (s *Server) UpdateIdentity(id string, change func(*Identity)) bool {
	return update(s, s.identities, id, identityID, change)
}

// AddAccessRequest adds an access request, or replaces the one with the same
// ID, and returns it as stored. Defaults are a random ID, the next number, the
// action Add, the status Pending and now as the time of its creation.
func (s *Server) AddAccessRequest(r AccessRequest) AccessRequest {
	r.ID, r.Action, r.Status = normalID(cmp.Or(r.ID, newGUID())), cmp.Or(r.Action, "Add"), cmp.Or(r.Status, "Pending")
	r.Number = s.nextTicket(r.Number)
	if r.Created.IsZero() {
		r.Created = time.Now()
	}
	return put(s, &s.accessRequests, r, accessRequestID)
}

// UpdateAccessRequest changes an access request and reports whether the ID
// exists.
func (s *Server) UpdateAccessRequest(id string, change func(*AccessRequest)) bool {
	return update(s, s.accessRequests, id, accessRequestID, change)
}

// AddPersonnelEvent adds a personnel event, or replaces the one with the same
// ID, and returns it as stored. Defaults are a random ID, the next number, the
// type Offboard, the status Pending and now as its effective time.
func (s *Server) AddPersonnelEvent(e PersonnelEvent) PersonnelEvent {
	e.ID, e.Type, e.Status = normalID(cmp.Or(e.ID, newGUID())), cmp.Or(e.Type, "Offboard"), cmp.Or(e.Status, "Pending")
	e.Number = s.nextTicket(e.Number)
	if e.Effective.IsZero() {
		e.Effective = time.Now()
	}
	return put(s, &s.personnelEvents, e, personnelEventID)
}

// UpdatePersonnelEvent changes a personnel event and reports whether the ID
// exists.
func (s *Server) UpdatePersonnelEvent(id string, change func(*PersonnelEvent)) bool {
	return update(s, s.personnelEvents, id, personnelEventID, change)
}

func identityID(i *Identity) *string             { return &i.ID }
func accessRequestID(r *AccessRequest) *string   { return &r.ID }
func personnelEventID(e *PersonnelEvent) *string { return &e.ID }

// nextTicket returns the number of a request or an event, or the next one for
// 0.
func (s *Server) nextTicket(number int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	number = cmp.Or(number, s.lastTicket+1)
	s.lastTicket = max(s.lastTicket, number)
	return number
}

func put[T any](s *Server, all *[]*T, item T, id func(*T) *string) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := byID(*all, *id(&item), id); old != nil {
		*old = item
	} else {
		*all = append(*all, &item)
	}
	return item
}

func update[T any](s *Server, all []*T, wanted string, id func(*T) *string, change func(*T)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	item := byID(all, wanted, id)
	if item == nil {
		return false
	}
	kept := *id(item)
	change(item)
	*id(item) = kept
	return true
}

// byID returns the item with the ID, or nil. mu is held.
func byID[T any](all []*T, wanted string, id func(*T) *string) *T {
	for _, item := range all {
		if *id(item) == normalID(wanted) {
			return item
		}
	}
	return nil
}

// listIdentities has no filters.
func (s *Server) listIdentities(c *call) response {
	sorted := slices.SortedStableFunc(slices.Values(s.identities), func(a, b *Identity) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.LastName), strings.ToLower(b.LastName)),
			strings.Compare(strings.ToLower(a.FirstName), strings.ToLower(b.FirstName)))
	})
	return pageOf(s.dialect, c.query, sorted, func(i *Identity) any { return s.dialect.identity(i) })
}

func (s *Server) listAccessRequests(c *call) response {
	return ticketPage(s, c, []string{"identityId", "applicationId"}, s.accessRequests, func(r *AccessRequest) ticketFields {
		return ticketFields{
			at: r.Created, item: s.dialect.accessRequest(r, byID(s.identities, r.IdentityID, identityID)),
			values: map[string]string{"identityId": r.IdentityID, "applicationId": r.ApplicationID, "status": r.Status, "type": r.Action},
		}
	})
}

func (s *Server) getAccessRequest(c *call) response {
	r := byID(s.accessRequests, c.route.id, accessRequestID)
	if r == nil {
		return notFound("Access request", c.route.id)
	}
	return jsonResponse(http.StatusOK, wireAccessRequestDetails{
		wireAccessRequest: s.dialect.accessRequest(r, byID(s.identities, r.IdentityID, identityID)),
		Privileges:        []string{}, ActivityLog: []string{"Created"}, Comments: append([]string{}, r.Comments...), RelatedItems: []string{},
	})
}

func (s *Server) listPersonnelEvents(c *call) response {
	return ticketPage(s, c, []string{"identityId"}, s.personnelEvents, func(e *PersonnelEvent) ticketFields {
		return ticketFields{
			at: e.Effective, item: s.dialect.personnelEvent(e, byID(s.identities, e.IdentityID, identityID)),
			values: map[string]string{"identityId": e.IdentityID, "status": e.Status, "type": e.Type},
		}
	})
}

func (s *Server) getPersonnelEvent(c *call) response {
	e := byID(s.personnelEvents, c.route.id, personnelEventID)
	if e == nil {
		return notFound("Personnel event", c.route.id)
	}
	return jsonResponse(http.StatusOK, s.dialect.personnelEvent(e, byID(s.identities, e.IdentityID, identityID)))
}

// ticketFields are the fields of a request or an event that a list uses.
type ticketFields struct {
	at     time.Time // the list's order, descending
	item   any
	values map[string]string // by parameter
}

// ticketPage returns a page of the requests or events that match the documented
// parameters. Values are compared without case and spaces.
func ticketPage[T any](s *Server, c *call, guids []string, all []*T, fields func(*T) ticketFields) response {
	for _, name := range guids {
		if id := c.query.Get(name); id != "" && !isGUID(id) {
			return invalidField(name, "The value is not a valid GUID")
		}
	}
	var found []ticketFields
	for _, item := range all {
		f := fields(item)
		matches := true
		for name, value := range f.values {
			wanted := c.query.Get(name)
			matches = matches && (wanted == "" || s.dialect.IgnoreFilters || compact(wanted) == compact(value))
		}
		if matches {
			found = append(found, f)
		}
	}
	slices.SortStableFunc(found, func(a, b ticketFields) int {
		if s.dialect.OldestFirst {
			a, b = b, a
		}
		return b.at.Compare(a.at)
	})
	return pageOf(s.dialect, c.query, found, func(f ticketFields) any { return f.item })
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
	Type             string          `json:"type"`
	Name             string          `json:"name"`
	Nomenclature     *string         `json:"nomenclature,omitempty"`
	AffectedIdentity json.RawMessage `json:"affectedIdentity,omitempty"`
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
	ID               string          `json:"id"`
	Kind             string          `json:"kind"`
	Number           int64           `json:"number"`
	Type             string          `json:"type"`
	Status           string          `json:"status"`
	Reporter         *wirePerson     `json:"reporter"`
	Assignee         *wirePerson     `json:"assignee"`
	AffectedIdentity json.RawMessage `json:"affectedIdentity,omitempty"`
	*wireExtra
}

func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (d Dialect) person(p Person) *wirePerson {
	if p.Name == "" {
		return nil
	}
	return &wirePerson{ID: d.id(p.ID), Name: p.Name}
}

func (d Dialect) identity(i *Identity) wireIdentity {
	return wireIdentity{
		ID: d.id(i.ID), Kind: "Identity", FirstName: textOrNull(i.FirstName), LastName: textOrNull(i.LastName),
		EmailAddress: textOrNull(i.EmailAddress), Type: d.value(i.Type), Title: textOrNull(i.Title), Company: textOrNull(i.Company),
		Division: textOrNull(i.Division), Department: textOrNull(i.Department), Office: textOrNull(i.Office),
		SupervisorName: textOrNull(i.SupervisorName), CreatedDate: d.time(i.Created), UpdatedDate: d.time(i.Created),
		FirstSeenDate: d.time(i.Created), InactivatedDate: d.timeOrNull(i.Inactivated), Status: i.Status, wireExtra: d.extra(),
	}
}

// affected returns the affected identity, which is null if there is none.
func (d Dialect) affected(i *Identity) json.RawMessage {
	switch {
	case d.OmitAffectedIdentity:
		return nil
	case i == nil:
		return raw(nil)
	default:
		return raw(d.identity(i))
	}
}

// value returns a value of more than one word as this dialect spells it.
func (d Dialect) value(value string) string {
	if d.CompactValues {
		return strings.ReplaceAll(value, " ", "")
	}
	return value
}

func (d Dialect) accessRequest(r *AccessRequest, i *Identity) wireAccessRequest {
	target := wireTarget{Type: "Group", Name: r.Group, Nomenclature: textOrNull(r.Nomenclature), AffectedIdentity: d.affected(i)}
	if i != nil {
		target.Type, target.Name = "User", strings.TrimSpace(i.FirstName+" "+i.LastName)
	}
	return wireAccessRequest{
		ID: d.id(r.ID), Kind: "Access Request", Number: r.Number, Action: r.Action, Status: r.Status,
		Reporter: d.person(r.Reporter), Assignee: d.person(r.Assignee), Target: target, wireExtra: d.extra(),
	}
}

func (d Dialect) personnelEvent(e *PersonnelEvent, i *Identity) wirePersonnelEvent {
	return wirePersonnelEvent{
		ID: d.id(e.ID), Kind: "Personnel Event", Number: e.Number, Type: d.value(e.Type), Status: e.Status,
		Reporter: d.person(e.Reporter), Assignee: d.person(e.Assignee), AffectedIdentity: d.affected(i), wireExtra: d.extra(),
	}
}
