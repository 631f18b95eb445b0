package staging

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// baseline has the imports of an application before the POST.
type baseline struct {
	applicationID string
	// ids are in lower case.
	ids map[string]bool
	// highest is the highest number; 0 if there are no imports.
	highest int64
	// noList is set if the server does not have the list; the imports are then
	// unknown.
	noList error
}

// readBaseline reads the recent imports of an application. Older ones have lower
// numbers, so their IDs are not needed.
func (s *Stager) readBaseline(ctx context.Context, applicationID string) (baseline, error) {
	b := baseline{applicationID: applicationID, ids: map[string]bool{}}

	recent, err := s.client.RecentApplicationImports(ctx, applicationID)
	var missing *permissionassist.MissingEndpointError
	if errors.As(err, &missing) {
		b.noList = err
		return b, nil
	}
	for _, imp := range recent {
		b.ids[strings.ToLower(imp.ID)] = true
		b.highest = max(b.highest, imp.Number)
	}
	return b, err
}

// isNew reports whether an import was created after the baseline was read.
func (b baseline) isNew(imp permissionassist.ApplicationImport) bool {
	return !b.ids[strings.ToLower(imp.ID)] && imp.Number > b.highest
}

// believe returns an error unless a 2xx response to the POST can be about the
// import that it staged. A confused cache may replay an older response, or return
// one of another application.
func (b baseline) believe(imp permissionassist.ApplicationImport) error {
	switch {
	case imp.Application != nil && !permissionassist.SameGUID(imp.Application.ID, b.applicationID):
		return &wrongImportError{imp: imp, reason: "it belongs to another application"}
	case imp.Ended():
		return &wrongImportError{imp: imp, reason: "it has already ended"}
	case b.noList == nil && !b.isNew(imp):
		return &wrongImportError{imp: imp, reason: "its ID or its number is not that of a new import"}
	default:
		return nil
	}
}

// wrongImportError is a successful response to the POST with an import that the
// POST cannot have staged.
type wrongImportError struct {
	imp    permissionassist.ApplicationImport
	reason string
}

func (e *wrongImportError) Error() string {
	return fmt.Sprintf("the server's response names %s (ID %s), which cannot be the new import: %s", e.imp, e.imp.ID, e.reason)
}
