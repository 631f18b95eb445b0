package permissionassist

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// newSocketClient returns a client of a real server.
func newSocketClient(t *testing.T, endpoint string, change ...func(*Config)) *Client {
	t.Helper()

	cfg := Config{Endpoint: endpoint, Token: testToken}
	maxRetries(0)(&cfg)

	for _, f := range change {
		f(&cfg)
	}

	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(c.Close)

	return c
}

func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()

	s := httptest.NewServer(h)
	t.Cleanup(s.Close)

	return s
}

// serveRaw answers each connection's first request with bytes as they are.
func serveRaw(t *testing.T, answer string) (string, *atomic.Int64) {
	t.Helper()

	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	var requests atomic.Int64

	done := make(chan struct{})

	go func() {
		defer close(done)

		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}

			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, req.Body)

				requests.Add(1)
				_, _ = io.WriteString(conn, answer)
			}

			_ = conn.Close()
		}
	}()

	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})

	return "http://" + l.Addr().String(), &requests
}

func TestRequestHeaders(t *testing.T) {
	t.Parallel()

	r := &recorder{next: newSandbox(t, sandbox.Options{})}
	server := serve(t, r)
	c := newSocketClient(t, server.URL, func(cfg *Config) { cfg.UserAgent = "Terraform/1.15 test/0.1" })

	imp, err := c.StageImport(t.Context(), appID)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := c.CancelImport(t.Context(), imp.ID); err != nil {
		t.Fatal(err)
	}

	if _, err := c.GetApplication(t.Context(), appID); err != nil {
		t.Fatal(err)
	}

	want := []string{
		"GET /api/application-imports?applicationId=" + appID + "&page=1",
		"POST /api/application-imports/stage",
		"POST /api/application-imports/cancel",
		"GET /api/applications/" + appID,
	}
	if got := r.seen(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the requests are %q, want %q", got, want)
	}

	for n, h := range r.headers {
		wantHeader(t, h, "Authorization", "Bearer "+testToken)
		wantHeader(t, h, "User-Agent", "Terraform/1.15 test/0.1")
		wantHeader(t, h, "Accept", "application/json")
		wantHeader(t, h, "Idempotency-Key", "")

		contentType := ""
		if strings.HasPrefix(want[n], http.MethodPost) {
			contentType = "application/json"
		}

		wantHeader(t, h, "Content-Type", contentType)
	}
}

func wantHeader(t *testing.T, h http.Header, name, want string) {
	t.Helper()

	if got := strings.Join(h.Values(name), ","); got != want {
		t.Errorf("the header %s is %q, want %q", name, got, want)
	}
}

// Texts of net/http can quote what the server sent.
func TestRequestErrorIsHarmless(t *testing.T) {
	t.Parallel()

	url, _ := serveRaw(t, "HTTP/1.1 200 OK\r\n\x1b[2Jgone\r\n\r\n")

	_, err := newSocketClient(t, url).GetApplication(t.Context(), appID)
	wantErrorOf[*RequestError](t, err)
	wantNotContains(t, err.Error(), "\x1b")
}

func TestHalfAnswer(t *testing.T) {
	t.Parallel()

	s, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}}})
	s.Inject(sandbox.Fault{Times: -1, Action: sandbox.HalfAnswer(), Processed: true})

	_, err := newSocketClient(t, url).GetApplication(t.Context(), appID)
	if request := wantErrorAs[*RequestError](t, err); !request.Sent {
		t.Errorf("the error is %+v", request)
	}

	wantErrorIs(t, err, io.ErrUnexpectedEOF)
	wantContains(t, err.Error(), "broke off after")
}

func TestNoConnection(t *testing.T) {
	t.Parallel()

	server := serve(t, http.NotFoundHandler())
	server.Close()

	_, err := newSocketClient(t, server.URL).CancelImport(t.Context(), importID)
	if request := wantErrorAs[*RequestError](t, err); request.Sent || request.Attempts != 1 || request.Path != "/api/application-imports/cancel" {
		t.Errorf("the error is %+v", request)
	}

	var opErr *net.OpError
	if !errors.As(err, &opErr) {
		t.Errorf("the cause is lost: %v", err)
	}
}

// endless is a body without an end.
type endless struct {
	read   atomic.Int64
	closed atomic.Bool
}

func (e *endless) Read(p []byte) (int, error) {
	e.read.Add(int64(len(p)))

	return len(p), nil
}

func (e *endless) Close() error {
	e.closed.Store(true)

	return nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestAnswerTooLarge(t *testing.T) {
	t.Parallel()

	var (
		body     endless
		requests int
	)

	c := newTestClient(t, http.NotFoundHandler())
	transportOf(t, c).next = roundTripper(func(req *http.Request) (*http.Response, error) {
		requests++

		return &http.Response{
			StatusCode: 200, Header: http.Header{"Content-Type": {"application/json; a=" + testToken}}, Body: &body, ContentLength: -1, Request: req,
		}, nil
	})

	_, err := c.ListApplications(t.Context())

	unexpected := wantErrorAs[*UnexpectedResponseError](t, err)
	if unexpected.StatusCode != 200 || !strings.HasPrefix(unexpected.ContentType, "application/json") {
		t.Errorf("the error is %+v", unexpected)
	}

	wantContains(t, err.Error(), "larger than 64 MiB")
	wantNotContains(t, err.Error(), testToken)

	if got := body.read.Load(); requests != 1 || !body.closed.Load() || got < 64<<20 || got > 64<<20+1 {
		t.Errorf("%d requests, %d bytes read, closed %v", requests, got, body.closed.Load())
	}
}

func TestRequestTimeout(t *testing.T) {
	t.Parallel()

	inBubble(t, "answer", func(t *testing.T) {
		r := answering(hanging)
		start := time.Now()

		_, err := newTestClient(t, r, maxRetries(0), requestTimeout(7*time.Second)).GetApplication(t.Context(), appID)
		wantRequestTimeout(t, err, start, 7*time.Second)
		wantContains(t, err.Error(), "7s")
	})

	inBubble(t, "every attempt has its own", func(t *testing.T) {
		r := answering(hanging, hanging, replyJSON(200, `{"id":"`+appID+`"}`))

		if _, err := newTestClient(t, r).GetApplication(t.Context(), appID); err != nil {
			t.Fatal(err)
		}

		if got := len(r.seen()); got != 3 {
			t.Errorf("%d requests, want 3", got)
		}
	})

	inBubble(t, "the caller's deadline is the caller's", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()

		start := time.Now()
		_, err := newTestClient(t, answering(hanging)).GetApplication(ctx, appID)
		wantErrorIs(t, err, context.DeadlineExceeded)

		if errors.Is(err, ErrRequestTimeout) || time.Since(start) != 3*time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func wantRequestTimeout(t *testing.T, err error, start time.Time, after time.Duration) {
	t.Helper()

	wantErrorIs(t, err, ErrRequestTimeout)

	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no context of the caller has ended, and the error is %v", err)
	}

	if got := time.Since(start); got != after {
		t.Errorf("it took %s, want %s", got, after)
	}
}

func TestTransportCanceled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := answering(hanging)
		c := newTestClient(t, r)

		start := time.Now()
		_, err := c.GetApplication(cancelAfter(t, time.Second), appID)
		wantErrorIs(t, err, context.Canceled)

		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %s, want 1s", took)
		}

		ctx, cancel := context.WithCancel(t.Context())
		cancel()

		_, err = c.CancelImport(ctx, importID)
		wantErrorIs(t, err, context.Canceled)

		if got := len(r.seen()); got != 1 {
			t.Errorf("%d requests, want 1", got)
		}
	})
}

func TestSameOrigin(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		a, b string
		same bool
	}{
		"same":                   {"https://pa.test/a", "https://pa.test/b", true},
		"case":                   {"https://pa.test", "https://PA.Test", true},
		"https's port":           {"https://pa.test", "https://pa.test:443", true},
		"http's port":            {"http://pa.test:80", "http://pa.test", true},
		"another port":           {"https://pa.test", "https://pa.test:8443", false},
		"another scheme":         {"https://pa.test", "http://pa.test", false},
		"another scheme, a port": {"https://pa.test:443", "http://pa.test:443", false},
		"subdomain":              {"https://pa.test", "https://x.pa.test", false},
		"longer":                 {"https://pa.test", "https://pa.test.evil.test", false},
	} {
		a, errA := url.Parse(test.a)
		b, errB := url.Parse(test.b)

		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}

		if sameOrigin(a, b) != test.same || sameOrigin(b, a) != test.same {
			t.Errorf("%s: sameOrigin(%s, %s) is %v", name, a, b, !test.same)
		}
	}
}

// Redirects to elsewhere are not followed; were one to be, it would go without
// the token.
func TestTokenOnlyToOrigin(t *testing.T) {
	t.Parallel()

	r := answering(replyJSON(200, `{}`))
	tr := transportOf(t, newTestClient(t, r))

	for _, target := range []string{testEndpoint + "/api/x", "https://elsewhere.test/api/x", "https://pa.test:8443/api/x", "http://pa.test/api/x"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}

		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}

		_ = resp.Body.Close()
	}

	for n, want := range []string{"Bearer " + testToken, "", "", ""} {
		wantHeader(t, r.headers[n], "Authorization", want)
	}
}

// Nothing but the request time-out bounds an attempt: neither connecting nor
// the TLS handshake has one of its own.
func TestRequestTimeoutBoundsConnecting(t *testing.T) {
	t.Parallel()

	for name, dial := range map[string]func(context.Context, *testing.T) (net.Conn, error){
		"connecting": func(ctx context.Context, _ *testing.T) (net.Conn, error) {
			<-ctx.Done()

			return nil, ctx.Err()
		},
		"TLS handshake": func(_ context.Context, t *testing.T) (net.Conn, error) {
			here, there := net.Pipe()
			t.Cleanup(func() { _ = there.Close() })

			go func() { _, _ = io.Copy(io.Discard, there) }()

			return here, nil
		},
	} {
		inBubble(t, name, func(t *testing.T) {
			retries := 0

			c, err := New(Config{Endpoint: "https://permissionassist.example.com", Token: testToken, RequestTimeout: 90 * time.Second, MaxRetries: &retries})
			if err != nil {
				t.Fatal(err)
			}

			inner, ok := transportOf(t, c).next.(*http.Transport)
			if !ok {
				t.Fatalf("it is a %T", transportOf(t, c).next)
			}

			inner.Proxy = nil
			inner.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, t) }

			start := time.Now()
			_, err = c.GetImport(t.Context(), importID, "")
			wantErrorIs(t, err, ErrRequestTimeout)

			if took := time.Since(start); took != 90*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}

	// Which was replaced above.
	if d := newDialer(); d.Timeout != 0 || !d.Deadline.IsZero() {
		t.Errorf("the dialer has a time-out of its own: %+v", d)
	}
}
