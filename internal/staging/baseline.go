package staging

import (
	"context"
	"errors"
	"fmt"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// baseline has the imports of an application before the POST.
type baseline struct {
	applicationID string
	ids           map[string]bool
	// highest is the highest number; 0 if there are no imports.
	highest int64
	// unfinished are the imports that have not ended, by number, the highest
	// first.
	unfinished []permissionassist.ApplicationImport
	// noList is set if the server does not have the list; the imports are then
	// unknown.
	noList error
}

// readBaseline reads the recent imports of an application. Older ones have
// lower numbers, so their IDs are not needed.
func (s *Stager) readBaseline(ctx context.Context, applicationID string) (baseline, error) {
	b := baseline{applicationID: applicationID, ids: map[string]bool{}}

	recent, err := s.client.RecentApplicationImports(ctx, applicationID)
	var missing *permissionassist.MissingEndpointError
	if errors.As(err, &missing) {
		b.noList = err
		return b, nil
	}
	if len(recent) > 0 {
		b.highest = recent[0].Number
	}
	for _, imp := range recent {
		b.ids[imp.ID] = true
		if !imp.Ended() {
			b.unfinished = append(b.unfinished, ofApplication(imp, applicationID))
		}
	}
	return b, err
}

// isNew reports whether an import was created after the baseline was read.
func (b baseline) isNew(imp permissionassist.ApplicationImport) bool {
	return !b.ids[imp.ID] && imp.Number > b.highest
}

// believe returns the import in a 2xx response to the POST, or an error if it
// cannot be the one that the POST staged. A confused cache may replay an older
// response, or one about another application.
func (s *Stager) believe(
	ctx context.Context, before baseline, imp permissionassist.ApplicationImport,
) (permissionassist.ApplicationImport, error) {
	if reason := before.contradicts(imp); reason != "" {
		return imp, wrongImport(imp, reason)
	}
	imp = ofApplication(imp, before.applicationID)
	if before.noList != nil || imp.Number > before.highest {
		return imp, nil
	}

	// A low number does not prove that the import is old.
	ctx, cancel := s.afterPost(ctx)
	defer cancel()
	read, err := s.client.RefreshApplicationImport(ctx, imp)
	if err != nil {
		// Not wrapped: ProcessedOf would judge this GET instead of the POST.
		return imp, wrongImport(imp, "its number is not that of a new import, and it could not be read: "+err.Error())
	}
	if reason := before.contradicts(read); reason != "" {
		return imp, wrongImport(read, reason)
	}
	return read, nil
}

// contradicts returns why an import cannot be a new one of the application;
// empty if it can.
func (b baseline) contradicts(imp permissionassist.ApplicationImport) string {
	switch {
	case !imp.MayBelongTo(b.applicationID):
		return "it does not belong to this application"
	case imp.Ended():
		return "it has already ended"
	case b.ids[imp.ID]:
		return "it existed before"
	default:
		return ""
	}
}

// wrongImport is the error of a successful response with an import that the
// POST cannot have staged.
func wrongImport(imp permissionassist.ApplicationImport, reason string) error {
	return fmt.Errorf("the server's response names %s (ID %s), which cannot be the new import: %s", imp, imp.ID, reason)
}
