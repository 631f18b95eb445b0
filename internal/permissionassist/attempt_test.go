package permissionassist

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func TestRequestHeaders(t *testing.T) {
	t.Parallel()

	r := &recorder{next: newSandbox(t, sandbox.Options{})}
	c := newSocketClient(t, serve(t, r).URL, func(cfg *Config) { cfg.UserAgent = "Terraform/1.15 test/0.1" })
	imp, err := c.StageApplicationImport(t.Context(), appID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CancelApplicationImport(t.Context(), imp.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetApplication(t.Context(), appID); err != nil {
		t.Fatal(err)
	}

	want := []string{"POST /api/application-imports/stage", "POST /api/application-imports/cancel", "GET /api/applications/" + appID}
	if diff := cmp.Diff(want, r.recorded()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	for n, h := range r.headers {
		wantHeader(t, h, "Authorization", "Bearer "+testToken)
		wantHeader(t, h, "User-Agent", "Terraform/1.15 test/0.1")
		wantHeader(t, h, "Accept", "application/json")
		contentType := ""
		if strings.HasPrefix(want[n], http.MethodPost) {
			contentType = "application/json"
		}
		wantHeader(t, h, "Content-Type", contentType)
	}
}

func TestRequestTimeout(t *testing.T) {
	t.Parallel()

	inBubble(t, "each attempt has its own", func(t *testing.T) {
		r := responding(hanging, hanging, goodApplication())
		if _, err := newTestClient(t, r).GetApplication(t.Context(), appID); err != nil || len(r.recorded()) != 3 {
			t.Errorf("%d requests, %v", len(r.recorded()), err)
		}
	})

	inBubble(t, "no response", func(t *testing.T) {
		start := time.Now()
		_, err := newTestClient(t, responding(hanging), maxRetries(0), requestTimeout(7*time.Second)).GetApplication(t.Context(), appID)
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
		_, err := newTestClient(t, responding(hanging)).GetApplication(ctx, appID)
		wantErrorIs(t, err, context.DeadlineExceeded)
		wantElapsed(t, start, 3*time.Second, 3*time.Second)
		if errors.Is(err, ErrRequestTimeout) {
			t.Errorf("the error is %v", err)
		}
	})
}

// Only the request timeout bounds an attempt: connecting and the TLS handshake
// have no separate timeout.
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
			c := newClient(t, maxRetries(0), requestTimeout(90*time.Second))
			transport := c.transport.(*http.Transport) //nolint:forcetypeassert // see New
			transport.Proxy = nil
			transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, t) }

			start := time.Now()
			_, err := c.GetApplication(t.Context(), appID)
			wantErrorIs(t, err, ErrRequestTimeout)
			wantElapsed(t, start, 90*time.Second, 90*time.Second)
		})
	}
}

// The end of the context cuts a GET short, but not a POST that stages: its
// response names what the server has created.
func TestInterrupt(t *testing.T) {
	t.Parallel()

	slow := func(w http.ResponseWriter, req *http.Request) {
		select {
		case <-time.After(10 * time.Second):
			replyJSON(201, importJSON(importID, appID))(w, req)
		case <-req.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}

	inBubble(t, "GET", func(t *testing.T) {
		start := time.Now()
		_, err := newTestClient(t, responding(slow)).GetApplicationImport(cancelAfter(t, time.Second), importID, appID)
		wantErrorIs(t, err, context.Canceled)
		wantElapsed(t, start, time.Second, time.Second)
	})
	inBubble(t, "stage", func(t *testing.T) {
		ctx := cancelAfter(t, time.Second)
		imp, err := newTestClient(t, responding(slow)).StageApplicationImport(ctx, appID)
		if err != nil || imp.ID != importID || ctx.Err() == nil {
			t.Errorf("%+v, %v", imp, err)
		}
	})
	inBubble(t, "stage that fails is not repeated", func(t *testing.T) {
		r := responding(func(w http.ResponseWriter, req *http.Request) {
			<-time.After(10 * time.Second)
			replyHTML(429)(w, req)
		})
		_, err := newTestClient(t, r).StageApplicationImport(cancelAfter(t, time.Second), appID)
		wantErrorIs(t, err, context.Canceled)
		if request := wantErrorAs[*RequestError](t, err); statusOf(request.Last) != 429 || len(r.recorded()) != 1 {
			t.Errorf("%d requests, %+v", len(r.recorded()), request)
		}
	})
	inBubble(t, "before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := responding(hanging)
		_, err := newTestClient(t, r).StageApplicationImport(ctx, appID)
		wantErrorIs(t, err, context.Canceled)
		if about := RequestOf(err); about.Sent || len(r.recorded()) != 0 {
			t.Errorf("%v, and the error is about %+v", r.recorded(), about)
		}
	})
}

func TestBrokenResponse(t *testing.T) {
	t.Parallel()

	s, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}}})
	s.Inject(sandbox.Fault{Action: sandbox.HalfResponse(), Processed: true})

	_, err := newSocketClient(t, url).GetApplication(t.Context(), appID)
	if request := wantErrorAs[*RequestError](t, err); !request.Sent {
		t.Errorf("the error is %+v", request)
	}
	wantErrorIs(t, err, io.ErrUnexpectedEOF)
	wantContains(t, err.Error(), "broke off after")

	s.Inject(sandbox.Fault{Times: -1, Action: sandbox.CloseConnection()})
	_, err = newSocketClient(t, url).GetApplication(t.Context(), appID)
	wantErrorIs(t, err, io.EOF)
	wantContains(t, err.Error(), "closed before the response")
}

func TestNoConnection(t *testing.T) {
	t.Parallel()

	server := serve(t, http.NotFoundHandler())
	server.Close()
	_, err := newSocketClient(t, server.URL).CancelApplicationImport(t.Context(), importID)
	want := Request{Operation: OperationCancel, Method: http.MethodPost, Path: "/api/application-imports/cancel", Attempts: 1}
	if diff := cmp.Diff(want, wantErrorAs[*RequestError](t, err).Request); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	_ = wantErrorAs[*net.OpError](t, err)
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

// A response over the limit is an error, whatever its Content-Length. The
// client stops reading at the limit.
func TestResponseTooLarge(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		call  func(context.Context, *Client) error
		limit int64
		text  string
	}{
		"import": {func(ctx context.Context, c *Client) error {
			_, err := c.GetApplicationImport(ctx, importID, "")

			return err
		}, maxImportBytes, "larger than 16 MiB"},
		"page": {func(ctx context.Context, c *Client) error { _, err := c.ListApplications(ctx); return err }, maxPageBytes, "larger than 2 MiB"},
		"application": {func(ctx context.Context, c *Client) error {
			_, err := c.GetApplication(ctx, appID)

			return err
		}, maxPageBytes, "larger than 2 MiB"},
	} {
		for claim, length := range map[string]int64{"unknown": -1, "huge": 1 << 40} {
			t.Run(name+", length "+claim, func(t *testing.T) {
				t.Parallel()

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
				_ = wantErrorAs[*UnexpectedResponseError](t, err)
				wantContains(t, err.Error(), test.text)
				if got := body.read.Load(); requests != 1 || !body.closed.Load() || got < test.limit || got > test.limit+1 {
					t.Errorf("%d requests, %d bytes read, closed %t", requests, got, body.closed.Load())
				}
			})
		}
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()

	s, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}}})

	var logged bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &logged)
	c := newSocketClient(t, url)
	if _, err := c.StageApplicationImport(ctx, appID); err != nil {
		t.Fatal(err)
	}
	_, err := c.GetApplicationImport(ctx, unknownID, "")
	api := wantErrorAs[*APIError](t, err)
	s.Inject(sandbox.Fault{Times: -1}) // net/http repeats a GET once if the connection was used before
	_, err = c.GetApplicationImport(ctx, unknownID, "")
	_ = wantErrorAs[*RequestError](t, err)
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
