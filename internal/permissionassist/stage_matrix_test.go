package permissionassist

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// verdict is how a staging that meets a fault has to end.
type verdict string

const (
	staged    verdict = "staged"
	notStaged verdict = "not staged"
	uncertain verdict = "uncertain"
)

// stageTimeout is the request time-out of the stagings.
const stageTimeout = 4 * time.Second

// stageFault is what happens to the first POST.
type stageFault struct {
	name      string
	action    sandbox.Action
	processed bool
	late      time.Duration
	dial      bool // no connection can be made, the action is not used
	want      verdict
	posts     int // that have to arrive for the one staging
	appears   int // imports that come to be after the client has given up
	// alike: it is to the client what others are that are tried in every setting
	alike bool
}

func stageFaults() []stageFault {
	const html = "text/html"

	jsonAnswer := func(body string) sandbox.Action { return sandbox.Answer(201, "application/json", body) }

	var all []stageFault

	// The connection or what stands before the server broke. Not processed:
	// looked for in vain for as long as a request may take, posted again.
	for name, action := range map[string]sandbox.Action{
		"connection closed":        sandbox.CloseConnection(),
		"500 page":                 sandbox.Answer(500, html, "<h1>Server Error</h1>"),
		"500 of another framework": sandbox.Answer(500, "application/json", `{"error":"Internal Server Error","status":500}`),
		"502 page":                 sandbox.Answer(502, html, "<h1>Bad Gateway</h1>"),
		"503 page":                 sandbox.Answer(503, html, "<h1>Service Unavailable</h1>"),
	} {
		alike := name == "500 of another framework" || name == "502 page"
		all = append(all,
			stageFault{name: name + " before processing", action: action, want: staged, posts: 2, alike: alike},
			stageFault{name: name + " after processing", action: action, processed: true, want: staged, posts: 1, alike: alike},
			stageFault{
				name: name + ", processed a little later", action: action, processed: true, late: stageTimeout * 2 / 3,
				want: staged, posts: 1, alike: alike,
			})
	}

	// The server says that it did something, or the one that gave up waiting was
	// not the server: it may be or become staged, and is not posted again.
	for name, action := range map[string]sandbox.Action{
		"408 page":          sandbox.Answer(408, html, ""),
		"499 page":          sandbox.Answer(499, html, ""),
		"504 page":          sandbox.Answer(504, html, "<h1>Gateway Time-out</h1>"),
		"no answer":         sandbox.Hang(),
		"half answer":       sandbox.HalfAnswer(),
		"garbage":           jsonAnswer(`{"id":"5e6f`),
		"empty object":      jsonAnswer(`{}`),
		"null":              jsonAnswer(`null`),
		"empty body":        jsonAnswer(``),
		"import of another": jsonAnswer(importJSON(importID, otherAppID)),
		"login page":        sandbox.LoginPage(),
	} {
		alike := name == "408 page" || name == "499 page" || name == "null" || name == "empty body"
		all = append(all,
			stageFault{name: name + ", not processed", action: action, want: uncertain, posts: 1, alike: alike},
			stageFault{name: name + ", processed", action: action, processed: true, want: staged, posts: 1, alike: alike},
			stageFault{
				name: name + ", processed a little later", action: action, processed: true, late: stageTimeout * 2 / 3,
				want: staged, posts: 1, alike: alike,
			},
			stageFault{
				name: name + ", processed much later", action: action, processed: true, late: 10 * time.Minute,
				want: uncertain, posts: 1, appears: 1, alike: alike,
			})
	}

	// Nothing was processed and the server says when to come again.
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		for _, value := range []string{"3", "date"} {
			for _, withEnvelope := range []bool{true, false} {
				if value == "date" {
					value = time.Date(2000, 1, 1, 0, 0, 7, 0, time.UTC).Format(http.TimeFormat) // bubbles begin at second 0
				}

				name := http.StatusText(status) + " with Retry-After " + value
				if withEnvelope {
					name += " and envelope"
				}

				all = append(all, stageFault{
					name: name, action: sandbox.RetryAfter(status, value, withEnvelope), want: staged, posts: 2,
				})
			}
		}
	}

	all = append(all,
		stageFault{name: "429 page", action: sandbox.Answer(429, html, ""), want: staged, posts: 2},
		stageFault{name: "late answer, processed before", action: sandbox.Delay(stageTimeout + time.Second), processed: true, want: staged, posts: 1},
		stageFault{name: "late answer, never processed", action: sandbox.Delay(stageTimeout + time.Second), want: uncertain, posts: 1},
		stageFault{name: "dial failure", dial: true, want: staged, posts: 1},
		stageFault{name: "redirect after processing", action: sandbox.Redirect(302, "/login"), processed: true, want: staged, posts: 1})

	// Refused, by the API or on the way to it: that is the end.
	for name, action := range map[string]sandbox.Action{
		"500 envelope":           sandbox.Envelope(500, "server_error", "An unexpected error occurred"),
		"503 envelope":           sandbox.Envelope(503, "server_error", "Down"),
		"creation failed":        sandbox.Envelope(500, "creation_failed", "The application import could not be created"),
		"422 envelope":           sandbox.Envelope(422, "unprocessable_entity", "The application has no import schedule"),
		"401 envelope":           sandbox.Envelope(401, "unauthorized", "Invalid or expired authentication token"),
		"401 page":               sandbox.Answer(401, html, ""),
		"403 page":               sandbox.Answer(403, html, ""),
		"404 page":               sandbox.Answer(404, html, ""),
		"405 page":               sandbox.Answer(405, html, ""),
		"413 page":               sandbox.Answer(413, html, ""),
		"redirect to a login":    sandbox.Redirect(302, "/login?return=/api"),
		"redirect 307 to itself": sandbox.Redirect(307, "/api/application-imports/stage"),
		"redirect 308 to itself": sandbox.Redirect(308, "/api/application-imports/stage"),
		"redirect elsewhere":     sandbox.Redirect(308, "https://elsewhere.test/api/application-imports/stage"),
	} {
		all = append(all, stageFault{name: name, action: action, want: notStaged, posts: 1})
	}

	return all
}

// stageSetting is what a staging finds on the server.
type stageSetting struct {
	name    string
	dialect sandbox.Dialect
	prepare func(*sandbox.Server)
	reads   int // of the list, before the first POST
	callers int
}

// history: the list has several pages.
func (s stageSetting) history() bool { return s.reads > 1 }

func stageSettings() []stageSetting {
	foreign := func(s *sandbox.Server) {
		s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending, CreatedBy: "someone else"})
	}
	history := func(s *sandbox.Server) {
		for range 110 {
			s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI})
		}

		for range 5 {
			foreign(s)
		}

		s.AddImport(sandbox.Import{ApplicationID: otherAppID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending})
	}

	return []stageSetting{
		{name: "no history", reads: 1, callers: 1},
		{name: "a foreign import that is pending", prepare: foreign, reads: 1, callers: 1},
		{name: "three pages, not started last", prepare: history, reads: 2, callers: 1},
		{
			name: "three pages, not started first", dialect: sandbox.Dialect{NotStartedFirst: true, UpperCaseIDs: true, ImportType: "Api"},
			prepare: history, reads: 2, callers: 1,
		},
		{name: "three at once", reads: 1, callers: 3},
	}
}

// Each fault in each setting: every staging that succeeds has its own import,
// and there is no other new import.
func TestStageImportMatrix(t *testing.T) {
	t.Parallel()

	for _, setting := range stageSettings() {
		t.Run(setting.name, func(t *testing.T) {
			t.Parallel()

			for _, fault := range stageFaults() {
				if fault.alike && setting.history() {
					continue // to save time
				}

				inBubble(t, fault.name, func(t *testing.T) { testStageFault(t, setting, fault) })
			}
		})
	}
}

func testStageFault(t *testing.T, setting stageSetting, fault stageFault) {
	s := newSandbox(t, sandbox.Options{Dialect: setting.dialect})
	if setting.prepare != nil {
		setting.prepare(s)
	}

	before := map[string]bool{}
	for _, i := range s.Imports() {
		before[i.ID] = true
	}

	c := newTestClient(t, s, requestTimeout(stageTimeout))
	fired := injectStageFault(t, s, c, fault)
	results, errs := stageAll(t, c, setting.callers)

	if fired() != 1 {
		t.Fatalf("the fault hit %d requests, want 1", fired())
	}

	wantRequests(t, s, sandbox.OpStage, fault.posts+setting.callers-1)

	successes := checkStageResults(t, setting, fault, results, errs)

	made := newImportsOf(s, before)
	if len(made) != len(successes) {
		t.Errorf("%d imports were made for %d successes", len(made), len(successes))
	}

	for id := range successes {
		if !made[id] {
			t.Errorf("import %s was returned and is not one of the new ones", id)
		}
	}

	wantListReads(t, s, setting, fault)

	// A request that was given up can still be worked on.
	<-time.After(time.Hour) // the bubble's
	synctest.Wait()

	if got := len(newImportsOf(s, before)) - len(made); got != fault.appears {
		t.Errorf("%d imports appeared later, want %d", got, fault.appears)
	}
}

// wantListReads: where there was no doubt, nobody looked into the list.
func wantListReads(t *testing.T, s *sandbox.Server, setting stageSetting, fault stageFault) {
	t.Helper()

	var reads, readsBefore, posts int

	for _, r := range s.Requests() {
		switch r.Operation {
		case sandbox.OpStage:
			posts++
		case sandbox.OpListImports:
			reads++

			if posts == 0 {
				readsBefore++
			}
		}
	}

	if fault.dial {
		readsBefore = reads
	}

	if readsBefore != setting.reads {
		t.Errorf("%d reads of the list before the first POST, want %d", readsBefore, setting.reads)
	}

	if fault.want == notStaged && errorIsClear(fault) && reads != setting.reads {
		t.Errorf("%d reads of the list, want %d: the answer left no doubt", reads, setting.reads)
	}
}

// errorIsClear: a redirect without the API's envelope is looked into.
func errorIsClear(fault stageFault) bool {
	return !strings.HasPrefix(fault.name, "redirect") && !strings.HasPrefix(fault.name, "500 envelope") && !strings.HasPrefix(fault.name, "503 envelope")
}

func injectStageFault(t *testing.T, s *sandbox.Server, c *Client, fault stageFault) func() int {
	t.Helper()

	if !fault.dial {
		return s.Inject(sandbox.Fault{
			Operation: sandbox.OpStage, Action: fault.action, Processed: fault.processed, Late: fault.late,
		}).Fired
	}

	var fired atomic.Int64

	failDial(t, c, func(req *http.Request) error {
		if req.Method == http.MethodPost && fired.CompareAndSwap(0, 1) {
			return syscall.ECONNREFUSED
		}

		return nil
	})

	return func() int { return int(fired.Load()) }
}

func stageAll(t *testing.T, c *Client, callers int) ([]Import, []error) {
	t.Helper()

	var (
		results = make([]Import, callers)
		errs    = make([]error, callers)
		wg      sync.WaitGroup
	)

	for n := range callers {
		wg.Go(func() { results[n], errs[n] = c.StageImport(t.Context(), appID) })
	}

	wg.Wait()

	return results, errs
}

// checkStageResults returns the IDs of the imports that were returned.
func checkStageResults(t *testing.T, setting stageSetting, fault stageFault, results []Import, errs []error) map[string]bool {
	t.Helper()

	successes := map[string]bool{}
	verdicts := map[verdict]int{}

	for n, err := range errs {
		var (
			not *NotStagedError
			may *UncertainStageError
		)

		switch {
		case err == nil:
			verdicts[staged]++

			id := lower(results[n].ID)
			if successes[id] {
				t.Errorf("two stagings returned import %s", id)
			}

			successes[id] = true

			if imp := results[n]; imp.Application == nil || !SameGUID(imp.Application.ID, appID) || imp.Number == 0 || imp.Type != typeAPI {
				t.Errorf("the import is %+v", imp)
			}
		case errors.As(err, &not):
			verdicts[notStaged]++
		case errors.As(err, &may):
			verdicts[uncertain]++

			if may.Look != nil {
				t.Errorf("the list could be read, and the error says: %v", may.Look)
			}
		default:
			t.Errorf("the error is a %T: %v", err, err)
		}
	}

	want := map[verdict]int{staged: setting.callers - 1}
	want[fault.want]++

	for _, v := range []verdict{staged, notStaged, uncertain} {
		if verdicts[v] != want[v] {
			t.Errorf("%d stagings ended as %q, want %d; errors: %v", verdicts[v], v, want[v], errs)
		}
	}

	return successes
}

func newImportsOf(s *sandbox.Server, before map[string]bool) map[string]bool {
	made := map[string]bool{}

	for _, i := range s.Imports() {
		if !before[i.ID] {
			made[i.ID] = true
		}
	}

	return made
}
