package sandbox_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// connection is a client of a held server with one application.
type connection struct {
	*sandbox.Server
	url    string
	client *http.Client
}

var protocols = []string{"HTTP/1.1", "HTTP/2.0", "in process"}

func over(t *testing.T, protocol string) connection {
	t.Helper()
	var (
		c         connection
		transport http.RoundTripper
		o         = sandbox.Options{Applications: []sandbox.Application{coreApplication()}}
	)
	switch protocol {
	case "HTTP/1.1":
		c.Server, c.url = sandboxtest.Start(t, o)
		transport = &http.Transport{}
	case "HTTP/2.0":
		var pem []byte
		c.Server, c.url, pem = sandboxtest.StartTLS(t, o)
		transport = &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: sandboxtest.Trusting(pem)}
	default:
		c.Server, c.url = newServer(t, o), "http://sandbox.test"
		transport = &sandboxtest.InProcess{Handler: c.Server}
	}
	c.HoldBuilds()
	c.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	t.Cleanup(c.client.CloseIdleConnections)
	return c
}

// outcome is the client's view: a response, part of a response and an error, or
// only an error.
type outcome struct {
	status int
	header http.Header
	length int64 // from Content-Length
	proto  string
	body   string
	err    error
}

// stage sends a stage request.
func (c connection) stage(ctx context.Context) outcome {
	r := newRequest(http.MethodPost, c.url+stagePath, "application/json", stageRequest(coreID)).WithContext(ctx)
	r.RequestURI = "" // a request of a client has none
	resp, err := c.client.Do(r)
	if err != nil {
		return outcome{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return outcome{resp.StatusCode, resp.Header, resp.ContentLength, resp.Proto, string(body), err}
}

func (c connection) wantImports(t *testing.T, when string, want int) {
	t.Helper()
	if got := len(c.Imports()); got != want {
		t.Errorf("%s: %d imports, want %d", when, got, want)
	}
}

func TestActions(t *testing.T) {
	date := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat)
	for name, tc := range map[string]struct {
		action sandbox.Action
		// The client's view: a status of 0 is no response, and header is a line.
		status       int
		header, body string
		half, always bool // the body breaks off; the request is always handled
	}{
		"default":         {action: sandbox.Action{}},
		"CloseConnection": {action: sandbox.CloseConnection()},
		"HalfResponse":    {action: sandbox.HalfResponse(), status: 201, body: `{"id":"`, half: true},
		"Respond502": {
			action: sandbox.Respond(502, "text/html", "<h1>Bad Gateway</h1>", "Via: 1.1 proxy"),
			status: 502, header: "Via: 1.1 proxy", body: "<h1>Bad Gateway</h1>",
		},
		"Respond204":    {action: sandbox.Respond(204, "", ""), status: 204, header: "Content-Type: "},
		"LoginPage":     {action: sandbox.LoginPage(), status: 200, body: "Sign in"},
		"Envelope403":   {action: sandbox.Envelope(403, "forbidden", "No"), status: 403, body: `"error":"forbidden","message":"No"`},
		"RetryAfter503": {action: sandbox.RetryAfter(503, "7", false), status: 503, header: "Retry-After: 7", body: "<html>"},
		"RetryAfter429": {action: sandbox.RetryAfter(429, date, true), status: 429, header: "Retry-After: " + date, body: "correlationId"},
		"Redirect307":   {action: sandbox.Redirect(307, "https://elsewhere.test/"), status: 307, header: "Location: https://elsewhere.test/"},
		"Delay":         {action: sandbox.Delay(1), status: 201, body: `{"id":"`, always: true},
		"Rewrite": {action: sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
			return status + 1, bytes.ReplaceAll(body, []byte("Pending"), []byte("Unknown"))
		}), status: 202, body: `"status":"Unknown"`, always: true},
	} {
		for _, protocol := range protocols {
			for _, processed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/processed=%v", name, protocol, processed), func(t *testing.T) {
					c := over(t, protocol)
					in := c.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: processed, Action: tc.action})
					got := c.stage(t.Context())
					field, value, _ := strings.Cut(tc.header, ": ")
					if got.status != tc.status || got.header.Get(field) != value || !strings.Contains(got.body, tc.body) ||
						(got.err != nil) != (tc.half || tc.status == 0) || tc.half && int(got.length)/2 != len(got.body) {
						t.Errorf("got %.300v", got)
					}
					if tc.status != 0 && protocol != "in process" && got.proto != protocol {
						t.Errorf("the protocol is %s", got.proto)
					}
					want := 0
					if processed || tc.always {
						want = 1
					}
					c.wantImports(t, "handled", want)
					if in.Fired() != 1 || c.Requests()[0].Processed != (want == 1) {
						t.Errorf("fired %d, recorded %+v", in.Fired(), c.Requests()[0])
					}
					if tc.half && processed && !strings.Contains(got.body, c.Imports()[0].ID) {
						t.Errorf("it is not half of the API's response: %s", got.body)
					}
				})
			}
		}
	}
}

// A closed server releases hanging requests and drops delayed ones. What else
// takes time is in staging's tests of sandboxtest.StageFaults.
func TestActions_closed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := over(t, "in process")
		late := sandbox.Fault{Processed: true, Late: time.Minute, Action: sandbox.CloseConnection()}
		c.Inject(late)
		c.stage(t.Context())
		c.Inject(sandbox.Fault{Action: sandbox.Hang()})
		time.AfterFunc(time.Second, c.Close)
		if got := c.stage(t.Context()); got.err == nil {
			t.Errorf("got %+v", got)
		}
		c.Inject(late)
		c.stage(t.Context())
		after(time.Hour)
		c.wantImports(t, "closed", 0)
	})
}
