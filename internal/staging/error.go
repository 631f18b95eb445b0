package staging

import (
	"fmt"
	"slices"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// Outcome is the outcome of a failed staging, as far as it is known.
type Outcome string

const (
	// NotStaged means that no import was staged. Staging again is safe.
	NotStaged Outcome = "not staged"
	// Uncertain means that an import may have been staged, or may be staged later,
	// and that none was found.
	Uncertain Outcome = "uncertain"
	// Ambiguous means that an import may have been staged, and that there are new
	// imports. It is not known whether the POST staged one of them, or which one.
	Ambiguous Outcome = "ambiguous"
)

// Error is a staging that failed. A second POST was sent only if the first was
// certainly not processed.
type Error struct {
	Outcome Outcome
	// ApplicationID is the application for which an import was requested.
	ApplicationID string
	// Candidates are the new imports if the outcome is Ambiguous, by number, the
	// highest first; else nil.
	Candidates []permissionassist.ApplicationImport
	// Err is why the POST was not sent, or why its response could not be believed.
	Err error
	// Searched is set if the outcome is NotStaged only because a search found
	// nothing new.
	Searched bool
	// SearchErr is why the list of imports could not be searched if the outcome is
	// Uncertain; nil if it was searched and nothing was found.
	SearchErr error
}

func notStaged(applicationID string, err error) *Error {
	return &Error{Outcome: NotStaged, ApplicationID: applicationID, Err: err}
}

// Error is for logs. Package explain describes the outcome for people.
func (e *Error) Error() string {
	return fmt.Sprintf("staging an import, %s: %v", e.Outcome, e.Err)
}

func (e *Error) Unwrap() []error {
	return slices.DeleteFunc([]error{e.Err, e.SearchErr}, func(err error) bool { return err == nil })
}
