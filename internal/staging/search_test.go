package staging

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// If the list cannot be read after the POST, the outcome is uncertain, and the
// error has the reason.
func TestSearch_listUnreadable(t *testing.T) {
	t.Parallel()

	for name, action := range map[string]sandbox.Action{
		"404 page": sandbox.Respond(404, "text/html", ""),
		"hangs":    sandbox.Hang(),
	} {
		for _, fault := range []sandbox.Fault{
			{Operation: sandbox.OpStage, Processed: true},
			{Operation: sandbox.OpStage},
			{Operation: sandbox.OpStage, Processed: true, Action: sandbox.Envelope(500, "server_error", "Down")},
		} {
			inBubble(t, fmt.Sprintf("%s, processed: %v", name, fault.Processed), func(t *testing.T) {
				s := newServer(t, sandbox.Options{})
				s.Inject(fault)
				s.Inject(failing(1, action))

				start := time.Now()
				result, err := newStager(t, s).Stage(t.Context(), appID)
				if failed := wantOutcome(t, sandboxtest.Uncertain, result, err); failed.SearchErr == nil {
					t.Error("SearchErr is missing")
				}
				if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
					t.Errorf("the caller's context has not ended: %v", err)
				}
				if took := time.Since(start); took > 3*testTimeout {
					t.Errorf("it took %s", took)
				}
				wantPosts(t, s, 1)
			})
		}
	}
}

// A list that cannot be read for a while does not end the search. However short
// the request timeout is, the search takes two seconds.
func TestSearch_patience(t *testing.T) {
	t.Parallel()

	unreadable := sandbox.Fault{Operation: sandbox.OpListImports, Skip: 1, Times: 3, Action: sandbox.Respond(502, "text/html", "")}
	for _, test := range []struct {
		name    string
		timeout time.Duration
		faults  []sandbox.Fault
	}{
		{"readable again", testTimeout, []sandbox.Fault{{Operation: sandbox.OpStage, Processed: true}, unreadable}},
		{"short timeout", 100 * time.Millisecond, []sandbox.Fault{
			{Operation: sandbox.OpStage, Processed: true, Late: briefly - 100*time.Millisecond},
		}},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			s := newServer(t, sandbox.Options{})
			for _, fault := range test.faults {
				s.Inject(fault)
			}
			noRetries := 0
			stager := newStager(t, s, func(cfg *permissionassist.Config) { cfg.MaxRetries, cfg.RequestTimeout = &noRetries, test.timeout })
			result, err := stager.Stage(t.Context(), appID)
			wantOutcome(t, sandboxtest.Recovered, result, err)
		})
	}
}

// An import from the list is completed from the endpoint for one import, if
// that returns the same import.
func TestSearch_completes(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		name   string
		action sandbox.Action
		want   sandboxtest.StageOutcome
		// createdBy of the import that is returned.
		createdBy string
	}{
		{"as it is", replacing("", ""), sandboxtest.Recovered, "ci"},
		{"name with a prefix", replacing(`"ci"`, `"API Token - ci"`), sandboxtest.Recovered, "API Token - ci"},
		{"another name", replacing(`"ci"`, `"cd"`), sandboxtest.Ambiguous, ""},
		{"another application", replacing(appID, otherAppID), sandboxtest.Uncertain, ""},
		{"another import", sandbox.Respond(200, "application/json", `{"id":"`+importID+`","number":4711}`), sandboxtest.Recovered, ""},
		{"hangs", sandbox.Hang(), sandboxtest.Recovered, ""},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			s := newServer(t, sandbox.Options{TokenName: "ci"})
			stager := newStager(t, s)
			learned(t, stager)
			s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true})
			s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: test.action})

			result, err := stager.Stage(t.Context(), appID)
			wantOutcome(t, test.want, result, err)
			if result.Import.CreatedBy != test.createdBy {
				t.Errorf("createdBy is %q, want %q", result.Import.CreatedBy, test.createdBy)
			}
			if err == nil && result.Import.ID != s.Imports()[1].ID {
				t.Errorf("import %s was recovered", result.Import.ID)
			}
		})
	}
}

// An import without a number can be an old one.
func TestSearch_withoutNumber(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true})
		s.Inject(failing(1, replacing(`"number":1`, `"number":null`)))

		result, err := newStager(t, s).Stage(t.Context(), appID)
		failed := wantOutcome(t, sandboxtest.Uncertain, result, err)
		wantContains(t, fmt.Sprint(failed.SearchErr), "without a number", s.Imports()[0].ID)
	})
}

// The end of the context never cuts a POST short. Everything else it ends
// within two seconds.
func TestStage_interrupted(t *testing.T) {
	t.Parallel()

	postFault := func(action sandbox.Action, processed bool) []sandbox.Fault {
		isPost := func(r sandbox.Request) bool { return r.Method == http.MethodPost }
		return []sandbox.Fault{{When: isPost, Action: action, Processed: processed}}
	}
	for _, test := range []struct {
		name   string
		faults []sandbox.Fault
		want   sandboxtest.StageOutcome
		posts  int
		// took is how long it takes at least and, with tolerance, at most. The
		// interrupt comes after a second.
		took, tolerance time.Duration
	}{
		{"before", nil, sandboxtest.NotStaged, 0, 0, 0},
		{"during the baseline", []sandbox.Fault{failing(0, sandbox.Hang())}, sandboxtest.NotStaged, 0, time.Second, 0},
		{"during a slow POST", postFault(sandbox.Delay(3*time.Second), false), sandboxtest.Staged, 1, 3 * time.Second, 0},
		{"during a POST whose response is lost", postFault(sandbox.Hang(), true), sandboxtest.Recovered, 1, testTimeout, 0},
		{"during a POST that is not processed", postFault(sandbox.Hang(), false), sandboxtest.Uncertain, 1, testTimeout + briefly, 0},
		{"during the search", postFault(sandbox.CloseConnection(), false), sandboxtest.Uncertain, 1, time.Second + briefly, 0},
		{
			"while the search hangs", append(postFault(sandbox.CloseConnection(), true), failing(1, sandbox.Hang())),
			sandboxtest.Uncertain, 1, time.Second + briefly, 0,
		},
		{"during a retry pause", postFault(sandbox.RetryAfter(503, "60", false), false), sandboxtest.NotStaged, 1, 0, time.Second},
	} {
		interrupt := time.Second
		if test.name == "before" {
			interrupt = 0
		}
		for name, end := range endings {
			for _, upload := range []bool{false, true} {
				inBubble(t, fmt.Sprintf("%s, %s, upload %v", test.name, name, upload), func(t *testing.T) {
					s := newServer(t, sandbox.Options{})
					for _, fault := range test.faults {
						s.Inject(fault)
					}
					stager, files := newStager(t, s), map[string]string(nil)
					if upload {
						files = newFile(t)
					}
					ctx, cancel := end(t.Context(), interrupt)
					defer cancel()
					synctest.Wait()

					start := time.Now()
					result, err := stageOrUpload(ctx, stager, files)
					wantOutcome(t, test.want, result, err)
					if took := time.Since(start); took < test.took || took > test.took+test.tolerance {
						t.Errorf("it took %s, want %s", took, test.took)
					}
					wantPosts(t, s, test.posts)
				})
			}
		}
	}
}
