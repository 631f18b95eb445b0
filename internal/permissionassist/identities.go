package permissionassist

import (
	"context"
	"strings"
)

// Identity is a person or an account in the directory. One person can have
// several. Its texts are printable, on one line and at most 200 characters
// long, and empty if the server does not report them.
type Identity struct {
	// ID is a GUID in lower case.
	ID string
	// EmailAddress is not unique.
	FirstName, LastName, EmailAddress string
	// Type and Status have the documented spelling, if they are documented.
	Type, Status                                 string
	Title, Company, Division, Department, Office string
	// SupervisorName is "Last, First".
	SupervisorName string
	// The times are ISO 8601 as the server reports them, with or without a zone.
	CreatedDate, UpdatedDate, FirstSeenDate, InactivatedDate string

	// rawEmail is the address as the server spells it, to compare with.
	rawEmail string
}

// IdentityActive is the status of an identity that the directory has not
// disabled or removed.
const IdentityActive = "Active"

// IdentityStatuses returns the documented statuses of an identity.
func IdentityStatuses() []string { return []string{IdentityActive, "Disabled", "Removed"} }

// IdentityTypes returns the documented types of an identity.
func IdentityTypes() []string {
	return []string{
		"Employee", "Service Account", "Vendor", "Shared", "Mailbox", "Client", "Temporary", "Administrator", "Auditor", "Unknown",
	}
}

type wireIdentity struct {
	wireID
	FirstName       lenient[string] `json:"firstName"`
	LastName        lenient[string] `json:"lastName"`
	EmailAddress    lenient[string] `json:"emailAddress"`
	Type            lenient[string] `json:"type"`
	Status          lenient[string] `json:"status"`
	Title           lenient[string] `json:"title"`
	Company         lenient[string] `json:"company"`
	Division        lenient[string] `json:"division"`
	Department      lenient[string] `json:"department"`
	Office          lenient[string] `json:"office"`
	SupervisorName  lenient[string] `json:"supervisorName"`
	CreatedDate     lenient[string] `json:"createdDate"`
	UpdatedDate     lenient[string] `json:"updatedDate"`
	FirstSeenDate   lenient[string] `json:"firstSeenDate"`
	InactivatedDate lenient[string] `json:"inactivatedDate"`
}

func (c *Client) identity(w wireIdentity) Identity {
	return Identity{
		ID:        string(w.ID),
		FirstName: c.line(w.FirstName.value), LastName: c.line(w.LastName.value), EmailAddress: c.line(w.EmailAddress.value),
		Type:   documented(c.line(w.Type.value), IdentityTypes()),
		Status: documented(c.line(w.Status.value), IdentityStatuses()),
		Title:  c.line(w.Title.value), Company: c.line(w.Company.value), Division: c.line(w.Division.value),
		Department: c.line(w.Department.value), Office: c.line(w.Office.value), SupervisorName: c.line(w.SupervisorName.value),
		CreatedDate: c.timestamp(w.CreatedDate.value), UpdatedDate: c.timestamp(w.UpdatedDate.value),
		FirstSeenDate: c.timestamp(w.FirstSeenDate.value), InactivatedDate: c.timestamp(w.InactivatedDate.value),
		rawEmail: w.EmailAddress.value,
	}
}

// HasEmailAddress reports whether the identity has the address, ignoring case
// and surrounding white space. An empty address matches nobody.
func (i Identity) HasEmailAddress(address string) bool {
	address = strings.TrimSpace(address)
	return address != "" && strings.EqualFold(strings.TrimSpace(i.rawEmail), address)
}

// ListIdentities reads all identities, in the server's order. The API has no
// filters, so all callers of one Client share one scan. An incomplete list is
// an error: somebody who was missed would look like somebody who left.
func (c *Client) ListIdentities(ctx context.Context) ([]Identity, error) {
	return c.identities.get(ctx, func(ctx context.Context) ([]Identity, error) {
		return readComplete(ctx, walker[wireIdentity, Identity]{
			client: c, operation: OperationListIdentities, collection: "identities", convert: c.identity,
		})
	})
}
