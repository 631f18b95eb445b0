package permissionassist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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
			Application{
				ID: appID, Name: "Silverlake", Priority: "Critical", IsArchived: &archived, LastUpdated: "2026-02-20T08:15:00",
				Details: json.RawMessage(`{"connectorConfiguration":{"name":"File"},"lastImportStatus":"Finished"}`),
			},
		},
		"fields in another case": {
			`{"ID":"` + appID + `","KIND":"Application","NAME":"Silverlake","PRIORITY":"Low","ISARCHIVED":false,"LastUpdated":null}`,
			Application{ID: appID, Name: "Silverlake", Priority: "Low", IsArchived: &active},
		},
		"details of any kind": {
			`{"id":"` + appID + `","b": [1, {"id": 2}],"a":12345678901234567890.10,"":null}`,
			Application{ID: appID, Details: json.RawMessage(`{"":null,"a":12345678901234567890.10,"b":[1,{"id":2}]}`)},
		},
		"id only":          {`{"id":"` + appID + `"}`, Application{ID: appID}},
		"null everything":  {`{"id":"` + appID + `","name":null,"priority":null,"isArchived":null,"lastUpdated":null}`, Application{ID: appID}},
		"another spelling": {`{"id":"` + strings.ToUpper(appID) + `","priority":"moderate","isArchived":false}`, Application{ID: strings.ToUpper(appID), Priority: "Moderate", IsArchived: &active}},
		"unknown priority": {`{"id":"` + appID + `","priority":"Extreme"}`, Application{ID: appID, Priority: "Extreme"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := newTestClient(t, answering(replyJSON(200, test.body))).GetApplication(t.Context(), appID)
			if err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("GetApplication (-want +got):\n%s", diff)
			}
		})
	}

	t.Run("not found", func(t *testing.T) {
		t.Parallel()

		s := newSandbox(t, sandbox.Options{})

		_, err := newTestClient(t, s).GetApplication(t.Context(), unknownID)
		wantErrorIs(t, err, ErrNotFound)
		wantRequests(t, s, "", 1)
	})

	t.Run("another", func(t *testing.T) {
		t.Parallel()

		_, err := newTestClient(t, answering(replyJSON(200, `{"id":"`+otherAppID+`"}`))).GetApplication(t.Context(), appID)
		wantErrorOf[*UnexpectedResponseError](t, err)
		wantContains(t, err.Error(), otherAppID)
	})
}

func TestGetApplicationByList(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{Dialect: sandbox.Dialect{NoGetApplication: true}})
	c := newTestClient(t, s)

	for range 3 {
		app, err := c.GetApplication(t.Context(), strings.ToUpper(appID))
		if err != nil || app.Name != "Jack Henry Silverlake" {
			t.Errorf("%+v, %v", app, err)
		}
	}

	_, err := c.GetApplication(t.Context(), unknownID)
	wantErrorIs(t, err, ErrNotListed)

	if errors.Is(err, ErrNotFound) {
		t.Errorf("what is not listed is taken for not found: %v", err)
	}

	// Remembered: only the first one asked for one application, twice.
	wantRequests(t, s, sandbox.OpGetApplication, 2)
	wantRequests(t, s, sandbox.OpListApplications, 1)
}

// A proxy's 404 that passes costs no details, neither for once nor for good.
func TestGetApplicationPassing404(t *testing.T) {
	t.Parallel()

	for _, before := range []int{0, 1} {
		s := newSandbox(t, sandbox.Options{})
		c := newTestClient(t, s)

		s.Inject(sandbox.Fault{Operation: sandbox.OpGetApplication, Skip: before, Action: sandbox.Answer(404, "text/html", "<h1>Not Found</h1>")})

		var details []bool

		for range 3 {
			app, err := c.GetApplication(t.Context(), appID)
			if err != nil && before == 0 {
				t.Error(err)
			}

			details = append(details, err != nil || app.Details != nil)
		}

		if slices.Contains(details, false) {
			t.Errorf("after %d good answers: there are details: %v", before, details)
		}
	}
}

func TestGetApplicationMissingAPI(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{Dialect: sandbox.Dialect{NoGetApplication: true, NoListApplications: true}})
	c := newTestClient(t, s, maxRetries(0))

	_, err := c.GetApplication(t.Context(), appID)
	missing := wantErrorAs[*MissingAPIError](t, err)
	wantContains(t, missing.Error(), "GET /api/applications/{id}", "GET /api/applications", "404")

	// The list fails otherwise.
	s.SetDialect(sandbox.Dialect{NoGetApplication: true})
	s.Inject(sandbox.Fault{Operation: sandbox.OpListApplications, Action: sandbox.Envelope(500, "server_error", "Down")})

	_, err = c.GetApplication(t.Context(), appID)
	wantErrorOf[*APIError](t, err)

	// Nothing of this is remembered.
	s.SetDialect(sandbox.Dialect{})

	if _, err := c.GetApplication(t.Context(), appID); err != nil {
		t.Error(err)
	}

	wantRequests(t, s, sandbox.OpGetApplication, 3)
	wantRequests(t, s, sandbox.OpListApplications, 2)
}

func TestListApplicationsPages(t *testing.T) {
	t.Parallel()

	for n, pages := range map[int]int{1: 1, 50: 1, 51: 2, 100: 2, 101: 3} {
		t.Run(fmt.Sprintf("%d applications", n), func(t *testing.T) {
			t.Parallel()

			apps := make([]sandbox.Application, n)
			for i := range apps {
				apps[i].Name = fmt.Sprintf("Application %03d", i)
			}

			s := newSandbox(t, sandbox.Options{Applications: apps})

			got, err := newTestClient(t, s).ListApplications(t.Context())
			if err != nil {
				t.Fatal(err)
			}

			if len(got) != n || !slices.IsSortedFunc(got, func(a, b Application) int { return strings.Compare(a.Name, b.Name) }) {
				t.Errorf("%d applications, want %d: %v", len(got), n, got)
			}

			wantRequests(t, s, "", pages)
		})
	}
}

// A list that moves while it is read is read again; what can be seen to be
// incomplete is never taken for all there is: whoever has a resource for each
// application would destroy those that are missing.
func TestListApplicationsMoving(t *testing.T) {
	t.Parallel()

	page := func(total, from, n int) http.HandlerFunc {
		return replyJSON(200, fmt.Sprintf(`{"items":%s,"totalCount":%d}`, itemsJSON(from, n), total))
	}

	for name, tc := range map[string]struct {
		answers []http.HandlerFunc
		want    int // 0: an error
	}{
		"one was removed from a page read before": {
			[]http.HandlerFunc{page(60, 1, 50), page(59, 52, 9), page(59, 1, 50), page(59, 51, 9)}, 59,
		},
		"one was added and another removed": {
			[]http.HandlerFunc{page(60, 1, 50), page(60, 52, 9), page(60, 1, 0), page(60, 1, 50), page(60, 51, 10)}, 60,
		},
		"one was added": {
			[]http.HandlerFunc{page(60, 1, 50), page(61, 50, 11), page(61, 0, 50), page(61, 50, 11)}, 61,
		},
		"always":                      {[]http.HandlerFunc{page(60, 1, 50), page(59, 52, 9), page(61, 2, 50), page(60, 53, 9), page(60, 1, 0)}, 0},
		"no items although there are": {[]http.HandlerFunc{replyJSON(200, `{"items":null,"totalCount":60}`)}, 0},
		"an empty page in the middle": {[]http.HandlerFunc{page(120, 1, 50), page(120, 1, 0), page(120, 101, 20)}, 0},
		"one twice, another never": {
			[]http.HandlerFunc{page(60, 1, 50), page(60, 50, 10)}, 0,
		},
		"smaller pages than documented": {[]http.HandlerFunc{page(75, 1, 25), page(75, 26, 25), page(75, 51, 25)}, 75},
		"a count of something else": {
			slices.Repeat([]http.HandlerFunc{page(70, 1, 50), page(70, 51, 10), page(70, 1, 0)}, 2), 60,
		},
		"a count on the first page only": {
			[]http.HandlerFunc{page(60, 1, 50), replyJSON(200, `{"items":`+itemsJSON(51, 10)+`,"totalPages":2}`)}, 60,
		},
		"a count of each page": {
			slices.Repeat([]http.HandlerFunc{
				replyJSON(200, `{"items":`+itemsJSON(1, 50)+`,"totalCount":50,"totalPages":2}`),
				replyJSON(200, `{"items":`+itemsJSON(51, 10)+`,"totalCount":10,"totalPages":2}`),
			}, 2), 60,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			answers := tc.answers
			if tc.want == 0 {
				answers = slices.Repeat(answers, 10)
			}

			got, err := newTestClient(t, answering(answers...), maxRetries(0)).ListApplications(t.Context())
			if len(got) != tc.want || (err == nil) != (tc.want > 0) {
				t.Errorf("%d applications, want %d, %v", len(got), tc.want, err)
			}

			if tc.want == 0 {
				wantErrorOf[*UnexpectedResponseError](t, err)
			}
		})
	}
}

func TestListApplicationsForms(t *testing.T) {
	t.Parallel()

	t.Run("one twice", func(t *testing.T) {
		t.Parallel()

		r := answering(
			replyJSON(200, `{"items":[{"id":"`+appID+`","name":"A"},{"id":"`+otherAppID+`"}],"totalPages":2}`),
			replyJSON(200, `{"items":[{"id":"`+strings.ToUpper(appID)+`","name":"A"}],"totalPages":2}`),
		)

		got, err := newTestClient(t, r).ListApplications(t.Context())
		if err != nil || len(got) != 2 || len(r.seen()) != 2 {
			t.Errorf("%v, %v, %v", got, err, r.seen())
		}
	})

	t.Run("wrong page", func(t *testing.T) {
		t.Parallel()

		r := answering(replyJSON(200, `{"items":[{"id":"`+appID+`"}],"page":1,"totalPages":2}`))

		_, err := newTestClient(t, r).ListApplications(t.Context())
		wantErrorOf[*UnexpectedResponseError](t, err)
		wantContains(t, err.Error(), "page 2 of the list was asked for")
	})
}

func TestFindApplications(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{Applications: []sandbox.Application{
		{Name: "Jack Henry Silverlake"}, {Name: " JACK HENRY SILVERLAKE\t", IsArchived: true}, {Name: "Jack Henry"}, {Name: "Übersicht"},
	}})
	c := newTestClient(t, s)

	for name, want := range map[string]int{
		"jack henry silverlake": 2, " Jack Henry Silverlake ": 2, "JACK HENRY": 1, "Jack": 0, "übersicht": 1, "": 0,
	} {
		got, err := c.FindApplications(t.Context(), name)
		if err != nil || len(got) != want {
			t.Errorf("%q: %v, %v, want %d", name, got, err, want)
		}
	}

	wantRequests(t, s, "", 1)
}

// All share one scan; one that fails is not kept, and one who waits can leave.
func TestApplicationScan(t *testing.T) {
	t.Parallel()

	inBubble(t, "fifty at once", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Action: sandbox.Delay(5 * time.Second)})

		var wg sync.WaitGroup

		c := newTestClient(t, s)

		for range 50 {
			wg.Go(func() {
				found, err := c.FindApplications(t.Context(), "Jack Henry Silverlake")
				if err != nil || len(found) != 1 {
					t.Errorf("%v, %v", found, err)
				}
			})
		}

		wg.Wait()
		wantRequests(t, s, "", 1)
	})

	t.Run("failed", func(t *testing.T) {
		t.Parallel()

		s := newSandbox(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Action: sandbox.Envelope(500, "server_error", "Down")})

		c := newTestClient(t, s, maxRetries(0))

		_, err := c.FindApplications(t.Context(), "Jack Henry Silverlake")
		wantErrorOf[*APIError](t, err)

		found, err := c.FindApplications(t.Context(), "Jack Henry Silverlake")
		if err != nil || len(found) != 1 {
			t.Errorf("%v, %v", found, err)
		}

		wantRequests(t, s, "", 2)
	})

	inBubble(t, "canceled", func(t *testing.T) {
		r := answering(hanging, replyJSON(200, `{"items":[{"id":"`+appID+`"}]}`))
		c := newTestClient(t, r, maxRetries(0))
		scanning := cancelAfter(t, 10*time.Second)

		var wg sync.WaitGroup

		// The one that scans, one that leaves before, and one that stays.
		wg.Go(func() {
			_, err := c.ListApplications(scanning)
			wantErrorIs(t, err, context.Canceled)
		})
		synctest.Wait()
		wg.Go(func() {
			start := time.Now()
			_, err := c.ListApplications(cancelAfter(t, time.Second))
			wantErrorIs(t, err, context.Canceled)

			if took := time.Since(start); took != time.Second {
				t.Errorf("it took %s, want 1s", took)
			}
		})
		wg.Go(func() {
			apps, err := c.ListApplications(t.Context())
			if err != nil || len(apps) != 1 {
				t.Errorf("%v, %v", apps, err)
			}
		})
		wg.Wait()

		if want := slices.Repeat([]string{http.MethodGet + " /api/applications?page=1"}, 2); !slices.Equal(r.seen(), want) {
			t.Errorf("the requests are %v, want %v", r.seen(), want)
		}
	})
}
