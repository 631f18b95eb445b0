package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	appID      = "0a1b2c3d-1111-4222-8333-444455556666"
	otherAppID = "0a1b2c3d-9999-4222-8333-444455556666"
	importID   = "5e6f7a8b-aaaa-4bbb-8ccc-ddddeeeeffff"
	unknownID  = "ffffffff-0000-4000-8000-000000000000"

	testEndpoint = "https://pa.test"
	testToken    = sandbox.DefaultToken
)

// inProcess is a http.RoundTripper that has a handler answer, without a
// connection: a request that waits then waits on channels only, so that
// testing/synctest sees it.
type inProcess struct {
	handler http.Handler
	// dial, if not nil, can make a connection fail.
	dial func(*http.Request) error
}

func (p *inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	defer closeBody(req)

	ctx := req.Context()

	if p.dial != nil {
		if err := p.dial(req); err != nil {
			return nil, err
		}
	}

	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}

	in := req.Clone(ctx)
	in.RequestURI, in.Host = req.URL.RequestURI(), req.URL.Host

	if in.Body == nil {
		in.Body = http.NoBody
	}

	rec := httptest.NewRecorder()
	done := make(chan any, 1)

	go func() {
		defer func() { done <- recover() }()

		p.handler.ServeHTTP(rec, in)
	}()

	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case broken := <-done:
		return result(req, rec, broken)
	}
}

// result is what a client sees of what the handler wrote before it ended.
func result(req *http.Request, rec *httptest.ResponseRecorder, broken any) (*http.Response, error) {
	if err, ok := broken.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		if !rec.Flushed {
			return nil, io.EOF
		}
	} else if broken != nil {
		panic(broken)
	}

	resp := rec.Result()
	resp.Request = req

	if broken != nil {
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, brokenReader{}))
	}

	return resp, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// newTestClient returns a client whose requests are answered by h.
func newTestClient(t *testing.T, h http.Handler, change ...func(*Config)) *Client {
	t.Helper()

	cfg := Config{Endpoint: testEndpoint, Token: testToken}
	for _, f := range change {
		f(&cfg)
	}

	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}

	transportOf(t, c).next = &inProcess{handler: h}

	return c
}

func transportOf(t *testing.T, c *Client) *transport {
	t.Helper()

	tr, ok := c.http.HTTPClient.Transport.(*transport)
	if !ok {
		t.Fatalf("the client's transport is a %T", c.http.HTTPClient.Transport)
	}

	return tr
}

// failDial makes the connections of c's next requests fail.
func failDial(t *testing.T, c *Client, dial func(*http.Request) error) {
	t.Helper()

	p, ok := transportOf(t, c).next.(*inProcess)
	if !ok {
		t.Fatal("not a client of newTestClient")
	}

	p.dial = dial
}

func maxRetries(n int) func(*Config) {
	return func(cfg *Config) { cfg.MaxRetries = &n }
}

func requestTimeout(d time.Duration) func(*Config) {
	return func(cfg *Config) { cfg.RequestTimeout = d }
}

// newSandbox returns a sandbox with the application appID whose build job is
// held, so that nothing moves by itself.
func newSandbox(t *testing.T, o sandbox.Options) *sandbox.Server {
	t.Helper()

	if o.Applications == nil {
		o.Applications = []sandbox.Application{{ID: appID, Name: "Jack Henry Silverlake", Priority: "High"}}
	}

	s := sandbox.New(o)
	s.HoldBuilds()
	t.Cleanup(s.Close)

	return s
}

// inBubble runs a subtest in parallel with others, in a synctest bubble.
func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()

	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, f)
	})
}

// recorder is a handler that notes the requests it passes on.
type recorder struct {
	next http.Handler

	mu       sync.Mutex
	requests []string
	headers  []http.Header
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.requests = append(r.requests, req.Method+" "+req.URL.RequestURI())
	r.headers = append(r.headers, req.Header.Clone())
	r.mu.Unlock()

	r.next.ServeHTTP(w, req)
}

func (r *recorder) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()

	return append([]string{}, r.requests...)
}

// answering returns a recorder whose n-th request gets the n-th answer; the
// last one is repeated.
func answering(answers ...http.HandlerFunc) *recorder {
	var (
		mu sync.Mutex
		n  int
	)

	return &recorder{next: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		mu.Lock()
		answer := answers[min(n, len(answers)-1)]
		n++
		mu.Unlock()

		answer(w, req)
	})}
}

// reply answers with a status, a content type, header lines and a body.
func reply(status int, contentType, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}

		for _, line := range header {
			name, value, _ := strings.Cut(line, ": ")
			w.Header().Set(name, value)
		}

		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func replyJSON(status int, body string, header ...string) http.HandlerFunc {
	return reply(status, "application/json; charset=utf-8", body, header...)
}

func replyHTML(status int, header ...string) http.HandlerFunc {
	return reply(status, "text/html", "<html><body><h1>"+http.StatusText(status)+"</h1></body></html>", header...)
}

func envelopeJSON(code, message string) string {
	return fmt.Sprintf(`{"error":%q,"message":%q,"correlationId":"a1b2c3d4e5f67890abcdef1234567890"}`, code, message)
}

func closing(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// hanging does not answer until the client gives up.
func hanging(_ http.ResponseWriter, req *http.Request) {
	<-req.Context().Done()
	panic(http.ErrAbortHandler)
}

func importJSON(id, applicationID string) string {
	return fmt.Sprintf(`{"id":%q,"kind":"Application Import","number":42,"type":"API","status":"Pending",
		"application":{"id":%q,"name":"Jack Henry Silverlake"}}`, id, applicationID)
}

func wantRequests(t *testing.T, s *sandbox.Server, op sandbox.Operation, want int) {
	t.Helper()

	if got := s.Count(op); got != want {
		t.Errorf("%d requests of kind %q arrived, want %d", got, op, want)
	}
}

func wantErrorIs(t *testing.T, err, target error) {
	t.Helper()

	if !errors.Is(err, target) {
		t.Errorf("the error is %v, want one that is %v", err, target)
	}
}

// wantErrorAs is errors.As that ends the test where it fails.
func wantErrorAs[T error](t *testing.T, err error) T {
	t.Helper()

	var target T
	if !errors.As(err, &target) {
		t.Fatalf("the error is a %T (%v), want a %T", err, err, target)
	}

	return target
}

// wantErrorOf is wantErrorAs for those who want to know no more.
func wantErrorOf[T error](t *testing.T, err error) {
	t.Helper()

	_ = wantErrorAs[T](t, err)
}

func wantContains(t *testing.T, s string, parts ...string) {
	t.Helper()

	for _, part := range parts {
		if !strings.Contains(s, part) {
			t.Errorf("%q does not contain %q", s, part)
		}
	}
}

func wantNotContains(t *testing.T, s string, parts ...string) {
	t.Helper()

	for _, part := range parts {
		if strings.Contains(s, part) {
			t.Errorf("%q contains %q", s, part)
		}
	}
}

// cancelAfter returns a context that is canceled after d.
func cancelAfter(t *testing.T, d time.Duration) context.Context {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(d, cancel)

	t.Cleanup(func() {
		timer.Stop()
		cancel()
	})

	return ctx
}

func lower(s string) string { return strings.ToLower(s) }
