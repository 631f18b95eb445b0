package permissionassist

import (
	"context"
	"errors"
	"net/http"
	"testing"
)

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

// Each endpoint with its substitute, and a stray page of a proxy before and after
// the endpoint was seen.
func TestOptionalEndpoint_strayPages(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		get       func(context.Context, *Client) error
		one, list http.HandlerFunc
	}{
		"import":      {getImport, replyJSON(200, importJSON(importID, appID)), listOf(importJSON(importID, appID))},
		"application": {getApplication, goodApplication(), listOf(`{"id":"` + appID + `"}`)},
	} {
		server := &fakeServer{one: responding(replyHTML(404), test.one, replyHTML(404), test.one).ServeHTTP, list: test.list}
		c := newTestClient(t, server)
		for n, good := range []bool{true, true, false, true} {
			if err := test.get(t.Context(), c); (err == nil) != good || errors.Is(err, ErrNotFound) {
				t.Errorf("%s, read %d: %v", name, n, err)
			}
		}
		if server.ones != 4 || server.lists != 1 {
			t.Errorf("%s: %d reads of the item, %d of the list", name, server.ones, server.lists)
		}
	}
}

// A server that has neither the endpoint nor its substitute.
func TestOptionalEndpoint_missing(t *testing.T) {
	t.Parallel()

	c := newTestClient(t, responding(replyHTML(404)))
	for err, endpoint := range map[error]string{
		getApplication(t.Context(), c): "GET /api/applications",
		getImport(t.Context(), c):      "GET /api/application-imports",
		listImports(t.Context(), c):    "GET /api/application-imports",
	} {
		missing := wantErrorAs[*MissingEndpointError](t, err)
		_ = wantErrorAs[*UnexpectedResponseError](t, missing)
		if missing.Endpoint != endpoint {
			t.Errorf("the endpoint is %s, want %s", missing.Endpoint, endpoint)
		}
		wantContains(t, missing.Error(), endpoint, "404")
		if errors.Is(err, ErrNotFound) {
			t.Errorf("it counts as not found: %v", err)
		}
	}
}
