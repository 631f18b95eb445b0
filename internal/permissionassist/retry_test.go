package permissionassist

import (
	"context"
	"fmt"
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
	// Whether the kinds of requests are repeated.
	get, stage, upload bool
}

func attemptFaults() []attemptFault {
	return []attemptFault{
		{name: "no connection", dial: syscall.ECONNREFUSED, get: true, stage: true, upload: true},
		{name: "proxy unavailable", dial: &ProxyError{StatusCode: 503}, get: true, stage: true, upload: true},
		{name: "proxy refuses", dial: &ProxyError{StatusCode: 407}},
		{name: "closed before the body was read", respond: closing, get: true, upload: true},
		{name: "closed", respond: closing, read: true, get: true},
		{name: "half a response", respond: brokenOff, read: true, get: true},
		{name: "timeout", respond: hanging, read: true, get: true},
		{name: "timeout before the body was read", respond: hanging, get: true, upload: true},
		{name: "429 page", respond: replyHTML(429), read: true, get: true, stage: true, upload: true},
		{name: "429 with Retry-After", respond: replyHTML(429, "Retry-After: 1"), read: true, get: true, stage: true, upload: true},
		{name: "429 envelope", respond: replyJSON(429, envelopeJSON("server_error", "Slow down")), read: true, get: true, stage: true, upload: true},
		{name: "503 with Retry-After", respond: replyHTML(503, "Retry-After: 1"), read: true, get: true, stage: true, upload: true},
		{name: "503 page", respond: replyHTML(503), read: true, get: true},
		{name: "503 page before the body was read", respond: replyHTML(503), get: true, upload: true},
		{name: "500 page", respond: replyHTML(500), read: true, get: true},
		{name: "502 page", respond: replyHTML(502), read: true, get: true},
		{name: "504 page", respond: replyHTML(504), read: true, get: true},
		{name: "500 envelope", respond: replyJSON(500, envelopeJSON("server_error", "Down")), read: true, get: true},
		{name: "creation failed", respond: replyJSON(500, envelopeJSON("creation_failed", "No")), read: true, get: true},
		{name: "redirect elsewhere", respond: replyHTML(307, "Location: https://elsewhere.test/"), read: true},
		{name: "redirect within the server", respond: replyHTML(307, "Location: /login"), read: true},
		{name: "400 envelope", respond: replyJSON(400, envelopeJSON("validation_error", "No")), read: true},
		{name: "401 page", respond: replyHTML(401), read: true},
		{name: "404 envelope", respond: replyJSON(404, envelopeJSON("not_found", "No")), read: true},
		{name: "408 page", respond: replyHTML(408), read: true},
		{name: "409 envelope", respond: replyJSON(409, envelopeJSON("conflict", "No")), read: true},
		{name: "413 page before the body was read", respond: replyHTML(413)},
		{name: "login page", respond: replyHTML(200), read: true},
		{name: "too large", respond: reply(200, "", strings.Repeat(" ", maxImportBytes+1)), read: true},
	}
}

// Which request is sent again after which fault. A request that stages is sent
// again only if the server certainly did not process it.
func TestRetryPolicy(t *testing.T) {
	t.Parallel()

	const retries = 2

	upload, err := NewUpload(appID, map[string]string{usersID: newFile(t, "users.csv", "x")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range attemptFaults() {
		for kind, test := range map[string]struct {
			send   func(context.Context, *Client) error
			repeat bool
		}{
			"GET": {func(ctx context.Context, c *Client) error {
				_, err := c.getApplication(ctx, appID)

				return err
			}, fault.get},
			"stage": {func(ctx context.Context, c *Client) error {
				_, err := c.StageApplicationImport(ctx, appID)

				return err
			}, fault.stage},
			"upload": {func(ctx context.Context, c *Client) error {
				_, err := c.UploadApplicationImport(ctx, upload)

				return err
			}, fault.upload},
			"cancel": {func(ctx context.Context, c *Client) error {
				_, err := c.CancelApplicationImport(ctx, importID)

				return err
			}, fault.get},
		} {
			inBubble(t, fault.name+"/"+kind, func(t *testing.T) {
				var attempts int
				c := newTestClient(t, nil, maxRetries(retries), withTransport(failing(fault, &attempts)))

				err := test.send(t.Context(), c)
				if err == nil {
					t.Fatal("no error")
				}

				want := 1
				if test.repeat {
					want += retries
				}
				if fault.name == "redirect within the server" && kind == "GET" {
					want = 6 // it is followed
				}
				if attempts != want {
					t.Errorf("%d attempts, want %d: %v", attempts, want, err)
				}
				if about := RequestOf(err); about.Sent != (fault.dial == nil) || about.Operation == "" {
					t.Errorf("the error is about %+v", about)
				} else if kind == "upload" && about.Complete != fault.read {
					t.Errorf("Complete is %t: %+v", about.Complete, about)
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
		if fault.dial != nil {
			return nil, fault.dial
		}
		if req.Body != nil && fault.read {
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				return nil, err
			}
		}

		return inProcess.RoundTrip(req)
	})
}

func goodApplication() http.HandlerFunc { return replyJSON(200, `{"id":"`+appID+`"}`) }

// The pauses between attempts without Retry-After: 0.5, 1, 2, 4 s.
func TestBackoff(t *testing.T) {
	t.Parallel()
	inBubble(t, "pauses", func(t *testing.T) {
		start := time.Now()
		r := responding(closing)

		_, err := newTestClient(t, r).GetApplication(t.Context(), appID)
		if request := wantErrorAs[*RequestError](t, err); request.Attempts != 1+DefaultMaxRetries || len(r.recorded()) != request.Attempts {
			t.Errorf("%d requests, and the error is %+v", len(r.recorded()), request)
		}
		wantContains(t, err.Error(), "in 5 attempts")
		wantElapsed(t, start, 6375*time.Millisecond, 8625*time.Millisecond)
	})
}

// A rate limit often counts per minute: four retries cover that.
func TestRateLimitWithoutRetryAfter(t *testing.T) {
	t.Parallel()
	inBubble(t, "GET", func(t *testing.T) {
		start := time.Now()
		r := responding(replyHTML(429), replyHTML(429), replyHTML(429), replyHTML(429), goodApplication())
		if _, err := newTestClient(t, r).GetApplication(t.Context(), appID); err != nil {
			t.Fatal(err)
		}
		wantElapsed(t, start, 4*rateLimitPause, 4*rateLimitPause)
	})
	inBubble(t, "beyond the deadline", func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()

		_, err := newTestClient(t, responding(replyHTML(429))).GetApplication(ctx, appID)
		if unexpected := wantErrorAs[*UnexpectedResponseError](t, err); unexpected.StatusCode != 429 {
			t.Errorf("the error is %v", err)
		}
		wantElapsed(t, start, 0, 0)
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		value string
		date  time.Duration // between the clocks of server and client
		want  time.Duration
	}{
		"seconds":                      {"17", 0, 17 * time.Second},
		"white space":                  {" 3 ", 0, 3 * time.Second},
		"zero":                         {"0", 0, time.Second},
		"two minutes":                  {"120", 0, 2 * time.Minute},
		"date":                         {"+90s", 0, 90 * time.Second},
		"past date":                    {"-90s", 0, time.Second},
		"date, clock an hour fast":     {"+30s", time.Hour, 30 * time.Second},
		"date, clock an hour slow":     {"+30s", -time.Hour, 30 * time.Second},
		"past date, clock slow":        {"-30s", -time.Hour, time.Second},
		"longer than the timeout":      {"31", 0, 31 * time.Second},
		"date beyond the request time": {"+61s", 0, 61 * time.Second},
	} {
		for _, status := range []int{429, 503} {
			inBubble(t, fmt.Sprintf("%d %s", status, name), func(t *testing.T) {
				start := time.Now()
				r := responding(func(w http.ResponseWriter, req *http.Request) {
					now, value := time.Now().Add(test.date), test.value
					if d, err := time.ParseDuration(value); err == nil && d != 0 {
						value = now.Add(d).UTC().Format(http.TimeFormat)
					}
					replyHTML(status, "Retry-After: "+value, "Date: "+now.UTC().Format(http.TimeFormat))(w, req)
				}, goodApplication())

				if _, err := newTestClient(t, r).GetApplication(t.Context(), appID); err != nil {
					t.Fatal(err)
				}
				wantElapsed(t, start, test.want, test.want)
			})
		}
	}
}

// A pause that is too long is an error at once, which names it.
func TestRetryAfterTooLong(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		value    string
		deadline time.Duration
		obeyed   bool
	}{
		"without a deadline":                 {"121", 0, false},
		"a date without a deadline":          {"Fri, 31 Dec 9999 23:59:59 GMT", 0, false},
		"hours":                              {"9000000000", 0, false},
		"more than fits":                     {"18446744073709551615", 0, false},
		"beyond the deadline":                {"31", 30 * time.Second, false},
		"within a deadline, over the limit":  {"600", time.Hour, true},
		"within a deadline, below the limit": {"29", 30 * time.Second, true},
	} {
		for form, respond := range map[string]http.HandlerFunc{
			"page":     replyHTML(503, "Retry-After: "+test.value),
			"envelope": replyJSON(503, envelopeJSON("server_error", "Maintenance"), "Retry-After: "+test.value),
		} {
			inBubble(t, name+", "+form, func(t *testing.T) {
				ctx := t.Context()
				if test.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.deadline)
					defer cancel()
				}
				start, r := time.Now(), responding(respond, goodApplication())

				_, err := newTestClient(t, r).GetApplication(ctx, appID)
				if test.obeyed {
					if err != nil {
						t.Error(err)
					}

					return
				}
				if err == nil || retryAfterOf(err) <= 30*time.Second || len(r.recorded()) != 1 {
					t.Errorf("%d requests, %v, Retry-After %s", len(r.recorded()), err, retryAfterOf(err))
				}
				wantElapsed(t, start, 0, 0)
			})
		}
	}
}

// The time limit of a walk over a list does not allow longer pauses than those
// of other requests.
func TestRetryAfterWithinAWalk(t *testing.T) {
	t.Parallel()
	inBubble(t, "lists", func(t *testing.T) {
		start := time.Now()
		c := newTestClient(t, responding(replyHTML(503, "Retry-After: 600")))
		_, errList := c.ListApplications(t.Context())
		_, errRecent := c.RecentApplicationImports(t.Context(), appID)
		_ = wantErrorAs[*UnexpectedResponseError](t, errList)
		_ = wantErrorAs[*UnexpectedResponseError](t, errRecent)
		wantElapsed(t, start, 0, 0)
	})
}

func TestRetryAfterValues(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, 2, 20, 8, 15, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"120":                            2 * time.Minute,
		"18446744073709551615":           9223372036 * time.Second,
		"Fri, 20 Feb 2026 08:16:30 GMT":  90 * time.Second,
		"Friday, 20-Feb-26 08:15:10 GMT": 10 * time.Second,
		"Fri Feb 20 08:15:05 2026":       5 * time.Second,
		"":                               0,
		"-1":                             0,
		"1.5":                            0,
		"soon":                           0,
		"99999999999999999999":           0,
	} {
		for status, want := range map[int]time.Duration{429: want, 503: want, 500: 0, 200: 0} {
			resp := &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {value}}}
			if got := retryAfter(resp, now); got != want {
				t.Errorf("%d with %q: %s, want %s", status, value, got, want)
			}
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("17", "", int64(0))
	f.Add("Fri, 20 Feb 2026 08:16:30 GMT", "Fri, 20 Feb 2026 08:16:30 GMT", int64(1<<31))
	f.Fuzz(func(t *testing.T, value, date string, now int64) {
		resp := &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {value}, "Date": {date}}}
		// Within the years that a date can have.
		if got := retryAfter(resp, time.Unix(now%(1<<36), 0)); got != 0 && got < time.Second {
			t.Errorf("%q is %s", value, got)
		}
	})
}

// The end of the context ends a pause, and its error still has the response that
// led to the pause.
func TestPauseCanceled(t *testing.T) {
	t.Parallel()
	inBubble(t, "GET", func(t *testing.T) {
		start, r := time.Now(), responding(replyHTML(429, "Retry-After: 60"))

		_, err := newTestClient(t, r).GetApplication(cancelAfter(t, 5*time.Second), appID)
		wantErrorIs(t, err, context.Canceled)
		if request := wantErrorAs[*RequestError](t, err); statusOf(request.Last) != 429 || len(r.recorded()) != 1 {
			t.Errorf("%d requests, and the error is %+v", len(r.recorded()), request)
		}
		wantContains(t, err.Error(), "the last attempt ended with", "429")
		wantElapsed(t, start, 5*time.Second, 5*time.Second)
	})
}
