package permissionassist

import (
	"context"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// attemptFault is one way in which an attempt fails.
type attemptFault struct {
	name    string
	respond http.HandlerFunc
	dial    error // the connection cannot be made
	// read is whether the server reads the body of the request before it responds.
	read bool
	// half is whether it reads half of it.
	half bool
	// Whether the kinds of requests are repeated.
	get, stage, upload bool
}

func attemptFaults() []attemptFault {
	return []attemptFault{
		{name: "no connection", dial: syscall.ECONNREFUSED, get: true, stage: true, upload: true},
		{name: "proxy unavailable", dial: &ProxyError{StatusCode: 503}, get: true, stage: true, upload: true},
		{name: "proxy refuses", dial: &ProxyError{StatusCode: 407}},
		{name: "closed before the body was read", respond: closing, get: true, stage: true, upload: true},
		{name: "closed after half of the body was read", respond: closing, half: true, get: true},
		{name: "closed", respond: closing, read: true, get: true},
		{name: "half a response", respond: brokenOff, read: true, get: true},
		{name: "timeout", respond: hanging, read: true, get: true},
		{name: "timeout before the body was read", respond: hanging, get: true, stage: true, upload: true},
		{name: "429 page", respond: replyHTML(429), read: true, get: true, stage: true, upload: true},
		{name: "503 with Retry-After", respond: replyHTML(503, "Retry-After: 1"), read: true, get: true, stage: true, upload: true},
		{name: "503 page", respond: replyHTML(503), read: true, get: true},
		{name: "500 page", respond: replyHTML(500), read: true, get: true},
		{name: "500 envelope", respond: replyJSON(500, envelopeJSON("server_error", "Down")), read: true, get: true},
		{name: "redirect within the server", respond: replyHTML(307, "Location: /login"), read: true},
		{name: "400 envelope", respond: replyJSON(400, envelopeJSON("validation_error", "No")), read: true},
		{name: "408 page", respond: replyHTML(408), read: true},
		{name: "502 page before the body was read", respond: replyHTML(502), get: true, stage: true, upload: true},
		{name: "502 page after half of the body was read", respond: replyHTML(502), half: true, get: true},
		{name: "417 page", respond: replyHTML(417), read: true},
		{name: "500 creation_failed", respond: replyJSON(500, envelopeJSON(CodeCreationFailed, "No")), read: true},
		{name: "413 page before the body was read", respond: replyHTML(413)},
		{name: "login page", respond: replyHTML(200), read: true},
		{name: "too large", respond: reply(200, "", strings.Repeat(" ", maxImportBytes+1)), read: true},
	}
}

// Which request is sent again after which fault. A request that stages is sent
// again only if the server certainly did not process it.
func TestMayRepeat(t *testing.T) {
	t.Parallel()

	const retries = 2

	u, err := NewUpload(t.Context(), appID, map[string]string{usersID: newFile(t, "users.csv", "x")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	uploadImport := func(ctx context.Context, c *Client) error {
		_, err := c.UploadApplicationImport(ctx, u)
		return err
	}
	for _, fault := range attemptFaults() {
		for kind, test := range map[string]struct {
			send   func(context.Context, *Client) error
			repeat bool
		}{
			"GET":    {listApplications, fault.get},
			"stage":  {stageImport, fault.stage},
			"upload": {uploadImport, fault.upload},
			"cancel": {cancelImport, fault.get},
		} {
			if fault.name == "too large" && kind == "cancel" {
				continue // it is canceled
			}
			inBubble(t, fault.name+"/"+kind, func(t *testing.T) {
				var attempts int
				err := test.send(t.Context(), newTestClient(t, nil, maxRetries(retries), withTransport(failing(fault, &attempts))))
				if err == nil {
					t.Fatal("no error")
				}

				want := 1
				if test.repeat {
					want += retries
				}
				if fault.name == "redirect within the server" && kind == "GET" {
					want = maxConnections // it is followed
				}
				if attempts != want {
					t.Errorf("%d attempts, want %d: %v", attempts, want, err)
				}
				about := RequestOf(err)
				if about.Connected != (fault.dial == nil) || about.Operation == "" || kind != "GET" && about.Complete != fault.read {
					t.Errorf("the error is about %+v", about)
				}
			})
		}
	}
}

// failing is a transport whose requests all fail in the same way.
func failing(fault attemptFault, attempts *int) http.RoundTripper {
	inProcess := &sandboxtest.InProcess{Handler: fault.respond}
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		*attempts++
		// As every transport must. On Windows, a file that is open cannot be removed.
		if req.Body != nil {
			defer req.Body.Close()
		}
		if fault.dial != nil {
			return nil, fault.dial
		}
		if req.Body != nil && fault.read {
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				return nil, err
			}
		}
		if req.Body != nil && fault.half {
			if _, err := io.CopyN(io.Discard, req.Body, req.ContentLength/2); err != nil {
				return nil, err
			}
		}
		return inProcess.RoundTrip(req)
	})
}

// The pauses without Retry-After: 0.5, 1, 2, 4 s; after a 429, longer ones, because a
// rate limit often counts per minute.
func TestRetry_backoff(t *testing.T) {
	t.Parallel()
	inBubble(t, "no response", func(t *testing.T) {
		start, r := time.Now(), responding(closing)
		err := getApplication(t.Context(), newTestClient(t, r))
		if request := wantErrorAs[*RequestError](t, err); request.Attempts != 1+DefaultMaxRetries || len(r.recorded()) != request.Attempts {
			t.Errorf("%d requests, and the error is %+v", len(r.recorded()), request)
		}
		wantContains(t, err.Error(), "in 5 attempts")
		wantElapsed(t, start, 6375*time.Millisecond, 8625*time.Millisecond)
	})
	inBubble(t, "429", func(t *testing.T) {
		start := time.Now()
		r := responding(replyHTML(429), replyHTML(429), replyHTML(429), replyHTML(429), goodApplication())
		if err := getApplication(t.Context(), newTestClient(t, r)); err != nil {
			t.Fatal(err)
		}
		wantElapsed(t, start, 80*time.Second, 80*time.Second)
	})

	// The error still has the response that led to the pause.
	inBubble(t, "canceled", func(t *testing.T) {
		start, r := time.Now(), responding(replyHTML(429, "Retry-After: 60"))
		err := getApplication(cancelAfter(t, 5*time.Second), newTestClient(t, r))
		wantErrorIs(t, err, context.Canceled)
		if request := wantErrorAs[*RequestError](t, err); responseOf(request.Last).StatusCode != 429 || len(r.recorded()) != 1 {
			t.Errorf("%d requests, and the error is %+v", len(r.recorded()), request)
		}
		_ = wantErrorAs[*UnexpectedResponseError](t, err)
		wantElapsed(t, start, 5*time.Second, 5*time.Second)
	})
}

// Retry-After is obeyed up to the deadline, and up to a limit without one. A pause
// that is too long is an error at once, which names it.
func TestRetryAfter(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		respond  http.HandlerFunc
		deadline time.Duration
		want     time.Duration // 0: an error at once
	}{
		"429":                       {replyHTML(429, "Retry-After: 17"), 0, 17 * time.Second},
		"503":                       {replyHTML(503, "Retry-After: 17"), 0, 17 * time.Second},
		"the limit":                 {replyHTML(503, "Retry-After: 120"), 0, 2 * time.Minute},
		"over the limit":            {replyHTML(503, "Retry-After: 121"), 0, 0},
		"an envelope":               {replyJSON(503, envelopeJSON("server_error", "Busy"), "Retry-After: 121"), 0, 0},
		"a date":                    {replyHTML(503, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"), 0, 0},
		"more than fits":            {replyHTML(503, "Retry-After: 18446744073709551615"), 0, 0},
		"beyond the deadline":       {replyHTML(503, "Retry-After: 31"), 30 * time.Second, 0},
		"429 beyond the deadline":   {replyHTML(429), 10 * time.Second, 0},
		"within a longer deadline":  {replyHTML(503, "Retry-After: 600"), time.Hour, 10 * time.Minute},
		"within a shorter deadline": {replyHTML(503, "Retry-After: 29"), 30 * time.Second, 29 * time.Second},
	} {
		inBubble(t, name, func(t *testing.T) {
			ctx := t.Context()
			if test.deadline > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.deadline)
				defer cancel()
			}
			start, r := time.Now(), responding(test.respond, goodApplication())
			err := getApplication(ctx, newTestClient(t, r))
			response := responseOf(err)
			failed := response.StatusCode == 429 || response.StatusCode == 503 && response.RetryAfter > 30*time.Second
			if failed != (test.want == 0) || !failed && err != nil {
				t.Errorf("%d requests, %v, Retry-After %s", len(r.recorded()), err, response.RetryAfter)
			}
			wantElapsed(t, start, test.want, test.want)
		})
	}

	// The time limit of a walk over a list does not allow longer pauses.
	inBubble(t, "lists", func(t *testing.T) {
		start := time.Now()
		_ = wantErrorAs[*UnexpectedResponseError](t, listApplications(t.Context(), newTestClient(t, replyHTML(503, "Retry-After: 600"))))
		wantElapsed(t, start, 0, 0)
	})
}

func TestRetryAfter_values(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, 2, 20, 8, 15, 0, 0, time.UTC)
	for value, want := range map[[2]string]time.Duration{ // Retry-After and Date
		{"120"}:                            2 * time.Minute,
		{" 3 "}:                            3 * time.Second,
		{"0"}:                              time.Second,
		{"18446744073709551615"}:           9223372036 * time.Second,
		{"Fri, 20 Feb 2026 08:16:30 GMT"}:  90 * time.Second,
		{"Friday, 20-Feb-26 08:15:10 GMT"}: 10 * time.Second,
		{"Fri Feb 20 08:15:05 2026"}:       5 * time.Second,
		{"Fri, 20 Feb 2026 08:14:30 GMT"}:  time.Second,
		// The clock of the server is an hour fast or slow.
		{"Fri, 20 Feb 2026 09:15:30 GMT", "Fri, 20 Feb 2026 09:15:00 GMT"}: 30 * time.Second,
		{"Fri, 20 Feb 2026 07:15:30 GMT", "Fri, 20 Feb 2026 07:15:00 GMT"}: 30 * time.Second,
		{""}: 0, {"-1"}: 0, {"1.5"}: 0, {"soon"}: 0, {"99999999999999999999"}: 0,
	} {
		resp := &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {value[0]}, "Date": {value[1]}}}
		if got := retryAfter(resp, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
		resp.StatusCode = 500
		if got := retryAfter(resp, now); got != 0 {
			t.Errorf("500 with %q: %s", value, got)
		}
	}
}
