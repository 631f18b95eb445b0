package permissionassist

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// maxBody bounds what is read of an answer, after decompression. The largest
// honest answer is one import with its build log.
const maxBody = 64 << 20

// call is what the layers below a client method have to know of the call, and
// what it has to know of them. It travels in the request's context, the only
// thing that reaches all of them. One goroutine uses it at a time.
type call struct {
	policy   retryPolicy
	attempts int
	// sent is set once an attempt got a connection to send the request on.
	// Before that, the server cannot have seen it.
	sent bool
	// streams: the body takes time to be sent. The time-out then bounds how long
	// nothing moves, and the end of the caller's context ends the sending.
	streams bool
	// incomplete: the last attempt got a connection, and did not send all of
	// such a body on it.
	incomplete bool
	// last is what the last attempt came to that was not cut short by the end of
	// the caller's context.
	last string
}

// cameTo notes what an attempt ended with, unless the caller ended it.
func (c *call) cameTo(ctx context.Context, resp *http.Response, err error) {
	switch {
	case err == nil:
		c.last = fmt.Sprintf("HTTP status %d", resp.StatusCode)
	case ctx.Err() == nil:
		c.last = err.Error()
	}
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

func callFrom(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}

	return &call{}
}

// transport is one attempt of a request: it adds what every request carries,
// bounds the attempt's time and its answer's size, reads the answer whole (so
// that one which breaks off is a failed attempt like any other, and is
// repeated like one) and logs it. Headers are never logged.
type transport struct {
	next      http.RoundTripper
	origin    *url.URL
	token     string
	userAgent string
	timeout   time.Duration
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	parent := req.Context()
	calling := callFrom(parent)

	// net/http leaves the decision to the transport.
	if err := parent.Err(); err != nil {
		closeBody(req)

		return nil, err
	}

	base := parent
	if calling.policy == notIdempotent {
		// Once it is on its way, an interrupt must not lose the answer: it
		// names what the server has just made.
		base = context.WithoutCancel(parent)
	}

	var connected atomic.Bool

	ctx, end := context.WithCancelCause(base)
	defer end(nil)

	sending := startSending(t.timeout, end)
	defer sending.finish()

	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})

	out := req.Clone(ctx)
	if sameOrigin(t.origin, out.URL) {
		out.Header.Set("Authorization", "Bearer "+t.token)
	}

	if t.userAgent != "" {
		out.Header.Set("User-Agent", t.userAgent)
	}

	if calling.streams {
		sending.follow(out)

		defer context.AfterFunc(parent, func() { sending.stop(parent.Err()) })()
	}

	start := time.Now()
	calling.attempts++

	resp, err := t.next.RoundTrip(out)
	if err == nil {
		err = bufferBody(resp)
	}

	whole, stopped := sending.outcome()
	err = t.reason(ctx, stopped, err)

	calling.sent = calling.sent || connected.Load()
	calling.incomplete = calling.streams && connected.Load() && !whole

	calling.cameTo(parent, resp, err)
	t.logAttempt(parent, req, resp, err, calling.attempts, time.Since(start))

	if err != nil {
		return nil, err
	}

	return resp, nil
}

// reason is why an attempt has failed, if it has: what stopped the sending, or
// the time-out, rather than what net/http makes of that.
func (t *transport) reason(ctx context.Context, stopped, err error) error {
	switch {
	case err == nil:
		return nil
	case stopped != nil:
		return stopped
	case errors.Is(context.Cause(ctx), ErrRequestTimeout):
		return fmt.Errorf("%w (%s)", ErrRequestTimeout, t.timeout)
	default:
		return err
	}
}

// CloseIdleConnections does what net/http looks for by this name.
func (t *transport) CloseIdleConnections() {
	if idle, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// tooLargeError says that an answer was longer than maxBody.
type tooLargeError struct {
	status      int
	contentType string
}

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("the answer is larger than %d MiB", maxBody>>20)
}

// brokenAnswerError says that an answer began and did not arrive whole.
type brokenAnswerError struct {
	status, read int
	err          error
}

func (e *brokenAnswerError) Error() string {
	return fmt.Sprintf("the answer, with HTTP status %d, broke off after %d bytes: %s", e.status, e.read, e.err.Error())
}

func (e *brokenAnswerError) Unwrap() error { return e.err }

// bufferBody reads the body of resp into memory, up to maxBody, and leaves out
// where it redirects to if that is no address.
func bufferBody(resp *http.Response) error {
	defer func() { _ = resp.Body.Close() }()

	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return &brokenAnswerError{status: resp.StatusCode, read: len(body), err: err}
	}

	if len(body) > maxBody {
		return &tooLargeError{status: resp.StatusCode, contentType: resp.Header.Get("Content-Type")}
	}

	resp.Body = io.NopCloser(bytes.NewReader(body))

	if _, bad := resp.Location(); bad != nil {
		// net/http would make it an error that quotes all of it.
		resp.Header.Del("Location")
	}

	return nil
}

// answer is a response that has been read whole.
type answer struct {
	status      int
	contentType string
	location    string
	retryAfter  time.Duration
	// askedToRetry: there was a valid Retry-After, which may say 0.
	askedToRetry bool
	body         []byte
}

func readAnswer(resp *http.Response) (answer, error) {
	body, err := io.ReadAll(resp.Body)
	a := answer{status: resp.StatusCode, contentType: resp.Header.Get("Content-Type"), body: body}
	a.retryAfter, a.askedToRetry = retryAfter(resp)

	if to, err := resp.Location(); err == nil && resp.StatusCode >= 300 && resp.StatusCode < 400 {
		// A query is where single sign-on keeps its secrets.
		a.location = shownEndpoint(to)
	}

	return a, err
}

func (t *transport) logAttempt(ctx context.Context, req *http.Request, resp *http.Response, err error, attempt int, took time.Duration) {
	fields := map[string]any{
		"method":      req.Method,
		"path":        t.logged(req.URL.Path), // which a redirect can have named
		"attempt":     attempt,
		"duration_ms": took.Milliseconds(),
	}

	if err != nil {
		fields["error"] = t.logged(err.Error())
		tflog.Warn(ctx, "Permission Assist request failed", fields)

		return
	}

	fields["status"] = resp.StatusCode
	if id := correlationID(resp); id != "" {
		fields["correlation_id"] = t.logged(id)
	}

	tflog.Debug(ctx, "Permission Assist answered", fields)
}

func (t *transport) logged(s string) string {
	return PrintableLine(redact(s, t.token))
}

// correlationID looks into the answer of a failed request for the ID that the
// vendor's support asks for. The body stays readable.
func correlationID(resp *http.Response) string {
	if resp.StatusCode < http.StatusBadRequest {
		return ""
	}

	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))

	var env wireEnvelope
	if err != nil || json.Unmarshal(body, &env) != nil {
		return ""
	}

	return env.CorrelationID
}

// checkRedirect follows a GET to the same scheme, host and port only. What is
// not followed becomes the answer, and from it an error that says where the
// server wanted to send us.
func checkRedirect(req *http.Request, via []*http.Request) error {
	const most = 5

	if len(via) > most || via[0].Method != http.MethodGet || !sameOrigin(via[0].URL, req.URL) {
		return http.ErrUseLastResponse
	}

	return nil
}
