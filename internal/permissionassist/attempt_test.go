package permissionassist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func TestAttempt_timeout(t *testing.T) {
	t.Parallel()

	inBubble(t, "no response", func(t *testing.T) {
		start := time.Now()
		err := getApplication(t.Context(), newTestClient(t, responding(hanging), maxRetries(0), requestTimeout(7*time.Second)))
		wantErrorIs(t, err, ErrRequestTimeout)
		wantContains(t, err.Error(), "7s")
		wantElapsed(t, start, 7*time.Second, 7*time.Second)
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Errorf("no context of the caller has ended, and the error is %v", err)
		}
	})

	inBubble(t, "the caller's deadline is the caller's", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		err := getApplication(ctx, newTestClient(t, responding(hanging)))
		wantErrorIs(t, err, context.DeadlineExceeded)
		wantElapsed(t, start, 3*time.Second, 3*time.Second)
		if errors.Is(err, ErrRequestTimeout) {
			t.Errorf("the error is %v", err)
		}
	})

	inBubble(t, "the TLS handshake has no separate one", func(t *testing.T) {
		here, there := net.Pipe()
		t.Cleanup(func() { _ = there.Close() })
		go func() { _, _ = io.Copy(io.Discard, there) }()
		c := newClient(t, maxRetries(0), requestTimeout(90*time.Second))
		transport := c.transport.(*http.Transport) //nolint:forcetypeassert // see New
		transport.Proxy = nil
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return here, nil }

		start := time.Now()
		wantErrorIs(t, getApplication(t.Context(), c), ErrRequestTimeout)
		wantElapsed(t, start, 90*time.Second, 90*time.Second)
	})
}

// The end of the context does not cut a POST that stages short (see
// staging.TestStage_interrupted), and the POST is then not repeated.
func TestAttempt_interrupt(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		r := responding(func(w http.ResponseWriter, req *http.Request) {
			if _, _ = io.Copy(io.Discard, req.Body); PostsUnderWay() < 1 {
				t.Error("the POST is not under way")
			}
			<-time.After(10 * time.Second)
			replyHTML(429)(w, req)
		})
		err := stageImport(cancelAfter(t, time.Second), newTestClient(t, r))
		wantErrorIs(t, err, context.Canceled)
		wantContains(t, err.Error(), "gave up", "the last attempt", "429")
		if request := wantErrorAs[*RequestError](t, err); responseOf(request.Last).StatusCode != 429 || len(r.recorded()) != 1 {
			t.Errorf("%d requests, %+v", len(r.recorded()), request)
		}
	})
}

// The error names the request that did not reach the server.
func TestAttempt_notConnected(t *testing.T) {
	t.Parallel()

	server := serve(t, http.NotFoundHandler())
	server.Close()
	err := cancelImport(t.Context(), newSocketClient(t, server.URL))
	want := Request{Operation: OperationCancel, Method: http.MethodPost, Path: "/api/application-imports/cancel", Attempts: 1}
	if diff := cmp.Diff(want, wantErrorAs[*RequestError](t, err).Request); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	_ = wantErrorAs[*net.OpError](t, err)
}

// endless is a body without an end.
type endless struct {
	read   int64
	closed bool
}

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

func (e *endless) Close() error {
	e.closed = true
	return nil
}

// A response over the limit is an error, whatever its Content-Length. The
// client stops reading at the limit.
func TestAttempt_tooLarge(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		call  func(context.Context, *Client) error
		limit int64
	}{
		"import": {stageImport, 16 << 20},
		"page":   {listApplications, 2 << 20},
	} {
		for claim, length := range map[string]int64{"unknown": -1, "huge": 1 << 40} {
			var (
				body     endless
				requests int
			)
			c := newTestClient(t, nil, withTransport(roundTripper(func(req *http.Request) (*http.Response, error) {
				requests++
				return &http.Response{
					StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: &body, ContentLength: length, Request: req,
				}, nil
			})))
			err := test.call(t.Context(), c)
			wantErrorIs(t, err, ErrTooLarge)
			wantContains(t, err.Error(), fmt.Sprintf("larger than %d MiB", test.limit>>20))
			if requests != 1 || !body.closed || body.read < test.limit || body.read > test.limit+1 {
				t.Errorf("%s, length %s: %d requests, %d bytes read, closed %t", name, claim, requests, body.read, body.closed)
			}
		}
	}
}

func TestAttempt_logs(t *testing.T) {
	t.Parallel()

	s, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}}})

	var logged bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &logged)
	c := newSocketClient(t, url)
	if err := stageImport(ctx, c); err != nil {
		t.Fatal(err)
	}
	api := wantErrorAs[*APIError](t, getImport(ctx, c))
	s.Inject(sandbox.Fault{Times: -1}) // net/http repeats a GET once if the connection was used before
	_ = wantErrorAs[*RequestError](t, getImport(ctx, c))
	wantNotContains(t, logged.String(), testToken, "Bearer", "Authorization")

	entries, err := tflogtest.MultilineJSONDecode(&logged)
	if err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"@level": "debug", "method": "POST", "path": "/api/application-imports/stage", "status": 201.0, "attempt": 1.0, "correlation_id": nil},
		{"@level": "debug", "status": 404.0, "correlation_id": api.CorrelationID},
		{"@level": "warn", "method": "GET", "status": nil},
	}
	if len(entries) != len(want) {
		t.Fatalf("%d entries: %v", len(entries), entries)
	}
	for n, want := range want {
		for key, value := range want {
			if entries[n][key] != value {
				t.Errorf("entry %d has %s %v, want %v", n, key, entries[n][key], value)
			}
		}
	}
}

// A GET follows redirects within the server, until they become a loop. A POST
// is never redirected (see sandboxtest.StageFaults).
func TestRedirects_sameOrigin(t *testing.T) {
	t.Parallel()

	for _, status := range []int{301, 302, 303, 307, 308} {
		s, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}}})
		s.Inject(sandbox.Fault{Action: sandbox.Redirect(status, "/api/applications/"+appID)})
		if err := getApplication(t.Context(), newSocketClient(t, url)); err != nil || !s.Requests()[1].Authorized {
			t.Errorf("%d: %v", status, err)
		}
	}

	s, url := sandboxtest.Start(t, sandbox.Options{})
	s.Inject(sandbox.Fault{Times: -1, Action: sandbox.Redirect(302, "/api/applications?again=1")})
	_ = wantErrorAs[*UnexpectedResponseError](t, listApplications(t.Context(), newSocketClient(t, url, maxRetries(3))))
	wantRequests(t, s, "", maxConnections)
}

// The token goes nowhere else, also not after a redirect within the server.
func TestRedirects_elsewhere(t *testing.T) {
	t.Parallel()

	elsewhere, elsewhereURL := sandboxtest.Start(t, sandbox.Options{})
	overTLS, tlsURL, _ := sandboxtest.StartTLS(t, sandbox.Options{})
	t.Cleanup(func() {
		wantRequests(t, elsewhere, "", 0)
		wantRequests(t, overTLS, "", 0)
	})

	for name, location := range map[string]string{
		"another port":   elsewhereURL,
		"another host":   strings.Replace(elsewhereURL, "127.0.0.1", "localhost", 1),
		"another scheme": tlsURL,
		"no scheme":      strings.TrimPrefix(elsewhereURL, "http:"),
		"user name":      strings.Replace(elsewhereURL, "//", "//admin:hunter2@", 1),
	} {
		for _, secondHop := range []bool{false, true} {
			s, url := sandboxtest.Start(t, sandbox.Options{})
			if secondHop {
				s.Inject(sandbox.Fault{Action: sandbox.Redirect(302, "/api/applications/"+unknownID)})
			}
			s.Inject(sandbox.Fault{Times: -1, Action: sandbox.Redirect(307, location+"/api/login?SAMLRequest=s3cret#f")})
			err := getImport(t.Context(), newSocketClient(t, url))
			unexpected := wantErrorAs[*UnexpectedResponseError](t, err)
			if unexpected.StatusCode != 307 || !strings.HasSuffix(unexpected.Location, "/api/login") {
				t.Errorf("%s, second hop %t: the error is %+v", name, secondHop, unexpected)
			}
			wantContains(t, err.Error(), unexpected.Location)
			wantNotContains(t, err.Error(), "s3cret", "SAMLRequest", "hunter2", testToken)
		}
	}
}
