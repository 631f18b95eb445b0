package permissionassist

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func numbersOf(imports []Import) []int64 {
	var numbers []int64
	for _, imp := range imports {
		numbers = append(numbers, imp.Number)
	}

	return numbers
}

func TestAllImports(t *testing.T) {
	t.Parallel()

	// Several pages cost one more: the first is read again.
	for n, requests := range map[int]int{0: 1, 1: 1, 50: 1, 51: 3, 101: 4} {
		for _, first := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d imports, not started first: %t", n, first), func(t *testing.T) {
				t.Parallel()

				s := newSandbox(t, sandbox.Options{
					Applications: []sandbox.Application{{ID: appID}, {ID: otherAppID}}, Dialect: sandbox.Dialect{NotStartedFirst: first, UpperCaseIDs: first},
				})

				var want []int64

				for i := range n {
					status := sandbox.StatusFinished
					if i%3 == 0 {
						status = "Paused"
					}

					want = append(want, s.AddImport(sandbox.Import{ApplicationID: appID, Status: status}).Number)
				}

				slices.Reverse(want)
				s.AddImport(sandbox.Import{ApplicationID: otherAppID})

				c := newTestClient(t, s)

				got, err := c.AllImports(t.Context(), appID)
				if err != nil || !slices.Equal(numbersOf(got), want) {
					t.Errorf("the imports are %v, want %v, %v", numbersOf(got), want, err)
				}

				wantRequests(t, s, "", requests)

				if got, err := c.AllImports(t.Context(), ""); err != nil || len(got) != n+1 {
					t.Errorf("there are %d imports of all applications, want %d, %v", len(got), n+1, err)
				}
			})
		}
	}
}

// What is read twice comes once, as it was read first; the totals can shrink
// meanwhile.
func TestAllImportsTwice(t *testing.T) {
	t.Parallel()

	page := func(pages int, items string) http.HandlerFunc {
		return replyJSON(200, fmt.Sprintf(`{"items":[%s],"totalPages":%d}`, items, pages))
	}
	item := func(n int, id, status string) string {
		return fmt.Sprintf(`{"id":%q,"number":%d,"status":%q}`, id, n, status)
	}

	r := answering(
		page(3, item(2, appID, "Pending")+","+item(0, unknownID, "Failed")),
		page(1, item(1, otherAppID, "Finished")),
		page(1, item(2, strings.ToUpper(appID), "Running")),
	)

	got, err := newTestClient(t, r).AllImports(t.Context(), "")
	if err != nil || !slices.Equal(numbersOf(got), []int64{2, 1, 0}) || got[0].Status != StatusPending {
		t.Errorf("%+v, %v", got, err)
	}

	if want := []string{"page=1", "page=2", "page=1"}; len(r.seen()) != 3 || !strings.HasSuffix(r.seen()[2], want[2]) || !strings.HasSuffix(r.seen()[1], want[1]) {
		t.Errorf("the requests are %v", r.seen())
	}
}

func TestAllImportsErrors(t *testing.T) {
	t.Parallel()

	for name, failing := range map[string]int{"first page": 0, "second page": 1, "first page again": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := newSandbox(t, sandbox.Options{})
			for range 60 {
				s.AddImport(sandbox.Import{})
			}

			s.Inject(sandbox.Fault{Skip: failing, Action: sandbox.Envelope(500, "server_error", "Down")})

			got, err := newTestClient(t, s, maxRetries(0)).AllImports(t.Context(), "")
			wantErrorOf[*APIError](t, err)

			if got != nil {
				t.Errorf("there are %d imports beside the error", len(got))
			}
		})
	}
}

func TestLatestImport(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		dialect     sandbox.Dialect
		gets, lists int
		log         bool
	}{
		"fullest":             {gets: 2, lists: 6, log: true},
		"without application": {dialect: sandbox.Dialect{OmitApplication: true, OmitCreatedBy: true}, gets: 2, lists: 6, log: true},
		// The list stands in, and is not read again to find what it has shown.
		"without get": {dialect: sandbox.Dialect{NoGetImport: true}, gets: 2, lists: 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := newSandbox(t, sandbox.Options{Dialect: test.dialect})
			for range 60 {
				s.AddImport(sandbox.Import{})
			}

			// On the last page, because it has not started.
			latest := s.AddImport(sandbox.Import{Status: "Paused", Log: "Waiting for a person"})
			c := newTestClient(t, s)

			for range 2 {
				got, err := c.LatestImport(t.Context(), strings.ToUpper(appID))
				if err != nil || !SameGUID(got.ID, latest.ID) || got.Application == nil || got.Application.Name == "" || (got.Log != "") != test.log {
					t.Errorf("%+v, %v", got, err)
				}
			}

			wantRequests(t, s, sandbox.OpGetImport, test.gets)
			wantRequests(t, s, sandbox.OpListImports, test.lists)
		})
	}
}

func TestLatestImportErrors(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{})
	c := newTestClient(t, s, maxRetries(0))

	_, err := c.LatestImport(t.Context(), appID)
	wantErrorIs(t, err, ErrNoImports)
	wantContains(t, err.Error(), appID)

	_, err = c.LatestImport(t.Context(), "5")
	wantContains(t, err.Error(), `"5" is not a GUID`)
	wantRequests(t, s, "", 1)

	s.AddImport(sandbox.Import{})
	s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Action: sandbox.Envelope(404, "not_found", "Gone")})

	_, err = c.LatestImport(t.Context(), appID)
	wantErrorIs(t, err, ErrNotFound)

	s.SetDialect(sandbox.Dialect{NoListImports: true})

	_, err = c.LatestImport(t.Context(), appID)
	wantErrorOf[*UnexpectedResponseError](t, err)
}

func TestCompleteImport(t *testing.T) {
	t.Parallel()

	for name, dialect := range map[string]sandbox.Dialect{"usual": {}, "without the API": {NoGetImport: true}} {
		s := newSandbox(t, sandbox.Options{Dialect: dialect, Applications: []sandbox.Application{{ID: appID}}})
		imp := s.AddImport(sandbox.Import{ApplicationID: appID, CreatedBy: "someone"})
		c := newTestClient(t, s)
		listed := Import{ID: imp.ID, Number: 7, Application: &Application{ID: appID, Name: "listed"}}

		for range 2 {
			got, err := c.CompleteImport(t.Context(), listed)
			if err != nil || got.ID != imp.ID || (got.CreatedBy == "someone") == dialect.NoGetImport || (got.Number == 7) != dialect.NoGetImport {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}

		if dialect.NoGetImport {
			wantRequests(t, s, sandbox.OpGetImport, 2)

			continue
		}

		s.RemoveImport(imp.ID)

		_, err := c.CompleteImport(t.Context(), listed)
		wantErrorIs(t, err, ErrNotFound)
	}
}
