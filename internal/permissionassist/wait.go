package permissionassist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Limits of the pause between two reads while waiting. In between it is a tenth
// of the time waited so far: the end is noticed within a tenth of the import's
// own time, and the number of reads grows with its logarithm.
const (
	minPollPause = 500 * time.Millisecond
	maxPollPause = 15 * time.Second
)

// maxMissing is how many times in a row both endpoints may seem to be missing:
// a proxy's 404 page for the whole server is transient.
const maxMissing = 5

// WaitForApplicationImport reads an import until it has ended and returns the
// last read import, even with an error. observe, if not nil, is called with
// every response.
//
// A transient read error does not end the wait. The wait ends if the import has
// ended (no error, whatever its status), the context has ended (*WaitError),
// the token is refused (ErrUnauthorized, ErrForbidden), the import no longer
// exists (ErrGone) or belongs to another application (*OtherApplicationError),
// its status cannot be read within the limits (ErrTooLarge), or the server has
// none of the endpoints (*MissingEndpointError, several times in a row).
func (c *Client) WaitForApplicationImport(
	ctx context.Context, imp ApplicationImport, observe func(ApplicationImport),
) (ApplicationImport, error) {
	var (
		start    = time.Now()
		lastRead error // why the last read failed
		missing  int
	)
	for first := imp.Status == ""; !imp.Ended(); first = false {
		// An import that was not read yet may have ended long ago.
		if !first {
			if err := sleep(ctx, PollPause(time.Since(start))); err != nil {
				return imp, &WaitError{Err: err, LastRead: lastRead}
			}
		}

		read, err := c.RefreshApplicationImport(ctx, imp)
		if err == nil {
			imp, lastRead, missing = read, nil, 0
			if observe != nil {
				observe(imp)
			}
			continue
		}
		if ctx.Err() != nil {
			var request *RequestError
			if errors.As(err, &request) {
				lastRead = cmp.Or(request.Last, lastRead)
			}
			return imp, &WaitError{Err: ctx.Err(), LastRead: lastRead}
		}

		var noEndpoint *MissingEndpointError
		if missing++; !errors.As(err, &noEndpoint) {
			missing = 0
		}
		if endsWait(err) || missing > maxMissing {
			return imp, err
		}
		lastRead = err
	}
	return imp, nil
}

// endsWait reports whether an error of a read is not transient.
func endsWait(err error) bool {
	var other *OtherApplicationError
	return errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrForbidden) || errors.Is(err, ErrGone) || errors.Is(err, ErrTooLarge) ||
		errors.As(err, &other)
}

// WaitError is a wait that the context ended before the import had ended.
type WaitError struct {
	// Err is the context's error.
	Err error
	// LastRead is why the last read of the import failed, which may be why its end
	// was not noticed; nil if it did not fail.
	LastRead error
}

func (e *WaitError) Error() string {
	if e.LastRead == nil {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v; the last read of the import failed: %v", e.Err, e.LastRead)
}

func (e *WaitError) Unwrap() error { return e.Err }

// PollPause returns the pause before the next read, after waiting for waited.
// Jitter keeps many waits from reading at the same time.
func PollPause(waited time.Duration) time.Duration {
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
