package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Staging is not idempotent, the server knows no idempotency key, and the
// answer to a POST can get lost. So the client notes which imports an
// application has before it posts, and after a doubtful answer looks which one
// is new. It posts again only where the connection or what stands before the
// server broke, and nothing is new after all the time that a request may take.

// UncertainStageError says that an import may or may not have been staged, and
// that the client cannot find out.
type UncertainStageError struct {
	// ApplicationID is the application the import was to be staged for.
	ApplicationID string
	// Posts is how often it was posted, at least once: so many imports can turn up.
	Posts int
	// Err is why the answer to the last POST cannot be trusted.
	Err error
	// Look is why looking for the import was of no use; nil where it was not
	// found but may still come to be, because the server may be working on it.
	Look error
}

// Error is one line with both causes.
func (e *UncertainStageError) Error() string {
	if e.Look == nil {
		return fmt.Sprintf("an import of application %s may still be staged: %v; it is not in the list of imports so far",
			e.ApplicationID, e.Err)
	}

	return fmt.Sprintf("an import of application %s may have been staged: %v; the list of imports could not be read to find out: %v",
		e.ApplicationID, e.Err, e.Look)
}

// Unwrap gives both causes.
func (e *UncertainStageError) Unwrap() []error {
	if e.Look == nil {
		return []error{e.Err}
	}

	return []error{e.Err, e.Look}
}

// AmbiguousStageError says that an import may have been staged and that
// others are new, so that the client cannot tell which one it is.
type AmbiguousStageError struct {
	// ApplicationID is the application the import was to be staged for.
	ApplicationID string
	// Err is why the answer to the POST cannot be trusted.
	Err error
	// Candidates are the new imports: at least two or, where it does not look as
	// if it came of this staging, at least one.
	Candidates []Import
}

// Error is one line that names the candidates with numbers and IDs.
func (e *AmbiguousStageError) Error() string {
	names := make([]string, 0, len(e.Candidates))
	for _, c := range e.Candidates {
		names = append(names, fmt.Sprintf("#%d (%s)", c.Number, c.ID))
	}

	return fmt.Sprintf("an import of application %s may have been staged: %v; new are: %s",
		e.ApplicationID, e.Err, strings.Join(names, ", "))
}

// Unwrap gives the reason of the doubt.
func (e *AmbiguousStageError) Unwrap() error { return e.Err }

// NotStagedError says that it is certain that no import was staged.
type NotStagedError struct {
	// Err is what went wrong.
	Err error
}

// Error is the cause's.
func (e *NotStagedError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *NotStagedError) Unwrap() error { return e.Err }

// staging is what the client knows of one application's imports, in order to
// recognise one that it staged without being told.
type staging struct {
	// turn is a mutex whose waiters can give up; it guards the rest. Staging
	// for one application happens one after the other.
	turn chan struct{}
	// noted tells whether the fields below have been filled, and notedAt when.
	noted   bool
	notedAt time.Time
	// turns counts, over all processes on this machine, who has staged for the
	// application; see lockStaging.
	turns uint64
	// noList is the answer of a server that has no list of imports.
	noList error
	// highest is the highest number of an import seen or staged so far.
	highest int64
	// known holds the lower-case IDs of the imports seen or staged so far.
	known map[string]bool
}

func (c *Client) stagingFor(applicationID string) *staging {
	c.stagingsMu.Lock()
	defer c.stagingsMu.Unlock()

	key := strings.ToLower(applicationID)
	if c.stagings[key] == nil {
		c.stagings[key] = &staging{turn: make(chan struct{}, 1), known: map[string]bool{}}
	}

	return c.stagings[key]
}

func (s *staging) learn(imports ...Import) {
	for _, imp := range imports {
		s.highest = max(s.highest, imp.Number)
		s.known[strings.ToLower(imp.ID)] = true
	}
}

// isNew tells whether an import of the list can be one that was staged since.
func (s *staging) isNew(imp Import) bool {
	return !s.known[strings.ToLower(imp.ID)] && imp.Number > s.highest
}

// StageImport stages an import of an application by its import schedule,
// exactly once, and returns it as it was then, usually Pending.
//
// Once the request is on its way the end of the context does not end it: the
// answer (or, where that is lost, the search for the import) is awaited for a
// bounded time, so that an interrupt cannot lose the import's ID. An error is
// a *NotStagedError where it is certain that nothing was staged, else an
// *UncertainStageError or *AmbiguousStageError.
func (c *Client) StageImport(ctx context.Context, applicationID string) (Import, error) {
	if err := ValidateGUID(applicationID); err != nil {
		return Import{}, &NotStagedError{Err: err}
	}

	return c.stageOnce(ctx, applicationID, "stage", func(ctx context.Context, calling *call) (Import, error) {
		var w wireImport

		err := c.post(ctx, calling, []string{"application-imports", "stage"}, wireStageRequest{ApplicationID: applicationID}, &w)
		if err != nil {
			return Import{}, err
		}

		return w.toImport(), nil
	})
}

// stageOnce runs the protocol around post, which makes one import on the
// server each time the server processes it. operation is the last element of
// its path.
func (c *Client) stageOnce(ctx context.Context, applicationID, operation string, post func(context.Context, *call) (Import, error)) (Import, error) {
	s := c.stagingFor(applicationID)

	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return Import{}, &NotStagedError{Err: fmt.Errorf("waiting for another import of this application to be staged: %w", ctx.Err())}
	}

	unlock, err := c.lockStaging(ctx, s, applicationID)
	if err != nil {
		return Import{}, &NotStagedError{Err: err}
	}
	defer unlock()

	if err := c.noteImports(ctx, s, applicationID); err != nil {
		return Import{}, &NotStagedError{Err: err}
	}

	for posts := 1; ; posts++ {
		imp, err := post(ctx, &call{policy: notIdempotent})
		if err == nil && (s.known[strings.ToLower(imp.ID)] || imp.Application != nil && !SameGUID(imp.Application.ID, applicationID)) {
			// An answer to another request, as a confused cache gives it.
			err = c.wrongItem(http.StatusCreated, http.MethodPost, "application-imports/"+operation, imp.ID)
		}

		if err == nil && imp.CreatedBy != "" {
			c.tokenName.Store(&imp.CreatedBy)
		}

		if err != nil {
			imp, err = c.settleDoubt(ctx, s, applicationID, err)
		}

		var (
			again     *repeatPost
			uncertain *UncertainStageError
		)

		if errors.As(err, &again) {
			again.posts = posts
		}

		if errors.As(err, &uncertain) {
			uncertain.Posts = posts
		}

		switch {
		case again != nil && ctx.Err() != nil:
			return Import{}, again.final(applicationID, fmt.Errorf("%w (%w)", ctx.Err(), again.err))
		case again != nil && posts <= c.maxRetries:
			continue
		case again != nil:
			return Import{}, again.final(applicationID, again.err)
		case err != nil:
			return Import{}, err
		}

		s.learn(imp)
		imp.Posts = posts

		if imp.Application == nil {
			imp.Application = &Application{ID: applicationID}
		}

		return imp, nil
	}
}

// noteLasts is how long the note of an application's imports is relied on. An
// apply can take hours, in which others stage, too.
const noteLasts = 10 * time.Second

// noteImports notes the highest number of an application's imports. It
// is the number of the import that started last, on the first page, or of one
// that has not started. Those may stand before or behind all others, in an
// order that is not documented, so it reads on from either end of the list up
// to a page with one that has started.
func (c *Client) noteImports(ctx context.Context, s *staging, applicationID string) error {
	if s.noted && time.Since(s.notedAt) < noteLasts {
		return nil
	}

	s.noList = nil

	pages := 1
	note := func(n int) (started bool, err error) {
		imports, total, err := c.importPage(ctx, n, applicationID)
		pages = total
		s.learn(imports...)

		return slices.ContainsFunc(imports, func(i Import) bool { return i.BuildStart != "" }), err
	}

	first := 1
	started, err := note(first)

	for err == nil && !started && first < pages {
		first++
		started, err = note(first)
	}

	started = false
	for last := pages; err == nil && !started && last > first; last-- {
		started, err = note(last)
	}

	if isMissingAPI(err) {
		s.noList, err = err, nil
	}

	s.noted, s.notedAt = err == nil, time.Now()

	return err
}
