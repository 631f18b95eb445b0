package permissionassist

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// The end of a list, for everything that a page can report about it. A list
// with several pages takes one more request: the first page again.
func TestWalker_end(t *testing.T) {
	t.Parallel()

	type list = []http.HandlerFunc // its pages
	for name, test := range map[string]struct {
		pages    list
		items    int
		requests int
	}{
		"total pages":              {list{page(itemsJSON(1, 50), `,"totalPages":2`), page(itemsJSON(51, 50), `,"totalPages":2`)}, 100, 3},
		"only a count":             {list{page(itemsJSON(1, 50), `,"totalCount":51`), page(itemsJSON(51, 1), ``), page(`[]`, ``)}, 51, 4},
		"count and size":           {list{page(itemsJSON(1, 20), `,"totalCount":21,"pageSize":20`), page(itemsJSON(21, 1), ``)}, 21, 4},
		"size of zero":             {list{page(itemsJSON(1, 20), `,"totalCount":20,"pageSize":0`)}, 20, 1},
		"numbers as texts":         {list{page(itemsJSON(1, 20), `,"totalCount":"20.0","page":"1","totalPages":1.0`)}, 20, 1},
		"no totals":                {list{page(itemsJSON(1, 3), ``), page(`[]`, ``)}, 3, 3},
		"no items":                 {list{page(`null`, `,"totalCount":0`)}, 0, 1},
		"page number ignored":      {list{page(itemsJSON(1, 50), `,"totalPages":1000`)}, 50, 3},
		"shorter while it is read": {list{page(itemsJSON(1, 50), `,"totalPages":3`), page(itemsJSON(51, 9), `,"totalPages":1`)}, 59, 3},
		"empty page at the end":    {list{page(itemsJSON(1, 50), `,"totalPages":2`), page(`[]`, `,"totalPages":1`)}, 50, 3},
	} {
		r := responding(test.pages...)
		got, err := newTestClient(t, r).AllApplicationImports(t.Context(), "")
		if err != nil || len(got) != test.items || len(r.recorded()) != test.requests {
			t.Errorf("%s: %d imports, want %d; %d requests, want %d; %v", name, len(got), test.items, len(r.recorded()), test.requests, err)
		}
	}
}

// A response that is not a page of this list is an error, after the previous
// items.
func TestReadPage_refused(t *testing.T) {
	t.Parallel()

	for name, second := range map[string]http.HandlerFunc{
		"another page":          page(itemsJSON(51, 50), `,"page":1`),
		"no list":               replyJSON(200, `{}`),
		"array":                 replyJSON(200, itemsJSON(1, 1)),
		"item without id":       replyJSON(200, `{"items":[{"id":null}]}`),
		"item without a GUID":   replyJSON(200, `{"items":[{"id":"../x"}]}`),
		"items of another type": replyJSON(200, `{"items":{"a":1}}`),
		"empty in the middle":   page(`[]`, `,"totalPages":3`),
		"negative pages":        page(itemsJSON(51, 50), `,"totalPages":-1`),
		"count that overflows":  page(itemsJSON(51, 50), `,"totalCount":9223372036854775807`),
		"404 page":              replyHTML(404),
	} {
		var (
			r    = responding(page(itemsJSON(1, 50), `,"page":1,"totalPages":3`), second)
			n    int
			last error
		)
		for _, err := range newTestClient(t, r, maxRetries(0)).ListApplicationImports(t.Context(), "") {
			if last != nil {
				t.Errorf("%s: the iteration went on after an error", name)
			}
			if last = err; err == nil {
				n++
			}
		}
		unexpected := wantErrorAs[*UnexpectedResponseError](t, last)
		if n != 50 || unexpected.Operation != OperationListImports || len(r.recorded()) != 2 {
			t.Errorf("%s: %d imports, %v, %+v", name, n, r.recorded(), unexpected)
		}
	}

	// A first page that claims to have items and shows none.
	_ = wantErrorAs[*UnexpectedResponseError](t, listApplications(t.Context(), newTestClient(t, page(`null`, `,"totalCount":60`))))
}

// An endless list is an error after a maximum time.
func TestWalker_time(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := newTestClient(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			<-time.After(25 * time.Second)
			n++
			page(itemsJSON(n, 1), ``)(w, req)
		}))
		wantErrorIs(t, listApplications(t.Context(), c), errListTooLong)
		if want := int(maxWalkTime/(25*time.Second)) + 1; n != want {
			t.Errorf("%d pages, want %d", n, want)
		}
	})
}

// What is bounded is what is read, not what a healthy server has.
func TestWalker_manyPages(t *testing.T) {
	t.Parallel()

	list := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		n, _ := strconv.Atoi(req.URL.Query().Get("page"))
		page(fmt.Sprintf(`[{"id":%q,"number":%d,"buildStart":"2026-02-20T08:15:00Z"}]`, numberedID(n), 5000-n), `,"totalPages":4000`)(w, req)
	})
	recent, err := newTestClient(t, list).RecentApplicationImports(t.Context(), appID)
	if err != nil || len(recent) != 2 || recent[1].Number != 1000 {
		t.Errorf("%+v, %v", recent, err)
	}
	err = listImports(t.Context(), newTestClient(t, list))
	wantErrorIs(t, err, errListTooLong)
	wantContains(t, err.Error(), "100000 items")

	// One import of it that is neither pending nor recent: all that was read has
	// started since.
	server := &fakeServer{one: replyJSON(404, envelopeJSON("not_found", "x")), list: list}
	inBubble(t, "gone", func(t *testing.T) {
		_, err := newTestClient(t, server).RefreshApplicationImport(t.Context(), ApplicationImport{ID: unknownID})
		wantErrorIs(t, err, ErrGone)
	})
}

// The bytes of a walk are bounded too.
func TestWalker_bytes(t *testing.T) {
	t.Parallel()

	list := newTestClient(t, responding(page(itemsJSON(1, 1), ``), page(itemsJSON(2, 1), ``))).importWalker("")
	list.bytes = maxWalkBytes - 1
	if _, _, err := list.page(t.Context(), 1); err != nil {
		t.Error(err)
	}
	_, _, err := list.page(t.Context(), 2)
	wantErrorIs(t, err, errListTooLong)
}

// If the server lacks an optional endpoint, the client reads the list, unless
// the endpoint has responded before.
func TestOptionalEndpoint_isMissing(t *testing.T) {
	t.Parallel()

	notFound, broken := &APIError{Response: Response{StatusCode: 404}, Code: "not_found"}, &RequestError{}
	page := func(status int) error { return &UnexpectedResponseError{Response: Response{StatusCode: status}} }
	for name, test := range map[string]struct {
		results []error
		missing bool // the last one
	}{
		"404 page":                      {[]error{page(404)}, true},
		"405 page":                      {[]error{page(405)}, true},
		"again":                         {[]error{page(404), page(404)}, true},
		"after a failure":               {[]error{broken, page(500), page(404)}, true},
		"after a success":               {[]error{page(404), nil, page(404)}, false},
		"after the API's own 404":       {[]error{notFound, page(404)}, false},
		"the API's own 404":             {[]error{notFound}, false},
		"the API's own 405":             {[]error{&APIError{Response: Response{StatusCode: 405}, Code: "x"}}, false},
		"gone":                          {[]error{page(410)}, false},
		"another 404 that is the API's": {[]error{&APIError{Response: Response{StatusCode: 404}, Code: "x"}, page(404)}, true},
	} {
		var (
			e   optionalEndpoint
			got bool
		)
		for _, err := range test.results {
			got = e.isMissing(err)
		}
		if got != test.missing {
			t.Errorf("%s: missing is %t", name, got)
		}
	}
}
