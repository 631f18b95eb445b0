package permissionassist

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
)

// If the server lacks an optional endpoint, the client reads the list, unless
// the endpoint has responded before.
func TestOptionalEndpoint(t *testing.T) {
	t.Parallel()

	notFound, broken := &APIError{StatusCode: 404, Code: "not_found"}, &RequestError{}
	page := func(status int) error { return &UnexpectedResponseError{StatusCode: status} }
	for name, test := range map[string]struct {
		results []error
		missing bool // the last one
	}{
		"404 page":                      {[]error{page(404)}, true},
		"405 page":                      {[]error{page(405)}, true},
		"wrapped":                       {[]error{fmt.Errorf("x: %w", page(404))}, true},
		"again":                         {[]error{page(404), page(404)}, true},
		"after a failure":               {[]error{broken, page(500), page(404)}, true},
		"after a success":               {[]error{page(404), nil, page(404)}, false},
		"after the API's own 404":       {[]error{notFound, page(404)}, false},
		"the API's own 404":             {[]error{notFound}, false},
		"the API's own 405":             {[]error{&APIError{StatusCode: 405, Code: "x"}}, false},
		"another page":                  {[]error{page(500)}, false},
		"gone":                          {[]error{page(410)}, false},
		"no response":                   {[]error{broken}, false},
		"success":                       {[]error{nil}, false},
		"another 404 that is the API's": {[]error{&APIError{StatusCode: 404, Code: "x"}, page(404)}, true},
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
func TestStrayPages(t *testing.T) {
	t.Parallel()

	one, list := replyJSON(200, importJSON(importID, appID)), listOf(importJSON(importID, appID))
	app, apps := goodApplication(), listOf(`{"id":"`+appID+`"}`)
	for name, test := range map[string]struct {
		one, list http.HandlerFunc
		get       func(*Client) error
	}{
		"import": {one, list, func(c *Client) error {
			_, err := c.GetApplicationImport(t.Context(), importID, appID)

			return err
		}},
		"application": {app, apps, func(c *Client) error {
			_, err := c.GetApplication(t.Context(), appID)

			return err
		}},
	} {
		ones := responding(replyHTML(404), test.one, replyHTML(404), test.one)
		lists := responding(test.list)
		c := newTestClient(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.URL.RawQuery != "" {
				lists.ServeHTTP(w, req)
			} else {
				ones.ServeHTTP(w, req)
			}
		}))
		for n, good := range []bool{true, true, false, true} {
			if err := test.get(c); (err == nil) != good || errors.Is(err, ErrNotFound) {
				t.Errorf("%s, read %d: %v", name, n, err)
			}
		}
		if len(ones.recorded()) != 4 || len(lists.recorded()) != 1 {
			t.Errorf("%s: %v, %v", name, ones.recorded(), lists.recorded())
		}
	}
}

// A server that has neither the endpoint nor its substitute.
func TestMissingEndpoints(t *testing.T) {
	t.Parallel()

	c := newTestClient(t, responding(replyHTML(404)))
	_, errImport := c.GetApplicationImport(t.Context(), importID, appID)
	_, errApp := c.GetApplication(t.Context(), appID)
	_, errRecent := c.RecentApplicationImports(t.Context(), appID)
	for err, endpoint := range map[error]string{
		errApp: "GET /api/applications", errImport: "GET /api/application-imports", errRecent: "GET /api/application-imports",
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
