package permissionassist

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestGetImportByList(t *testing.T) {
	t.Parallel()

	for name, missing := range map[string]sandbox.Action{
		"404": sandbox.Answer(404, "text/html", "<h1>Not Found</h1>"),
		"405": sandbox.Answer(405, "text/html", "<h1>Method Not Allowed</h1>"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := newSandbox(t, sandbox.Options{})
			s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: missing})

			added := s.AddImport(sandbox.Import{ApplicationID: appID})
			c := newTestClient(t, s)

			for range 2 {
				imp, err := c.GetImport(t.Context(), strings.ToUpper(added.ID), appID)
				if err != nil || imp.ID != added.ID || imp.CreatedBy != "" {
					t.Errorf("%+v, %v", imp, err)
				}
			}

			_, err := c.GetImport(t.Context(), unknownID, appID)
			wantErrorIs(t, err, ErrNotListed)
			wantContains(t, err.Error(), unknownID)

			if errors.Is(err, ErrNotFound) {
				t.Errorf("what is not listed is taken for not found: %v", err)
			}

			// Remembered: only the first one asked for one import, twice.
			wantRequests(t, s, sandbox.OpGetImport, 2)
			wantRequests(t, s, sandbox.OpListImports, 3)
		})
	}
}

// The first page, the last, then the others, and no more than are needed.
func TestGetImportByListPages(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		at   int // place in the list
		want []string
	}{
		"first page": {0, []string{"1"}},
		"last page":  {220, []string{"1", "5"}},
		"second":     {60, []string{"1", "5", "2"}},
		"fourth":     {199, []string{"1", "5", "2", "3", "4"}},
		"nowhere":    {-1, []string{"1", "5", "2", "3", "4"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := newSandbox(t, sandbox.Options{Dialect: sandbox.Dialect{NoGetImport: true}})

			var ids []string // in the list's order: all without a start, the newest first
			for range 221 {
				ids = append(ids, s.AddImport(sandbox.Import{Status: sandbox.StatusPending}).ID)
			}

			slices.Reverse(ids)

			c := newTestClient(t, s)
			c.importAPI.lacks.Store(true)

			if test.at < 0 {
				_, err := c.GetImport(t.Context(), unknownID, "")
				wantErrorIs(t, err, ErrNotListed)
			} else if imp, err := c.GetImport(t.Context(), ids[test.at], ""); err != nil || imp.ID != ids[test.at] {
				t.Errorf("%+v, %v", imp, err)
			}

			var got []string
			for _, r := range s.Requests() {
				got = append(got, strings.TrimPrefix(r.RawQuery, "page="))
			}

			if !slices.Equal(got, test.want) {
				t.Errorf("the pages are %v, want %v", got, test.want)
			}
		})
	}
}

func TestGetImportMissingAPI(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{Dialect: sandbox.Dialect{NoGetImport: true, NoListImports: true}})
	added := s.AddImport(sandbox.Import{})
	c := newTestClient(t, s)

	_, err := c.GetImport(t.Context(), added.ID, "")

	missing := wantErrorAs[*MissingAPIError](t, err)
	wantContains(t, missing.Error(), "GET /api/application-imports/{id}", "GET /api/application-imports", "404")
	wantErrorOf[*UnexpectedResponseError](t, err)

	if errors.Is(err, ErrNotFound) {
		t.Errorf("it is taken for not found: %v", err)
	}

	// It was something that passed, such as a proxy's fault: nothing is remembered.
	s.SetDialect(sandbox.Dialect{})

	imp, err := c.GetImport(t.Context(), added.ID, "")
	if err != nil || imp.CreatedBy == "" {
		t.Errorf("%+v, %v", imp, err)
	}

	wantRequests(t, s, sandbox.OpGetImport, 2)
	wantRequests(t, s, sandbox.OpListImports, 1)
}

func TestGetImportListFails(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{Dialect: sandbox.Dialect{NoGetImport: true}})
	for range 101 {
		s.AddImport(sandbox.Import{})
	}

	c := newTestClient(t, s, maxRetries(0))

	s.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Skip: 1, Action: sandbox.Envelope(500, "server_error", "Down")})

	_, err := c.GetImport(t.Context(), unknownID, "")
	wantErrorOf[*APIError](t, err)
	wantRequests(t, s, sandbox.OpListImports, 2)

	s.SetDialect(sandbox.Dialect{})

	if _, err := c.GetImport(t.Context(), s.Imports()[0].ID, ""); err != nil {
		t.Error(err)
	}

	wantRequests(t, s, sandbox.OpGetImport, 2)
}

// The API's own not found is the end: the list is not asked.
func TestGetImportNotFound(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{})

	_, err := newTestClient(t, s).GetImport(t.Context(), unknownID, appID)
	wantErrorIs(t, err, ErrNotFound)
	wantRequests(t, s, "", 1)
}

func TestGetImportAnother(t *testing.T) {
	t.Parallel()

	r := answering(replyJSON(200, importJSON(unknownID, appID)))

	_, err := newTestClient(t, r).GetImport(t.Context(), importID, appID)
	if unexpected := wantErrorAs[*UnexpectedResponseError](t, err); unexpected.StatusCode != 200 || unexpected.Method != http.MethodGet {
		t.Errorf("the error is %+v", unexpected)
	}

	wantContains(t, err.Error(), "another item", unknownID, "/api/application-imports/"+importID)
}

// One stray 404 of a proxy costs neither the log and the metrics of an import
// that has ended meanwhile, nor the API for one import from then on.
func TestGetImportAfterAStrayPage(t *testing.T) {
	t.Parallel()

	for name, skip := range map[string]int{"at first": 0, "later": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := newSandbox(t, sandbox.Options{})
			imp := s.AddImport(sandbox.Import{ApplicationID: appID})
			stray := s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Skip: skip, Action: sandbox.Answer(404, "text/html", "<h1>Not Found</h1>")})
			c := newTestClient(t, s)

			for n := range 3 {
				got, err := c.GetImport(t.Context(), imp.ID, appID)
				if n == skip && n > 0 {
					// The path exists: this is a fault like any other.
					wantErrorOf[*UnexpectedResponseError](t, err)

					continue
				}

				if err != nil || len(got.Metrics) == 0 {
					t.Errorf("read %d: %+v, %v", n, got, err)
				}
			}

			if stray.Fired() != 1 {
				t.Errorf("the fault fired %d times", stray.Fired())
			}
		})
	}
}
