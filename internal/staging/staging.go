// Package staging stages imports at most once.
//
// Staging is not idempotent, the server has no idempotency key, and the
// response to a POST can get lost. So this package keeps one promise: a second
// POST is sent only if the first was certainly not processed. In any doubt it
// does not post again. It searches the list of imports for the new one instead,
// and if that does not settle the matter, it returns an error that says so.
//
// One staging goes through four steps:
//
//	baseline  read which imports the application has (baseline.go)
//	post      send the POST; the client repeats it only if the server certainly
//	          did not process it
//	search    without a usable response, look for a new import (search.go)
//	conclude  decide the outcome (this file)
//
// What a response to the POST leads to. [permissionassist.ProcessedOf] decides
// the row:
//
//	the POST was processed           search for        nothing new  one new, plausible  other new
//	-------------------------------  ----------------  -----------  ------------------  ---------
//	no: the API's own 4xx,           -                 NotStaged    -                   -
//	creation_failed, never sent, no
//	byte of an upload sent, 429 or
//	503 with Retry-After until the
//	retries ran out
//	unlikely: the API's own 5xx, a   2 s               NotStaged    Ambiguous           Ambiguous
//	redirect, a 4xx page, an upload
//	sent in part
//	unknown: the connection broke    request_timeout   Uncertain    recovered, with     Ambiguous
//	or timed out, a 408, 499 or 5xx                                 a warning
//	page, a 2xx that is not
//	believed
//
// A 2xx response is believed if its import has an ID that is not in the
// baseline, has not ended, and is not of another application. If its number is
// not above the baseline's, one GET has to confirm it. In the search, new means
// an ID that is not in the baseline and a number above it. Plausible means: as
// far as is known, created by this token through the API (see
// [Stager.plausible]).
//
// If the baseline cannot be read, nothing is posted. A server without the list
// has no baseline: staging works, and any doubt is Uncertain at once. A server
// that has neither the list nor the endpoint for staging is not the API.
//
// Within the process, one import of an application is staged at a time. There
// is no coordination with other processes: an import that they stage at the
// same time leads to Ambiguous, or is the reason for the warning about a
// recovered import.
package staging

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// Result is an import that was staged or joined.
type Result struct {
	// Import is the import as the server reported it, usually Pending. Its
	// Application has at least the ID.
	Import permissionassist.ApplicationImport
	// Doubt is nil if the response to the POST named the import. Otherwise it is
	// why that response could not be believed: the import was then recovered, as
	// the only new one in the list.
	Doubt error
	// Unfinished are the application's imports that had not ended before the POST,
	// by number, the highest first. Import is not one of them.
	Unfinished []permissionassist.ApplicationImport
	// FilesSHA256 is the SHA-256 of what was sent for each file group, as the file
	// group was given, in lower-case hexadecimal digits; nil without an upload.
	FilesSHA256 map[string]string
	// Joined is set if Import was pending already, and nothing was posted.
	Joined bool
}

// Stager stages imports on one server with one token. It is safe for concurrent
// use.
type Stager struct {
	client *permissionassist.Client

	// The token's name and the type that this server reported for imports that
	// this token staged. They identify an import in the list.
	tokenName, stagedType atomic.Pointer[string]

	mu sync.Mutex
	// turns has, for each application, a mutex with cancelable waiting. The key is
	// the ID in lower case.
	turns map[string]chan struct{}
}

// New returns a Stager that uses client.
func New(client *permissionassist.Client) *Stager {
	return &Stager{client: client, turns: map[string]chan struct{}{}}
}

// Stage stages an import of an application by its import schedule. The error is
// an *Error.
//
// Once the POST is on its way, an interrupt must not lose an import. Stage then
// ignores the end of the context: it waits for the response and searches for at
// most 2 seconds.
func (s *Stager) Stage(ctx context.Context, applicationID string) (Result, error) {
	return s.inTurn(ctx, applicationID, func(before baseline) (Result, error) {
		return s.stage(ctx, before, s.client.StageApplicationImport)
	})
}

// Join returns the latest import of an application that is still pending. If
// there is none, it stages one, as Stage does: an import that is no longer
// pending may have read its files too early.
func (s *Stager) Join(ctx context.Context, applicationID string) (Result, error) {
	return s.inTurn(ctx, applicationID, func(before baseline) (Result, error) {
		isPending := func(imp permissionassist.ApplicationImport) bool { return imp.Status == permissionassist.StatusPending }
		if i := slices.IndexFunc(before.unfinished, isPending); i >= 0 {
			imp, err := s.client.RefreshApplicationImport(ctx, before.unfinished[i])
			if err == nil && isPending(imp) {
				return Result{Import: imp, Unfinished: slices.Delete(before.unfinished, i, i+1), Joined: true}, nil
			}
		}
		return s.stage(ctx, before, s.client.StageApplicationImport)
	})
}

// Upload stages an import of an application from files, as Stage does. files is
// as in [permissionassist.NewUpload]. The end of the context stops the sending
// of the files.
func (s *Stager) Upload(ctx context.Context, applicationID string, files map[string]string) (Result, error) {
	upload, err := permissionassist.NewUpload(ctx, applicationID, files)
	if err != nil {
		return Result{}, notStaged(applicationID, err)
	}
	defer upload.Close()

	result, err := s.inTurn(ctx, applicationID, func(before baseline) (Result, error) {
		return s.stage(ctx, before, func(ctx context.Context, _ string) (permissionassist.ApplicationImport, error) {
			return s.client.UploadApplicationImport(ctx, upload)
		})
	})
	result.FilesSHA256 = upload.SHA256()
	return result, err
}

// inTurn takes the turn, reads the baseline, and calls do with it.
func (s *Stager) inTurn(ctx context.Context, applicationID string, do func(baseline) (Result, error)) (Result, error) {
	if err := permissionassist.ValidateGUID(applicationID); err != nil {
		return Result{}, notStaged(applicationID, err)
	}
	done, err := s.takeTurn(ctx, applicationID)
	if err != nil {
		return Result{}, notStaged(applicationID, err)
	}
	defer done()

	before, err := s.readBaseline(ctx, applicationID)
	if err != nil {
		return Result{}, notStaged(applicationID, err)
	}
	return do(before)
}

type postFunc func(ctx context.Context, applicationID string) (permissionassist.ApplicationImport, error)

// stage sends the POST, and finds out what it has done.
func (s *Stager) stage(ctx context.Context, before baseline, post postFunc) (Result, error) {
	imp, err := post(ctx, before.applicationID)
	if err == nil {
		imp, err = s.believe(ctx, before, imp)
	}
	if err == nil {
		s.learn(imp)
		return Result{Import: imp, Unfinished: before.unfinished}, nil
	}

	processed := permissionassist.ProcessedOf(err)
	if processed == permissionassist.ProcessedNo || before.noList != nil && permissionassist.IsMissingEndpoint(err) {
		return Result{}, notStaged(before.applicationID, err)
	}
	found, searchErr := s.search(ctx, before, processed)
	return s.conclude(before, processed, err, found, searchErr)
}

// conclude is the right-hand side of the table in the package's documentation.
func (s *Stager) conclude(
	before baseline, processed permissionassist.Processed, postErr error, found []permissionassist.ApplicationImport, searchErr error,
) (Result, error) {
	failed := &Error{ApplicationID: before.applicationID, Err: postErr, SearchErr: searchErr, Candidates: found}

	switch {
	case searchErr != nil:
		failed.Outcome = Uncertain
	case len(found) == 0 && processed == permissionassist.ProcessedUnlikely:
		failed.Outcome, failed.Searched = NotStaged, true
	case len(found) == 0:
		failed.Outcome = Uncertain
	case len(found) == 1 && processed == permissionassist.ProcessedUnknown && s.plausible(found[0]):
		return Result{Import: ofApplication(found[0], before.applicationID), Doubt: postErr, Unfinished: before.unfinished}, nil
	default:
		failed.Outcome = Ambiguous
	}
	return Result{}, failed
}

// takeTurn waits until this process stages no other import of the application:
// the search would confuse the two.
func (s *Stager) takeTurn(ctx context.Context, applicationID string) (done func(), err error) {
	key := strings.ToLower(applicationID)

	s.mu.Lock()
	turn := s.turns[key]
	if turn == nil {
		turn = make(chan struct{}, 1)
		s.turns[key] = turn
	}
	s.mu.Unlock()

	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for another import of this application to be staged: %w", ctx.Err())
	}
}

// learn remembers how the server reports imports that this token staged.
func (s *Stager) learn(imp permissionassist.ApplicationImport) {
	if imp.CreatedBy != "" {
		s.tokenName.Store(&imp.CreatedBy)
	}
	if imp.Type != "" {
		s.stagedType.Store(&imp.Type)
	}
}

// plausible reports whether this token may have staged an import. If both names
// are known, the creator decides: the token's name is learned from the server,
// never from the configuration. Otherwise an import of type Manual or Scheduled
// is not plausible, unless the server has used that type for an import that
// this token staged: the vendor's pages show API, Api and Scheduled.
func (s *Stager) plausible(imp permissionassist.ApplicationImport) bool {
	if name := s.tokenName.Load(); name != nil && imp.CreatedBy != "" {
		return strings.EqualFold(bareName(imp.CreatedBy), bareName(*name))
	}
	if staged := s.stagedType.Load(); staged != nil && strings.EqualFold(imp.Type, *staged) {
		return true
	}
	return imp.Type != permissionassist.TypeManual && imp.Type != permissionassist.TypeScheduled
}

// bareName returns a token's name without the prefix that some of the server's
// responses add to it.
func bareName(createdBy string) string {
	const prefix = "API Token - "
	if len(createdBy) > len(prefix) && strings.EqualFold(createdBy[:len(prefix)], prefix) {
		return createdBy[len(prefix):]
	}
	return createdBy
}

// ofApplication fills in the application, which the reference's page about
// staging does not show in the response.
func ofApplication(imp permissionassist.ApplicationImport, applicationID string) permissionassist.ApplicationImport {
	if imp.Application == nil {
		imp.Application = &permissionassist.Application{ID: applicationID}
	}
	return imp
}
