package permissionassist

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func listed(t *testing.T, c *Client, applicationID string) []int64 {
	t.Helper()

	var numbers []int64

	for imp, err := range c.ListImports(t.Context(), applicationID) {
		if err != nil {
			t.Fatal(err)
		}

		numbers = append(numbers, imp.Number)
	}

	return numbers
}

func TestListImports(t *testing.T) {
	t.Parallel()

	for n, pages := range map[int]int{0: 1, 1: 1, 50: 1, 51: 2, 100: 2, 101: 3} {
		t.Run(fmt.Sprintf("%d imports", n), func(t *testing.T) {
			t.Parallel()

			s := newSandbox(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}, {ID: otherAppID}}})
			start := time.Date(2026, 2, 20, 8, 15, 0, 0, time.UTC)

			var want []int64

			for i := range n {
				at := start.Add(time.Duration(i) * time.Minute)
				want = append(want, s.AddImport(sandbox.Import{ApplicationID: appID, BuildStart: &at}).Number)
			}

			slices.Reverse(want)
			s.AddImport(sandbox.Import{ApplicationID: otherAppID})

			c := newTestClient(t, s)
			if got := listed(t, c, appID); !slices.Equal(got, want) {
				t.Errorf("the imports are %v, want %v", got, want)
			}

			if pages > 1 {
				// The first page again.
				pages++
			}

			wantRequests(t, s, "", pages)

			for i, r := range s.Requests() {
				page := i + 1
				if page > 1 && page == pages {
					page = 1
				}

				if want := fmt.Sprintf("applicationId=%s&page=%d", appID, page); r.RawQuery != want {
					t.Errorf("query %d is %s, want %s", i, r.RawQuery, want)
				}
			}

			if got := listed(t, c, ""); len(got) != n+1 {
				t.Errorf("there are %d imports of all applications, want %d", len(got), n+1)
			}
		})
	}
}

func TestListImportsIgnoredFilter(t *testing.T) {
	t.Parallel()

	item := func(n int, application string) string {
		return fmt.Sprintf(`{"id":"%08d-0000-4000-8000-000000000000","number":%d,"application":%s}`, n, n, application)
	}
	page := func(items ...string) http.HandlerFunc {
		return replyJSON(200, `{"items":[`+strings.Join(items, ",")+`],"totalPages":3}`)
	}
	r := answering(
		page(item(1, `{"id":"`+otherAppID+`"}`), item(2, `{"id":"`+strings.ToUpper(appID)+`"}`)),
		page(item(3, `{"id":"`+otherAppID+`"}`)),
		page(item(4, `null`), item(5, `{"id":"`+appID+`"}`)),
	)

	if got, want := listed(t, newTestClient(t, r), appID), []int64{2, 4, 5}; !slices.Equal(got, want) {
		t.Errorf("the imports are %v, want %v", got, want)
	}
}

func itemsJSON(from, n int) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(`{"id":"%08d-0000-4000-8000-000000000000","number":%d}`, from+i, from+i)
	}

	return "[" + strings.Join(items, ",") + "]"
}

// A list of several pages is one request more: the first page again.
func TestListImportsTotals(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		answers  []string
		items    int
		requests int
	}{
		"no totals, short page": {[]string{`{"items":` + itemsJSON(1, 49) + `}`}, 49, 1},
		"null totals":           {[]string{`{"items":` + itemsJSON(1, 3) + `,"totalCount":null,"page":null,"pageSize":null,"totalPages":null}`}, 3, 1},
		"only a count":          {[]string{`{"items":` + itemsJSON(1, 50) + `,"totalCount":51}`, `{"items":` + itemsJSON(51, 1) + `}`}, 51, 3},
		"count and size":        {[]string{`{"items":` + itemsJSON(1, 20) + `,"totalCount":21,"pageSize":20}`, `{"items":` + itemsJSON(21, 1) + `}`}, 21, 3},
		"size of zero":          {[]string{`{"items":` + itemsJSON(1, 20) + `,"totalCount":20,"pageSize":0}`}, 20, 1},
		"no items, null":        {[]string{`{"items":null,"totalCount":0}`}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var answers []http.HandlerFunc
			for _, body := range test.answers {
				answers = append(answers, replyJSON(200, body))
			}

			r := answering(answers...)
			if got := listed(t, newTestClient(t, r), ""); len(got) != test.items {
				t.Errorf("%d imports, want %d", len(got), test.items)
			}

			if got := len(r.seen()); got != test.requests {
				t.Errorf("%d requests, want %d", got, test.requests)
			}
		})
	}
}

// A full page without totals does not tell whether there is another, and a
// server that ignores the page's number would be read for ever.
func TestListsWithoutEnd(t *testing.T) {
	t.Parallel()

	for name, read := range map[string]func(context.Context, *Client) error{
		"imports": func(ctx context.Context, c *Client) error { _, err := c.AllImports(ctx, appID); return err },
		"import": func(ctx context.Context, c *Client) error {
			c.importAPI.lacks.Store(true)
			_, err := c.GetImport(ctx, importID, appID)

			return err
		},
		"applications": func(ctx context.Context, c *Client) error { _, err := c.ListApplications(ctx); return err },
		"staging":      func(ctx context.Context, c *Client) error { _, err := c.StageImport(ctx, appID); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()

			var requests atomic.Int32

			c := newTestClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if requests.Add(1) > 10 {
					cancel()
				}

				replyJSON(200, `{"items":`+itemsJSON(1, 50)+`}`)(w, nil)
			}))

			err := read(ctx, c)
			wantErrorOf[*UnexpectedResponseError](t, err)
			wantContains(t, err.Error(), "does not tell where it ends")

			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestListImportsErrors(t *testing.T) {
	t.Parallel()

	for name, second := range map[string]http.HandlerFunc{
		"wrong page":       replyJSON(200, `{"items":`+itemsJSON(1, 50)+`,"page":1,"totalPages":3}`),
		"no list":          replyJSON(200, `{}`),
		"array":            replyJSON(200, itemsJSON(1, 1)),
		"item without id":  replyJSON(200, `{"items":[{"id":null}]}`),
		"items of no type": replyJSON(200, `{"items":{"a":1}}`),
		"login page":       replyHTML(200),
		"404 page":         replyHTML(404),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var (
				r    = answering(replyJSON(200, `{"items":`+itemsJSON(1, 50)+`,"page":1,"totalPages":3}`), second)
				n    int
				last error
			)

			for _, err := range newTestClient(t, r, maxRetries(0)).ListImports(t.Context(), "") {
				if last != nil {
					t.Error("the iteration went on after an error")
				}

				if last = err; err == nil {
					n++
				}
			}

			unexpected := wantErrorAs[*UnexpectedResponseError](t, last)
			if n != 50 || unexpected.Path != "/api/application-imports" || len(r.seen()) != 2 {
				t.Errorf("%d imports, %v, %+v", n, r.seen(), unexpected)
			}

			if name == "wrong page" {
				wantContains(t, last.Error(), "page 2 of the list was asked for, and the answer is page 1")
			}
		})
	}

	inBubble(t, "canceled", func(t *testing.T) {
		r := answering(replyJSON(200, `{"items":`+itemsJSON(1, 50)+`,"totalPages":2}`), hanging)

		var last error
		for _, err := range newTestClient(t, r).ListImports(cancelAfter(t, time.Second), "") {
			last = err
		}

		wantErrorIs(t, last, context.Canceled)
	})
}

// Each import comes once, in the order of the pages, also one that jumps from a
// page that was not read yet to one that was.
func TestListImportsMoving(t *testing.T) {
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

	for imp, err := range newTestClient(t, s).ListImports(t.Context(), "") {
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
func TestListImportsEnough(t *testing.T) {
	t.Parallel()

	for taken, requests := range map[int]int{1: 1, 50: 1, 51: 2, 100: 2, 101: 3} {
		s := newSandbox(t, sandbox.Options{})
		for range 120 {
			s.AddImport(sandbox.Import{})
		}

		n := 0
		for _, err := range newTestClient(t, s).ListImports(t.Context(), "") {
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

func TestListImportsErrorsByPage(t *testing.T) {
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

		for _, err := range newTestClient(t, answering(tc.answers...), maxRetries(0)).ListImports(t.Context(), "") {
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
