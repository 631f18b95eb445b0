package permissionassist

import (
	"context"
	"crypto/tls"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Pauses between attempts, where the server does not name one.
const (
	minRetryWait = 500 * time.Millisecond
	maxRetryWait = 15 * time.Second
	// longestRetryAfter bounds how long a server can make a request wait that
	// has no deadline of its own, such as one of a plan.
	longestRetryAfter = 2 * time.Minute
)

// retryPolicy says when a request may be sent again.
type retryPolicy int

const (
	// idempotent: after a failed connection, 429 and 5xx.
	idempotent retryPolicy = iota
	// notIdempotent: only where it is certain that the server did not process
	// the request: no connection was made, 429, or 503 with Retry-After.
	notIdempotent
)

// checkRetry is the retryablehttp.CheckRetry of all requests. It never returns
// an error of its own: the answer or the failure that ends the attempts does.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, nil //nolint:nilerr // what the attempt ended with is the better error, and it may have succeeded
	}

	calling := callFrom(ctx)

	if err != nil {
		return !isPermanent(err) && (calling.policy == idempotent || !calling.sent), nil
	}

	if !worthRetrying(ctx, calling.policy, resp) {
		return false, nil
	}

	if calling.policy == notIdempotent {
		// This answer is proof that nothing was processed so far.
		calling.sent = false
	}

	return true, nil
}

// worthRetrying tells whether an answer is one to repeat the request for.
func worthRetrying(ctx context.Context, policy retryPolicy, resp *http.Response) bool {
	pause, asked := retryAfter(resp)

	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
	case resp.StatusCode == http.StatusServiceUnavailable && asked:
	case resp.StatusCode >= http.StatusInternalServerError && policy == idempotent:
	default:
		return false
	}

	if deadline, ok := ctx.Deadline(); ok {
		// Waiting longer could only end in a time-out that hides the server's
		// answer.
		return pause <= time.Until(deadline)
	}

	return pause <= longestRetryAfter
}

// IsTLSRefused tells whether the server ended the TLS handshake with an alert,
// such as that it wants a certificate of its client.
func IsTLSRefused(err error) bool {
	var op *net.OpError

	return errors.As(err, &op) && op.Op == "remote error"
}

// isPermanent tells whether a failed attempt would fail again in the same way.
func isPermanent(err error) bool {
	var (
		tooLarge    *tooLargeError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
	)

	return errors.As(err, &tooLarge) || errors.As(err, &certificate) || errors.As(err, &record) || IsTLSRefused(err) ||
		errors.Is(err, http.ErrSchemeMismatch)
}

// backoff is the retryablehttp.Backoff of all requests: what the server asked
// for, else doubling with jitter.
func backoff(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
	if pause, ok := retryAfter(resp); ok {
		return pause
	}

	pause := min(float64(longest), float64(shortest)*math.Pow(2, float64(attempt)))

	return time.Duration(pause * (0.75 + 0.25*rand.Float64()))
}

// retryAfter reads the Retry-After header of a 429 or 503, in either of its
// forms. The pause is never negative.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	if resp == nil ||
		(resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable) {
		return 0, false
	}

	return parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
}

// parseRetryAfter reads seconds or an HTTP date (RFC 9110, section 10.2.3).
func parseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)

	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		if seconds > uint64(math.MaxInt64/time.Second) {
			return math.MaxInt64, true
		}

		return time.Duration(seconds) * time.Second, true
	}

	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now)), true
	}

	return 0, false
}
