package permissionassist

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestGetApplication(t *testing.T) {
	t.Parallel()

	archived, active := true, false
	for name, test := range map[string]struct {
		body string
		want Application
	}{
		"full": {
			`{"id":"` + appID + `","kind":"Application","name":"Silverlake","priority":"Critical","isArchived":true,"lastUpdated":"2026-02-20T08:15:00",
				"connectorConfiguration":{"name":"File"},"lastImportStatus":"Finished"}`,
			Application{ID: appID, Name: "Silverlake", Priority: "Critical", IsArchived: &archived, LastUpdated: "2026-02-20T08:15:00"},
		},
		"fields in another case": {
			`{"ID":"` + appID + `","KIND":"Application","NAME":"Silverlake","PRIORITY":"Low","ISARCHIVED":false,"LastUpdated":null}`,
			Application{ID: appID, Name: "Silverlake", Priority: "Low", IsArchived: &active},
		},
		"other shapes":     {`{"id":"` + appID + `","name":5,"priority":{},"isArchived":"no","lastUpdated":[]}`, Application{ID: appID}},
		"another spelling": {`{"id":"` + strings.ToUpper(appID) + `","priority":"moderate"}`, Application{ID: appID, Priority: "Moderate"}},
	} {
		got, err := newTestClient(t, responding(replyJSON(200, test.body))).GetApplication(t.Context(), appID)
		if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Application{})); err != nil || diff != "" {
			t.Errorf("%s: %v, the application (-want +got):\n%s", name, err, diff)
		}
	}

	wantErrorIs(t, getApplication(t.Context(), newTestClient(t, responding(replyJSON(404, envelopeJSON("not_found", "No"))))), ErrNotFound)
	for _, body := range []string{`{"id":"` + otherAppID + `"}`, `[]`, `{"name":"x"}`} {
		_ = wantErrorAs[*UnexpectedResponseError](t, getApplication(t.Context(), newTestClient(t, responding(replyJSON(200, body)))))
	}
}

func TestGetApplication_byList(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{Dialect: sandbox.Dialect{NoGetApplication: true}})
	c := newTestClient(t, s, maxRetries(0))
	s.Inject(sandbox.Fault{Operation: sandbox.OpListApplications, Action: sandbox.Envelope(403, "forbidden", "No")})
	wantErrorIs(t, getApplication(t.Context(), c), ErrForbidden)

	app, err := c.GetApplication(t.Context(), strings.ToUpper(appID))
	if err != nil || app.Name != "Jack Henry Silverlake" {
		t.Errorf("%+v, %v", app, err)
	}
	_, err = c.GetApplication(t.Context(), unknownID)
	wantOnly(t, err, ErrNotListed)
	wantRequests(t, s, sandbox.OpListApplications, 2) // the failed scan, and the shared scan
}

// A list that changes while it is read is read again. If it is still
// incomplete, that is an error: a configuration with a resource for each
// application would destroy the resources of the missing ones.
func TestListApplications_moves(t *testing.T) {
	t.Parallel()

	part := func(total, from, n int) http.HandlerFunc {
		return page(itemsJSON(from, n), fmt.Sprintf(`,"totalCount":%d,"totalPages":2`, total))
	}
	for name, test := range map[string]struct {
		pages []http.HandlerFunc
		want  int // 0: an error
	}{
		"one was removed from a page read before": {[]http.HandlerFunc{part(60, 1, 50), part(60, 52, 9), part(59, 1, 50), part(59, 52, 9)}, 59},
		"one was added":                         {[]http.HandlerFunc{part(60, 1, 50), part(61, 50, 11), part(61, 0, 50), part(61, 50, 11)}, 61},
		"count differs, in the last page right": {[]http.HandlerFunc{part(99, 1, 50), part(60, 51, 10)}, 60},
		"no count":                              {[]http.HandlerFunc{page(itemsJSON(1, 50), `,"totalPages":2`), page(itemsJSON(51, 10), `,"totalPages":2`)}, 60},
		"incomplete twice":                      {[]http.HandlerFunc{part(60, 1, 50), part(60, 52, 9), part(60, 1, 50), part(60, 52, 9), part(60, 1, 50), part(60, 51, 10)}, 0},
		"more than counted":                     {slices.Repeat([]http.HandlerFunc{part(59, 1, 50), part(59, 51, 10)}, 3), 0},
	} {
		got, err := newTestClient(t, responding(test.pages...)).ListApplications(t.Context())
		inOrder := slices.IsSortedFunc(got, func(a, b Application) int { return strings.Compare(a.ID, b.ID) })
		if len(got) != test.want || !inOrder || (err == nil) != (test.want > 0) {
			t.Errorf("%s: %d applications, want %d: %v, %v", name, len(got), test.want, got, err)
		}
	}
}

// Names are compared in the server's form and in the printable form; without an
// exact match, ignoring case, Unicode form and white space.
func TestFindApplications(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("x", 250)
	s := newSandbox(t, sandbox.Options{Applications: []sandbox.Application{
		{Name: "Jack Henry Silverlake"}, {Name: " JACK HENRY SILVERLAKE\t", IsArchived: true}, {Name: "Jack Henry"}, {Name: "Übersicht"},
		{Name: "a\u202eb"}, {Name: long}, {Name: long + "y"}, {Name: "::warning::x"},
	}})
	c := newTestClient(t, s)
	for name, want := range map[string]int{
		"jack henry silverlake": 2, " Jack Henry Silverlake ": 2, "JACK HENRY": 1, "Jack": 0, "übersicht": 1, "": 0,
		"a\u202eb": 1, `a\u202eb`: 1, "Jack  Henry\u00a0Silverlake": 2, "U\u0308BERSICHT": 1, long: 1, long + "y": 1, "::warning::x": 1,
	} {
		if got, err := c.FindApplications(t.Context(), name); err != nil || len(got) != want {
			t.Errorf("%q: %v, %v, want %d", name, got, err, want)
		}
	}
	// An exact name wins.
	for _, name := range []string{"Jack Henry Silverlake", " JACK HENRY SILVERLAKE\t", "JACK HENRY SILVERLAKE"} {
		if got, err := c.FindApplications(t.Context(), name); err != nil || len(got) != 1 || got[0].Name != strings.TrimSpace(name) {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
	wantRequests(t, s, "", 1)
	if got, err := c.FindApplications(t.Context(), "a\u202eb"); err != nil || got[0].Name != `a\u202eb` {
		t.Errorf("the name is shown as %q, %v", got[0].Name, err)
	}
}

// All callers share one scan. A failed scan is not kept, and a waiting caller
// can give up.
func TestListApplications_sharedScan(t *testing.T) {
	t.Parallel()

	inBubble(t, "fifty at once, after one that failed", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		c := newTestClient(t, s, maxRetries(0))
		s.Inject(sandbox.Fault{Action: sandbox.Envelope(500, "server_error", "Down")})
		_ = wantErrorAs[*APIError](t, listApplications(t.Context(), c))

		s.Inject(sandbox.Fault{Action: sandbox.Delay(5 * time.Second)})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if found, err := c.FindApplications(t.Context(), "Jack Henry Silverlake"); err != nil || len(found) != 1 {
					t.Errorf("%v, %v", found, err)
				}
			})
		}
		wg.Wait()
		wantRequests(t, s, "", 2)
	})

	inBubble(t, "canceled", func(t *testing.T) {
		r := responding(hanging, listOf(`{"id":"`+appID+`"}`))
		c := newTestClient(t, r, maxRetries(0))
		scanning := cancelAfter(t, 10*time.Second)
		var wg sync.WaitGroup
		// The caller that scans, a caller that gives up early, and a caller
		// that stays.
		wg.Go(func() { wantErrorIs(t, listApplications(scanning, c), context.Canceled) })
		synctest.Wait()
		wg.Go(func() {
			start := time.Now()
			wantErrorIs(t, listApplications(cancelAfter(t, time.Second), c), context.Canceled)
			wantElapsed(t, start, time.Second, time.Second)
		})
		wg.Go(func() {
			if apps, err := c.ListApplications(t.Context()); err != nil || len(apps) != 1 {
				t.Errorf("%v, %v", apps, err)
			}
		})
		wg.Wait()
		if len(r.recorded()) != 2 {
			t.Errorf("the requests are %v", r.recorded())
		}
	})
}
