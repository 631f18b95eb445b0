package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func goodApplication() http.HandlerFunc { return replyJSON(200, `{"id":"`+appID+`"}`) }

func brokenOff(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, `{"id":`)
	_ = http.NewResponseController(w).Flush()

	panic(http.ErrAbortHandler)
}

// What is repeated, and how often, for a GET and for a cancel.
func TestRetries(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		answer  http.HandlerFunc
		retried bool
	}{
		"closed":               {closing, true},
		"half answer":          {brokenOff, true},
		"hangs":                {hanging, true},
		"429 page":             {replyHTML(429), true},
		"429 envelope":         {replyJSON(429, envelopeJSON("server_error", "Slow down")), true},
		"500 envelope":         {replyJSON(500, envelopeJSON("server_error", "Down")), true},
		"500 page":             {replyHTML(500), true},
		"502 page":             {replyHTML(502), true},
		"503 page":             {replyHTML(503), true},
		"503 with Retry-After": {replyHTML(503, "Retry-After: 1"), true},
		"504 page":             {replyHTML(504), true},
		"400 envelope":         {replyJSON(400, envelopeJSON("validation_error", "No")), false},
		"401 envelope":         {replyJSON(401, envelopeJSON("unauthorized", "No")), false},
		"403 page":             {replyHTML(403), false},
		"404 envelope":         {replyJSON(404, envelopeJSON("not_found", "No")), false},
		"408 page":             {replyHTML(408), false},
		"409 envelope":         {replyJSON(409, envelopeJSON("conflict", "No")), false},
		"200 login page":       {replyHTML(200), false},
		"redirect":             {replyHTML(302, "Location: https://elsewhere.test/"), false},
	} {
		for _, retries := range []int{0, 1, 4} {
			want := 1
			if test.retried {
				want += retries
			}

			inBubble(t, fmt.Sprintf("%s, GET, %d retries", name, retries), func(t *testing.T) {
				r := answering(test.answer)
				_, err := newTestClient(t, r, maxRetries(retries)).getApplication(t.Context(), appID)
				wantAttempts(t, r, err, want)
			})

			inBubble(t, fmt.Sprintf("%s, cancel, %d retries", name, retries), func(t *testing.T) {
				r := answering(test.answer)
				_, err := newTestClient(t, r, maxRetries(retries)).CancelImport(t.Context(), importID)
				wantAttempts(t, r, err, want)
			})
		}

		if test.retried {
			inBubble(t, name+", then good", func(t *testing.T) {
				r := answering(test.answer, test.answer, goodApplication())
				if _, err := newTestClient(t, r).GetApplication(t.Context(), appID); err != nil {
					t.Error(err)
				}

				wantAttempts(t, r, errors.New("none"), 3)
			})
		}
	}
}

func wantAttempts(t *testing.T, r *recorder, err error, want int) {
	t.Helper()

	if err == nil {
		t.Error("no error")
	}

	var request *RequestError
	if errors.As(err, &request) && (request.Attempts != want || !request.Sent) {
		t.Errorf("the error tells of %d attempts, want %d: %+v", request.Attempts, want, request)
	}

	if want > 1 && request != nil {
		wantContains(t, err.Error(), fmt.Sprintf("in %d attempts", want))
	}

	if got := len(r.seen()); got != want {
		t.Errorf("%d requests, want %d: %v", got, want, r.seen())
	}
}

func TestRetryDefault(t *testing.T) {
	t.Parallel()
	inBubble(t, "four times", func(t *testing.T) {
		r := answering(closing)
		start := time.Now()

		_, err := newTestClient(t, r).GetApplication(t.Context(), appID)
		wantAttempts(t, r, err, 1+DefaultMaxRetries)

		// 0.5 + 1 + 2 + 4 s, less a quarter at most.
		if took := time.Since(start); took < 5625*time.Millisecond || took > 7500*time.Millisecond {
			t.Errorf("the pauses sum up to %s", took)
		}
	})
}

func TestRetryNoConnection(t *testing.T) {
	t.Parallel()
	inBubble(t, "GET", func(t *testing.T) {
		r := answering(goodApplication())
		c := newTestClient(t, r)

		dials := 0

		failDial(t, c, func(*http.Request) error {
			if dials++; dials < 3 {
				return syscall.ECONNREFUSED
			}

			return nil
		})

		if _, err := c.GetApplication(t.Context(), appID); err != nil {
			t.Fatal(err)
		}

		if dials != 3 || len(r.seen()) != 1 {
			t.Errorf("%d dials, %d requests", dials, len(r.seen()))
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()

	date := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }

	for _, status := range []int{429, 503} {
		for name, test := range map[string]struct {
			value func() string
			want  time.Duration
		}{
			"seconds":     {func() string { return "17" }, 17 * time.Second},
			"zero":        {func() string { return "0" }, 0},
			"white space": {func() string { return " 3 " }, 3 * time.Second},
			"date":        {func() string { return date(90 * time.Second) }, 90 * time.Second},
			"past date":   {func() string { return date(-time.Hour) }, 0},
			"two minutes": {func() string { return "120" }, 2 * time.Minute},
		} {
			inBubble(t, fmt.Sprintf("%d %s", status, name), func(t *testing.T) {
				r := answering(func(w http.ResponseWriter, req *http.Request) {
					replyHTML(status, "Retry-After: "+test.value())(w, req)
				}, goodApplication())
				start := time.Now()

				if _, err := newTestClient(t, r).GetApplication(t.Context(), appID); err != nil {
					t.Fatal(err)
				}

				if took := time.Since(start); took != test.want {
					t.Errorf("the pause was %s, want %s", took, test.want)
				}
			})
		}
	}
}

func TestRetryAfterNotObeyed(t *testing.T) {
	t.Parallel()

	for name, value := range map[string]string{
		"longer than two minutes": "121", "far beyond": "99999999999999999999", "more than fits": "18446744073709551615", "hours": "9000000000",
	} {
		inBubble(t, name, func(t *testing.T) {
			r := answering(replyJSON(503, envelopeJSON("server_error", "Maintenance"), "Retry-After: "+value), replyHTML(404))
			start := time.Now()

			_, err := newTestClient(t, r).getApplication(t.Context(), appID)

			if value == "99999999999999999999" { // not a number that can be read: as if it were not there
				wantErrorOf[*UnexpectedResponseError](t, err)

				return
			}

			if api := wantErrorAs[*APIError](t, err); api.RetryAfter <= 2*time.Minute {
				t.Errorf("the error is %+v", api)
			}

			if time.Since(start) != 0 || len(r.seen()) != 1 {
				t.Errorf("%d requests in %s", len(r.seen()), time.Since(start))
			}
		})
	}

	for name, answer := range map[string]http.HandlerFunc{
		"page":     replyHTML(429, "Retry-After: 31"),
		"envelope": replyJSON(503, envelopeJSON("server_error", "Busy"), "Retry-After: 31"),
	} {
		inBubble(t, "beyond the deadline, "+name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()

			r := answering(answer)
			start := time.Now()
			_, err := newTestClient(t, r).GetApplication(ctx, appID)

			if time.Since(start) != 0 || len(r.seen()) != 1 || err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%d requests in %s: %v", len(r.seen()), time.Since(start), err)
			}

			var (
				api        *APIError
				unexpected *UnexpectedResponseError
			)

			switch {
			case errors.As(err, &api) && api.RetryAfter == 31*time.Second:
			case errors.As(err, &unexpected) && unexpected.RetryAfter == 31*time.Second:
			default:
				t.Errorf("the error does not tell the pause: %v", err)
			}
		})
	}

	inBubble(t, "not of another status", func(t *testing.T) {
		r := answering(replyHTML(500, "Retry-After: 300"), goodApplication())
		start := time.Now()

		if _, err := newTestClient(t, r).GetApplication(t.Context(), appID); err != nil {
			t.Fatal(err)
		}

		if took := time.Since(start); took > time.Second {
			t.Errorf("the pause was %s", took)
		}
	})
}

func TestRetryPauseCanceled(t *testing.T) {
	t.Parallel()
	inBubble(t, "GET", func(t *testing.T) {
		r := answering(replyHTML(429, "Retry-After: 60"))
		start := time.Now()

		_, err := newTestClient(t, r).GetApplication(cancelAfter(t, 5*time.Second), appID)
		wantErrorIs(t, err, context.Canceled)

		if time.Since(start) != 5*time.Second || len(r.seen()) != 1 {
			t.Errorf("%d requests in %s", len(r.seen()), time.Since(start))
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()

	for attempt, longest := range []time.Duration{
		500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, 15 * time.Second,
	} {
		differ := map[time.Duration]bool{}

		for range 200 {
			got := backoff(minRetryWait, maxRetryWait, attempt, nil)
			if got < longest*3/4 || got > longest {
				t.Fatalf("attempt %d: %s, want between %s and %s", attempt, got, longest*3/4, longest)
			}

			differ[got] = true
		}

		if len(differ) < 10 {
			t.Errorf("attempt %d: only %d different pauses in 200", attempt, len(differ))
		}
	}

	if got := backoff(minRetryWait, maxRetryWait, math.MaxInt32, nil); got > maxRetryWait || got <= 0 {
		t.Errorf("after very many attempts: %s", got)
	}
}

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, 2, 20, 8, 15, 0, 0, time.UTC)

	for value, want := range map[string]struct {
		pause time.Duration
		ok    bool
	}{
		"0":                              {0, true},
		"120":                            {2 * time.Minute, true},
		"18446744073709551615":           {math.MaxInt64, true},
		"Fri, 20 Feb 2026 08:16:30 GMT":  {90 * time.Second, true},
		"Friday, 20-Feb-26 08:15:10 GMT": {10 * time.Second, true},
		"Fri Feb 20 08:15:05 2026":       {5 * time.Second, true},
		"Fri, 20 Feb 2026 08:14:30 GMT":  {0, true},
		"":                               {},
		"-1":                             {},
		"1.5":                            {},
		"soon":                           {},
	} {
		if pause, ok := parseRetryAfter(value, now); pause != want.pause || ok != want.ok {
			t.Errorf("%q is %s, %v, want %s, %v", value, pause, ok, want.pause, want.ok)
		}
	}
}

// A GET gets through a server that fails at random; a cancel does, too.
func TestRetriesAgainstRandomFaults(t *testing.T) {
	t.Parallel()
	inBubble(t, "sandbox", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		for range 120 {
			s.AddImport(sandbox.Import{ApplicationID: appID})
		}

		faults := s.InjectRandom(1, 0.4, sandbox.Fault{}, sandbox.Fault{Action: sandbox.HalfAnswer()},
			sandbox.Fault{Action: sandbox.Answer(502, "text/html", "")}, sandbox.Fault{Action: sandbox.Hang()},
			sandbox.Fault{Action: sandbox.RetryAfter(503, "2", false)})
		c := newTestClient(t, s, maxRetries(20))

		var numbers []string

		for imp, err := range c.ListImports(t.Context(), appID) {
			if err != nil {
				t.Fatal(err)
			}

			numbers = append(numbers, imp.ID)

			if _, err := c.GetImport(t.Context(), imp.ID, appID); err != nil {
				t.Fatal(err)
			}
		}

		if len(numbers) != 120 || faults.Fired() < 10 {
			t.Errorf("%d imports, %d faults: %s", len(numbers), faults.Fired(), strings.Join(numbers, " "))
		}
	})
}
