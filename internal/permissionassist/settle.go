package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// repeatPost is the verdict that a POST did not come to anything in all the
// time that a request may take, and that another has a chance.
type repeatPost struct {
	err error
	// posts is how often it was posted.
	posts int
	// certain: the server has not got enough of the request to make an import.
	certain bool
}

// final is what it comes to where there is no other POST.
func (e *repeatPost) final(applicationID string, err error) error {
	if e.certain {
		return &NotStagedError{Err: err}
	}

	return &UncertainStageError{ApplicationID: applicationID, Posts: e.posts, Err: err}
}

func (e *repeatPost) Error() string { return e.err.Error() }

// settleTime is how long a POST is looked for that cannot have come to anything.
const settleTime = 2 * time.Second

// How a failed POST is to be understood.
type outcome int

const (
	// notProcessed: the server, or what stands before it, did not stage.
	notProcessed outcome = iota
	// fruitless: it should not have staged, and would not if it were repeated; so
	// it is looked for, briefly, and not repeated.
	fruitless
	// doubtful: the connection or what stands before the server broke. It may
	// have been staged, or may be within the time that a request may take.
	doubtful
	// unsettled: it has been or may yet be staged: either the server said that
	// it did something, or the one that gave up waiting was not the server.
	unsettled
)

// creationFailed is the API's code for an import that it could not make.
const creationFailed = "creation_failed"

// classify tells what an error of a POST says about what the server did.
func classify(err error) outcome {
	var (
		api        *APIError
		unexpected *UnexpectedResponseError
		request    *RequestError
		broken     *brokenAnswerError
	)

	switch {
	case errors.As(err, &api) && api.StatusCode >= http.StatusInternalServerError && api.Code != creationFailed && api.RetryAfter == 0:
		// An exception that is thrown after the import was made looks the same.
		return fruitless
	case errors.As(err, &api):
		return notProcessed
	case errors.As(err, &request):
		if !request.Sent {
			return notProcessed
		}

		if errors.Is(err, ErrRequestTimeout) || errors.As(err, &broken) && broken.status < 300 {
			return unsettled
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
	case status < 300, status == http.StatusRequestTimeout, status == clientClosedRequest, status == http.StatusGatewayTimeout:
		return unsettled
	case status < 400:
		return fruitless
	case status < 500:
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

	var incomplete *incompleteError
	if errors.As(cause, &incomplete) {
		// Nothing can come of what the server has not got to its end.
		if out == fruitless {
			return Import{}, &NotStagedError{Err: cause}
		}

		out = doubtful
	}

	if s.noList != nil {
		return Import{}, &UncertainStageError{ApplicationID: applicationID, Err: cause, Look: s.noList}
	}

	// With a short time-out, too, there is time for what settleTime asks for.
	longest := 2 * max(c.timeout, settleTime)
	interrupted := ctx.Done()

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	defer cancel()

	for began, scans := time.Now(), 1; ; scans++ {
		found, others, err := c.newImports(ctx, s, applicationID)
		if err != nil && ctx.Err() != nil {
			// The search's own end, which is not to be taken for the caller's.
			err = fmt.Errorf("%w: %s for all attempts: %s", ErrRequestTimeout, longest, err.Error())
		}

		if err != nil {
			return Import{}, &UncertainStageError{ApplicationID: applicationID, Err: cause, Look: err}
		}

		switch {
		case len(found) == 1 && incomplete == nil && (!isAPIError(cause) || c.isSurelyOurs(found[0])):
			found[0].Recovered = cause

			return found[0], nil
		case len(found)+len(others) > 0:
			// One that is new although it does not look like ours, although the
			// files were not sent completely, or although the API says that it
			// failed, is rather another's. But nothing is to be staged on that.
			return Import{}, &AmbiguousStageError{ApplicationID: applicationID, Err: cause, Candidates: append(found, others...)}
		}

		// The list moves while it is read, so one look is no proof; and the
		// server may work on for as long as a request may take.
		patience := max(c.timeout, settleTime)
		if out == fruitless || incomplete != nil {
			patience = settleTime
		}

		select {
		case <-interrupted:
			// Nothing will be posted again; whoever waits is told soon.
			patience = settleTime
		default:
		}

		if scans >= 2 && time.Since(began) >= patience {
			break
		}

		if err := sleep(ctx, pollPause(time.Since(began))); err != nil {
			return Import{}, &UncertainStageError{ApplicationID: applicationID, Err: cause}
		}
	}

	return Import{}, cameToNothing(out, applicationID, cause)
}

// cameToNothing is what a POST of which nothing was found ended with.
func cameToNothing(out outcome, applicationID string, cause error) error {
	var (
		file       *FileError
		incomplete *incompleteError
	)

	switch {
	case out == unsettled:
		return &UncertainStageError{ApplicationID: applicationID, Err: cause}
	case out == fruitless, errors.As(cause, &file):
		// It would be redirected or fail again, or be another file than was asked for.
		return &NotStagedError{Err: cause}
	default:
		return &repeatPost{err: cause, certain: errors.As(cause, &incomplete)}
	}
}

// isAPIError tells whether the API itself has answered with an error.
func isAPIError(err error) bool {
	var api *APIError

	return errors.As(err, &api)
}

// newImports reads all pages, because imports that have not started may be on
// the last, and returns those that were made since: the ones that look like
// this client's, and the others.
func (c *Client) newImports(ctx context.Context, s *staging, applicationID string) (found, others []Import, err error) {
	for imp, err := range c.ListImports(ctx, applicationID) {
		if err != nil {
			return nil, nil, err
		}

		if imp.Number == 0 && !s.known[strings.ToLower(imp.ID)] {
			return nil, nil, fmt.Errorf("the list has an import without a number, %s, so that new ones cannot be told from old ones", imp.ID)
		}

		if !s.isNew(imp) {
			continue
		}

		if full, err := c.CompleteImport(ctx, imp); err == nil {
			imp = full
		}

		if c.looksLikeOurs(imp) {
			found = append(found, imp)
		} else {
			others = append(others, imp)
		}
	}

	return found, others, nil
}

// looksLikeOurs tells whether an import was staged through the API, and with
// this client's token, as far as its name is known.
func (c *Client) looksLikeOurs(imp Import) bool {
	name := c.tokenName.Load()

	return imp.Type != typeScheduled && imp.Type != typeManual &&
		(name == nil || imp.CreatedBy == "" || strings.EqualFold(imp.CreatedBy, *name))
}

// isSurelyOurs tells whether an import was staged with this client's token, whose
// name is known once it has staged one.
func (c *Client) isSurelyOurs(imp Import) bool {
	name := c.tokenName.Load()

	return name != nil && strings.EqualFold(imp.CreatedBy, *name)
}
