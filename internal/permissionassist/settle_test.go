package permissionassist

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// An answer that names an import which this process has staged before is one to
// another request, as a confused cache gives it: the import that the server made
// meanwhile is looked for and found.
func TestStageImportAnsweredWithAnEarlierImport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		c := newTestClient(t, s)

		first, err := c.StageImport(t.Context(), appID)
		if err != nil {
			t.Fatal(err)
		}

		replay := s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Rewrite(func(int, []byte) (int, []byte) {
			return http.StatusCreated, fmt.Appendf(nil, `{"id":%q,"number":%d,"status":"Pending"}`, strings.ToUpper(first.ID), first.Number)
		})})

		second, err := c.StageImport(t.Context(), appID)
		if err != nil {
			t.Fatal(err)
		}

		if replay.Fired() != 1 || len(s.Imports()) != 2 || SameGUID(first.ID, second.ID) {
			t.Errorf("the fault fired %d times, the server has %d imports, the client got %s and %s",
				replay.Fired(), len(s.Imports()), first.ID, second.ID)
		}
	})
}

// What a confused server claims does not make the client read without end.
func TestListImportsNonsensicalPages(t *testing.T) {
	t.Parallel()

	for _, body := range []string{`{"items":[],"totalPages":-1}`, `{"items":[],"totalPages":99999999}`, `{"items":[],"totalCount":99999999}`} {
		s := newSandbox(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Action: sandbox.Answer(http.StatusOK, "application/json", body)})

		_, err := newTestClient(t, s).StageImport(t.Context(), appID)
		wantErrorOf[*NotStagedError](t, err)
		wantContains(t, err.Error(), "it is no list")
	}
}

// An import that the token of another pipeline has staged is not taken for ours.
func TestStageImportOfAnotherToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{TokenName: "ours"})
		c := newTestClient(t, s)

		if _, err := c.StageImport(t.Context(), appID); err != nil {
			t.Fatal(err)
		}

		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, When: func(sandbox.Request) bool {
			s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending, CreatedBy: "theirs"})

			return true
		}})

		// Nor is another staged beside it: the pages contradict each other on who
		// has created what.
		_, err := c.StageImport(t.Context(), appID)
		wantErrorOf[*AmbiguousStageError](t, err)
		wantContains(t, err.Error(), "#2")
		wantRequests(t, s, sandbox.OpStage, 2)
	})
}

// The same token's name in another spelling is the same token.
func TestStageImportOfTheSameToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{TokenName: "ci token"})
		c := newTestClient(t, s)

		if _, err := c.StageImport(t.Context(), appID); err != nil {
			t.Fatal(err)
		}

		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true})
		s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
			return status, bytes.ReplaceAll(body, []byte("ci token"), []byte("CI Token"))
		})})

		imp, err := c.StageImport(t.Context(), appID)
		if err != nil || imp.Number != 2 || imp.Recovered == nil || len(s.Imports()) != 2 {
			t.Errorf("%+v, %v; the server has %d imports", imp, err, len(s.Imports()))
		}
	})
}

// A list that claims to have imports and shows none is no proof of anything.
func TestStageImportEmptyFirstPage(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{})
	s.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Action: sandbox.Answer(200, "application/json", `{"items":[],"totalCount":7}`)})

	_, err := newTestClient(t, s).StageImport(t.Context(), appID)
	wantErrorOf[*NotStagedError](t, err)
	wantContains(t, err.Error(), "page 1 of the list is empty, although it tells of more items")
	wantRequests(t, s, sandbox.OpStage, 0)
}

// What was noted a while ago is noted anew: others have staged since.
func TestStageImportNotesAnewAfterAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		c := newTestClient(t, s)

		if _, err := c.StageImport(t.Context(), appID); err != nil {
			t.Fatal(err)
		}

		foreign := s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending, CreatedBy: "sandbox"})

		<-time.After(time.Hour) // of the bubble

		s.Inject(sandbox.Fault{Operation: sandbox.OpStage})

		imp, err := c.StageImport(t.Context(), appID)
		if err != nil || imp.ID == foreign.ID || len(s.Imports()) != 3 {
			t.Errorf("%+v, %v; the server has %d imports", imp, err, len(s.Imports()))
		}
	})
}

// Who answers that it has done something is not asked again, whatever else it says.
func TestStageImportAnsweredWithAnotherApplicationsImport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Times: -1, Action: sandbox.Answer(201, "application/json", importJSON(importID, otherAppID))})

		_, err := newTestClient(t, s).StageImport(t.Context(), appID)
		wantErrorOf[*UncertainStageError](t, err)
		wantContains(t, err.Error(), "HTTP status 201")
		wantRequests(t, s, sandbox.OpStage, 1)
	})
}
