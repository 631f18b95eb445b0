package permissionassist

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Each import comes once, in the order of the pages, also one that jumps from a
// page that was not read yet to one that was.
func TestEachImport(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{})
	for range 70 {
		s.AddImport(sandbox.Import{})
	}

	paused := s.AddImport(sandbox.Import{Status: "Paused"})

	s.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Skip: 1, When: func(sandbox.Request) bool {
		s.UpdateImport(paused.ID, func(i *sandbox.Import) {
			now := time.Now().Add(time.Hour)
			i.Status, i.BuildStart = sandbox.StatusFinished, &now
		})

		return false
	}})

	var numbers []int64

	for imp, err := range newTestClient(t, s).EachImport(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}

		numbers = append(numbers, imp.Number)
	}

	if len(numbers) != 71 || !slices.Contains(numbers, paused.Number) {
		t.Errorf("%d imports: %v", len(numbers), numbers)
	}

	wantRequests(t, s, sandbox.OpListImports, 3)

	slices.Sort(numbers)

	if len(slices.Compact(numbers)) != 71 {
		t.Error("one came twice")
	}
}

// Whoever has seen enough spares the server the other pages.
func TestEachImportEnough(t *testing.T) {
	t.Parallel()

	for taken, requests := range map[int]int{1: 1, 50: 1, 51: 2, 100: 2, 101: 3} {
		s := newSandbox(t, sandbox.Options{})
		for range 120 {
			s.AddImport(sandbox.Import{})
		}

		n := 0
		for _, err := range newTestClient(t, s).EachImport(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}

			if n++; n == taken {
				break
			}
		}

		wantRequests(t, s, sandbox.OpListImports, requests)
	}
}

func TestEachImportErrors(t *testing.T) {
	t.Parallel()

	page := func(pages int, id string) http.HandlerFunc {
		return replyJSON(200, fmt.Sprintf(`{"items":[{"id":%q}],"totalPages":%d}`, id, pages))
	}
	broken := replyJSON(500, envelopeJSON("server_error", "x"))

	for name, tc := range map[string]struct {
		answers []http.HandlerFunc
		want    int
	}{
		"first page":       {[]http.HandlerFunc{broken}, 0},
		"second page":      {[]http.HandlerFunc{page(3, appID), broken}, 1},
		"first page again": {[]http.HandlerFunc{page(2, appID), page(2, strings.ToUpper(appID)), broken}, 1},
	} {
		var (
			n    int
			last error
		)

		for _, err := range newTestClient(t, answering(tc.answers...), maxRetries(0)).EachImport(t.Context(), "") {
			if last != nil {
				t.Errorf("%s: it goes on after an error", name)
			}

			if last = err; err == nil {
				n++
			}
		}

		if n != tc.want || last == nil {
			t.Errorf("%s: %d imports, %v", name, n, last)
		}
	}
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
