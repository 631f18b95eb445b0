package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestStageImportGood(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{TokenName: "terraform"})
	c := newTestClient(t, s)

	first, err := c.StageImport(t.Context(), strings.ToUpper(appID))
	if err != nil {
		t.Fatal(err)
	}

	made, ok := s.Import(first.ID)
	if !ok || made.ApplicationID != appID {
		t.Fatalf("the server has %+v", made)
	}

	archived := false
	want := Import{
		ID: made.ID, Number: 1, Type: typeAPI, Status: StatusPending, CreatedBy: "terraform", Files: []ImportFile{}, Posts: 1,
		Application: &Application{
			ID: appID, Name: "Jack Henry Silverlake", Priority: "High", IsArchived: &archived,
			LastUpdated: s.Applications()[0].LastUpdated.Format("2006-01-02T15:04:05Z"),
		},
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("StageImport (-want +got):\n%s", diff)
	}

	if _, err := c.StageImport(t.Context(), appID); err != nil {
		t.Fatal(err)
	}

	wantRequests(t, s, sandbox.OpListImports, 1)
	wantRequests(t, s, sandbox.OpStage, 2)
	wantRequests(t, s, "", 3)

	requests := s.Requests()
	if list := requests[0]; list.Operation != sandbox.OpListImports || list.RawQuery != "applicationId="+strings.ToUpper(appID)+"&page=1" {
		t.Errorf("the first request was %+v", list)
	}

	post := requests[1]
	if got, want := string(post.Body), `{"applicationId":"`+strings.ToUpper(appID)+`"}`; got != want {
		t.Errorf("the POST's body is %s, want %s", got, want)
	}

	if got := post.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("the POST's content type is %q", got)
	}

	for _, r := range requests {
		if _, ok := r.Header["Idempotency-Key"]; ok {
			t.Errorf("%s %s has an Idempotency-Key, with which net/http repeats it by itself", r.Method, r.Path)
		}
	}
}

func TestStageImportWithoutApplicationInTheAnswer(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{Dialect: sandbox.Dialect{
		ImportType: "Api", OmitApplication: true, OmitCreatedBy: true, OmitLog: true, OmitFiles: true, OmitMetrics: true,
		TimesWithoutZone: true, ExtraFields: true, UpperCaseIDs: true,
	}})

	imp, err := newTestClient(t, s).StageImport(t.Context(), appID)
	if err != nil {
		t.Fatal(err)
	}

	want := Import{ID: strings.ToUpper(s.Imports()[0].ID), Number: 1, Type: typeAPI, Status: StatusPending, Application: &Application{ID: appID}, Posts: 1}
	if diff := cmp.Diff(want, imp); diff != "" {
		t.Errorf("StageImport (-want +got):\n%s", diff)
	}
}

func TestStageImportInvalidID(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{})

	_, err := newTestClient(t, s).StageImport(t.Context(), "../"+appID)
	wantErrorOf[*NotStagedError](t, err)
	wantContains(t, err.Error(), "is not a GUID")
	wantRequests(t, s, "", 0)
}

// What the API itself refuses is NotStaged, with all that it said.
func TestStageImportRefused(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		app    sandbox.Application
		status int
		parts  []string
	}{
		"archived":        {sandbox.Application{IsArchived: true}, 400, []string{"validation_error", "applicationId: Application is archived"}},
		"no schedule":     {sandbox.Application{Problem: sandbox.NoSchedule}, 422, []string{"unprocessable_entity", "no import schedule"}},
		"no connector":    {sandbox.Application{Problem: sandbox.NoConnector}, 422, []string{"connector is not available"}},
		"no file paths":   {sandbox.Application{Problem: sandbox.NoFilePaths}, 422, []string{"file paths are not configured"}},
		"creation failed": {sandbox.Application{Problem: sandbox.CreationFailed}, 500, []string{"creation_failed", "could not be created"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			test.app.ID = appID
			s := newSandbox(t, sandbox.Options{Applications: []sandbox.Application{test.app}})

			_, err := newTestClient(t, s).StageImport(t.Context(), appID)
			wantErrorOf[*NotStagedError](t, err)

			api := wantErrorAs[*APIError](t, err)
			if api.StatusCode != test.status || api.CorrelationID == "" {
				t.Errorf("the error is %+v", api)
			}

			wantContains(t, err.Error(), append(test.parts, api.CorrelationID)...)
			wantRequests(t, s, sandbox.OpStage, 1)
			wantRequests(t, s, sandbox.OpListImports, 1)
		})
	}
}

// An error of the API may have been thrown after it had made the import. It is
// not posted again; what is new is taken over if it has this token's name, and
// named if that is not known.
func TestStageImportAPIFails(t *testing.T) {
	t.Parallel()

	fault := sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Envelope(500, "server_error", "An unexpected error occurred")}
	processed := fault
	processed.Processed = true

	for name, tc := range map[string]struct {
		fault   sandbox.Fault
		known   bool // the token's name, because it has staged before
		foreign bool // another's is staged meanwhile
		check   func(t *testing.T, imp Import, err error)
	}{
		"not processed":           {fault, false, false, func(t *testing.T, _ Import, err error) { t.Helper(); wantErrorOf[*NotStagedError](t, err) }},
		"processed, not known":    {processed, false, false, wantAmbiguous(1)},
		"processed, another's":    {processed, true, true, func(t *testing.T, imp Import, err error) { t.Helper(); wantRecovered(t, imp, err) }},
		"processed":               {processed, true, false, func(t *testing.T, imp Import, err error) { t.Helper(); wantRecovered(t, imp, err) }},
		"another's, not ours":     {fault, true, true, wantAmbiguous(1)},
		"another's, none is ours": {fault, false, true, wantAmbiguous(1)},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{})
			c := newTestClient(t, s)
			posts := 1

			if tc.known {
				posts++

				if _, err := c.StageImport(t.Context(), appID); err != nil {
					t.Fatal(err)
				}
			}

			foreign := tc.foreign
			tc.fault.When = func(sandbox.Request) bool {
				if foreign {
					foreign = false

					s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending, CreatedBy: "someone else"})
				}

				return true
			}
			s.Inject(tc.fault)

			imp, err := c.StageImport(t.Context(), appID)
			tc.check(t, imp, err)
			wantRequests(t, s, sandbox.OpStage, posts)
		})
	}
}

func wantAmbiguous(candidates int) func(*testing.T, Import, error) {
	return func(t *testing.T, _ Import, err error) {
		t.Helper()

		if got := wantErrorAs[*AmbiguousStageError](t, err); len(got.Candidates) != candidates {
			t.Errorf("%d candidates, want %d: %v", len(got.Candidates), candidates, err)
		}
	}
}

func wantRecovered(t *testing.T, imp Import, err error) {
	t.Helper()

	if err != nil || imp.Recovered == nil || imp.CreatedBy != sandbox.DefaultTokenName {
		t.Errorf("%s by %q, %v, %v", imp, imp.CreatedBy, imp.Recovered, err)
	}
}

func TestStageImportBaselineFails(t *testing.T) {
	t.Parallel()

	for name, action := range map[string]sandbox.Action{
		"500 envelope": sandbox.Envelope(500, "server_error", "Down"),
		"502 page":     sandbox.Answer(502, "text/html", ""),
		"401 envelope": sandbox.Envelope(401, "unauthorized", "Invalid or expired authentication token"),
		"closed":       sandbox.CloseConnection(),
		"login page":   sandbox.LoginPage(),
	} {
		for _, page := range []int{1, 2} {
			inBubble(t, fmt.Sprintf("%s on page %d", name, page), func(t *testing.T) {
				s := newSandbox(t, sandbox.Options{})
				for range 51 {
					s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI})
				}

				fault := s.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Skip: page - 1, Times: -1, Action: action})
				c := newTestClient(t, s)

				_, err := c.StageImport(t.Context(), appID)
				wantErrorOf[*NotStagedError](t, err)
				wantRequests(t, s, sandbox.OpStage, 0)

				if fault.Fired() == 0 {
					t.Error("the fault was not seen")
				}

				// Nothing was noted that the next one could trust.
				fault.Remove()

				if _, err := c.StageImport(t.Context(), appID); err != nil {
					t.Fatal(err)
				}

				wantRequests(t, s, sandbox.OpStage, 1)
			})
		}
	}
}

func TestStageImportWithoutList(t *testing.T) {
	t.Parallel()

	noList := sandbox.Options{Dialect: sandbox.Dialect{NoListImports: true}}

	inBubble(t, "good answer", func(t *testing.T) {
		s := newSandbox(t, noList)
		if _, err := newTestClient(t, s).StageImport(t.Context(), appID); err != nil {
			t.Fatal(err)
		}

		wantRequests(t, s, "", 2)
	})

	inBubble(t, "doubtful answer", func(t *testing.T) {
		s := newSandbox(t, noList)
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Times: -1})

		_, err := newTestClient(t, s).StageImport(t.Context(), appID)

		may := wantErrorAs[*UncertainStageError](t, err)
		if may.ApplicationID != appID || !isMissingAPI(may.Look) {
			t.Errorf("the error is %+v", may)
		}

		if request := wantErrorAs[*RequestError](t, err); !request.Sent || request.Method != http.MethodPost {
			t.Errorf("the cause is %+v", request)
		}

		wantContains(t, err.Error(), appID, "may have been staged", "404", "could not be read")
		wantRequests(t, s, "", 2)
	})
}

func TestStageImportListUnreadableAfterwards(t *testing.T) {
	t.Parallel()

	for name, action := range map[string]sandbox.Action{
		"500":    sandbox.Envelope(500, "server_error", "Down"),
		"404":    sandbox.Answer(404, "text/html", ""),
		"closed": sandbox.CloseConnection(),
		"hangs":  sandbox.Hang(),
	} {
		for _, processed := range []bool{true, false} {
			inBubble(t, fmt.Sprintf("%s, processed %v", name, processed), func(t *testing.T) {
				s := newSandbox(t, sandbox.Options{})
				s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Times: -1, Processed: processed})
				list := s.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Skip: 1, Times: -1, Action: action})

				start := time.Now()
				_, err := newTestClient(t, s).StageImport(t.Context(), appID)

				may := wantErrorAs[*UncertainStageError](t, err)
				if may.Look == nil {
					t.Errorf("the error does not say that the list could not be read: %v", err)
				}

				if errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("no context of the caller has ended, and the error is %v", err)
				}

				if took := time.Since(start); took > 3*DefaultRequestTimeout {
					t.Errorf("it took %s", took)
				}

				if list.Fired() == 0 {
					t.Error("the list was not read")
				}

				wantRequests(t, s, sandbox.OpStage, 1)
			})
		}
	}
}

func TestStageImportSeveralNew(t *testing.T) {
	t.Parallel()

	inBubble(t, "ambiguous", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Times: -1, Processed: true, When: func(sandbox.Request) bool {
			s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending})

			return true
		}})

		_, err := newTestClient(t, s).StageImport(t.Context(), appID)

		several := wantErrorAs[*AmbiguousStageError](t, err)
		if several.ApplicationID != appID || len(several.Candidates) != 2 {
			t.Fatalf("the error is %+v", several)
		}

		made := s.Imports()[1:]
		for _, i := range made {
			wantContains(t, err.Error(), fmt.Sprintf("#%d (%s)", i.Number, i.ID))
		}

		wantNotContains(t, err.Error(), s.Imports()[0].ID)
		wantErrorOf[*RequestError](t, err)
		wantRequests(t, s, sandbox.OpStage, 1)
	})

	for _, kind := range []string{sandbox.TypeScheduled, sandbox.TypeManual} {
		for _, processed := range []bool{true, false} {
			inBubble(t, fmt.Sprintf("%s beside ours, processed %v", kind, processed), func(t *testing.T) {
				s := newSandbox(t, sandbox.Options{})
				s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: processed, When: func(sandbox.Request) bool {
					s.AddImport(sandbox.Import{ApplicationID: appID, Type: kind, Status: sandbox.StatusPending})

					return true
				}})

				imp, err := newTestClient(t, s).StageImport(t.Context(), appID)
				if !processed {
					// It may be how this server calls ours: no other is staged.
					wantErrorOf[*AmbiguousStageError](t, err)
					wantRequests(t, s, sandbox.OpStage, 1)

					return
				}

				if err != nil {
					t.Fatal(err)
				}

				all := s.Imports()
				if len(all) != 2 || imp.Type != typeAPI || imp.ID != all[1].ID {
					t.Errorf("the import is %s of %+v", imp.ID, all)
				}
			})
		}
	}
}

// Those that have not started may stand in any order: the highest number can
// be on a page that is neither the first nor the last.
func TestStageImportNotesHighestNumberOnMiddlePage(t *testing.T) {
	t.Parallel()

	for _, first := range []bool{true, false} {
		inBubble(t, fmt.Sprintf("not started first %v", first), func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{Dialect: sandbox.Dialect{NotStartedFirst: first}})

			for range 50 {
				s.AddImport(sandbox.Import{ApplicationID: appID})
			}

			for range 60 {
				s.AddImport(sandbox.Import{ApplicationID: appID, Status: sandbox.StatusCanceled})
			}

			// Somebody else's, canceled before it started.
			foreign := s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI, Status: sandbox.StatusCanceled})
			s.Inject(sandbox.Fault{Operation: sandbox.OpStage})

			imp, err := newTestClient(t, s).StageImport(t.Context(), appID)
			if err != nil {
				t.Fatal(err)
			}

			if imp.ID == foreign.ID {
				t.Error("an import was adopted that had been there before")
			}

			wantRequests(t, s, sandbox.OpStage, 2)
		})
	}
}

func TestStageImportWithoutNumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := answering(
			replyJSON(200, `{"items":[],"totalCount":0}`),
			closing,
			replyJSON(200, `{"items":[{"id":"`+importID+`","type":"API"}],"totalCount":1}`),
		)

		_, err := newTestClient(t, h).StageImport(t.Context(), appID)

		may := wantErrorAs[*UncertainStageError](t, err)
		if may.Look == nil {
			t.Fatalf("the error is %v", err)
		}

		wantContains(t, may.Look.Error(), "without a number", importID)
	})
}

// What is found in the list is completed, where the server can.
func TestStageImportAdopts(t *testing.T) {
	t.Parallel()

	for _, lacks := range []bool{false, true} {
		inBubble(t, fmt.Sprintf("without GET of one %v", lacks), func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{TokenName: "terraform", Dialect: sandbox.Dialect{NoGetImport: lacks, OmitApplication: true}})
			s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true})

			imp, err := newTestClient(t, s).StageImport(t.Context(), appID)
			if err != nil {
				t.Fatal(err)
			}

			if imp.Application == nil || imp.Application.Name != "Jack Henry Silverlake" || imp.Number != 1 {
				t.Errorf("the import is %+v", imp)
			}

			if got := imp.CreatedBy == "terraform"; got == lacks {
				t.Errorf("createdBy is %q", imp.CreatedBy)
			}
		})
	}
}

func TestStageImportGivesUpPosting(t *testing.T) {
	t.Parallel()

	for _, retries := range []int{0, 1, 4} {
		inBubble(t, fmt.Sprintf("closed, %d retries", retries), func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{})
			s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Times: -1})

			_, err := newTestClient(t, s, maxRetries(retries)).StageImport(t.Context(), appID)
			wantErrorOf[*UncertainStageError](t, err)
			wantRequests(t, s, sandbox.OpStage, 1+retries)
		})

		for name, busy := range map[string]sandbox.Action{
			"429 envelope": sandbox.RetryAfter(429, "1", true), "503 page": sandbox.RetryAfter(503, "1", false),
			"503 envelope": sandbox.RetryAfter(503, "1", true),
		} {
			inBubble(t, fmt.Sprintf("%s, %d retries", name, retries), func(t *testing.T) {
				s := newSandbox(t, sandbox.Options{})
				s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Times: -1, Action: busy})

				start := time.Now()
				_, err := newTestClient(t, s, maxRetries(retries)).StageImport(t.Context(), appID)
				wantErrorOf[*NotStagedError](t, err)
				wantRequests(t, s, sandbox.OpStage, 1+retries)
				wantRequests(t, s, sandbox.OpListImports, 1)

				if got, want := time.Since(start), time.Duration(retries)*time.Second; got != want {
					t.Errorf("it took %s, want %s", got, want)
				}
			})
		}

		inBubble(t, fmt.Sprintf("no connection, %d retries", retries), func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{})
			c := newTestClient(t, s, maxRetries(retries))

			var dialed atomic.Int64

			failDial(t, c, func(req *http.Request) error {
				if req.Method != http.MethodPost {
					return nil
				}

				dialed.Add(1)

				return syscall.ECONNREFUSED
			})

			_, err := c.StageImport(t.Context(), appID)
			wantErrorOf[*NotStagedError](t, err)

			if request := wantErrorAs[*RequestError](t, err); request.Sent || request.Attempts != 1+retries {
				t.Errorf("the error is %+v", request)
			}

			if got := int(dialed.Load()); got != 1+retries {
				t.Errorf("%d attempts, want %d", got, 1+retries)
			}

			wantRequests(t, s, "", 1)
		})
	}
}

// A refusal, then an answer that gets lost: the doubt of the second counts.
func TestStageImportRetriedThenLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.RetryAfter(503, "1", false)})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true})

		imp, err := newTestClient(t, s).StageImport(t.Context(), appID)
		if err != nil {
			t.Fatal(err)
		}

		if all := s.Imports(); len(all) != 1 || all[0].ID != imp.ID {
			t.Errorf("returned %s of %+v", imp.ID, all)
		}

		wantRequests(t, s, sandbox.OpStage, 2)
	})
}

func TestStageErrors(t *testing.T) {
	t.Parallel()

	cause := errors.New("cause")

	may := &UncertainStageError{ApplicationID: appID, Err: cause}
	wantContains(t, may.Error(), appID, "may still be staged: cause")
	wantErrorIs(t, may, cause)

	look := errors.New("look")
	may.Look = look
	wantContains(t, may.Error(), appID, "may have been staged: cause", "look")
	wantErrorIs(t, may, cause)
	wantErrorIs(t, may, look)
}
