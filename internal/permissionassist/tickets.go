package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"net/url"
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

func (t Ticket) ticketID() string { return t.ID }

// Person is somebody who works on a ticket.
type Person struct{ ID, Name string }

// TicketStatuses returns the documented statuses of access requests and
// personnel events. Completed and Canceled are final; Resolved is not.
func TicketStatuses() []string {
	return []string{"Pending", "Open", "Resolved", "Completed", "Canceled", "Scheduled", "Snoozed"}
}

type wirePerson struct {
	ID   lenient[wireGUID] `json:"id"`
	Name lenient[string]   `json:"name"`
}

type wireTicket struct {
	wireID
	Number   lenient[integer]     `json:"number"`
	Status   lenient[string]      `json:"status"`
	Reporter lenient[*wirePerson] `json:"reporter"`
	Assignee lenient[*wirePerson] `json:"assignee"`
}

// checkAffected returns an error if an item's affected identity is present but
// cannot be read: a gate would treat the item as someone else's. Without an ID,
// it can be somebody who is not in the directory yet (*inferred*; such an item
// of a server would settle it).
func checkAffected(w lenient[*wireIdentity]) error {
	if w.unreadable || w.value != nil && w.value.ID != "" && w.value.check() != nil {
		return errors.New("the id of its affected identity is not a GUID")
	}
	return nil
}

func (c *Client) ticket(w wireTicket) Ticket {
	return Ticket{
		ID: string(w.ID), Number: int64(w.Number.value), Status: documented(c.line(w.Status.value), TicketStatuses()),
		Reporter: optional(w.Reporter.value, c.person), Assignee: optional(w.Assignee.value, c.person),
	}
}

func (c *Client) person(w wirePerson) Person {
	return Person{ID: c.line(string(w.ID.value)), Name: c.line(w.Name.value)}
}

// ticket is an access request or a personnel event.
type ticket interface {
	ticketID() string
	// affected returns the ID of the affected identity; empty if the ticket does
	// not report it.
	affected() string
}

// ticketKind is what differs between access requests and personnel events.
type ticketKind[W wireItem, T ticket] struct {
	// noun and collection are the kind's names in messages and in paths.
	noun, collection            string
	getOperation, listOperation Operation
	convert                     func(*Client, W) T
}

// get reads one ticket.
func (k ticketKind[W, T]) get(ctx context.Context, c *Client, id string) (ticket T, resp *response, err error) {
	w, resp, err := getItem[W](ctx, c, k.getOperation, k.collection, id)
	if err == nil {
		ticket = k.convert(c, w)
	}
	return ticket, resp, err
}

// filter selects tickets by a value. nil values accept every ticket, and an
// empty list accepts none. The server filters by one value only, so its result
// is filtered again here. That also covers a server that ignores the parameter.
type filter[T ticket] struct {
	parameter string
	// noun is the value's name in messages.
	noun    string
	values  []string
	valueOf func(T) string
}

func (f filter[T]) accepts(ticket T) bool {
	return f.values == nil || slices.ContainsFunc(f.values, func(v string) bool { return SameValue(v, f.valueOf(ticket)) })
}

// check returns an error if a ticket does not report the value that the filter
// is set for. To leave the ticket out could open a gate, and so could keeping it.
func (f filter[T]) check(ticket T) error {
	if f.values == nil || f.valueOf(ticket) != "" {
		return nil
	}
	return fmt.Errorf("the server does not report its %s, or not as text, so the filter cannot be checked: leave out that filter, and "+
		"compare the values yourself", f.noun)
}

// list reads the tickets that match, in the server's order. parameters select
// by identity and application.
func (k ticketKind[W, T]) list(ctx context.Context, c *Client, parameters url.Values, filters ...filter[T]) ([]T, error) {
	for _, f := range filters {
		switch {
		case f.values != nil && len(f.values) == 0:
			return nil, nil
		case len(f.values) == 1:
			parameters.Set(f.parameter, f.values[0])
		}
	}
	all, err := readComplete(ctx, walker[W, T]{
		client: c, operation: k.listOperation, collection: k.collection, filter: parameters,
		convert: func(w W) T { return k.convert(c, w) },
	})
	if err != nil {
		return nil, err
	}

	for _, ticket := range all {
		for _, f := range filters {
			if err := f.check(ticket); err != nil {
				return nil, fmt.Errorf("%s %s: %w", k.noun, ticket.ticketID(), err)
			}
		}
	}
	return slices.DeleteFunc(all, func(ticket T) bool {
		return slices.ContainsFunc(filters, func(f filter[T]) bool { return !f.accepts(ticket) })
	}), nil
}

// one returns the values of a parameter for an ID; none without one.
func one(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}
