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
// answer to a POST can get lost. So the client never repeats a POST on a guess:
// it notes which imports an application has before the first POST, and after
// a doubtful answer looks which one is new.

// UncertainStageError says that an import may or may not have been staged, and
// that the client cannot find out. Nothing was posted again.
type UncertainStageError struct {
	// ApplicationID is the application the import was to be staged for.
	ApplicationID string
	// Err is why the answer to the POST cannot be trusted.
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
// several are new, so that the client cannot tell which one it is. Nothing was
// posted again.
type AmbiguousStageError struct {
	// ApplicationID is the application the import was to be staged for.
	ApplicationID string
	// Err is why the answer to the POST cannot be trusted.
	Err error
	// Candidates are the new imports, at least two.
	Candidates []Import
}

// Error is one line that names the candidates with numbers and IDs.
func (e *AmbiguousStageError) Error() string {
	names := make([]string, 0, len(e.Candidates))
	for _, c := range e.Candidates {
		names = append(names, fmt.Sprintf("#%d (%s)", c.Number, c.ID))
	}

	return fmt.Sprintf("an import of application %s may have been staged: %v; several are new: %s",
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
	// noted tells whether the fields below have been filled.
	noted bool
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
	return !s.known[strings.ToLower(imp.ID)] && imp.Number > s.highest && (imp.Type == TypeAPI || imp.Type == "")
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

	return c.stageOnce(ctx, applicationID, func(ctx context.Context) (Import, error) {
		var w wireImport

		err := c.post(ctx, notIdempotent, []string{"application-imports", "stage"}, wireStageRequest{ApplicationID: applicationID}, &w)
		if err != nil {
			return Import{}, err
		}

		return w.toImport(), nil
	})
}

// stageOnce runs the protocol around post, which makes one import on the
// server each time the server processes it.
func (c *Client) stageOnce(ctx context.Context, applicationID string, post func(context.Context) (Import, error)) (Import, error) {
	s := c.stagingFor(applicationID)

	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return Import{}, &NotStagedError{Err: ctx.Err()}
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
		imp, err := post(ctx)
		if err == nil && (s.known[strings.ToLower(imp.ID)] || imp.Application != nil && !SameGUID(imp.Application.ID, applicationID)) {
			// An answer to another request, as a confused cache gives it.
			err = c.wrongItem(http.MethodPost, "application-imports/stage", imp.ID)
		}

		if err != nil {
			imp, err = c.settleDoubt(ctx, s, applicationID, err)
		}

		var again *repeatPost

		switch {
		case errors.As(err, &again) && ctx.Err() != nil:
			return Import{}, &NotStagedError{Err: fmt.Errorf("%w (%w)", ctx.Err(), again.err)}
		case again != nil && posts <= c.maxRetries:
			continue
		case again != nil:
			return Import{}, &NotStagedError{Err: again.err}
		case err != nil:
			return Import{}, err
		}

		s.learn(imp)

		if imp.Application == nil {
			imp.Application = &Application{ID: applicationID}
		}

		return imp, nil
	}
}

// noteImports notes, once per application and Client, the highest number. It
// is the number of the import that started last, on the first page, or of one
// that has not started. Those may stand before or behind all others, in an
// order that is not documented, so it reads on from either end of the list up
// to a page with one that has started.
func (c *Client) noteImports(ctx context.Context, s *staging, applicationID string) error {
	if s.noted {
		return nil
	}

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

	s.noted = err == nil

	return err
}

// repeatPost is the verdict that nothing was staged and that another POST has
// a chance.
type repeatPost struct{ err error }

func (e *repeatPost) Error() string { return e.err.Error() }

// settleTime is how long a POST whose connection broke is looked for before it
// is taken as not processed.
const settleTime = 2 * time.Second

// How a failed POST is to be understood.
type outcome int

const (
	// notProcessed: the server, or what stands before it, did not stage.
	notProcessed outcome = iota
	// doubtful: it may have been staged; if it was not, it will not be.
	doubtful
	// pending: it may have been staged, and it may yet be: the one that gave
	// up waiting was not the server.
	pending
)

// classify tells what an error of a POST says about what the server did.
func classify(err error) outcome {
	var (
		api        *APIError
		unexpected *UnexpectedResponseError
		request    *RequestError
	)

	switch {
	case errors.As(err, &api):
		return notProcessed
	case errors.As(err, &request):
		if !request.Sent {
			return notProcessed
		}

		if errors.Is(err, ErrRequestTimeout) {
			return pending
		}

		return doubtful
	case errors.As(err, &unexpected):
		return classifyStatus(unexpected)
	default:
		return notProcessed
	}
}

func classifyStatus(e *UnexpectedResponseError) outcome {
	const clientClosedRequest = 499 // a proxy's, when it lost patience or the connection

	switch status := e.StatusCode; {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable && e.askedToRetry:
		return notProcessed
	case status == http.StatusRequestTimeout, status == clientClosedRequest, status == http.StatusGatewayTimeout:
		return pending
	case status >= 400 && status < 500:
		// Refused on the way to the API, such as 401, 404 or 413.
		return notProcessed
	default:
		return doubtful
	}
}

// settleDoubt finds out what became of a POST that ended with cause: the
// import it made, or an error that says what is known. The search goes on for
// a bounded time after the context has ended.
func (c *Client) settleDoubt(ctx context.Context, s *staging, applicationID string, cause error) (Import, error) {
	out := classify(cause)
	if out == notProcessed {
		return Import{}, &NotStagedError{Err: cause}
	}

	if s.noList != nil {
		return Import{}, &UncertainStageError{ApplicationID: applicationID, Err: cause, Look: s.noList}
	}

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*c.timeout)
	defer cancel()

	for began, scans := time.Now(), 1; ; scans++ {
		found, err := c.newImports(ctx, s, applicationID)
		if err != nil && ctx.Err() != nil {
			// The search's own end, which is not to be taken for the caller's.
			err = fmt.Errorf("%w: %s for all attempts: %s", ErrRequestTimeout, 2*c.timeout, err.Error())
		}

		if err != nil {
			return Import{}, &UncertainStageError{ApplicationID: applicationID, Err: cause, Look: err}
		}

		switch {
		case len(found) == 1:
			return c.adopt(ctx, found[0]), nil
		case len(found) > 1:
			return Import{}, &AmbiguousStageError{ApplicationID: applicationID, Err: cause, Candidates: found}
		}

		// The list moves while it is read, so one look is no proof; and what
		// broke off may need a moment to show.
		patience := settleTime
		if out == pending {
			patience = c.timeout
		}

		if scans >= 2 && time.Since(began) >= patience {
			break
		}

		if err := sleep(ctx, pollPause(time.Since(began))); err != nil {
			return Import{}, &UncertainStageError{ApplicationID: applicationID, Err: cause}
		}
	}

	var redirected *UnexpectedResponseError

	switch {
	case out == pending:
		return Import{}, &UncertainStageError{ApplicationID: applicationID, Err: cause}
	case errors.As(cause, &redirected) && redirected.Location != "":
		// It would be redirected again.
		return Import{}, &NotStagedError{Err: cause}
	default:
		return Import{}, &repeatPost{err: cause}
	}
}

// newImports reads all pages, because imports that have not started may be on
// the last, and returns those that may have been staged since.
func (c *Client) newImports(ctx context.Context, s *staging, applicationID string) ([]Import, error) {
	var found []Import

	seen := map[string]bool{}

	for imp, err := range c.ListImports(ctx, applicationID) {
		if err != nil {
			return nil, err
		}

		key := strings.ToLower(imp.ID)

		if imp.Number == 0 && !s.known[key] {
			return nil, fmt.Errorf("the list has an import without a number, %s, so that new ones cannot be told from old ones", imp.ID)
		}

		if s.isNew(imp) && !seen[key] {
			seen[key] = true

			found = append(found, imp)
		}
	}

	return found, nil
}

// adopt completes an import that was found in the list, whose items lack some
// fields, as far as the server lets it.
func (c *Client) adopt(ctx context.Context, listed Import) Import {
	full, err := c.getImport(ctx, listed.ID)
	if err != nil {
		return listed
	}

	return full.withKnown(listed)
}
