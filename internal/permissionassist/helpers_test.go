package permissionassist

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

const (
	appID      = "0a1b2c3d-1111-4222-8333-444455556666"
	otherAppID = "0a1b2c3d-9999-4222-8333-444455556666"
	importID   = "5e6f7a8b-aaaa-4bbb-8ccc-ddddeeeeffff"
	unknownID  = "ffffffff-0000-4000-8000-000000000000"

	testEndpoint = "https://pa.test"
	testToken    = sandbox.DefaultToken
)

// newTestClient returns a client whose requests are handled by h, without a
// connection.
func newTestClient(tb testing.TB, h http.Handler, change ...func(*Config)) *Client {
	tb.Helper()
	return newClient(tb, append([]func(*Config){func(cfg *Config) {
		cfg.Transport = &sandboxtest.InProcess{Handler: h}
	}}, change...)...)
}

// newSocketClient returns a client of a real server that does not retry.
func newSocketClient(tb testing.TB, endpoint string, change ...func(*Config)) *Client {
	tb.Helper()
	return newClient(tb, append([]func(*Config){maxRetries(0), func(cfg *Config) { cfg.Endpoint = endpoint }}, change...)...)
}

func newClient(tb testing.TB, change ...func(*Config)) *Client {
	tb.Helper()
	cfg := Config{Endpoint: testEndpoint, Token: testToken}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

func maxRetries(n int) func(*Config) {
	return func(cfg *Config) { cfg.MaxRetries = &n }
}

func requestTimeout(d time.Duration) func(*Config) {
	return func(cfg *Config) { cfg.RequestTimeout = d }
}

func withTransport(rt http.RoundTripper) func(*Config) {
	return func(cfg *Config) { cfg.Transport = rt }
}

func trusting(caPEM []byte) func(*Config) {
	return func(cfg *Config) { cfg.TLS = sandboxtest.Trusting(caPEM) }
}

// withPair configures a client certificate.
func withPair(tb testing.TB, certDER, keyDER []byte) func(*Config) {
	tb.Helper()
	pair, err := ParseClientCert([]byte(pemOf("CERTIFICATE", certDER)), []byte(pemOf("PRIVATE KEY", keyDER)))
	if err != nil {
		tb.Fatal(err)
	}
	return func(cfg *Config) {
		if cfg.TLS == nil {
			cfg.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		cfg.TLS.Certificates = []tls.Certificate{pair}
	}
}

// certificateOf returns the certificate of a TLS server in PEM form.
func certificateOf(s *httptest.Server) []byte {
	return []byte(pemOf("CERTIFICATE", s.Certificate().Raw))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// newSandbox returns a sandbox with the application appID. Its builds are held,
// so that no status changes.
func newSandbox(tb testing.TB, o sandbox.Options) *sandbox.Server {
	tb.Helper()
	if o.Applications == nil {
		o.Applications = []sandbox.Application{{ID: appID, Name: "Jack Henry Silverlake", Priority: "High"}}
	}
	s := sandbox.New(o)
	s.HoldBuilds()
	tb.Cleanup(s.Close)
	return s
}

// call is a call of the client, without its result.
func call[A, T any](f func(*Client, context.Context, A) (T, error), arg A) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		_, err := f(c, ctx, arg)
		return err
	}
}

var (
	getImport      = call((*Client).GetApplicationImport, importID)
	cancelImport   = call((*Client).CancelApplicationImport, importID)
	stageImport    = call((*Client).StageApplicationImport, appID)
	listImports    = call((*Client).AllApplicationImports, "")
	getApplication = call((*Client).GetApplication, appID)
)

func listApplications(ctx context.Context, c *Client) error {
	_, err := c.ListApplications(ctx)
	return err
}

func serve(tb testing.TB, h http.Handler) *httptest.Server {
	tb.Helper()
	s := httptest.NewServer(h)
	tb.Cleanup(s.Close)
	return s
}

// serveTLS starts a server with TLS, after change has changed it.
func serveTLS(tb testing.TB, h http.Handler, change ...func(*httptest.Server)) *httptest.Server {
	tb.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail
	for _, f := range change {
		f(s)
	}
	s.StartTLS()
	tb.Cleanup(s.Close)
	return s
}

// inBubble runs a subtest in parallel with others, with fake time.
func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, f)
	})
}

// recorder is a server that records its requests. The n-th request gets the
// n-th response; the last one is repeated.
type recorder struct {
	responses []http.HandlerFunc

	mu       sync.Mutex
	requests []string
}

func responding(responses ...http.HandlerFunc) *recorder { return &recorder{responses: responses} }

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	respond := r.responses[min(len(r.requests), len(r.responses)-1)]
	r.requests = append(r.requests, req.Method+" "+req.URL.RequestURI())
	r.mu.Unlock()
	respond(w, req)
}

func (r *recorder) recorded() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// fakeServer is a server whose endpoint for one item and whose list respond
// separately, and which counts the requests to both.
type fakeServer struct {
	one, list   http.Handler
	ones, lists int
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.URL.RawQuery != "" { // the page's number
		f.lists++
		f.list.ServeHTTP(w, req)
	} else {
		f.ones++
		f.one.ServeHTTP(w, req)
	}
}

// reply responds with a status, a content type, a body and header lines.
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

// hanging does not respond until the client gives up.
func hanging(_ http.ResponseWriter, req *http.Request) {
	<-req.Context().Done()
	panic(http.ErrAbortHandler)
}

// brokenOff sends half a response.
func brokenOff(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, `{"id":`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func goodApplication() http.HandlerFunc { return replyJSON(200, `{"id":"`+appID+`"}`) }

func importJSON(id string) string {
	return fmt.Sprintf(`{"id":%q,"kind":"Application Import","number":42,"type":"API","status":"Pending",
		"application":{"id":%q,"name":"Jack Henry Silverlake"}}`, id, appID)
}

// page is a page of a list; rest follows the items.
func page(items, rest string) http.HandlerFunc { return replyJSON(200, `{"items":`+items+rest+`}`) }

func listOf(items ...string) http.HandlerFunc {
	return page("["+strings.Join(items, ",")+"]", `,"totalPages":1`)
}

func numberedID(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n) }

// itemsJSON returns n items of a list, numbered from from.
func itemsJSON(from, n int) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(`{"id":%q,"number":%d}`, numberedID(from+i), from+i)
	}
	return "[" + strings.Join(items, ",") + "]"
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
		t.Errorf("the error is %v, want %v", err, target)
	}
}

// wantErrorAs is errors.As; it ends the test if err is of another type.
func wantErrorAs[T error](t *testing.T, err error) T {
	t.Helper()
	var target T
	if !errors.As(err, &target) {
		t.Fatalf("the error is a %T (%v), want a %T", err, err, target)
	}
	return target
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

func wantElapsed(t *testing.T, start time.Time, least, most time.Duration) {
	t.Helper()
	if took := time.Since(start); took < least || took > most {
		t.Errorf("it took %s, want %s to %s", took, least, most)
	}
}

// cancelAfter returns a context that is canceled after d.
func cancelAfter(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(d, cancel)
	t.Cleanup(cancel)
	return ctx
}
