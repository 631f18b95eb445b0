package permissionassist

import (
	"cmp"
	"context"
	"crypto/tls"
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

var postsUnderWay atomic.Int64

// PostsUnderWay returns how many requests that stage an import this process is
// sending, with all clients. It should not end before their responses.
func PostsUnderWay() int { return int(postsUnderWay.Load()) }

// maxConnections is how many new connections one attempt may make. net/http
// repeats a GET for as long as a server accepts connections and then refuses
// the request with GOAWAY (golang/go#18639, TestAttempt_goAway fails without
// it).
const maxConnections = 3

var errTooManyConnections = fmt.Errorf("the server refused the request on %d connections in a row", maxConnections)

// attempt sends a request once: it adds the token, bounds the time and the size
// of the response, reads the response to its end, and logs the result. The
// error, an *APIError, *UnexpectedResponseError or *RequestError, records how
// far the request got.
func (c *Client) attempt(ctx context.Context, r *request, number int) (*response, error) {
	u := c.base.JoinPath(r.path...)
	u.RawQuery = r.query.Encode()
	about := Request{Operation: r.operation, Method: r.method, Path: u.Path, Attempts: number}
	if ctx.Err() != nil {
		return nil, &RequestError{Request: about, Err: ctx.Err()}
	}

	if !r.repeatable {
		postsUnderWay.Add(1)
		defer postsUnderWay.Add(-1)
	}
	leave, err := c.proxyGate.enter(ctx)
	if err != nil {
		return nil, &RequestError{Request: about, Err: err}
	}
	sendCtx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	timeout := time.AfterFunc(c.timeout, func() { cancel(fmt.Errorf("%w (%s)", ErrRequestTimeout, c.timeout)) })
	defer timeout.Stop()

	progress := &uploadProgress{onRead: func() {}}
	if r.body != nil {
		progress.left = r.body.length
		if r.body.slow {
			progress.onRead = func() { timeout.Reset(c.timeout) }
		}
	}
	defer context.AfterFunc(ctx, func() {
		// Once a POST that stages was sent, an interrupt must not lose the response:
		// it names what the server has just created.
		if progress.stop(ctx.Err()) || r.repeatable {
			cancel(ctx.Err())
		}
	})()
	sendCtx = httptrace.WithClientTrace(sendCtx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if progress.gotConn(info) > maxConnections {
			cancel(errTooManyConnections)
		}
	}})

	start := time.Now()
	result, data, err := c.exchange(sendCtx, r, u, progress) //nolint:bodyclose // exchange has read and closed it
	var stopped error
	about.SendState, stopped = progress.end()
	leave(about.Connected, err)

	var resp *response
	switch {
	case err != nil:
		err = c.requestError(sendCtx, about, stopped, err)
	case result.StatusCode >= 200 && result.StatusCode < 300 && int64(len(data)) <= r.maxBytes:
		resp = &response{about: about, status: result.StatusCode, contentType: result.Header.Get("Content-Type"), body: data}
	default:
		err = c.responseError(about, result, data, r.maxBytes)
	}
	c.log(ctx, about, result, err, time.Since(start))
	return resp, err
}

// exchange sends the request and reads the response, up to one byte more than
// the limit.
func (c *Client) exchange(ctx context.Context, r *request, u *url.URL, progress *uploadProgress) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	if r.body != nil {
		r.body.attach(req, progress)
	}

	resp, err := c.roundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()

	data, err := readBody(resp, r.maxBytes)
	if err != nil {
		err = fmt.Errorf("the response, with HTTP status %d, broke off after %d bytes: %w", resp.StatusCode, len(data), err)
	}
	return resp, data, err
}

// readBody reads a body up to one byte more than limit. It allocates a body of
// known length once, because io.ReadAll takes twice as much (golang/go#50774):
// ten imports with large logs must fit into a small container.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	if resp.ContentLength >= 0 && resp.ContentLength <= limit {
		data := make([]byte, resp.ContentLength)
		n, err := io.ReadFull(resp.Body, data)
		return data[:n], err
	}
	return io.ReadAll(io.LimitReader(resp.Body, limit+1))
}

var errStreamReset = errors.New("the server reset the HTTP/2 stream after the request was sent")

// attach adds the body to a request.
func (b *requestBody) attach(req *http.Request, progress *uploadProgress) {
	req.Body, req.ContentLength = progress.follow(b.open(), b.length), b.length
	req.GetBody = func() (io.ReadCloser, error) {
		if !progress.netHTTPMayRepeat() {
			return nil, errStreamReset
		}
		return progress.follow(b.open(), b.length), nil
	}
	req.Header.Set("Content-Type", b.contentType)
	if b.expectContinue {
		req.Header.Set("Expect", "100-continue")
	}
}

// roundTrip sends a request and follows redirects, but only to the same scheme,
// host and port, because the token goes with it (RFC 6750, section 5.3). A POST
// is never redirected: it would be sent a second time (RFC 9110, section 15.4).
func (c *Client) roundTrip(req *http.Request) (*http.Response, error) {
	const maxRedirects = maxConnections - 1 // each may need a connection

	for hops := 0; ; hops++ {
		resp, err := c.transport.RoundTrip(req)
		if err != nil || req.Method != http.MethodGet || !isRedirect(resp) || hops == maxRedirects {
			return resp, err
		}
		to, err := resp.Location()
		if err != nil || !sameOrigin(req.URL, to) {
			return resp, nil //nolint:nilerr // a redirect without a valid target is a response that is not the API's
		}

		_ = resp.Body.Close()
		req = req.Clone(req.Context())
		req.URL = to
	}
}

func isRedirect(resp *http.Response) bool {
	return resp.StatusCode >= 300 && resp.StatusCode < 400
}

// log writes one line about an attempt. It never has a header, a body or the
// token.
func (c *Client) log(ctx context.Context, about Request, result *http.Response, err error, took time.Duration) {
	fields := map[string]any{
		"method": about.Method, "path": c.line(about.Path), "attempt": about.Attempts, "duration_ms": took.Milliseconds(),
	}
	if err != nil && responseOf(err).StatusCode == 0 {
		fields["error"] = c.message(err.Error())
		tflog.Warn(ctx, "Permission Assist request failed", fields)
		return
	}
	fields["status"] = result.StatusCode
	var api *APIError
	if errors.As(err, &api) && api.CorrelationID != "" {
		fields["correlation_id"] = api.CorrelationID
	}
	tflog.Debug(ctx, "Permission Assist response", fields)
}

// requestError returns the error of an attempt without a complete response.
// stopped is why the body was not sent completely, if that is why.
func (c *Client) requestError(ctx context.Context, about Request, stopped, err error) error {
	failed := &RequestError{Request: about, Err: cmp.Or(stopped, context.Cause(ctx))}
	if errors.Is(failed.Err, ErrRequestTimeout) {
		// Other idle connections may be dead as well: the next attempt makes a new
		// one (TestClient_deadHTTP1Connections fails without it).
		c.Close()
	}
	if failed.Err == nil {
		failed.Err = c.connectionError(err)
		var broken *printableError
		if errors.As(failed.Err, &broken) && !isDial(err) {
			requested := c.certificateRequested.Load()
			failed.CertificateMissing, failed.CertificateUnused = requested && !c.hasCertificate, !requested && c.hasCertificate
		}
	}
	if !about.Connected {
		failed.Proxy, failed.UnusedProxy = c.proxy, c.unusedProxy
	}
	return failed
}

// connectionError describes an error of net/http.
func (c *Client) connectionError(err error) error {
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/" && !isProxyConnect(err):
		return http.ErrSchemeMismatch // as http.Client does (golang/go#44855)
	case err.Error() == io.EOF.Error():
		return &printableError{text: "the connection was closed before the response (EOF)", err: err}
	case errors.Is(err, context.DeadlineExceeded):
		// The dialer's timeout, which package net takes for one of the context
		// (golang/go#23648).
		return errors.New(c.message(err.Error()))
	default:
		return &printableError{text: c.message(err.Error()), err: err}
	}
}

// responseError returns the error for a response that is not a 2xx response of
// acceptable size.
func (c *Client) responseError(about Request, result *http.Response, data []byte, maxBytes int64) error {
	unexpected := &UnexpectedResponseError{
		Request: about, Response: Response{StatusCode: result.StatusCode, RetryAfter: retryAfter(result, time.Now())},
		ContentType:     c.line(result.Header.Get("Content-Type")),
		WWWAuthenticate: c.line(result.Header.Get("WWW-Authenticate")),
		Excerpt:         c.excerpt(about.Operation, data),
		Reason:          "something other than the Permission Assist API responded",
	}
	switch result.StatusCode {
	case http.StatusTooManyRequests:
		unexpected.Reason = "a rate limit was reached"
	case http.StatusServiceUnavailable:
		unexpected.Reason = "the server is unavailable"
	}

	var envelope wireEnvelope
	switch to, err := result.Location(); {
	case int64(len(data)) > maxBytes:
		unexpected.Reason = fmt.Sprintf("the response is larger than %d MiB", maxBytes>>20)
		unexpected.tooLarge = result.StatusCode >= 200 && result.StatusCode < 300
	case unmarshal(data, &envelope) == nil && envelope.isEnvelope():
		return c.apiError(unexpected, envelope)
	case err == nil && isRedirect(result):
		unexpected.Reason = "the server redirects to another address, and the redirect was not followed"
		// Single sign-on keeps its secrets in the query.
		unexpected.Location = c.line(shownEndpoint(to))
	}
	return unexpected
}

func (c *Client) apiError(resp *UnexpectedResponseError, envelope wireEnvelope) *APIError {
	e := &APIError{
		Request: resp.Request, Response: resp.Response,
		Code: c.line(envelope.Error), Message: c.message(envelope.Message.value), CorrelationID: c.line(envelope.CorrelationID.value),
	}
	for _, f := range envelope.Errors.value {
		e.Fields = append(e.Fields, FieldError{Field: c.line(f.Field.value), Message: c.line(f.Message.value)})
	}
	return e
}
