package permissionassist

import (
	"context"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// Which request is sent again after which fault. A request that stages is sent
// again only if the server certainly did not process it (see TestProcessedOf
// and sandboxtest.StageFaults).
func TestMayRepeat(t *testing.T) {
	t.Parallel()

	const retries = 2
	for name, fault := range map[string]struct {
		respond http.HandlerFunc
		dial    error // the connection cannot be made
		repeat  bool
	}{
		"no connection":        {nil, syscall.ECONNREFUSED, true},
		"proxy unavailable":    {nil, &ProxyError{StatusCode: 503}, true},
		"proxy refuses":        {nil, &ProxyError{StatusCode: 407}, false},
		"closed":               {closing, nil, true},
		"half a response":      {brokenOff, nil, true},
		"timeout":              {hanging, nil, true},
		"429 page":             {replyHTML(429), nil, true},
		"503 with Retry-After": {replyHTML(503, "Retry-After: 1"), nil, true},
		"503 page":             {replyHTML(503), nil, true},
		"500 page":             {replyHTML(500), nil, true},
		"500 envelope":         {replyJSON(500, envelopeJSON("server_error", "Down")), nil, true},
		"500 creation_failed":  {replyJSON(500, envelopeJSON(codeCreationFailed, "No")), nil, false},
		"redirect":             {replyHTML(307, "Location: https://elsewhere.test"), nil, false},
		"400 envelope":         {replyJSON(400, envelopeJSON("validation_error", "No")), nil, false},
		"408 page":             {replyHTML(408), nil, false},
		"417 page":             {replyHTML(417), nil, false},
		"login page":           {replyHTML(200), nil, false},
	} {
		for kind, send := range map[string]func(context.Context, *Client) error{
			"GET": listApplications, "cancel": cancelImport, "stage": stageImport,
		} {
			if kind == "stage" && fault.dial == nil {
				continue
			}
			inBubble(t, name+"/"+kind, func(t *testing.T) {
				attempts, inProcess := 0, &sandboxtest.InProcess{Handler: fault.respond}
				err := send(t.Context(), newTestClient(t, nil, maxRetries(retries), withTransport(roundTripper(
					func(req *http.Request) (*http.Response, error) {
						if attempts++; fault.dial != nil {
							return nil, fault.dial
						}
						return inProcess.RoundTrip(req)
					},
				))))
				want := 1
				if fault.repeat {
					want += retries
				}
				about := RequestOf(err)
				if attempts != want || about.Attempts != want || about.Connected != (fault.dial == nil) || about.Operation == "" {
					t.Errorf("%d attempts, want %d: %v, %+v", attempts, want, err, about)
				}
			})
		}
	}
}

// The pauses without Retry-After: 0.5, 1, 2, 4 s.
func TestRetry_backoff(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		start, r := time.Now(), responding(closing)
		err := getApplication(t.Context(), newTestClient(t, r))
		if request := wantErrorAs[*RequestError](t, err); request.Attempts != 1+DefaultMaxRetries || len(r.recorded()) != request.Attempts {
			t.Errorf("%d requests, and the error is %+v", len(r.recorded()), request)
		}
		wantContains(t, err.Error(), "in 5 attempts")
		wantElapsed(t, start, 6375*time.Millisecond, 8625*time.Millisecond)
	})
}

// Retry-After is obeyed up to the deadline, and up to a limit without one. A
// pause that is too long is an error at once, which names it.
func TestRetryAfter(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		respond  http.HandlerFunc
		deadline time.Duration
		want     time.Duration // 0: an error at once
	}{
		"429":                       {replyHTML(429, "Retry-After: 17"), 0, 17 * time.Second},
		"429 without Retry-After":   {replyHTML(429), 0, 20 * time.Second},
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
