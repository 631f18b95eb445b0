package permissionassist

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Defaults of a Config, used where the field is zero.
const (
	DefaultRequestTimeout = 30 * time.Second
	DefaultMaxRetries     = 4
)

// Config says how to reach a Permission Assist server.
type Config struct {
	// Endpoint is the server's address, with or without a trailing slash or
	// "/api". https only, or http to a loopback address; see AllowInsecureHTTP.
	Endpoint string
	// Token is sent as "Authorization: Bearer …", to the Endpoint's scheme,
	// host and port only. Tokens look like "pa_…" and open every endpoint.
	Token string
	// UserAgent is sent with every request; empty means Go's own.
	UserAgent string
	// CACertPEM holds certificates of authorities to trust besides the
	// system's, PEM encoded; empty means the system's only.
	CACertPEM []byte
	// ClientCertPEM and ClientKeyPEM are the certificate (with its chain) and
	// the unencrypted private key that a server behind mutual TLS asks for, PEM
	// encoded; both or neither.
	ClientCertPEM, ClientKeyPEM []byte
	// InsecureSkipVerify turns off the check of the server's certificate.
	InsecureSkipVerify bool
	// AllowInsecureHTTP allows plain http to a server that is not loopback.
	AllowInsecureHTTP bool
	// LockDir is a folder, made where it is missing, in which the processes of
	// one user on one machine take turns in staging for the same application.
	// Empty means that they do not.
	LockDir string
	// RequestTimeout bounds one attempt of one request, from connecting to the
	// last byte of the answer; while files are uploaded, how long nothing moves.
	// 0 means DefaultRequestTimeout.
	RequestTimeout time.Duration
	// MaxRetries is how often a request is repeated after its first attempt
	// where repeating is safe. nil means DefaultMaxRetries; 0 means never.
	MaxRetries *int
}

// Client talks to one Permission Assist server with one token. It is safe for
// concurrent use. What it learns about the server (which inferred paths exist,
// the list of applications, what it has staged) lives as long as it does.
type Client struct {
	base       *url.URL
	token      string
	http       *retryablehttp.Client
	timeout    time.Duration
	maxRetries int
	lockDir    string

	// importAPI and applicationAPI answer for one import and one application.
	importAPI, applicationAPI optionalAPI

	// tokenName is what the answer to a staging said of who has staged.
	tokenName atomic.Pointer[string]

	applications applicationScan

	stagingsMu sync.Mutex
	stagings   map[string]*staging
}

// New checks the configuration and returns a Client; it sends nothing. The
// error is a *ConfigError.
func New(cfg Config) (*Client, error) {
	base, err := ParseEndpoint(cfg.Endpoint, cfg.AllowInsecureHTTP)
	if err != nil {
		return nil, &ConfigError{Field: "Endpoint", Err: err}
	}

	if err := ValidateToken(cfg.Token); err != nil {
		return nil, &ConfigError{Field: "Token", Err: err}
	}

	tlsConfig, err := cfg.tlsConfig()
	if err != nil {
		return nil, err
	}

	c := &Client{
		base:       base,
		token:      cfg.Token,
		timeout:    cfg.RequestTimeout,
		maxRetries: DefaultMaxRetries,
		lockDir:    cfg.LockDir,
		stagings:   map[string]*staging{},
	}
	c.applications.init()

	if c.timeout == 0 {
		c.timeout = DefaultRequestTimeout
	}

	if c.timeout < 0 {
		return nil, &ConfigError{Field: "RequestTimeout", Err: fmt.Errorf("%s is negative", c.timeout)}
	}

	if cfg.MaxRetries != nil {
		c.maxRetries = *cfg.MaxRetries
	}

	if c.maxRetries < 0 {
		return nil, &ConfigError{Field: "MaxRetries", Err: fmt.Errorf("%d is negative", c.maxRetries)}
	}

	c.http = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: &transport{
				next:      newHTTPTransport(tlsConfig),
				origin:    base,
				token:     cfg.Token,
				userAgent: cfg.UserAgent,
				timeout:   c.timeout,
			},
			CheckRedirect: checkRedirect,
		},
		RetryWaitMin: minRetryWait,
		RetryWaitMax: maxRetryWait,
		RetryMax:     c.maxRetries,
		CheckRetry:   checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}

	return c, nil
}

// Close releases the client's idle connections. A Client that is dropped
// without it leaks nothing that the time-outs of the connections do not end.
func (c *Client) Close() {
	c.http.HTTPClient.CloseIdleConnections()
}

// ValidateToken returns an error unless token can be sent as a bearer token.
// The error does not show the token.
func ValidateToken(token string) error {
	if token == "" {
		return errors.New("the token is empty")
	}

	if scheme, _, found := strings.Cut(token, " "); found && strings.EqualFold(scheme, "Bearer") {
		return errors.New(`the token begins with "Bearer ": leave that out, the client adds it`)
	}

	for i := range len(token) {
		if token[i] <= ' ' || token[i] > '~' {
			return fmt.Errorf("the token has a character at position %d that cannot be part of one "+
				"(a space, a line break, a non-printable or a non-ASCII character): "+
				"was it read from a file that ends with a line break?", i+1)
		}
	}

	return nil
}

// get sends a GET and decodes the answer into out.
func (c *Client) get(ctx context.Context, path []string, query url.Values, out wireAnswer) error {
	return c.do(ctx, &call{policy: idempotent}, http.MethodGet, path, query, nil, out)
}

// post sends a POST with a JSON body and decodes the answer into out.
func (c *Client) post(ctx context.Context, calling *call, path []string, in any, out wireAnswer) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encoding the request: %w", err)
	}

	return c.do(ctx, calling, http.MethodPost, path, nil, &payload{contentType: "application/json", body: body}, out)
}

// payload is the body of a request.
type payload struct {
	contentType string
	// body is what retryablehttp can send again: a []byte or a ReaderFunc, which
	// it does not read into memory.
	body any
	// length is that of what a ReaderFunc reads.
	length int64
	// ask: the server is asked whether it wants the body before it is sent.
	ask bool
}

// attach gives a request its body.
func (p *payload) attach(req *retryablehttp.Request) error {
	if err := req.SetBody(p.body); err != nil {
		return fmt.Errorf("making the request: %w", err)
	}

	if p.length > 0 {
		// Known, so that the body is not sent in chunks, which IIS may refuse.
		req.ContentLength = p.length
	}

	if p.ask {
		req.Header.Set("Expect", "100-continue")
	}

	req.Header.Set("Content-Type", p.contentType)

	return nil
}

// do sends one request, repeats it as the policy allows, and decodes the
// answer. The error is a *RequestError, an *APIError, an
// *UnexpectedResponseError or the context's.
func (c *Client) do(ctx context.Context, calling *call, method string, path []string, query url.Values, body *payload, out wireAnswer) error {
	err := c.exchange(ctx, calling, method, path, query, body, out)
	if err != nil && calling.incomplete {
		return &incompleteError{err}
	}

	return err
}

func (c *Client) exchange(ctx context.Context, calling *call, method string, path []string, query url.Values, body *payload, out wireAnswer) error {
	u := *c.base

	escaped := make([]string, len(path))
	for i, element := range path {
		escaped[i] = url.PathEscape(element)
	}

	// Path and RawPath as a pair keep an escaped element escaped.
	u.RawPath = u.EscapedPath() + "/" + strings.Join(escaped, "/")
	u.Path += "/" + strings.Join(path, "/")
	u.RawQuery = query.Encode()

	req, err := retryablehttp.NewRequestWithContext(withCall(ctx, calling), method, u.String(), nil)
	if err != nil {
		return fmt.Errorf("making the request: %w", err)
	}

	if body != nil {
		if err := body.attach(req); err != nil {
			return err
		}
	}

	req.Header.Set("Accept", "application/json")

	resp, err := c.http.Do(req)
	if err != nil {
		return c.requestError(ctx, calling, method, u.Path, err)
	}

	defer func() { _ = resp.Body.Close() }()

	answer, err := readAnswer(resp)
	if err != nil {
		return c.requestError(ctx, calling, method, u.Path, err)
	}

	return c.decode(answer, method, u.Path, out)
}

// requestError tells an ended context from a failed request.
func (c *Client) requestError(ctx context.Context, calling *call, method, path string, err error) error {
	if resp := (*tooLargeError)(nil); errors.As(err, &resp) {
		return &UnexpectedResponseError{
			StatusCode: resp.status, ContentType: c.clean(resp.contentType), Reason: resp.Error(), Method: method, Path: path,
		}
	}

	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		// The method and the path are said once, without the query.
		err = urlErr.Err
	}

	switch said := c.clean(err.Error()); {
	case err.Error() == io.EOF.Error():
		// net/http says no more where a connection ends before an answer.
		err = &quotingError{said: "the connection was closed before the answer (EOF)", err: err}
	case said != err.Error():
		err = &quotingError{said: said, err: err}
	}

	reqErr := &RequestError{Method: method, Path: path, Attempts: max(calling.attempts, 1), Sent: calling.sent, Err: err}

	ctxErr := ctx.Err()
	if ctxErr != nil {
		reqErr.Last = c.clean(calling.last)
	}

	if ctxErr != nil && !errors.Is(err, ctxErr) {
		reqErr.Err = fmt.Errorf("%w (%w)", ctxErr, err)
	}

	return reqErr
}

// quotingError is an error in words that can be shown, such as one of net/http
// that quotes a malformed header of the server's.
type quotingError struct {
	said string
	err  error
}

func (e *quotingError) Error() string { return e.said }

func (e *quotingError) Unwrap() error { return e.err }

// clean makes a server's text fit for an error message: printable, on one
// line, of bounded length, and without the token, should the server echo it.
func (c *Client) clean(s string) string {
	return truncate(PrintableLine(c.redact(s)), 2000)
}

func (c *Client) redact(s string) string { return redact(s, c.token) }

// decode turns a complete answer into out or into an error.
func (c *Client) decode(a answer, method, path string, out wireAnswer) error {
	body := bytes.TrimPrefix(a.body, []byte("\xef\xbb\xbf"))

	if a.status >= 200 && a.status < 300 {
		err := json.Unmarshal(redactJSON(body, c.token), out)
		if err == nil {
			err = out.check()
		}

		if err == nil {
			return nil
		}

		return c.unexpected(a, body, method, path, "the answer is not what the Permission Assist API answers: "+c.clean(err.Error()))
	}

	var env wireEnvelope
	if json.Unmarshal(body, &env) == nil && env.isEnvelope() {
		return c.apiError(a, env, method, path)
	}

	if a.location != "" {
		return c.unexpected(a, body, method, path, "the server redirects to another address, which is not followed")
	}

	return c.unexpected(a, body, method, path, "something that is not the Permission Assist API answered")
}

func (c *Client) apiError(a answer, env wireEnvelope, method, path string) *APIError {
	e := &APIError{
		StatusCode: a.status, Code: c.clean(env.Error), Message: c.clean(env.Message), CorrelationID: c.clean(env.CorrelationID),
		Method: method, Path: path, RetryAfter: a.retryAfter,
	}

	for _, f := range env.fields() {
		e.Fields = append(e.Fields, FieldError{Field: c.clean(f.Field), Message: c.clean(f.Message)})
	}

	return e
}

func (c *Client) unexpected(a answer, body []byte, method, path, reason string) *UnexpectedResponseError {
	const excerpt = 300

	return &UnexpectedResponseError{
		StatusCode: a.status, ContentType: c.clean(a.contentType), Location: c.clean(a.location),
		// Redacted before it is cut, or half a token could remain.
		Excerpt: truncate(PrintableLine(c.redact(string(body[:min(len(body), 64<<10)]))), excerpt),
		Reason:  reason, Method: method, Path: path, RetryAfter: a.retryAfter, askedToRetry: a.askedToRetry,
	}
}
