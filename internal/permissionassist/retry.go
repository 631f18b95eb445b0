package permissionassist

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// rateLimitPause is the pause after a 429 that does not name one, as it may
	// (RFC 6585, section 4). Rate limits often count per minute; four retries
	// cover that.
	rateLimitPause = 20 * time.Second
	// longestRetryAfter bounds the pause that a server can impose on a request
	// without a deadline, such as a read during a plan.
	longestRetryAfter = 2 * time.Minute
)

func newBackOff() backoff.BackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: 500 * time.Millisecond, RandomizationFactor: 0.15, Multiplier: 2, MaxInterval: 15 * time.Second,
	}
}

// pauseAfter returns the pause after an attempt that ended with err: from
// Retry-After, or else from the backoff. It is bearable unless the server
// imposes one that is too long: a longer wait could only end in a timeout that
// hides the response.
func pauseAfter(ctx context.Context, err error, pauses backoff.BackOff) (pause time.Duration, bearable bool) {
	response := responseOf(err)
	pause = response.RetryAfter
	if pause == 0 && response.StatusCode == http.StatusTooManyRequests {
		pause = rateLimitPause
	}
	if pause == 0 {
		return pauses.NextBackOff(), true
	}
	limit := longestRetryAfter
	if deadline, ok := ctx.Deadline(); ok {
		limit = time.Until(deadline)
	}
	return pause, pause <= limit || ctx.Err() != nil
}

// mayRepeat reports whether a request may be sent again after an attempt that
// ended with err: if two attempts do no harm, and if the next one may succeed.
func (r *request) mayRepeat(err error) bool {
	var (
		api   *APIError
		file  *FileError
		proxy *ProxyError
	)
	switch status := responseOf(err).StatusCode; {
	case !r.repeatable && ProcessedOf(err) != ProcessedNo:
		return false
	case status == http.StatusExpectationFailed:
		// A proxy that does not support "Expect: 100-continue". The next attempt is
		// without it, as curl does it (curl/curl#4964).
		return r.body != nil && r.body.expectContinue
	case status != 0:
		creationFailed := errors.As(err, &api) && api.Code == codeCreationFailed
		return status == http.StatusTooManyRequests || status >= http.StatusInternalServerError && !creationFailed
	case errors.As(err, &proxy):
		return proxy.StatusCode >= http.StatusInternalServerError
	default:
		return !errors.As(err, &file) && TLSProblemOf(err) == NotTLSProblem &&
			!errors.Is(err, http.ErrSchemeMismatch) && !endedByCaller(err)
	}
}

// endedByCaller reports whether the caller's context ended an attempt. Timeouts
// of package net are context.DeadlineExceeded in the sense of errors.Is as well
// (golang/go#23648).
func endedByCaller(err error) bool {
	var request *RequestError
	return errors.As(err, &request) &&
		(request.Err == context.Canceled || request.Err == context.DeadlineExceeded) //nolint:errorlint // see above
}

// retryAfter returns the pause from the Retry-After of a 429 or 503, at least a
// second; 0 if there is none (RFC 9110, section 10.2.3). A date counts from the
// response's own Date, so that the clocks of server and client need not agree.
func retryAfter(resp *http.Response, now time.Time) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	value := strings.TrimSpace(resp.Header.Get("Retry-After"))

	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(max(1, seconds), math.MaxInt64/uint64(time.Second))) * time.Second
	}

	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		now = sent
	}
	return max(time.Second, date.Sub(now))
}
