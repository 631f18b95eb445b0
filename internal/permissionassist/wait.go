package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Bounds of the pause between two reads while waiting. In between it is a
// tenth of the time waited so far: the end is noticed within a tenth of the
// import's own time, and the number of reads grows with its logarithm.
const (
	minPollPause = 500 * time.Millisecond
	maxPollPause = 15 * time.Second
)

// mostMissing is how often in a row both APIs may seem to be missing: a proxy's
// page for all of the server passes.
const mostMissing = 5

// WaitImport reads an import until it has ended and returns it as it was read
// last, also along with an error. observe, if not nil, is called with every
// answer.
//
// A read that fails in passing does not end the wait. What ends it: a terminal
// status (no error, whichever status it is), the end of the context (its
// error), a server that has neither API (*MissingAPIError, some times in a row),
// a refused token (ErrUnauthorized, ErrForbidden), and an import that
// the API no longer knows (ErrNotFound).
func (c *Client) WaitImport(ctx context.Context, imp Import, observe func(Import)) (Import, error) {
	var (
		lacks         *MissingAPIError
		start         = time.Now()
		applicationID string
		passing       error
		missing       int
	)

	if imp.Application != nil {
		applicationID = imp.Application.ID
	}

	for !imp.Status.Terminal() {
		if err := sleep(ctx, pollPause(time.Since(start))); err != nil {
			return imp, &WaitError{Err: err, Read: passing}
		}

		read, err := c.GetImport(ctx, imp.ID, applicationID)

		switch {
		case err == nil:
			imp, passing = read.withKnown(imp), nil

			if observe != nil {
				observe(imp)
			}
		case ctx.Err() != nil:
			if ended := lastAnswer(err); ended != nil {
				passing = ended
			}

			return imp, &WaitError{Err: ctx.Err(), Read: passing}
		case errors.Is(err, ErrUnauthorized), errors.Is(err, ErrForbidden), errors.Is(err, ErrNotFound):
			return imp, err
		case errors.As(err, &lacks) && missing >= mostMissing:
			return imp, err
		default:
			passing = err
		}

		if errors.As(err, &lacks) {
			missing++
		} else {
			missing = 0
		}
	}

	return imp, nil
}

// withKnown fills in what never changes and an answer may lack from what was
// known before.
func (i Import) withKnown(before Import) Import {
	if i.Number == 0 {
		i.Number = before.Number
	}

	if i.Type == "" {
		i.Type = before.Type
	}

	if i.CreatedBy == "" {
		i.CreatedBy = before.CreatedBy
	}

	if i.Application == nil {
		i.Application = before.Application
	}

	return i
}

// WaitError says that the context ended before the import did.
type WaitError struct {
	// Err is the context's error.
	Err error
	// Read is why the last read of the import failed, which may be why its end
	// was not seen; nil where it did not fail.
	Read error
}

// Error is one line with both.
func (e *WaitError) Error() string {
	if e.Read == nil {
		return e.Err.Error()
	}

	return fmt.Sprintf("%v; the last read of the import failed: %v", e.Err, e.Read)
}

// Unwrap gives the context's error.
func (e *WaitError) Unwrap() error { return e.Err }

// lastAnswer is what the attempts of a read that the context ended had come to
// before, as an error; nil where there was none.
func lastAnswer(err error) error {
	var request *RequestError
	if errors.As(err, &request) && request.Last != "" {
		return request
	}

	return nil
}

// pollPause is the pause before the next read. Jitter only ever takes from it,
// but for the shortest one, so that many that wait do not read at once.
func pollPause(waited time.Duration) time.Duration {
	jitter := rand.Float64()
	pause := time.Duration(float64(min(waited/10, maxPollPause)) * (1 - 0.1*jitter))

	if pause < minPollPause {
		return minPollPause + time.Duration(float64(minPollPause)*0.1*jitter)
	}

	return pause
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
