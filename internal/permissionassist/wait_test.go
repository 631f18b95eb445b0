package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// newWait returns a sandbox whose builds run, a client, and an import that was
// staged.
func newWait(t *testing.T, o sandbox.Options) (*sandbox.Server, *Client, ApplicationImport) {
	t.Helper()
	s := newSandbox(t, o)
	c := newTestClient(t, s)
	imp, err := c.StageApplicationImport(t.Context(), appID)
	if err != nil {
		t.Fatal(err)
	}
	s.ResetRequests()
	s.ReleaseBuilds()
	return s, c, imp
}

func TestWait_finishes(t *testing.T) {
	t.Parallel()

	for _, build := range []time.Duration{0, 10 * time.Second, time.Hour} {
		inBubble(t, build.String(), func(t *testing.T) {
			s, c, imp := newWait(t, sandbox.Options{BuildTime: build})

			var observed []ApplicationImport
			start := time.Now()
			got, err := c.WaitForApplicationImport(t.Context(), imp, func(i ApplicationImport) { observed = append(observed, i) })
			if err != nil {
				t.Fatal(err)
			}
			wantElapsed(t, start, build, build+max(build/10, 750*time.Millisecond))
			if got.Status != StatusFinished || got.Metrics == nil || got.Application.ID != appID {
				t.Errorf("the import is %+v", got)
			}
			reads := s.Count(sandbox.OpGetImport)
			if len(observed) != reads || cmp.Diff(observed[len(observed)-1], got, cmpopts.IgnoreUnexported(Application{})) != "" {
				t.Errorf("observe was called %d times for %d reads, at last with %+v", len(observed), reads, observed[len(observed)-1])
			}
			wantRequests(t, s, "", reads)
			// 0.5 s until 5 s, then a tenth, then 15 s.
			most := 11 + int(math.Ceil(math.Log(max(build.Seconds()/5, 1))/math.Log(1.09))) + int(build/(13*time.Second))
			if reads > most {
				t.Errorf("%d reads for %s, want %d at most", reads, build, most)
			}
		})
	}
}

func TestPollPause(t *testing.T) {
	t.Parallel()

	differ := map[time.Duration]bool{}
	for _, waited := range []time.Duration{0, 5 * time.Second, 6 * time.Second, time.Minute, time.Hour, math.MaxInt64} {
		for range 100 {
			pause := PollPause(waited)
			tenth := min(waited/10, 15*time.Second)
			if pause < max(tenth*9/10, 500*time.Millisecond) || pause > max(tenth, 550*time.Millisecond) {
				t.Fatalf("after %s the pause is %s", waited, pause)
			}
			differ[pause] = true
		}
	}
	if len(differ) < 100 {
		t.Errorf("only %d different pauses", len(differ))
	}
}

// A refused token ends the wait; other errors do not. How else a wait can end
// is in provider.TestWait.
func TestWait_errors(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		action sandbox.Action
		want   error // nil: the wait goes on
	}{
		"closed":         {sandbox.CloseConnection(), nil},
		"hangs":          {sandbox.Hang(), nil},
		"502 page":       {sandbox.Respond(502, "text/html", ""), nil},
		"404 page":       {sandbox.Respond(404, "text/html", ""), nil},
		"404 not_found":  {sandbox.Envelope(404, "not_found", "A lagging node"), nil},
		"another import": {sandbox.Respond(200, "application/json", importJSON(unknownID)), nil},
		"429":            {sandbox.RetryAfter(429, "3", true), nil},
		"bad request":    {sandbox.Envelope(400, "validation_error", "What?"), nil},
		"401 page":       {sandbox.Respond(401, "text/html", ""), ErrUnauthorized},
		"403 page":       {sandbox.Respond(403, "text/html", ""), ErrForbidden},
	} {
		inBubble(t, name, func(t *testing.T) {
			s, c, imp := newWait(t, sandbox.Options{BuildTime: 10 * time.Minute})
			faults := s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Skip: 3, Times: 7, Action: test.action})

			start := time.Now()
			got, err := c.WaitForApplicationImport(t.Context(), imp, nil)
			if test.want != nil {
				if !errors.Is(err, test.want) || faults.Fired() != 1 || got.Status != StatusRunning {
					t.Errorf("%+v, %v, %d faults", got, err, faults.Fired())
				}
				return
			}
			if err != nil || got.Status != StatusFinished || faults.Fired() != 7 {
				t.Errorf("%+v, %v, %d faults", got, err, faults.Fired())
			}
			wantElapsed(t, start, 10*time.Minute, 11*time.Minute)
		})
	}
}

func TestWait_context(t *testing.T) {
	t.Parallel()

	for name, hang := range map[string]bool{"pausing": false, "reading": true} {
		inBubble(t, "canceled while "+name, func(t *testing.T) {
			s, c, imp := newWait(t, sandbox.Options{BuildTime: time.Hour})
			if hang {
				s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Skip: 5, Times: -1, Action: sandbox.Hang()})
			}
			start := time.Now()
			got, err := c.WaitForApplicationImport(cancelAfter(t, 10*time.Minute), imp, nil)
			wantErrorIs(t, err, context.Canceled)
			if wait := wantErrorAs[*WaitError](t, err); (wait.LastRead != nil) != hang || got.Status != StatusRunning {
				t.Errorf("%+v, %+v", got, wait)
			}
			wantElapsed(t, start, 10*time.Minute, 10*time.Minute)
		})
	}

	inBubble(t, "deadline with the last failure", func(t *testing.T) {
		s, c, imp := newWait(t, sandbox.Options{BuildTime: time.Hour})
		s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: sandbox.Respond(502, "text/html", "")})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // during the first read's retries
		defer cancel()

		got, err := c.WaitForApplicationImport(ctx, imp, func(ApplicationImport) { t.Error("observed a failed read") })
		wantErrorIs(t, err, context.DeadlineExceeded)
		wantContains(t, err.Error(), "502")
		if got.ID != imp.ID || got.Status != StatusPending {
			t.Errorf("the import is %+v", got)
		}
	})
}

// A server that has neither the endpoint for one import nor the list ends the
// wait before the timeout; a proxy's page for the whole server is transient.
func TestWait_missingEndpoints(t *testing.T) {
	t.Parallel()

	for times, most := range map[int]time.Duration{-1: 5 * time.Second, maxMissing: 67 * time.Second} {
		inBubble(t, fmt.Sprint(times), func(t *testing.T) {
			s, c, imp := newWait(t, sandbox.Options{BuildTime: time.Minute})
			for _, op := range []sandbox.Operation{sandbox.OpGetImport, sandbox.OpListImports} {
				s.Inject(sandbox.Fault{Operation: op, Times: times, Action: sandbox.Respond(404, "text/html", "<h1>Not Found</h1>")})
			}
			start := time.Now()
			got, err := c.WaitForApplicationImport(t.Context(), imp, nil)
			var missing *MissingEndpointError
			if forever := times < 0; forever != errors.As(err, &missing) || !forever && got.Status != StatusFinished {
				t.Errorf("%+v, %v", got, err)
			}
			wantElapsed(t, start, time.Second, most)
		})
	}

	// Errors that alternate with missing endpoints are not several in a row.
	inBubble(t, "alternating", func(t *testing.T) {
		n := 0
		c := newTestClient(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if n++; n%8 == 0 {
				replyHTML(400)(w, req)
			} else {
				replyHTML(404)(w, req)
			}
		}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := c.WaitForApplicationImport(ctx, ApplicationImport{ID: importID}, nil)
		wantErrorIs(t, err, context.DeadlineExceeded)
	})
}
