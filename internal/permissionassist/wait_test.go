package permissionassist

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// stagedImport is an import on a server whose build job runs.
func stagedImport(t *testing.T, s *sandbox.Server, c *Client) Import {
	t.Helper()

	imp, err := c.StageImport(t.Context(), appID)
	if err != nil {
		t.Fatal(err)
	}

	s.ResetRequests()
	s.ReleaseBuilds()

	return imp
}

func TestWaitImport(t *testing.T) {
	t.Parallel()

	for _, build := range []time.Duration{0, time.Second, 10 * time.Second, 10 * time.Minute, time.Hour} {
		inBubble(t, build.String(), func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{BuildTime: build, Dialect: sandbox.Dialect{OmitApplication: true}})
			c := newTestClient(t, s)
			imp := stagedImport(t, s, c)

			var observed []Import

			start := time.Now()

			got, err := c.WaitImport(t.Context(), imp, func(i Import) { observed = append(observed, i) })
			if err != nil {
				t.Fatal(err)
			}

			overshoot := time.Since(start) - build
			if most := max(build/10, 750*time.Millisecond); overshoot < 0 || overshoot > most {
				t.Errorf("the end was noticed %s late, want %s at most", overshoot, most)
			}

			if got.Status != StatusFinished || got.Metrics == nil || got.Application == nil || got.Application.ID != appID {
				t.Errorf("the import is %+v", got)
			}

			reads := s.Count(sandbox.OpGetImport)
			if len(observed) != reads || cmp.Diff(observed[len(observed)-1], got) != "" {
				t.Errorf("observe was called %d times for %d reads, at last with %+v", len(observed), reads, observed[len(observed)-1])
			}

			wantRequests(t, s, "", reads)
			wantPauses(t, start, s.Requests())

			// 0.5 s until 5 s, then a tenth, then 15 s.
			most := 11 + int(math.Ceil(math.Log(max(build.Seconds()/5, 1))/math.Log(1.09))) + int(build/(13*time.Second))
			if reads > most {
				t.Errorf("%d reads for %s, want %d at most", reads, build, most)
			}
		})
	}
}

// wantPauses checks the pauses between the reads against the rule.
func wantPauses(t *testing.T, start time.Time, reads []sandbox.Request) {
	t.Helper()

	before := start

	for n, r := range reads {
		tenth := before.Sub(start) / 10
		pause := r.Time.Sub(before)
		shortest := max(min(tenth, maxPollPause)*9/10, minPollPause)
		longest := max(min(tenth, maxPollPause), minPollPause*11/10)

		if pause < shortest || pause > longest {
			t.Errorf("pause %d is %s, want between %s and %s", n, pause, shortest, longest)
		}

		before = r.Time
	}
}

func TestPollPause(t *testing.T) {
	t.Parallel()

	differ := map[time.Duration]bool{}

	for _, waited := range []time.Duration{0, 5 * time.Second, 6 * time.Second, time.Minute, time.Hour, math.MaxInt64} {
		for range 100 {
			pause := pollPause(waited)
			if pause < 500*time.Millisecond || pause > 15*time.Second || pause > max(waited/10, 550*time.Millisecond) {
				t.Fatalf("after %s the pause is %s", waited, pause)
			}

			differ[pause] = true
		}
	}

	if len(differ) < 100 {
		t.Errorf("only %d different pauses", len(differ))
	}
}

// Every terminal status ends the wait without an error; others do not.
func TestWaitImportStatuses(t *testing.T) {
	t.Parallel()

	for _, status := range []Status{StatusFinished, StatusFailed, StatusCanceled} {
		inBubble(t, string(status), func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{})
			added := s.AddImport(sandbox.Import{Status: "Paused"})

			time.AfterFunc(time.Minute, func() {
				s.UpdateImport(added.ID, func(i *sandbox.Import) { i.Status = string(status) })
			})

			start := time.Now()

			got, err := newTestClient(t, s).WaitImport(t.Context(), Import{ID: added.ID, Status: StatusPending}, nil)
			if err != nil {
				t.Fatal(err)
			}

			if took := time.Since(start); got.Status != status || took < time.Minute || took > 66*time.Second {
				t.Errorf("after %s: %+v", took, got)
			}
		})

		t.Run(string(status)+" already", func(t *testing.T) {
			t.Parallel()

			s := newSandbox(t, sandbox.Options{})

			got, err := newTestClient(t, s).WaitImport(t.Context(), Import{ID: importID, Status: status}, nil)
			if err != nil || got.Status != status {
				t.Errorf("%+v, %v", got, err)
			}

			wantRequests(t, s, "", 0)
		})
	}
}

func TestWaitImportPassingErrors(t *testing.T) {
	t.Parallel()

	for name, action := range map[string]sandbox.Action{
		"closed":       sandbox.CloseConnection(),
		"half":         sandbox.HalfAnswer(),
		"hangs":        sandbox.Hang(),
		"500 envelope": sandbox.Envelope(500, "server_error", "Down"),
		"502 page":     sandbox.Answer(502, "text/html", ""),
		"404 page":     sandbox.Answer(404, "text/html", ""),
		"login page":   sandbox.LoginPage(),
		"another":      sandbox.Answer(200, "application/json", importJSON(importID, appID)),
		"redirect":     sandbox.Redirect(302, "https://elsewhere.test/"),
		"429":          sandbox.RetryAfter(429, "3", true),
		"bad request":  sandbox.Envelope(400, "validation_error", "What?"),
	} {
		inBubble(t, name, func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{BuildTime: 10 * time.Minute})
			c := newTestClient(t, s)
			imp := stagedImport(t, s, c)
			one := s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Skip: 3, Times: 7, Action: action})
			list := s.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Times: -1, Action: action})

			start := time.Now()

			got, err := c.WaitImport(t.Context(), imp, nil)
			if err != nil || got.Status != StatusFinished {
				t.Fatalf("%+v, %v", got, err)
			}

			if took := time.Since(start); took > 11*time.Minute {
				t.Errorf("it took %s", took)
			}

			if one.Fired() != 7 || list.Fired() != 0 {
				t.Errorf("the faults hit %d and %d requests", one.Fired(), list.Fired())
			}
		})
	}
}

func TestWaitImportEnds(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		action sandbox.Action
		want   error
	}{
		"unauthorized":   {sandbox.Envelope(401, "unauthorized", "Invalid or expired authentication token"), ErrUnauthorized},
		"401 page":       {sandbox.Answer(401, "text/html", ""), ErrUnauthorized},
		"forbidden":      {sandbox.Envelope(403, "forbidden", "No"), ErrForbidden},
		"403 page":       {sandbox.Answer(403, "text/html", ""), ErrForbidden},
		"not found":      {sandbox.Envelope(404, "not_found", "Gone"), ErrNotFound},
		"really removed": {},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{BuildTime: time.Hour})
			c := newTestClient(t, s)
			imp := stagedImport(t, s, c)

			if test.want == nil {
				test.want = ErrNotFound

				time.AfterFunc(3*time.Second, func() { s.RemoveImport(imp.ID) })
			} else {
				s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Skip: 3, Action: test.action})
			}

			start := time.Now()
			got, err := c.WaitImport(t.Context(), imp, nil)
			wantErrorIs(t, err, test.want)

			if got.ID != imp.ID || got.Status != StatusRunning {
				t.Errorf("the import as it was read last is %+v", got)
			}

			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func TestWaitImportContext(t *testing.T) {
	t.Parallel()

	for name, hang := range map[string]bool{"pausing": false, "reading": true} {
		inBubble(t, "canceled while "+name, func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{BuildTime: time.Hour})
			c := newTestClient(t, s)
			imp := stagedImport(t, s, c)

			if hang {
				s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Skip: 5, Times: -1, Action: sandbox.Hang()})
			}

			start := time.Now()
			got, err := c.WaitImport(cancelAfter(t, 10*time.Minute), imp, nil)
			wantErrorIs(t, err, context.Canceled)

			if took := time.Since(start); took != 10*time.Minute || got.Status != StatusRunning {
				t.Errorf("after %s: %+v", took, got)
			}
		})
	}

	inBubble(t, "deadline with the last failure", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{BuildTime: time.Hour})
		c := newTestClient(t, s, maxRetries(0))
		imp := stagedImport(t, s, c)
		s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: sandbox.Answer(502, "text/html", "")})

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()

		got, err := c.WaitImport(ctx, imp, func(Import) { t.Error("observed a failed read") })
		wantErrorIs(t, err, context.DeadlineExceeded)
		wantContains(t, err.Error(), "the last read of the import failed", "502")

		if got.ID != imp.ID || got.Status != StatusPending {
			t.Errorf("the import is %+v", got)
		}
	})

	inBubble(t, "canceled already", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()

		_, err := newTestClient(t, s).WaitImport(ctx, Import{ID: importID}, nil)
		wantErrorIs(t, err, context.Canceled)
		wantRequests(t, s, "", 0)
	})
}

// A server without the API for one import: its list is read instead, and what
// its items lack is kept.
func TestWaitImportByList(t *testing.T) {
	t.Parallel()
	inBubble(t, "list", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{BuildTime: time.Minute, TokenName: "terraform", Dialect: sandbox.Dialect{NoGetImport: true}})
		c := newTestClient(t, s)
		imp := stagedImport(t, s, c)

		got, err := c.WaitImport(t.Context(), imp, nil)
		if err != nil {
			t.Fatal(err)
		}

		if got.Status != StatusFinished || got.CreatedBy != "terraform" {
			t.Errorf("the import is %+v", got)
		}

		wantRequests(t, s, sandbox.OpGetImport, 2)

		for _, r := range s.Requests() {
			if r.Operation != sandbox.OpListImports {
				continue
			}

			if want := "applicationId=" + appID + "&page=1"; r.RawQuery != want {
				t.Errorf("the query is %s, want %s", r.RawQuery, want)
			}
		}
	})
}

// Many that wait do not read at the same moments.
func TestWaitImportJitter(t *testing.T) {
	t.Parallel()
	inBubble(t, "ten", func(t *testing.T) {
		var reads atomic.Int64

		at := make([]atomic.Int64, 10)
		start := time.Now()

		for n := range at {
			c := newTestClient(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				reads.Add(1)

				if at[n].CompareAndSwap(0, int64(time.Since(start))) {
					replyJSON(200, importJSON(importID, appID))(w, req)

					return
				}

				replyJSON(200, fmt.Sprintf(`{"id":%q,"status":"finished"}`, importID))(w, req)
			}))

			go func() { _, _ = c.WaitImport(t.Context(), Import{ID: importID}, nil) }()
		}

		<-time.After(time.Minute)
		synctest.Wait()

		if reads.Load() != 20 {
			t.Errorf("%d reads, want 20", reads.Load())
		}

		differ := map[int64]bool{}
		for n := range at {
			differ[at[n].Load()] = true
		}

		if len(differ) < 5 {
			t.Errorf("ten waits read at %d moments", len(differ))
		}
	})
}

// A server that has neither the API for one import nor the list is not waited
// for until the time-out; a proxy's page that passes is.
func TestWaitImportWithoutAnyAPI(t *testing.T) {
	t.Parallel()

	for name, times := range map[string]int{"for good": -1, "in passing": mostMissing - 1} {
		inBubble(t, name, func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{BuildTime: time.Minute})
			c := newTestClient(t, s)
			imp := stagedImport(t, s, c)
			page := sandbox.Answer(404, "text/html", "<h1>Not Found</h1>")

			for _, op := range []sandbox.Operation{sandbox.OpGetImport, sandbox.OpListImports} {
				s.Inject(sandbox.Fault{Operation: op, Times: times, Action: page})
			}

			start := time.Now()
			got, err := c.WaitImport(t.Context(), imp, nil)

			if times < 0 {
				wantErrorOf[*MissingAPIError](t, err)

				if took := time.Since(start); took > 30*time.Second {
					t.Errorf("it took %s", took)
				}

				return
			}

			if err != nil || got.Status != StatusFinished {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}
