package staging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// briefly bounds the search after an interrupt, and after a POST that should
// not have staged an import.
const briefly = 2 * time.Second

// Why a search has no result if the list was still being read when it ended.
var (
	errSearchInterrupted = errors.New("the search was interrupted")
	errSearchTooLong     = errors.New("the list of imports could not be read in time")
)

// patience is how long an import is expected to take to appear in the list.
func (s *Stager) patience() time.Duration { return max(briefly, s.client.RequestTimeout()) }

// afterPost returns the context of the reads after the POST. It outlives an
// interrupt by two seconds, so that the import is still found, and ends after
// twice the time that an import may take to appear.
func (s *Stager) afterPost(ctx context.Context) (context.Context, context.CancelFunc) {
	reads, cancelTimeout := context.WithTimeoutCause(context.WithoutCancel(ctx), 2*s.patience(), errSearchTooLong)
	reads, interrupt := context.WithCancelCause(reads)
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(briefly, func() { interrupt(errSearchInterrupted) })
	})
	return reads, func() {
		stop()
		interrupt(nil)
		cancelTimeout()
	}
}

// search looks for imports that are new since the baseline, until it finds some
// or its time is up. If the list cannot be read, it tries again. If the context
// ends, the search continues for a short time.
func (s *Stager) search(
	ctx context.Context, before baseline, processed permissionassist.Processed,
) ([]permissionassist.ApplicationImport, error) {
	if before.noList != nil {
		return nil, before.noList
	}

	search, cancel := s.afterPost(ctx)
	defer cancel()
	patience := s.patience()
	if processed == permissionassist.ProcessedUnlikely {
		patience = briefly
	}

	for start := time.Now(); ; {
		found, err := s.newImports(search, before)
		switch {
		case err != nil && search.Err() != nil:
			// Not the error of the context, which would look like the caller's.
			return nil, fmt.Errorf("%w: %s", context.Cause(search), err.Error())
		case len(found) > 0 || time.Since(start) >= patience:
			return found, err
		}

		select {
		case <-time.After(permissionassist.PollPause(time.Since(start))):
		case <-search.Done():
			return nil, err
		}
	}
}

// newImports reads the imports that are new since the baseline, as completely
// as the server reports them.
func (s *Stager) newImports(ctx context.Context, before baseline) ([]permissionassist.ApplicationImport, error) {
	recent, err := s.client.RecentApplicationImports(ctx, before.applicationID)
	if err != nil {
		return nil, err
	}

	var found []permissionassist.ApplicationImport
	for _, imp := range recent {
		if imp.Number == 0 && !before.ids[imp.ID] {
			return nil, fmt.Errorf("the list has an import without a number, %s, so new imports cannot be told from old ones", imp.ID)
		}
		if !before.isNew(imp) {
			continue
		}
		// The list does not have the creator.
		var other *permissionassist.OtherApplicationError
		complete, err := s.client.CompleteApplicationImport(ctx, ofApplication(imp, before.applicationID))
		switch {
		case err == nil:
			found = append(found, complete)
		case !errors.As(err, &other):
			found = append(found, imp)
		}
	}
	return found, nil
}
