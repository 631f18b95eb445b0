package staging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
		"500 envelope":      sandbox.Envelope(500, "server_error", "Down"),
		"404 page":          sandbox.Respond(404, "text/html", ""),
		"connection closed": sandbox.CloseConnection(),
		"hangs":             sandbox.Hang(),
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
				_, err := newStager(t, s).Stage(t.Context(), appID)
				if failed := wantOutcomeOf(t, Uncertain, err); failed.SearchErr == nil {
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

// A list that cannot be read for a while does not end the search.
func TestSearch_listReadableAgain(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{})
		noRetries := 0
		stager := newStager(t, s, func(cfg *permissionassist.Config) { cfg.MaxRetries = &noRetries })
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true})
		s.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Skip: 1, Times: 3, Action: sandbox.Respond(502, "text/html", "")})

		result, err := stager.Stage(t.Context(), appID)
		wantOutcome(t, sandboxtest.Adopted, result, err)
	})
}

// However short the request timeout is, the search takes two seconds.
func TestSearch_shortTimeout(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Late: briefly - 100*time.Millisecond})
		stager := newStager(t, s, func(cfg *permissionassist.Config) { cfg.RequestTimeout = 100 * time.Millisecond })

		result, err := stager.Stage(t.Context(), appID)
		wantOutcome(t, sandboxtest.Adopted, result, err)
	})
}

// An import from the list is completed from the endpoint for one import, if
// that returns the same import.
func TestSearch_completes(t *testing.T) {
	t.Parallel()

	replace := func(old, changed string) sandbox.Action {
		return sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
			return status, bytes.ReplaceAll(body, []byte(old), []byte(changed))
		})
	}
	for _, test := range []struct {
		name   string
		action sandbox.Action
		want   sandboxtest.StageOutcome
		// createdBy of the import that is returned.
		createdBy string
	}{
		{"as it is", replace("", ""), sandboxtest.Adopted, "ci"},
		{"name with a prefix", replace(`"ci"`, `"API Token - ci"`), sandboxtest.Adopted, "API Token - ci"},
		{"another name", replace(`"ci"`, `"cd"`), sandboxtest.Ambiguous, ""},
		{"another application", replace(appID, otherAppID), sandboxtest.Uncertain, ""},
		{"another import", sandbox.Respond(200, "application/json", fmt.Sprintf(`{"id":%q,"number":4711,"createdBy":"ci"}`, importID)), sandboxtest.Adopted, ""},
		{"fails", sandbox.Respond(502, "text/html", ""), sandboxtest.Adopted, ""},
		{"hangs", sandbox.Hang(), sandboxtest.Adopted, ""},
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
				t.Errorf("import %s was adopted", result.Import.ID)
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
		list := sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
			return status, bytes.ReplaceAll(body, []byte(`"number":1`), []byte(`"number":null`))
		})
		s.Inject(failing(1, list))

		_, err := newStager(t, s).Stage(t.Context(), appID)
		failed := wantOutcomeOf(t, Uncertain, err)
		wantContains(t, fmt.Sprint(failed.SearchErr), "without a number", s.Imports()[0].ID)
	})
}
